from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connector.domain.report import AgencyViolations, Counts, MonthlyReport, NotEvaluableCount
from connector.report import wording
from connector.report.text import Form, clean, n2, report_text, short_date
from tests.builders_report import (
    KHDT,
    finding,
    overdue_tasks,
    report_of,
    seed_report,
    task,
    uneven_report,
    violations,
)
from tests.report.february import BODY

FORM = Form()


def progress(report: MonthlyReport) -> str:
    """Section 1, its one paragraph."""
    return report_text(report, FORM).body()[2]


def test_the_seed_month_gives_the_sentences_the_office_published() -> None:
    assert list(report_text(seed_report(), FORM).body()) == BODY


GIVEN = (
    "Trong tháng 02/2022, UBND tỉnh, Chủ tịch, các Phó Chủ tịch UBND tỉnh đã giao các sở, ban, ngành, UBND các huyện, "
    "thành phố tổng số {} nhiệm vụ. "
)
NOTE = " (nhiệm vụ chưa hoàn thành đã quá hạn tại phụ lục kèm theo)."


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param(
            Counts(1400, 1200, 7, 187, 6),
            GIVEN.format("1.400")
            + "Đã hoàn thành 1.207 nhiệm vụ (đúng hạn 1.200 nhiệm vụ, quá hạn 07 nhiệm vụ); còn 193 nhiệm vụ chưa hoàn "
            "thành, trong đó 187 nhiệm vụ còn thời hạn, 06 nhiệm vụ quá thời hạn" + NOTE,
            id="some finished late",
        ),
        pytest.param(
            Counts(30, 0, 3, 25, 2),
            GIVEN.format("30")
            + "Đã hoàn thành 03 nhiệm vụ, đều quá hạn; còn 27 nhiệm vụ chưa hoàn thành, trong đó 25 nhiệm vụ còn thời "
            "hạn, 02 nhiệm vụ quá thời hạn" + NOTE,
            id="all finished late",
        ),
        pytest.param(
            Counts(20, 12, 0, 8, 0),
            GIVEN.format("20")
            + "Đã hoàn thành 12 nhiệm vụ đúng hạn; còn 08 nhiệm vụ chưa hoàn thành, trong đó 08 nhiệm vụ còn thời hạn, "
            "không có nhiệm vụ quá thời hạn.",
            id="none overdue",
        ),
        pytest.param(
            Counts(9, 9, 0, 0, 0),
            GIVEN.format("09") + "Đã hoàn thành 09 nhiệm vụ đúng hạn; không còn nhiệm vụ chưa hoàn thành.",
            id="none open",
        ),
        pytest.param(
            Counts(20, 10, 0, 6, 4, 2),
            GIVEN.format("20")
            + "Đã hoàn thành 10 nhiệm vụ đúng hạn; còn 10 nhiệm vụ chưa hoàn thành, trong đó 06 nhiệm vụ còn thời hạn "
            "(trong đó 02 nhiệm vụ không thời hạn), 04 nhiệm vụ quá thời hạn" + NOTE,
            id="some without a deadline",
        ),
        pytest.param(
            Counts(5, 1, 0, 0, 4),
            GIVEN.format("05")
            + "Đã hoàn thành 01 nhiệm vụ đúng hạn; còn 04 nhiệm vụ chưa hoàn thành, đều đã quá thời hạn"
            + NOTE,
            id="all open ones overdue",
        ),
        pytest.param(
            Counts(3, 0, 0, 3, 0),
            GIVEN.format("03")
            + "Chưa có nhiệm vụ hoàn thành; còn 03 nhiệm vụ chưa hoàn thành, trong đó 03 nhiệm vụ còn thời hạn, không "
            "có nhiệm vụ quá thời hạn.",
            id="none finished",
        ),
        pytest.param(
            Counts(),
            "Trong tháng 02/2022, UBND tỉnh, Chủ tịch, các Phó Chủ tịch UBND tỉnh không giao nhiệm vụ mới cho các sở, "
            "ban, ngành, UBND các huyện, thành phố.",
            id="none given",
        ),
    ],
)
def test_section_1_follows_the_figures(counts: Counts, expected: str) -> None:
    assert progress(report_of(counts)) == expected


def process(report: MonthlyReport) -> str:
    return report_text(report, FORM).body()[4].split("nhận nhiệm vụ. ")[1]


def test_a_month_without_violations_says_that_procedure_was_followed() -> None:
    nothing_open = (NotEvaluableCount("PV01_RECEIVE_LATE", 0, {}),)
    assert process(seed_report(violations=(), not_evaluable=nothing_open)) == (
        "Trong tháng, các cơ quan, đơn vị đã thực hiện đúng quy trình trên."
    )


def test_compliance_is_not_claimed_where_a_counted_rule_could_not_be_evaluated() -> None:
    unknown = (NotEvaluableCount("PV01_RECEIVE_LATE", 3, {"thiếu nhật ký": 3}),)
    assert process(seed_report(violations=(), not_evaluable=unknown)) == (
        "Trong tháng, chưa phát hiện cơ quan, đơn vị thực hiện không đúng quy trình trên (03 trường hợp chưa đủ dữ "
        "liệu để đánh giá)."
    )


