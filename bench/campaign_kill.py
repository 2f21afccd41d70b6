"""Kill -9 of the server, its page process and the job worker under load, round after round.

usage: .venv/bin/python bench/campaign_kill.py [--rounds 30] [--pause 1.5]
Prints what was acknowledged, lost, doubled, and how often a mail came twice (same Message-ID, at most one
a kill). Exit code 1 on any finding.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.web import killing, serving


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--pause", type=float, default=1.5)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    home = serving.copied(serving.made_city(folder), folder / "home")
    done = killing.run(home, args.rounds, args.pause)
    print(f"kills {done.kills.total()} {dict(done.kills)} in {done.seconds:.0f} s")
    print(
        f"petitions: {done.acknowledged} acknowledged, {done.lost} lost, {done.doubled} doubled, "
        f"{done.unasked} unasked, {done.retried} sent again, {done.changed_answers} answers changed"
    )
    print(f"attachments: {done.files} acknowledged, {done.files_lost} lost; refused: {dict(done.refused)}")
    print(f"mails: {done.mails} sent, {done.mails_lost} lost, {done.mails_repeated} came twice")
    print("一切符合 / as it should be" if done.good else "不符 / FOUND SOMETHING")
    return 0 if done.good else 1


if __name__ == "__main__":
    sys.exit(main())
