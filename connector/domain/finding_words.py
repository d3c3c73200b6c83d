"""Findings, their life and the fields of a rule in words for people."""

from __future__ import annotations

from connector.domain.finding_life import Step, Waiver
from connector.domain.findings import FindingState
from connector.domain.wording import day_text

STATES = {
    FindingState.OPEN: "đang mở",
    FindingState.ACKNOWLEDGED: "đã ghi nhận",
    FindingState.WAIVED: "được miễn xét",
    FindingState.CLOSED: "đã khép lại",
}
STEPS = {
    Step.OPENED: "phát hiện",
    Step.ACKNOWLEDGED: "ghi nhận",
    Step.WAIVED: "miễn xét",
    Step.RESUMED: "xét lại",
    Step.CLOSED: "khép lại",
    Step.REOPENED: "mở lại",
}
RULE_FIELDS = {
    "title": "tên",
    "text": "nội dung",
    "legal_basis": "căn cứ",
    "legal_confirmed": "căn cứ đã xác nhận",
    "severity": "mức độ",
    "audience": "báo cho",
    "counted": "tính vào mục 2 của báo cáo",
    "enabled": "đang dùng",
    "what_to_do": "việc cần làm",
    "valid_from": "hiệu lực từ",
    "valid_to": "hiệu lực đến",
}


def waiver_text(one: Waiver) -> str:
    named = (("quy tắc", one.rule), ("nhiệm vụ, văn bản", one.subject_id), ("cơ quan", one.agency))
    scope = ", ".join(f"{what} {value}" for what, value in named if value)
    ended = "; đã thôi miễn" if one.ended_at else ""
    return f"Miễn xét đến hết ngày {day_text(one.until)} ({scope}): {one.reason} ({one.actor}){ended}"
