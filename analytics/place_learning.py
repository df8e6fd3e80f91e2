"""学地名 Place learning: names of places learnt from orders whose area somebody confirmed.

A city has more names than any list: old factory yards, doors, buildings of one estate in two grids. Every confirmed
order votes with the names it says for the area it lies in; a name is learnt for the finest area that enough different
people agree on. Method: one vote a person and name, Wilson's lower bound (1927) on the share that agrees.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from analytics.address import POI_ENDING, Span, parse
from analytics.address_parser import find_addresses
from analytics.address_segments import TenSegments, plain, segments
from analytics.keywords import clauses
from analytics.places import PlaceFinder

LEAST = 5  # people who must agree
SURE = 0.6  # what the share of those who agree must reach, at its lower bound
_Z = 1.645  # one-sided 95 %
_LENGTHS = range(3, 21)
_FIRST_BUILDING = re.compile(r"[A-Za-z]?\d+[A-Za-z]?栋")
_ENDINGS = re.compile(rf"(?:{POI_ENDING}|家属|[院区楼园苑城里]|[东西南北大小新老][门院区])+$")
# Names people give a corner that no developer named; the finder of places does not know these endings.
_CORNER = re.compile(
    r"(?:大院|宿舍|家属[院区]|厂区?|写字楼|商务楼|[桥坝堰]|菜场|夜市|停车场|充电站|垃圾站|变电站|安置房|回迁房|卫生站|服务站)$"
)
_ANY_WORKS = re.compile(r".{1,2}厂")  # 搅拌厂: what it makes is no name
_LEFT_OF_NAMES = re.compile(
    r"[的了在是和与及或到从对向往把被给让由将就都也又还有没不等个该这那本某各每我你您他她住离至于去来走进出说叫找问请望]"
    r"|.*(?:街道|社区|[省市区县镇乡]|附近|旁边|对面|隔壁|反映|投诉|举报|建议|希望|要求|位于|居民|业主|群众|市民|工作)$|\d"
)
_LEFTMOST = 6  # characters before the ending a name may have
_KEPT = 0.8  # share of those who say the short name that must say the longer one, for that to be the name
_DIVISION = re.compile(r"(?:区|县|市|街道|社区|镇|乡)$")
_BESIDE = re.compile(r"^(?:隔壁|对面|旁边|附近|靠近|紧邻|我们|我家|整个)的?")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An order whose area is certain. ``line``: area codes from the city down to that area; ``who``: the complainant."""

    text: str
    place_text: str
    line: tuple[str, ...]
    who: str


@dataclass(frozen=True, slots=True)
class LearntPlace:
    """A name and the area it belongs to: ``n`` people agree, ``share`` of those who could tell.

    ``code`` is "" for a name asked about on which they no longer agree.
    """

    name: str
    code: str
    n: int
    share: float


def wilson(agreeing: int, asked: int) -> float:
    """Lower bound of a share, one-sided 95 %; 0 where nobody was asked."""
    if not asked:
        return 0.0
    share, square = agreeing / asked, _Z * _Z
    middle = share + square / (2 * asked)
    spread = _Z * sqrt(share * (1 - share) / asked + square / (4 * asked * asked))
    return (middle - spread) / (1 + square / asked)


def learn_places(
    orders: Sequence[Confirmed],
    listed: Mapping[str, Iterable[tuple[str, ...]]],
    coarse: Iterable[str] = (),
    earlier: Iterable[str] = (),
    read: Callable[[str], list[Span]] = parse,
) -> list[LearntPlace]:
    """The names that orders agree on and no list has, by name.

    ``listed``: for every name known (see `address_segments.plain`), the lines of areas it stands for; ``coarse``:
    codes of areas too wide to learn a name for (the city, the district); ``earlier``: names learnt before, told with
    an empty code where enough people now disagree; ``read``: what reads the place field.
    """
    votes = _votes(orders, listed, read)
    inside = "\n".join(listed)  # one string to look for parts of names in
    wide, before = frozenset(coarse), frozenset(earlier)
    out = []
    for name, said in sorted(votes.items()):
        if name in inside:
            continue  # a listed name, or a part of one: said of anything beside it
        found = _agreed(said, wide)
        if found is None:
            if name in before and len({who for who, _ in said}) >= LEAST:
                out.append(LearntPlace(name, "", 0, 0.0))
            continue
        line, agreeing, asked = found
        if not _told_already(name, line, listed):
            out.append(LearntPlace(name, line[-1], agreeing, round(agreeing / asked, 4)))
    return [one for one in out if not any(_says_as_much(other, one) for other in out)]


