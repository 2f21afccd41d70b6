"""What a file really is, and whether it may be kept: by its bytes and structure, never by its name."""

from __future__ import annotations

import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import puremagic
from PIL import Image

from openredress.people.errors import Refused, refuse


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much. Sizes in bytes."""

    bytes: int = 20 << 20
    pixels: int = 60_000_000
    frames: int = 100
    members: int = 2_000  # entries of a docx or xlsx
    unpacked: int = 200 << 20
    ratio: int = 200  # unpacked to packed
    text: int = 5 << 20


LIMITS = Limits()
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OLD_SHEET = "application/vnd.ms-excel"
_BY_EXTENSION = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jfif": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "heif": "image/heic",
    "heic": "image/heic",
    "docx": _WORD,
    "xlsx": _SHEET,
    "xls": _OLD_SHEET,
    "mp3": "audio/mpeg",
    "mpga": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
}
_EXTENSION = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/tiff": "tif",
    "image/heic": "heic",
    _WORD: "docx",
    _SHEET: "xlsx",
    _OLD_SHEET: "xls",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "text/plain": "txt",
    "text/csv": "csv",
}
_MAIN_PART = {"word/document.xml": _WORD, "xl/workbook.xml": _SHEET}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ACTIVE_TEXT = re.compile(rb"^\s*(<\?xml|<!doctype|<html|<svg|<script|#!|\{\\rtf)", re.IGNORECASE)
_ALLOWED_ZH = (
    "PDF、图片（JPG、PNG、WEBP、GIF、TIFF、HEIC）、Word（docx）、Excel（xlsx、xls）、TXT、CSV、MP3、M4A、MP4"
)


def _not_allowed() -> Refused:
    return refuse(
        "file_type_not_allowed",
        "这种文件不能接收",
        "This kind of file is not accepted",
        field="attachments",
        what_to_do=f"可接收 / accepted: {_ALLOWED_ZH}",
    )


def _broken(zh: str, en: str) -> Refused:
    return refuse(
        "file_broken",
        zh,
        en,
        field="attachments",
        what_to_do="请重新保存或拍照后再传 / save it anew or take a photo, then upload again",
    )


def _bomb(zh: str, en: str) -> Refused:
    what_to_do = "请分成几个较小的文件 / split it into smaller files"
    return refuse("file_unpacks_too_big", zh, en, field="attachments", what_to_do=what_to_do)


def too_big(limits: Limits) -> Refused:
    """The refusal of a file above the limit."""
    most = limits.bytes >> 20
    return refuse(
        "file_too_big",
        f"文件超过 {most} MB",
        f"The file is larger than {most} MB",
        field="attachments",
        what_to_do="请压缩图片或分开上传 / make pictures smaller or upload in parts",
    )


def inspect(path: Path, declared_name: str, limits: Limits = LIMITS) -> str:
    """The media type of a file that may be kept. Raises `Refused` with the sentence for the petitioner."""
    size = path.stat().st_size
    if not size:
        raise _broken("文件是空的", "The file is empty")
    if size > limits.bytes:
        raise too_big(limits)
    media_type = _identify(path, declared_name)
    check = _CHECKS.get(media_type)
    if check is not None:
        check(path, limits)
    return media_type


def _identify(path: Path, declared_name: str) -> str:
    with path.open("rb") as held:
        head = held.read(8192)
    if head.startswith(b"PK\x03\x04"):
        return _office_type(path)
    if head.startswith(_OLE):
        return _old_sheet_type(path)
    try:
        found = {row.extension.lstrip(".").lower() for row in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        found = set()
    for extension, media_type in _BY_EXTENSION.items():
        if extension in found and extension not in ("docx", "xlsx", "xls"):
            return media_type
    return _text_type(path, head, declared_name)


def _office_type(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise _broken("文件损坏，打不开", "The file is damaged and cannot be opened") from None
    for part, media_type in _MAIN_PART.items():
        if part in names:
            return media_type
    raise _not_allowed()


def _old_sheet_type(path: Path) -> str:
    data = path.read_bytes()
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise _with_macros()
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return _OLD_SHEET
    raise _not_allowed()


def _text_type(path: Path, head: bytes, declared_name: str) -> str:
    ending = declared_name.rpartition(".")[2].lower()
    if ending not in ("txt", "csv") or b"\0" in head or _ACTIVE_TEXT.match(head):
        raise _not_allowed()
    return "text/csv" if ending == "csv" else "text/plain"


def _check_text(path: Path, limits: Limits) -> None:
    data = path.read_bytes()
    if len(data) > limits.text:
        raise too_big(Limits(bytes=limits.text))
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return
    raise _broken("文字文件的编码认不出", "The encoding of this text file is unknown")


def _check_image(path: Path, limits: Limits) -> None:
    """Size and frames are read from the header before a single pixel is unpacked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                width, height = image.size
                if width * height > limits.pixels:
                    raise _bomb(
                        f"图片太大：{width}×{height} 像素",
                        f"The picture is {width}×{height} pixels: too large",
                    )
                _count_frames(image, limits)
                image.verify()
    except Image.DecompressionBombError:
        raise _bomb("图片像素太多", "The picture has too many pixels") from None
    except (OSError, SyntaxError, ValueError):
        raise _broken("图片损坏，打不开", "The picture is damaged and cannot be opened") from None


