"""门牌识别 Houses in running text: building, unit, room and door number, told from counts of houses.

``3栋2单元501`` and ``人民路12号`` say where somebody lives; 建了3栋楼 and 猪舍一栋 say how many there are. What stands
before and after decides. Every repetition is bounded: time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

House = tuple[int, int, str]  # start, end, why

_CHINESE = r"[一二三四五六七八九十百]{1,4}"
_BUILDING_NUMBER = rf"(?:[A-Za-z]{{0,2}}\d{{1,4}}[A-Za-z]?|{_CHINESE}|[A-Za-z])"
_NUMBER = rf"(?:\d{{1,4}}[A-Za-z]?|{_CHINESE}|[A-Za-z])"
_BUILDING = rf"{_BUILDING_NUMBER}\s?[#＃]?\s?(?:栋|幢|号楼|号院)|[A-Za-z]\d{{0,2}}座|\d{{1,3}}座(?=\s?\d)|(?<![\d.])\d{{1,3}}[#＃]楼?(?![\dA-Za-z线])|\d{{1,3}}[#＃](?=\s?\d{{1,2}}\s?单元)"
_UNIT = rf"{_NUMBER}\s?(?:单元|梯(?=\d))"
_LEVEL = rf"(?:负|-)?{_NUMBER}\s?(?:层|楼)(?!盘)"
_ROOM = r"[A-Za-z]?\d{2,5}[A-Za-z]?(?![\d年月日元点:.%％㎡米平多万余后期人个])\s?(?:号房|[号室房户](?!型|间|屋|产|主|源|价|管|款))?|\d{1,3}\s?[室户房](?!型|间|屋|产|主|源|价|管|款)|[一二三四五六七八九]\s?[室房](?!型|间|屋|产|主|源|价|管|款|一|两|二)"
_LIST = r"(?:(?:\d{1,3}|[A-Za-z]\d{0,2}|[一二三四五六七八九十]{1,2})(?:栋|幢|号楼)?\s?(?:[、,，/.~～\-－—至到和与及]|以及)\s?){0,12}"
_CHAIN = re.compile(
    # 3栋2单元501, 5、6栋, A座1203室, 2单元4楼: a building or a unit, and whatever narrows it down
    rf"(?<![A-Za-z0-9十百.])(?P<list>{_LIST})(?P<head>{_BUILDING}|{_UNIT})(?P<rest>(?:[\s\-－—,，]?\s?(?:{_BUILDING}|{_UNIT}|{_LEVEL}|{_ROOM})){{0,5}})"
)
_ROOM_ALONE = re.compile(
    r"(?<![\d.A-Za-z\-第])[A-Za-z]?\d{3,4}\s?(?:室|号房|房(?!间|屋|子|产|源|价|东|贷|租|型|款|管|地|主|企))"
)
_TRIPLE = re.compile(
    r"(?<![\d\-－./A-Za-z])[A-Za-z]?\d{1,3}\s?[\-－—]\s?\d{1,2}\s?[\-－—]\s?\d{3,5}(?![\d\-－/:])"
)
_CUED = re.compile(
    r"(?:房号|门牌号?码?|家住|住址|住在|我住|地址|住)[:：为是\s]{0,2}(?P<house>[A-Za-z]?\d{1,3}[\s\-－—]\d{3,4}|\d{3,4}(?=[,，。;；\s室房]))(?![\d年月日元\-－])"
)
_DOOR = re.compile(
    # 人民路12号附3号, 3组96号: a door, where 知道12号, 里15号 and 5月12号 are days
    r"(?<=[路街巷道里弄坊村组屯寨])(?<!知道)(?<!报道)(?<!渠道)(?<!车道)(?<!通道)(?<!频道)(?<!家里)(?<!公里)(?<!那里)(?<!这里)(?<!手里)"
    r"\s?(?P<number>\d{1,5})\s?号(?:之\d{1,3}|附\s?\d{1,4}\s?号)?(?:院)?(?!线|楼|栋|文|令|公告|开始|之前|以前|左右|上午|下午|晚|早|中午|凌晨|地块|台|机|样|线)"
)
_GROUP_ALL = re.compile(
    r"(?:楼|栋|单元)?的?(?:全体|所有|多[名户位]|部分|众多|广大)|楼的(?:居民|住户|业主)|都"
)
_COUNT_BEFORE = re.compile(
    r"(?:共计?|共有|有|建了?|建成|建设|盖了?|多|约|近|这|那|每一?|各|前|后|剩下?|仅|只|达|拆了?|拆除|余|另|外|加|含|几|其中|其他|其它|变为|改为|成|任何|某|同|整|半|超过|最后|第|两|买了?|占|供|到|住了?|为|栋|幢|座|、|和)\s?\Z"
)
_HOUSES = re.compile(r"(?:房|舍|楼|楼房|房屋|旧房|厂房|别墅|住宅|建筑|公寓|门面|仓库)\s?\Z")
_COUNTED = re.compile(
    r"\s?(?:\(座\))?(?:的)?(?:\d{1,2}\s?层|[一二三四五六七八九十]{1,3}层)?的?(?:居民|高层|多层|小高层|联排|独栋|独立|自建|商住|办公|住宅|安置|单体|民用|私人|私)?(?:楼房|房子|房屋|旧房|住宅|别墅|高层|小高层|洋房|公寓|大楼|高楼|建筑|厂房|猪舍|民房|平房|危房|楼宇|宿舍|[一二三四五六七八九十]层)"
    r"|\s?[栋幢]|[、,，]?(?:共计?|总共)|以上|左右|多"
)
_PLAIN_HOUSES = re.compile(
    r"\s?(?:楼(?![上下顶道梯层栋前后旁间的一二三四五六七八九十\d])|房(?![号东产主间]))"
)
_SMALL = frozenset("一两几数半多")


def _counts(text: str, match: re.Match[str]) -> bool:
    """Whether a building without unit or room is a number of houses."""
    start, end = match.span()
    before, after = text[max(0, start - 4) : start], text[end : end + 14]
    number = re.sub(r"\s?[#＃]?\s?(?:栋|幢|号楼|号院|[#＃]楼?|座)\Z", "", match["head"].strip())
    listed = bool(match["list"])
    if match["head"].endswith(("号楼", "号院", "座", "#", "＃")):
        return False
    if _GROUP_ALL.match(after) and not listed:
        return True
    if number == "一" and not match["rest"]:
        # an estate's 一栋 is hidden only where its name stands before it
        return not re.search(r"(?:小区|花园|家园|新村|社区|新城|[苑园城府期区])\Z", before)
    if number.isascii() and not number.isdigit():
        return False  # A栋, b3栋
    if _COUNTED.match(after) or _COUNTED.match(match["rest"]):
        return True
    few = not number.isdigit()
    if few and (_PLAIN_HOUSES.match(after) or _HOUSES.search(before)):
        return True
    return not listed and bool(_COUNT_BEFORE.search(before)) and not re.search(r"\d{3}", match["rest"])


def _buildings(text: str, *, counted: bool) -> Iterator[House]:
    for match in _CHAIN.finditer(text):
        head, rest = match["head"], match["rest"]
        start, end = match.span()
        inside = "单元" in head + rest or bool(re.search(r"\d{3}|[室户房]|梯", rest))
        if counted and not inside and _counts(text, match):
            continue
        if (
            counted
            and "单元" in head
            and not rest
            and (_GROUP_ALL.match(text, end) or text.startswith("第", start - 1))
        ):
            continue  # 3单元楼的居民, 第三单元测试
        listed = match["list"]
        if re.fullmatch(r"\d{1,2}\s?[、.．,，]\s?", listed) and (
            start == 0 or text[start - 1] in "\n\r\t 。；;:：!！?？"
        ):
            start += len(listed)  # 3、18栋…: the number of a paragraph
        yield (
            start,
            start + len(text[start:end].rstrip(" \t,，-－—\n\r")),
            "楼栋单元房号" if inside else "楼栋",
        )


def find_houses(text: str, *, counted: bool = True) -> list[House]:
    """(start, end, why) of houses; may overlap. ``counted=False`` for an address field, where nobody counts houses."""
    found = list(_buildings(text, counted=counted))
    for pattern, why in ((_ROOM_ALONE, "房号"), (_TRIPLE, "栋-单元-房号")):
        found += [(*match.span(), why) for match in pattern.finditer(text)]
    found += [(*match.span("house"), "房号") for match in _CUED.finditer(text)]
    for match in _DOOR.finditer(text):
        shift = len(match.group()) - len(match.group().lstrip())
        found.append((match.start() + shift, match.end(), "门牌号"))
    return sorted(found)
