"""What may be kept: forty harmful or broken files refused, every accepted kind taken, metadata gone."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image
from tests.documents.samples import BAD, GOOD, docx, photo_with_place, picture, xlsx

from openredress.documents import intake
from openredress.documents.clean import clean_copy
from openredress.documents.intake import Limits, inspect, sanitised
from openredress.people.errors import Refused


@pytest.fixture
def on_disk(tmp_path):
    def put(data: bytes):
        path = tmp_path / "file"
        path.write_bytes(data)
        return path

    return put


@pytest.mark.parametrize("name", GOOD)
def test_accepted(on_disk, name):
    data, media_type = GOOD[name]
    assert inspect(on_disk(data), name) == media_type


@pytest.mark.parametrize("name", BAD)
def test_refused_with_a_sentence(on_disk, name):
    declared, data, code = BAD[name]
    with pytest.raises(Refused) as caught:
        inspect(on_disk(data), declared)
    refusal = caught.value.refusal
    assert refusal.code == code
    assert refusal.zh
    assert refusal.en
    assert refusal.what_to_do


def test_too_large(on_disk):
    with pytest.raises(Refused) as caught:
        inspect(on_disk(b"%PDF" + bytes(200)), "a.pdf", Limits(bytes=100))
    assert caught.value.refusal.code == "file_too_big"


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("zip bomb", Limits(unpacked=1 << 40, ratio=10**9)),
        ("frame flood", Limits(frames=10**6)),
        ("too many parts", Limits(members=10**6)),
    ],
)
def test_control_without_its_limit_it_comes_in(on_disk, name, limits):
    declared, data, _ = BAD[name]
    assert inspect(on_disk(data), declared, limits)


def test_control_without_structure_checks_the_macros_come_in(on_disk, monkeypatch):
    monkeypatch.setattr(intake, "_CHECKS", {})
    declared, data, _ = BAD["macros"]
    assert inspect(on_disk(data), declared).endswith("wordprocessingml.document")


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\张三\照片.jpg", "照片.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\x00b.pdf", "ab.pdf"),
        ("  .  ", "附件"),
        ("", "附件"),
        ("CON.txt", "_CON.txt"),
        ('<script>"x".pdf', "_script__x_.pdf"),
        ("长" * 300 + ".pdf", "长" * 90 + ".pdf"),
        ("ａ．ｐｄｆ", "a.pdf"),
    ],
)
def test_names(declared, kept):
    assert sanitised(declared) == kept


def test_the_ending_is_that_of_what_it_is():
    assert sanitised("图.pdf", "image/png") == "图.png"
    assert sanitised("图", "image/png") == "图.png"


def test_a_photo_loses_place_device_and_author(on_disk):
    original = photo_with_place()
    for marker in (b"PhoneMaker", b"ZhangSan", b"2026:09:03", b"secret comment"):
        assert marker in original
    data, media_type = clean_copy(on_disk(original), "a.jpg")
    assert media_type == "image/jpeg"
    for marker in (b"PhoneMaker", b"ZhangSan", b"2026:09:03", b"secret comment", b"Exif"):
        assert marker not in data
    with Image.open(io.BytesIO(data)) as image:
        assert not image.getexif()
        assert image.size == (20, 10)


def test_a_photo_taken_sideways_stands_upright(on_disk):
    exif = Image.Exif()
    exif[0x0112] = 6
    data, _ = clean_copy(on_disk(picture("JPEG", exif=exif)), "a.jpg")
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (10, 20)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF"])
def test_other_pictures_are_drawn_anew(on_disk, kind):
    data, _ = clean_copy(on_disk(picture(kind)), "a")
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (20, 10)


def test_a_letter_loses_authors_of_text_changes_and_comments(on_disk):
    inner = photo_with_place()
    data, _ = clean_copy(on_disk(docx({"word/media/image1.jpg": inner})), "信.docx")
    with zipfile.ZipFile(io.BytesIO(data)) as cleaned:
        everything = b"".join(cleaned.read(name) for name in cleaned.namelist())
        assert {one.date_time for one in cleaned.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    for marker in ("张三", "李四", "王五", "赵六", "红旗厂", "2026-09-03", "PhoneMaker", "ZL"):
        assert marker.encode() not in everything
    assert "反映漏水".encode() in everything
    assert inspect(on_disk(data), "信.docx")


def test_a_sheet_loses_the_authors_of_comments(on_disk):
    data, _ = clean_copy(on_disk(xlsx()), "表.xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as cleaned:
        assert "张三".encode() not in cleaned.read("xl/comments1.xml")


@pytest.mark.parametrize("name", ["合同.pdf", "录音.mp3", "老表.xls", "a.heic"])
def test_what_cannot_be_cleaned_says_so(on_disk, name):
    with pytest.raises(Refused) as caught:
        clean_copy(on_disk(GOOD[name][0]), name)
    assert caught.value.refusal.code == "no_clean_copy"
