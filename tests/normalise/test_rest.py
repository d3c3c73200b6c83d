from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import AttachedFile, ChildTask, DocumentDetail, DocumentState, RawRow, Rejected, Stream
from connector.domain.status import LogAction, Role, Status
from connector.normalise.rest import RestNormaliser
from connector.normalise.vocabulary import Vocabularies
from connector.ports import Normaliser

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2025, 9, 4, 1, 0, tzinfo=UTC)
NORMALISER: Normaliser = RestNormaliser(Vocabularies.of(), ZONE)

TASK = {
    "id": "90215", "nxlId": "311870", "name": "Tham mưu báo cáo KT&amp;XH", "status": "Chưa hoàn thành",
    "vaitro": "Xử lý chính", "chuTri": "Phòng Mẫu 1", "lanhDaoGiaoViec": "Lãnh đạo Mẫu 01",
    "startDate": "03/09/2025 09:12", "endDate": "20/09/2025", "mucDo": "Khẩn", "dondoc": True,
    "statusDanhGia": None, "noiDungDanhGia": None,
}  # fmt: skip
FLOW = {"name": "Phòng Mẫu 1", "content": "Đã gửi", "status": "Chưa hoàn thành", "startDate": "03/09/2025",
        "endDate": "20/09/2025", "files": []}  # fmt: skip
DOCUMENT = {
    "id": "450123", "trichYeu": "V/v báo cáo", "soKihieu": "15/UBND-MAU", "coQuanBanHanh": "UBND tỉnh (mẫu)",
    "ngayVanBan": "02/09/2025", "doKhan": "Khẩn", "congVanDenDi": "1", "hasFile": "none", "ngayNhan": "null",
}  # fmt: skip
LOG = {"fullName": "Văn thư Mẫu", "updateBy": "(vanthu)", "updateDate": "02/09/2025 14:05", "status": "2",
       "comment": None, "chuyenToi": "XLC: Sở A|PH: Sở B; Sở C|XEM: |XYK: ", "action": "Phát hành"}  # fmt: skip


def raw(payload: Any, kind: str = "task_row", name: str = "duocgiao") -> RawRow:
    return RawRow(kind, Stream("vnpt", "ketnoi", "1001", name), payload, AT, subject="90215")


def read(convert: Callable[[RawRow], Any], payload: Any, name: str = "duocgiao") -> Any:
    result = convert(raw(payload, name=name))
    assert not isinstance(result, Rejected), result.problems
    return result


def problems(convert: Callable[[RawRow], Any], payload: Any, name: str = "duocgiao") -> tuple[str, ...]:
    result = convert(raw(payload, name=name))
    assert isinstance(result, Rejected)
    assert result.raw.payload == payload
    return result.problems


# -- task rows ---------------------------------------------------------------------------------------------------------


def test_a_task_row_becomes_our_record() -> None:
    row = read(NORMALISER.task_row, TASK)
    assert (row.key, row.name, row.fetched_at) == (
        (row.stream, "90215", "311870"),
        "Tham mưu báo cáo KT&XH",
        AT,
    )
    assert (row.status, row.status_label, row.role) == (Status.IN_PROGRESS, "Chưa hoàn thành", Role.LEAD)
    assert (row.lead, row.assigner, row.priority, row.urged) == ("Phòng Mẫu 1", "Lãnh đạo Mẫu 01", "Khẩn", True)
    assert (row.assigned_on, row.assigned_at) == (date(2025, 9, 3), datetime(2025, 9, 3, 2, 12, tzinfo=UTC))
    assert (row.due_on, row.due_at) == (date(2025, 9, 20), None)
    assert (row.evaluation, row.evaluation_note) == ("", "")


def test_numbers_and_texts_give_the_same_row() -> None:
    numeric = TASK | {"id": 90215, "nxlId": 311870.0, "dondoc": "TRUE"}
    assert read(NORMALISER.task_row, numeric) == read(NORMALISER.task_row, TASK)


def test_a_decomposed_row_gives_the_same_row() -> None:
    def decomposed(value: Any) -> Any:
        return unicodedata.normalize("NFD", value) if isinstance(value, str) else value

    row = {name: decomposed(value) for name, value in TASK.items()}
    assert read(NORMALISER.task_row, row) == read(NORMALISER.task_row, TASK)


