"""分类器 Classifier: which category an order belongs to, how sure, and because of which words.

One linear model over words and character sequences (`analytics.features`), its scores calibrated on orders it had
not seen (`analytics.calibration`). Trained on category paths it answers at both levels: the probabilities of a
top-level name's categories sum up to that name's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import coverage_at, fit_sharpness, softmax
from analytics.features import Document, Vocabulary, occurrences, words_of
from analytics.model_files import ModelError, load, save
from analytics.taxonomy import top_of
from analytics.training import Linear, bayes, folds, margins, mixture, near_duplicates, plan

if TYPE_CHECKING:
    import scipy.sparse as sp

__all__ = ["ComplaintClassifier", "ModelError", "builtin_model", "load_model", "near_duplicates"]

Ranked = list[list[tuple[str, float]]]
_BATCH = 512  # orders turned into numbers at once: bounds memory, whatever the file's size
ALONE = 0.99  # share right that allows an answer without a person's look
_TO_BE_BELIEVED = 100  # unseen orders that bear it out
_MOST_WEIGHTS = 12_000_000  # features × labels, two bytes each


class ComplaintClassifier:
    """Complaint texts to calibrated category probabilities, after scikit-learn's conventions.

    Parameters
    ----------
    method : ``margin``, support vectors and logistic regression on features scaled by how differently the classes
        use them, mixed into one linear model (see `analytics.training`): the better where there are real labelled
        orders; ``bayes``, naive Bayes: the better, and trained in seconds, where the examples were composed and real
        orders will look different.
    strength : inverse of the regularisation (``C`` of a linear support vector machine).
    smoothing : weight of a feature never seen with a class (of naive Bayes, and of the scaling).
    features : how many features at most are kept after training, those that tell the labels apart best; fewer with
        many labels, so that a model stays below some 25 MB.
    min_documents : orders a feature must stand in to be considered.
    folds : parts of the cross-validation that the calibration and the reported scores come from.
    prefix : first part of the model's name.
    random_state : seed of the folds.

    Attributes after ``fit``: ``classes_`` (labels, sorted), ``weights_`` (features, classes), ``bias_`` (classes,),
    ``sharpness_``, ``vocabulary_``, ``unseen_`` (n, classes: probabilities of each training order by a model that
    did not see it), ``card_`` (what the model is: a dict that goes into the model folder as JSON).
    """

    def __init__(
        self,
        *,
        method: Literal["margin", "bayes"] = "margin",
        strength: float = 1.0,
        smoothing: float = 0.1,
        features: int = 400_000,
        min_documents: int = 2,
        folds: int = 5,
        prefix: str = "model",
        random_state: int = 0,
    ) -> None:
        self.method = method
        self.strength = strength
        self.smoothing = smoothing
        self.features = features
        self.min_documents = min_documents
        self.folds = folds
        self.prefix = prefix
        self.random_state = random_state

    # Training

    def fit(
        self,
        documents: Sequence[Document],
        labels: Sequence[str],
        groups: Sequence[int] | None = None,
        *,
        version: str = "",
        progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    ) -> ComplaintClassifier:
        """Learn from orders and their labels.

        Parameters: documents (n,) texts, or lists of words where only these survive; labels (n,); groups (n,) orders
        of one group never stand on both sides of a fold (default: near-duplicates form groups); version: middle part
        of the model's name, such as ``2026.11``; progress: wraps the folds to show how far the work is. Raises ValueError, in Chinese, with fewer than two different labels
        or unequal lengths.
        """
        if len(documents) != len(labels):
            raise ValueError(f"文本 {len(documents)} 条，标签 {len(labels)} 个，数目不一致")
        self.classes_ = sorted(set(labels))
        if len(self.classes_) < 2:
            raise ValueError("训练至少需要两种不同的标签")
        truth = np.searchsorted(np.array(self.classes_), np.array(labels))
        words = [words_of(document) for document in documents]
        self.vocabulary_ = Vocabulary().fit(words, min_documents=self.min_documents)
        rows = self.vocabulary_.transform(words)
        together = near_duplicates(words) if groups is None else np.asarray(groups)
        digest = _data_hash(words, labels)
        del words  # the longest of all that is held here
        self._plan = plan(rows, len(self.classes_))
        use = np.asarray(rows.sum(axis=0))[0]
        fold_of = folds(truth, together, self.folds, len(self.classes_), self.random_state)
        views = self._unseen_views(rows, truth, fold_of, progress)
        models = self._train(rows, truth)
        if self.method == "bayes":
            scores, whole = views[:, 0], models[0]
        else:
            scores, whole = _mixed(views, truth, fold_of), mixture(views, truth).collapse(models)
        self.sharpness_ = fit_sharpness(scores, truth)
        self.unseen_ = softmax(scores, self.sharpness_)
        self._keep_heaviest(whole, use)
        self.card_: dict[str, Any] = {
            "name": "-".join(filter(None, [self.prefix, version, digest[:6]])),
            "classes": self.classes_,
            "examples": len(labels),
            "data_sha256": digest,
            "alone_from": self._alone_from(truth) if self.method == "margin" else None,
        }
        return self

    def _unseen_views(
        self,
        rows: sp.csr_matrix,
        truth: NDArray[np.intp],
        fold_of: NDArray[np.intp],
        progress: Callable[[Sequence[Any]], Iterable[Any]],
    ) -> NDArray[np.float64]:
        """Scores, shape (n, models, classes), of every order by the models of the fold that did not see it."""
        count = 1 if self.method == "bayes" else self._plan.models
        views = np.zeros((len(truth), count, len(self.classes_)))
        for fold in progress(np.unique(fold_of).tolist()):
            held = fold_of == fold
            models = self._train(rows[~held], truth[~held])
            for at in range(count):  # where a fold saw one class only, there is but one model
                views[held, at] = models[min(at, len(models) - 1)].scores(rows[held])
        return views

    def _alone_from(self, truth: NDArray[np.intp]) -> float | None:
        """Confidence from which `ALONE` of the unseen orders were right; None where too few of them say so."""
        sure, right = self.unseen_.max(axis=1), self.unseen_.argmax(axis=1) == truth
        share, threshold = coverage_at(sure, right, ALONE)
        return threshold if share * len(truth) >= _TO_BE_BELIEVED else None

    def _train(self, rows: sp.csr_matrix, truth: NDArray[np.intp]) -> list[Linear]:
        """The models of some rows, which may be changed by it."""
        if self.method == "bayes":
            return [bayes(rows, truth, len(self.classes_), smoothing=self.smoothing)]
        return margins(
            rows,
            truth,
            len(self.classes_),
            strength=self.strength,
            smoothing=self.smoothing,
            seed=self.random_state,
            plan=self._plan,
        )

    def _keep_heaviest(self, whole: Linear, use: NDArray[Any]) -> None:
        """Keep the features whose weights differ most between classes times how much they are used (features,)."""
        weights, bias = whole.weights, whole.bias
        heaviness = weights.std(axis=1) * np.sqrt(use)
        kept = heaviness > 0
        most = min(self.features, _MOST_WEIGHTS // len(self.classes_))
        if kept.sum() > most:
            kept &= heaviness >= np.partition(heaviness, -most)[-most]
        self.vocabulary_ = self.vocabulary_.prune(kept)
        # Kept in half precision, so answer in it from the start: a model says the same before and after saving.
        self.weights_ = weights[kept].astype(np.float16).astype(np.float32)
        self.bias_ = bias.astype(np.float32)

    # Answers

    @property
    def name(self) -> str:
        """Name that answers are signed with, such as ``builtin-2026.11-3fa2c1``."""
        return str(self.card_["name"])

    @property
    def alone_from(self) -> float:
        """Confidence from which an answer may go without a person's look (see `ALONE`); infinite where the model
        cannot tell, as the built-in one, which no real order has tried."""
        known = self.card_.get("alone_from")
        return float("inf") if known is None else float(known)

    def predict_proba(self, documents: Sequence[Document]) -> NDArray[np.float64]:
        """Calibrated probabilities, shape (n, classes), columns as in ``classes_``."""
        batches = [softmax(scores, self.sharpness_) for scores in self._scores(documents)]
        return np.concatenate(batches) if batches else np.empty((0, len(self.classes_)))

    def predict(self, documents: Sequence[Document]) -> list[str]:
        """Likeliest label of each order."""
        return [self.classes_[at] for at in self.predict_proba(documents).argmax(axis=1)]

    def _scores(self, documents: Sequence[Document]) -> Iterator[NDArray[np.float64]]:
        for start in range(0, len(documents), _BATCH):
            words = [words_of(document) for document in documents[start : start + _BATCH]]
            rows = self.vocabulary_.transform(words)
            yield np.asarray(rows @ self.weights_ + self.bias_, dtype=np.float64)

    def top(self, texts: Sequence[Document], k: int = 3, level: int | None = None) -> Ranked:
        """The ``k`` likeliest labels of each order with their probabilities, likeliest first.

        Parameters: level 1 sums the probabilities of labels with the same top-level name (before the ``/``); 2 or
        None gives the labels the model was trained on.
        """
        return self._ranked(self.predict_proba(texts), k, level)

    def unseen_ranked(self, k: int = 3, level: int | None = None) -> Ranked:
        """`top` of each training order, by the model of the fold that did not see it (after ``fit`` only)."""
        return self._ranked(self.unseen_, k, level)

    def _ranked(self, probabilities: NDArray[np.float64], k: int, level: int | None) -> Ranked:
        labels = self.classes_
        if level == 1:
            labels = sorted({top_of(label) for label in self.classes_})
            into = np.zeros((len(self.classes_), len(labels)))
            for at, label in enumerate(self.classes_):
                into[at, labels.index(top_of(label))] = 1
            probabilities = probabilities @ into
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
        return [
            [(labels[at], float(row[at])) for at in best]
            for row, best in zip(probabilities, order.tolist(), strict=True)
        ]

    def explain(self, text: Document, label: str, k: int = 6) -> list[tuple[str, float]]:
        """The ``k`` words of an order that speak most for a label, heaviest first; their weight is what they add to
        the label's score over the average label's.

        A top-level name is explained by its likeliest category. Sequences of characters give their weight to the
        words they lie in, in equal parts. Raises KeyError, in Chinese, for a label the model does not know.
        """
        children = [at for at, known in enumerate(self.classes_) if label in (known, top_of(known))]
        if not children:
            raise KeyError(f"模型“{self.name}”不认识分类“{label}”")
        column = max(children, key=self.predict_proba([text])[0].__getitem__)
        words = words_of(text)
        row = self.vocabulary_.transform([words])
        lead = self.weights_[row.indices, column] - self.weights_[row.indices].mean(axis=1)
        adds = dict(zip(row.indices.tolist(), (row.data * lead).tolist(), strict=True))
        totals = dict.fromkeys(words, 0.0)
        for block, known, offset in zip(
            self.vocabulary_.blocks, self.vocabulary_.keys, self.vocabulary_.offsets, strict=True
        ):
            places: dict[int, list[range]] = {}
            for key, span in occurrences(words, block):
                at = int(np.searchsorted(known, np.uint64(key)))
                if at < len(known) and int(known[at]) == key:
                    places.setdefault(at + offset, []).append(span)
            for at, found in places.items():
                for span in found:
                    for word in span:
                        totals[words[word]] += adds[at] / len(found) / len(span)
        best = sorted(totals.items(), key=lambda pair: -pair[1])
        telling = [
            (word, weight) for word, weight in best if weight > 0 and len(word) > 1 and "0" not in word
        ]
        return telling[:k]

    def known_share(self, document: Document) -> float:
        """Share of an order's words that the model knows; 1 for an order without words."""
        return self.vocabulary_.known_share(words_of(document))

    # Keeping

    def save(self, folder: Path, *, replace: bool = True) -> None:
        """Write the model folder whole or not at all. Raises ModelError (see `analytics.model_files.save`)."""
        arrays: dict[str, NDArray[Any]] = {"weights": self.weights_.astype(np.float16), "bias": self.bias_}
        for at, (keys, idf) in enumerate(zip(self.vocabulary_.keys, self.vocabulary_.idf, strict=True)):
            arrays |= {f"keys_{at}": keys, f"idf_{at}": idf}
        save(Path(folder), {**self.card_, "sharpness": self.sharpness_}, arrays, replace=replace)


