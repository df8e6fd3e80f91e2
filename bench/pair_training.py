"""同事判断的训练 Pair training: the built-in weights, learnt from pairs this project makes itself.

    python -m bench.pair_training            held-out figures only
    python -m bench.pair_training --write    and write analytics/pair_weights.json

Every order of a made history is compared with what the index finds for it, as in use; the truth of a pair is known.
Pairs about one matter at one place that were not said to be one event are left out: nobody could tell.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.duplicates import DuplicateIndex, side_of
from analytics.pair_evidence import Evidence
from analytics.pair_model import FEATURES, WEIGHTS_FILE, PairModel
from bench.paraphrases import Made, history

WINDOW = timedelta(days=90)
STRENGTH = 1000.0
TEMPLATE_FROM, TEMPLATE_WEIGHT = 0.3, 0.1
# What reason says before any pair is seen; the made pairs, being milder than life, only move it.
REASON = {
    "like": 6.0, "contained": 0.5, "shared": 0.5, "same_place": 1.0, "matter_there": 6.0, "other_place": -2.0,
    "like_elsewhere": -1.0, "same_area": 0.3, "specific": 0.5, "other_specific": -0.3, "days": -0.1, "stale": -0.4,
    "same_category": 0.5, "other_category": -0.8, "lengths": -0.2, "curt": -0.5,
}  # fmt: skip
REASON_BIAS = -3.5


def pairs(
    made: list[Made], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64], list[str]]:
    """Features (n, f), labels (n,), weights (n,) and kinds of the pairs an index meets in a made history."""
    rng = random.Random(seed)
    index = DuplicateIndex(
        WINDOW, PairModel()
    )  # finds candidates only: no weights are needed to learn weights
    by_id = {one.complaint.id: one for one in made}
    sizes = Counter(one.event for one in made)
    labels_of = sorted({one.matter[0] for one in made})
    rows, labels, weights, kinds = [], [], [], []
    for one in made:
        complaint = one.complaint
        known = rng.random()
        category = "" if known < 0.5 else rng.choice(labels_of) if known < 0.55 else complaint.category
        side = side_of(complaint)
        side = type(side)(side.said, side.place, category)
        seconds = complaint.time.timestamp()
        for _, at, evidence in index.compare(side, seconds):
            other = by_id[index.id(at)]
            same = other.event == one.event
            if not same and other.matter == one.matter:
                continue
            rows.append(evidence.features)
            labels.append(same)
            weights.append(min(1.0, 4 / sizes[one.event]) if same else _template_weight(one, other, evidence))
            kinds.append(one.how if same else "other")
        index.put(complaint.id, seconds, side)
    return np.array(rows), np.array(labels), np.array(weights), kinds


def _template_weight(one: Made, other: Made, evidence: Evidence) -> float:
    """The demo writes many orders by one phrase, life hardly any: such pairs count for little, made twins in full."""
    if {"elsewhere", "beside"} & {one.how, other.how} or evidence.likeness < TEMPLATE_FROM:
        return 1.0
    return TEMPLATE_WEIGHT


def tell(model: PairModel, rows: NDArray[np.float64], truth: NDArray[np.bool_], kinds: list[str]) -> None:
    """Precision, recall and F1 at one half, expected calibration error (15 bins), recall by kind."""
    chance = model.probability(rows)
    said = chance >= 0.5
    right = float((said & truth).sum())
    p, r = right / max(1, said.sum()), right / max(1, truth.sum())
    bins = np.minimum((chance * 15).astype(int), 14)
    ece = sum(
        abs(chance[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean()
        for b in range(15)
        if (bins == b).any()
    )
    print(
        f"{len(rows)} pairs, {truth.sum()} of one event: P {p:.3f} R {r:.3f} F1 {2 * p * r / (p + r):.3f} ECE {ece:.4f}"
    )
    for kind in sorted(set(kinds) - {"other"}):
        of = np.array([k == kind for k in kinds])
        print(
            f"  {kind:8} {int((of & truth).sum()):5} pairs, recall {(said & of & truth).sum() / max(1, (of & truth).sum()):.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the weights into the package")
    parser.add_argument("--keep", help="also keep the pairs in this .npz, to try other ways of learning")
    args = parser.parse_args()
    begun = time.perf_counter()
    learnt = [pairs(history(orders, seed), seed) for orders, seed in ((300, 11), (600, 12), (900, 13))]
    rows, labels, weights = (np.concatenate([part[i] for part in learnt]) for i in range(3))
    model = PairModel([REASON[name] for name in FEATURES], REASON_BIAS)
    if args.keep:
        np.savez(args.keep, rows=rows, labels=labels, weights=weights)
    held = pairs(history(600, 91), 91)
    print("by reason alone: ", end="")
    tell(model, held[0], held[1], held[3])
    model.fit(rows, labels, strength=STRENGTH, sample_weight=weights)
    print(
        f"learnt from {len(rows)} pairs, {labels.sum()} of one event, in {time.perf_counter() - begun:.0f} s; held out: ",
        end="",
    )
    tell(model, held[0], held[1], held[3])
    print(json.dumps(model.to_dict(), ensure_ascii=False))
    if args.write:
        WEIGHTS_FILE.write_text(json.dumps(model.to_dict(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