def test_a_given_task_has_no_line() -> None:
    assert read(NORMALISER.task_row, TASK, "dagiao").line_id == ""
    assert read(NORMALISER.task_row, TASK | {"nxlId": None}, "duocgiao").line_id == ""


@pytest.mark.parametrize("nothing", [None, "", "null"])
def test_a_task_without_a_due_date_has_none(nothing: str | None) -> None:
    row = read(NORMALISER.task_row, TASK | {"endDate": nothing})
    assert (row.due_on, row.due_at) == (None, None)


@pytest.mark.parametrize("label", ["Đang theo dõi", "", None])
def test_an_unknown_status_is_kept_as_unknown_and_never_rejected(label: str | None) -> None:
    row = read(NORMALISER.task_row, TASK | {"status": label})
    assert (row.status, row.status_label) == (Status.UNKNOWN, label or "")


def test_only_id_and_name_are_needed() -> None:
    row = read(NORMALISER.task_row, {"id": 1, "name": "A"}, "dagiao")
    assert (row.status, row.role, row.due_on, row.urged) == (Status.UNKNOWN, Role.UNKNOWN, None, False)


def test_a_rejected_row_names_every_problem_it_has() -> None:
    found = problems(NORMALISER.task_row, TASK | {"id": None, "name": " ", "startDate": "32/13/2022", "dondoc": "có"})
    assert sorted(line.split(":")[0] for line in found) == ["dondoc", "id", "name", "startDate"]
    assert "startDate: ngày giờ không có thật (giá trị: 32/13/2022)" in found


@pytest.mark.parametrize("payload", ["bản ghi lỗi", 7, None, [], [TASK]])
def test_what_is_no_record_is_rejected(payload: Any) -> None:
    for convert in (NORMALISER.task_row, NORMALISER.task_detail, NORMALISER.document_row):
        assert len(problems(convert, payload)) == 1


# -- detail, flow, processors ------------------------------------------------------------------------------------------


def test_a_detail_gives_plain_content_and_file_names() -> None:
    payload = {
        "name": "x", "noiDung": "<p>Thực hiện Công văn số 15/UBND-MAU&nbsp;ngày 02/09/2025</p>",
        "status": "Đã hoàn thành", "ngayHetHan": "20/09/2025 17:00",
        "files": [{"id": 77001, "name": "de-cuong.docx"}, {"id": "77002", "name": "b.pdf"}],
    }  # fmt: skip
    detail = read(NORMALISER.task_detail, payload)
    assert (detail.task_id, detail.content) == ("90215", "Thực hiện Công văn số 15/UBND-MAU ngày 02/09/2025")
    assert (detail.status, detail.due_on, detail.files) == (
        Status.DONE, date(2025, 9, 20), ("de-cuong.docx", "b.pdf"),
    )  # fmt: skip
    bare = read(NORMALISER.task_detail, {"files": None})
    assert (bare.content, bare.status, bare.files) == ("", Status.UNKNOWN, ())


def test_flow_rows_are_told_apart_by_content_and_equal_ones_by_their_number() -> None:
    other = FLOW | {"content": "Đã trình"}
    rows = read(NORMALISER.task_flow, [FLOW, other, FLOW, FLOW | {"files": None}])
    assert [(row.content, row.occurrence) for row in rows] == [
        ("Đã gửi", 0), ("Đã trình", 0), ("Đã gửi", 1), ("Đã gửi", 2),
    ]  # fmt: skip
    assert len({(row.digest, row.occurrence) for row in rows}) == 4
    assert (rows[0].author, rows[0].starts_on, rows[0].due_on) == ("Phòng Mẫu 1", date(2025, 9, 3), date(2025, 9, 20))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Phòng Mẫu 2"},
        {"content": "khác"},
        {"status": "Đã hoàn thành"},
        {"startDate": "04/09/2025"},
        {"endDate": None},
        {"endDate": "20/09/2025 17:00"},
        {"files": [{"id": 1, "name": "a.pdf"}]},
    ],
)
def test_a_change_in_any_field_is_another_flow_row(change: dict[str, Any]) -> None:
    [before], [after] = read(NORMALISER.task_flow, [FLOW]), read(NORMALISER.task_flow, [FLOW | change])
    assert before.digest != after.digest


