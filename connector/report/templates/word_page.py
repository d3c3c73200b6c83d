"""Page, styles and document defaults of the Word template."""

from __future__ import annotations

import re
from typing import Any

from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor

FONT = "Times New Roman"
CENTER, LEFT, JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY

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


def prepare(doc: Any) -> None:
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
    header = styles["Header"].element
    for leftover in (header.find(qn("w:link")), header.pPr.find(qn("w:tabs"))):
        leftover.getparent().remove(leftover)
    for number, (name, measures) in enumerate(STYLES.items(), start=1):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.element.styleId = f"VB{number:02d}"
        style.base_style = styles["Normal"]
        style.quick_style = True
        _style(style, *measures)
    styles["VB Khoản"].paragraph_format.keep_with_next = True
    _drop_unused_parts(doc)
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


def _drop_unused_parts(doc: Any) -> None:
    """Parts of the blank document that say nothing or name other fonts."""
    unused = ("/thumbnail", "/extended-properties", "/stylesWithEffects", "/numbering", "/fontTable", "/customXml")
    for relations in (doc.part.package.rels, doc.part.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(unused):
                del relations[key]
            elif relation.reltype.endswith("/theme"):
                theme = relation.target_part
                theme._blob = re.sub(rb'(<a:latin typeface=)"[^"]*"', rb'\1"Times New Roman"', theme.blob)


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


def set_page(section: Any, landscape: bool = False) -> None:
    """A4 with the decree's margins; pages counted from 1, the first without its number."""
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


def set_page_number(section: Any) -> None:
    """The page number, centred in the header."""
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
