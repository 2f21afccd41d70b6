"""Knowing a row again: by ledger and by person, first day and matter; never by its number in the list.

Digests are keyed (the vault's index key), so that a copy of the database names nobody.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openredress.identity import normal
from openredress.identity.keyring import index_secrets as index_secrets
from openredress.identity.person import Person
from openredress.identity.redaction import KnownStrings, redact
from openredress.identity.vault import digest
from openredress.importers.workbook import cells
from openredress.importers.workbook.check import Row
from openredress.importers.workbook.control import tight
from openredress.importers.workbook.headings import Heading
from openredress.importers.workbook.records import Record
from openredress.ledger.canonical import canonical

IDENTITY = ("name", "id_number", "phone", "address")
WORDS = ("matter", "demand", "measures", "progress", "note")
OFFICIAL = ("leader", "leader_post", "handler")  # who answers for it, in office
COMPARED = (
    "name", "id_number", "phone", "address", "people", "matter", "demand", "first_on", "channel", "unit",
    "territorial", "leader", "leader_post", "handler", "measures", "due_on", "progress", "solved",
    "solved_on", "note",
)  # fmt: skip
_WEEKLY = re.compile(r"\(.*?\)|（.*?）|[0-9〇零一二三四五六七八九十]+|[年月日周第号季度截至止期上中下旬份]")
_PUNCTUATION = re.compile(r"[\W_]+")
_DEFAULT_NAMES = re.compile(r"(sheet|csv|工作表|表)")
_JOIN = "\x1f"


def ledger_of(office: str, title: str, sheet: str, key: bytes) -> str:
    """The ledger a sheet is: its unit and its heading without the week. Keyed: a title may name people."""
    words = _WEEKLY.sub("", tight(title)) or _DEFAULT_NAMES.sub("", _WEEKLY.sub("", tight(sheet)))
    return f"{office}:{digest('ledger', words, key).hex()}"


def plain(words: str) -> str:
    """A matter without blanks, signs, width and old forms: a comma more is the same matter."""
    return normal.name(_PUNCTUATION.sub("", unicodedata.normalize("NFKC", words)))


@dataclass(frozen=True, slots=True)
class Marks:
    """What a row is known by, keyed; `card` is "" without a number, `name` has the address in it."""

    card: str
    name: str
    first: str
    matter: str
    key: str


def marks(row: Row, ledger: str, key: bytes) -> Marks:
    """The marks of a row under one index key."""
    lead = row.people.names[0] if row.people.names else ""
    card = digest("id", normal.id_number(row.id_numbers[0]), key).hex() if row.id_numbers else ""
    name = digest("address", f"{normal.name(lead)}\0{normal.address(row.address)}", key).hex()
    first = row.first_on.isoformat() if row.first_on else ""
    matter = digest("matter", plain(row.matter), key).hex()
    whole = f"{ledger}\0{card or name}\0{first}\0{matter}"
    return Marks(card, name, first, matter, digest("ledger-row", whole, key).hex())


def person_marks(record: Record, heading: Heading, key: bytes) -> set[str]:
    """Whom a bad row is about, as far as it can be read: for not calling that person's matter vanished."""
    at = {column.field: column.at for column in reversed(heading.columns)}
    raw = {name: record.values.get(at.get(name, -1), "") for name in IDENTITY}
    people, numbers = cells.people(raw["name"]), cells.id_numbers(raw["id_number"])
    found = set()
    if isinstance(people, cells.People) and people.names:
        where = normal.address(cells.text(raw["address"]))
        found.add(digest("address", f"{normal.name(people.names[0])}\0{where}", key).hex())
    if isinstance(numbers, tuple) and numbers:
        found.add(digest("id", normal.id_number(numbers[0]), key).hex())
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """A row imported before: its case, and its cells as last imported or accepted."""

    row_id: int
    case_id: int
    stream: str
    number: str
    key: str
    digest: str
    cells: Mapping[str, Any]


def cells_of(row: Row, found: Marks, key: bytes) -> dict[str, Any]:
    """The row as the record keeps it for the next file.

    Identities stand as digests, words redacted, the rest plain; `#` holds a digest of each text as it
    was, so that neither a hidden name nor a better redaction makes a change appear or vanish.
    """
    identity = {
        "name": "、".join(row.people.names),
        "id_number": "、".join(row.id_numbers),
        "phone": "、".join(row.phones),
        "address": normal.address(row.address),
    }
    kept: dict[str, Any] = {name: _blind(name, words, key) for name, words in identity.items()}
    kept |= {name: getattr(row, name) for name in OFFICIAL}
    kept |= zip(WORDS, _redacted(row), strict=True)
    kept |= {
        "people": str(row.people_count),
        "first_on": _iso(row.first_on),
        "channel": row.channel,
        "unit": "、".join(row.units),
        "territorial": "、".join(row.territorial),
        "due_on": _iso(row.due_on),
        "solved": {True: "是", False: "否", None: ""}[row.solved],
        "solved_on": _iso(row.solved_on),
        "#": {name: _blind(name, getattr(row, name), key) for name in WORDS},
        "_": [found.card, found.name, found.first, found.matter],
    }
    return kept