def test_two_files_of_one_name_are_two_files() -> None:
    one, two = ([FLOW | {"files": [{"id": n, "name": "a.pdf"}]}] for n in (1, 2))
    assert read(NORMALISER.task_flow, one)[0].digest != read(NORMALISER.task_flow, two)[0].digest


def test_the_same_flow_row_in_other_clothes_is_the_same_row() -> None:
    dressed = {"name": " Phòng  Mẫu 1", "content": "<p>Đã gửi</p>", "status": "Chưa hoàn thành", "new": "field",
               "startDate": "3/9/2025", "endDate": "20/09/2025", "files": None}  # fmt: skip
    assert read(NORMALISER.task_flow, [dressed]) == read(NORMALISER.task_flow, [FLOW])


@pytest.mark.parametrize("convert", [NORMALISER.task_flow, NORMALISER.task_processors, NORMALISER.task_children,
                                     NORMALISER.task_files, NORMALISER.document_log, NORMALISER.document_related,
                                     NORMALISER.document_files])  # fmt: skip
def test_null_and_an_empty_list_are_both_nothing(convert: Callable[[RawRow], Any]) -> None:
    assert read(convert, None) == read(convert, []) == ()
    assert problems(convert, {"x": 1})


def test_a_broken_row_rejects_the_whole_answer_and_says_which() -> None:
    found = problems(NORMALISER.task_flow, [FLOW, FLOW | {"endDate": "mai"}, FLOW | {"files": "x"}])
    assert [line.split(": ")[:2] for line in found] == [["dòng 2", "endDate"], ["dòng 3", "files"]]


def test_processors_become_lines() -> None:
    lines = read(
        NORMALISER.task_processors,
        [{"name": "Phòng Mẫu 1", "vaiTro": "Xử lý chính", "status": "x", "startDate": "03/09/2025", "endDate": ""},
         {"name": "UBND xã Thử Nghiệm", "vaiTro": "Đầu mối", "status": "x", "endDate": "15/09/2025"}],
    )  # fmt: skip
    assert [(one.name, one.role, one.role_label, one.starts_on, one.due_on) for one in lines] == [
        ("Phòng Mẫu 1", Role.LEAD, "Xử lý chính", date(2025, 9, 3), None),
        ("UBND xã Thử Nghiệm", Role.UNKNOWN, "Đầu mối", None, date(2025, 9, 15)),
    ]
    assert problems(NORMALISER.task_processors, [{"vaiTro": "Phối hợp"}]) == ("dòng 1: name: bắt buộc nhưng để trống",)


def test_child_tasks_show_no_id_and_no_date() -> None:
    [one, two] = read(
        NORMALISER.task_children,
        [{"name": "Tổng hợp số liệu cấp xã", "content": "<p>Gửi trước&nbsp;15/09</p>", "status": "Đã hoàn thành"},
         {"name": None, "content": None, "status": None}],
    )  # fmt: skip
    assert one == ChildTask("Tổng hợp số liệu cấp xã", "Gửi trước 15/09", "Đã hoàn thành")
    assert two == ChildTask("", "", "")
    assert problems(NORMALISER.task_children, [{"name": ["x"]}])[0].startswith("dòng 1: name: không phải văn bản")


def test_files_of_a_task_are_known_by_their_names_whatever_their_ids() -> None:
    rows = [{"id": "77001", "name": "de-cuong.docx"}, {"id": 77002, "name": " b.pdf "}, {"id": None, "name": None}]
    assert read(NORMALISER.task_files, rows) == ("de-cuong.docx", "b.pdf")
    assert read(NORMALISER.task_files, None) == ()
    assert problems(NORMALISER.task_files, [{"name": "a"}, "b.pdf"])


# -- documents ---------------------------------------------------------------------------------------------------------


