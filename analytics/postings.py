"""倒排 Postings: which of the latest orders had a gram, and how rare a gram is, in numpy arrays of bounded size.

A bucket remembers the last eight orders only, so that a gram everybody writes costs no more than a rare one: neither
a question nor an identical text sent in ten thousand times can become quadratic. Grams are counted over everything
ever seen; what is out of date is pushed out by what comes after. Method: inverted index over hashed keys with ring
buffers ("last k" postings); rarity is the inverse document frequency, smoothed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.fingerprints import Hashes

SLOTS = 8  # orders remembered per bucket
_KEPT, _TIED_KEPT = 56, 24  # keys an order is found by: its rarest, and the rarest tied to a place
_FIRST_BUCKETS = 1 << 16
_MAX_BUCKETS = 1 << 23
_BUCKETS_PER_ORDER = 16
_ASKED, _TIED_ASKED = 160, 64  # keys a question looks for: likewise


class Postings:
    """Orders, by position, under the keys they were put with. One thread may put while others ask.

    ``capacity``: orders expected. The arrays grow by doubling when there are more; the largest step, at half a
    million orders, copies 160 MB. About 300 MB at a million orders and no more after.
    """

    def __init__(self, capacity: int = 0) -> None:
        size = _FIRST_BUCKETS
        while size < _MAX_BUCKETS and size < capacity * _BUCKETS_PER_ORDER:
            size *= 2
        self.orders = 0  # put or counted so far
        self._seen = np.zeros(size, np.uint32)  # orders that had a key of this bucket
        self._turn = np.zeros(size, np.uint8)  # the slot to write next
        self._last = np.zeros((size, SLOTS), np.int32)  # position + 1
        self._mask = np.uint32(size - 1)

    def rarity(self, keys: Hashes) -> NDArray[np.float64]:
        """How rare each key is: log(1 + orders / orders with it), at least log 2. Shape of ``keys``."""
        seen = self._seen[keys & self._mask]
        return np.log(1.0 + (self.orders + 1) / (1.0 + np.minimum(seen, self.orders)))

    def count(self, keys: Hashes) -> None:
        """Count one text's keys for `rarity` without remembering it."""
        self._seen[np.unique(keys & self._mask)] += np.uint32(1)
        self.orders += 1

    def put(self, at: int, keys: Hashes, tied: Hashes, whole: Hashes) -> None:
        """Remember position ``at`` under its rarest ``keys`` and ``tied`` keys and under the key of its ``whole`` text.

        Each array without repeats.
        """
        if self.orders * _BUCKETS_PER_ORDER > len(self._seen) and len(self._seen) < _MAX_BUCKETS:
            self._grow()
        kept = np.concatenate([self._rarest(keys, _KEPT), self._rarest(tied, _TIED_KEPT), whole])
        self.count(np.concatenate([keys, tied, whole]))
        bucket = np.unique(kept & self._mask)
        turn = self._turn[bucket]
        self._last[bucket, turn] = at + 1
        self._turn[bucket] = (turn + 1) % SLOTS

    def find(
        self, keys: Hashes, tied: Hashes, whole: Hashes
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Positions that share some of the rarest keys, and the sum of the squared rarities of what they share.

        Returns (positions, ascending, shape (n,); weights, shape (n,)).
        """
        asked = np.concatenate([self._rarest(keys, _ASKED), self._rarest(tied, _TIED_ASKED), whole])
        bucket = np.unique(asked & self._mask)
        weights = np.repeat(self.rarity(bucket) ** 2, SLOTS)
        positions = self._last[bucket].ravel().astype(np.int64) - 1
        here = positions >= 0
        at, which = np.unique(positions[here], return_inverse=True)
        return at, np.bincount(which, weights=weights[here], minlength=len(at)).astype(float)

    def _rarest(self, keys: Hashes, most: int) -> Hashes:
        """The rarest keys; of equally rare ones those of smallest value, so that like texts keep like keys."""
        if len(keys) <= most:
            return keys
        seen = self._seen[keys & self._mask].astype(np.uint64)
        return keys[np.argpartition(seen << np.uint64(32) | keys, most)[:most]]

    def _grow(self) -> None:
        """Twice the buckets. Both halves inherit the orders (a wrong one is found out when compared)."""
        self._last = np.tile(self._last, (2, 1))
        self._turn = np.tile(self._turn, 2)
        self._seen = np.tile((self._seen + 1) // 2, 2)
        self._mask = np.uint32(len(self._seen) - 1)  # last: another thread may be asking meanwhile

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` needs to make the same postings again."""
        return {"seen": self._seen, "turn": self._turn, "last": self._last, "orders": np.array([self.orders])}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Postings:
        """Postings from `to_arrays`. Raises ValueError where the arrays do not fit each other."""
        seen, turn, last = arrays["seen"], arrays["turn"], arrays["last"]
        size = len(seen)
        fit = turn.shape == (size,) and last.shape == (size, SLOTS) and last.dtype == np.int32
        if not fit or not size or size & (size - 1) or (turn >= SLOTS).any():
            raise ValueError("索引数据不成套：请删去后重新建立")
        made = cls.__new__(cls)
        made.orders = int(arrays["orders"][0])
        made._seen, made._turn, made._last, made._mask = seen, turn, last, np.uint32(size - 1)
        return made
