"""审计 Audit: who looked at or changed what, outside an order's own journal. Rows are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import AnySession, Base, BigId, Json, UtcDateTime
from core.staff import Staff


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does something: a member of staff, a resident, or the system itself."""

    role: str
    name: str
    staff_id: int | None = None
    unit_id: int | None = None
    unit_path: str | None = None


SYSTEM = Actor(role="system", name="系统")
RESIDENT = Actor(role="resident", name="诉求人")


def actor_of(staff: Staff) -> Actor:
    """A member of staff as an actor."""
    return Actor(
        role=staff.role,
        name=staff.name,
        staff_id=staff.id,
        unit_id=staff.unit_id,
        unit_path=staff.unit.path if staff.unit else None,
    )


class AuditEntry(Base):
    """One look or change: what was done to which subject, by whom, when, from where and why."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(Integer, index=True)
    actor_name: Mapped[str] = mapped_column(String(64))
    actor_role: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(96), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    address: Mapped[str] = mapped_column(String(64), default="")


def record(
    session: AnySession,
    actor: Actor,
    action: str,
    subject: str,
    *,
    reason: str = "",
    address: str = "",
    **detail: Any,
) -> AuditEntry:
    """Append an entry in the caller's transaction."""
    entry = AuditEntry(
        at=clock.now(),
        actor_id=actor.staff_id,
        actor_name=actor.name,
        actor_role=actor.role,
        action=action,
        subject=subject,
        reason=reason,
        detail=detail,
        address=address,
    )
    session.add(entry)
    return entry
