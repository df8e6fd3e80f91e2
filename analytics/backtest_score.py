"""回放评分 Scores of a replay: alerts held against events whose truth is known, every figure with its denominator.

Proportions carry Wilson's 95 % interval (Wilson 1927), counts per week Garwood's exact Poisson interval (1936).

An alert shows an event when at least three of its orders, and at least half of them, are the event's: somebody who
opens it sees that matter. A purity below one half therefore counts as not found, however many orders are in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

from scipy.stats import chi2, norm

from analytics.backtest import Day, same_event
from analytics.hotspots import Hotspot
from analytics.known_events import KnownEvent
from analytics.records import Complaint

_Z = float(norm.ppf(0.975))
_LEAST = 3  # orders of an event in an alert that shows it
SIZES = (
    *((1, 4, "4 人及以下"), (5, 6, "5–6 人"), (7, 9, "7–9 人"), (10, 19, "10–19 人")),
    (20, 10**9, "20 人及以上"),
)  # different complainants
LENGTHS = ((1.0, "1 天内"), (3.0, "2–3 天"), (7.0, "4–7 天"), (float("inf"), "7 天以上"))


@dataclass(frozen=True)
class Share:
    """``hits`` of ``of``, with the 95 % interval ``low``–``high``; ``value`` is None of nothing."""

    hits: int
    of: int
    value: float | None
    low: float
    high: float


@dataclass(frozen=True)
class PerWeek:
    """``count`` in ``weeks``, per week, with the 95 % interval ``low``–``high``."""

    count: int
    weeks: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of ``n`` values; None of nothing."""

    n: int
    median: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Outcome:
    """What became of one event. ``alert``: number of the alert that first showed it, None when missed;
    ``delay_days`` from its first order to that scan; ``orders_then``: its orders before that scan; ``purity``: share of
    the alert's orders that are the event's; ``completeness``: share of ``orders_then`` that are in the alert."""

    event: KnownEvent
    alert: int | None = None
    found_at: datetime | None = None
    delay_days: float | None = None
    orders_then: int | None = None
    purity: float | None = None
    completeness: float | None = None


def share(hits: int, of: int) -> Share:
    """A proportion with Wilson's interval."""
    if not of:
        return Share(0, 0, None, 0.0, 1.0)
    p, square = hits / of, _Z * _Z
    middle = (p + square / (2 * of)) / (1 + square / of)
    half = _Z * (p * (1 - p) / of + square / (4 * of * of)) ** 0.5 / (1 + square / of)
    return Share(hits, of, p, max(0.0, middle - half), min(1.0, middle + half))


def per_week(count: int, weeks: float) -> PerWeek:
    """A rate with Garwood's interval. ``weeks`` is positive."""
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    high = chi2.ppf(0.975, 2 * count + 2) / 2
    return PerWeek(count, weeks, count / weeks, float(low) / weeks, float(high) / weeks)


def spread(values: Iterable[float]) -> Spread:
    """Median and quartiles."""
    told = sorted(values)
    if not told:
        return Spread(0, None, None, None)
    low, median, high = quantiles(told, n=4, method="inclusive") if len(told) > 1 else told * 3
    return Spread(len(told), median, low, high)


def weeks_of(days: Sequence[Day]) -> float:
    """How long a replay watched: from the first scan to the last, and the day before the first."""
    if len(days) < 2:
        return len(days) / 7.0
    step = (days[-1].as_of - days[0].as_of) / (len(days) - 1)
    return (days[-1].as_of - days[0].as_of + step) / timedelta(weeks=1)


def in_period(event: KnownEvent, days: Sequence[Day]) -> bool:
    """Whether a replay could have seen an event begin: it began less than a day before the first scan, or later, and
    before the last."""
    return bool(days) and days[0].as_of - timedelta(days=1) <= event.start < days[-1].as_of


def shows(hotspot: Hotspot, event: KnownEvent) -> bool:
    """Whether an alert shows an event: three of its orders and half of them at least."""
    common = sum(order in event.order_ids for order in hotspot.order_ids)
    return common >= _LEAST and common * 2 >= len(hotspot.order_ids)


