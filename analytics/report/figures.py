"""数据文件 Figures: the report as JSON-able values, the same numbers as every other form, with their parts.

Each table cell carries ``text`` (as printed) and, where it is a figure, ``value``, ``numerator``, ``denominator`` and
the ``address`` a reader drills down by. Order ids are left out unless asked for.
"""

from __future__ import annotations

from typing import Any

from analytics.report.parts import (
    Cell,
    Change,
    Chart,
    Composite,
    Given,
    Heading,
    Listing,
    Mean,
    Number,
    OrderRef,
    Paragraph,
    Part,
    Row,
    Share,
    Table,
    WeeklyReport,
)
from analytics.report.reconcile import publishable
from analytics.report.shown import paragraph_text, shown

FORMAT = "weekly-report/1"


def figures(report: WeeklyReport, with_ids: bool = False) -> dict[str, Any]:
    """The report as a dict of plain values, ready for ``json.dumps``. Raises ReconciliationError."""
    publishable(report)
    period, inputs = report.period, report.inputs
    return {
        "format": FORMAT,
        "title": report.title,
        "week": period.week,
        "scope": inputs.scope,
        "period": {
            "from": period.start.isoformat(),
            "to": period.end.isoformat(),
            "partial": period.partial,
            "time_zone": "Asia/Shanghai",
        },
        "cut_off": period.cut_off.isoformat(),
        "definitions": inputs.definitions_version,
        "sections": [
            {
                "key": section.key,
                "heading": section.heading,
                "blocks": [_block(block, with_ids) for block in section.blocks],
            }
            for section in report.sections
        ],
    }


def _block(block: Paragraph | Heading | Table | Chart, with_ids: bool) -> dict[str, Any]:
    match block:
        case Paragraph():
            numbers = [_part(part, with_ids) for part in block.parts if not isinstance(part, str)]
            return {"kind": "paragraph", "text": paragraph_text(block), "figures": numbers}
        case Heading():
            return {"kind": "heading", "level": block.level, "text": block.text}
        case Chart():
            return {
                "kind": "chart",
                "key": block.key,
                "title": block.title,
                "alt": block.alt,
                "table": block.table,
            }
        case Table():
            return {
                "kind": "table",
                "key": block.key,
                "title": block.title,
                "columns": [{"key": column.key, "title": column.title} for column in block.columns],
                "rows": [_row(block, row, with_ids) for row in block.rows],
                "total": _row(block, block.total, with_ids) if block.total else None,
                "notes": list(block.notes),
            }
    raise TypeError(f"not a block of a report: {block!r}")


def _row(table: Table, row: Row, with_ids: bool) -> dict[str, Any]:
    cells = zip(table.columns, row.cells, strict=True)
    return {"key": row.key, "cells": {column.key: _part(part, with_ids) for column, part in cells}}


def _part(part: Part, with_ids: bool) -> dict[str, Any]:
    return {"text": shown(part)} | _values(part, with_ids)


def _values(part: Part, with_ids: bool) -> dict[str, Any]:
    match part:
        case Cell():
            ids = {"order_ids": list(part.order_ids)} if with_ids else {}
            return {"value": part.value, "address": part.address} | ids
        case Share():
            return {
                "value": None if part.value is None else float(part.value),
                "numerator": float(part.numerator),
                "denominator": part.of.value,
                "small": part.is_small,
                "parts": [{"weight": float(weight)} | _values(cell, with_ids) for weight, cell in part.parts],
            }
        case Composite():
            return {"value": None if part.value is None else float(part.value), "small": part.is_small}
        case Mean():
            return {
                "value": part.cell.value / part.days,
                "numerator": part.cell.value,
                "denominator": part.days,
            }
        case Change():
            base = part.before.value
            return {
                "value": part.difference / base if base else None,
                "numerator": None if base is None else part.difference,
                "denominator": base,
            }
        case Given() | Number():
            return {"value": part.value}
        case OrderRef():
            return {"order_id": part.id}
        case Listing():
            return {"items": [{"name": name} | _values(cell, with_ids) for name, cell in part.items]}
    return {}
