"""漂移: what changed is named, what chance does is not, and every figure is that of its textbook."""

from __future__ import annotations

import json

import numpy as np
import pytest

from analytics.drift import Sample, distance, drift, label_chance, stability_index

LABELS = ["供水", "供电", "物业", "噪音", "公交", "医保"]
WORDS = ["小区", "停水", "物业", "噪音", "晚上", "公交", "班次", "报销", "路灯", "电梯"]


def _sample(
    n: int, seed: int, *, shares: list[float] | None = None, sure: float = 0.8, known: float = 0.98,
    also: tuple[str, ...] = (),
) -> Sample:  # fmt: skip
    rng = np.random.default_rng(seed)
    labels = rng.choice(LABELS, n, p=shares or [1 / 6] * 6).tolist()
    words = [[*rng.choice(WORDS, 5).tolist(), *also] for _ in range(n)]
    return Sample(
        labels, np.clip(rng.normal(sure, 0.1, n), 0, 1).tolist(), words, np.clip(rng.normal(known, 0.02, n), 0, 1).tolist()
    )  # fmt: skip


def test_stability_index_is_that_of_the_textbook() -> None:
    assert stability_index({"a": 50, "b": 50}, {"a": 50, "b": 50}) == 0
    found = stability_index({"a": 500_000, "b": 500_000}, {"a": 700_000, "b": 300_000})
    assert found == pytest.approx(0.2 * np.log(1.4) - 0.2 * np.log(0.6), rel=1e-4)
    assert np.isfinite(stability_index({"a": 10}, {"b": 10}))
    assert stability_index({}, {}) == 0


def test_distance_is_kolmogorov_s() -> None:
    one, other = [0.1, 0.2, 0.3, 0.4], [0.25, 0.35, 0.45, 0.55]
    assert distance(one, other)[0] == pytest.approx(0.5)  # at 0.25: two of four against none
    assert distance(one, one) == (0, 1)
    assert distance([], other) == (0, 1)
    rng = np.random.default_rng(0)
    assert distance(rng.normal(0, 1, 300), rng.normal(0.5, 1, 300))[1] < 0.001
    chances = [distance(rng.normal(0, 1, 200), rng.normal(0, 1, 200))[1] for _ in range(200)]
    assert np.mean(np.array(chances) < 0.05) < 0.1


def test_label_chance_is_pearson_s() -> None:
    # by hand: each cell is 10 off its expected 40 or 60, so the statistic is 2 × 100/40 + 2 × 100/60 = 8.333
    assert label_chance({"a": 50, "b": 50}, {"a": 30, "b": 70}) == pytest.approx(0.003892, abs=1e-5)
    assert label_chance({"a": 50, "b": 50}, {"a": 500, "b": 500}) == pytest.approx(1)
    rare = {"a": 100, "b": 100} | {f"r{n}": 1 for n in range(50)}
    assert label_chance(rare, {"a": 100, "b": 100} | {f"s{n}": 1 for n in range(50)}) == pytest.approx(1)
    assert label_chance({}, {"a": 1}) == label_chance({"a": 9}, {"a": 9}) == 1


def test_chance_alone_is_rarely_called_a_change() -> None:
    levels = [drift(_sample(1200, seed), _sample(150, 1000 + seed)).level for seed in range(60)]
    assert levels.count("stable") >= 57


def test_a_shift_of_labels_names_the_label_that_moved() -> None:
    found = drift(_sample(2000, 1), _sample(600, 2, shares=[0.1, 0.1, 0.1, 0.1, 0.1, 0.5]))
    assert found.level in ("watch", "shifted")
    assert found.moved[0][0] == "医保" and "医保" in found.verdict
    assert found.label_p < 1e-6 and found.confidence_p > 0.001
    assert found.moved[0][2] == pytest.approx(0.5, abs=0.08)


def test_unknown_words_and_lost_confidence_are_told_apart() -> None:
    before = _sample(1000, 1)
    words = drift(before, _sample(400, 2, known=0.9))
    assert "不认识的词" in words.verdict and "把握" not in words.verdict
    sure = drift(before, _sample(400, 3, sure=0.65))
    assert "把握" in sure.verdict and "不认识的词" not in sure.verdict
    assert sure.confidence_distance > 0.3
    both = drift(before, _sample(400, 4, sure=0.65, known=0.9))
    assert both.level == "shifted" and "重新训练" in both.verdict


def test_rising_words_are_those_of_many_more_orders() -> None:
    before, now = _sample(1000, 1), _sample(200, 2)
    rare = Sample(now.labels, now.confidences, [[*words, "登革热"] for words in now.words], now.known)
    found = drift(before, rare)
    assert [word for word, _, _ in found.rising] == ["登革热"]
    assert found.rising[0][1] == 200 and found.rising[0][2] > 100
    assert drift(before, now).rising == []


@pytest.mark.parametrize(("before", "now"), [(0, 0), (0, 100), (100, 0), (1000, 49)])
def test_few_orders_are_not_judged(before: int, now: int) -> None:
    found = drift(_sample(before, 1), _sample(now, 2, sure=0.2))
    assert found.level == "few" and "不作判断" in found.verdict


def test_figures_are_plain_values() -> None:
    figures = drift(_sample(300, 1), _sample(100, 2, also=("登革热",))).figures()
    assert json.loads(json.dumps(figures, allow_nan=False))["orders"] == 100
