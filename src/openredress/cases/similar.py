"""Likely repeats: readable cases whose text is most like a given one, before it is saved.

By text alone — what happened, where, which unit — never by who wrote it. Candidates come from the search
index by the rarest pairs of characters; their likeness is the cosine of pairs and triples of characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

from openredress.cases import analyser, search
from openredress.cases.models import Case, SearchText

HEAD = 260  # folded characters that are compared: the title and the first sentences name the matter
TITLE_WEIGHT = 2  # what the title says counts twice
RARE = 64  # rarest tokens known from other texts that are asked of the index
NEW = 16  # tokens never met in the sample that are asked as well
KEPT = 50  # candidates that are compared in full
EACH = 60  # newest cases taken for one token
SAMPLE = 1_000  # newest texts from which the rarity of pairs is learnt
STEP = 500  # the sample is learnt anew after so many new cases
FLOOR = 0.12  # less alike is not shown


@dataclass(frozen=True, slots=True)
class Like:
    """One likely repeat: the case, how alike (0 to 1), and the shared pairs that say most."""

    case: Case
    score: float
    shared: tuple[str, ...]


def similar(title: str, body: str, gate: search.Readable, k: int = 5) -> list[Like]:
    """The `k` readable cases most like this redacted text, best first; nothing below `FLOOR`."""
    head = analyser.fold(title)[:HEAD], analyser.fold(body)[:HEAD]
    rarity = _rarity()
    mine = vector(*head, rarity)
    texts = _texts(candidates(" ".join(head), gate, rarity))
    scored = [(cosine(mine, vector(*text, rarity)), case_id) for case_id, text in texts.items()]
    best = sorted((pair for pair in scored if pair[0] >= FLOOR), reverse=True)[:k]
    cases = gate.searchable().in_bulk([case_id for _, case_id in best])
    pairs = set(analyser.bigrams(" ".join(head)))
    return [
        Like(cases[case_id], round(score, 3), _shared(pairs, " ".join(texts[case_id]), rarity))
        for score, case_id in best
        if case_id in cases
    ]


def candidates(folded: str, gate: search.Readable, rarity: Rarity) -> list[int]:
    """Ids of the readable cases that share the most, by weight, of the text's rarest pairs and words."""
    rarest = sorted(set(analyser.bigrams(folded)), key=lambda token: (-rarity.of(token), token))
    known = [token for token in rarest if rarity.seen(token)][:RARE]
    unseen = [token for token in rarest if not rarity.seen(token)][:NEW]
    shared = search.readable_with({token: rarity.of(token) for token in known + unseen}, gate, EACH)
    return sorted(shared, key=lambda case_id: (-shared[case_id], -case_id))[:KEPT]


class Rarity:
    """How much a run of characters says: the rarer in a sample of texts, the more."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(set(grams(text)))
        self._size = len(texts)
        self._counts = {gram: n for gram, n in counts.items() if n > 1}

    def seen(self, gram: str) -> bool:
        """Whether at least two texts of the sample hold it."""
        return gram in self._counts

    def of(self, gram: str) -> float:
        """Inverse document frequency, smoothed."""
        return log((1 + self._size) / (1 + self._counts.get(gram, 0))) + 1


def grams(folded: str) -> list[str]:
    """Pairs and triples of neighbouring characters, across the gaps that punctuation left."""
    joined = folded.replace(" ", "")
    pairs = [joined[at : at + 2] for at in range(len(joined) - 1)]
    return pairs + [joined[at : at + 3] for at in range(len(joined) - 2)]


def vector(title: str, body: str, rarity: Rarity) -> dict[str, float]:
    """Weights of the grams of a text, of length one."""
    counts = Counter(grams(body))
    for gram, n in Counter(grams(title)).items():
        counts[gram] += TITLE_WEIGHT * n
    weights = {gram: n * rarity.of(gram) for gram, n in counts.items()}
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {gram: weight / length for gram, weight in weights.items()}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Likeness of two vectors of length one."""
    short, long = sorted((one, other), key=len)
    return sum(weight * long[gram] for gram, weight in short.items() if gram in long)


def forget() -> None:
    """Drop what was learnt: another database is in place (restore, tests)."""
    _learnt.cache_clear()


def _texts(case_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Title and beginning of the text of each case, folded. The indexed text starts with the title."""
    rows = SearchText.objects.filter(case_id__in=case_ids).values_list("case_id", "case__title", "text")
    found = {}
    for case_id, title, text in rows:
        folded = analyser.fold(title)
        found[case_id] = folded[:HEAD], text.removeprefix(folded)[:HEAD]
    return found


def _rarity() -> Rarity:
    newest = SearchText.objects.order_by("-case_id").values_list("case_id", flat=True).first() or 0
    return _learnt(newest // STEP)


@lru_cache(maxsize=1)
def _learnt(step: int) -> Rarity:
    texts = SearchText.objects.order_by("-case_id").values_list("text", flat=True)[:SAMPLE]
    return Rarity([text[: 2 * HEAD] for text in texts])


def _shared(pairs: set[str], text: str, rarity: Rarity) -> tuple[str, ...]:
    common = pairs.intersection(analyser.bigrams(text))
    return tuple(sorted(common, key=lambda pair: (-rarity.of(pair), pair))[:6])
