"""工单页 Order page: what was said, what happened, what is suggested and why, and what this person may do now."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, for_staff
from core.database import db
from core.errors import NotFound
from core.photos import PhotoStore
from core.staff import ROLES
from core.units import HandlingUnit
from hotline import insights, lifecycle, queries, reading, seeds
from hotline.console.words import grouped_categories, overdue_first
from hotline.models import SATISFACTION, OrderPhoto, WorkOrder

_READERS = tuple(role for role in ROLES if role != "administrator")


@for_staff(*_READERS)
def page(number: str) -> ResponseReturnValue:
    """One order."""
    return show(queries.get(db.session, number, current_actor()))


def show(
    order: WorkOrder,
    *,
    problem: str = "",
    action: str = "",
    typed: dict[str, Any] | None = None,
    revealed: tuple[str, str] | None = None,
    check: dict[str, Any] | None = None,
) -> str:
    """The page; with ``problem`` it says why ``action`` failed and keeps what was typed; with ``check``, what a reply
    that is not sent yet lacks."""
    actor = current_actor()
    settings = current_app.extensions
    allowed = lifecycle.allowed(order, actor)
    names = {line.action for line in allowed}
    insight = order.insight
    g.setdefault("shown_order", order)
    return render_template(
        "hotline/order.html",
        order=order,
        problem=problem,
        failed=action,
        typed=typed or {},
        revealed=revealed,
        check=check,
        person=reading.masked(settings["vault"], order),
        private_fields=reading.FIELDS,
        may_reveal=actor.role in reading.MAY_REVEAL,
        events=queries.timeline(db.session, order),
        clocks=overdue_first(list(order.deadlines)),
        allowed=allowed,
        fields=lifecycle.FIELDS,
        insight=insight,
        reasons=insights.reasons(order),
        may_classify=actor.role in ("intake_operator", "dispatcher", "supervisor")
        and order.status in lifecycle.OPEN,
        catalogue=grouped_categories(),
        units=_units() if "dispatch" in names else [],
        routes=seeds.load_legal_routes() if "decline" in names else [],
        templates=_templates(order) if "reply" in names or "answer_directly" in names else [],
        satisfaction=SATISFACTION,
        back=request.args.get("back", ""),
    )


def _units() -> list[HandlingUnit]:
    return list(
        db.session.scalars(
            select(HandlingUnit).where(HandlingUnit.active.is_(True)).order_by(HandlingUnit.path)
        )
    )


def _templates(order: WorkOrder) -> list[seeds.ReplyTemplate]:
    return [
        template
        for template in seeds.load_reply_templates()
        if not template.request_types or order.request_type in template.request_types
    ]


@for_staff(*_READERS)
def photo(number: str, photo_id: int) -> ResponseReturnValue:
    """A photo of an order in the caller's sight."""
    order = queries.get(db.session, number, current_actor())
    found = db.session.scalar(
        select(OrderPhoto).where(OrderPhoto.id == photo_id, OrderPhoto.order_id == order.id)
    )
    store = PhotoStore(current_app.extensions["settings"].photo_folder)
    if found is None or not store.path(found.sha256).exists():
        raise NotFound("没有这张照片")
    return send_file(store.path(found.sha256), mimetype=found.media_type, max_age=3600)
