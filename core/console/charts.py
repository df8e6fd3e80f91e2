"""图表 Charts: Vega-Lite specifications for the console's pages; each page shows a table of the same figures beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BLUE, GREY, RED = "#1f5fa8", "#8a94a3", "#c2410c"
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
    return chart.configure(font=_FONT).configure_view(stroke=None).to_dict()
