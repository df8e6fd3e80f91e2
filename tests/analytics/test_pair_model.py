"""同事判断: learns, is bent and not broken by a few examples, is told in JSON, and refuses what is not one of ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.duplicates import DuplicateIndex
from analytics.pair_model import FEATURES, WEIGHTS_FILE, PairModel, builtin_pair_model
from analytics.records import Complaint

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def row(**values: float) -> NDArray[np.float64]:
    assert set(values) <= set(FEATURES)
    return np.array([values.get(name, 0.0) for name in FEATURES])


COPY = row(like=0.95, contained=0.95, shared=1.0, same_place=1, matter_there=0.95)
TWIN = row(like=0.8, contained=0.8, shared=1.0, other_place=1, like_elsewhere=0.8)
STRANGER = row(like=0.05, contained=0.1, shared=0.5, other_place=1, like_elsewhere=0.05, days=2, stale=1.9)


def test_the_builtin_model_knows_a_copy_from_a_twin_elsewhere_and_a_stranger() -> None:
    copy, twin, stranger = builtin_pair_model().probability([COPY, TWIN, STRANGER])
    assert copy > 0.9
    assert twin < 0.5
    assert stranger < 0.05


def test_the_builtin_weights_are_what_the_file_says_and_a_copy_each() -> None:
    told = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    assert builtin_pair_model().to_dict() == told
    builtin_pair_model().weights[:] = 0
    assert builtin_pair_model().to_dict() == told


def test_it_finds_the_weights_that_made_the_labels() -> None:
    rng = np.random.default_rng(4)
    truth = rng.normal(0, 2, len(FEATURES))
    rows = rng.normal(0, 1, (4000, len(FEATURES)))
    labels = rng.random(4000) < 1 / (1 + np.exp(-(rows @ truth - 0.5)))
    model = PairModel().fit(rows, labels, strength=0.1)
    assert model.weights == pytest.approx(truth, abs=0.45)
    assert model.bias == pytest.approx(-0.5, abs=0.25)


def test_fit_is_at_the_minimum_of_what_it_says_it_minimises() -> None:
    rows, labels = np.array([COPY, TWIN, STRANGER, TWIN]), np.array([1.0, 1.0, 0.0, 0.0])
    start = builtin_pair_model()
    model = start.copy().fit(rows, labels, strength=2.0)
    design = np.column_stack([rows, np.ones(4)])
    moved = np.append(model.weights - start.weights, model.bias - start.bias)
    slope = design.T @ (model.probability(rows) - labels) + 2.0 * moved
    assert slope == pytest.approx(np.zeros(len(slope)), abs=1e-4)


def test_ten_examples_bend_the_model_and_do_not_break_it() -> None:
    """Ten times somebody split what looks the same: other copies are still likely, though less so."""
    before = builtin_pair_model()
    after = before.copy().fit([COPY] * 10, [False] * 10)
    assert 0.3 < after.probability(COPY) < before.probability(COPY)
    assert after.probability(STRANGER) < 0.05


def test_hundreds_of_examples_prevail() -> None:
    after = builtin_pair_model().fit([TWIN, COPY, STRANGER] * 300, [True, True, False] * 300)
    assert after.probability(TWIN) > 0.85
    assert after.probability(STRANGER) < 0.05


def test_nothing_to_learn_changes_nothing() -> None:
    model = builtin_pair_model().fit(np.empty((0, len(FEATURES))), [])
    assert model.to_dict() == builtin_pair_model().to_dict()


def test_examples_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="数目不同"):
        PairModel().fit([COPY], [True, False])
    with pytest.raises(ValueError, match="不是数"):
        PairModel().fit([COPY * np.nan], [True])
    with pytest.raises(ValueError, match="权重"):
        PairModel([1.0, 2.0])


def test_there_and_back() -> None:
    model = builtin_pair_model().fit([TWIN], [True])
    again = PairModel.from_dict(json.loads(json.dumps(model.to_dict())))
    assert again.probability([COPY, TWIN]) == pytest.approx(model.probability([COPY, TWIN]), abs=1e-4)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told | {"format": 99},
        lambda told: told | {"weights": {"like": 1.0}},
        lambda told: told | {"bias": "很多"},
        lambda told: told | {"bias": float("nan")},
        lambda told: [told],
    ],
)
def test_a_model_of_another_kind_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="同事判断模型"):
        PairModel.from_dict(spoil(builtin_pair_model().to_dict()))


def test_an_index_learns_from_merges_and_splits() -> None:
    """The operators of a place merge what is told of neighbouring estates: the index comes to score such pairs higher."""
    index = DuplicateIndex()
    pairs = [
        (
            Complaint(f"a{i}", DAY, f"{one}停水一整天没有通知", one),
            Complaint(f"b{i}", DAY + timedelta(hours=3), f"{two}也没有水，一整天停水", two),
        )
        for i, (one, two) in enumerate(
            [("青松花园", "白鹭家园"), ("红枫公寓", "紫藤雅居"), ("金桂名邸", "银杏佳苑")]
        )
    ]
    for pair in pairs:
        for one in pair:
            index.add(one.id, one.time, one.text, one.place)
    asked = ("海棠新村停水一整天没有通知", "海棠新村")
    before = {match.id: match.score for match in index.candidates(DAY, *asked, k=6)}
    index.fit_pairs(pairs * 20, [True] * 60)
    after = {match.id: match.score for match in index.candidates(DAY, *asked, k=6)}
    assert set(after) == set(before)
    assert all(after[key] > before[key] for key in before)
    assert builtin_pair_model().to_dict() != index.model.to_dict()
