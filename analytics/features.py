"""特征 Features: an order's words and character sequences as weighted numbers.

Every word, pair of words and sequence of characters is known by a 64-bit key made from its characters, so that a
model holds no word of the orders it learned from, and a batch of texts is turned into numbers by a few array
operations instead of a loop over strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from analytics.text import known_words, normalise

Document = str | Sequence[str]  # a text, or its words where only these survive
Keys = NDArray[np.uint64]

_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]")
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio: Knuth's multiplicative hashing
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_LENGTHS = np.arange(16, dtype=np.uint64) * _MIX  # a sequence of two is never mistaken for one of three
_HELP_LINES = frozenset({"110", "119", "120", "122", "12315", "12320", "12333", "12369"})
_READ = 3000  # characters of an order that are read: a 100 kB paste must not take a second
_DIRT = 2  # times as many are looked at, for marks, blanks and repeated titles go first
_BATCH = 2000  # orders turned into keys at once: bounds memory, however many there are
_SLOT_BITS = 20  # of a key, that find its neighbourhood in the sorted list
_REMEMBERED = 300_000  # words


@dataclass(frozen=True, slots=True)
class Block:
    """One family of features: ``kind`` is ``words`` or ``chars``, of ``low`` to ``high`` in a row, taken from the
    first ``head`` words or characters (0: from all); the family's share in an order's length is ``weight``."""

    kind: str
    low: int
    high: int
    head: int = 0
    weight: float = 1.0


# What was said first, the title as a rule, is said twice as loud.
BLOCKS = (Block("words", 1, 2), Block("chars", 1, 3, 400, 0.8), Block("chars", 2, 3, 30, 0.8))


class _Remembered(dict[str, Any]):
    """What a function gave for each word, looked up without a Python call; forgets all when it grows too long."""

    def __init__(self, function: Callable[[str], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, word: str) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[word] = self._function(word)
        return value


def _key_of(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def _as_read(word: str) -> str:
    """A word as the model reads it, one object however often it stands in how many orders; empty when it goes."""
    if word in _HELP_LINES:
        return word
    return "" if word.isdecimal() or not _WORD.search(word) else _DIGITS.sub("0", word)


_word_key, _read = _Remembered(_key_of), _Remembered(_as_read)


def words_of(document: Document) -> list[str]:
    """Words as the model reads them: marks and bare numbers go, except those one calls for help; other digits become
    ``0``. Of a long order only the beginning is read.

    Accepts a text, or words already cut.
    """
    if isinstance(document, str):
        words = known_words(normalise(document[: _DIRT * _READ])[:_READ])
    else:
        ends = accumulate(map(len, document))
        words = [
            word.lower() for word, end in zip(document, ends, strict=False) if end <= _READ and word.strip()
        ]
    return list(filter(None, map(_read.__getitem__, words)))


def _units(documents: Sequence[list[str]], block: Block) -> tuple[Keys, NDArray[np.int64]]:
    """Keys of all words or characters of many orders, one after the other, and how many are each order's."""
    head = block.head or None
    if block.kind == "words":
        units = list(chain.from_iterable(words[:head] for words in documents))
        sizes = [len(words) if head is None else min(len(words), head) for words in documents]
        return np.fromiter(map(_word_key.__getitem__, units), np.uint64, len(units)), np.array(
            sizes, np.int64
        )
    texts = ["".join(words[:head])[:head] for words in documents]  # a word has one character or more
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return points.astype(np.uint64) * _MIX, np.array([len(text) for text in texts], np.int64)


def _grams(
    documents: Sequence[list[str]], block: Block
) -> Iterator[tuple[int, Keys, NDArray[np.int64], NDArray[np.int64]]]:
    """Keys of all sequences of ``low``..``high`` units that lie within one order, length by length: (length, keys,
    row of the order, place among all orders' units)."""
    units, sizes = _units(documents, block)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    keys = units.copy()
    for n in range(1, block.high + 1):
        if n > 1:
            keys = (keys[: max(len(units) - n + 1, 0)] * _PAIR) ^ (units[n - 1 :] + _LENGTHS[n])
        if n >= block.low and len(keys):
            places = np.flatnonzero(rows[: len(keys)] == rows[n - 1 :]) if n > 1 else np.arange(len(keys))
            yield n, keys[places], rows[places], places


def _keys(documents: Sequence[list[str]], block: Block) -> tuple[Keys, NDArray[np.int64]]:
    """All keys a block sees in many orders, and the row of the order each stands in; in no order."""
    found = [(keys, rows) for _, keys, rows, _ in _grams(documents, block)]
    if not found:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    return np.concatenate([keys for keys, _ in found]), np.concatenate([rows for _, rows in found])


def occurrences(words: list[str], block: Block) -> Iterator[tuple[int, range]]:
    """(key, the words it stands in) of everything a block sees in an order: how a weight gets back its words."""
    if block.kind == "words":
        word_at = list(range(len(words)))
    else:
        word_at = [at for at, word in enumerate(words) for _ in word]
    for n, keys, _, places in _grams([words], block):
        for start, key in zip(places.tolist(), keys.tolist(), strict=True):
            yield key, range(word_at[start], word_at[start + n - 1] + 1)


def _batches(documents: Sequence[list[str]]) -> Iterator[Sequence[list[str]]]:
    for start in range(0, len(documents), _BATCH):
        yield documents[start : start + _BATCH]


