"""时空扫描 Space-time scan: where and since when more came in than place and time alone explain.

Every zone (area or circle of neighbours) × every window of days is compared with what is expected, the greatest
likelihood ratio is judged against random copies of the data, and the smallest place that explains the burst is the
one named. ``scan_cases`` needs no population (space-time permutation, Kulldorff, Heffernan, Hartman, Assunção and
Mostashari 2005); ``scan_counts`` takes one, or expected counts (Kulldorff 1997; Neill, Moore, Sabhnani and Daniel
2005). After a cluster its excess is taken out and the rest is scanned again (after Zhang, Assunção and Kulldorff 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.scan_clusters import Cluster, Day, Peak, ScanSettings, cluster_of, find_peak
from analytics.scan_models import Ints, PermutationModel, PoissonModel, Windows
from analytics.scan_zones import ZoneSet

__all__ = ["Cluster", "ScanResult", "ScanSettings", "once_per_window", "scan_cases", "scan_counts"]


@dataclass(frozen=True)
class ScanResult:
    """``clusters``: significant ones, surest first; ``strongest``: the first found, significant or not; ``note``: why
    nothing could be compared, "" when it could."""

    clusters: tuple[Cluster, ...]
    strongest: Cluster | None
    note: str = ""


def scan_cases(
    cells: Sequence[str],
    days: ArrayLike,
    zones: ZoneSet,
    settings: ScanSettings | None = None,
    *,
    categories: Sequence[str] | None = None,
    people: Sequence[str] | None = None,
    first: Day | None = None,
    last: Day | None = None,
) -> ScanResult:
    """Scan cases by space-time permutation; no population is needed.

    ``cells``: code of each case's place, (n,); ``days``: day of each case, whole numbers or ``datetime64[D]``, (n,);
    ``categories``: path of each case ("城乡建设/供水"): every level of it is scanned by itself beside all together,
    and p-values allow for their number (Šidák); times are dealt out within a category, so that its own ups and downs
    are no burst. ``people``: who said it ("" = not known): counts once per window. ``first``, ``last``: the study's
    first and last day (default those of the data); cases outside are left out. ValueError, in Chinese, on wrong input.
    """
    settings = settings or ScanSettings()
    day, tell = _whole_days(days)
    position = zones.positions(cells)
    for what, given in (("days", day), ("categories", categories), ("people", people)):
        if given is not None and len(given) != len(position):
            raise ValueError(f"{what} 有 {len(given)} 个，而地点有 {len(position)} 个：应一件一个")
    since = _as_int(first) if first is not None else int(day.min()) if len(day) else 0
    until = _as_int(last) if last is not None else int(day.max()) if len(day) else 0
    rows = np.flatnonzero((day >= since) & (day <= until))
    n_days = until - since + 1
    note = _nothing_to_compare(len(rows), np.unique(day[rows]), n_days, settings)
    if note:
        return ScanResult((), None, note)
    kind = np.array([str(one or "") for one in categories]) if categories is not None else None
    scan = _CaseScan(
        zones=zones,
        settings=settings,
        windows=Windows(n_days, min(settings.longest, n_days // 2), settings.shortest, settings.prospective),
        cell=position,
        day=day - since,
        person=_numbered(people) if people is not None else None,
        stratum=_strata(kind, (day - since) % 7 if settings.by_weekday else None, len(day)),
        left=_layers(kind, rows),
    )
    found: list[Cluster] = []
    strongest: Cluster | None = None
    n_layers = len(scan.left)
    peaks = {name: scan.peak(name, 0) for name in scan.left}
    for round_ in range(1, settings.max_clusters + 1):
        name, peak = _surest(peaks)
        if peak is None:
            break
        inside = scan.cases(name, peak, peak.named)
        cluster = cluster_of(peak, zones, settings, name, n_layers, lambda i: tell(i + since), inside)
        strongest = strongest or cluster
        if cluster.p_value > settings.alpha:
            break
        found.append(cluster)
        # What the strongest zone holds is explained too, though only a smaller place is named.
        changed = scan.take_out(scan.excess(name, peak, peak.named, round_))
        if peak.best != peak.named:
            changed |= scan.take_out(scan.excess(name, peak, peak.best, round_))
        if not changed:  # too few elsewhere to tell what is usual: all of it, or it would be found for ever
            changed = scan.take_out(inside)
        peaks |= {other: scan.peak(other, round_) for other in scan.left if other in changed}
    return ScanResult(tuple(found), strongest)


@dataclass
class _CaseScan:
    """Cases of a study, and ``left``: those of each category that no cluster has explained yet, by name."""

    zones: ZoneSet
    settings: ScanSettings
    windows: Windows
    cell: Ints
    day: Ints
    person: Ints | None
    stratum: Ints
    left: dict[str, Ints]

    def voices(self, name: str) -> Ints:
        """A category's cases, a person's repeats within the longest window left out."""
        rows = self.left[name]
        if self.person is None:
            return rows
        return rows[once_per_window(self.person[rows], self.day[rows], self.settings.longest)]

    def peak(self, name: str, round_: int) -> Peak | None:
        """Strongest zone × window of a category, None where there is nothing to find."""
        rows = self.voices(name)
        if len(rows) < self.settings.min_cases:
            return None
        model = PermutationModel(
            self.cell[rows], self.day[rows], len(self.zones.cells), self.windows.n_days, self.stratum[rows]
        )
        return find_peak(model, self.zones, self.windows, self.settings, self._seed(name, round_))

    def excess(self, name: str, peak: Peak, at: tuple[int, int], round_: int) -> Ints:
        """The cases of a zone × window beyond as many as its place and its days have elsewhere, drawn by lot.

        Taking out all would leave a hole where some are usual, and every other place would seem busy beside it.
        Within a stratum the usual number makes place and time independent: cases of the place at other times × cases
        of the time at other places / the rest.
        """
        inside, voices = self.cases(name, peak, at), self.voices(name)
        start, stop = peak.windows.start[at[1]], peak.windows.stop[at[1]]
        here = np.isin(self.cell[voices], self.zones.inside(at[0]))
        then = (self.day[voices] >= start) & (self.day[voices] < stop)
        n = int(self.stratum.max()) + 1
        place = np.bincount(self.stratum[voices[here & ~then]], minlength=n)
        time = np.bincount(self.stratum[voices[~here & then]], minlength=n)
        rest = np.bincount(self.stratum[voices[~here & ~then]], minlength=n)
        mine = np.bincount(self.stratum[voices[here & then]], minlength=n)
        usual = np.minimum(place * time / np.maximum(rest, 1), mine).sum()
        random = np.random.default_rng((*self._seed(name, round_), 1))
        return np.setdiff1d(inside, random.permutation(voices[here & then])[: round(float(usual))])

    def _seed(self, name: str, round_: int) -> tuple[int, ...]:
        return self.settings.random_state, list(self.left).index(name), round_

    def cases(self, name: str, peak: Peak, at: tuple[int, int]) -> Ints:
        """Positions of a category's cases in a zone × window, repeats of a person included."""
        rows = self.left[name]
        start, stop = peak.windows.start[at[1]], peak.windows.stop[at[1]]
        within = np.isin(self.cell[rows], self.zones.inside(at[0]))
        return rows[within & (self.day[rows] >= start) & (self.day[rows] < stop)]

    def take_out(self, cases: Ints) -> set[str]:
        """Names of the categories that lose some of ``cases``."""
        changed = set()
        for name, rows in self.left.items():
            stay = ~np.isin(rows, cases)
            if not stay.all():
                self.left[name] = rows[stay]
                changed.add(name)
        return changed


