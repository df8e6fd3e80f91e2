"""复算 Recount: what every figure should be, by predicates on instants over the snapshot the report carries.

The measures restate ``ledger`` in other terms (instants and whole days since the Monday instead of calendar dates, one
predicate a measure instead of one pass); they are written twice on purpose, so that one slip cannot pass both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from analytics.report.parts import Cell, Composite, Mean, OrderRef, Part, Share, WeeklyReport
from analytics.report.records import OrderRow, VisitBackRow

_WEEK = timedelta(weeks=1)


class Recount:
    """Counts anew from the snapshot the report carries. ``check`` tells what is wrong with a figure."""

    def __init__(self, report: WeeklyReport) -> None:
        self.report = report
        self.orders = {order.id: order for order in report.inputs.orders}
        self.visits = {row.key: row for row in report.inputs.visit_backs}
        cut_off = report.period.cut_off
        self.answered = {row.order_id for row in self.visits.values() if row.valid and row.at <= cut_off}
        self._members: dict[str, list[str]] = {}
        self._by: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], set[str]]] = {}

    def check(self, part: Part) -> list[str]:
        match part:
            case Cell():
                return self._cell(part)
            case Share():
                return _share(part)
            case Composite():
                total = sum(weight for weight, _ in part.shares)
                return [] if total == 1 else [f"综合分的权数之和为{total}，应为1"]
            case Mean():
                days = self.report.period.days
                return [] if part.days == days else [f"日均按{part.days}天计算，统计周期为{days}天"]
            case OrderRef():
                order = self.orders.get(part.id)
                if order is None or order.number != part.number:
                    return [f"工单{part.number}不在数据中或编号不符"]
        return []

    def _cell(self, cell: Cell) -> list[str]:
        problems = []
        ids = set(cell.ids)
        if cell.value != len(cell.ids):
            problems.append(f"{cell.address} 写为{cell.value}，而工单清单有{len(cell.ids)}件")
        if len(ids) != len(cell.ids):
            problems.append(f"{cell.address} 的工单清单有重复：{some(repeated(cell.ids))}")
        expected = self.members(cell.measure, cell.where)
        if expected is None:
            problems.append(f"{cell.address} 没有可复算的口径")
        elif ids != expected:
            missing, extra = expected - ids, ids - expected
            problems.append(
                f"{cell.address} 复算为{len(expected)}件，清单为{len(ids)}件"
                + (f"；漏计{some(missing)}" if missing else "")
                + (f"；多计{some(extra)}" if extra else "")
            )
        return problems

    def members(self, measure: str, where: tuple[tuple[str, str], ...]) -> set[str] | None:
        """Ids that a measure and filter name; None when there is no such measure or dimension."""
        names = tuple(name for name, _ in where)
        if names == ("hotspot",):
            return self._of_hotspot(measure, where[0][1])
        if names == ("topic_other_than",):
            named = set(where[0][1].split("|"))
            groups = self._groups(measure, ("topic",))
            return (
                None
                if groups is None
                else {id_ for (topic,), ids in groups.items() if topic not in named for id_ in ids}
            )
        groups = self._groups(measure, names)
        return None if groups is None else groups.get(tuple(value for _, value in where), set())

    def _groups(self, measure: str, names: tuple[str, ...]) -> dict[tuple[str, ...], set[str]] | None:
        if (measure, names) not in self._by:
            if measure in _VISITS:
                dimensions: list[Callable] = [
                    _VISIT_DIMENSIONS[name] for name in names if name in _VISIT_DIMENSIONS
                ]
                rows: dict = self.visits
            elif measure in _ORDERS:
                dimensions = [_DIMENSIONS[name] for name in names if name in _DIMENSIONS]
                rows = self.orders
            else:
                return None
            if len(dimensions) != len(names):
                return None
            groups: dict[tuple[str, ...], set[str]] = {}
            for id_ in self._of(measure):
                groups.setdefault(tuple(dimension(rows[id_], self) for dimension in dimensions), set()).add(
                    id_
                )
            self._by[measure, names] = groups
        return self._by[measure, names]

    def _of(self, measure: str) -> list[str]:
        if measure not in self._members:
            if measure in _VISITS:
                test = _VISITS[measure]
                self._members[measure] = [
                    key for key, row in self.visits.items() if row.valid and self.inside(row.at) and test(row)
                ]
            else:
                order_test = _ORDERS[measure]
                self._members[measure] = [
                    id_ for id_, order in self.orders.items() if order_test(order, self)
                ]
        return self._members[measure]

    def _of_hotspot(self, measure: str, key: str) -> set[str] | None:
        inputs = self.report.inputs
        rows = inputs.hotspots if measure == "hotspot_orders" else inputs.last_week_hotspots
        hotspot = next((row for row in rows if row.key == key), None)
        if hotspot is None:
            return None
        ids = set(hotspot.order_ids)
        if measure == "hotspot_orders":
            return ids
        if measure == "followed":
            return ids & self.orders.keys()
        if measure == "followed_closed":
            return {id_ for id_ in ids & self.orders.keys() if not self.in_hand(self.orders[id_])}
        return None

    def inside(self, instant: datetime | None, weeks_ago: int = 0) -> bool:
        """Whether an instant lies in the period, or that many weeks before it."""
        period = self.report.period
        return (
            instant is not None
            and timedelta(0) <= instant + weeks_ago * _WEEK - period.start < period.end - period.start
        )

    def in_hand(self, order: OrderRow) -> bool:
        cut_off = self.report.period.cut_off
        if order.completed_at is None:
            return order.reported_at < cut_off and order.status not in ("办结", "归档", "不予受理")
        return order.reported_at < cut_off <= order.completed_at

    def late(self, order: OrderRow) -> timedelta | None:
        """How long past its deadline an order in hand is; negative before it; None when no clock runs."""
        if order.handle_due_at is None or order.status == "挂账" or not self.in_hand(order):
            return None
        return self.report.period.cut_off - order.handle_due_at


_ORDERS: dict[str, Callable[[OrderRow, Recount], bool]] = {
    "intake": lambda o, r: r.inside(o.reported_at),
    "intake_before": lambda o, r: r.inside(o.reported_at, 1),
    "uncategorised": lambda o, r: r.inside(o.reported_at) and not o.category,
    "unplaced": lambda o, r: r.inside(o.reported_at) and not o.area,
    "dispatched": lambda o, r: r.inside(o.dispatched_at),
    "sent_back": lambda o, r: r.inside(o.dispatched_at) and o.sent_back > 0,
    "reworked": lambda o, r: r.inside(o.dispatched_at) and o.rework > 0,
    "extended": lambda o, r: r.inside(o.dispatched_at) and o.extended > 0,
    "completed": lambda o, r: r.inside(o.completed_at),
    "completed_answered": lambda o, r: r.inside(o.completed_at) and o.id in r.answered,
    "completed_with_deadline": lambda o, r: r.inside(o.completed_at) and o.handle_due_at is not None,
    "completed_without_deadline": lambda o, r: r.inside(o.completed_at) and o.handle_due_at is None,
    "on_time": lambda o, r: r.inside(o.completed_at) and _not_after(o.completed_at, o.handle_due_at),
    "open": lambda o, r: r.in_hand(o),
    "open_timed": lambda o, r: r.late(o) is not None,
    "overdue": lambda o, r: (late := r.late(o)) is not None and late > timedelta(0),
    "long_overdue": lambda o, r: (
        (late := r.late(o)) is not None and late > r.report.inputs.thresholds.long_overdue
    ),
    "near_due": lambda o, r: (
        (late := r.late(o)) is not None and -r.report.inputs.thresholds.near_due <= late <= timedelta(0)
    ),
}
_VISITS: dict[str, Callable[[VisitBackRow], bool]] = {
    "visited": lambda row: True,
    "contacted": lambda row: row.contacted is True,
    "solved": lambda row: row.solved is True,
    "satisfied": lambda row: row.satisfaction == "satisfied",
    "basically_satisfied": lambda row: row.satisfaction == "basically_satisfied",
}
_DIMENSIONS: dict[str, Callable[[OrderRow, Recount], str]] = {
    "channel": lambda o, r: o.channel if o.channel else "未注明",
    "request_type": lambda o, r: o.request_type if o.request_type else "未注明",
    "topic": lambda o, r: "/".join(o.category) if o.category else "未分类",
    "place": lambda o, r: "/".join(o.area) if o.area else "地点不详",
    "unit": lambda o, r: o.unit if o.unit else "未派单",
    # Whole days since the Monday, on a clock without summer time; the ledger asks the calendar instead.
    "weekday": lambda o, r: str((o.reported_at - r.report.period.start) // timedelta(days=1) % 7),
}
_VISIT_DIMENSIONS: dict[str, Callable[[VisitBackRow, Recount], str]] = {
    "unit": lambda row, r: row.unit if row.unit else "未派单",
}


def _not_after(instant: datetime | None, limit: datetime | None) -> bool:
    return instant is not None and limit is not None and instant <= limit


def _share(share: Share) -> list[str]:
    problems = []
    whole = set(share.of.ids)
    ids = [id_ for _, cell in share.parts for id_ in cell.ids]
    if not whole.issuperset(ids):
        problems.append(f"分子有{some(set(ids) - whole)}不在分母（{share.of.address}）之中")
    if len(set(ids)) != len(ids):
        problems.append(f"分子中有重复：{some(repeated(ids))}")
    if share.numerator > share.of.value or any(not 0 <= weight <= 1 for weight, _ in share.parts):
        problems.append(f"分子{share.numerator}大于分母{share.of.value}")
    return problems


def repeated(ids: Iterable[str]) -> set[str]:
    return {id_ for id_, times in Counter(ids).items() if times > 1}


def some(ids: set[str]) -> str:
    listed = sorted(ids)
    return "、".join(listed[:5]) + (f"等{len(listed)}件" if len(listed) > 5 else "")
