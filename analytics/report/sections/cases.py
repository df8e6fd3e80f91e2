"""⑥ 典型案例 Typical cases: those an editor chose, else a few chosen by rule, and why."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.report.ledger import NO_UNIT, Ledger
from analytics.report.parts import Block, Heading, OrderRef, Section, body
from analytics.report.periods import month_day
from analytics.report.records import CaseRow, OrderRow
from analytics.report.sections.emerging import ANNOUNCED

_NUMERALS = "一二三四五六七八九十"


def section(ledger: Ledger) -> Section:
    blocks: list[Block] = []
    cases = list(ledger.inputs.cases) or list(_by_rule(ledger))
    for index, case in enumerate(cases[: len(_NUMERALS)]):
        order = ledger.by_id.get(case.order_id)
        if order is None:
            continue
        blocks.append(Heading(f"（{_NUMERALS[index]}）{case.title}"))
        blocks.append(
            body("工单", OrderRef(order.id, order.number), f"，{_facts(order)}。", _sentence(case.account))
        )
        if case.why:
            blocks.append(body(f"入选理由：{_sentence(case.why)}"))
    return Section("cases", "典型案例", tuple(blocks) or (body("本周没有选出典型案例。"),))


def _sentence(text: str) -> str:
    return text.rstrip("。") + "。" if text else ""


def _facts(order: OrderRow) -> str:
    facts = [f"{month_day(order.reported_at)}经{order.channel or '未注明渠道'}受理"]
    if order.area:
        facts.append("".join(order.area[-2:]))
    if order.category:
        facts.append("—".join(order.category[-2:]))
    facts.append(f"由{order.unit}承办" if order.unit else "直接答复" if order.completed_at else NO_UNIT)
    if order.completed_at:
        facts.append(f"{month_day(order.completed_at)}办结")
    elif order.status:
        facts.append(f"截至数据截止时为“{order.status}”")
    return "，".join(facts)


def _by_rule(ledger: Ledger) -> Iterator[CaseRow]:
    """The first order of the most urgent hotspot, the most reworked order handled this week, the longest overdue."""
    used: set[str] = set()
    for order, why in (_of_hotspot(ledger), _most_reworked(ledger), _longest_overdue(ledger)):
        if order is not None and order.id not in used:
            used.add(order.id)
            yield CaseRow(order.id, order.title or "（无标题）", "", why)


def _of_hotspot(ledger: Ledger) -> tuple[OrderRow | None, str]:
    for hotspot in sorted(ledger.inputs.hotspots, key=lambda row: row.rank):
        if hotspot.status in ANNOUNCED:
            for id_ in hotspot.order_ids:
                if id_ in ledger.by_id:
                    return ledger.by_id[id_], f"属于本周热点“{hotspot.name}”"
    return None, ""


def _most_reworked(ledger: Ledger) -> tuple[OrderRow | None, str]:
    reworked = [order for order in ledger.orders("completed") + ledger.orders("open") if order.rework]
    if not reworked:
        return None, ""
    order = max(reworked, key=lambda row: (row.rework, -row.reported_at.timestamp(), row.id))
    return order, f"本周办结或在办工单中重办次数最多（{order.rework}次）"


def _longest_overdue(ledger: Ledger) -> tuple[OrderRow | None, str]:
    overdue = ledger.orders("overdue")
    if not overdue:
        return None, ""
    order = min(overdue, key=lambda row: (row.handle_due_at or row.reported_at, row.id))
    return order, "截至数据截止时逾期最久"
