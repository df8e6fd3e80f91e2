"""时空扫描 Space-time scan: against brute force, uniform under chance, the smallest place named."""

from __future__ import annotations

import csv
import itertools
import math
from collections import Counter
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from analytics.scan_models import PermutationModel, PoissonModel, Windows
from analytics.scan_statistic import RatioTable, chance, gumbel_tail
from analytics.scan_zones import ZoneSet, area_zones, circle_zones, distinct, path_zones
from analytics.space_time import ScanSettings, once_per_window, scan_cases, scan_counts
from tests.shared_data import needs, shared

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


def test_a_street_is_named_only_when_no_community_explains_it() -> None:
    tree, cells, days = town(n=600, seed=2)
    zones = area_zones(tree)
    everywhere = [f"3街{i % 6}社区" for i in range(24)]
    (street,) = scan_cases([*cells, *everywhere], [*days, *[38, 39] * 12], zones).clusters
    assert street.zone == "3街"
    mostly = ["3街2社区"] * 20 + ["3街1社区", "3街4社区"]
    settings = ScanSettings(near_best=0.85)
    result = scan_cases([*cells, *mostly], [*days, *[38, 39] * 11], zones, settings)
    assert result.clusters[0].zone == "3街2社区"


def test_of_places_with_the_same_cases_the_one_with_fewer_cells_is_named() -> None:
    tree, cells, days = town(n=600, seed=2)
    tree |= {"6街": "区", "6街1社区": "6街", "6街空社区": "6街"}
    result = scan_cases(
        [*cells, *["6街1社区"] * 12], [*days, *range(0, 28, 7), *[38, 39] * 4], area_zones(tree)
    )
    assert result.clusters[0].zone == "6街1社区"


def test_two_bursts_are_two_clusters_and_share_no_case() -> None:
    tree, cells, days = town(seed=3)
    cells += ["3街2社区"] * 12 + ["0街5社区"] * 12
    days += [38, 39] * 6 + [37, 38, 39] * 4
    found = scan_cases(cells, days, area_zones(tree)).clusters
    assert {c.zone for c in found} == {"3街2社区", "0街5社区"}
    assert not set(found[0].cases.tolist()) & set(found[1].cases.tolist())
    assert found[0].p_value <= 0.01 and found[1].p_value <= 0.01


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_a_large_cluster_leaves_no_hole_that_makes_every_other_place_seem_busy(seed: int) -> None:
    """Taking all of its cases out, not the excess alone, tells six or seven places more."""
    random = np.random.default_rng(seed)
    zones = area_zones({"区": None} | {f"{i}社区": "区" for i in range(8)})
    where = random.choice(8, 1200, p=[0.4] + [0.6 / 7] * 7)
    cells, days = [f"{i}社区" for i in where], random.integers(0, 30, 1200).tolist()
    cells, days = [*cells, *["0社区"] * 150], [*days, *random.integers(24, 30, 150).tolist()]
    (cluster,) = scan_cases(cells, days, zones).clusters
    assert cluster.zone == "0社区"


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 5), st.sampled_from(["", "甲", "乙/丙"])), max_size=40
    )
)
def test_whatever_comes_in_no_cluster_is_told_twice(cases: list[tuple[int, int, str]]) -> None:
    settings = ScanSettings(min_cases=1, alpha=1.0, draws=9, longest=3, prospective=False)
    cells, days = (
        [LEAVES[cell] for cell, _, _ in cases],
        np.array([day for _, day, _ in cases], dtype=np.int64),
    )
    result = scan_cases(cells, days, area_zones(TREE), settings, categories=[kind for _, _, kind in cases])
    told = [(c.category, c.zone, c.start, c.end) for c in result.clusters]
    assert len(set(told)) == len(told) <= settings.max_clusters
    for cluster in result.clusters:
        assert cluster.observed == len(cluster.cases) > cluster.expected > 0.0
        assert 0.0 < cluster.p_value <= 1.0 and 0.0 < cluster.p_counted <= 1.0


