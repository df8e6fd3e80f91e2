"""⑨ 统计口径 Method and definitions: period, time zone, scope, cut-off, every indicator in words, gaps in the data."""

from __future__ import annotations

from analytics.report.ledger import Ledger
from analytics.report.parts import Block, Column, Part, Row, Section, Table, body
from analytics.report.periods import last_moment, minute

# Indicator definitions by version: (name, numerator, denominator).
DEFINITIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "v1": (
        ("按期办结率", "本周办结且不晚于办理时限的工单", "本周办结且有办理时限的工单"),
        ("退单率", "本周派单中被退回过的工单", "本周派单"),
        ("重办率", "本周派单中重办过的工单", "本周派单"),
        ("响应率", "承办单位联系过诉求人的有效回访", "本周有效回访"),
        ("解决率", "诉求人认为已解决的有效回访", "本周有效回访"),
        ("满意率", "满意＋0.9×基本满意", "本周有效回访"),
        ("参评率", "截至数据截止时有过有效回访的工单", "本周办结工单"),
        ("综合", "100×（0.1响应率＋0.5解决率＋0.4满意率）", "—"),
    )
}


def section(ledger: Ledger) -> Section:
    period, inputs = ledger.period, ledger.inputs
    blocks: list[Block] = [
        body(
            f"范围：{inputs.scope}。统计周期：{minute(period.start)}至{last_moment(period.end)}（ISO周{period.week}），"
            f"含起点、不含终点。时区：Asia/Shanghai。数据截止：{minute(period.cut_off)}，此后的变化不计入。"
        ),
        body(
            "受理按登记时间、收件按派单时间、办结按办结时间、回访按回访时间各自归入本周，因此收件与办结不是同一批工单。"
            "每件工单在同一张分项表中只计一次。并单的各件仍各计一件。"
        ),
        _definitions(inputs.definitions_version),
        body(
            "变化幅度：两周件数之差不超过1.96×√（两周件数之和）的，视为随机波动可以解释。热点的把握程度按多重检验校正后的q值"
            "（缺q值时按p值）表述：不大于0.001为“几乎可以肯定”，不大于0.01为“很可能”，不大于0.05为“可能”，"
            "其余或仍在通常范围之内的为“尚不能确定”。"
            + (f"热点扫描方法：{inputs.hotspot_method.rstrip('。')}。" if inputs.hotspot_method else "")
        ),
        body(*_gaps(ledger)),
        body(
            "本报告每个分项之和等于合计、每个比例的分子包含于分母，均由程序按工单号独立复算；任何一项不符即不予出具。"
            "除热点的观测数、预期数和上年、前几周的受理量由外部给定外，各数均可追溯到工单号。"
        ),
    ]
    return Section("method", "统计口径", tuple(blocks))


def _definitions(version: str) -> Table:
    columns = (Column("name", "指标"), Column("numerator", "分子"), Column("denominator", "分母"))
    try:
        definitions = DEFINITIONS[version]
    except KeyError:
        raise ValueError(f"没有指标口径 {version}，现有 {'、'.join(DEFINITIONS)}") from None
    rows = tuple(Row(name, (name, over, under)) for name, over, under in definitions)
    return Table("definitions", f"指标口径（{version}）", columns, rows)


def _gaps(ledger: Ledger) -> list[Part]:
    parts: list[Part] = ["数据缺口：本周受理中未分类", ledger.share("uncategorised", "intake")]
    parts += ["，地点不详", ledger.share("unplaced", "intake")]
    undated = sum(order.dispatched and order.dispatched_at is None for order in ledger.inputs.orders)
    if undated:
        parts.append(f"；另有{undated}件工单已派单而缺派单时间，未计入收件")
    return [*parts, "。分母为零的比例记作“—”。"]
