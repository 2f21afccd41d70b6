"""The closed list of fault tests (filled with the faults module)."""

from __future__ import annotations

FAULT_TESTS: dict[str, object] = dict.fromkeys(
    (
        "late", "refusal_overturned", "hops", "diverted_unaccepted", "overdue", "opinion_without_investigation",
        "unserved", "opinion_without_remedy", "opinion_repeated", "annulled", "read_unjustified",
        "settlement_for_silence",
    )
)  # fmt: skip
