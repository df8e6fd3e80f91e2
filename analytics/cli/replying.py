"""答复命令 ``flask analytics check-replies``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from analytics.cli.refusing import refusing
from analytics.reply_quality import check_reply
from core.tables import Problem, Table, TableError, read_table, write_table


def _rows(table: Table, id_: str, text: str, reply: str) -> Iterator[list[str]]:
    """Goes on after a bad row, so that all problems are told at once."""
    problems = []
    for row in table:
        if not row.values[id_].strip():
            problems.append(Problem(table.name, row.number, id_, "没有编号", "请补上编号"))
        elif not problems:
            check = check_reply(row.values[text], row.values[reply])
            left = [point.text for point in check.points if not point.touched]
            findings = [asdict(finding) for finding in check.findings]
            yield [
                row.values[id_],
                check.level,
                check.name,
                json.dumps(findings, ensure_ascii=False),
                json.dumps(left, ensure_ascii=False),
            ]
    if problems:
        raise TableError(problems)


@click.command("check-replies")
@click.argument("source", metavar="IN")
@click.option("--out", required=True, help="输出 csv 或 xlsx，- 为标准输出")
@click.option("--id", "id_", default="id", show_default=True, help="编号所在的列")
@click.option("--text", default="text", show_default=True, help="诉求所在的列")
@click.option("--reply", default="reply", show_default=True, help="答复所在的列")
@refusing
def check_replies(source: str, out: str, id_: str, text: str, reply: str) -> None:
    """答复质量：每条答复答到了没有，有没有时间、单位、依据，套话多不多。

    输出 id,level（good|better|poor）,level_name,findings（JSON：code、serious、message、start、end、
    evidence）,unanswered（JSON：没有答到的话）。只供参考。
    """
    table = read_table(source)
    table.require(id_, text, reply)
    write_table(out, ["id", "level", "level_name", "findings", "unanswered"], _rows(table, id_, text, reply))


commands = [check_replies]
