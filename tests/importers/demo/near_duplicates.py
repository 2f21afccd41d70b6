"""How many of many texts have a near copy: character 3-grams, Jaccard at least .8. Imports nothing of ours.

usage: python near_duplicates.py FILE     (one JSON object a line: {"text": …, "group": …})

Two texts of the same group (the same matter, told by several people) do not count as copies. Exact, not
estimated: a pair that alike shares one of the rarest 3-grams of each (prefix filter).
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from pathlib import Path

ALIKE = 0.8


def shingles(text: str) -> frozenset[str]:
    """The 3-grams of a text without its blanks."""
    tight = "".join(text.split())
    return frozenset(tight[n : n + 3] for n in range(max(len(tight) - 2, 1)))


def copies(texts: list[str], groups: list[object] | None = None) -> set[int]:
    """Indexes of texts that have a near copy outside their own group."""
    sets = [shingles(text) for text in texts]
    often = Counter(gram for one in sets for gram in one)
    seen: dict[str, list[int]] = defaultdict(list)
    found: set[int] = set()
    for n, one in enumerate(sets):
        rare = sorted(one, key=lambda gram: (often[gram], gram))
        prefix = rare[: len(one) - math.ceil(ALIKE * len(one)) + 1]
        for other in {m for gram in prefix for m in seen[gram]}:
            if groups and groups[n] is not None and groups[n] == groups[other]:
                continue
            both = len(one & sets[other])
            if both >= ALIKE * (len(one) + len(sets[other]) - both):
                found |= {n, other}
        for gram in prefix:
            seen[gram].append(n)
    return found


if __name__ == "__main__":
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    alike = copies([row["text"] for row in rows], [row.get("group") for row in rows])
    print(f"{len(alike)} of {len(rows)} texts have a near copy: {len(alike) / len(rows):.2%}")
