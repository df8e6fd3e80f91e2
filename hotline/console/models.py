"""模型页与标注页 The model card with its drift, and the orders whose category should be confirmed next."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core.access import current_actor, for_staff
from core.console.charts import reliability, shares_by_week
from core.database import db
from core.errors import RuleError
from hotline import insights, lifecycle, model_registry, queries
from hotline.catalogue import Category
from hotline.console.acting import stated_version
from hotline.console.words import grouped_categories
from hotline.model_registry import DriftWeek, TrainedModel
from hotline.models import TrainingExample

WEEKS = 26
CONFUSIONS = 10
AT_ONCE = 10
_LABELLERS = ("intake_operator", "dispatcher", "supervisor")


@for_staff("supervisor", "administrator", "auditor", "decision_maker")
def page() -> ResponseReturnValue:
    """The model in force: what it learnt from, how good it is, how sure one may be of it, and whether orders drift."""
    present = model_registry.in_force(db.session)
    models = db.session.scalars(select(TrainedModel).order_by(TrainedModel.made_at.desc()).limit(20)).all()
    weeks = db.session.scalars(select(DriftWeek).order_by(DriftWeek.week.desc()).limit(WEEKS)).all()[::-1]
    scores = present.scores if present else {}
    points = scores.get("reliability", [])
    confirmed, corrected = db.session.execute(
        select(func.count(), func.count().filter(TrainingExample.corrected))
    ).one()
    return render_template(
        "hotline/models.html", present=present, models=models, scores=scores, points=points, weeks=weeks,
        chart=reliability(points) if points else None, drift_chart=shares_by_week(_lines(weeks)) if weeks else None,
        confusions=_confusions(scores), changes=model_registry.changes(db.session, 10),
        name=insights.model_name(db.session), confirmed=confirmed, corrected=corrected,
        unreadable=insights.unreadable_model(db.session), classes=_classes(scores), fewest=insights.FEWEST, at_least=insights.AT_LEAST,
    )  # fmt: skip


@for_staff("administrator")
def back() -> ResponseReturnValue:
    """Go back to the model before, or to the one named."""
    try:
        change = model_registry.roll_back(db.session, current_actor(), request.form.get("name") or None)
        db.session.commit()
        flash(f"现用：{change.model.name if change.model else '内置模型'}", "success")
    except RuleError as error:
        db.session.rollback()
        flash(error.detail, "danger")
    return redirect(url_for("desk.models"))


@for_staff(*_LABELLERS)
def labels() -> ResponseReturnValue:
    """The orders from which the model would learn most, one press each."""
    orders = insights.to_label(db.session, current_actor(), AT_ONCE)
    today = db.session.scalar(
        select(func.count())
        .select_from(TrainingExample)
        .where(TrainingExample.by_id == current_actor().staff_id)
    )
    return render_template(
        "hotline/labels.html", orders=orders, catalogue=grouped_categories(), mine=today or 0
    )


@for_staff(*_LABELLERS)
def confirm(number: str) -> ResponseReturnValue:
    """Confirm or correct one category and come back for the next."""
    actor = current_actor()
    order = queries.get(db.session, number, actor)
    try:
        lifecycle.check_version(db.session, order, stated_version())
        insights.confirm_category(db.session, order, request.form.get("category", ""), actor)
        db.session.commit()
    except RuleError as error:
        db.session.rollback()
        flash(f"{number}：{error.detail}", "danger")
        return redirect(url_for("desk.labels"))
    path = db.session.scalar(select(Category.path).where(Category.code == order.category_code))
    flash(f"{number} 已确认为“{path}”", "success")
    return redirect(url_for("desk.labels"))


def _lines(weeks: Any) -> list[dict[str, Any]]:
    names = (
        ("confidence", "平均把握"),
        ("unknown", "不认识的词"),
        ("label_beyond_chance", "类别变动（PSI）"),
    )
    return [
        {"week": row.week, "name": name, "share": row.figures[key]}
        for row in weeks
        if row.level != "few"
        for key, name in names
    ]


def _classes(scores: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each category's scores, the commonest first: a database need not keep a dict in order."""
    return sorted(scores.get("per_class", {}).items(), key=lambda pair: (-pair[1]["support"], pair[0]))


def _confusions(scores: dict[str, Any]) -> list[tuple[str, str, int]]:
    """The commonest mistakes: (true, guessed, how often)."""
    pairs = [
        (true, guess, count)
        for true, row in scores.get("confusion", {}).items()
        for guess, count in row.items()
        if guess != true
    ]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[:2]))[:CONFUSIONS]