def test_order_of_cases_and_names_of_places_do_not_matter() -> None:
    tree, cells, days = town(seed=4)
    cells, days = [*cells, *["3街2社区"] * 9], [*days, *[37, 38, 39] * 3]
    zones = area_zones(tree)
    one = scan_cases(cells, days, zones).strongest
    mixed = np.random.default_rng(0).permutation(len(cells)).tolist()
    upside_down = dict(reversed(list(tree.items())))
    other = scan_cases([cells[i] for i in mixed], [days[i] for i in mixed], area_zones(upside_down)).strongest
    renamed = {f"X{code}": above and f"X{above}" for code, above in tree.items()}
    third = scan_cases([f"X{code}" for code in cells], days, area_zones(renamed)).strongest
    assert one and other and third
    assert (one.zone, one.start, one.observed) == (other.zone, other.start, other.observed)
    assert (f"X{one.zone}", one.start, one.p_value) == (third.zone, third.start, third.p_value)
    assert one.llr == pytest.approx(other.llr) == pytest.approx(third.llr)
    assert sorted(mixed[i] for i in other.cases) == sorted(one.cases.tolist())


@pytest.mark.parametrize("prospective", [True, False])
def test_calendar_days_are_days(prospective: bool) -> None:
    tree, cells, days = town(seed=1)
    cells, days = [*cells, *["3街2社区"] * 9], [*days, *[37, 38, 39] * 3]
    settings, zones = ScanSettings(prospective=prospective), area_zones(tree)
    plain = scan_cases(cells, days, zones, settings).strongest
    dates = np.datetime64("2026-10-01") + np.array(days)
    told = scan_cases(cells, dates, zones, settings).strongest
    assert plain and told
    assert told.end == date(2026, 11, 9) and plain.end == 39
    assert (told.zone, told.observed, told.p_value) == (plain.zone, plain.observed, plain.p_value)
    assert "11月9日" in told.why


def test_times_before_and_after_the_study_are_left_out() -> None:
    tree, cells, days = town(seed=1)
    zones = area_zones(tree)
    whole = scan_cases(cells, days, zones, first=5, last=30).strongest
    rows = [i for i, day in enumerate(days) if 5 <= day <= 30]
    part = scan_cases([cells[i] for i in rows], [days[i] for i in rows], zones, first=5, last=30).strongest
    assert whole and part
    assert (whole.zone, whole.llr, whole.p_value) == (part.zone, part.llr, part.p_value)


@pytest.mark.parametrize(
    ("cells", "days", "note"),
    [
        ([], [], "没有案件"),
        (["甲1"], [3], "只有 1 件"),
        (["甲1", "乙1", "乙1", "乙2"], [5, 5, 5, 5], "同一天"),
    ],
)
def test_where_nothing_can_be_compared_it_says_so(cells: list[str], days: list[int], note: str) -> None:
    result = scan_cases(cells, np.array(days, dtype=np.int64), area_zones(TREE))
    assert result.clusters == () and result.strongest is None and note in result.note


def test_too_short_a_history_is_said() -> None:
    result = scan_cases(["甲1"] * 8, range(8), area_zones(TREE), ScanSettings(shortest=7, longest=14))
    assert "历史不足：只有 8 天，至少要有 14 天" in result.note


def test_all_cases_at_one_place_are_no_cluster() -> None:
    result = scan_cases(["甲1"] * 50, [0] * 5 + [9] * 45, area_zones(TREE))
    assert result.strongest is None and result.clusters == () and result.note == ""


def test_twenty_calls_by_one_person_are_no_burst() -> None:
    tree, cells, days = town(seed=1)
    cells, days = [*cells, *["3街2社区"] * 20], [*days, *[38, 39] * 10]
    people = [f"甲{i}" for i in range(400)] + ["乙"] * 20
    zones = area_zones(tree)
    assert scan_cases(cells, days, zones).clusters
    assert not scan_cases(cells, days, zones, people=people).clusters
    # Twenty different people, or nobody knows who, are one.
    for who in (people[:400] + [f"丙{i}" for i in range(20)], [""] * 420):
        assert scan_cases(cells, days, zones, people=who).clusters[0].zone == "3街2社区"


