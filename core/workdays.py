"""工作日 Working days: Chinese public holidays with their make-up workdays (调休), and time counted in working hours.

The days come from the ``chinesecalendar`` package and from years an administrator loaded. A computation that reaches a
year neither knows is refused by name: a guess would be wrong for somebody's deadline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
from chinese_calendar.constants import holidays as _package_days

from core.clock import SHANGHAI

# 09:00–12:00 and 13:00–18:00, eight hours
WORKING_HOURS: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13), time(18)))


class CalendarNotLoaded(Exception):
    """The holidays of a year are not known here."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            f"{year} 年的节假日安排尚未载入，不能推算工作日。国务院公布后请用 flask calendar load 载入，或升级 chinesecalendar"
        )


@dataclass(frozen=True, slots=True)
class YearCalendar:
    """One year's public holidays (days off that are otherwise working days or not) and make-up workdays."""

    holidays: frozenset[date]
    make_up_workdays: frozenset[date]


@lru_cache(maxsize=1)
def _package_years() -> frozenset[int]:
    return frozenset(day.year for day in _package_days)


class WorkCalendar:
    """Answers questions about working days and working time.

    ``extra_years`` take precedence over the package; ``hours`` are the working hours of a day, in order, Shanghai
    time. All instants are aware; results are UTC.
    """

    def __init__(
        self,
        extra_years: Mapping[int, YearCalendar] | None = None,
        hours: tuple[tuple[time, time], ...] = WORKING_HOURS,
    ) -> None:
        self._extra = dict(extra_years or {})
        self._hours = hours
        self._known: dict[date, bool] = {}

    def loaded_years(self) -> frozenset[int]:
        """Every year that can be computed in."""
        return _package_years() | frozenset(self._extra)

    def is_working_day(self, day: date) -> bool:
        """True on a day people work. Raises CalendarNotLoaded."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._look_up(day)
        return known

    def _look_up(self, day: date) -> bool:
        extra = self._extra.get(day.year)
        if extra is not None:
            if day in extra.make_up_workdays:
                return True
            return day not in extra.holidays and day.weekday() < 5
        if day.year not in _package_years():
            raise CalendarNotLoaded(day.year)
        return bool(chinese_calendar.is_workday(day))

    def add_working_days(self, start: datetime, count: int) -> datetime:
        """The end of working hours on the ``count``-th working day after the day of ``start``.

        The day itself does not count (as in administrative law, a period runs from the next day); a start on a day
        off therefore runs from the next working day as well. ``count`` ≥ 0; 0 gives the end of this or the next
        working day. Raises CalendarNotLoaded.
        """
        if count < 0:
            raise ValueError("count must not be negative")
        day = _local(start).date()
        left = count
        if left == 0:
            while not self.is_working_day(day):
                day += timedelta(days=1)
        while left:
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        return datetime.combine(day, self._hours[-1][1], SHANGHAI).astimezone(UTC)

    def next_working_moment(self, moment: datetime) -> datetime:
        """The moment itself when it lies in working hours, else the start of the next ones."""
        here = _local(moment)
        for begin, end in self._spells(here.date()):
            if here < begin:
                return begin.astimezone(UTC)
            if here < end:
                return moment.astimezone(UTC)
        raise AssertionError("unreachable: working spells never end")

    def add_working_time(self, start: datetime, span: timedelta) -> datetime:
        """``start`` plus a span of working time; the span ends inside (or at the end of) working hours.

        Raises CalendarNotLoaded.
        """
        if span < timedelta(0):
            raise ValueError("span must not be negative")
        here = _local(start)
        left = span
        for begin, end in self._spells(here.date()):
            since = max(begin, here)
            if since >= end:
                continue
            if left <= end - since:
                return (since + left).astimezone(UTC)
            left -= end - since
        raise AssertionError("unreachable: working spells never end")

    def working_time_between(self, begin: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; zero when ``end`` is not after ``begin``."""
        start, stop = _local(begin), _local(end)
        total = timedelta(0)
        if stop <= start:
            return total
        for spell_begin, spell_end in self._spells(start.date(), stop.date()):
            total += max(timedelta(0), min(stop, spell_end) - max(start, spell_begin))
        return total

    def _spells(self, day: date, last: date | None = None) -> Iterator[tuple[datetime, datetime]]:
        while last is None or day <= last:
            if self.is_working_day(day):
                for begin, end in self._hours:
                    yield datetime.combine(day, begin, SHANGHAI), datetime.combine(day, end, SHANGHAI)
            day += timedelta(days=1)


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("working time needs aware datetimes")
    return moment.astimezone(SHANGHAI)
