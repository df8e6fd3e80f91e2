"""监测 Surveillance: many count series at once, each against what its own past leads one to expect.

For every period the counts before it (never after) give a penalised quasi-Poisson regression per series: level,
slow trend, day of the week (days) or yearly wave (weeks with two years behind them); past outbreaks are weighted
down by their Anscombe residuals (Farrington et al. 1996; Noufaily et al. 2013), overdispersion is estimated per
series and drawn towards the common one (empirical Bayes), and the prediction is negative binomial, wide enough for
both chance and the uncertainty of the fit. With little history a gamma prior (``PRIOR_SIZE`` periods' worth of the
median series) takes the place of what is not known, so nothing is ever divided by a zero baseline.

P-values are mid-p, ``P(X > x) + ½ P(X = x)``: for counts this small the ordinary tail is far too cautious (a mean of
0.3 has P(X ≥ 1) = 0.26 and nothing between), while mid-p is uniform on average under the null (Lancaster 1961);
``randomised_p`` gives the exactly uniform p-value for checking calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

Period = Literal["week", "day"]
Floats = NDArray[np.float64]

HISTORY = {"week": 156, "day": 182}  # periods looked back at most
ENOUGH = {"week": 12, "day": 28}  # periods below which the history is called short
PRIOR_SIZE = 2.0
_SKIP = {"week": 2, "day": 3}  # the last periods may belong to what is just beginning
_OUTBREAK = 2.58  # Anscombe residuals beyond this are weighted down by their square
_TREND_SPREAD = 0.5  # prior standard deviation of the log change over the whole history
_SEASON_SPREAD = 0.7
_CHUNK = 2_000_000  # cells of (series × history) fitted at once


@dataclass(frozen=True)
class Surveillance:
    """Results, each of shape (n_series, n_periods). ``score``: excess over expected as a share of the threshold's
    excess (1 at the threshold); ``q_value``: Benjamini–Hochberg over all series of a period; ``alarm``:
    ``p_value < alpha`` and more than expected; ``enough_history``: False where the stated prior had to help.
    """

    expected: Floats
    upper: Floats
    score: Floats
    p_value: Floats
    q_value: Floats
    alarm: NDArray[np.bool_]
    enough_history: NDArray[np.bool_]
    size: Floats


def surveil(counts: NDArray, period: Period = "week", alpha: float = 0.01, start: int = 0) -> Surveillance:
    """Watch ``counts`` (n_series, n_periods), NaN where a series has not begun or has ended.

    ``alpha``: chance of a false alarm per series and period; ``start``: first period judged (earlier columns are NaN
    in the result and only serve as history). Column 0 of days may be any weekday: only the rhythm of seven counts.
    Raises ValueError on negative counts, a wrong shape or an ``alpha`` outside (0, 0.5].
    """
    counts = np.asarray(counts, dtype=np.float64)
    if counts.ndim != 2:
        raise ValueError("计数应是二维：序列 × 时段")
    if not 0.0 < alpha <= 0.5:
        raise ValueError("alpha 应在 0 与 0.5 之间")
    if np.nanmin(counts, initial=0.0) < 0:
        raise ValueError("计数不能为负")
    n_series, n_periods = counts.shape
    expected = np.full((n_series, n_periods), np.nan)
    size = np.full((n_series, n_periods), np.nan)
    enough = np.zeros((n_series, n_periods), dtype=bool)
    for now in range(start, n_periods):
        since = max(0, now - HISTORY[period])
        step = max(1, _CHUNK // max(now - since, 1))
        # The very first period has nothing before it: what the series show then is taken as usual.
        prior = _prior_mean(counts[:, since : max(now, 1)])
        for at in range(0, n_series, step):
            rows = slice(at, at + step)
            expected[rows, now], size[rows, now], known = _predict(counts[rows, since:now], period, prior)
            enough[rows, now] = known >= ENOUGH[period]
    missing = np.isnan(counts)
    expected[missing] = np.nan
    p = mid_p(counts, expected, size)
    upper = threshold(expected, size, alpha)
    score = (counts - expected) / np.maximum(upper - expected, 0.5)
    return Surveillance(
        expected=expected,
        upper=upper,
        score=score,
        p_value=p,
        q_value=np.apply_along_axis(benjamini_hochberg, 0, p) if n_series else p,
        alarm=(p < alpha) & (counts > expected),
        enough_history=enough & ~missing,
        size=size,
    )


def _prior_mean(counts: Floats) -> float:
    """Median of the series' means: what a series without a past is taken to be like. Never zero."""
    known = ~np.isnan(counts)
    totals = np.where(known, counts, 0.0).sum(axis=1)
    means = (totals + 0.5) / (known.sum(axis=1) + 1.0)
    return float(np.median(means)) if len(means) else 0.5


def _design(n: int, period: Period) -> tuple[Floats, Floats]:
    """Columns for history and the period to predict (last row), (n + 1, k), and ridge penalties, (k,)."""
    when = np.arange(n + 1) - n
    columns, penalty = [np.ones(n + 1)], [0.0]
    if n >= 8:
        columns.append(when / max(n, 1))
        penalty.append(1.0 / _TREND_SPREAD**2)
    if period == "day" and n >= 14:
        for weekday in range(7):
            columns.append((when % 7 == weekday).astype(float) - 1.0 / 7.0)
            penalty.append(1.0 / _SEASON_SPREAD**2)
    if period == "week" and n >= 104:
        for wave in (1, 2):
            angle = 2.0 * np.pi * wave * when / 52.1775
            columns += [np.sin(angle), np.cos(angle)]
            penalty += [1.0 / _SEASON_SPREAD**2] * 2
    return np.stack(columns, axis=1), np.array(penalty)


