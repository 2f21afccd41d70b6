"""The closed list of effects: what an entry changes in the facts of a case.

An effect never refuses and never reads words. Packs name effects; a pack cannot invent one.
"""

from __future__ import annotations

from collections.abc import Callable

from openredress.rules import effects_answer, effects_case, effects_intake
from openredress.rules.draft import Draft

Effect = Callable[..., None]

__all__ = ["EFFECTS", "Draft", "Effect"]

EFFECTS: dict[str, Effect] = {
    f.__name__: f
    for f in (
        effects_intake.register,
        effects_intake.attach,
        effects_intake.split,
        effects_intake.send,
        effects_intake.interlude,
        effects_intake.resume,
        effects_intake.decide_objection,
        effects_intake.territorial,
        effects_intake.name_handler,
        effects_intake.notify_receipt,
        effects_intake.accept,
        effects_intake.accept_decision,
        effects_intake.decide_contest,
        effects_intake.divert,
        effects_intake.return_from_avenue,
        effects_intake.simple_start,
        effects_intake.convert,
        effects_answer.settle,
        effects_answer.extend,
        effects_answer.opinion,
        effects_answer.answer,
        effects_answer.serve,
        effects_answer.report,
        effects_answer.ask_review,
        effects_answer.decide_review,
        effects_answer.ask_next_stage,
        effects_answer.decide_appeal,
        effects_answer.finality,
        effects_answer.reopen,
        effects_case.execute,
        effects_case.press,
        effects_case.answer_press,
        effects_case.withdraw,
        effects_case.restore,
        effects_case.confirm_solved,
        effects_case.supervise,
        effects_case.leader_note,
        effects_case.leader_feedback,
        effects_case.oblige,
        effects_case.perform,
        effects_case.waive,
        effects_case.dispute,
        effects_case.correct,
        effects_case.link,
        effects_case.unlink,
        effects_case.mark,
        effects_case.unmark,
    )
}
