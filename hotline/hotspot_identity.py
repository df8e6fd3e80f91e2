"""同一个热点 Identity: which of today's hotspots is which of yesterday's, and which split or went into another.

Tracking sets over time by how much they share (MONIC, Spiliopoulou et al. 2006: survive, split, absorbed, disappear).
The share is measured on the smaller of the two, because a burst that grows or whose window moves on keeps little of
its old self in proportion to the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """A hotspot on record: ``live`` until resolved; ``recent`` while it may still come back as itself."""

    id: int
    key: str
    orders: frozenset[int]
    keywords: frozenset[str] = frozenset()
    live: bool = True
    recent: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """A hotspot as a scan tells it."""

    key: str
    orders: frozenset[int]
    keywords: frozenset[str] = frozenset()


@dataclass(slots=True)
class Matching:
    """``same``: told → known it is. ``split``: told → known it came out of. ``absorbed``: known → told it lies in.
    ``again``: told → known that was over long ago. Told by position, known by id."""

    same: dict[int, int] = field(default_factory=dict)
    split: dict[int, int] = field(default_factory=dict)
    absorbed: dict[int, int] = field(default_factory=dict)
    again: dict[int, int] = field(default_factory=dict)


def match(known: Sequence[Known], told: Sequence[Told]) -> Matching:
    """Match one to one, the greatest likeness first; then say what became of the rest."""
    out = Matching()
    likeness = [
        (like, -position, one.id)
        for position, new in enumerate(told)
        for one in known
        if one.recent and (like := _likeness(one, new)) > 0
    ]
    taken: set[int] = set()
    for _, negative, key in sorted(likeness, reverse=True):
        if -negative not in out.same and key not in taken:
            out.same[-negative] = key
            taken.add(key)
    live = [one for one in known if one.live]
    for position, new in enumerate(told):
        if position not in out.same:
            source = _most_shared(new.orders, [(one.id, one.orders) for one in live if one.id in taken])
            if source is not None:
                out.split[position] = source
            elif (before := _last_like(known, new)) is not None:
                out.again[position] = before
    chosen = [(position, told[position].orders) for position in out.same]
    for one in live:
        if one.id not in taken and (into := _most_shared(one.orders, chosen)) is not None:
            out.absorbed[one.id] = into
    return out


def _likeness(one: Known, new: Told) -> float:
    """0 for strangers. Shared orders come before a shared name, and a live one before one that is over."""
    shared = len(one.orders & new.orders)
    least = min(len(one.orders), len(new.orders))
    if least and shared >= HALF * least:
        return (4.0 if one.live else 2.0) + shared / len(one.orders | new.orders)
    if one.live and shared and _same_topic(one, new):
        return 3.0 + shared / len(one.orders | new.orders)
    return 1.0 if _same_topic(one, new) and _same_words(one, new) else 0.0


def _same_topic(one: Known, new: Told) -> bool:
    # the scanner numbers a second hotspot of one topic and place with "#2", which is no part of its identity
    return one.key.partition("#")[0] == new.key.partition("#")[0]


def _same_words(one: Known, new: Told) -> bool:
    """Two building sites in one community are two matters: without shared orders the words must agree too."""
    return not one.keywords or not new.keywords or bool(one.keywords & new.keywords)


def _most_shared(mine: frozenset[int], others: Sequence[tuple[int, frozenset[int]]]) -> int | None:
    """The one that holds most of ``mine``, at least half of it."""
    best = max(((len(mine & theirs), -key) for key, theirs in others), default=(0, 0))
    return -best[1] if best[0] and best[0] >= HALF * len(mine) else None


def _last_like(known: Sequence[Known], new: Told) -> int | None:
    over = [one.id for one in known if not one.recent and _same_topic(one, new) and _same_words(one, new)]
    return max(over, default=None)
