"""地址命令 ``flask analytics parse-address``, and training and evaluation where the file holds labelled addresses.

Without ``--model`` an address line is read by the installation's own model, ``$INSTANCE_PATH/models/address``, where
somebody has trained one, and by the built-in rules else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from analytics.address import LEVELS, levels
from analytics.address_model import entity_scores, read_conll, train_address_model
from analytics.address_parser import AddressParser
from analytics.cli.progress import watched
from analytics.cli.refusing import refusing
from analytics.model_files import CARD
from core.tables import Problem, Table, TableError, read_table, write_table

_ADDRESS_NAMES = ("text", "address", "地址", "详细地址", "事发地址", "诉求地址", "place")
_ID_NAMES = ("id", "留言编号", "工单编号", "工单号", "编号")


def train_addresses(sources: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """Train an address model on labelled addresses; returns its card. Raises TableError for a file that is none."""
    try:
        card = train_address_model([Path(source) for source in sources], folder)
    except ValueError as error:
        raise TableError([_refusal(sources, error)]) from error
    return {"model": str(folder), **card}


def evaluate_addresses(source: str, model: str) -> dict[str, Any]:
    """Entity scores of a model (or ``builtin``) on labelled addresses. Raises as `train_addresses`."""
    parser = AddressParser(_chosen(model))
    try:
        return {"model": model, **entity_scores(read_conll(Path(source)), parser.parse)}
    except ValueError as error:
        raise TableError([_refusal((source,), error)]) from error


def _refusal(sources: tuple[str, ...], error: ValueError) -> Problem:
    names = "、".join(Path(source).name for source in sources)
    return Problem(names, None, None, str(error), "每行一个字和它的标注（如“路 I-road”），地址之间空一行")


def _chosen(model: str | None) -> Path | None:
    if model is None:
        own = Path(os.environ.get("INSTANCE_PATH") or "instance") / "models" / "address"
        return own if (own / CARD).exists() else None
    return None if model == "builtin" else Path(model)


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
    metavar="DIR|builtin",
    help="训练好的地址模型，或 builtin（内置规则）；缺省为本机装好的模型，没有则内置",
)
@refusing
def parse_address(source: str, out: str, model: str | None) -> None:
    """地址解析：把一行地址拆成省、市、区县、街道乡镇、村社区、路、号、场所、楼栋、单元、楼层、房号。

    IN 为 csv 或 xlsx，列 id,text（也认“编号”“地址”）。输出 id、各级一列（没有的为空）、span：标注的 JSON 列表，
    每项 start、end（字符位置，end 不含）、label（21 类标签）。
    """
    parser = AddressParser(_chosen(model))
    table = read_table(source)

    def rows() -> Iterator[list[str]]:
        for id_, text in watched(_addresses(table), "解析"):
            spans = parser.parse(text)
            marks = [{"start": span.start, "end": span.end, "label": span.label} for span in spans]
            yield [id_, *levels(text, spans).values(), json.dumps(marks)]

    write_table(out, ["id", *LEVELS, "span"], rows())


commands = [parse_address]
