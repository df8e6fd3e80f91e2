"""重复 Duplicates: earlier orders that may tell of the same event, one order against a million in milliseconds.

Method, in two stages: an inverted index over hashed character pairs and triples (`analytics.postings`) finds the
orders that share the rarest of them, alone or tied to a place's name; the best are compared one by one
(`analytics.pair_evidence`) and a logistic model (`analytics.pair_model`) turns the evidence into a probability. Before
the first order the index has read the project's own corpus, so that it knows from the start what everybody writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.corpus import compose
from analytics.fingerprints import Hashes, clean, fingerprint, grams_of
from analytics.order_store import OrderStore
from analytics.pair_evidence import Evidence, Side, reasons, weigh
from analytics.pair_model import FEATURES, PairModel, builtin_pair_model
from analytics.postings import Postings
from analytics.records import Complaint

_COMPARED = 40  # candidates compared one by one
_SIDES_KEPT = 4096
_EVERYDAY = 6  # complaints per category read beforehand


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier or later order that may tell of the same event.

    ``score`` is the probability of it, 0..1; ``why`` are short Chinese reasons; ``days_apart`` is not negative;
    ``shared`` are the names, numbers and codes both say.
    """

    id: str
    score: float
    why: tuple[str, ...]
    days_apart: float
    place_same: bool
    shared: tuple[str, ...]


