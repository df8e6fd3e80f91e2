"""短语库 Phrasebook: situations in which people call, read from ``phrases/*.txt``, and the small grammar they use.

A file holds categories (``== code w=weight place=kind``), under them reply sentences (``R``, and ``A`` for answers to
inquiries) and situations (``* types name [night] [urgent]``, types being letters of c h i r s p). A situation has
titles (``T``, parted by `` / ``), openings (``-``), details (``+``) and asks (``?``). ``-@11,12`` limits a line to
months, ``-@d2,3`` to days of an injected event; ``## code title`` at a line's end gives it a category of its own. ``[a|b]`` chooses, ``{slot}`` is filled by :mod:`hotline.demo.slots`.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "phrases"
TYPES = {
    "c": "complaint",
    "h": "help",
    "i": "inquiry",
    "r": "report",
    "s": "suggestion",
    "p": "praise",
}
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_LINE = re.compile(r"^([-+?RA])(?:@(d?)([\d,]+))? (.+)$")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with choices and slots; ``months`` or ``days`` (of an event) limit when it may be said.

    ``category`` and ``title`` are set where one voice of an event concerns another category than the event's.
    """

    text: str
    months: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    category: str = ""
    title: str = ""

    def fits(self, month: int, day: int) -> bool:
        """Whether the sentence may be said in this month, on this day (1-based) of its event."""
        return (not self.months or month in self.months) and (not self.days or day in self.days)


@dataclass(slots=True)
class Situation:
    """One thing that happens to people, with the ways of saying it."""

    name: str
    request_type: str
    night: bool
    urgent: bool
    titles: list[Line] = field(default_factory=list)
    openings: list[Line] = field(default_factory=list)
    details: list[Line] = field(default_factory=list)
    asks: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Topic:
    """A category of the catalogue (or an injected event) with its weight, kind of place, situations and replies."""

    key: str
    category: str
    weight: float
    place: str
    facts: dict[str, str]
    situations: list[Situation] = field(default_factory=list)
    replies: list[Line] = field(default_factory=list)
    answers: list[Line] = field(default_factory=list)


@cache
def load_topics() -> tuple[Topic, ...]:
    """Every ordinary topic. Raises ValueError naming file and line when a phrase file is malformed."""
    return tuple(
        topic for path in sorted(FOLDER.glob("*.txt")) if path.stem != "events" for topic in read_topics(path)
    )


@cache
def load_event_topics() -> dict[str, Topic]:
    """The topics of the injected events by their key."""
    return {topic.key: topic for topic in read_topics(FOLDER / "events.txt")}


@cache
def load_common() -> dict[str, Any]:
    """Leads, tails, fillers, slang, names and visit-back comments shared by all topics."""
    merged: dict[str, Any] = {}
    for path in sorted(FOLDER.glob("*.json")):
        merged |= json.loads(path.read_text(encoding="utf-8"))
    return merged


def read_topics(path: Path) -> list[Topic]:
    """Topics of one phrase file. Raises ValueError naming file and line when it is malformed."""
    topics: list[Topic] = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line:
            continue
        try:
            _take(line, topics)
        except (ValueError, IndexError, KeyError) as problem:
            raise ValueError(f"{path.name} 第 {number} 行写法不对：{line}") from problem
    return topics


def _take(line: str, topics: list[Topic]) -> None:
    if line.startswith("== "):
        key, *pairs = line[3:].split()
        facts = dict(pair.split("=", 1) for pair in pairs)
        topics.append(
            Topic(
                key=key,
                category=facts.get("category", key),
                weight=float(facts.get("w", 0)),
                place=facts.get("place", "none"),
                facts=facts,
            )
        )
        return
    topic = topics[-1]
    if line.startswith("* "):
        letter, name, *flags = line[2:].split()
        topic.situations.append(Situation(name, TYPES[letter], "night" in flags, "urgent" in flags))
        return
    if line.startswith("T "):
        topic.situations[-1].titles += [Line(title.strip()) for title in line[2:].split(" / ")]
        return
    found = _LINE.match(line)
    if found is None:
        raise ValueError(line)
    mark, is_days, numbers, text = found.groups()
    limits = frozenset(int(number) for number in numbers.split(",")) if numbers else frozenset()
    text, _, own = text.partition(" ## ")
    category, _, title = own.partition(" ")
    months, days = (frozenset(), limits) if is_days else (limits, frozenset())
    said = Line(text, months, days, category, title)
    if mark == "R":
        topic.replies.append(said)
    elif mark == "A":
        topic.answers.append(said)
    else:
        situation = topic.situations[-1]
        {"-": situation.openings, "+": situation.details, "?": situation.asks}[mark].append(said)


def choose(text: str, rng: random.Random) -> str:
    """Settle every ``[a|b]``, innermost first; an empty alternative is allowed.

    Where the alternatives are clauses of their own (after a comma or at the start, before a comma or the end) people
    often have two things to say: then two of them are sometimes kept. ``[!a|b]`` never keeps two.
    """
    while (found := _CHOICE.search(text)) is not None:
        before, after = text[: found.start()], text[found.end() :]
        options = found.group(1).removeprefix("!").split("|")
        kept = [rng.choice(options)]
        clause = (not before or before[-1] == "，") and (not after or after[0] == "，")
        if clause and len(options) > 1 and not found.group(1).startswith("!") and rng.random() < 0.42:
            kept = sorted(rng.sample(options, 2), key=options.index)
        text = before + "，".join(kept) + after
    return text
