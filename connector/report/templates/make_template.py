"""Makes ``bao-cao-thang.docx``, the Word template the office may edit, from ``connector.report.wording``.

Run ``python -m connector.report.templates.make_template`` after changing the wording or the layout; a test holds that
the committed file is what this makes. Measures follow Nghị định 30/2020/NĐ-CP, Phụ lục I.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor

from connector.report import wording
from connector.report.ooxml import set_core_properties, zip_fixed

TEMPLATE = Path(__file__).with_name("bao-cao-thang.docx")
FONT = "Times New Roman"
MADE_AT = datetime(2022, 3, 1, tzinfo=UTC)

CENTER, LEFT, JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY
TEXT_WIDTH = 210 - 30 - 15
APPENDIX_WIDTHS = (11, 35, 23, 60, 34, 29, 23, 17, 20)
"""Columns of the appendix in mm; together the 252 mm between the margins of the landscape page."""

# Name of a style → point size, bold, italic, alignment, first line (cm), space after (pt).
STYLES: dict[str, tuple[float, bool, bool, Any, float, float]] = {
    "VB Quốc hiệu": (12, True, False, CENTER, 0, 0),
    "VB Tiêu ngữ": (13, True, False, CENTER, 0, 0),
    "VB Cơ quan chủ quản": (12, False, False, CENTER, 0, 0),
    "VB Cơ quan ban hành": (12, True, False, CENTER, 0, 0),
    "VB Số ký hiệu": (13, False, False, CENTER, 0, 0),
    "VB Địa danh": (13, False, True, CENTER, 0, 0),
    "VB Tên loại": (14, True, False, CENTER, 0, 0),
    "VB Trích yếu": (14, True, False, CENTER, 0, 0),
    "VB Nội dung": (14, False, False, JUSTIFY, 1, 6),
    "VB Khoản": (14, True, False, JUSTIFY, 1, 6),
    "VB Nơi nhận": (12, True, True, LEFT, 0, 0),
    "VB Danh sách nhận": (11, False, False, LEFT, 0, 0),
    "VB Chức vụ": (14, True, False, CENTER, 0, 0),
    "VB Họ tên": (14, True, False, CENTER, 0, 0),
    "VB Phụ lục": (14, True, False, CENTER, 0, 0),
    "VB Tên phụ lục": (13, True, False, CENTER, 0, 0),
    "VB Kèm theo": (13, False, True, CENTER, 0, 0),
    "VB Đầu bảng": (12, True, False, CENTER, 0, 0),
    "VB Ô chữ": (12, False, False, LEFT, 0, 0),
    "VB Ô số": (12, False, False, CENTER, 0, 0),
    "VB Kết thúc": (13, False, False, WD_ALIGN_PARAGRAPH.RIGHT, 0, 0),
}


def build() -> bytes:
    """The template as bytes; the same bytes every time."""
    doc = Document()
    _prepare(doc)
    _page(doc.sections[0])
    _page_number(doc.sections[0])
    _letterhead(doc)
    _title(doc)
    _body(doc)
    _signature(doc)
    _appendix(doc)
    set_core_properties(doc, title="Mẫu báo cáo tháng", author="", at=MADE_AT)
    buffer = io.BytesIO()
    doc.save(buffer)
    return zip_fixed(buffer.getvalue())


def _prepare(doc: Any) -> None:
    """One font in all four slots, black, Vietnamese; no unused styles, no thumbnail, today's Word mode."""
    styles = doc.styles
    keep = {"Normal", "Header", "Default Paragraph Font", "Normal Table", "No List"}
    for style in list(styles):
        if style.name not in keep:
            style.delete()
    defaults = styles.element.find(qn("w:docDefaults"))
    run = defaults.find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for child in list(run):
        run.remove(child)
    run.append(_fonts())
    language = OxmlElement("w:lang")
    for slot in ("val", "eastAsia", "bidi"):
        language.set(qn(f"w:{slot}"), "vi-VN")
    run.append(language)
    paragraph = defaults.find(qn("w:pPrDefault"))
    for child in list(paragraph):
        paragraph.remove(child)
    for name in ("Normal", "Header"):
        _style(styles[name], 14 if name == "Normal" else 13, False, False, None, 0, 0)
    for name, measures in STYLES.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.quick_style = True
        _style(style, *measures)
    styles["VB Khoản"].paragraph_format.keep_with_next = True
    package = doc.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[key]
    settings = doc.settings.element
    for old in settings.findall(qn("w:compat")):
        settings.remove(old)
    compat, mode = OxmlElement("w:compat"), OxmlElement("w:compatSetting")
    mode.set(qn("w:name"), "compatibilityMode")
    mode.set(qn("w:uri"), "http://schemas.microsoft.com/office/word")
    mode.set(qn("w:val"), "15")
    compat.append(mode)
    following = settings.find(qn("w:rsids"))
    if following is None:
        settings.append(compat)
    else:
        following.addprevious(compat)


