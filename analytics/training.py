"""训练 Training: linear models, one weight per feature and class, from rows of features and their true classes.

Several of them are put together by `stacked`: their scores on orders they had not seen are mixed by a multinomial
logistic regression, and since a mixture of linear scores is linear, the mixture is one linear model again, which
answers no slower than each of them.

Sources: Wang and Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", ACL 2012 (with
the square root of their scaling); Wolpert, "Stacked Generalization", Neural Networks 5, 1992.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import softmax

if TYPE_CHECKING:
    import scipy.sparse as sp

Classes = NDArray[np.intp]
Scores = NDArray[np.float64]

_UNSEEN = -2.0  # score of a class that had no example
_STEPS = 25  # of the logistic regression: a nearly best model is a good one, and takes half the time
_LOGISTIC_CELLS = (
    6_000_000  # features × classes up to which logistic regression takes seconds and little memory
)
_DUAL_ENTRIES = (
    20_000_000  # numbers in the rows up to which support vectors are found exactly; it copies them twice
)
_EPOCHS = 10  # through larger data
_CLOSE_TO_DIAGONAL = 3.0  # how strongly the mixture keeps to "each class by its own scores"


@dataclass(frozen=True, slots=True)
class Linear:
    """``weights`` (features, classes) and ``bias`` (classes,)."""

    weights: NDArray[Any]
    bias: NDArray[Any]

    def scores(self, rows: sp.csr_matrix) -> Scores:
        """Scores, shape (n, classes)."""
        return np.asarray(rows @ self.weights + self.bias, dtype=np.float64)


def folds(truth: Classes, groups: NDArray[Any], wanted: int, classes: int, seed: int) -> Classes:
    """Fold of each order: whole groups, dealt class by class, largest first, to the emptiest fold."""
    rng = np.random.default_rng(seed)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    wanted = max(2, min(wanted, len(sizes)))
    first = np.zeros(len(sizes), dtype=int)
    first[group[::-1]] = truth[::-1]
    fold_of = np.zeros(len(sizes), dtype=int)
    held = np.zeros((wanted, classes))
    order = rng.permutation(len(sizes))
    for g in order[np.argsort(-sizes[order], kind="stable")]:
        fold_of[g] = int(np.argmin(held[:, first[g]] + 1e-6 * held.sum(axis=1)))
        held[fold_of[g], first[g]] += sizes[g]
    return np.asarray(fold_of[group], dtype=np.intp)


def near_duplicates(words: Sequence[Sequence[str]]) -> NDArray[np.intp]:
    """A group number for each order; orders whose opening words are the same share one.

    Petitions are sent again and again with a changed ending. Such twins on both sides of a fold would flatter the
    scores. Cheap on purpose: the key is the first twelve words of two characters or more.
    """
    keys: dict[tuple[str, ...], int] = {}
    return np.array(
        [
            keys.setdefault(tuple(w for w in ws if len(w) > 1)[:12] or (str(at),), at)
            for at, ws in enumerate(words)
        ],
        dtype=np.intp,
    )


def _leads(
    rows: sp.csr_matrix, truth: Classes, present: NDArray[Any], smoothing: float
) -> NDArray[np.float32]:
    """How much likelier than on average each class uses each feature, as a logarithm: multinomial naive Bayes with
    equal priors, for what happened to be frequent last year need not be so this year. Shape (features, present)."""
    totals = np.stack([np.asarray(rows[truth == c].sum(axis=0))[0] for c in present]) + np.float32(smoothing)
    logs = np.log(totals) - np.log(totals.sum(axis=1, keepdims=True))
    return np.asarray((logs - logs.mean(axis=0)).T, dtype=np.float32)


def _spread(weights: NDArray[Any], bias: NDArray[Any], present: NDArray[Any], classes: int) -> Linear:
    """Weights for the present classes, set among all."""
    if len(present) == classes:
        return Linear(weights, bias)
    full = np.zeros((len(weights), classes), np.float32)
    full[:, present] = weights
    all_bias = np.full(classes, _UNSEEN)
    all_bias[present] = bias
    return Linear(full, all_bias)


def bayes(rows: sp.csr_matrix, truth: Classes, classes: int, *, smoothing: float) -> Linear:
    """Naive Bayes. ``rows`` (n, features); ``truth`` (n,) columns of the true classes; ``classes``: how many."""
    present = np.unique(truth)
    return _spread(_leads(rows, truth, present, smoothing), np.zeros(len(present)), present, classes)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which learners data of a size can afford: ``exact`` support vectors, ``logistic`` regression beside them."""

    exact: bool
    logistic: bool

    @property
    def models(self) -> int:
        """How many models `margins` gives; fewer where rows hold one class only."""
        return 1 + self.logistic


def plan(rows: sp.csr_matrix, classes: int) -> Plan:
    """The same learners for all folds and for the whole."""
    exact = rows.nnz <= _DUAL_ENTRIES
    return Plan(exact, exact and rows.shape[1] * classes <= _LOGISTIC_CELLS)


