"""比对命令 ``flask analytics duplicates``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from analytics.cli.complaint_tables import read_complaints
from analytics.cli.progress import watched
from analytics.cli.refusing import refusing
from analytics.event_stream import cluster
from core.tables import write_table


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
    found = cluster(complaints, window, progress=lambda order: watched(order, "比对", len(complaints)))
    rows = (
        [complaint.id, event, f"{score:.4f}"]
        for complaint, (event, score) in zip(complaints, found, strict=True)
    )
    write_table(out, ["id", "event_id", "score"], rows)


commands = [duplicates]
