"""扫描 Scanning: every topic × place at once, each window against the pair's own baseline.

What is watched is a *pair* of a place (any level, or everywhere) and a topic (a category level, a word, or anything).
For a pair seen B times in the baseline the rate has a gamma posterior whose prior mean is "this place's share × this
topic's share" and whose weight is fitted to the whole stream by moments, so the predictive count of a window is
negative binomial (empirical Bayes: DuMouchel 1999; Robbins 1956), widened by the stream's own week-to-week
dispersion. Windows of 1, 3 and 7 days are a scan in time (Kulldorff 2001, prospective); their p-values are corrected
for the number of windows, then for every pair watched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from analytics.dispersion import dispersion
from analytics.pairs import ANY, DEPTHS, KIN, N_FAMILIES, Floats, Ints, PairCounts

WEEKS_OF_SERIES = 8
_SAMPLE = 4000  # pairs on which the attainable levels of a family are computed
_VOLUME_PRIOR = 25.0  # complaints' worth of belief that the city is as busy as its baseline
_KINDS = N_FAMILIES * DEPTHS
_SHARE_OF_ANY = 0.1  # of the budget for false alerts
_COMMON = 8  # complaints in the baseline from which a pair shows how much its weeks differ
_COMMON_SAMPLE = 2000  # of each group
_UNKNOWN_SPREAD = 0.2
_JEFFREYS = 0.5  # complaints' worth of prior where nothing can be multiplied
_LEAST_VOLUME = (
    0.5  # a matter gone quiet elsewhere makes a place's complaints no more than twice as surprising
)
_DAYS_TO_TRUST = 28  # a shorter history is called short


@dataclass(frozen=True)
class Detection:
    """Pairs that reached the minimum size, one row each.

    ``key`` = place × n_topics + topic; ``window``: days of the window that explains best; ``p_value``: corrected for
    windows; ``q_value``: for all pairs watched; ``significant``: within the false-alarm budget; ``gain``: log
    likelihood ratio; ``low``, ``high``: 95 % predictive interval of the expected count.
    """

    key: Ints
    window: Ints
    observed: Ints
    expected: Floats
    low: Ints
    high: Ints
    gain: Floats
    p_value: Floats
    q_value: Floats
    significant: NDArray[np.bool_]


class PairScan:
    """The statistics of one moment: baselines, prior weights, thresholds; ``detect(offset)`` looks back in time.

    ``windows``: days, ascending; ``baseline_days``: length of the baseline before the longest window; ``min_size``:
    fewest voices; ``budget``: false alerts a week that one scan a day may raise; ``random_state`` draws the sample of
    pairs on which the threshold is computed when there are many.
    """

    def __init__(
        self,
        counts: PairCounts,
        *,
        windows: Sequence[int],
        baseline_days: int,
        min_size: int,
        budget: float,
        random_state: int = 0,
    ) -> None:
        self.counts = counts
        self.windows = tuple(windows)
        self.baseline_days = baseline_days
        self.min_size = min_size
        self.budget = budget
        self._fits: dict[int, tuple[Floats, Floats]] = {}
        n_topics = counts.stream.n_topics
        pairs, seen = counts.between(0, max(windows) + baseline_days)
        pairs = pairs[seen >= 2]
        stream = counts.stream
        self.family = stream.topic_family
        depth = np.minimum(stream.topic_depth, DEPTHS - 1) if len(stream.topic_depth) else 0
        self._kind: Ints = self.family * DEPTHS + depth
        self._groups = (int(stream.place_level.max(initial=0)) + 1) * _KINDS
        self.watched = np.bincount(self.family[pairs % n_topics], minlength=N_FAMILIES)
        self.watched[KIN] = len(
            counts.stream.kin_usual
        )  # every newest complaint is a centre that might have burst
        # "Anything at all, here" is the rarest story: it gets a tenth; the other families share alike.
        others = max(int((self.watched > 0).sum()) - int(self.watched[ANY] > 0), 1)
        self._share = np.where(np.arange(N_FAMILIES) == ANY, _SHARE_OF_ANY, (1.0 - _SHARE_OF_ANY) / others)
        self._chance = [self._tails(pairs, family, random_state) for family in range(N_FAMILIES)]

    def _tails(self, pairs: Ints, family: int, random_state: int) -> tuple[Floats, Floats]:
        """Chances that a pair of a family reaches p ≤ each attainable level, ascending levels and expected alerts.

        Small counts cannot reach every level: four complaints may be the first count that is looked at at all and
        already far rarer than needed. Counting what is attainable (Gilbert 2005; Heyse 2011) keeps the promised
        number of false alerts instead of a small fraction of it.
        """
        random = np.random.default_rng(random_state)
        if family == KIN:
            usual = self.counts.stream.kin_usual
            if not len(usual):
                return np.zeros(1), np.zeros(1)
            usual = usual if len(usual) <= _SAMPLE else random.choice(usual, _SAMPLE, replace=False)
            # A centre is asked about on the day it comes in, not on every day of the window.
            scale = self.watched[KIN] / len(usual) / max(self.windows)
            expectation = self._of_kin(usual)
        else:
            mine = pairs[self.family[pairs % self.counts.stream.n_topics] == family]
            if not len(mine):
                return np.zeros(1), np.zeros(1)
            if len(mine) > _SAMPLE:
                mine = np.sort(random.choice(mine, _SAMPLE, replace=False))
            scale = self.watched[family] / len(mine)
            expectation = self._expect(mine, self.counts.daily(mine), 0, 0)
        # The centre of a circle is there by being asked about: it is the others that surprise.
        least = self.min_size - (family == KIN)
        most = np.arange(least, least + 60)
        levels, steps = [], []
        for window in self.windows:
            mean, size = expectation.mean[window][:, None], expectation.size[:, None]
            tails = nbinom.sf(most[None, :] - 1, size, size / (size + mean))
            chance = np.append(tails[:, :-1] - tails[:, 1:], tails[:, -1:], axis=1)
            # How often a day the count comes to be `most` when it is looked at all the time: a complaint comes in
            # while the window holds one less (Palm; Aldous 1989). Not P(≥ most), which counts one crossing on every
            # day it lasts and misses those between two looks.
            crossings = most[None, :] / window * chance
            levels.append((tails * len(self.windows)).ravel())
            # The step at a level: how many more crossings there are when the level becomes allowed.
            steps.append((crossings - np.append(crossings[:, 1:], np.zeros((len(tails), 1)), axis=1)).ravel())
        level, step = np.concatenate(levels), np.concatenate(steps)
        order = np.argsort(level, kind="stable")
        return level[order], np.cumsum(step[order]) * scale

    def _of_kin(self, usual: Ints) -> _Expectation:
        """What circles are expected to hold beside their centre, from what they held before."""
        length = max(self._baseline_length(0), 7.0)
        shape = usual + _JEFFREYS
        mean = {window: np.maximum(shape / length * window, 1e-9) for window in self.windows}
        size = np.asarray(1.0 / (1.0 / shape + self._fit(0)[1].max()), dtype=np.float64)
        return _Expectation(mean, size)

    def expected_alerts(self, keys: Ints, p: Floats) -> Floats:
        """False alerts expected in one scan when everything as surprising as ``p`` is raised, of its family and, by its share of the budget, of the others."""
        out = np.ones(len(p))
        family = self.family[keys % self.counts.stream.n_topics]
        for one in np.unique(family):
            level, alerts = self._chance[one]
            rows = family == one
            at = np.searchsorted(level, p[rows] * (1 + 1e-9), "right") - 1
            # Below the smallest level of the sample the tail is as good as proportional to p.
            low = p[rows] / max(level[0], 1e-300) * alerts[0]
            out[rows] = np.where(at >= 0, alerts[np.maximum(at, 0)], low) / self._share[one]
        return out

    def short_history(self, offset: int = 0) -> bool:
        """Whether less than four weeks of baseline exist."""
        return self._baseline_length(offset) < min(_DAYS_TO_TRUST, self.baseline_days)

    def _baseline_length(self, offset: int) -> float:
        return float(np.clip(self.counts.history - offset - max(self.windows), 0.0, self.baseline_days))

    def detect(self, offset: int = 0) -> Detection:
        """Pairs of at least ``min_size`` voices in a window that ended ``offset`` days ago."""
        longest = max(self.windows)
        keys, seen = self.counts.between(offset, offset + longest)
        return self.measure(keys[seen >= self.min_size], offset)

    def measure(self, keys: Ints, offset: int = 0, removed: Ints | None = None, gap: int = 0) -> Detection:
        """Statistics of given pairs, whatever their size.

        ``removed``: counts to take off by day, shape (n_keys, days), or None. ``gap``: days between the window and
        its baseline, to compare with the time before something began.
        """
        daily = self.counts.daily(keys)
        if removed is not None:
            daily = daily - removed
        expectation = self._expect(keys, daily, offset, gap)
        centre = (self.family[keys % self.counts.stream.n_topics] == KIN).astype(np.int64)
        best: dict[str, NDArray] = {}
        for window in self.windows:
            observed = daily[:, offset : offset + window].sum(axis=1)
            mean, size = expectation.mean[window], expectation.size
            others = observed - centre
            p = nbinom.sf(others - 1, size, size / (size + mean))
            p = np.where(observed >= self.min_size, p, 1.0)
            ratio = np.maximum(others, 1) / mean
            gain = np.where(others > mean, others * np.log(ratio) - (others - mean), 0.0)
            days = np.full(len(keys), window)
            row = {"window": days, "observed": observed, "expected": mean, "p": p, "gain": gain}
            if not best:
                best = row
                continue
            # The window that surprises most is the one told; ties go to the longer, which holds more of the event.
            better = p <= best["p"]
            best = {name: np.where(better, row[name], best[name]) for name in row}
        p = np.minimum(best["p"] * len(self.windows), 1.0)
        alerts = self.expected_alerts(keys, p)
        success = expectation.size / (expectation.size + best["expected"])
        return Detection(
            key=keys,
            window=best["window"],
            observed=best["observed"],
            expected=best["expected"],
            low=nbinom.ppf(0.025, expectation.size, success).astype(np.int64),
            high=nbinom.ppf(0.975, expectation.size, success).astype(np.int64),
            gain=best["gain"],
            p_value=p,
            q_value=_step_up(alerts, p),
            significant=(alerts <= self.budget / 7.0) & (p <= 0.001),
        )

    def _expect(self, keys: Ints, daily: Ints, offset: int, gap: int) -> _Expectation:
        """Predictive distribution of every window of the pairs."""
        counts, longest = self.counts, max(self.windows)
        first = offset + longest + gap
        length = self._baseline_length(offset + gap)
        base = _winsorised(_by_week(daily[:, first : first + self.baseline_days]), max(length / 7.0, 1.0))
        shape, rate = self._posterior(keys, base, offset=offset, gap=gap, length=length)
        city = counts.per_day
        n_base = city[first : first + self.baseline_days].sum()
        mean = {}
        for window in self.windows:
            observed = daily[:, offset : offset + window].sum(axis=1)
            others = np.maximum(city[offset : offset + window].sum() - observed, 0)
            part = window / max(length, float(window))
            usual = np.maximum(n_base - base, 0.0) * part if length >= 7 else others
            volume = (others + _VOLUME_PRIOR) / (usual + _VOLUME_PRIOR)
            if length >= 7:
                volume = self._topic_volume(
                    keys, observed, base, volume, part=part, offset=offset, window=window
                )
            mean[window] = np.maximum(rate * part * volume, 1e-9)
        spread = self._fit(offset)[1][self._group(keys)]
        return _Expectation(mean, 1.0 / (1.0 / shape + spread))

    def _topic_volume(
        self,
        keys: Ints,
        observed: Ints,
        base: Floats,
        volume: Floats,
        *,
        part: float,
        offset: int,
        window: int,
    ) -> Floats:
        """How busy a pair's topic is elsewhere, against what the city's volume leads one to expect.

        When a matter is up all over the city, that is one hotspot, not one in every community.
        """
        counts, topics = self.counts, keys % self.counts.stream.n_topics
        first = offset + max(self.windows)
        elsewhere = np.maximum(counts.total(topics, offset, offset + window) - observed, 0)
        before = counts.total(topics, first, first + self.baseline_days)
        usual = np.maximum(before - base, 0.0) * part * volume
        told = volume * (elsewhere + _VOLUME_PRIOR) / (usual + _VOLUME_PRIOR)
        everywhere = (keys < counts.stream.n_topics) | (topics == 0)
        return np.where(everywhere, volume, np.maximum(told, volume * _LEAST_VOLUME))

    def _group(self, keys: Ints) -> Ints:
        """Place level × topic family × depth of category of pairs, as one number: what is alike in its habits."""
        stream = self.counts.stream
        places, topics = keys // stream.n_topics, keys % stream.n_topics
        group: Ints = stream.place_level[places] * _KINDS + self._kind[topics]
        return group

    def _fit(self, offset: int) -> tuple[Floats, Floats]:
        if offset not in self._fits:
            self._fits[offset] = self._prior_weights(offset), self._spread(offset)
        return self._fits[offset]

    def _posterior(
        self, keys: Ints, base: Floats, *, offset: int, gap: int, length: float
    ) -> tuple[Floats, Floats]:
        """Gamma posterior of the pairs' count over the baseline: shape and mean, shape (n_keys,) each."""
        counts, n_topics = self.counts, self.counts.stream.n_topics
        places, topics = keys // n_topics, keys % n_topics
        first = offset + max(self.windows) + gap
        # With less than a week behind it, the window itself (without the pair) tells the shares.
        start = first if length >= 7 else offset
        of_place = counts.total(places * n_topics, start, first + self.baseline_days)
        of_topic = counts.total(topics, start, first + self.baseline_days)
        total = counts.per_day[start : first + self.baseline_days].sum()
        own = 0 if length >= 7 else counts.total(keys, start, first)
        independent = (of_place - own + 0.5) * (of_topic - own + 0.5) / (total - own + 1.0)
        weight = self._fit(offset)[0][self._group(keys)]
        # Everywhere, or anything: nothing to multiply, so Jeffreys' prior, half a complaint more than was seen.
        alone = (places == 0) | (topics == 0)
        shape = np.where(alone, _JEFFREYS, weight) + base
        return shape, shape / np.where(alone, 1.0, weight / np.maximum(independent, 0.01) + 1.0)

    def _prior_weights(self, offset: int) -> Floats:
        """How far to trust "place × topic", by place level × topic family: E[B(B−1)] = (1 + 1/a) Σ m²."""
        counts, stream, n_topics = self.counts, self.counts.stream, self.counts.stream.n_topics
        first = offset + max(self.windows)
        pairs, seen = counts.between(first, first + self.baseline_days)
        place, topic = pairs // n_topics, pairs % n_topics
        total = max(float(seen[pairs == 0].sum()), 1.0)
        level, kind = stream.place_level[place], self._kind[topic]
        clumped = np.bincount(level * _KINDS + kind, seen * (seen - 1.0), minlength=self._groups)
        squares = seen.astype(float) ** 2
        of_place = np.bincount(level[topic == 0], squares[topic == 0], minlength=self._groups // _KINDS)
        of_topic = np.bincount(kind[place == 0], squares[place == 0], minlength=_KINDS)
        chance = (of_place[:, None] * of_topic[None, :] / total**2).ravel()
        excess = np.divide(clumped, chance, out=np.full(self._groups, 11.0), where=chance > 1.0) - 1.0
        weights: Floats = np.clip(1.0 / np.maximum(excess, 1e-6), 0.05, 5.0)
        return weights

    def _spread(self, offset: int) -> Floats:
        """Dispersion by group, from pairs that are common enough to show it.

        A city's total swings less than one sub-issue in one community.
        """
        counts = self.counts
        first = offset + max(self.windows)
        groups = self._groups
        pairs, seen = counts.between(first, first + self.baseline_days)
        common = pairs[
            (seen >= _COMMON) & (pairs != 0) & (self.family[pairs % counts.stream.n_topics] != KIN)
        ]
        if len(common) < 5 or self._baseline_length(offset) < max(self.baseline_days - 7, 28):
            return np.full(groups, _UNKNOWN_SPREAD)
        common = self._some_of_each_group(common)
        daily = counts.daily(common)[:, first : first + self.baseline_days]
        city = counts.per_day[first : first + self.baseline_days]
        group = self._group(common)
        # A lull or a rush does not keep to our days and weeks; cut in two it looks smaller than it is.
        told = [dispersion(daily, city, group, groups, min(window, 7)) for window in self.windows]
        return np.asarray(np.max(told, axis=0), dtype=np.float64)

    def _some_of_each_group(self, keys: Ints) -> Ints:
        group = self._group(keys)
        order = np.argsort(group, kind="stable")
        many = np.bincount(group)
        rank = np.arange(len(keys)) - np.repeat(np.cumsum(many) - many, many)
        step = np.repeat(many // _COMMON_SAMPLE + 1, many)
        return np.sort(keys[order[rank % step == 0]])


@dataclass(frozen=True)
class _Expectation:
    """Negative binomials of the pairs: ``mean`` (n_keys,) by window, ``size`` (n_keys,)."""

    mean: dict[int, Floats]
    size: Floats


def _step_up(alerts: Floats, p: Floats) -> Floats:
    """Benjamini–Hochberg over everything watched: expected false alerts at p over alerts raised at p."""
    order = np.argsort(alerts, kind="stable")
    ranked = alerts[order] / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return np.maximum(q, p)


def _by_week(daily: Ints) -> Ints:
    weeks = daily.shape[1] // 7
    return daily[:, : weeks * 7].reshape(len(daily), weeks, 7).sum(axis=2)


def _winsorised(weekly: Ints, weeks: float) -> Floats:
    """Baseline totals with past outbreaks cut down to what the other weeks make plausible."""
    total = weekly.sum(axis=1, keepdims=True).astype(float)
    others = (total - weekly) / max(weeks - 1.0, 1.0)
    out: Floats = np.minimum(weekly, others + 3.0 * np.sqrt(others + 1.0)).sum(axis=1)
    return out
