"""训练的地址模型 Address model: a tagger learnt from labelled addresses, where such data may be used.

Method: a linear-chain conditional random field (Lafferty, McCallum & Pereira 2001; CRFsuite) over characters, whose
features are those of `analytics.address_features`. Labels are those of the grammar; inside, first, inner, last and
only characters have tags of their own, and what is redundant is told apart by why.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite

from analytics.address import LABELS, Span, best_clause
from analytics.address_candidates import WIDTH, Candidate, Chances, candidates, choose, columns
from analytics.address_evidence import Evidence, names, rows
from analytics.address_features import features
from analytics.boosted_trees import BoostedTrees, grow
from analytics.model_files import Arrays, ModelError, load, save

KIND = "address-crf-3"
_WEIGHTS = "crf"
_FOLDS = 3
_FEW = 300  # with fewer addresses nothing can be learnt about the tagger
_LONG = 500  # characters; no address, and candidates are compared in pairs
_HAN = re.compile("[一-鿿]")

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


def train_address_model(paths: Sequence[Path], folder: Path, *, iterations: int = 60) -> dict[str, Any]:
    """Learn from BIO files and write a model folder, whole or not at all. Returns the model's card.

    ``iterations`` of L-BFGS with elastic-net penalty; the same data give the same model. Ten minutes of one core for
    9,000 addresses. Raises ValueError (Chinese) for a file that is not labelled addresses, ModelError for a folder
    that cannot be written.
    """
    data = [labelled for path in paths for labelled in read_conll(path)]
    if not data:
        raise ValueError(f"{'、'.join(path.name for path in paths)} 里没有标注过的地址")
    weights = _tagger_weights(data, iterations)
    arrays: Arrays = {_WEIGHTS: np.frombuffer(weights, np.uint8)}
    judge = _judge(data, iterations)
    if judge:
        arrays |= judge.arrays()
    card = {
        "kind": KIND,
        "addresses": len(data),
        "data_sha256": hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest(),
        "sources": [path.name for path in paths],
        "iterations": iterations,
        "labels": sorted({span.label for _, spans in data for span in spans}),
        "judged": judge is not None,
    }
    save(folder, card, arrays)
    return card


def _tagger_weights(data: Sequence[Labelled], iterations: int) -> bytes:
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0.1, "c2": 0.05, "max_iterations": iterations, "feature.minfreq": 1})
    for text, spans in data:
        trainer.append(features(text), _tags(text, spans))
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "crf"
        trainer.train(str(file))
        return file.read_bytes()


def _judge(data: Sequence[Labelled], iterations: int) -> Judge | None:
    """Learn what evidence is worth, from what taggers say of addresses they did not learn from; None for few data."""
    if len(data) < _FEW:
        return None
    known = names(data)
    evidence = Evidence.of(data, known)
    told, right = [], []
    for fold in range(_FOLDS):
        held = data[fold::_FOLDS]
        rest = [labelled for number, labelled in enumerate(data) if number % _FOLDS != fold]
        tagger = _Tagger(_tagger_weights(rest, iterations))
        own = Evidence.of(held, known)
        for text, spans in held:
            path, chances = tagger.read(text)
            found = candidates(chances)
            if not found:
                continue
            told.append(rows(text, found, path, chances, evidence, own))
            gold = set(spans)
            right += [Span(one.start, one.end, LABELS[one.label]) in gold for one in found]
    answers = np.array(right)
    if answers.all() or not answers.any():
        return None  # nothing to learn: the tagger is always right
    return Judge(evidence, grow(np.vstack(told), answers))


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


@dataclass(frozen=True, slots=True)
class Judge:
    """What the second look needs: counts of the labelled addresses, and trees that weigh them."""

    evidence: Evidence
    trees: BoostedTrees

    def chances(
        self, text: str, found: Sequence[Candidate], path: Sequence[Span], chances: Chances
    ) -> list[float]:
        """The chance that each candidate is right."""
        weighed: list[float] = self.trees.chances(rows(text, found, path, chances, self.evidence)).tolist()
        return weighed

    def arrays(self) -> Arrays:
        """As named arrays; `from_arrays` takes them back."""
        return self.evidence.arrays() | self.trees.arrays()

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Judge:
        """Raises KeyError where an array is missing."""
        return cls(Evidence.from_arrays(arrays), BoostedTrees.from_arrays(arrays))


class _Tagger:
    """CRFsuite's tagger with its weights. Safe to share between threads."""

    def __init__(self, weights: bytes) -> None:
        self._weights = weights  # the tagger reads from here as long as it lives
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(weights)
        self._tags = self._tagger.labels()
        self._columns = np.zeros((len(self._tags), WIDTH))
        self._columns[np.arange(len(self._tags)), columns(self._tags)] = 1
        self._one_at_a_time = threading.Lock()

    def read(self, text: str) -> tuple[list[Span], Chances]:
        """The likeliest reading of a line, and the chance of every tag at every character (see `columns`)."""
        with self._one_at_a_time:
            path = _spans(self._tagger.tag(features(text)))
            marginal = self._tagger.marginal
            told = [[marginal(tag, at) for tag in self._tags] for at in range(len(text))]
        chances: Chances = np.array(told) @ self._columns
        return path, chances


