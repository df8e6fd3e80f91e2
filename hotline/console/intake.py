"""登记 Intake form: a call written down while the caller talks, with suggestions as one types."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from core import idempotency
from core.access import asks_only, current_actor, current_staff, for_staff
from core.areas import Area
from core.console.fields import choices
from core.database import db
from core.errors import RuleError
from core.problems import status_of
from hotline import insights, intake
from hotline.console.words import categories
from hotline.models import CHANNELS, REQUEST_TYPES, WorkOrder

SCOPE = "console-intake"
_BY_HAND = ("phone", "visit", "letter", "web", "wechat", "transfer")


class IntakeForm(FlaskForm):
    """What an operator writes down. ``once`` makes a second sending of the same page harmless."""

    once = HiddenField()
    text = TextAreaField("诉求内容", [DataRequired("请写明诉求内容"), Length(max=intake.MAX_TEXT)])
    title = StringField("标题", [Length(max=200)], description="不填则取内容的第一句")
    request_type = SelectField("诉求类型", choices=choices(REQUEST_TYPES.items()), default="complaint")
    channel = SelectField(
        "渠道", choices=choices((code, CHANNELS[code]) for code in _BY_HAND), default="phone"
    )
    place = StringField("地点", [Length(max=255)])
    area = SelectField("所属区域")
    name = StringField("诉求人", [Length(max=64)])
    phone = StringField("电话", [Length(max=32)])
    category = SelectField("分类")
    confidential = BooleanField("要求保密")
    urgent = BooleanField("紧急（水电气中断、危及生命安全）")


@for_staff("intake_operator", "dispatcher")
def new() -> ResponseReturnValue:
    """Register a request."""
    form = IntakeForm()
    form.area.choices = choices([("", "（按内容识别）"), *((area.code, area.full_name) for area in _areas())])
    paths = [(row.code, row.path) for row in categories().values() if row.level > 1]
    form.category.choices = choices([("", "（按内容识别）"), *paths])
    if form.validate_on_submit():
        try:
            order, again = _save(form)
            db.session.commit()
        except RuleError as error:
            db.session.rollback()
            _mark(form, error)
            return render_template("hotline/intake.html", form=form), status_of(error)
        if again:
            flash("这一页已经提交过，没有重复登记", "info")
        else:
            flash(f"已登记，工单号 {order.number}", "success")
        return redirect(url_for("desk.queue_order", number=order.number))
    if not form.once.data:
        form.once.data = secrets.token_urlsafe(16)
    return render_template("hotline/intake.html", form=form), 422 if form.is_submitted() else 200


def _save(form: IntakeForm) -> tuple[WorkOrder, bool]:
    actor = current_actor()
    key = f"{current_staff().id}:{form.once.data or secrets.token_urlsafe(16)}"[: idempotency.MAX_KEY]
    said = {name: field.data for name, field in form._fields.items() if name not in ("csrf_token", "once")}
    earlier = idempotency.claim(db.session, SCOPE, key, idempotency.digest_of(said))
    if earlier:
        return db.session.execute(select(WorkOrder).where(WorkOrder.number == earlier)).scalar_one(), True
    area = db.session.scalar(select(Area).where(Area.code == form.area.data)) if form.area.data else None
    order = intake.accept(
        db.session,
        current_app.extensions["vault"],
        intake.Request(
            text=form.text.data or "",
            title=form.title.data or "",
            channel=form.channel.data,
            request_type=form.request_type.data,
            place_text=form.place.data or "",
            area=area,
            name=form.name.data or "",
            phone=form.phone.data or "",
            confidential=bool(form.confidential.data),
            urgent=bool(form.urgent.data),
        ),
        actor,
    )
    insights.classify(db.session, order)
    if form.category.data:
        insights.confirm_category(db.session, order, form.category.data, actor)
    idempotency.settle(db.session, SCOPE, key, order.number)
    return order, False


def _mark(form: IntakeForm, error: RuleError) -> None:
    fields: dict[str, str] = error.context.get("fields", {}) or {"text": error.detail}
    for name, what in fields.items():
        field: Any = form._fields.get(name, form.text)
        field.errors = [*field.errors, what]


def _areas() -> list[Area]:
    return list(
        db.session.scalars(
            select(Area).where(Area.level.in_(("street", "community", "grid"))).order_by(Area.path)
        )
    )


@for_staff("intake_operator", "dispatcher")
@asks_only
def suggest() -> ResponseReturnValue:
    """Suggestions for what has been typed so far, as JSON."""
    sent = request.get_json(silent=True) or {}
    text, place = str(sent.get("text", ""))[: intake.MAX_TEXT], str(sent.get("place", ""))[:255]
    return jsonify(insights.suggest(db.session, text, place))
