"""关键词 Keywords: the content words of a complaint, kept as numbers, and the words that set a group apart.

Two uses: the scanner watches words as topics (so that a burst outside the taxonomy is seen), and a hotspot is named
by the words that are over-represented in it against everything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.text import jieba, normalise, quick_words

# Words that say "this is a complaint", not what it is about. Frequent subject words are not here: how common a word
# is in the stream itself decides that.
_EMPTY_WORDS = frozenset(Path(__file__).with_name("empty_words.txt").read_text(encoding="utf-8").split())
_WORDLIKE = re.compile(r"[一-鿿a-zA-Z]")
_NUMERIC = re.compile(r"^[\d.:：/%年月日号点一二三四五六七八九十百千万亿两几]+$")
_MARKS = re.compile(r"[^\w·]+")
_ANY_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]\d{0,2}[区县市省州]")
_AREA_CODE = re.compile(r"^[A-Za-z]\d*[市区县州]?$")
TEXT_LIMIT = 400  # characters read of one complaint: the matter is said early, threads of grievances follow


def clauses(text: str) -> list[list[str]]:
    """The first ``TEXT_LIMIT`` characters of a text as clauses of words, in order, nothing but marks dropped.

    Area codes (A7县) end a clause: they are places of their own, never part of a word or a name.
    """
    plain = _ANY_CODE.sub("，", normalise(text[: 2 * TEXT_LIMIT]))[:TEXT_LIMIT]
    return [quick_words(clause) for clause in _MARKS.split(plain) if clause]


@contextmanager
def dictionary() -> Iterator[Iterator[tuple[str, str]]]:
    """The segmenter's own dictionary as (word, part-of-speech tag) pairs."""
    with jieba.dt.get_dict_file() as lines:
        parts = (line.decode("utf-8").split() for line in lines)
        yield ((part[0], part[2]) for part in parts if len(part) == 3)


def is_content_word(word: str) -> bool:
    """Whether a word can say what a complaint is about: at least two characters, not a number, not courtesy."""
    return (
        len(word) > 1
        and word not in _EMPTY_WORDS
        and _WORDLIKE.search(word) is not None
        and _NUMERIC.match(word) is None
        and _AREA_CODE.match(word) is None
    )


class Vocabulary:
    """Words ↔ numbers, growing as texts are read; a text is segmented once.

    ``words``: the words by number. ``ids(text)``: int32 array of the distinct content words of a text.
    """

    def __init__(self, cache_limit: int = 1_000_000) -> None:
        self.words: list[str] = []
        self._number: dict[str, int] = {}
        self._content: dict[str, bool] = {}
        self._texts: dict[str, NDArray[np.int32]] = {}
        self._cache_limit = cache_limit

    def number(self, word: str) -> int:
        """The number of a word, given one when it is new."""
        found = self._number.get(word)
        if found is None:
            found = self._number[word] = len(self.words)
            self.words.append(word)
        return found

    def ids(self, text: str) -> NDArray[np.int32]:
        """Distinct content words of ``text`` as numbers, shape (n_words,)."""
        known = self._texts.get(text)
        if known is None:
            known = self.learn(text, chain.from_iterable(clauses(text)))
        return known

    def learn(self, text: str, words: Iterable[str]) -> NDArray[np.int32]:
        """Remember the words of a text that somebody has segmented already."""
        content = self._content
        numbers = set()
        for word in words:
            keep = content.get(word)
            if keep is None:
                keep = content[word] = is_content_word(word)
            if keep:
                numbers.add(self.number(word))
        known = np.fromiter(sorted(numbers), dtype=np.int32, count=len(numbers))
        if len(self._texts) >= self._cache_limit:
            self._texts.clear()
        self._texts[text] = known
        return known

    def knows(self, text: str) -> bool:
        """Whether a text has been read before (its words come from memory)."""
        return text in self._texts


def distinctive(
    inside: NDArray[np.int64], n_inside: int, background: NDArray[np.int64], n_background: int
) -> NDArray[np.float64]:
    """How much each word sets a group apart from its background.

    ``inside``, ``background``: documents holding each word, shape (n_words,); ``n_*``: documents in each. Returns
    each word's part in the Kullback–Leibler divergence of the group from the background, ``s · ln(s / t)`` with
    shares smoothed by half a document (Tomokiyo & Hurst 2003, "informativeness"), shape (n_words,): large for words
    that many in the group say and few outside; a word said once in the group stays small however rare it is.
    """
    share = (inside.astype(np.float64) + 0.01) / (n_inside + 0.02)
    usual = (background + 0.5) / (n_background + 1.0)
    return np.asarray(share * np.log(share / usual), dtype=np.float64)


def inverse_frequency(documents: NDArray[np.int64], n_documents: int) -> NDArray[np.float64]:
    """Smoothed inverse document frequency, ``ln((1 + n) / (1 + df)) + 1``, shape like ``documents``."""
    return np.asarray(np.log((1.0 + n_documents) / (1.0 + documents)) + 1.0, dtype=np.float64)


def order_by_position(words: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Put keywords into the order people say them in: by median first position over ``texts``."""

    def position(word: str) -> float:
        found = sorted(text.find(word) for text in texts if word in text)
        return float(found[len(found) // 2]) if found else 1e9

    return sorted(words, key=position)
