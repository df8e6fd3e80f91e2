"""监测 Surveillance: many count series at once, each against what its own past leads one to expect.

For every period the counts before it (never after) give its expected count (`analytics.surveillance_fit`), and the
prediction is negative binomial, wide enough for both chance and the uncertainty of the fit. An outbreak seldom keeps to
one period, so a period is judged together with the one before it (two before, on days), and, with a fifth of the
chance of a false alarm, alone: what comes over two weeks is seen where neither week would be, and a single great week
is seen all the same. The two are correlated (1/√2, 1/√3), which the bivariate normal law allows for.

Small counts leave a p-value a range, P(X > x) … P(X ≥ x). Where in it is settled by the eight periods before: by their
own p-value, which is uniform and independent of what is judged when nothing happens. So p-values are uniform under
the null however small the counts, without dice (a randomised test whose dice are the past), and after a busy month a
small count weighs a little more.

With little history a gamma prior (``PRIOR_SIZE`` periods' worth of the median series) takes the place of what is not
known, so nothing is ever divided by a zero baseline.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import multivariate_normal, nbinom, norm

from analytics.surveillance_fit import SPAN, TAIL, Baseline, Floats, Period, predict, usual_mean

HISTORY = {"week": 260, "day": 182}  # periods looked back at most
ENOUGH = {"week": 12, "day": 28}  # periods below which the history is called short
_ALONE = 0.2  # share of the chance of a false alarm for a period looked at alone
# share of the expected count up to which a period is quiet, whatever came just before it
_QUIET = {"week": 0.25, "day": 1.0}
_CHUNK = 2_000_000  # cells of (series × history) fitted at once


@dataclass(frozen=True)
class Surveillance:
    """Results, each of shape (n_series, n_periods). ``upper``: largest count that is no alarm, after what the periods
    just before it were; ``score``: how far beyond chance on a normal scale, as a share of the alarm level (1 at the
    threshold); ``q_value``: Benjamini–Hochberg over all series of a period; ``alarm``: ``p_value < alpha``, and not
    a quiet period after a great one; ``enough_history``: False where the stated prior had to help; ``size``: of the negative binomial of
    the period alone.
    """

    expected: Floats
    upper: Floats
    score: Floats
    p_value: Floats
    q_value: Floats
    alarm: NDArray[np.bool_]
    enough_history: NDArray[np.bool_]
    size: Floats


def surveil(
    counts: NDArray,
    period: Period = "week",
    alpha: float = 0.01,
    start: int = 0,
    days_off: NDArray[np.bool_] | None = None,
) -> Surveillance:
    """Watch ``counts`` (n_series, n_periods), NaN where a series has not begun or has ended.

    ``alpha``: chance of a false alarm per series and period; ``start``: first period judged (earlier columns are NaN
    in the result and only serve as history). Column 0 of days may be any weekday: only the rhythm of seven counts.
    ``days_off``: for days, (n_periods,): whether people are off work; a day that is not what its weekday mostly is
    (a holiday, a make-up workday) is expected to differ. Raises ValueError on negative counts, a wrong shape or an
    ``alpha`` outside (0, 0.5].
    """
    counts = np.asarray(counts, dtype=np.float64)
    if counts.ndim != 2:
        raise ValueError("计数应是二维：序列 × 时段")
    if not 0.0 < alpha <= 0.5:
        raise ValueError("alpha 应在 0 与 0.5 之间")
    if np.nanmin(counts, initial=0.0) < 0:
        raise ValueError("计数不能为负")
    if days_off is not None and (period != "day" or len(days_off) != counts.shape[1]):
        raise ValueError("days_off 只用于按天监测，长度应等于天数")
    n_series, n_periods = counts.shape
    kinds = _kinds_of_day(days_off) if days_off is not None else None
    expected, size, p, upper = (np.full((n_series, n_periods), np.nan) for _ in range(4))
    enough = np.zeros((n_series, n_periods), dtype=bool)
    for now in range(start, n_periods):
        since = max(0, now - HISTORY[period])
        step = max(1, _CHUNK // max(now - since, 1))
        # The very first period has nothing before it: what the series show then is taken as usual.
        usual = usual_mean(counts[:, since : max(now, 1)])
        days = kinds[since : now + 1] if kinds is not None else None
        for at in range(0, n_series, step):
            rows = slice(at, at + step)
            base = predict(counts[rows, since:now], period, usual, days)
            expected[rows, now], size[rows, now] = base.mean, _size(base.mean, base)
            enough[rows, now] = base.known >= ENOUGH[period]
            recent = counts[rows, max(0, now - SPAN[period] + 1 - TAIL) : now + 1]
            p[rows, now], upper[rows, now] = _judge(recent, base, period, alpha)
    missing = np.isnan(counts)
    for told in (expected, size, p, upper):
        told[missing] = np.nan
    return Surveillance(
        expected=expected,
        upper=upper,
        score=-norm.ppf(np.clip(p, 1e-300, 1 - 1e-16)) / -norm.ppf(alpha),
        p_value=p,
        q_value=np.apply_along_axis(benjamini_hochberg, 0, p) if n_series else p,
        alarm=(p < alpha) & (counts > _QUIET[period] * expected),
        enough_history=enough & ~missing,
        size=size,
    )


def _kinds_of_day(days_off: NDArray[np.bool_]) -> Floats:
    """Columns: off on a weekday that mostly is worked; worked on one that mostly is off. Shape (n_periods, 2)."""
    off = np.asarray(days_off, dtype=bool)
    weekday = np.arange(len(off)) % 7
    mostly = np.array(
        [off[weekday == day].mean() > 0.5 if (weekday == day).any() else False for day in range(7)]
    )
    usually = mostly[weekday]
    return np.stack([off & ~usually, ~off & usually], axis=1).astype(np.float64)


def _size(mean: Floats, base: Baseline) -> Floats:
    """Size of the negative binomial of a count of ``mean``: chance, and the doubt about the mean."""
    excess = (base.dispersion - 1.0) / np.maximum(mean, 1e-9) + base.doubt
    return np.asarray(1.0 / np.maximum(excess, 1e-6), dtype=np.float64)


def _judge(recent: Floats, base: Baseline, period: Period, alpha: float) -> tuple[Floats, Floats]:
    """p-values of the last column of ``recent``, whose other columns are the periods before it, and its largest count
    that is no alarm; (n_series,) each."""
    counted = np.nan_to_num(recent)
    known = ~np.isnan(recent[:, :-1])
    means = np.where(known, base.before[:, base.before.shape[1] - known.shape[1] :], 0.0)
    n = known.shape[1]
    together = min(SPAN[period] - 1, n)
    tail, tail_mean = counted[:, : n - together].sum(axis=1), means[:, : n - together].sum(axis=1)
    some = tail_mean > 0
    dice = np.full(len(recent), 0.5)
    dice[some] = mid_p(tail[some], tail_mean[some], _size(tail_mean, base)[some])
    lately = counted[:, n - together : n].sum(axis=1)
    mean = base.mean + means[:, n - together :].sum(axis=1)
    size = _size(mean, base)
    of_both = _settled(lately + counted[:, -1], mean, size, dice)
    alone_size = _size(base.mean, base)
    if not together:
        return of_both, threshold(base.mean, alone_size, alpha)
    alone = _settled(counted[:, -1], base.mean, alone_size, dice)
    shared, single = _levels(alpha, together + 1)
    upper = np.minimum(threshold(mean, size, shared) - lately, threshold(base.mean, alone_size, single))
    return _of_either(of_both, alone, together + 1), np.maximum(upper, np.floor(base.mean))


def _settled(counts: Floats, mean: Floats, size: Floats, dice: Floats) -> Floats:
    """``P(X > x) + u P(X = x)``."""
    success = size / (size + mean)
    out: Floats = nbinom.sf(counts, size, success) + dice * nbinom.pmf(counts, size, success)
    return out


@lru_cache
def _either(span: int) -> tuple[Floats, Floats]:
    """Logarithms, ascending: of the weighted smaller p-value m, and of the chance that it is as small as m."""
    m = np.exp(np.linspace(-40.0, np.log(0.999 / (1.0 - _ALONE)), 400))
    together, alone = -norm.ppf((1.0 - _ALONE) * m), -norm.ppf(np.minimum(_ALONE * m, 1.0))
    law = multivariate_normal([0.0, 0.0], [[1.0, span**-0.5], [span**-0.5, 1.0]])
    both = law.cdf(-np.stack([together, alone], axis=1))
    chance = np.minimum(np.maximum(m - both, (1.0 - _ALONE) * m), 1.0)
    return np.log(m), np.log(chance)


def _of_either(together: Floats, alone: Floats, span: int) -> Floats:
    """The p-value of the weighted smaller of two."""
    m, chance = _either(span)
    least = np.log(np.maximum(np.minimum(together / (1.0 - _ALONE), alone / _ALONE), 1e-300))
    told: Floats = np.exp(np.where(least < m[0], least, np.interp(least, m, chance)))
    return told


def _levels(alpha: float, span: int) -> tuple[float, float]:
    """The levels of the two p-values at which the weighted smaller one is an alarm."""
    m, chance = _either(span)
    at = float(np.exp(np.interp(np.log(alpha), chance, m)))
    return (1.0 - _ALONE) * at, _ALONE * at


def mid_p(counts: Floats, mean: Floats, size: Floats) -> Floats:
    """``P(X > x) + ½ P(X = x)`` for negative binomial X, shape like ``counts``; NaN stays NaN."""
    success = size / (size + mean)
    out: Floats = nbinom.sf(counts, size, success) + 0.5 * nbinom.pmf(counts, size, success)
    return out


def randomised_p(counts: Floats, mean: Floats, size: Floats, random_state: int = 0) -> Floats:
    """``P(X > x) + U·P(X = x)``, U uniform: exactly uniform under the null (for calibration plots)."""
    success = size / (size + mean)
    u = np.random.default_rng(random_state).random(np.shape(counts))
    out: Floats = nbinom.sf(counts, size, success) + u * nbinom.pmf(counts, size, success)
    return out


def threshold(mean: Floats, size: Floats, alpha: float) -> Floats:
    """Largest count that is not an alarm at ``alpha`` (mid-p), shape like ``mean``; NaN stays NaN."""
    known = ~np.isnan(mean)
    out = np.full(np.shape(mean), np.nan)
    m, s = mean[known], size[known]
    upper = nbinom.isf(alpha, s, s / (s + m))
    for _ in range(2):
        upper = np.where((mid_p(upper, m, s) < alpha) & (upper > m), upper - 1.0, upper)
    out[known] = np.maximum(upper, np.floor(m))
    return out


def benjamini_hochberg(p: Floats) -> Floats:
    """q-values of p-values (n,), NaN left out and kept (Benjamini & Hochberg 1995)."""
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    ranked = p[order] * len(order) / np.arange(1, len(order) + 1)
    out[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return out
