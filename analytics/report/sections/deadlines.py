"""⑦ 临期与逾期 Near due and overdue: by unit, and the longest overdue one by one."""

from __future__ import annotations

from datetime import timedelta

from analytics.report.ledger import NO_UNIT, Ledger
from analytics.report.parts import Block, Column, Number, OrderRef, Row, Section, Table, body
from analytics.report.periods import minute, month_day

_MEASURES = ("open", "near_due", "overdue", "long_overdue")


def section(ledger: Ledger) -> Section:
    return Section("deadlines", "临期和逾期工单", tuple(_blocks(ledger)))


def _blocks(ledger: Ledger) -> list[Block]:
    limits = ledger.inputs.thresholds
    blocks: list[Block] = [
        body(
            f"截至{minute(ledger.period.cut_off)}，在办工单",
            ledger.cell("open"),
            "件，其中有办理时限且未挂账的",
            ledger.cell("open_timed"),
            "件。这些工单中，已逾期",
            ledger.share("overdue", "open_timed"),
            f"，{_hours(limits.near_due)}内到期",
            ledger.share("near_due", "open_timed"),
            "。",
        )
    ]
    units = [unit for unit in _ordered(ledger) if _pressing(ledger, unit)]
    if units:
        blocks.append(_by_unit(ledger, units))
    if ledger.orders("overdue"):
        blocks.append(_longest(ledger))
    return blocks


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g}小时"


def _pressing(ledger: Ledger, unit: str) -> bool:
    return any(ledger.cell(measure, unit=unit).value for measure in ("near_due", "overdue"))


def _ordered(ledger: Ledger) -> list[str]:
    seen = set(ledger.values("unit", "near_due", "overdue"))
    known = [unit for unit in ledger.inputs.unit_order if unit in seen]
    return known + sorted(seen - set(known) - {NO_UNIT}) + ([NO_UNIT] if NO_UNIT in seen else [])


def _by_unit(ledger: Ledger, units: list[str]) -> Table:
    measures = _MEASURES[1:]
    rows = tuple(
        Row(unit, (unit, *(ledger.cell(measure, unit=unit) for measure in measures))) for unit in units
    )
    total = Row("total", ("合计", *(ledger.cell(measure) for measure in measures)))
    limits = ledger.inputs.thresholds
    columns = (
        Column("unit", "承办单位"),
        Column("near_due", f"{_hours(limits.near_due)}内到期", "number", partition=True),
        Column("overdue", "已逾期", "number", partition=True),
        Column("long_overdue", f"其中逾期{limits.long_overdue.days}天以上", "number", partition=True),
    )
    return Table(
        "pressing", "各单位临期和逾期工单（件）", columns, rows, total, ("没有临期和逾期工单的单位不列。",)
    )


def _longest(ledger: Ledger) -> Table:
    overdue = sorted(ledger.orders("overdue"), key=lambda row: (row.handle_due_at or row.reported_at, row.id))
    listed = overdue[: ledger.inputs.thresholds.overdue_listed]
    rows = []
    for order in listed:
        due = order.handle_due_at or order.reported_at
        days = (ledger.period.cut_off - due) / timedelta(days=1)
        cells = (
            OrderRef(order.id, order.number),
            order.title or "—",
            order.unit or NO_UNIT,
            month_day(due),
            Number(days),
        )
        rows.append(Row(order.id, cells))
    columns = (
        Column("number", "工单", solid=True),
        Column("title", "诉求"),
        Column("unit", "承办单位"),
        Column("due", "到期日", solid=True),
        Column("days", "逾期（天）", "number"),
    )
    rest = len(overdue) - len(listed)
    notes = (f"另有{rest}件逾期工单未列。",) if rest else ()
    return Table(
        "longest_overdue", "逾期最久的工单", columns, tuple(rows), None, (*notes, "逾期天数按自然日计。")
    )
