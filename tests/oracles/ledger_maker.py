"""Makes cases that a clock could stumble over, as plain dicts. Imports nothing of the project.

It is driven by a tape of bytes: Hypothesis hands in the tape and can shrink it; a campaign seeds it.
Orderly cases and disorderly ones: entries in an order no office would allow must still date one way only.
"""

from __future__ import annotations

from datetime import date, timedelta

ONE = timedelta(days=1)
JUMPS = (0, 0, 1, 1, 2, 3, 5, 8, 12, 15, 20, 30, 45, 61)


class Tape:
    """Choices read off a string of bytes; past its end every choice is the first."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def pick(self, upto):
        """A number from 0 to upto-1."""
        value = int.from_bytes(self.data[self.at : self.at + 2], "big")
        self.at += 2
        return value % upto

    def one(self, options):
        return options[self.pick(len(options))]

    def odds(self, percent):
        """True so many times in a hundred; never past the end of the tape."""
        return self.pick(100) >= 100 - percent


# What usually follows what; one step in five goes anywhere.
PATHS = tuple(
    path.split()
    for path in (
        "forward object decide_objection forward notify_receipt extend opinion serve "
        "request_review decide_review serve request_final hearing_open hearing_close "
        "decide_final",
        "assign notify_receipt divert divert_accepted divert_returned extend opinion serve "
        "reopen extend opinion serve",
        "forward object decide_objection assign object decide_objection forward extend report",
        "notify_receipt extend withdraw restore opinion serve request_review decide_review "
        "extend opinion serve",
        "simple_start notify_receipt convert extend settle reopen opinion serve",
        "request_final hearing_open hearing_close hearing_open hearing_close withdraw restore decide_final",
        "refuse contest_refusal decide_contest forward forward press answer_press serve rate",
        "forward accept_decision extend contest_refusal decide_contest accept_decision "
        "opinion serve request_review decide_review serve request_final",
        "divert divert_returned extend divert divert_accepted divert_returned opinion serve",
    )
)
OTHERS = {"correct", "attach", "accept_decision", "report"}
ALL = tuple(sorted({code for path in PATHS for code in path} | OTHERS))
CASE_LEVEL = ("withdraw", "restore", "rate", "correct", "attach", "answer_press")


def make(data):
    """A case: a list of entries, its days between 2005 and 2027."""
    tape = Tape(data)
    day = date(2005, 1, 1) + timedelta(days=tape.pick(8200))
    if tape.odds(40):
        day = tape.one((date(2026, 1, 20), date(2022, 4, 10), date(2026, 9, 1), date(2026, 11, 1)))
        day += timedelta(days=tape.pick(40))
    case = _Case(tape, day)
    case.register()
    path = tape.one(PATHS)
    for i in range(2 + tape.pick(14)):
        code = tape.one(ALL) if tape.odds(20) else path[i % len(path)]
        case.go_on()
        case.add(code)
    return case.entries


class _Case:
    def __init__(self, tape, day):
        self.tape, self.today, self.entries = tape, day, []
        self.claims, self.presses, self.next_claim = {}, [], 1

    def go_on(self):
        self.today += timedelta(days=self.tape.one(JUMPS))

    def write(self, code, facts, day=None):
        day = day or self.today
        law = "2005" if day < date(2022, 5, 1) else "2022"
        entry = {"seq": len(self.entries) + 1, "code": code, "day": day, "recorded": self.today, "law": law}
        self.entries.append(entry | {"facts": facts})

    def fresh(self, count):
        new = [{"id": f"c{self.next_claim + i}"} for i in range(count)]
        self.next_claim += count
        return new

    def early(self, most=12):
        """An ISO day a little before today, or today."""
        return (self.today - ONE * (self.tape.pick(most) if self.tape.odds(30) else 0)).isoformat()

    def register(self):
        claims = self.fresh(1 + self.tape.pick(3))
        self.claims["t1"] = [c["id"] for c in claims]
        party = {
            "id": "p1",
            "role": "lead",
            "named": not self.tape.odds(5),
            "addressed": not self.tape.odds(5),
        }
        facts = {"office": "o1", "received_on": self.early(), "direct": self.tape.odds(35), "claims": claims}
        self.write("register", facts | {"parties": [party], "stock": False})

    def add(self, code):
        day = self.today
        if self.tape.odds(8):  # a backdated act
            day = max(self.today - ONE * self.tape.pick(25), date(2004, 6, 1))
        law = "2005" if day < date(2022, 5, 1) else "2022"
        if code == "accept_decision" and law == "2022":
            code = "notify_receipt"
        facts = getattr(self, f"on_{code}", lambda: {})()
        if facts is None:
            return
        if code not in CASE_LEVEL and code != "press":
            track = self.tape.one(sorted(self.claims)) if self.tape.odds(30) else "t1"
            facts = {"track": track, **facts}
            if code in ("forward", "assign", "divert"):
                self.split(track, facts)
        self.write(code, facts, day)

    def split(self, track, facts):
        have = self.claims[track]
        if len(have) > 1 and self.tape.odds(35):
            moved = have[: 1 + self.tape.pick(len(have))]
            facts["claims"] = moved
            if len(moved) < len(have):
                self.claims[track] = [c for c in have if c not in moved]
                self.claims[f"t{len(self.claims) + 1}"] = moved

    def unit(self):
        return self.tape.one(("u1", "u2", "u3"))

    def on_forward(self):
        facts = {"to": self.unit()}
        return facts | ({"received_on": self.early(4)} if self.tape.odds(50) else {})

    def on_assign(self):
        facts = self.on_forward()
        length = self.tape.one(("30", "10wd", "45", "20wd", "7"))
        return facts | ({"length": length} if self.tape.odds(90) else {})

    def on_decide_objection(self):
        upheld = not self.tape.odds(25)
        facts = {"upheld": upheld, "how": "review"}
        if upheld and self.tape.odds(35):
            facts |= {"how": "designate", "to": self.unit()}
        return facts

    def on_decide_contest(self):
        return {"upheld": not self.tape.odds(30)}

    def on_notify_receipt(self):
        facts = {
            "avenue": "A6" if not self.tape.odds(20) else self.tape.one(("A1", "A4", "B")),
            "proof": True,
        }
        return facts | {"served_on": self.early()}

    def on_accept_decision(self):
        return {"accepted": not self.tape.odds(25), "served_on": self.early()}

    def on_divert(self):
        return {"avenue": self.tape.one(("A1", "A2", "A4"))}

    def on_divert_accepted(self):
        return {"accepted_on": self.early(6), "evidence": True}

    def on_simple_start(self):
        return {"told_on": self.early(3)} if self.tape.odds(40) else {}

    def on_hearing_open(self):
        return {"opened_on": self.early(3)}

    def on_hearing_close(self):
        return {"closed_on": self.early(3)}

    def on_extend(self):
        days = self.tape.one((30, 30, 15, 1, 31, 10))
        facts = {"clock": self.tape.one(("C05", "C05", "C06", "C08")), "days": days}
        return facts | ({} if self.tape.odds(8) else {"approver": "staff/1"})

    def on_opinion(self):
        return {"remedy": not self.tape.odds(20)}

    def on_serve(self):
        kind = self.tape.one(("opinion", "opinion", "opinion", "review", "review", "notice", "final"))
        return {"paper": kind, "served_on": self.early(6), "proof": not self.tape.odds(10)}

    def on_request_review(self):
        return {"reviewer": "r1", "requested_on": self.early(6)}

    on_request_final = on_request_review

    def on_decide_review(self):
        facts = {"result": self.tape.one(("maintain", "change", "annul"))}
        return facts | ({"remedy": not self.tape.odds(20)} if self.tape.odds(50) else {})

    def on_decide_final(self):
        return {"result": self.tape.one(("maintain", "change", "annul"))}

    def on_settle(self):
        return {"kind": self.tape.one(("mediation", "reconciliation")), "effective_on": self.early(3)}

    def on_report(self):
        return {"filed_on": self.early(3)}

    def on_reopen(self):
        return {"ground": self.tape.one(("new_facts", "broken_promise", "annulled"))}

    def on_press(self):
        self.presses.append(len(self.entries) + 1)
        return {"lapsed": "C05"} | ({"track": "t1"} if self.tape.odds(50) else {})

    def on_answer_press(self):
        return {"press_seq": self.presses.pop(0)} if self.presses else None

    def on_correct(self):
        first = self.entries[0]
        arrivals = [e["seq"] for e in self.entries if e["facts"].get("received_on")]
        seq = self.tape.one(arrivals)
        value = date.fromisoformat(first["facts"]["received_on"]) - ONE * self.tape.pick(9)
        return {"seq": seq, "field": "received_on", "value": value.isoformat()}

    def on_attach(self):
        facts = {"received_on": self.early(), "same_facts": True}
        if self.tape.odds(50):
            claims = self.fresh(1)
            facts["claims"] = claims
            self.claims[f"t{len(self.claims) + 1}"] = [c["id"] for c in claims]
        return facts
