"""分类比较 Our classifier beside the usual pipeline (jieba + TfidfVectorizer + LinearSVC), same folds, one run.

    SHARED_DATA=… python -m bench.classify [--folds 5] [FILE …]     scores by slice, speed, label noise, calibration
    SHARED_DATA=… python -m bench.classify --curve [FILE …]         learning curve
    SHARED_DATA=… python -m bench.classify --errors 30 [FILE …]     most confident errors, to be read
    python -m bench.classify --size 100000                          training at size, on complaints composed here

Files hold ``label`` and ``text`` or ``tokens``, some a ``time``. Without files the two labelled ones of
``SHARED_DATA`` are used. Near-duplicates stay on one side of every fold. Intervals are of 1,000 bootstrap samples of
the orders. Speed is from text to label on whole texts, dictionaries loaded, best of five runs each, taken in turns.
Charts go to ``bench/out``.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from analytics.calibration import coverage_at, expected_calibration_error, reliability
from analytics.classifier import ComplaintClassifier, near_duplicates
from analytics.corpus import compose
from analytics.features import words_of
from analytics.text import warm_up
from analytics.training import folds as dealt
from core.console import charts
from core.tables import read_table
from core.timestamps import parse_timestamp

Said = str | list[str]
Matrix = NDArray[np.float64]
_DRAWS = 1000


@dataclass(frozen=True)
class Data:
    """Orders: what was said, labels, month (empty where unknown), near-duplicate group."""

    said: list[Said]
    label: NDArray[Any]
    month: NDArray[Any]
    group: NDArray[np.intp]

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which are whole texts."""
        return np.array([isinstance(said, str) for said in self.said])


def orders(files: list[str]) -> Data:
    """All rows of the files."""
    said: list[Said] = []
    labels, months = [], []
    for file in files:
        for row in read_table(file):
            said.append(row.values.get("text") or row.values["tokens"].split())
            labels.append(row.values["label"])
            months.append(f"{parse_timestamp(row.values['time']):%Y-%m}" if row.values.get("time") else "")
    group = near_duplicates([words_of(one) for one in said])
    return Data(said, np.array(labels), np.array(months), group)


