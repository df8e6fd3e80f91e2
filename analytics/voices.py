"""诉求人 Voices: how many people speak, so that twenty posts by one person are not twenty complaints.

Where a complainant is given it decides. Where none is, near-identical text is taken for one voice: character
4-grams, MinHash in bands (Broder 1997; Leskovec, Rajaraman & Ullman, ch. 3), vectorised over the whole collection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analytics.records import Complaint

_NOT_WORD = re.compile(r"\W+|_x000[dD]_")
_HASHES = 12
_BAND = (
    3  # 4 bands of 3: alike at 0.9 meets with probability 0.995, at 0.5 with 0.41 and is then verified away
)
_ALIKE = 0.85
_READ = 300
_MULTIPLIERS = np.random.default_rng(20190817).integers(1, 2**62, size=_HASHES, dtype=np.uint64) * 2 + 1


def bare(text: str) -> str:
    """A text without marks and blanks, small letters: what "the same text" is judged on."""
    return _NOT_WORD.sub("", text).lower()


def near_identical(texts: Sequence[str]) -> NDArray[np.int64]:
    """Group number of every text, shape (n_texts,); near-identical texts share one.

    Two texts are near-identical when their MinHash estimate of Jaccard similarity over character 4-grams of the
    first 300 characters is at least 0.85; texts shorter than 8 characters must be equal. Empty texts are each alone.
    """
    n = len(texts)
    plain = [bare(text)[:_READ] for text in texts]
    exact: dict[str, int] = {}
    first = np.fromiter(
        (exact.setdefault(text, i) if text else i for i, text in enumerate(plain)), np.int64, n
    )
    long = np.array([i for i in range(n) if first[i] == i and len(plain[i]) >= 8], dtype=np.int64)
    if len(long) < 2:
        return first
    signatures = _signatures([plain[i] for i in long])
    left, right = [], []
    for band in range(0, _HASHES, _BAND):
        key = signatures[:, band] * np.uint64(31)
        for column in range(band + 1, band + _BAND):
            key = (key ^ signatures[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        order = np.argsort(key, kind="stable")
        same = key[order][1:] == key[order][:-1]
        left.append(order[:-1][same])
        right.append(order[1:][same])
    a, b = np.concatenate(left), np.concatenate(right)
    alike = (signatures[a] == signatures[b]).mean(axis=1) >= _ALIKE
    a, b = a[alike], b[alike]
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(long), len(long)))
    _, component = connected_components(graph, directed=False)
    leader = np.full(component.max() + 1, n, dtype=np.int64)
    np.minimum.at(leader, component, long)
    group = np.arange(n, dtype=np.int64)
    group[long] = leader[component]
    return group[first]


def _signatures(texts: Sequence[str]) -> NDArray[np.uint64]:
    """MinHash signatures, shape (n_texts, 12), of texts of at least 8 characters."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in texts])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    grams = codes[:-3].copy()
    for step in (1, 2, 3):
        grams = grams * np.uint64(1_000_003) + codes[step : len(codes) - 3 + step]
    # Grams that straddle two texts belong to neither: leave them out of every minimum.
    position = np.arange(len(grams))
    ends = np.repeat(starts + lengths, lengths)[: len(grams)]
    straddles = position + 4 > ends
    bounds = np.minimum(starts, len(grams) - 1)
    signatures = np.empty((len(texts), _HASHES), dtype=np.uint64)
    for column, multiplier in enumerate(_MULTIPLIERS):
        mixed = grams * multiplier
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed[straddles] = np.iinfo(np.uint64).max
        signatures[:, column] = np.minimum.reduceat(mixed, bounds)
    return signatures


def voices(complaints: Sequence[Complaint]) -> NDArray[np.int64]:
    """Who speaks in each complaint, as numbers: shape (n_complaints,).

    The complainant where given, else near-identical text. A row that repeats another row's text within a minute is
    the same voice whatever id it carries: exports hold such doubles.
    """
    anonymous = [i for i, c in enumerate(complaints) if not c.complainant]
    groups = near_identical([complaints[i].text for i in anonymous])
    number: dict[str, int] = {}
    doubles: dict[tuple[str, int], int] = {}
    alike = dict(zip(anonymous, groups.tolist(), strict=True))
    out = np.empty(len(complaints), dtype=np.int64)
    for i, complaint in enumerate(complaints):
        voice = number.setdefault(complaint.complainant or f"\0{alike[i]}", len(number))
        if complaint.text:
            voice = doubles.setdefault((complaint.text, int(complaint.time.timestamp() // 60)), voice)
        out[i] = voice
    return out
