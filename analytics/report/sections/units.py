"""⑤ 承办单位 Units: what each received and how it was handled and judged. Listed, never ranked; the total is pooled."""

from __future__ import annotations

from fractions import Fraction

from analytics.report.ledger import NO_UNIT, Ledger
from analytics.report.parts import Block, Column, Composite, Row, Section, Share, Table, body

_HANDLED = ("dispatched", "completed")
BASICALLY = Fraction(9, 10)
COMPOSITE = (Fraction(1, 10), Fraction(5, 10), Fraction(4, 10))


def section(ledger: Ledger) -> Section:
    units = _units(ledger)
    if not units:
        return Section("units", "承办单位办理情况", (body("本周没有派单、办结和回访记录。"),))
    small = ledger.inputs.thresholds.small
    blocks: list[Block] = [
        body(
            "本周派单",
            ledger.cell("dispatched"),
            "件，办结",
            ledger.cell("completed"),
            "件；有办理时限的办结件中按期办结",
            ledger.share("on_time", "completed_with_deadline"),
            "。有效回访",
            ledger.cell("visited"),
            "件，解决率",
            ledger.share("solved", "visited"),
            "，满意率",
            satisfaction(ledger),
            f"。单位按名录顺序列出，不作排名；标＊者分母不足{small}，一两件即可使比例大幅变动，不宜比较。",
        ),
        _handling(ledger, units),
        _judged(ledger, units),
    ]
    return Section("units", "承办单位办理情况", tuple(blocks))


def satisfaction(ledger: Ledger, **where: str) -> Share:
    """(satisfied + 0.9 × basically satisfied) / valid visit-backs."""
    parts = (
        (Fraction(1), ledger.cell("satisfied", **where)),
        (BASICALLY, ledger.cell("basically_satisfied", **where)),
    )
    return Share(parts, ledger.cell("visited", **where), ledger.inputs.thresholds.small)


def _units(ledger: Ledger) -> list[str]:
    seen = set(ledger.values("unit", *_HANDLED, "visited"))
    known = [unit for unit in ledger.inputs.unit_order if unit in seen]
    others = sorted(seen - set(known) - {NO_UNIT})
    return known + others + ([NO_UNIT] if NO_UNIT in seen else [])


def _handling(ledger: Ledger, units: list[str]) -> Table:
    def row(key: str, label: str, **where: str) -> Row:
        return Row(
            key,
            (
                label,
                ledger.cell("dispatched", **where),
                ledger.cell("completed", **where),
                ledger.share("on_time", "completed_with_deadline", **where),
                ledger.share("sent_back", "dispatched", **where),
                ledger.share("reworked", "dispatched", **where),
            ),
        )

    columns = (
        Column("unit", "承办单位"),
        Column("dispatched", "收件", "number", partition=True),
        Column("completed", "办结", "number", partition=True),
        Column("on_time", "按期办结率", "share"),
        Column("sent_back", "退单率", "share"),
        Column("reworked", "重办率", "share"),
    )
    rows = tuple(row(unit, unit, unit=unit) for unit in units)
    notes = ["收件指本周派往该单位的工单；退单、重办指其中截至数据截止时发生过的。"]
    without = ledger.cell("completed_without_deadline").value
    if without:
        notes.append(f"无办理时限的办结件{without}件不计入按期办结率。")
    return Table("units_handling", "各单位办理情况", columns, rows, row("total", "全部单位"), tuple(notes))


def _judged(ledger: Ledger, units: list[str]) -> Table:
    def row(key: str, label: str, **where: str) -> Row:
        response, solution = (
            ledger.share("contacted", "visited", **where),
            ledger.share("solved", "visited", **where),
        )
        satisfied = satisfaction(ledger, **where)
        return Row(
            key,
            (
                label,
                ledger.cell("visited", **where),
                response,
                solution,
                satisfied,
                ledger.share("completed_answered", "completed", **where),
                Composite(tuple(zip(COMPOSITE, (response, solution, satisfied), strict=True))),
            ),
        )

    columns = (
        Column("unit", "承办单位"),
        Column("visited", "有效回访", "number", partition=True),
        Column("response", "响应率", "share"),
        Column("solution", "解决率", "share"),
        Column("satisfaction", "满意率", "share"),
        Column("participation", "参评率", "share"),
        Column("composite", "综合", "number"),
    )
    rows = tuple(row(unit, unit, unit=unit) for unit in units)
    notes = ("“全部单位”一行由各项分子、分母汇总计算，不是各单位比例的平均。",)
    return Table("units_judged", "各单位回访评价情况", columns, rows, row("total", "全部单位"), notes)
