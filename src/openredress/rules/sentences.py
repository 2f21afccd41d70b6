"""What a refusal says: code → why (zh, en), what to do (zh, en). The sentences lie in sentences.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

Sentence = tuple[str, str, str, str]


def _read() -> dict[str, Sentence]:
    rows = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))
    return {code: (row["zh"], row["en"], row["todo"], row["todo_en"]) for code, row in rows.items()}


SENTENCES: dict[str, Sentence] = _read()
