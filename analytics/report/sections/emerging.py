"""② 苗头预警 Emerging hotspots: what, where, since when, observed against expected, how sure, who should act."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.report import words
from analytics.report.ledger import Ledger
from analytics.report.parts import (
    Block,
    Cell,
    Chart,
    Column,
    Heading,
    Number,
    Row,
    Section,
    Table,
    body,
    item,
    note,
)
from analytics.report.periods import month_day
from analytics.report.records import HotspotRow

ANNOUNCED = ("emerging", "growing")


def members(hotspot: HotspotRow) -> Cell:
    """The orders of a hotspot, as a count that drills down to them."""
    return Cell("hotspot_orders", (("hotspot", hotspot.key),), hotspot.size, hotspot.order_ids)


def section(ledger: Ledger) -> Section:
    return Section("emerging", "苗头预警", tuple(_blocks(ledger)))


def announced(ledger: Ledger) -> list[HotspotRow]:
    """New and growing hotspots, most urgent first."""
    return sorted(
        (row for row in ledger.inputs.hotspots if row.status in ANNOUNCED), key=lambda row: row.rank
    )


def _blocks(ledger: Ledger) -> Iterator[Block]:
    listed = announced(ledger)
    if not listed:
        yield body(
            "本周没有达到预警线的新热点。没有预警不等于没有问题，只说明未发现明显高于以往基线的集中诉求。"
        )
        return
    yield body(f"本周共有{len(listed)}个新出现或上升的热点，按紧急程度列于下表。")
    yield _table(listed)
    yield Chart(
        "chart_hotspots",
        "热点的观测数与预期数",
        "observed_expected",
        "hotspots",
        "name",
        ("observed", "expected"),
        f"条形图：{len(listed)}个热点的观测数（条）与按基线预期的数（竖线）；数值见同名表。",
        unit="",
    )
    described = listed[: ledger.inputs.thresholds.hotspots_described]
    for place, hotspot in enumerate(described, 1):
        yield Heading(f"{place}．{named(hotspot)}", 3)
        yield words.hotspot_paragraph(hotspot, members(hotspot))
        if hotspot.examples:
            yield item(
                "诉求摘录：", "；".join(f"“{text.rstrip('。；')}”" for text in hotspot.examples[:3]), "。"
            )
    if len(listed) > len(described):
        yield note(f"其余{len(listed) - len(described)}个热点只列于表，不再分述。")


def _table(listed: list[HotspotRow]) -> Table:
    columns = (
        Column("rank", "序号", "number"),
        Column("name", "热点"),
        Column("status", "态势"),
        Column("start", "起始", solid=True),
        Column("size", "工单", "number"),
        Column("observed", "观测", "number"),
        Column("expected", "预期", "number"),
        Column("sureness", "高于往常"),
    )
    rows = tuple(
        Row(
            hotspot.key,
            (
                str(place),
                named(hotspot),
                words.STATUSES.get(hotspot.status, hotspot.status),
                month_day(hotspot.start),
                members(hotspot),
                str(hotspot.observed),
                Number(hotspot.expected),
                words.sureness(hotspot),
            ),
        )
        for place, hotspot in enumerate(listed, 1)
    )
    return Table(
        "hotspots",
        "新出现和上升的热点",
        columns,
        rows,
        None,
        ("工单按件计。观测、预期按热点扫描的口径计，同一诉求人重复反映可能只计一次，与工单件数可以不同。",),
    )


def named(hotspot: HotspotRow) -> str:
    """A hotspot's name with its place."""
    return hotspot.name + (f"（{_short(hotspot.place)}）" if hotspot.place else "")


def _short(place: str) -> str:
    """The finest part of a path, with the one above it when there are three or more."""
    return "".join(place.split("/")[-2:]) if place.count("/") >= 2 else place.rsplit("/", maxsplit=1)[-1]
