"""诉求要点 Points: what a complaint asks and demands, and which of it a reply speaks of.

A point is the clause that asks (何时, 是否, 哪些材料 …) or demands (恳请, 建议 …), with the clauses before it where
it says too little by itself. A reply touches it when it speaks of the same matter, in the same or in like words; a
question for a time, an amount, a place, a procedure or a reason also wants an answer of that kind. Method: overlap of
the words that carry meaning, place names at half weight [derived]; tried on public replies (docs/replies.md).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.text import known_words

_MOST_POINTS = 12
_LONGEST_POINT = 120  # characters: who shows a point shows it beside the finding
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")
_CLAUSE = re.compile(r"[^，,]+[，,]*")
_QUESTION = re.compile(
    r"[?？]|请问|(?:吗|呢)[。！!]*$|何时|什么时候|几时|多久|是否|能否|可否|能不能|可不可以|有没有|是不是|为什么|为何"
    r"|(?:在|到|去|找|由|归|是|有|需|需要|要|具体|请问)哪[里些个儿家]|怎么(?:办|申请|处理|走|收)|如何(?:办|申请|处理|收|计算|认定|规划|解决)|多少(?:钱|元|天|年|岁|级|亩)"
)
_INQUIRY = re.compile(r"(?:关于)?.{0,20}?咨询|关于.{2,40}的?咨询$")
_DEMAND = re.compile(
    r"(?:^|[，,：:！!、\s]|[我你您](?:们)?|本人|(?:业主|家长|居民|村民|市民|群众|来电人|投诉人|诉求人|反映人)们?|强烈|衷心|诚恳|诚挚|再次|特|故|并|也|还|就|只|都|因此|所以)"
    r"(?:恳请|恳求|请求|要求|希望|盼望?|期盼|期待|建议|呼吁|敬请|还请|望(?=[^远闻])|请(?!问|假|客|来|教|示))[^。；;]{2,}"
    r"|诉求[:：][^。；;]{2,}"
)
_COURTESY = re.compile(
    r"^(?:尊敬的|敬爱的|您好|你好|各位|此致|敬礼|谢谢|感谢|盼复|望回复|请回复|希望.{0,8}(?:回复|答复|重视)|恳请.{0,8}(?:回复|答复|重视))[^，,]{0,12}$"
)
_RHETORICAL = re.compile(
    r"难道|岂|何在|天理|凭什么|何以|情何以堪|如何让我们|叫我们如何|怎么对得起|何时是个?头|良心|王法|情以何堪|还有没有"
)
# asks for attention or help, not for a thing; a point only where nothing else is
_GENERIC = re.compile(
    r"做主|作主|为民|百忙|重视|关[注心怀]|过问|帮[助忙]|主持公道|还.{0,6}公[道平]|采取行动|自己的诉求|这莫非|还是利用|有这么|介入|书面(?:回复|答复)"
    r"|(?:给予|给个?|给出|一个|仔细|对照)[^，]{0,12}(?:答复|回复|解释|说法|解决|处理)|(?:解决|处理)(?:一?下|好)?(?:这个?|该|此)?问题|予以(?:解决|处理|核实)"
)
_PLAIN_INQUIRY = re.compile(r"^(?:关于)?.{0,24}?(?:咨询|反映).{0,40}(?:问题|情况|事宜|咨询)?$")
_HAN = re.compile(r"[一-龥]+")
_PLACE = re.compile(r"^.{0,6}(?:省|市|区|县|镇|乡|街道|村|组|路|街|小区|社区)$")
# what a reply says again of the complaint before it answers
_RESTATED = re.compile(
    r"(?:反映|咨询|提出|提到|来信|投诉|所提)[^，。；“”\"]{0,6}[“\"「][^”\"」]{4,120}[”\"」](?:[^，。；]{0,4}(?:问题|一事|一帖|事项))?"
    r"|(?:您|你|来信人?|网友)(?:们)?(?:所)?(?:反映|咨询|提出|投诉)的[^，。；：:]{2,40}(?:问题|情况|事项|一事|诉求)(?=[，,：:已])"
    r"|关于(?:您|你|网友)(?:反映|咨询|提出)[^，。；：:]{0,40}(?:问题|情况)"
)


@dataclass(frozen=True, slots=True)
class Point:
    """Something the complaint asks or demands: its words at ``start``..``end`` of the complaint, whether the reply
    touches it, and if not, what is missing (Chinese, may be empty)."""

    start: int
    end: int
    text: str
    touched: bool
    missing: str


@lru_cache(maxsize=1)
def reply_words() -> dict[str, Any]:
    """``reply_words.toml``: the phrases and words of the check, which a district may add to."""
    return tomllib.loads(Path(__file__).with_name("reply_words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _function_words() -> frozenset[str]:
    return frozenset(reply_words()["function_words"].split())


@lru_cache(maxsize=1)
def _alike() -> dict[str, frozenset[str]]:
    groups = [frozenset(line.split()) for line in reply_words()["alike"]]
    return {word: group for group in groups for word in group}


@lru_cache(maxsize=1)
def _kinds() -> list[tuple[re.Pattern[str], re.Pattern[str], str]]:
    return [
        (re.compile(kind["asks"]), re.compile(kind["names"]), kind["missing"])
        for kind in reply_words()["questions"]
    ]


def matter(text: str) -> list[str]:
    """The words that say what a text is about: of two characters or more, no function words, each once."""
    return list(
        dict.fromkeys(
            word
            for word in known_words(text)
            if len(word) > 1 and "一" <= word[0] <= "龥" and word not in _function_words()
        )
    )


def is_question(text: str) -> bool:
    """True for words that ask."""
    return bool(_QUESTION.search(text) or _INQUIRY.match(text))


def speaks_of(words: list[str], said: str) -> float:
    """Weight of the words that ``said`` contains, itself or something like it: 1 each, names of places a half."""
    return sum(_weight(word) for word in words if _is_said(word, said))


def points_of(complaint: str, reply: str) -> list[Point]:
    """The points of a complaint, in order, at most twelve; an empty list where it only tells.

    A heading that merely names the subject (关于…的咨询) is a point only if there is no other.
    """
    said = _RESTATED.sub("", reply).lower()
    subject = _subject(complaint)
    about = speaks_of(subject, said) >= max(1.5, 0.15 * sum(map(_weight, subject)))
    found: list[tuple[Point, frozenset[str]]] = []
    spare: list[Point] = []
    for start, text, words, heading in _candidates(complaint):
        touched, missing = _touched(text, words, said, about=about)
        vague = heading or bool(_GENERIC.search(text) and len(words) < 5)
        # who asks for no more than that something be done has been answered by a reply about the matter
        touched = touched or (vague and about and not missing)
        point = Point(start, start + len(text), text, touched, missing)
        if vague:
            spare.append(point)
        elif not any(frozenset(words) <= earlier for _, earlier in found):  # said again in other words
            found.append((point, frozenset(words)))
        if len(found) == _MOST_POINTS:
            break
    return [point for point, _ in found] or spare[:1]


def _candidates(complaint: str) -> Iterator[tuple[int, str, list[str], bool]]:
    """Start, text and words of each clause that asks or demands; True for a bare heading."""
    for sentence in _SENTENCE.finditer(complaint):
        whole = sentence[0].strip(" \u3000\r\t")
        if not whole or _COURTESY.match(whole) or _RHETORICAL.search(whole):
            continue
        offset = sentence.start() + sentence[0].index(whole)
        first = sentence.start() == 0
        if _QUESTION.search(whole):
            begin, end = _asking(whole)
        elif demand := _DEMAND.search(whole):
            begin, end = demand.start(), len(whole)
        elif first and _PLAIN_INQUIRY.match(whole):
            begin, end = 0, len(whole)
        else:
            continue
        text = whole[begin:end].lstrip("，,：:！!、 ")
        begin = whole.index(text, begin)
        text = text[:_LONGEST_POINT]
        words = matter(text)
        if words or any(asks.search(text) for asks, _, _ in _kinds()):
            heading = first and not re.search(r"[?？吗呢]", text) and bool(_PLAIN_INQUIRY.match(text))
            yield offset + begin, text, words, heading


def _asking(sentence: str) -> tuple[int, int]:
    """The clause of a sentence that asks, and so much before it that it says what about."""
    clauses = [(found.start(), found.end()) for found in _CLAUSE.finditer(sentence)]
    asks = [at for at, (start, end) in enumerate(clauses) if _QUESTION.search(sentence[start:end])]
    if not asks:
        return 0, len(sentence)
    first, last = asks[0], asks[-1]
    while (
        first > 0 and len(matter(sentence[clauses[first][0] : clauses[last][1]])) < 3 and asks[0] - first < 2
    ):
        first -= 1
    return clauses[first][0], clauses[last][1]


def _subject(complaint: str, most: int = 14) -> list[str]:
    """What a complaint is about: the words it says most often, those of its first line counted double."""
    counts = Counter(
        word
        for part in (complaint, complaint.partition("\n")[0][:80])
        for word in known_words(part)
        if len(word) > 1 and "一" <= word[0] <= "龥" and word not in _function_words()
    )
    return [word for word, _ in counts.most_common(most)]


def _touched(text: str, words: list[str], said: str, *, about: bool) -> tuple[bool, str]:
    kinds = [(names, missing) for asks, names, missing in _kinds() if asks.search(text)]
    for names, missing in kinds:
        if not names.search(said):
            return False, f"（{missing}）"
    weight = sum(map(_weight, words))
    common = speaks_of(words, said) + _runs(text, words, said)
    enough = bool(words) and (common >= 1.5 or (common >= 1 and 3 * common >= weight))
    return enough or (about and (bool(kinds) or 8 * common >= weight)), ""


def _runs(text: str, words: list[str], said: str, length: int = 3) -> float:
    """Half a point for each run of three Chinese characters or more that both say and no word accounts for: names the
    dictionary does not know."""
    weight, at = 0.0, 0
    while at + length <= len(text):
        run = text[at : at + length]
        if run not in said or not _HAN.fullmatch(run):
            at += 1
            continue
        end = at + length
        while end < len(text) and text[at : end + 1] in said and _HAN.fullmatch(text[end]):
            end += 1
        rest = text[at:end]
        for word in words:
            rest = rest.replace(word, " ")
        long = [word for word in known_words(rest) if len(word) > 1]
        if len(rest.replace(" ", "")) > 1 and (
            not long or any(word not in _function_words() for word in long)
        ):
            weight += 0.5
        at = end
    return weight


def _weight(word: str) -> float:
    return 0.5 if _PLACE.match(word) else 1.0


def _is_said(word: str, said: str) -> bool:
    if word in said:
        return True
    if len(word) > 2 and (word[:2] in said or word[-2:] in said):
        return True
    return any(other in said for other in _alike().get(word, ()))
