"""漂移 Drift: do today's orders still look like those the model knows? In labels, in words, in confidence.

Sources: population stability index (Siddiqi, "Credit Risk Scorecards", 2006: below 0.1 stable, above 0.25 shifted), with
what chance alone gives taken off (Yurdakul and Naranjo, "Statistical properties of the population stability index",
2020); Pearson's chi-square of two rows of counts; Kolmogorov and Smirnov's test of two samples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2_contingency, ks_2samp

STABLE, SHIFTED = 0.1, 0.25  # of the population stability index
UNKNOWN_MORE = 0.03  # share of unknown words above the usual
LESS_SURE = 0.05  # mean confidence lost
_SMALL = 50  # orders below which nothing is said
_SELDOM = 5  # expected counts below which a chi-square is not to be believed


@dataclass(frozen=True, slots=True)
class Drift:
    """One period against the periods before: ``orders`` now and ``before``; ``label_shift`` (population stability
    index over the labels guessed), ``label_p`` (chi-square: how likely chance alone moves labels so far) and the labels
    that moved most ``(label, share before, share now)``;
    ``unknown`` and ``unknown_before``: share of words the model does not know; ``rising`` words ``(word, orders now,
    times as often)``; mean ``confidence`` now and before, ``confidence_distance`` (KS) and its ``confidence_p``;
    ``verdict`` in Chinese and
    ``level`` (``few``, ``stable``, ``watch``, ``shifted``)."""

    orders: int
    before: int
    label_shift: float
    label_beyond_chance: float
    label_p: float
    moved: list[tuple[str, float, float]]
    unknown: float
    unknown_before: float
    rising: list[tuple[str, int, float]]
    confidence: float
    confidence_before: float
    confidence_distance: float
    confidence_p: float
    level: str
    verdict: str

    def figures(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Sample:
    """Orders of a period: likeliest ``labels`` (n,), their ``confidences`` (n,), the ``words`` of each (n lists), and
    the share of its words the model knows (n,)."""

    labels: Sequence[str]
    confidences: Sequence[float]
    words: Sequence[Sequence[str]]
    known: Sequence[float]


def stability_index(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Population stability index of two label counts, half an order added to each label so that a new one counts."""
    labels = sorted({*before, *now})
    if not labels:
        return 0.0
    a = np.array([before.get(label, 0) + 0.5 for label in labels])
    b = np.array([now.get(label, 0) + 0.5 for label in labels])
    a, b = a / a.sum(), b / b.sum()
    return float(((b - a) * np.log(b / a)).sum())


def label_chance(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Chi-square p-value of two label counts; labels expected fewer than five times on a side are taken together.

    1 where a side is empty or fewer than two labels are left.
    """
    labels = sorted({*before, *now})
    table = np.array([[side.get(label, 0) for label in labels] for side in (before, now)], dtype=np.float64)
    if not labels or not table.sum(axis=1).all():
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    rare = (expected < _SELDOM).any(axis=0)
    table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)] if rare.any() else [table])
    return float(chi2_contingency(table, correction=False).pvalue) if table.shape[1] > 1 else 1.0


def distance(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Kolmogorov-Smirnov distance of two samples, 0 … 1, and its p-value; (0, 1) where one is empty."""
    if not len(one) or not len(other):
        return 0.0, 1.0
    found = ks_2samp(one, other, method="asymp")
    return float(found.statistic), float(found.pvalue)


def drift(before: Sample, now: Sample) -> Drift:
    """Compare a period's orders with those before it. Never raises for few or no orders; says so instead."""
    counts_before, counts_now = Counter(before.labels), Counter(now.labels)
    shift = stability_index(counts_before, counts_now)
    n, m = len(before.labels), len(now.labels)
    shares = {
        label: (counts_before[label] / max(n, 1), counts_now[label] / max(m, 1))
        for label in {*counts_before, *counts_now}
    }
    moved = sorted(((label, *pair) for label, pair in shares.items()), key=lambda row: -abs(row[2] - row[1]))[
        :5
    ]
    # One order more than chance would give moves an index of few orders a lot: what chance gives is taken off.
    beyond = max(0.0, shift - (len(shares) - 1) * (1 / max(n, 1) + 1 / max(m, 1)))
    unknown_before = 1 - float(np.mean(before.known)) if n else 0.0
    unknown = 1 - float(np.mean(now.known)) if m else 0.0
    sure_before = float(np.mean(before.confidences)) if n else 0.0
    sure = float(np.mean(now.confidences)) if m else 0.0
    level, verdict = _judged(n, m, beyond, moved, unknown - unknown_before, sure - sure_before)
    return Drift(
        m, n, shift, beyond, label_chance(counts_before, counts_now), moved, unknown, unknown_before,
        _rising(before.words, now.words), sure, sure_before, *distance(before.confidences, now.confidences),
        level, verdict,
    )  # fmt: skip


def _judged(
    before: int, now: int, shift: float, moved: list[tuple[str, float, float]], unknown: float, sure: float
) -> tuple[str, str]:
    if min(before, now) < _SMALL:
        return "few", f"工单太少（本期 {now} 件，此前 {before} 件），不作判断"
    said = []
    if shift >= STABLE and moved:
        name, a, b = moved[0]
        said.append(f"类别分布变了，变动最大的是“{name}”（{a:.1%} → {b:.1%}）")
    if unknown >= UNKNOWN_MORE:
        said.append(f"模型不认识的词比此前多 {unknown:.1%}")
    if sure <= -LESS_SURE:
        said.append(f"平均把握比此前低 {-sure:.1%}")
    if not said:
        return "stable", "与此前相比没有明显变化"
    bad = shift >= SHIFTED or len(said) > 1
    advice = "建议多标注近期工单并重新训练" if bad else "请留意，必要时多标注近期工单"
    return ("shifted" if bad else "watch"), "；".join(said) + f"。{advice}"


def _rising(before: Sequence[Sequence[str]], now: Sequence[Sequence[str]]) -> list[tuple[str, int, float]]:
    """Words of two characters or more in many more orders than before: (word, orders now, times as often)."""
    counts = Counter(word for words in now for word in set(words) if len(word) > 1)
    earlier = Counter(word for words in before for word in set(words) if len(word) > 1)
    scale = max(len(now), 1) / max(len(before), 1)
    found = []
    for word, count in counts.items():
        expected = (earlier[word] + 0.5) * scale
        if count >= 5 and count - expected > 3 * np.sqrt(expected):
            found.append((word, count, float(count / expected)))
    return sorted(found, key=lambda row: (-(row[1] - row[1] / row[2]), row[0]))[:10]
