"""热点档案 Hotspot records: a hotspot from first sight to its end, what happened to it, and what it came from.

``HotspotRecord`` says how things stand, ``HotspotEvent`` how they came to stand so (rows are only ever added), and
``HotspotLink`` which hotspot became which.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.audit import Actor
from core.database import AnySession, Base, BigId, Json, UtcDateTime
from core.units import HandlingUnit

# what can happen to a hotspot; states are in hotline.hotspot_life, verdicts in hotline.hotspot_verdicts
LINKS = {"split": "分出", "merge": "并入", "again": "再次发生"}


class HotspotRecord(Base):
    """热点: a hotspot as it stands; ``key`` is topic × place as last told.

    ``status`` is the state of its life and ``active`` is false once it is resolved. ``status_observed`` is the
    level that growth is measured from; ``leaning`` the state the scans have pointed at since ``leaning_since``;
    ``bursting_at`` the last scan that saw it bursting. ``announced`` is false while it is only watched, and ``gate``
    says by which threshold. ``version`` counts what people did to it: a scan does not make their pages stale.
    """

    __tablename__ = "hotspot"
    __table_args__ = (UniqueConstraint("key", "first_seen_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    key: Mapped[str] = mapped_column(String(255), index=True)
    name: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(255))
    category: Mapped[str] = mapped_column(String(128))
    rank: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    size: Mapped[int] = mapped_column(Integer)
    observed: Mapped[int] = mapped_column(Integer)
    expected: Mapped[float] = mapped_column(Float)
    ratio: Mapped[float] = mapped_column(Float)
    p_value: Mapped[float] = mapped_column(Float)
    q_value: Mapped[float] = mapped_column(Float)
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    status: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(default=True)
    status_since: Mapped[datetime] = mapped_column(UtcDateTime)
    status_observed: Mapped[int] = mapped_column(Integer, default=0)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bursting_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leaning: Mapped[str | None] = mapped_column(String(16))
    leaning_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    announced: Mapped[bool] = mapped_column(default=True)
    gate: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    verdict: Mapped[str | None] = mapped_column(String(16), index=True)
    verdict_note: Mapped[str] = mapped_column(Text, default="")
    verdict_by: Mapped[str] = mapped_column(String(64), default="")
    verdict_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verdict_observed: Mapped[int | None] = mapped_column(Integer)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str] = mapped_column(String(64), default="")
    suppressed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suppressed_why: Mapped[str] = mapped_column(Text, default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"))

    members: Mapped[list[HotspotMember]] = relationship(cascade="all, delete-orphan")
    events: Mapped[list[HotspotEvent]] = relationship(
        order_by="HotspotEvent.id", cascade="all, delete-orphan"
    )
    unit: Mapped[HandlingUnit | None] = relationship()


class HotspotMember(Base):
    """An order that belongs to a hotspot; ``current`` while the last scan that saw the hotspot still counted it."""

    __tablename__ = "hotspot_member"

    hotspot_id: Mapped[int] = mapped_column(ForeignKey("hotspot.id"), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), primary_key=True, index=True)
    current: Mapped[bool] = mapped_column(default=True)


class HotspotEvent(Base):
    """热点经过: one thing that happened to a hotspot: a change of state, or what a person decided. Never altered."""

    __tablename__ = "hotspot_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    hotspot_id: Mapped[int] = mapped_column(ForeignKey("hotspot.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(16))
    from_status: Mapped[str | None] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    observed: Mapped[int] = mapped_column(Integer)
    expected: Mapped[float] = mapped_column(Float)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    actor_name: Mapped[str] = mapped_column(String(64))
    actor_role: Mapped[str] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class HotspotLink(Base):
    """热点来去: ``from_id`` gave part of itself to ``to_id`` (split), went into it (merge) or came before it (again)."""

    __tablename__ = "hotspot_link"
    __table_args__ = (UniqueConstraint("from_id", "to_id", "kind"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("hotspot.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("hotspot.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    source: Mapped[HotspotRecord] = relationship(foreign_keys=[from_id])
    target: Mapped[HotspotRecord] = relationship(foreign_keys=[to_id])


def happened(
    session: AnySession,
    record: HotspotRecord,
    action: str,
    actor: Actor,
    *,
    at: datetime,
    was: str | None,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> HotspotEvent:
    """Append to a hotspot's history in the caller's transaction."""
    event = HotspotEvent(
        hotspot_id=record.id,
        at=at,
        action=action,
        from_status=was,
        to_status=record.status,
        observed=record.observed,
        expected=record.expected,
        actor_id=actor.staff_id,
        actor_name=actor.name,
        actor_role=actor.role,
        note=note,
        data=data or {},
    )
    session.add(event)
    return event
