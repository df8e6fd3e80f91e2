"""地名录 Gazetteer: which of our own areas and estates a complaint speaks of, how sure, and why.

`places` finds the names of places nobody has listed; here the list is known (the unit tree's areas and the estates in
them) and the question is which of them is meant. Method: longest match over a dictionary of names and aliases, then
mutual support along the tree (文庙街社区 and 少城街道 said together) against conflict; the parts of the place field
no name covers, and house numbers beside listed ones, count too. No training data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from analytics.address_segments import plain
from analytics.house_numbers import HouseNumbers
from analytics.place_field import districts_said, unlisted

LEVELS = ("city", "district", "street", "community", "grid", "micro_grid", "estate")

# How far one mention alone can be trusted, by level. A city or district alone places nothing.
_BASE = {
    "city": 0.1,
    "district": 0.25,
    "street": 0.5,
    "community": 0.7,
    "grid": 0.85,
    "micro_grid": 0.88,
    "estate": 0.84,
}
# What is left of the doubt when a coarser place of the same line is named too, by its level.
_SUPPORT = {"city": 0.98, "district": 0.9, "street": 0.6, "community": 0.5, "grid": 0.5, "micro_grid": 0.5}
_WEAK_LEVELS = ("city", "district")
_WEAK_CAP = 0.3
_TOP = 0.97
_DOUBT_IN_PLACE_TEXT = 0.55  # doubt left when the name stands in the place field
_SAME_CODE = 0.8  # doubt left when another name of the same area is said
_ELSEWHERE = 0.72  # factor for every other place named that does not fit
_NEARBY = 0.88  # the same, inside one community: a neighbour used as a landmark
_ONLY_IN_TEXT = 0.94  # the same, when ours is in the place field and the other is not
_LATER = 0.97  # the matter's own place is mostly named first
_LONGER_NAME = 0.45  # 同德路 in 同德路小学: another name goes on here
_AS_LANDMARK = 0.7  # 隔壁同安佳苑: named to say where the matter's own place is
_SHORT = 2  # names of so few characters are common words too often
_SHOWN = 5
_TAIL_IN_FIELD = 0.75  # 新同德路: in the place field, more of a name may stand before ours
_OTHER_IN_FIELD = 0.6  # the place field names a place nobody has listed, ours is in the text only
_OUTSIDE = {
    "city": 0.35,
    "district": 0.35,
    "street": 0.6,
}  # the place field names another city, district, street
_OUTSIDE_IN_TEXT = 0.75

# What makes another name of the name before it, unless that name ends in the same way.
_GOES_ON = re.compile(
    r"(?:小学|中学|幼儿园|医院|公园|广场|大厦|花园|农贸市场|菜市|派出所|地铁站|公交站|[东西南北中]?[一二三四五]?[路街巷](?!上|边|口|道|面|灯))"
)
_LANDMARK = re.compile(r"(?:隔壁|对面|旁边|相邻|邻近|靠近|紧邻|附近|离)(?:的|是)?$")
# A name may begin after these, or where another listed name ends.
_BEGINS_AFTER = re.compile(r"[^一-鿿a-z0-9]|[省市区县镇乡道村在到住是于与和跟及的从往由去找近过]")


@dataclass(frozen=True, slots=True)
class Place:
    """A listed place. ``level`` is one of `LEVELS`; ``path`` the names from the city down, its own last.

    Several places may share a ``code``: an estate carries the code of the grid or community it lies in.
    """

    code: str
    name: str
    level: str
    path: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """A place a complaint may speak of. ``confidence`` is in 0..1; ``why`` is one Chinese line."""

    code: str
    name: str
    path: tuple[str, ...]
    confidence: float
    why: str


class _Hit(NamedTuple):
    said: str
    places: tuple[int, ...]
    in_place_text: bool
    order: int
    factor: float
    start: int
    why: str = ""


class _Doubt(NamedTuple):
    """What speaks against every listed name of an order: an unlisted place in its field, a place outside."""

    place: str
    outside: float
    why: str


class Gazetteer:
    """All listed places by name. Immutable once made; safe to share between threads.

    Raises ValueError for a level that is not one of `LEVELS`.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = tuple(places)
        for place in self.places:
            if place.level not in _BASE:
                raise ValueError(f"“{place.name}”的层级“{place.level}”不对，应是 {'、'.join(LEVELS)} 之一")
        self._line = [
            place.path if place.path and place.path[-1] == place.name else (*place.path, place.name)
            for place in self.places
        ]
        self._by_line = {
            line: index
            for index, line in enumerate(self._line)
            if self.places[index].level != "estate" or line not in self._line
        }
        names: defaultdict[str, set[int]] = defaultdict(set)
        for index, place in enumerate(self.places):
            for name in (place.name, *place.aliases):
                if len(spelt := _plain(name)) >= _SHORT:
                    names[spelt].add(index)
        self._names = {name: tuple(sorted(found)) for name, found in names.items()}
        self._areas = {p.code: index for index, p in enumerate(self.places) if p.level != "estate"}
        self._numbers = HouseNumbers(
            (name, self.places[found[0]].code) for name, found in self._names.items() if len(found) == 1
        )
        self._heads: dict[str, set[str]] = {}
        for place in self.places:
            self._heads.setdefault(place.level, set()).update(
                _plain(name)[:2] for name in (place.name, *place.aliases)
            )
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for name in self._names:
            lengths[name[:2]].add(len(name))
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    def __len__(self) -> int:
        return len(self.places)

    def knows(self, name: str) -> bool:
        """Whether a place is listed under this name or alias, however its numbers are written."""
        return _plain(name) in self._names

    def resolve(self, text: str, place_text: str = "") -> list[Resolution]:
        """The listed places a complaint speaks of, surest first, at most five, one per code.

        ``place_text`` is what stands in the order's place field and counts more than ``text``. Of places on one line
        (街道 > 社区 > 小区) only the finest is returned; a name that several places bear is settled by the others
        said beside it, else its confidence is shared out. A number on a road whose other numbers are listed counts
        as named. A place or district in the field that is not listed speaks against what the text says. An empty
        list when no listed place is named.
        """
        field, told = _plain(place_text), _plain(text)
        hits = [*self._scan(field, True, 0)]
        in_field = hits.copy()
        hits += self._scan(told, False, len(hits))
        hits = self._settled(_once(hits))
        if not hits:
            return []
        doubt = self._doubt(field, told, in_field)
        candidates = [(index, hit) for hit in hits for index in hit.places]
        finest = [
            (index, hit)
            for index, hit in candidates
            if not any(
                self._above(index, other)
                # of a field that names a place unknown to us, the known part counts by itself
                and not (doubt.place and hit.in_place_text and not by.in_place_text)
                for other, by in candidates
            )
        ]
        judged = [self._judge(index, hit, hits, doubt) for index, hit in finest]
        judged += self._in_common(judged)
        best: dict[str, Resolution] = {}
        for found in sorted(judged, key=lambda found: (-found.confidence, -len(found.path), found.code)):
            best.setdefault(found.code, found)
        return list(best.values())[:_SHOWN]

    def _doubt(self, field: str, told: str, in_field: list[_Hit]) -> _Doubt:
        covered = [(hit.start, hit.start + len(hit.said)) for hit in in_field if hit.factor != _TAIL_IN_FIELD]
        found = unlisted(field, covered)
        outside, why = 1.0, ""
        for level, name in found.divisions:
            if self._is_outside(level, name):
                outside, why = _OUTSIDE[level], f"地点栏的“{name}”不在名录"
                break
        else:
            if name := next(
                (name for name in districts_said(told) if self._is_outside("district", name)), ""
            ):
                outside, why = _OUTSIDE_IN_TEXT, f"文中的“{name}”不在名录"
        return _Doubt(found.place, outside, why)

    def _is_outside(self, level: str, name: str) -> bool:
        """Whether a name is of no listed place of its level, not even by its first two characters."""
        heads = self._heads.get(level, set())
        return bool(heads) and not any(name[at : at + 2] in heads for at in range(len(name) - 1))

    def _scan(self, text: str, in_place_text: bool, order: int) -> Iterator[_Hit]:
        at, ended = 0, 0
        while at < len(text) - 1:
            hit = self._hit(text, at, in_place_text, order, ended)
            if hit is None:
                at += 1
                continue
            yield hit
            order += 1
            ended = at = at + len(hit.said)

    def _hit(self, text: str, at: int, in_place_text: bool, order: int, ended: int) -> _Hit | None:
        """The listed name that begins at ``at``, or the number on a road whose other numbers are listed."""
        near = self._numbers.at(text, at)
        lengths = self._lengths.get(text[at : at + 2], ())
        if not near and not lengths:
            return None
        begins = at == ended or _BEGINS_AFTER.match(text, at - 1) is not None
        factor = _AS_LANDMARK if _LANDMARK.search(text, max(0, at - 4), at) else 1.0
        for length in lengths:
            name = text[at : at + length]
            if (places := self._names.get(name)) is None:
                continue
            if near and length < len(near.said):
                break
            if not begins and length <= _SHORT and not self._is_coarse(places):
                continue  # 横街 in 新凤横街
            goes_on = _GOES_ON.match(text, at + length)
            if goes_on and not name.endswith(goes_on[0][-1]):
                factor *= _LONGER_NAME
            if in_place_text and not begins and factor == 1.0:
                factor = _TAIL_IN_FIELD
            return _Hit(name, places, in_place_text, order, factor, at)
        if near and near.code in self._areas:
            places = (self._areas[near.code],)
            return _Hit(near.said, places, in_place_text, order, factor * near.factor, at, near.why)
        return None

    def _is_coarse(self, places: tuple[int, ...]) -> bool:
        return any(self.places[index].level in _WEAK_LEVELS for index in places)

    def _above(self, index: int, other: int) -> bool:
        """Whether ``index`` lies above ``other`` on one line of the tree."""
        line, below = self._line[index], self._line[other]
        return len(line) < len(below) and below[: len(line)] == line

    def _agree(self, index: int, other: int) -> bool:
        return (
            index == other
            or self.places[index].code == self.places[other].code
            or self._above(index, other)
            or self._above(other, index)
        )

    def _settled(self, hits: list[_Hit]) -> list[_Hit]:
        """Homonyms narrowed to those that agree best with the rest; short names kept only where something bears them out."""
        kept = []
        for said in hits:
            hit = said
            others = [other for other in hits if other.said != hit.said]
            if len(hit.places) > 1:
                scores = {
                    index: sum(
                        self._weight(index, other)
                        for other in others
                        if len(other.said) > _SHORT or other.in_place_text
                    )
                    for index in hit.places
                }
                most = max(scores.values())
                hit = hit._replace(places=tuple(index for index in hit.places if scores[index] == most))
            if len(hit.said) <= _SHORT and not hit.in_place_text:
                levels = {self.places[index].level for index in hit.places}
                borne_out = any(
                    self._agree(index, at) and self.places[at].level not in _WEAK_LEVELS
                    for index in hit.places
                    for other in others
                    for at in other.places
                    if len(other.said) > _SHORT or other.in_place_text
                )
                if not borne_out and not levels & set(_WEAK_LEVELS):
                    continue
            kept.append(hit)
        return kept

    def _weight(self, index: int, other: _Hit) -> float:
        agreeing = [at for at in other.places if self._agree(index, at)]
        if not agreeing:
            return 0.0
        return max(LEVELS.index(self.places[at].level) + 1 for at in agreeing) * (
            2 if other.in_place_text else 1
        )

    def _judge(self, index: int, hit: _Hit, hits: list[_Hit], doubt: _Doubt) -> Resolution:
        place = self.places[index]
        sure = _BASE[place.level]
        why = [
            f"{'地点栏' if hit.in_place_text else '文中'}写有“{hit.said}”"
            + (f"（{hit.why}）" if hit.why else "")
        ]
        if hit.in_place_text:
            sure = 1 - (1 - sure) * _DOUBT_IN_PLACE_TEXT
        against = []
        for other in hits:
            if other.said == hit.said:
                continue
            agreeing = [at for at in other.places if self._agree(index, at)]
            if agreeing:
                level = self.places[agreeing[0]].level
                sure = 1 - (1 - sure) * _SUPPORT.get(level, _SAME_CODE)
                why.append(f"与“{other.said}”相符")
            elif len(other.said) > _SHORT or other.in_place_text:
                against.append(other)
        earlier = sum(1 for other in against if other.order < hit.order)
        sure = min(sure, _TOP) * hit.factor * _LATER ** min(earlier, 5) / len(hit.places)
        for other in against:
            near = any(self._neighbours(index, at) for at in other.places)
            factor = _NEARBY if near else _ELSEWHERE
            if hit.in_place_text and not other.in_place_text:
                factor = max(factor, _ONLY_IN_TEXT)
            sure *= factor if LEVELS.index(self.places[other.places[0]].level) > 1 else 0.6
            why.append(f"另有“{other.said}”")
        if len(hit.places) > 1:
            why.append(f"同名 {len(hit.places)} 处")
        if doubt.place and not hit.in_place_text:
            sure *= _OTHER_IN_FIELD
            why.append(f"地点栏的“{doubt.place}”未收录")
        if doubt.why:
            sure *= doubt.outside
            why.append(doubt.why)
        cap = _WEAK_CAP if place.level in _WEAK_LEVELS else _TOP
        return Resolution(place.code, place.name, self._line[index], round(min(sure, cap), 4), "，".join(why))

    def _neighbours(self, index: int, other: int) -> bool:
        """Whether two places share a community, the parts below it being next to each other."""
        shared = self._shared(self._line[index], self._line[other])
        at = self._by_line.get(shared)
        return at is not None and self.places[at].level in ("community", "grid", "micro_grid")

    @staticmethod
    def _shared(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
        length = 0
        for a, b in zip(one, two, strict=False):
            if a != b:
                break
            length += 1
        return one[:length]

    def _in_common(self, judged: list[Resolution]) -> list[Resolution]:
        """Two places that exclude each other still lie in one area: as sure as either of them, at its own level."""
        if len(judged) < 2:
            return []
        first, second = sorted(judged, key=lambda found: -found.confidence)[:2]
        at = self._by_line.get(self._shared(first.path, second.path))
        if at is None or self.places[at].level in _WEAK_LEVELS:
            return []
        place = self.places[at]
        either = 1 - (1 - first.confidence) * (1 - second.confidence)
        why = f"“{first.name}”与“{second.name}”都在{place.name}"
        return [
            Resolution(place.code, place.name, self._line[at], round(min(either, _BASE[place.level]), 4), why)
        ]


def _plain(text: str) -> str:
    return plain(text).lower()


def _once(hits: Iterable[_Hit]) -> list[_Hit]:
    """Every name once, its surest mention first: the place field before the text, a whole name before a part."""
    best: dict[str, _Hit] = {}
    for hit in hits:
        before = best.get(hit.said)
        if before is None or (before.factor < hit.factor and before.in_place_text == hit.in_place_text):
            best[hit.said] = hit
    return list(best.values())
