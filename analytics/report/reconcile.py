"""勾稽 Reconcile: every figure counted again from the snapshot, by other means than it was built; or refused.

Checked: no order or visit-back twice in the snapshot; every count equals the number of its ids and the members its
measure and filter name; every partition's rows are disjoint and make up its total; no value of the dimension is
missing; shares' numerators lie in their denominators; one figure is the same wherever it stands; counts given from
outside agree with ours; hotspots hold together; no text looks as if it named a phone or an identity card.
The counting itself is in ``recount``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakSet

from analytics.report.parts import (
    Block,
    Cell,
    Change,
    Composite,
    Given,
    Heading,
    Listing,
    Mean,
    Paragraph,
    Part,
    Share,
    Table,
    WeeklyReport,
)
from analytics.report.periods import week_of
from analytics.report.records import HotspotRow
from analytics.report.recount import Recount, repeated, some
from analytics.report.shown import shown

_PRIVATE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?![\dXx])")
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Failure:
    """One sum that does not hold: where it stands, what is wrong, in Chinese."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"


class ReconciliationError(Exception):
    """The report must not be published; ``failures`` names every sum that does not hold."""

    code = "report_does_not_reconcile"

    def __init__(self, failures: list[Failure]) -> None:
        self.failures = tuple(failures)
        super().__init__("周报勾稽不符，不予出具：\n" + "\n".join(map(str, failures)))


_passed: WeakSet[WeeklyReport] = WeakSet()


def publishable(report: WeeklyReport) -> WeeklyReport:
    """The report itself when it reconciles; raises ReconciliationError otherwise. Every renderer asks this first."""
    if report not in _passed:
        failures = reconcile(report)
        if failures:
            raise ReconciliationError(failures)
        _passed.add(report)
    return report


def reconcile(report: WeeklyReport) -> list[Failure]:
    """All failures of a report, empty when it may be published."""
    recount = Recount(report)
    failures = [*_snapshot(report), *_given(report), *_hotspots(report), *_private(report)]
    seen: dict[str, tuple[int, str]] = {}
    for where, part in _figures(report):
        failures += [Failure(where, what) for what in recount.check(part)]
        if isinstance(part, Cell):
            value, first = seen.setdefault(part.address, (part.value, where))
            if value != part.value:
                failures.append(Failure(where, f"{part.address} 为{part.value}，而{first}为{value}"))
    for table in report.tables().values():
        failures += _partitions(table)
    return list(dict.fromkeys(failures))


def _figures(report: WeeklyReport) -> Iterator[tuple[str, Part]]:
    """Every figure, and the cells inside it, with the place it stands at."""
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                for part in block.parts:
                    yield from _inside(f"{section.heading}（正文）", part)
            elif isinstance(block, Table):
                for row in (*block.rows, *((block.total,) if block.total else ())):
                    for column, part in zip(block.columns, row.cells, strict=True):
                        yield from _inside(
                            f"表“{block.title}”“{shown(row.cells[0])}”行“{column.title}”栏", part
                        )


def _inside(where: str, part: Part) -> Iterator[tuple[str, Part]]:
    yield where, part
    match part:
        case Share():
            for _, cell in part.parts:
                yield where, cell
            yield where, part.of
        case Composite():
            for _, share in part.shares:
                yield from _inside(where, share)
        case Mean():
            yield where, part.cell
        case Change():
            yield where, part.now
            yield where, part.before
        case Listing():
            for _, cell in part.items:
                yield where, cell


def _partitions(table: Table) -> Iterator[Failure]:
    if table.total is None:
        return
    for index, column in enumerate(table.columns):
        if not column.partition:
            continue
        where = f"表“{table.title}”“{column.title}”栏"
        total = table.total.cells[index]
        cells = [row.cells[index] for row in table.rows]
        if not isinstance(total, Cell) or not all(isinstance(cell, Cell) for cell in cells):
            yield Failure(where, "分项栏里有不是件数的内容")
            continue
        counts = [cell for cell in cells if isinstance(cell, Cell)]
        for row, cell in zip(table.rows, counts, strict=True):
            if [value for _, value in cell.where] != [row.key] and row.key != "others":
                yield Failure(where, f"“{shown(row.cells[0])}”行里是 {cell.address} 的数")
        if total.where:
            yield Failure(where, f"合计应为全部，而只是 {total.address}")
        parts = sum(cell.value for cell in counts)
        if parts != total.value:
            yield Failure(where, f"分项之和{parts}不等于合计{total.value}")
        ids = Counter(id_ for cell in counts for id_ in cell.ids)
        twice = {id_ for id_, times in ids.items() if times > 1}
        if twice:
            yield Failure(where, f"有工单被计入两个分项：{some(twice)}")
        if ids.keys() != set(total.ids):
            yield Failure(where, f"分项与合计的工单不同：{some(ids.keys() ^ set(total.ids))}")