@given(
    st.lists(st.tuples(st.sampled_from(["甲", "乙", "丙", ""]), st.integers(0, 60)), max_size=40),
    st.integers(1, 28),
)
def test_a_person_counts_exactly_once_in_every_window_that_ends_now(
    calls: list[tuple[str, int]], longest: int
) -> None:
    people = np.array(["甲乙丙".index(who) if who else -1 for who, _ in calls], dtype=np.int64)
    days = np.array([day for _, day in calls], dtype=np.int64)
    keep = once_per_window(people, days, longest)
    for window in range(1, longest + 1):
        late = Counter(
            who for (who, day), kept in zip(calls, keep, strict=True) if kept and day > 60 - window
        )
        spoke = Counter(who for who, day in calls if day > 60 - window)
        assert late == Counter({who: n if who == "" else 1 for who, n in spoke.items()})
    for person in range(3):
        kept_days = np.sort(days[keep & (people == person)])
        assert (np.diff(kept_days) >= longest).all()


def test_a_burst_of_one_category_is_told_as_that_category() -> None:
    tree, cells, days = town(n=1500, seed=6)
    random = np.random.default_rng(6)
    kinds = [f"大{k % 3}/小{k}" for k in random.integers(0, 9, 1500)]
    cells, days, kinds = (
        [*cells, *["3街2社区"] * 7],
        [*days, *[37, 37, 38, 38, 39, 39, 39]],
        [*kinds, *["大1/小4"] * 7],
    )
    (cluster,) = scan_cases(cells, days, area_zones(tree), categories=kinds).clusters
    assert (cluster.category, cluster.zone) == ("大1/小4", "3街2社区")
    assert {kinds[i] for i in cluster.cases} == {"大1/小4"}
    assert "“大1/小4”" in cluster.why


def test_a_category_s_own_season_is_no_burst() -> None:
    """A topic that only some places know, and that the whole town takes up at once."""
    tree, cells, days = town(n=900, seed=7)
    kinds = ["常见"] * 900
    random = np.random.default_rng(7)
    for i in random.integers(0, 6, 60):
        cells, days, kinds = [*cells, f"3街{i}社区"], [*days, int(random.integers(35, 40))], [*kinds, "供暖"]
    zones = area_zones(tree)
    assert scan_cases(cells, days, zones).clusters  # without categories the street seems to burst
    assert not scan_cases(cells, days, zones, categories=kinds).clusters


def test_more_categories_ask_for_more() -> None:
    tree, cells, days = town(seed=1)
    cells, days = [*cells, *["3街2社区"] * 9], [*days, *[37, 38, 39] * 3]
    zones = area_zones(tree)
    alone = scan_cases(cells, days, zones).strongest
    # The same burst in a category that holds everything but a few cases of three others.
    kinds = ["一", "二", "三"] * 2 + ["常见"] * (len(cells) - 6)
    among = scan_cases(cells, days, zones, categories=kinds).strongest
    assert alone and among and among.zone == alone.zone
    assert among.p_value > alone.p_value


def test_weekly_rhythms_of_places_alarm_unless_dealt_out_by_weekday() -> None:
    zones = area_zones({"区": None} | {f"{i}社区": "区" for i in range(10)})
    cells, days = [], []
    random = np.random.default_rng(8)
    for i in range(10):
        weights = np.where(np.arange(70) % 7 >= 5, 20.0, 1.0) if i == 0 else np.ones(70)
        cells += [f"{i}社区"] * 210
        days += random.choice(70, 210, p=weights / weights.sum()).tolist()
    assert scan_cases(cells, days, zones).clusters
    assert not scan_cases(cells, days, zones, ScanSettings(by_weekday=True)).clusters


def test_poisson_ratios_as_by_hand() -> None:
    random = np.random.default_rng(9)
    zones = area_zones({"甲": None, "乙": "甲", "丙": "甲"})
    counts = random.poisson(2.0, (3, 6))
    people = random.uniform(50, 200, (3, 6))
    windows = Windows(6, 3, 1, prospective=False)
    total = int(counts.sum())
    for conditional in (True, False):
        base = people if conditional else people / 60
        model = PoissonModel(counts, base, conditional)
        table = RatioTable(model, zones.holds, windows, min_cases=1, max_share=1.0)
        ratios = table.ratios(table.observed(model.counts(windows)))
        for zone, w in itertools.product(range(3), range(len(windows))):
            at = np.ix_(zones.inside(zone), np.arange(windows.start[w], windows.stop[w]))
            c = int(counts[at].sum())
            if conditional:
                by_hand = ratio_by_hand(c, total * people[at].sum() / people.sum(), total)
            else:
                m = base[at].sum()
                by_hand = c * math.log(c / m) - (c - m) if c > m else 0.0
            assert ratios[zone, w] == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize("conditional", [True, False])
