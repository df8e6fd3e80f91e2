"""事件 Events: the significant pairs of one burst, made one; the smallest place that explains it gives the name.

Greedy, as the sequential deletion of Zhang, Assunção & Kulldorff (2010): the pair with the greatest likelihood gain
is an event and takes its complaints with it; what remains must be significant without them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analytics.encoding import NAME_LEVEL, Encoded
from analytics.keywords import inverse_frequency
from analytics.pairs import CATEGORY, KIN, PairCounts
from analytics.scanning import Detection, PairScan

_NEARLY_ALL = 0.85  # a smaller place with this share of the best gain explains the burst as well
_HALF = 0.5
_MOSTLY = 0.6
# Median cosine of members' word vectors below which a burst is a coincidence of words, not an event.
_COHERENT = {"word": 0.08, "word everywhere": 0.10, "any": 0.10}


@dataclass(frozen=True)
class Event:
    """One burst. ``documents``: positions of its complaints in time order, repeats included; ``voices``: one
    complaint per voice; ``offset``: days between the scan and the end of the window told (0 unless fading).
    """

    key: int
    place: int
    topic: int
    documents: NDArray[np.int64]
    voices: NDArray[np.int64]
    window: int
    offset: int
    observed: int
    expected: float
    low: int
    high: int
    p_value: float
    q_value: float
    status: str


def assemble(encoded: Encoded, counts: PairCounts, scan: PairScan, window: int) -> list[Event]:
    """Events at the time of the scan, and those of one window ago that have since fallen silent."""
    past = {offset: scan.detect(offset) for offset in (window, 2 * window, 3 * window)}
    lately = scan.detect(min(3, window)) if window > 3 else past[window]
    now = _continued(scan.detect(0), past, scan)
    before = past[window]
    bursting_before = {int(key) for one in past.values() for key in one.key[one.significant]}
    bursting_lately = set(lately.key[lately.significant].tolist())
    out, told = [], np.zeros(len(encoded.complaints), dtype=bool)
    for chosen, keys, voices in _grouped(now, 0, encoded, counts, scan):
        status = _status(
            int(now.key[chosen]), keys, counts, window=window, before=bursting_before, lately=bursting_lately
        )
        out.append(_event(now, chosen, voices, encoded, offset=0, status=status))
        told[voices] = True
    current = set(now.key[now.significant].tolist())
    for chosen, keys, voices in _grouped(before, window, encoded, counts, scan):
        recent = np.unique(np.concatenate([_within(counts, key, 0, window) for key in keys]))
        if current & set(keys) or len(recent) < 2 or told[recent].mean() >= _HALF or told[voices].any():
            continue
        out.append(_event(before, chosen, voices, encoded, offset=window, status="fading"))
    return out


def _continued(now: Detection, past: dict[int, Detection], scan: PairScan) -> Detection:
    """Judge what burst in the last weeks against the time before it began, so that it does not hide itself."""
    best = now
    row_of = {int(key): row for row, key in enumerate(now.key)}
    for offset, then in past.items():
        keys = np.array([key for key in then.key[then.significant].tolist() if key in row_of], dtype=np.int64)
        if not len(keys):
            continue
        again = scan.measure(keys, 0, gap=offset)
        rows = np.array([row_of[int(key)] for key in keys])
        better = again.significant & ~best.significant[rows]
        values = {}
        for one in fields(Detection):
            column = getattr(best, one.name).copy()
            column[rows[better]] = getattr(again, one.name)[better]
            values[one.name] = column
        best = Detection(**values)
    return best


def _within(counts: PairCounts, key: int, first: float, last: float) -> NDArray[np.int64]:
    members = counts.members(key)
    age = counts.stream.age[members]
    return members[(age > first) & (age <= last)] if first else members[age <= last]


def _grouped(
    found: Detection, offset: int, encoded: Encoded, counts: PairCounts, scan: PairScan
) -> list[tuple[int, list[int], NDArray[np.int64]]]:
    """(row of the pair that names it, keys of all its pairs, one complaint per voice) for every event."""
    rows = np.flatnonzero(found.significant)
    rows = rows[np.argsort(-found.gain[rows], kind="stable")]
    members = {
        int(row): _within(counts, int(found.key[row]), offset, offset + int(found.window[row]))
        for row in rows
    }
    coherent = [int(row) for row in rows if _coherent(int(found.key[row]), members[int(row)], encoded)]
    groups: list[tuple[int, list[int], NDArray[np.int64]]] = []
    left = coherent
    while left:
        head, rest = left[0], left[1:]
        mine = members[head]
        same = [row for row in rest if _overlap(members[row], mine) >= _HALF]
        chosen = _smallest_place(head, same, found, members, encoded)
        here = [
            row
            for row in (head, *same)
            if _inside(int(found.key[row]), int(found.key[chosen]), encoded)
            # What is mostly other people's business is not drawn in, however much of this event it holds.
            and len(np.intersect1d(members[row], members[chosen])) >= _MOSTLY * len(members[row])
        ]
        more = np.concatenate([np.zeros(0, np.int64), *(members[row] for row in here)])
        voices = _with_kindred(members[chosen], np.setdiff1d(more, members[chosen]), encoded)
        groups.append((chosen, [int(found.key[row]) for row in (head, *same)], voices))
        taken = np.union1d(mine, voices)
        left = _still_significant(
            [row for row in rest if row not in set(same)], taken, found, members, scan, offset=offset
        )
    return groups


def _inside(key: int, other: int, encoded: Encoded) -> bool:
    """Whether a pair's place is the other pair's place or lies within it."""
    place, outer = (encoded.places[k // encoded.stream.n_topics] for k in (key, other))
    return place == outer or (bool(outer) and place.startswith(f"{outer}/"))


def _overlap(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    return len(np.intersect1d(a, b, assume_unique=True)) / max(min(len(a), len(b)), 1)


def _smallest_place(
    head: int, same: list[int], found: Detection, members: dict[int, NDArray[np.int64]], encoded: Encoded
) -> int:
    """The pair to name an event by: the finest place that explains nearly as much as the best pair."""
    n_topics = encoded.stream.n_topics
    level = encoded.stream.place_level
    good = [row for row in (head, *same) if found.gain[row] >= _NEARLY_ALL * found.gain[head]]

    def order(row: int) -> tuple[float, float, float]:
        key = int(found.key[row])
        family = encoded.stream.topic_family[key % n_topics]
        return (
            float(level[key // n_topics]),
            float(family == CATEGORY) * 0.1 * found.gain[head] + found.gain[row],
            -row,
        )

    return max(good, key=order)


def _still_significant(
    rows: list[int],
    taken: NDArray[np.int64],
    found: Detection,
    members: dict[int, NDArray[np.int64]],
    scan: PairScan,
    *,
    offset: int,
) -> list[int]:
    """Rows that burst even without the complaints an event has taken (its own members shrink to the rest)."""
    counts = scan.counts
    touched = [row for row in rows if len(np.intersect1d(members[row], taken, assume_unique=True))]
    if not touched:
        return rows
    keys = found.key[touched]
    removed = np.zeros((len(touched), counts.days), dtype=np.int64)
    for at, row in enumerate(touched):
        gone = np.intersect1d(counts.members(int(found.key[row])), taken, assume_unique=True)
        day = np.minimum(counts.stream.age[gone].astype(np.int64), counts.days - 1)
        removed[at] = np.bincount(day, minlength=counts.days)
    again = scan.measure(keys, offset, removed)
    out = set(touched) - {row for row, keep in zip(touched, again.significant, strict=True) if keep}
    return [row for row in rows if row not in out]


def _coherent(key: int, members: NDArray[np.int64], encoded: Encoded) -> bool:
    """Whether a burst is one matter, not a coincidence of words."""
    place, topic = divmod(key, encoded.stream.n_topics)
    family = encoded.stream.topic_family[topic]
    if family in (CATEGORY, KIN):
        return True  # one matter by definition
    if place and encoded.topics[topic] and encoded.topics[topic] in encoded.places[place]:
        return False  # a word of the place's own name is no matter
    if topic == 0:
        # "Everything at once" is a hotspot for a single place only, and only when it is one matter.
        level = encoded.stream.place_level
        finest = place != 0 and (level[place] == NAME_LEVEL or level[place] == level.max())
        if not finest:
            return False
        least = _COHERENT["any"]
    else:
        least = _COHERENT["word" if place else "word everywhere"]
    return similar(members, encoded) >= least


def similar(documents: NDArray[np.int64], encoded: Encoded) -> float:
    """Median cosine between the words (presence × idf) of every two complaints, 0 to 1.

    The median, because two who write the same and two who write something else are no event of four. Of more than
    200 complaints every so many are compared.
    """
    documents = documents[:: len(documents) // 200 + 1]
    pairs = _cosines(documents, encoded)[np.triu_indices(len(documents), 1)]
    return float(np.median(pairs)) if len(pairs) else 0.0


def _with_kindred(members: NDArray[np.int64], more: NDArray[np.int64], encoded: Encoded) -> NDArray[np.int64]:
    """Members and those of further complaints that are at least half as like them as they are like each other."""
    if not len(more) or len(members) + len(more) > 2000:
        return members
    cosine = _cosines(np.concatenate([members, more]), encoded)
    n = len(members)
    among = np.median(cosine[:n, :n][np.triu_indices(n, 1)])
    return np.union1d(members, more[np.median(cosine[n:, :n], axis=1) >= _HALF * among])


def _cosines(documents: NDArray[np.int64], encoded: Encoded) -> NDArray[np.float64]:
    weights = inverse_frequency(encoded.word_frequency, len(encoded.complaints))
    words = np.concatenate([*(encoded.words[i] for i in documents), np.zeros(0, np.int32)])
    row = np.repeat(np.arange(len(documents)), [len(encoded.words[i]) for i in documents])
    unique, column = np.unique(words, return_inverse=True)
    value = weights[words]
    norm = np.sqrt(np.bincount(row, value**2, minlength=len(documents)))
    vectors = csr_array((value / norm[row], (row, column)), shape=(len(documents), max(len(unique), 1)))
    return np.asarray((vectors @ vectors.T).toarray(), dtype=np.float64)


def _status(
    key: int, keys: list[int], counts: PairCounts, *, window: int, before: set[int], lately: set[int]
) -> str:
    """Stage of life from the named pair's own counts and from when the event's pairs first burst."""
    daily = counts.daily(np.array([key]))[0]
    this, last = int(daily[:window].sum()), int(daily[window : 2 * window].sum())
    half = max(window // 2, 1)
    newest, older = int(daily[:half].sum()), int(daily[half : 2 * half].sum())
    rising = newest >= max(older, 1)
    if before & set(keys):
        if this >= 1.3 * last and rising:
            return "growing"
        return "fading" if this < 0.6 * last and newest <= older else "persisting"
    if newest == 0:
        return "fading"
    return "growing" if newest > older and lately & set(keys) else "emerging"


def _event(
    found: Detection, row: int, voices: NDArray[np.int64], encoded: Encoded, *, offset: int, status: str
) -> Event:
    key = int(found.key[row])
    place, topic = divmod(key, encoded.stream.n_topics)
    return Event(
        key=key,
        place=place,
        topic=topic,
        documents=_with_repeats(key, voices, offset, int(found.window[row]), encoded),
        voices=voices,
        window=int(found.window[row]),
        offset=offset,
        observed=int(found.observed[row]),
        expected=float(found.expected[row]),
        low=int(found.low[row]),
        high=int(found.high[row]),
        p_value=float(found.p_value[row]),
        q_value=float(found.q_value[row]),
        status=status,
    )


def _with_repeats(
    key: int, voices: NDArray[np.int64], offset: int, window: int, encoded: Encoded
) -> NDArray[np.int64]:
    """The event's complaints and the further ones of the same people at the same place, in time order."""
    stream = encoded.stream
    place = key // stream.n_topics
    speaking = np.isin(stream.voice, stream.voice[voices])
    recent = np.flatnonzero(speaking & (stream.age > offset) & (stream.age <= offset + window))
    words = [set(encoded.words[i].tolist()) for i in voices]
    common = set().union(*words)
    keep = [
        i
        for i in recent
        if place in stream.place_id[stream.place_start[i] : stream.place_start[i + 1]]
        and len(common.intersection(encoded.words[i].tolist())) * 2 >= len(encoded.words[i])
    ]
    return np.union1d(voices, np.array(keep, dtype=np.int64))
