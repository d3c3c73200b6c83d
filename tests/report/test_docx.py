from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from connector.domain.report import Counts
from connector.errors import TemplateBroken
from connector.report.docx import SUPPLIED_TEMPLATE, check_template, render_docx
from connector.report.templates.make_template import build
from connector.report.text import Form, report_text
from tests.builders_report import MADE_AT, report_of, seed_report, uneven_report
from tests.report.docx_reading import all_paragraphs, bold, italic, lines, opened, paragraph, size
from tests.report.february import APPENDIX_HEAD, APPENDIX_TABLE, BODY, REPORT

NONE_OVERDUE = report_of(Counts(20, 12, 0, 8, 0))


@pytest.fixture(scope="module")
def seed() -> Any:
    return opened(render_docx(report_text(seed_report(), Form()), MADE_AT))


def test_the_word_document_of_the_seed_month_reads_as_the_office_published_it(seed: Any) -> None:
    table = [cell for row in APPENDIX_TABLE for cell in row if cell]
    assert lines(seed) == [*REPORT, *APPENDIX_HEAD, *table, "./."]


def test_the_appendix_table_has_a_row_per_overdue_task(seed: Any) -> None:
    assert [[cell.text for cell in row.cells] for row in seed.tables[2].rows] == APPENDIX_TABLE


def test_pages_are_a4_with_the_margins_of_the_decree(seed: Any) -> None:
    body, appendix = seed.sections
    assert [round(side.mm) for side in (body.page_width, body.page_height)] == [210, 297]
    assert [round(side.mm) for side in (appendix.page_width, appendix.page_height)] == [297, 210]
    assert (body.orientation, appendix.orientation) == (WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE)
    for section in seed.sections:
        margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round(margin.mm, 1) for margin in margins] == [20, 20, 30, 15]


def test_page_numbers_are_centred_in_the_header_from_the_second_page_and_restart_in_the_appendix(seed: Any) -> None:
    header = seed.sections[0].header.paragraphs[0]
    assert header.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert "PAGE" in "".join(code.text for code in header._p.iter(qn("w:instrText")))
    assert size(header) == 13
    for section in seed.sections:
        assert section.different_first_page_header_footer
        assert not "".join(one.text for one in section.first_page_header.paragraphs)
        assert section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"


def test_times_new_roman_stands_in_all_four_slots_everywhere(seed: Any) -> None:
    slots = [qn(f"w:{slot}") for slot in ("ascii", "hAnsi", "eastAsia", "cs")]
    found = [*seed.styles.element.iter(qn("w:rFonts")), *seed.element.iter(qn("w:rFonts"))]
    assert len(found) > 10
    for fonts in found:
        assert [fonts.get(slot) for slot in slots] == ["Times New Roman"] * 4
        assert not [name for name in fonts.attrib if "heme" in name]


def test_body_paragraphs_are_14_points_justified_indented_and_spaced(seed: Any) -> None:
    for start in ("Thực hiện Quyết định", "Trong tháng", "Theo quy định", "Văn phòng UBND tỉnh đề nghị"):
        one = paragraph(seed, start)
        layout = one.style.paragraph_format  # type: ignore[union-attr]
        assert (size(one), bold(one), layout.alignment) == (14, False, WD_ALIGN_PARAGRAPH.JUSTIFY)
        assert layout.first_line_indent.cm == pytest.approx(1, abs=0.01)
        assert (layout.space_after.pt, layout.line_spacing) == (6, 1.0)


@pytest.mark.parametrize(
    ("start", "points", "is_bold", "is_italic"),
    [
        ("UBND TỈNH", 12, False, False),
        ("VĂN PHÒNG", 12, True, False),
        ("CỘNG HÒA", 12, True, False),
        ("Độc lập", 13, True, False),
        ("Số:", 13, False, False),
        ("Lạng Sơn, ngày", 13, False, True),
        ("BÁO CÁO", 14, True, False),
        ("Kết quả rà soát", 14, True, False),
        ("1. Tiến độ", 14, True, False),
        ("2. Tình hình", 14, True, False),
        ("Nơi nhận:", 12, True, True),
        ("- Các sở", 11, False, False),
        ("- Lưu:", 11, False, False),
        ("CHÁNH VĂN PHÒNG", 14, True, False),
        ("Phạm Hùng Trường", 14, True, False),
        ("Phụ lục", 14, True, False),
        ("DANH MỤC", 13, True, False),
        ("(Kèm theo", 13, False, True),
        ("STT", 12, True, False),
    ],
)
def test_each_part_has_the_size_and_style_of_the_decree(
    seed: Any, start: str, points: float, is_bold: bool, is_italic: bool
) -> None:
    one = paragraph(seed, start)
    assert (size(one), bold(one), italic(one)) == (points, is_bold, is_italic)


