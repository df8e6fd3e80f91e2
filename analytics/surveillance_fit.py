"""基线 Baseline: what each of many count series was like before a period, and what that leads one to expect of it.

Penalised quasi-Poisson regression of all series at once by Newton steps: level, slow trend, day of the week and days
off (days) or yearly wave (weeks with two years behind them). Past outbreaks are weighted down by their Anscombe
residuals (Farrington et al. 1996; Noufaily et al. 2013); overdispersion is estimated per series and drawn towards the
common one (empirical Bayes). The newest periods are left out of the fit: they may belong to what is just beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Period = Literal["week", "day"]
Floats = NDArray[np.float64]

PRIOR_SIZE = 2.0  # periods' worth of the usual series that a series without a past is given
SPAN = {"week": 2, "day": 3}  # newest periods looked at together, and left out of the fit
TAIL = 8  # periods before those that settle ties between small counts
_PRIOR_EVENTS = 10.0  # a series with so many events behind it needs the prior only half as much
_OUTBREAK = 2.58  # Anscombe residuals beyond this are weighted down by their square
_SURELY, _BEYOND_DOUBT = 2.7, 4.5
_LARGE = 5.0
_DOUBTFUL = 2.0
_SERIES_ALIKE = 8.0  # periods' worth of belief that a series is as dispersed as all together
# prior standard deviation of the log change over the history, and what every year adds to it
_TREND_SPREAD = (0.2, 0.16)
_SEASON_SPREAD = 0.7
_DAY_OFF_SPREAD = 0.5


@dataclass(frozen=True)
class Baseline:
    """What is expected of a period: ``mean`` (n_series,) of it; ``before`` (n_series, SPAN − 1 + TAIL) means of the
    periods before it, oldest first; ``dispersion`` (n_series,), var = dispersion × mean; ``doubt`` (n_series,)
    variance of the log mean by the fit; ``known`` (n_series,) periods of history."""

    mean: Floats
    before: Floats
    dispersion: Floats
    doubt: Floats
    known: NDArray[np.int64]


def usual_mean(counts: Floats) -> float:
    """Median of the series' means: what a series without a past is taken to be like. Never zero."""
    known = ~np.isnan(counts)
    totals = np.where(known, counts, 0.0).sum(axis=1)
    means = (totals + 0.5) / (known.sum(axis=1) + 1.0)
    return float(np.median(means)) if len(means) else 0.5


def _design(n: int, period: Period, days: Floats | None) -> tuple[Floats, Floats]:
    """Columns for history and the period to predict (last row), (n + 1, k), and ridge penalties, (k,)."""
    when = np.arange(n + 1) - n
    columns, penalty = [np.ones(n + 1)], [0.0]
    if n >= 8:
        columns.append(when / max(n, 1))
        years = n / (52.0 if period == "week" else 365.0)
        penalty.append(1.0 / (_TREND_SPREAD[0] + _TREND_SPREAD[1] * years) ** 2)
    if period == "day" and n >= 14:
        for weekday in range(7):
            columns.append((when % 7 == weekday).astype(float) - 1.0 / 7.0)
            penalty.append(1.0 / _SEASON_SPREAD**2)
    if period == "week" and n >= 104:
        for wave in (1, 2):
            angle = 2.0 * np.pi * wave * when / 52.1775
            columns += [np.sin(angle), np.cos(angle)]
            penalty += [1.0 / _SEASON_SPREAD**2] * 2
    if days is not None and n >= 14:
        # A kind of day that never came, or was always so, tells nothing.
        telling = [days[:, kind] for kind in range(days.shape[1]) if 0 < days[:-1, kind].sum() < n]
        columns += telling
        penalty += [1.0 / _DAY_OFF_SPREAD**2] * len(telling)
    return np.stack(columns, axis=1), np.array(penalty)


