"""指纹 Fingerprints: what of a complaint is compared when two of them may tell of one event.

Character pairs and triples as numbers (cheap enough for every order of a city), the names of places said, and the
numbers and codes that two strangers do not say by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from analytics.keywords import dictionary
from analytics.text import known_words, normalise

Hashes = NDArray[np.uint32]

TEXT_LIMIT = 300  # characters compared: the matter is said early
_HEAD = 90  # characters of which pairs are tied to the place
_TITLE = 60  # characters in which the matter is mostly named
_PLACES_TIED = 2
_STEM_KEY = 2  # characters of a name before its ending (农贸市场) that its key is made of
_MIX = np.uint32(2654435761)  # Knuth's multiplier
_BAND = 2  # least hashes a band is made of
_SKETCH = np.random.default_rng(2654435761).integers(1 << 31, 1 << 32, 16, dtype=np.uint32) | np.uint32(1)
_SKETCHED_FROM = 12  # grams; shorter texts share a band by chance
_COURTESY = re.compile(
    r"(?:来电人|市民|居民|群众|网友|诉求人|[一-鿿](?:先生|女士))?(?:来电|致电)?(?:反映|反应|投诉|咨询|举报|表示|称)(?=[，,：:])[，,：:]"
    r"|(?:尊敬的)?[一-鿿A-Z0-9]{0,4}(?:领导|书记|市长|区长|县长)[，,：:！!]?(?:您好|你好)?|您好|你好|谢谢|感谢"
    r"|(?:请|望|希望|恳请|要求|建议)?(?:有关|相关|职能)?(?:部门|单位|政府|领导)?(?:尽快|及时|帮忙|协助|予以|给予)?(?:核实|调查|解决|处理|协调|回复|答复)(?:一下|为盼)?"
)
_FINE = (
    r"小区|花园|花苑|家园|佳园|嘉园|佳苑|嘉苑|家苑|新苑|雅苑|名苑|公寓|公馆|新城|名城|国际城|山庄|庄园|新村|别墅|广场|大厦|商厦"
    r"|小学|中学|大学|学院|学校|幼儿园|附中|一中|医院|农贸市场|菜市场|市场|商场|公园|工业园|产业园|科技园|大道|大街|名邸|华府|御府|学府|华庭|豪庭|雅居|新居|宿舍|家属院"
    r"|东院|西院|左岸|印象|首府|天地|生活汇|中心|大桥|车站|[苑园湾郡庭邸轩阁路街巷站村]"
)
_ENDING = re.compile(rf"(?:{_FINE})$")
_NAME = re.compile(rf"([一-鿿A-Za-z0-9]{{2,5}}?)({_FINE})(?:小区)?(?!道办|道(?!路))")
_AREA = re.compile(r"(?:[一-鿿]{2,4}?(?:社区|街道|(?<![小园校住])[区县镇乡])|[A-Z]\d{0,2}[区县])(?!域)")
_NOT_BEFORE_AREA = re.compile(
    r".*(?:[在到于为说有和与是向至我你他们个这那该本某各住往由把被对就]|作为|听说|建议|反映|关于|小区|市|住宅|业主)(?=..)"
)
_HOTLINES = frozenset({"12345", "110", "120", "119", "12315", "http", "https", "www", "com"})
# A name does not go on to the left over these.
_NOT_IN_NAMES = re.compile(
    r".*(?:[我你他她们个这那该本某各每的在和住到是有为从对把被将就都也又还没不了条整全及与外公社或所等于过去问请找求惩咨询称映诉报访边壁近面]"
    r"|关于|来电|小区|社区|街道|单位|部门|规范|维修|安装|美好|管理|整治|其他|附近|[市区县])"
)
# What stands before an ending and names nothing: 马路, 公路, 学校, 道路, 隔壁小区 …
_NO_NAME = re.compile(
    r"(?:.*[马道公铁网电水线思半一套修装位]路|.*(?:美好|共建|幸福)家园|.*[一二三四五六七八九十几两]中|.*(?:门|楼)?前?后?站)$"
)
_SPECIFIC = re.compile(r"[A-Za-z]*\d{3,}[A-Za-z\d]*|[A-Za-z]{2,}\d+|\d+(?=[栋幢号路])|[A-Za-z]{3,}")
_YEAR = re.compile(r"(?:19|20)\d\d|\d")  # said by chance, like a lone digit
_NAMED_BY_VERBS = frozenset({"路", "街", "大道", "大街", "巷", "桥", "大桥", "公园", "广场"})
_NO_NAME_TAGS = frozenset(
    {"v", "vd", "vi", "p", "c", "d", "r", "rr", "rz", "m", "mq", "t", "l", "i", "z", "ad", "u"}
)
_BARE = re.compile(r"[一-鿿a-z0-9]+")
_RUN_MOST = 8
_BUILDING = re.compile(r"(?:[\d一二三四五六七八九十A-Za-z]+(?:栋|幢|座|号楼|单元|号|室|楼|层|期)).*$")
_PLACE_PARTS = re.compile(r"[/／>,，、\s]+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One complaint, ready to be compared. ``grams`` is sorted, without repeats, shape (n,)."""

    text: str
    grams: Hashes
    names: frozenset[str]
    areas: frozenset[str]
    specific: frozenset[str]
    at: str  # the name in the place field, "" where there is none

    def head(self) -> Hashes:
        """Grams of the beginning, where the matter is mostly named. Shape (m,)."""
        return grams_of(self.text[:_TITLE])

    def whole(self) -> Hashes:
        """Keys a copy or a light rewording is found by, however many share its words: one for the whole text, letters,
        digits and characters alone, and one for each band of its min-wise sketch. Shape (m,), m ≤ 9.

        Method: MinHash with banding (Broder 1997): texts that share 7 of 10 grams share a band with probability 0.99.
        """
        bare = "".join(_BARE.findall(self.text.lower()))
        keys = [_hash(bare)] if bare else []
        if len(self.grams) >= _SKETCHED_FROM:
            least = (self.grams[:, None] * _SKETCH).min(axis=0).reshape(-1, _BAND)
            mixed = np.bitwise_xor(least[:, 0] * _MIX, least[:, 1]) * _MIX
            keys.extend(mixed ^ np.arange(len(mixed), dtype=np.uint32))
        return np.unique(np.array(keys, np.uint32))

    def tied(self) -> Hashes:
        """Pairs of the text's beginning, each tied to a place named: what is said *there*. Sorted, shape (m,)."""
        keys = sorted({_key_of(name) for name in self.names}, key=lambda key: (-len(key), key))[:_PLACES_TIED]
        if not keys:
            return np.empty(0, np.uint32)
        pairs = _grams(*_codes(self.text[:_HEAD]), 2)
        return np.unique(np.concatenate([pairs ^ _hash(key) for key in keys]))