def test_only_the_reference_to_the_appendix_is_italic_in_section_1(seed: Any) -> None:
    runs = [run.text for run in paragraph(seed, "Trong tháng").runs if run.italic]
    assert runs == ["nhiệm vụ chưa hoàn thành đã quá hạn tại phụ lục kèm theo"]


def test_number_and_date_stand_in_one_row_and_lines_are_borders_not_underlined_text(seed: Any) -> None:
    letterhead = seed.tables[0]
    assert [cell.text[:3] for cell in letterhead.rows[1].cells] == ["Số:", "Lạn"]
    assert [round(column.width.mm) for column in letterhead.columns] == [66, 99]
    for table in seed.tables[:2]:
        borders = table._tbl.tblPr.find(qn("w:tblBorders"))
        assert {line.get(qn("w:val")) for line in borders} == {"nil"}
    drawn = [one for one in all_paragraphs(seed) if one._p.find(f"{qn('w:pPr')}/{qn('w:pBdr')}") is not None]
    # Under the agency, the motto and the title.
    assert len(drawn) == 3
    assert not list(seed.element.iter(qn("w:u")))
    widths = [66, 99, 165]
    lengths = [
        width - one.paragraph_format.left_indent.mm - one.paragraph_format.right_indent.mm
        for width, one in zip(widths, drawn, strict=True)
    ]
    assert [round(length) for length in lengths] == [12, 56, 55]


def test_the_table_of_the_appendix_repeats_its_head_and_splits_no_row(seed: Any) -> None:
    table = seed.tables[2]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    borders = table._tbl.tblPr.find(qn("w:tblBorders"))
    assert {(line.get(qn("w:val")), line.get(qn("w:color"))) for line in borders} == {("single", "000000")}
    assert sum(column.width.mm for column in table.columns) == pytest.approx(297 - 30 - 15, abs=0.5)


def test_the_text_closes_with_the_official_mark_and_the_signature_stays_with_it(seed: Any) -> None:
    closing = paragraph(seed, "Văn phòng UBND tỉnh đề nghị")
    assert closing.text.endswith("./.")
    assert closing.paragraph_format.keep_with_next


def test_without_overdue_tasks_there_is_neither_appendix_nor_reference_to_it() -> None:
    document = opened(render_docx(report_text(NONE_OVERDUE, Form()), MADE_AT))
    whole = " ".join(lines(document))
    assert "hụ lục" not in whole
    assert "không có nhiệm vụ quá thời hạn." in whole
    assert len(document.tables) == 2
    assert [section.orientation for section in document.sections] == [WD_ORIENT.PORTRAIT]
    assert document.sections[0].header.paragraphs[0]._p.findall(f".//{qn('w:instrText')}")


def test_a_month_in_which_nothing_was_given_has_its_own_sentence_and_no_figures() -> None:
    text = lines(opened(render_docx(report_text(report_of(Counts()), Form()), MADE_AT)))
    assert text[10].startswith("Trong tháng 02/2022, UBND tỉnh, Chủ tịch, các Phó Chủ tịch UBND tỉnh không giao")
    assert "tổng số" not in " ".join(text)


def test_every_variant_reads_the_same_in_word_as_in_the_plain_text() -> None:
    for report in (seed_report(), uneven_report(), NONE_OVERDUE, report_of(Counts()), report_of(Counts(4, 4))):
        text = report_text(report, Form())
        assert lines(opened(render_docx(text, MADE_AT)))[8:14] == list(text.body())


def test_a_deputys_titles_stand_on_two_lines_of_their_own() -> None:
    form = Form(signer_titles=("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"))
    signer = opened(render_docx(report_text(seed_report(), form), MADE_AT)).tables[1].rows[0].cells[1]
    assert [one.text for one in signer.paragraphs] == [
        "KT. CHÁNH VĂN PHÒNG",
        "PHÓ CHÁNH VĂN PHÒNG",
        "",
        "",
        "",
        "",
        "Phạm Hùng Trường",
    ]