def scan_counts(
    counts: ArrayLike,
    baseline: ArrayLike,
    zones: ZoneSet,
    settings: ScanSettings | None = None,
    *,
    conditional: bool = True,
    first: Day = 0,
) -> ScanResult:
    """Scan counts per cell and day against people or expected counts.

    ``counts``, ``baseline``: (n_cells, n_days), cells as in ``zones``; ``conditional``: only the baseline's proportions
    matter (people; Kulldorff 1997), else it is the expected count itself (Neill et al. 2005); ``first``: the day of
    column 0. ValueError, in Chinese, on wrong shapes, negative numbers, or cases where the baseline is zero.
    """
    settings = settings or ScanSettings()
    table, base = np.array(counts, dtype=np.float64), np.array(baseline, dtype=np.float64)
    if table.ndim != 2 or table.shape != base.shape or table.shape[0] != len(zones.cells):
        raise ValueError(
            f"计数 {table.shape} 与基线 {base.shape} 应同为“地点 × 天”，地点共 {len(zones.cells)} 个"
        )
    if not (
        np.isfinite(table).all() and np.isfinite(base).all() and (table >= 0).all() and (base >= 0).all()
    ):
        raise ValueError("计数与基线都应是不小于零的数：请检查空格和负数")
    if (table != np.round(table)).any():
        raise ValueError("计数应是整数")
    bare = np.argwhere((table > 0) & (base == 0))
    if len(bare):
        code = zones.cells[int(bare[0, 0])]
        raise ValueError(
            f"“{code}”第 {int(bare[0, 1]) + 1} 天有案件而人口（基线）为零：请补上人口，或改正案件的地点"
        )
    left = table.astype(np.int64)
    n_days = left.shape[1]
    windows = Windows(n_days, settings.longest, settings.shortest, settings.prospective)
    if not left.any() or not len(windows):
        return ScanResult((), None, "没有案件，或没有可扫描的时段。")
    since = _as_int(first)
    tell: Callable[[int], Day] = (
        (lambda i: date.fromordinal(since + i)) if isinstance(first, date) else (lambda i: since + i)
    )
    found: list[Cluster] = []
    strongest: Cluster | None = None
    for round_ in range(settings.max_clusters):
        model = PoissonModel(left, base, conditional)
        peak = find_peak(model, zones, windows, settings, (settings.random_state, 0, round_))
        if peak is None:
            break
        cluster = cluster_of(peak, zones, settings, "", 1, tell, np.zeros(0, dtype=np.int64))
        strongest = strongest or cluster
        if cluster.p_value > settings.alpha:
            break
        found.append(cluster)
        for zone, window in (peak.best, peak.named):
            span = slice(int(windows.start[window]), int(windows.stop[window]))
            left[zones.inside(zone), span] = 0
            base[zones.inside(zone), span] = 0.0
    return ScanResult(tuple(found), strongest)


