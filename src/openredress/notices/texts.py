"""All sentences that are ever sent out: neutral, without numbers, names or what the matter is.

A phone lies on a table and a mail server keeps copies, so a notice says no more than "there is news".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One notice in both languages."""

    zh: str
    en: str


SUBJECT = Text("您有新消息", "You have a new message")

TEXTS: dict[str, Text] = {
    "news": Text(
        "您有一条新消息，请用您保存的查询码登录查看。",
        "There is a new message for you. Please sign in with the code you kept.",
    ),
    "reminder": Text(
        "您有一件事情可以继续办理，请登录查看。",
        "There is something you can go on with. Please sign in to see it.",
    ),
    "work": Text("您的待办有变化，请登录查看。", "Your worklist has changed. Please sign in to see it."),
    "due": Text(
        "您有即将到期的待办，请登录查看。", "Something on your worklist is due soon. Please sign in."
    ),
    "approval": Text(
        "有一项申请等您决定，请登录查看。", "A request waits for your decision. Please sign in."
    ),
}
