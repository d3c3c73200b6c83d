"""Values of ``connector.domain.report`` for tests: the office's own month, and small changes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from connector.clock import OFFICE_ZONE
from connector.domain.periods import Month
from connector.domain.report import (
    AgencyRef,
    AgencyViolations,
    Counts,
    DataAge,
    MonthlyReport,
    NotEvaluableCount,
    ReportTask,
    TimeState,
    Unresolved,
    ViolatedDocument,
    ViolationFinding,
)
from connector.reference.rules import load_rules

RULES = load_rules(None, OFFICE_ZONE).book
LOCAL = timezone(timedelta(hours=7))
MADE_AT = datetime(2022, 3, 1, 1, 0, tzinfo=UTC)

TTTT = AgencyRef("SO_TTTT", "Sở Thông tin và Truyền thông", "so")
KHDT = AgencyRef("SO_KHDT", "Sở Kế hoạch và Đầu tư", "so")
KHCN = AgencyRef("SO_KHCN", "Sở Khoa học và Công nghệ", "so")
LANG_SON = AgencyRef("UBND_TP_LANG_SON", "UBND thành phố Lạng Sơn", "huyen")
CAO_LOC = AgencyRef("UBND_H_CAO_LOC", "UBND huyện Cao Lộc", "huyen")
CHI_LANG = AgencyRef("UBND_H_CHI_LANG", "UBND huyện Chi Lăng", "huyen")
HUU_LUNG = AgencyRef("UBND_H_HUU_LUNG", "UBND huyện Hữu Lũng", "huyen")
AGENCIES = (TTTT, KHDT, KHCN, LANG_SON, CAO_LOC, CHI_LANG, HUU_LUNG)

OVERDUE = (
    ("90003", TTTT, "Triển khai thực hiện xúc tiến thương mại tại các xã biên giới", "41/UBND-KGVX", 10, 18),
    ("90054", TTTT, "Đề xuất phương án quyết toán ngân sách giai đoạn mới", "63/UBND-ĐT", 17, 22),
    ("90037", KHCN, "Kiểm tra, báo cáo bảo tồn di tích lịch sử trong tình hình mới", "57/UBND-ĐT", 10, 16),
    (
        "90036",
        LANG_SON,
        "Hướng dẫn thực hiện chương trình xây dựng nông thôn mới giai đoạn mới",
        "56/UBND-TH",
        10,
        17,
    ),
    ("90022", CAO_LOC, "Tổng hợp, báo cáo chương trình xây dựng nông thôn mới giai đoạn mới", "49/UBND-ĐT", 17, 22),
    ("90091", CHI_LANG, "Tham mưu báo cáo tiêm chủng mở rộng tại các khu công nghiệp", "76/UBND-NC", 15, 21),
)


def task(task_id: str = "90001", **changes: Any) -> ReportTask:
    """An ordinary task finished on time, with the fields changed that are named."""
    plain = ReportTask(
        task_id=task_id,
        name=f"Báo cáo tình hình thực hiện nhiệm vụ số {task_id}",
        agency=KHDT,
        cooperating=(),
        document_id=None,
        notation="12/UBND-TH",
        document_date=date(2022, 2, 8),
        assigned_on=date(2022, 2, 9),
        due_on=date(2022, 2, 25),
        state=TimeState.ON_TIME,
        days_overdue=0,
        status_label="Đã hoàn thành",
        completed_on=date(2022, 2, 20),
        completion_observed=False,
        observed_after=None,
        observed_by=None,
        uncertain="",
        extensions=0,
        secret=False,
    )
    return replace(plain, **changes)


def overdue_tasks() -> tuple[ReportTask, ...]:
    """The six tasks of the appendix, in its order."""
    return tuple(
        task(
            task_id,
            agency=agency,
            name=name,
            notation=notation,
            document_date=date(2022, 2, issued),
            assigned_on=date(2022, 2, issued),
            due_on=date(2022, 2, due),
            state=TimeState.OPEN_OVERDUE,
            days_overdue=28 - due,
            status_label="Đang thực hiện",
            completed_on=None,
            cooperating=("Sở Tài chính",) if task_id == "90054" else (),
            extensions=1 if task_id == "90036" else 0,
        )
        for task_id, agency, name, notation, issued, due in OVERDUE
    )


def counted_tasks(counts: Counts, overdue: tuple[ReportTask, ...] = ()) -> tuple[ReportTask, ...]:
    """As many tasks of each kind as the figures say, spread over the agencies; ``overdue`` are used as they are."""
    plain: list[ReportTask] = []
    for state, count in (
        (TimeState.ON_TIME, counts.on_time),
        (TimeState.LATE, counts.late),
        (TimeState.OPEN_IN_TIME, counts.open_in_time),
    ):
        for number in range(count):
            unfinished = state is TimeState.OPEN_IN_TIME
            undated = unfinished and number < counts.no_deadline
            plain.append(
                task(
                    str(91000 + len(plain)),
                    agency=AGENCIES[number % len(AGENCIES)],
                    state=state,
                    due_on=None if undated else date(2022, 3, 10) if unfinished else date(2022, 2, 25),
                    status_label="Đang thực hiện" if unfinished else "Đã hoàn thành",
                    completed_on=None if unfinished else date(2022, 2, 27 if state is TimeState.LATE else 20),
                )
            )
    return (*overdue, *plain)


def by_agency(tasks: tuple[ReportTask, ...]) -> tuple[tuple[AgencyRef, Counts], ...]:
    """Figures per agency, in the order of ``AGENCIES``."""
    lines = []
    for agency in dict.fromkeys((*AGENCIES, *(item.agency for item in tasks))):
        own = [item for item in tasks if item.agency == agency]
        states = [item.state for item in own]
        undated = sum(1 for item in own if item.due_on is None and item.state is TimeState.OPEN_IN_TIME)
        if own:
            lines.append(
                (
                    agency,
                    Counts(
                        len(own),
                        states.count(TimeState.ON_TIME),
                        states.count(TimeState.LATE),
                        states.count(TimeState.OPEN_IN_TIME),
                        states.count(TimeState.OPEN_OVERDUE),
                        undated,
                    ),
                )
            )
    return tuple(lines)


def finding(rule: str, task_id: str | None = None, day: int = 11, reason: str = "") -> ViolationFinding:
    known = RULES[rule]
    return ViolationFinding(
        rule,
        known.title,
        known.legal_basis,
        task_id,
        date(2022, 2, day),
        reason or f"Bước này phải xong trước ngày {day}/02/2022.",
    )


def violations() -> tuple[AgencyViolations, ...]:
    """One document each for the three agencies of the office's report."""
    return (
        AgencyViolations(
            TTTT,
            (
                ViolatedDocument(
                    "450005",
                    "41/UBND-KGVX",
                    date(2022, 2, 10),
                    False,
                    (
                        finding("PV01_RECEIVE_LATE"),
                        finding("PV02_FORWARD_LATE", day=16),
                        finding("PV06_SILENT_AT_DUE", "90003", 21),
                    ),
                ),
            ),
        ),
        AgencyViolations(
            KHDT,
            (
                ViolatedDocument(
                    "450009", "42/UBND-NN", date(2022, 2, 9), False, (finding("PV07_RESULT_NOT_UPDATED", "90006", 17),)
                ),
            ),
        ),
        AgencyViolations(
            HUU_LUNG,
            (
                ViolatedDocument(
                    "450011", "43/UBND-TH", date(2022, 2, 8), False, (finding("PV08_NO_EVIDENCE", "90009", 15),)
                ),
            ),
        ),
    )


