"""时限 Deadlines: which clock runs how long, on Chinese working time, and what stops, moves or meets it.

Each clock of an order is a row of its own, so that a later one can never reset an earlier one. A clock whose due time
falls into a year whose calendar is not loaded waits, by name, instead of being guessed: the order itself is never
refused for that, and ``flask doctor`` and the console say which year is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from core import clock
from core.areas import Area
from core.database import AnySession
from core.errors import Conflict
from core.workdays import CalendarNotLoaded, WorkCalendar, YearCalendar
from hotline.catalogue import CalendarYear, DeadlineRule
from hotline.models import Deadline, WorkOrder

CLOCKS = {
    "accept": "受理",
    "first_response": "首次响应",
    "sign_for": "签收",
    "handle": "办理",
    "review": "审核",
    "visit_back": "回访",
}
# while a clock of these runs, this status is the one it hurries
STARTED_BY = {
    "accept": "REGISTERED",
    "sign_for": "DISPATCHED",
    "review": "REPLIED",
    "visit_back": "REVIEWED",
}


def calendar(session: AnySession) -> WorkCalendar:
    """The working calendar with the years an administrator loaded; made once per session."""
    kept = session.info.get("work_calendar")
    if kept is None:
        years = {
            row.year: YearCalendar(
                frozenset(date.fromisoformat(day) for day in row.holidays),
                frozenset(date.fromisoformat(day) for day in row.make_up_workdays),
            )
            for row in session.scalars(select(CalendarYear))
        }
        kept = session.info["work_calendar"] = WorkCalendar(extra_years=years)
    return kept


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may ask about an order."""

    request_type: str
    urgent: bool
    category_code: str | None
    area_codes: tuple[str, ...]
    on: date


class Rulebook:
    """All deadline rules, read once; picks the one that fits an order best."""

    def __init__(self, rules: Iterable[DeadlineRule]) -> None:
        self._by_clock: dict[str, list[DeadlineRule]] = {}
        for rule in rules:
            self._by_clock.setdefault(rule.clock, []).append(rule)

    @classmethod
    def of(cls, session: AnySession) -> Rulebook:
        """The rulebook of a session, read on first use."""
        kept = session.info.get("rulebook")
        if kept is None:
            kept = session.info["rulebook"] = cls(session.scalars(select(DeadlineRule)))
        return kept

    def rule_for(self, clock_name: str, facts: Facts) -> DeadlineRule | None:
        """The fitting rule: newest version in force, then the one with most conditions. None: no such clock."""
        fitting = [rule for rule in self._by_clock.get(clock_name, ()) if _fits(rule, facts)]
        return max(fitting, key=_weight, default=None)


def _fits(rule: DeadlineRule, facts: Facts) -> bool:
    return (
        rule.effective_from <= facts.on
        and (not rule.request_types or facts.request_type in rule.request_types)
        and (rule.urgent is None or rule.urgent == facts.urgent)
        and (rule.category_code is None or (facts.category_code or "").startswith(rule.category_code))
        and (rule.area_code is None or rule.area_code in facts.area_codes)
    )


def _weight(rule: DeadlineRule) -> tuple[Any, ...]:
    conditions = [
        rule.area_code,
        rule.category_code,
        rule.urgent is not None or None,
        bool(rule.request_types) or None,
    ]
    return (
        rule.effective_from,
        sum(c is not None for c in conditions),
        len(rule.category_code or ""),
        rule.id,
    )


def facts_of(order: WorkOrder, area: Area | None = None) -> Facts:
    """The facts of an order for the rulebook."""
    area = area or order.area
    codes = tuple(code for code in area.path.split("/") if code) if area else ()
    day = clock.local(order.registered_at).date()
    return Facts(order.request_type, order.urgent, order.category_code, codes, day)


def plan(session: AnySession, clock_name: str, facts: Facts, start: datetime) -> dict[str, Any] | None:
    """The columns of a clock started at ``start``, or None when no rule asks for it."""
    rule = Rulebook.of(session).rule_for(clock_name, facts)
    if rule is None:
        return None
    values: dict[str, Any] = {"clock": clock_name, "started_at": start, "rule_id": rule.id}
    return values | _due(session, rule, start)


def _due(session: AnySession, rule: DeadlineRule, start: datetime) -> dict[str, Any]:
    try:
        due = _add(calendar(session), start, rule.amount, rule.unit)
    except CalendarNotLoaded as missing:
        return {"due_at": None, "near_due_at": None, "waits_for": missing.year}
    return {"due_at": due, "near_due_at": _near(rule, start, due), "waits_for": None}


