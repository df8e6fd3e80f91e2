"""事件表 Event tables: events people recorded, as `KnownEvent`, to hold a replay's alerts against."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from analytics.known_events import KnownEvent, orders_meant, recorded
from analytics.records import Complaint
from core.tables import Problem, Row, Table, TableError, read_table
from core.timestamps import parse_timestamp

_NAMES = {
    "name": ("name", "名称", "事件", "事件名称"),
    "start": ("start", "开始", "开始时间"),
    "end": ("end", "结束", "结束时间"),
    "order_ids": ("order_ids", "工单", "工单编号", "工单号"),
    "place": ("place", "地点"),
    "keyword": ("keyword", "关键词"),
}
_BETWEEN = re.compile(r"[\s,，、;；]+")
_ALMOST_A_DAY = timedelta(days=1) - timedelta(microseconds=1)
_SHOWN = 3


def read_events(source: str, complaints: Sequence[Complaint]) -> list[KnownEvent]:
    """Events of a file, each with its orders among ``complaints``. Raises TableError naming every bad row.

    Columns name, start, end and either order_ids (parted by blanks, commas or 、) or place and/or keyword (Chinese
    headings are known too). Start and end say where to look for the orders, so they are needed where none are named;
    the event itself lasts from its first order to its last. An end without a time of day is the end of that day.
    """
    table = read_table(source)
    have = {name.strip().lower(): name for name in table.columns}
    columns = {
        field: next((have[name] for name in names if name in have), None) for field, names in _NAMES.items()
    }
    missing = [field for field in ("name",) if columns[field] is None]
    if all(columns[field] is None for field in ("order_ids", "place", "keyword")):
        missing.append("order_ids")
    if missing:
        mend = "表头应有 name,start,end 和 order_ids，或 name,start,end,place,keyword"
        raise TableError([Problem(table.name, 1, "、".join(missing), "缺少必要的列", mend)])
    by_id = {c.id: c for c in complaints}
    problems: list[Problem] = []
    events = [
        event
        for row in table
        if (event := _event(table, row, columns, complaints, by_id, problems)) is not None
    ]
    if not problems and not events:
        problems.append(Problem(table.name, 2, "name", "没有事件", "每行写一个事件"))
    if problems:
        raise TableError(problems)
    return events


def _event(
    table: Table,
    row: Row,
    columns: dict[str, str | None],
    complaints: Sequence[Complaint],
    by_id: dict[str, Complaint],
    problems: list[Problem],
) -> KnownEvent | None:
    values = {field: row.values.get(column or "", "").strip() for field, column in columns.items()}
    if not any(values.values()):
        return None

    def bad(field: str, what: str, mend: str) -> None:
        problems.append(Problem(table.name, row.number, columns[field] or field, what, mend))

    if not values["name"]:
        bad("name", "是空的", "请给事件起个名字")
        return None
    times: dict[str, datetime] = {}
    for field in ("start", "end"):
        if values[field]:
            try:
                times[field] = parse_timestamp(values[field])
            except ValueError as error:
                bad(field, str(error), "请写成 2026-02-11 或 2026-02-11 09:30")
                return None
    if "end" in times and not re.search(r"[:时点]", values["end"]):
        times["end"] += _ALMOST_A_DAY
    named = [order for order in _BETWEEN.split(values["order_ids"]) if order]
    if named:
        unknown = [order for order in named if order not in by_id]
        if unknown:
            shown = "、".join(unknown[:_SHOWN]) + (f" 等 {len(unknown)} 个" if len(unknown) > _SHOWN else "")
            bad("order_ids", f"诉求表里没有 {shown}", "请核对编号，或换用完整的诉求表")
            return None
        return recorded(values["name"], [by_id[order] for order in dict.fromkeys(named)], values["place"])
    if len(times) < 2:
        bad("start", "没有写明工单时，起止时间都要有", "请补上 start 和 end，或补上 order_ids")
        return None
    if not values["place"] and not values["keyword"]:
        bad("keyword", "工单、地点、关键词都是空的", "至少写一样")
        return None
    start, end = times["start"], times["end"]
    if end < start:
        bad("end", "结束早于开始", "请核对起止时间")
        return None
    orders = orders_meant(complaints, start, end, values["place"], values["keyword"])
    if not orders:
        bad("keyword", "这段时间没有诉求同时说到这个地点和关键词", "请换更短的地点或关键词，或写明工单编号")
        return None
    return recorded(values["name"], orders, values["place"])
