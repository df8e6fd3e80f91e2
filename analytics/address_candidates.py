"""候选部分 Candidates: the parts an address line may have, and the choice among them.

A tagger gives every character a chance for every tag; a run of characters whose tags fit one label is a candidate.
From candidates that overlap, those are chosen whose chances, each less a threshold, sum highest (dynamic programming
over the ends, as for the weighted intervals of Kleinberg & Tardos, *Algorithm Design*, 6.1). That is a reading of
least expected cost, as in Goodman 1996, not the most probable one: a part nobody is sure of is left untold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.address import LABELS, Span

# A threshold of half the F1 to be reached would be best were chances exact (Lipton, Elkan & Naryanaswamy 2014); that
# of measured F1 is flat from 0.3 to 0.45, and the lower leaves fewer parts untold.
SURE = 0.35
_LEAST = 0.02  # tags less probable than this begin and continue no candidate
_LONGEST = 30  # characters
_PLACES = "BIES"
WIDTH = 1 + len(LABELS) * len(_PLACES)  # columns of the chances

Chances = NDArray[np.float64]


class Candidate(NamedTuple):
    """A part a line may have: characters ``start`` to ``end``, ``label`` as its place in `LABELS`.

    ``least`` and ``usual``: the lowest and the geometric mean chance of its tags, by the tagger.
    """

    start: int
    end: int
    label: int
    least: float
    usual: float


def columns(tags: Sequence[str]) -> NDArray[np.intp]:
    """For each tag of a tagger (B-road, S-redundant|poi, O) its column in the chances; finer labels share one."""
    place = {label: number for number, label in enumerate(LABELS)}
    out = []
    for tag in tags:
        begin, _, finer = tag.partition("-")
        label = finer.partition("|")[0]
        out.append(1 + place[label] * len(_PLACES) + _PLACES.index(begin) if label else 0)
    return np.array(out, dtype=np.intp)


def candidates(chances: Chances) -> list[Candidate]:
    """The candidates of a line, by their beginnings. ``chances``: characters by columns (see `columns`), shape
    (characters, 1 + 4 · labels): nothing, then B, I, E and S of each label."""
    first, inner, last, only = (chances[:, 1 + place :: len(_PLACES)] for place in range(len(_PLACES)))
    out = []
    for start in range(len(chances)):
        for label in np.flatnonzero(only[start] > _LEAST):
            chance = float(only[start, label])
            out.append(Candidate(start, start + 1, int(label), chance, chance))
        for label in np.flatnonzero(first[start] > _LEAST):
            least = float(first[start, label])
            logs = math.log(least)
            for at in range(start + 1, min(len(chances), start + _LONGEST)):
                ends = float(last[at, label])
                if ends > _LEAST:
                    usual = math.exp((logs + math.log(ends)) / (at + 1 - start))
                    out.append(Candidate(start, at + 1, int(label), min(least, ends), usual))
                goes_on = float(inner[at, label])
                if goes_on <= _LEAST:
                    break
                least = min(least, goes_on)
                logs += math.log(goes_on)
    return out


def choose(
    length: int, found: Sequence[Candidate], chances: Sequence[float], sure: float = SURE
) -> list[Span]:
    """Of the candidates of a line of ``length`` characters, those to be told, in order and without overlap.

    ``chances``: that each is right; none below ``sure`` is told.
    """
    ending: list[list[int]] = [[] for _ in range(length + 1)]
    for number, candidate in enumerate(found):
        ending[candidate.end].append(number)
    best = [0.0] * (length + 1)
    taken: list[int | None] = [None] * (length + 1)
    for at in range(1, length + 1):
        best[at] = best[at - 1]
        for number in ending[at]:
            gain = best[found[number].start] + chances[number] - sure
            if gain > best[at]:
                best[at], taken[at] = gain, number
    out: list[Span] = []
    at = length
    while at:
        chosen = taken[at]
        if chosen is None:
            at -= 1
            continue
        candidate = found[chosen]
        out.append(Span(candidate.start, candidate.end, LABELS[candidate.label]))
        at = candidate.start
    return out[::-1]
