"""`openredress clocks explain` as it is called from outside: exit codes, JSON keys, sentences."""

from __future__ import annotations

import json
import tomllib

import pytest

from openredress.config.cli import main
from openredress.packs import load

VECTORS = [
    ("C01", "2026-02-02", [], "2026-02-17", "2026-02-24"),
    ("C01", "2026-09-18", [], "2026-10-03", "2026-10-08"),
    ("C05", "2026-08-03", [], "2026-10-02", "2026-10-08"),
    ("C05", "2026-08-03", ["--extend", "30"], "2026-11-01", "2026-11-02"),
    ("C07", "2026-09-01", [], "2026-10-01", "2026-10-08"),
    ("C08", "2026-03-06", [], "2026-04-05", "2026-04-07"),
    ("C09", "2026-10-20", [], "2026-11-19", "2026-11-19"),
    ("C04", "2026-02-12", [], "2026-02-26", "2026-02-26"),
    ("C04", "2026-09-18", [], "2026-09-24", "2026-09-24"),
    ("C04", "2026-04-30", [], "2026-05-11", "2026-05-11"),
    ("C13", "2026-09-28", [], "2026-10-08", "2026-10-08"),
    ("C14", "2026-09-28", [], "2026-10-16", "2026-10-16"),
    ("C11", "2026-09-28", ["--length", "10wd"], "2026-10-16", "2026-10-16"),
    ("C10", "2026-03-02", ["--pause", "2026-03-10:2026-03-15"], "2026-04-07", "2026-04-07"),
]


def explained(capsys, clock, start, *more, pack="cn_national_2022"):
    code = main(["clocks", "explain", "--pack", pack, "--clock", clock, "--start", start, *more])
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.mark.parametrize(("clock", "start", "more", "nominal", "due"), VECTORS)
def test_vectors(capsys, clock, start, more, nominal, due):
    code, out, _ = explained(capsys, clock, start, *more, "--json")
    body = json.loads(out)
    assert code == 0
    assert (body["nominal"], body["due"], body["provisional"]) == (nominal, due, False)
    assert body["steps"]
    assert body["article"]


@pytest.mark.parametrize(
    ("clock", "start", "more", "said"),
    [
        ("C18", "2026-08-03", [], "及时"),
        ("C05", "2026-08-03", ["--pause", "2026-08-10:2026-08-11"], "信访工作条例第三十四条"),
        ("C01", "2026-08-03", ["--extend", "1"], "信访工作条例第二十二条"),
        ("C05", "2026-08-03", ["--extend", "31"], "不得超过30日"),
        ("C99", "2026-08-03", [], "没有时限 C99"),
        ("C05", "3 August", [], "读不懂"),
        ("C05", "2026-08-03", ["--extend", "many"], "不是整数"),
        ("C10", "2026-08-03", ["--pause", "yesterday"], "读不懂"),
    ],
)
def test_refusals_are_sentences_and_exit_2(capsys, monkeypatch, clock, start, more, said):
    monkeypatch.delenv("OPENREDRESS_LANGUAGE", raising=False)
    code, out, err = explained(capsys, clock, start, *more)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize("pack", load.BUILTIN)
def test_each_packs_examples_from_outside(capsys, pack):
    file = tomllib.loads(load.builtin_files(pack)["examples.toml"].decode())
    for row in file["example"] + file.get("refused", []):
        more = ["--json", "--extend", str(row.get("extend", 0))]
        more += ["--length", row["length"]] if "length" in row else []
        for opened, closed in row.get("pause", ()):
            more += ["--pause", f"{opened}:{closed}"]
        code, out, err = explained(capsys, row["clock"], row["start"].isoformat(), *more, pack=pack)
        if "due" in row:
            assert (code, json.loads(out)["due"]) == (0, row["due"].isoformat()), row
        else:
            assert (code, out) == (2, "")
            assert err


def test_an_unknown_pack_is_refused(capsys):
    assert explained(capsys, "C05", "2026-08-03", pack="atlantis")[0] == 2


def test_english(capsys, monkeypatch):
    monkeypatch.setenv("OPENREDRESS_LANGUAGE", "en")
    code, out, _ = explained(capsys, "C01", "2026-09-18")
    assert code == 0
    assert "2026-10-03 is National Day: moved on to 2026-10-08" in out
    assert "cannot be paused" in explained(capsys, "C05", "2026-08-03", "--pause", "2026-08-10:2026-08-11")[2]


def test_the_text_is_chinese_by_default(capsys, monkeypatch):
    monkeypatch.delenv("OPENREDRESS_LANGUAGE", raising=False)
    assert explained(capsys, "C01", "2026-09-18")[1].splitlines() == [
        "C01  转送、交办或者告知  信访工作条例第二十二条",
        "  2026-09-18 收到，次日起算",
        "  ＋15日 ＝ 2026-10-03（周六，国庆节假期）",
        "  2026-10-03 是国庆节假期，顺延至 2026-10-08",
        "届满：2026-10-08",
        "内部掌握：2026-09-30",
    ]
