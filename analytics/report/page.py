"""公文版式 Page: GB/T 9704-2012 as styles of a .docx — paper, margins, type, headings, page numbers.

The standard's own typefaces are named (方正小标宋简体, 仿宋_GB2312, 楷体_GB2312, 黑体); each carries alternatives a
reader's machine is likely to have, so that no text falls back to boxes.
"""

from __future__ import annotations

from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from analytics.report.layout import LEADING

SONG_TITLE, FANGSONG, KAITI, HEITI, SONG = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
LATIN = "Times New Roman"
# Alternatives in the order a reader's machine is asked for them.
_ALTERNATIVES = {
    SONG_TITLE: "方正小标宋_GBK,华文中宋,宋体,SimSun,Noto Serif CJK SC,Source Han Serif SC",
    FANGSONG: "仿宋,FangSong,华文仿宋,Noto Serif CJK SC,Source Han Serif SC",
    KAITI: "楷体,KaiTi,华文楷体,Noto Serif CJK SC,Source Han Serif SC",
    HEITI: "SimHei,Noto Sans CJK SC,Source Han Sans SC",
    SONG: "SimSun,Noto Serif CJK SC,Source Han Serif SC",
}
TABLE_STYLES = {12.0: "表文小四", 10.5: "表文五号", 9.0: "表文小五"}


def new_document() -> Any:
    """An empty document with the page and every style the report uses, and nothing of the template's own text."""
    document = Document()
    _without_thumbnail(document)
    _page(document.sections[0])
    _styles(document)
    _footers(document)
    _font_table(document)
    _compatibility(document)
    return document


def _without_thumbnail(document: Any) -> None:
    """The template's own preview picture would show in file managers as if it were this report."""
    links = document.part.package.rels
    for key in [key for key, link in links.items() if link.reltype.endswith("/thumbnail")]:
        links.pop(key)


def _page(section: Any) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is not None:
        section._sectPr.remove(grid)


def _styles(document: Any) -> None:
    styles = document.styles
    _defaults(styles)
    normal = styles["Normal"]
    _style(normal, FANGSONG, 16)
    _exact(normal, 28)
    normal.paragraph_format.widow_control = True
    body = styles["Body Text"]
    _style(body, FANGSONG, 16, align=WD_ALIGN_PARAGRAPH.LEFT)
    _exact(body, 28)
    _first_line(body, 200)
    title = styles["Title"]
    _style(title, SONG_TITLE, 22, align=WD_ALIGN_PARAGRAPH.CENTER)
    _exact(title, 36)
    _borderless(title)
    subtitle = styles["Subtitle"]
    _style(subtitle, KAITI, 16, align=WD_ALIGN_PARAGRAPH.CENTER)
    _exact(subtitle, 28)
    for level, font in ((1, HEITI), (2, KAITI), (3, FANGSONG)):
        heading = styles[f"Heading {level}"]
        _style(heading, font, 16, bold=level == 3)
        _exact(heading, 28)
        _first_line(heading, 200)
        heading.paragraph_format.keep_with_next = True
    caption = styles["Caption"]
    _style(caption, HEITI, 12, align=WD_ALIGN_PARAGRAPH.CENTER)
    _exact(caption, 20, before=6, after=3)
    caption.paragraph_format.keep_with_next = True
    _added(styles, "图", FANGSONG, 12, WD_ALIGN_PARAGRAPH.CENTER).paragraph_format.keep_with_next = True
    _added(styles, "图题", HEITI, 12, WD_ALIGN_PARAGRAPH.CENTER, spacing=(20, 0, 8))
    _added(styles, "表注", FANGSONG, 10.5, WD_ALIGN_PARAGRAPH.LEFT, spacing=(16, 2, 8))
    _added(styles, "摘录", KAITI, 14, WD_ALIGN_PARAGRAPH.LEFT, spacing=(26, 0, 0), indent=200)
    _added(styles, "目录项", FANGSONG, 16, WD_ALIGN_PARAGRAPH.LEFT, spacing=(28, 0, 0))
    _added(styles, "目录末项", FANGSONG, 16, WD_ALIGN_PARAGRAPH.LEFT, spacing=(28, 0, 14))
    _added(
        styles, "目录题", HEITI, 16, WD_ALIGN_PARAGRAPH.CENTER, spacing=(28, 14, 0)
    ).paragraph_format.keep_with_next = True
    for size, name in TABLE_STYLES.items():
        for suffix, font, align in (
            ("", FANGSONG, WD_ALIGN_PARAGRAPH.LEFT),
            ("表头", HEITI, WD_ALIGN_PARAGRAPH.CENTER),
        ):
            _unspaced(_added(styles, name + suffix, font, size, align, spacing=(size + LEADING, 0, 0)))
    _style(styles["Footer"], SONG, 14)


