"""Examples as a rules file writes them, made into histories. Times in the file are local."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, Strict

from connector.domain.examples import ASSIGNER, ISSUER, Example, Verdict
from connector.domain.history import DocumentHistory, SeenFlowRow, SeenRelated, TaskHistory, TaskVersion
from connector.domain.records import DocumentState, FlowRow, LogEntry, RelatedDocument, TaskState
from connector.domain.status import LogAction, Status
from connector.settings import Section

Day = Annotated[date, Strict()]
Moment = Annotated[datetime, Strict()]
_NIGHT = time(23, 30)
_TASK, _DOCUMENT, _NOTATION = "90001", "450001", "41/UBND-KT"


class SeenEntry(Section):
    """A state of the task, first seen ``at``; not there yet at the reading ``after``, by default the night before."""

    at: Moment
    after: Moment | None = None
    status: Status = Status.IN_PROGRESS
    label: str = ""
    due: Day | None = None
    completed: Day | None = None


class ProgressEntry(Section):
    """A progress row, first seen ``at``, not there yet at ``after`` (by default the night before)."""

    at: Moment
    after: Moment | None = None
    content: str = ""
    author: str | None = None
    files: tuple[str, ...] = ()


class TaskEntry(Section):
    """``read``: last time the task was seen, ``progress_read``: its progress rows; by default the newest state's."""

    lead: str = "Sở Y tế"
    assigned: Day | None = None
    due: Day | None = None
    seen: tuple[SeenEntry, ...] = Field(min_length=1)
    read: Moment | None = None
    progress_read: Moment | None = None
    progress: tuple[ProgressEntry, ...] = ()


class LogLine(Section):
    at: Moment
    action: LogAction
    unit: str = ISSUER
    to: tuple[str, ...] = ()


class AnswerEntry(Section):
    """A document listed under the source document; without ``issuer`` it is in no list that was read."""

    issued: Day
    issuer: str | None = None


class DocumentEntry(Section):
    """``read``: when the log and the related documents were last read; None: never."""

    issued: Day
    urgency: str = "Thường"
    log: tuple[LogLine, ...] = ()
    read: Moment | None = None
    answers: tuple[AnswerEntry, ...] = ()


class ExampleEntry(Section):
    case: str
    at: Moment
    expect: Verdict
    on: Day | None = None
    agency: str | None = None
    band: str | None = None
    task: TaskEntry | None = None
    document: DocumentEntry | None = None


def make_example(rule: str, entry: ExampleEntry, place: str, zone: ZoneInfo) -> Example:
    """``place``: file and line, as problems name it. The task, if there is one, names the document."""
    task = entry.task and _task(entry.task, entry.document, zone)
    documents = (_document(entry.document, zone), *_answers(entry.document)) if entry.document else ()
    return Example(
        rule, entry.case, place, entry.at.replace(tzinfo=zone), (task,) if task else (), documents, entry.expect,
        entry.on, entry.agency, entry.band,
    )  # fmt: skip


def _task(entry: TaskEntry, document: DocumentEntry | None, zone: ZoneInfo) -> TaskHistory:
    source = f"Thực hiện Công văn số {_NOTATION} ngày {document.issued:%d/%m/%Y} của {ISSUER}." if document else ""
    first = entry.seen[0].at
    versions: list[TaskVersion] = []
    for number, seen in enumerate(entry.seen):
        before = entry.seen[number - 1].at if number else None
        after = seen.after or (max(before, _night_before(seen.at)) if before else None)
        until = entry.seen[number + 1].at if number + 1 < len(entry.seen) else None
        state = TaskState(
            name="Tham mưu báo cáo",
            assigner=ASSIGNER,
            lead=entry.lead,
            status=seen.status,
            status_label=seen.label,
            assigned_on=entry.assigned or first.date(),
            assigned_at=None,
            due_on=seen.due or entry.due,
            due_at=None,
            content=source,
            completed_on=seen.completed,
        )
        versions.append(TaskVersion(state, _aware(after, zone), seen.at.replace(tzinfo=zone), _aware(until, zone)))
    flow = tuple(_progress(row, number, entry.lead, zone) for number, row in enumerate(entry.progress))
    read = (entry.read or entry.seen[-1].at).replace(tzinfo=zone)
    return TaskHistory(_TASK, "example", tuple(versions), flow, read, _aware(entry.progress_read, zone) or read)


def _progress(entry: ProgressEntry, number: int, lead: str, zone: ZoneInfo) -> SeenFlowRow:
    author = lead if entry.author is None else entry.author
    row = FlowRow(author, entry.content, "", None, None, entry.files, digest=str(number))
    after = entry.after or _night_before(entry.at)
    return SeenFlowRow(row, after.replace(tzinfo=zone), entry.at.replace(tzinfo=zone))


def _document(entry: DocumentEntry, zone: ZoneInfo) -> DocumentHistory:
    state = DocumentState(_NOTATION, entry.issued, ISSUER, "V/v báo cáo", entry.urgency, outgoing=True, secret=False)
    log = tuple(
        LogEntry(line.unit, line.action, str(line.action), line.at.replace(tzinfo=zone), _recipients(line.to))
        for line in entry.log
    )
    read = _aware(entry.read, zone)
    related = tuple(
        SeenRelated(RelatedDocument(_answer_id(number), "", answer.issued), read)
        for number, answer in enumerate(entry.answers)
        if read is not None
    )
    return DocumentHistory(_DOCUMENT, "example", state, log, related, read, read)


def _answers(entry: DocumentEntry) -> list[DocumentHistory]:
    found = []
    for number, answer in enumerate(entry.answers):
        if answer.issuer is not None:
            state = DocumentState(f"{number}/BC", answer.issued, answer.issuer, "Báo cáo", "Thường", outgoing=False)
            found.append(DocumentHistory(_answer_id(number), "example", state, (), (), None, None))
    return found


def _answer_id(number: int) -> str:
    return str(450100 + number)


def _recipients(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The first is to act, the others take part."""
    return tuple(("PH" if number else "XLC", name) for number, name in enumerate(names))


def _night_before(moment: datetime) -> datetime:
    return datetime.combine(moment.date() - timedelta(days=1), _NIGHT)


def _aware(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=zone)