def _add(work: WorkCalendar, start: datetime, amount: float, unit: str) -> datetime:
    if unit == "working_days":
        return work.add_working_days(start, int(amount))
    if unit == "working_hours":
        return work.add_working_time(start, timedelta(hours=amount))
    return start + timedelta(hours=amount)


def _near(rule: DeadlineRule, start: datetime, due: datetime) -> datetime:
    whole = due - start
    margin = max(whole * rule.near_due_share, timedelta(hours=rule.near_due_hours))
    # a short clock would otherwise be near due from its very start
    return due - min(margin, whole / 2)


def start(session: AnySession, order: WorkOrder, clock_name: str) -> Deadline | None:
    """Start a clock for an order now. A clock of that name still running goes on and is handed back."""
    running = _running(order, clock_name)
    if running:
        return running
    values = plan(session, clock_name, facts_of(order), clock.now())
    if values is None:
        return None
    deadline = Deadline(**values)
    order.deadlines.append(deadline)
    return deadline


def meet(order: WorkOrder, clock_name: str) -> None:
    """The thing the clock waits for was done now."""
    running = _running(order, clock_name)
    if running:
        running.met_at = clock.now()


def unmeet(order: WorkOrder, clock_name: str) -> None:
    """What met the clock was taken back (a reply rejected): the same clock, due when it was, runs on."""
    met = [row for row in order.deadlines if row.clock == clock_name and row.met_at is not None]
    if met:
        met[-1].met_at = None


def stop(order: WorkOrder) -> None:
    """挂账: the handling clock stands still from now."""
    running = _running(order, "handle")
    if running:
        running.stopped_at = clock.now()


def resume(session: AnySession, order: WorkOrder) -> None:
    """The handling clock runs on with as much working time left as it had when it stopped."""
    running = _running(order, "handle")
    if running is None or running.stopped_at is None:
        return
    if running.due_at is not None:
        work = calendar(session)
        now = clock.now()
        if running.due_at > running.stopped_at:
            left = work.working_time_between(running.stopped_at, running.due_at)
            running.due_at = work.add_working_time(now, left)
            running.near_due_at = _near(running.rule, now, running.due_at)
    running.stopped_at = None


def extend(session: AnySession, order: WorkOrder, days: int) -> None:
    """延期: move the handling clock's due time by working days. Raises Conflict when none runs."""
    running = _running(order, "handle")
    if running is None or running.due_at is None:
        raise Conflict("这张工单没有正在计时的办理时限，不能延期")
    running.due_at = calendar(session).add_working_days(running.due_at, days)
    running.near_due_at = _near(running.rule, clock.now(), running.due_at)
    running.near_due_warned = False


def hasten(session: AnySession, order: WorkOrder) -> None:
    """The order became urgent: running clocks take the urgent rule where that is sooner; urgent-only clocks start."""
    for running in [row for row in order.deadlines if row.met_at is None and row.stopped_at is None]:
        values = plan(session, running.clock, facts_of(order), running.started_at)
        sooner = values and values["due_at"] and (running.due_at is None or values["due_at"] < running.due_at)
        if values and sooner:
            for name, value in values.items():
                setattr(running, name, value)
            running.near_due_warned = running.overdue_warned = False
    if not any(row.clock == "first_response" for row in order.deadlines):
        start(session, order, "first_response")


def current(order: WorkOrder) -> Deadline | None:
    """The running clock that is due first, for the queue and the order page."""
    running = [row for row in order.deadlines if row.met_at is None and row.stopped_at is None and row.due_at]
    return min(running, key=lambda row: row.due_at or row.started_at, default=None)


def state(deadline: Deadline, now: datetime | None = None) -> str:
    """One of met, met_late, stopped, waiting, running, near_due, overdue."""
    now = now or clock.now()
    if deadline.due_at is None:
        return "met" if deadline.met_at else "waiting"
    if deadline.met_at:
        return "met" if deadline.met_at <= deadline.due_at else "met_late"
    if deadline.stopped_at:
        return "stopped"
    if now > deadline.due_at:
        return "overdue"
    return "near_due" if deadline.near_due_at and now >= deadline.near_due_at else "running"


def settle_waiting(session: AnySession) -> int:
    """Compute the clocks that waited for a year which has been loaded since; returns how many."""
    session.info.pop("work_calendar", None)
    settled = 0
    for deadline in session.scalars(select(Deadline).where(Deadline.waits_for.is_not(None))):
        found = _due(session, deadline.rule, deadline.started_at)
        if found["due_at"] is not None:
            for name, value in found.items():
                setattr(deadline, name, value)
            settled += 1
    return settled


def _running(order: WorkOrder, clock_name: str) -> Deadline | None:
    running = [row for row in order.deadlines if row.clock == clock_name and row.met_at is None]
    return running[-1] if running else None
