"""十段式 Ten segments: one writing for one address, from the province down to the room.

People write one door in many ways: 3幢 or 三号楼, 成都 or 四川省成都市, 5楼502 or 502室. The parts read by the grammar
or a trained model are put into ten segments, each in one writing, so that equal addresses become equal strings.
Method: rules per segment and the public table of divisions (`divisions.toml`); no training data.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from analytics.address import Span, parse

SEGMENTS = {
    "province": "省",
    "city": "市",
    "district": "区县",
    "town": "街道乡镇",
    "community": "社区村",
    "road": "路巷",
    "number": "门牌",
    "place": "小区场所",
    "building": "楼栋单元",
    "room": "室",
}


@dataclass(frozen=True, slots=True)
class TenSegments:
    """An address in ten segments, each "" where nothing was said. The fields are those of `SEGMENTS`, in its order."""

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    community: str = ""
    road: str = ""
    number: str = ""
    place: str = ""
    building: str = ""
    room: str = ""

    @property
    def line(self) -> str:
        """The whole address in one writing: equal for equal addresses, fit as a key."""
        parts = astuple(self)
        return "".join(parts[1:] if parts[0] == parts[1] else parts)

    @property
    def door(self) -> str:
        """Road and number, such as 清江东路15号, by which a door is known in its city; "" unless both were said."""
        return self.road + self.number if self.road and self.number else ""

    def within(self, *home: str) -> TenSegments:
        """The same address with what went without saying: ``home`` is (province, city, district), as far as known.

        Fills from the top and only what is empty; an address that names another place there is left as it is.
        """
        names = ("province", "city", "district")[: len(home)]
        said = [getattr(self, name) for name in names]
        if any(one and one != ours for one, ours in zip(said, home, strict=True)):
            return self
        return replace(self, **dict(zip(names, home, strict=True)))


# ---- numbers -------------------------------------------------------------------------------------------------------

_NUMERAL = "[〇零一二三四五六七八九十百千廿]"
_NO_NAMES = "(?![百千](?:楼|层|号))"  # 百层, 千层饼 count nothing
_ANNEX_NUMERAL = re.compile(rf"(?<=号[附之])({_NUMERAL}+)")
_COUNTED = "号楼|号院|号|栋|幢|棟|撞|单元|楼|层|室|房|弄|组|排|#"
_NUMERALS = re.compile(rf"(?<![\d〇零一二三四五六七八九十百千廿]){_NO_NAMES}({_NUMERAL}+)(?={_COUNTED})")
_BUILDING = re.compile(r"(?<![\d-])(\d+-\d+|[A-Za-z]?\d+[A-Za-z]?|[A-Za-z])(?:号楼|幢楼?|棟|撞|#楼?|座|栋楼)")
_PHASE = re.compile(r"(?<!\d)(\d{1,2})(?=期)")  # 二期 is part of a name
_DIGITS = "〇一二三四五六七八九"
_NAMED_BY_DIGIT = re.compile(r"(?<!\d)(\d{1,2})(?=段|环|横|支?路|[街巷])")


def numeral(text: str) -> int:
    """A Chinese number below ten thousand: 二十三 → 23, 一百零二 → 102, and digit by digit 三〇二 → 302.

    Raises ValueError for text that is not such a number.
    """
    values = [unicodedata.numeric(character, -1.0) for character in text]
    if not values or any(value < 0 or value != int(value) for value in values):
        raise ValueError(f"“{text}”不是中文数字")
    whole = [int(value) for value in values]
    if max(whole) < 10:
        return int("".join(map(str, whole)))
    total, last = 0, 0
    for value in whole:
        if value in (10, 100, 1000):
            total += (last or 1) * value
            last = 0
        elif value == 20:
            total += value
        else:
            last = value
    return total + last


def plain(text: str) -> str:
    """Text without blanks, full-width forms and the many ways to write a number: 三幢, 3号楼 and ３ 栋 are all 3栋."""
    text = unicodedata.normalize("NFKC", "".join(unicodedata.normalize("NFKC", text).split()))
    text = _NUMERALS.sub(lambda found: str(numeral(found[1])), text)
    text = _ANNEX_NUMERAL.sub(lambda found: str(numeral(found[1])), text)
    text = _PHASE.sub(lambda found: chinese(int(found[1])), text)
    return _BUILDING.sub(r"\1栋", text)


def chinese(number: int) -> str:
    """A number from 0 to 99 in Chinese: 4 → 四, 21 → 二十一. Names of roads are written so."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones or not tens else "")


