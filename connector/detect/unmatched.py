"""Names of agencies a person must decide about: those that stand for none in the table on their day (F106). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from connector.domain.agencies import fold_name
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.policy import Policy
from connector.domain.status import LogAction, Role, Status

_EXAMPLES = 3
_OVER = (Status.DONE, Status.CANCELLED)


class Place(StrEnum):
    """Where in a record a name stands: lead or co-operating agency of a task; addressee of a document, or who took a
    step of its log."""

    LEAD = "lead"
    COOPERATING = "cooperating"
    RECIPIENT = "recipient"
    STEP = "step"


_RECORDS = ((Place.LEAD, Place.COOPERATING), (Place.RECIPIENT, Place.STEP))
"""Those of tasks, those of documents."""


class Use(NamedTuple):
    """A name in a record. ``day``: for which it is looked up; ``since``: the first day it is known to have stood
    there."""

    name: str
    place: Place
    record_id: str
    day: date
    since: date


@dataclass(frozen=True, slots=True)
class Unmatched:
    """``name``: as written first, "" where none is written. ``ended``: code of the agency it stood for, which ended
    without a single successor; "" for a name that is in no table. ``records``: ids of tasks and documents, by place.
    """

    name: str
    ended: str
    since: date
    records: dict[Place, set[str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Tasks and documents, each once."""
        return sum(len(set().union(*(self.records.get(place, ()) for place in places))) for places in _RECORDS)

    @property
    def examples(self) -> list[str]:
        return sorted({one for ids in self.records.values() for one in ids})[:_EXAMPLES]


def unmatched(
    tasks: Iterable[TaskHistory], documents: Iterable[DocumentHistory], policy: Policy, today: date
) -> list[Unmatched]:
    """The names of counted tasks and of documents whose log was read, those of most records first; names that only
    their letter forms tell apart are one."""
    found: dict[tuple[str, str], Unmatched] = {}
    uses = [*_of_tasks(tasks, policy, today), *_of_documents(documents, policy)]
    for one in sorted(uses, key=lambda use: use.since):
        resolution = policy.directory.resolve(one.name, one.day)
        if resolution.agency is not None and not resolution.needs_person:
            continue
        ended = resolution.agency.code if resolution.agency else ""
        name = found.setdefault((fold_name(one.name), ended), Unmatched(one.name, ended, one.since))
        name.records.setdefault(one.place, set()).add(one.record_id)
    return sorted(found.values(), key=lambda name: (-name.count, fold_name(name.name), name.ended))


def _of_tasks(tasks: Iterable[TaskHistory], policy: Policy, today: date) -> Iterator[Use]:
    """What is still to be done is looked up for today, what is over for the day it was given or first read: nobody need
    take over a finished task."""
    for task in tasks:
        if not policy.is_counted(task.known_state().assigner):
            continue
        present = [one for one in task.versions if one.state.present]
        for version in present:
            read_on = policy.observer.local_date(version.observed_at)
            given = version.state.assigned_on if version is present[0] else None
            since = min(given or read_on, read_on)
            day = today if version is present[-1] and version.state.status not in _OVER else since
            yield Use(version.state.lead, Place.LEAD, task.task_id, day, since)
            for line in version.state.lines or ():
                if line.role is Role.COOPERATING:
                    yield Use(line.name, Place.COOPERATING, task.task_id, day, since)


def _of_documents(documents: Iterable[DocumentHistory], policy: Policy) -> Iterator[Use]:
    """Those who get it only for information (XEM, XYK) owe nothing, and may be anybody."""
    for document in documents:
        for entry in document.log:
            day = policy.observer.local_date(entry.at)
            if entry.action is not LogAction.SENT:
                yield Use(entry.unit, Place.STEP, document.document_id, day, day)
                continue
            for part, name in entry.recipients:
                if part in ("XLC", "PH"):
                    yield Use(name, Place.RECIPIENT, document.document_id, day, day)
