"""Reading a table of TOML strictly: every key known, every value of its type, complaints with their place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

BASES = ("law", "rule", "house")


class PackError(ValueError):
    """A pack that may not be used: where (file, table, key) and why."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place = place
        self.why = why


def parse(data: bytes, place: str) -> dict[str, Any]:
    """The TOML document. Raises PackError naming the file and line."""
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError(place, f"not TOML: {error}") from error


class Table:
    """One table, read key by key; `done()` refuses what nobody asked for."""

    def __init__(self, data: Any, place: str) -> None:
        if not isinstance(data, Mapping):
            raise PackError(place, "a table is expected")
        self.data = data
        self.place = place
        self.asked: set[str] = set()

    def at(self, key: str) -> str:
        """The place of a key."""
        return f"{self.place}.{key}"

    def fail(self, key: str, why: str) -> PackError:
        """An error at a key."""
        return PackError(self.at(key), why)

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """A value of that type; the default when absent (None: it must be there)."""
        self.asked.add(key)
        if key not in self.data:
            if default is None:
                raise self.fail(key, "missing")
            return default
        value = self.data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fail(key, f"expected {kind.__name__}, found {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A string; not empty unless a default is given."""
        value: str = self.get(key, str, default)
        if not value and default is None:
            raise self.fail(key, "empty")
        return value

    def flag(self, key: str) -> bool:
        """A boolean, false when absent."""
        value: bool = self.get(key, bool, False)
        return value

    def number(self, key: str, default: int | None = None) -> int:
        """An int."""
        value: int = self.get(key, int, default)
        return value

    def day(self, key: str) -> date | None:
        """A local date, None when absent."""
        self.asked.add(key)
        value = self.data.get(key)
        if value is not None and type(value) is not date:
            raise self.fail(key, f"expected a date, found {value!r}")
        return value

    def texts(self, key: str, default: list[str] | None = None) -> tuple[str, ...]:
        """A list of strings."""
        values = self.get(key, list, default)
        if not all(isinstance(v, str) and v for v in values):
            raise self.fail(key, "expected a list of strings")
        return tuple(values)

    def table(self, key: str) -> Table:
        """A table inside."""
        return Table(self.get(key, dict), self.at(key))

    def tables(self, key: str) -> dict[str, Table]:
        """A table of tables, by name."""
        return {
            name: Table(value, f"{self.at(key)}.{name}") for name, value in self.get(key, dict, {}).items()
        }

    def rows(self, key: str) -> list[Table]:
        """An array of tables."""
        return [Table(row, f"{self.at(key)}[{n}]") for n, row in enumerate(self.get(key, list, []), start=1)]

    def basis(self) -> tuple[str, str]:
        """(article, basis); every rule names both."""
        article, basis = self.text("article"), self.text("basis")
        if basis not in BASES:
            raise self.fail("basis", f"{basis!r} is not one of {', '.join(BASES)}")
        return article, basis

    def done(self) -> None:
        """Refuse unknown keys."""
        for key in self.data:
            if key not in self.asked:
                raise self.fail(key, "unknown key")
