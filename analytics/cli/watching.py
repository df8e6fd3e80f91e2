"""监测命令 ``flask analytics surveil | hotspots | backtest``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import click
import numpy as np
from numpy.typing import NDArray

from analytics.backtest import COLUMNS, moments, replay
from analytics.backtest_run import CannotReplay, Plan, raised, run
from analytics.cli.complaint_tables import read_complaints
from analytics.cli.event_tables import read_events
from analytics.cli.refusing import Refused, refusing
from analytics.hotspots import HotspotScanner
from analytics.surveillance import surveil as watch
from core.files import write_whole
from core.tables import Problem, TableError, read_table, write_table
from core.timestamps import parse_timestamp


@dataclass(frozen=True)
class _Fault:
    """What is wrong with one cell, before it is known where the cell stands."""

    column: str
    what: str
    mend: str


class _Days(click.ParamType):
    name = "天数"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d+)\s*(d|天|w|周)?", str(value).strip())
        if not found or int(found[1]) == 0:
            self.fail(f"“{value}”不是时长，应写成 7d 或 8w", param, ctx)
        return timedelta(days=int(found[1]) * (7 if found[2] in ("w", "周") else 1))


class _PerWeek(click.ParamType):
    name = "次数/周期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:/\s*(day|week|month|天|周|月))?", str(value).strip())
        if not found or float(found[1]) <= 0:
            self.fail(f"“{value}”不是误报上限，应写成 1/week、2/month 或 1/day", param, ctx)
        per = {"day": 7.0, "天": 7.0, "month": 7.0 / 30.4375, "月": 7.0 / 30.4375}
        return float(found[1]) * per.get(found[2] or "week", 1.0)


class _Moment(click.ParamType):
    name = "时间"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_timestamp(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _write_json(target: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    if target == "-":
        click.echo(text, nl=False)
    else:
        write_whole(Path(target), text)


_WINDOW = click.option("--window", type=_Days(), default="7d", show_default=True, help="观察窗口，如 7d")
_BASELINE = click.option(
    "--baseline", type=_Days(), default="56d", show_default=True, help="作为常态的历史长度，如 56d"
)
_BUDGET = click.option(
    "--max-false-alarms",
    type=_PerWeek(),
    default="1/week",
    show_default=True,
    help="可接受的误报上限，如 1/week、2/month",
)


def _scanner(window: timedelta, baseline: timedelta, max_false_alarms: float) -> HotspotScanner:
    if baseline < timedelta(days=7):
        raise click.UsageError("--baseline 至少 7d")
    return HotspotScanner(window=window, baseline=baseline, max_false_alarms=max_false_alarms)


@click.command("hotspots")
@click.argument("source", metavar="IN")
@click.option("--as-of", "as_of", required=True, type=_Moment(), help="截至时刻，只看此前的诉求")
@click.option("--out", required=True, help="输出 JSON 文件，- 为标准输出")
@_WINDOW
@_BASELINE
@_BUDGET
@refusing
def hotspots(
    *, source: str, as_of: datetime, out: str, window: timedelta, baseline: timedelta, max_false_alarms: float
) -> None:
    """热点：话题 × 地点相对自身常态的突增，最急的在前。

    IN 为 csv 或 xlsx，列 id,time,text[,place][,category][,complainant]，也认“留言编号、留言时间、留言主题+留言详情、
    地点、分类、留言用户”等常见表头；没有 place 列时从文字中找地名。输出 JSON 列表。
    """
    scanner = _scanner(window, baseline, max_false_alarms)
    complaints = read_complaints(source)
    recent = [c for c in complaints if scanner.since(as_of) <= c.time < as_of]
    with click.progressbar(recent, label="分词", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        scanner.read(bar)
    found = scanner.scan(recent, as_of)
    _write_json(out, [hotspot.to_json() for hotspot in found])


@click.command("backtest")
@click.argument("source", metavar="IN")
@click.option("--from", "first", required=True, type=_Moment(), help="回放开始（第一次扫描的时刻）")
@click.option("--to", "last", required=True, type=_Moment(), help="回放结束（含）")
@click.option("--out", required=True, help="输出 csv 或 xlsx，- 为标准输出")
@_WINDOW
@_BASELINE
@_BUDGET
@click.option("--events", default=None, metavar="EVENTS", help="已知事件表，预警与它对照评分")
@click.option(
    "--inject", default=0, type=click.IntRange(0, 1000), metavar="N", help="注入 N 个事件，看能找出几个"
)
@click.option(
    "--shuffle", default=0, type=click.IntRange(0, 100), metavar="N", help="把时间打乱重放 N 次，数误报"
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="注入与打乱的随机种子")
@refusing
def backtest(
    *,
    source: str,
    first: datetime,
    last: datetime,
    out: str,
    window: timedelta,
    baseline: timedelta,
    max_false_alarms: float,
    events: str | None,
    inject: int,
    shuffle: int,
    seed: int,
) -> None:
    """回放：逐日重演，只用当日已知的诉求；每条预警一行，写明何时发出。

    IN 同 hotspots。两次扫描相隔一天；同一事件持续期间只报一次。

    --events 的表有 name,start,end 和 order_ids（或 place,keyword）列。用了 --events、--inject 或 --shuffle，
    评分以 JSON 写到标准输出：召回率、发现时滞、精确率、每周误报，都带分母和 95% 区间。
    """
    if last < first:
        raise click.UsageError("--to 不能早于 --from")
    scored = bool(events or inject or shuffle)
    if scored and out == "-":
        raise click.UsageError("评分要写到标准输出，--out 请写文件名")
    scanner = _scanner(window, baseline, max_false_alarms)
    complaints = read_complaints(source)
    times = moments(first, last)
    hidden = not sys.stderr.isatty()
    if not scored:
        rows: list[dict[str, object]] = []
        days = replay(complaints, times, scanner)
        with click.progressbar(days, length=len(times), label="回放", file=sys.stderr, hidden=hidden) as bar:
            for alerts in bar:
                rows.extend(alert.row() for alert in alerts)
        write_table(out, list(COLUMNS), rows)
        return
    known = read_events(events, complaints) if events else []
    with click.progressbar(length=len(times), label="回放", file=sys.stderr, hidden=hidden) as scans:

        def tell(_: int, total: int) -> None:
            scans.length = total
            scans.update(1)

        try:
            result = run(complaints, Plan(times, inject, shuffle, seed, known), scanner, tell)
        except CannotReplay as error:
            raise Refused(str(error)) from None
    write_table(out, list(COLUMNS), raised(result.days))
    _write_json("-", result.report)


def _days_off(days: list[str]) -> NDArray[np.bool_] | None:
    """Which days China is off work, make-up workdays allowed for; None where a year's arrangement is not published."""
    try:
        return np.array([chinese_calendar.is_holiday(date.fromisoformat(day)) for day in days], dtype=bool)
    except NotImplementedError:
        return None


