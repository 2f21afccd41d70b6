"""The search index on PostgreSQL: a tsvector with GIN, every token once plain and once with its block.

A GIN index knows no order: "newest 20 of 100,000" would read all 100,000, and asking by id instead walks
the whole table for a rare word. So each token is also kept with the number of its block of 2,048 cases:
the newest blocks are asked first, each a small list; a word that is rare in them is rare enough to ask whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection

from openredress.cases import analyser
from openredress.cases.analyser import Piece
from openredress.cases.index_sqlite import bounded

BLOCK_BITS = 11
PROBES = 3  # newest blocks asked before a word may be called rare
COMMON = 10  # hits a block, on average, from which asking block by block pays


class Index:
    """Adds, removes and finds case ids."""

    @staticmethod
    def add(rows: Sequence[tuple[int, str]], version: int) -> None:
        """Index folded texts of cases that are not indexed."""
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO cases_searchtext (case_id, text, version, tokens) "
                "VALUES (%s, %s, %s, array_to_tsvector(%s::text[]))",
                [(case_id, text, version, _lexemes(case_id, text)) for case_id, text in rows],
            )

    @staticmethod
    def remove(case_id: int, text: str, version: int) -> None:
        """Take one case out."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cases_searchtext WHERE case_id = %s", [case_id])

    @staticmethod
    def purge() -> None:
        """Free what was deleted. In a transaction nothing can be done: VACUUM then comes by itself, later."""
        if not connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM cases_searchtext")

    @staticmethod
    def matches(asked: Sequence[Piece]) -> Iterator[list[int]]:
        """Batches of case ids that hold every piece, newest first."""
        newest = _newest()
        found = probed = 0
        for block in range(newest >> BLOCK_BITS, -1, -1):
            if probed >= PROBES and found < COMMON * probed:
                rest = _ask(asked, "", ((block + 1) << BLOCK_BITS) - 1)
                if rest:
                    yield rest
                return
            batch = _ask(asked, _mark(block), newest)
            if batch:
                yield batch
            found, probed = found + len(batch), probed + 1

    @staticmethod
    def among(asked: Sequence[Piece], case_ids: Sequence[int]) -> list[int]:
        """Which of these few cases hold every piece, found in their texts."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT case_id FROM cases_searchtext WHERE case_id = ANY(%s) AND {_tests(asked)}",  # noqa: S608
                [list(case_ids), *(bounded(piece) for piece in asked)],
            )
            return [row[0] for row in cursor.fetchall()]


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(case_id) FROM cases_searchtext")
        row = cursor.fetchone()
    return row[0] or 0


def _mark(block: int) -> str:
    return f"{block:x}|"


def _lexemes(case_id: int, text: str) -> list[str]:
    found = set(analyser.tokens(text))
    mark = _mark(case_id >> BLOCK_BITS)
    return [*found, *(mark + token for token in found)]


def _ask(asked: Sequence[Piece], mark: str, last: int) -> list[int]:
    """Ids up to `last`, newest first, of cases with every piece: by tokens first, then as written."""
    wanted = " & ".join(_lexeme(piece, n, mark) for piece in asked for n in range(len(piece.tokens)))
    # MATERIALIZED: left to itself, the planner may walk the primary key backwards for a rare word.
    held = "SELECT case_id, text FROM cases_searchtext WHERE tokens @@ %s::tsquery"
    found = f"SELECT case_id FROM held WHERE case_id <= %s AND {_tests(asked)} ORDER BY case_id DESC"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH held AS MATERIALIZED ({held}) {found}",
            [wanted, last, *(bounded(piece) for piece in asked)],
        )
        return [row[0] for row in cursor.fetchall()]


def _lexeme(piece: Piece, n: int, mark: str) -> str:
    prefix = ":*" if piece.prefix and n == len(piece.tokens) - 1 else ""
    return f"'{mark}{piece.tokens[n]}'{prefix}"


def _tests(asked: Sequence[Piece]) -> str:
    return " AND ".join("strpos(' ' || text || ' ', %s) > 0" for _ in asked)
