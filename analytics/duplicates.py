"""重复与并单 Duplicates: earlier orders that may tell of the same event, and orders grouped into events.

Method: an inverted index over hashed character pairs and triples, each remembering only the last few orders that had
it (so that a common one costs nothing), plus pairs tied to a place name; the best candidates are then compared one by
one: overlap weighted by rarity (tf-idf), edit similarity of short texts, places, numbers and codes, time. Events are
grown in one pass over time; an order joins only if it agrees with the event's core, not merely with its last member,
so that chains of likeness do not run together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from analytics.fingerprints import Fingerprint, Hashes, clean, fingerprint, grams_of, same_names
from analytics.records import Complaint

_SLOTS = 8  # orders remembered per gram
_FIRST_BUCKETS = 1 << 16
_BUCKETS_PER_ORDER = 20
_MAX_BUCKETS = 1 << 22
_COMPARED = 50  # candidates compared one by one
_COMMON = 0.03  # a gram in more than this share of the orders finds nothing …
_COMMON_FROM = 40  # … once it is in so many
_PRINTS_KEPT = 4096
_WORTH_TELLING = 0.25  # overlap from which it is given as a reason
_SHORT_TEXT = 80  # characters up to which edit similarity says more than shared grams

# Weights of the evidence (logistic), set by hand on real messages and on the demo's history. At another place, or
# where nobody says a place, only a like text counts; at the same one even a few rare words in common do.
_BIAS, _OVERLAP, _OTHER_PLACE, _SAME_AREA = -3.2, 7.0, -2.0, 0.3
_BIAS_THERE, _MATTER_THERE = -2.2, 9.0
_SPECIFIC, _SPECIFIC_MOST = 0.5, 2
_PER_WEEK = -0.15

_JOIN = 0.55  # likeness to a member from which an order may join its event …
_CORE = 0.42  # … provided its mean likeness to the event's core is this
_CORE_SIZE = 3


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier or later order that may tell of the same event.

    ``score`` is in 0..1; ``why`` are short Chinese reasons; ``days_apart`` is not negative; ``shared`` are the names,
    numbers and codes both say.
    """

    id: str
    score: float
    why: tuple[str, ...]
    days_apart: float
    place_same: bool
    shared: tuple[str, ...]


