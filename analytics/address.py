"""地址解析 Address: an address line cut into its parts, from the province down to the room.

Method: a suffix grammar read from left to right. Administrative names come in falling order and end as such (市, 区,
镇, 村), roads by 路 or 街, numbers by what they count (号, 幢, 单元, 楼, 室); what lies between is a place of interest.
Names without their ending are known only down to prefectures. No training data; the 21 labels are those of "Neural
Chinese Address Parsing" (NAACL 2019), so that a trained model can take this one's place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LABELS = (
    "country", "prov", "city", "district", "devzone", "town", "community", "road", "roadno", "subroad", "subroadno",
    "poi", "subpoi", "houseno", "cellno", "floorno", "roomno", "person", "assist", "redundant", "otherinfo",
)  # fmt: skip

# Column of the command line → labels it is read from.
LEVELS = {
    "province": ("prov",),
    "city": ("city",),
    "district": ("district",),
    "town": ("town",),
    "community": ("community",),
    "road": ("road", "subroad"),
    "number": ("roadno", "subroadno"),
    "poi": ("poi", "subpoi"),
    "building": ("houseno",),
    "unit": ("cellno",),
    "floor": ("floorno",),
    "room": ("roomno",),
}

_WORDS: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("address_words.toml").read_text(encoding="utf-8")
)


def _any(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_ORDER = {label: place for place, label in enumerate(LABELS)}
_H = r"[一-鿿]"
NUMBER = r"(?:[A-Za-z]?\d+[A-Za-z]?|[一二三四五六七八九十百〇零两]+|[A-Za-z](?![A-Za-z]))"
_PREFECTURE = _any(_WORDS["prefectures"])
_MUNICIPALITY = _any(_WORDS["municipalities"])
PROVINCE = _any(_WORDS["provinces"])
BARE_CITY = f"{_MUNICIPALITY}|{_PREFECTURE}"
# After these a bare name is no city: 杭州湾, 温州路, 上海大厦.
_NOT_BARE = r"(?!市|州|湾|[东西南北中]?[一二三四]?(?:路|街|大道)|大厦|大学|大酒店|医院|银行|人|银泰|国际|师范|学院|百货|火车|[东西南北]站)"
POI_ENDING = _any(_WORDS["poi_endings"])
_POI_END = re.compile(POI_ENDING + r"|[苑城厦湾邸郡庭轩阁厂馆寺局院府](?![一-鿿]?[路街道巷])")
_INNER = re.compile(rf"(?:(?:[东西南北中]|{NUMBER})(?:[区期门]|大门|标段)|[A-Za-z一二三四五六七八九十]区)")
_NO_DISTRICT = "[小社园业校地市片景务宅活发矿厂院新库]"
_ADMIN = (
    ("country", re.compile(rf"中国(?={PROVINCE}|{_MUNICIPALITY}|$)")),
    ("prov", re.compile(rf"(?:{PROVINCE})(?:(?:维吾尔|壮族|回族)?自治区|省|特别行政区)?(?![路街]|[东西南北中][路街]|大道|大厦)")),
    ("redundant", re.compile(rf"({_MUNICIPALITY})市(?=\1市)")),
    ("prov", re.compile(rf"({_MUNICIPALITY})(?=市?\1)")),
    ("city", re.compile(rf"[A-Z]市(?!场)|(?:{_MUNICIPALITY})(?:市|{_NOT_BARE})")),
    ("city", re.compile(rf"(?:{_PREFECTURE})(?:地区|{_H}{{0,8}}自治州|州|市)|(?:{_PREFECTURE}){_NOT_BARE}(?!区|县|镇|乡|村|新村|小区|社区)")),
    ("district", re.compile(r"[A-Z]\d{1,2}[市区县]")),  # coded, as in exports with places made unknown
    ("district", re.compile(rf"{_H}{{2,3}}?市(?!场|政府|民|区|中心|医|立)")),
    ("district", re.compile(rf"{_H}{{1,7}}?自治[县旗]|(?:{_H}{{2,3}}?|[东西南北])(?<!{_NO_DISTRICT})区(?!域|政府)")),
    ("district", re.compile(rf"{_H}{{1,3}}?县(?!城|政|道)|浦东新区|滨海新区|两江新区|市辖区")),
    (
        "devzone",
        re.compile(
            rf"{_H}{{0,6}}?(?:(?:国家)?级?(?:经济技术|经济|高新技术产业|高新技术|高新)开发区|开发区|高新园?区|经开区|产业集聚区|{_H}{{2,3}}新区|{_H}{{0,2}}保税区)"
        ),
    ),
    ("town", re.compile(rf"{_H}{{1,5}}?(?:街道(?:办事处|办)?|镇(?!镇|政府|[东西南北中]?[路街])|乡(?!镇|[路街]))")),
    (
        "community",
        re.compile(rf"{_H}{{1,6}}?(?:社区(?!{_H}?[路街])|行政村|自然村|(?<!新)村民?委?会?(?!{_H}?[路街道巷]|委|小区|镇))"),
    ),
)  # fmt: skip
_ROAD = re.compile(
    rf"{_H}{{1,6}}?(?:大道|大街|公路|国道|省道|高速|胡同|路(?!口|段)|街(?!道|坊)|巷|弄)(?:(?:[东西南北中]|{NUMBER})(?=[路街]))?(?:辅路|支路)?"
    rf"|[GSX]?\d{{2,4}}国道|[第]?{NUMBER}(?:组|社)(?!区)|{NUMBER}[路街](?!口)"
)
_SUBROAD = re.compile(
    rf"(?:[东西南北中]|[东西南北中]?{NUMBER})段|{NUMBER}(?:弄|巷)(?={NUMBER}号)|[东西南北][一二三四五六]?[弄巷路]"
)
_ROADNO = re.compile(
    rf"{NUMBER}(?:弄|号(?!楼|院|线|店|铺|馆|厅|门))(?:之[一二三四五六七八九\d]+|附{NUMBER}号?(?!楼))?"
    r"|\d+(?:-\d+)?(?=$|[^\d楼层室幢栋座单号#弄组社段])"
)
_HOUSE = re.compile(rf"{NUMBER}(?:号楼|号院|幢|栋|撞|座|排|#楼?|棟)(?:楼)?|[东西南北]楼")
_CELL = re.compile(rf"{NUMBER}(?:单元|号门|门|元)")
_FLOOR = re.compile(rf"(?:负|地下|-)?(?:{NUMBER}(?:楼|层|[Ff](?![A-Za-z]))|[首顶底]层)(?:半)?")
_ROOM = re.compile(r"[A-Za-z]{0,2}\d+[A-Za-z]?(?:、\d+)*(?:室|房间?|号铺?|户)?")
_ASSIST = re.compile(
    r"与|和(?![平谐睦美泰兴顺成润合义])(?=[一-鿿]{1,6}?(?:路|街|巷|大道))|(?:[东西南北]{0,2}(?:路口|口|侧|面|边))?(?:交叉口|交汇处|交界处|交叉路口|交叉处)|斜?对面|旁边|附近|隔壁|路口|门口|[东西南北]{1,2}(?:侧|面|边|首|(?=$))|(?:往|向)?[东西南北]{0,2}约?\d+米(?:处|左右)?|旁|内(?=$|\d)|口(?=$|\d)|后面|前面|楼下|楼上|下面"
)
_NOISE = re.compile(r"[^\w一-鿿]+|_+|电联|null")
_HYPHENS = frozenset("-－—–/")
_CLAUSES = re.compile(r"[^，。；！？!?;\n]+")
_LEAD = re.compile(
    r".*?(?:位于|住在|家住|地址[是为]?[:：]?|坐落[在于]?|反映[:：]?|在(?=[一-鿿]{2,4}[市区县路街]))"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an address: characters ``start`` to ``end`` (exclusive) of the text, and one of `LABELS`."""

    start: int
    end: int
    label: str


