"""`openredress ledger verify` and `ledger seal`."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openredress.config.cli import say
from openredress.config.clock import now
from openredress.documents.store import path_of
from openredress.ledger import gate, seal, verify
from openredress.ledger.keys import KeysMissing
from openredress.ledger.report import LEDGER, Failure, Report
from openredress.ledger.signature import BadKey, public_keys

_SHOWN = 50  # findings printed; --json has all
_WORDS = {
    "entry_altered": ("内容被改动", "entry altered"),
    "entry_missing": ("中间有缺失", "entry missing"),
    "tail_missing": ("末尾被截去", "tail missing"),
    "stream_missing": ("整条被删除", "stream missing"),
    "chain_broken": ("前后不相接", "chain broken"),
    "moved": ("被移到别处", "moved"),
    "attachment_altered": ("附件被改动", "attachment altered"),
    "rolled_back": ("被退回到旧状态", "rolled back"),
    "checkpoint_mismatch": ("与封存点不符", "does not match the checkpoint"),
}


class WrongUse(Exception):
    """A file given on the command line cannot be used; str() is the sentence."""


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "ledger", help=say("校验、封存办理记录", "verify or seal the record")
    )
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("verify", help=say("重算全部记录", "recompute the whole record"))
    check.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help=say("外存的封存点", "a checkpoint kept outside")
    )
    check.add_argument(
        "--key", type=Path, metavar="K", help=say("外存的公钥（PEM）", "a public key from outside")
    )
    check.add_argument("--json", action="store_true", help=say("以 JSON 输出", "print JSON"))
    check.set_defaults(func=run_verify)
    sealing = actions.add_parser("seal", help=say("封存新的记录", "sign everything new"))
    sealing.add_argument(
        "--out", type=Path, metavar="FILE", help=say("写到外面的封存点文件", "the checkpoint to keep outside")
    )
    sealing.set_defaults(func=run_seal)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint file. Raises WrongUse when it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse(
            say(f"读不出封存点 {path}：{error}", f"Cannot read checkpoint {path}: {error}")
        ) from error
    whole = isinstance(found, dict) and found.get("v") == 1
    if not whole or not isinstance(found.get("position"), int) or not isinstance(found.get("root"), str):
        raise WrongUse(say(f"{path} 不是第 1 版封存点。", f"{path} is not a checkpoint of version 1."))
    return dict(found)


def read_keys(path: Path) -> list[Ed25519PublicKey]:
    """The public keys of a PEM file. Raises WrongUse when it holds none."""
    try:
        return public_keys(path.read_bytes())
    except (OSError, BadKey) as error:
        raise WrongUse(
            say(f"公钥 {path} 不能用：{error}", f"Public key {path} is of no use: {error}")
        ) from error


def stored_digest(sha256: str) -> str | None:
    """The actual hash of a kept attachment; None when the file is gone."""
    try:
        with path_of(sha256).open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def run_verify(args: argparse.Namespace) -> int:
    """0 nothing found, 1 altered (with the places), 2 a file that cannot be used."""
    try:
        checkpoint = read_checkpoint(args.checkpoint) if args.checkpoint else None
        public = read_keys(args.key) if args.key else []
    except WrongUse as error:
        print(error, file=sys.stderr)
        return 2
    report = verify.verify(checkpoint=checkpoint, public=public, files=stored_digest)
    if args.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _print(report)
    print(_caution(report), file=sys.stderr, end="")
    return 0 if report.ok else 1


def _print(report: Report) -> None:
    print(
        say(
            f"{report.cases} 个信访事项，{report.entries} 条记录，其中 {report.unsealed} 条尚未封存",
            f"{report.cases} cases, {report.entries} entries, {report.unsealed} of them not sealed yet",
        )
    )
    if report.ok:
        print(say("未发现改动。", "Nothing altered was found."))
        return
    print(say(f"发现 {len(report.failures)} 处：", f"{len(report.failures)} findings:"))
    for failure in report.failures[:_SHOWN]:
        print(_line(failure))


def _line(failure: Failure) -> str:
    zh, en = _WORDS[failure.kind]
    if failure.stream == LEDGER:
        place = say(f"封存位置 {failure.seq}", f"position {failure.seq} of the seal")
    else:
        place = say(f"{failure.stream} 第 {failure.seq} 条", f"{failure.stream} #{failure.seq}")
    return f"  {place}：{say(zh, en)}（{failure.kind}）{say(failure.zh, failure.en)}"


def _caution(report: Report) -> str:
    """What this check could not see, said plainly."""
    if report.checkpoint and report.outside_key:
        return ""
    if not report.checkpoint:
        return say(
            "注意：没有给出外存的封存点（--checkpoint）。持有数据库的人若重算全部散列，这样查不出来。\n",
            "Note: no checkpoint from outside was given (--checkpoint). Whoever holds the database and "
            "recomputed every hash is not found this way.\n",
        )
    return say(
        "注意：没有给出外存的公钥（--key），签名是用本机自己的公钥核对的。\n",
        "Note: no key from outside was given (--key); signatures were checked with this home's own.\n",
    )


def run_seal(args: argparse.Namespace) -> int:
    """Sign what is new and write the newest checkpoint to --out; 2 when the signing key is missing."""
    try:
        made = gate.write(lambda: seal.seal(now()))
    except KeysMissing as error:
        print(error, file=sys.stderr)
        return 2
    body = made.body if made else seal.latest()
    if made is None:
        print(say("没有新的记录。", "Nothing new."), file=sys.stderr)
    if body is None:
        return 0
    text = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
    if args.out:
        _write(args.out, text)
        print(
            say(f"封存到第 {body['position']} 位：{args.out}", f"Sealed up to {body['position']}: {args.out}")
        )
    else:
        print(text, end="")
    return 0


def _write(path: Path, text: str) -> None:
    """On the disk under its name, or not at all."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
