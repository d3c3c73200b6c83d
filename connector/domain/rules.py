"""The rule table: what each rule is called, what it rests on, what it needs, whether it counts in the report.

Source: domain rules of the office (seed report of March 2022, Nghị định 30/2020/NĐ-CP and the practice of other
provinces). A basis that nobody could read is marked as not confirmed and printed so.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.domain.findings import Severity

LOCAL_BASIS = "khoản 4 Điều 13 Quyết định số 31/2020/QĐ-UBND"


@dataclass(frozen=True, slots=True)
class Rule:
    """``counted``: in section 2 of the report. ``needs``: record fields without which it is not evaluable (F105).
    ``legal_confirmed``: the step itself was read in the named text, not only its subject."""

    id: str
    title: str
    legal_basis: str
    legal_confirmed: bool
    needs: tuple[str, ...]
    severity: Severity
    counted: bool
    what_to_do: str


def _rules(*rules: Rule) -> dict[str, Rule]:
    return {rule.id: rule for rule in rules}


RULES: dict[str, Rule] = _rules(
    Rule(
        "TD01_OVERDUE",
        "Nhiệm vụ chưa hoàn thành đã quá hạn",
        "Thời hạn được giao",
        True,
        ("due", "status"),
        Severity.HIGH,
        False,
        "Khẩn trương hoàn thành và cập nhật kết quả, hoặc báo cáo, đề nghị gia hạn trên hệ thống.",
    ),
    Rule(
        "TD02_DONE_LATE",
        "Nhiệm vụ hoàn thành quá hạn",
        "Thời hạn được giao",
        True,
        ("due", "finished_at"),
        Severity.MEDIUM,
        False,
        "Rút kinh nghiệm; không cần thao tác thêm trên hệ thống.",
    ),
    Rule(
        "TD03_LONG_OVERDUE",
        "Nhiệm vụ quá hạn kéo dài",
        "Thời hạn được giao",
        True,
        ("due",),
        Severity.HIGH,
        False,
        "Báo cáo nguyên nhân, giải pháp và thời gian hoàn thành với Văn phòng UBND tỉnh.",
    ),
    Rule(
        "TD04_NO_DEADLINE_STALE",
        "Nhiệm vụ không thời hạn lâu chưa có kết quả",
        "Thông lệ theo dõi nhiệm vụ",
        False,
        ("assigned_at", "progress"),
        Severity.MEDIUM,
        False,
        "Cập nhật tình hình thực hiện trên hệ thống.",
    ),
    Rule(
        "TD05_DUE_SOON",
        "Nhiệm vụ sắp đến hạn",
        "Nhắc việc, không phải vi phạm",
        True,
        ("due",),
        Severity.INFO,
        False,
        "Hoàn thành và cập nhật kết quả trước thời hạn; nếu cần gia hạn thì đề nghị trước ngày đến hạn.",
    ),
    Rule(
        "PV01_RECEIVE_LATE",
        "Tiếp nhận văn bản chậm",
        f"Điều 21 Nghị định số 30/2020/NĐ-CP; {LOCAL_BASIS}",
        False,
        ("sent_at", "received_at", "agency", "urgency"),
        Severity.MEDIUM,
        True,
        "Tiếp nhận văn bản trên hệ thống ngay trong ngày văn bản đến.",
    ),
    Rule(
        "PV02_FORWARD_LATE",
        "Chậm trình, chuyển văn bản đến người xử lý",
        f"khoản 1 Điều 23 Nghị định số 30/2020/NĐ-CP; {LOCAL_BASIS}",
        False,
        ("received_at", "forwarded_at", "urgency"),
        Severity.MEDIUM,
        True,
        "Trình lãnh đạo và chuyển đơn vị, cá nhân xử lý trong ngày, chậm nhất trong ngày làm việc tiếp theo.",
    ),
    Rule(
        "PV06_SILENT_AT_DUE",
        "Đến hạn nhưng không có kết quả, báo cáo hay đề nghị gia hạn",
        LOCAL_BASIS,
        False,
        ("due", "finished_at", "extension_requests", "progress"),
        Severity.HIGH,
        True,
        "Báo cáo ngay tình hình thực hiện; nếu chưa xong thì nêu nguyên nhân và đề nghị thời hạn mới.",
    ),
    Rule(
        "PV07_RESULT_NOT_UPDATED",
        "Đã phát hành văn bản trả lời nhưng chưa cập nhật kết quả",
        LOCAL_BASIS,
        False,
        ("answer_doc.issued_on", "result_updated_at", "urgency"),
        Severity.HIGH,
        True,
        "Cập nhật kết quả và chuyển trạng thái nhiệm vụ trên hệ thống.",
    ),
    Rule(
        "PV08_NO_EVIDENCE",
        "Báo hoàn thành nhưng không có văn bản kết quả",
        f"khoản 3 Điều 29 Nghị định số 30/2020/NĐ-CP; {LOCAL_BASIS}",
        False,
        ("status", "result.doc_no", "result.doc_date", "attachments"),
        Severity.HIGH,
        True,
        "Đính kèm văn bản kết quả hoặc ghi rõ số, ký hiệu, ngày của văn bản.",
    ),
)
