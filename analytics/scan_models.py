"""零假设 What chance alone does in a space-time scan: expected counts, and random copies of the data.

Two models. *Permutation* (Kulldorff et al. 2005): when a case came in says nothing about where it came from; the times
are dealt out anew among the cases, so neither population nor baseline is needed and every place keeps its cases and
every day its total. *Poisson*: what each cell should have on each day is given, in proportion (Kulldorff 1997, total
kept) or as it stands (expectation-based, Neill et al. 2005).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import binom, hypergeom
from scipy.stats import poisson as poisson_law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Windows:
    """Intervals of days, half open: ``start``, ``stop`` (n_windows,), in days since the study's first.

    ``longest``, ``shortest``: days; ``prospective``: only those that end with the last day.
    """

    def __init__(self, n_days: int, longest: int, shortest: int = 1, prospective: bool = True) -> None:
        lengths = np.arange(shortest, min(longest, n_days) + 1, dtype=np.int64)
        if prospective:
            self.start: Ints = n_days - lengths
            self.stop: Ints = np.full(len(lengths), n_days, dtype=np.int64)
        else:
            starts = [np.arange(0, n_days - length + 1) for length in lengths]
            self.start = np.concatenate([np.zeros(0, dtype=np.int64), *starts])
            self.stop = self.start + np.repeat(lengths, [len(one) for one in starts])
        self.n_days = n_days
        self.first = int(self.start.min(initial=n_days))

    def __len__(self) -> int:
        return len(self.start)

    def of_zones(self, holds: sparse.csr_matrix, by_day: NDArray) -> NDArray:
        """Sums per zone and window, (n_zones, n_windows), of cells' days from ``first`` on, (n_cells, n_days − first)."""
        running = np.zeros((holds.shape[0], by_day.shape[1] + 1), dtype=by_day.dtype)
        np.cumsum(holds @ by_day, axis=1, out=running[:, 1:])
        sums: NDArray = running[:, self.stop - self.first] - running[:, self.start - self.first]
        return sums


class Model(Protocol):
    """What a scan needs to know of a null hypothesis. ``total``: cases of the study, None where it is not held fixed."""

    total: int | None

    def counts(self, windows: Windows) -> Ints:
        """Cases per cell and day from ``windows.first`` on."""

    def expected(self, holds: sparse.csr_matrix, windows: Windows) -> Floats:
        """Cases expected per zone and window."""

    def draw(self, windows: Windows, random: np.random.Generator) -> Ints:
        """As ``counts``, of a random copy of the data under the null hypothesis."""

    def alone(self, inside: Ints, start: int, stop: int, least: int) -> float:
        """Chance that this one place (cells) and interval has ``least`` cases or more: p is never below it."""

    def weight(self) -> Floats:
        """How large each cell usually is, (n_cells,): cases or people. Of two places the lighter is the smaller."""