class AddressModel:
    """A trained reader of address lines. ``card``: what it was trained on. Safe to share between threads.

    Raises ModelError (Chinese) for a folder that holds no whole address model.
    """

    def __init__(self, folder: Path) -> None:
        card, arrays = load(folder)
        if str(card.get("kind")).startswith("address-crf-") and card["kind"] != KIND:
            raise ModelError(f"地址模型“{folder}”是旧版；请重新运行 flask analytics train 生成")
        if card.get("kind") != KIND or _WEIGHTS not in arrays:
            raise ModelError(f"“{folder}”不是地址模型（是别的模型）；请检查 --model 的位置，或用 builtin")
        self.card = card
        try:
            self._tagger = _Tagger(arrays[_WEIGHTS].tobytes())
            self._judge = Judge.from_arrays(arrays) if card.get("judged") else None
        except (ValueError, KeyError) as error:
            raise ModelError(f"地址模型“{folder}”读不出来；请重新训练") from error

    def parse(self, text: str) -> list[Span]:
        """The parts of an address, as `analytics.address.parse` gives them. Running text is searched likewise."""
        return best_clause(text, self.line)

    def line(self, text: str) -> list[Span]:
        """The parts of one address line, whatever marks stand in it. A part the model is not sure of is left untold."""
        if not text.strip():
            return []
        path, chances = self._tagger.read(text)
        found = candidates(chances)
        if not found or len(text) > _LONG:
            return path
        if self._judge is None:
            return choose(len(text), found, [one.least for one in found])
        return choose(len(text), found, self._judge.chances(text, found, path, chances))


def _tags(text: str, spans: list[Span]) -> list[str]:
    """A tag a character: B, I, E, S for first, inner, last and only one, and the label, told more finely."""
    tags = ["O"] * len(text)
    for span, label in zip(spans, _finer(text, spans), strict=True):
        if span.end - span.start == 1:
            tags[span.start] = f"S-{label}"
            continue
        tags[span.start : span.end] = [f"I-{label}"] * (span.end - span.start)
        tags[span.start], tags[span.end - 1] = f"B-{label}", f"E-{label}"
    return tags


def _finer(text: str, spans: list[Span]) -> list[str]:
    """Labels with what is redundant told apart: marks (by what they follow), areas said again, words, numbers.

    They have nothing in common but the name; a tagger that may tell them apart learns each.
    """
    areas = [at for at, span in enumerate(spans) if span.label in {"prov", "city", "district", "town"}]
    out, before = [], "^"
    for at, span in enumerate(spans):
        said = text[span.start : span.end]
        if span.label != "redundant":
            out.append(span.label)
            before = span.label
        elif not any(character.isalnum() for character in said):
            out.append(f"redundant|{before}")
        elif not _HAN.search(said):
            out.append("redundant|number")
        elif areas and at < areas[-1]:
            first = not any(spans[one].label != "town" for one in areas if one < at)
            out.append("redundant|first area" if first else "redundant|area")
        else:
            out.append("redundant|words")
    return out


def _spans(tags: list[str]) -> list[Span]:
    out: list[Span] = []
    open_ = False  # whether the last part may go on
    for at, tag in enumerate(tags):
        place, _, finer = tag.partition("-")
        label = finer.partition("|")[0]
        if place in {"I", "E"} and open_ and out[-1].label == label:
            out[-1] = Span(out[-1].start, at + 1, label)
        elif place != "O":
            out.append(Span(at, at + 1, label))
        open_ = place in {"B", "I"}
    return out
