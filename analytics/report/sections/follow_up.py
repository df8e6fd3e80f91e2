"""③ 上周热点跟踪 Follow-up: what became of every hotspot on last week's list, and what persists."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from analytics.report import words
from analytics.report.ledger import Ledger
from analytics.report.parts import Block, Cell, Column, Row, Section, Share, Table, body, note
from analytics.report.records import HotspotRow
from analytics.report.sections.emerging import ANNOUNCED, members


def section(ledger: Ledger) -> Section:
    return Section("follow_up", "上周热点跟踪", tuple(_blocks(ledger)))


def _blocks(ledger: Ledger) -> Iterator[Block]:
    last = sorted(ledger.inputs.last_week_hotspots, key=lambda row: row.rank)
    now = {row.key: row for row in ledger.inputs.hotspots}
    if not last:
        yield body("没有上周热点清单可供跟踪。")
    else:
        gone = [row for row in last if row.key not in now]
        yield body(
            f"上周清单共{len(last)}个热点，本周仍在清单的{len(last) - len(gone)}个，未再达到预警线的{len(gone)}个。"
            "离开清单只说明新增诉求未再达到预警线，是否解决以工单办结和回访为准。"
        )
        yield _table(ledger, last, now)
        unknown = sum(1 for row in last for id_ in row.order_ids if id_ not in ledger.by_id)
        if unknown:
            yield note(f"另有{unknown}件工单不在本期数据范围内（早于上周且已办结），未计入办结一栏。")
    followed = {row.key for row in last}
    lasting = [
        row for row in ledger.inputs.hotspots if row.status not in ANNOUNCED and row.key not in followed
    ]
    for hotspot in lasting[: ledger.inputs.thresholds.hotspots_described]:
        yield words.hotspot_paragraph(hotspot, members(hotspot))


def _table(ledger: Ledger, last: list[HotspotRow], now: dict[str, HotspotRow]) -> Table:
    rows = []
    for hotspot in last:
        where = (("hotspot", hotspot.key),)
        known = tuple(id_ for id_ in hotspot.order_ids if id_ in ledger.by_id)
        closed = tuple(id_ for id_ in known if not ledger.is_open(ledger.by_id[id_]))
        share = Share(
            ((Fraction(1), Cell("followed_closed", where, len(closed), closed)),),
            Cell("followed", where, len(known), known),
        )
        rows.append(
            Row(
                hotspot.key,
                (
                    hotspot.name,
                    hotspot.unit or "待定",
                    words.followed_up(hotspot, now.get(hotspot.key)),
                    share,
                ),
            )
        )
    columns = (
        Column("name", "上周热点"),
        Column("unit", "牵头单位"),
        Column("became", "本周情况"),
        Column("closed", "上周工单已办结", "share"),
    )
    return Table("follow_up", "上周热点跟踪", columns, tuple(rows))
