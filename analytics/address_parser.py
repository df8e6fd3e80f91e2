"""文中找地址 Address parser: one door to address lines and to the addresses inside a complaint's own words.

Reading a line is left to the grammar or to a trained model. Finding is by rules: names are looked for from their
endings (街道, 社区, 路, 花园, 栋 …) backwards to the last word no name contains (在, 位于, 反映 …); names that touch
form a chain, and a chain of at least two parts, one of them finer than a district, is an address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from analytics import address
from analytics.address import BARE_CITY, NUMBER, POI_ENDING, PROVINCE, Span, best_clause
from analytics.address_model import AddressModel


@dataclass(frozen=True, slots=True)
class AddressSpan:
    """An address inside a text: characters ``start`` to ``end`` (exclusive), that ``text``, and its ``parts``.

    The offsets of the parts count from the beginning of the whole text, not of the address.
    """

    start: int
    end: int
    text: str
    parts: tuple[Span, ...]


class AddressParser:
    """Reads address lines and finds addresses in running text.

    ``model``: folder of a trained model (see `analytics.address_model`); None for the grammar, which needs none.
    Raises ModelError (Chinese) for a folder that holds no whole address model. Safe to share between threads.
    """

    def __init__(self, model: Path | None = None) -> None:
        self._line: Callable[[str], list[Span]] = AddressModel(model).line if model else address.grammar

    def parse(self, text: str) -> list[Span]:
        """The parts of an address line, in order, without overlap; of running text, of its most telling clause."""
        return best_clause(text, self._line)

    def find(self, text: str) -> list[AddressSpan]:
        """The addresses inside a running text, in order, without overlap. An empty list where there is none."""
        out = []
        for start, end in _stretches(text):
            parts = tuple(
                Span(part.start + start, part.end + start, part.label) for part in self._line(text[start:end])
            )
            out.append(AddressSpan(start, end, text[start:end], parts))
        return out


def find_addresses(text: str) -> list[AddressSpan]:
    """The addresses inside a running text, by rules and grammar alone. See `AddressParser.find`."""
    return _BUILTIN.find(text)


_BUILTIN = AddressParser()

_CLAUSE = re.compile(r"[^，。；！？!?;：:\n\r（）()“”\"《》【】]+")
# A name does not go on to the left over these.
_LEFT_EDGE = re.compile(
    r".*(?:[我你您他她它们这那该本某各每的在住到是有为从把被将就也又还没不了条及与或至往去给等于离跟比所个但且而因此]"
    r"|(?<![成新花丰港京首])都(?!市|江|汇|会|城)|(?<![太永泰祥仁])和(?!平|谐|睦|美|泰|兴|顺|成|润)|向(?!阳|荣|前)|(?<!自)由|让(?!里)"
    r"|位于|地处|坐落|反映|投诉|举报|咨询|请问|关于|建议|听说|家住|户籍|来电|市民|居民|业主|群众|由于|隔壁|附近|旁边|对面|靠近|紧邻"
    r"|希望|拒绝|按照|拆除|报告|领导|小区|社区|经过|途经|沿着?|加强|整治|尽快|现在|目前|以及|部分|多次|成为|进入|路过|[问称诉说对]|增设|违背|导致|开始|加快|使)(?=..)"
)
_STEM = r"[一-鿿A-Za-z0-9]{1,9}?"
_ENDINGS = (
    ("area", re.compile(rf"(?:{PROVINCE})省?|(?:{BARE_CITY})市?|[A-Z]\d{{0,2}}[市区县]|{_STEM}(?:市|区|县)(?!域|区|政|民|场|容|委|中心|里|内|级|直|长|领导)")),
    ("town", re.compile(rf"{_STEM}(?:街道(?:办事处|办)?|(?<![城乡村])镇(?!政|里|上)|(?<![家城老])乡(?!镇|政|村|亲|里|下))")),
    ("community", re.compile(rf"{_STEM}(?:社区|(?<![农乡全本新])村(?!民|委|里|镇|级|干|支|庄))")),
    ("road", re.compile(rf"{_STEM}(?:大道|大街|胡同|公路|国道|(?<![马公道铁网电水线思半走一让出修回问])路(?!人|过|由|灯|段|面|况|线|费|途|障|口)|(?<![逛上大])街(?!道|边|坊|上|头)|巷(?!子))(?:[东西南北中]?[一二三四五六]?段)?")),
    ("poi", re.compile(rf"{_STEM}(?:{POI_ENDING}|小区)(?:[东西南北]?[一二三四五六七八九十\d]+期|[东西南北]区|[A-Z]区)?")),
)  # fmt: skip
_NUMBERED = re.compile(
    rf"[Tt]?{NUMBER}(?:-\d+)?(?:号楼|号院|号(?!线|文|电梯|令)|栋|幢|单元|座(?!位)|楼(?!房|盘|梯|道)|层(?!楼|电)|室(?!内|外)|房(?!屋|间|产|子)|户(?!型|主)|组|弄|期|米)"
    r"|(?<=[栋幢元层楼室座-])-?\d{2,4}(?!\d|年|月|日|元|多|万|平)"
)
_CROSSING = re.compile(r"(?:与|和)(?=[^，。]{2,9}?(?:交汇|交叉|路口))|(?:交汇|交叉|交界)[处口]")
_BESIDE = re.compile(r"(?:东|南|西|北|东南|东北|西南|西北)?(?:路口|门口|入口|出口|侧|附近|旁边?|对面|斜对面)")
_GAP = re.compile(r"[-－—\s]?")
_CODE = re.compile(r"[A-Z]\d{0,2}[市区县]$")
_NO_AREA = re.compile(
    r".*(?:[小社园景地片校辖市城学住宅库矿厂特活工新老宿社生商发防禁山林牧灾疫郊库全][区]|(?<!成)都市|城市|超市|上市|门市|股市|全市|我市|楼市|房市|菜市|夜市|全县|我县|郊县)$"
)
_COUNT = r"[一二三四五六七八九十几两多各全\d]+|[大小新老旧整]"
_NO_ROAD = re.compile(rf"(?:{_COUNT})$")
_NO_POI = re.compile(
    rf"(?:{_COUNT}|普通|周边|国家|政府|商业|服务|活动|市民|人民|公安|法院|派出|业主|物业|开发商|住宅|高档|中央|便民|购物|体育|文化|培训|医疗|教育|管理|指挥|数据)$"
)
_FINER = frozenset({"town", "community", "road", "poi"})


class _Part(NamedTuple):
    start: int
    end: int
    kind: str


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand: (start, end), in order."""
    for clause in _CLAUSE.finditer(text):
        chain: list[_Part] = []
        for part in _parts(clause[0]):
            if chain and _GAP.fullmatch(clause[0], chain[-1].end, part.start) is None:
                yield from _told(chain, clause.start())
                chain = []
            chain.append(part)
        yield from _told(chain, clause.start())


