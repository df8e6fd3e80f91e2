"""办理 Handling: what the unit does with an order: sign for it, talk to the person, ask for time, reply."""

from __future__ import annotations

from datetime import date
from typing import Any

from core import clock
from core.audit import Actor
from core.database import AnySession
from core.errors import Conflict, InvalidInput
from hotline import deadlines, journal, lifecycle, policy, seeds
from hotline.models import WorkOrder


def answer_directly(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """直接答复: the desk answers at once and the order is complete."""
    line = lifecycle.choose(order, "answer_directly", actor, data)
    order.completed_at = clock.now()
    lifecycle.apply(session, order, line, actor, {"answer": data["answer"]})
    for name in ("accept", "first_response", "handle"):
        deadlines.meet(order, name)


def decline(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """不予受理: not the hotline's; ``legal_route`` names where the person can go (信访, 诉讼, 复议, 110 …)."""
    line = lifecycle.choose(order, "decline", actor, data)
    route = _route(str(data["legal_route"]))
    order.completed_at = clock.now()
    lifecycle.apply(session, order, line, actor, {**route, "reason": data["reason"]})
    for name in ("accept", "first_response", "handle"):
        deadlines.meet(order, name)


def sign_for(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """签收: the unit takes the order."""
    line = lifecycle.choose(order, "sign_for", actor, data)
    lifecycle.apply(session, order, line, actor, {})
    deadlines.meet(order, "sign_for")


def contact(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """联系诉求人: the person was spoken to; this is the first response an urgent order waits for."""
    line = lifecycle.choose(order, "contact", actor, data)
    lifecycle.apply(session, order, line, actor, {"note": data["note"]})
    deadlines.meet(order, "first_response")


def note(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """备注: a remark for colleagues; nothing moves."""
    line = lifecycle.choose(order, "note", actor, data)
    lifecycle.apply(session, order, line, actor, {"note": data["note"]})


def ask_extension(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """申请延期: ask for ``days`` working days more."""
    line = lifecycle.choose(order, "ask_extension", actor, data)
    days = _days(data["days"], policy.whole(session, "max_extension_days"))
    order.extension_asked_days = days
    lifecycle.apply(session, order, line, actor, {"days": days, "reason": data["reason"]})


def extend_deadline(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """同意延期: the handling clock moves by what was asked."""
    line = lifecycle.choose(order, "extend_deadline", actor, data)
    days = order.extension_asked_days or 0
    deadlines.extend(session, order, days)
    order.extension_count += 1
    order.extension_asked_days = None
    lifecycle.apply(session, order, line, actor, {"days": days, "reason": data.get("reason") or ""})


def deny_extension(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """不同意延期: the clock stays where it is."""
    line = lifecycle.choose(order, "deny_extension", actor, data)
    order.extension_asked_days = None
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})


def suspend(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """挂账: park the order until ``review_on``; whoever does it is the approver, and the clock stands still."""
    line = lifecycle.choose(order, "suspend", actor, data)
    review_on = data["review_on"]
    if isinstance(review_on, str):
        try:
            review_on = date.fromisoformat(review_on)
        except ValueError as error:
            raise InvalidInput("复查日期应写成 2026-12-01", fields={"review_on": "日期不对"}) from error
    if review_on <= clock.today():
        raise InvalidInput("复查日期要在今天之后", fields={"review_on": "要在今天之后"})
    order.review_on = review_on
    lifecycle.apply(
        session, order, line, actor, {"reason": data["reason"], "review_on": review_on.isoformat()}
    )
    deadlines.stop(order)


def resume(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """恢复办理: take a parked order up again; its clock runs on with the time it had left."""
    line = lifecycle.choose(order, "resume", actor, data)
    order.review_on = None
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})
    deadlines.resume(session, order)


def reply(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """回复: the unit's answer, for its lead to approve."""
    line = lifecycle.choose(order, "reply", actor, data)
    order.extension_asked_days = None
    lifecycle.apply(session, order, line, actor, {"reply": data["reply"]})
    deadlines.meet(order, "first_response")
    deadlines.meet(order, "handle")
    deadlines.start(session, order, "review")


def set_urgency(session: AnySession, order: WorkOrder, urgent: bool, actor: Actor) -> None:
    """紧急: mark an open order as urgent or not. Becoming urgent can only shorten the clocks that run.

    Raises Conflict when the order is closed.
    """
    if order.status not in lifecycle.OPEN:
        raise Conflict("工单已经结束，不能改紧急程度")
    if order.urgent == urgent:
        return
    order.urgent = urgent
    if urgent:
        deadlines.hasten(session, order)
    journal.append(
        session, order, "urgency", actor, origin=order.status, data={"note": "紧急" if urgent else "不紧急"}
    )


def _route(code: str) -> dict[str, str]:
    """What the person is told of a legal route. Raises InvalidInput for a code that is none."""
    route = next((route for route in seeds.load_legal_routes() if route.code == code), None)
    if route is None:
        raise InvalidInput("请从列表中选择法定途径", fields={"legal_route": "没有这个途径"})
    return {
        "legal_route": route.code,
        "legal_route_name": route.name,
        "legal_route_says": route.explanation,
        "legal_route_contact": route.contact,
    }


def _days(given: Any, most: int) -> int:
    try:
        days = int(given)
    except (TypeError, ValueError):
        days = 0
    if not 1 <= days <= most:
        raise InvalidInput(f"延期天数应是 1–{most} 的整数", fields={"days": "天数不对"})
    return days
