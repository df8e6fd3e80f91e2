"""The spreadsheets offices really export: read with sense, or refused with what to do."""

from __future__ import annotations

import csv
import io
import struct
import sys
import tempfile
import tracemalloc
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tables import Problem, Row, Table, TableError, normalise_number, read_table, write_table

HEADER = ["编号", "时间", "内容"]


def sheet(path: Path, rows: list[list[Any]], merged: tuple[str, ...] = ()) -> Path:
    """An xlsx of one sheet."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for cells in merged:
        page.merge_cells(cells)
    book.save(path)
    return path


def text(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def refusal(path: Path | str) -> str:
    """What a person reads when a file is refused, on opening or on reading through."""
    with pytest.raises(TableError) as refused:
        list(read_table(path))
    assert refused.value.problems
    assert str(refused.value) == "\n".join(str(problem) for problem in refused.value.problems)
    return str(refused.value)


def rows_of(table: Table) -> list[tuple[int, list[str]]]:
    return [(row.number, list(row.values.values())) for row in table]


# --- spreadsheets


def test_title_rows_blank_rows_and_true_row_numbers(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["某区热线工单汇总表"],
        [None],
        ["制表日期：2026-11-23"],
        HEADER,
        [1, "2026-11-01", "路灯坏了"],
        [None, None, None],
        [2, "2026-11-02", "井盖丢失"],
        [" ", None, "\t"],
        [3, "2026-11-03", "噪声"],
    ]
    table = read_table(sheet(tmp_path / "a.xlsx", rows, ("A1:C1", "A3:C3")))
    assert table.columns == HEADER
    assert rows_of(table) == [
        (5, ["1", "2026-11-01", "路灯坏了"]),
        (7, ["2", "2026-11-02", "井盖丢失"]),
        (9, ["3", "2026-11-03", "噪声"]),
    ]
    assert rows_of(table) == rows_of(table)  # more than once


def test_two_row_header_with_merged_cells(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["编号", "诉求人", None, "内容"],
        [None, "姓名", "电话", None],
        [7, "王芳", 13800000000, "漏水"],
    ]
    table = read_table(sheet(tmp_path / "a.xlsx", rows, ("A1:A2", "B1:C1", "D1:D2")))
    assert table.columns == ["编号", "诉求人/姓名", "诉求人/电话", "内容"]
    assert rows_of(table) == [(3, ["7", "王芳", "13800000000", "漏水"])]


def test_two_row_header_under_a_title_and_beside_empty_columns(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [None, "2026 年 46 周", None, None, None],
        [None, "编号", "诉求人", None, "内容"],
        [None, None, "姓名", "电话", None],
        [None, 7, "王芳", 13800000000, "漏水"],
    ]
    table = read_table(sheet(tmp_path / "a.xlsx", rows, ("B1:E1", "B2:B3", "C2:D2", "E2:E3")))
    assert table.columns == ["编号", "诉求人/姓名", "诉求人/电话", "内容"]
    assert rows_of(table) == [(4, ["7", "王芳", "13800000000", "漏水"])]


def test_a_table_that_begins_elsewhere(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["C4"], page["D4"], page["C6"], page["D6"] = "编号", "内容", 1, "漏水"
    book.save(tmp_path / "a.xlsx")
    assert rows_of(read_table(tmp_path / "a.xlsx")) == [(6, ["1", "漏水"])]


def test_cells_as_a_person_would_have_typed_them(tmp_path: Path) -> None:
    values: list[Any] = [
        1, 1.0, 0.5, -3, 510104199003071234, True, False, datetime(2026, 11, 1, 9, 5), date(2026, 11, 1),
        time(9, 5), "_x000D_行一_x000D_\n行二_x000D_", " 前后 ", "a\xa0b", "零\u200b宽", "坏_xD800_字", None, "末",
    ]  # fmt: skip
    header = [f"第{place}列" for place in range(len(values))]
    (row,) = read_table(sheet(tmp_path / "a.xlsx", [header, values]))
    found = list(row.values.values())
    assert found[:4] == ["1", "1", "0.5", "-3"]
    assert found[5:7] == ["是", "否"]
    assert found[7] == "2026-11-01 09:05:00"
    assert found[8].startswith("2026-11-01")
    assert found[9].startswith("09:05")
    assert found[10:] == ["行一\n行二", "前后", "a b", "零宽", "坏字", "", "末"]
    for cell in found:
        cell.encode()  # nothing that could not be stored


def test_dates_from_cells_can_be_read_as_times(tmp_path: Path) -> None:
    from core.clock import SHANGHAI
    from core.timestamps import parse_timestamp

    path = sheet(tmp_path / "a.xlsx", [["编号", "时间"], [1, datetime(2019, 4, 25, 9, 32, 9)]])
    (row,) = read_table(path)
    assert parse_timestamp(row.values["时间"]) == datetime(2019, 4, 25, 9, 32, 9, tzinfo=SHANGHAI)


def test_the_first_sheet_that_holds_anything(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("数据").append(HEADER)
    book["数据"].append([1, "2026-11-01", "甲"])
    book.create_sheet("说明").append(["别的", "东西"])
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx")
    assert table.columns == HEADER
    assert [row.values["内容"] for row in table] == ["甲"]


@pytest.mark.parametrize("name", ["renamed.csv", "renamed.xls", "renamed", "renamed.dat"])
def test_a_spreadsheet_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    made = sheet(tmp_path / "a.xlsx", [HEADER, [1, "2026-11-01", "甲"]])
    table = read_table(made.rename(tmp_path / name))
    assert rows_of(table) == [(2, ["1", "2026-11-01", "甲"])]


def test_encrypted_spreadsheet(tmp_path: Path) -> None:
    assert "密码" in refusal(text(tmp_path / "a.xlsx", _compound_file("EncryptedPackage")))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 100),
        ("a.xlsx", "编号,内容\n1,甲\n".encode()),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("a.csv", b"%PDF-1.7\n1 0 obj"),
        ("a.csv", b"\xff\xd8\xff\xe0" + b"0" * 100),
        ("a.csv", b"Rar!\x1a\x07\x00"),
    ],
)
def test_what_is_no_table(tmp_path: Path, name: str, content: bytes) -> None:
    told = refusal(text(tmp_path / name, content))
    assert told.startswith(name)
    assert "不是表格文件" in told
    assert ".csv" in told


def test_broken_spreadsheets(tmp_path: Path) -> None:
    whole = sheet(tmp_path / "whole.xlsx", [HEADER, *[[n, "2026-11-01", "甲" * n] for n in range(1, 200)]])
    data = whole.read_bytes()
    for name, content in {
        "half.xlsx": data[: len(data) // 2],
        "start.xlsx": data[:30],
        "ole.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000,
        "scrambled.xlsx": data[:200] + bytes(len(data) - 400) + data[-200:],
    }.items():
        told = refusal(text(tmp_path / name, content))
        assert told.startswith(name)
        assert "损坏" in told
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no table")
    assert "损坏" in refusal(tmp_path / "other.xlsx")


def test_zip_bomb_by_size(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 100)
    data = bytearray((tmp_path / "bomb.xlsx").read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 3 * 1024**3)  # what it says it unpacks to
    assert "压缩炸弹" in refusal(text(tmp_path / "bomb.xlsx", bytes(data)))


def test_zip_bomb_that_is_really_one(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(102):
            part.write(bytes(1 << 20))
    assert (tmp_path / "bomb.xlsx").stat().st_size < 1_000_000
    assert "压缩炸弹" in refusal(tmp_path / "bomb.xlsx")


def test_a_lone_cell_in_the_farthest_corner(tmp_path: Path) -> None:
    """A few bytes that would ask for half a terabyte, and end the whole process."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["B1"], page["XFD1048576"] = "编号", "内容", "远"
    book.save(tmp_path / "a.xlsx")
    told = refusal(tmp_path / "a.xlsx")
    assert "XFD1048576" in told
    assert "删" in told