def margins(
    rows: sp.csr_matrix,
    truth: Classes,
    classes: int,
    *,
    strength: float,
    smoothing: float,
    seed: int,
    plan: Plan,
) -> list[Linear]:
    """Models on features scaled by how differently the classes use them: support vectors, and (where it takes no more
    than seconds) logistic regression, which is the better at telling how sure one may be. Large data are gone through
    by averaged stochastic gradient descent instead, which copies nothing.

    Parameters as in `bayes`; ``strength``: inverse of the support vectors' regularisation. ``rows`` are scaled in
    place: they must be the caller's own copy.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.svm import LinearSVC

    present = np.unique(truth)
    leads = _leads(rows, truth, present, smoothing)
    if len(present) < 2:
        return [_spread(leads, np.zeros(len(present)), present, classes)]
    telling = np.sqrt(np.abs(leads).max(axis=1))
    telling = (telling / telling.mean()).astype(np.float32)
    del leads
    rows.data *= telling[rows.indices]
    learners: list[Any] = []
    if plan.exact:
        learners.append(LinearSVC(C=strength, tol=1e-2, random_state=seed))
    else:
        learners.append(
            SGDClassifier(
                loss="squared_hinge", alpha=1 / (strength * len(truth)), average=True, max_iter=_EPOCHS, tol=None,
                learning_rate="adaptive", eta0=0.05, random_state=seed,
            )
        )  # fmt: skip
    if plan.logistic:
        learners.append(LogisticRegression(C=10 * strength, max_iter=_STEPS, tol=1e-3))
    found = []
    for learner in learners:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            learner.fit(rows, truth)
        weights, bias = learner.coef_, learner.intercept_
        if len(present) == 2:  # scikit-learn gives one row for two classes
            weights, bias = np.concatenate([-weights, weights]), np.array([-bias[0], bias[0]])
        found.append(
            _spread((weights.astype(np.float32) * telling).T.copy(), np.asarray(bias), present, classes)
        )
    return found


@dataclass(frozen=True, slots=True)
class Mixture:
    """How the scores of several models become one: ``weights`` (models × classes, classes), ``bias`` (classes,)."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def __call__(self, views: NDArray[np.float64]) -> Scores:
        """Scores, shape (n, classes), of ``views`` of shape (n, models, classes)."""
        return np.asarray(views.reshape(len(views), -1) @ self.weights + self.bias)

    def collapse(self, models: Sequence[Linear]) -> Linear:
        """The one linear model that scores as the mixture of these does."""
        parts = np.split(self.weights, len(models))
        weights = sum(
            model.weights @ part.astype(np.float32) for model, part in zip(models, parts, strict=True)
        )
        bias = self.bias + sum(model.bias @ part for model, part in zip(models, parts, strict=True))
        return Linear(np.asarray(weights), np.asarray(bias))


def mixture(views: NDArray[np.float64], truth: Classes) -> Mixture:
    """The mixture under which unseen orders' true classes are likeliest.

    Parameters: views (n, models, classes): scores of orders the models had not seen; truth (n,). Multinomial
    logistic regression in two steps: one weight per model and one bias per class; then all weights, held near the
    first step's (Gaussian prior), so that few orders change little and many correct the confusions they show.
    """
    from scipy.optimize import minimize

    n, models, classes = views.shape
    true = np.eye(classes)[truth]
    scale = np.maximum(views.std(axis=(0, 2)), 1e-9)
    views = views / scale[:, None]

    def surprise(scores: Scores) -> tuple[float, Scores]:
        chances = softmax(scores)
        return -float(np.log(np.maximum(chances[np.arange(n), truth], 1e-12)).sum()), chances - true

    def coarse(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        loss, slope = surprise(np.tensordot(views, at[:models], (1, 0)) + at[models:])
        by_model = np.einsum("nk,nmk->m", slope, views)
        return loss + 0.5 * float((at[models:] ** 2).sum()), np.r_[by_model, slope.sum(axis=0) + at[models:]]

    # A model may count for nothing, never against itself: that would be a fluke of few orders.
    bounds = [(0.0, None)] * models + [(None, None)] * classes
    start = minimize(
        coarse, np.r_[np.ones(models), np.zeros(classes)], jac=True, method="L-BFGS-B", bounds=bounds
    ).x
    diagonal = np.concatenate([weight * np.eye(classes) for weight in start[:models]])
    flat = views.reshape(n, -1)

    def fine(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = at[:-classes].reshape(diagonal.shape), at[-classes:]
        loss, slope = surprise(flat @ weights + bias)
        away = weights - diagonal
        loss += 0.5 * _CLOSE_TO_DIAGONAL * float((away**2).sum())
        return loss, np.r_[(flat.T @ slope + _CLOSE_TO_DIAGONAL * away).ravel(), slope.sum(axis=0)]

    found = minimize(
        fine,
        np.r_[diagonal.ravel(), start[models:]],
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 200},
    ).x
    weights = found[:-classes].reshape(diagonal.shape) / np.repeat(scale, classes)[:, None]
    return Mixture(weights, found[-classes:])
