"""主动学习 Active learning: which orders a person should label next, so that the model learns most from the fewest.

Source: uncertainty (margin) sampling with diversity (Settles, "Active Learning Literature Survey", 2009).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

_HALF_LIFE = 30.0  # days after which an order counts half
_CROWDED = 0.8  # how much the next order of a label already chosen counts


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order that nobody has labelled: its key; the two likeliest labels' probabilities; ``label``, the likeliest;
    ``age`` in days; ``twin``, equal for orders that say the same; ``disputed``: somebody it was sent to sent it back."""

    key: int
    first: float
    second: float
    label: str
    age: float
    twin: Hashable
    disputed: bool = False

    @property
    def worth(self) -> float:
        """How much is learnt from it by itself: the less the best guess leads, and the newer, the more. A guess that
        was acted on and disputed is doubtful however sure it was."""
        doubt = 1.0 if self.disputed else 1 - (self.first - self.second)
        return doubt * 0.5 ** (max(self.age, 0.0) / _HALF_LIFE)


def choose(candidates: Sequence[Candidate], k: int) -> list[Candidate]:
    """The ``k`` orders to label next, most telling first: doubtful ones, of many labels, recent, no two alike."""
    chosen: list[Candidate] = []
    taken: Counter[str] = Counter()
    twins: set[Hashable] = set()
    left = sorted(candidates, key=lambda c: (-c.worth, c.key))
    while left and len(chosen) < k:
        best = max(left, key=lambda c: (c.worth * _CROWDED ** taken[c.label], -c.key))
        left.remove(best)
        if best.twin in twins:
            continue
        chosen.append(best)
        taken[best.label] += 1
        twins.add(best.twin)
    return chosen
