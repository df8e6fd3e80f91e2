"""④ 诉求事项前十位 Top topics with their places. A top topic is a large one, not a worse one."""

from __future__ import annotations

from fractions import Fraction

from analytics.report.ledger import NO_CATEGORY, Ledger
from analytics.report.parts import (
    Block,
    Cell,
    Chart,
    Column,
    Listing,
    Paragraph,
    Part,
    Row,
    Section,
    Share,
    Table,
    body,
)

_PLACES = 3
_CHARTED = 3  # fewer topics are read faster than drawn


def section(ledger: Ledger) -> Section:
    return Section("topics", "诉求集中的事项", tuple(_blocks(ledger)))


def _blocks(ledger: Ledger) -> list[Block]:
    if not ledger.orders("intake"):
        return [body("本周没有受理记录，无从列出事项。")]
    every = ledger.values("topic", "intake")
    top = every[: ledger.inputs.thresholds.top_topics]
    table = _table(ledger, top, len(every) - len(top))
    blocks: list[Block] = [_lead(ledger, [topic for topic in top if topic != NO_CATEGORY][:3]), table]
    if len(top) >= _CHARTED:
        alt = f"条形图：{_title(top, every)}，最多的是{_name(top[0])}；数值见同名表。"
        blocks.append(
            Chart(
                "chart_topics",
                _title(top, every),
                "bars",
                "topics",
                "topic",
                ("intake", "intake_before"),
                alt,
            )
        )
    return blocks


def _lead(ledger: Ledger, largest: list[str]) -> Paragraph:
    if not largest:
        return body("本周受理的诉求均未分类，无从比较事项。")
    parts: list[Part] = ["本周诉求最集中的事项是"]
    for index, topic in enumerate(largest):
        parts += [("、" if index else "") + f"“{_name(topic)}”", ledger.share_of_all("intake", topic=topic)]
    return body(*parts, "。件数多说明诉求集中，不等于问题较上周加重；增减见“上周”栏。")


def _title(top: list[str], every: list[str]) -> str:
    return f"受理量前{len(top)}位的事项" if len(every) > len(top) else "各事项受理量"


def _table(ledger: Ledger, top: list[str], others: int) -> Table:
    intake = ledger.cell("intake")
    rows = [
        _row(
            topic,
            _name(topic),
            (ledger.cell("intake", topic=topic), ledger.cell("intake_before", topic=topic)),
            intake,
            _places(ledger, topic),
        )
        for topic in top
    ]
    rest = (ledger.cell_of_rest("intake", top), ledger.cell_of_rest("intake_before", top))
    if others or rest[1].value:
        rows.append(_row("others", "其他", rest, intake, "—"))
    total = _row("total", "合计", (intake, ledger.cell("intake_before")), intake, "—")
    columns = (
        Column("topic", "事项"),
        Column("intake", "本周", "number", partition=True),
        Column("share", "占本周", "share"),
        Column("intake_before", "上周", "number", partition=True),
        Column("places", "主要地点"),
    )
    notes = ["件数相同的事项按名称排列。"]
    if others and ledger.cell("intake", topic=top[-1]).value == _next(ledger, len(top)):
        notes.append(f"第{len(top)}位有并列，并列者归入“其他”。")
    title = f"{_title(top, ledger.values('topic', 'intake'))}（件）"
    return Table("topics", title, columns, tuple(rows), total, tuple(notes))


def _row(key: str, label: str, counts: tuple[Cell, Cell], intake: Cell, places: Part) -> Row:
    now, before = counts
    share = Share(((Fraction(1), now),), intake)
    return Row(key, (label, now, share, before, places))


def _places(ledger: Ledger, topic: str) -> Listing:
    places = ledger.values("place", "intake", topic=topic)[:_PLACES]
    return Listing(
        tuple((place.split("/")[-1], ledger.cell("intake", topic=topic, place=place)) for place in places)
    )


def _next(ledger: Ledger, index: int) -> int:
    return ledger.cell("intake", topic=ledger.values("topic", "intake")[index]).value


def _name(topic: str) -> str:
    """The two finest levels of a path, joined by a dash."""
    return "—".join(topic.split("/")[-2:])