def usual(said: Sequence[Said], labels: Sequence[str]) -> Callable[[Sequence[Said]], Matrix]:
    """The usual pipeline, trained: scores (n, classes), classes sorted."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    def cut(one: Said) -> list[str]:
        return jieba.lcut(one) if isinstance(one, str) else one

    pipeline = make_pipeline(TfidfVectorizer(analyzer=cut, sublinear_tf=True, min_df=2), LinearSVC())
    pipeline.fit(list(said), list(labels))
    return pipeline.decision_function  # type: ignore[no-any-return]


def usual_unseen(data: Data, truth: NDArray[np.intp], folds: NDArray[np.intp]) -> Matrix:
    """Scores of every order by the usual pipeline of the fold that did not see it."""
    scores = np.zeros((len(truth), len(set(data.label))))
    for fold in np.unique(folds):
        seen, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        scores[held] = usual([data.said[at] for at in seen], data.label[seen])([data.said[at] for at in held])
    return scores


def macro_f1(truth: NDArray[np.intp], guess: NDArray[np.intp], weight: Matrix, classes: int) -> float:
    """Macro-F1 over the classes that appear in the truth, orders counted ``weight`` times."""
    hits = np.bincount(truth[truth == guess], weight[truth == guess], classes)
    true, claimed = np.bincount(truth, weight, classes), np.bincount(guess, weight, classes)
    there = true > 0
    return float((2 * hits[there] / (true + claimed)[there]).mean())


def row(name: str, at: NDArray[Any], truth: NDArray[np.intp], guesses: list[NDArray[np.intp]], n: int) -> str:
    """A line of the table: both scores with intervals, and the interval of their difference."""
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(_DRAWS):
        weight = rng.multinomial(len(at), np.full(len(at), 1 / len(at))).astype(float)
        drawn.append([macro_f1(truth[at], guess[at], weight, n) for guess in guesses])
    table = np.array(drawn)
    point = [macro_f1(truth[at], guess[at], np.ones(len(at)), n) for guess in guesses]
    low, high = np.quantile(table, [0.025, 0.975], axis=0)
    less, more = np.quantile(table[:, 1] - table[:, 0], [0.025, 0.975])
    cells = [f"{p:.3f} ({a:.3f}–{b:.3f})" for p, a, b in zip(point, low, high, strict=True)]
    return f"| {name} | {len(at)} | {cells[0]} | {cells[1]} | {point[1] - point[0]:+.3f} ({less:+.3f}–{more:+.3f}) |"


def compare(data: Data, wanted: int) -> None:
    """The table by slice, calibration, label noise, speed."""
    warm_up()
    model = ComplaintClassifier(folds=wanted)
    begun = time.perf_counter()
    model.fit(data.said, data.label.tolist(), data.group)
    print(
        f"ours: {len(data.said)} orders learnt in {time.perf_counter() - begun:.1f} s, {wanted} folds included"
    )
    truth = np.searchsorted(np.array(model.classes_), data.label)
    n = len(model.classes_)
    theirs = usual_unseen(data, truth, dealt(truth, data.group, wanted, n, model.random_state))
    guesses = [theirs.argmax(axis=1), model.unseen_.argmax(axis=1)]
    print("\n| orders | n | usual pipeline, macro-F1 | ours | difference |\n|---|---|---|---|---|")
    slices: list[tuple[str, NDArray[np.bool_]]] = [("all", np.ones(len(truth), bool))]
    if 0 < data.whole.sum() < len(truth):
        slices += [("whole texts", data.whole), ("words only", ~data.whole)]
    length = np.array([len(said) if isinstance(said, str) else 0 for said in data.said])
    for low, high in ((1, 100), (100, 200), (200, 400), (400, 800), (800, 10**9)):
        slices.append((f"{low}–{high if high < 10**9 else ''} characters", (length >= low) & (length < high)))
    for year in sorted({month[:4] for month in data.month.tolist() if month}):
        slices.append((year, np.char.startswith(data.month, year)))
    for quarter in ("01 02 03", "04 05 06", "07 08 09", "10 11 12"):
        inside = np.isin([month[5:7] for month in data.month.tolist()], quarter.split())
        slices.append((f"months {quarter[:2]}–{quarter[-2:]}", inside))
    for name, inside in slices:
        if inside.sum() >= 50:
            print(row(name, np.flatnonzero(inside), truth, guesses, n))
    print("\n| class | n | usual, F1 | ours, F1 |\n|---|---|---|---|")
    for c, label in enumerate(model.classes_):
        both = [
            2 * ((truth == c) & (guess == c)).sum() / ((truth == c).sum() + (guess == c).sum())
            for guess in guesses
        ]
        print(f"| {label} | {(truth == c).sum()} | {both[0]:.3f} | {both[1]:.3f} |")
    for name, inside in slices[:2]:
        told(name, model.unseen_[inside], truth[inside])
    plotted(model.unseen_[data.whole], truth[data.whole])
    noise(data)
    speed(model, data)


def told(name: str, chances: Matrix, truth: NDArray[np.intp]) -> None:
    """What calibration and abstention give on unseen orders."""
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    three = (np.argsort(-chances, axis=1)[:, :3] == truth[:, None]).any(axis=1).mean()
    share, least = coverage_at(sure, right, 0.99)
    error = expected_calibration_error(sure, right)
    print(
        f"\n{name}: accuracy {right.mean():.4f}, top-3 {three:.4f}, ECE {error:.4f}, "
        f"answerable alone at 99 %: {share:.3f} (from confidence {least:.3f})"
    )


def plotted(chances: Matrix, truth: NDArray[np.intp]) -> None:
    """The calibration plot: how often it is right against how sure it says it is."""
    import altair as alt

    points = reliability(chances.max(axis=1), chances.argmax(axis=1) == truth)
    out = Path("bench/out/calibration.svg")
    out.parent.mkdir(parents=True, exist_ok=True)
    alt.Chart.from_dict(charts.reliability(points) | {"width": 360}).save(str(out))
    print(
        f"calibration plot: {out}; "
        + ", ".join(f"{p['said']:.2f}→{p['right']:.2f} (n {p['n']})" for p in points)
    )


def noise(data: Data) -> None:
    """How often two orders that say nearly the same bear different labels."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [said if isinstance(said, str) else "".join(said) for said in data.said]
    rows = TfidfVectorizer(analyzer="char", ngram_range=(3, 3), min_df=2).fit_transform(texts)
    like = (rows @ rows.T).tocoo()
    pairs = [
        (a, b)
        for a, b, cosine in zip(like.row.tolist(), like.col.tolist(), like.data.tolist(), strict=True)
        if a < b and cosine > 0.6 and fuzz.partial_ratio(texts[a], texts[b]) > 85
    ]
    apart = sum(data.label[a] != data.label[b] for a, b in pairs)
    print(f"\nlabels' own disagreement: {len(pairs)} pairs of near-copies, {apart} with different labels")


