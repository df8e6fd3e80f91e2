"""回放图 Pictures of a replay: alerts a week against the budget, and the share of hidden events found by size."""

from __future__ import annotations

from typing import Any

from core.console.charts import BLUE, RED

INK = "#1b2430"
_FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


def alerts_by_week(report: dict[str, Any]) -> dict[str, Any]:
    """Bars of alerts by week and the promised budget as a line.

    The bars hold true alerts too, which the budget does not count: the line is for size, not a limit on the bars.
    """
    import altair as alt

    budget = report["settings"]["budget_per_week"]
    weeks = [
        {"week": f"{row['from'][5:]} 起", "alerts": row["alerts"]} for row in report["history"]["by_week"]
    ]
    top = max([budget, *(row["alerts"] for row in weeks)]) + 0.5
    height = alt.Y(
        "alerts:Q", title="条/周", scale=alt.Scale(domain=[0, top]), axis=alt.Axis(tickMinStep=1, format="d")
    )
    bars = (
        alt.Chart(alt.Data(values=weeks))
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("week:O", title=None, sort=None, axis=alt.Axis(labelAngle=-40, labelOverlap=True)),
            y=height,
            tooltip=[alt.Tooltip("week:O", title="周"), alt.Tooltip("alerts:Q", title="预警")],
        )
    )
    line = (
        alt.Chart(alt.Data(values=[{"budget": budget, "name": f"误报上限 {budget:g} 条/周"}]))
        .mark_rule(strokeDash=[6, 4], strokeWidth=2, color=RED)
        .encode(y=alt.Y("budget:Q", title="条/周"), tooltip=alt.Tooltip("name:N", title="承诺"))
    )
    return _finished((bars + line).properties(width="container", height=220))


def recall_by_size(report: dict[str, Any]) -> dict[str, Any]:
    """The share of hidden events found by number of complainants, with 95 % intervals."""
    import altair as alt

    rows = [
        {"size": name, "value": one["value"], "low": one["low"], "high": one["high"],
         "told": f"{one['hits']}/{one['of']}"}
        for name, one in report["injected"]["by_size"].items()
    ]  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("size:O", title=None, sort=None, axis=alt.Axis(labelAngle=0))
    )
    scale = alt.Scale(domain=[0, 1])
    dots = base.mark_bar(color=BLUE, size=28).encode(
        y=alt.Y("value:Q", title="找出", scale=scale, axis=alt.Axis(format="%")),
        tooltip=[
            alt.Tooltip("size:O", title="诉求人"),
            alt.Tooltip("told:N", title="找出/藏入"),
            alt.Tooltip("low:Q", title="95% 下限", format=".0%"),
            alt.Tooltip("high:Q", title="95% 上限", format=".0%"),
        ],
    )
    bounds = base.mark_rule(color=INK, strokeWidth=2).encode(y=alt.Y("low:Q", title="找出"), y2="high:Q")
    return _finished((dots + bounds).properties(width="container", height=220))


def _finished(chart: Any) -> dict[str, Any]:
    return chart.configure(font=_FONT).configure_view(stroke=None).to_dict()