def grams_of(text: str) -> Hashes:
    """Pairs and triples of a clean text, sorted, without repeats, shape (n,)."""
    codes, word = _codes(text)
    grams = np.concatenate([_grams(codes, word, 2), _grams(codes, word, 3)])
    grams.sort()
    return grams[np.append(True, grams[1:] != grams[:-1])] if len(grams) else grams


def runs_of(one: str, two: str) -> Iterator[tuple[str, Hashes]]:
    """What both texts say word for word, three characters and more at a time, with its grams."""
    theirs = {two[at : at + 3] for at in range(len(two) - 2)}
    begin = 0
    while begin < len(one) - 2:
        end = begin
        while end < len(one) - 2 and one[end : end + 3] in theirs and end - begin < _RUN_MOST:
            end += 1
        if end > begin:
            said = one[begin : end + 2]
            if _BARE.fullmatch(said) and said in two:
                yield said, _grams(*_codes(said), 3)
        begin = end + 1


def clean(text: str) -> str:
    """The text as it is compared: normalised, courtesies and formulas out, cut at `TEXT_LIMIT` characters."""
    return _COURTESY.sub(" ", normalise(text[: 2 * TEXT_LIMIT]))[:TEXT_LIMIT].strip()


def fingerprint(plain: str, place: str = "") -> Fingerprint:
    """The fingerprint of a text that `clean` has made, and of what stands in its place field."""
    names = set(_names(plain))
    areas = set(_areas(plain))
    at = ""
    for part in _PLACE_PARTS.split(place):
        areas.update(_areas(part))
        finest = _BUILDING.sub("", _AREA.sub("", part))
        if len(finest) > 1:  # the field holds a name and nothing else
            at = finest.removesuffix("小区") if len(finest) > 4 else finest
            names.add(at)
    specific = frozenset(said for said in _SPECIFIC.findall(plain) if not _YEAR.fullmatch(said)) - _HOTLINES
    return Fingerprint(plain, grams_of(plain), frozenset(names), frozenset(areas), specific, at)


