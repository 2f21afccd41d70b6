"""Recomputes the golden vectors from decision 0001 alone: standard library, nothing of the project.

    python tests/ledger/golden_check.py            # exit 1 when a vector is wrong
    python tests/ledger/golden_check.py --write    # fill in the computed members of new vectors

The canonical writer below is written out by hand, so that it shares no code with the ledger's.
"""

import hashlib
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def text(value: str) -> str:
    out = []
    for char in value:
        point = ord(char)
        if 0xD800 <= point <= 0xDFFF:
            raise ValueError("lone surrogate")
        out.append(SHORT.get(point) or (f"\\u{point:04x}" if point < 32 else char))
    return '"' + "".join(out) + '"'


def canonical(value, depth: int = 0) -> str:
    if depth > 32:
        raise ValueError("too deep")
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        if abs(value) > 2**53:
            raise ValueError("integer out of range")
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: [ord(char) for char in key])
        return "{" + ",".join(text(key) + ":" + canonical(value[key], depth + 1) for key in keys) + "}"
    raise ValueError(f"not allowed: {value!r}")


def computed(entry: dict) -> dict:
    """What follows from the entry: the words' digest, the hashed text and its hash."""
    digest = words_text = None
    if entry["words"]:
        words_text = canonical(entry["words"])
        digest = hashlib.sha256(bytes.fromhex(entry["salt"]) + words_text.encode()).hexdigest()
    elif entry.get("erased_digest"):
        digest = entry["erased_digest"]
    members = ["kind", "id", "seq", "code", "actor", "occurred_at", "recorded_at", "pack", "facts"]
    array = ["openredress-entry-1", "sha256", *(entry[name] for name in members), digest, entry["prev"]]
    preimage = canonical(array)
    return {
        "words_text": words_text,
        "words_digest": digest,
        "preimage": preimage,
        "hash": hashlib.sha256(preimage.encode()).hexdigest(),
    }


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it stands there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def tree(vector: dict) -> dict:
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(vector["up_to"])]
    return {"roots": [root(leaves[: count + 1]).hex() for count in range(len(leaves))]}


def refused(vector: dict) -> list[str]:
    """The texts that were wrongly accepted."""
    wrong = []
    for item in vector["refused"]:
        try:
            canonical(json.loads(item))
        except ValueError:
            continue
        wrong.append(f"accepted: {item}")
    return wrong


def check(path: Path, write: bool) -> list[str]:
    vector = json.loads(path.read_text(encoding="utf-8"))
    if "refused" in vector:
        return refused(vector)
    expected = tree(vector) if "up_to" in vector else computed(vector["entry"])
    if write:
        vector |= expected
        path.write_text(json.dumps(vector, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [f"{path.name}: {key}" for key, value in expected.items() if vector.get(key) != value]


def main() -> int:
    paths = sorted(FOLDER.glob("*.json"))
    wrong = [line for path in paths for line in check(path, "--write" in sys.argv)]
    print("\n".join(wrong) or f"{len(paths)} vectors hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
