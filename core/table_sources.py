"""表格来源 Table sources: rows of text cells out of a CSV or spreadsheet file, with the row numbers people see."""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import IO, Any

import python_calamine

MAX_BYTES = 200 * 1024 * 1024
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
MAX_RATIO = 200
MAX_CELLS = 20_000_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b\ud800-\udfff]")
_REFERENCE = re.compile(rb"""[ \n]r=["']([A-Z]{0,3})([0-9]{1,7})["']""")
_DELIMITERS = (",", "\t", ";", "|")
_END = "\x00end of file\x00"
_SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

Numbered = tuple[int, list[str]]
Merged = list[tuple[tuple[int, int], tuple[int, int]]]


class SourceError(Exception):
    """A file cannot be read as a table; the two arguments say what is wrong and how to mend it."""


def is_spreadsheet(path: Path) -> bool:
    """By what the file is, not by what it is called. Raises SourceError for what is no table at all."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith((_ZIP, _OLE)):
        return True
    if path.suffix.lower() in _SPREADSHEETS:
        raise SourceError("不是表格文件（内容与扩展名不符）", "请用 Excel 或 WPS 打开后另存为 .xlsx 或 .csv")
    if start.startswith((b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"Rar!", b"7z\xbc\xaf")):
        raise SourceError("不是表格文件", "请提供 .csv 或 .xlsx")
    return False


def check_size(path: Path) -> None:
    """Refuse what would not fit. Raises SourceError."""
    size = path.stat().st_size
    if size == 0:
        raise SourceError("文件是空的", "请检查是否导出成功")
    if size > MAX_BYTES:
        raise SourceError(f"文件有 {size // 1024**2} MB，超过 {MAX_BYTES // 1024**2} MB", "请拆成几个文件")
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(item.file_size for item in archive.infolist())
        except zipfile.BadZipFile as error:
            raise SourceError("文件损坏", "请重新导出") from error
        if unpacked > MAX_UNPACKED or (unpacked > 100 * 1024**2 and unpacked > size * MAX_RATIO):
            raise SourceError("解压后过大，疑似压缩炸弹", "请核对来源，或另存为 .csv")


def sheet_rows(path: Path) -> tuple[str, list[Numbered], Merged]:
    """Name, numbered rows and merged ranges of the first sheet that holds anything. Raises SourceError."""
    _refuse_far_cells(path)
    try:
        with _workbook(path) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                # a chart sheet has no cells
                rows = [[_cell(value) for value in row] for row in sheet.iter_rows()]
                if any(any(row) for row in rows):
                    left = sheet.start[1] if sheet.start else 0
                    merged = [
                        ((a, b - left), (c, d - left)) for (a, b), (c, d) in (sheet.merged_cell_ranges or [])
                    ]
                    return name, list(enumerate(rows, start=1)), merged
    except python_calamine.PasswordError as error:
        raise SourceError("文件有密码", "请取消密码后另存，再导入") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise SourceError("打不开这个表格，可能已损坏", "请用 Excel 或 WPS 打开后另存为 .xlsx") from error
    raise SourceError("表格里没有内容", "请检查导出的文件")


def _workbook(path: Path) -> Any:
    with path.open("rb") as file:
        zipped = file.read(4) == _ZIP
        if zipped and path.suffix.lower() == ".xls":
            # saved in the newer format under the older name; the library would believe the name
            file.seek(0)
            return python_calamine.CalamineWorkbook.from_filelike(file)
    return python_calamine.CalamineWorkbook.from_path(path)


def _refuse_far_cells(path: Path) -> None:
    """The library lays a sheet out as one rectangle: a lone cell far away would ask for more memory than there is,
    and end the process. Raises SourceError naming the cell."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for part in archive.namelist():
                if part.lower().endswith(".xml") and "sharedstrings" not in part.lower():
                    with archive.open(part) as file:
                        _refuse_wide(file)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise SourceError("打不开这个表格，可能已损坏", "请用 Excel 或 WPS 打开后另存为 .xlsx") from error


def _refuse_wide(part: IO[bytes]) -> None:
    right, bottom, rest = 0, 0, b""
    while block := part.read(1 << 20):
        for letters, digits in _REFERENCE.findall(rest + block):
            column = 0
            for letter in letters:
                column = column * 26 + letter - 64
            right, bottom = max(right, column), max(bottom, int(digits))
            if right * bottom > MAX_CELLS:
                raise SourceError(
                    f"单元格 {letters.decode()}{digits.decode()} 离表格太远，整张表有 {bottom} 行 {right} 列",
                    "请删去数据以外的行和列后另存",
                )
        rest = block[-20:]


def text_rows(path: Path) -> Iterator[Numbered]:
    """Numbered rows of a CSV, one at a time. Raises SourceError.

    The number is that of the line the row begins at, as an editor shows it.
    """
    csv.field_size_limit(10_000_000)
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        try:
            yield from _csv_rows(file)
        except UnicodeDecodeError as error:
            raise SourceError("文字编码混杂，读不下去", "请另存为 UTF-8 编码的 CSV") from error


def _csv_rows(file: Any) -> Iterator[Numbered]:
    sample = file.read(64 * 1024)
    file.seek(0)
    # what follows the last line tells a quote that was never closed: it is then inside the last cell
    reader = csv.reader(chain(file, [_END]), delimiter=_delimiter(sample), strict=False)
    number = 1
    try:
        for row in reader:
            if row and row[-1].endswith(_END):
                if row != [_END]:
                    raise csv.Error("a quote is never closed")
                return
            yield number, [_plain(cell) for cell in row]
            number = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(
            f"第 {number} 行附近不是合法的 CSV", "请检查引号是否成对，或另存为 .xlsx"
        ) from error


def _delimiter(sample: str) -> str:
    """The candidate that cuts the first line into most columns, or, below a title, every line into as many."""
    lines = [line for line in sample.splitlines() if line.strip()][:20]
    found = max(_DELIMITERS, key=lines[0].count) if lines else ","
    if not lines or found in lines[0]:
        return found
    # a title above the header: below it, a delimiter cuts every row into as many cells
    for candidate in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=candidate)]
        below = widths[next((place for place, width in enumerate(widths) if width > 1), len(widths)) :]
        if len(below) > 1 and len(set(below)) == 1:
            return candidate
    return ","


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise SourceError("看不懂文字编码", "请另存为 UTF-8 编码的 CSV，或 .xlsx")


def _cell(value: Any) -> str:
    """A cell as the text a person would have typed."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return _plain(str(value))


def _plain(text: str) -> str:
    text = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return _CONTROL.sub("", text).strip()
