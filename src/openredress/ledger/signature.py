"""Signed objects of FORMATS: receipts and checkpoints. Works offline; no Django, no database."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from openredress.ledger.canonical import CanonicalError, canonical

ALG = "Ed25519"
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


class BadKey(ValueError):
    """The file given as --key holds no Ed25519 public key in PEM."""


def sign(body: Mapping[str, Any], key_id: str, private: Ed25519PrivateKey) -> dict[str, Any]:
    """The object with `key_id`, `alg` and `signature` over its canonical JSON without `signature`."""
    full = {**body, "key_id": key_id, "alg": ALG}
    full["signature"] = base64.b64encode(private.sign(canonical(full))).decode()
    return full


def holds(signed: Mapping[str, Any], keys: Sequence[Ed25519PublicKey]) -> bool:
    """Whether one of these keys, which must come from outside, signed exactly this object.

    A key carried inside the object is never looked at.
    """
    body = {name: value for name, value in signed.items() if name != "signature"}
    if body.get("alg") != ALG:
        return False
    try:
        signature = base64.b64decode(signed.get("signature", ""), validate=True)
        message = canonical(body)
    except (binascii.Error, CanonicalError, TypeError, ValueError):
        return False
    return any(_one_holds(key, signature, message) for key in keys)


def _one_holds(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_keys(pem: bytes) -> list[Ed25519PublicKey]:
    """All Ed25519 public keys in a PEM text (a rotated office hands out several). Raises BadKey."""
    try:
        found = [load_pem_public_key(block) for block in _PEM.findall(pem)]
    except ValueError as error:
        raise BadKey(f"PEM 读不出：{error}") from error
    keys = [key for key in found if isinstance(key, Ed25519PublicKey)]
    if not keys:
        raise BadKey("没有 Ed25519 公钥（应为 PEM：-----BEGIN PUBLIC KEY-----）")
    return keys