def test_poisson_p_values_are_uniform_under_chance(conditional: bool) -> None:
    zones = area_zones(TREE)
    people = np.random.default_rng(1).uniform(1, 6, (7, 12))
    settings = ScanSettings(longest=5, min_cases=2, draws=99, stop_after=0, alpha=1e-9)
    found = []
    for seed in range(100):
        counts = np.random.default_rng(500 + seed).poisson(people)
        result = scan_counts(counts, people, zones, settings, conditional=conditional)
        found.append(result.strongest.p_value if result.strongest else 1.0)
    assert kstest(found, "uniform").pvalue > 0.01


def test_a_rise_everywhere_is_a_cluster_only_against_expected_counts() -> None:
    zones = area_zones({"区": None, "甲": "区", "乙": "区"})
    usual = np.array([[0.001] * 20, [10.0] * 20, [10.0] * 20])
    counts = np.random.default_rng(2).poisson(usual)
    counts[1:, 18:] = 25
    found = scan_counts(counts, usual, zones, conditional=False, first=date(2026, 11, 1)).clusters
    assert (found[0].zone, found[0].start, found[0].end) == ("区", date(2026, 11, 19), date(2026, 11, 20))
    still = scan_counts(counts * 0 + 12, usual * 0 + 3.0, zones).clusters
    assert not still


def test_drawing_stops_early_where_nothing_is_going_on_and_stays_exact() -> None:
    random = np.random.default_rng(3)
    found = [chance(random.random() + 1, lambda: random.random() + 1, 99, 5) for _ in range(400)]
    # At every level that can be attained the p-value keeps it: here within four standard deviations of 400 runs.
    for level in (0.05, 0.1, 5 / 60, 5 / 40, 5 / 20, 5 / 10):
        share = float(np.mean([one.p_rank <= level + 1e-9 for one in found]))
        assert abs(share - level) < 4 * math.sqrt(level * (1 - level) / 400)
    assert np.mean([one.draws for one in found]) < 40
    assert all(one.p_value == 5 / one.draws for one in found if one.stopped)


def test_the_fitted_tail_reaches_beyond_the_copies() -> None:
    random = np.random.default_rng(4)
    told = [gumbel_tail(random.gumbel(8.0, 1.3, 199), 8.0 + 1.3 * math.log(1e5), 0.005) for _ in range(50)]
    assert 3e-6 < float(np.exp(np.mean(np.log(told)))) < 3e-5
    assert gumbel_tail(np.full(99, 2.0), 2.0, 0.3) == 0.3


def test_the_chance_of_one_place_and_interval_is_exact() -> None:
    cell, day = np.array([0, 0, 0, 1, 1, 1, 0, 1]), np.array([3, 3, 2, 0, 1, 2, 0, 3])
    kind = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    model = PermutationModel(cell, day, 2, 4, kind)
    every = [
        sum(c == 0 and d >= 2 for c, d in zip(cell.tolist(), [*one, *other], strict=True))
        for one in itertools.permutations(day[:5].tolist())
        for other in itertools.permutations(day[5:].tolist())
    ]
    for least in range(6):
        assert model.alone(np.array([0]), 2, 4, least) == pytest.approx(np.mean(np.array(every) >= least))
    people = np.array([[1.0, 3.0], [2.0, 2.0]])
    given_total = PoissonModel(np.array([[0, 4], [1, 1]]), people)
    assert given_total.alone(np.array([0]), 1, 2, 6) == pytest.approx((3 / 8) ** 6)
    expected = PoissonModel(np.array([[0, 4], [1, 1]]), people, conditional=False)
    assert expected.alone(np.array([0]), 1, 2, 1) == pytest.approx(1 - math.exp(-3))


