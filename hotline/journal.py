"""工单日志 Journal: everything that happened to an order, in order, chained by digests; the outbox of every notice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from core import clock
from core.audit import Actor
from core.database import AnySession
from hotline.models import OrderEvent, WorkOrder

# what is written down beside the transitions of the lifecycle table
BESIDE = {
    "accept": "登记",
    "classify": "确认分类",
    "reveal": "查看隐私信息",
    "urgency": "紧急程度",
    "escalate": "提级督办",
}


def append(
    session: AnySession,
    order: WorkOrder,
    action: str,
    actor: Actor,
    *,
    origin: str | None,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> OrderEvent:
    """Append an event in the caller's transaction. Two writers at once cannot both take the next ``seq``."""
    session.flush()
    before = last(session, order)
    event = OrderEvent(
        **row(
            order_id=order.id,
            seq=before.seq + 1 if before else 1,
            previous=before.digest if before else "",
            action=action,
            actor=actor,
            at=clock.now(),
            origin=origin,
            to_status=order.status,
            reason=reason,
            data=data or {},
        )
    )
    session.add(event)
    return event


def row(
    *,
    order_id: int,
    seq: int,
    previous: str,
    action: str,
    actor: Actor,
    at: datetime,
    origin: str | None,
    to_status: str,
    reason: str,
    data: dict[str, Any],
) -> dict[str, Any]:
    """The columns of an event, digest included; for bulk intake too."""
    said = json.loads(json.dumps(data, ensure_ascii=False, default=str))
    values: dict[str, Any] = {
        "order_id": order_id,
        "seq": seq,
        "action": action,
        "at": at,
        "actor_id": actor.staff_id,
        "actor_name": actor.name,
        "actor_role": actor.role,
        "actor_unit_id": actor.unit_id,
        "from_status": origin,
        "to_status": to_status,
        "reason": reason,
        "data": said,
    }
    values["digest"] = _digest(previous, values)
    return values


def last(session: AnySession, order: WorkOrder) -> OrderEvent | None:
    """The latest event of an order."""
    return session.scalar(
        select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.seq.desc()).limit(1)
    )


def verify(session: AnySession) -> tuple[int, str | None]:
    """Walk every chain. Returns the number of events that hold and the first fault in words, or None."""
    query = select(OrderEvent).order_by(OrderEvent.order_id, OrderEvent.seq)
    with closing(session.scalars(query.execution_options(yield_per=2000))) as events:
        count, fault = _chains(session, events)
    if fault:
        return count, fault
    bare = session.scalar(
        select(WorkOrder.number).outerjoin(OrderEvent).where(OrderEvent.id.is_(None)).limit(1)
    )
    if bare:
        return count, f"工单 {bare} 没有任何日志"
    ahead = session.scalar(_not_as_the_journal_says())
    if ahead:
        return count, f"工单 {ahead} 的状态与最后一条日志不一致"
    return count, None


def _chains(session: AnySession, events: Iterable[OrderEvent]) -> tuple[int, str | None]:
    columns = [column.key for column in OrderEvent.__table__.columns]
    count, seq, previous, order_id = 0, 0, "", None
    for event in events:
        if event.order_id != order_id:
            previous, seq, order_id = "", 0, event.order_id
        seq += 1
        if event.seq != seq:
            return count, f"工单 {event.order_id} 的日志缺第 {seq} 条"
        if event.digest != _digest(previous, {name: getattr(event, name) for name in columns}):
            return count, f"工单 {event.order_id} 的第 {seq} 条日志（编号 {event.id}）与校验值不符"
        previous = event.digest
        count += 1
        session.expunge(event)
    return count, None


def _not_as_the_journal_says() -> Any:
    latest = (
        select(OrderEvent.order_id, func.max(OrderEvent.seq).label("seq"))
        .group_by(OrderEvent.order_id)
        .subquery()
    )
    return (
        select(WorkOrder.number)
        .join(latest, latest.c.order_id == WorkOrder.id)
        .join(OrderEvent, (OrderEvent.order_id == latest.c.order_id) & (OrderEvent.seq == latest.c.seq))
        .where(OrderEvent.to_status != WorkOrder.status)
        .limit(1)
    )


def _digest(previous: str, values: dict[str, Any]) -> str:
    told = [
        previous,
        values["order_id"],
        values["seq"],
        values["action"],
        values["at"].isoformat(),
        values["actor_id"],
        values["actor_name"],
        values["actor_role"],
        values["actor_unit_id"],
        values["from_status"],
        values["to_status"],
        values["reason"],
        values["data"],
    ]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