def speed(model: ComplaintClassifier, data: Data) -> None:
    """Orders a second of both, in turns."""
    texts = [said for said in data.said if isinstance(said, str)]
    theirs = usual(data.said, data.label.tolist())
    best = [float("inf"), float("inf")]
    for _ in range(5):
        for at, answer in enumerate((theirs, model.predict)):
            begun = time.perf_counter()
            answer(texts)
            best[at] = min(best[at], time.perf_counter() - begun)
    a, b = (len(texts) / seconds for seconds in best)
    print(
        f"\nspeed on {len(texts)} whole texts: usual {a:.0f} orders/s, ours {b:.0f} orders/s, ratio {b / a:.2f}"
    )


def curve(data: Data) -> None:
    """Macro-F1 of both by the number of orders learnt from, on one fixed fifth; three draws each."""
    rng = np.random.default_rng(0)
    classes, truth = np.unique(data.label, return_inverse=True)
    held = dealt(truth, data.group, 5, len(classes), 0) == 0
    test, rest = np.flatnonzero(held & data.whole), np.flatnonzero(~held)
    print("| learnt from | usual pipeline | ours |\n|---|---|---|")
    for size in (250, 500, 1000, 2000, 4000, len(rest)):
        scores: list[list[float]] = [[], []]
        for _ in range(3 if size < len(rest) else 1):
            drawn = rng.choice(rest, size, replace=False)
            said, labels = [data.said[at] for at in drawn], data.label[drawn].tolist()
            asked = [data.said[at] for at in test]
            for at, guess in enumerate(
                (usual(said, labels)(asked).argmax(axis=1),
                 ComplaintClassifier().fit(said, labels).predict_proba(asked).argmax(axis=1))
            ):  # fmt: skip
                scores[at].append(macro_f1(truth[test], guess, np.ones(len(test)), len(classes)))
        cells = [f"{np.mean(s):.3f} ± {np.std(s):.3f}" for s in scores]
        print(f"| {size} | {cells[0]} | {cells[1]} |", flush=True)


def errors(data: Data, count: int) -> None:
    """The most confident errors on whole texts."""
    model = ComplaintClassifier().fit(data.said, data.label.tolist(), data.group)
    truth = np.searchsorted(np.array(model.classes_), data.label)
    wrong = np.flatnonzero((model.unseen_.argmax(axis=1) != truth) & data.whole)
    for at in wrong[np.argsort(-model.unseen_[wrong].max(axis=1))][:count]:
        guess = model.classes_[int(model.unseen_[at].argmax())]
        print(f"{model.unseen_[at].max():.2f} {data.label[at]} → {guess} | {str(data.said[at])[:90]!r}")


def size(count: int) -> None:
    """Training on many composed complaints, top-level names as labels: time and peak memory."""
    rng = random.Random(0)
    made = [(example.text, example.label.split("/")[0]) for example in compose(120)]
    texts, labels = [], []
    for _ in range(count):  # composed complaints run together: about as long as real ones, no two alike
        (one, label), (two, _), (three, _) = (made[rng.randrange(len(made))] for _ in range(3))
        texts.append(f"{one}。{two[:60]}。{three[:60]}")
        labels.append(label)
    begun = time.perf_counter()
    ComplaintClassifier().fit(texts, labels, range(count))
    took, memory = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} orders of {np.mean([len(t) for t in texts]):.0f} characters, {len(set(labels))} labels: "
          f"{took:.0f} s, peak {memory:.0f} MB")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.classify")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--errors", type=int, metavar="N")
    parser.add_argument("--size", type=int, metavar="N")
    args = parser.parse_args()
    if args.size:
        return size(args.size)
    folder = os.environ.get("SHARED_DATA")
    files = args.files or [
        str(Path(folder) / name)
        for name in ("petitions_labelled.csv", "petitions_labelled_segmented.csv")
        if folder
    ]
    if not files:
        parser.error("no files, and SHARED_DATA is not set")
    data = orders(files)
    if args.curve:
        curve(data)
    elif args.errors:
        errors(data, args.errors)
    else:
        compare(data, args.folds)
    return None


if __name__ == "__main__":
    main()
