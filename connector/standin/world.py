"""How things stand at a virtual instant: events applied one after another. Pure: no clock, no input or output.

``World.at`` moves forward by the events in between and starts anew when time moves back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from connector.standin.timeline import (
    AnswerIssued,
    AnyEvent,
    AssignedInside,
    Created,
    DocIssued,
    DocStep,
    Done,
    Evaluated,
    ExtensionApproved,
    ExtensionRequested,
    LeadChanged,
    LineChanged,
    Marked,
    Progress,
    Returned,
    Setup,
    Timeline,
)

NOT_STARTED, STARTED, OPEN = "Chưa thực hiện", "Đang thực hiện", "Chưa hoàn thành"
WAITING, DONE, CANCELLED = "Chờ phê duyệt", "Đã hoàn thành", "Đã hủy"
LEAD_ROLE, COOP_ROLE = "Xử lý chính", "Phối hợp"
OFFICE = "Văn phòng UBND tỉnh"
STEPS = {
    "doc_received": "Tiếp nhận",
    "doc_forwarded": "Chuyển xử lý",
    "doc_assigned": "Phân công",
    "doc_closed": "Kết thúc",
}


@dataclass
class Line:
    """One assignee of a task."""

    code: str
    name: str
    role: str
    label: str


@dataclass(frozen=True)
class FlowRow:
    """A row of the progress history, with the label and due date the task had when the row was written."""

    name: str
    content: str | None
    label: str
    due: date | None
    files: tuple[str, ...] = ()


@dataclass
class TaskState:
    created: Created
    label: str
    lead: str
    lead_name: str
    due: date | None
    lines: list[Line]
    flow: list[FlowRow] = field(default_factory=list)
    urged: bool = False
    evaluation: str = ""
    evaluation_note: str = ""
    hidden: bool = False
    deleted: bool = False
    done_at: datetime | None = None

    @property
    def visible(self) -> bool:
        return not (self.hidden or self.deleted)

    def set_label(self, label: str) -> None:
        """Label of the task and of its lead's line; a cancelled task cancels every line."""
        self.label = label
        for line in self.lines:
            if line.role == LEAD_ROLE or label == CANCELLED:
                line.label = label

    def start(self) -> None:
        if self.label == NOT_STARTED:
            self.set_label(STARTED)

    def write(self, name: str, content: str | None, files: tuple[str, ...] = ()) -> None:
        self.flow.append(FlowRow(name, content, self.label, self.due, files))


@dataclass(frozen=True)
class LogRow:
    """A row of a document's activity log. ``recipients``: main first, then the co-operating ones."""

    unit: str
    action: str
    at: datetime
    recipients: tuple[str, ...] = ()


@dataclass
class DocumentState:
    """``tasks``: those resting on an issued document, or the one an incoming document answers; ``related``: answers to
    it. ``units``: its recipients' names by code."""

    id: str
    notation: str
    date: date
    at: datetime
    issuer: str
    subject: str
    urgent: bool
    secret: bool
    outgoing: bool
    kho: str
    units: dict[str, str] = field(default_factory=dict)
    log: list[LogRow] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)


@dataclass
class State:
    """Everything created so far. ``tasks`` by ref (deleted ones included), ``documents`` by ref, answers by ``A`` + id.
    ``version``: number of events applied; equal versions are equal states. ``answers``: task → its answers;
    ``children``: parent → tasks."""

    version: int = 0
    tasks: dict[str, TaskState] = field(default_factory=dict)
    documents: dict[str, DocumentState] = field(default_factory=dict)
    task_refs: dict[str, str] = field(default_factory=dict)
    document_refs: dict[str, str] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)

    def task(self, task_id: str) -> TaskState | None:
        ref = self.task_refs.get(task_id)
        return self.tasks[ref] if ref is not None else None

    def document(self, document_id: str) -> DocumentState | None:
        ref = self.document_refs.get(document_id)
        return self.documents[ref] if ref is not None else None

    def deadline(self, document: DocumentState) -> date | None:
        """The earliest due date of the tasks resting on an issued document; deleted and cancelled ones do not count."""
        return min((task.due for task in self._resting(document) if task.due is not None), default=None)

    def is_outdated(self, document: DocumentState, today: date) -> bool:
        """A task resting on it is due before ``today`` and not done."""
        return any(task.due is not None and task.due < today and task.label != DONE for task in self._resting(document))

    def _resting(self, document: DocumentState) -> list[TaskState]:
        tasks = [self.tasks[ref] for ref in document.tasks] if document.outgoing else []
        return [task for task in tasks if not task.deleted and task.label != CANCELLED]