# ---- divisions -----------------------------------------------------------------------------------------------------

_AUTONOMOUS = re.compile(
    r"(?:(?:朝鲜|土家|苗|藏|羌|彝|布依|侗|哈尼|壮|傣|白|景颇|傈僳|回|蒙古)族|蒙古|哈萨克|柯尔克孜)+自治州$"
)
_SUFFIX = re.compile(r"(?:地区|市|盟)$")
_LONG_PROVINCES = ("内蒙古", "黑龙江")


def _divisions() -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Province by any of its names; (province, city) by any name of the city."""
    table = tomllib.loads(Path(__file__).with_name("divisions.toml").read_text(encoding="utf-8"))
    provinces: dict[str, str] = {}
    cities: dict[str, tuple[str, str]] = {}
    for province, below in table.items():
        short = province[: 3 if province.startswith(_LONG_PROVINCES) else 2]
        provinces |= dict.fromkeys((province, short, short + "省"), province)
        for city in below.split():
            short = _SUFFIX.sub("", _AUTONOMOUS.sub("", city))
            names = (city, short, short + "州") if city.endswith("州") else (city, short)
            cities |= dict.fromkeys(names, (province, city))
    return provinces, cities


_PROVINCES, _CITIES = _divisions()


def _upper(province: str, city: str) -> tuple[str, str]:
    """Province and city in full, each filled from the other where that is certain."""
    province = _PROVINCES.get(province, province)
    home, full = _CITIES.get(city, ("", city))
    if province and home and home != province:
        full = city  # 海南省…市 is not 海南藏族自治州: leave what the table contradicts
    if not city and province in _CITIES:
        full = province  # 北京市朝阳区
    return province or home, full


# ---- one writing per segment ---------------------------------------------------------------------------------------

_MARKS = re.compile(r"[^\w#-]|_")
_ZEROS = re.compile(r"(?<![\dA-Za-z])0+(?=\d)")
_TOWN_OFFICE = re.compile(r"(?:街道)?(?:办事处|街办|街道办)$")
_COMMITTEE = re.compile(r"(?:(?<=社区)(?:居民委员会|居委会)|(?<=村)(?:民委员会|委会))$")
_GENERIC_TAIL = re.compile(r"(?<=[一-鿿]{3})(?:小区|住宅区|家属区)$")
_ANNEX = re.compile(r"号?[附之](\d+)号?$")
_NUMBER_ALONE = re.compile(r"[A-Za-z]?\d+(?:-\d+)*[A-Za-z]?")
_ROOM_TAIL = re.compile(r"(?:室|房间?|号|户)$")


def _town(text: str) -> str:
    stem = _TOWN_OFFICE.sub("", text)
    return stem if stem == text or stem.endswith(("镇", "乡")) else stem + "街道"


def _community(text: str) -> str:
    return _COMMITTEE.sub("", text)


def _road(text: str) -> str:
    return _NAMED_BY_DIGIT.sub(lambda found: chinese(int(found[1])), text)


def _number(text: str) -> str:
    text = _ZEROS.sub("", text)
    text = _ANNEX.sub(r"号附\1号", text)
    return text + "号" if _NUMBER_ALONE.fullmatch(text) else text


def _place(text: str) -> str:
    return _GENERIC_TAIL.sub("", text)


def _house(text: str) -> str:
    text = _ZEROS.sub("", text.removeprefix("第"))
    text = _BUILDING.sub(r"\1栋", text)
    if _NUMBER_ALONE.fullmatch(text):
        return text + "栋"
    return re.sub(r"^([A-Za-z]?\d+[A-Za-z]?)[号楼]$", r"\1栋", text)


def _cell(text: str) -> str:
    text = _ZEROS.sub("", text)
    return (
        text + "单元" if _NUMBER_ALONE.fullmatch(text) else re.sub(r"(?:单元|号门|元|门|号)$", "单元", text)
    )


def _floor(text: str) -> str:
    text = text.replace("地下", "负").replace("-", "负")
    return re.sub(r"(?:楼|层|[Ff])$", "层", text)


def _door(text: str) -> str:
    text = _ROOM_TAIL.sub("", text)
    return text + "室" if text and text[-1].isalnum() and text[-1].isascii() else text


_WRITE: dict[str, tuple[str, Callable[[str], str]]] = {
    "prov": ("province", str),
    "city": ("city", str),
    "district": ("district", str),
    "devzone": ("devzone", str),
    "town": ("town", _town),
    "community": ("community", _community),
    "road": ("road", _road),
    "subroad": ("road", _road),
    "roadno": ("number", _number),
    "subroadno": ("number", _number),
    "poi": ("place", str),
    "subpoi": ("place", str),
    "houseno": ("building", _house),
    "cellno": ("building", _cell),
    "floorno": ("floor", _floor),
    "roomno": ("room", _door),
}
_ONE_ONLY = frozenset({"province", "city", "district", "town", "community"})


_ROAD_UNITS = ("段", "组", "社")
_SECTION = re.compile(r"(?:[东南西北中]|[一二三四五六七八九]|\d)段")


def segments(text: str, spans: Sequence[Span]) -> TenSegments:
    """The ten segments of an address whose parts have been read. Never raises.

    ``spans``: parts of ``text`` as `address.parse` or a trained model gives them. Persons, remarks and repeats are
    left out; of two provinces, cities … the first counts; crossing roads are joined by ＋, in one order whichever was
    said first; a floor is left out where the room's number begins with it.
    """
    said: dict[str, list[str]] = {name: [] for name, _ in _WRITE.values()}
    numbered = False
    for span in _mended(text, spans):
        name, write = _WRITE.get(span.label, ("", str))
        piece = _MARKS.sub("", plain(text[span.start : span.end]))
        if not name or not piece:
            continue
        if span.label == "subroad" and numbered:
            name, write = "number", _number  # 中山路15号3巷5号: the lane is counted from the number
        numbered = numbered or name == "number"
        written = write(piece.upper())
        if written not in said[name] and not (name in _ONE_ONLY and said[name]):
            said[name].append(written)
    crossing = len(said["road"]) > 1 and any(span.label == "assist" for span in spans)
    joined = {name: "".join(found) for name, found in said.items()}
    if crossing:
        joined["road"] = "＋".join(sorted(said["road"]))
    province, city = _upper(joined["province"], joined["city"])
    district, town = joined["district"], joined["town"]
    if joined["devzone"]:
        district, town = (district, joined["devzone"] + town) if district else (joined["devzone"], town)
    return TenSegments(
        province,
        city,
        district,
        town,
        joined["community"],
        joined["road"],
        joined["number"],
        _place(joined["place"]),
        joined["building"],
        _with_floor(joined["floor"], joined["room"]),
    )


def _mended(text: str, spans: Sequence[Span]) -> list[Span]:
    """Parts of roads the readers leave lying beside them: 人民南路|四段, 白云村|3|组."""
    out: list[Span] = []
    for span in spans:
        piece = text[span.start : span.end]
        before = out[-1] if out and out[-1].end == span.start else None
        if before and piece in _ROAD_UNITS and text[before.start : before.end].rstrip("号").isdigit():
            out[-1] = Span(before.start, span.end, "road")
        elif before and before.label == "road" and _SECTION.fullmatch(piece):
            out.append(Span(span.start, span.end, "road"))
        else:
            out.append(span)
    return out


def _with_floor(floor: str, room: str) -> str:
    """5层502室 and 502室 are one door, 负1层502室 another."""
    level = floor.removesuffix("层")
    digits = room.removesuffix("室")
    return (
        room
        if level.isdigit() and len(digits) == len(level) + 2 and digits.startswith(level)
        else floor + room
    )


def normalise(text: str, read: Callable[[str], list[Span]] = parse) -> TenSegments:
    """The ten segments of an address line, its numbers put into one writing before it is read.

    ``read``: what reads the parts; by default the grammar, else ``AddressParser(model).parse``. Never raises with
    the grammar; text without an address gives ten empty segments.
    """
    line = _annexed(plain(text))
    return segments(line, read(line))


def _annexed(line: str) -> str:
    """Writings the readers split: 北京市北京市, 街道办事处, 社区居委会, 15号附3号, and 人民南路4段 with its figure in digits."""
    line = re.sub(r"^(北京|天津|上海|重庆)市?(?=\1)", "", line)
    line = re.sub(r"(?<=街道)(?:办事处|办(?!事))", "", line)
    line = re.sub(r"(?<=社区)(?:居民委员会|居委会)", "", line)
    line = re.sub(r"(?<=\d号)附(\d+)号?", r"之\1", line)
    return re.sub(r"(?<=[路街道])(\d{1,2})段", lambda found: chinese(int(found[1])) + "段", line)
