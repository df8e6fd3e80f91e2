"""紧急词 Urgency cues: words of danger found clause by clause, each weighed by what is said around it.

The words are data (``urgency_words.toml``). What is denied (没有停水) does not count; what is past, feared, threatened,
asked about, repeated or chronic counts in part; what is said to go on now, and what stands in the title, counts more.
Factors were set on one half of a set of messages read by a person and counted on the other (docs/urgency.md).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

WORDS_FILE = Path(__file__).with_name("urgency_words.toml")
_CLAUSE = re.compile(r"[^，。！？；：,.!?;:\n]{1,80}[，。！？；：,.!?;:\n]?")
_ENDS = "。！？；!?;\n"
_REACH = 24  # characters before and after a word that can change it within its clause
_OFTEN = 15  # and to an "often"
_FEAR = 30  # and to a fear or a risk
_STORY = 160  # and to the year or the day from which a story is told
_SENTENCE = 70  # characters back to an "if" that still governs the word
_TITLE = 40  # a first line, or as much of the beginning, is what the person puts first
_CALL = 60  # a call this short is about one thing
_LEAD = 150  # characters in which a call says why it was made
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年|[.\-/]\d)")
_DATE = re.compile(r"(?:19|20)\d\d年\d{1,2}月\d{1,2}[日号]")
_NOW_BEFORE = re.compile(r"现在|目前|今天|至今|到现在")  # "now every evening …, until it is cut"
_MOST = 60  # occurrences of one pattern that are looked at


@dataclass(frozen=True, slots=True)
class Found:
    """A word of danger in a text: its ``kind``, the ``word``, and what it ``counts``, weight × factor, above 0."""

    kind: str
    word: str
    counts: float


@dataclass(frozen=True, slots=True)
class _Cue:
    kind: str
    weight: float
    pattern: re.Pattern[str]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Around:
    denied: re.Pattern[str]
    past: re.Pattern[str]
    supposed: re.Pattern[str]
    governed: re.Pattern[str]
    threat: re.Pattern[str]
    threat_after: re.Pattern[str]
    topic: re.Pattern[str]
    topic_before: re.Pattern[str]
    elsewhere: re.Pattern[str]
    case: re.Pattern[str]
    asked: re.Pattern[str]
    repeated: re.Pattern[str]
    daily: re.Pattern[str]
    months: re.Pattern[str]
    years: re.Pattern[str]
    now: re.Pattern[str]
    forced: re.Pattern[str]
    own: re.Pattern[str]


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@lru_cache(maxsize=1)
def _words() -> tuple[tuple[_Cue, ...], _Around]:
    told = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    cues = tuple(
        _Cue(
            cue["kind"],
            float(cue["weight"]),
            re.compile(word),
            _any(cue["needs"]) if "needs" in cue else None,
            _any(cue["unless"]) if "unless" in cue else None,
        )
        for cue in told["cue"]
        for word in cue["words"]
    )
    around = {("governed" if name == "if" else name): _any(words) for name, words in told["around"].items()}
    return cues, _Around(**around)


def clauses(text: str) -> Iterator[tuple[int, str]]:
    """The clauses of a text with the place each begins; one without marks is cut after 80 characters."""
    for clause in _CLAUSE.finditer(text):
        yield clause.start(), clause.group()


def _place(at: int, title_end: int, *, now: bool) -> float:
    """What is said first is what the call is about; what comes late in a long letter is told in passing."""
    if at < title_end:
        return 1.2
    if at < _LEAD:
        return 1.0
    return 0.85 if now else 0.65


def _earlier_year(story: str, clause: str, latest: int) -> bool:
    """Whether a word is told of a year before the latest one the text names: its clause's, else the story's last."""
    years = _YEAR.findall(clause) or _YEAR.findall(story)[-1:]
    return any(int(year) < latest for year in years)


def _cut_goes_on(sentence: str, clause: str, near: str, *, now: bool) -> float:
    """Water or power off now, by somebody's will, every evening, or again and again."""
    around = _words()[1]
    factor = 1.25 if now or around.forced.search(near) else 1.0
    if around.repeated.search(sentence[-_OFTEN:] + clause):
        return factor * (0.65 if now else 0.5)
    if around.daily.search(sentence + clause) and not now:
        return factor * 0.85
    return factor