def test_a_dozen_cases_are_not_told_as_one_in_a_million() -> None:
    """With so few the greatest ratio takes a handful of values, and a Gumbel fit alone gave p < 10⁻⁴ once in a hundred."""
    tree, _, _ = town()
    zones, settings = area_zones(tree), ScanSettings(alpha=1e-9, longest=14)
    leaves = [code for code in tree if code.endswith("社区")]
    found = []
    for seed in range(150):
        random = np.random.default_rng(seed)
        result = scan_cases(
            [leaves[i] for i in random.integers(0, 6, 12)], random.integers(0, 30, 12), zones, settings
        )
        found.append(result.strongest.p_value if result.strongest else 1.0)
    assert min(found) > 2e-4
    assert np.mean(np.array(found) <= 0.05) < 0.12


def test_circles_grow_to_their_share_and_ties_join_together() -> None:
    cells = ["心", "东", "西", "南", "北", "远", "不知"]
    at = {
        "心": (104.0, 0.0),
        "东": (104.01, 0.0),
        "西": (103.99, 0.0),
        "南": (104.0, -0.01),
        "北": (104.0, 0.01),
        "远": (105.0, 0.0),
    }
    circles = circle_zones(cells, at, np.array([1, 1, 1, 1, 1, 5, 9]), max_share=5 / 19)

    def held(zones: ZoneSet) -> dict[str, frozenset[str]]:
        return {
            name: frozenset(zones.cells[i] for i in zones.inside(z)) for z, name in enumerate(zones.names)
        }

    of_centre = [one for name, one in held(circles).items() if name.startswith("心")]
    # One, or with all four neighbours at the same distance; never two or three of them.
    assert sorted(map(len, of_centre)) == [1, 5]
    assert held(circles)["远"] == {"远"}
    assert not any("不知" in one for one in held(circles).values())
    backwards = circle_zones(cells[::-1], at, np.array([9, 5, 1, 1, 1, 1, 1]), max_share=5 / 19)
    assert set(held(backwards).values()) == set(held(circles).values())
    assert max(map(len, held(circle_zones(cells, at, np.ones(7), max_share=1.0, nearest=5)).values())) == 5
    tree = area_zones({"区": None} | dict.fromkeys(cells, "区"))
    with pytest.raises(ValueError, match="同一份区域表"):
        distinct(tree, circles)
    both = distinct(tree, circle_zones(tree.cells, at, np.ones(8), max_share=0.5))
    assert len(set(held(both).values())) == len(both) and {"区", "远"} <= set(both.names)


