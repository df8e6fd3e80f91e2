"""① 总体情况 Headline: intake, daily mean, against last week and last year, by day, channel and type."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.report import words
from analytics.report.ledger import Ledger
from analytics.report.parts import Block, Change, Chart, Column, Given, Mean, Part, Row, Section, Table, body
from analytics.report.periods import WEEKDAYS, monday_of, month_day
from analytics.report.sections.emerging import announced, named

_MOST_WEEKS = 8
_COUNTED = (
    Column("intake", "本周", "number", partition=True),
    Column("share", "占本周", "share"),
    Column("intake_before", "上周", "number", partition=True),
    Column("change", "比上周", "share"),
)


def section(ledger: Ledger) -> Section:
    return Section("headline", "总体情况", tuple(_blocks(ledger)))


def _blocks(ledger: Ledger) -> Iterator[Block]:
    period, inputs = ledger.period, ledger.inputs
    intake = ledger.cell("intake")
    last_year = None
    if inputs.same_week_last_year_intake is not None and not period.partial:
        last_year = Change(intake, Given("same_week_last_year", inputs.same_week_last_year_intake))
    yield words.headline(
        period,
        inputs.scope,
        Change(intake, ledger.cell("intake_before")),
        last_year,
        Mean(intake, period.days),
    )
    yield _attention(ledger)
    if intake.value:
        yield words.leading("从渠道看", _largest(ledger, "channel"))
        yield words.leading("从诉求类型看", _largest(ledger, "request_type"))
    yield _by_day(ledger)
    if intake.value:
        yield Chart(
            "chart_days",
            "每日受理量与上周同日",
            "columns",
            "days",
            "day",
            ("intake", "intake_before"),
            _alt(ledger),
        )
    weeks = _by_week(ledger)
    if len(weeks.rows) > 3:
        yield Chart(
            "chart_weeks",
            "近期各周受理量",
            "line",
            "weeks",
            "week",
            ("intake",),
            f"折线图：{weeks.rows[0].cells[0]}至{weeks.rows[-1].cells[0]}的各周受理量；数值见同名表。",
        )
        yield weeks
    yield _split(ledger, "channel", "channels", "渠道")
    yield _split(ledger, "request_type", "request_types", "诉求类型")


def _attention(ledger: Ledger) -> Block:
    """What the reader should not miss, said once more and checked like everything else."""
    listed = announced(ledger)
    names = "、".join(f"“{named(hotspot)}”" for hotspot in listed[:3])
    parts: list[Part] = ["需要关注："]
    if listed:
        parts.append(
            f"新出现或上升的热点{len(listed)}个，{'最紧急的是' if len(listed) > 3 else '即'}{names}；"
        )
    else:
        parts.append("没有达到预警线的新热点；")
    return body(
        *parts,
        "截至数据截止时，计时的在办工单已逾期",
        ledger.share("overdue", "open_timed"),
        "。详见第二、第七部分。",
    )


def _largest(ledger: Ledger, dimension: str) -> list[words.Named]:
    values = ledger.values(dimension, "intake")[:3]
    return [(value, ledger.share_of_all("intake", **{dimension: value})) for value in values]


def _row(ledger: Ledger, key: str, label: str, **where: str) -> Row:
    now, before = ledger.cell("intake", **where), ledger.cell("intake_before", **where)
    return Row(key, (label, now, ledger.share_of_all("intake", **where), before, Change(now, before)))


def _notes(ledger: Ledger) -> tuple[str, ...]:
    return ("本周尚未结束；上周栏只计到相应的时刻。",) if ledger.period.partial else ()


def _by_day(ledger: Ledger) -> Table:
    rows = tuple(
        _row(ledger, str(index), f"{month_day(day)}（{WEEKDAYS[index]}）", weekday=str(index))
        for index, day in enumerate(ledger.period.dates)
    )
    columns = (Column("day", "日期", solid=True), *_COUNTED)
    return Table("days", "每日受理量（件）", columns, rows, _row(ledger, "total", "合计"), _notes(ledger))


def _split(ledger: Ledger, dimension: str, key: str, name: str) -> Table:
    now = ledger.values(dimension, "intake")
    only_before = [value for value in ledger.values(dimension, "intake_before") if value not in now]
    rows = tuple(_row(ledger, value, value, **{dimension: value}) for value in now + only_before)
    columns = (Column(dimension, name), *_COUNTED)
    return Table(
        key, f"按{name}分的受理量（件）", columns, rows, _row(ledger, "total", "合计"), _notes(ledger)
    )


def _by_week(ledger: Ledger) -> Table:
    given = ledger.inputs.previous_weeks_intake
    this = ledger.period.week
    rows = [
        Row(week, (_week_name(week), Given(f"intake_of_{week}", given[week])))
        for week in sorted(week for week in given if week < this)[-_MOST_WEEKS:]
    ]
    rows.append(Row(this, (_week_name(this), ledger.cell("intake"))))
    notes = ("最后一周尚未结束。",) if ledger.period.partial else ()
    columns = (Column("week", "周（起始日）", solid=True), Column("intake", "受理", "number"))
    return Table("weeks", "近期各周受理量（件）", columns, tuple(rows), None, notes)


def _week_name(week: str) -> str:
    return f"第{int(week[-2:])}周（{month_day(monday_of(week))}起）"


def _alt(ledger: Ledger) -> str:
    counts = [ledger.cell("intake", weekday=str(index)).value for index in range(len(ledger.period.dates))]
    most = counts.index(max(counts))
    day = month_day(ledger.period.dates[most])
    return f"柱状图：本周各日受理量与上周同日对照。本周最多的一天是{day}，{counts[most]}件；数值见同名表。"
