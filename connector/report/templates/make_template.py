"""Makes ``bao-cao-thang.docx``, the Word template the office may edit, from ``connector.report.wording``.

Run ``python -m connector.report.templates.make_template`` after changing the wording or the layout; a test holds that
the committed file is what this makes. Measures follow Nghị định 30/2020/NĐ-CP, Phụ lục I.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt

from connector.report import wording
from connector.report.ooxml import set_core_properties, zip_fixed
from connector.report.templates.word_page import prepare, set_page, set_page_number
from connector.report.templates.word_parts import (
    add_run,
    add_table,
    draw_line,
    flat_paragraph,
    placeholders,
    write,
)

TEMPLATE = Path(__file__).with_name("bao-cao-thang.docx")
MADE_AT = datetime(2022, 3, 1, tzinfo=UTC)

TEXT_WIDTH = 210 - 30 - 15
"""Between the margins of the portrait page, in mm."""


def build() -> bytes:
    """The template as bytes; the same bytes every time."""
    doc = Document()
    prepare(doc)
    set_page(doc.sections[0])
    set_page_number(doc.sections[0])
    _letterhead(doc)
    _title(doc)
    _body(doc)
    _signature(doc)
    _appendix(doc)
    set_core_properties(doc, title="Mẫu báo cáo tháng", author="", at=MADE_AT)
    buffer = io.BytesIO()
    doc.save(buffer)
    return zip_fixed(buffer.getvalue())


def _letterhead(doc: Any) -> None:
    left, right = TEXT_WIDTH * 0.4, TEXT_WIDTH * 0.6
    table = add_table(doc, 2, (left, right), borders=False)
    agency, nation = table.rows[0].cells
    write(agency, wording.ISSUER, "VB Cơ quan chủ quản")
    write(agency, wording.OFFICE, "VB Cơ quan ban hành")
    draw_line(agency, left, 12)
    write(nation, wording.NATION, "VB Quốc hiệu")
    write(nation, wording.MOTTO, "VB Tiêu ngữ")
    draw_line(nation, right, 56)
    number, day = table.rows[1].cells
    write(number, wording.NUMBER, "VB Số ký hiệu", before=4)
    write(day, wording.DATE_LINE, "VB Địa danh", before=4)


def _title(doc: Any) -> None:
    write(doc, wording.KIND, "VB Tên loại", before=18)
    title = write(doc, wording.TITLE[0], "VB Trích yếu")
    title.add_run().add_break()
    add_run(title, placeholders(wording.TITLE[1]))
    draw_line(doc, TEXT_WIDTH, 55)


def _body(doc: Any) -> None:
    write(doc, wording.OPENING, "VB Nội dung", before=12)
    write(doc, wording.HEADING_1, "VB Khoản")
    write(doc, "{%p if assigned %}", "VB Nội dung")
    progress = write(doc, wording.PROGRESS, "VB Nội dung")
    add_run(progress, "{% if rows %} (")
    add_run(progress, wording.APPENDIX_NOTE, italic=True)
    add_run(progress, "){% endif %}.")
    write(doc, "{%p else %}", "VB Nội dung")
    write(doc, wording.PROGRESS_NONE, "VB Nội dung")
    write(doc, "{%p endif %}", "VB Nội dung")
    write(doc, wording.HEADING_2, "VB Khoản")
    write(doc, wording.PROCESS, "VB Nội dung")
    # The signature never stands alone on a page: the last paragraph goes with it.
    write(doc, wording.CLOSING, "VB Nội dung").paragraph_format.keep_with_next = True


def _signature(doc: Any) -> None:
    flat_paragraph(doc, 6).paragraph_format.keep_with_next = True
    table = add_table(doc, 1, (TEXT_WIDTH / 2, TEXT_WIDTH / 2), borders=False)
    recipients, signer = table.rows[0].cells
    write(recipients, wording.RECIPIENTS_TITLE, "VB Nơi nhận")
    for line in wording.RECIPIENTS:
        write(recipients, line, "VB Danh sách nhận")
    write(signer, "{%p for title in signer_titles %}", "VB Chức vụ")
    write(signer, "{title}", "VB Chức vụ")
    write(signer, "{%p endfor %}", "VB Chức vụ")
    for _ in range(4):
        signer.add_paragraph(style="VB Chức vụ")
    signer.add_paragraph(style="VB Họ tên").add_run("{{ signer_name }}")


def _appendix(doc: Any) -> None:
    # The section break sits in a flat paragraph, so that a full first page does not push out an empty second one.
    last = flat_paragraph(doc, 1)
    section = doc.add_section(WD_SECTION.NEW_PAGE)
    carrier = last._p.getnext()
    last._p.get_or_add_pPr().append(carrier.pPr.sectPr)
    carrier.getparent().remove(carrier)
    set_page(section, landscape=True)

    write(doc, wording.APPENDIX, "VB Phụ lục")
    for line in wording.APPENDIX_TITLE:
        write(doc, line, "VB Tên phụ lục")
    write(doc, wording.APPENDIX_OF, "VB Kèm theo").paragraph_format.space_after = Pt(10)

    widths = tuple(float(width) for _, _, width, _ in wording.APPENDIX_COLUMNS)
    table = add_table(doc, 4, widths, borders=True, margin_mm=1)
    head, start, line, end = table.rows
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    head.height, head.height_rule = Mm(12), WD_ROW_HEIGHT_RULE.AT_LEAST
    columns = zip(head.cells, wording.APPENDIX_COLUMNS, line.cells, strict=True)
    for cell, (name, label, _, centred), data in columns:
        write(cell, label, "VB Đầu bảng")
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        write(data, f"{{{{ row.{name} }}}}", "VB Ô số" if centred else "VB Ô chữ")
    write(start.cells[0], "{%tr for row in rows %}", "VB Ô chữ")
    write(end.cells[0], "{%tr endfor %}", "VB Ô chữ")
    write(doc, wording.APPENDIX_END, "VB Kết thúc", before=4)


if __name__ == "__main__":
    TEMPLATE.write_bytes(build())
