"""旁证 Evidence: what speaks for and against a part of an address line, as numbers.

A tagger that goes from character to character does not see a part whole. Here a candidate is looked at as a whole: how
sure the tagger is of it and of its rivals, how often its words, its ending, its neighbours went with its label in the
labelled addresses, and how often those were cut where it would be cut.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from analytics.address import LABELS, Span
from analytics.address_candidates import Candidate, Chances
from analytics.address_features import outline
from analytics.model_files import Arrays

_RUNS = re.compile("0+|A+")
_NUMBER = {label: number for number, label in enumerate(LABELS)}
_BOUNDS = 4  # windows over which a cut is judged
_LONGEST_NAME = 10  # characters; longer names are not counted where they are no part
_UNTOLD = "O"  # beside characters of no part
_AT_THE_EDGE, _NOTHING_INSIDE, _NEVER_SEEN = 2.0, -2.0, -1.0

Part = tuple[int, int, str]  # start, end, label


def _short(said: str) -> str:
    return _RUNS.sub(lambda run: run[0][0], said)


class _Line:
    """A line with the parts it is thought to have, for the clues about any part of it."""

    def __init__(self, text: str, path: Sequence[Part]) -> None:
        self.shape = outline(text)
        self.path = path
        self.covering = [-1] * len(text)
        for number, (start, end, _) in enumerate(path):
            self.covering[start:end] = [number] * (end - start)

    def beside(self, start: int, end: int) -> tuple[int | None, int | None]:
        """Numbers of the parts of the path that hold the character before and the one after."""
        before = self.covering[start - 1] if start else -1
        after = self.covering[end] if end < len(self.covering) else -1
        return (before if before >= 0 else None), (after if after >= 0 else None)

    def clues(self, start: int, end: int) -> list[str]:
        """What is counted about a part: itself, its ends, what stands before and after. The first letter: of what kind."""
        line = self.shape
        said, before, after = line[start:end], line[max(0, start - 2) : start], line[end : end + 2]
        left, right = self.beside(start, end)
        one = "^" if start == 0 else _UNTOLD if left is None else self.path[left][2]
        two = self.path[left - 1][2] if left else "^"
        next_one = "$" if end == len(line) else _UNTOLD if right is None else self.path[right][2]
        next_two = "$" if right is None or right + 1 == len(self.path) else self.path[right + 1][2]
        brief = _short(said)
        left_said = "^" if left is None else _short(line[self.path[left][0] : start])
        right_said = "$" if right is None else _short(line[end : self.path[right][1]])
        last = brief[-1]
        return [
            f"a{said}", f"b{said[-2:] if len(said) > 2 else '^' + said}", f"c{said[-3:]}", f"d{said[:2]}",
            f"e{min(end - start, 12)}", f"f{before[-1:]}|{after[:1]}", f"g{said[-1]}|{after}", f"h{before}|{said[0]}",
            f"i{one}|{next_one}", f"j{one}", f"k{next_one}",
            f"l{left_said[-3:]}|{brief[-4:]}|{right_said[:3]}", f"m{left_said}|{last}", f"n{last}|{right_said}",
            f"o{two}|{one}|{last}", f"p{last}|{next_one}|{next_two}", f"q{one}|{brief[-2:]}|{next_one}",
            f"r{_short(line[start:])[:8]}", f"s{_short(line[:end])[-8:]}",
        ]  # fmt: skip

    def cuts(self) -> list[str]:
        """What is counted about every place between two characters, `_BOUNDS` clues a place."""
        line = self.shape
        return [
            clue
            for at in range(1, len(line))
            for clue in (
                f"w{line[at - 1 : at + 1]}",
                f"x{line[max(0, at - 2) : at + 1]}",
                f"y{line[at - 1 : at + 2]}",
                f"z{line[max(0, at - 2) : at + 2]}",
            )
        ]


def _code(clue: str, answer: str = "") -> int:
    return crc32(f"{clue}\t{answer}".encode())


class Evidence:
    """How often clues were seen in labelled addresses, in all and with each answer. By checksums, not by words: small,
    and a checksum met by chance (one unseen clue in ten thousand) says little."""

    def __init__(self, codes: NDArray[np.uint32], counts: NDArray[np.uint32]) -> None:
        self._codes, self._counts = codes, counts

    @classmethod
    def of(cls, data: Sequence[tuple[str, list[Span]]], known: frozenset[str]) -> Evidence:
        """Counted in labelled addresses. ``known``: the names whose other appearances are counted too."""
        seen: Counter[int] = Counter()
        for text, spans in data:
            seen.update(_counted(text, spans, known))
        codes = np.array(sorted(seen), dtype=np.uint32)
        return cls(codes, np.array([seen[code] for code in codes.tolist()], dtype=np.uint32))

    def count(self, codes: Iterable[int]) -> NDArray[np.float64]:
        """How often each was seen."""
        asked = np.fromiter(codes, dtype=np.uint32)
        if not len(self._codes):
            return np.zeros(len(asked))
        at = np.minimum(np.searchsorted(self._codes, asked), len(self._codes) - 1)
        return np.where(self._codes[at] == asked, self._counts[at], 0).astype(np.float64)

    def arrays(self) -> Arrays:
        """The counts as named arrays; `from_arrays` takes them back."""
        return {"codes": self._codes, "counts": self._counts}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Evidence:
        """Raises KeyError where one is missing."""
        return cls(arrays["codes"], arrays["counts"])


def names(data: Iterable[tuple[str, list[Span]]]) -> frozenset[str]:
    """The parts of labelled addresses, numbers made alike."""
    return frozenset(outline(text)[span.start : span.end] for text, spans in data for span in spans)


def _counted(text: str, spans: Sequence[Span], known: frozenset[str]) -> Iterator[int]:
    line = _Line(text, [(span.start, span.end, span.label) for span in spans])
    for start, end, label in line.path:
        for clue in line.clues(start, end):
            yield _code(clue)
            yield _code(clue, label)
    edges = {edge for start, end, _ in line.path for edge in (start, end)}
    for number, clue in enumerate(line.cuts()):
        yield _code(clue)
        if number // _BOUNDS + 1 in edges:
            yield _code(clue, "1")
    for start in range(len(text)):
        for end in range(start + 1, min(len(text), start + _LONGEST_NAME) + 1):
            if line.shape[start:end] in known:
                yield _code(f"!{line.shape[start:end]}")


def _share(
    with_answer: NDArray[np.float64], in_all: NDArray[np.float64], prior: float
) -> NDArray[np.float64]:
    return np.where(in_all > 0, (with_answer + prior) / (in_all + 1), _NEVER_SEEN)


def rows(
    text: str,
    found: Sequence[Candidate],
    path: Sequence[Span],
    chances: Chances,
    evidence: Evidence,
    without: Evidence | None = None,
) -> NDArray[np.float32]:
    """What speaks for and against each candidate of a line, shape (candidates, numbers).

    ``path``: the reading the tagger thinks likeliest. ``without``: counts to be left aside, those of the addresses a
    candidate is from while it is learnt what evidence is worth.
    """
    if not found:
        return np.zeros((0, 0), np.float32)
    line = _Line(text, [(span.start, span.end, span.label) for span in path])

    def count(codes: list[int]) -> NDArray[np.float64]:
        seen = evidence.count(codes)
        return seen if without is None else seen - without.count(codes)

    clues = [(clue, LABELS[one.label]) for one in found for clue in line.clues(one.start, one.end)]
    in_all = count([_code(clue) for clue, _ in clues]).reshape(len(found), -1)
    with_label = count([_code(clue, label) for clue, label in clues]).reshape(len(found), -1)
    met = count([_code(f"!{line.shape[one.start : one.end]}") for one in found])
    as_part = in_all[:, 0]
    seen_so = np.where(as_part > 0, as_part / np.maximum(met, 1), _NEVER_SEEN)
    often = np.where(as_part > 0, np.log1p(met), 0)
    return np.hstack(
        [
            np.array([_told(line, one, chances) for one in found]),
            _rivals(found),
            _share(with_label, in_all, 0.2),
            np.column_stack([seen_so, often]),
            _cuts(
                line, found, count(list(map(_code, line.cuts()))), count([_code(c, "1") for c in line.cuts()])
            ),
        ]
    ).astype(np.float32)


def _told(line: _Line, one: Candidate, chances: Chances) -> list[float]:
    """How sure the tagger is of a candidate and beside it, and where it stands in the likeliest reading."""
    start, end, label = one.start, one.end, LABELS[one.label]
    left, right = line.beside(start, end)
    before = [part for part in line.path if part[1] <= start]
    after = [part for part in line.path if part[0] >= end]
    surest = chances.max(axis=1)
    one_before = None if left is None else line.path[left]
    one_after = None if right is None else line.path[right]
    return [
        one.label, one.least, one.usual, end - start, start, len(line.shape) - end,
        (start, end, label) in line.path,
        one_before is None or one_before[1] == start,
        one_after is None or one_after[0] == end,
        float(surest[start:end].min()),
        float(surest[start - 1]) if start else 1.0,
        float(surest[end]) if end < len(surest) else 1.0,
        _NUMBER[one_before[2]] if one_before else -1,
        _NUMBER[one_after[2]] if one_after else -1,
        one_before[1] - one_before[0] if one_before else 0,
        one_after[1] - one_after[0] if one_after else 0,
        sum(part[2] == label for part in before),
        sum(part[2] == label for part in after),
        len(line.path),
        len(before),
        sum(character == "0" for character in line.shape[start:end]) / (end - start),
    ]  # fmt: skip


def _rivals(found: Sequence[Candidate]) -> NDArray[np.float64]:
    """Of the candidates that overlap each: how many, the strongest's chance, label and length beside ours, and the
    strongest of the same characters."""
    start, end = np.array([one.start for one in found]), np.array([one.end for one in found])
    least, label = np.array([one.least for one in found]), np.array([one.label for one in found])
    overlap = (start[:, None] < end) & (start < end[:, None])
    np.fill_diagonal(overlap, val=False)
    same = overlap & (start[:, None] == start) & (end[:, None] == end)
    chance = np.where(overlap, least, 0.0)
    best = chance.argmax(axis=1)
    any_ = overlap.any(axis=1)
    return np.column_stack(
        [
            chance.max(axis=1),
            np.where(any_, label[best], -1),
            overlap.sum(axis=1),
            np.where(same, least, 0.0).max(axis=1),
            np.where(any_, (end - start)[best] - (end - start), 0),
        ]
    )


def _cuts(
    line: _Line, found: Sequence[Candidate], in_all: NDArray[np.float64], cut: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How often labelled addresses were cut at a candidate's beginning and end, and most often within it."""
    edge = np.full((1, _BOUNDS), _AT_THE_EDGE)
    shares = np.vstack([edge, _share(cut, in_all, 0.3).reshape(-1, _BOUNDS), edge])
    nothing = np.full(_BOUNDS, _NOTHING_INSIDE)
    return np.array(
        [
            [
                *shares[one.start],
                *shares[one.end],
                *(shares[one.start + 1 : one.end].max(axis=0) if one.end - one.start > 1 else nothing),
            ]
            for one in found
        ]
    )
