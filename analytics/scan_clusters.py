"""聚集 Clusters: settings of a scan, its strongest zone and window, the smallest place that explains it, the words.

The place that is named: among the zones inside the strongest one that reach at least ``near_best`` of its log
likelihood ratio in a window that meets its own, the one that usually has the fewest cases. So a street is named only
when none of its communities explains the burst nearly as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from analytics.scan_models import Floats, Ints, Model, Windows
from analytics.scan_statistic import Chance, RatioTable, chance
from analytics.scan_zones import ZoneSet

Day = int | date


@dataclass(frozen=True)
class ScanSettings:
    """How to scan. Days are the time unit of the data (years where the data are yearly).

    ``shortest``, ``longest``: windows; ``prospective``: only windows that end with the last day; ``near_best``: share of
    the best log likelihood ratio with which a smaller place gives the name; ``min_cases``; ``max_share``: greatest share
    of all cases that a cluster may be expected to hold; ``alpha``: clusters with a greater p are not told;
    ``max_clusters``; ``draws``, ``stop_after``: random copies, and how many greater ones end the drawing (0: never);
    ``by_weekday``: times are dealt out within each day of the week only; ``every``: days from scan to scan, for the
    recurrence interval; ``random_state``: seed.
    """

    shortest: int = 1
    longest: int = 28
    prospective: bool = True
    near_best: float = 0.9
    min_cases: int = 3
    max_share: float = 0.5
    alpha: float = 0.01
    max_clusters: int = 10
    draws: int = 199
    stop_after: int = 10
    by_weekday: bool = False
    every: float = 1.0
    random_state: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.shortest <= self.longest:
            raise ValueError("窗口天数不对：shortest 至少 1 天，longest 不短于 shortest")
        if not (0.0 < self.near_best <= 1.0 and 0.0 < self.max_share <= 1.0 and 0.0 < self.alpha <= 1.0):
            raise ValueError("near_best、max_share、alpha 都应大于 0、不超过 1")
        if (
            self.min_cases < 1
            or self.max_clusters < 1
            or self.draws < 1
            or self.stop_after < 0
            or self.every <= 0
        ):
            raise ValueError("min_cases、max_clusters、draws 至少为 1，stop_after 不小于 0，every 大于 0")


@dataclass(frozen=True)
class Cluster:
    """One burst. ``zone``: name; ``members``: codes of its cells; ``start``, ``end``: first and last day, both inside;
    ``observed``: cases (people, where repeats are known); ``expected``; ``ratio``: observed / expected; ``llr``: log
    likelihood ratio of this zone and window; ``p_value``: of the strongest zone and window it is named for, all zones,
    windows and categories allowed for; ``p_counted``: the same by counting random copies alone; ``recurrence_days``: how often chance alone does as much when scanned regularly;
    ``category``: "" when all together; ``cases``: positions in the input of every case inside, repeats included
    (empty for counts); ``draws``: random copies behind the p-value; ``why``: all this as a Chinese sentence.
    """

    zone: str
    members: tuple[str, ...]
    start: Day
    end: Day
    observed: int
    expected: float
    ratio: float
    llr: float
    p_value: float
    p_counted: float
    recurrence_days: float
    category: str
    cases: NDArray[np.int64]
    draws: int
    why: str


@dataclass(frozen=True)
class Peak:
    """The strongest zone × window of one layer, the one that gives the name, and the chance of the former."""

    best: tuple[int, int]
    named: tuple[int, int]
    observed: int
    expected: float
    llr: float
    share: float
    chance: Chance
    windows: Windows


def find_peak(
    model: Model, zones: ZoneSet, windows: Windows, settings: ScanSettings, seed: tuple[int, ...]
) -> Peak | None:
    table = RatioTable(
        model, zones.holds, windows, min_cases=settings.min_cases, max_share=settings.max_share
    )
    observed = table.observed(model.counts(windows))
    ratios = table.ratios(observed)
    best = np.unravel_index(int(ratios.argmax()), ratios.shape)
    top = float(ratios[best])
    if top <= 0.0:
        return None
    named = _smallest(
        ratios, (int(best[0]), int(best[1])), zones, model.weight(), windows, settings.near_best
    )
    random = np.random.default_rng(seed)
    likely = chance(
        top, lambda: table.greatest(model.draw(windows, random)), settings.draws, settings.stop_after
    )
    if not likely.stopped:
        # A few cases make few different ratios, and a smooth tail fitted to those falls far too fast; the greatest of
        # many cannot be rarer than the one it is.
        start, stop = int(windows.start[best[1]]), int(windows.stop[best[1]])
        alone = model.alone(zones.inside(int(best[0])), start, stop, int(observed[best]))
        likely = replace(likely, p_value=max(likely.p_value, alone))
    return Peak(
        best=(int(best[0]), int(best[1])),
        named=named,
        observed=int(observed[named]),
        expected=float(table.expected[named]),
        llr=float(ratios[named]),
        share=float(ratios[named]) / top,
        chance=likely,
        windows=windows,
    )


def _smallest(
    ratios: Floats, best: tuple[int, int], zones: ZoneSet, weight: Floats, windows: Windows, near_best: float
) -> tuple[int, int]:
    """The place that is named: of all zones inside the best, in a window that meets the best's, with at least
    ``near_best`` of its ratio, the one that usually has fewest cases; ties go to fewer cells, then the greater ratio."""
    inside = zones.inside(best[0])
    size = np.diff(zones.holds.indptr)
    mask = np.zeros(len(zones.cells), dtype=np.int64)
    mask[inside] = 1
    nested = np.flatnonzero((zones.holds @ mask) == size)
    meets = (windows.start < windows.stop[best[1]]) & (windows.stop > windows.start[best[1]])
    mine = np.where(meets[None, :], ratios[nested], 0.0)
    top = mine.max(axis=1)
    near = top >= near_best * ratios[best] - 1e-9
    heavy = zones.holds[nested] @ weight
    order = np.lexsort((-top[near], size[nested][near], heavy[near]))
    row = int(np.flatnonzero(near)[order[0]])
    return int(nested[row]), int(mine[row].argmax())


def cluster_of(
    peak: Peak,
    zones: ZoneSet,
    settings: ScanSettings,
    category: str,
    n_layers: int,
    tell: Callable[[int], Day],
    cases: Ints,
) -> Cluster:
    zone, window = peak.named
    p_value = _of_all(peak.chance.p_value, n_layers)
    cluster = Cluster(
        zone=zones.names[zone],
        members=tuple(zones.cells[i] for i in zones.inside(zone)),
        start=tell(int(peak.windows.start[window])),
        end=tell(int(peak.windows.stop[window]) - 1),
        observed=peak.observed,
        expected=peak.expected,
        ratio=peak.observed / peak.expected,
        llr=peak.llr,
        p_value=p_value,
        p_counted=_of_all(peak.chance.p_rank, n_layers),
        recurrence_days=settings.every / max(p_value, 1e-12),
        category=category,
        cases=cases,
        draws=peak.chance.draws,
        why="",
    )
    return replace(cluster, why=_why(cluster, peak, zones))


def _of_all(p: float, n_layers: int) -> float:
    """Šidák: chance that the surest of ``n_layers`` is as sure; 1 − (1 − p)^n without rounding small p away."""
    return float(-np.expm1(n_layers * np.log1p(-p))) if p < 1.0 else 1.0


def _why(cluster: Cluster, peak: Peak, zones: ZoneSet) -> str:
    def day(one: Day) -> str:
        return f"{one.month}月{one.day}日" if isinstance(one, date) else str(one)

    span = day(cluster.start) if cluster.start == cluster.end else f"{day(cluster.start)}至{day(cluster.end)}"
    what = f"“{cluster.category}”" if cluster.category else ""
    text = (
        f"{cluster.zone}，{span}：{what}有 {cluster.observed} 件，照各处各日平常的多少应有 {cluster.expected:.1f} 件，"
        f"是其 {cluster.ratio:.1f} 倍。"
    )
    if peak.chance.stopped:
        text += f"随机重排 {peak.chance.draws} 次就有 {round(peak.chance.p_rank * peak.chance.draws)} 次同样集中，不足为奇。"
    else:
        text += (
            f"随机重排 {peak.chance.draws} 次推算，偶然这样集中的机会{_small(cluster.p_value)}，"
            f"按现在的扫描频率{_long(cluster.recurrence_days)}一遇。"
        )
    if peak.named[0] != peak.best[0]:
        text += f"最突出的范围是{zones.names[peak.best[0]]}，其中这一处已说明它的 {peak.share:.0%}，故只点这一处。"
    return text


def _small(p: float) -> str:
    # Beyond this the fitted tail is guessing: the digits would promise what nobody knows.
    return "不到十万分之一" if p < 1e-5 else f"约 {p:.2g}"


def _long(days: float) -> str:
    return f"约 {days:.0f} 天" if days < 730 else (f"约 {days / 365:.0f} 年" if days < 36500 else "百年以上")
