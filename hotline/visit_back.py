"""回访 Visit-back: was the person contacted, is it solved, are they satisfied; and what follows from the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core import clock
from core.audit import Actor
from core.database import AnySession
from core.errors import Conflict, InvalidInput
from hotline import deadlines, dispatch, lifecycle, policy
from hotline.models import SATISFACTION, VisitBack, WorkOrder


def visit_back(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """A valid asking: ``contacted`` and ``solved`` (bool), ``satisfaction`` (a key of SATISFACTION), ``comment``.

    Solved and not dissatisfied completes the order; anything else sends it back to the unit as a rework.
    """
    if data.get("satisfaction") not in (None, "", *SATISFACTION):
        raise InvalidInput(
            f"满意度只能是：{'、'.join(SATISFACTION)}",
            fields={"satisfaction": "请选择满意、基本满意或不满意"},
        )
    line = lifecycle.choose(order, "visit_back", actor, data)
    contacted, solved = bool(data["contacted"]), bool(data["solved"])
    comment = str(data.get("comment") or "")
    order.visit_backs.append(
        VisitBack(
            at=clock.now(),
            by=actor.role,
            valid=True,
            contacted=contacted,
            solved=solved,
            satisfaction=data["satisfaction"],
            comment=comment,
            unit_id=order.lead_unit_id,
        )
    )
    said = {
        "contacted": contacted,
        "solved": solved,
        "satisfaction": data["satisfaction"],
        "comment": comment,
    }
    deadlines.meet(order, "visit_back")
    if line.to == "COMPLETED":
        order.completed_at = clock.now()
        lifecycle.apply(session, order, line, actor, said)
        return
    lifecycle.apply(session, order, line, actor, said | {"reason": comment or "回访未解决或不满意"})
    _rework(session, order)


def miss_visit(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """回访未接通: asked and not reached; counts towards closing, never in the indicators."""
    line = lifecycle.choose(order, "miss_visit", actor, data)
    order.missed_visit_count += 1
    order.visit_backs.append(
        VisitBack(at=clock.now(), by=actor.role, valid=False, unit_id=order.lead_unit_id)
    )
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})


def close_unreached(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """多次未接通办结: complete without a valid visit-back; it stays out of the satisfaction figures."""
    line = lifecycle.choose(order, "close_unreached", actor, data)
    order.completed_at = clock.now()
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})
    deadlines.meet(order, "visit_back")


def may_reopen(session: AnySession, order: WorkOrder) -> bool:
    """Whether the window for reopening is open."""
    days = policy.whole(session, "reopen_days")
    return order.completed_at is not None and clock.now() - order.completed_at <= timedelta(days=days)


def reopen(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """重办: a completed order was not solved after all. To its unit, or to the desk when it never had one."""
    line = lifecycle.choose(order, "reopen", actor, data)
    if not may_reopen(session, order):
        raise Conflict(
            f"办结已超过 {policy.whole(session, 'reopen_days')} 天，不能重办。请重新提交一件诉求，并写上原工单号 {order.number}",
            code="reopen_window_closed",
        )
    order.completed_at = None
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})
    if line.to == "SIGNED_FOR":
        _rework(session, order)
    else:
        order.rework_count += 1
        deadlines.start(session, order, "accept")
        deadlines.start(session, order, "handle")


def _rework(session: AnySession, order: WorkOrder) -> None:
    order.rework_count += 1
    order.missed_visit_count = 0
    deadlines.start(session, order, "handle")
    if order.rework_count >= policy.whole(session, "reworks_to_escalate"):
        dispatch.escalate(session, order, f"已重办 {order.rework_count} 次")
