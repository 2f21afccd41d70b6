"""Writes one petition: who speaks and in which mood decide its parts, a matter gives what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from openredress.importers.demo.catalogue import MOODS, Matter, Persona, catalogue
from openredress.importers.demo.persons import Made
from openredress.importers.demo.scene import Scene
from openredress.importers.demo.templates import Template

# Parts of a letter with the chance that each is there, by mood.
SHAPES: dict[str, tuple[tuple[str, float], ...]] = {
    "plain": (
        ("opening", 0.7), ("intro", 0.55), ("lead", 0.45), ("facts", 1), ("course", 0.6), ("earlier", 0.5),
        ("feeling", 0.35), ("ask", 0.9), ("closing", 0.6),
    ),
    "formal": (
        ("opening", 1), ("intro", 1), ("lead", 1), ("facts", 1), ("course", 0.8), ("earlier", 0.7),
        ("ask", 1), ("closing", 1),
    ),
    "colloq": (
        ("opening", 0.6), ("intro", 0.6), ("lead", 0.3), ("facts", 1), ("course", 0.8), ("earlier", 0.5),
        ("feeling", 0.5), ("ask", 0.8), ("closing", 0.5),
    ),
    "long": (
        ("opening", 1), ("intro", 1), ("lead", 0.8), ("facts", 1), ("course", 1), ("facts", 0.7),
        ("course", 0.7), ("earlier", 1), ("earlier", 0.6), ("feeling", 0.9), ("ask", 1), ("closing", 1),
    ),
    "angry": (
        ("opening", 0.7), ("facts", 1), ("earlier", 0.7), ("course", 0.6), ("feeling", 0.8), ("ask", 0.8),
        ("closing", 0.4),
    ),
    "terse": (("lead", 0.25), ("facts", 1), ("course", 0.3), ("earlier", 0.3), ("ask", 0.6)),
}  # fmt: skip
_APART = {"formal", "long"}  # moods that start new lines
_SLIPS = (
    ("账", "帐"), ("再说", "在说"), ("像", "象"), ("以为", "已为"), ("做不到", "作不到"), ("拖欠", "托欠"),
    ("答复", "答覆"), ("收据", "收椐"), ("部门", "部们"), ("反映", "反应"), ("的时候", "得时候"),
    ("必须", "必需"),
)  # fmt: skip
_DIALECT = (
    ("什么", "啥"), ("怎么", "咋"), ("没有", "冇得"), ("我们", "俺们"), ("不知道", "晓不得"), ("孩子", "娃"),
    ("晚上", "夜里头"), ("一直", "一径"), ("很", "蛮"),
)  # fmt: skip
TOLD = {"visit": "oral", "phone": "call"}


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: a persona and a mood."""

    name: str
    persona: Persona
    manner: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The finished text."""

    title: str
    text: str
    claims: tuple[str, ...]


def choose_voice(matter: Matter, rng: Random) -> Voice:
    """One of the voices the matter names; a mood that it does not fix follows the persona."""
    name = matter.voices[int(rng.random() * len(matter.voices))]
    name, manner = MOODS.get(name, (name, ""))
    persona = catalogue().personas[name]
    return Voice(name, persona, manner or persona.manners.draw(rng))


def pick(tags: Mapping[str, tuple[Template, ...]], wanted: Sequence[str], rng: Random) -> Template:
    """A template whose tag is wanted, or one that anybody may use."""
    for tag in wanted:
        special = tags.get(tag)
        if special and rng.random() < 0.45:
            return special[int(rng.random() * len(special))]
    anyone = tags["*"]
    return anyone[int(rng.random() * len(anyone))]


def write(
    matter: Matter,
    voice: Voice,
    scene: Scene,
    person: Made,
    *,
    channel: str,
    units: tuple[str, str],
    extra: str = "",
) -> Letter:
    """The petition in the petitioner's words. `units` were asked before; `extra` is a section put first."""
    rng = scene.rng
    scene.known.update(
        name=person.name,
        surname1=person.surname,
        sex=person.sex,
        phone=person.phone,
        home=person.address,
        unit0=units[0],
        unit1=units[1],
    )
    if voice.persona.age[0] > 20:
        scene.known["age"] = str(person.age)
    scene.known["estate0"] = scene.known.get("estate") or person.address
    order = rng.sample(range(len(matter.facts)), min(2, len(matter.facts)))
    titles, demands = matter.fitting[order[0]]
    title = _of(titles if rng.random() < 0.8 else matter.titles, scene)
    claims = _claims(demands, scene)
    scene.known["title"] = title
    scene.known["claims"] = _listed(claims, voice.manner, rng)
    facts = [matter.facts[n] for n in reversed(order)]
    parts = _parts(facts, voice, scene, TOLD.get(channel, ""), extra)
    text = ("\n" if voice.manner in _APART and rng.random() < 0.75 else "").join(parts)
    if rng.random() < 0.3 and voice.manner in ("colloq", "terse", "angry"):
        text = _slipped(text, _SLIPS, rng, 2)
    if voice.manner == "colloq" and rng.random() < 0.5:
        text = _slipped(text, _DIALECT, rng, 3)
    return Letter(title, text, claims)


def _of(templates: tuple[Template, ...], scene: Scene) -> str:
    return templates[int(scene.rng.random() * len(templates))].render(scene.fill, scene.rng)


def _claims(demands: tuple[Template, ...], scene: Scene) -> tuple[str, ...]:
    """The demand that fits the facts best, and some of the others."""
    rng = scene.rng
    count = 1 if rng.random() < 0.5 else 2 if rng.random() < 0.6 else 3 if rng.random() < 0.75 else 4
    others = demands[1:] if count >= len(demands) else rng.sample(demands[1:], count - 1)
    return tuple(template.render(scene.fill, rng) for template in (demands[0], *others))


def _listed(claims: tuple[str, ...], manner: str, rng: Random) -> str:
    if len(claims) == 1:
        return claims[0]
    if manner in _APART or rng.random() < 0.3:
        return "；".join(f"{n}.{claim}" for n, claim in enumerate(claims, 1))
    return rng.choice(("；", "，", "；还有", "，并且")).join(claims)


def _parts(facts: list[Template], voice: Voice, scene: Scene, told: str, extra: str) -> list[str]:
    speech, rng = catalogue().speech, scene.rng
    wanted = (voice.manner, voice.name)
    found: list[str] = []
    if told:
        found.append(pick(speech[told], wanted, rng).render(scene.fill, rng))
    if extra:
        found.append(pick(speech[extra], wanted, rng).render(scene.fill, rng))
    for section, chance in SHAPES[voice.manner]:
        if rng.random() > chance or (told and section in ("opening", "closing")):
            continue
        if section != "facts":
            text = pick(speech[section], wanted, rng).render(scene.fill, rng)
        elif facts:
            text = facts.pop().render(scene.fill, rng)
        else:
            continue
        if text not in found:
            found.append(text)
    return found


def _slipped(text: str, pairs: Sequence[tuple[str, str]], rng: Random, most: int) -> str:
    for right, wrong in rng.sample(pairs, most):
        text = text.replace(right, wrong, 1)
    return text