def _danger_factor(
    text: str, at: int, end: int, clause: str, title_end: int, latest: int, *, utility: bool
) -> float:
    """How much of a word's weight counts, from what surrounds it."""
    around = _words()[1]
    before, after = text[max(0, at - _REACH) : at], text[end : end + _REACH]
    before = re.split(r"[，。！？；：,.!?;:\n]", before)[-1]
    after = re.split(r"[，。！？；：,.!?;:\n]", after)[0]
    if around.denied.search(before):
        return 0.0
    near = f"{before}{text[at:end]}{after}"
    story = text[max(0, at - _STORY) : at]
    story = story[max(story.rfind(mark) for mark in _ENDS) + 1 :]
    sentence = story[-_SENTENCE:]
    if around.governed.search(sentence) or (utility and around.threat.search(before)):
        return 0.1
    if utility and around.elsewhere.search(before):
        return 0.2
    if utility and around.threat_after.search(after):
        return 0.3
    factor = 1.0
    if utility and (around.topic.search(after) or around.topic_before.search(before)):
        factor *= 0.4
    if not utility and around.supposed.search(sentence[-_FEAR:] + clause):
        factor *= 0.2
    if around.past.search(story + clause) or _earlier_year(story, clause, latest):
        factor *= 0.25
    if not utility and _DATE.search(story + clause):
        factor *= 0.5  # who dates a danger with its year tells of it
    if not utility and around.case.search(after):
        factor *= 0.4
    if around.asked.search(after):
        factor *= 0.4
    now = bool(around.now.search(clause)) or (utility and bool(_NOW_BEFORE.search(sentence[-_FEAR:])))
    if utility:
        factor *= _cut_goes_on(sentence, clause, near, now=now)
    elif now:
        factor *= 1.25
    elif around.repeated.search(sentence + clause):
        factor *= 0.7
    if around.years.search(clause):
        factor *= 0.35 if utility else 0.6
    elif around.months.search(clause) and not (utility and now):
        factor *= 0.7
    return factor * _place(at, title_end, now=now)


def _aside_factor(cue: _Cue, clause: str, at: int, place: int) -> float:
    """How much a word of people at risk or of protest counts, from its clause and whose people they are."""
    around = _words()[1]
    if around.denied.search(clause[max(0, at - _REACH) : at]):
        return 0.0
    if cue.needs is not None and not cue.needs.search(clause):
        return 0.3
    if cue.kind == "vulnerable" and place >= _LEAD and not around.own.search(clause):
        return 0.5
    return 1.0


def find_cues(text: str) -> list[Found]:
    """Every word of danger, need and protest in a normalised text, with what it counts; in order of its clause.

    Time is linear in the length of the text: clauses are short, contexts bounded, patterns without open repeats, and
    of each pattern the first 60 occurrences are looked at.
    """
    cues = _words()[0]
    line = text.find("\n")
    title_end = line if 0 < line <= 2 * _TITLE else _TITLE
    if len(text) <= _CALL:
        title_end = len(text)
    latest = max(map(int, _YEAR.findall(text)), default=0)
    scales = [0.4 if cue.unless is not None and cue.unless.search(text) else 1.0 for cue in cues]
    left = [_MOST] * len(cues)
    found: list[Found] = []
    for start, clause in clauses(text):
        for number, cue in enumerate(cues):
            if not left[number]:
                continue
            for hit in cue.pattern.finditer(clause):
                left[number] -= 1
                at, end = start + hit.start(), start + hit.end()
                if cue.kind in ("life", "utility"):
                    utility = cue.kind == "utility"
                    factor = _danger_factor(text, at, end, clause, title_end, latest, utility=utility)
                else:
                    factor = _aside_factor(cue, clause, hit.start(), at)
                if factor > 0:
                    found.append(Found(cue.kind, hit.group(), cue.weight * factor * scales[number]))
                if not left[number]:
                    break
    return found