class _Index:
    """Where a key stands in a sorted list: a table over the keys' first bits leads to the few that share them."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._shift = np.uint64(64 - _SLOT_BITS)
        counts = np.bincount((keys >> self._shift).astype(np.int64), minlength=1 << _SLOT_BITS)
        self._bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        self._deepest = int(counts.max()) if len(keys) else 0

    def find(self, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """(which of ``keys`` are known, where they stand)."""
        slots = (keys >> self._shift).astype(np.int32)
        at, ends = self._bounds[slots], self._bounds[1:][slots]
        left = np.flatnonzero(at < ends)
        hits, places = [], []
        for _ in range(self._deepest):
            if not len(left):
                break
            here = at[left]
            same = self.keys[here] == keys[left]
            hits.append(left[same])
            places.append(here[same])
            left = left[~same]
            at[left] += 1
            left = left[at[left] < ends[left]]
        if not hits:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        return np.concatenate(hits), np.concatenate(places)


@dataclass
class Vocabulary:
    """TF-IDF over several blocks. ``keys[b]`` is sorted; ``idf[b]`` stands beside it; columns run block by block."""

    blocks: tuple[Block, ...] = BLOCKS
    keys: list[Keys] = field(default_factory=list)
    idf: list[NDArray[np.float32]] = field(default_factory=list)
    _indexes: list[_Index] = field(default_factory=list, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Columns in all."""
        return sum(len(keys) for keys in self.keys)

    @property
    def offsets(self) -> list[int]:
        """First column of each block."""
        return [sum(len(keys) for keys in self.keys[:b]) for b in range(len(self.blocks))]

    def fit(
        self, documents: Sequence[list[str]], *, min_documents: int = 2, at_most: int = 250_000
    ) -> Vocabulary:
        """Learn which keys to keep (those of ``min_documents`` orders or more, the commonest ``at_most`` of each
        block) and their smoothed inverse document frequency, ``ln((1 + n) / (1 + df)) + 1`` as in scikit-learn."""
        self.keys, self.idf, self._indexes = [], [], []
        for block in self.blocks:
            keys, counts = _document_frequencies(documents, block)
            # What stands in one order only tells nothing.
            kept = np.flatnonzero(counts >= min_documents)
            if len(kept) > at_most:
                kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:at_most]])
            self.keys.append(keys[kept])
            self.idf.append((np.log((1 + len(documents)) / (1 + counts[kept])) + 1).astype(np.float32))
        return self

    def transform(self, documents: Sequence[list[str]]) -> sp.csr_matrix:
        """Rows of TF-IDF, float32, shape (documents, size): ``(1 + ln count) × idf``, each block of a row scaled to
        its weight (Euclidean)."""
        if not self._indexes:
            self._indexes = [_Index(keys) for keys in self.keys]
        parts = [
            sp.hstack(
                [self._part(at, batch) for at in range(len(self.blocks))], format="csr", dtype=np.float32
            )
            for batch in _batches(documents)
        ]
        return sp.vstack(parts, format="csr") if parts else sp.csr_matrix((0, self.size), dtype=np.float32)

    def _part(self, block: int, documents: Sequence[list[str]]) -> sp.csr_matrix:
        known, idf, count = self.keys[block], self.idf[block], len(documents)
        keys, rows = _keys(documents, self.blocks[block])
        hits, columns = self._indexes[block].find(keys)
        if not len(hits):
            return sp.csr_matrix((count, len(known)), dtype=np.float32)
        cells = rows[hits] * len(known) + columns
        cells.sort()
        firsts = np.flatnonzero(np.append(True, cells[1:] != cells[:-1]))
        counts = np.diff(np.append(firsts, len(cells)))
        row, column = np.divmod(cells[firsts], len(known))
        values = (1 + np.log(counts)).astype(np.float32) * idf[column]
        norms = np.sqrt(np.bincount(row, values.astype(np.float64) ** 2, minlength=count))
        scale = (self.blocks[block].weight / np.maximum(norms, 1e-12)).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))]).astype(np.int32)
        return sp.csr_matrix(
            (values * scale[row], column.astype(np.int32), starts), shape=(count, len(known))
        )

    def known_share(self, words: Sequence[str]) -> float:
        """Share of the words that stand among the keys, 0 … 1; 1 where there are none."""
        if not words:
            return 1.0
        at = next(at for at, block in enumerate(self.blocks) if block.kind == "words")
        known = np.isin(np.array([_word_key[word] for word in words], np.uint64), self.keys[at], kind="sort")
        return float(known.mean())

    def prune(self, kept: NDArray[np.bool_]) -> Vocabulary:
        """The same vocabulary with only the kept columns (boolean, shape (size,))."""
        bounds = [*self.offsets, self.size]
        masks = [kept[a:b] for a, b in pairwise(bounds)]
        return Vocabulary(
            self.blocks,
            [keys[mask] for keys, mask in zip(self.keys, masks, strict=True)],
            [idf[mask] for idf, mask in zip(self.idf, masks, strict=True)],
        )


def _document_frequencies(documents: Sequence[list[str]], block: Block) -> tuple[Keys, NDArray[np.int64]]:
    """Every key a block sees, sorted, and in how many orders."""
    seen, counts = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for batch in _batches(documents):
        keys, rows = _keys(batch, block)
        order = np.lexsort((rows, keys))
        keys, rows = keys[order], rows[order]
        fresh = np.append(True, (keys[1:] != keys[:-1]) | (rows[1:] != rows[:-1])) if len(keys) else slice(0)
        found, times = np.unique(keys[fresh], return_counts=True)
        seen.append(found)
        counts.append(times)
    keys, inverse = np.unique(np.concatenate(seen), return_inverse=True)
    totals = np.bincount(inverse, np.concatenate(counts), minlength=len(keys)).astype(np.int64)
    return keys, totals
