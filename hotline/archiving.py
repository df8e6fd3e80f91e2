"""归档 Archiving: a finished order is put away when its time to be reopened is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core import clock
from core.audit import Actor
from core.database import AnySession
from core.errors import Conflict
from hotline import lifecycle, policy
from hotline.models import WorkOrder


def archive(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """归档. Raises Conflict while the order is younger than the retention before archive."""
    line = lifecycle.choose(order, "archive", actor, data)
    days = policy.whole(session, "archive_days")
    if order.completed_at is None or clock.now() - order.completed_at < timedelta(days=days):
        raise Conflict(f"办结满 {days} 天才能归档", code="too_early")
    lifecycle.apply(session, order, line, actor, {})
