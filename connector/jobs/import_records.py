"""The records of a file → the database: which stored record each is, and what it changes there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from connector.detect.references import references
from connector.domain.imports import OWN, OWN_ID, NewEntry, Problem, SheetNotes
from connector.domain.notation import fold_notation
from connector.domain.records import Kind
from connector.normalise.exports.explain import LEAD_MISSING, explain_across, explain_contradiction, explain_question
from connector.normalise.exports.joining import Answer, Joined, Question, join
from connector.normalise.exports.keys import DocumentKey, TaskKey, document_key, loose_name, name_key, task_key
from connector.normalise.exports.once import Contradiction, Once, across, documents_once, tasks_once
from connector.normalise.exports.records import ExportDocument, ExportTask
from connector.normalise.exports.telling import CodeOf, Stored, Telling, tell_document, tell_task
from connector.ports import UnitOfWork

BATCH = 2_000
Record = ExportTask | ExportDocument
Key = TaskKey | DocumentKey


@dataclass
class Applied:
    """What came of a sheet's records. ``outcomes``: new, changed, filled, unchanged → how many; ``older``: records that
    kept values of their own; ``reopened``: rows of finished tasks that are unfinished by the file; ``asked``: rows a
    person must decide on, without their cells. ``ids``: row → record."""

    outcomes: Counter[str] = field(default_factory=Counter)
    older: int = 0
    reopened: list[int] = field(default_factory=list)
    repeated: int = 0
    asked: list[NewEntry] = field(default_factory=list)
    ids: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordImport:
    """Works inside the caller's unit of work; commits nothing. ``code_of``: code of the agency a name stands for on a
    day; ``day_of``: local day of a moment; ``same``: (sheet, row) → the record it was when the same bytes were read
    before."""

    uow: UnitOfWork
    source: str
    run_id: int
    file_id: int
    code_of: CodeOf
    day_of: Callable[[datetime], date]
    same: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def file(
        self, sheets: Sequence[tuple[SheetNotes, Sequence[ExportTask] | Sequence[ExportDocument]]]
    ) -> list[Applied]:
        """What came of each sheet; its number is its place. Rows of one record that differ from sheet to sheet, as of
        one moment, are all withheld."""
        keys = [{one.row: self._key(one) for one in records} for _, records in sheets]
        found = [Applied() for _ in sheets]
        held: set[tuple[int, int]] = set()
        alike: dict[tuple[Kind, datetime], list[int]] = {}
        for number, (notes, _) in enumerate(sheets):
            alike.setdefault((notes.table, notes.as_of), []).append(number)
        for (kind, _), numbers in alike.items():
            for one in across([(sheets[number][1], keys[number]) for number in numbers]):
                places = [(numbers[sheet], row) for sheet, row in one.places]
                held |= set(places)
                reason = explain_across([(sheets[number][0].name, row) for number, row in places], one.fields, kind)
                for number, row in places:
                    found[number].asked.append(_entry(number, row, kind, keys[number][row], reason, []))
        for number, (notes, records) in enumerate(sheets):
            free: Any = [one for one in records if (number, one.row) not in held] if held else records
            self._sheet(number, notes, free, keys[number], {}, found[number])
        return found

    def sheet(
        self,
        number: int,
        notes: SheetNotes,
        records: Sequence[ExportTask] | Sequence[ExportDocument],
        answers: Mapping[str, str] | None = None,
    ) -> Applied:
        """One sheet by itself. ``number``: of it within its file. ``answers``: answer id of a row → what a person says
        now, beside what was said before."""
        found = Applied()
        self._sheet(number, notes, records, {one.row: self._key(one) for one in records}, answers or {}, found)
        return found

    def _sheet(
        self,
        number: int,
        notes: SheetNotes,
        records: Sequence[ExportTask] | Sequence[ExportDocument],
        keys: Mapping[int, Any],
        answers: Mapping[str, str],
        found: Applied,
    ) -> None:
        kind = notes.table
        said = self.uow.quarantine.answers(self.source) | dict(answers)
        only_once: Callable[..., Once[Any]] = tasks_once if kind == "task" else documents_once
        once = only_once(records, keys, said)
        found.repeated += len(once.repeated)
        found.asked += [entry for one in once.contradicting for entry in self._contradicting(number, kind, one, keys)]
        rows = [keys[one.row] for one in (*once.records, *once.alone)]
        same = {str(row): ref for (sheet, row), ref in self.same.items() if sheet == number}
        stored = list(self._stored(kind, rows, set(same.values())))
        joined: list[Answer[Any]] = join(rows, stored, said, same)
        settled = self._settle(number, kind, once, joined, {one.ref for one in stored}, found)
        for start in range(0, len(settled), BATCH):
            self._write(number, notes, settled[start : start + BATCH], found)

    def answer_id(self, record: Record) -> str:
        """Under which a person's answer about this row is kept."""
        return self._key(record).answer_id

    def withdraw(
        self,
        place: tuple[int, int],
        notation: str,
        issued_on: date | None,
        issuer: str,
        notes: SheetNotes,
        found: Applied,
    ) -> bool:
        """A document is in force no more. ``place``: sheet, row. Whether exactly one stored document is it."""
        key = document_key(str(place[1]), notation, issued_on, issuer, self.code_of)
        (answer,) = join([key], list(self._stored("document", [key])), {})
        if not isinstance(answer, Joined):
            return False
        ref = answer.stored.ref
        known: Stored[Any] = self.uow.imports.load(self.source, "document", [ref], self.day_of)[ref]
        changed = known.state.present and notes.as_of > known.last_seen_at  # seen since: then it was given anew
        telling: Telling[Any] = Telling(
            place[1],
            ref,
            known.pk,
            "changed" if changed else "unchanged",
            replace(known.state, present=False) if changed else None,
            notes.as_of,
            known.last_seen_at,
        )
        self.uow.imports.save(self.source, "document", self.run_id, (self.file_id, place[0]), [telling])
        found.outcomes[telling.outcome] += 1
        return True

    # -- which record ----------------------------------------------------------------------------------------------

    def _key(self, record: Record) -> Key:
        if isinstance(record, ExportDocument):
            one = record.state
            return document_key(
                str(record.row), one.notation, one.issued_on, one.issuer, self.code_of, record.document_id
            )
        document = record.document
        named = [(one, document.issued_on) for one in document.notations] if document else []
        state = record.state
        ref, code_of = str(record.row), self.code_of
        return task_key(ref, state.name, state.lead, state.assigned_on, named, code_of, record.task_id, state.due_on)

    def _stored(self, kind: Kind, rows: Sequence[Key], refs: Collection[str] = ()) -> Iterator[Key]:
        """Keys of the stored records that may be one of the rows; ``refs``: of those that are."""
        wanted = {row.bucket for row in rows}
        ids = {row.record_id for row in rows if row.record_id}
        for one in self.uow.imports.names(self.source, kind):
            bucket = loose_name(name_key(one.name)) if kind == "task" else fold_notation(one.notation)
            if bucket in wanted or one.source_id.removeprefix(OWN_ID) in ids or one.source_id in refs:
                yield stored_key(kind, one, self.code_of)

    def _settle(
        self,
        number: int,
        kind: Kind,
        once: Once[Any],
        joined: Sequence[Answer[Any]],
        taken: set[str],
        found: Applied,
    ) -> list[tuple[Any, str, str | None]]:
        """(record, its id, the stored record it is or None); what is asked goes into ``found``."""
        settled: list[tuple[Any, str, str | None]] = []
        renamed: list[tuple[str, str]] = []
        alone = {one.row for one in once.alone}
        for record, answer in zip((*once.records, *once.alone), joined, strict=True):
            if record.row in alone and not isinstance(answer, Joined):
                found.asked.append(_waits_for_lead(number, record.row, kind))
                self._ask_helpers(number, kind, once, record.row, found)
                continue
            match answer:
                case Joined(row, stored):
                    ref = stored.ref
                    if row.record_id and ref.startswith(OWN) and (own := OWN_ID + row.record_id) not in taken:
                        renamed.append((ref, own))
                        taken.add(own)
                        ref = own
                    settled.append((record, ref, ref))
                case Question(row, candidates):
                    reason = explain_question(answer)
                    refs = [one.ref for one in candidates]
                    found.asked.append(_entry(number, record.row, kind, row, reason, refs))
                    self._ask_helpers(number, kind, once, record.row, found)
                case _:
                    row = answer.row
                    new = _free(OWN_ID + row.record_id if row.record_id else row.own_id, taken)
                    taken.add(new)
                    settled.append((record, new, None))
        if renamed:
            self.uow.imports.rename(self.source, kind, renamed)
            self.uow.quarantine.rename(self.source, renamed)
        return settled

    def _ask_helpers(self, number: int, kind: Kind, once: Once[Any], row: int, found: Applied) -> None:
        """Rows that went into one that waits do so too: each is kept by itself."""
        for helper in once.helpers.get(row, ()):
            found.repeated -= 1
            found.asked.append(_waits_for_lead(number, helper, kind))

    def _contradicting(
        self, number: int, kind: Kind, one: Contradiction, keys: Mapping[int, Key]
    ) -> Iterator[NewEntry]:
        for row in one.rows:
            yield _entry(number, row, kind, keys[row], explain_contradiction(one, kind), [])

    # -- what it changes -------------------------------------------------------------------------------------------

    def _write(
        self, number: int, notes: SheetNotes, settled: Sequence[tuple[Any, str, str | None]], found: Applied
    ) -> None:
        told = frozenset(notes.told)
        tell: Any = tell_task if notes.table == "task" else tell_document
        known: Mapping[str, Stored[Any]] = self.uow.imports.load(
            self.source, notes.table, [ref for _, _, ref in settled if ref is not None], self.day_of
        )
        tellings: list[Telling[Any]] = [
            tell(record, record_id, known[ref] if ref is not None else None, notes.as_of, told, self.code_of)
            for record, record_id, ref in settled
        ]
        self.uow.imports.save(self.source, notes.table, self.run_id, (self.file_id, number), tellings)
        for one in tellings:
            found.outcomes[one.outcome] += 1
            found.older += one.older and one.seen
            found.ids[one.row] = one.record_id
            if one.reopened:
                found.reopened.append(one.row)


def stored_key(kind: Kind, row: Any, code_of: CodeOf) -> Key:
    """``row``: as ``Imports.names`` gives it."""
    source_id = row.source_id
    record_id = source_id.removeprefix(OWN_ID)
    if record_id.startswith(OWN):
        record_id = ""
    if kind == "document":
        return document_key(source_id, row.notation, row.issued_on, row.issuer, code_of, record_id)
    named = [(one.notation, one.day) for one in references(f"{row.name}\n{row.content}")] if row.content else []
    return task_key(source_id, row.name, row.lead, row.assigned_on, named, code_of, record_id, row.due_on)


def _entry(number: int, row: int, kind: Kind, key: Key, reason: str, candidates: Sequence[str]) -> NewEntry:
    return NewEntry(number, row, "question", kind, (Problem("", "", "", reason),), (), key.answer_id, tuple(candidates))


def _waits_for_lead(number: int, row: int, kind: Kind) -> NewEntry:
    """Of a co-operating unit's line no task can be made: nobody knows who leads it."""
    return NewEntry(number, row, "row", kind, (Problem("", "", "", LEAD_MISSING),), ())


def _free(wanted: str, taken: set[str]) -> str:
    """A person may say that a row is another task than the one with the same key."""
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found
