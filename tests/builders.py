"""Small words to write histories with: "open until the 15th, then done", as our readings saw it.

All hours are local (Asia/Ho_Chi_Minh); a bare day means the nightly reading at 23:30.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from connector.clock import OFFICE_ZONE
from connector.domain.deadlines import Deadlines
from connector.domain.history import (
    DocumentHistory,
    Observer,
    SeenFlowRow,
    SeenRelated,
    TaskHistory,
    TaskVersion,
)
from connector.domain.policy import Policy
from connector.domain.records import DocumentState, FlowRow, LogEntry, RelatedDocument, TaskState
from connector.domain.status import LogAction, Status
from connector.reference import load_agencies, load_calendar
from connector.reference.rules import load_rules

LABELS = {
    Status.NOT_STARTED: "Chưa thực hiện",
    Status.IN_PROGRESS: "Chưa hoàn thành",
    Status.DONE: "Đã hoàn thành",
    Status.WAIT_CONFIRM: "Chờ phê duyệt",
    Status.RETURNED: "Trả lại",
    Status.CANCELLED: "Đã hủy",
    Status.UNKNOWN: "Tạm để đó",
    Status.PAUSED: "Tạm dừng",
    Status.REFUSED: "Từ chối nhiệm vụ",
}
OFFICE = "UBND tỉnh Lạng Sơn"
OPEN, DONE = Status.IN_PROGRESS, Status.DONE


def at(day: str, hour: str = "23:30") -> datetime:
    """``at("2022-02-15")``: the nightly reading; ``at("2022-02-15", "08:00")``."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), OFFICE_ZONE)


def day(text: str) -> date:
    return date.fromisoformat(text)


def policy() -> Policy:
    return Policy(
        counted_assigners=("UBND tỉnh", "Lãnh đạo Mẫu 01"),
        issuer=OFFICE,
        directory=load_agencies(None, ()),
        deadlines=Deadlines(load_calendar(None), OFFICE_ZONE),
        observer=Observer(OFFICE_ZONE),
        zone=OFFICE_ZONE,
        rules=load_rules(None, OFFICE_ZONE).book,
    )


def state(status: Status = OPEN, due: str | None = "2022-02-18", **fields: object) -> TaskState:
    base = TaskState(
        name="Tham mưu báo cáo mẫu",
        assigner="UBND tỉnh",
        lead="Sở Y tế",
        status=status,
        status_label=LABELS[status],
        assigned_on=day("2022-02-10"),
        assigned_at=None,
        due_on=day(due) if due else None,
        due_at=None,
        content="Thực hiện Công văn số 41/UBND-KT ngày 10/02/2022 của UBND tỉnh.",
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def history(
    *seen: tuple[datetime, TaskState],
    last: datetime | None = None,
    flow: Sequence[SeenFlowRow] = (),
    flow_read: datetime | str | None = "last",
    nightly: bool = True,
    task_id: str = "90001",
) -> TaskHistory:
    """Versions as first seen at the given readings. ``nightly``: the task was also read the night before each change,
    unchanged; otherwise the reading before was the one that saw the version before."""
    versions: list[TaskVersion] = []
    for number, (moment, value) in enumerate(seen):
        until = seen[number + 1][0] if number + 1 < len(seen) else None
        after = None
        if number:
            before = seen[number - 1][0]
            night = datetime.combine(date.fromordinal(moment.date().toordinal() - 1), time(23, 30), OFFICE_ZONE)
            after = max(before, night) if nightly else before
        versions.append(TaskVersion(value, after, moment, until))
    newest = last or seen[-1][0]
    read = newest if flow_read == "last" else flow_read
    assert read is None or isinstance(read, datetime)
    return TaskHistory(task_id, "test", tuple(versions), tuple(flow), newest, read)


def wrote(
    content: str, seen: datetime, after: datetime | None = None, author: str = "Sở Y tế", files: Sequence[str] = ()
) -> SeenFlowRow:
    """A progress row first seen at ``seen`` and not there yet at ``after``."""
    row = FlowRow(author, content, "Chưa hoàn thành", None, None, tuple(files), digest=content + author)
    return SeenFlowRow(row, after, seen)


def document(
    *log: LogEntry,
    read: datetime | None = None,
    related: Sequence[tuple[str, str]] = (),
    related_read: datetime | None = None,
    urgency: str = "Thường",
    document_id: str = "450001",
    secret: bool | None = False,
    notation: str = "41/UBND-KT",
    issued: str = "2022-02-10",
) -> DocumentHistory:
    """A document of the office. ``related``: (id, day) of the documents listed under it."""
    seen = tuple(SeenRelated(RelatedDocument(key, "", day(on)), at(on)) for key, on in related)
    value = DocumentState(notation, day(issued), OFFICE, "V/v báo cáo mẫu", urgency, outgoing=True, secret=secret)
    return DocumentHistory(document_id, "test", value, tuple(log), seen, read, related_read or read)


def answer(document_id: str, issued: str, issuer: str = "Sở Y tế") -> DocumentHistory:
    value = DocumentState(f"{document_id}/BC", day(issued), issuer, "Báo cáo mẫu", "Thường", outgoing=False)
    return DocumentHistory(document_id, "test", value, (), (), None, None)


def sent(moment: datetime, *recipients: str) -> LogEntry:
    parts = tuple(("XLC" if not number else "PH", name) for number, name in enumerate(recipients))
    return LogEntry("UBND tỉnh", LogAction.SENT, "Phát hành", moment, parts)


def step(action: LogAction, moment: datetime, unit: str = "Sở Y tế") -> LogEntry:
    return LogEntry(unit, action, str(action), moment)
