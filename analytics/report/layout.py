"""排版 Layout: how wide a table's columns are and how large its type, so that no table runs off the page."""

from __future__ import annotations

import unicodedata
from math import ceil

from analytics.report.parts import Table
from analytics.report.shown import shown

NUMERALS = "一二三四五六七八九十"
TEXT_WIDTH_MM = 210 - 28 - 26
TYPE_SIZES = (12.0, 10.5, 9.0)
LEADING = 4.5
_POINT_MM = 25.4 / 72
# Left and right cell margin by type size, in twentieths of a point.
CELL_MARGINS = {12.0: 100, 10.5: 100, 9.0: 60}


def cell_lines(text: str) -> list[str]:
    """A share in a narrow cell: the percentage above, its numerator and denominator below."""
    head, bracket, rest = text.partition("（")
    return [head, bracket + rest] if bracket and head else [text]


def layout(table: Table) -> tuple[float, list[float], bool]:
    """Type size in points, column widths in mm, and whether shares take two lines, so that the table fits the page.

    Numbers take the width they need on one line; text columns share the rest by how much they have to say. The first
    that fits is taken: shares on one line at 12 or 10.5 points, on two lines at 12, 10.5 or 9.
    """
    large, middle, small = TYPE_SIZES
    for size, two_lines in ((large, False), (middle, False), (large, True), (middle, True), (small, True)):
        widths = _widths(table, size, two_lines, squeeze=size == small)
        if widths is not None:
            return size, widths, two_lines
    return small, [TEXT_WIDTH_MM / len(table.columns)] * len(table.columns), True


def _widths(table: Table, size: float, two_lines: bool, squeeze: bool) -> list[float] | None:
    rows = (*table.rows, *((table.total,) if table.total else ()))
    em = size * _POINT_MM
    padding = 2 * CELL_MARGINS[size] / 20 * _POINT_MM + 0.6
    fixed: dict[int, float] = {}
    texts: dict[int, list[float]] = {}
    for index, column in enumerate(table.columns):
        cells = [shown(row.cells[index]) for row in rows]
        if column.kind == "share" and two_lines:
            cells = [line for text in cells for line in cell_lines(text)]
        ems = [_ems(text) for text in cells]
        if column.kind == "text" and not column.solid and max(ems, default=0) > 7:
            texts[index] = ems
        else:
            fixed[index] = max(max(ems, default=0), _ems(column.title)) * em + padding
    left = TEXT_WIDTH_MM - sum(fixed.values())
    if not texts:
        if left < 0:
            return None
        # A small table does not sprawl over the page.
        growth = min(1.6, TEXT_WIDTH_MM / sum(fixed.values()))
        return [fixed[index] * growth for index in range(len(table.columns))]
    # A text column wants its cells on one line, or on two when they are long.
    wanted = {index: max(4.0, min(max(ems), 14)) * em + padding for index, ems in texts.items()}
    least = sum(min(width, 8 * em + padding) for width in wanted.values())
    if left < (least if squeeze else 0.85 * sum(wanted.values())):
        return None
    spare = left - sum(wanted.values())
    appetite = {index: max(0.0, max(ems) * em + padding - wanted[index]) for index, ems in texts.items()}
    hunger = sum(appetite.values())
    if spare < 0:
        grown = {index: width * left / sum(wanted.values()) for index, width in wanted.items()}
    elif hunger:
        grown = {index: wanted[index] + spare * appetite[index] / hunger for index in texts}
    else:
        grown = {index: wanted[index] + spare / len(texts) for index in texts}
    return [fixed[index] if index in fixed else grown[index] for index in range(len(table.columns))]


def _ems(text: str) -> float:
    """Width of a text in ems: a Chinese character one, a Latin one a half, and the gap set between the two kinds."""
    width = sum(1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.52 for character in text)
    han = [unicodedata.category(character) == "Lo" for character in text]
    latin = [character.isascii() and character.isalnum() for character in text]
    gaps = sum((han[i] and latin[i + 1]) or (latin[i] and han[i + 1]) for i in range(len(text) - 1))
    return width + 0.25 * gaps


def height(table: Table) -> float:
    """About how tall the table will stand, in mm, without its caption."""
    size, widths, two_lines = layout(table)
    em = size * _POINT_MM
    padding = 2 * CELL_MARGINS[size] / 20 * _POINT_MM
    lines = 1
    for row in (*table.rows, *((table.total,) if table.total else ())):
        needed = [
            2.0 if two_lines and column.kind == "share" else _ems(shown(part)) * em / (width - padding)
            for column, part, width in zip(table.columns, row.cells, widths, strict=True)
        ]
        lines += max(1, ceil(max(needed)))
    return lines * (size + LEADING) * _POINT_MM + (len(table.rows) + 2) * 1.0
