"""分类比较 Our classifier beside the usual pipeline (jieba + TfidfVectorizer + LinearSVC), same split, one run.

    SHARED_DATA=… python -m bench.classify [FILE …]

Files hold ``label`` and ``text`` or ``tokens``. Without files and without ``SHARED_DATA`` the corpus's own composed
complaints are used, which say something about speed and nothing about accuracy. Near-duplicates stay on one side of
the split. Speed is measured on whole texts, from text to label, the dictionary loaded before.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np

from analytics.classifier import ComplaintClassifier, near_duplicates
from analytics.corpus import compose
from analytics.evaluation import evaluate
from analytics.features import words_of
from analytics.text import warm_up
from core.tables import read_table

Order = tuple[str | list[str], str]


def orders(files: list[str]) -> list[Order]:
    """(text or words, label) of every row."""
    found: list[Order] = []
    for file in files:
        for row in read_table(file):
            said = row.values.get("text") or row.values["tokens"].split()
            found.append((said, row.values["label"]))
    return found or [(example.text, example.label) for example in compose(30)]


def reference(train: list[Order], test: list[Order], texts: list[str]) -> tuple[list[str], float, float]:
    """The usual pipeline: guesses for the test part, seconds to train, orders per second on whole texts."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    jieba.lcut("热身")

    def cut(said: str | list[str]) -> list[str]:
        return jieba.lcut(said) if isinstance(said, str) else said

    pipeline = make_pipeline(TfidfVectorizer(analyzer=cut, sublinear_tf=True, min_df=2), LinearSVC())
    begun = time.perf_counter()
    pipeline.fit([said for said, _ in train], [label for _, label in train])
    trained = time.perf_counter() - begun
    guesses = pipeline.predict([said for said, _ in test]).tolist()
    begun = time.perf_counter()
    pipeline.predict(texts)
    return guesses, trained, len(texts) / (time.perf_counter() - begun)


def ours(train: list[Order], test: list[Order], texts: list[str]) -> tuple[list[str], float, float]:
    """Our classifier, the same three figures."""
    begun = time.perf_counter()
    model = ComplaintClassifier().fit([said for said, _ in train], [label for _, label in train])
    trained = time.perf_counter() - begun
    guesses = model.predict([said for said, _ in test])
    begun = time.perf_counter()
    model.predict(texts)
    return guesses, trained, len(texts) / (time.perf_counter() - begun)


def main() -> None:
    folder = os.environ.get("SHARED_DATA")
    usual = ["petitions_labelled.csv", "petitions_labelled_segmented.csv"] if folder else []
    files = sys.argv[1:] or [str(Path(folder or ".") / name) for name in usual]
    everything = orders(files)
    warm_up()
    groups = near_duplicates([words_of(said) for said, _ in everything])
    in_test = np.random.default_rng(0).random(groups.max() + 1)[groups] < 0.2
    train = [order for order, held in zip(everything, in_test, strict=True) if not held]
    test = [order for order, held in zip(everything, in_test, strict=True) if held]
    texts = [said for said, _ in test if isinstance(said, str)]
    print("command: python -m bench.classify", *(Path(file).name for file in files))
    print(
        f"train {len(train)}, test {len(test)}, whole texts {len(texts)}; split by near-duplicate group, seed 0"
    )
    results = {}
    for name, run in (("reference", reference), ("ours", ours)):
        guesses, trained, speed = run(train, test, texts)
        figures = evaluate([label for _, label in test], [[(guess, 1.0)] for guess in guesses])
        results[name] = (figures["macro_f1"], speed)
        print(f"{name:10s} macro-F1 {figures['macro_f1']:.4f}  train {trained:.1f} s  {speed:.0f} orders/s")
    (f1, speed), (our_f1, our_speed) = results["reference"], results["ours"]
    print(
        f"ratio ours/reference: macro-F1 {our_f1 / f1:.3f} (errors {(1 - our_f1) / (1 - f1):.2f}), speed {our_speed / speed:.2f}"
    )


if __name__ == "__main__":
    main()
