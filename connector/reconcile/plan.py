"""Which records are read beyond their list row in this run, and why. The API has no "changed since" (F05)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.domain.records import DocumentState, LogEntry, Stream
from connector.domain.requests import PartRequest
from connector.domain.status import LogAction, Status
from connector.errors import SuspiciousShrink
from connector.reconcile.merge import MergedTask

ALL_PARTS = frozenset({"detail", "flow", "processors"})
OPEN_PARTS = frozenset({"flow", "processors"})


@dataclass(frozen=True, slots=True)
class KnownTask:
    """What the store knows of a task, enough to plan."""

    list_digest: str
    status: Status
    missing: bool
    complete: bool
    last_seen_at: datetime


def task_request(task: MergedTask, known: KnownTask | None, *, full: bool) -> PartRequest | None:
    """The parts of one task worth reading, None if nothing can have changed but what the list says.

    A finished, unchanged task costs its list row only. An open one is asked for progress and assignees each time:
    the list shows neither. Where only a co-operating line shows the task, the detail says how the task itself stands.
    """
    parts, reason = _parts(task, known, full)
    if not parts:
        return None
    return PartRequest(task.task_id, task.best.stream, parts, reason, task.best.line_id)


def _parts(task: MergedTask, known: KnownTask | None, full: bool) -> tuple[frozenset[str], str]:
    if known is None:
        return ALL_PARTS, "new"
    if full:
        return ALL_PARTS, "full"
    if known.missing:
        return ALL_PARTS, "returned"
    if task.digest != known.list_digest:
        return ALL_PARTS, "changed"
    if not known.complete:
        return ALL_PARTS, "incomplete"
    if not task.authoritative:
        return ALL_PARTS, "co-operating view"
    if known.status.is_open or known.status is Status.UNKNOWN:
        return OPEN_PARTS, "open"
    return frozenset(), "unchanged"


def vanished(
    stored: Mapping[str, KnownTask], seen: Collection[str], *, max_share: float, accepted: bool
) -> frozenset[str]:
    """Tasks that were visible and are in no list any more. Raises SuspiciousShrink when it would be more than
    ``max_share`` of them (between 0 and 1) and nobody has accepted that (F09)."""
    visible = {task_id for task_id, known in stored.items() if not known.missing}
    gone = frozenset(visible - set(seen))
    if gone and not accepted and len(gone) > max_share * len(visible):
        raise SuspiciousShrink(
            f"{len(gone)} of {len(visible)} tasks would vanish", vanished=len(gone), stored=len(visible)
        )
    return gone


@dataclass(frozen=True, slots=True)
class TaskContent:
    """A task's text and how it stands; ``changed_at``: when its current version was first seen."""

    status: Status
    present: bool
    content: str | None
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


def document_requests(
    documents: Iterable[KnownDocument], *, issuer: str, today: date, days: int, full: bool
) -> list[PartRequest]:
    """Logs of the office's documents until every recipient has received, forwarded and assigned, for ``days`` after
    issue; related documents while an open task rests on them, however old, and once more after a task has changed:
    an answer may be listed on the very day its task is finished."""
    wanted: list[PartRequest] = []
    for document in documents:
        state = document.state
        if not is_followed(state, issuer):
            continue
        recent = state.issued_on is None or state.issued_on >= today - timedelta(days=days)
        parts: set[str] = set()
        if recent and (document.log_read_at is None or full or not is_settled(document.log)):
            parts.add("log")
        if document.has_open_task or (recent and _related_is_stale(document, full=full)):
            parts.add("related")
        if parts:
            reason = "full" if full else "new" if document.log_read_at is None else "open"
            wanted.append(PartRequest(document.document_id, document.stream, frozenset(parts), reason))
    return wanted


def _related_is_stale(document: KnownDocument, *, full: bool) -> bool:
    if document.tasks_changed_at is None:
        return False
    return full or document.related_read_at is None or document.related_read_at < document.tasks_changed_at


def is_followed(state: DocumentState, issuer: str) -> bool:
    """Documents the office issued itself; the rules are about no others."""
    return state.outgoing and state.present and state.issuer.casefold() == issuer.casefold()


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
