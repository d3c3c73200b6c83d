"""PV06-PV08 on hand-made histories of tasks: what is proved is said, what is not is "not evaluable"."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from connector.detect.evaluate import Evaluation, evaluate
from connector.domain.history import SeenFlowRow, TaskHistory
from connector.domain.records import TaskState
from connector.domain.status import Status
from tests.builders import DONE, answer, at, day, document, history, sent, state, wrote
from tests.detect.judged import END, POLICY, hits, run, unknown

# -- PV06 ----------------------------------------------------------------------------------------------------------


def silent(*flow: SeenFlowRow, last: datetime | None = None) -> TaskHistory:
    return history((at("2022-02-10"), state(due="2022-02-18")), last=last or at("2022-02-28"), flow=flow)


def test_a_due_day_that_ended_without_a_word_by_the_lead_is_a_violation() -> None:
    found = hits(run(silent(), []), "PV06")
    assert [hit.breached_on for hit in found] == [day("2022-02-19")]


def test_a_progress_row_seen_by_the_night_of_the_due_day_is_an_answer() -> None:
    assert hits(run(silent(wrote("Đang rà soát", at("2022-02-18"), at("2022-02-17"))), []), "PV06") == []


def test_a_row_first_seen_the_night_after_was_written_too_late() -> None:
    found = hits(run(silent(wrote("Xin lỗi", at("2022-02-19"), at("2022-02-18"))), []), "PV06")
    assert found[0].cured_at == at("2022-02-19")


def test_a_row_that_may_have_come_before_or_after_the_due_day_ended_is_not_evaluable() -> None:
    result = run(silent(wrote("Đang rà soát", at("2022-02-21"), at("2022-02-17"))), [])
    assert hits(result, "PV06") == []
    assert len(unknown(result, "PV06")) == 1


def test_rows_of_the_assigner_and_of_other_agencies_are_no_answer_of_the_lead() -> None:
    rows = [
        wrote("Đồng ý", at("2022-02-15"), author="Lãnh đạo Mẫu 01"),
        wrote("Đã góp ý", at("2022-02-15"), author="Sở Xây dựng"),
        wrote("Nhắc việc", at("2022-02-15"), author="Văn phòng UBND tỉnh"),
    ]
    assert len(hits(run(silent(*rows), []), "PV06")) == 1


def test_a_row_by_somebody_inside_the_agency_counts_in_its_favour() -> None:
    assert hits(run(silent(wrote("Đang làm", at("2022-02-15"), author="Phòng Mẫu 4")), []), "PV06") == []


def test_a_row_without_content_is_no_answer() -> None:
    assert len(hits(run(silent(wrote("", at("2022-02-15"), author="Phòng Mẫu 4")), []), "PV06")) == 1


def test_an_extension_seen_before_the_due_day_moves_the_duty_to_the_new_day() -> None:
    task = history(
        (at("2022-02-10"), state(due="2022-02-15")), (at("2022-02-15"), state(due="2022-02-22")), last=at("2022-02-28")
    )
    assert [hit.key.band for hit in hits(run(task, []), "PV06")] == ["2022-02-22"]


def test_a_deadline_moved_after_it_had_passed_keeps_the_breach() -> None:
    task = history(
        (at("2022-02-10"), state(due="2022-02-15")), (at("2022-02-17"), state(due="2022-03-10")), last=at("2022-02-28")
    )
    assert [hit.key.band for hit in hits(run(task, []), "PV06")] == ["2022-02-15"]


def test_an_extension_that_may_have_come_in_time_is_not_evaluable() -> None:
    task = history(
        (at("2022-02-10"), state(due="2022-02-15")),
        (at("2022-02-17"), state(due="2022-03-10")),
        last=at("2022-02-28"),
        nightly=False,
    )
    result = run(task, [])
    assert hits(result, "PV06") == []
    assert len(unknown(result, "PV06")) == 1


def test_a_task_submitted_for_approval_by_the_due_day_is_not_silent() -> None:
    waiting = state(Status.WAIT_CONFIRM, due="2022-02-18")
    task = history((at("2022-02-10"), state()), (at("2022-02-17"), waiting), last=at("2022-02-28"))
    assert hits(run(task, []), "PV06") == []


def test_silence_is_not_evaluable_until_progress_was_read_after_the_due_day() -> None:
    task = history((at("2022-02-10"), state()), last=at("2022-02-28"), flow_read=at("2022-02-16"))
    assert hits(run(task, []), "PV06") == []
    assert unknown(run(task, []), "PV06") == ["chưa đọc lại tiến độ sau khi đến hạn"]


@pytest.mark.parametrize(
    "after",
    [state(Status.WAIT_CONFIRM, due="2022-02-18"), state(due="2022-02-18", lead="Sở Xây dựng")],
    ids=["submitted", "another lead"],
)
def test_a_change_after_the_last_reading_of_the_due_day_may_have_come_in_time(after: TaskState) -> None:
    task = history(
        (at("2022-02-10"), state()), (at("2022-02-19", "14:00"), after), last=at("2022-02-28"), nightly=False
    )
    result = run(task, [])
    assert hits(result, "PV06") == []
    assert len(unknown(result, "PV06")) == 1


# -- PV07 ----------------------------------------------------------------------------------------------------------


def answered(task: TaskHistory, issuer: str = "Sở Y tế", issued: str = "2022-02-15", **fields: object) -> Evaluation:
    source = document(read=END, related=[("450002", issued)], **fields)  # type: ignore[arg-type]
    return run(task, [source, answer("450002", issued, issuer)])


def test_an_answer_issued_and_the_task_left_open_past_the_next_working_day_is_a_violation() -> None:
    found = hits(answered(history((at("2022-02-10"), state()), last=at("2022-02-28"))), "PV07")
    assert [hit.breached_on for hit in found] == [day("2022-02-17")]
    assert found[0].document_id == "450001"


def test_a_task_deleted_after_the_violation_removes_nothing() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-21"), state(present=False)))
    assert len(hits(answered(task), "PV07")) == 1


@pytest.mark.parametrize("status", [DONE, Status.WAIT_CONFIRM])
def test_a_task_updated_by_the_next_working_day_is_in_order(status: Status) -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-16"), state(status)), last=at("2022-02-28"))
    assert hits(answered(task), "PV07") == []


def test_an_update_first_seen_the_night_after_the_limit_came_too_late_but_is_a_cure() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-17"), state(DONE)), last=at("2022-02-28"))
    assert hits(answered(task), "PV07")[0].cured_at == at("2022-02-17")


def test_an_answer_to_an_urgent_document_must_be_entered_the_same_day() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-16"), state(DONE)), last=at("2022-02-28"))
    assert len(hits(answered(task, urgency="Hỏa tốc"), "PV07")) == 1


def test_an_answer_of_another_agency_is_not_the_leads() -> None:
    task = history((at("2022-02-10"), state()), last=at("2022-02-28"))
    assert hits(answered(task, issuer="Sở Tư pháp"), "PV07") == []


def test_a_related_document_of_an_unknown_issuer_is_not_evaluable() -> None:
    task = history((at("2022-02-10"), state()), last=at("2022-02-28"))
    result = run(task, [document(read=END, related=[("450002", "2022-02-15")])])
    assert hits(result, "PV07") == []
    assert unknown(result, "PV07") == ["có văn bản liên quan chưa rõ cơ quan ban hành"]


def test_a_task_done_before_its_answer_was_listed_is_in_order() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-14"), state(DONE)), last=at("2022-02-28"))
    assert hits(answered(task), "PV07") == []


def test_a_task_returned_and_answered_again_needs_a_new_update() -> None:
    task = history(
        (at("2022-02-10"), state()),
        (at("2022-02-11"), state(DONE)),
        (at("2022-02-14"), state(Status.RETURNED)),
        last=at("2022-02-28"),
    )
    assert len(hits(answered(task, issued="2022-02-16"), "PV07")) == 1


def test_a_gap_around_the_limit_is_not_evaluable() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-21"), state(DONE)), last=at("2022-02-28"), nightly=False)
    result = answered(task)
    assert hits(result, "PV07") == []
    assert len(unknown(result, "PV07")) == 1


def test_one_answer_to_two_tasks_of_the_same_agency_and_document_accuses_nobody() -> None:
    one = history((at("2022-02-10"), state()), last=at("2022-02-28"), task_id="90001")
    two = history((at("2022-02-10"), state()), last=at("2022-02-28"), task_id="90002")
    source = document(read=END, related=[("450002", "2022-02-15")])
    result = evaluate([one, two], [source, answer("450002", "2022-02-15")], POLICY, END)
    assert hits(result, "PV07") == []
    assert len(unknown(result, "PV07")) == 2


def test_a_task_whose_document_nobody_can_name_is_not_evaluable() -> None:
    task = history((at("2022-02-10"), state(content="Làm theo chỉ đạo")), last=at("2022-02-28"))
    assert unknown(run(task, []), "PV07") == ["nội dung nhiệm vụ không ghi số, ngày văn bản"]


def test_a_task_first_read_after_the_limit_accuses_nobody() -> None:
    task = history((at("2022-02-21"), state(Status.RETURNED)), last=at("2022-02-28"))
    result = answered(task)
    assert hits(result, "PV07") == []
    assert unknown(result, "PV07") == ["bắt đầu theo dõi nhiệm vụ sau thời hạn cập nhật kết quả"]


@pytest.mark.parametrize(
    ("content", "label", "author"),
    [
        ("Đã hoàn thành", "Đã hoàn thành", "Sở Y tế"),
        ("Trả lại, lý do: thiếu phụ lục", "Trả lại", "Văn phòng UBND tỉnh"),
    ],
)
def test_done_and_returned_between_two_readings_is_not_taken_for_open_all_the_time(
    content: str, label: str, author: str
) -> None:
    row = wrote(content, at("2022-02-15"), at("2022-02-14"), author=author)
    row = replace(row, row=replace(row.row, status_label=label))
    task = history((at("2022-02-10"), state()), last=at("2022-02-28"), flow=[row])
    result = answered(task)
    assert hits(result, "PV07") == []
    assert len(unknown(result, "PV07")) == 1


def test_the_answer_of_the_old_lead_accuses_no_new_one() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-16"), state(lead="Sở Xây dựng")), last=at("2022-02-28"))
    result = answered(task)
    assert hits(result, "PV07") == []
    assert unknown(result, "PV07") == ["cơ quan chủ trì thay đổi trong thời hạn cập nhật kết quả"]


def test_two_spellings_of_one_lead_are_one_lead() -> None:
    one = history((at("2022-02-10"), state(lead="SYT")), last=at("2022-02-28"), task_id="90001")
    two = history((at("2022-02-10"), state(lead="Sở Y tế")), last=at("2022-02-28"), task_id="90002")
    source = document(read=END, related=[("450002", "2022-02-15")])
    assert hits(evaluate([one, two], [source, answer("450002", "2022-02-15")], POLICY, END), "PV07") == []


def test_a_sibling_finished_before_the_answer_cannot_be_the_one_answered() -> None:
    one = history((at("2022-02-10"), state()), last=at("2022-02-28"), task_id="90001")
    two = history((at("2022-02-10"), state()), (at("2022-02-11"), state(DONE)), last=at("2022-02-28"), task_id="90002")
    source = document(read=END, related=[("450002", "2022-02-15")])
    result = evaluate([one, two], [source, answer("450002", "2022-02-15")], POLICY, END)
    assert [hit.task_id for hit in hits(result, "PV07")] == ["90001"]


# -- PV08 ----------------------------------------------------------------------------------------------------------


def done(*flow: SeenFlowRow, **fields: object) -> TaskHistory:
    return history(
        (at("2022-02-10"), state()),
        (at("2022-02-16"), state(DONE)),
        last=at("2022-02-28"),
        flow=flow,
        **fields,  # type: ignore[arg-type]
    )


def test_done_without_file_or_document_number_is_a_violation_of_the_day_it_was_done() -> None:
    found = hits(run(done(wrote("Đã hoàn thành", at("2022-02-16"), at("2022-02-15"))), []), "PV08")
    assert [hit.breached_on for hit in found] == [day("2022-02-16")]


@pytest.mark.parametrize(
    ("content", "files"),
    [
        ("Đã xong, kết quả tại Báo cáo số 735/BC-SOYT ngày 16/02/2022", []),
        ("Đã xong, gửi kèm kết quả", ["735.pdf"]),
        ("Quyết định số 77 ngày 05/03/2022", []),
        ("Báo cáo số 77-BC/TU ngày 05 tháng 03 năm 2022", []),
        ("số 77/BC-UBND của Sở, ký ngày 05/03/2022", []),
    ],
)
def test_a_document_number_or_a_file_is_evidence(content: str, files: list[str]) -> None:
    assert hits(run(done(wrote(content, at("2022-02-16"), at("2022-02-15"), files=files)), []), "PV08") == []


def test_the_old_leads_evidence_counts_when_the_lead_changed_the_day_the_task_was_done() -> None:
    row = wrote("Báo cáo số 735/BC-SOYT ngày 16/02/2022", at("2022-02-16"), at("2022-02-15"))
    moved = state(DONE, lead="Sở Xây dựng")
    task = history((at("2022-02-10"), state()), (at("2022-02-16"), moved), last=at("2022-02-28"), flow=[row])
    assert hits(run(task, []), "PV08") == []


def test_evidence_added_a_day_later_is_a_cure_and_removes_nothing() -> None:
    late = wrote("Bổ sung: Báo cáo số 735/BC-SOYT ngày 17/02/2022", at("2022-02-17"), at("2022-02-16"))
    found = hits(run(done(wrote("Đã hoàn thành", at("2022-02-16"), at("2022-02-15")), late), []), "PV08")
    assert found[0].cured_at == at("2022-02-17")


def test_files_of_somebody_else_are_no_evidence() -> None:
    row = wrote("Phiếu giao", at("2022-02-11"), author="UBND tỉnh", files=["phieu-giao-viec.pdf"])
    assert len(hits(run(done(row), []), "PV08")) == 1


def test_a_task_already_done_when_first_read_belongs_to_no_month_we_could_name() -> None:
    seen = state(DONE, assigned_on=day("2022-01-10"))
    result = run(history((at("2022-02-01"), seen), last=at("2022-02-28")), [])
    assert hits(result, "PV08") == []
    assert unknown(result, "PV08") == ["không xác định được nhiệm vụ hoàn thành trong tháng nào"]


def test_done_is_not_evaluable_until_the_progress_was_read_afterwards() -> None:
    assert unknown(run(done(flow_read=at("2022-02-15")), []), "PV08") == [
        "chưa đọc được kết quả sau khi nhiệm vụ hoàn thành"
    ]


def test_a_secret_or_unlinked_document_never_shows_in_a_reason() -> None:
    task = history((at("2022-02-10"), state(name="CANARY-MAT")), last=at("2022-02-28"))
    result = run(task, [document(sent(at("2022-02-10", "09:00"), "Sở Y tế"), read=END, secret=True)])
    assert all("CANARY" not in hit.reason for hit in result.hits)
    assert len(result.hits) >= 2
