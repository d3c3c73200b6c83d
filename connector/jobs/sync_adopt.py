"""Records that files told of get the source's id as soon as a list shows them: nothing is there twice (F27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from connector.detect.references import references
from connector.domain.records import DocumentRow, Kind, TaskRow
from connector.jobs.import_records import Key, stored_key
from connector.jobs.standings import Standings
from connector.normalise.exports.explain import explain_question
from connector.normalise.exports.joining import Answer, Joined, Question, join
from connector.normalise.exports.keys import document_key, task_key
from connector.normalise.exports.telling import CodeOf
from connector.ports import Normaliser, UnitOfWork
from connector.reconcile.merge import by_task, one_document

log = structlog.get_logger()

CHUNK = 1000


@dataclass
class Adoption:
    """To be called when a run's lists have been read and before what they show is stored. ``code_of``: code of the
    agency a name stands for on a day."""

    normaliser: Normaliser
    code_of: CodeOf
    _asked: dict[str, Question[Any]] = field(default_factory=dict)

    def adopt(self, uow: UnitOfWork, source: str, kind: Kind, run_id: int) -> None:
        with uow:
            own = self._own(uow, source, kind)
            if own:
                self._rename(uow, source, kind, list(self._new(uow, source, kind, run_id)), own)
            uow.commit()

    def resolve(self, uow: UnitOfWork, source: str, contents: Mapping[str, str]) -> None:
        """A list does not show the document a task was given in; its text does, and may tell which of several it is.
        Works inside the caller's unit of work, before the tasks are stored. ``contents``: task → text."""
        rows: list[Key] = []
        for task_id in self._asked.keys() & contents.keys():
            named = [(one.notation, one.day) for one in references(contents[task_id])]
            rows.append(replace(self._asked.pop(task_id).row, documents=frozenset(named)))
        if rows:
            self._rename(uow, source, "task", rows, self._own(uow, source, "task"))

    def withdraw(self, uow: UnitOfWork, source: str, run_id: int, now: datetime) -> None:
        """Documents that lists show for the first time may have been withdrawn before. After they were stored."""
        with uow:
            Standings(uow, source, run_id, self.code_of).apply(now)
            uow.commit()

    def questions(self) -> list[str]:
        """What only a person can tell: a new record that may be one of several told ones, or one that differs in a
        point. It is stored as a new one."""
        return [
            f"{one.row.ref}: {explain_question(one)}; nếu là một, chạy: connector quarantine join "
            f"{one.candidates[0].ref} {one.row.ref}"
            for one in self._asked.values()
        ]

    def _own(self, uow: UnitOfWork, source: str, kind: Kind) -> list[Key]:
        return [stored_key(kind, one, self.code_of) for one in uow.imports.names(source, kind, own=True)]

    def _rename(self, uow: UnitOfWork, source: str, kind: Kind, rows: Sequence[Key], own: Sequence[Key]) -> None:
        wanted = {one.bucket for one in own}
        answers: list[Answer[Any]] = join([one for one in rows if one.bucket in wanted], own, {})
        renamed = [(one.stored.ref, one.row.ref) for one in answers if isinstance(one, Joined)]
        self._asked |= {one.row.ref: one for one in answers if isinstance(one, Question)}
        uow.imports.rename(source, kind, renamed)
        uow.quarantine.rename(source, renamed)
        if renamed:
            log.info("sync.adopted", kind=kind, records=len(renamed))

    def _new(self, uow: UnitOfWork, source: str, kind: Kind, run_id: int) -> Iterator[Key]:
        """Keys of the records this run's lists show and nothing is stored of."""
        after = ""
        while seen := uow.sightings.seen(source, kind, run_id, after, CHUNK):
            after = seen[-1].record_id
            ids = [one.record_id for one in seen]
            stored: Any = uow.tasks.known(source, ids) if kind == "task" else uow.documents.states(source, ids)
            raw = uow.sightings.rows(source, kind, run_id, [one for one in ids if one not in stored])
            yield from self._tasks(raw) if kind == "task" else self._documents(raw)

    def _tasks(self, raw: Sequence[Any]) -> Iterator[Key]:
        rows = [row for one in raw if isinstance(row := self.normaliser.task_row(one), TaskRow)]
        for task_id, merged in by_task(rows).items():
            one = merged.best
            yield task_key(task_id, one.name, one.lead, one.assigned_on, (), self.code_of, task_id, one.due_on)

    def _documents(self, raw: Sequence[Any]) -> Iterator[Key]:
        found: dict[str, list[DocumentRow]] = {}
        for one in raw:
            if isinstance(row := self.normaliser.document_row(one), DocumentRow):
                found.setdefault(row.document_id, []).append(row)
        for document_id, rows in found.items():
            state = one_document(rows).state
            yield document_key(document_id, state.notation, state.issued_on, state.issuer, self.code_of, document_id)
