"""Reads a case's raw entries and dates every clock by brute force. Imports nothing of the project.

The law is written out here a second time, as plain Python, from the regulations and the clock table.
An entry is a plain dict: seq, code, day, recorded (dates in the office's zone), law ("2022" | "2005"), facts.
Every track is replayed alone from the first entry on; every date is walked again whenever it is asked for.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.oracles.day_walker import walk

LATER = ("withdraw", "restore", "rate", "correct", "attach", "press", "answer_press")


def own_day(entry, *names):
    for name in names:
        if entry["facts"].get(name):
            return date.fromisoformat(entry["facts"][name])
    return entry["day"]


# --------------------------------------------------------------- which entries a track has
def tracks_of(entries):
    """{track: its entries} and {track: seq of the split that made it}."""
    claims, lists, born = {}, {}, {}
    for e in entries:
        f, code = e["facts"], e["code"]
        if code == "register":
            claims["t1"], lists["t1"], born["t1"] = [c["id"] for c in f.get("claims", [])], [e], 0
        elif code == "attach":
            have = {c for each in claims.values() for c in each}
            fresh = [c["id"] for c in f.get("claims", []) if c["id"] not in have]
            if fresh:
                new = f"t{len(claims) + 1}"
                home = {key: entries[0]["facts"].get(key, ()) for key in ("direct", "parties")}
                claims[new], lists[new], born[new] = fresh, [e | {"facts": f | home}], e["seq"]
        elif code in LATER:
            for each in lists.values():
                each.append(e)
        else:
            track, wanted = f["track"], f.get("claims")
            if code in ("forward", "assign", "divert") and wanted:
                moved = [c for c in claims[track] if c in wanted]
                if moved and len(moved) < len(claims[track]):
                    new = f"t{len(claims) + 1}"
                    claims[track] = [c for c in claims[track] if c not in moved]
                    claims[new], lists[new], born[new] = moved, list(lists[track]), e["seq"]
                    track = new
            lists[track].append(e)
    return lists, born


# --------------------------------------------------------------- small questions to the past of a track
def last(past, code):
    return next((e["facts"] for e in reversed(past) if e["code"] == code), {})


def is_direct(past):
    return bool(past[0]["facts"].get("direct"))


def is_simple(past):
    for e in reversed(past):
        if e["code"] == "convert":
            return False
        if e["code"] == "simple_start":
            return True
    return False


def was_told(past):
    taken_up = [e for e in past if e["code"] == "accept_decision" and e["facts"]["accepted"]]
    return bool(taken_up) or any(e["code"] == "notify_receipt" or e["facts"].get("told_on") for e in past)


def receipt(past):
    """The day on which the matter reached whoever holds it."""
    for e in reversed(past):
        if e["code"] in ("forward", "assign", "register", "attach"):
            return own_day(e, "received_on")
        if e["code"] == "decide_objection" and e["facts"].get("upheld"):
            return e["day"]
    raise AssertionError("a track without a registration")


def back(e):
    return e["code"] == "decide_objection" and e["facts"].get("upheld") and not e["facts"].get("to")


def on(e):
    return e["code"] == "decide_objection" and e["facts"].get("upheld") and bool(e["facts"].get("to"))


def sent(e):
    return e["code"] in ("forward", "assign")


def arrived(e):
    return e["code"] == "register" or e["code"] == "attach"


def paper(e, kind):
    return e["code"] == "serve" and e["facts"].get("paper") == kind and e["facts"].get("proof") is not False


def stay(e):
    return e["code"] == "notify_receipt" and e["facts"].get("avenue", "A6") == "A6"


def at_once(e):
    return e["code"] == "simple_start" and bool(e["facts"].get("told_on"))


# --------------------------------------------------------------- how each clock starts and ends
def starts(clock, law, e, past):
    """(day, kind) when this entry starts that clock; kind: first | again | hop | fallback."""
    code, f = e["code"], e["facts"]
    if clock == "C01" and arrived(e) and not is_direct(past):
        return own_day(e, "received_on"), "first"
    if clock == "C02" and arrived(e) and is_direct(past):
        return own_day(e, "received_on"), "first"
    if clock == "C03" and (sent(e) or on(e)):
        return own_day(e, "received_on") if sent(e) else e["day"], "hop"
    if clock == "C04" and law == "2022" and sent(e):
        return own_day(e, "received_on"), "hop"
    if clock == "C04r" and law == "2022" and code == "object":
        return e["day"], "hop"
    if clock == "C05":
        return starts_c05(law, e, past)
    if clock == "C07" and paper(e, "opinion") and last(past, "opinion").get("remedy") is True:
        return own_day(e, "served_on"), "hop"
    if clock == "C08" and code == "request_review":
        return own_day(e, "requested_on"), "hop"
    if clock == "C09" and paper(e, "review"):
        review = last(past, "decide_review")
        if review.get("result") != "annul" and review.get("remedy") is not False:
            return own_day(e, "served_on"), "hop"
    if clock == "C10" and code == "request_final":
        return own_day(e, "requested_on"), "hop"
    if clock == "C11" and code == "assign" and f.get("length"):
        return own_day(e, "received_on"), "hop"
    if law != "2022":
        return None
    if clock == "C13" and code == "simple_start" and not was_told([*past[:-1], e]):
        return receipt(past), "first"
    if clock == "C14" and at_once(e):
        return own_day(e, "told_on"), "first"
    if clock == "C14" and code == "notify_receipt" and is_simple(past):
        return own_day(e, "served_on"), "first"
    if clock == "C15" and paper(e, "opinion"):
        return own_day(e, "served_on"), "hop"
    if clock == "C17" and code == "settle" and f.get("kind") == "mediation":
        return own_day(e, "effective_on"), "hop"
    return None


def starts_c05(law, e, past):
    code = e["code"]
    if law == "2005":
        if code == "notify_receipt" or (code == "accept_decision" and e["facts"]["accepted"]):
            return own_day(e, "served_on"), "first"
    elif stay(e):
        return own_day(e, "served_on"), "first"
    elif at_once(e):
        return own_day(e, "told_on"), "first"
    if sent(e) or (arrived(e) and is_direct(past)):
        return own_day(e, "received_on") + timedelta(days=15), "fallback"
    if on(e):
        return e["day"] + timedelta(days=15), "fallback"
    if code == "divert_returned":
        return e["day"], "first"
    if code == "reopen":
        return e["day"], "again"
    if code in ("decide_review", "decide_final") and e["facts"].get("result") == "annul":
        return e["day"], "again"
    if code == "decide_contest" and e["facts"].get("upheld") and last(past, "opinion"):
        return e["day"], "again"
    return None


def ends(clock, law, e, past):
    """(day, kind) when this entry ends it; kind: met | stop | unborn (only before a fallback start)."""
    code = e["code"]
    if code == "withdraw" and clock not in ("C07", "C09", "C15", "C17"):
        return e["day"], "stop"
    told = code == "notify_receipt" or (law == "2005" and code == "accept_decision")
    if clock in ("C01", "C02", "C03", "C05", "C11", "C04", "C14") and code == "divert_accepted":
        return own_day(e, "accepted_on"), "stop"
    if clock == "C01":
        if sent(e) or code in ("refuse", "divert_returned"):
            return e["day"], "met"
        if told:
            return own_day(e, "served_on"), "met"
    if clock in ("C02", "C03"):
        if told or paper(e, "notice"):
            return own_day(e, "served_on"), "met"
        if at_once(e) and law == "2022":
            return own_day(e, "told_on"), "met"
        if code in ("refuse", "refuse_again"):
            return e["day"], "met"
        if paper(e, "opinion"):
            return own_day(e, "served_on"), "stop"
    if clock in ("C03", "C11") and code == "decide_objection" and e["facts"].get("upheld"):
        return e["day"], "stop"
    if clock == "C04":
        if code == "object":
            return e["day"], "met"
        if told:
            return own_day(e, "served_on"), "stop"
        if at_once(e):
            return own_day(e, "told_on"), "stop"
    if clock in ("C08", "C10", "C13") and code == "settle":
        return e["day"], "stop"
    if clock == "C04r" and code == "decide_objection":
        return e["day"], "met"
    if clock == "C05":
        return ends_c05(law, e)
    if clock == "C07" and code == "request_review":
        return own_day(e, "requested_on"), "met"
    if clock == "C09" and code == "request_final":
        return own_day(e, "requested_on"), "met"
    if clock in ("C07", "C09") and code == "reopen":
        return e["day"], "stop"
    if clock == "C08" and paper(e, "review"):
        return own_day(e, "served_on"), "met"
    if clock == "C10" and code == "decide_final":
        return e["day"], "met"
    if clock == "C11" and code == "report":
        return own_day(e, "filed_on"), "met"
    if clock == "C13":
        if told:
            return own_day(e, "served_on"), "met"
        if paper(e, "opinion"):
            return own_day(e, "served_on"), "met"
        if code == "convert":
            return e["day"], "stop"
    if clock == "C14":
        if paper(e, "opinion"):
            return own_day(e, "served_on"), "met"
        if code == "settle":
            return e["day"], "met"
        if code == "convert":
            return e["day"], "stop"
    if clock == "C15" and code == "rate":
        return e["day"], "met"
    return None


def ends_c05(law, e):
    code = e["code"]
    if paper(e, "opinion"):
        return own_day(e, "served_on"), "met"
    if code == "settle":
        return e["day"], "met"
    if law == "2005" and code == "accept_decision" and not e["facts"]["accepted"]:
        return own_day(e, "served_on"), "stop or unborn"
    if law == "2022" and code == "notify_receipt" and not stay(e):
        return own_day(e, "served_on"), "stop or unborn"
    if back(e):
        return e["day"], "stop or unborn"
    if on(e):
        return e["day"], "unborn"
    if code in ("refuse", "refuse_again"):
        return e["day"], "stop"
    return None


PAIRS = {
    "restore": ("withdraw",),
    "decide_contest": ("accept_decision", "refuse", "refuse_again"),
    "divert_returned": ("divert_accepted",),
}
NO_PAIR = {
    "restore": ("C07", "C09", "C15", "C17"),
    "decide_contest": ("C04", "C04r", "C08", "C10", "C11", "C13", "C14", "C07", "C09", "C15", "C17"),
    "divert_returned": ("C01", "C04", "C14"),
}


def undoes(clock, e, ended_code, past):
    """The day on which this entry sets the ended clock running again, or None."""
    code = e["code"]
    if clock == "C01" and back(e) and ended_code in ("forward", "assign"):
        return e["day"]
    if clock == "C05" and sent(e) and ended_code == "decide_objection":
        return own_day(e, "received_on")
    if code == "decide_contest" and not e["facts"].get("upheld"):
        return None
    if code == "decide_contest" and clock == "C05" and last(past, "opinion"):
        return None
    if ended_code in PAIRS.get(code, ()) and clock not in NO_PAIR[code]:
        return e["day"]
    return None


LENGTH = {
    "C01": (15, "cal_day"), "C02": (15, "cal_day"), "C03": (15, "cal_day"), "C04": (5, "work_day"),
    "C04r": (2, "work_day"), "C05": (60, "cal_day"), "C07": (30, "cal_day"), "C08": (30, "cal_day"),
    "C09": (30, "cal_day"), "C10": (30, "cal_day"), "C11": None, "C13": (3, "work_day"),
    "C14": (10, "work_day"), "C15": (30, "cal_day"), "C17": (30, "cal_day"),
}  # fmt: skip
RIGHTS = ("C04", "C07", "C09", "C15", "C17")
NO_ROLL = ("C04", "C04r", "C13", "C14")


class Brute:
    """Replays one track."""

    def __init__(self, entries, calendar, known_on=None):
        self.entries, self.calendar, self.known_on = entries, calendar, known_on

    def dated(self, x, **more):
        task = {"start": x["start"], "length": x["length"], "unit": x["unit"], "first": "next"}
        task |= {"roll": "none" if x["clock"] in NO_ROLL else "forward", "extension": sum(x["extended"])}
        task |= {"pauses": x["pauses"] + more.get("pauses", []), "gaps": x["gaps"]} | self.calendar
        return walk(task)

    def run(self, clock):
        """All runnings of one clock on this track."""
        found = []
        for i, e in enumerate(self.entries):
            past = self.entries[: i + 1]
            for x in list(found):
                self.act(clock, x, e, past, found)
            begun = starts(clock, e["law"], e, past)
            if begun:
                self.begin(clock, e, past, begun, found)
        return found

    def begin(self, clock, e, past, begun, found):
        day, kind = begun
        if kind != "hop" and found:
            now = found[-1]
            if kind == "first" and now["fallback"] and now["ended"] is None and day < now["start"]:
                now |= {"start": day, "anchor": e["seq"], "fallback": False}
                return
            if not (kind == "again" and now["ended"] is not None):
                return
        length, unit = LENGTH[clock] or (None, None)
        if length is None:
            text = e["facts"]["length"]
            length, unit = (int(text[:-2]), "work_day") if text.endswith("wd") else (int(text), "cal_day")
        nameless = any(
            p.get("role", "lead") == "lead" and not (p.get("named", True) and p.get("addressed", True))
            for p in past[0]["facts"].get("parties", [])
        )
        found.append({
            "clock": clock, "law": e["law"], "anchor": e["seq"], "base": e["seq"], "start": day,
            "length": length, "unit": unit, "fallback": kind == "fallback",
            "after": 15 if kind == "fallback" else 0,
            "pauses": [], "gaps": [], "extended": [], "paused": None, "ended": None, "how": "", "by": None,
            "exempt": clock == "C02" and nameless, "revived": 0,
        })  # fmt: skip

    def act(self, clock, x, e, past, found):
        if x["exempt"]:
            return
        if e["code"] == "correct" and e["facts"]["field"] == "received_on" and e["facts"]["seq"] == x["base"]:
            x["start"] = min(x["start"], date.fromisoformat(e["facts"]["value"]) + timedelta(days=x["after"]))
        if x["ended"] is None:
            end = ends(clock, x["law"], e, past)
            if end:
                self.end(x, e, end, found)
            else:
                self.pause(clock, x, e)
                self.extend(clock, x, e)
        else:
            again = undoes(clock, e, x["by"]["code"], past)
            if again is not None:
                if x["by"]["recorded"] <= self.dated(x)["due"]:
                    x["gaps"].append((x["ended"], again))
                x |= {"ended": None, "by": None, "how": "", "revived": e["seq"]}

    def end(self, x, e, end, found):
        day, how = end
        unborn = x["fallback"] and day < x["start"]
        if how == "unborn" or (how == "stop or unborn" and unborn):
            if unborn:
                found.remove(x)
            return
        if x["paused"] is not None:
            x["pauses"].append((x["paused"], day))
            x["paused"] = None
        x |= {"ended": day, "by": e, "how": how.split()[0]}

    def in_time(self, x, day, e):
        due = self.dated(x)["due"]
        return x["start"] <= day <= due and e["recorded"] <= due

    def pause(self, clock, x, e):
        if clock != "C10":
            return
        if e["code"] == "hearing_open" and x["paused"] is None:
            day = own_day(e, "opened_on")
            if self.in_time(x, day, e):
                x["paused"] = day
        elif e["code"] == "hearing_close" and x["paused"] is not None:
            x["pauses"].append((x["paused"], own_day(e, "closed_on")))
            x["paused"] = None

    def extend(self, clock, x, e):
        f = e["facts"]
        if clock != "C05" or e["code"] != "extend" or f.get("clock") not in ("C05", "C06") or x["extended"]:
            return
        if f.get("approver") and 1 <= f["days"] <= 30 and self.in_time(x, e["day"], e):
            x["extended"].append(f["days"])


def deadlines(entries, calendar, known_on=None):
    """{(track, clock, anchor): what a fair reader of the entries would say}."""
    if known_on is not None:
        cut = next((i for i, e in enumerate(entries) if e["recorded"] > known_on), len(entries))
        entries = entries[:cut]
    lists, born = tracks_of(entries)
    out = {}
    for track, own in lists.items():
        for clock in LENGTH:
            brute = Brute(own, calendar)
            closed = closed_before(own, calendar, clock, born[track])
            for x in brute.run(clock):
                if x["base"] in closed and x["revived"] < born[track]:
                    continue
                if x["how"] == "stop" and x["fallback"] and x["ended"] < x["start"]:
                    continue
                out[track, clock, x["anchor"]] = answer(brute, x, known_on)
    out |= presses(entries, calendar, known_on)
    return out


def closed_before(own, calendar, clock, seq):
    """Runnings that were over when this track split off: they stay with the older track."""
    if not seq or not any(e["seq"] == seq and e["code"] != "attach" for e in own):
        return set()
    before = [e for e in own if e["seq"] < seq]
    return {x["base"] for x in Brute(before, calendar).run(clock) if x["ended"] or x["exempt"]}


def answer(brute, x, known_on):
    more = {}
    if x["paused"] is not None:
        more["pauses"] = [(x["paused"], max(x["paused"], known_on or x["paused"]))]
    dated = brute.dated(x, **more)
    if x["exempt"]:
        state = "exempt"
    elif x["ended"] is not None:
        state = "stopped" if x["how"] == "stop" else "met" if x["ended"] <= dated["due"] else "met_late"
    elif x["paused"] is not None:
        state = "paused"
    elif known_on is not None and known_on > dated["due"]:
        state = "expired" if x["clock"] in RIGHTS else "lapsed"
    else:
        state = "running"
    return {"start": x["start"], **dated, "state": state, "ended": x["ended"]}


def presses(entries, calendar, known_on):
    """The petitioner's pressing: five working days to answer, our own rule."""
    out = {}
    for e in entries:
        if e["code"] != "press" or e["law"] != "2022":
            continue
        task = {
            "start": e["day"],
            "length": 5,
            "unit": "work_day",
            "first": "next",
            "roll": "none",
        } | calendar
        dated = walk(task)
        reply = next(
            (r for r in entries if r["code"] == "answer_press" and r["facts"]["press_seq"] == e["seq"]), None
        )
        state = "running" if known_on is None or known_on <= dated["due"] else "lapsed"
        if reply:
            state = "met" if reply["day"] <= dated["due"] else "met_late"
        ended = reply["day"] if reply else None
        out[e["facts"].get("track", ""), "H01", e["seq"]] = {
            "start": e["day"],
            **dated,
            "state": state,
            "ended": ended,
        }
    return out