def _fonts() -> Any:
    fonts = OxmlElement("w:rFonts")
    for slot in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{slot}"), FONT)
    return fonts


def _style(style: Any, size: float, bold: bool, italic: bool, align: Any, indent_cm: float, after: float) -> None:
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    properties.insert(0, _fonts())
    style.font.size = Pt(size)
    complex_size = OxmlElement("w:szCs")
    complex_size.set(qn("w:val"), str(int(size * 2)))
    properties.find(qn("w:sz")).addnext(complex_size)
    style.font.bold, style.font.italic = bold, italic
    style.font.color.rgb = RGBColor(0, 0, 0)
    layout = style.paragraph_format
    layout.alignment = align
    layout.first_line_indent = Cm(indent_cm)
    layout.space_before, layout.space_after = Pt(0), Pt(after)
    layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
    layout.widow_control = True


def _page(section: Any, landscape: bool = False) -> None:
    width, height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = width, height
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    numbers = section._sectPr.find(qn("w:pgNumType"))
    if numbers is None:
        numbers = OxmlElement("w:pgNumType")
        section._sectPr.find(qn("w:pgMar")).addnext(numbers)
    numbers.set(qn("w:start"), "1")


def _page_number(section: Any) -> None:
    header = section.header
    header.is_linked_to_previous = False
    paragraph = header.paragraphs[0]
    paragraph.style = "Header"
    paragraph.alignment = CENTER
    for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("", "2"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            char = OxmlElement("w:fldChar")
            char.set(qn("w:fldCharType"), kind)
            run._r.append(char)
        elif text == "2":
            run.text = text
        else:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = text
            run._r.append(code)


def placeholders(sentence: str) -> str:
    """``{name}`` of the wording as the placeholder ``{{ name }}`` of the template."""
    return re.sub(r"\{(\w+)\}", r"{{ \1 }}", sentence)


def _write(place: Any, text: str, style: str, before: float = 0) -> Any:
    """A paragraph of one run, blanks kept; into the empty first paragraph of a cell if it is unused."""
    unused = getattr(place, "paragraphs", [])
    first = unused[0] if len(unused) == 1 and not unused[0].text and not hasattr(place, "sections") else None
    paragraph = first or place.add_paragraph()
    paragraph.style = style
    _run(paragraph, placeholders(text))
    if before:
        paragraph.paragraph_format.space_before = Pt(before)
    return paragraph


def _run(paragraph: Any, text: str, italic: bool = False) -> None:
    run = paragraph.add_run(text)
    if italic:
        run.italic = True
    for part in run._r.findall(qn("w:t")):
        part.set(qn("xml:space"), "preserve")


def _rule(place: Any, width_mm: float, line_mm: float) -> None:
    """A centred line drawn as the upper border of a flat paragraph, ``line_mm`` of ``width_mm`` long."""
    paragraph = place.add_paragraph()
    paragraph.style = "Normal"
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Mm((width_mm - line_mm) / 2)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(4)
    layout.space_before = Pt(2)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _table(doc: Any, rows: int, widths_mm: tuple[float, ...], borders: bool, margin_mm: float = 0) -> Any:
    table = doc.add_table(rows=rows, cols=len(widths_mm))
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    properties = table._tbl.tblPr
    frame = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single" if borders else "nil"), ("sz", "4"), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        frame.append(line)
    layout = properties.find(qn("w:tblLayout"))
    layout.addprevious(frame)
    margins = OxmlElement("w:tblCellMar")
    for side, margin in (("top", margin_mm / 2), ("left", margin_mm), ("bottom", margin_mm / 2), ("right", margin_mm)):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(Mm(margin).twips))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    layout.addnext(margins)
    width = properties.find(qn("w:tblW"))
    width.set(qn("w:type"), "dxa")
    width.set(qn("w:w"), str(sum(Mm(value).twips for value in widths_mm)))
    for index, value in enumerate(widths_mm):
        table.columns[index].width = Mm(value)
        for cell in table.columns[index].cells:
            cell.width = Mm(value)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return table