def test_texts_of_the_source_are_printed_as_they_are_and_secret_ones_not_at_all() -> None:
    content = render_docx(report_text(uneven_report(), Form()), MADE_AT)
    rows = [[cell.text for cell in row.cells] for row in opened(content).tables[2].rows]
    assert rows[1][3] == '=HYPERLINK("x") & <b>đậm</b>'
    assert rows[2][3] == "(nội dung mật)"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any("bí mật X".encode() in archive.read(name) for name in archive.namelist())


def test_the_same_report_gives_the_same_bytes_and_no_trace_of_the_day_they_were_made() -> None:
    first, second = (render_docx(report_text(seed_report(), Form()), MADE_AT) for _ in range(2))
    assert first == second
    document = opened(first)
    core = document.core_properties
    assert (core.created.isoformat(), core.author) == ("2022-03-01T01:00:00+00:00", "Văn phòng UBND tỉnh")
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_committed_template_is_what_its_script_makes() -> None:
    committed, fresh = (opened(content) for content in (SUPPLIED_TEMPLATE.read_bytes(), build()))
    assert lines(committed) == lines(fresh)
    for part in ("element", "styles"):
        old, new = getattr(committed, part), getattr(fresh, part)
        assert getattr(old, "element", old).xml == getattr(new, "element", new).xml
    assert committed.sections[0].header._element.xml == fresh.sections[0].header._element.xml


# --- a template the office has edited ---


def edited(folder: Path, change: Callable[[Any], None]) -> Path:
    document = Document(str(SUPPLIED_TEMPLATE))
    change(document)
    path = folder / "mau-cua-van-phong.docx"
    document.save(str(path))
    return path


def replace_text(old: str, new: str) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        runs = [run for one in all_paragraphs(document) for run in one.runs if old in run.text]
        assert runs
        for run in runs:
            run.text = run.text.replace(old, new)

    return change


def test_the_supplied_template_passes_its_own_check() -> None:
    check_template(SUPPLIED_TEMPLATE)


def test_a_sentence_the_office_changes_in_word_is_printed(tmp_path: Path) -> None:
    path = edited(tmp_path, replace_text("tổng số {{ assigned }} nhiệm vụ", "tất cả {{ assigned }} nhiệm vụ"))
    assert lines(opened(render_docx(report_text(seed_report(), Form()), MADE_AT, path)))[10] == BODY[2].replace(
        "tổng số 183", "tất cả 183"
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{{ progress }}", "", "thiếu {{ progress }} (câu về số đã hoàn thành, chưa hoàn thành)"),
        ("{{ process }}", "", "thiếu {{ process }}"),
        ("{{ units }}", "{{ don_vi }}", "không biết chỗ trống {{ don_vi }}"),
        ("{{ row.name }}", "", "thiếu {{ row.name }} ở bảng phụ lục"),
        ("{{ row.due }}", "{{ row.han }}", "không biết chỗ trống {{ row.han }}"),
        ("{% endif %}", "", "cú pháp sai"),
    ],
)
def test_a_placeholder_lost_or_mistyped_in_word_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = edited(tmp_path, replace_text(old, new))
    with pytest.raises(TemplateBroken) as caught:
        render_docx(report_text(seed_report(), Form()), MADE_AT, path)
    assert problem in str(caught.value)
    assert caught.value.fields["file"] == str(path)


def test_all_problems_of_a_template_are_told_at_once(tmp_path: Path) -> None:
    path = edited(tmp_path, replace_text("{{ cutoff }}", "{{ ngay }}"))
    with pytest.raises(TemplateBroken) as caught:
        check_template(path)
    assert "không biết chỗ trống {{ ngay }}" in str(caught.value)
    assert "thiếu {{ cutoff }}" in str(caught.value)


def test_a_template_cannot_reach_into_the_program(tmp_path: Path) -> None:
    path = edited(tmp_path, replace_text("{{ place }}", "{{ ''.__class__.__mro__ }}"))
    with pytest.raises(TemplateBroken, match="unsafe"):
        render_docx(report_text(seed_report(), Form()), MADE_AT, path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_word_document_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hong.docx"
    path.write_bytes(content)
    with pytest.raises(TemplateBroken, match=r"hong\.docx: không mở được"):
        check_template(path)
    with pytest.raises(TemplateBroken):
        check_template(tmp_path / "khong-co.docx")
