"""What a clerk reads: the cell, the likely cause, what to do; and nothing of what a secret document says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from connector.clock import OFFICE_ZONE
from connector.domain.tables import Range
from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.explain import (
    WORDS,
    Advice,
    explain,
    explain_contradiction,
    explain_question,
    explain_rejected,
)
from connector.normalise.exports.joining import Question, join
from connector.normalise.exports.keys import TaskKey
from connector.normalise.exports.once import Contradiction
from connector.normalise.exports.problems import SKIPPED, RejectedRow, SkippedRow, ranges
from connector.normalise.exports.report import FileOutcome, SheetOutcome, report_text
from tests.normalise.exports.builders import TASK_HEADER, TITLES, Value, reading, rejected, root, task_row
from tests.normalise.exports.fonts import tcvn3

SAVED = datetime(2022, 3, 9, tzinfo=OFFICE_ZONE)
SOURCES = root() / "connector/normalise/exports"


def advice(*values: Sequence[Value], merged: Sequence[Range] = ()) -> list[Advice]:
    found = reading(*values, merged=merged)
    refused = [one for one in found.records() if isinstance(one, RejectedRow)]
    return explain(found, refused)


def said(*values: Sequence[Value], merged: Sequence[Range] = ()) -> str:
    return "\n".join(line for one in advice(*values, merged=merged) for line in one.lines())


def test_every_code_of_a_remark_has_its_words_and_every_word_its_code() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.py")))
    used = set(re.findall(r'Remark\(\s*"(\w+)"', text)) | {"dates_other_order", "dates_mixed_order"}
    used |= {f"header_{kind}" for kind in ("unknown", "missing", "double", "end", "direction")}
    used |= {f"text_{kind}" for kind in ("mixed", "unreadable", "converted")} | {"html_as_xls"}
    used |= {"ended_as"}
    used |= {f"status_{kind}" for kind in ("implied", "unsaid", "unknown", "blank")}
    assert used == set(WORDS)
    assert all(words.what for words in WORDS.values())


@pytest.mark.parametrize(
    ("values", "merged", "expected"),
    [
        pytest.param(
            [("Họ và tên", "Ngày sinh", "Quê quán")], (),
            ["Ô A1", "không tìm thấy dòng tên cột", "import --map"], id="other table",
        ),
        pytest.param(
            [(), ("STT", "Tên nhiệm vụ", "Chủ trì", "Hạn hoàn thàn")], (),
            ["Ô A2", "thiếu: hạn hoàn thành", "B2 “Tên nhiệm vụ”", "Cột D2 “Hạn hoàn thàn” có phải “Hạn hoàn thành”"],
            id="missing header",
        ),
        pytest.param(
            [("Tên nhiệm vụ", "Chủ trì", "Hạn xử lý", "Thời hạn")], (),
            ["Ô C1", "“hạn hoàn thành”: C1, D1", "hai tên cột cùng nghĩa"], id="duplicate header",
        ),
        pytest.param(
            [("Tên nhiệm vụ", "Chủ trì", "Thời hạn", None), ("Việc", "Sở Y tế", "01/02/2022", "18/02/2022")],
            (Range(1, 3, 1, 4),),
            ["Ô C1", "ô gộp C1:D1 “hạn hoàn thành”", "các cột đó đều có dữ liệu", "Unmerge Cells"], id="merged header",
        ),
        pytest.param(
            [("STT", "TÃªn nhiá»‡m vá»¥", "NgÆ°á»i giao", "ÄÆ¡n vá»‹ chá»§ trÃ¬", "Háº¡n hoÃ n thÃ nh")], (),
            ["Ô A1", "hỏng chữ, ví dụ “NgÆ°á»i giao”", "bảng mã khác", "xuất lại tệp từ iOffice"], id="lost bytes",
        ),
        pytest.param(
            [("STT", "Tên nhi?m v?", "Ng??i giao", "??n v? ch? trì", "H?n hoàn thành")], (),
            ["hỏng chữ, ví dụ “Tên nhi?m v?”"], id="question marks",
        ),
        pytest.param(
            [("Tên nhiệm vụ", "Chủ trì", "Ngày kết thúc", "Trạng thái")], (),
            ["Ô C1", "có thể là hạn phải xong hoặc là ngày đã xong"], id="planned or actual end",
        ),
        pytest.param(
            [("Trích yếu", "Số ký hiệu", "Ngày ban hành")], (), ["văn bản đi hay văn bản đến"], id="direction"
        ),
        pytest.param(
            [TASK_HEADER, *(task_row(n, due=f"02/{n + 12}/2022") for n in range(1, 4))], (),
            ["Ô I2", "tháng trước ngày, ví dụ 02/13/2022", "kiểu ngày của Mỹ"], id="month first",
        ),
        pytest.param(
            [
                TASK_HEADER,
                *(task_row(n, due=date(2022, n, 2)) for n in range(1, 5)),
                *(task_row(n, due=f"{n + 8}/02/2022") for n in range(5, 9)),
            ], (),
            ["Ô I6", "(hầu như) không ngày nào quá 12", "bị đảo ngày với tháng", "xuất lại tệp"], id="swapped",
        ),
        pytest.param(
            [TASK_HEADER, *(task_row(n, lead=tcvn3(name)) for n, name in enumerate(
                ("Sở Tài chính", "Sở Nội vụ", "Sở Tư pháp", "Văn phòng UBND tỉnh"), 1))], (),
            ["Ô F1", "TCVN3", "→", "phông cũ"], id="old font",
        ),
        pytest.param(
            [TASK_HEADER, task_row(1), (None, "Tổng cộng", None, None, "5 nhiệm vụ")], (),
            ["Dòng 3", "dòng tổng cộng ghi 5 nhưng đọc được 1"], id="totals row",
        ),
        pytest.param(
            [TASK_HEADER, task_row(1, notation=date(2022, 9, 15)), task_row(2, notation=date(2022, 8, 15))], (),
            ["Ô C2", "Excel đã đổi số, ký hiệu", "cùng lỗi ở 1 ô khác", "định dạng cột là Text"], id="number to date",
        ),
    ],
)  # fmt: skip
def test_the_doctor_names_cell_cause_and_cure(
    values: list[Sequence[Value]], merged: Sequence[Range], expected: list[str]
) -> None:
    text = said(*values, merged=merged)
    for words in expected:
        assert words in text, text


def test_what_stops_the_file_comes_first() -> None:
    values = [task_row(1, status="Tạm để đó"), *(task_row(n, due=f"02/{n + 12}/2022") for n in range(2, 5))]
    found = advice(TASK_HEADER, *values)
    assert [one.stops for one in found] == sorted((one.stops for one in found), reverse=True)
    assert found[0].stops


def test_a_file_without_fault_needs_no_words() -> None:
    assert advice(*TITLES, TASK_HEADER, task_row(1)) == []


def test_equal_problems_of_a_column_are_said_once() -> None:
    (found,) = explain_rejected([rejected(assigned=20220208)] * 3)
    assert found.cell == "H2"
    assert "cùng lỗi ở 2 ô khác" in found.what


# -- the report beside the file ----------------------------------------------------------------------------------------


def outcome(**changes: object) -> str:
    found = reading(*TITLES, TASK_HEADER, task_row(1), task_row(2, due="30/02/2022"), (None, "Tổng cộng", "2 nhiệm vụ"))
    result = list(found.records())
    refused = [one for one in result if isinstance(one, RejectedRow)]
    known: dict[str, object] = {
        "read": 1,
        "new": 1,
        "as_of": found.as_of(SAVED, SAVED),
        "skipped": [one for one in result if isinstance(one, SkippedRow)],
        "rejected": refused,
        "advices": explain(found, refused),
    }
    sheet = SheetOutcome("Nhiệm vụ", "task", **{**known, **changes})  # type: ignore[arg-type]
    return report_text(FileOutcome("nhiem-vu.xlsx", [sheet], refused=False), OFFICE_ZONE)


def test_the_report_says_what_came_in_what_did_not_and_what_to_do() -> None:
    assert outcome(repeated=2, older=1, asked=[(9, "hai nhiệm vụ cùng khớp")]).split("\r\n") == [
        "Tệp: nhiem-vu.xlsx",
        "Kết quả: ĐÃ NHẬP",
        "",
        "Trang “Nhiệm vụ”: danh sách nhiệm vụ",
        "  Đã đọc 1 nhiệm vụ: 1 mới, 0 có thay đổi, 0 không đổi",
        "  1 nhiệm vụ giữ giá trị cũ ở một số cột vì đã có số liệu mới hơn tệp này",
        "  2 dòng trùng, chỉ lấy một lần",
        "  Số liệu tính đến 00:00 09/03/2022 (theo giờ lưu của tệp)",
        "  Dòng không phải dữ liệu, bỏ qua:",
        "    - dòng tiêu đề phía trên bảng: 1-3",
        "    - dòng tên cột: 5",
        "    - dòng tổng cộng: 8",
        "  Cần xem:",
        "    1. Ô I7: cột “Hạn hoàn thành”: ngày giờ không có thật (giá trị: 30/02/2022)",
        "       Cách sửa: sửa ô này rồi thả lại tệp, hoặc báo quản trị",
        "  1 dòng bị giữ lại, chưa nhập:",
        "    Dòng 7: I7 (Hạn hoàn thành): ngày giờ không có thật (giá trị: 30/02/2022)",
        "  1 dòng chờ người quyết định, chưa nhập:",
        "    Dòng 9: hai nhiệm vụ cùng khớp",
        "",
    ]


def test_a_time_of_the_file_that_cannot_be_is_told() -> None:
    text = outcome(as_of=AsOf(datetime(2022, 2, 8, 23, 59, 59, tzinfo=OFFICE_ZONE), "rows"))
    assert "tính đến 23:59 08/02/2022 (theo ngày mới nhất trong bảng vì giờ lưu của tệp không thể đúng)" in text


def test_a_refused_file_says_that_nothing_came_in_and_why() -> None:
    found = reading(("Tên nhiệm vụ", "Chủ trì"))
    sheet = SheetOutcome("Trang 1", None, advices=explain(found))
    text = report_text(FileOutcome("x.xlsx", [sheet], refused=True), OFFICE_ZONE)
    assert "BỊ TỪ CHỐI, không dòng nào được nhập" in text
    assert "dòng tên cột thiếu" in text
    assert "Đã đọc" not in text
    locked = FileOutcome("x.xlsx", [], refused=True, reason="tệp có mật khẩu")
    assert "Lý do: tệp có mật khẩu" in report_text(locked, OFFICE_ZONE)


def test_a_file_of_known_content_is_told_as_duplicate() -> None:
    text = report_text(FileOutcome("b.xlsx", [], refused=False, duplicate_of="a.xlsx"), OFFICE_ZONE)
    assert "nội dung giống hệt tệp đã nhập a.xlsx" in text


def test_a_long_list_of_rows_is_cut_and_says_so() -> None:
    text = outcome(rejected=[rejected(assigned=20220208)] * 30)
    assert text.count("Dòng 2: H2") == 20
    assert "… và 10 dòng nữa" in text


def test_no_word_of_a_secret_subject_reaches_the_report() -> None:
    header = ("Trích yếu", "Số ký hiệu", "Ngày văn bản", "Cơ quan ban hành", "Số đến", "Độ mật")
    secret = "Së Tµi chÝnh b¸o c¸o vô viÖc"
    plain = [(f"V/v họp tháng {n}", f"{n}/UBND", "01/02/2022", "Sở Y tế", str(n), "Thường") for n in range(1, 9)]
    found = reading(header, *plain, (secret, "15/UBND", "?", "Sở Y tế", "9", "Mật"))
    (refused,) = [one for one in found.records() if isinstance(one, RejectedRow)]
    assert [one.cell for one in refused.problems] == ["A10", "C10"]
    sheet = SheetOutcome("Trang 1", "document", rejected=[refused], advices=explain(found, [refused]))
    text = report_text(FileOutcome("x.xlsx", [sheet], refused=False), OFFICE_ZONE)
    assert "A10" in text
    assert not any(word in text for word in secret.split())


@pytest.mark.parametrize(
    ("row", "stored", "words"),
    [
        ({"documents": frozenset()}, [{}, {}], "nhiều bản ghi cùng khớp: s0, s1"),
        ({"lead": "SO_YT"}, [{}], "gần giống bản ghi s0 (khác đơn vị chủ trì): có thể đã được sửa"),
        ({"record_id": "1"}, [{"record_id": "2"}], "mã của dòng và các cột khác không chỉ cùng một bản ghi: s0"),
    ],
)
def test_a_question_says_which_records_it_may_be(
    row: dict[str, object], stored: list[dict[str, object]], words: str
) -> None:
    known = TaskKey("", "việc", "SO_TP", date(2022, 2, 10), frozenset({("7/UBND", None)}))
    records = [replace(known, ref=f"s{number}", **one) for number, one in enumerate(stored)]  # type: ignore[arg-type]
    (found,) = join([replace(known, ref="r", **row)], records, {})  # type: ignore[arg-type]
    assert isinstance(found, Question)
    assert words in explain_question(found)


def test_a_contradiction_names_its_rows_and_columns() -> None:
    found = explain_contradiction(Contradiction((2, 5), ("due_on", "status", "status_label")), "task")
    assert found == "các dòng 2, 5 là cùng một bản ghi nhưng khác nhau ở: hạn hoàn thành, trạng thái"


def test_every_reason_to_pass_over_a_row_has_its_words() -> None:
    assert all(SKIPPED.values())


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([1, 2, 3, 5], "1-3, 5"),
        ([], ""),
        ([9, 7, 8], "7-9"),
        ([4], "4"),
        ([*range(1, 24, 2), 24], "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, … (tất cả 13 dòng)"),
    ],
)
def test_rows_are_named_in_ranges(numbers: list[int], text: str) -> None:
    assert ranges(numbers) == text