def seed_report(**changes: Any) -> MonthlyReport:
    """The office's report of February 2022: 183 / 119 / 0 / 64 / 58 / 06, six overdue, three agencies."""
    overdue = overdue_tasks()
    counts = Counts(assigned=183, on_time=119, late=0, open_in_time=58, open_overdue=6, no_deadline=0)
    tasks = counted_tasks(counts, overdue)
    plain = MonthlyReport(
        month=Month(2022, 2),
        as_of=date(2022, 2, 28),
        cutoff=datetime(2022, 2, 28, 23, 59, 59, tzinfo=LOCAL),
        made_at=MADE_AT,
        counts=counts,
        by_agency=by_agency(tasks),
        tasks=tasks,
        overdue=overdue,
        violations=violations(),
        not_evaluable=(),
        observed_completions=0,
        backlog_open=18,
        backlog_overdue=15,
        missing=("90073", "90075"),
        cancelled=("90061", "90065", "90069"),
        unresolved=(),
        unlinked_findings=(),
        data=DataAge(datetime(2022, 2, 28, 23, 30, tzinfo=LOCAL).astimezone(UTC), 8.5, True),
        warnings=(),
        has_communes=False,
    )
    return replace(plain, **changes)


def report_of(counts: Counts, overdue: tuple[ReportTask, ...] = (), **changes: Any) -> MonthlyReport:
    """A report with these figures and the lists to match; ``overdue`` must be as many as the figures say."""
    filler = tuple(
        task(str(92000 + number), state=TimeState.OPEN_OVERDUE, days_overdue=3, completed_on=None)
        for number in range(counts.open_overdue - len(overdue))
    )
    late = (*overdue, *filler)
    tasks = counted_tasks(counts, late)
    return seed_report(counts=counts, tasks=tasks, overdue=late, by_agency=by_agency(tasks), **changes)