def test_compliance_is_not_claimed_while_a_counted_rule_has_no_data_at_all() -> None:
    blind = NotEvaluableCount("PV10_EXT_AFTER_DUE", 183, {"thiếu thời điểm đề nghị": 183}, without_data=True)
    some = NotEvaluableCount("PV01_RECEIVE_LATE", 3, {"thiếu nhật ký": 3})
    assert process(seed_report(violations=(), not_evaluable=(blind,))).endswith(
        "không đúng quy trình trên (01 nội dung chưa đủ dữ liệu để đánh giá)."
    )
    assert process(seed_report(violations=(), not_evaluable=(some, blind))).endswith(
        "không đúng quy trình trên (03 trường hợp và 01 nội dung chưa đủ dữ liệu để đánh giá)."
    )


def test_a_rule_outside_the_report_does_not_spoil_the_statement_of_compliance() -> None:
    other = (NotEvaluableCount("TD04_NO_DEADLINE_STALE", 5, {"thiếu ngày giao": 5}, counted=False),)
    assert process(seed_report(violations=(), not_evaluable=other)) == (
        "Trong tháng, các cơ quan, đơn vị đã thực hiện đúng quy trình trên."
    )


def test_an_agency_is_named_with_its_number_of_documents_not_of_findings() -> None:
    one = violations()[0].documents[0]
    many = AgencyViolations(KHDT, tuple(replace(one, document_id=str(number)) for number in range(12)))
    assert process(seed_report(violations=(many,))).endswith("cụ thể như: Sở Kế hoạch và Đầu tư (12 văn bản).")


def test_from_july_2025_the_communes_stand_where_the_districts_stood() -> None:
    text = report_text(seed_report(has_communes=True), FORM)
    whole = " ".join((*text.body(), *(text.fill(line) for line in wording.RECIPIENTS)))
    assert "các sở, ban, ngành, UBND các xã, phường tổng số 183 nhiệm vụ" in whole
    assert "Chủ tịch UBND các xã, phường tập trung thực hiện" in whole
    assert "- UBND các xã, phường;" in whole
    assert "huyện, thành phố" not in whole


def test_a_deputy_signs_on_two_lines_and_an_unnamed_drafter_leaves_no_bracket() -> None:
    form = Form(signer_titles=("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"), signer_name="Nguyễn Văn Mẫu", drafter="")
    text = report_text(seed_report(), form)
    assert text.signer_titles == ("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG")
    assert text.values["signer_name"] == "Nguyễn Văn Mẫu"
    assert text.fill(wording.RECIPIENTS[-1]) == "- Lưu: VT, THNC."


@pytest.mark.parametrize(
    ("made_at", "expected"),
    [
        (datetime(2022, 3, 1, 1, tzinfo=UTC), "Lạng Sơn, ngày     tháng 3 năm 2022"),
        (datetime(2022, 2, 28, 17, 30, tzinfo=UTC), "Lạng Sơn, ngày     tháng 3 năm 2022"),
        (datetime(2022, 2, 28, 16, 30, tzinfo=UTC), "Lạng Sơn, ngày     tháng 02 năm 2022"),
        (datetime(2021, 12, 5, tzinfo=UTC), "Lạng Sơn, ngày     tháng 02 năm 2022"),
        (datetime(2023, 1, 2, tzinfo=UTC), "Lạng Sơn, ngày     tháng 01 năm 2023"),
    ],
)
def test_the_date_line_has_the_local_month_of_making_but_never_one_before_the_cut_off(
    made_at: datetime, expected: str
) -> None:
    text = report_text(seed_report(made_at=made_at), FORM)
    assert text.fill(wording.DATE_LINE) == expected


def test_a_secret_task_is_listed_without_its_content() -> None:
    rows = report_text(uneven_report(), FORM).rows
    assert (rows[1].name, rows[1].notation, rows[1].note) == ("(nội dung mật)", "07/UBND-NC", "văn bản mật")
    assert not any("bí mật X" in value for row in rows for value in (row.name, row.note, row.notation))


def test_rows_of_the_appendix_carry_notes_dates_and_days_in_table_form() -> None:
    late = task("1", due_on=date(2022, 1, 5), days_overdue=1054, extensions=2, cooperating=("Sở A", "Sở B"))
    row = report_text(seed_report(overdue=(late,)), FORM).rows[0]
    assert (row.due, row.days_overdue, row.note, row.cooperating) == (
        "05/01/2022",
        "1.054",
        "đã gia hạn 02 lần",
        "Sở A; Sở B",
    )


def test_numbers_and_dates_follow_the_habits_of_the_office() -> None:
    assert [n2(count) for count in (1, 9, 10, 183, 1387, 1234567)] == ["01", "09", "10", "183", "1.387", "1.234.567"]
    assert [short_date(day) for day in (date(2020, 7, 11), date(2022, 2, 28), date(2022, 3, 5), None)] == [
        "11/7/2020",
        "28/02/2022",
        "05/3/2022",
        "",
    ]


def test_odd_characters_of_a_source_come_out_composed_on_one_line() -> None:
    decomposed = unicodedata.normalize("NFD", "Kế hoạch")
    assert clean(f"  {decomposed}\r\n\tsố\u00a01\x00\u200b\ud800 ") == "Kế hoạch số 1"


def test_every_placeholder_of_the_wording_has_a_value_and_a_meaning() -> None:
    text = report_text(seed_report(overdue=overdue_tasks(), unlinked_findings=(finding("PV08_NO_EVIDENCE"),)), FORM)
    assert set(text.values) | {"signer_titles", "rows"} == set(wording.PLACEHOLDERS)
    assert set(wording.PLACEHOLDERS) >= wording.NEEDED