def test_a_burst_across_two_streets_is_found_by_a_circle() -> None:
    tree, cells, days = town(n=600, seed=2)
    leaves = [code for code in tree if code.endswith("社区")]
    random = np.random.default_rng(0)
    at = {}
    for i, code in enumerate(leaves):
        east, north = random.normal(0.0, 0.001, 2)
        at[code] = (104.0 + (i // 6) * 0.01 + east, 30.0 + (i % 6) * 0.01 + north)
    cells += ["1街2社区", "2街2社区"] * 10
    days += [38, 38, 39, 39] * 5
    zones = area_zones(tree)
    weight = np.bincount(zones.positions(cells), minlength=len(zones.cells))
    both = distinct(zones, circle_zones(zones.cells, at, weight, max_share=0.2))
    (cluster,) = scan_cases(cells, days, both).clusters
    assert {"1街2社区", "2街2社区"} <= set(cluster.members) and len(cluster.members) <= 3


def test_paths_make_a_tree() -> None:
    zones, cells = path_zones(
        ["东区/甲街/一社区", " 东区 / 甲街 ", "", "西区/甲街/一社区", "东区/甲街/一社区/"]
    )
    assert cells == [
        "全部/东区/甲街/一社区",
        "全部/东区/甲街",
        "全部",
        "全部/西区/甲街/一社区",
        "全部/东区/甲街/一社区",
    ]
    held = {frozenset(zones.cells[i] for i in zones.inside(z)): name for z, name in enumerate(zones.names)}
    assert held[frozenset({"全部/东区/甲街", "全部/东区/甲街/一社区"})] == "甲街"
    assert held[frozenset(zones.cells)] == "全部"
    assert len(zones) == 7


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({}, "区域表是空的"),
        ({"甲": "乙"}, "“甲”的上级“乙”不在区域表里：请补上“乙”"),
        ({"甲": "乙", "乙": "丙", "丙": "乙"}, "丙、乙 互为上级"),
        ({"甲": "甲"}, "互为上级"),
    ],
)
def test_a_malformed_tree_is_refused(tree: dict[str, str | None], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        area_zones(tree)


def test_wrong_input_is_refused_saying_what_to_mend() -> None:
    zones = area_zones(TREE)
    for cells, days, more, message in (
        (["甲1", "丁"], [0, 1], {}, "第 2 件的地点“丁”不在区域表里"),
        (["甲1", "甲2"], [0], {}, "应一件一个"),
        (["甲1"], [0], {"people": ["a", "b"]}, "people 有 2 个"),
        (["甲1"], [0], {"categories": []}, "categories 有 0 个"),
        (["甲1"], [0.5], {}, "days 应是整数"),
        (["甲1"], np.array(["NaT"], dtype="datetime64[D]"), {}, "第 1 件没有日期"),
    ):
        with pytest.raises(ValueError, match=message):
            scan_cases(cells, days, zones, **more)
    for bad in (
        {"shortest": 5, "longest": 3},
        {"shortest": 0},
        {"near_best": 0.0},
        {"alpha": 2.0},
        {"draws": 0},
        {"every": 0.0},
    ):
        with pytest.raises(ValueError, match=r"应|至少"):
            ScanSettings(**bad)
    ones = np.ones((7, 5))
    for counts, base, message in (
        (ones[:3], ones, "地点 × 天"),
        (ones, ones[:, :3], "地点 × 天"),
        (-ones, ones, "不小于零"),
        (ones * np.nan, ones, "不小于零"),
        (ones * 0.5, ones, "整数"),
        (ones, ones * 0, "第 1 天有案件而人口（基线）为零"),
    ):
        with pytest.raises(ValueError, match=message):
            scan_counts(counts, base, zones)
    for at, weight, share in (
        ({"甲1": (204.0, 30.0)}, np.ones(7), 0.1),
        ({}, np.ones(3), 0.1),
        ({}, np.ones(7), 0.0),
    ):
        with pytest.raises(ValueError, match=r"应|权重"):
            circle_zones(zones.cells, at, weight, max_share=share)


@needs("nm_brain_cancer")
def test_the_published_cluster_is_found() -> None:
    """scanstatistics' introduction: Los Alamos and Santa Fe, 1986–89, Monte Carlo p 0.005 of 999, 415 zones."""
    with (shared("nm_brain_cancer") / "NM_geo.csv").open(encoding="utf-8") as file:
        seats = {
            row["county"]: (float(row["seat_long"]), float(row["seat_lat"])) for row in csv.DictReader(file)
        }
    with (shared("nm_brain_cancer") / "NM_popcas.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counties = sorted({row["county"] for row in rows})
    people, counts = np.zeros((32, 19)), np.zeros((32, 19), dtype=np.int64)
    for row in rows:
        at = counties.index(row["county"]), int(row["year"]) - 1973
        people[at], counts[at] = float(row["population"]), int(row["count"])
    year = np.arange(-12.0, 7.0)
    beta = np.array([math.log(counts[:, :13].sum() / people[:, :13].sum()), 0.0])
    design = np.stack([np.ones(32 * 13), np.tile(year[:13], 32)], axis=1)
    for _ in range(10):
        mean = people[:, :13].ravel() * np.exp(design @ beta)
        beta += np.linalg.solve(
            design.T @ (design * mean[:, None]), design.T @ (counts[:, :13].ravel() - mean)
        )
    expected = people[:, 13:17] * np.exp(beta[0] + beta[1] * year[13:17])
    zones = circle_zones(counties, seats, np.ones(32), max_share=1.0, nearest=15)
    assert len(zones) == 415
    settings = ScanSettings(longest=4, min_cases=2, max_share=1.0, draws=999, stop_after=0)
    cluster = scan_counts(
        counts[:, 13:17], expected, zones, settings, conditional=False, first=1986
    ).strongest
    assert cluster
    assert (cluster.members, cluster.start, cluster.end) == (("losalamos", "santafe"), 1986, 1989)
    assert 0.0005 < cluster.p_counted < 0.01
    assert 0.001 < cluster.p_value < 0.01
