"""监测: calibrated where nothing happens, loud where something does, never divided by zero."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from analytics.surveillance import benjamini_hochberg, mid_p, surveil, threshold

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.parametrize(
    ("mean", "period", "periods"),
    [(0.1, "week", 90), (3.0, "week", 90), (0.3, "day", 110), (20.0, "day", 110)],
)
def test_false_alarms_are_as_many_as_promised(mean, period, periods):
    rng = np.random.default_rng(7)
    counts = rng.poisson(mean, size=(150, periods))
    start = periods - 30
    result = surveil(counts, period, alpha=0.01, start=start)
    p = result.p_value[:, start:]
    # Where little is known (0.1 a week for a year, 0.3 a day for three months) the doubt errs on the quiet side.
    assert abs(p.mean() - 0.5) < 0.06
    assert 0.02 < (p < 0.05).mean() < 0.065
    assert result.alarm[:, start:].mean() < 0.02


def test_overdispersed_counts_do_not_cry_wolf():
    rng = np.random.default_rng(3)
    counts = rng.negative_binomial(5, 5 / (5 + 12.0), size=(120, 100))
    result = surveil(counts, "week", alpha=0.01, start=70)
    assert result.alarm[:, 70:].mean() < 0.025


def test_an_outbreak_is_seen_and_does_not_hide_the_next():
    rng = np.random.default_rng(5)
    counts = rng.poisson(4.0, size=(20, 120))
    counts[:, 80:83] += 25
    counts[:, 119] += 12
    result = surveil(counts, "week", start=80)
    assert result.alarm[:, 80].all()
    assert result.alarm[:, 119].mean() >= 0.9
    assert result.expected[:, 119].mean() < 6.5
    assert (result.q_value[:, 80] < 0.01).all()


def test_weekday_rhythm_is_expected():
    rng = np.random.default_rng(11)
    days = np.arange(120)
    mean = np.where(days % 7 == 2, 30.0, 5.0)
    counts = rng.poisson(mean, size=(30, 120))
    result = surveil(counts, "day", start=100)
    busy = [day for day in range(100, 120) if day % 7 == 2]
    quiet = [day for day in range(100, 120) if day % 7 != 2]
    assert result.expected[:, busy].mean() > 20
    assert result.expected[:, quiet].mean() < 7
    assert result.alarm[:, 100:].mean() < 0.03


def test_trend_is_followed():
    weeks = np.arange(100)
    counts = np.random.default_rng(2).poisson(5 + 0.3 * weeks, size=(30, 100))
    result = surveil(counts, "week", start=99)
    assert result.expected[:, 99].mean() == pytest.approx(34.7, rel=0.12)


def test_nothing_before_it_says_so_and_stays_finite():
    counts = np.zeros((3, 6))
    counts[0, 5] = 4
    result = surveil(counts, "week")
    assert not result.enough_history.any()
    assert np.isfinite(result.expected).all()
    assert (result.expected > 0).all()
    assert np.isfinite(result.p_value).all()
    assert surveil(np.array([[7.0]])).p_value[0, 0] > 0.05  # the first count ever seen is no alarm
    assert surveil(np.zeros((0, 5))).expected.shape == (0, 5)


def test_the_future_is_not_looked_at():
    counts = np.random.default_rng(1).poisson(3, size=(4, 60)).astype(float)
    before = surveil(counts[:, :50], "week", start=40)
    counts[:, 50:] = 500
    after = surveil(counts, "week", start=40)
    np.testing.assert_allclose(before.expected[:, 40:50], after.expected[:, 40:50])


def test_threshold_and_alarm_agree():
    counts = np.random.default_rng(8).poisson(1.5, size=(50, 60))
    result = surveil(counts, "week", alpha=0.05, start=30)
    # `upper` is told in the middle of the range that ties leave, so a tie may fall on the other side.
    assert ((counts[:, 30:] > result.upper[:, 30:]) == result.alarm[:, 30:]).mean() > 0.98
    assert (result.score[:, 30:][result.alarm[:, 30:]] >= 1.0).all()


def test_gaps_are_left_out():
    counts = np.random.default_rng(8).poisson(2.0, size=(2, 40)).astype(float)
    counts[0, :20] = np.nan
    result = surveil(counts, "week")
    assert np.isnan(result.p_value[0, :20]).all()
    assert np.isfinite(result.p_value[0, 20:]).all()


def test_q_values_of_a_textbook_list():
    p = np.array([0.01, 0.04, 0.03, np.nan, 0.5])
    np.testing.assert_allclose(benjamini_hochberg(p), [0.04, 0.16 / 3, 0.16 / 3, np.nan, 0.5])


def test_mid_p_halves_the_point():
    # Poisson limit: P(X > 0) + P(X = 0) / 2 at mean 1
    value = mid_p(np.array([0.0]), np.array([1.0]), np.array([1e8]))
    assert value[0] == pytest.approx(1 - np.exp(-1) / 2, rel=1e-5)
    assert threshold(np.array([1.0]), np.array([1e8]), 0.01)[0] == 4.0


@pytest.mark.parametrize(
    ("counts", "alpha", "words"),
    [([[1, -1]], 0.01, "不能为负"), ([1, 2], 0.01, "二维"), ([[1, 2]], 0.9, "alpha")],
)
def test_nonsense_is_refused(counts, alpha, words):
    with pytest.raises(ValueError, match=words):
        surveil(np.array(counts), alpha=alpha)


@pytest.mark.skipif(not (SHARED / "outbreaks" / "m2.csv").exists(), reason="needs the shared outbreak series")
def test_recorded_outbreaks_stand_out():
    table = np.genfromtxt(SHARED / "outbreaks" / "m2.csv", delimiter=",", names=True)
    counts, state = table["u0"], table["u0__state"] > 0
    result = surveil(counts[None, :], "week", start=12)
    big = state & (counts >= 10)
    assert result.alarm[0][big].mean() >= 0.8
    assert result.alarm[0][12:][~state[12:]].sum() <= 2


def test_what_comes_over_two_weeks_is_seen_and_a_quiet_week_after_is_no_alarm():
    rng = np.random.default_rng(11)
    counts = rng.poisson(9.0, size=(60, 160))
    counts[:, 150] += 8
    counts[:, 151] += 8
    counts[:, 157] += 40
    counts[:, 158] = 0
    result = surveil(counts, "week", start=145)
    assert result.alarm[:, 151].mean() > 0.75
    assert result.alarm[:, 150].mean() < result.alarm[:, 151].mean()
    assert result.alarm[:, 157].all()
    assert not result.alarm[:, 158].any()


def test_p_values_are_uniform_under_the_null_however_small_the_counts():
    rng = np.random.default_rng(12)
    counts = rng.poisson(rng.gamma(2.0, 0.4, (400, 1)), (400, 230))
    p = surveil(counts, "week", start=210).p_value[:, 210:].ravel()
    share = [(p < level).mean() for level in (0.05, 0.1, 0.25, 0.5, 0.75)]
    assert share == pytest.approx([0.05, 0.1, 0.25, 0.5, 0.75], abs=0.03)


def test_days_off_are_expected_to_differ():
    rng = np.random.default_rng(13)
    off = np.arange(170) % 7 >= 5
    holiday = np.isin(np.arange(170), (30, 31, 60, 95, 96, 130, 165))
    counts = rng.poisson(np.where(off | holiday, 4.0, 20.0), (40, 170))
    told = surveil(counts, "day", start=160, days_off=off | holiday)
    untold = surveil(counts, "day", start=160)
    assert told.expected[:, 165].mean() < 10.0
    assert untold.expected[:, 165].mean() > 14.0
    with pytest.raises(ValueError, match="days_off"):
        surveil(counts, "week", days_off=off)
    with pytest.raises(ValueError, match="days_off"):
        surveil(counts, "day", days_off=off[:10])
