"""The only writers of cases. Each decides first, then locks, rechecks the version and writes.

What may be done is asked of the rules, who may know of a case of the policy.
"""

from __future__ import annotations

from openredress.cases.batch import BatchResult, CaseDraft, MoveDraft, append_batch
from openredress.cases.opening import Opened, attach, open_case, reissue_code
from openredress.cases.performing import Done, correct, erase, perform, refresh

__all__ = [
    "BatchResult", "CaseDraft", "Done", "MoveDraft", "Opened", "append_batch", "attach", "correct", "erase",
    "open_case", "perform", "refresh", "reissue_code",
]  # fmt: skip
