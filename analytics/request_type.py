"""诉求类型 Request type: whether one asks, needs help, complains, informs, proposes or praises.

A guess from cue words, each with its weight, to preselect the field for the operator who decides. What the title (or
the first sentence) opens with says most; what is said first counts more than what follows; a rhetorical question in a
long letter says little. Words and weights are data (``request_words.toml``), set on one half of a set of messages read
by a person and counted on others (docs/urgency.md). The identifiers are those of the order's ``request_type``.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from analytics.text import normalise

NAMES = {
    "inquiry": "咨询",
    "help": "求助",
    "complaint": "投诉",
    "report": "举报",
    "suggestion": "建议",
    "praise": "表扬",
}
WORDS_FILE = Path(__file__).with_name("request_words.toml")
_FALLBACK = "complaint"  # who writes and gives no cue mostly minds something
_TITLE = 30  # characters: what is said first says what kind of letter it is
_TITLE_FACTOR = 1.6
_LEAD = 150  # characters after which a word counts less: long letters use words of every kind
_LATE = 0.7
_SHARPNESS = 0.6  # set so that the sureness said is near the share that was right
_LONGEST = 6_000  # characters read: a paste of 100 kB must not keep anybody waiting
_MOST = 3  # occurrences of one pattern that count


@dataclass(frozen=True, slots=True)
class _Cue:
    kind: str
    weight: float
    opens: bool
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def _cues() -> tuple[_Cue, ...]:
    told = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    return tuple(
        _Cue(group["kind"], float(group["weight"]), bool(group.get("opens")), re.compile(word))
        for group in told["cue"]
        for word in group["words"]
    )


# A thing proposed, complained or asked about in these words is not praised, reported … after all.
_UNSAID = re.compile(r"(不是|并非|没有|不想|不敢|不再|无意)(要|来|想)?$")
_CLOSING = re.compile(r"(谢谢|感谢|万分感谢|非常感谢)[!！。,，\s]{0,9}$")
# what stands before the purpose in a title: the place (A市A3区…小区), a greeting, one's own name
_PREFIX = re.compile(
    r"(?:尊敬的[^,，:：]{1,12}[,，:：]|[您你]们?好[,，!！:：。]?|(?:我|本人|我们)(?:是|要|想)?|市民|有人|[^,，。?？!！\s]{0,14}?(?:[省市区县镇乡村组]|街道|社区|小区|路|苑|城|园|区|校|院|公司|中心|广场|业主|居民|村民))"
)


def _opening(said: str) -> tuple[str, tuple[int, ...]]:
    """The title, and the places in it where the purpose may begin: at once, or after a place or a greeting."""
    title = re.split(r"[\n。]", said, maxsplit=1)[0][:60]
    starts, at = [0], 0
    for _ in range(4):
        found = _PREFIX.match(title, at)
        if not found or found.end() == at:
            break
        at = found.end()
        starts.append(at)
    return title, tuple(starts)


def guess_request_type(text: str) -> tuple[str, float, tuple[str, ...]]:
    """The likeliest request type, how sure (0 … 1), and the words that told.

    Parameters: text of any length, also empty; 6,000 characters are read. Returns (identifier of `NAMES`, confidence,
    cues found in the text, heaviest first). Confidence is the softmax of 0.6 × the summed cue weights: 1/6 when nothing
    told. A cue found again counts at half its weight, one among the first words 1.6-fold, one after 150 characters
    less. "谢谢" at the end is manners, not praise.
    """
    said = _CLOSING.sub("", normalise(text)[:_LONGEST])
    scores = dict.fromkeys(NAMES, 0.0)
    told: list[tuple[float, str, str]] = []
    title, starts = _opening(said)
    for cue in _cues():
        if cue.opens:
            hit = next((found for at in starts if (found := cue.pattern.match(title, at))), None)
            if hit:
                scores[cue.kind] += cue.weight
                told.append((cue.weight, cue.kind, hit.group()))
            continue
        weight = cue.weight
        for count, found in enumerate(cue.pattern.finditer(said)):
            if count == _MOST:
                break
            at = found.start()
            if _UNSAID.search(said[max(0, at - 6) : at]):
                continue
            gained = weight * (_TITLE_FACTOR if at < _TITLE else 1.0 if at < _LEAD else _LATE)
            scores[cue.kind] += gained
            told.append((gained, cue.kind, found.group()))
            weight /= 2
    if not told:
        return _FALLBACK, 1 / len(NAMES), ()
    kind = max(scores, key=scores.__getitem__)
    powers = {name: math.exp(_SHARPNESS * score) for name, score in scores.items()}
    words = dict.fromkeys(word for _, of, word in sorted(told, key=lambda t: -t[0]) if of == kind)
    return kind, powers[kind] / sum(powers.values()), tuple(words)