def _added(
    styles: Any,
    name: str,
    font: str,
    size: float,
    align: WD_ALIGN_PARAGRAPH,
    *,
    spacing: tuple[float, float, float] | None = None,
    indent: int = 0,
) -> Any:
    style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = styles["Normal"]
    _style(style, font, size, align=align)
    if spacing:
        _exact(style, spacing[0], before=spacing[1], after=spacing[2])
    else:  # a picture stands on its own line, whatever its height
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        style.paragraph_format.space_before = Pt(6)
    _first_line(style, indent)
    return style


def _style(
    style: Any, font: str, size: float, bold: bool = False, align: WD_ALIGN_PARAGRAPH | None = None
) -> None:
    style.font.name = LATIN
    style.font.size = Pt(size)
    style.font.bold = bold
    style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:hAnsi"), LATIN)
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")  # quotation marks and dashes are Chinese ones
    spacing = style.element.rPr.find(qn("w:spacing"))
    if spacing is not None:
        style.element.rPr.remove(spacing)
    if align is not None:
        style.paragraph_format.alignment = align


def _exact(style: Any, line: float, before: float = 0, after: float = 0) -> None:
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    style.paragraph_format.line_spacing = Pt(line)
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)


def _first_line(style: Any, hundredths: int) -> None:
    """First-line indent in hundredths of a character, as Chinese documents count it."""
    properties = style.element.get_or_add_pPr()
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), str(hundredths))
    size = style.font.size.pt if style.font.size else 16
    indent.set(qn("w:firstLine"), str(int(hundredths / 100 * size * 20)))


def _unspaced(style: Any) -> None:
    """No automatic gap between Chinese and digits: in a narrow cell it would break 11月10日 in two."""
    properties = style.element.get_or_add_pPr()
    spacing = properties.find(qn("w:spacing"))
    for tag in ("w:autoSpaceDE", "w:autoSpaceDN"):  # the schema wants them right before spacing
        off = OxmlElement(tag)
        off.set(qn("w:val"), "0")
        spacing.addprevious(off)


def _borderless(style: Any) -> None:
    border = style.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        style.element.pPr.remove(border)


def _defaults(styles: Any) -> None:
    """The document's own default face, so that nothing is left to the template's theme; language is Chinese."""
    properties = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for child in list(properties):
        properties.remove(child)
    for xml in (
        f'<w:rFonts {nsdecls("w")} w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{FANGSONG}" w:cs="{LATIN}"/>',
        f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>',
    ):
        properties.append(parse_xml(xml))


def _footers(document: Any) -> None:
    """— 1 —, odd pages to the right and even pages to the left, one character in from the edge."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, align, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left"),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["Footer"]
        paragraph.alignment = align
        indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
        indent.set(qn(f"w:{side}Chars"), "100")
        indent.set(qn(f"w:{side}"), "280")
        paragraph.add_run("— ")
        add_field(paragraph, "PAGE", "1")
        paragraph.add_run(" —")


def add_field(paragraph: Any, instruction: str, result: str) -> None:
    """A field with the result it shows until it is updated."""
    for kind, text in (("begin", ""), ("", instruction), ("separate", ""), ("result", result), ("end", "")):
        run = paragraph.add_run()
        if kind == "result":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {text} "
            run._r.append(code)


def _font_table(document: Any) -> None:
    part = document.part.part_related_by(RT.FONT_TABLE)
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/></w:font>'
        for name, others in _ALTERNATIVES.items()
    )
    part._blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {nsdecls("w")}>{fonts}</w:fonts>'.encode()


def _compatibility(document: Any) -> None:
    """Ask Word for its present layout rather than a compatibility mode of 2007."""
    settings = document.settings.element
    old = settings.find(qn("w:compat"))
    compat = old if old is not None else OxmlElement("w:compat")
    if old is None:
        settings.append(compat)
    for child in compat.findall(qn("w:compatSetting")):
        compat.remove(child)
    compat.append(
        parse_xml(
            f'<w:compatSetting {nsdecls("w")} w:name="compatibilityMode"'
            ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        )
    )
