"""时钟 Clock: the only way to ask the time. UTC inside, Asia/Shanghai on a screen, and tests set it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_set_to: ContextVar[datetime | None] = ContextVar("clock_set_to", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _set_to.get() or datetime.now(UTC)


def today() -> date:
    """The present date in Shanghai."""
    return local(now()).date()


def local(instant: datetime) -> datetime:
    """The same instant on a Shanghai wall clock."""
    return instant.astimezone(SHANGHAI)


def monday_of(iso_week: str) -> datetime:
    """Start of an ISO week such as ``2026-W46``: Monday 00:00 in Shanghai, aware.

    Raises ValueError for anything that is not a week of the ISO calendar.
    """
    year, separator, week = iso_week.partition("-W")
    if not separator or not (year.isascii() and year.isdigit() and week.isascii() and week.isdigit()):
        raise ValueError(f"“{iso_week}”不是 ISO 周，应写成 2026-W46")
    return datetime.combine(date.fromisocalendar(int(year), int(week), 1), datetime.min.time(), SHANGHAI)


def iso_week(instant: datetime) -> str:
    """ISO week, in Shanghai, that an instant falls in, such as ``2026-W46``."""
    year, week, _ = local(instant).isocalendar()
    return f"{year}-W{week:02d}"


@contextmanager
def set_to(instant: datetime) -> Iterator[None]:
    """Hold the clock at an instant for the block. For tests and for loading demo history; never in a door."""
    if instant.tzinfo is None:
        raise ValueError("the clock takes aware datetimes only")
    token = _set_to.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)


@contextmanager
def advanced(by: timedelta) -> Iterator[None]:
    """Hold the clock later than now by ``by``."""
    with set_to(now() + by):
        yield
