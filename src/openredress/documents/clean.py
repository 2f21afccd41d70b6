"""The working copy that is shown and sent on: without place, device, author and history of a file."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from PIL import Image, ImageOps

from openredress.documents.intake import inspect
from openredress.people.errors import refuse

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/tiff": "TIFF"}
_EMPTY_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_EMPTY_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
_EMPTY_CUSTOM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
)
_EMPTY_PEOPLE = b'<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"/>'
_BLANK = {
    "word/people.xml": _EMPTY_PEOPLE,
    "docProps/core.xml": _EMPTY_CORE,
    "docProps/app.xml": _EMPTY_APP,
    "docProps/custom.xml": _EMPTY_CUSTOM,
}
_AUTHORED = re.compile(rb'(\s(?:w:author|w:initials|w15:author|w:userId|lastModifiedBy|userName)=")[^"]*(")')
_THUMBNAIL = re.compile(rb"<Relationship [^>]*metadata/thumbnail[^>]*/>")
_PEOPLE = re.compile(rb"<author>[^<]*</author>")


def clean_copy(path: Path, declared_name: str = "") -> tuple[bytes, str]:
    """(bytes, media type) of a copy without metadata.

    Pictures are drawn anew, turned upright; docx and xlsx lose properties and authors, of changes and
    comments too. Raises `Refused` for kinds that cannot be cleaned here (pdf, old Excel, sound, heic):
    their original stays closed and a second clerk decides.
    """
    media_type = inspect(path, declared_name)
    if media_type in _FORMATS:
        return _picture(path, _FORMATS[media_type]), media_type
    if media_type == "image/gif":
        return _picture(path, "PNG"), "image/png"
    if media_type.endswith(("wordprocessingml.document", "spreadsheetml.sheet")):
        return _office(path), media_type
    if media_type.startswith("text/"):
        return path.read_bytes(), media_type
    raise refuse(
        "no_clean_copy",
        "这类文件不能自动去除作者等信息",
        "This kind of file cannot be cleaned by machine",
        field="attachments",
        what_to_do="打印后扫描，或由第二人核对 / print and scan it, or let a second person check it",
    )


def _picture(path: Path, kind: str) -> bytes:
    with Image.open(path) as image:
        image.seek(0)
        upright = ImageOps.exif_transpose(image)
        mode = "RGB" if kind == "JPEG" else ("RGBA" if "A" in upright.getbands() else "RGB")
        # A new canvas: nothing but the pixels comes along, neither EXIF, XMP, ICC nor comments.
        bare = Image.new(mode, upright.size)
        bare.paste(upright.convert(mode))
    out = io.BytesIO()
    bare.save(out, kind, **({"quality": 90} if kind in ("JPEG", "WEBP") else {}))
    return out.getvalue()


def _office(path: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name.startswith("docProps/thumbnail"):
                continue
            if name in _BLANK:
                data = _BLANK[name]
            elif name == "_rels/.rels":
                data = _THUMBNAIL.sub(b"", source.read(name))
            elif name.endswith(".xml"):
                data = _AUTHORED.sub(rb"\1\2", _PEOPLE.sub(b"<author></author>", source.read(name)))
            elif re.search(r"media/[^/]+\.(jpe?g|png|webp|tiff?)$", name, re.IGNORECASE):
                data = _inner_picture(source.read(name))
            else:
                data = source.read(name)
            # A fixed day: the time of the last saving is metadata too.
            target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _inner_picture(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        kind = image.format or "PNG"
        mode = "RGB" if kind == "JPEG" else ("RGBA" if "A" in image.getbands() else "RGB")
        bare = Image.new(mode, image.size)
        bare.paste(image.convert(mode))
    out = io.BytesIO()
    bare.save(out, kind)
    return out.getvalue()
