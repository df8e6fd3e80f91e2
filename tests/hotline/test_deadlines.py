"""Clocks of an order: which rule, when due, what stops, moves, meets and warns them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core import clock
from core.audit import Actor
from core.clock import SHANGHAI
from hotline import deadlines, verbs, warnings
from hotline.catalogue import CalendarYear
from hotline.models import Deadline, DeadlineWarning
from tests.factories import Factory

# 2026: National Day off 1–7 October (Thu–Wed), Saturday 10 October is a make-up workday
BEFORE_HOLIDAY = datetime(2026, 9, 30, 10, 0, tzinfo=SHANGHAI)


def _clock(order: Any, name: str) -> Deadline:
    return next(row for row in order.deadlines if row.clock == name)


def _at(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("request_type", "days"),
    [("inquiry", 3), ("help", 7), ("suggestion", 7), ("complaint", 15), ("report", 15)],
)
def test_handling_time_by_type_is_sichuan_s(
    session: Any, make: Factory, request_type: str, days: int
) -> None:
    with clock.set_to(datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)):
        order = make.order(request_type=request_type)
    due = clock.local(_clock(order, "handle").due_at)
    between = sum(deadlines.calendar(session).is_working_day(date(2026, 3, 2) + timedelta(days=n))
                  for n in range(1, (due.date() - date(2026, 3, 2)).days + 1))  # fmt: skip
    assert between == days


def test_the_clock_skips_the_national_holiday_and_counts_the_make_up_day(session: Any, make: Factory) -> None:
    with clock.set_to(BEFORE_HOLIDAY):
        order = make.order(request_type="inquiry")
    calendar = deadlines.calendar(session)
    expected, left = date(2026, 9, 30), 3
    while left:
        expected += timedelta(days=1)
        left -= calendar.is_working_day(expected)
    assert clock.local(_clock(order, "handle").due_at).date() == expected
    assert expected >= date(2026, 10, 10)


def test_urgent_orders_run_round_the_clock(session: Any, make: Factory) -> None:
    midnight = datetime(2026, 10, 3, 0, 30, tzinfo=SHANGHAI)
    with clock.set_to(midnight):
        order = make.order("小区燃气泄漏，有人头晕", urgent=True)
    assert _clock(order, "first_response").due_at == (midnight + timedelta(hours=2)).astimezone(UTC)


def test_sign_for_is_two_working_hours_over_lunch(session: Any, make: Factory) -> None:
    with clock.set_to(datetime(2026, 3, 2, 11, 0, tzinfo=SHANGHAI)):
        order = make.order()
        verbs.perform(session, order, "dispatch", Actor(role="dispatcher", name="甲"), {"lead_unit": "QY-ZF"})
    assert _at(_clock(order, "sign_for").due_at) == "2026-03-02 14:00"


def test_a_year_not_loaded_is_waited_for_by_name_and_the_order_is_not_lost(
    session: Any, make: Factory
) -> None:
    year = max(deadlines.calendar(session).loaded_years()) + 1
    with clock.set_to(datetime(year - 1, 12, 28, 10, 0, tzinfo=SHANGHAI)):
        order = make.order()
        handle = _clock(order, "handle")
        assert (handle.due_at, handle.waits_for) == (None, year)
        assert deadlines.state(handle) == "waiting"
        session.add(
            CalendarYear(year=year, holidays=[f"{year}-01-01"], make_up_workdays=[], loaded_at=clock.now())
        )
        session.flush()
        assert deadlines.settle_waiting(session) >= 1
    assert handle.waits_for is None
    assert clock.local(handle.due_at).year == year


def test_suspension_stops_the_clock_and_gives_back_what_was_left(session: Any, make: Factory) -> None:
    boss = Actor(role="supervisor", name="督办")
    with clock.set_to(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)):
        order = make.order_at("SIGNED_FOR")
        handle = _clock(order, "handle")
        due = handle.due_at
    stopped = datetime(2026, 3, 4, 9, 0, tzinfo=SHANGHAI)
    with clock.set_to(stopped):
        verbs.perform(session, order, "suspend", boss, {"reason": "等立项", "review_on": "2026-04-01"})
        assert deadlines.state(handle, clock.now() + timedelta(days=300)) == "stopped"
    calendar = deadlines.calendar(session)
    left = calendar.working_time_between(stopped, due)
    resumed = datetime(2026, 3, 20, 9, 0, tzinfo=SHANGHAI)
    with clock.set_to(resumed):
        verbs.perform(session, order, "resume", boss, {"reason": "已立项"})
    assert calendar.working_time_between(resumed, handle.due_at) == left


def test_extension_moves_only_the_handling_clock(session: Any, make: Factory) -> None:
    with clock.set_to(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)):
        order = make.order_at("SIGNED_FOR")
        before = {row.clock: row.due_at for row in order.deadlines}
        clerk = Actor(role="unit_clerk", name="经办", unit_path=make.unit().path)
        verbs.perform(session, order, "ask_extension", clerk, {"days": 5, "reason": "要开挖"})
        assert {row.clock: row.due_at for row in order.deadlines} == before, "asking moved a clock"
        verbs.perform(session, order, "extend_deadline", Actor(role="supervisor", name="督办"))
    after = {row.clock: row.due_at for row in order.deadlines}
    assert after["handle"] > before["handle"]
    assert {k: v for k, v in after.items() if k != "handle"} == {
        k: v for k, v in before.items() if k != "handle"
    }


def test_a_rejected_reply_does_not_count_as_handled(session: Any, make: Factory) -> None:
    order = make.order_at("REPLIED")
    assert _clock(order, "handle").met_at is not None
    lead = Actor(role="unit_lead", name="审核", unit_path=make.unit().path)
    verbs.perform(session, order, "reject", lead, {"reason": "没说清楚"})
    assert _clock(order, "handle").met_at is None


def test_warnings_come_once_each_and_not_at_midnight(session: Any, make: Factory) -> None:
    with clock.set_to(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)):
        make.order_at("SIGNED_FOR", request_type="inquiry")
    night = datetime(2026, 3, 5, 23, 30, tzinfo=SHANGHAI)
    assert warnings.warn(session, night) == {"near_due": 0, "overdue": 0}
    morning = datetime(2026, 3, 6, 9, 30, tzinfo=SHANGHAI)
    first = warnings.warn(session, morning)
    assert first["overdue"] >= 1
    assert warnings.warn(session, morning + timedelta(hours=1)) == {"near_due": 0, "overdue": 0}
    assert session.query(DeadlineWarning).count() == sum(first.values())


def test_near_due_comes_before_due(session: Any, make: Factory) -> None:
    order = make.order_at("DISPATCHED")
    for row in order.deadlines:
        assert row.started_at < row.near_due_at < row.due_at
