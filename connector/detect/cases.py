"""A task together with its document, its siblings and the words of the office: what a rule looks at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from connector.detect.linking import Linker
from connector.detect.links import DocumentIndex, Link
from connector.domain.agencies import fold_name
from connector.domain.history import DocumentHistory, SeenFlowRow, TaskHistory, last_present, version_at
from connector.domain.policy import Policy
from connector.domain.records import TaskState
from connector.domain.status import Role


class Author(Enum):
    """Who wrote a progress row, seen from the task's lead: the lead itself, a name inside some agency that is in no
    table (taken for the lead's own people, in the lead's favour), or somebody else."""

    LEAD = "lead"
    INSIDE = "inside"
    OTHER = "other"


@dataclass(frozen=True)
class TaskCase:
    """``siblings``: the other counted tasks whose text names the same document, with the same lead agency."""

    history: TaskHistory
    link: Link
    policy: Policy
    index: DocumentIndex
    siblings: tuple[TaskHistory, ...] = ()

    @property
    def task_id(self) -> str:
        return self.history.task_id

    @property
    def document(self) -> DocumentHistory | None:
        return self.link.document

    @property
    def document_id(self) -> str | None:
        return self.link.document.document_id if self.link.document else None

    @property
    def withdrawn(self) -> DocumentHistory | None:
        """A document that is no longer in force, on which the task rests or, where the link is not certain, may rest by
        its own words."""
        possible = (self.link.document,) if self.link.document else self.link.stated
        return next((one for one in possible if one.state.standing), None)

    @property
    def known_until(self) -> datetime:
        """Up to this moment our readings vouch for the task."""
        return self.policy.observer.vouches_until(self.history.last_seen_at)

    @property
    def flow_known_until(self) -> datetime | None:
        read_at = self.history.flow_read_at
        return None if read_at is None else self.policy.observer.vouches_until(read_at)

    def state_at(self, moment: datetime) -> TaskState | None:
        """The newest visible state at a moment; the first one known if we had not read it yet by then."""
        version = last_present(self.history.versions, moment)
        if version is None:
            version = next((one for one in self.history.versions if one.state.present), None)
        return version.state if version else None

    def was_read_by(self, moment: datetime) -> bool:
        """Whether the task had been read at all by a moment."""
        return last_present(self.history.versions, moment) is not None

    def gone_at(self, moment: datetime) -> bool:
        """Gone from every list at a moment and not seen again since (for one reading away is not gone)."""
        version = version_at(self.history.versions, moment)
        if version is None or version.state.present:
            return False
        return not any(one.state.present for one in self.history.versions if one.observed_at > moment)

    def lead_at(self, moment: datetime) -> str:
        """Agency code of the lead at a moment, "?" + the name as written if nobody has mapped it."""
        state = self.state_at(moment)
        return self.agency_code(state.lead if state else "", moment)

    def agency_code(self, name: str, moment: datetime) -> str:
        resolution = self.policy.directory.resolve(name, self.policy.observer.local_date(moment))
        return resolution.agency.code if resolution.agency else f"?{name}"

    def cooperating(self, state: TaskState, moment: datetime) -> tuple[str, ...]:
        """Names of the co-operating agencies: the official one, or as written if nobody has mapped it."""
        day = self.policy.observer.local_date(moment)
        resolved = [
            (line.name, self.policy.directory.resolve(line.name, day).agency)
            for line in state.lines or ()
            if line.role is Role.COOPERATING
        ]
        return tuple(agency.name if agency else name for name, agency in resolved)

    def author(self, row: SeenFlowRow, moment: datetime) -> Author:
        """Who wrote a progress row, judged by the lead at ``moment``."""
        state = self.state_at(moment)
        name = fold_name(row.row.author)
        if state and name == fold_name(state.lead):
            return Author.LEAD
        code = self.agency_code(row.row.author, moment)
        if not code.startswith("?"):
            return Author.LEAD if code == self.lead_at(moment) else Author.OTHER
        others = [*self.policy.counted_assigners, state.assigner if state else ""]
        return Author.OTHER if not name or any(name == fold_name(other) for other in others) else Author.INSIDE

    def lead_rows(self, *moments: datetime) -> list[SeenFlowRow]:
        """Progress rows with content or files, oldest first, by the lead (or its people) of any of the moments."""
        return [
            row
            for row in self.history.flow
            if (row.row.content or row.row.files)
            and any(self.author(row, moment) is not Author.OTHER for moment in moments)
        ]


def build_cases(
    tasks: Iterable[TaskHistory], documents: Iterable[DocumentHistory], policy: Policy
) -> tuple[list[TaskCase], DocumentIndex]:
    """Cases of all tasks given by counted assigners; tasks that an agency gives inside are never looked at."""
    index = DocumentIndex(documents, policy.issuer)
    linker = Linker(index, policy)
    counted = [task for task in tasks if policy.is_counted(task.known_state().assigner)]
    cases = [TaskCase(task, linker.link(task), policy, index) for task in counted]
    groups: dict[tuple[str | None, str], list[TaskHistory]] = {}
    for case in cases:
        groups.setdefault(_sibling_key(case), []).append(case.history)
    return [
        replace(case, siblings=tuple(one for one in groups[_sibling_key(case)] if one is not case.history))
        if case.document_id
        else case
        for case in cases
    ], index


def _sibling_key(case: TaskCase) -> tuple[str | None, str]:
    """By the document the text names, certain or not: an answer may be to any of these tasks."""
    named = case.link.named
    return (named.document_id if named else None, case.lead_at(case.history.last_seen_at))