def test_empty_files(tmp_path: Path) -> None:
    assert "文件是空的" in refusal(text(tmp_path / "a.csv", ""))
    for name, content in {"b.csv": "\n\n\n", "c.csv": ",,\n,,\n", "d.csv": "\ufeff"}.items():
        assert "没有内容" in refusal(text(tmp_path / name, content))
    assert "没有内容" in refusal(sheet(tmp_path / "e.xlsx", []))
    assert "没有这个文件" in refusal(tmp_path / "none.csv")
    assert "没有这个文件" in refusal(tmp_path)
    assert list(read_table(sheet(tmp_path / "f.xlsx", [HEADER]))) == []


# --- headers


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_two_columns_of_one_name(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    write_table(path, ["编号", "内容", "内 容", "编号"], [["1", "甲", "乙", "2"]])
    told = refusal(path)
    assert "“内容”列：有两列同名" in told
    assert "“编号”列：有两列同名" in told


def test_names_are_compared_without_spaces_and_width(tmp_path: Path) -> None:
    assert read_table(text(tmp_path / "a.csv", "留言 编号,ＩＤ,内\u3000容\n1,2,3\n")).columns == [
        "留言编号",
        "ID",
        "内容",
    ]


def test_require(tmp_path: Path) -> None:
    table = read_table(text(tmp_path / "a.csv", "编号,内容\n1,甲\n"))
    table.require("编号")
    with pytest.raises(TableError, match="缺少列：时间、地点。这个文件的列有：编号、内容"):
        table.require("编号", "时间", "地点")


def test_no_header(tmp_path: Path) -> None:
    assert "找不到表头" in refusal(text(tmp_path / "a.csv", "1,2,3\n4,5,6\n"))


def test_one_column(tmp_path: Path) -> None:
    assert rows_of(read_table(text(tmp_path / "a.csv", "内容\n甲；乙；丙\n丁\n"))) == [
        (2, ["甲；乙；丙"]),
        (3, ["丁"]),
    ]


# --- text files


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le-bom", "utf-16-be-bom"]
)
def test_encodings(tmp_path: Path, encoding: str) -> None:
    content = "编号,内容\r\n1,路灯坏了—三天\r\n2,“井盖”\r\n"
    if encoding.endswith("-bom"):
        data = ("\ufeff" + content).encode(encoding.removesuffix("-bom"))
    else:
        data = content.encode(encoding)
    table = read_table(text(tmp_path / "a.csv", data))
    assert table.columns == ["编号", "内容"]
    assert rows_of(table) == [(2, ["1", "路灯坏了—三天"]), (3, ["2", "“井盖”"])]