def _told(chain: list[_Part], offset: int) -> Iterator[tuple[int, int]]:
    """The stretch of a chain of touching names, where it says enough to be an address."""
    while chain and chain[0].kind in {"number", "crossing", "beside"}:
        chain = chain[1:]
    while chain and chain[-1].kind == "crossing" and chain[-1].end - chain[-1].start == 1:
        chain = chain[:-1]
    named = [part for part in chain if part.kind not in {"crossing", "beside"}]
    if len(named) > 1 and any(part.kind in _FINER for part in named):
        yield offset + chain[0].start, offset + chain[-1].end


def _parts(clause: str) -> Iterator[_Part]:
    at = 0
    while at < len(clause):
        found = _part(clause, at)
        if found is None:
            at += 1
        else:
            yield found
            at = found.end


def _part(clause: str, at: int) -> _Part | None:
    """The part that begins at ``at`` or, when words of no name stand before it, shortly after."""
    for kind, pattern in (("crossing", _CROSSING), ("number", _NUMBERED), ("beside", _BESIDE)):
        if found := pattern.match(clause, at):
            return _Part(at, found.end(), kind)
    best: _Part | None = None
    for kind, pattern in _ENDINGS:
        found = pattern.match(clause, at)
        if found and (part := _trimmed(clause, found, kind)) and (best is None or part.end < best.end):
            best = part
    return best


def _trimmed(clause: str, found: re.Match[str], kind: str) -> _Part | None:
    """A name without the words before it; None when nothing of it is left or it names nothing."""
    said = found[0]
    edge = _LEFT_EDGE.match(said)
    start = found.start() + (edge.end() if edge else 0)
    if kind == "area" and (code := _CODE.search(clause, start, found.end())):
        start = code.start()
    name = clause[start : found.end()]
    if kind == "area":
        if (
            _NO_AREA.match(name)
            or len(name) > 5
            or len(name) < 2
            or (len(name) == 2 and not name[0].isascii())
        ):
            return None
    elif kind == "poi":
        if len(name) < 4 or name[0].isdigit() or _NO_POI.match(name[:-2]):
            return None
    elif len(name) < 3 or name[0].isdigit() or (kind == "road" and _NO_ROAD.match(name[:-1])):
        return None
    return _Part(start, found.end(), kind)
