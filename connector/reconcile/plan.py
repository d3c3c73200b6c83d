"""Which records are read beyond their list row in this run, and why. The API has no "changed since" (F05)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.domain.records import DocumentState, LogEntry, Stream, is_issuer
from connector.domain.requests import OPTIONAL_PARTS, Window, WindowField
from connector.domain.status import LogAction, Status
from connector.errors import SuspiciousShrink

TASK_PARTS = frozenset({"detail", "flow", "processors", "children", "files"})
OPEN_PARTS = frozenset({"flow", "processors"})
"""What changes on an open task without a trace in any list."""
NEEDED_PARTS = TASK_PARTS - OPTIONAL_PARTS


@dataclass(frozen=True, slots=True)
class KnownTask:
    """What the store knows of a task, enough to plan. ``read``: parts read at least once, the oldest of them at
    ``read_at``; ``read_run_id``: the run that last read parts of it."""

    list_digest: str
    status: Status
    missing: bool
    authoritative: bool
    read: frozenset[str]
    read_at: datetime | None
    read_run_id: int | None


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """What a run wants to know of tasks. ``parts``: those the settings ask for; ``full``: everything of every task;
    ``hinted``: tasks that notifications name; ``reread_before``: finished tasks last read before that moment (UTC)
    are read again, None for never; ``run_id``: this run, or the ones it goes on for."""

    parts: frozenset[str]
    run_id: int
    full: bool = False
    hinted: frozenset[str] = frozenset()
    reread_before: datetime | None = None


def task_parts(
    task_id: str, digest: str, authoritative: bool, known: KnownTask | None, plan: TaskPlan
) -> tuple[frozenset[str], str]:
    """The parts of one task worth reading in this run, and why; none if nothing can have changed but what the list
    says. ``digest``: of what the list says now; ``authoritative``: whether that includes the task's own status.

    A finished, unchanged task costs its list row only. An open one is asked for progress and assignees each time:
    the list shows neither. Where only a co-operating line shows the task, the detail says how the task itself stands.
    """
    if known is None:
        return plan.parts, "new"
    missing = plan.parts - known.read
    changed = digest != known.list_digest
    if known.read_run_id == plan.run_id and not (missing & NEEDED_PARTS) and not changed:
        return frozenset(), "read before the interruption"
    if plan.full:
        return plan.parts, "full"
    if known.missing:
        return plan.parts, "returned"
    if changed:
        return plan.parts, "changed" if known.list_digest else "incomplete"
    if task_id in plan.hinted:
        return plan.parts, "hinted"
    if not authoritative:
        return plan.parts, "co-operating view"
    if known.status.is_open or known.status is Status.UNKNOWN:
        return (OPEN_PARTS & plan.parts) | missing, "open"
    if missing:
        return missing, "incomplete"
    if plan.reread_before is not None and known.read_at is not None and known.read_at < plan.reread_before:
        return plan.parts, "periodic"
    return frozenset(), "unchanged"


def require_no_shrink(gone: int, visible: int, *, max_share: float, accepted: bool) -> None:
    """Raises SuspiciousShrink when more than ``max_share`` (between 0 and 1) of the ``visible`` tasks would be marked
    as vanished and nobody has accepted that (F09)."""
    if gone and not accepted and gone > max_share * visible:
        raise SuspiciousShrink(f"{gone} of {visible} tasks would vanish", vanished=gone, stored=visible)


@dataclass(frozen=True, slots=True)
class TaskContent:
    """A task's text (``TaskState.text``) and how it stands; ``changed_at``: when its current version was first seen."""

    status: Status
    present: bool
    text: str | None
    changed_at: datetime

    @property
    def is_open(self) -> bool:
        return self.present and (self.status.is_open or self.status is Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """What the store knows of a document, enough to plan. ``has_open_task``: an unfinished task rests on it;
    ``tasks_changed_at``: when one of its tasks last changed (None: no task rests on it)."""

    document_id: str
    stream: Stream
    state: DocumentState
    log: tuple[LogEntry, ...]
    log_read_at: datetime | None
    related_read_at: datetime | None
    has_open_task: bool
    tasks_changed_at: datetime | None = None
    files_read_at: datetime | None = None
    detail_read_at: datetime | None = None
    read_run_id: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """What a run wants to know of the documents of ``issuer``: for ``days`` after issue, counted from ``today``
    (local). ``parts`` the settings ask for; ``full``: everything again; ``hinted``: documents notifications name."""

    issuer: str
    today: date
    days: int
    parts: frozenset[str] = frozenset({"log", "related", "files"})
    run_id: int = 0
    full: bool = False
    hinted: frozenset[str] = frozenset()


def document_parts(document: KnownDocument, plan: DocumentPlan) -> tuple[frozenset[str], str]:
    """The parts of one document worth reading, and why.

    Logs of the office's documents until every recipient has received, forwarded and assigned, for ``days`` after
    issue; related documents while an open task rests on them, however old, and once more after a task has changed: an
    answer may be listed on the very day its task is finished. Names of attachments once, and when hinted."""
    state = document.state
    if not is_followed(state, plan.issuer):
        return frozenset(), "not followed"
    if document.read_run_id == plan.run_id:
        return frozenset(), "read before the interruption"
    recent = state.issued_on is None or state.issued_on >= plan.today - timedelta(days=plan.days)
    hinted = document.document_id in plan.hinted
    new = document.log_read_at is None
    parts: set[str] = set()
    if recent and (new or plan.full or hinted or not is_settled(document.log)):
        parts.add("log")
    if document.has_open_task or (recent and _related_is_stale(document, full=plan.full)):
        parts.add("related")
    again = plan.full or hinted
    if recent and (again or document.files_read_at is None):
        parts.add("files")
    if recent and (again or document.detail_read_at is None):
        parts.add("detail")
    reason = "new" if new else "full" if plan.full else "hinted" if hinted else "open"
    return frozenset(parts & plan.parts), reason


def _related_is_stale(document: KnownDocument, *, full: bool) -> bool:
    if document.tasks_changed_at is None:
        return False
    return full or document.related_read_at is None or document.related_read_at < document.tasks_changed_at


def is_followed(state: DocumentState, issuer: str) -> bool:
    """Documents the office issued itself; the rules are about no others."""
    return state.outgoing and state.present and is_issuer(state.issuer, issuer)


def is_settled(log: Iterable[LogEntry]) -> bool:
    """Whether nothing the rules ask for can still be added: every recipient has taken all steps."""
    steps: dict[str, set[LogAction]] = {}
    recipients: set[str] = set()
    for entry in log:
        if entry.action is LogAction.SENT:
            recipients.update(name.casefold() for part, name in entry.recipients if part in ("XLC", "PH"))
        else:
            steps.setdefault(entry.unit.casefold(), set()).add(entry.action)
    needed = {LogAction.RECEIVED, LogAction.FORWARDED, LogAction.ASSIGNED}
    return bool(recipients) and all(needed <= steps.get(name, set()) for name in recipients)


def search_windows(
    fields: Collection[WindowField], today: date, days: int, *, full: bool, span: tuple[date, date] | None = None
) -> list[Window]:
    """The months by which documents are searched: of issue, the month before and this one, or as far back as documents
    are followed (``days``) when everything is read; of the deadline, from the month before to the next. ``span``: the
    days of a back-fill instead, whole months like the others so that their lists keep their names."""
    if span is not None:
        return [Window(field, *month) for field in sorted(fields) for month in _months(*span)]
    back = today - timedelta(days=days if full else 31)
    ends = {"issued": (back, today), "due": (today - timedelta(days=31), today + timedelta(days=31))}
    return [Window(field, *month) for field in sorted(fields) for month in _months(*ends[field])]


def _months(first: date, last: date) -> list[tuple[date, date]]:
    found = []
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        found.append((month, following - timedelta(days=1)))
        month = following
    return found


def is_worth_reading(rows: int, *, searched: bool, full: bool, big: int) -> bool:
    """Whether a list of documents is read page by page in this run: always when everything is; otherwise not if it
    held more than ``big`` rows and the searched windows, which show what is new in it, could be read."""
    return full or not searched or rows <= big
