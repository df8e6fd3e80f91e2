"""对 Pairs: how often every topic × place pair occurs on every day, one voice once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ANY, CATEGORY, WORD, KIN = 0, 1, 2, 3  # families of topics
N_FAMILIES = 4
DEPTHS = 6  # levels of categories told apart


@dataclass(frozen=True)
class Stream:
    """Complaints as numbers, ordered by time. ``age``: days before the scan, shape (n,), all > 0.

    ``voice``: who speaks, shape (n,). ``place_start`` (n+1,) and ``place_id`` (entries,) list each complaint's
    places, place 0 being everywhere; ``topic_start`` and ``topic_id`` likewise, topic 0 being anything.
    ``place_level`` (n_places,) and ``topic_family`` (n_topics,) group them, ``topic_depth``
    (n_topics,) tells the levels of categories apart. ``kin_topic`` and ``kin_document``
    (kin entries,) list the complaints of topics "like this one" (everywhere only); ``kin_usual`` how many earlier
    complaints are like each of the newest ones (`analytics.kindred`).
    """

    age: Floats
    voice: Ints
    place_start: Ints
    place_id: Ints
    topic_start: Ints
    topic_id: Ints
    place_level: Ints
    topic_family: Ints
    topic_depth: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    kin_topic: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    kin_document: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    kin_usual: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def n_topics(self) -> int:
        """Topics, anything included."""
        return len(self.topic_family)


class PairCounts:
    """Counts of every pair by day, from a `Stream`.

    ``repeat_days``: the same voice on the same pair within so many days counts once.
    """

    def __init__(self, stream: Stream, days: int, repeat_days: float) -> None:
        self.stream = stream
        self.days = days
        self._between: dict[tuple[int, int], tuple[Ints, Ints]] = {}
        recent = np.flatnonzero(stream.age <= days)
        key, document = expand(stream, recent)
        voices_again = _spoke_again(key, stream.voice[document])
        # Topics of kin are watched everywhere at once: place 0, so the topic is the key.
        within = stream.age[stream.kin_document] <= days
        key = np.concatenate([key, stream.kin_topic[within]])
        document = np.concatenate([document, stream.kin_document[within]])
        keep = _first_of_voice(key, stream.voice[document], stream.age[document], voices_again, repeat_days)
        key, document = key[keep], document[keep]
        order = np.argsort(key, kind="stable")
        self.key = key[order]
        self.document = document[order]
        self.day = np.minimum(stream.age[self.document].astype(np.int64), days - 1)
        everything = self.key == 0  # everywhere × anything: the city's own count
        self.per_day = np.bincount(self.day[everything], minlength=days)
        self.history = float(stream.age.max()) if len(stream.age) else 0.0

    def daily(self, keys: Ints) -> Ints:
        """Counts by day, shape (n_keys, days), column 0 the last 24 hours."""
        left = np.searchsorted(self.key, keys, "left")
        right = np.searchsorted(self.key, keys, "right")
        lengths = right - left
        row = np.repeat(np.arange(len(keys)), lengths)
        entry = (
            np.arange(lengths.sum())
            - np.repeat(np.cumsum(lengths) - lengths, lengths)
            + np.repeat(left, lengths)
        )
        cells = np.bincount(row * self.days + self.day[entry], minlength=len(keys) * self.days)
        return cells.reshape(len(keys), self.days)

    def members(self, key: int) -> Ints:
        """Complaints of a pair that count (one per voice), as positions in the stream."""
        return self.document[np.searchsorted(self.key, key, "left") : np.searchsorted(self.key, key, "right")]

    def total(self, keys: Ints, first: int, last: int) -> Ints:
        """Counts of pairs over days [first, last), shape (n_keys,)."""
        pairs, seen = self.between(first, last)
        if not len(pairs):
            return np.zeros(len(keys), dtype=np.int64)
        at = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
        return np.where(pairs[at] == keys, seen[at], 0)

    def between(self, first: int, last: int) -> tuple[Ints, Ints]:
        """Distinct pairs of days [first, last), ascending, and how often each occurs."""
        known = self._between.get((first, last))
        if known is None:
            known = self._between[first, last] = self._count(first, last)
        return known

    def _count(self, first: int, last: int) -> tuple[Ints, Ints]:
        inside = self.key[(self.day >= first) & (self.day < last)]  # sorted already
        if not len(inside):
            return inside, np.zeros(0, dtype=np.int64)
        starts = np.flatnonzero(np.concatenate([[True], inside[1:] != inside[:-1]]))
        return inside[starts], np.diff(np.concatenate([starts, [len(inside)]]))


def expand(stream: Stream, documents: Ints) -> tuple[Ints, Ints]:
    """Every (pair, complaint) of some complaints: keys and positions, shape (entries,) each."""
    topics = stream.topic_start[documents + 1] - stream.topic_start[documents]
    places = stream.place_start[documents + 1] - stream.place_start[documents]
    sizes = topics * places
    document = np.repeat(documents, sizes)
    at = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    wide = np.repeat(places, sizes)
    topic = stream.topic_id[stream.topic_start[document] + at // wide]
    place = stream.place_id[stream.place_start[document] + at % wide]
    return place * stream.n_topics + topic, document


def _first_of_voice(
    key: Ints, voice: Ints, age: Floats, again: NDArray[np.bool_], repeat_days: float
) -> NDArray[np.bool_]:
    keep = np.ones(len(key), dtype=bool)
    if not len(key):
        return keep
    maybe = np.flatnonzero(again[voice])
    order = maybe[
        np.lexsort((-age[maybe], voice[maybe], key[maybe]))
    ]  # oldest first within a voice on a pair
    same = (key[order][1:] == key[order][:-1]) & (voice[order][1:] == voice[order][:-1])
    soon = age[order][:-1] - age[order][1:] <= repeat_days
    keep[order[1:][same & soon]] = False
    return keep


def _spoke_again(key: Ints, voice: Ints) -> NDArray[np.bool_]:
    """Whether each voice has more than one complaint (judged on the pair 0 that every complaint has)."""
    if not len(voice):
        return np.zeros(0, dtype=bool)
    counts = np.bincount(voice[key == 0], minlength=int(voice.max()) + 1)
    again: NDArray[np.bool_] = counts > 1
    return again