@click.command("surveil")
@click.argument("source", metavar="IN")
@click.option("--out", required=True, help="输出 csv 或 xlsx，- 为标准输出")
@click.option(
    "--period", type=click.Choice(["week", "day"]), default=None, help="时段，默认按文件里的写法判断"
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.01,
    show_default=True,
    help="每序列每时段的误报概率",
)
@refusing
def surveil(source: str, out: str, period: str | None, alpha: float) -> None:
    """监测：多条计数序列，各与自身历史相比。

    IN 列 series,period,count；period 写成 2026-W07 或 2026-02-11，首末之间缺的时段作 0。
    输出 series,period,expected,upper,score,p_value,q_value,alarm。
    """
    series, periods, counts, kind = _read_counts(source, period)
    days_off = _days_off(periods) if kind == "day" else None
    result = watch(counts, kind, alpha, days_off=days_off)  # type: ignore[arg-type]

    def rows() -> Iterator[list[object]]:
        for i, name in enumerate(series):
            for t in np.flatnonzero(~np.isnan(counts[i])):
                yield [
                    name,
                    periods[t],
                    round(float(result.expected[i, t]), 4),
                    int(result.upper[i, t]),
                    round(float(result.score[i, t]), 4),
                    float(f"{result.p_value[i, t]:.6g}"),
                    float(f"{result.q_value[i, t]:.6g}"),
                    int(result.alarm[i, t]),
                ]

    columns = ["series", "period", "expected", "upper", "score", "p_value", "q_value", "alarm"]
    write_table(out, columns, rows())


