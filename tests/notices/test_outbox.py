"""Notices: written with their cause, neutral, sent at least once under one id, not to the barred."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socketserver
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import transaction

from openredress.notices import outbox
from openredress.notices.channels import FileChannel, Message, PrintChannel, SmtpChannel, WebhookChannel
from openredress.notices.models import Outbox
from openredress.notices.texts import SUBJECT, TEXTS

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
MESSAGE = Message("0" * 26, "news", "zhang@example.com", SUBJECT.zh, TEXTS["news"].zh)
WORDS = re.compile(
    r"信访|投诉|举报|检举|控告|申诉|诉求|反映|案件|事项|受理|办理意见|政府|petition|complain|grievance|case|appeal|\d",
    re.IGNORECASE,
)


@pytest.fixture
def sent(tmp_path):
    """A folder channel, and what lies in it."""
    folder = tmp_path / "out"

    def read() -> list[dict]:
        return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]

    return FileChannel(folder), read


def send(channel, at=AT, **more):
    options = {"resolve": lambda channel, ref: f"{ref}@example.com", "allow": lambda kind, ref: True} | more
    return outbox.send_one({"file": channel}, at, **options)


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_are_neutral_in_both_languages(kind):
    for text in (TEXTS[kind], SUBJECT):
        assert WORDS.findall(text.zh.replace("继续办理", "")) == []
        assert WORDS.findall(text.en) == []


def test_control_a_text_that_tells_is_seen():
    assert WORDS.findall("您的信访事项 2026-7QK4M2-X 已受理") != []


@pytest.mark.django_db
def test_written_with_its_cause_or_not_at_all(sent):
    with transaction.atomic():
        outbox.post("news", "file", "p1", at=AT)
        transaction.set_rollback(True)
    assert send(sent[0]) is None
    outbox.post("news", "file", "p1", at=AT, once="case/abc#3 news")
    outbox.post("news", "file", "p1", at=AT, once="case/abc#3 news")
    assert send(sent[0]).state == "sent"
    assert send(sent[0]) is None
    assert [one["to"] for one in sent[1]()] == ["p1@example.com"]


@pytest.mark.django_db
def test_a_kind_without_a_neutral_text_cannot_be_posted():
    with pytest.raises(KeyError):
        outbox.post("您的信访件", "file", "p1", at=AT)


@pytest.mark.django_db
def test_the_row_holds_neither_address_nor_text():
    outbox.post("news", "file", "p1", at=AT)
    row = str(Outbox.objects.values().get())
    assert "example.com" not in row
    assert TEXTS["news"].zh not in row


@pytest.mark.django_db
def test_sent_again_after_a_crash_it_is_the_same_message(sent):
    outbox.post("news", "file", "p1", at=AT)
    outbox._claim(AT)  # a sender that died right after sending
    assert send(sent[0], AT + outbox.LEASE - timedelta(seconds=1)) is None
    assert send(sent[0], AT + outbox.LEASE).state == "sent"
    Outbox.objects.update(state="ready")  # and one that died before writing it down
    send(sent[0], AT + outbox.LEASE)
    assert len(sent[1]()) == 1


@pytest.mark.django_db
def test_asked_again_at_the_moment_of_sending(sent):
    outbox.post("news", "file", "p1", at=AT)
    assert send(sent[0], allow=lambda kind, ref: False).state == "dropped"
    outbox.post("news", "file", "p2", at=AT)
    assert send(sent[0], resolve=lambda channel, ref: None).state == "dropped"
    assert sent[1]() == []


@pytest.mark.django_db
def test_control_without_asking_the_barred_are_told(sent):
    outbox.post("news", "file", "p1", at=AT)
    assert send(sent[0], allow=lambda kind, ref: True).state == "sent"
    assert len(sent[1]()) == 1


@pytest.mark.django_db
def test_failing_it_waits_longer_and_is_dead_in_the_end():
    outbox.post("news", "smoke", "p1", at=AT)
    at, waits = AT, []
    while (result := send(None, at)).state == "again":
        after = Outbox.objects.get().send_after
        waits.append((after - at) / timedelta(minutes=1))
        at = after
    assert waits == [1, 2, 4, 8, 16]
    assert (result.state, result.problem) == ("dead", "LookupError")


class _Mail(socketserver.StreamRequestHandler):
    """As much SMTP as a client needs."""

    def handle(self):
        self.wfile.write(b"220 test\r\n")
        data = None
        for raw in self.rfile:
            line = raw.rstrip(b"\r\n")
            if data is not None:
                if line == b".":
                    self.server.mails.append(b"\n".join(data).decode())
                    data = None
                    self.wfile.write(b"250 ok\r\n")
                else:
                    data.append(line)
            elif line[:4].upper() == b"DATA":
                data = []
                self.wfile.write(b"354 go on\r\n")
            elif line[:4].upper() == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


class _Gateway(BaseHTTPRequestHandler):
    """Takes a POST and remembers it; sends elsewhere when asked for /elsewhere."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((dict(self.headers), body))
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture
def serve():
    """Start a little server on a free port."""
    servers = []

    def start(kind, handler):
        server = kind(("127.0.0.1", 0), handler)
        server.mails, server.posts = [], []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def test_mail_carries_the_outbox_id(serve):
    server = serve(socketserver.ThreadingTCPServer, _Mail)
    channel = SmtpChannel("127.0.0.1", server.server_address[1], "office@example.org", "example.org")
    channel.send(MESSAGE)
    channel.send(MESSAGE)
    ids = [re.search(r"^Message-ID: (.*)$", mail, re.MULTILINE)[1] for mail in server.mails]
    assert ids == [f"<{'0' * 26}@example.org>"] * 2


def test_a_gateway_gets_signed_json_and_may_not_point_elsewhere(serve):
    server = serve(HTTPServer, _Gateway)
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    WebhookChannel(url, b"secret").send(MESSAGE)
    headers, body = server.posts[0]
    assert json.loads(body)["id"] == MESSAGE.id
    assert headers["Idempotency-Key"] == MESSAGE.id
    assert headers["X-Signature"] == hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    with pytest.raises(OSError, match="302"):
        WebhookChannel(url + "elsewhere", b"secret").send(MESSAGE)
    with pytest.raises(ValueError, match="https"):
        WebhookChannel("http://gateway.example/", b"secret")


def test_pages_for_the_printer(tmp_path):
    PrintChannel(tmp_path).send(MESSAGE)
    PrintChannel(tmp_path).send(MESSAGE)
    assert [path.name for path in tmp_path.iterdir()] == [f"{MESSAGE.id}.txt"]


def test_an_address_does_not_slip_into_a_log():
    assert "zhang" not in repr(MESSAGE)
