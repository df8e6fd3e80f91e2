"""PDF: the report on the official page, compiled by typst; text selectable, bookmarks, the same bytes every time."""

from __future__ import annotations

import json
from datetime import UTC
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from analytics.report import charts
from analytics.report.layout import CELL_MARGINS, NUMERALS, cell_lines, height, layout
from analytics.report.parts import Block, Chart, Heading, Paragraph, Row, Table, WeeklyReport
from analytics.report.periods import SHANGHAI, minute
from analytics.report.reconcile import publishable
from analytics.report.shown import paragraph_text, shown

# A table up to this tall stays on one page.
_KEPT_WHOLE_MM = 65


def render_pdf(report: WeeklyReport) -> bytes:
    """The report as PDF. Raises ReconciliationError, FontMissing."""
    publishable(report)
    charts.require_font()
    with TemporaryDirectory(prefix="weekly-report-") as name:
        folder = Path(name)
        for section in report.sections:
            for block in section.blocks:
                if isinstance(block, Chart):
                    (folder / f"{block.key}.png").write_bytes(charts.png(report, block))
        (folder / "data.json").write_text(json.dumps(document(report), ensure_ascii=False), encoding="utf-8")
        source = folder / "report.typ"
        with files("analytics.report").joinpath("templates", "report.typ").open("rb") as template:
            source.write_bytes(template.read())
        moment = report.period.cut_off.astimezone(UTC).replace(microsecond=0)
        return typst.compile(
            str(source),
            root=str(folder),
            font_paths=[str(path) for path in charts.font_folders()],
            timestamp=moment,
        )


def document(report: WeeklyReport) -> dict[str, Any]:
    """What the page is filled with: texts only, laid out as the .docx is."""
    moment = report.period.cut_off.astimezone(SHANGHAI)
    return {
        "title": report.title,
        "period": report.period.title,
        "cut_off": minute(report.period.cut_off),
        "author": f"{report.inputs.scope}12345热线",
        "date": [moment.year, moment.month, moment.day, moment.hour, moment.minute],
        "sections": [
            {
                "heading": f"{NUMERALS[index]}、{section.heading}",
                "blocks": [_block(block) for block in section.blocks],
            }
            for index, section in enumerate(report.sections)
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", "style": block.style, "text": paragraph_text(block)}
        case Heading():
            return {"kind": "heading", "level": block.level, "text": block.text}
        case Chart():
            return {
                "kind": "chart",
                "title": block.caption,
                "alt": block.alt,
                "file": f"{block.key}.png",
            }
        case Table():
            return _table(block)
    raise TypeError(f"not a block of a report: {block!r}")


def _table(table: Table) -> dict[str, Any]:
    size, widths, two_lines = layout(table)

    def cells(row: Row) -> list[str]:
        return [
            "\n".join(cell_lines(shown(part))) if two_lines and column.kind == "share" else shown(part)
            for column, part in zip(table.columns, row.cells, strict=True)
        ]

    return {
        "kind": "table",
        "title": table.title,
        "size": size,
        "whole": height(table) <= _KEPT_WHOLE_MM,
        "margin": CELL_MARGINS[size],
        "widths": widths,
        "kinds": [column.kind for column in table.columns],
        "head": [column.title for column in table.columns],
        "rows": [cells(row) for row in table.rows],
        "total": cells(table.total) if table.total else [],
        "note": "注：" + "".join(table.notes) if table.notes else "",
    }
