"""擂台: which model answers is decided on paired orders, with what chance alone could do taken into account."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from analytics.champion import compare, interval

LABELS = np.array(["供水", "供电", "物业", "噪音", "公交"])


def _answers(truth: np.ndarray, right: float, seed: int) -> np.ndarray:
    """Guesses of which a share is right and the others are any label."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(truth)) < right, truth, rng.choice(LABELS, len(truth)))


def _truth(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice(LABELS, n, p=[0.4, 0.3, 0.15, 0.1, 0.05])


def test_a_model_that_answers_the_same_is_not_worse() -> None:
    truth = _truth(400)
    same = _answers(truth, 0.8, 1)
    found = compare(truth.tolist(), same.tolist(), same.tolist())
    assert (found.low, found.high, found.difference) == (0, 0, 0)
    assert found.promote and "换上" in found.reason


def test_scores_are_those_of_the_library() -> None:
    truth = _truth(600)
    one, other = _answers(truth, 0.7, 1), _answers(truth, 0.8, 2)
    found = compare(truth.tolist(), one.tolist(), other.tolist())
    assert found.champion_f1 == pytest.approx(f1_score(truth, one, average="macro"))
    assert found.challenger_f1 == pytest.approx(f1_score(truth, other, average="macro"))
    assert found.champion_accuracy == pytest.approx((truth == one).mean())
    assert found.challenger_accuracy == pytest.approx((truth == other).mean())


def test_macro_f1_runs_over_the_labels_of_the_truth() -> None:
    truth = ["供水"] * 150 + ["供电"] * 150
    champion = ["供水"] * 150 + ["供电"] * 150
    challenger = ["供水"] * 149 + ["从没见过"] + ["供电"] * 150
    found = compare(truth, champion, challenger)
    assert found.champion_f1 == 1
    assert found.challenger_f1 == pytest.approx((2 * 149 / (149 + 150) + 1) / 2)


def test_the_interval_is_that_of_drawing_orders_again_and_again() -> None:
    truth = _truth(500)
    one, other = _answers(truth, 0.75, 1), _answers(truth, 0.8, 2)
    found = compare(truth.tolist(), one.tolist(), other.tolist())
    rng = np.random.default_rng(9)
    gains = []
    for _ in range(300):
        drawn = rng.integers(0, len(truth), len(truth))
        gains.append(
            f1_score(truth[drawn], other[drawn], average="macro")
            - f1_score(truth[drawn], one[drawn], average="macro")
        )
    low, high = np.quantile(gains, [0.05, 0.95])
    assert found.low == pytest.approx(low, abs=0.008)
    assert found.high == pytest.approx(high, abs=0.008)


@pytest.mark.parametrize(("right", "promote"), [(0.9, True), (0.6, False)])
def test_better_is_promoted_and_worse_is_not(right: float, promote: bool) -> None:
    truth = _truth(500)
    found = compare(truth.tolist(), _answers(truth, 0.75, 1).tolist(), _answers(truth, right, 2).tolist())
    assert found.promote is promote
    assert found.low < found.difference < found.high
    assert ("不换" in found.reason) is not promote


def test_as_good_on_average_is_not_enough_where_chance_could_hide_a_loss() -> None:
    truth = _truth(220)
    found = compare(truth.tolist(), _answers(truth, 0.75, 1).tolist(), _answers(truth, 0.75, 2).tolist())
    assert found.low < -0.005
    assert not found.promote


def test_too_few_orders_decide_nothing_and_say_so() -> None:
    found = compare(["供水"] * 199, ["供电"] * 199, ["供水"] * 199)
    assert not found.promote
    assert "199" in found.reason and "200" in found.reason
    assert compare(["供水"] * 199, ["供电"] * 199, ["供水"] * 199, at_least=100).promote
    assert not compare([], [], []).promote


def test_the_same_orders_give_the_same_answer_and_plain_values() -> None:
    truth = _truth(300)
    one, other = _answers(truth, 0.7, 1).tolist(), _answers(truth, 0.7, 2).tolist()
    assert compare(truth.tolist(), one, other) == compare(truth.tolist(), one, other)
    figures = json.loads(json.dumps(compare(truth.tolist(), one, other).figures()))
    assert figures["n"] == 300 and figures["difference"] == pytest.approx(
        figures["challenger_f1"] - figures["champion_f1"]
    )


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="不一致"):
        compare(["供水"], ["供水"], [])


def test_one_model_s_interval_holds_its_score_and_narrows_with_more_orders() -> None:
    widths = []
    for n in (200, 3200):
        truth = _truth(n)
        guesses = _answers(truth, 0.8, 1)
        low, high = interval(truth.tolist(), guesses.tolist())
        assert low < f1_score(truth, guesses, average="macro") < high
        widths.append(high - low)
    assert widths[1] == pytest.approx(widths[0] / 4, rel=0.4)
    assert interval(["供水", "供电"], ["供水", "供电"]) == (1, 1)
    with pytest.raises(ValueError, match="没有可评估"):
        interval([], [])
