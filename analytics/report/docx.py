"""公文 Docx: the report as a .docx that opens cleanly in Word, WPS and LibreOffice, the same bytes for the same report."""

from __future__ import annotations

from datetime import UTC
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm

from analytics.report import charts
from analytics.report.layout import CELL_MARGINS, NUMERALS, TEXT_WIDTH_MM, cell_lines, height, layout
from analytics.report.page import TABLE_STYLES, add_field, new_document
from analytics.report.parts import Chart, Heading, Paragraph, Row, Section, Table, WeeklyReport
from analytics.report.periods import SHANGHAI, minute
from analytics.report.reconcile import publishable
from analytics.report.shown import paragraph_text, shown

_STYLES = {"body": "Body Text", "item": "摘录", "note": "表注"}
# A table up to this tall stays on one page.
_KEPT_WHOLE_MM = 65


def render_docx(report: WeeklyReport) -> bytes:
    """The report as .docx. Raises ReconciliationError when it does not reconcile, FontMissing without a CJK font."""
    return _Writer(publishable(report)).written()


class _Writer:
    def __init__(self, report: WeeklyReport) -> None:
        self.report = report
        self.document = new_document()
        self._captions = {"表": 0, "图": 0}
        self._bookmarks = 0

    def written(self) -> bytes:
        self._front()
        for index, section in enumerate(self.report.sections):
            self._heading(f"{NUMERALS[index]}、{section.heading}", 1, bookmark=f"section_{section.key}")
            for block in section.blocks:
                match block:
                    case Paragraph():
                        self.document.add_paragraph(paragraph_text(block), style=_STYLES[block.style])
                    case Heading():
                        self._heading(block.text, block.level)
                    case Table():
                        self._table(block)
                    case Chart():
                        self._chart(block)
        self._properties()
        buffer = BytesIO()
        self.document.save(buffer)
        return _repeatable(buffer.getvalue(), self.report)

    def _front(self) -> None:
        period = self.report.period
        self.document.add_paragraph(self.report.title, style="Title")
        self.document.add_paragraph(period.title, style="Subtitle")
        self.document.add_paragraph(f"数据截止：{minute(period.cut_off)}", style="Subtitle")
        self._contents(self.report.sections)

    def _contents(self, sections: tuple[Section, ...]) -> None:
        """A table of contents without page numbers: links that are right before any field is updated."""
        self.document.add_paragraph("目　录", style="目录题")
        for index, section in enumerate(sections):
            paragraph = self.document.add_paragraph(
                style="目录项" if index < len(sections) - 1 else "目录末项"
            )
            if index == 0:
                self._field_marks(paragraph, "begin", ' TOC \\o "1-1" \\n \\h \\z ', "separate")
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), f"section_{section.key}")
            link.set(qn("w:history"), "1")
            run = paragraph.add_run(f"{NUMERALS[index]}、{section.heading}")
            link.append(run._r)
            paragraph._p.append(link)
            if index == len(sections) - 1:
                self._field_marks(paragraph, "end")

    @staticmethod
    def _field_marks(paragraph: Any, *marks: str) -> None:
        for mark in marks:
            run = paragraph.add_run()
            if mark.startswith(" "):
                code = OxmlElement("w:instrText")
                code.set(qn("xml:space"), "preserve")
                code.text = mark
                run._r.append(code)
            else:
                field = OxmlElement("w:fldChar")
                field.set(qn("w:fldCharType"), mark)
                run._r.append(field)

    def _heading(self, text: str, level: int, bookmark: str = "") -> None:
        paragraph = self.document.add_paragraph(text, style=f"Heading {level}")
        if bookmark:
            self._bookmarks += 1
            for tag in ("bookmarkStart", "bookmarkEnd"):
                mark = OxmlElement(f"w:{tag}")
                mark.set(qn("w:id"), str(self._bookmarks))
                if tag == "bookmarkStart":
                    mark.set(qn("w:name"), bookmark)
                    paragraph._p.insert(1, mark)
                else:
                    paragraph._p.append(mark)

    def _caption(self, kind: str, text: str, style: str) -> None:
        self._captions[kind] += 1
        paragraph = self.document.add_paragraph(kind, style=style)
        add_field(paragraph, f"SEQ {kind} \\* ARABIC", str(self._captions[kind]))
        paragraph.add_run(f"　{text}")

    def _chart(self, chart: Chart) -> None:
        paragraph = self.document.add_paragraph(style="图")
        picture = paragraph.add_run().add_picture(
            BytesIO(charts.png(self.report, chart)), width=Mm(TEXT_WIDTH_MM - 4)
        )
        properties = picture._inline.docPr
        properties.set("name", chart.key)
        properties.set("title", chart.title)
        properties.set("descr", chart.alt)
        self._caption("图", chart.caption, "图题")

    def _table(self, table: Table) -> None:
        self._caption("表", table.title, "Caption")
        size, widths, two_lines = layout(table)
        style = TABLE_STYLES[size]
        grid = self.document.add_table(rows=0, cols=len(table.columns))
        _table_properties(grid, table, widths, CELL_MARGINS[size])
        self._row(
            grid,
            Row("head", tuple(column.title for column in table.columns)),
            table,
            style + "表头",
            two_lines=two_lines,
            head=True,
        )
        for row in table.rows:
            self._row(grid, row, table, style, two_lines=two_lines)
        if table.total:
            self._row(grid, table.total, table, style, two_lines=two_lines, strong=True)
        rows, whole = grid.rows, height(table) <= _KEPT_WHOLE_MM
        for index, row in enumerate(rows):
            for width, cell in zip(widths, row.cells, strict=True):
                cell.width = Mm(width)
            # The head stays with the first rows, the total with the last one, a short table on one page.
            if index <= 1 or index == len(rows) - 2 or (whole and index < len(rows) - 1):
                for cell in row.cells:
                    for paragraph in cell.paragraphs:
                        paragraph.paragraph_format.keep_with_next = True
        notes = "".join(text.rstrip("。") + "。" for text in table.notes)
        self.document.add_paragraph(f"注：{notes}" if notes else "", style="表注")

    def _row(
        self,
        grid: Any,
        row: Row,
        table: Table,
        style: str,
        *,
        two_lines: bool,
        head: bool = False,
        strong: bool = False,
    ) -> None:
        added = grid.add_row()
        properties = added._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if head:
            properties.append(OxmlElement("w:tblHeader"))
        for column, part, cell in zip(table.columns, row.cells, added.cells, strict=True):
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            paragraph = cell.paragraphs[0]
            paragraph.style = self.document.styles[style]
            broken = two_lines and column.kind == "share" and not head
            lines = cell_lines(shown(part)) if broken else [shown(part)]
            run = paragraph.add_run(lines[0])
            run.bold = True if strong else None
            for line in lines[1:]:
                run.add_break()
                run.add_text(line)
            if column.kind == "number":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            elif column.kind == "share":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _properties(self) -> None:
        report, core = self.report, self.document.core_properties
        moment = report.period.cut_off.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        core.title = f"{report.title}（{report.period.title}）"
        core.subject = f"{report.inputs.scope} {report.period.week}"
        core.author = core.last_modified_by = f"{report.inputs.scope}12345热线"
        core.keywords = "12345热线;周报;热点"
        core.comments = f"数据截止 {minute(report.period.cut_off)}"
        core.language = "zh-CN"
        core.created = core.modified = moment
        core.revision = 1


