"""统计周期 Periods: the ISO week a report speaks of, cut at the cut-off, in Asia/Shanghai."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Period:
    """One week up to the cut-off: [start, end), and the part of the week before that it is compared with.

    ``end`` is the week's own end or the cut-off, whichever is earlier; a week not yet over is compared with as much
    of the week before, never with the whole of it.
    """

    week: str
    start: datetime
    end: datetime
    cut_off: datetime

    @property
    def partial(self) -> bool:
        """True when the cut-off falls before the week is over."""
        return self.end < self.start + _WEEK

    @property
    def before_start(self) -> datetime:
        return self.start - _WEEK

    @property
    def before_end(self) -> datetime:
        return self.end - _WEEK

    @property
    def days(self) -> float:
        """Length in days; 7.0 for a whole week."""
        return (self.end - self.start) / timedelta(days=1)

    @property
    def dates(self) -> tuple[date, ...]:
        """The calendar days the period touches."""
        last = (self.end - timedelta(microseconds=1)).astimezone(SHANGHAI).date()
        first = self.start.date()
        return tuple(first + timedelta(days=day) for day in range((last - first).days + 1))

    @property
    def title(self) -> str:
        """Such as 2026年第46周（11月9日至11月15日）."""
        year, _, number = self.week.partition("-W")
        return f"{year}年第{int(number)}周（{month_day(self.dates[0])}至{month_day(self.dates[-1])}）"


def period_of(week: str, cut_off: datetime) -> Period:
    """The period of an ISO week (``2026-W46``) at a cut-off.

    Raises ValueError, in Chinese, when the week is not one of the ISO calendar, when the cut-off has no time zone,
    or when the week had not begun at the cut-off.
    """
    if cut_off.tzinfo is None:
        raise ValueError("截止时间必须带时区")
    start = monday_of(week)
    cut_off = cut_off.astimezone(SHANGHAI)
    if cut_off <= start:
        raise ValueError(f"截止时间 {minute(cut_off)} 早于 {week} 的开始 {minute(start)}，这一周还没有数据")
    return Period(week, start, min(start + _WEEK, cut_off), cut_off)


def monday_of(week: str) -> datetime:
    """Monday 00:00 in Shanghai of an ISO week; ValueError otherwise."""
    year, separator, number = week.partition("-W")
    if not separator or not (year.isascii() and year.isdigit() and number.isascii() and number.isdigit()):
        raise ValueError(f"“{week}”不是 ISO 周，应写成 2026-W46")
    return datetime.combine(date.fromisocalendar(int(year), int(number), 1), time.min, SHANGHAI)


def week_of(instant: datetime) -> str:
    """ISO week an instant falls in, in Shanghai."""
    year, number, _ = instant.astimezone(SHANGHAI).isocalendar()
    return f"{year}-W{number:02d}"


def month_day(day: date) -> str:
    """11月9日; a time is taken on the Shanghai clock."""
    if isinstance(day, datetime):
        day = day.astimezone(SHANGHAI).date()
    return f"{day.month}月{day.day}日"


def minute(instant: datetime) -> str:
    """2026年11月16日6时00分, on the Shanghai clock."""
    local = instant.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日{local.hour}时{local.minute:02d}分"


def last_moment(end: datetime) -> str:
    """How an exclusive end is spoken of: midnight is the 24 o'clock of the day before."""
    local = end.astimezone(SHANGHAI)
    if local.time() == time.min:
        before = local - timedelta(days=1)
        return f"{before.month}月{before.day}日24时"
    return f"{local.month}月{local.day}日{local.hour}时{local.minute:02d}分"


def last_day(end: datetime) -> str:
    """The day an end belongs to: midnight belongs to the day before."""
    return month_day(end - timedelta(microseconds=1))
