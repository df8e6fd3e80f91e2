"""The four forms of one report: the same numbers, the official page, nothing drawn without a font."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn

from analytics.report import charts
from analytics.report.build import build_weekly
from analytics.report.docx import render_docx
from analytics.report.figures import figures
from analytics.report.html import STYLE, render_html
from analytics.report.layout import TEXT_WIDTH_MM, layout
from analytics.report.parts import Chart, Row, Table
from analytics.report.pdf import document, render_pdf
from analytics.report.reconcile import ReconciliationError
from analytics.report.shown import shown
from tests.analytics.report_fixture import CUT_OFF, count_at, make_inputs

try:
    charts.require_font()
except charts.FontMissing as missing:  # the rest of the report's tests need no font
    pytest.skip(str(missing), allow_module_level=True)

REPORT = build_weekly(make_inputs(260))
CHARTS = [block for section in REPORT.sections for block in section.blocks if isinstance(block, Chart)]


@pytest.fixture(scope="module")
def docx() -> bytes:
    return render_docx(REPORT)


@pytest.fixture(scope="module")
def opened(docx: bytes):
    return Document(BytesIO(docx))


@pytest.fixture(scope="module")
def page() -> str:
    return render_html(REPORT, standalone=True)


def rows_of(table: Table) -> list[list[str]]:
    rows = [Row("head", tuple(column.title for column in table.columns)), *table.rows]
    rows += [table.total] if table.total else []
    return [[shown(part) for part in row.cells] for row in rows]


class _Tables(HTMLParser):
    """Cells of every table of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._inside = False

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.tables[-1][-1][-1] += data


def test_four_forms_one_set_of_numbers(opened, page):
    expected = [rows_of(table) for table in REPORT.tables().values()]
    in_docx = [
        [[cell.text.replace("\n", "") for cell in row.cells] for row in table.rows] for table in opened.tables
    ]
    parser = _Tables()
    parser.feed(page)
    blocks = [block for section in figures(REPORT)["sections"] for block in section["blocks"]]
    in_json = [
        [[column["title"] for column in block["columns"]]]
        + [
            [row["cells"][column["key"]]["text"] for column in block["columns"]]
            for row in (*block["rows"], *([block["total"]] if block["total"] else []))
        ]
        for block in blocks
        if block["kind"] == "table"
    ]
    in_pdf = [
        [
            [text.replace("\n", "") for text in row]
            for row in (block["head"], *block["rows"], *([block["total"]] if block["total"] else []))
        ]
        for section in document(REPORT)["sections"]
        for block in section["blocks"]
        if block["kind"] == "table"
    ]
    assert in_docx == expected
    assert parser.tables == expected
    assert in_json == expected
    assert in_pdf == expected


def test_paragraphs_read_the_same_in_docx_and_page(opened, page):
    text = re.sub(r"<[^>]+>", "", page)
    written = [paragraph.text for paragraph in opened.paragraphs if paragraph.style.name == "Body Text"]
    assert len(written) > 15
    assert [words for words in written if words not in text] == []


def test_page_is_that_of_the_standard(opened):
    section = opened.sections[0]
    sizes = [round(length.mm) for length in (section.page_width, section.page_height)]
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert sizes == [210, 297] and [round(length.mm) for length in margins] == [37, 35, 28, 26]


@pytest.mark.parametrize(
    ("style", "font", "size", "line"),
    [
        ("Title", "方正小标宋简体", 22, 36),
        ("Body Text", "仿宋_GB2312", 16, 28),
        ("Heading 1", "黑体", 16, 28),
        ("Heading 2", "楷体_GB2312", 16, 28),
    ],
)
def test_type_is_that_of_the_standard(opened, style, font, size, line):
    found = opened.styles[style]
    assert found.element.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert found.font.size.pt == size
    assert found.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY
    assert found.paragraph_format.line_spacing.pt == line


def test_headings_are_headings_in_order(opened):
    found = [paragraph.text for paragraph in opened.paragraphs if paragraph.style.name == "Heading 1"]
    assert found[0] == "一、总体情况" and found[-1] == "九、统计口径" and len(found) == 9


def test_page_numbers_stand_between_dashes_on_the_outer_side(opened):
    section = opened.sections[0]
    for footer in (section.footer, section.even_page_footer):
        assert footer.paragraphs[0].text == "— 1 —"
    assert opened.settings.odd_and_even_pages_header_footer


def test_tables_repeat_their_head_keep_rows_whole_and_stay_on_the_page(opened):
    for table in opened.tables:
        head, *rest = table.rows
        assert head._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in (head, *rest))
        assert sum(cell.width.mm for cell in head.cells) <= TEXT_WIDTH_MM + 0.5