def parse(text: str) -> list[Span]:
    """The parts of an address, in order, without overlap. Never raises; an empty list for a blank text.

    Running text (with sentence marks) is searched for the clause that reads most like an address.
    """
    return best_clause(text, grammar)


def best_clause(text: str, read: Callable[[str], list[Span]]) -> list[Span]:
    """What ``read`` makes of an address line; of running text (with sentence marks), of its most telling clause."""
    clauses = [(found.start(), found[0]) for found in _CLAUSES.finditer(text)]
    if len(clauses) < 2:
        return read(text)
    told = []
    for at, clause in clauses:
        lead = found.end() if (found := _LEAD.match(clause)) else 0
        spans = read(clause[lead:])
        told.append([Span(span.start + at + lead, span.end + at + lead, span.label) for span in spans])
    return max(told, key=lambda spans: sum(span.label not in _VAGUE for span in spans))


_VAGUE = frozenset({"poi", "subpoi", "redundant", "assist", "person", "otherinfo"})


def levels(text: str, spans: list[Span]) -> dict[str, str]:
    """The text of every level of `LEVELS`, parts of one level joined, "" where absent."""
    found = dict.fromkeys(LEVELS, "")
    for level, labels in LEVELS.items():
        found[level] = "".join(text[span.start : span.end] for span in spans if span.label in labels)
    return found


