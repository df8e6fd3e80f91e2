"""编码 Encoding: complaints become the scanner's numbers: who, when, which places, which topics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from analytics.keywords import Vocabulary, clauses
from analytics.kindred import circles
from analytics.pairs import ANY, CATEGORY, KIN, WORD, Ints, Stream
from analytics.places import PlaceFinder
from analytics.records import Complaint
from analytics.voices import voices

EVERYWHERE = ""
AREA_LEVEL, NAME_LEVEL, FIRST_PATH_LEVEL = 1, 2, 3
_WORDS_PER_COMPLAINT = 24
_COMMON = 0.10  # a word in more than a tenth of all complaints is no topic


@dataclass(frozen=True)
class Reach:
    """What a scan looks at, in days: the longest ``window``, centres of kin up to ``centres`` old, everything up to
    ``days`` old; ``min_size``: fewest voices that can be a hotspot."""

    window: int
    centres: int
    days: int
    min_size: int


@dataclass(frozen=True)
class Encoded:
    """A `Stream` and what its numbers stand for.

    ``complaints``: as ordered in the stream. ``places``: path by number ("" everywhere). ``topics``: category path
    or word by number ("" anything, or complaints like one of them). ``shown``: place spellings to show. ``words``: word numbers of each complaint;
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
        self._places = _Numbering(EVERYWHERE, 0)
        self._topics = _Numbering("", ANY)
        self._place_rows = _Rows()
        self._topic_rows = _Rows()

    def read(self, complaints: Sequence[Complaint]) -> None:
        """Segment and look for places, once per text."""
        for complaint in complaints:
            if self.vocabulary.knows(complaint.text):
                continue
            said = clauses(complaint.text)
            self.vocabulary.learn(complaint.text, (word for clause in said for word in clause))
            if not complaint.place:
                self.finder.remember(complaint.text, said)

    def encode(self, complaints: Sequence[Complaint], as_of: datetime, reach: Reach) -> Encoded:
        """Numbers for complaints before ``as_of``, whose order in time is the order of the result."""
        ordered = sorted(complaints, key=attrgetter("time", "id"))
        self.read(ordered)
        placeless = [c.text for c in ordered if not c.place]
        if placeless:
            self.finder.settle(placeless)
        place_row = self._place_rows.numbers(ordered, _place_known_by, self._places_of)
        if placeless:  # what the texts call places is settled anew by every scan
            said = {c.text: self._said_in(c.text) for c in ordered if not c.place}
            place_row = self._place_rows.renumbered(place_row, ordered, said)
        place_start, place_id = self._place_rows.lists(place_row)
        topic_row = self._topic_rows.numbers(ordered, attrgetter("category"), self._topics_of)
        words = [self.vocabulary.ids(c.text) for c in ordered]
        flat = _Flat(words, len(self.vocabulary.words))
        category_start, category_id = self._topic_rows.lists(topic_row)
        said_as_place = self._said_as_place(flat, place_row)
        word_topics, names = self._word_topics(
            flat, flat.frequency - said_as_place, reach.min_size, len(self._topics.names)
        )
        topic_start, topic_id = _merged(category_start, category_id, *word_topics)
        now = as_of.timestamp()
        age = (now - np.fromiter((c.time.timestamp() for c in ordered), np.float64, len(ordered))) / 86400.0
        kin = circles(
            words, flat.frequency, age, self._blocks(place_row, ordered),
            window=reach.window, reach=reach.centres, horizon=reach.days, min_size=reach.min_size,
        )  # fmt: skip
        centres, kin_topic = np.unique(kin.centre, return_inverse=True)
        first_kin = len(self._topics.names) + len(names)
        stream = Stream(
            age=age,
            voice=voices(ordered),
            place_start=place_start,
            place_id=place_id,
            topic_start=topic_start,
            topic_id=topic_id,
            place_level=np.array(self._places.groups, dtype=np.int64),
            topic_family=np.array(
                [*self._topics.groups, *[WORD] * len(names), *[KIN] * len(centres)], dtype=np.int64
            ),
            topic_depth=np.array(
                [*(path.count("/") for path in self._topics.names), *[0] * (len(names) + len(centres))],
                dtype=np.int64,
            ),
            kin_topic=kin_topic + first_kin,
            kin_document=kin.member,
            kin_usual=kin.usual,
        )
        return Encoded(
            stream,
            ordered,
            self._places.names,
            [*self._topics.names, *names, *[""] * len(centres)],
            dict(self.finder.display),
            words,
            flat.frequency,
            self.vocabulary.words,
        )

    def _places_of(self, path: str) -> list[int]:
        levels = enumerate(_levels(path))
        return [0, *(self._places.number(part, FIRST_PATH_LEVEL + depth) for depth, part in levels)]

    def _said_in(self, text: str) -> tuple[int, ...]:
        said = self.finder.find(text)
        areas = [self._places.number(area, AREA_LEVEL) for area in said.areas[:1]]
        return (0, *areas, *(self._places.number(name, NAME_LEVEL) for name in said.names))

    def _topics_of(self, path: str) -> list[int]:
        return [0, *(self._topics.number(part, CATEGORY) for part in _levels(path))]

    def _blocks(self, place_row: Ints, ordered: Sequence[Complaint]) -> Ints:
        """What must be equal for two texts to be compared: the finest place that is given, 0 where none is."""
        given = np.fromiter((bool(c.place) for c in ordered), bool, len(ordered))
        return np.where(given, self._place_rows.last(place_row), 0)

    def _said_as_place(self, flat: _Flat, place_row: Ints) -> Ints:
        """How often each word is only a piece of the name of the complaint's own place: where, not what."""
        used = np.unique(place_row)
        leaves = {
            int(row): [self._places.names[at].rsplit("/", 1)[-1] for at in self._place_rows.row(row) if at]
            for row in used
        }
        every = "|".join({leaf for row in leaves.values() for leaf in row})
        piece = np.zeros(len(flat.frequency), dtype=bool)
        for number in np.flatnonzero(flat.frequency):
            piece[number] = self.vocabulary.words[number] in every
        maybe = piece[flat.word]
        # A word with a place is judged once, however many complaints say it there.
        pairs, times = np.unique(
            flat.word[maybe].astype(np.int64) * (int(used.max(initial=0)) + 1) + place_row[flat.row[maybe]],
            return_counts=True,
        )
        word, row = np.divmod(pairs, int(used.max(initial=0)) + 1)
        inside = np.fromiter(
            (
                any(self.vocabulary.words[w] in leaf for leaf in leaves[r])
                for w, r in zip(word.tolist(), row.tolist(), strict=True)
            ),
            bool,
            len(pairs),
        )
        out = np.bincount(word[inside], times[inside], minlength=len(flat.frequency)).astype(np.int64)
        return np.where(out * 2 >= flat.frequency, flat.frequency, 0)

    def _word_topics(
        self, flat: _Flat, frequency: Ints, min_size: int, first: int
    ) -> tuple[tuple[Ints, Ints], list[str]]:
        """Words worth watching: said by ``min_size`` complaints at least, and not by everybody; lists by complaint."""
        ceiling = max(_COMMON * flat.n_rows, 3.0 * min_size)
        watched = np.flatnonzero((frequency >= min_size) & (frequency <= ceiling))
        number = np.full(len(frequency), -1, dtype=np.int64)
        number[watched] = first + np.arange(len(watched))
        kept = np.flatnonzero(number[flat.word] >= 0)
        row, word = flat.row[kept], flat.word[kept]
        counts = np.bincount(row, minlength=flat.n_rows)
        if counts.max(initial=0) > _WORDS_PER_COMPLAINT:  # the rarest say most
            order = np.lexsort((frequency[word], row))
            row, word = row[order], word[order]
            starts = np.cumsum(counts) - counts
            few = np.arange(len(row)) - starts[row] < _WORDS_PER_COMPLAINT
            row, word = row[few], word[few]
            counts = np.minimum(counts, _WORDS_PER_COMPLAINT)
        return (_starts(counts), number[word]), [self.vocabulary.words[i] for i in watched]


