"""The law and the house as data: packs, clocks, vocabularies, units. Nothing of any case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

from openredress.api.door import Asked, made
from openredress.api.problems import refuse
from openredress.api.reading import query
from openredress.lawbook import book
from openredress.people.models import Unit
from openredress.rules.pack import Pack, Term


def _packs() -> dict[str, Pack]:
    """The newest revision of each pack."""
    return {one.pack.id: one.pack for one in book.packs().revisions}


def packs(asked: Asked) -> HttpResponse:
    """GET /reference/packs."""
    query(asked.request, ())
    return made({"packs": [_pack(one) for one in _packs().values()]})


def _pack(one: Pack) -> dict[str, Any]:
    return {
        "id": one.id,
        "hash": one.hash,
        "family": one.family,
        "title": one.zh,
        "title_en": one.en,
        "valid_from": one.valid_from.isoformat(),
        "valid_until": one.valid_until.isoformat() if one.valid_until else None,
        "calendar": one.calendar,
    }


def _asked_pack(asked: Asked) -> Pack:
    found = _packs().get(asked.params["pack"])
    if found is None:
        raise refuse(
            404, "no_such_pack", "没有这部法规包", "There is no such pack", field="pack",
            todo=("见 /api/v1/reference/packs", "see /api/v1/reference/packs"),
        )  # fmt: skip
    return found


def clocks(asked: Asked) -> HttpResponse:
    """GET /reference/packs/{pack}/clocks."""
    query(asked.request, ())
    found = [
        {
            "id": one.id,
            "title": one.zh,
            "title_en": one.en,
            "holder": one.holder,
            "length": one.length,
            "unit": one.unit,
            "article": one.article,
            "basis": one.basis,
        }
        for one in _asked_pack(asked).clocks.values()
    ]
    return made({"clocks": found})


def vocabularies(asked: Asked) -> HttpResponse:
    """GET /reference/packs/{pack}/vocabularies."""
    query(asked.request, ())
    law = _asked_pack(asked)
    found = {name: _terms(terms.items()) for name, terms in law.vocab.items()}
    return made({"vocabularies": found})


def _terms(terms: Iterable[tuple[str, Term]]) -> list[dict[str, str]]:
    return [{"code": code, "title": term.zh, "title_en": term.en} for code, term in terms]


def units(asked: Asked) -> HttpResponse:
    """GET /reference/units."""
    query(asked.request, ())
    rows = Unit.objects.select_related("parent").order_by("path")
    found = [
        {
            "code": one.code,
            "name": one.name,
            "kind": one.kind,
            "level": one.level,
            "parent": one.parent.code if one.parent else None,
            "region": one.region_id,
            "active": one.active,
        }
        for one in rows
    ]
    return made({"units": found})