class PermutationModel:
    """Cases with ``cell`` and ``day`` (n,), days from 0; times are dealt out anew within each ``stratum`` (n,).

    Strata (category, day of the week) take away what they share with time: expected counts are summed over strata, as
    in the covariate-adjusted permutation scan.
    """

    def __init__(self, cell: Ints, day: Ints, n_cells: int, n_days: int, stratum: Ints | None = None) -> None:
        order = np.argsort(np.zeros(len(cell)) if stratum is None else stratum, kind="stable")
        self._cell, self._day = cell[order].astype(np.int64), day[order].astype(np.int64)
        kinds = np.zeros(len(cell), dtype=np.int64) if stratum is None else stratum[order]
        edges = np.flatnonzero(np.diff(kinds)) + 1
        self._parts = list(zip([0, *edges.tolist()], [*edges.tolist(), len(cell)], strict=True))
        self._n_cells, self._n_days = n_cells, n_days
        self._shuffled = self._cell.copy()
        self._late: tuple[int, Ints, Ints] = (-1, self._cell[:0], self._cell[:0])
        self.total: int | None = len(cell)

    def counts(self, windows: Windows) -> Ints:
        return self._table(self._cell, windows)

    def expected(self, holds: sparse.csr_matrix, windows: Windows) -> Floats:
        sums = np.zeros((holds.shape[0], len(windows)))
        for low, high in self._parts:
            of_zone = holds @ np.bincount(self._cell[low:high], minlength=self._n_cells)
            running = np.concatenate(
                [[0], np.cumsum(np.bincount(self._day[low:high], minlength=self._n_days))]
            )
            sums += np.outer(of_zone, (running[windows.stop] - running[windows.start]) / max(high - low, 1))
        return sums

    def draw(self, windows: Windows, random: np.random.Generator) -> Ints:
        # Dealing places out to times is the same as dealing times out to places; shuffling what is already
        # shuffled is again uniform, so nothing is copied.
        for low, high in self._parts:
            random.shuffle(self._shuffled[low:high])
        return self._table(self._shuffled, windows)

    def alone(self, inside: Ints, start: int, stop: int, least: int) -> float:
        # A stratum's cases there and then are hypergeometric; strata add up.
        law = np.ones(1)
        for low, high in self._parts:
            here = int(np.isin(self._cell[low:high], inside).sum())
            then = int(((self._day[low:high] >= start) & (self._day[low:high] < stop)).sum())
            if here and then:
                law = np.convolve(law, hypergeom.pmf(np.arange(min(here, then) + 1), high - low, here, then))
        return min(float(law[least:].sum()), 1.0)

    def weight(self) -> Floats:
        return np.bincount(self._cell, minlength=self._n_cells).astype(np.float64)

    def _table(self, cell: Ints, windows: Windows) -> Ints:
        width = self._n_days - windows.first
        if self._late[0] != windows.first:  # which cases the windows see is the same for every copy
            rows = np.flatnonzero(self._day >= windows.first)
            self._late = windows.first, rows, self._day[rows] - windows.first
        _, rows, column = self._late
        at = cell[rows] * width + column
        return np.bincount(at, minlength=self._n_cells * width).reshape(self._n_cells, width)


class PoissonModel:
    """Counts (n_cells, n_days) against a ``baseline`` of the same shape: people, or expected cases.

    ``conditional``: only the baseline's proportions count and the total is kept (Kulldorff 1997); otherwise the
    baseline is the expected count itself (Neill et al. 2005), and a rise everywhere is a cluster too.
    """

    def __init__(self, counts: Ints, baseline: Floats, conditional: bool = True) -> None:
        self._counts = counts
        whole = int(counts.sum())
        scale = whole / max(float(baseline.sum()), 1e-300) if conditional else 1.0
        self._mean: Floats = baseline * scale
        self.total: int | None = whole if conditional else None

    def counts(self, windows: Windows) -> Ints:
        return self._counts[:, windows.first :]

    def expected(self, holds: sparse.csr_matrix, windows: Windows) -> Floats:
        return windows.of_zones(holds, self._mean[:, windows.first :]).astype(np.float64)

    def draw(self, windows: Windows, random: np.random.Generator) -> Ints:
        late = self._mean[:, windows.first :]
        if self.total is None:
            return random.poisson(late).astype(np.int64)
        # Days before the windows are one more cell: only their sum matters.
        shares = np.append(late.ravel(), max(self._mean.sum() - late.sum(), 0.0))
        dealt = random.multinomial(self.total, shares / max(shares.sum(), 1e-300))
        return dealt[:-1].reshape(late.shape).astype(np.int64)

    def alone(self, inside: Ints, start: int, stop: int, least: int) -> float:
        mean = float(self._mean[inside, start:stop].sum())
        if self.total is None:
            return float(poisson_law.sf(least - 1, mean))
        return float(binom.sf(least - 1, self.total, min(mean / self.total, 1.0)))

    def weight(self) -> Floats:
        return self._mean.sum(axis=1)