def test_wide_tables_are_set_smaller_and_never_wider():
    table = REPORT.tables()["units_judged"]
    long = Row("x", ("某某街道办事处综合行政执法协调服务中心" * 2, *table.rows[0].cells[1:]))
    for rows in (table.rows, (long,)):
        size, widths, _ = layout(replace(table, rows=rows))
        assert sum(widths) <= TEXT_WIDTH_MM + 0.01 and size >= 9 and min(widths) > 5


def test_every_picture_says_what_it_shows(opened):
    alts = [shape._inline.docPr.get("descr") for shape in opened.inline_shapes]
    assert alts == [chart.alt for chart in CHARTS] and all(alts)


def test_same_report_same_file(docx):
    again = render_docx(build_weekly(make_inputs(260)))
    assert again == docx
    with ZipFile(BytesIO(docx)) as package:
        assert {info.date_time[:5] for info in package.infolist()} == {(2026, 11, 16, 6, 0)}


def test_properties_name_the_week_and_the_cut_off(opened):
    core = opened.core_properties
    assert "2026年第46周" in core.title and core.author == "青羊区12345热线"
    assert core.created.replace(tzinfo=CUT_OFF.tzinfo).timestamp() == CUT_OFF.timestamp() - 8 * 3600


def test_every_chart_reads_the_table_beside_it():
    for chart in CHARTS:
        table = REPORT.tables()[chart.table]
        index = table.column(chart.series[0])
        wanted = [float(shown(row.cells[index])) for row in table.rows if row.key != "others"]
        title = table.columns[index].title
        assert [
            record["value"] for record in charts.records(table, chart) if record["series"] == title
        ] == wanted


def test_charts_are_pictures_with_their_words_in_them():
    chart = CHARTS[0]
    assert charts.png(REPORT, chart).startswith(b"\x89PNG")
    drawn = charts.svg(REPORT, chart)
    assert "周一" in drawn and "本周" in drawn


def test_no_font_no_chart(monkeypatch, tmp_path):
    monkeypatch.setattr(charts, "font_folders", lambda: (tmp_path,))
    with pytest.raises(charts.FontMissing, match="fonts-noto-cjk"):
        render_docx(REPORT)
    (tmp_path / "NotoSansCJK-Regular.ttc").touch()
    charts._find_font.cache_clear()
    assert charts.require_font() == "Noto Sans CJK SC"
    charts._find_font.cache_clear()


@pytest.mark.parametrize("render", [render_docx, render_html, render_pdf, figures])
def test_no_form_of_a_report_that_does_not_add_up(render):
    broken = replace(REPORT, inputs=replace(REPORT.inputs, orders=REPORT.inputs.orders[1:]))
    with pytest.raises(ReconciliationError):
        render(broken)


def test_fragment_brings_no_script_and_no_inline_style_and_escapes():
    first, *rest = REPORT.inputs.hotspots
    nasty = replace(first, name="<script>alert(1)</script>", examples=("<img src=x onerror=1>",))
    fragment = render_html(build_weekly(replace(REPORT.inputs, hotspots=(nasty, *rest))))
    assert fragment.startswith("<article") and "<script" not in fragment and "<img" not in fragment
    assert " style=" not in fragment and "&lt;script&gt;" in fragment


def test_counts_link_to_their_orders():
    fragment = render_html(REPORT, link=lambda cell: f"/orders?of={cell.measure}&n={len(cell.order_ids)}")
    intake = count_at(REPORT.tables()["channels"].total, 1)
    assert (
        f'<a href="/orders?of=intake&amp;n={intake.value}" data-cell="intake">{intake.value}</a>' in fragment
    )


def test_standalone_page_carries_its_style(page):
    assert (
        page.startswith("<!DOCTYPE html>")
        and STYLE.splitlines()[0] in page
        and "http" not in re.sub(r"http://www\.w3\.org\S*", "", page)
    )


def test_figures_are_json_and_give_ids_when_asked():
    plain, full = figures(REPORT), figures(REPORT, with_ids=True)
    assert json.loads(json.dumps(plain, ensure_ascii=False)) == plain
    assert "order_ids" not in json.dumps(plain) and "order_ids" in json.dumps(full)


def test_pdf_is_the_same_every_time_and_holds_selectable_text(tmp_path):
    first = render_pdf(REPORT)
    assert first.startswith(b"%PDF") and first == render_pdf(REPORT)
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: the text was not looked at")
    (tmp_path / "r.pdf").write_bytes(first)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "r.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    squeezed = re.sub(r"\s", "", text)
    assert "一、总体情况" in squeezed and "—1—" in squeezed
    missing = [
        cell
        for table in ("days", "channels", "units_handling")
        for row in rows_of(REPORT.tables()[table])
        for cell in row
        if cell.partition("（")[0] not in squeezed
    ]
    assert missing == []


def test_a_week_without_a_single_order_still_makes_every_form():
    empty = build_weekly(make_inputs(0))
    assert render_docx(empty) and render_pdf(empty) and figures(empty)
    assert "请先核实数据是否接入" in render_html(empty)
