"""同事判断 Pair model: how likely two orders tell of one event, learnt from pairs, and taught by those who merge.

A logistic regression over a dozen features of two orders (`analytics.pair_evidence`). The built-in weights
(``pair_weights.json``) were learnt from pairs this project makes itself (``bench/pair_training.py``). A person's merges
and splits teach a model on the spot: it is fitted anew with a Gaussian prior centred on the weights it had, so that ten
examples bend it and do not break it, while hundreds prevail. Method: maximum a posteriori logistic regression by
Newton's method; the prior-centred penalty is that of Daumé III and Marcu (2006) and Chelba and Acero (2004).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEATURES = (
    "like",  # likeness of the whole texts, 0..1
    "contained",  # share of the shorter text's rare grams that the longer one has, 0..1
    "shared",  # rare grams in common, logarithm of how much
    "same_place",  # both name one place
    "matter_there",  # … and how like they are apart from its names, 0..1
    "other_place",  # they name different places
    "like_elsewhere",  # … and how like they are all the same
    "same_area",  # one community, street or district, no place in common
    "specific",  # numbers and codes in common, at most 2
    "other_specific",  # both give numbers or codes, none in common
    "days",  # days apart, in weeks, at most 8
    "stale",  # … times how unlike they are: a copy grows old more slowly than another wording
    "same_category",
    "other_category",
    "lengths",  # logarithm of the ratio of their lengths
    "curt",  # how short the shorter one is, 1 for nothing, 0 from twenty characters
)
FORMAT = 1
WEIGHTS_FILE = Path(__file__).with_name("pair_weights.json")
PRIOR_STRENGTH = 6.0  # how many doubtful examples the weights known before are worth
_STEPS = 50


class PairModel:
    """Probability that two orders tell of one event.

    ``weights`` shape (16,), in the order of `FEATURES`, and ``bias``. The default knows nothing: every pair 0.5.
    """

    def __init__(self, weights: ArrayLike | None = None, bias: float = 0.0) -> None:
        self.weights = np.zeros(len(FEATURES)) if weights is None else np.asarray(weights, dtype=float)
        self.bias = float(bias)
        if self.weights.shape != (len(FEATURES),):
            raise ValueError(f"应有 {len(FEATURES)} 个权重")

    def probability(self, features: ArrayLike) -> NDArray[np.float64]:
        """Of each pair, shape (n, 16) → (n,); one pair's features (16,) give one number, shape ()."""
        score = np.clip(np.asarray(features, dtype=float) @ self.weights + self.bias, -30, 30)
        return np.asarray(1 / (1 + np.exp(-score)))

    def fit(
        self,
        features: ArrayLike,
        labels: Sequence[bool] | NDArray[Any],
        *,
        strength: float = PRIOR_STRENGTH,
        sample_weight: ArrayLike | None = None,
    ) -> PairModel:
        """Learn from pairs, starting from and held back by the weights known so far. Returns self.

        ``features`` shape (n, 16), ``labels`` shape (n,), true for "one event". ``strength`` ≥ 0: the penalty on
        moving away. With no pairs nothing changes. Raises ValueError for shapes that do not fit or values not finite.
        """
        given = np.asarray(features, dtype=float).reshape(-1, len(FEATURES))
        truth = np.asarray(labels, dtype=float)
        weight = np.ones(len(truth)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
        if truth.shape != (len(given),) or weight.shape != truth.shape:
            raise ValueError("例子与判断的数目不同")
        if not np.isfinite(given).all():
            raise ValueError("特征里有不是数的值")
        if not len(given):
            return self
        design = np.column_stack([given, np.ones(len(given))])
        start = np.append(self.weights, self.bias)
        penalty = np.full(len(start), max(strength, 1e-6))
        found = _newton(design, truth, weight, start, penalty)
        self.weights, self.bias = found[:-1], float(found[-1])
        return self

    def copy(self) -> PairModel:
        """A model of its own with the same weights."""
        return PairModel(self.weights.copy(), self.bias)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: format, bias, and weight by feature."""
        weights = {name: round(float(w), 6) for name, w in zip(FEATURES, self.weights, strict=True)}
        return {"format": FORMAT, "bias": round(self.bias, 6), "weights": weights}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> PairModel:
        """A model from `to_dict`. Raises ValueError, in Chinese, for one of another format or with bad numbers."""
        if not isinstance(told, Mapping) or told.get("format") != FORMAT:
            raise ValueError("不是本版本的同事判断模型：请重新训练或改用内置的")
        weights = told.get("weights")
        if not isinstance(weights, Mapping) or set(weights) != set(FEATURES):
            raise ValueError("同事判断模型的特征与本版本不同：请重新训练或改用内置的")
        try:
            numbers = [float(weights[name]) for name in FEATURES] + [float(told["bias"])]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("同事判断模型里有不是数的权重：请重新训练或改用内置的") from error
        if not np.isfinite(numbers).all():
            raise ValueError("同事判断模型里有不是数的权重：请重新训练或改用内置的")
        return cls(numbers[:-1], numbers[-1])


def _newton(
    design: NDArray[np.float64],
    truth: NDArray[np.float64],
    weight: NDArray[np.float64],
    start: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The weights of least log loss plus half the penalised squared distance from ``start``."""

    def loss(at: NDArray[np.float64]) -> float:
        score = design @ at
        return float(weight @ (np.logaddexp(0, score) - truth * score) + penalty @ (at - start) ** 2 / 2)

    at, best = start, loss(start)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ at, -30, 30)))
        slope = design.T @ (weight * (chance - truth)) + penalty * (at - start)
        curve = design.T @ (design * (weight * chance * (1 - chance))[:, None]) + np.diag(penalty)
        step, size = np.linalg.solve(curve, slope), 1.0
        while (now := loss(at - size * step)) > best and size > 1e-6:
            size /= 2
        if now >= best - 1e-9:
            break
        at, best = at - size * step, now
    return at


@lru_cache(maxsize=1)
def _builtin() -> PairModel:
    return PairModel.from_dict(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))


def builtin_pair_model() -> PairModel:
    """The model shipped with the program, a copy that may be taught further."""
    return _builtin().copy()