def grammar(line: str) -> list[Span]:
    """What the grammar reads in one address line. Never raises."""
    reader = _Reader(line)
    reader.read()
    return [Span(*span) for span in reader.spans]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spans: list[tuple[int, int, str]] = []

    def read(self) -> None:
        while self.at < len(self.text):
            if not self._step():
                self._name()

    def _take(self, end: int, label: str) -> bool:
        self.spans.append((self.at, end, label))
        self.at = end
        return True

    def _has(self, *labels: str) -> bool:
        return any(label in labels for _, _, label in self.spans)

    def _last(self) -> str:
        return next(
            (label for _, _, label in reversed(self.spans) if label not in {"redundant", "assist"}), ""
        )

    def _step(self) -> bool:
        """Take one part that is known by its form; False where none begins here."""
        if noise := _NOISE.match(self.text, self.at):
            return self._take(noise.end(), "redundant")
        if self._number():
            return True
        if self.spans and (assist := _ASSIST.match(self.text, self.at)):
            return self._take(assist.end(), "assist")
        if self._has("houseno", "cellno", "floorno", "roomno"):
            return False
        return self._admin() or self._road()

    def _admin(self) -> bool:
        deepest = max(
            (_ORDER[label] for _, _, label in self.spans if _ORDER[label] < _ORDER["poi"]), default=-1
        )
        for label, pattern in _ADMIN:
            found = pattern.match(self.text, self.at)
            if not found:
                continue
            if _ORDER[label] <= deepest:
                if (label in {"prov", "city"} and found[0][-1] in "省市") or self._said(found[0]):
                    return self._take(found.end(), "redundant")
                continue
            if label in {"town", "community", "devzone", "district"} and self._poi_inside(found):
                continue
            return self._take(found.end(), label)
        return False

    def _said(self, name: str) -> bool:
        """Whether this area was named before, with or without its ending."""
        stem = name[:-1] if len(name) > 2 and name[-1] in "省市区县镇乡" else name
        return any(
            self.text[a:b].startswith(stem) for a, b, label in self.spans if _ORDER[label] < _ORDER["road"]
        )

    def _poi_inside(self, found: re.Match[str]) -> bool:
        """Whether another place's ending stands inside: 世纪城文一路 is a place and a road."""
        inner = _POI_END.search(self.text, self.at + 1, found.end() - 1)
        return inner is not None and inner.end() < found.end() - 1 and inner.start() > self.at

    def _road(self) -> bool:
        found = _ROAD.match(self.text, self.at)
        if not found or self._poi_inside(found):
            return False
        label = "subroad" if self._last() in {"road", "subroad", "roadno"} else "road"
        return self._take(found.end(), label)

    def _assist_not_last(self) -> bool:
        return bool(self.spans) and self.spans[-1][2] != "assist"

    def _number(self) -> bool:
        text, at, last = self.text, self.at, self._last()
        if last in {"road", "roadno"} and (found := _SUBROAD.match(text, at)):
            return self._take(found.end(), "subroad")
        for label, pattern in (("houseno", _HOUSE), ("cellno", _CELL), ("floorno", _FLOOR)):
            if not (found := pattern.match(text, at)):
                continue
            building = label == "floorno" and last in {"poi", "subpoi", "roadno"} and self._is_building(found)
            return self._take(found.end(), "houseno" if building else label)
        if last in {"road", "subroad", "town", "community", "district", "city", "devzone", "roadno"} and (
            found := _ROADNO.match(text, at)
        ):
            if last == "roadno":
                return self._take(found.end(), "roomno" if self._has("houseno") else "houseno")
            return self._take(found.end(), "subroadno" if last == "subroad" else "roadno")
        if not (found := _ROOM.match(text, at)):
            return False
        return self._plain_number(found)

    def _is_building(self, found: re.Match[str]) -> bool:
        """10楼 is a floor, but 12楼3单元 is a house."""
        return _CELL.match(self.text, found.end()) is not None

    def _plain_number(self, found: re.Match[str]) -> bool:
        """A number that does not say what it counts: what came before says it."""
        last, text = self._last(), self.text
        numbered = found[0].endswith("号")
        hyphen = found.end() < len(text) and text[found.end()] in _HYPHENS
        more = hyphen and text[found.end() + 1 : found.end() + 2].isalnum()
        if last in {"poi", "subpoi"}:
            start, end = next((a, b) for a, b, label in reversed(self.spans) if label == last)
            if numbered and last == "poi" and not self._ends_as_poi(start, end):
                return self._take(found.end(), "roadno")
            return self._take(found.end(), "houseno" if numbered or more else "roomno")
        if last == "houseno":
            return self._take(
                found.end(),
                "cellno" if more or (numbered and self._number_follows(found.end())) else "roomno",
            )
        if last in {"cellno", "floorno", "roomno"}:
            return self._take(found.end(), "roomno")
        if last in {"roadno", "subroadno"}:
            room = found[0][-1] in "室房户" or (
                found[0].isdigit() and len(found[0]) > 2 and not self._after_hyphen()
            )
            return self._take(found.end(), "roomno" if room else "houseno")
        return False

    def _after_hyphen(self) -> bool:
        return self.at > 0 and self.text[self.at - 1] in _HYPHENS

    def _number_follows(self, at: int) -> bool:
        return _FLOOR.match(self.text, at) is not None or self.text[at : at + 1].isdigit()

    def _ends_as_poi(self, start: int, end: int) -> bool:
        return (
            any(found.end() == end for found in _POI_END.finditer(self.text, start, end))
            or _INNER.fullmatch(self.text, start, end) is not None
        )

    def _name(self) -> None:
        """What has no form of its own: a place, up to where something known begins or a place's ending ends."""
        end = self.at + 1
        while end < len(self.text):
            ending = next(
                (found for size in range(2, 9) if (found := _POI_END.match(self.text, max(self.at + 1, end - size))) and found.end() == end),
                None,
            )  # fmt: skip
            if ending and end - self.at > 2 and not self._goes_on(end) and self._enough(end):
                break
            if self._known(end):
                break
            end += 1
        last = self._last()
        if last in {"houseno", "cellno", "floorno", "roomno", "person"}:
            label = "person" if last != "houseno" else "subpoi"
        else:
            label = "subpoi" if last in {"poi", "subpoi"} else "poi"
        self._take(end, label)

    def _goes_on(self, end: int) -> bool:
        return _POI_END.match(self.text, end) is not None

    def _enough(self, end: int) -> bool:
        """Whether what follows can be a name of its own."""
        return _INNER.match(self.text, end) is not None or len(self.text) - end > 2

    def _known(self, at: int) -> bool:
        text = self.text
        if _NOISE.match(text, at) or _HOUSE.match(text, at) or _CELL.match(text, at):
            return True
        if _FLOOR.match(text, at) or _INNER.match(text, at):
            return not text[at - 1].isdigit()
        if _ASSIST.match(text, at):
            return text[at] not in "内口旁" or at == len(text) - 1
        return text[at].isdigit() and not text[at - 1].isascii()
