"""表格来源 Table sources: rows of text cells out of a CSV or spreadsheet file, with the row numbers people see."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine

MAX_BYTES = 200 * 1024 * 1024
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
MAX_RATIO = 200
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b]")
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
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
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


def text_rows(path: Path | None) -> Iterator[Numbered]:
    """Numbered rows of a CSV, one at a time; None reads standard input. Raises SourceError.

    The number is that of the line the row begins at, as an editor shows it.
    """
    csv.field_size_limit(10_000_000)
    if path is None:
        data = sys.stdin.buffer.read()
        yield from _csv_rows(io.StringIO(_decode(data), newline=""))
        return
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        try:
            yield from _csv_rows(file)
        except UnicodeDecodeError as error:
            raise SourceError("文字编码混杂，读不下去", "请另存为 UTF-8 编码的 CSV") from error


def _csv_rows(file: Any) -> Iterator[Numbered]:
    sample = file.read(64 * 1024)
    file.seek(0)
    reader = csv.reader(file, delimiter=_delimiter(sample), strict=False)
    number = 1
    try:
        for row in reader:
            yield number, [_plain(cell) for cell in row]
            number = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(
            f"第 {number} 行附近不是合法的 CSV", "请检查引号是否成对，或另存为 .xlsx"
        ) from error


def _delimiter(sample: str) -> str:
    """The candidate that cuts the first lines into most columns of equal number."""
    lines = [line for line in sample.splitlines() if line.strip()][:20]
    best, best_score = ",", 0.0
    for candidate in (",", "\t", ";", "|"):
        counts = [line.count(candidate) for line in lines[:1]]
        score = float(counts[0]) if counts else 0.0
        if score > best_score:
            best, best_score = candidate, score
    return best


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


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError("看不懂文字编码", "请用 UTF-8")


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
