"""What we knew and when: versions of a record between readings, and how to ask about any moment.

The source has no change times. All we can say of a change is that it happened *between two readings*: after the
last one that still saw the old state and before the first that saw the new one. These functions never say more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.domain.records import DocumentState, FlowRow, LogEntry, RelatedDocument, TaskState
from connector.domain.status import Status


@dataclass(frozen=True, slots=True)
class TaskVersion:
    """A state of a task, in force for us from ``observed_at`` until ``until`` (None: still).

    ``observed_after``: the last reading that did not yet show this state (None for the first version).
    The real change lies in (observed_after, observed_at]. All three are aware UTC.
    """

    state: TaskState
    observed_after: datetime | None
    observed_at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class SeenFlowRow:
    """A progress row; written between ``observed_after`` (None: before our first reading) and ``observed_at``."""

    row: FlowRow
    observed_after: datetime | None
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class TaskHistory:
    """Everything known of a task. ``versions`` oldest first, without gap or overlap.

    ``last_seen_at``: last reading whose lists showed it; ``flow_read_at``: last time its progress rows were read.
    ``left_out_at``: as of when a newer list of files no longer showed it, None if nothing of the kind is known.
    ``twin_id``: of a task only files show, the one of the source's own lists it may be, "" if there is none.
    """

    task_id: str
    source: str
    versions: tuple[TaskVersion, ...]
    flow: tuple[SeenFlowRow, ...]
    last_seen_at: datetime
    flow_read_at: datetime | None
    left_out_at: datetime | None = None
    twin_id: str = ""

    @property
    def current(self) -> TaskState:
        return self.versions[-1].state

    def known_state(self) -> TaskState:
        """The newest state in which the task was visible."""
        for version in reversed(self.versions):
            if version.state.present:
                return version.state
        return self.versions[-1].state


@dataclass(frozen=True, slots=True)
class SeenRelated:
    """A related document, with the reading that first showed the relation."""

    related: RelatedDocument
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentHistory:
    """Everything known of a document that the rules need: newest state, log rows, related documents."""

    document_id: str
    source: str
    state: DocumentState
    log: tuple[LogEntry, ...]
    related: tuple[SeenRelated, ...]
    log_read_at: datetime | None
    related_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Observer:
    """How far a reading vouches.

    Nothing is written in the office at night: a reading at or after ``day_end_from`` (local time, setting) counts as
    the state at the end of that local day. Without this, a nightly reading could never prove that a day passed in
    silence.
    """

    zone: ZoneInfo
    day_end_from: time = time(22, 30)

    def vouches_until(self, reading: datetime) -> datetime:
        local = reading.astimezone(self.zone)
        if local.time() >= self.day_end_from:
            return self.end_of_day(local.date())
        return reading

    def end_of_day(self, day: date) -> datetime:
        """First instant of the following local day."""
        return datetime.combine(day + timedelta(days=1), time(0), self.zone)

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Completion:
    """When a task was finished: on ``reported_on`` (said by the source), else between ``after`` and ``by``
    (``after`` None: before we first saw the task)."""

    by: datetime
    after: datetime | None
    reported_on: date | None = None

    @property
    def observed(self) -> bool:
        return self.reported_on is None


def version_at(versions: Sequence[TaskVersion], moment: datetime) -> TaskVersion | None:
    """The version in force for us at ``moment``; None before the first reading."""
    found = None
    for version in versions:
        if version.observed_at > moment:
            break
        found = version
    return found


def last_present(versions: Sequence[TaskVersion], moment: datetime) -> TaskVersion | None:
    """The newest version at or before ``moment`` in which the task was visible."""
    found = None
    for version in versions:
        if version.observed_at > moment:
            break
        if version.state.present:
            found = version
    return found


def run_start(
    versions: Sequence[TaskVersion], moment: datetime, statuses: frozenset[Status] = frozenset({Status.DONE})
) -> TaskVersion | None:
    """First version of the unbroken run of ``statuses`` that is in force at ``moment``; None if another status is.

    Versions in which the task was not visible do not break a run: it could not be seen, not: it was reopened.
    """
    start: TaskVersion | None = None
    for version in versions:
        if version.observed_at > moment:
            break
        if not version.state.present:
            continue
        start = (start or version) if version.state.status in statuses else None
    return start


def completion_at(versions: Sequence[TaskVersion], moment: datetime) -> Completion | None:
    """The completion in force at ``moment``: the last time the task became done (F103)."""
    start = run_start(versions, moment)
    if start is None:
        return None
    newest = last_present(versions, moment)
    reported = newest.state.completed_on if newest else None
    return Completion(by=start.observed_at, after=start.observed_after, reported_on=reported)
