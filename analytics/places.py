"""地名 Places: the names of places said in running text (青湖新城小区, 星沙大道, A7县), without a gazetteer.

A name is recognised by how it ends (小区, 路, 小学 …) and cut on its left where a name cannot begin; then the whole
collection settles what single texts cannot: "购买青湖新城" and "青湖新城小区" are the place that most people write
``青湖新城``. Method: suffix grammar + corpus agreement on left boundaries, no training data.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from analytics.keywords import clauses, dictionary

# Longest first within one ending, so that 工业园 is not read as 园.
_WORDS: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("place_words.toml").read_text(encoding="utf-8")
)
_LONG_ENDINGS = tuple(_WORDS["long_endings"].split())
_SHORT_ENDINGS = "园苑城郡湾庭邸轩阁路街巷镇乡村"
_ENDINGS = tuple(sorted({*_LONG_ENDINGS, *_SHORT_ENDINGS}, key=len, reverse=True))
# Nothing before these belongs to a name.
_STOPS = frozenset(_WORDS["stops"].split())
# Ends like a place and names none.
_NOT_NAMES = frozenset(_WORDS["not_names"].split())
# Words that end like a road, a court, an estate, whatever stands before them.
_NOT_NAME_TAILS = re.compile(
    r"(?:(?:马|道|公|铁|线|网|电|水|油|思|出|半|干|环|套|一条|这条|条|有|没|无|段|通|修|过|拓宽)路|(?:家|法|立案|开|出|当)庭|绕城|政府|"
    r"(?:入|转|幼儿|校|公立|公办|民办|配套|普惠)园|配套幼儿园|(?:保障|县|进|返|全|商|农贸)城|(?:全|驻|本|我|同)[村镇乡])$"
)
# Dictionary tags at which a name cannot begin or go on: verbs, prepositions, pronouns, numerals, times, adverbs …
_STOP_TAGS = frozenset(
    {
        "l",
        "i",
        "z",
        "v",
        "vd",
        "vi",
        "p",
        "c",
        "d",
        "u",
        "ud",
        "ug",
        "uj",
        "ul",
        "uv",
        "uz",
        "r",
        "rr",
        "rz",
        "m",
        "mq",
        "q",
        "t",
        "y",
        "ad",
        "f",
    }
)
_ROADLIKE = (
    "路",
    "街",
    "大道",
    "大街",
    "巷",
    "桥",
    "公园",
    "广场",
)  # 解放路, 建设街: a verb may stand before these
_GENERIC_TAIL = re.compile(r"(小区|社区|楼盘|家属区|住宅区)$")
_AREA_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]\d{1,2}[区县市]")
_DISTRICT = re.compile(r"(?:省|市|州)([一-鿿]{1,3}[区县])(?!域)")
_NOT_DISTRICTS = (
    "小区",
    "社区",
    "片区",
    "市区",
    "景区",
    "城区",
    "地区",
    "院区",
    "校区",
    "库区",
    "郊区",
    "辖区",
    "开区",
    "新区",
)
_NAME_CHARACTERS = re.compile(r"^[一-鿿A-Za-z0-9·]+$")
_NUMBERED = tuple("0123456789即之其")
_DIGITS_ONLY = re.compile(r"^[\dA-Za-z一二三四五六七八九十]+$")
_MAKE_ADJECTIVES = frozenset({"化", "网", "名称", "规划局", "局", "办", "办事处", "管理局"})
# What may stand before an ending in any city; alone it names no place (国际广场, 实验小学).
_GENERIC_CORES = frozenset(_WORDS["generic_cores"].split())
_MAX_LEFT = 8


@dataclass(frozen=True, slots=True)
class FoundPlaces:
    """What one text says about where: ``areas`` (districts, coarse) and ``names`` (specific, in order of mention)."""

    areas: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _stopping_words() -> frozenset[str]:
    """Words of the segmenter's own dictionary that are verbs, particles and the like (two characters and more)."""
    with dictionary() as lines:
        return frozenset(
            word
            for word, tag in lines
            if len(word) > 1 and tag in _STOP_TAGS and not word.endswith(_ENDINGS) and word != "万家"
        )


def _stops(piece: str, ending: str, adjacent: bool) -> bool:
    if piece in _STOPS or not _NAME_CHARACTERS.match(piece):
        return True
    if len(piece) == 1:
        return piece.isascii() or piece in "第几多某"
    return piece in _stopping_words() and not (adjacent and len(piece) == 2 and ending in _ROADLIKE)


def _ending(token: str) -> str | None:
    for ending in _ENDINGS:
        if token.endswith(ending):
            return ending
    return None


def candidates(said: Sequence[Sequence[str]]) -> list[str]:
    """Raw place names of one text in order of mention, repeats included, left boundaries still rough.

    ``said``: the text as clauses of words (see `keywords.clauses`).
    """
    return [name for clause in said for name in _in_clause(clause)]


