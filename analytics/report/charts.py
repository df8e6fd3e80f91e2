"""图 Charts: pictures of the report's own tables, by Altair and vl-convert, with a Chinese font or not at all.

A chart reads the table that stands beside it, so it can show no other numbers. Shades differ in lightness as well as
hue: a grey print still tells them apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from analytics.report.parts import Cell, Chart, Given, Number, Part, Table, WeeklyReport
from analytics.report.shown import shown

_VEGA_LITE = "6.4"
_WIDTH = 600
_DARK, _LIGHT, _ACCENT, _INK = "#1f4e79", "#b9c7d6", "#c0392b", "#333333"
# Font families by the beginning of their file's name, in order of preference.
_FAMILIES = {
    "NotoSansCJK": "Noto Sans CJK SC",
    "NotoSansSC": "Noto Sans SC",
    "SourceHanSansCN": "Source Han Sans CN",
    "SourceHanSansSC": "Source Han Sans SC",
    "wqy-zenhei": "WenQuanYi Zen Hei",
    "wqy-microhei": "WenQuanYi Micro Hei",
}


class FontMissing(RuntimeError):
    """No Chinese font on this machine: a chart would be empty boxes, so none is drawn."""

    code = "font_missing"

    def __init__(self) -> None:
        super().__init__(
            "没有找到中文字体，图中的汉字会变成空框，因此不出图。请安装：apt-get install fonts-noto-cjk"
            "（没有管理员权限时，把 NotoSansCJK 字体文件放进 ~/.local/share/fonts），然后重试。"
        )


def font_folders() -> tuple[Path, ...]:
    """Folders the system keeps fonts in, those that exist."""
    home = Path(os.environ.get("HOME", "/nonexistent"))
    system = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
    return tuple(
        folder for folder in (*system, home / ".fonts", home / ".local/share/fonts") if folder.is_dir()
    )


@cache
def _find_font(folders: tuple[Path, ...]) -> str | None:
    names = {path.name for folder in folders for path in folder.rglob("*.[ot]t[fc]")}
    return next(
        (family for start, family in _FAMILIES.items() if any(name.startswith(start) for name in names)), None
    )


def require_font() -> str:
    """Family name of an installed Chinese font; raises FontMissing, which says how to mend it."""
    family = _find_font(font_folders())
    if family is None:
        raise FontMissing
    return family


def png(report: WeeklyReport, chart: Chart, scale: float = 2.5) -> bytes:
    """The chart as PNG, 600 × ``scale`` pixels wide: 244 dpi on a 156 mm text width by default."""
    return vl_convert.vegalite_to_png(specification(report, chart), vl_version=_VEGA_LITE, scale=scale)


def svg(report: WeeklyReport, chart: Chart) -> str:
    """The chart as an SVG element, its text as text."""
    return vl_convert.vegalite_to_svg(specification(report, chart), vl_version=_VEGA_LITE)


def specification(report: WeeklyReport, chart: Chart) -> dict[str, Any]:
    """The chart as a Vega-Lite specification with its data inside. Raises FontMissing."""
    family = require_font()
    table = report.tables()[chart.table]
    draw = {"columns": _columns, "bars": _bars, "line": _line, "observed_expected": _observed_expected}[
        chart.kind
    ]
    config = {
        "font": family,
        "axis": {
            "labelFontSize": 13,
            "titleFontSize": 13,
            "labelColor": _INK,
            "gridColor": "#e4e7ea",
            "domainColor": "#888",
        },
        "legend": {
            "labelFontSize": 13,
            "orient": "top",
            "title": None,
            "symbolStrokeWidth": 0,
            "symbolType": "square",
            "symbolOpacity": 1,
        },
        "view": {"stroke": None},
        "text": {"fontSize": 12, "color": _INK},
    }
    spec = draw(table, chart).properties(
        width=_WIDTH,
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        background="white",
        padding=6,
    )
    return {**spec.to_dict(), "config": config}


def records(table: Table, chart: Chart) -> list[dict[str, Any]]:
    """The chart's data in long form: label, series (the column's title), value; totals and the rest left out."""
    label = table.column(chart.label)
    ranked = chart.kind == "observed_expected"
    return [
        {
            "label": (f"{row.cells[0]}．" if ranked else "") + shown(row.cells[label]),
            "series": table.columns[index].title,
            "value": value,
        }
        for row in table.rows
        if row.key != "others"
        for index in map(table.column, chart.series)
        for value in _value(row.cells[index])
    ]


def _value(part: Part) -> Iterator[float]:
    match part:
        case Cell(value=value) | Number(value=value):
            yield value
        case Given(value=value) if value is not None:
            yield value
        case str() if part.isdigit():
            yield int(part)


def _scale(table: Table, chart: Chart, colours: tuple[str, ...]) -> alt.Scale:
    titles = [table.columns[table.column(key)].title for key in chart.series]
    return alt.Scale(domain=titles, range=list(colours[: len(titles)]))


def _base(table: Table, chart: Chart) -> alt.Chart:
    return alt.Chart(alt.Data(values=records(table, chart)))


def _columns(table: Table, chart: Chart) -> alt.LayerChart:
    base = _base(table, chart).encode(
        x=alt.X(
            "label:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelAngle=0, labelExpr="split(replace(datum.label, '）', ''), '（')"),
        ),
        xOffset=alt.XOffset("series:N", sort=None, scale=alt.Scale(paddingInner=0.05)),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
    )
    first = table.columns[table.column(chart.series[0])].title
    bars = base.mark_bar().encode(
        color=alt.Color("series:N", scale=_scale(table, chart, (_DARK, _LIGHT)), sort=None)
    )
    labels = base.mark_text(dy=-7).encode(
        text="value:Q", opacity=alt.condition(alt.datum.series == first, alt.value(1), alt.value(0))
    )
    return (bars + labels).properties(height=230)


def _bars(table: Table, chart: Chart) -> alt.LayerChart:
    rows = len({record["label"] for record in records(table, chart)})
    base = _base(table, chart).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=230)),
        yOffset=alt.YOffset("series:N", sort=None),
        x=alt.X("value:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
    )
    bars = base.mark_bar().encode(
        color=alt.Color("series:N", scale=_scale(table, chart, (_DARK, _LIGHT)), sort=None)
    )
    return (bars + base.mark_text(align="left", dx=4, fontSize=11).encode(text="value:Q")).properties(
        height=27 * rows + 60
    )


def _line(table: Table, chart: Chart) -> alt.LayerChart:
    base = _base(table, chart).encode(
        x=alt.X(
            "label:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, '（')[0]"),
        ),
        y=alt.Y(
            "value:Q",
            title=None,
            axis=alt.Axis(tickMinStep=1, format="d"),
            scale=alt.Scale(zero=True),
        ),
    )
    return (
        base.mark_line(color=_DARK, strokeWidth=2.5)
        + base.mark_point(color=_DARK, filled=True, size=55, opacity=1)
        + base.mark_text(dy=-12).encode(text="value:Q")
    ).properties(height=180)


def _observed_expected(table: Table, chart: Chart) -> alt.LayerChart:
    titles = [table.columns[table.column(key)].title for key in chart.series]
    names = {record["label"] for record in records(table, chart)}
    base = _base(table, chart).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X("value:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
        color=alt.Color("series:N", scale=alt.Scale(domain=titles, range=[_DARK, _ACCENT]), sort=None),
    )
    observed = base.transform_filter(alt.datum.series == titles[0])
    expected = base.transform_filter(alt.datum.series == titles[1])
    expected_value = expected.encode(text=alt.Text("value:Q", format=".1f"), color=alt.value(_ACCENT))
    return (
        observed.mark_bar(height=16, opacity=1)
        + expected.mark_tick(thickness=5, size=26, opacity=1)
        + expected_value.mark_text(dy=20, fontSize=11)
        + observed.mark_text(align="left", dx=5).encode(text="value:Q", color=alt.value(_INK))
    ).properties(height=46 * len(names) + 80)
