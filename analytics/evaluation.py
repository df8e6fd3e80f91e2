"""评估 Evaluation: how often a classifier is right, class by class, and whether its confidence can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import coverage_at, expected_calibration_error, reliability


def scores_by_class(truth: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of every label that appears in the truth, in order of size."""
    true, guess = np.array(truth, dtype=object), np.array(predicted, dtype=object)
    labels, counts = np.unique(true.astype(str), return_counts=True)
    result = {}
    for label in labels[np.argsort(-counts, kind="stable")].tolist():
        hits = int(((true == label) & (guess == label)).sum())
        support, claimed = int((true == label).sum()), int((guess == label).sum())
        result[label] = {
            "precision": hits / claimed if claimed else 0.0,
            "recall": hits / support,
            "f1": 2 * hits / (support + claimed),
            "support": support,
        }
    return result


def evaluate(
    truth: Sequence[str],
    ranked: Sequence[Sequence[tuple[str, float]]],
    coverage: float | None = None,
) -> dict[str, Any]:
    """All figures of ``flask analytics evaluate``.

    Parameters: truth (n,) true labels; ranked (n,) the guesses of each order, likeliest first, each a pair of label
    and probability; coverage: also give the share answerable alone at this precision. ``macro_f1`` and
    ``weighted_f1`` run over the labels that appear in the truth. ``confusion`` is true label → guessed label →
    count. Raises ValueError when there is nothing to evaluate.
    """
    if not len(truth):
        raise ValueError("没有可评估的行")
    first = [guesses[0][0] for guesses in ranked]
    confidence = np.array([guesses[0][1] for guesses in ranked], dtype=np.float64)
    right: NDArray[np.bool_] = np.array([a == b for a, b in zip(truth, first, strict=True)])
    in_three = [a in {label for label, _ in guesses[:3]} for a, guesses in zip(truth, ranked, strict=True)]
    per_class = scores_by_class(truth, first)
    confusion: dict[str, dict[str, int]] = {label: {} for label in per_class}
    for a, b in zip(truth, first, strict=True):
        confusion[a][b] = confusion[a].get(b, 0) + 1
    result: dict[str, Any] = {
        "n": len(truth),
        "accuracy": float(right.mean()),
        "macro_f1": float(np.mean([s["f1"] for s in per_class.values()])),
        "weighted_f1": float(sum(s["f1"] * s["support"] for s in per_class.values()) / len(truth)),
        "top3_accuracy": float(np.mean(in_three)),
        "ece": expected_calibration_error(confidence, right),
        "reliability": reliability(confidence, right),
        "per_class": per_class,
        "confusion": confusion,
    }
    if coverage is not None:
        share, threshold = coverage_at(confidence, right, coverage)
        result["coverage"] = {"precision": coverage, "share": share, "threshold": threshold}
    return result