def _areas(plain: str) -> Iterator[str]:
    for said in _AREA.findall(plain):
        area = _NOT_BEFORE_AREA.sub("", said)
        if len(area) > 2 or area[0].isascii():
            yield area


def _names(plain: str) -> Iterator[str]:
    for found in _NAME.finditer(plain):
        stem = _without_everyday(_NOT_IN_NAMES.sub("", found[1]), found[2])
        if len(stem) > 1 and not _NO_NAME.match(stem + found[2]):
            yield stem + found[2]


def _without_everyday(stem: str, ending: str) -> str:
    """What of a stem comes after the last verb, time or the like in it: 提高(农村), 今天早上(路) leave nothing."""
    words = known_words(stem)
    if len(words) == 1 and ending in _NAMED_BY_VERBS:
        return stem  # 解放路, 建设街
    for at in range(len(words) - 1, -1, -1):
        if len(words[at]) > 1 and words[at] in _everyday_words():
            return "".join(words[at + 1 :])
    return stem


@lru_cache(maxsize=1)
def _everyday_words() -> frozenset[str]:
    """Words of two characters and more that the segmenter's dictionary says are no names."""
    with dictionary() as lines:
        return frozenset(word for word, tag in lines if len(word) > 1 and tag in _NO_NAME_TAGS)


def same_names(one: frozenset[str], two: frozenset[str]) -> frozenset[str]:
    """The names both have. 青湖新城 and 购青湖新城 count as one, for a text does not say where a name begins, and so do
    青湖小区 and 青湖新城."""
    exact = one & two
    if exact or not one or not two:
        return exact
    return frozenset(
        min(a, b, key=len)
        for a in one
        for b in two
        if ((a.endswith(b) or b.endswith(a)) and min(len(a), len(b)) > 3) or _loosely(a, b) or _loosely(b, a)
    )


def _loosely(name: str, other: str) -> bool:
    return len(name) > 3 and name.endswith("小区") and other.startswith(name[:-2])


def _key_of(name: str) -> str:
    """A name without what may stand before it by mistake: 购青湖新城 and 青湖新城 have one key."""
    ending = _ENDING.search(name)
    return name[-(len(ending[0]) + _STEM_KEY) :] if ending else name[-2 * _STEM_KEY :]


def _codes(text: str) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Code points, and which are letters, digits and Chinese characters; a gram over anything else is none."""
    codes = np.frombuffer(text.lower().encode("utf-32-le", "replace"), np.uint32)
    word = (codes >= 0x4E00) & (codes <= 0x9FFF)
    word |= (codes >= 0x61) & (codes <= 0x7A)
    word |= (codes >= 0x30) & (codes <= 0x39)
    return codes, word


def _grams(codes: NDArray[np.uint32], word: NDArray[np.bool_], size: int) -> Hashes:
    if len(codes) < size:
        return np.empty(0, np.uint32)
    count = len(codes) - size + 1
    mixed = np.full(count, size, np.uint32)
    whole = word[:count].copy()
    for shift in range(size):
        mixed = (mixed ^ codes[shift : shift + count]) * _MIX
        mixed ^= mixed >> np.uint32(15)
        if shift:
            whole &= word[shift : shift + count]
    return mixed[whole]


def _hash(key: str) -> np.uint32:
    return np.uint32(crc32(key.encode("utf-8", "replace")))
