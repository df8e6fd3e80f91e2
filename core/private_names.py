"""姓名识别 Names in running text: found by what announces them (a cue, a role, a title, a signature), not by guessing.

A Chinese name is a family name and one or two characters, and so are thousands of words (高考, 任何, 周边). What
stands before and after decides: a strong sign (我叫, 联系人：) needs little more; a weak one (业主, …主任) needs
characters that names are made of and an end that does not cut a word in two. The characters are data in
``private_names.toml``. Every step reads a bounded window, so time is linear in the text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

Name = tuple[int, int, str]  # start, end, why

_DATA = tomllib.loads((Path(__file__).parent / "private_names.toml").read_text(encoding="utf-8"))
_SURNAMES = frozenset(_DATA["surnames"]) - {"\n"}
_COMPOUND = frozenset(_DATA["compound"])
_FEEBLE = frozenset(_DATA["feeble"])
_WARY = frozenset(_DATA["wary"]) | _FEEBLE
_GIVEN = frozenset(_DATA["given"]) - {"\n"}
_NEVER = frozenset(_DATA["never"]) - {"\n"}
_GIVEN_NAMES = frozenset(_DATA["given_names"].split())
_JOINED = frozenset(_DATA["joined"].split())
_HARDLY = frozenset("某的了是在们这那为员")
_WORDS = frozenset(_DATA["words"].split())


def _any_of(words: str) -> str:
    return "(?:" + "|".join(sorted(words.split(), key=len, reverse=True)) + ")"


_ROLES = _any_of(_DATA["roles"])
_KIN = _any_of(_DATA["kin"])
_FIELDS = _any_of(_DATA["fields"])
_TITLES = _any_of(_DATA["titles"])
_AFTER = re.compile(_any_of(_DATA["after"]) + "|" + _TITLES)
_BEFORE = re.compile(_any_of(_DATA["before"]) + r"\Z")
_BLANK = r"[ \t]{0,3}"
_STRONG = re.compile(
    rf"(?:(?:我|本人|他|她|人|名字?|真名|孩子|小孩)叫(?:做)?|(?:名字|姓名)(?:叫|是|为)?|{_FIELDS}(?:名字|姓名)?(?=[ \t]{{0,3}}[:：∶是为叫]))"
    rf"{_BLANK}(?:[（(](?:签字|签名|实名)[)）])?{_BLANK}[:：∶是为]?{_BLANK}"
)
_WEAK = re.compile(rf"(?:{_FIELDS}|{_ROLES}|{_KIN}|名叫|我名|[一有位]个?叫)(?:[:：∶是为叫“\"（(])?{_BLANK}")
_SELF = re.compile(rf"(?:我是|本人(?:是|系)?|[:：]){_BLANK}(?=[一-龥·•]{{2,4}}{_BLANK}[,，。.;；(（、])")
_TITLED = re.compile(_TITLES)
# 张伟，男，… 李芳（身份证 … 王强138…
_DETAIL = re.compile(
    rf"{_BLANK}[,，、:：(（]?{_BLANK}(?:[男女]{_BLANK}[,，、)）。;；]|(?:居民)?身份证(?!明|件|原件)|(?:联系)?(?:电话|手机|方式)|(?:19|20)[0-9]{{2}}年[0-9]{{1,2}}月[0-9日]{{0,3}}(?:出)?生"
    r"|出生|\+?(?:86)?1[3-9][0-9]{3})"
)
_CERTAIN = re.compile(
    rf"{_BLANK}[,，、(（]?{_BLANK}(?:[男女]{_BLANK}[,，、)）。;；]|(?:居民)?身份证(?!明|件|原件))"
)
# 蒋民爱的母亲
_KIN_AFTER = re.compile(rf"的?(?:{_KIN}|父亲|母亲|父子|父母|母子|母女)|之[父母子女妻兄弟]")
# 被张伟打伤
_DONE_BY = re.compile(r"[被把将遭]")
_CALLED = re.compile(f"{_FIELDS}|{_ROLES}|{_KIN}|{_TITLES}")
_HARM = re.compile(_any_of(_DATA["harm"]))
# 13王强、14李芳、15赵红: a list of people
_NUMBERED = re.compile(
    r"(?<![0-9])[0-9]{1,3}[ \t]?[.、．:：)）]?[ \t]?(?=[一-龥]{2,4}(?:[、,，;；\s。*0-9]|\Z))"
)
# 张澎、周凤凤、李洁: three in a row need no other sign
_ROW = re.compile(r"(?<![一-龥])(?:[一-龥]{2,4}[、,，]){2,40}[一-龥]{2,4}(?![一-龥])")
_LISTED = 3
_SIGNED = re.compile(
    r"(?:^|[\n。！!？?；;，,：:~～）)]|敬礼|此致|谢谢|[—-]{1,2}|[ \t　])[\s　]{0,20}"
    r"(?P<name>[一-龥]{2,4}?)[\s　]{0,20}(?:敬上|敬启|谨上|呈上?|亲笔)?[\s　]{0,20}(?:[0-9一二三四五六七八九十〇零年月日.\-/]{4,14})?[\s　。.!！]{0,20}\Z"
)
_ALSO = re.compile(r"[、，,和与及 ]{1,2}")
# what a firm, an estate or a village is called goes on like this
_PLACE = re.compile(
    r"[一-龥]{0,5}?(?:小区|社区|公司|物业|中心|学校|街道|地产|家园|花园|地省|[园苑庭府镇路村院区学厂店楼])"
)
_DOTTED = re.compile(r"[一-龥]{2,7}[·•][一-龥]{2,8}(?![一-龥])")
_SIGNED_WINDOW = 90


def _family(text: str, start: int) -> int:
    """Length of the family name that begins here; 0 when none does."""
    if text[start : start + 2] in _COMPOUND:
        return 2
    return 1 if text[start : start + 1] in _SURNAMES else 0


def _chinese(text: str) -> bool:
    return bool(text) and all("一" <= char <= "龥" for char in text)


def _ends(text: str, end: int) -> bool:
    """Whether a name may stop here without cutting a word."""
    if end >= len(text) or not "一" <= text[end] <= "龥":
        return True
    return bool(_AFTER.match(text, end)) and text[end - 1 : end + 1] not in _JOINED


def _stands_alone(text: str, end: int) -> bool:
    return end >= len(text) or not "一" <= text[end] <= "龥"


def _possible(text: str, start: int, family: int, end: int) -> bool:
    """Whether there is nothing against a name, where something strong speaks for it."""
    whole, given = text[start:end], text[start + family : end]
    if not _chinese(given) or whole in _WORDS or _TITLED.match(given) or _CALLED.fullmatch(whole):
        return False
    return given in _GIVEN_NAMES or not _HARDLY & set(given)


def _made_of_name(text: str, start: int, family: int, end: int) -> bool:
    """Whether family name and given name look like ones, by their characters."""
    given = text[start + family : end]
    if (
        not _possible(text, start, family, end)
        or text[start : start + 2] in _WORDS
        or text[start : start + 3] in _WORDS
    ):
        return False
    if given in _GIVEN_NAMES:
        return True
    if any(char in _NEVER for char in given):
        return False
    known = sum(char in _GIVEN for char in given)
    return known == len(given) if (family == 1 and text[start] in _WARY) or len(given) == 1 else known > 0


def _strong_end(text: str, start: int) -> int:
    """Where a name ends that a strong sign announces; 0 when there is none."""
    dotted = _DOTTED.match(text, start)
    if dotted:
        return dotted.end()
    family = _family(text, start)
    if not family or _TITLED.match(text, start + family):
        return 0
    for length in (2, 1):
        end = start + family + length
        given = text[start + family : end]
        if len(given) < length or not _possible(text, start, family, end):
            continue
        if _stands_alone(text, end):
            return end
        if text[start : start + 2] in _WORDS:
            continue
        if any(char in _NEVER for char in given) and given not in _GIVEN_NAMES:
            continue
        if _ends(text, end) or (all(char in _GIVEN for char in given) and not _PLACE.match(text, end)):
            return end
    return 0


def _weak_end(text: str, start: int, *, closed: bool = False, before: re.Pattern[str] | None = None) -> int:
    """Where a name ends that a weak sign announces; ``closed`` asks for punctuation behind it, ``before`` for that."""
    family = _family(text, start)
    if not family or _TITLED.match(text, start + family):
        return 0
    for length in (2, 1):
        end = start + family + length
        if end > len(text) or not _made_of_name(text, start, family, end):
            continue
        if before:
            stops = bool(before.match(text, end))
        elif closed or text[start] in _FEEBLE or (length == 1 and text[start] in _WARY):
            stops = _stands_alone(text, end)
        else:
            stops = _ends(text, end)
        if stops:
            return end
    return 0


def _before(text: str, end: int, *, sure: bool = False) -> int:
    """Where a name begins that ends here, before a title or a telephone; -1 when there is none.

    ``sure``: what follows (，男，) speaks for a name whatever it is made of, if it stands alone.
    """
    for length in (4, 3, 2):
        start = end - length
        if start < 0:
            continue
        alone = start == 0 or not "一" <= text[start - 1] <= "龥"
        family = _family(text, start)
        if not family or length - family not in (1, 2):
            continue
        if sure and alone and _possible(text, start, family, end):
            return start
        if text[start] in _FEEBLE or not _made_of_name(text, start, family, end):
            continue
        if sure and length - family == 2 and text[start] not in _WARY:
            return start
        if length == 2 and (text[start] in _WARY or text[start + 1] in _SURNAMES - _GIVEN):
            continue
        if length == 3 and family == 1 and text[start] in _WARY and _family(text, start + 1):
            continue  # 院方张澍院长: 张澍 is found next
        if text[max(0, start - 1) : start + 1] in _WORDS:
            continue  # 谢谢杨书记: the word does not end before the name
        if alone or _BEFORE.search(text, max(0, start - 4), start):
            return start
    return -1


def _announced(text: str) -> Iterator[Name]:
    for match in _STRONG.finditer(text):
        end = _strong_end(text, match.end())
        if end:
            yield match.end(), end, "自报或标明的姓名"
    for match in _WEAK.finditer(text):
        end = _weak_end(text, match.end())
        if end:
            yield match.end(), end, "称谓之后的姓名"
    for match in _SELF.finditer(text):
        end = _weak_end(text, match.end(), closed=True)
        if end:
            yield match.end(), end, "自报的姓名"
    for match in _TITLED.finditer(text):
        start = _before(text, match.start())
        if start >= 0:
            yield start, match.start(), "称谓之前的姓名"
    for match in _DETAIL.finditer(text):
        start = _before(text, match.start(), sure=bool(_CERTAIN.match(text, match.start())))
        if start >= 0:
            yield start, match.start(), "与性别、证件或电话相连的姓名"


def _in_context(text: str) -> Iterator[Name]:
    for match in _KIN_AFTER.finditer(text):
        start = _before(text, match.start())
        if start >= 0:
            yield start, match.start(), "亲属称谓之前的姓名"
    for match in _DONE_BY.finditer(text):
        end = _weak_end(text, match.end(), before=_HARM)
        if end:
            yield match.end(), end, "受害或加害的人"
    listed = [
        (match.end(), end)
        for match in _NUMBERED.finditer(text)
        if text[match.end()] not in _FEEBLE and (end := _weak_end(text, match.end(), closed=True))
    ]
    if len(listed) >= _LISTED:
        yield from ((start, end, "名单中的姓名") for start, end in listed)


def _in_rows(text: str) -> Iterator[Name]:
    """Rows of at least three names, one of them with a given name of two characters."""
    for match in _ROW.finditer(text):
        row: list[tuple[int, int]] = []
        for part in [*re.finditer(r"[一-龥]+", match.group()), None]:
            start = match.start() + part.start() if part else len(text)
            end = match.start() + part.end() if part else len(text)
            # the last may be followed by a word: 李洁等
            stop = _weak_end(text, start) if part else 0
            if stop and (stop == end or text.startswith("等", stop)):
                row.append((start, stop))
                if stop == end:
                    continue
            if len(row) >= _LISTED and any(stop - start > 2 for start, stop in row):
                yield from ((start, stop, "并列的姓名") for start, stop in row)
            row = []


def _signed(text: str) -> Iterator[Name]:
    offset = max(0, len(text) - _SIGNED_WINDOW)
    match = _SIGNED.search(text, offset)
    if match:
        start, end = match.span("name")
        if _weak_end(text, start, closed=True) == end:
            yield start, end, "文末署名"


def find_names(text: str) -> list[Name]:
    """(start, end, why) of names in text whose full-width characters were made half-width; may overlap.

    A name joined to a found one by 、 or 和 is found too. What is coded already (王某, 李XX) is left.
    """
    found = {
        (start, end): why
        for start, end, why in (*_announced(text), *_in_context(text), *_in_rows(text), *_signed(text))
    }
    # 张伟、李芳、王强: who stands beside a name is one
    for _, end in sorted(found):
        here = end
        for _ in range(20):
            joint = _ALSO.match(text, here)
            stop = _weak_end(text, joint.end()) if joint else 0
            if not joint or not stop or (joint.end(), stop) in found:
                break
            found[joint.end(), stop] = "与姓名并列的姓名"
            here = stop
    return [(start, end, why) for (start, end), why in sorted(found.items())]
