"""提升树: read from arrays as scikit-learn reads them, with nothing to be executed."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from analytics.boosted_trees import BoostedTrees, grow


def _rows(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(n, 7)).astype(np.float32)
    return rows, (rows[:, 0] * rows[:, 1] + 0.3 * rng.normal(size=n) > 0)


def test_chances_are_those_of_scikit_learn() -> None:
    rows, right = _rows()
    model = GradientBoostingClassifier(
        n_estimators=30, max_depth=4, learning_rate=0.1, subsample=0.5, max_features=0.15,
        min_samples_leaf=20, random_state=0,
    ).fit(rows, right)  # fmt: skip
    ours = grow(rows, right, trees=30, depth=4, rate=0.1)
    assert np.allclose(ours.chances(rows), model.predict_proba(rows)[:, 1], atol=1e-5)


def test_it_learns_what_no_single_number_tells() -> None:
    rows, right = _rows()
    chances = grow(rows[:400], right[:400]).chances(rows[400:])
    assert ((chances > 0.5) == right[400:]).mean() > 0.65  # by either number alone: 0.5


def test_arrays_hold_the_whole_model() -> None:
    rows, right = _rows(100)
    trees = grow(rows, right, trees=5)
    again = BoostedTrees.from_arrays(trees.arrays())
    assert (again.chances(rows) == trees.chances(rows)).all()
    assert again.chances(rows[:0]).shape == (0,)


def test_one_kind_of_row_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="one kind"):
        grow(np.zeros((50, 2), np.float32), np.ones(50, bool))
