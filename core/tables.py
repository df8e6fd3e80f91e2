"""表格 Tables: reading the spreadsheets offices really export, and writing clean ones.

A title row, blank rows, two-row and merged headers, GB18030, ``_x000D_`` and other oddities are met with sense; what
cannot be is refused with the file, the row, the column, what is wrong and how to mend it.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import sys
import tempfile
import unicodedata
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from core.files import whole_file
from core.table_sources import (
    Merged,
    Numbered,
    SourceError,
    check_size,
    is_spreadsheet,
    sheet_rows,
    text_rows,
)

_HEADER_SEARCH = 30
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: where, what, and how to mend it. ``str`` is one Chinese line."""

    file: str
    row: int | None
    column: str | None
    what: str
    mend: str = ""

    def __str__(self) -> str:
        where = "".join(
            (f"第 {self.row} 行" if self.row is not None else "", f"“{self.column}”列" if self.column else "")
        )
        return (
            f"{self.file}：{where + '：' if where else ''}{self.what}{'。' + self.mend if self.mend else ''}"
        )


class TableError(Exception):
    """A file was refused; ``problems`` names everything wrong that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number in the file and its cells by column name."""

    number: int
    values: dict[str, str]


class Table:
    """A table that can be gone through more than once; a CSV is read anew each time and never held whole."""

    def __init__(self, name: str, path: Path, sheet: tuple[list[Numbered], Merged] | None) -> None:
        self.name = name
        self._path = path
        self._sheet = sheet
        self.columns, self._places, self._body_from = self._header()

    def require(self, *columns: str) -> None:
        """Raise TableError unless every one of these columns is there."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            has = "、".join(self.columns)
            raise TableError(
                [Problem(self.name, None, None, f"缺少列：{'、'.join(missing)}", f"这个文件的列有：{has}")]
            )

    def __iter__(self) -> Iterator[Row]:
        """The rows below the header; blank ones are passed over, numbers stay those of the file.

        Raises TableError for a row with more cells than there are columns.
        """
        width = max(self._places) + 1
        for number, cells in self._numbered():
            if number < self._body_from or not any(cells):
                continue
            if any(cells[width:]):
                extra = "这一行的单元格比表头多"
                raise TableError(
                    [Problem(self.name, number, None, extra, "请检查是否有未加引号的逗号或换行")]
                )
            values = {
                column: cells[place] if place < len(cells) else ""
                for column, place in zip(self.columns, self._places, strict=True)
            }
            if any(values.values()):
                yield Row(number, values)

    def _numbered(self) -> Iterator[Numbered]:
        if self._sheet is not None:
            yield from self._sheet[0]
            return
        try:
            yield from text_rows(self._path)
        except SourceError as error:
            raise TableError([Problem(self.name, None, None, *error.args)]) from error

    def _header(self) -> tuple[list[str], list[int], int]:
        """Names, their places, and the number of the first row below the header."""
        first = [row for _, row in zip(range(_HEADER_SEARCH), self._numbered(), strict=False)]
        merged = _filled(first, self._sheet[1]) if self._sheet else dict(first)
        widths = [sum(1 for cell in cells if cell) for _, cells in first]
        full = max(widths, default=0)
        if full == 0:
            raise TableError([Problem(self.name, None, None, "表格里没有内容", "请检查导出的文件")])
        for place, (number, raw) in enumerate(first):
            cells = merged[number]
            names = [cell for cell in cells if cell]
            if len(set(names)) >= min(2, full) and len(names) * 2 > full and not _numeric(names):
                below = first[place + 1] if place + 1 < len(first) else None
                if below and self._is_two_rows(number, raw, below):
                    joined = [
                        f"{a}/{b}" if a and b and a != b else a or b
                        for a, b in _side_by_side(cells, merged[below[0]])
                    ]
                    return (*self._named(joined), below[0] + 1)
                return (*self._named(cells), number + 1)
        raise TableError(
            [Problem(self.name, None, None, "找不到表头", "请保留一行列名，如 留言编号、留言时间、留言详情")]
        )

    def _is_two_rows(self, number: int, raw: list[str], below: Numbered) -> bool:
        """A header of two rows: the upper one has merged cells, and the lower one names what lies under them."""
        if self._sheet is None:
            return False
        spans = [(a, c) for a, c in self._sheet[1] if a[0] == number - 1]
        across = any(c[1] > a[1] for a, c in spans)
        return (
            across
            and below[0] == number + 1
            and not _numeric([cell for cell in below[1] if cell])
            and bool(raw)
        )

    def _named(self, cells: Sequence[str]) -> tuple[list[str], list[int]]:
        names: list[str] = []
        places: list[int] = []
        problems = []
        for place, cell in enumerate(cells):
            name = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell))
            if not name:
                continue
            if name in names:
                problems.append(Problem(self.name, None, name, "有两列同名", "请改名后再用"))
            names.append(name)
            places.append(place)
        if problems:
            raise TableError(problems)
        return names, places


def read_table(source: str | Path, *, name: str | None = None) -> Table:
    """Open a CSV, TSV, xlsx, xls or ods; ``-`` is a CSV on standard input. ``name`` is what messages call it.

    Raises TableError.
    """
    if str(source) == "-":
        return _from_standard_input(name or "标准输入")
    path = Path(source)
    shown = name or path.name
    try:
        if not path.is_file():
            raise SourceError("没有这个文件", "请检查路径")
        check_size(path)
        if is_spreadsheet(path):
            _, rows, merged = sheet_rows(path)
            return Table(shown, path, (rows, merged))
        return Table(shown, path, None)
    except SourceError as error:
        raise TableError([Problem(shown, None, None, *error.args)]) from error


def _from_standard_input(name: str) -> Table:
    """Standard input can be read once, a table is gone through twice: a copy lives as long as the table."""
    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    path = Path(file.name)
    try:
        table = Table(name, path, None)
    except BaseException:
        path.unlink()
        raise
    weakref.finalize(table, path.unlink, missing_ok=True)
    return table


def _filled(rows: list[Numbered], merged: Merged) -> dict[int, list[str]]:
    """Rows by number with the value of a merged range in each of its cells."""
    found = {number: list(cells) for number, cells in rows}
    for (top, left), (bottom, right) in merged:
        value = found.get(top + 1, [])[left : left + 1]
        for row in range(top, bottom + 1):
            cells = found.get(row + 1)
            if cells is None or not value:
                continue
            # a title merged over the whole width is no header
            if right - left + 1 >= len(cells) > 1:
                continue
            for column in range(left, min(right + 1, len(cells))):
                cells[column] = value[0]
    return found


def _side_by_side(upper: Sequence[str], lower: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place in range(max(len(upper), len(lower))):
        yield (upper[place] if place < len(upper) else ""), (lower[place] if place < len(lower) else "")


def _numeric(cells: Sequence[str]) -> bool:
    numbers = sum(
        1 for cell in cells if normalise_number(cell).replace(".", "", 1).replace("-", "").isdigit()
    )
    return numbers * 2 > len(cells)


def normalise_number(text: str) -> str:
    """Full-width digits and thousands commas as plain ones."""
    return unicodedata.normalize("NFKC", text).replace(",", "").strip()


def write_table(
    target: str | Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any] | Mapping[str, Any]],
    *,
    safe_for_spreadsheets: bool | None = None,
) -> None:
    """Write a CSV (UTF-8) or xlsx by the ending; ``-`` is a CSV on standard output. Whole or not at all.

    ``safe_for_spreadsheets`` keeps a cell that begins like a formula from being one (on by default for xlsx).
    """
    spreadsheet = str(target).lower().endswith(".xlsx")
    safe = spreadsheet if safe_for_spreadsheets is None else safe_for_spreadsheets
    lines = ([_shown(value, safe) for value in _in_order(row, columns)] for row in rows)
    if str(target) == "-":
        out = io.StringIO(newline="")
        _write_csv(out, columns, lines)
        sys.stdout.write(out.getvalue())
        return
    if spreadsheet:
        _write_xlsx(Path(target), columns, lines)
        return
    with whole_file(target, "w", encoding="utf-8", newline="") as file:
        _write_csv(file, columns, lines)


def _in_order(row: Sequence[Any] | Mapping[str, Any], columns: Sequence[str]) -> Sequence[Any]:
    return [row.get(column, "") for column in columns] if isinstance(row, Mapping) else row


def _shown(value: Any, safe: bool) -> Any:
    if isinstance(value, str) and safe and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value


def _write_csv(file: Any, columns: Sequence[str], lines: Iterable[list[Any]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        # the writer does not quote a bare carriage return, and readers take it for the end of the row
        writer.writerow(
            [
                cell.replace("\r\n", "\n").replace("\r", "\n") if isinstance(cell, str) else cell
                for cell in line
            ]
        )


def _write_xlsx(target: Path, columns: Sequence[str], lines: Iterable[list[Any]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("工单")
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    try:
        for line in lines:
            sheet.append(
                [ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in line]
            )
    except BaseException:
        sheet.close()
        raise
    with whole_file(target) as file:
        book.save(file)
