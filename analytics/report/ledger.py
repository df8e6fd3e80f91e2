"""台账 Ledger: one pass over the snapshot, from which the sections draw their counts.

``reconcile`` recounts every cell by other means; the definitions are written twice on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from fractions import Fraction

from analytics.report.parts import Cell, Share, Where
from analytics.report.periods import SHANGHAI, Period
from analytics.report.records import OrderRow, VisitBackRow, WeeklyInputs

NO_UNIT = "未派单"
NO_CATEGORY = "未分类"
NO_PLACE = "地点不详"
CLOSED = frozenset({"办结", "归档", "不予受理"})
PARKED = "挂账"

_DIMENSIONS: dict[str, Callable[[OrderRow], str]] = {
    "channel": lambda order: order.channel or "未注明",
    "request_type": lambda order: order.request_type or "未注明",
    "topic": lambda order: "/".join(order.category) or NO_CATEGORY,
    "place": lambda order: "/".join(order.area) or NO_PLACE,
    "unit": lambda order: order.unit or NO_UNIT,
    "weekday": lambda order: str(order.reported_at.astimezone(SHANGHAI).weekday()),
}


class Ledger:
    """Counts of one week's snapshot, by measure and dimension. See ``docs/report.md`` for each measure's meaning."""

    def __init__(self, inputs: WeeklyInputs, period: Period) -> None:
        self.inputs = inputs
        self.period = period
        self._orders: dict[str, list[OrderRow]] = defaultdict(list)
        self._visit_backs: dict[str, list[VisitBackRow]] = defaultdict(list)
        self._groups: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], list[str]]] = {}
        self.by_id: dict[str, OrderRow] = {order.id: order for order in inputs.orders}
        answered = {row.order_id for row in inputs.visit_backs if row.valid and row.at <= period.cut_off}
        for order in inputs.orders:
            for measure in self._measures_of(order, answered):
                self._orders[measure].append(order)
        for row in inputs.visit_backs:
            if row.valid and period.start <= row.at < period.end:
                self._sort_in(row)

    def _measures_of(self, order: OrderRow, answered: set[str]) -> Iterable[str]:
        period = self.period
        if period.start <= order.reported_at < period.end:
            yield "intake"
            if not order.category:
                yield "uncategorised"
            if not order.area:
                yield "unplaced"
        elif period.before_start <= order.reported_at < period.before_end:
            yield "intake_before"
        if order.dispatched_at is not None and period.start <= order.dispatched_at < period.end:
            yield "dispatched"
            if order.sent_back:
                yield "sent_back"
            if order.rework:
                yield "reworked"
            if order.extended:
                yield "extended"
        if order.completed_at is not None and period.start <= order.completed_at < period.end:
            yield "completed"
            if order.id in answered:
                yield "completed_answered"
            if order.handle_due_at is None:
                yield "completed_without_deadline"
            else:
                yield "completed_with_deadline"
                if order.completed_at <= order.handle_due_at:
                    yield "on_time"
        if self.is_open(order):
            yield "open"
            yield from self._pressing(order.handle_due_at, order.status)

    def _pressing(self, due: datetime | None, status: str) -> Iterable[str]:
        if due is None or status == PARKED:
            return
        yield "open_timed"
        limits = self.inputs.thresholds
        if due < self.period.cut_off:
            yield "overdue"
            if due < self.period.cut_off - limits.long_overdue:
                yield "long_overdue"
        elif due <= self.period.cut_off + limits.near_due:
            yield "near_due"

    def _sort_in(self, row: VisitBackRow) -> None:
        self._visit_backs["visited"].append(row)
        if row.contacted:
            self._visit_backs["contacted"].append(row)
        if row.solved:
            self._visit_backs["solved"].append(row)
        if row.satisfaction is not None:
            self._visit_backs[row.satisfaction].append(row)

    def is_open(self, order: OrderRow) -> bool:
        """True when the order was in hand at the cut-off."""
        if order.reported_at >= self.period.cut_off:
            return False
        if order.completed_at is not None:
            return order.completed_at >= self.period.cut_off
        return order.status not in CLOSED

    def orders(self, measure: str) -> list[OrderRow]:
        """The orders a measure counts, in the order they came."""
        return self._orders[measure]

    def cell(self, measure: str, **where: str) -> Cell:
        """The count of a measure's members whose dimensions have these values."""
        filters: Where = tuple(where.items())
        ids = self._grouped(measure, tuple(where)).get(tuple(where.values()), [])
        return Cell(measure, filters, len(ids), tuple(ids))

    def cell_of_rest(self, measure: str, topics: Iterable[str]) -> Cell:
        """The count of a measure's members in none of these topics."""
        named = tuple(topics)
        ids = tuple(
            id_
            for (topic,), group in self._grouped(measure, ("topic",)).items()
            if topic not in named
            for id_ in group
        )
        return Cell(measure, (("topic_other_than", "|".join(named)),), len(ids), ids)

    def values(self, dimension: str, *measures: str, **where: str) -> list[str]:
        """Values of a dimension seen in any of the measures, most frequent first, then by name."""
        counts: dict[str, int] = defaultdict(int)
        for measure in measures:
            for values, ids in self._grouped(measure, (*where, dimension)).items():
                if values[:-1] == tuple(where.values()):
                    counts[values[-1]] += len(ids)
        return sorted(counts, key=lambda value: (-counts[value], value))

    def share(self, numerator: str, denominator: str, **where: str) -> Share:
        """A plain share of one measure in another under the same filter."""
        cell = self.cell(numerator, **where)
        return Share(((Fraction(1), cell),), self.cell(denominator, **where), self.inputs.thresholds.small)

    def share_of_all(self, measure: str, **where: str) -> Share:
        """The filtered count of a measure as a share of the measure's whole."""
        return Share(((Fraction(1), self.cell(measure, **where)),), self.cell(measure))

    def _grouped(self, measure: str, names: tuple[str, ...]) -> dict[tuple[str, ...], list[str]]:
        if (measure, names) not in self._groups:
            groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
            for order in self._orders.get(measure, ()):
                groups[tuple(_DIMENSIONS[name](order) for name in names)].append(order.id)
            for row in self._visit_backs.get(measure, ()):
                groups[tuple((row.unit or NO_UNIT) if name == "unit" else "" for name in names)].append(
                    row.key
                )
            self._groups[measure, names] = dict(groups)
        return self._groups[measure, names]
