"""比对命令 ``flask analytics parse-address | duplicates``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from analytics.address import LEVELS, levels
from analytics.address_parser import AddressParser
from analytics.cli.complaint_tables import read_complaints
from analytics.cli.refusing import refusing
from analytics.event_stream import cluster
from core.tables import Problem, Table, TableError, read_table, write_table

_ADDRESS_NAMES = ("text", "address", "地址", "详细地址", "事发地址", "诉求地址", "place")
_ID_NAMES = ("id", "留言编号", "工单编号", "工单号", "编号")


def _watched(items: Iterable[Any], what: str, length: int | None = None) -> Iterator[Any]:
    """The same items, with a progress bar on a terminal."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(items, label=what, length=length, file=sys.stderr, hidden=hidden) as bar:
        yield from bar


def _column(table: Table, names: tuple[str, ...]) -> str:
    found = next((name for name in names if name in table.columns), None)
    if found is None:
        table.require(names[0])  # refuses, naming what is there
        raise AssertionError
    return found


def _addresses(table: Table) -> Iterator[tuple[str, str]]:
    """Rows as (id, text). Goes on after a bad row, so that all problems are told at once."""
    id_, text = _column(table, _ID_NAMES), _column(table, _ADDRESS_NAMES)
    problems = []
    for row in table:
        if not row.values[id_].strip():
            problems.append(Problem(table.name, row.number, id_, "没有编号", "请补上编号"))
        elif not problems:
            yield row.values[id_], row.values[text]
    if problems:
        raise TableError(problems)


@click.command("parse-address")
@click.argument("source", metavar="IN")
@click.option("--out", required=True, help="输出 csv 或 xlsx，- 为标准输出")
@click.option(
    "--model",
    default="builtin",
    show_default=True,
    metavar="DIR|builtin",
    help="训练好的地址模型的文件夹，或内置规则",
)
@refusing
def parse_address(source: str, out: str, model: str) -> None:
    """地址解析：把一行地址拆成省、市、区县、街道乡镇、村社区、路、号、场所、楼栋、单元、楼层、房号。

    IN 为 csv 或 xlsx，列 id,text（也认“编号”“地址”）。输出 id、各级一列（没有的为空）、span：标注的 JSON 列表，
    每项 start、end（字符位置，end 不含）、label（21 类标签）。
    """
    parser = AddressParser(None if model == "builtin" else Path(model))
    table = read_table(source)

    def rows() -> Iterator[list[str]]:
        for id_, text in _watched(_addresses(table), "解析"):
            spans = parser.parse(text)
            marks = [{"start": span.start, "end": span.end, "label": span.label} for span in spans]
            yield [id_, *levels(text, spans).values(), json.dumps(marks)]

    write_table(out, ["id", *LEVELS, "span"], rows())


class _Days(click.ParamType):
    name = "天数"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        number = str(value).strip().removesuffix("天").removesuffix("d").strip()
        if not number.isdigit() or not 0 < int(number) <= 3660:
            self.fail(f"“{value}”不是天数，应写成 30d 或 30", param, ctx)
        return timedelta(days=int(number))


@click.command("duplicates")
@click.argument("source", metavar="IN")
@click.option("--out", required=True, help="输出 csv 或 xlsx，- 为标准输出")
@click.option(
    "--window", type=_Days(), default="90d", show_default=True, help="相隔多少天以内的诉求才算同一件事"
)
@refusing
def duplicates(source: str, out: str, window: timedelta) -> None:
    """重复诉求：说同一件事的诉求给同一个 event_id。

    IN 为 csv 或 xlsx，列 id,time,text[,place]，也认“留言编号、留言时间、留言主题+留言详情、地点”等常见表头。
    输出 id,event_id,score，次序与输入相同；event_id 是这件事最早一条的 id，score 是与该事件已有诉求的相似程度（0–1）。
    """
    complaints = read_complaints(source)
    found = cluster(complaints, window, progress=lambda order: _watched(order, "比对", len(complaints)))
    rows = (
        [complaint.id, event, f"{score:.4f}"]
        for complaint, (event, score) in zip(complaints, found, strict=True)
    )
    write_table(out, ["id", "event_id", "score"], rows)


commands = [parse_address, duplicates]
