"""已知事件 Known events: what really happened, against which a replay's alerts are held.

Either hidden in the history on purpose (`analytics.injection`) or recorded by people: a name, a time, and the orders,
named one by one or as "at this place, with this word".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.records import Complaint
from analytics.text import normalise


@dataclass(frozen=True)
class KnownEvent:
    """One event. ``start`` and ``end``: its first and last order; ``order_ids``: all its
    orders; ``size``: different complainants among them; ``way``: how it came to be known (one of
    `analytics.injection.WAYS`, or "recorded")."""

    name: str
    start: datetime
    end: datetime
    order_ids: frozenset[str]
    size: int
    way: str = "recorded"
    place: str = ""
    category: str = ""

    @property
    def days(self) -> float:
        """From the first order to the last, in days."""
        return (self.end - self.start).total_seconds() / 86400


def orders_meant(
    complaints: Iterable[Complaint], start: datetime, end: datetime, place: str, keyword: str
) -> list[Complaint]:
    """The complaints from ``start`` to ``end`` (both included) at a place and with a keyword, in the given order.

    ``place``: part of the place path or, where an order has none, of its text; "" is everywhere. ``keyword``: words
    of which one must be in the text, parted by blanks or 、; "" is any text.
    """
    words = keyword.replace("、", " ").split()
    found = []
    for complaint in complaints:
        if not start <= complaint.time <= end:
            continue
        text = normalise(complaint.text)
        if place and place not in complaint.place and place not in text:
            continue
        if not words or any(word in text for word in words):
            found.append(complaint)
    return found


def recorded(name: str, orders: Sequence[Complaint], place: str = "") -> KnownEvent:
    """An event people wrote down, with the orders it is known by (one at least): it lasts from the first to the last
    of them, whatever time was written down. ``size`` counts the voices; an order without a complainant is one of its
    own."""
    voices = {order.complainant or f"#{order.id}" for order in orders}
    times = [order.time for order in orders]
    ids = frozenset(order.id for order in orders)
    return KnownEvent(name, min(times), max(times), ids, len(voices), place=place)
