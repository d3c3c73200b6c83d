"""The header is found under titles, over two rows, in any spelling; otherwise it is said what is wrong and where."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.tables import Range
from connector.normalise.exports.columns import REQUIRED, TITLES, comparison_form
from connector.normalise.exports.headers import (
    Accepted,
    HeaderProblem,
    Layout,
    find_layout,
    preview,
    settle,
)
from tests.normalise.exports.builders import DOCUMENT_HEADER, SYNONYMS, TASK_HEADER, Value, rows, task_row
from tests.normalise.exports.builders import TITLES as ABOVE
from tests.normalise.exports.fonts import misread, tcvn3, vni

TWO_ROWS: tuple[Sequence[Value], ...] = (
    ("STT", "Tên nhiệm vụ", "Văn bản giao", None, "Cơ quan chủ trì", "Thời hạn", "Trạng thái"),
    (None, None, "Số ký hiệu", "Ngày", None, None, None),
)
FOUND = {"number": 0, "name": 1, "source_notation": 2, "source_date": 3, "lead": 4, "due_on": 5, "status": 6}


def layout(
    *values: Sequence[Value], merged: Sequence[Range] = (), accepted: Mapping[str, Accepted] | None = None
) -> Layout:
    found = find_layout(rows(*values), merged, SYNONYMS, accepted or {})
    assert isinstance(found, Layout), found
    return found


def problem(*values: Sequence[Value], merged: Sequence[Range] = ()) -> HeaderProblem:
    found = find_layout(rows(*values), merged, SYNONYMS, {})
    assert isinstance(found, HeaderProblem), found
    return found


# -- where it stands ---------------------------------------------------------------------------------------------------


def test_the_header_is_found_under_title_rows() -> None:
    found = layout(*ABOVE, TASK_HEADER, task_row())
    assert (found.table, found.header.rows) == ("task", (5, 5))
    assert found.columns["completed_on"] == 9
    assert [cell for cell, _ in found.titles] == ["A1", "A2", "A3"]


@given(st.integers(0, 12), st.booleans())
def test_any_number_of_titles_gives_the_same_columns(count: int, wide: bool) -> None:
    title: list[Value] = ["UBND TỈNH LẠNG SƠN", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" if wide else None]
    found = layout(*[title] * count, TASK_HEADER, task_row())
    assert found.columns == layout(TASK_HEADER, task_row()).columns
    assert found.header.rows == (count + 1, count + 1)
    assert found.header.fingerprint == layout(TASK_HEADER).header.fingerprint


def test_a_real_register_of_issued_documents_is_recognised() -> None:
    found = layout(("SỔ VĂN BẢN ĐI - UBND TỈNH LẠNG SƠN",), (), DOCUMENT_HEADER)
    assert (found.table, found.outgoing) == ("document", True)
    assert found.columns == {"number": 0, "subject": 1, "notation": 2, "signed": 3, "issued_on": 4, "issuer": 5}


def test_database_names_and_vietnamese_titles_may_be_mixed() -> None:
    found = layout(("STT", "TRICH_YEU", "soKyHieu", "NGAY_BAN_HANH", "Đơn vị ban hành", "Văn bản ký số"))
    assert found.columns["notation"] == 2
    assert found.columns["issued_on"] == 3


@pytest.mark.parametrize(
    "merged",
    [(), (Range(1, 3, 1, 4), Range(1, 1, 2, 1), Range(1, 2, 2, 2))],
    ids=["no merged cells known (CSV)", "merged cells"],
)
def test_a_header_of_two_rows_is_parent_and_child(merged: Sequence[Range]) -> None:
    found = layout(("DANH SÁCH NHIỆM VỤ",), (), *TWO_ROWS, merged=[_down(one, 2) for one in merged])
    assert found.header.rows == (3, 4)
    assert found.header.texts[2:4] == ("Văn bản giao - Số ký hiệu", "Văn bản giao - Ngày")
    assert found.columns == FOUND
    assert found.header.cell(3) == "D4"
    assert found.header.cell(0) == "A3"


def test_a_two_row_header_has_one_fingerprint_with_and_without_merged_cells() -> None:
    merged = (Range(1, 3, 1, 4), Range(1, 1, 2, 1))
    assert layout(*TWO_ROWS).header.fingerprint == layout(*TWO_ROWS, merged=merged).header.fingerprint


def test_an_html_table_that_repeats_spanned_cells_gives_the_same() -> None:
    upper = ("STT", "Tên nhiệm vụ", "Văn bản giao", "Văn bản giao", "Cơ quan chủ trì", "Thời hạn", "Trạng thái")
    lower = ("STT", "Tên nhiệm vụ", "Số ký hiệu", "Ngày", "Cơ quan chủ trì", "Thời hạn", "Trạng thái")
    assert layout(upper, lower, (1, "Việc", "1/UBND", "01/02/2022")).columns == FOUND


def test_the_first_record_is_never_taken_for_a_second_header_row() -> None:
    found = layout(TASK_HEADER, task_row(None, name="Ngày giao", lead="Chủ trì"))
    assert found.header.rows == (1, 1)


# -- how it is written -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "change", [str, str.upper, str.lower, "  {} ".format, "{}: *".format, "{} (dd/mm/yyyy)".format]
)
def test_spelling_of_headers_does_not_matter(form: str, change: object) -> None:
    header = [unicodedata.normalize(form, change(one)) for one in TASK_HEADER]  # type: ignore[operator, arg-type]
    assert layout(header).columns == layout(TASK_HEADER).columns
    assert layout(header).header.fingerprint == layout(TASK_HEADER).header.fingerprint


@pytest.mark.parametrize("encode", [tcvn3, vni, misread])
def test_headers_in_an_old_font_are_read_and_the_font_is_known(encode: object) -> None:
    found = layout([encode(one) for one in TASK_HEADER])  # type: ignore[operator]
    assert found.columns == layout(TASK_HEADER).columns
    assert found.header.coding == {"misread": "mojibake"}.get(encode.__name__, encode.__name__)  # type: ignore[attr-defined]
    assert found.header.fingerprint == layout(TASK_HEADER).header.fingerprint


def test_a_register_is_not_taken_for_a_number() -> None:
    """ "Sổ văn bản" and "Số văn bản" are one without their marks."""
    found = layout(("Trích yếu", "Số văn bản", "Sổ văn bản", "Ngày ban hành", "Số đi"))
    assert found.columns["notation"] == 1
    assert problem(("Trich yeu", "So van ban", "Ngay ban hanh")).kind == "missing"


@given(st.text(max_size=60))
def test_the_comparison_form_is_its_own_comparison_form(text: str) -> None:
    once = comparison_form(text)
    assert comparison_form(once) == once
    assert all(char.isascii() and (char.isalnum() or char == " ") for char in once)


@given(st.permutations(TASK_HEADER))
def test_the_order_of_columns_is_free_and_part_of_the_fingerprint(header: list[str]) -> None:
    found = layout(header)
    assert {name: header[index] for name, index in found.columns.items()} == {
        name: TASK_HEADER[index] for name, index in layout(TASK_HEADER).columns.items()
    }
    same = list(header) == list(TASK_HEADER)
    assert (found.header.fingerprint == layout(TASK_HEADER).header.fingerprint) is same


# -- what is wrong -----------------------------------------------------------------------------------------------------


def test_a_missing_required_field_is_named_with_what_was_matched_and_what_looks_like_it() -> None:
    found = problem(("DANH SÁCH",), ("STT", "Tên nhiệm vụ", "Cơ quan chủ trì", "Hạn hoàn thàn"))
    assert found.kind == "missing"
    assert found.missing == (
        "hạn hoàn thành hoặc trạng thái hoặc ngày hoàn thành hoặc ngày kết thúc (chưa rõ là hạn hay ngày hoàn thành)",
    )
    assert ("B2", "Tên nhiệm vụ", "tên nhiệm vụ") in found.matched
    assert found.near == (("D2", "Hạn hoàn thàn", "Hạn hoàn thành"),)


def test_nothing_is_matched_by_resemblance() -> None:
    assert problem([name.replace("nhiệm vụ", "nhiệm vu u") for name in TASK_HEADER[:8]]).kind == "missing"


def test_two_columns_for_one_field_stop_the_file_with_both_cells() -> None:
    found = problem((), (), ("Tên nhiệm vụ", "Cơ quan chủ trì", "Hạn xử lý", "Trạng thái", "Hạn hoàn thành"))
    assert (found.kind, found.doubles) == ("double", {"hạn hoàn thành": ("C3", "E3")})


MERGED_HEADER = ("Tên nhiệm vụ", "Cơ quan chủ trì", "Thời hạn", None, "Trạng thái")
OVER_TWO = [Range(1, 3, 1, 4)]


def test_a_header_merged_over_two_columns_that_both_hold_something_is_two_columns_for_one_field() -> None:
    found = problem(MERGED_HEADER, ("Việc", "Sở Y tế", "18/02/2022", "20/02/2022"), merged=OVER_TWO)
    assert (found.kind, found.doubles, found.merged) == (
        "double", {"hạn hoàn thành": ("C1", "D1")}, {"hạn hoàn thành": "C1:D1"},
    )  # fmt: skip


def test_a_header_merged_over_columns_that_are_empty_is_one_column() -> None:
    numbers = [f"({number})" for number in range(1, 6)]
    for below in ([], [numbers], [numbers, ("Việc", "Sở Y tế", "18/02/2022", None, "Đã hoàn thành")]):
        found = layout(MERGED_HEADER, *below, merged=OVER_TWO)
        assert (found.columns["due_on"], found.columns["status"], found.spare) == (2, 4, (3,))
        assert found.unknown == ()


def test_a_header_of_two_rows_that_is_merged_both_ways_is_one_column() -> None:
    first = ("STT", "Tên nhiệm vụ", None, "Thời gian", None, "Cơ quan chủ trì")
    second = (None, None, None, "Ngày giao", "Hạn hoàn thành", None)
    merged = [Range(1, 1, 2, 1), Range(1, 2, 2, 3), Range(1, 4, 1, 5), Range(1, 6, 2, 6)]
    found = layout(first, second, (1, "Việc", None, "01/02/2022", "18/02/2022", "Sở Y tế"), merged=merged)
    assert (found.header.rows, found.columns["name"], found.spare) == ((1, 2), 1, (2,))


@pytest.mark.parametrize("due", ["01/02/2022", date(2022, 2, 1), None])
@pytest.mark.parametrize("number", ["1", 1, None])
def test_a_record_between_two_headers_is_no_part_of_the_second(number: Value, due: Value) -> None:
    """Even where that one has a column more."""
    record = (number, "Việc", "Sở Y tế", due)
    header = ("STT", "Tên nhiệm vụ", "Chủ trì", "Hạn hoàn thành")
    found = layout(header, record, (*header, "Ghi chú"), record)
    assert (found.header.rows, found.columns["due_on"]) == ((1, 1), 3)


def test_two_headers_alike_are_two_columns_even_where_one_is_empty() -> None:
    values = ("Tên nhiệm vụ", "Cơ quan chủ trì", "Thời hạn", "Hạn xử lý")
    assert problem(values, ("Việc", "Sở Y tế", "18/02/2022")).kind == "double"


def test_columns_nobody_uses_may_stand_twice_and_unknown_ones_are_listed() -> None:
    found = layout((*TASK_HEADER, "Ghi chú", "Ghi chú", "Cột của tôi"))
    assert found.unknown == (14,)


@pytest.mark.parametrize(
    ("others", "meant"),
    [(("Hạn xử lý",), "completed_on"), (("Ngày hoàn thành",), "due_on"), (("Hạn xử lý", "Ngày hoàn thành"), "")],
)
def test_another_column_decides_what_the_end_date_means(others: tuple[str, ...], meant: str) -> None:
    found = layout(("Tên nhiệm vụ", "Cơ quan chủ trì", "Ngày kết thúc", "Trạng thái", *others))
    assert found.ended_as == meant
    assert "ended_on" not in found.columns
    assert (found.columns.get(meant) == 2) is bool(meant)


def test_an_end_date_that_may_be_planned_or_actual_is_a_question() -> None:
    found = problem(("Tên nhiệm vụ", "Cơ quan chủ trì", "Ngày kết thúc", "Trạng thái"))
    assert found.kind == "end"


@pytest.mark.parametrize(
    ("title", "more", "outgoing"),
    [
        ("SỔ VĂN BẢN ĐẾN", (), False),
        ("Danh sách văn bản phát hành", (), True),
        ("", ("Số đến", "Ngày đến"), False),
        ("SỔ VĂN BẢN ĐẾN", ("Văn bản ký số",), True),
        ("", ("CONGVAN_DENDI",), None),
    ],
)
def test_columns_or_titles_say_whether_documents_came_in(title: str, more: tuple[str, ...], outgoing: bool) -> None:
    found = layout((title,), ("Trích yếu", "Số ký hiệu", "Ngày ban hành", *more))
    assert found.outgoing is outgoing


def test_documents_of_unknown_direction_are_a_question() -> None:
    assert problem(("Trích yếu", "Số ký hiệu", "Ngày ban hành")).kind == "direction"


def test_another_table_is_unknown_and_its_likely_header_is_shown() -> None:
    found = problem(("Họ và tên", "Ngày sinh", "Quê quán"), ("Nguyễn Văn Mẫu", "01/01/1990", "Lạng Sơn"))
    assert found.kind == "unknown"
    assert found.header is not None
    assert found.header.texts == ("Họ và tên", "Ngày sinh", "Quê quán")
    assert problem().header is None


# -- what a person settled ---------------------------------------------------------------------------------------------

OWN = ("Việc", "Ai làm", "Bao giờ xong")


def test_an_accepted_mapping_is_remembered_by_the_fingerprint() -> None:
    header = problem(OWN).header
    assert header is not None
    mine = Accepted("task", {"name": 0, "lead": 1, "due_on": 2})
    found = layout(("Tiêu đề",), OWN, accepted={header.fingerprint: mine})
    assert (found.columns, found.remembered, found.header.rows) == (mine.columns, True, (2, 2))
    assert problem((*OWN, "Cột mới")).kind == "unknown"


def test_a_mapping_by_hand_must_have_what_a_table_needs() -> None:
    header = problem(OWN).header
    assert header is not None
    found = settle(header, Accepted("task", {"name": 0, "lead": 1}))
    assert isinstance(found, HeaderProblem)
    assert found.kind == "missing"


def test_the_preview_shows_ten_rows_under_what_they_are_read_as() -> None:
    values = (TASK_HEADER, *(task_row(number) for number in range(1, 30)))
    found = preview(layout(*values), rows(*values))
    assert found.columns[1] == ("B", "Tên nhiệm vụ", "tên nhiệm vụ")
    assert found.columns[11] == ("L", "Số lần bị đôn đốc", "số lần bị đôn đốc")
    assert [row[0] for row in found.rows] == [str(number) for number in range(1, 11)]


def test_every_supplied_header_means_the_field_it_is_listed_under() -> None:
    for table, known in SYNONYMS.headers.items():
        for header, meant in known.items():
            assert SYNONYMS.field_of(table, header) == meant
            assert meant in TITLES[table]
    assert {name for groups in REQUIRED.values() for group in groups for name in group} <= {
        name for titles in TITLES.values() for name in titles
    }


def _down(one: Range, by: int) -> Range:
    return Range(one.first_row + by, one.first_column, one.last_row + by, one.last_column)


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        (("Tên nhiệm vụ", "Chủ trì", "Ngày hoàn thành (dự kiến)"), "due_on"),
        (("Tên nhiệm vụ", "Chủ trì", "Ngày hoàn thành (dd/mm/yyyy)"), "completed_on"),
        (("Tên nhiệm vụ", "Chủ trì", "Hạn xử lý (cũ)", "Hạn mới"), "due_on"),
    ],
)
def test_a_remark_that_makes_it_another_date_is_not_dropped(header: tuple[str, ...], meant: str) -> None:
    found = find_layout(rows(header), (), SYNONYMS, {})
    assert isinstance(found, Layout)
    assert found.columns[meant] == len(header) - 1


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (("Tên nhiệm vụ", "Chủ trì", "Thời gian hoàn thành"), "end"),
        (("Tên nhiệm vụ", "Chủ trì", "Hạn xử lý", "Ngày kết thúc"), "end"),
        (("Tên nhiệm vụ", "Chủ trì", "Hạn xử lý", "Gia hạn đến"), "double"),
    ],
)
def test_an_end_or_an_extension_that_may_be_either_date_is_asked_about(header: tuple[str, ...], kind: str) -> None:
    found = find_layout(rows(header), (), SYNONYMS, {})
    assert isinstance(found, HeaderProblem)
    assert found.kind == kind


def test_an_upper_header_can_make_a_column_another_thing() -> None:
    upper = ("Tên nhiệm vụ", "Chủ trì", "Kế hoạch", None, "Sản phẩm hoàn thành", None, "Trạng thái")
    lower = (None, None, "Ngày giao", "Ngày hoàn thành", "Số ký hiệu", "Ngày ban hành", None)
    found = find_layout(rows(upper, lower), (), SYNONYMS, {})
    assert isinstance(found, Layout)
    assert found.header.rows == (1, 2)
    assert found.columns.get("due_on") == 3
    assert not {"completed_on", "source_notation", "source_date"} & found.columns.keys()


def test_a_lower_row_of_headers_is_no_data_even_if_nothing_of_it_is_used() -> None:
    upper = ("Tên nhiệm vụ", "Chủ trì", "Hạn xử lý", "Trạng thái", "Sản phẩm hoàn thành", "Sản phẩm hoàn thành")
    found = find_layout(rows(upper, (None, None, None, None, "Số ký hiệu", "Ngày ban hành")), (), SYNONYMS, {})
    assert isinstance(found, Layout)
    assert found.header.rows == (1, 2)
