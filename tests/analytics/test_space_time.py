"""时空扫描 Space-time scan: against brute force, uniform under chance, the smallest place named."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import kstest

from analytics.scan_models import PermutationModel, Windows
from analytics.scan_statistic import RatioTable, chance
from analytics.scan_zones import area_zones
from analytics.space_time import ScanSettings, scan_cases

TREE: dict[str, str | None] = {
    "区": None,
    "甲街": "区",
    "乙街": "区",
    "甲1": "甲街",
    "甲2": "甲街",
    "乙1": "乙街",
    "乙2": "乙街",
}
LEAVES = ("甲1", "甲2", "乙1", "乙2")


def background(n: int = 240, days: int = 40, seed: int = 0) -> tuple[list[str], list[int]]:
    random = np.random.default_rng(seed)
    return [LEAVES[i] for i in random.integers(0, 4, n)], random.integers(0, days, n).tolist()


def ratio_by_hand(c: int, m: float, total: int) -> float:
    if c <= m:
        return 0.0
    rest = (total - c) * math.log((total - c) / (total - m)) if c < total else 0.0
    return c * math.log(c / m) + rest


@pytest.mark.parametrize("prospective", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_every_ratio_is_as_by_hand(seed: int, prospective: bool) -> None:
    random = np.random.default_rng(seed)
    zones = area_zones(TREE)
    cell, day = random.integers(0, 7, 30), random.integers(0, 9, 30)
    windows = Windows(9, 4, 1, prospective)
    model = PermutationModel(cell, day, 7, 9)
    table = RatioTable(model, zones.holds, windows, min_cases=1, max_share=1.0)
    ratios = table.ratios(table.observed(model.counts(windows)))
    spans = [(s, s + w) for w in range(1, 5) for s in range(10 - w) if not prospective or s + w == 9]
    assert sorted(spans) == sorted(zip(windows.start.tolist(), windows.stop.tolist(), strict=True))
    for zone in range(len(zones)):
        inside = set(zones.inside(zone).tolist())
        for w, (start, stop) in enumerate(zip(windows.start, windows.stop, strict=True)):
            in_zone = [c in inside for c in cell]
            in_time = [start <= d < stop for d in day]
            c = sum(a and b for a, b in zip(in_zone, in_time, strict=True))
            m = sum(in_zone) * sum(in_time) / 30
            expected = 0.0 if m in (0, 30) else ratio_by_hand(c, m, 30)
            assert ratios[zone, w] == pytest.approx(expected, abs=1e-9)


def test_strata_sum_their_expectations() -> None:
    random = np.random.default_rng(3)
    zones = area_zones(TREE)
    cell, day, kind = random.integers(3, 7, 60), random.integers(0, 10, 60), random.integers(0, 3, 60)
    windows = Windows(10, 5)
    expected = PermutationModel(cell, day, 7, 10, kind).expected(zones.holds, windows)
    for zone, w in itertools.product(range(len(zones)), range(len(windows))):
        inside = np.isin(cell, zones.inside(zone))
        late = day >= windows.start[w]
        by_hand = sum(
            (inside & (kind == k)).sum() * (late & (kind == k)).sum() / (kind == k).sum() for k in range(3)
        )
        assert expected[zone, w] == pytest.approx(by_hand)


def test_a_random_copy_keeps_places_days_and_strata() -> None:
    random = np.random.default_rng(5)
    cell, day, kind = random.integers(0, 5, 200), random.integers(0, 8, 200), random.integers(0, 2, 200)
    windows = Windows(8, 8, prospective=False)
    model = PermutationModel(cell, day, 5, 8, kind)
    before = model.counts(windows)
    drawn = [model.draw(windows, random) for _ in range(5)]
    for copy in drawn:
        assert (copy.sum(axis=0) == before.sum(axis=0)).all()
        assert (copy.sum(axis=1) == before.sum(axis=1)).all()
        assert (copy != before).any()
    # A category that only ever comes in on one day cannot be dealt to another.
    only = PermutationModel(np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1]), 2, 2, np.array([0, 1, 0, 1]))
    assert (only.draw(Windows(2, 2), random) == [[2, 0], [0, 2]]).all()


def test_the_exact_chance_of_a_tiny_case_by_all_permutations() -> None:
    zones = area_zones({"甲": None, "乙": None})
    cell, day = np.array([0, 0, 0, 1, 1, 1, 1]), np.array([3, 3, 2, 0, 1, 2, 0])
    windows = Windows(4, 2)
    model = PermutationModel(cell, day, 2, 4)
    table = RatioTable(model, zones.holds, windows, min_cases=2, max_share=1.0)
    value = table.greatest(model.counts(windows))
    every = [
        table.greatest(PermutationModel(cell, np.array(days), 2, 4).counts(windows))
        for days in itertools.permutations(day.tolist())
    ]
    exact = float(np.mean(np.array(every) >= value - 1e-9))
    random = np.random.default_rng(1)
    likely = chance(value, lambda: table.greatest(model.draw(windows, random)), draws=4000, stop_after=0)
    assert likely.p_rank == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 4000))


def test_p_values_are_uniform_under_chance() -> None:
    settings = ScanSettings(longest=7, min_cases=2, draws=99, stop_after=0, alpha=1e-9)
    zones = area_zones(TREE)
    found = []
    for seed in range(120):
        result = scan_cases(*background(seed=1000 + seed), zones, settings)
        found.append(result.strongest.p_value if result.strongest else 1.0)
    assert kstest(found, "uniform").pvalue > 0.01


def town(n: int = 400, days: int = 40, seed: int = 0) -> tuple[dict[str, str | None], list[str], list[int]]:
    """Five streets of six communities each, with cases anywhere at any time."""
    tree: dict[str, str | None] = {"区": None}
    for street in range(5):
        tree[f"{street}街"] = "区"
        tree |= {f"{street}街{i}社区": f"{street}街" for i in range(6)}
    random = np.random.default_rng(seed)
    leaves = [code for code in tree if code.endswith("社区")]
    return tree, [leaves[i] for i in random.integers(0, 30, n)], random.integers(0, days, n).tolist()


def test_an_injected_burst_is_found_and_the_finest_place_named() -> None:
    tree, cells, days = town(seed=1)
    burst = [37, 37, 38, 38, 38, 39, 39, 39, 39]
    result = scan_cases([*cells, *["3街2社区"] * 9], [*days, *burst], area_zones(tree))
    (cluster,) = result.clusters
    assert (cluster.zone, cluster.members, cluster.end) == ("3街2社区", ("3街2社区",), 39)
    assert cluster.start in (37, 38)
    assert cluster.p_value < 0.001
    assert cluster.recurrence_days == pytest.approx(1 / cluster.p_value)
    assert len(set(range(400, 409)) & set(cluster.cases.tolist())) >= 7
    assert cluster.observed == len(cluster.cases)
    assert cluster.ratio == pytest.approx(cluster.observed / cluster.expected)
    assert "3街2社区" in cluster.why and f"{cluster.observed} 件" in cluster.why
