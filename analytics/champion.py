"""擂台 Champion and challenger: is a newly trained model not worse than the one in force, on orders neither has seen?

Source: paired bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993; for classifiers, Berg-Kirkpatrick,
Burkett and Klein, "An Empirical Investigation of Statistical Significance in NLP", EMNLP 2012).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

AT_LEAST = 200  # held-out orders below which nothing is decided
WORSE = 0.005  # macro-F1 a challenger may seem to lose by chance alone
_CONFIDENCE = 0.9
_DRAWS = 10_000
_AT_ONCE = 1_000  # draws held in memory together


@dataclass(frozen=True, slots=True)
class Comparison:
    """``n`` held-out orders; macro-F1 and accuracy of both; ``low``..``high``: the 90 % interval of the difference in
    macro-F1, challenger minus champion; ``promote``, and ``reason`` in Chinese."""

    n: int
    champion_f1: float
    challenger_f1: float
    champion_accuracy: float
    challenger_accuracy: float
    low: float
    high: float
    promote: bool
    reason: str

    @property
    def difference(self) -> float:
        """Macro-F1 gained."""
        return self.challenger_f1 - self.champion_f1

    def figures(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {"difference": self.difference}


def compare(
    truth: Sequence[str],
    champion: Sequence[str],
    challenger: Sequence[str],
    *,
    at_least: int = AT_LEAST,
    seed: int = 0,
) -> Comparison:
    """Compare two models' guesses on the same orders.

    Parameters: truth, champion, challenger (n,) labels. Promoted when the interval's lower end is not below
    −`WORSE`, and at least ``at_least`` orders speak. Macro-F1 runs over the labels that appear in the truth.
    Raises ValueError for unequal lengths.
    """
    if not len(truth) == len(champion) == len(challenger):
        raise ValueError("三组标签数目不一致")
    if len(truth) < at_least:
        return Comparison(len(truth), 0, 0, 0, 0, 0, 0, False,
                          f"留作检验的工单只有 {len(truth)} 件，不足 {at_least} 件，先不换")  # fmt: skip
    cells: Counter[tuple[str, ...]] = Counter(zip(truth, champion, challenger, strict=True))
    scores = _drawn(cells, seed)
    low, high = _middle(scores[1] - scores[0])
    right = [sum(n for triple, n in cells.items() if triple[0] == triple[which]) for which in (1, 2)]
    promote = bool(low >= -WORSE)
    gained = 100 * (scores[1][0] - scores[0][0])
    verdict = "不比现用的差，换上" if promote else "可能比现用的差，不换"
    reason = (
        f"在 {len(truth)} 件两者都没学过的工单上，宏平均 F1 {scores[1][0]:.3f} 对 {scores[0][0]:.3f}"
        f"（差 {gained:+.1f} 个百分点，90% 区间 {100 * low:+.1f} 到 {100 * high:+.1f}）：{verdict}"
    )
    return Comparison(
        len(truth), float(scores[0][0]), float(scores[1][0]), right[0] / len(truth), right[1] / len(truth),
        float(low), float(high), promote, reason,
    )  # fmt: skip


def interval(truth: Sequence[str], guesses: Sequence[str], *, seed: int = 0) -> tuple[float, float]:
    """90 % bootstrap interval of one model's macro-F1. Parameters: truth, guesses (n,) labels.

    Raises ValueError for unequal lengths or no orders.
    """
    if len(truth) != len(guesses) or not len(truth):
        raise ValueError("标签数目不一致，或没有可评估的")
    return _middle(_drawn(Counter(zip(truth, guesses, strict=True)), seed)[0])


def _middle(scores: NDArray[np.float64]) -> tuple[float, float]:
    """Where the middle `_CONFIDENCE` of the draws lie; the first score is that of the orders themselves."""
    low, high = np.quantile(scores[1:], [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return float(low), float(high)


def _drawn(cells: Mapping[tuple[str, ...], int], seed: int) -> NDArray[np.float64]:
    """Macro-F1, shape (models, 1 + draws), of the orders themselves and of as many drawn from them with replacement.

    ``cells`` counts the orders by (true label, one model's guess, …): drawing counts is drawing orders.
    """
    rows, counts = list(cells), np.array(list(cells.values()))
    labels = sorted({row[0] for row in rows})
    rng, n = np.random.default_rng(seed), int(counts.sum())
    samples: Iterator[NDArray[Any]] = (
        rng.multinomial(n, counts / n, size=_AT_ONCE) for _ in range(_DRAWS // _AT_ONCE)
    )
    return np.hstack(
        [
            [
                _macro_f1(np.asarray(whole, np.float64), rows, labels, which)
                for which in range(1, len(rows[0]))
            ]
            for whole in chain([counts[None]], samples)
        ]
    )


def _macro_f1(
    whole: NDArray[np.float64], rows: Sequence[tuple[str, ...]], labels: list[str], which: int
) -> NDArray[np.float64]:
    """Macro-F1 of each sample: ``whole`` (samples, cells) counts of the cells; ``which`` model of each cell."""
    at = {label: place for place, label in enumerate(labels)}
    hit, true, claimed = (np.zeros((len(rows), len(labels))) for _ in range(3))
    for cell, row in enumerate(rows):
        true[cell, at[row[0]]] = 1
        if row[which] in at:
            claimed[cell, at[row[which]]] = 1
        if row[which] == row[0]:
            hit[cell, at[row[0]]] = 1
    hits, trues, claims = whole @ hit, whole @ true, whole @ claimed
    there = trues > 0  # a rare label may be missing from a sample
    f1 = np.divide(2 * hits, trues + claims, out=np.zeros_like(hits), where=there)
    return np.asarray(f1.sum(axis=1) / np.maximum(there.sum(axis=1), 1))