def _in_clause(words: Sequence[str]) -> Iterator[str]:
    start_after = -1  # a later name never swallows an earlier one
    for at, word in enumerate(words):
        ending = _ending(word)
        if ending is None:
            continue
        if at + 1 < len(words) and words[at + 1] in _MAKE_ADJECTIVES:
            continue
        name, left = word, at - 1
        while left > start_after and len(name) - len(ending) < _MAX_LEFT:
            piece = words[left]
            if _stops(piece, ending, adjacent=len(name) <= 2):
                break
            name = piece + name
            left -= 1
        name = name.lstrip("市区县省第")
        if plausible(name, ending):
            start_after = at
            yield name


def plausible(name: str, ending: str) -> bool:
    """Whether a string that ends like a place can be the name of one."""
    core = name[: len(name) - len(ending)]
    if not core or name in _NOT_NAMES or _DIGITS_ONLY.match(core) or _NOT_NAME_TAILS.search(name):
        return False
    if core in _GENERIC_CORES or name.startswith(_NUMBERED):
        return False
    if core in _stopping_words() and ending not in _ROADLIKE:
        return False
    if len(ending) == 1:
        # Single-character endings end ordinary words too (思路, 进城): ask for a longer name.
        return len(name) >= 3
    return len(core) >= 2 and core not in _STOPS


def areas(text: str) -> list[str]:
    """Districts and counties a text names: coded (A7县) or after a city (成都市青羊区), in order, no repeats."""
    found = [
        *_AREA_CODE.findall(text),
        *(m for m in _DISTRICT.findall(text) if not m.endswith(_NOT_DISTRICTS)),
    ]
    return list(dict.fromkeys(found))


def key_of(name: str) -> str:
    """One spelling per place: 青湖新城小区 and 青湖新城 are the same. Short cores keep their ending."""
    core = _GENERIC_TAIL.sub("", name)
    return core if len(core) >= 3 else name


@dataclass
class PlaceFinder:
    """Finds places over a collection; what the collection agrees on decides where a name begins.

    ``remember(text)`` reads a text (cached); ``settle(texts)`` agrees on names over a collection; ``find(text)``
    then gives its places. ``min_mentions``: a name is trusted when that many texts say it.
    """

    min_mentions: int = 2
    max_names: int = 4
    settled: dict[str, str] = field(default_factory=dict)
    display: dict[str, str] = field(default_factory=dict)
    _raw: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _starts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _trusted: frozenset[str] = frozenset()

    def remember(self, text: str, said: Sequence[Sequence[str]] | None = None) -> tuple[str, ...]:
        """Raw names of a text, found once. ``said``: its clauses, when they are at hand."""
        known = self._raw.get(text)
        if known is None:
            known = tuple(dict.fromkeys(candidates(clauses(text) if said is None else said)))
            self._raw[text] = known
        return known

    def settle(self, texts: Iterable[str]) -> PlaceFinder:
        """Agree on names over a collection of texts. Returns self."""
        said: Counter[str] = Counter()
        spelt: dict[str, Counter[str]] = defaultdict(Counter)
        for text in texts:
            for key, name in {key_of(name): name for name in self.remember(text)}.items():
                said[key] += 1
                spelt[key][name] += 1
        self.settled = {}
        for key in said:
            self.settled[key] = _shortest_agreed(key, said)
        mentions: Counter[str] = Counter()
        merged: dict[str, Counter[str]] = defaultdict(Counter)
        for key, times in said.items():
            final = self.settled[key]
            mentions[final] += times
            if key == final:
                merged[final].update(spelt[key])
        self.display = {
            key: max(sorted(merged[key]), key=merged[key].__getitem__) for key in mentions if merged[key]
        }
        trusted = [
            key
            for key, times in mentions.items()
            if times >= self.min_mentions and len(key) >= 3 and key not in _stopping_words()
        ]
        starts: dict[str, set[int]] = defaultdict(set)
        for key in trusted:
            starts[key[:2]].add(len(key))
        self._starts = {start: tuple(sorted(lengths, reverse=True)) for start, lengths in starts.items()}
        self._trusted = frozenset(trusted)
        return self

    def find(self, text: str) -> FoundPlaces:
        """Places of one text after ``settle``: its own names, and trusted names it mentions in passing."""
        names = [self.settled[key] for key in map(key_of, self.remember(text)) if key in self.settled]
        starts = self._starts
        skip_to = 0
        for at in range(len(text) - 2) if starts else ():
            if at < skip_to:
                continue
            lengths = starts.get(text[at : at + 2])
            if lengths:
                for length in lengths:
                    if text[at : at + length] in self._trusted:
                        names.append(text[at : at + length])
                        skip_to = at + length
                        break
        unique = list(dict.fromkeys(names))
        return FoundPlaces(tuple(areas(text)), tuple(unique[: self.max_names]))


def _shortest_agreed(key: str, said: Counter[str]) -> str:
    """Drop what stands before a name when the rest of it is the commoner name: 购买青湖新城 → 青湖新城."""
    best = key
    for start in range(1, len(key) - 2):
        rest = key[start:]
        if said.get(rest, 0) >= max(2, said[best]):
            best = rest
    return best
