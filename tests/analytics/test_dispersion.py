"""离散程度: simulated habits are measured as they were made; a city's own ups and downs and past outbreaks are not them."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.dispersion import LEAST, dispersion

DAYS = 56


def made(phi: float, mean: float, n: int = 400, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = rng.gamma(1 / phi, phi, (n, DAYS // 7)) if phi else np.ones((n, DAYS // 7))
    return rng.poisson(mean * np.repeat(level, 7, axis=1))


def measured(daily: np.ndarray, window: int = 7, city: np.ndarray | None = None) -> float:
    city = np.full(DAYS, 1000) if city is None else city
    return float(dispersion(daily, city, np.zeros(len(daily), dtype=np.int64), 1, window)[0])


@pytest.mark.parametrize(("phi", "mean"), [(0.25, 0.3), (0.25, 5.0), (0.05, 20.0), (0.5, 1.0)])
def test_what_was_put_in_comes_out(phi: float, mean: float) -> None:
    assert measured(made(phi, mean)) == pytest.approx(phi, rel=0.2)


def test_chance_alone_is_the_least() -> None:
    assert measured(made(0.0, 3.0)) == pytest.approx(LEAST, abs=0.004)


def test_the_citys_rhythm_is_not_the_series_own() -> None:
    rhythm = np.tile([1.4, 1.2, 1.1, 1.0, 1.0, 0.7, 0.6], 8)
    daily = np.random.default_rng(1).poisson(20.0 * rhythm, (200, DAYS))
    city = (5000 * rhythm).astype(np.int64)
    assert measured(daily, window=1, city=city) < 0.02
    assert measured(daily, window=1) > 0.05


def test_an_outbreak_in_one_series_is_no_habit_of_all() -> None:
    daily = made(0.05, 4.0)
    daily[0, 10:17] += 300
    assert measured(daily) == pytest.approx(0.05, abs=0.02)


def test_groups_are_apart_and_a_small_one_leans_on_all() -> None:
    calm, wild = made(0.05, 10.0, seed=2), made(0.5, 10.0, seed=3)
    daily = np.concatenate([calm, wild, wild[:1]])
    group = np.repeat([0, 1, 2], [len(calm), len(wild), 1])
    told = dispersion(daily, np.full(DAYS, 1000), group, 4, 7)
    assert told[0] < 0.1
    assert told[1] == pytest.approx(0.5, rel=0.25)
    assert told[0] < told[2] < told[1] + 0.5
    assert told[0] < told[3] < told[1]  # nothing known of it
