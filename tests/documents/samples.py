"""Files of every kind that is accepted, and of many that must not be; made here, byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image
from PIL.ExifTags import IFD, Base

WORD_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
)


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 10), **more) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(out, kind, **more)
    return out.getvalue()


def photo_with_place() -> bytes:
    """A JPEG that tells where, when and with which telephone it was taken."""
    exif = Image.Exif()
    exif[Base.Make] = "PhoneMaker"
    exif[Base.Artist] = "ZhangSan"
    exif[Base.DateTime] = "2026:09:03 10:12:00"
    exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: (31.0, 40.0, 12.0), 3: "E", 4: (118.0, 30.0, 5.0)})
    return picture("JPEG", exif=exif, comment=b"secret comment")


def packed(parts: dict[str, bytes | str], **more) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **more) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return out.getvalue()


def docx(extra: dict[str, bytes | str] | None = None, body: str = "<w:t>反映漏水</w:t>") -> bytes:
    core = (
        "<cp:coreProperties><dc:creator>张三</dc:creator><cp:lastModifiedBy>李四</cp:lastModifiedBy>"
        "<dcterms:created>2026-09-03T10:12:00Z</dcterms:created></cp:coreProperties>"
    )
    parts = {
        "[Content_Types].xml": WORD_TYPES,
        "_rels/.rels": "<Relationships/>",
        "word/document.xml": f'<w:document><w:ins w:author="王五" w:id="1">{body}</w:ins></w:document>',
        "docProps/core.xml": core,
        "docProps/app.xml": "<Properties><Company>红旗厂</Company></Properties>",
        "word/comments.xml": '<w:comments><w:comment w:author="赵六" w:initials="ZL"/></w:comments>',
    }
    return packed(parts | (extra or {}))


def xlsx() -> bytes:
    parts = {"[Content_Types].xml": WORD_TYPES, "xl/workbook.xml": "<workbook/>"}
    return packed(
        parts | {"xl/comments1.xml": "<comments><authors><author>张三</author></authors></comments>"}
    )


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
OLD_SHEET = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le") + bytes(64)

GOOD: dict[str, tuple[bytes, str]] = {
    "合同.pdf": (PDF, "application/pdf"),
    "a.png": (picture(), "image/png"),
    "照片.jpg": (photo_with_place(), "image/jpeg"),
    "a.gif": (picture("GIF"), "image/gif"),
    "a.webp": (picture("WEBP"), "image/webp"),
    "a.tif": (picture("TIFF"), "image/tiff"),
    "a.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), "image/heic"),
    "信.docx": (docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "表.xlsx": (xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "老表.xls": (OLD_SHEET, "application/vnd.ms-excel"),
    "说明.txt": ("反映漏水\r\n三个月".encode(), "text/plain"),
    "国标.txt": ("反映漏水，三个月".encode("gbk"), "text/plain"),
    "台账.csv": ("序号,姓名\n1,张三".encode("gb18030"), "text/csv"),
    "录音.mp3": (b"ID3\x04\x00\x00\x00\x00\x00\x21" + bytes(200), "audio/mpeg"),
    "录音.m4a": (b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom" + bytes(100), "audio/mp4"),
    "录像.mp4": (b"\0\0\0\x20ftypisom\0\0\0\0isomiso2avc1mp41" + bytes(100), "video/mp4"),
    "名不副实.pdf": (picture(), "image/png"),
}


def flood(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is gigantic."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def many_frames(count: int) -> bytes:
    frames = [Image.new("RGB", (2, 2), (n, 255 - n, n)) for n in range(count)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def _lying_zip() -> bytes:
    """A part that says it unpacks to ten bytes and unpacks to twenty megabytes."""
    data = bytearray(docx({"word/media/big.bin": bytes(20 << 20)}))
    size = struct.pack("<I", 20 << 20)
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<I", 10)
    return bytes(data)


_LINK = zipfile.ZipInfo("word/link")
_LINK.external_attr = 0o120777 << 16


def _with_link() -> bytes:
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as target:
        target.writestr(_LINK, "/etc/passwd")
    return out.getvalue()


_OUTSIDE = (
    '<Relationships><Relationship Id="r1" TargetMode="External" Target="http://tracker.example/t.dotm" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
)

BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.pdf", b"", "file_broken"),
    "program": ("a.pdf", b"MZ\x90\x00" + bytes(300), "file_type_not_allowed"),
    "elf": ("a.jpg", b"\x7fELF\x02\x01\x01" + bytes(300), "file_type_not_allowed"),
    "script in svg": (
        "a.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        "file_type_not_allowed",
    ),
    "svg called text": ("a.txt", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_type_not_allowed"),
    "page called text": ("a.txt", b"<html><script>alert(1)</script></html>", "file_type_not_allowed"),
    "shell called csv": ("a.csv", b"#!/bin/sh\nrm -rf /", "file_type_not_allowed"),
    "text without ending": ("a", b"hello", "file_type_not_allowed"),
    "zeros in text": ("a.txt", b"a\0b", "file_type_not_allowed"),
    "late zeros in text": ("a.txt", b"a" * 9000 + b"\0", "file_broken"),
    "plain zip": ("a.zip", packed({"a.txt": "x"}), "file_type_not_allowed"),
    "zip called docx": ("a.docx", packed({"a.exe": "MZ"}), "file_type_not_allowed"),
    "nested zip": ("a.docx", packed({"b.zip": packed({"c.zip": "x"})}), "file_type_not_allowed"),
    "cut zip": ("a.docx", docx()[:-40], "file_broken"),
    "zip bomb": ("a.docx", docx({"word/media/x.bin": bytes(250 << 20)}), "file_unpacks_too_big"),
    "ratio bomb": ("a.docx", docx({"word/media/x.bin": bytes(30 << 20)}), "file_unpacks_too_big"),
    "lying zip": ("a.docx", _lying_zip(), "file_broken"),
    "too many parts": ("a.docx", docx({f"word/{n}.xml": "" for n in range(2001)}), "file_unpacks_too_big"),
    "path upwards": ("a.docx", docx({"../../evil.xml": "x"}), "file_broken"),
    "absolute path": ("a.docx", docx({"/etc/evil": "x"}), "file_broken"),
    "link inside": ("a.docx", _with_link(), "file_broken"),
    "macros": ("a.docx", docx({"word/vbaProject.bin": b"x"}), "file_with_macros"),
    "old macros": ("a.xls", OLD_SHEET + "_VBA_PROJECT".encode("utf-16-le"), "file_with_macros"),
    "remote template": ("a.docx", docx({"word/_rels/settings.xml.rels": _OUTSIDE}), "file_broken"),
    "old word": (
        "a.doc",
        OLD_SHEET.replace("Workbook".encode("utf-16-le"), bytes(16)),
        "file_type_not_allowed",
    ),
    "pixel flood": ("a.png", flood(60_000, 60_000), "file_unpacks_too_big"),
    "pixels just above": ("a.png", flood(10_000, 6_001), "file_unpacks_too_big"),
    "frame flood": ("a.gif", many_frames(101), "file_unpacks_too_big"),
    "cut png": ("a.png", picture(size=(400, 400))[:200], "file_broken"),
    "half a pdf": ("a.pdf", PDF[:-8], "file_broken"),
    "script in pdf": (
        "a.pdf",
        PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(x)>>"),
        "file_broken",
    ),
    "file in pdf": ("a.pdf", PDF.replace(b"/Catalog", b"/Catalog/EmbeddedFile 2 0 R"), "file_broken"),
    "program start in pdf": ("a.pdf", PDF.replace(b"/Catalog", b"/Catalog/Launch 2 0 R"), "file_broken"),
    "rich text": ("a.txt", rb"{\rtf1 hello}", "file_type_not_allowed"),
    "unknown encoding": ("a.txt", b"\xff\xff\xff\xff\x81", "file_broken"),
}
