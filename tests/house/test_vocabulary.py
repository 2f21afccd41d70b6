"""DESIGN §2.1: nothing that finds, follows, scores, restrains or punishes people who petition.

Reads models, choices, vocabularies, headings, JSON keys, indicator names and templates, zh and en.
The deny-list file is the one exempt file.
"""

from __future__ import annotations

import ast
import re
import tomllib

import pytest
from django.apps import apps
from tests.house.source import PACKAGE, modules

WORDS_ZH = (
    "稳控", "重点人员", "缠访", "闹访", "非访", "进京", "劝返", "接返", "行踪", "轨迹",
    "管控", "维稳", "盯防", "现实表现", "风险等级", "越级访", "异常访", "老户", "闹事",
    "扬言", "训诫", "截访", "黑名单", "在控", "失控",
)  # fmt: skip
WORDS_EN = (
    "whereabouts", "risk_score", "riskscore", "risk_level", "stability", "blacklist",
    "watchlist", "surveil", "troublemaker", "vexatious", "tracking_person", "intercept",
    "petitioner_score", "person_score", "geolocation", "travel_log", "detain",
    "restrain",
)  # fmt: skip
EXEMPT = {"importers/denylist.toml"}


def controls(text: str) -> list[str]:
    """The words of control data found in the text; spaces, case and hyphens do not hide them."""
    # The header that forbids a browser to tell where it is must name the thing it forbids.
    flat = re.sub(r"[\s\-]+", "_", text.lower().replace("geolocation=()", ""))
    return [w for w in WORDS_ZH if w in text] + [w for w in WORDS_EN if w in flat]


def test_models_and_their_choices():
    found = []
    for model in apps.get_models():
        if not model.__module__.startswith("openredress"):
            continue
        for field in model._meta.get_fields():
            labels = [
                field.name,
                str(getattr(field, "verbose_name", "")),
                str(getattr(field, "choices", "") or ""),
            ]
            found += [f"{model.__name__}.{field.name}: {w}" for label in labels for w in controls(label)]
    assert found == []


def test_every_name_and_text_constant_in_the_code():
    found = []
    for name, tree in modules():
        for node in ast.walk(tree):
            text = ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            elif isinstance(node, ast.Name):
                text = node.id
            elif isinstance(node, ast.Attribute):
                text = node.attr
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                text = node.name
            elif isinstance(node, ast.arg | ast.keyword):
                text = node.arg or ""
            found += [f"{name}: {w}" for w in controls(text)]
    assert found == []


@pytest.mark.parametrize("suffix", ["toml", "html", "txt", "json", "md"])
def test_packs_vocabularies_templates_and_data(suffix):
    found = []
    for path in sorted(PACKAGE.rglob(f"*.{suffix}")):
        name = path.relative_to(PACKAGE).as_posix()
        if name not in EXEMPT and "/vendor/" not in name:
            found += [f"{name}: {w}" for w in controls(path.read_text(encoding="utf-8"))]
    assert found == []


def test_the_exempt_file_only_refuses():
    path = PACKAGE / "importers" / "denylist.toml"
    keys = set(tomllib.loads(path.read_text(encoding="utf-8")))
    assert keys
    assert controls(path.read_text(encoding="utf-8"))


def test_control_a_field_of_that_kind_is_seen():
    assert controls("稳控责任人") == ["稳控"]
    assert controls("Risk Score") == ["risk_score"]
    assert controls("personWhereabouts") == ["whereabouts"]
