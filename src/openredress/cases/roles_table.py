"""One table: role × reads × does × purpose, from the pack in force and the gate's own additions. No database.

`docs/reference/roles.md` is `markdown(...)` of the national pack; the access tests read `ACCESS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from openredress.cases.access import BELOW, OWN, PACK_ROLE
from openredress.packs.load import builtin
from openredress.rules.pack import Pack

PACK = "cn_national_2022"
REGENERATE = "python -m openredress.cases.roles_table > docs/reference/roles.md"

RELATION = {
    "office": ("登记单位", "registered it"),
    "holder": ("现办理单位", "holds it"),
    "sender": ("转交单位", "sent it on"),
    "opined": ("出具意见的单位", "gave the opinion"),
    "reviewer": ("复查复核单位", "reviews it"),
    "territorial": ("属地单位", "territorial unit"),
    "superior": ("上级单位", "is above the holder"),
    "outside": ("未办理过的单位", "never handled it"),
    "held": ("曾办理单位", "held it once"),
    "petitioner": ("信访人本人", "the petitioner"),
    "anyone": ("本单位及下级", "own unit and below"),
}
READS = {
    "case": ("概要", "summary"),
    "text": ("脱敏原文", "redacted text"),
    "record": ("办理记录", "record"),
    "papers": ("文书", "papers"),
    "identity": ("姓名电话（逐次留痕）", "name and phone (each look logged)"),
    "read_log": ("查阅记录", "log of reads"),
    "own_part": ("本单位经办部分", "its own part"),
    "own_case": ("本人事项", "own case"),
    "own_text": ("本人原文", "own text"),
    "own_papers": ("本人文书", "own papers"),
    "own_reads": ("谁看过本人信息", "who looked at one's identity"),
}
PURPOSE = {
    "register": ("登记分流", "register and route"),
    "handle": ("办理", "handle"),
    "serve": ("接待送达", "serve the petitioner"),
    "supervise": ("督查督办", "supervise"),
    "review": ("复查复核", "review"),
    "lead": ("包案阅办", "lead and resolve"),
    "assist": ("属地协助", "assist on the spot"),
    "audit": ("审计", "audit"),
    "account": ("对经办部分负责", "answer for its own part"),
    "own_matter": ("本人事项", "own matter"),
}


@dataclass(frozen=True, slots=True)
class Access:
    """What a role in one relation to a case reads, does, and for which purpose."""

    role: str  # of the pack
    relation: str
    reads: tuple[str, ...]
    does: tuple[str, ...]  # moves
    purpose: str


def access(pack: Pack) -> tuple[Access, ...]:
    """The whole table, in the pack's order of roles and ours of relations."""
    reads = {(read.role, read.relation): read for read in pack.reads}
    does: dict[tuple[str, str], list[str]] = {}
    for move, permits in pack.permits.items():
        for permit in permits:
            for role in permit.roles:
                for relation in permit.relations:
                    does.setdefault((role, relation), []).append(move)
    rows = []
    for role in pack.roles:
        for relation in RELATION:
            read = reads.get((role, relation))
            moves = tuple(dict.fromkeys(does.get((role, relation), ())))
            if read is not None or moves:
                what, purpose = (read.reads, read.purpose) if read else ((), "")
                rows.append(Access(role, relation, what, moves, purpose))
        if any(
            read.role == role and read.relation in (*OWN, *BELOW) and "case" in read.reads
            for read in pack.reads
        ):
            rows.append(Access(role, "held", ("own_part",), (), "account"))
    return tuple(row for row in rows if row.role != "system")


ACCESS = access(builtin(PACK))


def markdown(pack: Pack) -> str:
    """The reference page, Chinese first."""
    lines = [
        "# 岗位权限表 / Who reads and does what",
        "",
        f"由 `{PACK}` 的 permits.toml 与 `cases/access.py` 生成，请勿手改 / generated, not to be edited:",
        "",
        f"    {REGENERATE}",
        "",
        *_PREFACE,
        "",
        "| 岗位 role | 与事项的关系 relation | 可读 reads | 可办 does | 目的 purpose |",
        "|---|---|---|---|---|",
    ]
    for row in access(pack):
        name = pack.roles[row.role]
        cells = (
            f"{name.zh} {name.en}",
            _both(RELATION[row.relation]),
            "、".join(_both(READS[what]) for what in row.reads) or "—",
            "、".join(f"{pack.moves[move].zh} `{move}`" for move in row.does) or "—",
            _both(PURPOSE[row.purpose]) if row.purpose else "—",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *_appointments(pack), ""])


def _both(names: tuple[str, str]) -> str:
    return f"{names[0]} {names[1]}"


def _appointments(pack: Pack) -> list[str]:
    lines = [
        "## 任职与岗位 / Appointments and roles",
        "",
        "| 任职 appointed as | 按此岗位 counts as |",
        "|---|---|",
    ]
    for appointed, role in PACK_ROLE.items():
        lines.append(f"| `{appointed}` | {pack.roles[role].zh} `{role}` |")
    return lines


_PREFACE = (
    "先问回避，再看此表 / The conflict bar comes before this table:",
    "",
    "- 被反映的人、被反映单位及其下级的人员（含代理职务）、申报回避的人：事项对其不存在，"
    "列表、检索、计数、导出、通知、相似提示均无。上级单位只在自身被反映或申报回避时回避。",
    "  Accused persons, staff of an accused unit and of all below it (acting ones too), and whoever "
    "declared a tie: for them the case does not exist. A unit above is barred if itself accused or tied.",
    "- 密封事项（检举控告）：只有指名的承办人可读；未指名时为现办理单位的负责人。",
    "  Sealed cases: the named handler only; until one is named, the head of the unit that holds it.",
    "- 已移交上级（被反映的是登记机关、其领导或管理员）：本机关无人可读。",
    "  Handed to the superior (its office, a leader or an administrator is accused): nobody here.",
    "- 除本单位经办的以外，没有岗位可读本单位下级以外的事项；信访工作机构另看其机关领导的各单位。",
    "  Beyond what its unit has a part in, no role reads outside the units below its own; a petition office "
    "also looks over the units that its authority leads.",
    "- 姓名电话：指名承办人、正在接待的登记员、接待日的领导一键可见并留痕；"
    "其他人申请，由第二人批准，24 小时失效；要求保密的，一律申请。",
    "  Name and phone: one logged press for the named handler, the clerk at the counter, a leader on a "
    "reception day; everybody else asks, a second person approves, it runs out after 24 hours.",
    "- 三员（系统、安全、审计）不读事项；审计管理员只读查阅记录与账本封印。",
    "  The three administrators read no case; audit reads the log of reads and the seals of the ledger.",
)


if __name__ == "__main__":
    print(markdown(builtin(PACK)), end="")
