"""离散程度 Dispersion: how much counts of one kind differ from window to window beyond chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST, MOST = 0.01, 1.0
_PAIRS_TO_TRUST = 10.0
_OUTBREAK = 1.0  # a series' dispersion beyond this (and chance) is a past outbreak, no habit


def dispersion(
    daily: NDArray[np.int64], city: NDArray[np.int64], group: NDArray[np.int64], groups: int, window: int
) -> Floats:
    """Dispersion φ of each group, var = μ + φ μ², shape (groups,), between 0.01 and 1.

    Parameters: ``daily`` counts of series by day, shape (n, days); ``city`` everything by day, shape (days,), whose
    ups and downs are not the series' own; ``group`` of each series, shape (n,); ``window`` days added up. Moments by
    series, weighted by how much each can tell, 1/(1/μ + 0.1)²; a group with few series leans on the mean of all.
    """
    blocks = daily.shape[1] // window
    counts = _added(daily, blocks, window).astype(np.float64)
    of_city = _added(city[None, :], blocks, window)[0].astype(np.float64)
    mean = counts.mean(axis=1)
    usual = mean[:, None] * (of_city / max(of_city.mean(), 1e-9))
    beyond = ((counts - usual) ** 2).sum(axis=1) * blocks / max(blocks - 1, 1) - usual.sum(axis=1)
    noise = 1.0 / np.maximum(mean, 1e-9) + 0.1
    # Cut off far beyond what chance does to one series: cutting nearer would make the mean too small.
    most = _OUTBREAK + 3.0 * noise * np.sqrt(2.0 / max(blocks - 1, 1))
    each = np.minimum(beyond / np.maximum((usual**2).sum(axis=1), 1e-9), most)
    weight = 1.0 / noise**2
    total = np.bincount(group, weight, minlength=groups)
    own = np.divide(
        np.bincount(group, weight * each, minlength=groups), total, out=np.zeros(groups), where=total > 0
    )
    many = np.bincount(group, minlength=groups)
    common = float((many * own).sum() / max(many.sum(), 1))
    out: Floats = (many * own + _PAIRS_TO_TRUST * common) / (many + _PAIRS_TO_TRUST)
    return np.clip(out, LEAST, MOST)


def _added(daily: NDArray[np.int64], blocks: int, window: int) -> NDArray[np.int64]:
    return daily[:, : blocks * window].reshape(len(daily), blocks, window).sum(axis=2)
