"""网页 Html: the report as a fragment for the console's page, or as one page that stands by itself.

The fragment carries no script and no inline style; ``STYLE`` is what it wants of a style sheet. Every count is marked
with its address, or linked where the caller says where to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from analytics.report import charts
from analytics.report.layout import NUMERALS
from analytics.report.parts import Cell, Chart, Listing, Paragraph, Part, Share, WeeklyReport
from analytics.report.periods import minute
from analytics.report.reconcile import publishable
from analytics.report.shown import shown

Link = Callable[[Cell], str | None]


def _source(name: str) -> str:
    return files("analytics.report").joinpath("templates", name).read_text(encoding="utf-8")


STYLE = _source("report.css")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_html(report: WeeklyReport, *, standalone: bool = False, link: Link | None = None) -> str:
    """The report as HTML: an ``<article>``, or with ``standalone`` a whole page with its style and a print layout.

    ``link`` gives the address of a count's orders, None for no link. Raises ReconciliationError, FontMissing.
    """
    publishable(report)
    template = _environment().get_template("page.html" if standalone else "report.html")
    return template.render(
        report=report,
        numerals=NUMERALS,
        cut_off=minute(report.period.cut_off),
        style=Markup(STYLE),  # noqa: S704  our own style sheet
        picture=lambda chart: _picture(report, chart),
        marked=lambda part: _marked(part, link),
        kind=lambda block: type(block).__name__,
        text=lambda block: _text(block, link),
    )


def _picture(report: WeeklyReport, chart: Chart) -> Markup:
    return Markup(charts.svg(report, chart))  # noqa: S704  drawn here from escaped text


def _text(block: Paragraph, link: Link | None) -> Markup:
    """A paragraph with its counts marked."""
    return Markup("").join(_marked(part, link) for part in block.parts)


def _marked(part: Part, link: Link | None) -> Markup:
    match part:
        case Cell():
            return _to(part, link, str(part.value))
        case Share():
            percentage, bracket, fraction = shown(part).partition("（")
            head = _to(part.parts[0][1], link, percentage) if len(part.parts) == 1 else escape(percentage)
            return Markup('<span class="share">{}<small>{}</small></span>').format(head, bracket + fraction)
        case Listing() if part.items:
            return Markup("、").join(
                Markup("{}{}").format(name, _to(cell, link, str(cell.value))) for name, cell in part.items
            )
    return escape(shown(part))


def _to(cell: Cell, link: Link | None, text: str) -> Markup:
    target = link(cell) if link is not None and cell.value else None
    if target:
        return Markup('<a href="{}" data-cell="{}">{}</a>').format(target, cell.address, text)
    return Markup('<span data-cell="{}">{}</span>').format(cell.address, text)


__all__ = ["STYLE", "render_html"]