def _predict(past: Floats, period: Period, prior: float) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Mean and negative-binomial size of the next period, and the number of periods known, (n_series,) each."""
    n_series, n = past.shape
    known = (~np.isnan(past)).sum(axis=1)
    if n == 0:
        return np.full(n_series, prior), np.full(n_series, PRIOR_SIZE), known
    design, penalty = _design(n, period)
    x, ahead = design[:-1], design[-1]
    y = np.nan_to_num(past)
    weight = (~np.isnan(past)).astype(float)
    if n > 4 * _SKIP[period]:
        weight[:, -_SKIP[period] :] *= 0.5
    beta, fitted, covariance = _fit(x, y, weight, penalty, prior=prior)
    for _ in range(2):
        dispersion = _dispersion(y, fitted, weight, x.shape[1])
        residual = _anscombe(y, fitted, dispersion)
        downweighted = np.where(
            residual > _OUTBREAK, weight * (_OUTBREAK / np.maximum(residual, 1e-9)) ** 2, weight
        )
        beta, fitted, covariance = _fit(x, y, downweighted, penalty, prior=prior, start=beta)
    dispersion = _dispersion(y, fitted, downweighted, x.shape[1])
    uncertainty = np.einsum("k,skl,l->s", ahead, covariance, ahead) * dispersion
    mean = np.exp(np.clip(beta @ ahead, -20.0, 20.0))
    # The log-normal of the fit's uncertainty widens the count's variance; size follows from mean and variance.
    excess = (dispersion - 1.0) / mean + np.minimum(uncertainty, 2.0)
    return mean, 1.0 / np.maximum(excess, 1e-6), known


def _fit(
    x: Floats, y: Floats, weight: Floats, penalty: Floats, *, prior: float, start: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Penalised Poisson regression of every series at once by Newton steps: (s, k), (s, n), (s, k, k).

    The level has a gamma prior worth ``PRIOR_SIZE`` periods at the ``prior`` mean, which for a Poisson level is the
    same as that many extra periods of that count.
    """
    n_series, k = len(y), x.shape[1]
    level = ((weight * y).sum(axis=1) + PRIOR_SIZE * prior) / (weight.sum(axis=1) + PRIOR_SIZE)
    beta = np.zeros((n_series, k)) if start is None else start.copy()
    if start is None:
        beta[:, 0] = np.log(level)
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), k * k)
    for _ in range(6 if start is None else 3):
        fitted = _means(beta, x)
        gradient = (weight * (y - fitted)) @ x - penalty * beta
        constant = np.exp(np.clip(beta[:, 0], -20.0, 20.0))
        gradient[:, 0] += PRIOR_SIZE * (prior - constant)
        hessian = ((weight * fitted) @ products).reshape(n_series, k, k) + np.diag(penalty)
        hessian[:, 0, 0] += PRIOR_SIZE * constant
        step = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        beta = np.asarray(beta + np.clip(step, -2.0, 2.0), dtype=np.float64)
        if np.abs(step).max(initial=0.0) < 1e-5:
            break
    fitted = _means(beta, x)
    hessian = ((weight * fitted) @ products).reshape(n_series, k, k) + np.diag(penalty)
    hessian[:, 0, 0] += PRIOR_SIZE * np.exp(np.clip(beta[:, 0], -20.0, 20.0))
    return beta, fitted, np.asarray(np.linalg.inv(hessian), dtype=np.float64)


def _means(beta: Floats, x: Floats) -> Floats:
    return np.asarray(np.exp(np.clip(beta @ x.T, -20.0, 20.0)), dtype=np.float64)


def _dispersion(y: Floats, fitted: Floats, weight: Floats, k: int) -> Floats:
    """Pearson dispersion per series, at least 1, drawn towards the pooled one by how much each series can tell."""
    chi = (weight * (y - fitted) ** 2 / np.maximum(fitted, 0.05)).sum(axis=1)
    free = np.maximum(weight.sum(axis=1) - min(k, 3), 1.0)
    # Series with hardly any events say little about dispersion: their weight is the events they have.
    telling = np.minimum(free, (weight * fitted).sum(axis=1))
    pooled = float((chi * telling / free).sum() / max(telling.sum(), 1e-9)) if telling.sum() > 0 else 1.0
    own = (chi * telling / free + 20.0 * max(pooled, 1.0)) / (telling + 20.0)
    return np.maximum(own, 1.0)


def _anscombe(y: Floats, fitted: Floats, dispersion: Floats) -> Floats:
    """Standardised Anscombe residuals of Poisson counts, (n_series, n)."""
    root = np.maximum(fitted, 1e-6) ** (1.0 / 6.0)
    out: Floats = 1.5 * (y ** (2.0 / 3.0) - fitted ** (2.0 / 3.0)) / (root * np.sqrt(dispersion)[:, None])
    return out


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
