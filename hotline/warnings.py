"""预警 Warnings: each clock says once that it is near due and once that it is overdue, at an hour people work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from core.audit import Actor
from core.database import AnySession, insert_if_absent
from core.staff import UNIT_ROLES
from core.units import HandlingUnit
from core.workdays import CalendarNotLoaded
from hotline import deadlines, queries
from hotline.lifecycle import OPEN
from hotline.models import Deadline, DeadlineWarning, WorkOrder

KINDS = {"near_due": "临期", "overdue": "逾期"}


def warn(session: AnySession, now: datetime) -> dict[str, Any]:
    """Write the warnings that are due. Outside working hours only urgent orders warn; the others wait for morning.

    Returns how many of each kind. The caller commits.
    """
    at_work = _is_working_time(session, now)
    counts = dict.fromkeys(KINDS, 0)
    for deadline, order in session.execute(_ripe(now)):
        if not at_work and not order.urgent:
            continue
        for kind in KINDS:
            flag = f"{kind}_warned"
            ripe = _is_overdue(deadline, now) == (kind == "overdue")
            if not ripe or getattr(deadline, flag):
                continue
            values = {"deadline_id": deadline.id, "order_id": order.id, "unit_id": order.lead_unit_id,
                      "kind": kind, "at": now}  # fmt: skip
            counts[kind] += insert_if_absent(session, DeadlineWarning, values, ["deadline_id", "kind"])
            setattr(deadline, flag, True)
    session.flush()
    return counts


def seen_by(actor: Actor) -> Select[DeadlineWarning]:
    """The warnings an actor may see, newest first: a unit's people their subtree's, the others all in their sight."""
    query = (
        select(DeadlineWarning)
        .join(WorkOrder, WorkOrder.id == DeadlineWarning.order_id)
        .where(queries.visible_to(actor))
        .order_by(DeadlineWarning.at.desc(), DeadlineWarning.id.desc())
    )
    if actor.role in UNIT_ROLES:
        below = select(HandlingUnit.id).where(
            HandlingUnit.path.startswith(actor.unit_path or "//", autoescape=True)
        )
        query = query.where(DeadlineWarning.unit_id.in_(below))
    return query


def _is_overdue(deadline: Deadline, now: datetime) -> bool:
    return deadline.due_at is not None and deadline.due_at <= now


def _ripe(now: datetime) -> Select[Deadline, WorkOrder]:
    return (
        select(Deadline, WorkOrder)
        .join(WorkOrder, WorkOrder.id == Deadline.order_id)
        .where(
            Deadline.met_at.is_(None),
            Deadline.stopped_at.is_(None),
            WorkOrder.status.in_(sorted(OPEN)),
            or_(
                (Deadline.due_at <= now) & Deadline.overdue_warned.is_(False),
                (Deadline.near_due_at <= now) & (Deadline.due_at > now) & Deadline.near_due_warned.is_(False),
            ),
        )
        .order_by(Deadline.due_at)
    )


def _is_working_time(session: AnySession, now: datetime) -> bool:
    try:
        return deadlines.calendar(session).next_working_moment(now) == now
    except CalendarNotLoaded:
        return True  # better a warning on a holiday than none
