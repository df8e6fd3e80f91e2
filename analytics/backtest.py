"""回放 Backtest: history replayed day by day, each day with only what was known that day.

A row per alert, as it would have been raised and when. The same event on the following days is the same alert.
`analytics.backtest_score` holds the alerts against events whose truth is known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.hotspots import Hotspot, HotspotScanner
from analytics.records import Complaint

COLUMNS = (
    *("raised_at", "key", "name", "place", "category", "status", "first_order", "orders_at_alert"),
    *("observed", "expected", "p_value", "q_value"),
)
QUIET = timedelta(days=14)  # an event not seen for so long that comes back is news again


@dataclass(frozen=True)
class Alert:
    """A hotspot on the day it was first raised."""

    raised_at: datetime
    hotspot: Hotspot

    def row(self) -> dict[str, object]:
        """Values of ``COLUMNS``; times ISO 8601 with offset."""
        h = self.hotspot
        return {
            "raised_at": self.raised_at.isoformat(),
            "key": h.key,
            "name": h.name,
            "place": h.place,
            "category": h.category,
            "status": h.status,
            "first_order": h.from_.isoformat(),
            "orders_at_alert": h.size,
            "observed": h.observed,
            "expected": h.expected,
            "p_value": h.p_value,
            "q_value": h.q_value,
        }


@dataclass(frozen=True)
class Day:
    """One scan of a replay. ``raised``: its new alerts; ``seen``: every hotspot told at it that was raised now or
    before, as (number of the alert, counted from 0 through the replay; the hotspot as of this scan)."""

    as_of: datetime
    raised: list[Alert]
    seen: list[tuple[int, Hotspot]]


def same_event(a: Hotspot, b: Hotspot) -> bool:
    """Whether two hotspots, of different scans, tell of one event.

    They do when half of the smaller one's orders are shared, when their keys are equal, or when one's place is the
    other's (or is not known) and the strongest keyword of one is among the three strongest of the other.
    """
    mine, theirs = set(a.order_ids), set(b.order_ids)
    if a.key == b.key or len(mine & theirs) * 2 >= min(len(mine), len(theirs)):
        return True
    # A place may be written with what it lies in or without: 府南街道青湖新城, 青湖新城.
    if not (a.place.endswith(b.place) or b.place.endswith(a.place)):
        return False
    return any(
        one.keywords
        and any(one.keywords[0] in word or word in one.keywords[0] for word in other.keywords[:3])
        for one, other in ((a, b), (b, a))
    )


def moments(first: datetime, last: datetime, step: timedelta = timedelta(days=1)) -> list[datetime]:
    """Times of the scans from ``first`` to ``last``, both included."""
    count = int((last - first) / step) + 1 if last >= first else 0
    return [first + i * step for i in range(count)]


def replay(
    complaints: Sequence[Complaint], times: Sequence[datetime], scanner: HotspotScanner
) -> Iterator[list[Alert]]:
    """New alerts at each of ``times`` (ascending), one list per time, empty lists included.

    A scan at a time sees only complaints before it. Fading hotspots are not news and raise nothing.
    """
    return (day.raised for day in follow(complaints, times, scanner))


def follow(
    complaints: Sequence[Complaint], times: Sequence[datetime], scanner: HotspotScanner
) -> Iterator[Day]:
    """The same with what became of each alert on the days after it: one `Day` per time.

    ``scanner`` may have read some of the texts before; a replay over the same texts again is so much quicker.
    """
    ordered = sorted(complaints, key=lambda c: (c.time, c.id))
    stamps = [c.time for c in ordered]
    active: list[tuple[datetime, int, Hotspot]] = []
    alerts = 0
    for as_of in times:
        active = [one for one in active if as_of - one[0] <= QUIET]
        raised: list[Alert] = []
        seen: list[tuple[int, Hotspot]] = []
        begin, end = bisect_left(stamps, scanner.since(as_of)), bisect_left(stamps, as_of)
        for hotspot in scanner.scan(ordered[begin:end], as_of):
            # the latest sight of an alert is the likeliest to share orders with this one
            number = next((of for _, of, before in reversed(active) if same_event(hotspot, before)), None)
            if number is None:
                if hotspot.status == "fading":
                    continue
                number = alerts
                alerts += 1
                raised.append(Alert(as_of, hotspot))
            seen.append((number, hotspot))
            active.append((as_of, number, hotspot))
        yield Day(as_of, raised, seen)
