"""How notices leave this house: which channels it has, who a reference is, and whether they may be told.

A notice is neutral and names nothing; still, whoever may not know of a matter gets none. An address goes
from the vault or the staff table straight to the channel, and no human reads it on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from openredress.cases.models import Case, Party
from openredress.identity import vault
from openredress.ledger import store
from openredress.notices.channels import Channel, FileChannel, PrintChannel, SmtpChannel
from openredress.people import staff
from openredress.people.models import Staff
from openredress.worker.loop import Post

TOLD = ("registry_clerk", "unit_head", "petition_office_head")  # of a unit's work; neutral, names nothing
OWN_WAY = "联系方式："  # how a petitioner's message begins that asks to be told in another way


def smtp(url: str) -> SmtpChannel:
    """`smtp://user:password@host:587?from=xfj@example.gov.cn&tls=1`. Raises ValueError for anything else."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if parts.scheme != "smtp" or not parts.hostname or "@" not in query.get("from", ""):
        raise ValueError("OPENREDRESS_MAIL_URL: smtp://用户:口令@主机:端口?from=发件地址&tls=1")
    return SmtpChannel(
        host=parts.hostname,
        port=parts.port or 25,
        sender=query["from"],
        id_host=query["from"].partition("@")[2],
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=query.get("tls") == "1",
    )


def made(home: Path, mail_url: str, now: Callable[[], datetime]) -> Post:
    """The channels of this home. Without a mail server, mail goes into files under `outbox/`."""
    folder = home / "outbox"
    channels: dict[str, Channel] = {"file": FileChannel(folder), "print": PrintChannel(folder / "print")}
    channels["smtp"] = smtp(mail_url) if mail_url else FileChannel(folder)

    def resolve(channel: str, to_ref: str) -> str | None:
        return address(to_ref, now())

    return Post(channels=channels, resolve=resolve, allow=lambda kind, to_ref: True)


def address(to_ref: str, at: datetime) -> str | None:
    """The mail addresses behind a reference, joined by commas; None when nobody is to be told."""
    kind, _, name = to_ref.partition("/")
    found: Iterable[str]
    if kind == "staff":
        found = Staff.objects.filter(pseudonym=to_ref, active=True).values_list("email", flat=True)
    elif kind == "unit":
        posts = staff.active(at.date()).filter(unit__code=name, role__in=TOLD, staff__active=True)
        found = posts.order_by("staff_id").values_list("staff__email", flat=True).distinct()
    elif kind == "case":
        return _petitioner(name)
    else:
        return None
    return ",".join(sorted({one for one in found if one})) or None


def _petitioner(stream: str) -> str | None:
    """The lead's own address. Nobody who asked for confidence, or to be told in another way, gets mail."""
    case = Case.objects.filter(stream=stream).first()
    if case is None or case.confidentiality != "normal" or case.sealed:
        return None
    said = store.words_of("case", stream).values()
    if any(str(words.get("text", "")).startswith(OWN_WAY) for words in said):
        return None
    refs = Party.objects.filter(case=case, role="lead").exclude(person="").values_list("person", flat=True)
    try:
        return next((one.email for one in vault.for_machine(refs[:1]) if one.email), None)
    except vault.VaultLocked:
        return None
