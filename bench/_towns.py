"""合成城镇 Towns with and without a burst, and the simpler tests a space-time scan is measured beside.

Used by ``bench.space_time``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from analytics.scan_zones import ZoneSet, area_zones, circle_zones, distinct
from analytics.space_time import Cluster, ScanSettings, scan_cases, scan_counts

DAYS = 90


@dataclass(frozen=True)
class Town:
    """Streets of fifteen communities on a grid; shares are gamma, days have a weekly rhythm and swings of their own."""

    zones: ZoneSet
    leaves: NDArray
    share: NDArray
    cell: NDArray
    day: NDArray
    rng: np.random.Generator

    @classmethod
    def made(cls, n: int, streets: int, seed: int, interaction: bool = False) -> Town:
        """``interaction``: every other street complains on working days, the rest at the weekend."""
        random = np.random.default_rng(seed)
        tree: dict[str, str | None] = {"市": None}
        for street in range(streets):
            tree[f"{street}街"] = "市"
            tree |= {f"{street}街{i}": f"{street}街" for i in range(15)}
        zones = area_zones(tree)
        leaves = np.array([i for i, code in enumerate(zones.cells) if code[-1] not in "市街"])
        share = random.gamma(1.0, 1.0, len(leaves)) + 0.02
        share /= share.sum()
        rhythm = np.where(np.arange(DAYS) % 7 >= 5, 0.6, 1.0) * np.exp(random.normal(0, 0.15, DAYS))
        where = random.choice(len(leaves), n, p=share)
        if interaction:
            weekend = np.where(np.arange(DAYS) % 7 >= 5, 3.0, 1.0) * np.exp(random.normal(0, 0.15, DAYS))
            day = np.where(
                where // 15 % 2 == 0, random.choice(DAYS, n, p=rhythm / rhythm.sum()), random.choice(DAYS, n, p=weekend / weekend.sum())
            )  # fmt: skip
        else:
            day = random.choice(DAYS, n, p=rhythm / rhythm.sum())
        return cls(zones, leaves, share, leaves[where], day, random)

    def with_circles(self, max_share: float = 0.03) -> ZoneSet:
        """Areas, and circles of neighbours on a grid that is not quite regular (equally far cells would join)."""
        codes = self.zones.cells
        at = np.stack(np.divmod(np.arange(len(self.leaves)), 15), axis=1) * 0.01 + (104.0, 30.0)
        at += np.random.default_rng(5).normal(0.0, 0.002, at.shape)
        seats = {codes[leaf]: (float(at[i, 0]), float(at[i, 1])) for i, leaf in enumerate(self.leaves)}
        weight = np.bincount(self.cell, minlength=len(codes))
        return distinct(self.zones, circle_zones(codes, seats, weight, max_share=max_share))

    def burst(self, size: int, days: int) -> tuple[Town, set[int]]:
        """With one event in the last days: at a community (60 %), two neighbours (20 %) or a street (20 %)."""
        first = int(self.rng.integers(0, len(self.leaves) // 15)) * 15
        which = self.rng.random()
        at = first + int(self.rng.integers(0, 14))
        spread = [at] if which < 0.6 else [at, at + 1] if which < 0.8 else list(range(first, first + 15))
        cells = self.leaves[self.rng.choice(spread, size)]
        when = self.rng.integers(DAYS - days, DAYS, size)
        more = replace(self, cell=np.append(self.cell, cells), day=np.append(self.day, when))
        return more, {int(self.leaves[i]) for i in spread}


Alarm = tuple[set[int], int, int]  # communities named, first day, last day


def named(cluster: Cluster, town: Town) -> Alarm:
    cells = set(town.zones.positions(cluster.members).tolist()) & set(town.leaves.tolist())
    assert isinstance(cluster.start, int) and isinstance(cluster.end, int)
    return cells, cluster.start, cluster.end


def ours(town: Town, zones: ZoneSet, alpha: float, by_weekday: bool = False) -> list[Alarm]:
    codes = [zones.cells[i] for i in town.cell]
    settings = ScanSettings(alpha=alpha, by_weekday=by_weekday)
    found = scan_cases(codes, town.day, zones, settings, first=0, last=DAYS - 1).clusters
    return [named(cluster, town) for cluster in found]


def spatial(town: Town, alpha: float) -> list[Alarm]:
    """Where alone: the last seven days by place against each place's share of the days before."""
    late = town.day >= DAYS - 7
    n = len(town.zones.cells)
    now = np.bincount(town.cell[late], minlength=n)[:, None]
    before = np.bincount(town.cell[~late], minlength=n)[:, None] + 0.5
    found = scan_counts(
        now, before, town.zones, ScanSettings(longest=1, alpha=alpha), first=DAYS - 7
    ).clusters
    return [(named(cluster, town)[0], DAYS - 7, DAYS - 1) for cluster in found]


def temporal(town: Town, alpha: float) -> list[Alarm]:
    """When alone: the whole city's days, each day equally likely."""
    city = area_zones({"市": None})
    found = scan_counts(
        np.bincount(town.day, minlength=DAYS)[None, :], np.ones((1, DAYS)), city, ScanSettings(alpha=alpha)
    ).clusters
    return [(set(town.leaves.tolist()), int(c.start), int(c.end)) for c in found if isinstance(c.start, int) and isinstance(c.end, int)]  # fmt: skip


def per_area(town: Town, alpha: float) -> list[Alarm]:
    """Each area alone: windows of 1, 3, 7 days, Poisson around its own mean of the days before, Bonferroni; of areas
    within each other that alarm, the surest is kept."""
    corrected = area_tests(town)
    kept: list[Alarm] = []
    for row, zone in sorted(
        np.argwhere(corrected <= alpha).tolist(), key=lambda at: float(corrected[tuple(at)])
    ):
        cells = set(town.zones.inside(zone).tolist()) & set(town.leaves.tolist())
        if not any(cells & other for other, _, _ in kept):
            kept.append((cells, DAYS - AREA_WINDOWS[row], DAYS - 1))
    return kept


AREA_WINDOWS = (1, 3, 7)


def area_tests(town: Town) -> NDArray:
    """Corrected p-values, (n_windows, n_zones); above 1 where nothing is unusual."""
    zones = town.zones
    table = np.bincount(town.cell * DAYS + town.day, minlength=len(zones.cells) * DAYS).reshape(-1, DAYS)
    by_day = zones.holds @ table
    usual = np.maximum(by_day[:, : DAYS - 7].sum(axis=1), 0.5) / (DAYS - 7)
    p = [poisson.sf(by_day[:, DAYS - w :].sum(axis=1) - 1, usual * w) for w in AREA_WINDOWS]
    return np.array(p) * len(zones) * len(AREA_WINDOWS)


METHODS: dict[str, Callable[[Town, float], list[Alarm]]] = {
    "space-time, areas": lambda town, alpha: ours(town, town.zones, alpha),
    "space-time, areas+circles": lambda town, alpha: ours(town, town.with_circles(), alpha),
    "spatial, last 7 days": spatial,
    "temporal, city": temporal,
    "Poisson per area, Bonferroni": per_area,
}
