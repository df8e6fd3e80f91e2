"""模型登记 Model registry: which models were trained, what they scored, which one answers, and how orders drift."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.audit import Actor, record
from core.database import AnySession, Base, Json, UtcDateTime
from core.errors import Conflict, NotFound

BUILTIN = "builtin"


class TrainedModel(Base):
    """A model trained on confirmed orders. ``folder`` is its name below the model folder; ``scores`` are cross-validated,
    ``trial`` is how it did against the one in force (see `analytics.champion`); ``kept`` until its folder goes."""

    __tablename__ = "trained_model"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(96), unique=True)
    folder: Mapped[str] = mapped_column(String(128))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    examples: Mapped[int] = mapped_column(Integer)
    newest_example: Mapped[datetime] = mapped_column(UtcDateTime)
    scores: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    trial: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    kept: Mapped[bool] = mapped_column(default=True)


class ModelChange(Base):
    """From when on which model answers; ``model_id`` None is the built-in one. Only ever appended to."""

    __tablename__ = "model_change"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("trained_model.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)

    model: Mapped[TrainedModel | None] = relationship()


class DriftWeek(Base):
    """One week's orders against the weeks before, as the model in force saw them."""

    __tablename__ = "drift_week"
    __table_args__ = (UniqueConstraint("week"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    week: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    level: Mapped[str] = mapped_column(String(16))
    figures: Mapped[dict[str, Any]] = mapped_column(Json)


def in_force(session: AnySession) -> TrainedModel | None:
    """The model that answers now; None is the built-in one."""
    change = session.scalar(select(ModelChange).order_by(ModelChange.id.desc()).limit(1))
    return change.model if change else None


def changes(session: AnySession, limit: int = 20) -> list[ModelChange]:
    """The latest changes, newest first."""
    return list(session.scalars(select(ModelChange).order_by(ModelChange.id.desc()).limit(limit)))


def put_in_force(session: AnySession, model: TrainedModel | None, actor: Actor, reason: str) -> ModelChange:
    """Let a model answer from now on. Raises Conflict when it already does, or its folder is gone."""
    now_in_force = in_force(session)
    if (model and model.id) == (now_in_force and now_in_force.id):
        raise Conflict("这个模型已经在用")
    if model is not None and not model.kept:
        raise Conflict(f"模型 {model.name} 的文件已清理，不能再换上；请重新训练")
    change = ModelChange(at=clock.now(), model=model, by_name=actor.name, reason=reason)
    session.add(change)
    record(session, actor, "model.change", f"model:{model.name if model else BUILTIN}", reason=reason)
    session.info.pop("model_folder", None)
    return change


def roll_back(session: AnySession, actor: Actor, name: str | None = None) -> ModelChange:
    """Go back to the newest model that is older than the present one and has answered before, in the end the built-in
    one; or to the one named (``builtin`` is the built-in one). Going back twice never leads forward again.

    Raises NotFound for an unknown name, Conflict when there is nothing to go back to.
    """
    if name == BUILTIN:
        return put_in_force(session, None, actor, "退回内置模型")
    if name:
        model = session.scalar(select(TrainedModel).where(TrainedModel.name == name))
        if model is None:
            raise NotFound(f"没有叫“{name}”的模型；用 flask model list 查看")
        return put_in_force(session, model, actor, "退回指定的模型")
    present = in_force(session)
    if present is None:
        raise Conflict("现在用的就是内置模型，没有可退回的")
    earlier = session.scalar(
        select(TrainedModel)
        .where(
            TrainedModel.kept,
            TrainedModel.made_at < present.made_at,
            TrainedModel.id.in_(select(ModelChange.model_id)),
        )
        .order_by(TrainedModel.made_at.desc())
        .limit(1)
    )
    return put_in_force(session, earlier, actor, f"退回 {present.name} 之前的模型")