class _Flat:
    """Words of all complaints in one array: ``word`` and ``row`` (entries,), ``frequency`` by word."""

    def __init__(self, words: Sequence[NDArray[np.int32]], n_words: int) -> None:
        self.n_rows = len(words)
        self.word = np.concatenate([*words, np.zeros(0, np.int32)])
        self.row = np.repeat(np.arange(len(words)), np.fromiter(map(len, words), np.int64, len(words)))
        self.frequency = np.bincount(self.word, minlength=n_words).astype(np.int64)


class _Rows:
    """Distinct lists of numbers, each made once for what it is known by (a place's path, a category's)."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._rows: list[tuple[int, ...]] = []
        self._of_row: dict[tuple[int, ...], int] = {}

    def numbers(
        self,
        complaints: Sequence[Complaint],
        known_by: Callable[[Complaint], str],
        make: Callable[[str], list[int]],
    ) -> Ints:
        """The row of each complaint, shape (n_complaints,)."""
        number = self._number
        for key in set(map(known_by, complaints)) - number.keys():
            number[key] = self._row(tuple(make(key)))
        return np.fromiter((number[known_by(c)] for c in complaints), np.int64, len(complaints))

    def renumbered(
        self, rows: Ints, complaints: Sequence[Complaint], said: dict[str, tuple[int, ...]]
    ) -> Ints:
        """The rows, but for complaints without a place, whose text says where."""
        row_of = {text: self._row(row) for text, row in said.items()}
        return np.fromiter(
            (rows[i] if c.place else row_of[c.text] for i, c in enumerate(complaints)),
            np.int64,
            len(complaints),
        )

    def row(self, at: int) -> tuple[int, ...]:
        """The numbers of a row."""
        return self._rows[at]

    def last(self, rows: Ints) -> Ints:
        """The last number of each row, 0 of an empty one."""
        return np.fromiter((row[-1] if row else 0 for row in self._rows), np.int64, len(self._rows))[rows]

    def lists(self, rows: Ints) -> tuple[Ints, Ints]:
        """Starts (n + 1,) and entries of the rows one after the other."""
        lengths = np.fromiter(map(len, self._rows), np.int64, len(self._rows))
        begins = _starts(lengths)
        table = np.fromiter((n for row in self._rows for n in row), np.int64, int(begins[-1]))
        starts = _starts(lengths[rows])
        at = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths[rows])
        return starts, table[np.repeat(begins[rows], lengths[rows]) + at]

    def _row(self, row: tuple[int, ...]) -> int:
        found = self._of_row.get(row)
        if found is None:
            found = self._of_row[row] = len(self._rows)
            self._rows.append(row)
        return found


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


def _place_known_by(complaint: Complaint) -> str:
    return complaint.place


def _levels(path: str) -> list[str]:
    """``青羊区/府南街道`` → [``青羊区``, ``青羊区/府南街道``]."""
    parts = [part.strip() for part in path.strip().strip("/").split("/") if part.strip()]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _starts(lengths: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _merged(start: Ints, id_: Ints, more_start: Ints, more_id: Ints) -> tuple[Ints, Ints]:
    """Two families of lists as one: each complaint's first list, then its second."""
    lengths, more = np.diff(start), np.diff(more_start)
    starts = _starts(lengths + more)
    out = np.empty(int(starts[-1]), dtype=np.int64)
    for begin, own, values in ((starts[:-1], lengths, id_), (starts[:-1] + lengths, more, more_id)):
        own_start = _starts(own)[:-1]
        out[np.repeat(begin - own_start, own) + np.arange(len(values))] = values
    return starts, out
