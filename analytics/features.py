"""特征 Features: an order's words and character sequences as weighted numbers.

Every word, pair of words and sequence of characters is known by a 64-bit key made from its characters, so that a
model holds no word of the orders it learned from, and a batch of texts is turned into numbers by a few array
operations instead of a loop over strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from analytics.text import known_words, normalise

Document = str | Sequence[str]  # a text, or its words where only these survive
Keys = NDArray[np.uint64]

_DIGITS = re.compile(r"\d+")
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio: Knuth's multiplicative hashing
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_LENGTHS = np.arange(16, dtype=np.uint64) * _MIX  # a sequence of two is never mistaken for one of three
_HELP_LINES = frozenset({"110", "119", "120", "122", "12315", "12320", "12333", "12369"})
_LONGEST = 6000  # words of an order that are read: a 100 kB paste must not take a second


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
BLOCKS = (Block("words", 1, 2), Block("chars", 2, 3, 0, 0.8), Block("chars", 2, 3, 30, 0.8))


@lru_cache(maxsize=200_000)
def _word_key(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def words_of(document: Document) -> list[str]:
    """Words as the model reads them: bare numbers go, except those one calls for help; other digits become ``0``.

    Accepts a text, or words already cut.
    """
    if isinstance(document, str):
        words = known_words(normalise(document))
    else:
        words = [word.lower() for word in document if word.strip()]
    return [
        word if word in _HELP_LINES else _DIGITS.sub("0", word)
        for word in words[:_LONGEST]
        if not word.isdecimal() or word in _HELP_LINES
    ]


def _grams(units: Keys, low: int, high: int) -> Iterator[tuple[int, Keys]]:
    """Keys of all sequences of ``low``..``high`` units: (length, keys by start)."""
    keys = units.copy()
    for n in range(1, high + 1):
        if n > 1:
            keys = (keys[: len(units) - n + 1] * _PAIR) ^ (units[n - 1 :] + _LENGTHS[n])
        if n >= low and len(keys):
            yield n, keys


def _units(words: list[str], block: Block) -> Keys:
    if block.kind == "words":
        return np.array(
            [_word_key(w) for w in (words[: block.head] if block.head else words)], dtype=np.uint64
        )
    text = "".join(words)
    if block.head:
        text = text[: block.head]
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint64) * _MIX


def _keys(words: list[str], block: Block) -> Keys:
    grams = [keys for _, keys in _grams(_units(words, block), block.low, block.high)]
    return np.concatenate(grams) if grams else np.empty(0, np.uint64)


def occurrences(words: list[str], block: Block) -> Iterator[tuple[int, range]]:
    """(key, the words it stands in) of everything a block sees in an order: how a weight gets back its words."""
    units = _units(words, block)
    if block.kind == "words":
        word_at = list(range(len(units)))
    else:
        word_at = [at for at, word in enumerate(words) for _ in word][: len(units)]
    for n, keys in _grams(units, block.low, block.high):
        for start, key in enumerate(keys.tolist()):
            yield key, range(word_at[start], word_at[start + n - 1] + 1)


@dataclass
class Vocabulary:
    """TF-IDF over several blocks. ``keys[b]`` is sorted; ``idf[b]`` stands beside it; columns run block by block."""

    blocks: tuple[Block, ...] = BLOCKS
    keys: list[Keys] = field(default_factory=list)
    idf: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Columns in all."""
        return sum(len(keys) for keys in self.keys)

    @property
    def offsets(self) -> list[int]:
        """First column of each block."""
        return [sum(len(keys) for keys in self.keys[:b]) for b in range(len(self.blocks))]

    def fit(
        self, documents: Sequence[list[str]], *, min_documents: int = 2, at_most: int = 150_000
    ) -> Vocabulary:
        """Learn which keys to keep (those of ``min_documents`` orders or more, the commonest ``at_most`` of each
        block) and their smoothed inverse document frequency, ``ln((1 + n) / (1 + df)) + 1`` as in scikit-learn."""
        self.keys, self.idf = [], []
        for block in self.blocks:
            seen = [np.unique(_keys(words, block)) for words in documents]
            keys, counts = np.unique(
                np.concatenate(seen) if seen else np.empty(0, np.uint64), return_counts=True
            )
            # What stands in nearly every order, and what stands in one only, tells nothing.
            kept = np.flatnonzero(counts >= min_documents)
            if len(kept) > at_most:
                kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:at_most]])
            self.keys.append(keys[kept])
            self.idf.append((np.log((1 + len(documents)) / (1 + counts[kept])) + 1).astype(np.float32))
        return self

    def transform(self, documents: Sequence[list[str]]) -> sp.csr_matrix:
        """Rows of TF-IDF, float32, shape (documents, size): ``(1 + ln count) × idf``, each block of a row scaled to
        its weight (Euclidean)."""
        parts = []
        for at, block in enumerate(self.blocks):
            found = [_keys(words, block) for words in documents]
            keys = np.concatenate(found) if found else np.empty(0, np.uint64)
            rows = np.repeat(np.arange(len(documents)), [len(keys) for keys in found])
            parts.append(self._transform_block(at, keys, rows, len(documents)))
        return sp.hstack(parts, format="csr", dtype=np.float32)

    def _transform_block(self, block: int, keys: Keys, rows: NDArray[np.intp], count: int) -> sp.csr_matrix:
        known, idf = self.keys[block], self.idf[block]
        if not len(known) or not len(keys):
            return sp.csr_matrix((count, len(known)), dtype=np.float32)
        at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        hit = known[at] == keys
        cells, counts = np.unique(rows[hit] * len(known) + at[hit], return_counts=True)
        rows, columns = np.divmod(cells, len(known))
        values = (1 + np.log(counts)).astype(np.float32) * idf[columns]
        norms = np.sqrt(np.bincount(rows, values.astype(np.float64) ** 2, minlength=count))
        scale = self.blocks[block].weight / np.maximum(norms, 1e-12)
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))]).astype(np.int32)
        values = (values * scale[rows]).astype(np.float32)
        return sp.csr_matrix((values, columns.astype(np.int32), starts), shape=(count, len(known)))

    def prune(self, kept: NDArray[np.bool_]) -> Vocabulary:
        """The same vocabulary with only the kept columns (boolean, shape (size,))."""
        bounds = [*self.offsets, self.size]
        masks = [kept[a:b] for a, b in pairwise(bounds)]
        return Vocabulary(
            self.blocks,
            [keys[mask] for keys, mask in zip(self.keys, masks, strict=True)],
            [idf[mask] for idf, mask in zip(self.idf, masks, strict=True)],
        )