def once_per_window(person: Ints, days: Ints, longest: int) -> NDArray[np.bool_]:
    """Which cases to keep so that a person counts once in any window of up to ``longest`` days; shape (n,).

    ``person``: a number for each person, −1 = not known, always kept. From a person's latest case backwards, what lies
    less than ``longest`` days before a kept one is left out. So a window that ends now counts everybody who spoke in
    it exactly once, and the past is thinned by the same rule.
    """
    keep = np.ones(len(person), dtype=bool)
    order = np.lexsort((-np.arange(len(person)), -days, person))
    one = person[order]
    again = np.append(False, one[1:] == one[:-1]) & (one >= 0)
    last_kept = 0
    # Most people speak once: only those who come again are gone through one by one.
    for at in np.flatnonzero(again | np.append(again[1:], False)).tolist():
        row = order[at]
        if again[at] and last_kept - days[row] < longest:
            keep[row] = False
        else:
            last_kept = int(days[row])
    return keep


def _numbered(people: Sequence[str]) -> Ints:
    """A number for each person; −1 for the empty name."""
    number: dict[str, int] = {}
    return np.array([number.setdefault(one, len(number)) if one else -1 for one in people], dtype=np.int64)


def _surest(peaks: dict[str, Peak | None]) -> tuple[str, Peak | None]:
    """Category with the smallest p; ties go to the greater ratio, then to the longer path."""
    alive = [(peak.chance.p_value, -peak.llr, -len(name), name) for name, peak in peaks.items() if peak]
    name = min(alive)[3] if alive else ""
    return name, peaks.get(name)


def _layers(kind: NDArray | None, rows: Ints) -> dict[str, Ints]:
    """Cases of all together ("") and of every level of the categories; a level that holds all or what its only child
    holds is not asked twice."""
    layers: dict[str, Ints] = {"": rows}
    if kind is None:
        return layers
    paths, path = np.unique(kind[rows], return_inverse=True)
    below: dict[str, list[int]] = {}
    for number, whole in enumerate(paths.tolist()):
        parts = [part for part in whole.split("/") if part]
        for depth in range(len(parts)):
            below.setdefault("/".join(parts[: depth + 1]), []).append(number)
    seen = {rows.tobytes()}
    # The longest path first: of two names for the same cases the more telling one stays.
    for name in sorted(below, key=lambda one: (-one.count("/"), one)):
        mine = rows[np.isin(path, below[name])]
        if mine.tobytes() not in seen:
            seen.add(mine.tobytes())
            layers[name] = mine
    return layers


def _strata(kind: NDArray | None, weekday: Ints | None, n: int) -> Ints:
    whole = np.zeros(n, dtype=np.int64) if kind is None else np.unique(kind, return_inverse=True)[1]
    return whole if weekday is None else whole * 7 + weekday


def _nothing_to_compare(n: int, seen: Ints, n_days: int, settings: ScanSettings) -> str:
    if n == 0:
        return "没有案件，无从扫描。"
    if n < settings.min_cases:
        return f"只有 {n} 件，不到 {settings.min_cases} 件，看不出聚集。"
    if len(seen) < 2:
        return "案件全在同一天，没有别的日子可比：请把更早的案件一并给出。"
    if n_days // 2 < settings.shortest:
        return f"历史不足：只有 {n_days} 天，至少要有 {2 * settings.shortest} 天才能比较。"
    return ""


def _whole_days(days: ArrayLike) -> tuple[Ints, Callable[[int], Day]]:
    given = np.asarray(days)
    if given.dtype.kind == "M":
        if np.isnat(given).any():
            raise ValueError(
                f"第 {int(np.flatnonzero(np.isnat(given))[0]) + 1} 件没有日期：请补上，或去掉这一件"
            )
        epoch = date(1970, 1, 1).toordinal()
        return given.astype("datetime64[D]").astype(np.int64) + epoch, date.fromordinal
    if given.size and given.dtype.kind not in "iu":
        raise ValueError("days 应是整数（第几天）或日期 datetime64[D]")
    return given.astype(np.int64), int


def _as_int(day: Day) -> int:
    return day.toordinal() if isinstance(day, date) else int(day)
