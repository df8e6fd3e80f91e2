"""编码 Encoding: complaints become the scanner's numbers: who, when, which places, which topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from analytics.keywords import Vocabulary, clauses
from analytics.pairs import ANY, CATEGORY, WORD, Stream
from analytics.places import PlaceFinder
from analytics.records import Complaint
from analytics.voices import voices

EVERYWHERE = ""
AREA_LEVEL, NAME_LEVEL, FIRST_PATH_LEVEL = 1, 2, 3
_WORDS_PER_COMPLAINT = 24
_COMMON = 0.10  # a word in more than a tenth of all complaints is no topic


@dataclass(frozen=True)
class Encoded:
    """A `Stream` and what its numbers stand for.

    ``complaints``: as ordered in the stream. ``places``: path by number ("" everywhere). ``topics``: category path
    or word by number ("" anything). ``shown``: place spellings to show. ``words``: word numbers of each complaint;
    ``word_frequency``: complaints holding each word; ``vocabulary_words``: the words by number.
    """

    stream: Stream
    complaints: list[Complaint]
    places: list[str]
    topics: list[str]
    shown: dict[str, str]
    words: list[NDArray[np.int32]] = field(repr=False)
    word_frequency: NDArray[np.int64] = field(repr=False)
    vocabulary_words: list[str] = field(repr=False)


class Encoder:
    """Keeps what it has read, so that the next scan reads new complaints only."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.finder = PlaceFinder()

    def read(self, complaints: Sequence[Complaint]) -> None:
        """Segment and look for places, once per text."""
        for complaint in complaints:
            if self.vocabulary.knows(complaint.text):
                continue
            said = clauses(complaint.text)
            self.vocabulary.learn(complaint.text, (word for clause in said for word in clause))
            if not complaint.place:
                self.finder.remember(complaint.text, said)

    def encode(self, complaints: Sequence[Complaint], as_of: datetime, min_size: int) -> Encoded:
        """Numbers for complaints before ``as_of``, whose order in time is the order of the result."""
        ordered = sorted(complaints, key=lambda c: (c.time, c.id))
        self.read(ordered)
        placeless = [c.text for c in ordered if not c.place]
        if placeless:
            self.finder.settle(placeless)
        places = _Numbering(EVERYWHERE, 0)
        place_rows = [self._places_of(c, places) for c in ordered]
        place_start, place_id = _lists(place_rows)
        words = [self.vocabulary.ids(c.text) for c in ordered]
        frequency = np.bincount(
            np.concatenate([*words, np.zeros(0, np.int32)]), minlength=len(self.vocabulary.words)
        ).astype(np.int64)
        topics = _Numbering("", ANY)
        categories = [[topics.number(path, CATEGORY) for path in _levels(c.category)] for c in ordered]
        leaves = [[places.names[at].rsplit("/", 1)[-1] for at in row if at] for row in place_rows]
        said_as_place = self._said_as_place(words, frequency, leaves)
        chosen, names = self._word_topics(words, frequency - said_as_place, min_size, len(topics.names))
        topic_start, topic_id = _lists([[0, *c, *w] for c, w in zip(categories, chosen, strict=True)])
        stream = Stream(
            age=np.array([(as_of - c.time).total_seconds() / 86400.0 for c in ordered]),
            voice=voices(ordered),
            place_start=place_start,
            place_id=place_id,
            topic_start=topic_start,
            topic_id=topic_id,
            place_level=np.array(places.groups, dtype=np.int64),
            topic_family=np.array([*topics.groups, *[WORD] * len(names)], dtype=np.int64),
        )
        return Encoded(
            stream,
            ordered,
            places.names,
            [*topics.names, *names],
            dict(self.finder.display),
            words,
            frequency,
            self.vocabulary.words,
        )

    def _places_of(self, complaint: Complaint, places: _Numbering) -> list[int]:
        found = [0]
        if complaint.place:
            for depth, path in enumerate(_levels(complaint.place)):
                found.append(places.number(path, FIRST_PATH_LEVEL + depth))
            return found
        said = self.finder.find(complaint.text)
        found += [places.number(area, AREA_LEVEL) for area in said.areas[:1]]
        found += [places.number(name, NAME_LEVEL) for name in said.names]
        return found

    def _said_as_place(
        self, words: list[NDArray[np.int32]], frequency: NDArray[np.int64], leaves: list[list[str]]
    ) -> NDArray[np.int64]:
        """How often each word is only a piece of the name of the complaint's own place: where, not what."""
        every = "|".join({leaf for row in leaves for leaf in row})
        piece = np.zeros(len(frequency), dtype=bool)
        for number in np.flatnonzero(frequency):
            piece[number] = self.vocabulary.words[number] in every
        out = np.zeros(len(frequency), dtype=np.int64)
        for ids, row in zip(words, leaves, strict=True):
            for number in ids[piece[ids]]:
                out[number] += any(self.vocabulary.words[number] in leaf for leaf in row)
        return np.where(out * 2 >= frequency, frequency, 0)

    def _word_topics(
        self, words: list[NDArray[np.int32]], frequency: NDArray[np.int64], min_size: int, first: int
    ) -> tuple[list[list[int]], list[str]]:
        """Words worth watching: said by ``min_size`` complaints at least, and not by everybody."""
        ceiling = max(_COMMON * len(words), 3.0 * min_size)
        watched = np.flatnonzero((frequency >= min_size) & (frequency <= ceiling))
        number = np.full(len(frequency), -1, dtype=np.int64)
        number[watched] = first + np.arange(len(watched))
        out = []
        for ids in words:
            kept = ids[number[ids] >= 0]
            if len(kept) > _WORDS_PER_COMPLAINT:
                kept = kept[np.argsort(frequency[kept], kind="stable")[:_WORDS_PER_COMPLAINT]]
            out.append(number[kept].tolist())
        return out, [self.vocabulary.words[i] for i in watched]


class _Numbering:
    """Names ↔ numbers with a group each; number 0 is the whole."""

    def __init__(self, whole: str, group: int) -> None:
        self.names = [whole]
        self.groups = [group]
        self._number = {(whole, group): 0}

    def number(self, name: str, group: int) -> int:
        found = self._number.get((name, group))
        if found is None:
            found = self._number[name, group] = len(self.names)
            self.names.append(name)
            self.groups.append(group)
        return found


def _levels(path: str) -> list[str]:
    """``青羊区/府南街道`` → [``青羊区``, ``青羊区/府南街道``]."""
    parts = [part.strip() for part in path.strip().strip("/").split("/") if part.strip()]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _lists(rows: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return starts, np.fromiter((value for row in rows for value in row), np.int64, int(starts[-1]))