def uneven_report() -> MonthlyReport:
    """A month with everything that can be odd: late, undated, secret, observed, uncertain, unresolved, unmapped."""
    counts = Counts(assigned=12, on_time=4, late=2, open_in_time=4, open_overdue=2, no_deadline=1)
    unmapped = AgencyRef("?Ban Quản lý dự án X", "Ban Quản lý dự án X", "khac")
    overdue = (
        task(
            "90500",
            name='=HYPERLINK("x") & <b>đậm</b>',
            state=TimeState.OPEN_OVERDUE,
            days_overdue=4,
            completed_on=None,
            due_on=date(2022, 2, 24),
            agency=unmapped,
            notation="-1+1",
        ),
        task(
            "90501",
            name="Kế hoạch bí mật X",
            state=TimeState.OPEN_OVERDUE,
            days_overdue=3,
            completed_on=None,
            due_on=date(2022, 2, 25),
            secret=True,
            notation="07/UBND-NC",
        ),
    )
    tasks = list(counted_tasks(counts, overdue))
    seen = datetime(2022, 2, 20, 16, 30, tzinfo=UTC)
    tasks[2] = replace(
        tasks[2],
        completion_observed=True,
        observed_after=seen,
        observed_by=seen + timedelta(days=1),
        uncertain="Hoàn thành trong khoảng hai lần đọc, lấy theo hướng có lợi cho cơ quan.",
    )
    secret = ViolatedDocument(
        "450900",
        "07/UBND-NC",
        date(2022, 2, 10),
        True,
        (finding("PV01_RECEIVE_LATE", "90501", reason="Văn bản về Kế hoạch bí mật X tiếp nhận chậm."),),
    )
    return seed_report(
        counts=counts,
        tasks=tuple(tasks),
        overdue=overdue,
        by_agency=by_agency(tuple(tasks)),
        violations=(AgencyViolations(KHDT, (secret,)),),
        not_evaluable=(NotEvaluableCount("PV01_RECEIVE_LATE", 3, {"thiếu ngày tiếp nhận": 2, "thiếu nhật ký": 1}),),
        observed_completions=1,
        unresolved=(Unresolved("90777", "@Nhiệm vụ lạ", "Trạng thái chưa có trong bảng quy đổi"),),
        unlinked_findings=(finding("PV08_NO_EVIDENCE", "90778"),),
        data=DataAge(None, None, False),
        warnings=("Chưa có lần đọc đầy đủ nào sau thời điểm chốt số liệu.",),
    )
