"""Working days as the State Council announced them, and working time that adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SHANGHAI
from core.workdays import WORKING_HOURS, CalendarNotLoaded, WorkCalendar, YearCalendar

CALENDAR = WorkCalendar()
NIGHT = timedelta(hours=15)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        # National Day 2026: 1 to 7 October off, 20 September (Sunday) and 10 October (Saturday) worked
        ("2026-09-20", True), ("2026-09-30", True), ("2026-10-01", False), ("2026-10-02", False), ("2026-10-07", False),
        ("2026-10-08", True), ("2026-10-10", True), ("2026-10-11", False),
        # Spring Festival 2026: 15 to 23 February off, 14 and 28 February (Saturdays) worked
        ("2026-02-14", True), ("2026-02-15", False), ("2026-02-16", False), ("2026-02-23", False),
        ("2026-02-24", True), ("2026-02-28", True), ("2026-03-01", False),
        # the year's edge, and an ordinary week
        ("2026-01-01", False), ("2026-01-02", False), ("2026-01-04", True), ("2026-11-20", True),
        ("2026-11-21", False), ("2026-11-23", True),
        # an earlier year
        ("2019-05-01", False), ("2019-05-05", True),
    ],
)  # fmt: skip
def test_known_days(day: str, works: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-23 09:00", 1, "2026-11-24 18:00"),
        ("2026-11-23 23:59:59", 1, "2026-11-24 18:00"),
        ("2026-11-20 10:00", 5, "2026-11-27 18:00"),
        # over the holiday: 9 October is the second day, the worked Saturday the third
        ("2026-09-30 10:00", 1, "2026-10-08 18:00"),
        ("2026-09-30 10:00", 3, "2026-10-10 18:00"),
        ("2026-09-30 10:00", 4, "2026-10-12 18:00"),
        # begun on a day off
        ("2026-11-21 10:00", 1, "2026-11-23 18:00"),
        ("2026-11-21 10:00", 0, "2026-11-23 18:00"),
        ("2026-11-23 10:00", 0, "2026-11-23 18:00"),
    ],
)
def test_adding_days(start: str, count: int, end: str) -> None:
    found = CALENDAR.add_working_days(at(start), count)
    assert found == at(end)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23 09:00", 3, "2026-11-23 12:00"),
        ("2026-11-23 11:00", 2, "2026-11-23 14:00"),  # lunch is not worked
        ("2026-11-23 12:30", 1, "2026-11-23 14:00"),
        ("2026-11-23 17:00", 2, "2026-11-24 10:00"),
        ("2026-11-20 17:30", 1, "2026-11-23 09:30"),  # over a weekend
        ("2026-11-22 03:00", 8, "2026-11-23 18:00"),
        ("2026-09-30 17:00", 2, "2026-10-08 10:00"),  # over National Day
        ("2026-02-13 17:00", 2, "2026-02-14 10:00"),  # into a worked Saturday
    ],
)
def test_adding_hours(start: str, hours: int, end: str) -> None:
    assert CALENDAR.add_working_time(at(start), timedelta(hours=hours)) == at(end)


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("2026-11-23 00:00", "2026-11-24 00:00", 8),
        ("2026-11-23 08:00", "2026-11-23 09:30", 0.5),
        ("2026-11-23 12:00", "2026-11-23 13:00", 0),
        ("2026-10-01 00:00", "2026-10-08 00:00", 0),
        ("2026-10-09 17:00", "2026-10-12 10:00", 1 + 8 + 1),
        ("2026-11-24 10:00", "2026-11-23 10:00", 0),
    ],
)
def test_between(begin: str, end: str, hours: float) -> None:
    assert CALENDAR.working_time_between(at(begin), at(end)) == timedelta(hours=hours)


def test_zones_do_not_matter_and_naive_is_refused() -> None:
    here = at("2026-11-23 17:00")
    span = timedelta(hours=2)
    assert CALENDAR.add_working_time(here.astimezone(UTC), span) == CALENDAR.add_working_time(here, span)
    for ask in (
        lambda t: CALENDAR.add_working_days(t, 1),
        lambda t: CALENDAR.add_working_time(t, span),
        CALENDAR.next_working_moment,
        lambda t: CALENDAR.working_time_between(t, t),
    ):
        with pytest.raises(ValueError, match="aware"):
            ask(datetime(2026, 11, 23, 9))


def test_next_moment() -> None:
    for given_, expected in [
        ("2026-11-23 08:00", "2026-11-23 09:00"),
        ("2026-11-23 10:30", "2026-11-23 10:30"),
        ("2026-11-23 12:00", "2026-11-23 13:00"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-21 10:00", "2026-11-23 09:00"),
    ]:
        assert CALENDAR.next_working_moment(at(given_)) == at(expected)


def test_negative_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_days(at("2026-11-23 09:00"), -1)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_time(at("2026-11-23 09:00"), -timedelta(seconds=1))


def test_a_year_nobody_loaded_is_refused_by_name() -> None:
    far = max(CALENDAR.loaded_years()) + 1
    for ask in (
        lambda: CALENDAR.is_working_day(date(far, 1, 4)),
        lambda: CALENDAR.add_working_days(at(f"{far - 1}-12-30 10:00"), 10),
        lambda: CALENDAR.add_working_time(at(f"{far - 1}-12-30 10:00"), timedelta(hours=80)),
        lambda: CALENDAR.working_time_between(at(f"{far - 1}-12-30 10:00"), at(f"{far}-02-01 10:00")),
        lambda: CALENDAR.next_working_moment(at(f"{far}-02-01 10:00")),
    ):
        with pytest.raises(CalendarNotLoaded, match=f"{far} 年.*flask calendar load") as refused:
            ask()
        assert refused.value.year == far
    with pytest.raises(CalendarNotLoaded, match="1999"):
        CALENDAR.is_working_day(date(1999, 1, 4))


def test_extra_years_are_loaded_and_take_precedence() -> None:
    extra = YearCalendar(
        holidays=frozenset({date(2026, 11, 23)}), make_up_workdays=frozenset({date(2026, 11, 22)})
    )
    plan = WorkCalendar({2026: extra, 2030: YearCalendar(frozenset({date(2030, 1, 1)}), frozenset())})
    assert 2030 in plan.loaded_years()
    assert plan.is_working_day(date(2026, 11, 22))
    assert not plan.is_working_day(date(2026, 11, 23))
    assert plan.is_working_day(date(2026, 10, 1))  # nothing of the package's year is left
    assert not plan.is_working_day(date(2030, 1, 1))
    assert plan.is_working_day(date(2030, 1, 2))
    assert not plan.is_working_day(date(2030, 1, 5))
    assert plan.is_working_day(date(2025, 11, 24))  # other years stay the package's


def test_other_hours() -> None:
    round_the_clock = WorkCalendar(hours=((time(0), time(23, 59, 59)),))
    assert round_the_clock.add_working_days(at("2026-11-23 10:00"), 1) == at("2026-11-24 23:59:59")


# 2024 to autumn 2026: three Spring Festivals and National Days
moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 9, 30)).map(lambda t: t.replace(tzinfo=SHANGHAI))
spans = st.integers(0, 120 * 60 * 60).map(lambda seconds: timedelta(seconds=seconds))


def _in_hours(moment: datetime) -> bool:
    local = moment.astimezone(SHANGHAI)
    return CALENDAR.is_working_day(local.date()) and any(
        begin <= local.time() <= end for begin, end in WORKING_HOURS
    )


@given(moments, spans)
def test_results_lie_in_working_hours(start: datetime, span: timedelta) -> None:
    assert _in_hours(CALENDAR.add_working_time(start, span))
    moment = CALENDAR.next_working_moment(start)
    assert _in_hours(moment)
    assert moment >= start
    assert CALENDAR.working_time_between(start, moment) == timedelta(0)


@given(moments, spans)
def test_between_undoes_adding(start: datetime, span: timedelta) -> None:
    assert CALENDAR.working_time_between(start, CALENDAR.add_working_time(start, span)) == span


@given(moments, spans, spans)
def test_adding_in_two_steps_is_adding_the_sum(start: datetime, one: timedelta, two: timedelta) -> None:
    steps = CALENDAR.add_working_time(CALENDAR.add_working_time(start, one), two)
    whole = CALENDAR.add_working_time(start, one + two)
    if one + two:
        assert steps == whole
    else:
        assert _in_hours(steps)


@given(moments, moments, moments)
def test_between_is_additive(a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    between = CALENDAR.working_time_between
    assert between(a, b) + between(b, c) == between(a, c)
    assert timedelta(0) <= between(a, b) <= b - a


@given(moments, moments, st.integers(0, 30), spans)
def test_later_starts_end_no_earlier(a: datetime, b: datetime, days: int, span: timedelta) -> None:
    a, b = sorted((a, b))
    assert CALENDAR.add_working_days(a, days) <= CALENDAR.add_working_days(b, days)
    assert CALENDAR.add_working_days(a, days + 1) < CALENDAR.add_working_days(a, days + 2)
    assert CALENDAR.add_working_time(a, span) <= CALENDAR.add_working_time(b, span)