def _count_frames(image: Image.Image, limits: Limits) -> None:
    # Seeking stops at the limit; n_frames would walk the whole of a hundred thousand.
    try:
        image.seek(limits.frames)
    except (EOFError, ValueError):
        image.seek(0)
        return
    raise _bomb(f"图片超过 {limits.frames} 帧", f"The picture has more than {limits.frames} frames")


def _with_macros() -> Refused:
    return refuse(
        "file_with_macros",
        "文件含有宏",
        "The file holds macros",
        field="attachments",
        what_to_do="请另存为不带宏的格式 / save it without macros",
    )


def _check_office(path: Path, limits: Limits) -> None:
    """Counts and sizes come from the directory of the archive; then each part is unpacked up to them."""
    with zipfile.ZipFile(path) as packed:
        members = packed.infolist()
        if len(members) > limits.members:
            raise _bomb(f"文件内含 {len(members)} 个部分", f"The file holds {len(members)} parts")
        left = min(limits.unpacked, max(path.stat().st_size * limits.ratio, 1 << 20))
        for member in members:
            parts = Path(member.filename.replace("\\", "/")).parts
            is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
            if ".." in parts or member.filename.startswith(("/", "\\")) or is_link or member.flag_bits & 1:
                raise _broken("文件结构不正常", "The file has an abnormal structure")
            if member.filename.lower().endswith("vbaproject.bin"):
                raise _with_macros()
            left = _unpack(packed, member, left)
        _check_relations(packed)


def _unpack(packed: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """Bytes still allowed after this part, counted while unpacking: declared sizes may lie."""
    try:
        with packed.open(member) as part:
            while chunk := part.read(1 << 16):
                left -= len(chunk)
                if left < 0:
                    raise _bomb("文件解压后过大", "The file grows too large when unpacked")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError):
        raise _broken("文件损坏，打不开", "The file is damaged and cannot be opened") from None
    return left


def _check_relations(packed: zipfile.ZipFile) -> None:
    """A template or frame from elsewhere would tell that server who opens the paper, and when."""
    for name in packed.namelist():
        if name.endswith(".rels"):
            for tag in re.findall(rb"<[^>]*Relationship [^>]*>", packed.read(name)):
                if b'TargetMode="External"' in tag and not re.search(rb'Type="[^"]*/hyperlink"', tag):
                    raise _broken(
                        "文件引用了外部网址上的内容", "The file draws content from an outside address"
                    )


def _check_pdf(path: Path, limits: Limits) -> None:
    data = path.read_bytes()
    if b"%PDF-" not in data[:1024] or b"%%EOF" not in data[-2048:]:
        raise _broken("PDF 不完整", "The PDF is not whole")
    if re.search(rb"/(Launch|JavaScript|JS|EmbeddedFile|RichMedia)\b", data):
        raise _broken("PDF 含有脚本或内嵌文件", "The PDF holds a script or an embedded file")


_CHECKS: dict[str, Callable[[Path, Limits], None]] = {
    "application/pdf": _check_pdf,
    "image/png": _check_image,
    "image/jpeg": _check_image,
    "image/gif": _check_image,
    "image/webp": _check_image,
    "image/tiff": _check_image,
    _WORD: _check_office,
    _SHEET: _check_office,
    "text/plain": _check_text,
    "text/csv": _check_text,
}

_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


def sanitised(name: str, media_type: str = "") -> str:
    """A name that is safe on every system: no path, no control or direction marks, at most 100 letters.

    With `media_type` the ending is the one of what the file really is.
    """
    text = unicodedata.normalize("NFKC", name).replace("\\", "/").rpartition("/")[2]
    text = "".join(ch for ch in text if unicodedata.category(ch)[0] != "C")
    text = re.sub(r'[<>:"|?*]', "_", text).strip(" .")
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = text, ""
    ending = _EXTENSION.get(media_type, ending)
    stem = stem.strip(" .")[:90] or "附件"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending}" if ending else stem