def _snapshot(report: WeeklyReport) -> Iterator[Failure]:
    inputs = report.inputs
    orders = repeated(order.id for order in inputs.orders)
    if orders:
        yield Failure("数据", f"同一工单出现两次：{some(orders)}")
    visits = repeated(row.key for row in inputs.visit_backs)
    if visits:
        yield Failure("数据", f"同一回访出现两次：{some(visits)}")


def _given(report: WeeklyReport) -> Iterator[Failure]:
    """Last week's intake comes twice: as a number and as orders."""
    inputs, period = report.inputs, report.period
    last = week_of(period.before_start)
    stated = inputs.previous_weeks_intake.get(last)
    if stated is not None:
        counted = sum(
            timedelta(0) <= period.start - order.reported_at - timedelta(microseconds=1) < _WEEK
            for order in inputs.orders
        )
        if stated != counted:
            yield Failure("数据", f"上周（{last}）受理量给定为{stated}件，而工单明细为{counted}件")
    for week, value in inputs.previous_weeks_intake.items():
        if value < 0:
            yield Failure("数据", f"{week} 的受理量为负数")
    for where, part in _figures(report):
        if isinstance(part, Given) and part.name.startswith("intake_of_"):
            week = part.name.removeprefix("intake_of_")
            if part.value != inputs.previous_weeks_intake.get(week):
                yield Failure(where, f"{week} 的受理量与给定的不同")


def _hotspots(report: WeeklyReport) -> Iterator[Failure]:
    for name, rows in (("本周热点", report.inputs.hotspots), ("上周热点", report.inputs.last_week_hotspots)):
        for key in sorted(repeated(row.key for row in rows)):
            yield Failure(name, f"热点 {key} 出现两次")
        for row in rows:
            for what in _hotspot(row):
                yield Failure(f"{name}“{row.name}”", what)


def _hotspot(row: HotspotRow) -> Iterator[str]:
    if row.size != len(set(row.order_ids)) or row.size != len(row.order_ids):
        yield f"件数{row.size}与工单清单{len(row.order_ids)}件（不重复{len(set(row.order_ids))}件）不符"
    if row.complainants is not None and not 0 <= row.complainants <= row.size:
        yield f"诉求人{row.complainants}位多于工单{row.size}件"
    if row.start > row.end:
        yield "起始晚于终止"
    if row.observed < 0 or row.expected < 0:
        yield "观测或预期为负数"
    # The ratio is printed with one decimal; a method may add a small constant to an expectation near zero.
    if row.expected >= 1 and abs(row.ratio - row.observed / row.expected) > max(0.1, 0.05 * row.ratio):
        yield f"倍数{row.ratio:.2f}不等于观测{row.observed}除以预期{row.expected:.2f}"
    for value in (row.p_value, row.q_value):
        if value is not None and not 0 <= value <= 1:
            yield f"p值或q值{value}不在0和1之间"
    if row.interval is not None and row.interval[0] > row.interval[1]:
        yield "通常范围的下限大于上限"


def _private(report: WeeklyReport) -> Iterator[Failure]:
    for section in report.sections:
        for block in section.blocks:
            if any(_PRIVATE.search(text) for text in _texts(block)):
                yield Failure(section.heading, "文字中有疑似未遮盖的电话号码或身份证号，请先脱敏")


def _texts(block: Block) -> Iterator[str]:
    """Free text of a block; order numbers are not text."""
    if isinstance(block, Heading):
        yield block.text
    elif isinstance(block, Paragraph):
        yield from (part for part in block.parts if isinstance(part, str))
    elif isinstance(block, Table):
        yield from (part for row in block.rows for part in row.cells if isinstance(part, str))


__all__ = ["Failure", "ReconciliationError", "publishable", "reconcile"]