def _read_counts(source: str, period: str | None) -> tuple[list[str], list[str], np.ndarray, str]:
    """Series names, period names, counts (n_series, n_periods; NaN outside a series' first and last), kind."""
    table = read_table(source)
    missing = [name for name in ("series", "period", "count") if name not in table.columns]
    if missing:
        raise TableError(
            [Problem(table.name, 1, "、".join(missing), "缺少必要的列", "表头应有 series、period、count")]
        )
    problems: list[Problem] = []
    cells: dict[tuple[str, date], float] = {}
    kinds: set[str] = set()
    for row in table:
        values = {name: row.values.get(name, "").strip() for name in ("series", "period", "count")}
        if not any(values.values()):
            continue
        what = _cell(values, period, kinds)
        if isinstance(what, _Fault):
            problems.append(Problem(table.name, row.number, what.column, what.what, what.mend))
            continue
        if what[0] in cells:
            problems.append(
                Problem(
                    table.name,
                    row.number,
                    "period",
                    f"{values['series']} 的 {values['period']} 重复",
                    "每序列每时段只写一行",
                )
            )
        cells[what[0]] = what[1]
    if len(kinds) > 1:
        problems.append(Problem(table.name, 1, "period", "周与日混在一个文件里", "请分成两个文件"))
    if problems:
        raise TableError(problems)
    if not cells:
        raise TableError([Problem(table.name, 2, "series", "没有数据行", "请检查文件")])
    kind = kinds.pop()
    step = timedelta(days=7 if kind == "week" else 1)
    first, last = min(day for _, day in cells), max(day for _, day in cells)
    days = [first + i * step for i in range((last - first) // step + 1)]
    if len(days) > 20000:
        raise TableError(
            [Problem(table.name, 1, "period", f"从 {first} 到 {last} 跨度过大", "请检查是否有写错的年份")]
        )
    names = list(dict.fromkeys(name for name, _ in cells))
    row_of = {name: i for i, name in enumerate(names)}
    counts = np.full((len(names), len(days)), np.nan)
    ends: dict[str, list[int]] = {}
    for name, day in cells:
        ends.setdefault(name, []).append((day - first) // step)
    for name, at in ends.items():
        counts[row_of[name], min(at) : max(at) + 1] = 0.0
    for (name, day), count in cells.items():
        counts[row_of[name], (day - first) // step] = count
    return names, [_written(day, kind) for day in days], counts, kind


def _cell(
    values: dict[str, str], period: str | None, kinds: set[str]
) -> tuple[tuple[str, date], float] | _Fault:
    if not values["series"]:
        return _Fault("series", "是空的", "请补上序列名")
    week = re.fullmatch(r"(\d{4})-?W(\d{1,2})", values["period"])
    try:
        if week:
            day, kind = date.fromisocalendar(int(week[1]), int(week[2]), 1), "week"
        else:
            day, kind = date.fromisoformat(values["period"][:10].replace("/", "-")), "day"
            if period == "week":
                day, kind = day - timedelta(days=day.weekday()), "week"
    except ValueError:
        return _Fault("period", f"“{values['period']}”不是时段", "应写成 2026-W07 或 2026-02-11")
    if period == "day" and kind == "week":
        return _Fault("period", f"“{values['period']}”是周，而 --period 为 day", "请改 --period week")
    kinds.add(kind)
    try:
        count = float(values["count"])
    except ValueError:
        count = -1.0
    if not (0 <= count < 1e12) or count != int(count):
        return _Fault("count", f"“{values['count']}”不是非负整数", "请填 0、1、2 …")
    return (values["series"], day), count


def _written(day: date, kind: str) -> str:
    if kind == "day":
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


commands = [surveil, hotspots, backtest]
