"""作息 Rhythm: when people report and when offices work, good enough to be believed.

The product's deadlines come from its own working calendar; this one may guess (weekends only) for a year whose
holidays are not published yet, because a demo must load in any year.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache

import chinese_calendar

from core.clock import SHANGHAI

_WEEKDAY = (1.18, 1.10, 1.06, 1.02, 1.00, 0.72, 0.62)
_HOUR = (5, 3, 2, 1, 1, 3, 10, 28, 68, 100, 98, 74, 42, 48, 72, 78, 72, 62, 50, 46, 44, 36, 24, 12)
_NIGHT_HOUR = (22, 14, 8, 3, 2, 4, 10, 26, 46, 40, 30, 20, 14, 12, 16, 16, 16, 18, 22, 30, 44, 60, 62, 44)
_LETTER_HOUR = (0, 0, 0, 0, 0, 0, 0, 0, 10, 60, 90, 60, 5, 20, 70, 70, 50, 10, 0, 0, 0, 0, 0, 0)
HOURS = {"day": _HOUR, "night": _NIGHT_HOUR, "office": _LETTER_HOUR}
OPEN, NOON, AFTER_NOON, CLOSE = 9, 12, 13, 17


@cache
def is_working_day(day: date) -> bool:
    """Working day with make-up workdays where the calendar is published, else Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def day_weight(day: date, progress: float, rng: random.Random) -> float:
    """Relative number of reports on a day; ``progress`` runs 0 → 1 over the history (growth of a tenth)."""
    weight = _WEEKDAY[day.weekday()]
    if is_working_day(day) and day.weekday() >= 5:
        weight = 1.02
    elif not is_working_day(day) and day.weekday() < 5:
        weight = 0.6
    return weight * (1 + 0.1 * progress) * math.exp(rng.gauss(0, 0.06))


def report_days(start: datetime, as_of: datetime, rng: random.Random) -> tuple[list[date], list[float]]:
    """Days from start to as_of (Shanghai) and their weights, the last one cut at as_of's hour."""
    first, last = start.date(), as_of.date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weights = [day_weight(day, n / max(1, len(days) - 1), rng) for n, day in enumerate(days)]
    so_far = sum(_HOUR[: as_of.hour]) + _HOUR[as_of.hour] * as_of.minute / 60
    weights[-1] *= so_far / sum(_HOUR)
    return days, weights


def moment(day: date, as_of: datetime, profile: str, rng: random.Random) -> datetime | None:
    """A Shanghai instant on a day by an hour profile, not after as_of; None when the day has no such hour left."""
    hours: Sequence[float] = HOURS[profile]
    for _ in range(6):
        hour = rng.choices(range(24), hours)[0]
        found = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), SHANGHAI)
        if found <= as_of:
            return found
    return None


def after_working_hours(instant: datetime, hours: float) -> datetime:
    """The instant that many office hours (9–12, 13–17 on working days) later, Shanghai."""
    left = timedelta(hours=hours)
    now = instant.astimezone(SHANGHAI)
    while True:
        for opens, closes in _sessions(now.date()):
            begin = max(now, opens)
            if begin < closes:
                if begin + left <= closes:
                    return begin + left
                left -= closes - begin
        now = datetime.combine(now.date() + timedelta(days=1), time.min, SHANGHAI)


def end_of_working_day(instant: datetime, days: int) -> datetime:
    """Close of business of the n-th working day after the instant's day."""
    day = instant.astimezone(SHANGHAI).date()
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return datetime.combine(day, time(CLOSE), SHANGHAI)


def _sessions(day: date) -> list[tuple[datetime, datetime]]:
    if not is_working_day(day):
        return []

    def at(hour: int) -> datetime:
        return datetime.combine(day, time(hour), SHANGHAI)

    return [(at(OPEN), at(NOON)), (at(AFTER_NOON), at(CLOSE))]
