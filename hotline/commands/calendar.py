"""``flask calendar load``: a year's public holidays and make-up workdays, as the State Council announces them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from core import clock
from core.database import db
from core.readiness import with_database
from core.tables import Problem, TableError, read_table
from hotline import deadlines
from hotline.catalogue import CalendarYear

_KINDS = {"休": "holiday", "放假": "holiday", "班": "workday", "上班": "workday", "调休上班": "workday"}


@click.group("calendar")
def calendar() -> None:
    """节假日安排。"""


@calendar.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=click.IntRange(2004, 2100), required=True, help="哪一年")
@with_database
def load(file: Path, year: int) -> None:
    """载入一年的放假和调休。FILE 有“日期”和“安排”两列，安排写 休 或 班；周末休息不必写。

    载入后，等着这一年的时限会立刻推算出来。
    """
    try:
        holidays, workdays = _days(file, year)
    except TableError as refused:
        for problem in refused.problems:
            click.echo(str(problem), err=True)
        raise SystemExit(1) from refused
    db.session.merge(
        CalendarYear(
            year=year,
            holidays=sorted(day.isoformat() for day in holidays),
            make_up_workdays=sorted(day.isoformat() for day in workdays),
            loaded_at=clock.now(),
        )
    )
    db.session.flush()
    settled = deadlines.settle_waiting(db.session)
    db.session.commit()
    click.echo(
        f"{year} 年：放假 {len(holidays)} 天，调休上班 {len(workdays)} 天；推算了 {settled} 个等待的时限"
    )


def _days(file: Path, year: int) -> tuple[set[date], set[date]]:
    table = read_table(file)
    table.require("日期", "安排")
    found: dict[str, set[date]] = {"holiday": set(), "workday": set()}
    problems = []
    for row in table:
        kind = _KINDS.get(row.values["安排"])
        try:
            day = date.fromisoformat(row.values["日期"][:10])
        except ValueError:
            problems.append(
                Problem(
                    table.name, row.number, "日期", f"“{row.values['日期']}”不是日期", "请写成 2027-01-01"
                )
            )
            continue
        if day.year != year:
            problems.append(Problem(table.name, row.number, "日期", f"{day} 不在 {year} 年", "请核对年份"))
        elif kind is None:
            problems.append(
                Problem(table.name, row.number, "安排", f"“{row.values['安排']}”看不懂", "请写 休 或 班")
            )
        else:
            found[kind].add(day)
    both = found["holiday"] & found["workday"]
    problems += [
        Problem(table.name, None, "日期", f"{day} 既写了休又写了班", "请核对") for day in sorted(both)
    ]
    if not problems and len(found["holiday"]) < 7:
        what = f"只有 {len(found['holiday'])} 天放假，不像一整年"
        problems.append(Problem(table.name, None, None, what, "请提供国务院公布的全年安排"))
    if problems:
        raise TableError(problems)
    return found["holiday"], found["workday"]
