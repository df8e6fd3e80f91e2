"""并单 Event stream: orders grouped into events as they come in, never from the start again.

An order joins the event of the order it most likely shares one with, provided it agrees with the event's core (its
first orders) on average, so that likeness does not chain from one matter to the next. An order that agrees with two
events whose cores agree with each other makes them one. What persons merge and split stays so, and teaches the model.
Method: single-pass incremental clustering with representatives (topic detection and tracking; Allan et al. 1998).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.duplicates import DuplicateIndex, side_of
from analytics.pair_evidence import Side
from analytics.pair_model import FEATURES, PairModel
from analytics.records import Complaint

JOIN = 0.4  # probability from which an order may join the event of another …
CORE = 0.28  # … provided its mean probability to the event's core is this
UNITE = 0.56  # mean probability between the cores from which two events are one
CORE_SIZE = 3
WINDOW = timedelta(days=90)  # people repeat themselves for months; the model knows that days speak against
_EVENTS_TRIED = 4


@dataclass(frozen=True, slots=True)
class Told:
    """Where an order was put: the event, by the id of its earliest order, and how sure (0..1; 1 for its first)."""

    event_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Merge:
    """Event ``gone`` became part of event ``kept`` because of order ``because``; ``by_person`` when somebody said so."""

    kept: str
    gone: str
    because: str
    by_person: bool


class EventStream:
    """Events of a stream of orders. One order costs the same whatever came before; feed it from one thread.

    ``window``: an order joins only what has an order this near in time. ``merges`` lists events that became one, in
    order; `lessons` counts the pairs persons decided.
    """

    def __init__(self, window: timedelta = WINDOW, model: PairModel | None = None, capacity: int = 0) -> None:
        self.index = DuplicateIndex(window, model, capacity)
        self.merges: list[Merge] = []
        self._untaught = self.index.model
        self._event = np.zeros(1024, np.int32)  # of the order at a position
        self._members: dict[int, list[int]] = {}  # of events of two and more, in order of arrival
        self._first: dict[int, int] = {}  # an event of one whose number is not its order's position
        self._next = -1  # numbers of events that a split makes
        self._apart: set[tuple[int, int]] = set()  # events persons keep apart
        self._lessons: list[tuple[NDArray[np.float64], bool]] = []

    def __len__(self) -> int:
        return len(self.index)

    @property
    def lessons(self) -> int:
        """Pairs of orders decided by persons."""
        return len(self._lessons)

    def add(self, complaint: Complaint) -> Told:
        """Put an order where it belongs. One of the same id is taken out first. ValueError for a time without zone."""
        at, score = self.take(complaint)
        return Told(self.name(at), score)

    def take(self, complaint: Complaint) -> tuple[int, float]:
        """`add` that tells the order's position and its score; `name` gives the event's id at any time after."""
        side = side_of(complaint)
        if complaint.time.tzinfo is None:
            raise ValueError("时间没有时区：请先读成带时区的时间")
        seconds = complaint.time.timestamp()
        try:
            self.remove(complaint.id)
        except KeyError:
            pass
        joined = self._events_for(side, seconds)
        at = self.index.put(complaint.id, seconds, side)
        if at == len(self._event):
            self._event = np.concatenate([self._event, np.zeros(at, np.int32)])
        if not joined:
            self._event[at] = at
            return at, 1.0
        event, score = joined[0]
        self._put_into(event, at)
        for other, _ in joined[1:]:
            if self._agree(event, other):
                event = self._unite(event, other, complaint.id, by_person=False)
        return at, score

    def event(self, id: str) -> str:  # noqa: A002 - the domain's word
        """The event an order is in, by the id of its earliest order. Raises KeyError for an unknown id."""
        return self.name(self.index.position(id))

    def members(self, id: str) -> list[str]:  # noqa: A002
        """Ids of all orders of an order's event, in order of arrival. Raises KeyError for an unknown id."""
        return [self.index.id(at) for at in self._orders(int(self._event[self.index.position(id)]))]

    def name(self, at: int) -> str:
        """The event of the order at a position."""
        orders = self._orders(int(self._event[at]))
        return self.index.id(orders[0] if orders else at)

    def merge(self, one: str, other: str) -> str:
        """A person says two orders are of one event: their events become one. Returns its id; KeyError if unknown."""
        a, b = self.index.position(one), self.index.position(other)
        self._learn(a, b, True)
        first, second = sorted((int(self._event[a]), int(self._event[b])), key=lambda e: self._orders(e)[0])
        if first != second:
            self._apart -= {_pair(first, second)}
            self._unite(first, second, other, by_person=True)
        return self.name(a)

    def split(self, id: str) -> str:  # noqa: A002
        """A person says an order is not of its event: it becomes one of its own, and stays out. Returns its event id.

        Raises KeyError for an unknown id. An order alone already stays as it is.
        """
        at = self.index.position(id)
        event = int(self._event[at])
        others = [one for one in self._orders(event) if one != at]
        if not others:
            return id
        for one in others[:CORE_SIZE]:
            self._learn(at, one, False)
        self._take_out(at)
        alone = self._next
        self._next -= 1
        self._event[at] = alone
        self._first[alone] = at
        self._apart.add(_pair(event, alone))
        return id

    def remove(self, id: str) -> None:  # noqa: A002
        """Take an order out; its event goes on without it. Raises KeyError for an unknown id."""
        at = self.index.position(id)
        self._take_out(at)
        self.index.remove(id)

    def expire(self, before: datetime) -> int:
        """Forget the orders of before an instant, and events all of whose orders are. Returns how many orders."""
        gone = self.index.positions_before(before)
        for at in gone:
            self._take_out(at)
        return self.index.expire(before)

    def learn(self, **options: float) -> PairModel:
        """Let the model learn from all that persons merged and split; used from the next order on. Returns it."""
        rows = np.reshape([row for row, _ in self._lessons], (-1, len(FEATURES)))
        self.index.model = self._untaught.copy().fit(rows, [label for _, label in self._lessons], **options)
        return self.index.model

    def _events_for(self, side: Side, seconds: float) -> list[tuple[int, float]]:
        """Events an order may be of, likeliest first, each with the probability to its likest member."""
        found = sorted(self.index.compare(side, seconds), key=lambda one: (-one[0], one[1]))
        tried: set[int] = set()
        joined = []
        for score, at, _ in found:
            if score < JOIN or len(tried) == _EVENTS_TRIED:
                break
            event = int(self._event[at])
            if event in tried:
                continue
            tried.add(event)
            if self.index.likeness(side, self._orders(event)[:CORE_SIZE]).mean() >= CORE:
                joined.append((event, score))
        return joined

    def _agree(self, one: int, other: int) -> bool:
        if one == other or _pair(one, other) in self._apart:
            return False
        core = self._orders(one)[:CORE_SIZE]
        likes = [self.index.likeness(self.index.side(at), core) for at in self._orders(other)[:CORE_SIZE]]
        return float(np.mean(likes)) >= UNITE

    def _orders(self, event: int) -> list[int]:
        """Positions of an event's orders, the first one first."""
        several = self._members.get(event)
        if several is not None:
            return several
        at = self._first.get(event, event)
        return [at] if at >= 0 and int(self._event[at]) == event else []

    def _put_into(self, event: int, at: int) -> None:
        if event not in self._members:
            self._members[event] = self._orders(event)
        self._members[event].append(at)
        self._event[at] = event

    def _unite(self, one: int, other: int, because: str, *, by_person: bool) -> int:
        """Two events become the one with the earlier order. Returns its number."""
        kept, gone = sorted((one, other), key=lambda event: self._orders(event)[0])
        mine, theirs = self._orders(kept), self._orders(gone)
        self.merges.append(Merge(self.index.id(mine[0]), self.index.id(theirs[0]), because, by_person))
        self._event[theirs] = kept
        self._members[kept] = sorted([*mine, *theirs])
        self._members.pop(gone, None)
        self._first.pop(gone, None)
        self._apart = {_pair(*(kept if e == gone else e for e in pair)) for pair in self._apart}
        return kept

    def _take_out(self, at: int) -> None:
        """An order leaves its event; a remaining single order is an event as it was."""
        event = int(self._event[at])
        self._event[at] = -(2**31)
        orders = self._members.get(event)
        if orders is None:
            self._first.pop(event, None)
            return
        orders.remove(at)
        if not orders:
            del self._members[event]

    def _learn(self, one: int, other: int, label: bool) -> None:
        self._lessons.append((self.index.evidence_at(one, other), label))


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def cluster(
    complaints: Sequence[Complaint],
    window: timedelta = WINDOW,
    progress: Callable[[Sequence[int]], Iterable[int]] = iter,
    model: PairModel | None = None,
) -> list[tuple[str, float]]:
    """The event each complaint belongs to, in input order: (event id, score).

    One pass of an `EventStream` in order of time. An event bears the id of its earliest order, whose own score is 1;
    another's is the probability (0..1) that it shares the event of the member that brought it in.
    ``progress`` wraps the loop, for a door that shows how far it is.
    """
    stream = EventStream(window, model, capacity=len(complaints))
    order = sorted(range(len(complaints)), key=lambda at: (complaints[at].time, complaints[at].id, at))
    taken = {which: stream.take(complaints[which]) for which in progress(order)}
    return [(stream.name(taken[which][0]), taken[which][1]) for which in range(len(complaints))]
