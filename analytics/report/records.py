"""周报所需的记录 Records the weekly report is built from: frozen and made of plain values, nothing of a database.

A door fills these at one cut-off; the report keeps them, so that every figure can be recomputed from them later.
All times are timezone-aware. Text that may name people (``title``, ``examples``, ``account``) arrives **masked**.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

Satisfaction = Literal["satisfied", "basically_satisfied", "dissatisfied"]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One work order as it stood at the cut-off.

    ``channel``, ``request_type`` and ``status`` are the Chinese names people read. ``category`` is a path, coarsest
    first; ``area`` likewise from the district down; both may be empty (unknown). ``unit`` is empty when the order
    was never dispatched. ``sent_back``, ``rework`` and ``extended`` are how often that happened.
    """

    id: str
    number: str
    reported_at: datetime
    channel: str
    request_type: str
    category: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    unit: str = ""
    status: str = ""
    title: str = ""
    dispatched: bool = False
    dispatched_at: datetime | None = None
    completed_at: datetime | None = None
    handle_due_at: datetime | None = None
    sent_back: int = 0
    rework: int = 0
    extended: int = 0
    merged: bool = False


@dataclass(frozen=True, slots=True)
class VisitBackRow:
    """One visit-back. ``valid`` means the complainant was reached and answered; None means not asked."""

    order_id: str
    at: datetime
    valid: bool
    contacted: bool | None = None
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    unit: str = ""

    @property
    def key(self) -> str:
        """Id of this visit-back: an order may be visited more than once."""
        return f"{self.order_id}@{self.at.isoformat()}"


@dataclass(frozen=True, slots=True)
class HotspotRow:
    """One hotspot of a week's list.

    ``key`` is the same from week to week for the same topic and place. ``status`` is one of emerging, growing,
    persisting, fading. ``start`` and ``end`` are its first and last moment. ``observed`` and ``expected`` are the
    scan's own counts (it may count a repeat caller once, so that they differ from ``size``); ``interval`` is the range
    ``observed`` would usually lie in under the hotspot's own baseline (95 %), None when unknown. ``series`` is
    (ISO date, count) pairs. ``complainants`` counts different people, None when it cannot be told.
    """

    key: str
    rank: int
    name: str
    place: str
    category: tuple[str, ...]
    status: str
    start: datetime
    end: datetime
    size: int
    complainants: int | None
    observed: int
    expected: float
    interval: tuple[float, float] | None
    ratio: float
    p_value: float | None
    q_value: float | None
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    order_ids: tuple[str, ...] = ()
    unit: str = ""
    action: str = ""
    series: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A typical case chosen by an editor; ``account`` (what happened, masked) and ``why`` are their words."""

    order_id: str
    title: str
    account: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits a report is written by: data, so that an administrator can change them.

    ``small`` is the denominator under which a share is marked as small; ``near_due`` the time before a deadline from
    which an order counts as near due; ``long_overdue`` the time after it from which it counts as long overdue.
    """

    small: int = 30
    near_due: timedelta = timedelta(days=2)
    long_overdue: timedelta = timedelta(days=7)
    top_topics: int = 10
    hotspots_described: int = 5
    overdue_listed: int = 10


@dataclass(frozen=True)
class WeeklyInputs:
    """Everything one week's report is made of, as it stood at ``cut_off``.

    ``orders`` holds every order reported, dispatched or completed within [week start − 1 week, cut-off] and every
    order open at the cut-off. ``visit_backs`` holds the visit-backs of those orders. ``previous_weeks_intake`` gives
    whole weeks (``{"2026-W45": 88}``); last week's, when given, must agree with ``orders``. ``holidays_next_week`` None
    means the calendar was not asked, empty that it holds nothing. ``unit_order`` is the directory's order of the units.
    """

    week: str
    scope: str
    cut_off: datetime
    orders: Sequence[OrderRow]
    visit_backs: Sequence[VisitBackRow] = ()
    hotspots: Sequence[HotspotRow] = ()
    last_week_hotspots: Sequence[HotspotRow] = ()
    cases: Sequence[CaseRow] = ()
    same_week_last_year_intake: int | None = None
    previous_weeks_intake: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    holidays_next_week: Sequence[str] | None = None
    unit_order: Sequence[str] = ()
    definitions_version: str = "v1"
    hotspot_method: str = ""
    thresholds: Thresholds = Thresholds()