def test_a_document_row_becomes_our_record() -> None:
    row = read(NORMALISER.document_row, DOCUMENT, "DEN_CHO_XU_LY")
    assert (row.document_id, row.fetched_at) == ("450123", AT)
    assert row.state == DocumentState(
        "15/UBND-MAU", date(2025, 9, 2), "UBND tỉnh (mẫu)", "V/v báo cáo", "Khẩn", outgoing=False
    )
    assert row.state.secret is None


@pytest.mark.parametrize(
    ("direction", "store", "outgoing"),
    [("2", "DEN_DA_XU_LY", True), (2, "X", True), ("1", "DEN_DA_XU_LY", False), (None, "DI_DA_PHAT_HANH", True),
     (None, "X", False)],
)  # fmt: skip
def test_a_document_is_outgoing_by_its_mark_or_its_store(direction: Any, store: str, outgoing: bool) -> None:
    row = read(NORMALISER.document_row, DOCUMENT | {"congVanDenDi": direction}, store)
    assert row.state.outgoing is outgoing


@pytest.mark.parametrize("spelling", ["soKihieu", "soKiHieu", "soKyHieu"])
def test_the_notation_is_found_in_all_its_spellings(spelling: str) -> None:
    payload = {name: value for name, value in DOCUMENT.items() if name != "soKihieu"} | {spelling: "15/UBND-MAU"}
    assert read(NORMALISER.document_row, payload).state.notation == "15/UBND-MAU"


def test_a_document_without_id_or_with_an_unreadable_date_is_rejected() -> None:
    assert len(problems(NORMALISER.document_row, DOCUMENT | {"id": "", "ngayVanBan": "2025-09-02"})) == 2


def test_log_rows_of_all_units_become_entries() -> None:
    payload = [
        {"schema": "a", "unit": "UBND tỉnh", "parameter": [LOG]},
        {"schema": "b", "unit": " Sở  A\u00a0", "parameter": [LOG | {"action": "Tiếp nhận", "chuyenToi": ""},
                                                               LOG | {"action": "Ký số", "chuyenToi": None}]},
        {"schema": "c", "unit": "Sở B", "parameter": None},
    ]  # fmt: skip
    entries = read(NORMALISER.document_log, payload)
    assert [(one.unit, one.action, one.action_label) for one in entries] == [
        ("UBND tỉnh", LogAction.SENT, "Phát hành"),
        ("Sở A", LogAction.RECEIVED, "Tiếp nhận"),
        ("Sở A", LogAction.OTHER, "Ký số"),
    ]
    assert entries[0].at == datetime(2025, 9, 2, 7, 5, tzinfo=UTC)
    assert entries[0].recipients == (("XLC", "Sở A"), ("PH", "Sở B"), ("PH", "Sở C"))
    assert entries[1].recipients == ()
    assert len({one.digest for one in entries}) == 3


def test_commas_belong_to_the_names_of_recipients() -> None:
    sent = LOG | {"chuyenToi": "XLC: Sở Văn hóa, Thể thao và Du lịch|PH:  Sở  VH,TT&amp;DL\u00a0; SCT|XEM: |XYK: "}
    [entry] = read(NORMALISER.document_log, [{"unit": "U", "parameter": [sent]}])
    assert entry.recipients == (
        ("XLC", "Sở Văn hóa, Thể thao và Du lịch"), ("PH", "Sở VH,TT&DL"), ("PH", "SCT"),
    )  # fmt: skip


def test_equal_log_rows_are_counted_and_equal_steps_of_two_units_are_not_equal() -> None:
    entries = read(NORMALISER.document_log, [{"unit": "A", "parameter": [LOG, LOG]}, {"unit": "B", "parameter": [LOG]}])
    assert [one.occurrence for one in entries] == [0, 1, 0]
    assert len({(one.digest, one.occurrence) for one in entries}) == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"updateDate": None}, "updateDate"),
        ({"updateDate": "hôm qua"}, "updateDate"),
        ({"chuyenToi": "Sở A và Sở B"}, "chuyenToi"),
        ({"action": ["x"]}, "action"),
    ],
)
def test_an_unreadable_log_row_rejects_the_log_and_says_where(change: dict[str, Any], field: str) -> None:
    found = problems(NORMALISER.document_log, [{"unit": "A", "parameter": [LOG, LOG | change]}])
    assert found[0].startswith(f"đơn vị 1, dòng 2: {field}: ")