def _says_as_much(other: LearntPlace, one: LearntPlace) -> bool:
    """Whether ``one`` is but a part, or a lengthening, of ``other``: 机械厂 of 老机械厂, 修老机械厂 of 老机械厂."""
    if one.code != other.code or one.name == other.name:
        return False
    if one.name in other.name:
        return other.n >= _KEPT * one.n
    return other.name in one.name and one.n < _KEPT * other.n


def _votes(
    orders: Sequence[Confirmed],
    listed: Mapping[str, Iterable[tuple[str, ...]]],
    read: Callable[[str], list[Span]],
) -> dict[str, set[tuple[str, tuple[str, ...]]]]:
    """Who said each name of an order where. A person's hundred letters are one vote an area."""
    finder = PlaceFinder().settle([order.text for order in orders])
    votes: defaultdict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    for order in orders:
        names = {*finder.find(order.text).names, *_corners(order.text)}
        field = plain(order.place_text)
        names |= _names(segments(field, read(field)))
        for found in find_addresses(text := plain(order.text)):
            parts = [
                Span(part.start - found.start, part.end - found.start, part.label) for part in found.parts
            ]
            names |= _names(segments(text[found.start : found.end], parts))
        for said in names:
            name = _bare(said, listed)
            if len(name) in _LENGTHS and len(_ENDINGS.sub("", name)) > 1:
                votes[name].add((order.who, order.line))
    return votes


def _bare(said: str, listed: Mapping[str, object]) -> str:
    """A name without the words and the divisions before it: 隔壁同安佳苑, 青羊区同安佳苑."""
    name = _BESIDE.sub("", said)
    for end in range(len(name) - 1, 1, -1):
        if name[:end] in listed and _DIVISION.search(name, 0, end):
            return name[end:]
    return name


def _corners(text: str) -> Iterator[str]:
    """Names by their ending alone, at every word they may begin with; how many agree tells which is the name."""
    for words in clauses(text):
        for at, word in enumerate(words):
            if not _CORNER.search(word):
                continue
            name = word  # alone it names any such place: 宿舍
            for before in reversed(words[:at]):
                if _LEFT_OF_NAMES.match(before) or len(name) - len(word) + len(before) > _LEFTMOST:
                    break
                name = before + name
                if not _ANY_WORKS.fullmatch(name):
                    yield name


def _names(address: TenSegments) -> set[str]:
    """What an address can be known by: its door, its place, a building of the place. No unit, no room."""
    names = {address.door, address.place}
    if address.place and (building := _FIRST_BUILDING.match(address.building)):
        names.add(address.place + building[0])
    return names - {""}


def _agreed(
    said: set[tuple[str, tuple[str, ...]]], coarse: frozenset[str]
) -> tuple[tuple[str, ...], int, int] | None:
    """The finest area enough people agree on: its line, how many agree, how many could tell. None where none is.

    Who was placed no finer than an area above cannot tell, and speaks neither for nor against.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for line in {line for _, line in said}:
        people = {who for who, told in said if told == line}
        for depth in range(1, len(line) + 1):
            counts[line[:depth]] += len(people)
    for line in sorted(counts, key=lambda line: (-len(line), -counts[line], line)):
        if line[-1] in coarse:
            break
        vague = sum(1 for _, told in said if len(told) < len(line) and line[: len(told)] == told)
        asked = len(said) - vague
        if counts[line] >= LEAST and wilson(counts[line], asked) >= SURE:
            return line, counts[line], asked
    return None


def _told_already(name: str, line: tuple[str, ...], listed: Mapping[str, Iterable[tuple[str, ...]]]) -> bool:
    """Whether a listed name inside this one says as much: 同德花园北门 lies where 同德花园 does."""
    for start in range(len(name) - 2):
        for end in range(len(name), start + 2, -1):
            for known in listed.get(name[start:end], ()):
                if known[: len(line)] == line:
                    return True
    return False
