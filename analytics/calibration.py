"""校准 Calibration: scores made into probabilities that can be believed, and how to tell.

Method: temperature scaling (Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017),
fitted on scores of orders the model had not seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def softmax(scores: Matrix, sharpness: float = 1.0) -> Matrix:
    """Probabilities, shape (n, classes), of scores of the same shape times ``sharpness`` (1 / temperature)."""
    shifted = sharpness * (scores - scores.max(axis=1, keepdims=True))
    powers = np.exp(shifted)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit_sharpness(scores: Matrix, truth: NDArray[np.intp]) -> float:
    """The ``sharpness`` at which unseen orders' true classes are likeliest.

    Parameters: scores (n, classes) of orders the model did not train on; truth (n,) column of the true class.
    Golden-section search over the logarithm of 0.1 … 100; the log likelihood has one maximum there.
    """

    def loss(logarithm: float) -> float:
        probabilities = softmax(scores, float(np.exp(logarithm)))[np.arange(len(truth)), truth]
        return -float(np.log(np.maximum(probabilities, 1e-12)).mean())

    golden = (5**0.5 - 1) / 2
    low, high = float(np.log(0.1)), float(np.log(100))
    for _ in range(40):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return float(np.exp((low + high) / 2))


def expected_calibration_error(confidence: Matrix, right: NDArray[np.bool_], bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width bins, weighted by their size (Guo et al. 2017).

    Parameters: confidence (n,) in [0, 1]; right (n,). Returns 0 for no orders.
    """
    if not len(right):
        return 0.0
    at = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[at == b].mean() - right[at == b].mean()) * (at == b).sum() for b in np.unique(at)]
    return float(sum(gaps) / len(right))


def coverage_at(confidence: Matrix, right: NDArray[np.bool_], precision: float) -> tuple[float, float]:
    """Largest share of orders that can be answered alone at a precision, and the confidence that takes.

    Answered are all orders at or above the threshold; equal confidences are answered or left together. Returns
    (0.0, 1.0) when no threshold reaches the precision.
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence = confidence[order]
    share_right = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last_of_equal = np.append(sorted_confidence[1:] != sorted_confidence[:-1], True)
    good = np.flatnonzero((share_right >= precision) & last_of_equal)
    if not len(good):
        return 0.0, 1.0
    return float((good[-1] + 1) / len(order)), float(sorted_confidence[good[-1]])


def reliability(confidence: Matrix, right: NDArray[np.bool_], bins: int = 10) -> list[dict[str, float]]:
    """How often answers of each confidence were right: ``said`` (mean confidence of the bin), ``right`` (share), ``n``.

    Parameters as in `expected_calibration_error`. Empty bins are left out.
    """
    at = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        {
            "said": float(confidence[at == b].mean()),
            "right": float(right[at == b].mean()),
            "n": int((at == b).sum()),
        }
        for b in np.unique(at)
    ]
