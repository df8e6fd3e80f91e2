"""训练的地址模型 Address model: a tagger learnt from labelled addresses, where such data may be used.

Method: a linear-chain conditional random field (Lafferty, McCallum & Pereira 2001; CRFsuite) over characters. Its
features are the characters around, what a run of digits stands between, and what the grammar of `analytics.address`
says there, so that it learns where the grammar is to be believed. Labels are those of the grammar.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite

from analytics.address import LABELS, Span, best_clause, grammar
from analytics.model_files import ModelError, load, save

KIND = "address-crf"
_WEIGHTS = "crf"
_NUMBER = re.compile(r"\d+|[A-Za-z]+")
_PAD = "^^^^"
_MOST_DIGITS = 4  # longer runs count as this long
_EDGE = 4  # characters from the line's beginning and end that are counted

Labelled = tuple[str, list[Span]]


def read_conll(path: Path) -> list[Labelled]:
    """Labelled addresses: a token and a BIO tag a line, blank lines between addresses. Case of labels is folded.

    Raises ValueError, in Chinese with the line number, for a line or a label that is neither.
    """
    out: list[Labelled] = []
    text, inside = "", ""
    spans: list[Span] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate([*lines, ""], 1):
        parts = line.split()
        if not parts:
            if text:
                out.append((text, spans))
            text, spans, inside = "", [], ""
            continue
        begin, _, label = parts[-1].partition("-")
        label = label.lower()
        if len(parts) != 2 or not (parts[1] == "O" or (begin in {"B", "I"} and label in LABELS)):
            raise ValueError(f"{path.name} 第 {number} 行：“{line}”应为“字 标注”，如“路 I-road”")
        start, text = len(text), text + parts[0]
        if label and (begin == "B" or inside != label):
            spans.append(Span(start, len(text), label))
        elif label:
            spans[-1] = Span(spans[-1].start, len(text), label)
        inside = label
    return out


def train_address_model(paths: Sequence[Path], folder: Path, *, iterations: int = 80) -> dict[str, Any]:
    """Learn from BIO files and write a model folder, whole or not at all. Returns the model's card.

    ``iterations`` of L-BFGS with elastic-net penalty; the same data give the same model. About a minute for 9,000
    addresses. Raises ValueError (Chinese) for a file that is not labelled addresses, ModelError for a folder
    that cannot be written.
    """
    data = [labelled for path in paths for labelled in read_conll(path)]
    if not data:
        raise ValueError(f"{'、'.join(path.name for path in paths)} 里没有标注过的地址")
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0.3, "c2": 0.05, "max_iterations": iterations, "feature.minfreq": 1})
    for text, spans in data:
        trainer.append(_features(text), _tags(text, spans))
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "crf"
        trainer.train(str(file))
        weights = file.read_bytes()
    card = {
        "kind": KIND,
        "addresses": len(data),
        "data_sha256": hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest(),
        "sources": [path.name for path in paths],
        "iterations": iterations,
        "labels": sorted({span.label for _, spans in data for span in spans}),
    }
    save(folder, card, {_WEIGHTS: np.frombuffer(weights, np.uint8)})
    return card


def entity_scores(data: Sequence[Labelled], read: Callable[[str], Sequence[Span]]) -> dict[str, Any]:
    """How well ``read`` finds the labelled parts: ``n`` addresses, ``precision``, ``recall`` and ``f1`` over all parts
    (right when beginning, end and label are), and ``per_label`` f1 and support. Raises ValueError for no data."""
    if not data:
        raise ValueError("没有可评估的地址")
    right, found, gold = Counter[str](), Counter[str](), Counter[str]()
    for text, spans in data:
        told = set(read(text))
        gold.update(span.label for span in spans)
        found.update(span.label for span in told)
        right.update(span.label for span in told & set(spans))
    hits, claimed, true = right.total(), found.total(), gold.total()
    return {
        "n": len(data),
        "precision": hits / claimed if claimed else 0.0,
        "recall": hits / true if true else 0.0,
        "f1": 2 * hits / (claimed + true) if claimed + true else 0.0,
        "per_label": {
            label: {"f1": 2 * right[label] / (count + found[label]), "support": count}
            for label, count in gold.most_common()
        },
    }


class AddressModel:
    """A trained tagger, ready to read. ``card``: what it was trained on. Safe to share between threads.

    Raises ModelError (Chinese) for a folder that holds no whole address model.
    """

    def __init__(self, folder: Path) -> None:
        card, arrays = load(folder)
        if card.get("kind") != KIND or _WEIGHTS not in arrays:
            raise ModelError(f"“{folder}”不是地址模型（是别的模型）；请检查 --model 的位置，或用 builtin")
        self.card = card
        self._weights = arrays[_WEIGHTS].tobytes()  # the tagger reads from here as long as it lives
        self._tagger = pycrfsuite.Tagger()
        try:
            self._tagger.open_inmemory(self._weights)
        except ValueError as error:
            raise ModelError(f"地址模型“{folder}”读不出来；请重新训练") from error
        self._one_at_a_time = threading.Lock()

    def parse(self, text: str) -> list[Span]:
        """The parts of an address, as `analytics.address.parse` gives them. Running text is searched likewise."""
        return best_clause(text, self.line)

    def line(self, text: str) -> list[Span]:
        """The parts of one address line, whatever marks stand in it."""
        if not text.strip():
            return []
        with self._one_at_a_time:
            tags = self._tagger.tag(_features(text))
        return _spans(tags)


def _tags(text: str, spans: list[Span]) -> list[str]:
    tags = ["O"] * len(text)
    for span in spans:
        tags[span.start : span.end] = [f"I-{span.label}"] * (span.end - span.start)
        tags[span.start] = f"B-{span.label}"
    return tags


def _spans(tags: list[str]) -> list[Span]:
    out: list[Span] = []
    for at, tag in enumerate(tags):
        begin, _, label = tag.partition("-")
        if begin == "O":
            continue
        if begin == "I" and out and out[-1].end == at and out[-1].label == label:
            out[-1] = Span(out[-1].start, at + 1, label)
        else:
            out.append(Span(at, at + 1, label))
    return out


def _shape(text: str) -> str:
    """The text with every digit as 0 and letter as A, as long as before: one address in a thousand has this number."""
    plain = (unicodedata.normalize("NFKC", character)[:1] or " " for character in text)
    return "".join(
        "0" if c.isdigit() else "A" if c.isascii() and c.isalpha() else "_" if c.isspace() else c
        for c in plain
    )


def _features(text: str) -> list[list[str]]:
    """Names of the features that hold at every character. Shape: len(text) lists."""
    shape = _PAD + _shape(text) + _PAD
    said = _said_by_grammar(text)
    runs: dict[int, list[str]] = {}
    for run in _NUMBER.finditer(text):
        first, end = run.start() + len(_PAD), run.end() + len(_PAD)
        before, after = shape[first - 1], shape[end : end + 2]
        length = min(run.end() - run.start(), _MOST_DIGITS)
        for at in range(run.start(), run.end()):
            runs[at] = [f"n{length}", f"n<{before}", f"n>{after}", f"n<>{before}{after[:1]}"]
    out = []
    for at in range(len(text)):
        i = at + len(_PAD)
        out.append(
            [
                "bias",
                *(f"u{shift}{shape[i + shift]}" for shift in range(-4, 5)),
                *(f"b{shift}{shape[i + shift : i + shift + 2]}" for shift in range(-3, 3)),
                *(f"t{shift}{shape[i + shift : i + shift + 3]}" for shift in range(-2, 2)),
                *(f"q{shift}{shape[i + shift : i + shift + 4]}" for shift in range(-3, 1)),
                *(f"v{shift}{shape[i + shift : i + shift + 5]}" for shift in (-4, 0)),
                f"from{min(at, _EDGE)}",
                f"left{min(len(text) - at, _EDGE)}",
                *said[at],
                *runs.get(at, ()),
            ]
        )
    return out


def _said_by_grammar(text: str) -> list[list[str]]:
    """What the grammar says at every character: part, place in it, the parts before and after."""
    out: list[list[str]] = [["g-"] for _ in text]
    parts = grammar(text)
    labels = ["^", *(part.label for part in parts), "$"]
    for number, part in enumerate(parts, 1):
        for at in range(part.start, part.end):
            place = "B" if at == part.start else "E" if at == part.end - 1 else "I"
            out[at] = [
                f"g{place}{labels[number]}",
                f"g<{labels[number - 1]}{labels[number]}",
                f"g>{labels[number]}{labels[number + 1]}",
                f"g{place}{labels[number]}{part.end - part.start if part.end - part.start < 7 else 7}",
            ]
    for one, two in pairwise(parts):
        out[one.end - 1].append(f"g|{one.label}{two.label}")
    return out