def load_model(folder: str | Path) -> ComplaintClassifier:
    """A classifier from its folder. Raises ModelError, in Chinese, for anything that is not a whole, untouched model
    of this program's format."""
    card, arrays = load(Path(folder))
    model = ComplaintClassifier()
    try:
        blocks = range(len(Vocabulary().blocks))
        model.vocabulary_ = Vocabulary(
            keys=[arrays[f"keys_{at}"] for at in blocks], idf=[arrays[f"idf_{at}"] for at in blocks]
        )
        model.weights_, model.bias_ = arrays["weights"].astype(np.float32), arrays["bias"]
        model.classes_, model.sharpness_ = list(card["classes"]), float(card["sharpness"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"模型“{folder}”内容不全；请重新运行 flask analytics train 生成") from error
    if model.weights_.shape != (model.vocabulary_.size, len(model.classes_)):
        raise ModelError(f"模型“{folder}”的权重与词表对不上；请重新运行 flask analytics train 生成")
    model.card_ = card
    return model


def builtin_model(cache_dir: Path | None = None) -> ComplaintClassifier:
    """The cold-start model, trained on the project's own corpus alone: see `analytics.builtin`."""
    from analytics.builtin import builtin

    return builtin(cache_dir)


def _mixed(
    views: NDArray[np.float64], truth: NDArray[np.intp], fold_of: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Scores of every order by a mixture that did not see it either: what the reported figures come from."""
    scores = np.zeros(views[:, 0].shape)
    for fold in np.unique(fold_of):
        held = fold_of == fold
        scores[held] = mixture(views[~held], truth[~held])(views[held])
    return scores


def _data_hash(words: Sequence[Sequence[str]], labels: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for ws, label in zip(words, labels, strict=True):
        digest.update(f"{label}\x00{' '.join(ws)}\x01".encode())
    return digest.hexdigest()