class DuplicateIndex:
    """Orders by what they say, growing as they are added. One thread may add while others ask; two must not add at once.

    ``window``: orders further than this from the asked time, before or after, are not candidates. About 1 kB an order.
    """

    def __init__(self, window: timedelta = timedelta(days=30)) -> None:
        self.window = window
        self._ids: list[str] = []
        self._texts: list[str] = []
        self._places: list[str] = []
        self._times = np.zeros(1024)
        self._prints: dict[int, Fingerprint] = {}  # of the orders compared lately
        self._buckets(_FIRST_BUCKETS)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, id: str, time: datetime, text: str, place: str = "") -> None:  # noqa: A002 - the domain's word
        """Take in an order. ``time`` is timezone-aware; raises ValueError for one that is not."""
        seconds = _seconds(time)
        plain = clean(text)
        self._put(id, seconds, place, fingerprint(plain, place))

    def candidates(self, time: datetime, text: str, place: str = "", k: int = 5) -> list[Match]:
        """The ``k`` orders likeliest to tell of the same event, best first; may include the order itself.

        Raises ValueError for a ``time`` without zone.
        """
        seconds = _seconds(time)
        asked = fingerprint(clean(text), place)
        matches = [self._match(asked, place, seconds, at) for at in self._nearest(asked, seconds)]
        return sorted(matches, key=lambda match: (-match.score, match.days_apart, match.id))[:k]

    def _buckets(self, size: int) -> None:
        self._mask = np.uint32(size - 1)
        self._seen = np.zeros(size, np.uint32)  # orders that had a gram of this bucket
        self._last = np.zeros((size, _SLOTS), np.int32)  # the last of them, as position + 1

    def _grow(self) -> None:
        """Twice the buckets. Both halves inherit the orders (a wrong one is found out when compared)."""
        self._last = np.tile(self._last, (2, 1))
        self._seen = np.tile((self._seen + 1) // 2, 2)
        self._mask = np.uint32(len(self._seen) - 1)  # last: another thread may be asking meanwhile

    def _put(self, name: str, seconds: float, place: str, said: Fingerprint) -> int:
        at = len(self._ids)
        size = len(self._seen)
        if at * _BUCKETS_PER_ORDER > size and size < _MAX_BUCKETS:
            self._grow()
        if at == len(self._times):
            self._times = np.concatenate([self._times, np.zeros(at)])
        self._ids.append(name)
        self._texts.append(said.text)
        self._places.append(place)
        self._times[at] = seconds
        bucket = np.unique(np.concatenate([said.grams, said.tied()]) & self._mask)
        self._last[bucket, self._seen[bucket] % _SLOTS] = at + 1
        self._seen[bucket] += 1
        return at

    def _rarity(self, grams: Hashes) -> NDArray[np.float64]:
        return np.log(1.0 + (len(self._ids) + 1) / (1.0 + self._seen[grams & self._mask]))

    def _nearest(self, asked: Fingerprint, seconds: float) -> NDArray[np.int64]:
        """Positions of the orders within the window that share the rarest grams, best first."""
        bucket = np.unique(np.concatenate([asked.grams, asked.tied()]) & self._mask)
        seen = self._seen[bucket]
        bucket = bucket[(seen > 0) & (seen <= max(_COMMON_FROM, _COMMON * len(self._ids)))]
        found = self._last[bucket]
        weights = np.repeat(self._rarity(bucket) ** 2, _SLOTS)
        at = found.ravel().astype(np.int64) - 1
        here = at >= 0
        at, weights = at[here], weights[here]
        near = np.abs(self._times[at] - seconds) <= self.window.total_seconds()
        at, which = np.unique(at[near], return_inverse=True)
        score = np.bincount(which, weights=weights[near], minlength=len(at))
        return at[np.argsort(-score, kind="stable")[:_COMPARED]]

    def _match(self, asked: Fingerprint, place: str, seconds: float, at: int) -> Match:
        other = self._print(at)
        days = abs(float(self._times[at]) - seconds) / 86400
        score, why, same, shared = self._compare(asked, place, other, self._places[at], days)
        return Match(self._ids[at], score, why, days, same, shared)

    def _print(self, at: int) -> Fingerprint:
        found = self._prints.get(at)
        if found is None:
            if len(self._prints) >= _PRINTS_KEPT:
                self._prints.clear()
            found = self._prints[at] = fingerprint(self._texts[at], self._places[at])
        return found

    def _cosine(self, one: Hashes, two: Hashes) -> float:
        """Cosine of two sets of grams weighted by rarity."""
        shared = np.intersect1d(one, two, assume_unique=True)
        if not len(shared):
            return 0.0
        common, first, second = (float(np.square(self._rarity(grams)).sum()) for grams in (shared, one, two))
        return common / math.sqrt(first * second)

    def _overlap(self, one: Fingerprint, two: Fingerprint) -> float:
        """How like two texts are: shared grams, or the edit similarity of two short texts. 0..1."""
        if not len(one.grams) or not len(two.grams):
            return 1.0 if one.text and one.text == two.text else 0.0
        cosine = self._cosine(one.grams, two.grams)
        if max(len(one.text), len(two.text)) <= _SHORT_TEXT:
            return max(cosine, (fuzz.ratio(one.text, two.text) / 100) ** 2)
        return cosine

    def _matter(self, one: Fingerprint, two: Fingerprint, places: Iterable[str]) -> float:
        """How like two texts are apart from the names of the places they share. 0..1."""
        said = grams_of("，".join(places))
        whole, head = (
            self._cosine(np.setdiff1d(a, said, True), np.setdiff1d(b, said, True))
            for a, b in ((one.grams, two.grams), (one.head(), two.head()))
        )
        return max(whole, head)

    def _compare(
        self, one: Fingerprint, place: str, two: Fingerprint, other_place: str, days: float
    ) -> tuple[float, tuple[str, ...], bool, tuple[str, ...]]:
        """Score, reasons, whether the place is the same, and the names, numbers and codes shared."""
        names = same_names(one.names, two.names)
        if (
            one.at and two.at and one.at != two.at
        ):  # two place fields filled in differently say more than the texts
            names = names & {one.at, two.at}
        elif not names:  # one may leave the ending out: 锦绣佳苑, 锦绣那边
            names = _said_short(one, two) | _said_short(two, one)
        areas = one.areas & two.areas
        same = bool(names or (place and place == other_place and one.at))
        specific = one.specific & two.specific
        overlap = self._overlap(one, two)
        score = _BIAS + _OVERLAP * overlap
        why = [f"文字相似 {round(100 * overlap)}%"] if overlap >= _WORTH_TELLING else []
        if same:
            matter = self._matter(one, two, names | areas | {one.at, two.at})
            score = max(score, _BIAS_THERE + _MATTER_THERE * math.sqrt(matter))
            why.append(f"同一地点：{'、'.join(sorted(names)[:3]) or one.at}")
        elif (one.names and two.names) or (one.areas and two.areas and not areas):
            score += _OTHER_PLACE
            why.append("地点不同")
        elif areas:
            score += _SAME_AREA
            why.append(f"同在{'、'.join(sorted(areas)[:2])}")
        if specific:
            score += _SPECIFIC * min(len(specific), _SPECIFIC_MOST)
            why.append(f"都提到 {'、'.join(sorted(specific)[:3])}")
        why.append("同一天" if days < 1 else f"相隔 {round(days)} 天")
        score += _PER_WEEK * days / 7
        return 1 / (1 + math.exp(-score)), tuple(why), same, tuple(sorted(names | specific))


def _said_short(one: Fingerprint, two: Fingerprint) -> frozenset[str]:
    if two.names:
        return frozenset()
    return frozenset(name for name in one.names if len(name) > 3 and name[:2] in two.text)


def _seconds(time: datetime) -> float:
    if time.tzinfo is None:
        raise ValueError("时间没有时区：请先读成带时区的时间")
    return time.timestamp()


def cluster(
    complaints: Sequence[Complaint],
    window: timedelta = timedelta(days=30),
    progress: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> list[tuple[str, float]]:
    """The event each complaint belongs to, in input order: (event id, score).

    An event bears the id of its earliest order, whose own score is 1; another's is its likeness (0..1) to the member
    that brought it in. One pass in order of time, so what was grouped stays grouped as more arrive.
    ``progress`` wraps the loop, for a door that shows how far it is.
    """
    index = DuplicateIndex(window)
    order = sorted(range(len(complaints)), key=lambda at: (complaints[at].time, at))
    event_of: dict[int, int] = {}  # position in the index → position of its event's first
    core: dict[int, list[int]] = {}
    told: list[tuple[str, float]] = [("", 0.0)] * len(complaints)
    for which in progress(order):
        complaint = complaints[which]
        seconds = _seconds(complaint.time)
        said = fingerprint(clean(complaint.text), complaint.place)
        found = [
            (index._match(said, complaint.place, seconds, int(at)).score, int(at))
            for at in index._nearest(said, seconds)
        ]
        here = index._put(complaint.id, seconds, complaint.place, said)
        event, score = here, 1.0
        for likeness, at in sorted(found, key=lambda pair: (-pair[0], pair[1])):
            if likeness < _JOIN:
                break
            first = event_of[at]
            members = core[first]
            to_core = [
                index._compare(said, complaint.place, index._print(member), index._places[member], 0.0)[0]
                for member in members
            ]
            if sum(to_core) / len(to_core) >= _CORE:
                event, score = first, likeness
                break
        event_of[here] = event
        members = core.setdefault(event, [])
        if len(members) < _CORE_SIZE:
            members.append(here)
        told[which] = (index._ids[event], score)
    return told
