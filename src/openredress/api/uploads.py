"""Files before their petition: kept by content, named by something that nobody can guess."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from openredress.api.door import Asked, made
from openredress.api.models import Upload
from openredress.api.problems import Problem, refuse
from openredress.api.reading import too_large
from openredress.cases.numbers import crockford
from openredress.documents import store
from openredress.documents.intake import LIMITS
from openredress.ledger import gate
from openredress.rules.facts import Refusal

ROOM = 64 * 1024  # for the multipart frame around a file


def upload(asked: Asked) -> HttpResponse:
    """POST /uploads: keep one file, durable before the answer."""
    file = _file(asked.request)
    name = crockford(secrets.token_bytes(17), 26)

    def work() -> store.Document:
        file.seek(0)
        kept = store.save(cast(BinaryIO, file.file), file.name or "", at=asked.at)
        Upload.objects.create(name=name, sha256=kept.sha256, at=asked.at)
        return kept

    kept = gate.write(work)
    body = {"id": name, "sha256": kept.sha256, "size": kept.size, "type": kept.type, "name": kept.name}
    return made(body, 201)


def _file(request: HttpRequest) -> UploadedFile[Any]:
    length = request.META.get("CONTENT_LENGTH") or ""
    media = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media != "multipart/form-data":
        raise refuse(
            415, "not_multipart", "文件须以 multipart/form-data 上传",
            "A file is uploaded as multipart/form-data", field="Content-Type",
            todo=("字段名用 file", "name the part `file`"),
        )  # fmt: skip
    if not length.isdecimal():
        raise refuse(
            411, "length_missing", "请求没有写明 Content-Length", "Content-Length is missing",
            field="Content-Length", todo=("写明长度后重发", "send it with its length"),
        )  # fmt: skip
    if int(length[:15]) > LIMITS.bytes + ROOM:
        raise too_large(LIMITS.bytes)
    try:
        files, others = request.FILES, sorted(request.POST)
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        raise too_large(LIMITS.bytes) from None
    except (MultiPartParserError, UnreadablePostError, OSError, ValueError):
        raise refuse(
            400, "multipart_broken", "上传的内容无法读取", "The multipart body cannot be read", field="body",
            todo=("检查分隔符和长度后重发", "check boundary and length, and send it again"),
        ) from None  # fmt: skip
    sent = files.getlist("file")
    if list(files) != ["file"] or len(sent) != 1 or others:
        raise refuse(
            400, "one_file", "一次上传一个文件，字段名为 file", "One file at a time, in a part named `file`",
            field="file", todo=("分次上传", "upload one after the other"),
        )  # fmt: skip
    found: UploadedFile[Any] = sent[0]
    if not found.size:
        raise refuse(400, "file_empty", "文件是空的", "The file is empty", field="file")
    return found


def contents(names: Sequence[str], field: str) -> tuple[str, ...]:
    """The contents behind upload names, in order. Raises Problem (400) for each that is unknown."""
    if not names:
        return ()
    held = dict(Upload.objects.filter(name__in=set(names)).values_list("name", "sha256"))
    missing = [
        Refusal(
            "not_an_upload",
            f"没有上传过“{name[:40]}”",
            f"There was no upload “{name[:40]}”",
            field=f"{field}[{n}]",
            what_to_do="先上传文件，再写它的 id",
            what_to_do_en="upload the file first, then give its id",
        )
        for n, name in enumerate(names)
        if name not in held
    ]
    if missing:
        raise Problem(400, missing)
    return tuple(dict.fromkeys(held[name] for name in names))