def _blind(name: str, words: str, key: bytes) -> str:
    return digest(f"cell-{name}", words, key).hex() if words else ""


def compared(kept: Mapping[str, Any], name: str) -> str:
    """The form in which two versions of a cell are compared."""
    digests: Mapping[str, str] = kept.get("#") or {}
    return digests[name] if name in digests else str(kept.get(name, ""))


def persons(row: Row) -> tuple[Person, ...]:
    """The people of a row as the vault would name them, for redaction."""
    return tuple(
        Person(
            name=name,
            id_number=row.id_numbers[n] if n < len(row.id_numbers) else "",
            phone=row.phones[n] if n < len(row.phones) else "",
            address=row.address if n == 0 else "",
        )
        for n, name in enumerate(row.people.names)
    )


def _redacted(row: Row) -> list[str]:
    words = _JOIN.join(getattr(row, name) for name in WORDS)
    return redact(words, KnownStrings.of(persons(row))).text.split(_JOIN)


def _iso(on: date | None) -> str:
    return on.isoformat() if on else ""


def cells_digest(kept: Mapping[str, Any]) -> str:
    """One digest over all cells of a row, as they are compared."""
    return hashlib.sha256(canonical({name: compared(kept, name) for name in COMPARED})).hexdigest()


class Matcher:
    """Pairs the rows of one ledger with the rows imported before."""

    def __init__(self, before: Iterable[Known]) -> None:
        self.left = {known.row_id: known for known in before}
        self._by_key = {known.key: known for known in self.left.values()}
        self._by_person: dict[str, list[Known]] = defaultdict(list)
        for known in self.left.values():
            card, name, _, _ = _known_marks(known)
            for mark in {card, name} - {""}:
                self._by_person[mark].append(known)

    def pair(self, rows: Sequence[tuple[Marks, ...]]) -> list[Known | None]:
        """For each row (its marks under every key) the one it was before. Sure pairs are made first."""
        result: list[Known | None] = [self._take(self._exact(found)) for found in rows]
        for n, found in enumerate(rows):
            result[n] = result[n] or self._take(self._same(found))
        open_rows: dict[str, int] = defaultdict(int)
        for n, found in enumerate(rows):
            if result[n] is None:
                open_rows[found[0].card or found[0].name] += 1
        for n, found in enumerate(rows):
            if result[n] is None and open_rows[found[0].card or found[0].name] == 1:
                result[n] = self._take(self._changed(found))
        return result

    def seen(self, person: Iterable[str]) -> None:
        """A bad row of these people is in the file, so what was imported for them has not vanished."""
        for mark in person:
            for known in self._by_person.get(mark, ()):
                self.left.pop(known.row_id, None)

    def _take(self, known: Known | None) -> Known | None:
        return self.left.pop(known.row_id) if known and known.row_id in self.left else None

    def _exact(self, found: tuple[Marks, ...]) -> Known | None:
        return next((self._by_key[one.key] for one in found if one.key in self._by_key), None)

    def _people(self, found: tuple[Marks, ...]) -> list[tuple[Known, Marks]]:
        """Free rows of the same person: by card number; by name and address when one side has none."""
        pairs = []
        for one in found:
            for mark in {one.card, one.name} - {""}:
                for known in self._by_person.get(mark, ()):
                    card, name, _, _ = _known_marks(known)
                    same = card == one.card if card and one.card else name == one.name
                    if same and known.row_id in self.left and (known, one) not in pairs:
                        pairs.append((known, one))
        return pairs

    def _same(self, found: tuple[Marks, ...]) -> Known | None:
        """Same person, day and matter, though a card number came or went."""
        for known, one in self._people(found):
            _, _, first, matter = _known_marks(known)
            if first == one.first and matter == one.matter:
                return known
        return None

    def _changed(self, found: tuple[Marks, ...]) -> Known | None:
        """The only free row of the same person, when day or matter is still the same."""
        pairs = self._people(found)
        if len({known.row_id for known, _ in pairs}) != 1:
            return None
        known, one = pairs[0]
        _, _, first, matter = _known_marks(known)
        return known if first == one.first or matter == one.matter else None


def _known_marks(known: Known) -> tuple[str, str, str, str]:
    card, name, first, matter = known.cells.get("_") or ("", "", "", "")
    return str(card), str(name), str(first), str(matter)
