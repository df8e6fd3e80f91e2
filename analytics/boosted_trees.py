"""提升树 Boosted trees: chances from numbers, learnt by scikit-learn, kept and read as plain arrays.

Method: stochastic gradient boosting of the logistic loss (Friedman 2001, 2002). A model of scikit-learn can only be
kept as a pickle, which runs what is in it when read; the trees themselves are five arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model_files import Arrays

_NAMES = ("split", "threshold", "below", "above", "value", "roots", "first")
_NO_SPLIT = -1


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Trees in one table of nodes. ``split``: the column a node asks (−1 in a leaf); at most ``threshold`` goes to
    node ``below``, more to ``above``; ``value``: what a leaf adds to the log-odds; ``roots``: where the trees begin;
    ``first``: the log-odds before any tree."""

    split: NDArray[np.int16]
    threshold: NDArray[np.float64]
    below: NDArray[np.int32]
    above: NDArray[np.int32]
    value: NDArray[np.float32]
    roots: NDArray[np.int32]
    first: NDArray[np.float64]

    def chances(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """The chance of each row, shape (rows,). ``rows``: shape (rows, columns of the training)."""
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots))).copy()
        own = np.arange(len(rows))[:, None]
        while True:
            column = self.split[at]
            if (column == _NO_SPLIT).all():
                break
            inner = column != _NO_SPLIT
            low = rows[own, column] <= self.threshold[at]
            at = np.where(inner, np.where(low, self.below[at], self.above[at]), at)
        odds: NDArray[np.float64] = self.first[0] + self.value[at].sum(axis=1, dtype=np.float64)
        return 1 / (1 + np.exp(-odds))

    def arrays(self) -> Arrays:
        """The trees as named arrays; `from_arrays` takes them back."""
        return {name: getattr(self, name) for name in _NAMES}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> BoostedTrees:
        """Raises KeyError where one is missing."""
        return cls(**{name: arrays[name] for name in _NAMES})


def grow(
    rows: NDArray[np.float32],
    right: NDArray[np.bool_],
    *,
    trees: int = 200,
    depth: int = 7,
    rate: float = 0.06,
) -> BoostedTrees:
    """Learn whether a row is right. Raises ValueError unless some are and some are not. The same rows, the same trees."""
    from sklearn.ensemble import GradientBoostingClassifier  # slow to import, and needed for training alone

    if right.all() or not right.any():
        raise ValueError("only one kind of row: nothing to tell apart")
    model = GradientBoostingClassifier(
        n_estimators=trees, max_depth=depth, learning_rate=rate, subsample=0.5, max_features=0.15,
        min_samples_leaf=20, random_state=0,
    ).fit(rows, right)  # fmt: skip
    grown = [one.tree_ for one in model.estimators_[:, 0]]
    roots = np.cumsum([0, *(tree.node_count for tree in grown)])[:-1]
    leaf = np.concatenate([tree.children_left for tree in grown]) < 0

    def joined(name: str) -> NDArray[np.int32]:
        told = [getattr(tree, name) + root for tree, root in zip(grown, roots, strict=True)]
        return np.where(leaf, 0, np.concatenate(told)).astype(np.int32)

    odds = float(np.log(right.mean() / (1 - right.mean())))
    return BoostedTrees(
        split=np.where(leaf, _NO_SPLIT, np.concatenate([tree.feature for tree in grown])).astype(np.int16),
        threshold=np.concatenate([tree.threshold for tree in grown]),
        below=joined("children_left"),
        above=joined("children_right"),
        value=(rate * np.concatenate([tree.value[:, 0, 0] for tree in grown])).astype(np.float32),
        roots=roots.astype(np.int32),
        first=np.array([odds]),
    )
