"""地点 Places: which seeded place an order is about, and how people name it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from hotline.seeds import AreaSeed, EstateSeed

TONGDE = "510105006001"
FUNAN = "510105006"
_SHOP_KINDS = ("商场", "路", "小区", "市场", "写字楼", "路", "商场")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an order is: the finest area known, the place named (if any) and how it may be written."""

    area_code: str
    estate: EstateSeed | None
    kind: str
    street: str
    community: str


@dataclass(slots=True)
class Gazetteer:
    """Seeded areas and places, with draws by kind. Districts' livelier corners draw more."""

    areas: Sequence[AreaSeed]
    estates: Sequence[EstateSeed]
    by_code: dict[str, AreaSeed] = field(init=False)
    by_kind: dict[str, tuple[list[EstateSeed], list[float]]] = field(init=False)
    _children: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_code = {area.code: area for area in self.areas}
        self._children = {}
        for area in self.areas:
            if area.parent:
                self._children.setdefault(area.parent, []).append(area.code)
        # The liveliness of a place belongs to the place, not to a run: two seeds show the same district.
        lively = random.Random("liveliness")
        self.by_kind = {}
        for estate in self.estates:
            places, weights = self.by_kind.setdefault(estate.kind, ([], []))
            where = 2.2 if estate.area.startswith(TONGDE) else 1.5 if estate.area.startswith(FUNAN) else 1.0
            places.append(estate)
            weights.append(where * lively.lognormvariate(0, 0.45))

    def draw(self, kind: str, rng: random.Random) -> EstateSeed:
        """A place of a kind (``shop``: where shops are)."""
        places, weights = self.by_kind[rng.choice(_SHOP_KINDS) if kind == "shop" else kind]
        return rng.choices(places, weights)[0]

    def spot(self, estate: EstateSeed, kind: str, rng: random.Random) -> Spot:
        """The place as an order's location; residents of 同德社区 are often known to the micro-grid."""
        code = estate.area
        if estate.kind == "小区" and self.by_code[code].level == "grid" and rng.random() < 0.45:
            code = rng.choice(self._children.get(code, [code]))
        return Spot(code, estate, kind, self.name_at(code, "street"), self.name_at(code, "community"))

    def name_at(self, code: str, level: str) -> str:
        """Name of the ancestor (or itself) at a level, empty when the area is coarser."""
        return next((area.name for area in self.line(code) if area.level == level), "")

    def code_at(self, code: str, level: str) -> str | None:
        """Code of the ancestor (or itself) at a level."""
        return next((area.code for area in self.line(code) if area.level == level), None)

    def line(self, code: str) -> list[AreaSeed]:
        """The area and its ancestors, finest first."""
        found: list[AreaSeed] = []
        at: str | None = code
        while at is not None:
            area = self.by_code[at]
            found.append(area)
            at = area.parent
        return found

    def named_in(self, text: str) -> EstateSeed | None:
        """The place a text names, the one named first; the longer name wins at one position."""
        hits = [
            (text.find(name), -len(name), estate.name, estate)
            for estate in self.estates
            for name in (estate.name, *estate.aliases)
            if name in text
        ]
        return min(hits)[3] if hits else None


def mentions(spot: Spot, voice: str, rng: random.Random, stubs: dict[str, list[str]]) -> list[str]:
    """How the text names the place the first, second … time. Short posts often leave the name to the place field."""
    if spot.estate is None:
        return ["这边"]
    name = rng.choice([spot.estate.name, spot.estate.name, *spot.estate.aliases])
    kind = spot.estate.kind
    if spot.kind == "shop" and kind in {"小区", "写字楼"}:
        name += rng.choice(["门口", "楼下", "底商", "附近"])
    elif spot.kind == "shop" and kind == "路":
        name += rng.choice(["上", "", "路口"])
    again = {"小区": "小区", "路": "这条路", "学校": "学校", "公园": "公园", "医院": "医院"}.get(kind, "那里")
    roll = rng.random()
    if voice in {"mini_program", "wechat"} and roll < 0.38:
        return [rng.choice(stubs.get(spot.kind, stubs["路"])), again]
    formal = {"phone": 0.3, "transfer": 0.6, "letter": 0.5, "visit": 0.3, "web": 0.3}.get(voice, 0.1)
    if roll > 1 - formal:
        prefix = rng.choice(
            [
                f"青羊区{spot.street}",
                f"{spot.street}{spot.community}",
                f"青羊区{spot.street}{spot.community}",
                "青羊区",
                spot.street,
            ]
        )
        return [prefix + name, again]
    return [name, again]


def place_text(spot: Spot, building: str, voice: str, rng: random.Random) -> str:
    """What stands in the place field: an operator's full line, a resident's short one, or nothing."""
    if spot.estate is None:
        return rng.choice(["", "", f"青羊区{spot.street}", "青羊区"])
    name = spot.estate.name
    if voice in {"web", "wechat", "letter", "transfer"} and rng.random() < 0.35:
        return ""
    tail = building if spot.kind == "小区" and rng.random() < 0.4 else ""
    head = rng.choice(
        [f"青羊区{spot.street}", f"青羊区{spot.street}{spot.community}", spot.street, "青羊区", ""]
    )
    return head + name + tail
