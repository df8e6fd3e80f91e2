"""图表 Charts: Vega-Lite specifications for the console's pages; each page shows a table of the same figures beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BLUE, GREY, RED, TEAL = "#1f5fa8", "#8a94a3", "#c2410c", "#0f766e"
_FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


def counts_by_day(series: Sequence[dict[str, Any]], *, since: str = "") -> dict[str, Any]:
    """Bars of daily counts with the expected level as a line.

    ``series``: dicts with ``date`` (ISO), ``count`` and ``expected``; bars from ``since`` on are marked as the burst.
    """
    import altair as alt

    rows = [row | {"part": "爆发期" if since and row["date"] >= since else "平时"} for row in series]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%m-%d", labelOverlap=True))
    )
    bars = base.mark_bar().encode(
        y=alt.Y("count:Q", title="件/日", axis=alt.Axis(tickMinStep=1)),
        color=alt.Color(
            "part:N", title=None, scale=alt.Scale(domain=["平时", "爆发期"], range=[GREY, RED]),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=[
            alt.Tooltip("date:T", title="日期", format="%Y-%m-%d"),
            alt.Tooltip("count:Q", title="件数"),
            alt.Tooltip("expected:Q", title="预期", format=".2f"),
        ],
    )  # fmt: skip
    line = base.mark_line(color=BLUE, strokeDash=[5, 3], strokeWidth=2).encode(y="expected:Q")
    chart = (bars + line).properties(width="container", height=240)
    return _finished(chart)


def reliability(points: Sequence[dict[str, float]]) -> dict[str, Any]:
    """How often a model was right against how sure it said it was; the grey line is where both agree.

    ``points``: dicts with ``said``, ``right`` (0 … 1) and ``n``.
    """
    import altair as alt

    scale = alt.Scale(domain=[0, 1])
    straight = (
        alt.Chart(alt.Data(values=[{"a": 0}, {"a": 1}]))
        .mark_line(strokeDash=[4, 4], color=GREY)
        .encode(x=alt.X("a:Q", scale=scale), y=alt.Y("a:Q", scale=scale))
    )
    base = alt.Chart(alt.Data(values=list(points))).encode(
        x=alt.X("said:Q", title="模型说的把握", scale=scale, axis=alt.Axis(format="%")),
        y=alt.Y("right:Q", title="实际答对", scale=scale, axis=alt.Axis(format="%")),
    )
    dots = base.mark_circle(color=BLUE, opacity=1).encode(
        size=alt.Size("n:Q", title="件数", scale=alt.Scale(range=[30, 300])),
        tooltip=[
            alt.Tooltip("said:Q", title="把握", format=".0%"),
            alt.Tooltip("right:Q", title="答对", format=".0%"),
            alt.Tooltip("n:Q", title="件数"),
        ],
    )
    return _finished((straight + base.mark_line(color=BLUE) + dots).properties(width="container", height=260))


def shares_by_week(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Lines of shares week by week.

    ``rows``: dicts with ``week`` (2026-W47), ``name`` (of the line) and ``share`` (0 … 1).
    """
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=list(rows)))
        .mark_line(point=True)
        .encode(
            x=alt.X("week:O", title=None, axis=alt.Axis(labelAngle=-40)),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%")),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(range=[BLUE, TEAL, GREY]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("week:O", title="周"),
                alt.Tooltip("name:N", title="指标"),
                alt.Tooltip("share:Q", title="值", format=".1%"),
            ],
        )
    )
    return _finished(chart.properties(width="container", height=220))


def _finished(chart: Any) -> dict[str, Any]:
    return chart.configure(font=_FONT).configure_view(stroke=None).to_dict()
