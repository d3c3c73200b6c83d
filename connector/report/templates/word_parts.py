"""Paragraphs, lines and tables of the Word template."""

from __future__ import annotations

import re
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt


def placeholders(sentence: str) -> str:
    """``{name}`` of the wording as the placeholder ``{{ name }}`` of the template."""
    return re.sub(r"\{(\w+)\}", r"{{ \1 }}", sentence)


def write(place: Any, text: str, style: str, before: float = 0) -> Any:
    """A paragraph of one run, blanks kept; into the empty first paragraph of a cell if it is unused."""
    unused = getattr(place, "paragraphs", [])
    first = unused[0] if len(unused) == 1 and not unused[0].text and not hasattr(place, "sections") else None
    paragraph = first or place.add_paragraph()
    paragraph.style = style
    add_run(paragraph, placeholders(text))
    if before:
        paragraph.paragraph_format.space_before = Pt(before)
    return paragraph


def add_run(paragraph: Any, text: str, italic: bool = False) -> None:
    """Text behind the paragraph's text, blanks kept."""
    run = paragraph.add_run(text)
    if italic:
        run.italic = True
    for part in run._r.findall(qn("w:t")):
        part.set(qn("xml:space"), "preserve")


def draw_line(place: Any, width_mm: float, line_mm: float) -> None:
    """A centred line drawn as the upper border of a flat paragraph, ``line_mm`` of ``width_mm`` long."""
    paragraph = place.add_paragraph()
    paragraph.style = "Normal"
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Mm((width_mm - line_mm) / 2)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(4)
    layout.space_before = Pt(2)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for key, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        top.set(qn(f"w:{key}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def flat_paragraph(doc: Any, points: float) -> Any:
    """An empty paragraph exactly so high."""
    paragraph = doc.add_paragraph()
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(points)
    return paragraph


def add_table(doc: Any, rows: int, widths_mm: tuple[float, ...], borders: bool, margin_mm: float = 0) -> Any:
    """A table of fixed widths at the left margin; ``margin_mm`` inside a cell at its sides, half of it above and below.
    Rows are never split across pages."""
    table = doc.add_table(rows=rows, cols=len(widths_mm))
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    properties = table._tbl.tblPr
    frame = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        kind = "single" if borders else "nil"
        for name, setting in (("val", kind), ("sz", "4"), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), setting)
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