class World:
    def __init__(self, timeline: Timeline, setup: Setup) -> None:
        self._events = timeline.events
        self._setup = setup
        self._state = State()
        self._lower = self._upper = datetime.min.replace(tzinfo=UTC)

    def at(self, moment: datetime) -> State:
        """The state after every event up to and including ``moment`` (aware). The object is reused by later calls."""
        if moment < self._lower:
            self._state = State()
            self._lower = self._upper = datetime.min.replace(tzinfo=UTC)
        if moment < self._upper:
            return self._state
        state, events = self._state, self._events
        while state.version < len(events) and events[state.version].at <= moment:
            self._apply(events[state.version])
            self._lower = events[state.version].at
            state.version += 1
        exhausted = state.version == len(events)
        self._upper = datetime.max.replace(tzinfo=UTC) if exhausted else events[state.version].at
        return state

    def _apply(self, event: AnyEvent) -> None:
        match event:
            case Created():
                self._create(event)
            case DocIssued():
                self._issue(event)
            case AnswerIssued():
                self._answer(event)
            case DocStep():
                document = self._state.documents[event.ref]
                unit = document.units.get(event.agency, event.agency)
                document.log.append(LogRow(unit, STEPS[event.kind], event.at))
            case _:
                self._change(self._state.tasks[event.ref], event)

    def _change(self, task: TaskState, event: AnyEvent) -> None:
        match event:
            case AssignedInside():
                task.start()
                task.write(event.unit, None)
            case Progress():
                task.start()
                task.write(task.lead_name, event.text)
            case ExtensionRequested():
                reason = f", lý do: {event.reason}" if event.reason else ""
                task.write(task.lead_name, f"Đề nghị gia hạn đến {event.new_due:%d/%m/%Y}{reason}")
            case ExtensionApproved():
                task.due = event.new_due
                task.write(task.created.assigner, f"Đồng ý gia hạn đến {event.new_due:%d/%m/%Y}")
            case Done():
                task.set_label(DONE)
                task.done_at = event.at
                task.write(task.lead_name, event.text, event.files)
                for ref in self._state.answers.get(event.ref, ()):
                    self._state.documents[ref].kho = self._setup.incoming_documents_kho[0]
            case Returned():
                task.set_label(event.label)
                task.write(OFFICE, f"Trả lại, lý do: {event.reason}" if event.reason else "Trả lại")
            case LeadChanged():
                task.lead, task.lead_name = event.new, event.name
                task.lines = [
                    Line(event.new, event.name, LEAD_ROLE, line.label) if line.role == LEAD_ROLE else line
                    for line in task.lines
                    if line.role == LEAD_ROLE or line.code != event.new
                ]
            case Evaluated():
                task.evaluation, task.evaluation_note = event.code, event.text
            case LineChanged(kind="coop_done"):
                for line in task.lines:
                    if line.role == COOP_ROLE and line.code == event.agency:
                        line.label = DONE
            case LineChanged():
                task.lines = [line for line in task.lines if line.role == LEAD_ROLE or line.code != event.agency]
            case Marked():
                _mark(task, event)

    def _create(self, event: Created) -> None:
        label = NOT_STARTED if event.two_step else OPEN
        lines = [Line(event.lead, event.lead_name, LEAD_ROLE, label)]
        lines += [Line(coop.code, coop.name, COOP_ROLE, label) for coop in event.coops]
        self._state.tasks[event.ref] = TaskState(event, label, event.lead, event.lead_name, event.due, lines)
        self._state.task_refs[event.id] = event.ref
        if event.doc is not None:
            self._state.documents[event.doc].tasks.append(event.ref)
        if event.parent is not None:
            self._state.children.setdefault(event.parent, []).append(event.ref)

    def _issue(self, event: DocIssued) -> None:
        issuer = self._setup.issuer
        self._add_document(
            event.ref,
            DocumentState(
                id=event.id,
                notation=event.notation,
                date=event.date,
                at=event.at,
                issuer=issuer,
                subject=event.subject,
                urgent=event.urgent,
                secret=event.secret,
                outgoing=True,
                kho=self._setup.issued_documents_kho,
                units=dict(zip(event.to, event.names, strict=True)),
                log=[LogRow(issuer, "Phát hành", event.at, event.names)],
            ),
        )

    def _answer(self, event: AnswerIssued) -> None:
        """An incoming document: waiting until the task it answers is done. Its subject tells only the notation of
        the document answered, which may be secret."""
        source = self._state.documents[event.ref]
        ref = f"A{event.id}"
        finished = self._state.tasks[event.task].label == DONE
        self._add_document(
            ref,
            DocumentState(
                id=event.id,
                notation=event.notation,
                date=event.date,
                at=event.at,
                issuer=event.name,
                subject=f"Báo cáo kết quả thực hiện Công văn số {source.notation} ngày {source.date:%d/%m/%Y}",
                urgent=False,
                secret=False,
                outgoing=False,
                kho=self._setup.incoming_documents_kho[0 if finished else -1],
                log=[LogRow(event.name, "Phát hành", event.at, (OFFICE,))],
                tasks=[event.task],
            ),
        )
        source.related.append(ref)
        self._state.answers.setdefault(event.task, []).append(ref)

    def _add_document(self, ref: str, document: DocumentState) -> None:
        self._state.documents[ref] = document
        self._state.document_refs[document.id] = ref


def _mark(task: TaskState, event: Marked) -> None:
    match event.kind:
        case "submitted":
            task.set_label(WAITING)
        case "cancelled":
            task.set_label(CANCELLED)
        case "urged":
            task.urged = True
        case "hidden" | "shown":
            task.hidden = event.kind == "hidden"
        case "deleted":
            task.deleted = True
