"""The search index on SQLite: FTS5 without content, over the analyser's tokens.

FTS5 walks its lists from the newest row back and stops when told, so rare and common words cost alike.
SQLite 3.40 cannot delete from a contentless table by itself: it must be handed the old tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection

from openredress.cases import analyser
from openredress.cases.analyser import Piece
from openredress.ledger import gate

FIRST_BATCH, LAST_BATCH = 40, 4_096


class Index:
    """Adds, removes and finds case ids."""

    @staticmethod
    def add(rows: Sequence[tuple[int, str]], version: int) -> None:
        """Index folded texts of cases that are not indexed."""
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO cases_searchtext (case_id, text, version) VALUES (%s, %s, %s)",
                [(case_id, text, version) for case_id, text in rows],
            )
            cursor.executemany(
                "INSERT INTO cases_searchindex (rowid, tokens) VALUES (%s, %s)",
                [(case_id, " ".join(analyser.tokens(text))) for case_id, text in rows],
            )

    @staticmethod
    def remove(case_id: int, text: str, version: int) -> None:
        """Take one case out; `text` is the folded text that went in, `version` what split it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO cases_searchindex (cases_searchindex, rowid, tokens) VALUES ('delete', %s, %s)",
                [case_id, " ".join(analyser.SPLITTERS[version](text))],
            )
            cursor.execute("DELETE FROM cases_searchtext WHERE case_id = %s", [case_id])

    @staticmethod
    def purge() -> None:
        """Merge all segments into one, which leaves out what was deleted."""

        def work() -> None:
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO cases_searchindex (cases_searchindex) VALUES ('optimize')")

        gate.write(work)

    @staticmethod
    def matches(asked: Sequence[Piece]) -> Iterator[list[int]]:
        """Batches of case ids that hold every piece, newest first, each batch larger than the last."""
        before, size = 1 << 62, FIRST_BATCH
        expression = " AND ".join(_phrase(piece) for piece in asked)
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT rowid FROM cases_searchindex WHERE cases_searchindex MATCH %s AND rowid < %s "
                    "ORDER BY rowid DESC LIMIT %s",
                    [expression, before, size],
                )
                batch = [row[0] for row in cursor.fetchall()]
            if batch:
                yield batch
            if len(batch) < size:
                return
            before, size = batch[-1], min(size * 4, LAST_BATCH)

    @staticmethod
    def among(asked: Sequence[Piece], case_ids: Sequence[int]) -> list[int]:
        """Which of these few cases hold every piece, found in their texts."""
        tests = " AND ".join("instr(' ' || text || ' ', %s) > 0" for _ in asked)
        marks = ", ".join(["%s"] * len(case_ids))
        if not case_ids:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT case_id FROM cases_searchtext WHERE case_id IN ({marks}) AND {tests}",  # noqa: S608
                [*case_ids, *(bounded(piece) for piece in asked)],
            )
            return [row[0] for row in cursor.fetchall()]


def bounded(piece: Piece) -> str:
    """The piece as it must stand in a text with a space at each end: a word whole, Han anywhere in a run."""
    return ("" if piece.open_start else " ") + piece.text + ("" if piece.open_end else " ")


def _phrase(piece: Piece) -> str:
    # Tokens hold letters and digits only, so nothing needs escaping inside the quotes.
    return '"' + " ".join(piece.tokens) + '"' + (" *" if piece.prefix else "")
