"""A row becomes a record, or is refused with all its problems."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from connector.clock import OFFICE_ZONE
from connector.domain.records import Line
from connector.domain.status import Role, Status
from connector.domain.tables import DATE_WITHOUT_DAY, DATE_WITHOUT_YEAR, FORMULA_WITHOUT_VALUE, Cell
from connector.normalise.exports.cells import split_names
from connector.normalise.exports.problems import RejectedRow
from connector.normalise.exports.records import ExportDocument, ExportTask, SourceDocument
from tests.normalise.exports.builders import (
    AGENCIES,
    DOCUMENT_HEADER,
    FEBRUARY,
    TASK_HEADER,
    Value,
    document,
    read,
    reading,
    rejected,
    task,
    task_row,
)


def is_agency(name: str) -> bool:
    return AGENCIES.resolve(name, FEBRUARY).agency is not None


# -- tasks -------------------------------------------------------------------------------------------------------------


def test_a_row_gives_the_state_of_a_task() -> None:
    found = task(completed="15/02/2022", status="Đã hoàn thành", helpers="Sở Y tế", urged=2)
    state = found.state
    assert (state.name, state.assigner, state.lead) == (
        "Kiểm tra, báo cáo tuyển sinh đầu cấp", "Lãnh đạo Mẫu 01", "Sở Tài chính",
    )  # fmt: skip
    assert (state.status, state.status_label) == (Status.DONE, "Đã hoàn thành")
    assert (state.assigned_on, state.due_on, state.completed_on) == (
        date(2022, 2, 8), date(2022, 2, 18), date(2022, 2, 15),
    )  # fmt: skip
    assert state.urged
    assert found.document == SourceDocument(("44/UBND-NN",), date(2022, 2, 8))
    assert found.document.words == "số 44/UBND-NN ngày 08/02/2022"
    assert found.cooperating == ("Sở Y tế",)
    assert state.lines == (
        Line("Sở Tài chính", Role.LEAD, "", "Đã hoàn thành", None, date(2022, 2, 18), Status.DONE),
        Line("Sở Y tế", Role.COOPERATING, "", ""),
    )
    assert (state.content, state.files, state.children) == ("số 44/UBND-NN ngày 08/02/2022", None, None)
    assert found.doubts == ()


def test_times_are_kept_beside_their_days() -> None:
    found = task(assigned="07:30 08/02/2022")
    assert found.state.assigned_at == datetime(2022, 2, 8, 7, 30, tzinfo=OFFICE_ZONE)


def test_entities_and_invisible_characters_go_and_words_for_nothing_are_nothing() -> None:
    found = task(name="Phát triển KT&amp;XH\u200b &lt;bản  trình&gt;", notation="undefined", helpers="null")
    assert found.state.name == "Phát triển KT&XH <bản trình>"
    assert found.document is None
    assert found.cooperating == ()


@pytest.mark.parametrize(
    ("label", "completed", "status"),
    [
        ("Đã hoàn thành", "15/02/2022", Status.DONE),
        ("Đã hoàn thành", None, Status.DONE),
        ("Hoàn thành quá hạn", "20/02/2022", Status.DONE),
        ("Chờ phê duyệt", None, Status.WAIT_CONFIRM),
        ("Quá hạn", "20/02/2022", Status.DONE),
        ("Quá hạn", None, Status.UNKNOWN),
        ("Trong hạn", "15/02/2022", Status.DONE),
        ("Trong hạn", None, Status.UNKNOWN),
        ("Sắp đến hạn", None, Status.IN_PROGRESS),
        ("Sắp đến hạn", "15/02/2022", Status.UNKNOWN),
        (None, "15/02/2022", Status.DONE),
        (None, None, Status.UNKNOWN),
        ("Tạm để đó", "15/02/2022", Status.UNKNOWN),
        ("Đã phê duyệt", None, Status.UNKNOWN),
    ],
)
def test_the_status_comes_from_the_label_and_the_completion_date(
    label: str | None, completed: str | None, status: Status
) -> None:
    found = task(status=label, completed=completed).state
    assert (found.status, found.status_label) == (status, label or "")


@pytest.mark.parametrize(("label", "status"), [("Quá hạn", Status.UNKNOWN), ("Còn hạn", Status.IN_PROGRESS)])
def test_without_a_column_for_it_nothing_is_said_about_completion(label: str, status: Status) -> None:
    header = ("Tên nhiệm vụ", "Chủ trì", "Hạn xử lý", "Trạng thái")
    (found,) = read(header, ("Việc", "Sở Y tế", "18/02/2022", label))
    assert isinstance(found, ExportTask)
    assert found.state.status is status


def test_a_task_that_is_finished_and_unfinished_by_its_own_row_is_refused() -> None:
    (refused,) = read(TASK_HEADER, task_row(1, completed="15/02/2022", due="?"))
    assert isinstance(refused, RejectedRow)
    assert [(one.cell, one.reason) for one in refused.problems] == [
        ("I2", "không đọc được ngày, cần dạng ngày/tháng/năm"),
        ("J2", "có ngày hoàn thành nhưng trạng thái là “Chưa hoàn thành”"),
    ]


@pytest.mark.parametrize(
    ("labels", "dates", "statuses", "remark"),
    [
        (["Quá hạn", "Trong hạn"], ["21/02/2022", None], ["DONE", "IN_PROGRESS"], "status_implied"),
        (["Quá hạn", "Trong hạn"], [None, None], ["UNKNOWN", "UNKNOWN"], "status_unsaid"),
        ([None, "Đã hoàn thành"], [None, "21/02/2022"], ["UNKNOWN", "DONE"], "status_blank"),
    ],
)
def test_a_missing_completion_date_means_unfinished_only_where_the_column_is_used(
    labels: list[str], dates: list[str], statuses: list[str], remark: str
) -> None:
    found = reading(TASK_HEADER, *(task_row(n, status=labels[n], completed=dates[n]) for n in range(2)))
    tasks = found.settled([one for one in found.records() if isinstance(one, ExportTask)])
    assert [one.state.status for one in tasks] == statuses
    assert [one.code for one in found.remarks] == [remark]


def test_without_a_column_of_labels_the_dates_tell_if_there_are_any() -> None:
    header = ("Tên nhiệm vụ", "Chủ trì", "Hạn xử lý", "Ngày hoàn thành")
    for ended, statuses in (("17/02/2022", ["DONE", "IN_PROGRESS"]), (None, ["UNKNOWN", "UNKNOWN"])):
        found = reading(header, ("A", "Sở Y tế", "18/02/2022", ended), ("B", "Sở Y tế", "18/02/2022", None))
        tasks = found.settled([one for one in found.records() if isinstance(one, ExportTask)])
        assert [one.state.status for one in tasks] == statuses


@pytest.mark.parametrize(("role", "reason"), [(None, "thiếu vai trò"), ("Theo dõi", "chưa được khai báo")])
def test_a_unit_of_unknown_role_is_not_taken_for_the_lead(role: str | None, reason: str) -> None:
    header = ("Tên nhiệm vụ", "Đơn vị/Cá nhân xử lý", "Vai trò", "Hạn xử lý", "Trạng thái")
    (refused,) = read(header, ("Việc", "Sở Y tế", role, "18/02/2022", "Đang thực hiện"))
    assert isinstance(refused, RejectedRow)
    assert [(one.cell, reason in one.reason) for one in refused.problems] == [("C2", True)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"completed": "28/02/2022", "status": "Đã hoàn thành"}, []),
        ({"completed": "01/03/2022", "status": "Đã hoàn thành"}, ["J2"]),
        ({"assigned": "05/03/2022", "completed": "06/03/2022", "status": "Đã hoàn thành"}, ["J2", "H2", "I2"]),
        ({"due": "07/02/2022"}, ["I2"]),
        ({"due": "08/02/2022"}, []),
        ({"due": "05/03/2023"}, []),
    ],
)
def test_what_had_not_happened_when_the_export_was_made_is_said_with_its_cell(
    changes: dict[str, Value], said: list[str]
) -> None:
    found = reading(TASK_HEADER, task_row(1, **changes))
    (one,) = [one for one in found.records() if isinstance(one, ExportTask)]
    assert [problem.cell for problem in found.not_yet(one, date(2022, 2, 28))] == said


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("Tháng 3/2022", True), ("Quý I/2022", True), ("Hàng tháng", True), ("Thường xuyên", True), ("3/2022", True),
        ("Theo kế hoạch", True), (Cell(date(2022, 3, 1), "Mar-22", "date", DATE_WITHOUT_DAY), True),
        ("không thời hạn", False), (None, False),
    ],
)  # fmt: skip
def test_a_deadline_that_names_no_day_is_told_and_makes_nobody_late(due: Value, said: bool) -> None:
    found = task(due=due)
    assert found.state.due_on is None
    assert [one for one in found.doubts if "không phải một ngày" in one] == list(found.doubts)
    assert bool(found.doubts) is said


@pytest.mark.parametrize("due", ["Trước 20/02/2022", "Chậm nhất ngày 20/02/2022", "Hoàn thành trước ngày 20/02/2022"])
def test_a_day_by_which_something_is_due_is_that_day(due: str) -> None:
    assert task(due=due).state.due_on == date(2022, 2, 20)


def test_a_month_is_no_day_on_which_something_was_given() -> None:
    refused = rejected(assigned=Cell(date(2022, 2, 1), "Feb-22", "date", DATE_WITHOUT_DAY))
    assert [(one.cell, one.reason) for one in refused.problems] == [("H2", "không ghi ngày cụ thể")]


def test_a_begin_may_be_planned() -> None:
    header = ("Tên nhiệm vụ", "Chủ trì", "Ngày bắt đầu", "Hạn xử lý", "Trạng thái")
    found = reading(header, ("Việc", "Sở Y tế", "05/03/2022", "18/03/2022", "Chưa thực hiện"))
    (one,) = [one for one in found.records() if isinstance(one, ExportTask)]
    assert found.not_yet(one, date(2022, 2, 28)) == ()


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"completed": "15/02/2022", "status": "Chờ phê duyệt"}, "có ngày hoàn thành 15/02/2022 nhưng trạng thái là"),
        ({"completed": "15/02/2022", "status": "Hoàn thành quá hạn"}, "hạn 18/02/2022"),
        ({"completed": "20/02/2022", "status": "Hoàn thành đúng hạn"}, "hạn 18/02/2022"),
        ({"completed": "01/02/2022", "status": "Đã hoàn thành"}, "trước khi giao"),
    ],
)
def test_what_does_not_go_together_is_said_and_the_task_counts(changes: dict[str, Value], doubt: str) -> None:
    (said,) = task(**changes).doubts
    assert doubt in said


def test_the_line_of_the_lead_stands_as_its_own_row_says() -> None:
    """Two rows that differ in nothing but the completion date, which decides what "Quá hạn" means."""
    rows = (task_row(1, status="Quá hạn", completed="21/02/2022"), task_row(2, status="Quá hạn"))
    found = reading(TASK_HEADER, *rows)
    done, late = [one.state for one in found.settled([one for one in found.records() if isinstance(one, ExportTask)])]
    assert done.lines is not None
    assert late.lines is not None
    assert [(state.status, state.lines[0].status) for state in (done, late) if state.lines] == [
        (Status.DONE, Status.DONE),
        (Status.IN_PROGRESS, Status.IN_PROGRESS),
    ]


def test_all_problems_of_a_row_are_told_with_cell_header_value_and_reason() -> None:
    found = rejected(
        name="",
        notation=date(2022, 9, 15),
        assigned=20220208,
        due="30/02/2022",
        urged="nhiều",
        lead=Cell(None, "#REF!", "error"),
    )
    assert [(one.cell, one.header, one.value, one.reason) for one in found.problems] == [
        ("B2", "Tên nhiệm vụ", "", "bắt buộc nhưng để trống"),
        ("C2", "Số ký hiệu văn bản giao", "15/09/2022", "Excel đã đổi số, ký hiệu này thành ngày"),
        ("F2", "Cơ quan chủ trì", "#REF!", "ô bị lỗi công thức"),
        ("H2", "Ngày giao", "20220208", "số có 8 chữ số, không rõ là ngày tháng năm hay năm tháng ngày"),
        ("I2", "Hạn hoàn thành", "30/02/2022", "ngày giờ không có thật"),
        ("L2", "Số lần bị đôn đốc", "nhiều", "không phải số lần"),
    ]
    assert (found.file, found.sheet, found.row.number) == ("nhiem-vu.xlsx", "Nhiệm vụ", 2)
    assert found.row.cells[7].value == 20220208


@pytest.mark.parametrize(
    "notation",
    [
        date(2022, 9, 15),
        Cell("15-Sep", "15-Sep", "text"),
        Cell("15/9", "15/9", "text", DATE_WITHOUT_YEAR),
        Cell("Sep-15", "Sep-15", "text"),
    ],
)
def test_a_number_that_excel_turned_into_a_date_is_refused(notation: Value) -> None:
    (problem,) = rejected(notation=notation).problems
    assert "Excel đã đổi" in problem.reason


def test_numbers_stay_numbers_of_documents() -> None:
    assert task(notation=44).document == SourceDocument(("44",), date(2022, 2, 8))


def test_a_formula_that_was_never_calculated_is_refused() -> None:
    (problem,) = rejected(lead=Cell(None, "", "empty", FORMULA_WITHOUT_VALUE)).problems
    assert "công thức chưa có kết quả" in problem.reason


def test_a_cell_in_another_coding_than_its_column_is_refused_by_its_word() -> None:
    values = [task_row(number, lead=name) for number, name in enumerate(("Sở Y tế", "Sở Nội vụ", "Sở Tư pháp"), 1)]
    found = read(TASK_HEADER, *values, task_row(4, lead="Së Tµi chÝnh"))
    assert [type(one) for one in found] == [ExportTask] * 3 + [RejectedRow]
    assert isinstance(found[3], RejectedRow)
    (problem,) = found[3].problems
    assert (problem.cell, problem.value) == ("F5", "Së")


# -- a row for each unit -----------------------------------------------------------------------------------------------

HANDLERS = ("Tên công việc", "Đơn vị/Cá nhân xử lý", "Vai trò xử lý", "Ngày giao", "Hạn xử lý", "Trạng thái")


def test_a_unit_is_lead_or_helper_as_its_role_says() -> None:
    dated = ("08/02/2022", "18/02/2022", "Đang thực hiện")
    lead, helper = read(HANDLERS, ("Việc", "Sở Y tế", "Chủ trì", *dated), ("Việc", "Sở Nội vụ", "Phối hợp", *dated))
    assert isinstance(lead, ExportTask)
    assert isinstance(helper, ExportTask)
    assert (lead.state.lead, lead.cooperating, lead.tells_status) == ("Sở Y tế", (), True)
    assert (helper.state.lead, helper.cooperating, helper.tells_status) == ("", ("Sở Nội vụ",), False)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["Sở Y tế, Sở Nội vụ"], ["Sở Y tế", "Sở Nội vụ"]),
        (["Sở Văn hóa, Thể thao và Du lịch"], ["Sở Văn hóa, Thể thao và Du lịch"]),
        (["Công an tỉnh,Sở Lao động, Thương binh và Xã hội, Sở Y tế"],
         ["Công an tỉnh", "Sở Lao động, Thương binh và Xã hội", "Sở Y tế"]),
        (["Hội Người mù, Sở Y tế"], ["Hội Người mù", "Sở Y tế"]),
        (["Sở Y tế", "Sở Y tế, "], ["Sở Y tế"]),
        ([], []),
    ],
)  # fmt: skip
def test_commas_part_names_but_belong_to_some(lines: list[str], names: list[str]) -> None:
    assert list(split_names(lines, is_agency)) == names


def test_helpers_stand_on_lines_or_between_semicolons_too() -> None:
    assert task(helpers="Sở Y tế\nSở Nội vụ; Hội Người mù").cooperating == ("Sở Y tế", "Sở Nội vụ", "Hội Người mù")


# -- documents ---------------------------------------------------------------------------------------------------------


def test_a_row_gives_the_state_of_a_document() -> None:
    found = document(1, "V/v tiêm chủng", "245/UBND-KT", "Đã ký số", "20/12/2021", "UBND tỉnh Lạng Sơn", "Mẫu")
    assert isinstance(found, ExportDocument)
    state = found.state
    assert (state.notation, state.issued_on, state.issuer, state.subject, state.outgoing) == (
        "245/UBND-KT", date(2021, 12, 20), "UBND tỉnh Lạng Sơn", "V/v tiêm chủng", True,
    )  # fmt: skip
    assert state.secret is None


@pytest.mark.parametrize(("missing", "cell"), [(1, "B2"), (2, "C2"), (4, "E2")])
def test_a_document_needs_its_subject_number_and_day(missing: int, cell: str) -> None:
    values: list[Value] = [1, "V/v tiêm chủng", "245/UBND-KT", "Đã ký số", "20/12/2021", "UBND tỉnh", ""]
    values[missing] = None
    found = document(*values)
    assert isinstance(found, RejectedRow)
    assert [(one.cell, one.reason) for one in found.problems] == [(cell, "bắt buộc nhưng để trống")]


RECEIVED = ("Trích yếu", "Số ký hiệu", "Ngày văn bản", "Cơ quan ban hành", "Số đến", "Độ mật", "Hạn xử lý")


@pytest.mark.parametrize(
    ("label", "secret"), [("Mật", True), ("TỐI MẬT", True), ("A", True), ("Thường", False), (None, None)]
)
def test_every_degree_of_secrecy_that_is_not_none_is_secret(label: str | None, secret: bool | None) -> None:
    found = document("Việc", "15/UBND", "08/02/2022", "Sở Y tế", "7", label, None, header=RECEIVED)
    assert isinstance(found, ExportDocument)
    assert (found.state.secret, found.state.outgoing) == (secret, False)


def test_the_subject_of_a_secret_document_is_in_no_problem() -> None:
    found = document(date(2022, 1, 1), "15/UBND", "?", "Sở Y tế", "7", "Mật", None, header=RECEIVED)
    assert isinstance(found, RejectedRow)
    assert [one.value for one in found.problems] == ["(không hiển thị)", "?"]


@pytest.mark.parametrize(("code", "outgoing"), [(1, False), ("2", True), (None, None), ("đi", None)])
def test_a_column_of_directions_decides_row_by_row(code: Value, outgoing: bool | None) -> None:
    header = (*DOCUMENT_HEADER[:3], "Ngày ban hành", "CONGVAN_DENDI")
    found = document(1, "Việc", "15/UBND", "08/02/2022", code, header=header)
    if outgoing is None:
        assert isinstance(found, RejectedRow)
        assert [one.cell for one in found.problems] == ["E2"]
    else:
        assert isinstance(found, ExportDocument)
        assert found.state.outgoing is outgoing


@pytest.mark.parametrize(
    ("text", "notations", "day"),
    [
        ("44/UBND-NN", ("44/UBND-NN",), None),
        ("Công văn số 44/UBND-NN ngày 08/01/2022", ("44/UBND-NN",), date(2022, 1, 8)),
        ("CV 56/UBND-TH", ("56/UBND-TH",), None),
        ("44/UBND-NN; 45/UBND-TH", ("44/UBND-NN", "45/UBND-TH"), None),
        ("Thông báo 12/TB-UBND và Công văn số 13/UBND-KT ngày 01/02/2022", ("12/TB-UBND", "13/UBND-KT"), None),
        ("31/2020/QĐ-UBND", ("31/2020/QĐ-UBND",), None),
        ("015/ubnd – th", ("015/ubnd – th",), None),
        ("Chỉ thị 05-CT/TW", ("05-CT/TW",), None),
        ("Ý kiến tại cuộc họp", ("Ý kiến tại cuộc họp",), None),
    ],
)
def test_the_documents_of_a_task_are_read_out_of_their_cell(text: str, notations: tuple[str, ...], day: date) -> None:
    assert SourceDocument.read(text, None) == SourceDocument(notations, day)


def test_a_task_in_time_whose_deadline_has_passed_is_doubted() -> None:
    found = reading(TASK_HEADER, task_row(1, status="Còn hạn"))
    (one,) = [one for one in found.records() if isinstance(one, ExportTask)]
    assert [problem.cell for problem in found.not_yet(one, date(2022, 2, 19))] == ["I2"]
    assert found.not_yet(one, date(2022, 2, 18)) == ()