def _letterhead(doc: Any) -> None:
    left, right = TEXT_WIDTH * 0.4, TEXT_WIDTH * 0.6
    table = _table(doc, 2, (left, right), borders=False)
    agency, nation = table.rows[0].cells
    _write(agency, wording.ISSUER, "VB Cơ quan chủ quản")
    _write(agency, wording.OFFICE, "VB Cơ quan ban hành")
    _rule(agency, left, 12)
    _write(nation, wording.NATION, "VB Quốc hiệu")
    _write(nation, wording.MOTTO, "VB Tiêu ngữ")
    _rule(nation, right, 56)
    number, day = table.rows[1].cells
    _write(number, wording.NUMBER, "VB Số ký hiệu", before=4)
    _write(day, wording.DATE_LINE, "VB Địa danh", before=4)


def _title(doc: Any) -> None:
    _write(doc, wording.KIND, "VB Tên loại", before=18)
    title = _write(doc, wording.TITLE[0], "VB Trích yếu")
    title.add_run().add_break()
    _run(title, placeholders(wording.TITLE[1]))
    _rule(doc, TEXT_WIDTH, 55)


def _body(doc: Any) -> None:
    _write(doc, wording.OPENING, "VB Nội dung", before=12)
    _write(doc, wording.HEADING_1, "VB Khoản")
    _write(doc, "{%p if assigned %}", "VB Nội dung")
    progress = _write(doc, wording.PROGRESS, "VB Nội dung")
    _run(progress, "{% if rows %} (")
    _run(progress, wording.APPENDIX_NOTE, italic=True)
    _run(progress, "){% endif %}.")
    _write(doc, "{%p else %}", "VB Nội dung")
    _write(doc, wording.PROGRESS_NONE, "VB Nội dung")
    _write(doc, "{%p endif %}", "VB Nội dung")
    _write(doc, wording.HEADING_2, "VB Khoản")
    _write(doc, wording.PROCESS, "VB Nội dung")
    # The signature never stands alone on a page: the last paragraph goes with it.
    _write(doc, wording.CLOSING, "VB Nội dung").paragraph_format.keep_with_next = True


def _signature(doc: Any) -> None:
    _gap(doc, 6).paragraph_format.keep_with_next = True
    table = _table(doc, 1, (TEXT_WIDTH / 2, TEXT_WIDTH / 2), borders=False)
    recipients, signer = table.rows[0].cells
    _write(recipients, wording.RECIPIENTS_TITLE, "VB Nơi nhận")
    for line in wording.RECIPIENTS:
        _write(recipients, line, "VB Danh sách nhận")
    _write(signer, "{%p for title in signer_titles %}", "VB Chức vụ")
    _write(signer, "{title}", "VB Chức vụ")
    _write(signer, "{%p endfor %}", "VB Chức vụ")
    for _ in range(4):
        signer.add_paragraph(style="VB Chức vụ")
    signer.add_paragraph(style="VB Họ tên").add_run("{{ signer_name }}")


def _gap(doc: Any, points: float) -> Any:
    paragraph = doc.add_paragraph()
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(points)
    return paragraph


def _appendix(doc: Any) -> None:
    # The section break sits in a flat paragraph, so that a full first page does not push out an empty second one.
    last = _gap(doc, 1)
    section = doc.add_section(WD_SECTION.NEW_PAGE)
    carrier = last._p.getnext()
    last._p.get_or_add_pPr().append(carrier.pPr.sectPr)
    carrier.getparent().remove(carrier)
    _page(section, landscape=True)

    _write(doc, wording.APPENDIX, "VB Phụ lục")
    for line in wording.APPENDIX_TITLE:
        _write(doc, line, "VB Tên phụ lục")
    _write(doc, wording.APPENDIX_OF, "VB Kèm theo").paragraph_format.space_after = Pt(10)

    table = _table(doc, 4, APPENDIX_WIDTHS, borders=True, margin_mm=1)
    head, start, line, end = table.rows
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    head.height, head.height_rule = Mm(12), WD_ROW_HEIGHT_RULE.AT_LEAST
    for cell, (name, label), data in zip(head.cells, wording.APPENDIX_COLUMNS, line.cells, strict=True):
        _write(cell, label, "VB Đầu bảng")
        cell.vertical_alignment = 1
        text_like = name in ("name", "agency", "cooperating", "note")
        _write(data, f"{{{{ row.{name} }}}}", "VB Ô chữ" if text_like else "VB Ô số")
    _write(start.cells[0], "{%tr for row in rows %}", "VB Ô chữ")
    _write(end.cells[0], "{%tr endfor %}", "VB Ô chữ")
    _write(doc, wording.APPENDIX_END, "VB Kết thúc", before=4)


if __name__ == "__main__":
    TEMPLATE.write_bytes(build())