def _table_properties(grid: Any, table: Table, widths: list[float], margin: int) -> None:
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    properties = grid._tbl.tblPr
    for tag in ("w:tblW", "w:tblBorders", "w:tblCellMar"):
        old = properties.find(qn(tag))
        if old is not None:
            properties.remove(old)
    total = sum(round(Mm(width) / Emu(635)) for width in widths)
    width = parse_xml(f'<w:tblW {nsdecls("w")} w:w="{total}" w:type="dxa"/>')
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="{weight}" w:space="0" w:color="{colour}"/>'
        for side, weight, colour in (
            ("top", 10, "000000"),
            ("bottom", 10, "000000"),
            ("insideH", 4, "A6A6A6"),
        )
    )
    borders = parse_xml(f"<w:tblBorders {nsdecls('w')}>{edges}</w:tblBorders>")
    margins = parse_xml(
        f'<w:tblCellMar {nsdecls("w")}><w:top w:w="28" w:type="dxa"/><w:left w:w="{margin}" w:type="dxa"/>'
        f'<w:bottom w:w="28" w:type="dxa"/><w:right w:w="{margin}" w:type="dxa"/></w:tblCellMar>'
    )
    # The schema fixes the order of these: style, width, alignment, borders, layout, margins, look, caption.
    style = properties.find(qn("w:tblStyle"))
    at = 0 if style is None else 1
    properties.insert(at, width)
    layout_element = properties.find(qn("w:tblLayout"))
    layout_element.addprevious(borders)
    layout_element.addnext(margins)
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), table.title)
    properties.append(caption)
    for column, width_mm in zip(grid.columns, widths, strict=True):
        column.width = Mm(width_mm)


def _repeatable(data: bytes, report: WeeklyReport) -> bytes:
    """The same package with its members' times set to the cut-off, so that equal reports are equal files."""
    moment = report.period.cut_off.astimezone(SHANGHAI)
    stamp = (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0)
    out = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(ZipInfo(info.filename, stamp), source.read(info), ZIP_DEFLATED, 6)
    return out.getvalue()
