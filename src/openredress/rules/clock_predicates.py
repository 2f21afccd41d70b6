"""The closed list of predicates that a clock's selectors may name, and the little memory they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Facts = Mapping[str, Any]


@dataclass(slots=True)
class CaseMemo:
    """What selectors need to know of the whole case."""

    office: str = ""
    direct: bool = False
    nameless: bool = False
    go_live: date | None = None  # of a stock case: nothing started before it


@dataclass(slots=True)
class TrackMemo:
    """What selectors need to know of one track, kept up to date entry by entry."""

    id: str
    case: CaseMemo
    unit: str = ""
    sender: str = ""
    reviewer: str = ""
    receipt: date | None = None
    told: date | None = None
    simple: bool = False
    claims: tuple[str, ...] = ()
    opinion: Facts = field(default_factory=dict)
    review: Facts = field(default_factory=dict)


Predicate = Callable[[Facts, TrackMemo], bool]


def direct(f: Facts, t: TrackMemo) -> bool:
    """The petitioner came to this organ itself."""
    return t.case.direct


def to_office(f: Facts, t: TrackMemo) -> bool:
    """It came to the petition office."""
    return not t.case.direct


def new_claims(f: Facts, t: TrackMemo) -> bool:
    """An attached petition brought claims of its own."""
    return bool(f.get("claims"))


def nameless(f: Facts, t: TrackMemo) -> bool:
    """Name or address of the lead petitioner is unclear (art. 23)."""
    return t.case.nameless


def between_offices(f: Facts, t: TrackMemo) -> bool:
    """Passed on to the petition office of another level, not to a body that can decide."""
    return bool(f.get("tier"))


def to_handler(f: Facts, t: TrackMemo) -> bool:
    """Sent to a body that can decide."""
    return not f.get("tier")


def tier_national(f: Facts, t: TrackMemo) -> bool:
    """It reached the national office."""
    return f.get("tier") == "national"


def tier_province(f: Facts, t: TrackMemo) -> bool:
    """It reached a provincial office."""
    return f.get("tier") == "province"


def tier_city(f: Facts, t: TrackMemo) -> bool:
    """It reached a city office."""
    return f.get("tier") == "city"


def tier_county(f: Facts, t: TrackMemo) -> bool:
    """It reached a county office."""
    return f.get("tier") == "county"


def upheld(f: Facts, t: TrackMemo) -> bool:
    """The objection or the contest was upheld."""
    return bool(f.get("upheld"))


def comes_back(f: Facts, t: TrackMemo) -> bool:
    """Upheld, and back to the sender."""
    return bool(f.get("upheld")) and not f.get("to")


def sent_on(f: Facts, t: TrackMemo) -> bool:
    """Upheld, and straight to the body designated."""
    return bool(f.get("upheld")) and bool(f.get("to"))


def avenue_a6(f: Facts, t: TrackMemo) -> bool:
    """Told that it is handled under art. 31(6)."""
    return bool(f.get("avenue", "A6") == "A6")


def other_avenue(f: Facts, t: TrackMemo) -> bool:
    """Told that another avenue applies."""
    return not avenue_a6(f, t)


def accepted(f: Facts, t: TrackMemo) -> bool:
    """Decided: taken up."""
    return bool(f.get("accepted"))


def declined(f: Facts, t: TrackMemo) -> bool:
    """Decided: not taken up."""
    return not f.get("accepted")


def told_at_once(f: Facts, t: TrackMemo) -> bool:
    """The simple procedure was taken and the petitioner told in the same step."""
    return bool(f.get("told_on"))


def not_told(f: Facts, t: TrackMemo) -> bool:
    """The petitioner has not been told of acceptance yet."""
    return not f.get("told_on") and t.told is None


def simple(f: Facts, t: TrackMemo) -> bool:
    """The track runs in the simple procedure."""
    return t.simple


def paper_opinion(f: Facts, t: TrackMemo) -> bool:
    """The opinion was served, with proof."""
    return f.get("paper") == "opinion" and f.get("proof") is not False


def paper_review(f: Facts, t: TrackMemo) -> bool:
    """The review opinion was served, with proof."""
    return f.get("paper") == "review" and f.get("proof") is not False


def paper_notice(f: Facts, t: TrackMemo) -> bool:
    """A notice was served, with proof."""
    return f.get("paper") == "notice" and f.get("proof") is not False


def remedy_told(f: Facts, t: TrackMemo) -> bool:
    """The opinion told the way to review; without that line the petitioner's days do not start."""
    return t.opinion.get("remedy") is True


def review_stands(f: Facts, t: TrackMemo) -> bool:
    """The review was not an annulment, and its remedy line was not left out."""
    return t.review.get("result") != "annul" and t.review.get("remedy") is not False


def annulled(f: Facts, t: TrackMemo) -> bool:
    """The opinion was annulled: to be handled anew."""
    return f.get("result") == "annul"


def answered_before(f: Facts, t: TrackMemo) -> bool:
    """An opinion had been given on this track."""
    return bool(t.opinion)


def not_answered(f: Facts, t: TrackMemo) -> bool:
    """No opinion has been given on this track."""
    return not t.opinion


def by_mediation(f: Facts, t: TrackMemo) -> bool:
    """A mediation agreement, not a private reconciliation."""
    return f.get("kind") == "mediation"


PREDICATES: dict[str, Predicate] = {
    p.__name__: p
    for p in (
        direct, to_office, new_claims, nameless, between_offices, to_handler, tier_national,
        tier_province, tier_city, tier_county, upheld, comes_back, sent_on, avenue_a6, other_avenue,
        accepted, declined, told_at_once, not_told, simple, paper_opinion, paper_review, paper_notice,
        remedy_told, review_stands, annulled, answered_before, not_answered, by_mediation,
    )
}  # fmt: skip
