"""⑧ 下周提示 Outlook: the range of recent weeks, holidays, and what the season usually brings. No forecast is made."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import timedelta
from importlib.resources import files
from statistics import median

from analytics.report.ledger import Ledger
from analytics.report.parts import Block, Number, Part, Section, body
from analytics.report.periods import month_day

_LEAST_WEEKS = 4


def season(month: int) -> dict[str, str]:
    """The season table's row for a month (1–12): version, month, topics, reminder."""
    text = files("analytics.report").joinpath("season.csv").read_text(encoding="utf-8")
    return next(row for row in csv.DictReader(text.splitlines()) if row["month"] == str(month))


def section(ledger: Ledger) -> Section:
    start = ledger.period.start + timedelta(weeks=1)
    end = start + timedelta(days=6)
    row = season(start.month)
    holidays = ledger.inputs.holidays_next_week
    blocks: list[Block] = [
        body(
            f"下周为{month_day(start)}至{month_day(end)}。",
            _calendar(holidays),
        ),
        body(
            f"季节提示（{row['month']}月，季节提示表{row['version']}）：{row['reminder']}，涉及{row['topics']}等事项。"
            "季节提示来自一般经验，不是对本地下周数量的预测。"
        ),
    ]
    recent = _recent(ledger)
    if recent:
        blocks.append(body(*recent))
    return Section("outlook", "下周提示", tuple(blocks))


def _calendar(holidays: Sequence[str] | None) -> str:
    if holidays is None:
        return "未提供下周的节假日安排。"
    return f"日历提示：{'；'.join(holidays)}。" if holidays else "日历提示：无法定节假日和调休。"


def _recent(ledger: Ledger) -> list[Part]:
    weeks = sorted(week for week in ledger.inputs.previous_weeks_intake if week < ledger.period.week)[-8:]
    counts = [ledger.inputs.previous_weeks_intake[week] for week in weeks]
    if len(counts) < _LEAST_WEEKS:
        return []
    return [
        f"本周之前的{len(counts)}周，每周受理量最少{min(counts)}件、最多{max(counts)}件，中位数",
        Number(float(median(counts)), 0 if float(median(counts)).is_integer() else 1),
        "件，可供安排下周座席参考。",
    ]
