"""Findings and digests for the tests of letters; agencies are those of 2022, everything else is invented."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime

from connector.clock import OFFICE_ZONE
from connector.domain.findings import Finding, FindingKey, FindingState, Hit, Subject
from connector.domain.letters import Digest
from connector.notify.plan import FindingView, plan_digests
from connector.notify.render import JinjaRenderer
from connector.reference.rules import load_rules
from connector.settings import OfficeSettings

RULES = load_rules(None, OFFICE_ZONE).book
TODAY = date(2022, 2, 28)
AS_OF = datetime(2022, 2, 28, 0, 15, tzinfo=UTC)  # 07:15 local
DATA_AT = datetime(2022, 2, 27, 16, 30, tzinfo=UTC)  # 23:30 local, the day before
OFFICE = "Văn phòng UBND tỉnh"
NAMES = {"SO_YT": "Sở Y tế", "SO_XD": "Sở Xây dựng", "SO_CT": "Sở Công Thương"}
SECRET_TEXT = "Văn bản mật, không hiển thị nội dung"


def view(
    number: int,
    rule: str = "TD01_OVERDUE",
    *,
    agency: str = "SO_YT",
    band: str = "",
    breached_on: date = date(2022, 2, 22),
    closed: bool = False,
    due_on: date | None = date(2022, 2, 21),
    subject_id: str | None = None,
    notation: str | None = None,
    document_date: date | None = date(2022, 2, 10),
    subject_text: str = "Tham mưu kế hoạch phòng, chống dịch bệnh năm 2022",
    cooperating: tuple[str, ...] = (),
    note: str = "",
    reason: str = "Đã quá hạn xử lý, chưa có kết quả trên hệ thống.",
) -> FindingView:
    key = FindingKey(rule, Subject.TASK, subject_id or f"T{number}", agency, band)
    state = FindingState.CLOSED if closed else FindingState.OPEN
    finding = Finding(number, Hit(key, breached_on, reason), state, AS_OF, AS_OF, AS_OF if closed else None)
    return FindingView(
        finding=finding,
        agency_name=NAMES.get(agency, agency),
        notation=notation if notation is not None else f"{number}/UBND-KGVX",
        document_date=document_date,
        subject_text=subject_text,
        cooperating=cooperating,
        due_on=due_on,
        note=note,
    )


def plan(
    views: Sequence[FindingView],
    *,
    told: Collection[int] = (),
    recipients: Mapping[str, tuple[str, ...]] | None = None,
    horizon: date = date(2022, 1, 28),
) -> list[Digest]:
    mailboxes = {"SO_YT": ("vanthu.soyt@example.vn",), "SO_XD": ("vanthu.soxd@example.vn",)}
    return plan_digests(
        views,
        rules=RULES,
        told=told,
        recipients=mailboxes if recipients is None else recipients,
        fallback=("vanphong@example.vn",),
        slot="2022-02-28",
        as_of=AS_OF,
        data_at=DATA_AT,
        today=TODAY,
        office_name=OFFICE,
        horizon=horizon,
    )


def renderer(reply_to: str | None = "vanphong@example.vn") -> JinjaRenderer:
    return JinjaRenderer(OfficeSettings(), "example.vn", reply_to)


def example_views() -> list[FindingView]:
    """A digest with every kind of row: old and new, cured, secret, without deadline, with much and little text."""
    return [
        view(
            123,
            due_on=date(2022, 2, 18),
            cooperating=("Sở Tài chính", "UBND huyện Hữu Lũng"),
            subject_text="Rà soát, tổng hợp nhu cầu trang thiết bị y tế của các trung tâm y tế tuyến huyện; tham mưu "
            "UBND tỉnh phương án phân bổ kinh phí năm 2022 theo Nghị quyết của HĐND tỉnh, báo cáo trước 18/02/2022",
            note="đã gia hạn 01 lần",
            reason="Hạn xử lý 18/02/2022; đến 28/02/2022 hệ thống chưa ghi nhận hoàn thành.",
        ),
        view(
            45,
            due_on=date(2022, 2, 25),
            notation="45/UBND-TH",
            reason="Hạn xử lý 25/02/2022; đến 28/02/2022 hệ thống chưa ghi nhận hoàn thành.",
        ),
        view(7, subject_id="T900", notation="07/UBND-NC", subject_text=SECRET_TEXT, due_on=date(2022, 2, 24)),
        view(
            201,
            "PV06_SILENT_AT_DUE",
            subject_id="T45",
            notation="45/UBND-TH",
            due_on=date(2022, 2, 25),
            reason="Đến hết ngày 25/02/2022 chưa có kết quả, báo cáo tiến độ hoặc đề nghị gia hạn.",
        ),
        view(
            202,
            "PV01_RECEIVE_LATE",
            notation="210/QĐ-UBND",
            document_date=date(2022, 2, 14),
            due_on=None,
            closed=True,
            subject_text="Quyết định ban hành Kế hoạch cải cách hành chính năm 2022",
            reason="Văn bản gửi lúc 14/02/2022 08:10, tiếp nhận lúc 17/02/2022 09:02, chậm 02 ngày làm việc.",
        ),
        view(
            301,
            "TD05_DUE_SOON",
            band="3",
            notation="88/UBND-KGVX",
            due_on=date(2022, 3, 3),
            cooperating=("Sở Giáo dục và Đào tạo",),
            subject_text="Báo cáo công tác tiêm chủng cho học sinh",
            reason="Còn 03 ngày làm việc đến hạn.",
        ),
        view(
            401,
            "TD04_NO_DEADLINE_STALE",
            notation="1502/UBND-KGVX",
            document_date=date(2021, 10, 29),
            due_on=None,
            subject_text="Theo dõi, chỉ đạo công tác an toàn thực phẩm trên địa bàn",
            reason="Giao từ 29/10/2021, hơn 03 tháng chưa có cập nhật.",
        ),
    ]


def example_digest() -> Digest:
    (digest,) = plan(example_views(), told={45, 7, 401})
    return digest
