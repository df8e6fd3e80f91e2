"""编报 Build: from one week's snapshot to the report object. Pure: the same inputs give the same report."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from analytics.report.ledger import Ledger
from analytics.report.parts import WeeklyReport
from analytics.report.periods import period_of
from analytics.report.records import WeeklyInputs
from analytics.report.sections import (
    cases,
    deadlines,
    emerging,
    follow_up,
    headline,
    method,
    outlook,
    topics,
    units,
)

_SECTIONS = (headline, emerging, follow_up, topics, units, cases, deadlines, outlook, method)


def build_weekly(inputs: WeeklyInputs) -> WeeklyReport:
    """Build the weekly report of ``inputs.week``.

    Raises ValueError (in Chinese) when the week is no ISO week, the cut-off lacks a time zone or lies before the week,
    or the definitions' version is unknown. The result is not yet fit to be read: see ``reconcile.publishable``.
    """
    period = period_of(inputs.week, inputs.cut_off)
    inputs = replace(
        inputs,
        orders=tuple(inputs.orders),
        visit_backs=tuple(inputs.visit_backs),
        hotspots=tuple(inputs.hotspots),
        last_week_hotspots=tuple(inputs.last_week_hotspots),
        cases=tuple(inputs.cases),
        previous_weeks_intake=MappingProxyType(dict(inputs.previous_weeks_intake)),
        holidays_next_week=None if inputs.holidays_next_week is None else tuple(inputs.holidays_next_week),
        unit_order=tuple(inputs.unit_order),
    )
    ledger = Ledger(inputs, period)
    return WeeklyReport(
        title=f"{inputs.scope}12345热线一周热点报告",
        inputs=inputs,
        period=period,
        sections=tuple(module.section(ledger) for module in _SECTIONS),
    )
