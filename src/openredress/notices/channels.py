"""Ways out of the house: a folder, a printer's list, mail, a gateway by webhook. Each may send twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.core.mail import EmailMessage, get_connection


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `id` stays the same however often it is sent."""

    id: str
    kind: str
    to: str
    subject: str
    text: str

    def __repr__(self) -> str:
        return f"Message({self.id})"  # the address must not slip into a log


class Channel(Protocol):
    """Sends one message or raises."""

    def send(self, message: Message) -> None:
        """Return only when the other side has taken it."""
        ...


@dataclass(frozen=True, slots=True)
class FileChannel:
    """One file a message, named by its id: sending again overwrites. For tests and closed networks."""

    folder: Path

    def send(self, message: Message) -> None:
        """Write the message as JSON, on disk before it counts as sent."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.folder / f".{message.id}"
        with temporary.open("w", encoding="utf-8") as out:
            json.dump(asdict(message), out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        temporary.rename(self.folder / f"{message.id}.json")


@dataclass(frozen=True, slots=True)
class PrintChannel:
    """A text file for the printer at the counter: one page a message."""

    folder: Path

    def send(self, message: Message) -> None:
        """Put the page into the folder; the same message is the same page."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        page = f"{message.to}\n\n{message.subject}\n{message.text}\n"
        temporary = self.folder / f".{message.id}"
        temporary.write_text(page, encoding="utf-8")
        temporary.rename(self.folder / f"{message.id}.txt")


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """Mail. The Message-ID is the outbox id, so a mail sent twice is one mail in the box."""

    host: str
    port: int
    sender: str
    id_host: str  # right side of the Message-ID
    username: str = ""
    password: str = ""
    use_tls: bool = False

    def send(self, message: Message) -> None:
        """Hand the mail over; raises what the server answers."""
        connection = get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.use_tls,
            timeout=20,
        )
        EmailMessage(
            subject=message.subject,
            body=message.text,
            from_email=self.sender,
            to=message.to.split(","),
            headers={"Message-ID": f"<{message.id}@{self.id_host}>"},
            connection=connection,
        ).send(fail_silently=False)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        """A gateway that points elsewhere is not obeyed: the address was configured on purpose."""


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """A gateway (SMS) that takes JSON over HTTPS, signed with a shared secret."""

    url: str
    secret: bytes

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("webhook: 只能用 https / https only")

    def send(self, message: Message) -> None:
        """POST the message; any answer but 2xx raises."""
        body = json.dumps(asdict(message), ensure_ascii=False).encode()
        request = Request(
            self.url,
            data=body,
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": message.id,
                "X-Signature": hmac.new(self.secret, body, hashlib.sha256).hexdigest(),
            },
        )
        with build_opener(_NoRedirect()).open(request, timeout=20) as answer:
            answer.read(1024)
