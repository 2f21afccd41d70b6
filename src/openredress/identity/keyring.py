"""The vault's keys as ciphers. Without them everything here is locked and says so (`VaultLocked`)."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openredress.ledger import keys

VaultLocked = keys.KeysMissing


@lru_cache(maxsize=32)
def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(secret)


def sealing() -> tuple[str, AESGCM]:
    """The name and the cipher that new things are sealed with. Raises `VaultLocked`."""
    key = keys.current("vault")
    return key.id, _cipher(key.secret)


def opening(key_id: str) -> AESGCM:
    """The cipher for something sealed earlier. Raises `VaultLocked`."""
    return _cipher(keys.by_id(key_id).secret)


def index_secret() -> bytes:
    """The secret that new digests are made with. Raises `VaultLocked`."""
    return keys.current("index").secret


def index_secrets() -> tuple[bytes, ...]:
    """Every secret that a digest may have been made with, newest first. Raises `VaultLocked`."""
    keys.current("index")
    return tuple(key.secret for key in keys.keyring().all("index"))
