from __future__ import annotations

import io
import unicodedata
from dataclasses import replace

import pypdf
import pytest

from connector.domain.report import Counts, TimeState
from connector.errors import TemplateBroken
from connector.report import pdf
from connector.report.glyphs import FONTS, covered, printable
from connector.report.pdf import render_pdf
from connector.report.text import Form, report_text
from tests.builders_report import MADE_AT, report_of, seed_report, task, uneven_report
from tests.report.february import APPENDIX_HEAD, APPENDIX_TABLE, REPORT

LETTERS = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VIETNAMESE = [unicodedata.normalize("NFC", letter + tone) for letter in LETTERS for tone in TONES] + ["đ", "Đ"]


def made(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def squeezed(text: str) -> str:
    return "".join(text.split())


def words(reader: pypdf.PdfReader, *pages: int) -> str:
    chosen = [reader.pages[number] for number in pages] if pages else list(reader.pages)
    return " ".join(" ".join(page.extract_text() for page in chosen).split())


def page_text(reader: pypdf.PdfReader, number: int) -> str:
    return words(reader, number)


@pytest.fixture(scope="module")
def seed() -> pypdf.PdfReader:
    return made(render_pdf(report_text(seed_report(), Form()), MADE_AT))


def test_the_pdf_of_the_seed_month_has_the_sentences_the_office_published(seed: pypdf.PdfReader) -> None:
    first = words(seed, 0)
    for line in REPORT:
        assert " ".join(line.split()) in first


def test_the_appendix_of_the_pdf_lists_what_the_word_document_lists(seed: pypdf.PdfReader) -> None:
    second = words(seed, 1)
    for line in APPENDIX_HEAD:
        assert " ".join(line.split()) in second
    dense = squeezed(second)
    for row in APPENDIX_TABLE:
        assert "".join(squeezed(cell) for cell in row) in dense
    assert second.endswith("./.")


def test_pages_are_a4_and_the_appendix_lies_across(seed: pypdf.PdfReader) -> None:
    sizes = [(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in seed.pages]
    assert sizes == [(595, 842), (842, 595)]


def test_page_numbers_start_at_2_and_begin_again_in_the_appendix() -> None:
    overdue = tuple(
        task(str(number), state=TimeState.OPEN_OVERDUE, days_overdue=3, completed_on=None) for number in range(60)
    )
    seed = seed_report()
    long_list = tuple(replace(seed.violations[0], agency=seed.violations[number % 3].agency) for number in range(60))
    report = report_of(Counts(60, 0, 0, 0, 60), overdue, violations=long_list)
    reader = made(render_pdf(report_text(report, Form()), MADE_AT))
    heads = [page_text(reader, number).split()[0] for number in range(len(reader.pages))]
    assert heads == ["UBND", "2", "Phụ", "2", "3", "4", "5"]
    assert all(page_text(reader, number).split()[1:2] == ["STT"] for number in (3, 4, 5, 6))


def test_without_overdue_tasks_the_pdf_has_one_page_and_no_appendix() -> None:
    reader = made(render_pdf(report_text(report_of(Counts(20, 12, 0, 8, 0)), Form()), MADE_AT))
    assert len(reader.pages) == 1
    assert "hụ lục" not in words(reader)


def test_every_font_is_embedded_and_is_the_supplied_one(seed: pypdf.PdfReader) -> None:
    names = set()
    for page in seed.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in inner["/FontDescriptor"]
            names.add(str(inner["/BaseFont"]).split("+")[1])
    assert names == {"LiberationSerif", "LiberationSerif-Bold", "LiberationSerif-Italic", "LiberationSerif-BoldItalic"}


def test_the_file_declares_pdf_a_2b_and_the_moment_the_report_was_made(seed: pypdf.PdfReader) -> None:
    metadata = seed.trailer["/Root"]["/Metadata"].get_object().get_data().decode()  # type: ignore[index]
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert seed.metadata is not None
    assert seed.metadata.creation_date == MADE_AT


def test_the_same_report_gives_the_same_bytes() -> None:
    first, second = (render_pdf(report_text(seed_report(), Form()), MADE_AT) for _ in range(2))
    assert first == second


def test_texts_of_the_source_are_printed_as_they_are_and_secret_ones_not_at_all() -> None:
    text = squeezed(words(made(render_pdf(report_text(uneven_report(), Form()), MADE_AT))))
    assert '=HYPERLINK("x")&<b>đậm</b>' in text
    assert "(nộidungmật)" in text
    assert "bímậtX" not in text


def test_markup_of_the_typesetter_in_a_name_is_only_text() -> None:
    name = '#panic("x") *đậm* $x$ @a [b] \\ //'
    odd = task("1", name=name, state=TimeState.OPEN_OVERDUE, days_overdue=1, completed_on=None)
    report = report_of(Counts(1, 0, 0, 0, 1), (odd,))
    assert squeezed(name) in squeezed(words(made(render_pdf(report_text(report, Form()), MADE_AT))))


def test_all_vietnamese_letters_can_be_drawn_in_all_four_faces() -> None:
    assert len(set(VIETNAMESE)) == 146
    for face in ("Regular", "Bold", "Italic", "BoldItalic"):
        known = covered(FONTS / f"LiberationSerif-{face}.ttf")
        assert not [letter for letter in VIETNAMESE if ord(letter) not in known]
        assert ord("a") in known
        assert 0x4E00 not in known


def test_a_character_the_font_lacks_becomes_a_hollow_square_and_the_report_is_still_made() -> None:
    assert printable("Họp ☎ 中 😀 ổn") == "Họp □ □ □ ổn"
    odd = task("1", name="Họp trực tuyến ☐ 😀 中", state=TimeState.OPEN_OVERDUE, days_overdue=1, completed_on=None)
    report = report_of(Counts(1, 0, 0, 0, 1), (odd,))
    assert "Họp trực tuyến □ □ □" in words(made(render_pdf(report_text(report, Form()), MADE_AT)))


def test_the_licence_of_the_fonts_travels_with_them() -> None:
    assert sorted(path.name for path in FONTS.iterdir() if path.suffix == ".ttf") == [
        f"LiberationSerif-{face}.ttf" for face in ("Bold", "BoldItalic", "Italic", "Regular")
    ]
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "LICENSE.txt").read_text(encoding="utf-8")


def test_a_layout_that_names_a_font_nobody_supplied_is_an_error_not_a_warning() -> None:
    source = pdf.TEMPLATE.read_text(encoding="utf-8").replace("Liberation Serif", "Times New Roman")
    with pytest.raises(TemplateBroken, match="times new roman"):
        pdf.compile_pdf(source.encode(), pdf.print_data(report_text(seed_report(), Form()), MADE_AT), MADE_AT)