def test_related_documents() -> None:
    [one] = read(
        NORMALISER.document_related, [{"id": 449001, "name": "Kế hoạch 02/KH-MAU", "ngayVanBan": "05/01/2025"}]
    )
    assert (one.document_id, one.title, one.dated_on) == ("449001", "Kế hoạch 02/KH-MAU", date(2025, 1, 5))
    assert problems(NORMALISER.document_related, [{"name": "x"}]) == ("dòng 1: id: thiếu mã",)


def test_attachments_have_an_id_and_a_name() -> None:
    whole = {"id": 77100, "name": "15-UBND-MAU.pdf", "attachmentId": 66100, "creator": "Văn thư Mẫu", "filePage": "2",
             "isKy": "false", "info": ["Đã ký số"], "btnChuyen": "false"}  # fmt: skip
    assert read(NORMALISER.document_files, [whole, {"id": "77101", "name": None}]) == (
        AttachedFile("77100", "15-UBND-MAU.pdf"), AttachedFile("77101", ""),
    )  # fmt: skip
    assert problems(NORMALISER.document_files, [whole, {"name": "a.pdf"}]) == ("dòng 2: id: thiếu mã",)


@pytest.mark.parametrize(
    ("payload", "detail"),
    [
        ({"hanGiaiQuyet": "20/09/2025", "doMat": "Thường"}, DocumentDetail(date(2025, 9, 20), "Thường")),
        ({"hanGiaiQuyet": "20/09/2025 17:00", "doMat": " Tối  mật "}, DocumentDetail(date(2025, 9, 20), "Tối mật")),
        ({"hanGiaiQuyet": "null", "doMat": "null"}, DocumentDetail(None, "")),
        ({"id": 450123}, DocumentDetail(None, "")),
    ],
)
def test_only_the_detail_of_a_document_tells_its_deadline_and_secrecy(payload: Any, detail: DocumentDetail) -> None:
    assert read(NORMALISER.document_detail, payload) == detail


@pytest.mark.parametrize("payload", [None, [], "x", {"hanGiaiQuyet": "mai"}, {"doMat": {"x": 1}}])
def test_an_unreadable_detail_of_a_document_is_rejected(payload: Any) -> None:
    assert len(problems(NORMALISER.document_detail, payload)) == 1


@pytest.mark.parametrize(
    ("word", "is_read"),
    [("TRUE", True), ("FALSE", False), ("true", True), (True, True), (False, False), (None, None), ("x", None)],
)
def test_whether_a_person_has_read_a_document_is_known_only_where_the_row_says_so(word: Any, is_read: Any) -> None:
    assert read(NORMALISER.document_row, DOCUMENT | {"isRead": word}).is_read is is_read


# -- whatever comes ----------------------------------------------------------------------------------------------------

MORE = ("unit", "parameter", "vaiTro", "noiDung", "files", "hanGiaiQuyet", "doMat")
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 10**6), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([*TASK, *FLOW, *DOCUMENT, *LOG, *MORE]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@given(payload=JSON, name=st.sampled_from(["dagiao", "duocgiao", "DI_DA_PHAT_HANH"]))
def test_any_json_becomes_a_record_or_a_rejected_row_with_reasons(payload: Any, name: str) -> None:
    for convert in (
        NORMALISER.task_row, NORMALISER.task_detail, NORMALISER.task_flow, NORMALISER.task_processors,
        NORMALISER.task_children, NORMALISER.task_files, NORMALISER.document_row, NORMALISER.document_log,
        NORMALISER.document_related, NORMALISER.document_files, NORMALISER.document_detail,
    ):  # fmt: skip
        result = convert(raw(payload, name=name))
        if isinstance(result, Rejected):
            assert result.problems
            assert all(unicodedata.is_normalized("NFC", line.split(" (giá trị")[0]) for line in result.problems)
        else:
            assert result == convert(raw(payload, name=name))