class DuplicateIndex:
    """Orders by what they say, growing as they are added. One thread may add while others ask; two must not add at once.

    ``window``: orders further than this from the asked time, before or after, are not candidates. ``model`` gives the
    probability of a pair (default: the built-in one). ``capacity``: orders expected, so that nothing need grow.
    """

    def __init__(
        self, window: timedelta = timedelta(days=30), model: PairModel | None = None, capacity: int = 0
    ) -> None:
        self.window = window
        self.model = model or builtin_pair_model()
        self._store = OrderStore()
        self._postings = Postings(capacity)
        self._sides: dict[int, Side] = {}  # of the orders compared lately
        for keys in _everyday():
            self._postings.count(keys)

    def __len__(self) -> int:
        return len(self._store)

    def add(self, id: str, time: datetime, text: str, place: str = "", category: str = "") -> None:  # noqa: A002
        """Take in an order; one of the same id is replaced. Raises ValueError for a ``time`` without zone."""
        self.put(id, _seconds(time), _side(text, place, category))

    def candidates(
        self, time: datetime, text: str, place: str = "", k: int = 5, category: str = ""
    ) -> list[Match]:
        """The ``k`` orders likeliest to tell of the same event, best first; may include the order itself.

        Raises ValueError for a ``time`` without zone.
        """
        asked = _side(text, place, category)
        found = self.compare(asked, _seconds(time))
        best = sorted(found, key=lambda one: (-one[0], one[2].days, self._store.id(one[1])))[:k]
        return [self._match(asked, *one) for one in best]

    def remove(self, id: str) -> None:  # noqa: A002 - the domain's word
        """Take an order out: it is no longer a candidate. Raises KeyError for an id not there."""
        self._store.remove(id)

    def expire(self, before: datetime) -> int:
        """Take out all orders of before an instant and free what they held. Returns how many."""
        return self._store.expire(_seconds(before))

    def evidence(self, one: Complaint, two: Complaint) -> NDArray[np.float64]:
        """The features of a pair by this collection's rarities, shape (16,); neither order need be in the index."""
        days = abs(_seconds(one.time) - _seconds(two.time)) / 86400
        return weigh(side_of(one), side_of(two), days, self._postings.rarity).features

    def fit_pairs(
        self, pairs: Sequence[tuple[Complaint, Complaint]], labels: Sequence[bool], **options: float
    ) -> DuplicateIndex:
        """Learn from what persons decided: true where two orders were merged, false where they were split.

        The model known so far is the starting point (see `PairModel.fit` for ``strength``). Returns self.
        """
        rows = [self.evidence(one, two) for one, two in pairs]
        self.model = self.model.copy().fit(np.reshape(rows, (-1, len(FEATURES))), labels, **options)
        return self

    def save(self, path: Path) -> None:
        """Write the index to an ``.npz`` file: it holds the orders' words, so guard it like the database."""
        arrays = {f"store_{name}": array for name, array in self._store.to_arrays().items()}
        arrays |= {f"postings_{name}": array for name, array in self._postings.to_arrays().items()}
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    def load(self, path: Path) -> DuplicateIndex:
        """Take in what `save` wrote, in place of what is here. Nothing is executed. Returns self.

        Raises ValueError, in Chinese, for a file that is not an index or not whole, and OSError.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                parts = {
                    floor: {
                        name.removeprefix(floor): arrays[name] for name in arrays if name.startswith(floor)
                    }
                    for floor in ("store_", "postings_")
                }
            store = OrderStore.from_arrays(parts["store_"])
            postings = Postings.from_arrays(parts["postings_"])
        except OSError:
            raise
        except Exception as error:  # zip, header, shape: whatever the damage, the remedy is one
            raise ValueError(f"{path.name} 不是完好的查重索引：请删去后重新建立") from error
        self._store, self._postings, self._sides = store, postings, {}
        return self

    # For event streams, which compare with orders by position.

    def put(self, id: str, seconds: float, side: Side) -> int:  # noqa: A002
        """`add` for an order already read; returns its position."""
        said = side.said
        at = self._store.add(id, seconds, said.text, side.place, side.category)
        self._postings.put(at, said.grams, said.tied(), said.whole())
        return at

    def compare(self, asked: Side, seconds: float) -> list[tuple[float, int, Evidence]]:
        """(probability, position, evidence) of the nearest orders within the window, in no order."""
        at = self._nearest(asked, seconds)
        if not len(at):
            return []
        days = np.abs(self._store.times[at] - seconds) / 86400
        rarity = self._postings.rarity
        told = [weigh(asked, self.side(int(one)), float(d), rarity) for one, d in zip(at, days, strict=True)]
        scores = self.model.probability([evidence.features for evidence in told])
        return [
            (float(score), int(one), evidence) for score, one, evidence in zip(scores, at, told, strict=True)
        ]

    def likeness(self, asked: Side, positions: Iterable[int]) -> NDArray[np.float64]:
        """The probability of each pair with the orders at ``positions``, as if they were of one day. Shape (n,)."""
        rows = [weigh(asked, self.side(at), 0.0, self._postings.rarity).features for at in positions]
        return self.model.probability(np.reshape(rows, (-1, len(FEATURES))))

    def evidence_at(self, one: int, other: int) -> NDArray[np.float64]:
        """The features of the orders at two positions, shape (16,)."""
        days = abs(float(self._store.times[one] - self._store.times[other])) / 86400
        return weigh(self.side(one), self.side(other), days, self._postings.rarity).features

    def positions_before(self, before: datetime) -> list[int]:
        """Where the orders of before an instant are that `expire` would take out."""
        return self._store.before(_seconds(before))

    def side(self, at: int) -> Side:
        """The order at a position, ready to be compared."""
        found = self._sides.get(at)
        if found is None:
            if len(self._sides) >= _SIDES_KEPT:
                self._sides.clear()
            text, place, category = self._store.told(at)
            found = self._sides[at] = Side(fingerprint(text, place), place, category)
        return found

    def id(self, at: int) -> str:
        """The id of the order at a position."""
        return self._store.id(at)

    def position(self, id: str) -> int:  # noqa: A002
        """Where an order is. Raises KeyError for an id not there."""
        return self._store.position(id)

    def _nearest(self, asked: Side, seconds: float) -> NDArray[np.int64]:
        """Positions of the orders within the window that share the rarest keys, best first."""
        said = asked.said
        at, weight = self._postings.find(said.grams, said.tied(), said.whole())
        near = np.abs(self._store.times[at] - seconds) <= self.window.total_seconds()
        at, weight = at[near], weight[near]
        return at[np.lexsort((-at, -weight))[:_COMPARED]]

    def _match(self, asked: Side, score: float, at: int, evidence: Evidence) -> Match:
        why = reasons(evidence, asked.said, self.side(at).said, self._postings.rarity)
        shared = tuple(sorted({*evidence.names, *evidence.specific}))
        return Match(self._store.id(at), score, why, evidence.days, evidence.place_same, shared)


def side_of(complaint: Complaint) -> Side:
    """A complaint, ready to be compared."""
    return _side(complaint.text, complaint.place, complaint.category)


def _side(text: str, place: str, category: str) -> Side:
    return Side(fingerprint(clean(text), place), place, category)


def _seconds(time: datetime) -> float:
    if time.tzinfo is None:
        raise ValueError("时间没有时区：请先读成带时区的时间")
    return time.timestamp()


@lru_cache(maxsize=1)
def _everyday() -> tuple[Hashes, ...]:
    """The grams of everyday complaints, from the corpus: what is common before anybody has called."""
    return tuple(grams_of(clean(example.text)) for example in compose(_EVERYDAY))
