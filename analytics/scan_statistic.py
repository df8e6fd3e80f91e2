"""似然比 The likelihood ratio of every zone × window, and how often chance alone reaches as much.

``c`` cases where ``m`` are expected, of ``C`` in all: ``c ln(c/m) + (C−c) ln((C−c)/(C−m))`` when more than expected,
else 0 (Kulldorff 1997); with an expectation that stands by itself ``c ln(c/m) − (c−m)`` (Neill et al. 2005). Both are
"a number that depends on c alone − c·A + B", and the expected counts are the same in every random copy, so a copy
costs one look-up, one product and one sum per zone × window.

Chance: the greatest ratio of random copies has nearly a Gumbel distribution, so 199 copies tell small p-values that
would take hundreds of thousands to count (Abrams, Kulldorff and Kleinman 2010). Where nothing is going on, drawing
stops once enough copies were greater (Besag and Clifford 1991): that p-value is exact. A fitted p-value is never below the exact chance of the one zone × window found
(``Model.alone``), without which a dozen cases would be told as one in a million.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import xlogy
from scipy.stats import gumbel_r

from analytics.scan_models import Floats, Ints, Model, Windows

_TIE = 1e-7  # ratios closer than this are equal: the same counts summed in another order


class RatioTable:
    """Everything about a model's zones × windows that random copies share.

    ``holds``: (n_zones, n_cells) 0/1; ``min_cases``: fewest cases a cluster may have; ``max_share``: greatest expected
    share of all cases a zone × window may have, where the total is fixed.
    """

    def __init__(
        self,
        model: Model,
        holds: sparse.csr_matrix,
        windows: Windows,
        *,
        min_cases: int = 2,
        max_share: float = 0.5,
    ) -> None:
        self._holds, self._windows, self._total = holds, windows, model.total
        self.expected = model.expected(holds, windows)
        total = np.inf if model.total is None else float(model.total)
        asked = (self.expected > 0.0) & (self.expected <= max_share * total)
        mean = np.where(asked, self.expected, 0.5 * min(total, 1.0))
        if model.total is None:
            self._slope, self._constant = np.log(mean) + 1.0, mean
        else:
            rest = np.log(np.maximum(total - mean, 1e-300))
            self._slope, self._constant = np.log(mean) - rest, -total * rest
        # More than expected and enough cases, as one comparison; infinity where nothing is asked.
        self._floor = np.where(asked, np.maximum(mean, min_cases - 0.5), np.inf)
        self._of_count = np.zeros(0)

    def observed(self, counts: Ints) -> Ints:
        """Cases per zone and window."""
        return self._windows.of_zones(self._holds, counts)

    def ratios(self, observed: Ints) -> Floats:
        """Log likelihood ratio per zone and window."""
        if int(observed.max(initial=0)) >= len(self._of_count):
            self._grow(int(observed.max(initial=0)))
        value = self._of_count[observed] - observed * self._slope + self._constant
        return np.where(observed > self._floor, np.maximum(value, 0.0), 0.0)

    def greatest(self, counts: Ints) -> float:
        """Greatest log likelihood ratio of one table of counts (n_cells, days)."""
        return float(self.ratios(self.observed(counts)).max(initial=0.0))

    def _grow(self, most: int) -> None:
        upto = most if self._total is None else self._total
        count = np.arange(upto + 1, dtype=np.float64)
        rest = 0.0 if self._total is None else xlogy(self._total - count, self._total - count)
        self._of_count = xlogy(count, count) + rest


@dataclass(frozen=True)
class Chance:
    """``p_value``: the one to use; ``p_rank``: by counting random copies alone; ``draws``: how many there were;
    ``stopped``: drawing ended early, ``p_value`` is then counted."""

    p_value: float
    p_rank: float
    draws: int
    stopped: bool


def chance(value: float, draw: Callable[[], float], draws: int = 199, stop_after: int = 10) -> Chance:
    """How often chance alone reaches ``value``. ``draw``: greatest ratio of one random copy.

    ``stop_after``: as many copies at least as great end the drawing, p = that number / copies drawn (Besag and
    Clifford 1991); 0: never. Otherwise p is the tail of a Gumbel distribution fitted by maximum likelihood.
    """
    if value <= 0.0:
        return Chance(1.0, 1.0, 0, True)
    greatest = np.zeros(draws)
    reached = 0
    for done in range(1, draws + 1):
        greatest[done - 1] = draw()
        reached += int(greatest[done - 1] >= value - _TIE)
        if stop_after and reached == stop_after:
            return Chance(reached / done, reached / done, done, True)
    rank = (reached + 1) / (draws + 1)
    return Chance(gumbel_tail(greatest, value, rank), rank, draws, False)


def gumbel_tail(greatest: Floats, value: float, rank: float) -> float:
    """Chance of ``value`` or more under the Gumbel distribution of ``greatest`` (n,); ``rank`` where it cannot be fitted."""
    if len(greatest) < 20 or float(np.ptp(greatest)) < _TIE:
        return rank
    location, scale = gumbel_r.fit(greatest)
    return float(gumbel_r.sf(value, location, scale))
