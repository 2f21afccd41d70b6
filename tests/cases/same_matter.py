"""How often a true partner is among the first five likely repeats, on public messages marked by hand.

The files lie beside the checkout (`../shared/data`) and are no part of the project.
"""

from __future__ import annotations

import csv

from tests.cases.rows import many
from tests.house.source import ROOT

from openredress.cases import similar
from openredress.cases.models import Case
from openredress.people.models import Unit

DATA = ROOT.parent / "shared" / "data"
ABSENT = "没有 ../shared/data，未测相似提示 / no ../shared/data: likely repeats not measured"


def present() -> bool:
    """Whether the messages are there."""
    return (DATA / "same_matter_dev.csv").is_file()


def recall(office: Unit, every: int) -> tuple[int, int]:
    """(found, asked): all marked messages among every `every`-th of the others."""
    matter = {row["id"]: row["matter"] for row in _rows("same_matter_dev.csv")}
    texts = {
        row["id"]: row for n, row in enumerate(_rows("messages.csv")) if not n % every or row["id"] in matter
    }
    made = dict(zip(texts, many(office, [(r["subject"], r["body"]) for r in texts.values()]), strict=True))
    similar.forget()
    asked = found = 0
    for key, name in matter.items():
        partners = {made[other].pk for other, its in matter.items() if its == name and other != key}
        if partners:
            likes = similar.similar(texts[key]["subject"], texts[key]["body"], _Without(made[key]))
            asked += 1
            found += bool(partners & {like.case.pk for like in likes})
    return found, asked


class _Without:
    def __init__(self, one: Case) -> None:
        self.one = one

    def searchable(self):
        return Case.objects.exclude(pk=self.one.pk)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
