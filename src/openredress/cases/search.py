"""Full-text search over redacted case text: newest cases first, flat for rare and for common words.

The index gives case ids from the newest back, in batches; the gate keeps those that this actor may read.
What is indexed is redacted text only; a hit therefore never says more than the desk may show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from django.db import connection
from django.db.models import QuerySet

from openredress.cases import analyser, index_postgresql, index_sqlite
from openredress.cases.analyser import Piece
from openredress.cases.models import Case, Petition, SearchText

INDEX_CHARS = 20_000  # of a case's folded text; a tsvector holds 1 MB
COUNT_CAP = 1_000
SMALL_SCOPE = 2_000  # an actor with so few cases is answered by reading their texts
PART = 4_000  # ids in one question to the gate
PATIENCE = 1_500  # index hits looked at before the size of the actor's scope is asked


class Readable(Protocol):
    """What search needs of a gate: the cases that its actor may read."""

    def searchable(self) -> QuerySet[Case]:
        """Cases read whole."""
        ...


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of hits; `capped` when there are more than were counted."""

    n: int
    capped: bool

    def __str__(self) -> str:
        return f"{self.n:,}+" if self.capped else f"{self.n:,}"


def index_many(rows: Iterable[tuple[int, str]]) -> None:
    """Index new cases: (case id, redacted text). In the caller's transaction; for cases never indexed yet."""
    folded = [(case_id, analyser.fold(text)[:INDEX_CHARS].rstrip()) for case_id, text in rows]
    _engine().add(folded, analyser.VERSION)


def reindex(case: Case) -> None:
    """Index one case anew from its redacted title, place and petitions. Call it after each change of them."""
    remove(case)
    index_many([(case.pk, text_of(case))])


def text_of(case: Case) -> str:
    """The redacted text by which a case is found: title, place, then each petition in order of arrival."""
    petitions = Petition.objects.filter(case=case).order_by("seq").values_list("redacted", flat=True)
    return "\n".join([case.title, case.place, *petitions])


def remove(case: Case) -> None:
    """Take a case out of the index, and its text with it. Nothing happens when it is not there.

    The pages of the index may hold its words until they are next rewritten: after an erasure call `purge`.
    """
    row = SearchText.objects.filter(case=case).first()
    if row is not None:
        _engine().remove(row.case_id, row.text, row.version)


def purge() -> None:
    """Rewrite the index so that no page holds a removed word. Slow on a large base: a job's work."""
    _engine().purge()


def search(query: str, gate: Readable, limit: int = 20) -> list[Case]:
    """The newest `limit` readable cases in which every part of the query stands as written."""
    asked = analyser.pieces(query)
    if not asked:
        return []
    ids = list(islice(_ids(asked, gate, limit), limit))
    return list(gate.searchable().filter(pk__in=ids).order_by("-pk"))


def count(query: str, gate: Readable, cap: int = COUNT_CAP) -> Counted:
    """How many readable cases the query finds; never counted beyond `cap`."""
    asked = analyser.pieces(query)
    found = sum(1 for _ in islice(_ids(asked, gate, cap + 1), cap + 1)) if asked else 0
    return Counted(min(found, cap), found > cap)


def readable_with(weights: Mapping[str, float], gate: Readable, each: int) -> dict[int, float]:
    """Readable cases that hold some of these tokens, each with the weights of its tokens added up.

    Of each token the newest `each` holders are looked at. For likeness; no text is read.
    """
    held: dict[int, float] = defaultdict(float)
    for token, weight in weights.items():
        piece = Piece(text=token, tokens=(token,), prefix=False, open_start=True, open_end=True)
        for case_id in islice((one for batch in _engine().matches([piece]) for one in batch), each):
            held[case_id] += weight
    ids = sorted(held, reverse=True)
    found: dict[int, float] = {}
    for start in range(0, len(ids), PART):
        part = gate.searchable().filter(pk__in=ids[start : start + PART])
        found.update({case_id: held[case_id] for case_id in part.values_list("pk", flat=True)})
    return found


def _ids(asked: Sequence[Piece], gate: Readable, wanted: int) -> Iterator[int]:
    """Ids of readable hits, newest first."""
    seen = 0
    for batch in _engine().matches(asked):
        if seen >= PATIENCE and (scope := _small_scope(gate, batch[0])) is not None:
            yield from sorted(_engine().among(asked, scope), reverse=True)
            return
        for part in _parts(batch, wanted):
            yield from gate.searchable().filter(pk__in=part).order_by("-pk").values_list("pk", flat=True)
        seen += len(batch)


def _parts(batch: Sequence[int], wanted: int) -> Iterator[Sequence[int]]:
    """The batch in parts that grow: the gate is not asked about 600 ids when the first 20 will do."""
    start, size = 0, max(2 * wanted, 40)
    while start < len(batch):
        yield batch[start : start + size]
        start, size = start + size, size * 4


def _small_scope(gate: Readable, newest: int) -> list[int] | None:
    ids = gate.searchable().filter(pk__lte=newest).order_by("-pk").values_list("pk", flat=True)
    few = list(ids[: SMALL_SCOPE + 1])
    return few if len(few) <= SMALL_SCOPE else None


def _engine() -> type[index_sqlite.Index] | type[index_postgresql.Index]:
    return index_sqlite.Index if connection.vendor == "sqlite" else index_postgresql.Index
