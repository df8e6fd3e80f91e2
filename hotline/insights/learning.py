"""在岗学习 Learning on the job: confirmed categories train a challenger at night; it answers only if not worse.

A stable hash of the order's number holds a fifth of the confirmed orders back for ever: no model learns from them, and
champion and challenger meet on those of the last half year. The project's own corpus is learnt with the orders, so that
categories nobody has confirmed yet are not forgotten.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from flask import current_app
from sqlalchemy import func, select

from analytics.calibration import fit_sharpness, softmax
from analytics.champion import Comparison, compare, interval
from analytics.classifier import ComplaintClassifier
from analytics.corpus import compose
from analytics.evaluation import evaluate
from core import clock
from core.audit import SYSTEM
from core.database import AnySession
from core.settings import Settings
from hotline.catalogue import Category
from hotline.insights import memory
from hotline.model_registry import ModelChange, TrainedModel, in_force, put_in_force
from hotline.models import TrainingExample, WorkOrder

HELD_OUT = 5  # one order in so many
TRIAL_DAYS = timedelta(days=180)
FEWEST = 300  # confirmed orders from which training is worth a night
MOST = 60_000  # newest orders learnt from
PER_CATEGORY = 30  # composed complaints of each category learnt with them
KEPT = 5  # models whose folders stay
FOLDS = 3
ALONE = 0.99  # share right that allows an answer without a person's look
_PREFIX = "local"  # of the names of models made here
_BORNE_OUT = 100  # real orders that must bear it out


@dataclass(frozen=True, slots=True)
class Example:
    """A confirmed order: its text, category path, when it was reported, whether it is held out."""

    text: str
    path: str
    reported_at: datetime
    held_out: bool


@dataclass(frozen=True, slots=True)
class Challenger:
    """A freshly trained model, tried and already in its folder."""

    name: str
    folder: str
    examples: int
    newest: datetime
    scores: dict[str, Any]
    trial: Comparison


def held_out(number: str) -> bool:
    """Whether an order is for trials only: the same answer for ever."""
    return blake2b(number.encode(), digest_size=4).digest()[0] % HELD_OUT == 0


def examples(session: AnySession) -> list[Example]:
    """All confirmed orders whose text is still there, newest last."""
    rows = session.execute(
        select(
            WorkOrder.number, WorkOrder.title, WorkOrder.text, WorkOrder.reported_at, Category.path
        )
        .join(TrainingExample, TrainingExample.order_id == WorkOrder.id)
        .join(Category, Category.code == TrainingExample.category_code)
        .order_by(WorkOrder.id.desc())
        .limit(MOST)
    )  # fmt: skip
    found = [
        Example(memory.told(title, text), path, at, held_out(number))
        for number, title, text, at, path in rows
        if text.strip()
    ]
    return found[::-1]


def prepare(session: AnySession, now: datetime) -> Challenger | str:
    """Train and try a challenger, or say in Chinese why not. Only reads the database; writes the model folder."""
    _sweep(session, now)
    newest = session.scalar(select(func.max(TrainingExample.at)))
    if newest is None:
        return "还没有人工确认过的分类"
    last = session.scalar(select(func.max(TrainedModel.newest_example)))
    if last is not None and newest <= last:
        return "自上次训练以来没有新确认的分类"
    known = examples(session)
    learnt = [one for one in known if not one.held_out]
    if len(learnt) < FEWEST:
        return f"人工确认的分类只有 {len(learnt)} 件可学，满 {FEWEST} 件才训练"
    seen = {_bare(one.text) for one in learnt}  # a repost of an order learnt from tries nothing
    trial = [
        one
        for one in known
        if one.held_out and now - one.reported_at <= TRIAL_DAYS and _bare(one.text) not in seen
    ]
    return _train(session, learnt, trial, newest, now)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _train(
    session: AnySession, learnt: Sequence[Example], trial: Sequence[Example], newest: datetime, now: datetime
) -> Challenger:
    composed = list(compose(PER_CATEGORY))
    texts = [one.text for one in learnt] + [one.text for one in composed]
    labels = [one.path for one in learnt] + [one.label for one in composed]
    model = ComplaintClassifier(prefix=_PREFIX, folds=FOLDS)
    model.fit(texts, labels, version=clock.local(now).strftime("%Y%m%d"))
    real = len(learnt)
    _believe(model, labels[:real])
    scores = evaluate(labels[:real], model.unseen_ranked(3)[:real], coverage=ALONE)
    unseen = [guesses[0][0] for guesses in model.unseen_ranked(1)[:real]]
    scores["macro_f1_interval"] = interval(labels[:real], unseen)
    champion, asked = memory.model(session), [one.text for one in trial]
    share, threshold = scores["coverage"]["share"], scores["coverage"]["threshold"]
    model.card_["alone_from"] = threshold if share * real >= _BORNE_OUT else None
    outcome = compare(
        [one.path for one in trial],
        [guesses[0][0] for guesses in champion.top(asked, k=1, level=2)],
        model.predict(asked),
    )
    model.card_ |= {
        "scores": scores,
        "trial": outcome.figures(),
        "orders": real,
        "composed": len(composed),
        "versions": {name: version(name) for name in ("rjieba", "numpy", "scipy", "scikit-learn")},
    }
    folder = f"{model.name}-{clock.local(now):%H%M%S}"
    model.save(_folder(folder))
    return Challenger(model.name, folder, real, newest, scores, outcome)


def _believe(model: ComplaintClassifier, labels: Sequence[str]) -> None:
    """Fit the confidence on the real orders alone, the first of those learnt: composed ones are easier to tell."""
    unseen = np.log(np.maximum(model.unseen_, np.finfo(np.float64).tiny))
    factor = fit_sharpness(unseen[: len(labels)], np.searchsorted(np.array(model.classes_), np.array(labels)))
    model.sharpness_ *= factor
    model.unseen_ = softmax(unseen, factor)


def keep(session: AnySession, now: datetime, prepared: Challenger | str) -> dict[str, Any]:
    """Write the outcome down and, where it is not worse, let the challenger answer. Does not commit."""
    if isinstance(prepared, str):
        return {"trained": False, "why": prepared}
    row = session.scalar(select(TrainedModel).where(TrainedModel.name == prepared.name))
    if row is None:
        row = TrainedModel(name=prepared.name)
        session.add(row)
    row.folder, row.made_at, row.kept = prepared.folder, now, True
    row.examples, row.newest_example = prepared.examples, prepared.newest
    row.scores, row.trial = prepared.scores, prepared.trial.figures()
    session.flush()
    present = in_force(session)
    if prepared.trial.promote and (present is None or present.id != row.id):
        put_in_force(session, row, SYSTEM, prepared.trial.reason)
    _clear(session)
    return {
        "trained": True, "model": row.name, "examples": row.examples, "promoted": prepared.trial.promote,
        "why": prepared.trial.reason,
    }  # fmt: skip


def _clear(session: AnySession) -> None:
    """Keep the newest few models; what answers, or answered last before it, stays. `_sweep` drops the others' folders."""
    recent = session.scalars(select(ModelChange.model_id).order_by(ModelChange.id.desc()).limit(2)).all()
    rows = session.scalars(
        select(TrainedModel).where(TrainedModel.kept).order_by(TrainedModel.made_at.desc())
    ).all()
    for row in rows[KEPT:]:
        row.kept = row.id in recent


def _sweep(session: AnySession, now: datetime) -> None:
    """Drop the folders no kept model lives in: of models put away, and of a night that crashed before its commit.

    Not in the transaction that puts a model away, which may yet be rolled back; and not what is younger than a day,
    which another scheduler may be about to register.
    """
    kept = set(session.scalars(select(TrainedModel.folder).where(TrainedModel.kept)))
    for folder in _folder("").glob(f"{_PREFIX}-*"):
        made = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        if folder.name not in kept and now - made >= timedelta(days=1):
            shutil.rmtree(folder, ignore_errors=True)


def _folder(name: str) -> Path:
    settings: Settings = current_app.extensions["settings"]
    return settings.model_folder / name
