"""操作 Acting: a person does something to an order. What was typed is never lost when it does not work out."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from core.access import asks_only, current_actor, for_staff
from core.database import db
from core.errors import InvalidInput, RuleError
from core.problems import status_of
from hotline import handling, insights, lifecycle, queries, reading, verbs
from hotline.console.order import show

_TRUTH = {"1": True, "0": False}
_ACTORS = ("intake_operator", "dispatcher", "unit_clerk", "unit_lead", "grid_worker", "visit_back_agent", "supervisor",
           "administrator")  # fmt: skip


@for_staff(*_ACTORS)
def act(number: str, action: str) -> ResponseReturnValue:
    """Do one action of the lifecycle table."""
    actor = current_actor()
    order = queries.get(db.session, number, actor)
    typed = request.form.to_dict()
    try:
        verbs.perform(db.session, order, action, actor, _data(), expected_version=stated_version())
        db.session.commit()
    except (RuleError, StaleDataError) as error:
        db.session.rollback()
        order = queries.get(db.session, number, actor)
        stale = isinstance(error, StaleDataError)
        problem = "有人同时改了这张工单，请看过最新情况再办" if stale else error.detail  # type: ignore[union-attr]
        return show(order, problem=problem, action=action, typed=typed), 409 if stale else status_of(error)
    flash(f"已{lifecycle.action_name(action)}", "success")
    try:
        queries.get(db.session, number, actor)
    except RuleError:
        return redirect(url_for("desk.queue"))  # it went out of this person's sight with what they did
    return redirect(url_for("desk.queue_order", number=number))


@for_staff(*_ACTORS)
@asks_only
def check(number: str, action: str) -> ResponseReturnValue:
    """Look at a reply before it is sent: the page again, or only the findings where a script asks with ``draft``."""
    order = queries.get(db.session, number, current_actor())
    if (draft := request.form.get("draft")) is not None:
        return render_template("hotline/reply_check.html", check=insights.review_draft(order, draft))
    typed = request.form.to_dict()
    found = insights.review_draft(order, typed.get("reply") or typed.get("answer") or "")
    return show(order, action=action, typed=typed, check=found)


def _data() -> dict[str, Any]:
    form = request.form
    data: dict[str, Any] = {
        key: value.strip()
        for key, value in form.items()
        if key not in ("csrf_token", "version", "assisting_units")
    }
    for key in ("contacted", "solved"):
        if key in data:
            data[key] = _TRUTH.get(data[key])
    data["assisting_units"] = [code for code in form.getlist("assisting_units") if code]
    return data


def stated_version() -> int:
    """The version of the order the page was made from. Raises InvalidInput for a page without one."""
    text = request.form.get("version", "")
    if not text.isdigit():
        raise InvalidInput("页面不完整，请刷新后再试")
    return int(text)


@for_staff("intake_operator", "dispatcher", "supervisor")
def category(number: str) -> ResponseReturnValue:
    """Confirm or correct the category; kept to learn from."""
    actor = current_actor()
    order = queries.get(db.session, number, actor)
    try:
        lifecycle.check_version(db.session, order, stated_version())
        insights.confirm_category(db.session, order, request.form.get("category", ""), actor)
        db.session.commit()
    except RuleError as error:
        db.session.rollback()
        order = queries.get(db.session, number, actor)
        return show(order, problem=error.detail, action="category"), status_of(error)
    flash("分类已确认，会用于改进模型", "success")
    return redirect(url_for("desk.queue_order", number=number))


@for_staff("intake_operator", "dispatcher", "supervisor")
def urgency(number: str) -> ResponseReturnValue:
    """Say whether the order is urgent."""
    actor = current_actor()
    order = queries.get(db.session, number, actor)
    lifecycle.check_version(db.session, order, stated_version())
    handling.set_urgency(db.session, order, request.form.get("urgent") == "1", actor)
    db.session.commit()
    flash("已标为紧急，首次响应按两小时、不分昼夜计时" if order.urgent else "已取消紧急", "success")
    return redirect(url_for("desk.queue_order", number=number))


@for_staff(*sorted(reading.MAY_REVEAL))
def reveal(number: str) -> ResponseReturnValue:
    """Show one private field, once, after writing down who looked and why."""
    actor = current_actor()
    order = queries.get(db.session, number, actor)
    field = request.form.get("field", "")
    try:
        value = reading.reveal(
            db.session, current_app.extensions["vault"], order, field, actor, request.form.get("reason", "")
        )
        db.session.commit()  # first the record, then the sight
    except RuleError as error:
        db.session.rollback()
        order = queries.get(db.session, number, actor)
        return show(order, problem=error.detail, action="reveal", typed=request.form.to_dict()), status_of(
            error
        )
    return show(order, revealed=(field, value))
