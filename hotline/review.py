"""审核 Review: the unit's lead reads the reply before the resident does."""

from __future__ import annotations

from typing import Any

from core.audit import Actor
from core.database import AnySession
from hotline import deadlines, lifecycle
from hotline.models import WorkOrder


def approve(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """审核通过: the reply stands and the person will be asked."""
    line = lifecycle.choose(order, "approve", actor, data)
    lifecycle.apply(session, order, line, actor, {"reason": data.get("reason") or ""})
    deadlines.meet(order, "review")
    deadlines.start(session, order, "visit_back")


def reject(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """退回重写: the reply does not stand; the handling clock it had met runs on as if it had not been sent."""
    line = lifecycle.choose(order, "reject", actor, data)
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})
    deadlines.meet(order, "review")
    deadlines.unmeet(order, "handle")
