"""PV01, PV02, PV06, PV07, PV08 on hand-made histories: what is proved is said, what is not is "not evaluable"."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from connector.detect.evaluate import Evaluation, evaluate
from connector.domain.findings import Hit
from connector.domain.history import DocumentHistory, SeenFlowRow, TaskHistory
from connector.domain.records import TaskState
from connector.domain.status import LogAction, Status
from tests.builders import DONE, answer, at, day, document, history, policy, sent, state, step, wrote

POLICY = policy()
END = at("2022-02-28", "23:59")


def run(task: TaskHistory | None, documents: list[DocumentHistory], moment: datetime = END) -> Evaluation:
    return evaluate([task] if task else [], documents, POLICY, moment)


def hits(result: Evaluation, rule: str) -> list[Hit]:
    return [hit for hit in result.hits if hit.key.rule.startswith(rule)]


def unknown(result: Evaluation, rule: str) -> list[str]:
    return [one.reason for one in result.not_evaluable if one.rule.startswith(rule)]


# -- PV01, PV02 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "late"),
    [("2022-02-10", False), ("2022-02-11", False), ("2022-02-14", True)],
    ids=["same day", "next working day", "second working day"],
)
def test_a_document_must_be_received_by_the_end_of_the_next_working_day(received: str, late: bool) -> None:
    log = [sent(at("2022-02-10", "09:00"), "Sở Y tế"), step(LogAction.RECEIVED, at(received, "16:00"))]
    found = hits(run(None, [document(*log, read=END)]), "PV01")
    assert bool(found) is late
    if late:
        # Thursday + 1 working day = Friday; the first day too late is Saturday the 12th.
        assert found[0].breached_on == day("2022-02-12")
        assert found[0].cured_at == at("2022-02-14", "16:00")


def test_a_document_sent_on_friday_may_be_received_until_monday_ends() -> None:
    log = [sent(at("2022-02-11", "15:40"), "Sở Y tế"), step(LogAction.RECEIVED, at("2022-02-14", "09:00"))]
    assert hits(run(None, [document(*log, read=END)]), "PV01") == []


def test_an_urgent_document_must_be_received_the_same_day() -> None:
    log = [sent(at("2022-02-10", "09:00"), "Sở Y tế"), step(LogAction.RECEIVED, at("2022-02-11", "08:00"))]
    assert len(hits(run(None, [document(*log, read=END, urgency="Hỏa tốc")]), "PV01")) == 1
    assert hits(run(None, [document(*log, read=END, urgency="Thường")]), "PV01") == []


def test_a_document_never_received_is_a_violation_only_once_the_log_was_read_after_the_limit() -> None:
    log = [sent(at("2022-02-10", "09:00"), "Sở Y tế")]
    early = run(None, [document(*log, read=at("2022-02-11", "12:00"))])
    assert hits(early, "PV01") == []
    assert unknown(early, "PV01") == ["chưa đọc lại nhật ký xử lý sau thời hạn"]
    assert len(hits(run(None, [document(*log, read=at("2022-02-11"))]), "PV01")) == 1


def test_each_recipient_is_judged_apart_and_by_any_spelling_of_its_name() -> None:
    log = [
        sent(at("2022-02-10", "09:00"), "SYT", "STTTT"),
        step(LogAction.RECEIVED, at("2022-02-10", "10:00"), "Sở Y tế tỉnh Lạng Sơn"),
        step(LogAction.RECEIVED, at("2022-02-15", "10:00"), "Sở Thông tin và Truyền thông"),
    ]
    assert [hit.key.agency for hit in hits(run(None, [document(*log, read=END)]), "PV01")] == ["SO_TTTT"]


def test_forwarding_is_counted_from_receipt_and_only_after_it() -> None:
    log = [
        sent(at("2022-02-10", "09:00"), "Sở Y tế"),
        step(LogAction.RECEIVED, at("2022-02-10", "10:00")),
        step(LogAction.FORWARDED, at("2022-02-14", "10:00")),
    ]
    assert hits(run(None, [document(*log, read=END)]), "PV02")[0].breached_on == day("2022-02-12")
    assert hits(run(None, [document(log[0], read=END)]), "PV02") == []


def test_a_limit_that_passes_after_the_cut_off_belongs_to_the_next_month() -> None:
    log = [sent(at("2022-02-25", "14:00"), "CA tỉnh")]
    assert hits(run(None, [document(*log, read=at("2022-03-04"))]), "PV01") == []
    assert len(hits(run(None, [document(*log, read=at("2022-03-04"))], at("2022-03-01", "08:00")), "PV01")) == 1


def test_an_agency_merged_between_two_rows_of_a_log_is_one_agency() -> None:
    # 28/02/2025 is a Friday; Sở Tài chính of the old and of the new kind bear the same name.
    log = [
        sent(at("2025-02-28", "15:00"), "Sở Tài chính", "Sở Kế hoạch và Đầu tư"),
        step(LogAction.RECEIVED, at("2025-03-03", "09:00"), "Sở Tài chính"),
        step(LogAction.FORWARDED, at("2025-03-03", "09:05"), "Sở Tài chính"),
    ]
    result = run(None, [document(*log, read=at("2025-03-10"), issued="2025-02-28")], at("2025-03-31", "23:59"))
    assert result.hits == ()


def test_before_the_merger_two_agencies_are_two() -> None:
    log = [
        sent(at("2022-02-10", "09:00"), "Sở Tài chính", "Sở Kế hoạch và Đầu tư"),
        step(LogAction.RECEIVED, at("2022-02-10", "10:00"), "Sở Tài chính"),
    ]
    late = [hit.key.agency for hit in hits(run(None, [document(*log, read=END)]), "PV01")]
    assert late == ["SO_KHDT"]


def test_a_document_whose_log_was_never_read_is_not_evaluable() -> None:
    result = run(None, [document(read=None)])
    assert unknown(result, "PV01")
    assert unknown(result, "PV02")


def test_a_later_step_implies_receipt() -> None:
    log = [sent(at("2022-02-10", "09:00"), "Sở Y tế"), step(LogAction.ASSIGNED, at("2022-02-11", "10:00"))]
    result = run(None, [document(*log, read=END)])
    assert hits(result, "PV01") == []
    assert hits(result, "PV02") == []


def test_a_step_under_a_label_nobody_has_mapped_accuses_nobody() -> None:
    log = [sent(at("2022-02-10", "09:00"), "Sở Y tế"), step(LogAction.OTHER, at("2022-02-10", "10:00"))]
    result = run(None, [document(*log, read=END)])
    assert hits(result, "PV01") == []
    assert unknown(result, "PV01") == ["nhật ký có bước chưa được khai báo: “other”"]


def test_a_log_that_names_no_recipient_is_not_evaluable() -> None:
    assert unknown(run(None, [document(step(LogAction.RECEIVED, at("2022-02-11")), read=END)]), "PV01") == [
        "nhật ký không ghi văn bản đã gửi cho cơ quan nào"
    ]


# -- PV03 ----------------------------------------------------------------------------------------------------------


def test_what_was_passed_on_too_late_and_never_assigned_is_late_and_cured_by_passing_it_on() -> None:
    letter = document(
        sent(at("2022-02-10", "08:00"), "Sở Y tế"),
        step(LogAction.RECEIVED, at("2022-02-10", "09:00")),
        step(LogAction.FORWARDED, at("2022-02-16", "09:00")),
        read=END,
    )
    (hit,) = hits(run(None, [letter]), "PV03")
    assert (hit.breached_on, hit.cured_at) == (day("2022-02-15"), at("2022-02-16", "09:00"))
    assert hit.reason.endswith("thời hạn chuyển xử lý đến hết ngày 14/02/2022; chuyển xử lý lúc 09:00 ngày 16/02/2022.")


def test_nobody_assigned_and_nothing_passed_on_is_late_once_the_log_was_read_after_the_limit() -> None:
    begun = (sent(at("2022-02-10", "08:00"), "Sở Y tế"), step(LogAction.RECEIVED, at("2022-02-10", "09:00")))
    (hit,) = hits(run(None, [document(*begun, read=END)]), "PV03")
    assert (hit.breached_on, hit.cured_at) == (day("2022-02-15"), None)
    early = run(None, [document(*begun, read=at("2022-02-14", "12:00"))])
    assert (hits(early, "PV03"), unknown(early, "PV03")) == ([], ["chưa đọc lại nhật ký xử lý sau thời hạn"])


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