def predict(past: Floats, period: Period, usual: float, days: Floats | None = None) -> Baseline:
    """What the past of series, shape (n_series, n), leads one to expect of the period after it.

    ``usual``: mean of a series nothing is known of; ``days``: kind of each day of the past and of the one after it,
    shape (n + 1, kinds), or None. NaN where a series had not begun or was not counted.
    """
    n_series, n = past.shape
    known = (~np.isnan(past)).sum(axis=1)
    shown = SPAN[period] - 1 + TAIL
    if n == 0:
        level = np.full(n_series, usual)
        doubt = np.full(n_series, 1.0 / PRIOR_SIZE)
        return Baseline(level, np.full((n_series, shown), usual), np.ones(n_series), doubt, known)
    design, penalty = _design(n, period, days)
    x, ahead = design[:-1], design[-1]
    y = np.nan_to_num(past)
    weight = (~np.isnan(past)).astype(float)
    if n > 4 * SPAN[period]:
        weight[:, -(SPAN[period] - 1) :] = 0.0
    total, periods = (weight * y).sum(axis=1), weight.sum(axis=1)
    # The prior holds a level where little is known; a busy series is only steadied by its own mean.
    level = (total + PRIOR_SIZE * usual) / (periods + PRIOR_SIZE)
    strength = PRIOR_SIZE * _PRIOR_EVENTS / (_PRIOR_EVENTS + total)
    beta, fitted, covariance = _fit(x, y, weight, penalty, level=level, strength=strength)
    used = weight
    for _ in range(2):
        dispersion = _dispersion(y, fitted, used, x.shape[1])
        residual = _anscombe(y, fitted, dispersion)
        used = np.where(residual > _OUTBREAK, weight * (_OUTBREAK / np.maximum(residual, 1e-9)) ** 2, weight)
        beta, fitted, covariance = _fit(x, y, used, penalty, level=level, strength=strength, start=beta)
    # What stands out of counts too large to be skewed was an outbreak, and says nothing of ordinary weeks.
    outbreak = _anscombe(y, fitted, dispersion) > np.where(
        fitted > _LARGE * dispersion[:, None], _SURELY, _BEYOND_DOUBT
    )
    dispersion = _dispersion(y, fitted, np.where(outbreak, 0.0, used), x.shape[1])
    # Few events leave the dispersion itself in doubt, and a doubtful dispersion has a heavier tail.
    events = (used * fitted).sum(axis=1) / dispersion
    dispersion = dispersion * (1.0 + _DOUBTFUL / (events + _DOUBTFUL))
    doubt = np.minimum(np.einsum("k,skl,l->s", ahead, covariance, ahead) * dispersion, 2.0)
    mean = np.exp(np.clip(beta @ ahead, -20.0, 20.0))
    before = np.full((n_series, shown), np.nan)
    have = min(shown, n)
    before[:, shown - have :] = fitted[:, n - have :]
    return Baseline(mean, before, dispersion, doubt, known)


def _fit(
    x: Floats,
    y: Floats,
    weight: Floats,
    penalty: Floats,
    *,
    level: Floats,
    strength: Floats,
    start: Floats | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Penalised Poisson regression of every series at once by Newton steps: (s, k), (s, n), (s, k, k).

    The level has a gamma prior worth ``strength`` periods at the mean ``level``, which for a Poisson level is the same
    as that many extra periods of that count; (n_series,) each.
    """
    n_series, k = len(y), x.shape[1]
    beta = np.zeros((n_series, k)) if start is None else start.copy()
    if start is None:
        beta[:, 0] = np.log(level)
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), k * k)
    for _ in range(6 if start is None else 3):
        fitted = _means(beta, x)
        gradient = (weight * (y - fitted)) @ x - penalty * beta
        constant = np.exp(np.clip(beta[:, 0], -20.0, 20.0))
        gradient[:, 0] += strength * (level - constant)
        hessian = ((weight * fitted) @ products).reshape(n_series, k, k) + np.diag(penalty)
        hessian[:, 0, 0] += strength * constant
        step = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        beta = np.asarray(beta + np.clip(step, -2.0, 2.0), dtype=np.float64)
        if np.abs(step).max(initial=0.0) < 1e-5:
            break
    fitted = _means(beta, x)
    hessian = ((weight * fitted) @ products).reshape(n_series, k, k) + np.diag(penalty)
    hessian[:, 0, 0] += strength * np.exp(np.clip(beta[:, 0], -20.0, 20.0))
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
    own = (chi * telling / free + _SERIES_ALIKE * max(pooled, 1.0)) / (telling + _SERIES_ALIKE)
    return np.maximum(own, 1.0)


def _anscombe(y: Floats, fitted: Floats, dispersion: Floats) -> Floats:
    """Standardised Anscombe residuals of Poisson counts, (n_series, n)."""
    root = np.maximum(fitted, 1e-6) ** (1.0 / 6.0)
    out: Floats = 1.5 * (y ** (2.0 / 3.0) - fitted ** (2.0 / 3.0)) / (root * np.sqrt(dispersion)[:, None])
    return out