def test_rare_characters_in_gb18030(tmp_path: Path) -> None:
    (row,) = read_table(text(tmp_path / "a.csv", "编号,姓名\n1,𠮷㐂\n", "gb18030"))
    assert row.values["姓名"] == "𠮷㐂"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + "编号,内容\n1,甲".encode("utf-16-le") + b"\x00\xd8",  # half of a pair
        b"\xef\xbb\xbf" + "编号,内容\n1,甲".encode() + b"\xff\xff",
        "编号,内容\n1,甲\n".encode() + b"\x80\xff\xff\n",
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, data: bytes) -> None:
    assert "编码" in refusal(text(tmp_path / "a.csv", data))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("title", ["", "某区工单表\n"])
def test_delimiters(tmp_path: Path, delimiter: str, title: str) -> None:
    lines = [HEADER, ["1", "2026-11-01", "a,b 三、四"], ["2", "2026-11-02", "c"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(lines)
    table = read_table(text(tmp_path / "a.csv", title + out.getvalue()))
    assert table.columns == HEADER
    assert [list(row.values.values()) for row in table] == lines[1:]
    assert [row.number for row in table] == ([3, 4] if title else [2, 3])


def test_quoted_newlines_and_quotes(tmp_path: Path) -> None:
    content = '编号,内容\n1,"第一行\n第二行，""引号"""\n\n2,"a,b"\n3,他说"好"的\n'
    assert rows_of(read_table(text(tmp_path / "a.csv", content))) == [
        (2, ["1", '第一行\n第二行，"引号"']),
        (5, ["2", "a,b"]),
        (6, ["3", '他说"好"的']),
    ]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_quote_never_closed_does_not_swallow_the_rest(tmp_path: Path, end: str) -> None:
    told = refusal(text(tmp_path / "a.csv", f'编号,内容\n1,甲\n2,"乙\n3,丙\n4,丁{end}'))
    assert "第 3 行" in told
    assert "引号" in told


def test_ragged_rows(tmp_path: Path) -> None:
    short = read_table(text(tmp_path / "short.csv", "编号,时间,内容\n1\n2,2026-11-01\n3,,丙,,\n"))
    assert rows_of(short) == [(2, ["1", "", ""]), (3, ["2", "2026-11-01", ""]), (4, ["3", "", "丙"])]
    told = refusal(text(tmp_path / "long.csv", "编号,内容\n1,甲\n2,乙,丙\n"))
    assert "第 3 行" in told
    assert "比表头多" in told
    xlsx = sheet(tmp_path / "a.xlsx", [HEADER, [1], [2, None, "乙", None], [3, "x", "丙", "多"]])
    assert "第 4 行" in refusal(xlsx)


def test_control_characters_go(tmp_path: Path) -> None:
    (row,) = read_table(text(tmp_path / "a.csv", "编号,内容\n1,a\x00b\x07c\ufeff\u200bd\n"))
    assert row == Row(2, {"编号": "1", "内容": "abcd"})


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encoding: str) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", _Stdin("编号,内容\n1,甲\n".encode(encoding)))
    table = read_table("-")
    assert table.name == "标准输入"
    assert rows_of(table) == rows_of(table) == [(2, ["1", "甲"])]
    del table
    assert list(tmp_path.iterdir()) == []  # nobody's words stay behind


def test_empty_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", _Stdin(b""))
    assert refusal("-").startswith("标准输入：")
    assert list(tmp_path.iterdir()) == []


def test_a_large_file_is_never_held_whole(tmp_path: Path) -> None:
    line = "20260411000001,2026-11-01 09:32:09," + "小区门口的路灯坏了，" * 100 + "\n"
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("编号,时间,内容\n")
        for _ in range(170):
            file.write(line * 100)
    assert path.stat().st_size > 50_000_000
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_table(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 17_000
    assert peak < 10_000_000


# --- writing

ROWS: list[list[Any]] = [
    ["1", "=1+1", "甲\n乙"],
    ["2", "+86 138", 'a,"b"'],
    ["3", "-5", None],
    ["4", "@SUM(A1)", "正常"],
]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_written_tables_are_read_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    write_table(path, HEADER, [*ROWS, {"编号": "5", "内容": "丙", "别的": "x"}], safe_for_spreadsheets=False)
    found = [list(row.values.values()) for row in read_table(path)]
    expected = [[cell or "" for cell in row] for row in ROWS] + [["5", "", "丙"]]
    if ending == "xlsx":
        found, expected = found[1:], expected[1:]  # the formula is one there: see below
    assert found == expected


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_formulas_are_made_harmless(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    rows: list[list[Any]] = [*ROWS, ["5", "\tTAB", "x"], ["6", "\r=1", "x"]]
    write_table(path, HEADER, rows, safe_for_spreadsheets=True)
    assert [row.values["时间"][0] for row in read_table(path)] == ["'"] * 6
    if ending == "xlsx":
        page = openpyxl.load_workbook(path).active
        assert page is not None
        assert {cell.data_type for line in page.iter_rows() for cell in line} <= {"s", "inlineStr", "n"}


def test_xlsx_is_safe_unless_told_otherwise_and_csv_is_exact(tmp_path: Path) -> None:
    write_table(tmp_path / "a.xlsx", HEADER, ROWS)
    assert next(iter(read_table(tmp_path / "a.xlsx"))).values["时间"] == "'=1+1"
    write_table(tmp_path / "a.csv", HEADER, ROWS)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("编号,时间,内容\n1,=1+1,")


def test_xlsx_drops_what_it_cannot_hold(tmp_path: Path) -> None:
    write_table(tmp_path / "a.xlsx", ["编号", "内容"], [["1", "a\x00\x0bb"], [2, "长" * 40_000]])
    rows = list(read_table(tmp_path / "a.xlsx"))
    assert rows[0].values["内容"] == "ab"
    assert rows[1].values["编号"] == "2"
    assert len(rows[1].values["内容"]) == 32_767  # a cell holds no more


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_written_whole_or_not_at_all(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    target = tmp_path / f"out.{ending}"
    write_table(target, HEADER, ROWS)
    before = target.read_bytes()

    def failing() -> Any:
        yield ["1", "2", "3"]
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        write_table(target, HEADER, failing())
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [target.name, "tmp"]


def test_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    write_table("-", HEADER, ROWS[:1])
    assert capsys.readouterr().out == '编号,时间,内容\n1,=1+1,"甲\n乙"\n'


cells = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]), max_size=8)


@given(st.lists(st.tuples(st.integers(1, 10**9), cells, cells), min_size=1, max_size=5))
def test_csv_round_trip(rows: list[tuple[int, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        write_table(path, HEADER, rows)
        assert [tuple(row.values.values()) for row in read_table(path)] == [
            (str(n), a, b) for n, a, b in rows
        ]


def test_numbers_and_problems() -> None:
    assert normalise_number(" １，２３４．５ ") == "1234.5"
    assert (
        str(Problem("甲.csv", 3, "时间", "不是时间", "请改正")) == "甲.csv：第 3 行“时间”列：不是时间。请改正"
    )
    assert str(Problem("甲.csv", None, None, "坏了")) == "甲.csv：坏了"


def _compound_file(stream: str) -> bytes:
    """The least file of Microsoft's compound format that has a stream of this name."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII109I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0,
        0, *[free] * 108,
    )  # fmt: skip

    def entry(name: str, kind: int, child: int, start: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw) if name else 0, kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, 0)
        )

    sectors = struct.pack("<128I", fat, end, *[free] * 126)
    entries = entry("Root Entry", 5, 1, end) + entry(stream, 2, free, end) + entry("", 0, free, 0) * 2
    return header + sectors + entries
