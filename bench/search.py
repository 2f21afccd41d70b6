"""Search in made-up Chinese texts: p50/p95 ms of rare and common words, for wide and narrow gates.

usage: .venv/bin/python bench/search.py [--n 100000] [--repeat 30]
On SQLite, or on the PostgreSQL of OPENREDRESS_DATABASE_URL. Run it at two sizes: the figures should not grow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import scratch

PLACES = [a + b for a in "海滨江城东西南北新旧青白金银桂" for b in "棠河湖山园桥塘坊岭湾浦洲港泉林"]
THINGS = (
    "路灯不亮", "物业收费不公开", "拆迁补偿未到位", "电梯停运", "噪声扰民", "工资拖欠", "井盖缺失",
    "积水严重", "违章搭建", "停水",
)  # fmt: skip
WORDS = (
    "反映", "多次", "一直", "没有", "解决", "希望", "有关", "部门", "尽快", "处理", "居民", "小区", "门口",
    "晚上", "老人", "孩子", "安全", "影响", "生活", "投诉",
)  # fmt: skip
RARE = "鹮鼙龢"
QUERIES = {
    "rare, 3 characters (5 cases)": RARE,
    "rare, 2 characters (5 cases)": RARE[:2],
    "rare, 1 character (5 cases)": RARE[0],
    "place, 2 characters (0.4 %)": PLACES[17],
    "topic, 4 characters (10 %)": "路灯不亮",
    "common, 2 characters": "小区",
    "common, 1 character": "路",
    "two parts": f"{PLACES[40]} 电梯",
    "traditional": "拆遷補償",
    "nothing": "麒麟阁",
}


def texts(n: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Title and text of made-up cases; five of them hold the rare word."""
    random = Random(seed)
    rare = {n // 7 * k for k in range(1, 6)}
    for at in range(n):
        place, thing = random.choice(PLACES), random.choice(THINGS)
        words = "".join(random.choice(WORDS) + random.choice(PLACES)[0] for _ in range(45))
        yield f"{place}路{thing}", f"{place}小区{thing}，{words}{RARE if at in rare else ''}。"


def timed(call: Callable[[], object], repeat: int) -> tuple[float, float]:
    """p50 and p95 in ms."""
    call()
    spent = []
    for _ in range(repeat):
        begun = time.perf_counter()
        call()
        spent.append((time.perf_counter() - begun) * 1e3)
    return median(spent), sorted(spent)[int(len(spent) * 0.95)]


def main() -> int:
    """Build and ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=30)
    args = parser.parse_args()
    with scratch.database() as vendor:
        measure(args.n, args.repeat, vendor)
    return 0


def measure(n: int, repeat: int, vendor: str) -> None:
    """Everything on one database of `n` cases."""
    from django.db import connection, transaction  # noqa: PLC0415 - after the set-up
    from django.db.models.functions import Mod  # noqa: PLC0415
    from tests.cases import same_matter  # noqa: PLC0415

    from openredress.cases import search, similar  # noqa: PLC0415
    from openredress.cases.models import Case  # noqa: PLC0415
    from openredress.people.models import Unit  # noqa: PLC0415

    office = Unit.objects.create(code="xf", name="信访局")
    made = list(texts(n))
    with transaction.atomic():
        insert(Case, office, made)
    ids = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    begun = time.process_time()
    for start in range(0, n, 1_000):
        rows = zip(ids[start : start + 1_000], made[start : start + 1_000], strict=True)
        with transaction.atomic():
            search.index_many((pk, title + "\n" + text) for pk, (title, text) in rows)
    print(f"{vendor}: {n:,} cases of ~{sum(len(a + b) for a, b in made[:99]) // 99} characters, "
          f"index built in {time.process_time() - begun:.1f} s of CPU here")  # fmt: skip
    if vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE cases_searchtext")

    every = Case.objects.all()
    gates = {
        "all": every,
        "1 in 50": every.annotate(rest=Mod("pk", 50)).filter(rest=0),
        "1,000 cases": every.annotate(rest=Mod("pk", max(n // 1_000, 1))).filter(rest=0),
    }
    for name, cases in gates.items():
        gate = Every(cases)
        print(f"gate: {name}")
        for what, query in QUERIES.items():
            p50, p95 = timed(lambda query=query, gate=gate: search.search(query, gate), repeat)
            hits = search.count(query, gate)
            print(f"  {what:32} {p50:8.2f} / {p95:8.2f} ms   hits {hits}")
    p50, p95 = timed(lambda: search.count("小区", Every(every)), repeat)
    print(f"count, common, capped: {p50:.2f} / {p95:.2f} ms")
    p50, p95 = timed(lambda: similar.similar(*made[n // 2], Every(every)), max(repeat // 3, 3))
    print(f"similar: {p50:.1f} / {p95:.1f} ms")
    if same_matter.present():
        found, asked = same_matter.recall(office, every=1)
        print(f"similar: a true partner among the first five {found / asked:.3f} of {asked} (baseline .996)")
    else:
        print(same_matter.ABSENT)


class Every:
    """A gate over a given list."""

    def __init__(self, cases: object) -> None:
        self.cases = cases

    def searchable(self) -> object:
        """Readable cases."""
        return self.cases.all()


def insert(case: type, office: object, made: list[tuple[str, str]]) -> None:
    """Bare rows for the texts."""
    at = datetime(2026, 9, 3, tzinfo=UTC)
    case.objects.bulk_create(
        (
            case(
                stream=f"{n:026d}", number=f"{n}", title=title, pack="", state="handling", office=office,
                channel="letter", received_on=date(2026, 9, 3), registered_at=at,
            )
            for n, (title, _) in enumerate(made)
        ),
        batch_size=1_000,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
