"""A released pack or calendar never changes under its id."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from openredress import __version__
from openredress.packs import load

RELEASED = Path(__file__).with_name("released.toml")


def now(pack_id: str) -> str:
    return load.pack_hash(load.builtin_files(pack_id))


def changed(released: dict[str, str]) -> list[str]:
    """Released packs that are gone or no longer what they were."""
    return [
        pack_id
        for pack_id, digest in released.items()
        if pack_id not in load.BUILTIN or now(pack_id) != digest
    ]


def test_released_packs_are_what_they_were():
    released = tomllib.loads(RELEASED.read_text(encoding="utf-8"))["packs"]
    assert changed(released) == []
    if int(__version__.split(".")[0]) >= 1:
        assert set(released) == set(load.BUILTIN)


def test_control_a_changed_or_missing_pack_is_seen():
    other = hashlib.sha256(b"other").hexdigest()
    assert changed({load.BUILTIN[0]: other, "gone": other}) == [load.BUILTIN[0], "gone"]


def test_one_more_byte_is_another_hash():
    files = load.builtin_files(load.BUILTIN[0])
    assert load.pack_hash(files | {"pack.toml": files["pack.toml"] + b"\n"}) != now(load.BUILTIN[0])
    assert load.pack_hash(files | {"examples.toml": b""}) == now(load.BUILTIN[0])


if __name__ == "__main__":
    for name in load.BUILTIN:
        print(f'{name} = "{now(name)}"')
