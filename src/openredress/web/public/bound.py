"""Which petition a session may see: proved once by number and code, until it leaves or the code changes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest
from django.utils.timezone import get_default_timezone

from openredress.cases import facts
from openredress.cases.facts import Known
from openredress.cases.models import Party, Petition
from openredress.rules.facts import Actor
from openredress.web import clock

KEPT = 3600  # seconds: phones and computers are shared
PETITION = "petition"
CODE = "petition_code"  # digest of the code that opened it: a reissued code ends this session's sight


@dataclass(frozen=True, slots=True)
class Mine:
    """A petitioner's own matter, as it stands."""

    petition: Petition
    known: Known
    actor: Actor
    at: datetime

    @property
    def local(self) -> datetime:
        """The moment on the office's clock."""
        return self.at.astimezone(get_default_timezone())

    @property
    def on(self) -> date:
        """The office's day."""
        return self.local.date()

    @property
    def first(self) -> bool:
        """Whether this petition opened the case; an attached one sees less of the others' words."""
        return self.petition.seq == 1


def bind(request: HttpRequest, petition: Petition) -> None:
    """Let this session see one petition, under a new session key."""
    request.session.cycle_key()
    request.session.set_expiry(KEPT)
    request.session[PETITION] = petition.pk
    request.session[CODE] = petition.code_digest


def petition_of(request: HttpRequest) -> Petition | None:
    """The petition that this session may see."""
    key, code = request.session.get(PETITION), str(request.session.get(CODE, ""))
    found = Petition.objects.select_related("case").filter(pk=key).first() if key else None
    if found is None or not secrets.compare_digest(found.code_digest, code):
        return None
    return found


def actor_of(petition: Petition) -> Actor:
    """The petitioner under the case's own pseudonym: each attached petition has one of its own."""
    stream = petition.case.stream
    party = Party.objects.filter(petition=petition).order_by("pk").values_list("party", flat=True).first()
    name = "p1" if petition.seq == 1 else party or f"n{petition.seq}"
    return Actor(f"party/{stream[:10]}.{name}", "petitioner")


def mine(request: HttpRequest) -> Mine | None:
    """The session's matter with everything known of it now, or None: number and code are asked again."""
    petition = petition_of(request)
    at = clock.now()
    known = facts.load(petition.case.stream, at) if petition is not None else None
    if petition is None or known is None:
        return None
    return Mine(petition, known, actor_of(petition), at)