def outcomes(
    days: Sequence[Day], events: Sequence[KnownEvent], complaints: Iterable[Complaint]
) -> list[Outcome]:
    """What became of each event, in the given order. ``complaints``: at least the events' orders."""
    wanted = frozenset().union(*(event.order_ids for event in events))
    time_of = {c.id: c.time for c in complaints if c.id in wanted}
    found: dict[int, Outcome] = {}
    waiting = set(range(len(events)))
    event_of: dict[str, list[int]] = {}
    for at, event in enumerate(events):
        for order in event.order_ids:
            event_of.setdefault(order, []).append(at)
    for day in days:
        for number, hotspot in day.seen:
            near = {at for order in hotspot.order_ids for at in event_of.get(order, ())} & waiting
            for at in sorted(near):
                if shows(hotspot, events[at]):
                    waiting.discard(at)
                    found[at] = _found(events[at], number, hotspot, day.as_of, time_of)
    return [found.get(at, Outcome(event)) for at, event in enumerate(events)]


def _found(
    event: KnownEvent, number: int, hotspot: Hotspot, at: datetime, time_of: dict[str, datetime]
) -> Outcome:
    told = {order for order in event.order_ids if order in time_of and time_of[order] < at}
    common = len(told & set(hotspot.order_ids))
    return Outcome(
        event=event,
        alert=number,
        found_at=at,
        delay_days=round((at - event.start).total_seconds() / 86400, 2),
        orders_then=len(told),
        purity=round(common / len(hotspot.order_ids), 3),
        completeness=round(common / max(len(told), 1), 3),
    )


def summary(found: Sequence[Outcome]) -> dict[str, Any]:
    """Recall (all, by size, by length, by way), delay, orders at first flag, purity and completeness, as JSON values.

    Keys in the order of the classes; a class without events is left out.
    """

    def recall(of: Callable[[Outcome], bool] = lambda _: True) -> Share:
        these = [one for one in found if of(one)]
        return share(sum(one.alert is not None for one in these), len(these))

    by_size = {name: recall(lambda o, lo=low, hi=high: lo <= o.event.size <= hi) for low, high, name in SIZES}  # type: ignore[misc]
    by_length = {name: recall(lambda o, n=name: _length(o.event) == n) for _, name in LENGTHS}  # type: ignore[misc]
    ways = sorted({one.event.way for one in found})
    by_way = {way: recall(lambda o, w=way: o.event.way == w) for way in ways}  # type: ignore[misc]
    seen = [one for one in found if one.alert is not None]
    return {
        "events": len(found),
        "recall": asdict(recall()),
        "by_size": {name: asdict(one) for name, one in by_size.items() if one.of},
        "by_length": {name: asdict(one) for name, one in by_length.items() if one.of},
        "by_way": {name: asdict(one) for name, one in by_way.items()},
        "delay_days": asdict(spread(one.delay_days or 0.0 for one in seen)),
        "orders_at_first_flag": asdict(spread(float(one.orders_then or 0) for one in seen)),
        "purity": asdict(spread(one.purity or 0.0 for one in seen)),
        "completeness": asdict(spread(one.completeness or 0.0 for one in seen)),
    }


def _length(event: KnownEvent) -> str:
    return next(name for most, name in LENGTHS if event.days <= most)


def row(one: Outcome) -> dict[str, Any]:
    """One event and what became of it, as JSON values."""
    return {
        "name": one.event.name,
        "place": one.event.place,
        "category": one.event.category,
        "way": one.event.way,
        "start": one.event.start.isoformat(),
        "end": one.event.end.isoformat(),
        "orders": len(one.event.order_ids),
        "complainants": one.event.size,
        "found": one.alert is not None,
        "found_at": one.found_at.isoformat() if one.found_at else None,
        "delay_days": one.delay_days,
        "orders_then": one.orders_then,
        "purity": one.purity,
        "completeness": one.completeness,
    }


def alerts_by_kind(
    days: Sequence[Day], events: Sequence[KnownEvent], usual: Sequence[Hotspot]
) -> dict[str, int]:
    """Alerts of a replay with hidden events, by what they show: ``event`` the first alert of one, ``again`` a further
    alert of the same, ``usual`` what the history raises by itself too (``usual``), ``extra`` nothing of these."""
    counts = {"event": 0, "again": 0, "usual": 0, "extra": 0}
    shown: set[int] = set()
    for day in days:
        for alert in day.raised:
            of = next((at for at, event in enumerate(events) if shows(alert.hotspot, event)), None)
            if of is not None:
                counts["again" if of in shown else "event"] += 1
                shown.add(of)
            elif any(same_event(alert.hotspot, one) for one in usual):
                counts["usual"] += 1
            else:
                counts["extra"] += 1
    return counts
