"""What a letter talks about: places, firms, sums and days, each drawn once and then kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random

from openredress.importers.demo.catalogue import Persona, catalogue
from openredress.importers.demo.city import County

# What people who share a matter say alike.
SHARED = (
    "village", "estate", "road", "road2", "firm", "dev", "pm", "factory", "school", "hosp", "market", "site",
    "ym", "shop", "bus", "mine", "farm", "training",
)  # fmt: skip
_DIGITS = "零一二三四五六七八九十"


class Scene:
    """The slots of one petition. Asking twice for a slot gives the same words."""

    __slots__ = ("county", "day", "known", "persona", "rng", "town")

    def __init__(
        self,
        rng: Random,
        county: County,
        day: date,
        persona: Persona,
        shared: Mapping[str, str] | None = None,
    ) -> None:
        """`shared` holds what a group of petitioners has in common."""
        self.rng = rng
        self.county = county
        self.day = day
        self.persona = persona
        self.known: dict[str, str] = dict(shared) if shared else {}
        self.town = int(self.known.pop("town", str(int(rng.random() * len(county.towns)))))

    def fill(self, slot: str) -> str:
        """The words for a slot."""
        known = self.known.get(slot)
        if known is None:
            known = self.known[slot] = self.fresh(slot)
        return known

    def fresh(self, slot: str) -> str:
        """Newly drawn words for a slot, not kept. A number at its end makes a twin (`n2` of `n`)."""
        return MAKERS[slot if slot in MAKERS else slot.rstrip("0123456789")](self)

    def of(self, *lists: str) -> str:
        """One word of each list, run together."""
        places, rng = catalogue().places, self.rng
        return "".join(words[int(rng.random() * len(words))] for words in (places[name] for name in lists))

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends in."""
        return low + int(self.rng.random() * (high - low + 1))

    def before(self, low: int, high: int) -> date:
        """A day so many days before the petition."""
        return self.day - timedelta(days=self.between(low, high))


def shared_scene(rng: Random, county: County, day: date, persona: Persona) -> dict[str, str]:
    """What a group of petitioners has in common."""
    scene = Scene(rng, county, day, persona)
    found = {slot: scene.fill(slot) for slot in SHARED}
    found["town"] = str(scene.town)
    return found


def _month(day: date) -> str:
    return f"{day.year}年{day.month}月"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _wan(s: Scene) -> str:
    value = s.rng.lognormvariate(2.0, 1.0)
    return f"{value:.1f}万元" if s.rng.random() < 0.6 else f"{max(2, round(value))}万"


def _yuan(s: Scene) -> str:
    value = s.between(3, 98) * (100 if s.rng.random() < 0.7 else 1000) + s.rng.choice((0, 0, 0, 50, 80))
    return f"{value}元" if s.rng.random() < 0.8 else f"{value}块"


def _years(s: Scene) -> str:
    return s.rng.choice(
        ("一年多", "快两年", "两年", "两年半", "三年", "三年多", "四年", "五年", "六年", "八年", "十来年")
    )


_WHILES = ("十几天", "二十多天", "一个月", "四十天", "两个多月", "三个月", "半年")


def _days(s: Scene) -> str:
    return s.rng.choice(_WHILES) if s.rng.random() < 0.87 else f"{s.between(12, 90)}天"


def _hour(s: Scene) -> str:
    return s.rng.choice(
        ("晚上九点", "晚上十点", "夜里十一点", "夜里十二点", "凌晨一点", "凌晨五点", "中午一点")
    )


def _village(s: Scene) -> str:
    return s.county.towns[s.town] + s.of("village_a", "village_b")


def _v(s: Scene) -> str:
    return s.fill("village").removeprefix(s.county.towns[s.town])


def _estate(s: Scene) -> str:
    return s.of("estate_a", "estate_b")


def _surname(s: Scene) -> str:
    pool = catalogue().names["surnames"]
    return pool[int(s.rng.random() * len(pool))]


def _dev(s: Scene) -> str:
    return s.of("dev_a", "dev_b")


def _list(name: str) -> Callable[[Scene], str]:
    return lambda s: s.of(name)


MAKERS: dict[str, Callable[[Scene], str]] = {
    "age": lambda s: str(s.between(61, 88)),
    "age2": lambda s: str(s.between(4, 12)),
    "boss": lambda s: s.rng.choice(("包工头姓{0}", "姓{0}的老板", "老{0}", "{0}老板")).format(_surname(s)),
    "bus": lambda s: f"{s.between(1, 169)}路",
    "c": lambda s: _DIGITS[s.between(3, 9)],
    "county": lambda s: s.county.name,
    "d": lambda s: _day(s.before(3, 50)),
    "days": _days,
    "dev": _dev,
    "dnow": lambda s: f"{_month(s.day)}{s.day.day}日",
    "estate": _estate,
    "factory": lambda s: s.of("factory_a", "factory_b"),
    "firm": lambda s: s.of("firm_a", "firm_b"),
    "home": lambda s: home(s),
    "hosp": lambda s: s.of("hosp_a", "hosp_b"),
    "hour": _hour,
    "md": lambda s: f"{s.before(35, 220).month}月",
    "me": lambda s: s.rng.choice(s.persona.me),
    "mu": lambda s: f"{s.between(3, 98) / 10:.1f}亩",
    "n": lambda s: _number(s, 2, 9),
    "n9": lambda s: _number(s, 2, 9),
    "n1x": lambda s: str(s.between(11, 16)),
    "n3": lambda s: str(s.between(12, 96) * 10),
    "nn": lambda s: str(s.between(11, 68)),
    "pm": lambda s: s.of("dev_a", "pm_b"),
    "rel": lambda s: s.rng.choice(s.persona.rel),
    "road": lambda s: s.of("road_a", "road_b"),
    "school": lambda s: s.of("school_a", "school_b"),
    "shop": lambda s: s.of("shop_a", "shop_b"),
    "site": lambda s: s.rng.choice((s.fill("dev"), s.fill("estate"), s.fill("firm")[:2])) + s.of("site_b"),
    "sqm": lambda s: f"{s.between(38, 260)}平方米",
    "surname": _surname,
    "v": _v,
    "village": _village,
    "wan": _wan,
    "y0": lambda s: f"{s.between(1966, 1998)}年",
    "years": _years,
    "yj": lambda s: f"{s.between(8, 39) / 10:.1f}元",
    "yj3": lambda s: f"{s.between(3, 29)}00元",
    "ym": lambda s: _month(s.before(150, 1100)),
    "ym0": lambda s: f"{s.between(1998, 2016)}年",
    "ym2": lambda s: _month(s.before(40, 150)),
    "yuan": _yuan,
    "zu": lambda s: f"{_DIGITS[s.between(1, 10)]}组",
    **{
        name: _list(name)
        for name in (
            "bank", "clinic", "farm", "funeral", "gym", "market", "mine", "nursing", "post", "reservoir",
            "scenic", "telecom", "training", "travel", "unitname",
        )
    },
}  # fmt: skip


def _number(s: Scene, low: int, high: int) -> str:
    n = s.between(low, high)
    return _DIGITS[n] if n != 2 and s.rng.random() < 0.5 else ("两" if n == 2 else str(n))


def home(s: Scene) -> str:
    """Where the petitioner lives: an estate with house number, or a village with group and number."""
    if s.persona.home == "village":
        return f"{s.county.name}{s.fill('village')}{s.fill('zu')}{s.between(1, 180)}号"
    return f"{s.county.name}{s.fill('estate')}{s.between(1, 28)}栋{s.between(1, 18)}0{s.between(1, 6)}室"
