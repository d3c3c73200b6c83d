"""PV01-PV03 on hand-made logs of documents: what is proved is said, what is not is "not evaluable"."""

from __future__ import annotations

import pytest

from connector.domain.status import LogAction
from tests.builders import at, day, document, sent, step
from tests.detect.judged import END, hits, run, unknown

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
