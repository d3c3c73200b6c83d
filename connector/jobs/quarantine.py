"""Rows of files that were not loaded: read again by the rules of today, or dropped, by a person's word (F11, F12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from connector.domain.audit import Action, Deed
from connector.domain.imports import OWN, Entry, NewEntry, SheetNotes
from connector.domain.records import KINDS
from connector.domain.runs import Outcome, RunCounts
from connector.errors import UsageProblem
from connector.jobs.import_file import JOB, ImportPolicy
from connector.jobs.import_mapping import accepted_mappings
from connector.jobs.import_outcome import rejected_entry
from connector.jobs.import_packages import kept_record
from connector.jobs.import_read import problems_of
from connector.jobs.import_records import RecordImport
from connector.jobs.standings import Standings
from connector.normalise.exports.headers import Layout
from connector.normalise.exports.joining import NEW
from connector.normalise.exports.problems import RejectedRow, unpack
from connector.normalise.exports.records import ExportDocument, ExportTask
from connector.normalise.exports.sheet import SheetReading, reread
from connector.ports import Clock, UnitOfWork


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of an entry. ``record_id``: of the record it went into, "" if it still waits, for ``why``."""

    entry: Entry
    record_id: str
    why: str = ""


def waiting(uow: UnitOfWork) -> list[Entry]:
    with uow:
        return uow.quarantine.waiting()


def entry(uow: UnitOfWork, entry_id: int) -> Entry:
    """Raises UsageProblem if there is none."""
    with uow:
        return _entry(uow, entry_id)


def drop(uow: UnitOfWork, clock: Clock, ids: Iterable[int], *, actor: str) -> list[Entry]:
    """They are kept, and wait no more. Raises UsageProblem; then none is dropped."""
    with uow:
        found = [_waiting(uow, one) for one in ids]
        now = clock.now()
        for one in found:
            uow.quarantine.settle(one.id, "dropped", now)
        uow.audit.add(Deed(now, actor, Action.ROW_DROPPED, str(one.id), _place(one)) for one in found)
        uow.commit()
    return found


def join(uow: UnitOfWork, clock: Clock, source: str, told: str, record_id: str, *, actor: str) -> None:
    """A record that files made and one that the source has shown are the same, a person says; the first becomes the
    beginning of the other. Raises UsageProblem."""
    with uow:
        if told.startswith(OWN) and not record_id.startswith(OWN):
            for kind in KINDS:
                if uow.imports.absorb(source, kind, told, record_id):
                    uow.quarantine.rename(source, [(told, record_id)])
                    said = {"source": source, "kind": kind, "into": record_id}
                    uow.audit.add([Deed(clock.now(), actor, Action.RECORDS_JOINED, told, said)])
                    uow.commit()
                    return
    raise UsageProblem(
        f"cannot join {told} and {record_id}", argument=f"{told} {record_id}",
        expected=f"mã của bản ghi chỉ có trong tệp ({OWN}…), rồi mã của bản ghi iOffice có sau nó",
    )  # fmt: skip


def retry(
    uow: UnitOfWork, clock: Clock, policy: ImportPolicy, ids: Iterable[int], as_: str | None = None, *, actor: str
) -> list[Retried]:
    """Read rows again and load what can be loaded, as of the moment their file was. No ids: all rows that could not be
    read. ``as_``: the record that a row is, or "new". Raises UsageProblem; then nothing is loaded."""
    wanted = list(ids)
    now = clock.now()
    with uow:
        entries = [_waiting(uow, one) for one in wanted] or [
            one for one in uow.quarantine.waiting() if one.row.kind == "row"
        ]
        if not entries:
            return []
        policy = replace(policy, rules=policy.rules_with(accepted_mappings(uow)))
        run_id = uow.runs.start(JOB, now, source=policy.source)
        assert run_id is not None
        found = [_retried(uow, clock, policy, run_id, one, as_, now) for one in entries]
        uow.audit.add(
            Deed(
                now,
                actor,
                Action.ROW_RETRIED,
                str(one.entry.id),
                {**_place(one.entry), "as": as_ or "", "record": one.record_id},
            )
            for one in found
        )
        Standings(uow, policy.source, run_id, policy.code_of).apply(now)
        left = sum(not one.record_id for one in found)
        counts = RunCounts(fetched=len(found), rejected=left, updated=len(found) - left)
        outcome = Outcome.INCOMPLETE if left else Outcome.OK
        detail = {"quarantine": [one.entry.id for one in found]}
        uow.runs.finish(run_id, clock.now(), outcome, counts, detail=detail)
        uow.commit()
    return found


def _place(one: Entry) -> dict[str, str | int]:
    """Of the row in its file."""
    return {"file": one.file, "sheet": one.row.sheet, "row": one.row.row}


def _retried(
    uow: UnitOfWork, clock: Clock, policy: ImportPolicy, run_id: int, one: Entry, as_: str | None, now: datetime
) -> Retried:
    if not one.row.packed:
        return _told(uow, policy, one, as_, now)
    if (document := kept_record(one.row.packed)) is not None:
        return _loaded(uow, clock, policy, run_id, one, one.notes, [document], as_, now)
    notes = one.notes
    row = unpack(one.row.packed)
    reading = reread(notes.file, notes.name, notes.kept, [row], policy.rules)
    records = [read for read in reading.records() if not isinstance(read, RejectedRow) or read.row.number == row.number]
    tasks = [read for read in records if isinstance(read, ExportTask) and read.row == row.number]
    documents = [read for read in records if isinstance(read, ExportDocument) and read.row == row.number]
    refused = [read for read in records if isinstance(read, RejectedRow)]
    if refused:
        return _still(uow, one, rejected_entry(one.row.sheet, one.row.table, refused[0]))
    early = [problem for task in tasks for problem in reading.not_yet(task, clock.local_date(notes.as_of))]
    if early:
        return _still(uow, one, replace(one.row, problems=problems_of(early)))
    if not tasks and not documents:
        return Retried(one, "", "dòng này không còn được hiểu là dữ liệu; nếu đúng, bỏ bằng: connector quarantine drop")
    if one.row.kind == "question" and not one.row.candidates and as_ is None:
        return Retried(one, "", one.row.problems[0].reason)  # rows that contradict each other: one must be chosen
    now_notes = replace(notes, told=tuple(sorted(reading.told)), columns=_columns(reading))
    return _loaded(uow, clock, policy, run_id, one, now_notes, tasks or documents, as_, now)


def _loaded(
    uow: UnitOfWork, clock: Clock, policy: ImportPolicy, run_id: int, one: Entry, notes: SheetNotes,
    records: Sequence[ExportTask] | Sequence[ExportDocument], as_: str | None, now: datetime,
) -> Retried:  # fmt: skip
    """``records``: the one of the row."""

    def day_of(moment: datetime) -> date:
        return clock.local_date(moment)

    loading = RecordImport(uow, policy.source, run_id, one.file_id, policy.code_of, day_of)
    answers = {}
    if as_ is not None:
        ref = as_ if as_ == NEW else _known(uow, policy.source, one, as_)
        answers = {loading.answer_id(records[0]): ref}
    applied = loading.sheet(one.row.sheet, notes, records, answers)
    if applied.asked:
        return _still(uow, one, replace(applied.asked[0], packed=one.row.packed))
    record_id = applied.ids[records[0].row]
    uow.quarantine.settle(one.id, "loaded", now, record_id if as_ is not None else "")
    return Retried(one, record_id)


def _told(uow: UnitOfWork, policy: ImportPolicy, one: Entry, as_: str | None, now: datetime) -> Retried:
    """Which document a package withdrew; NEW: none that is stored, it waits for the one that will come."""
    if as_ is None:
        return Retried(one, "", one.row.problems[0].reason)
    ref = as_ if as_ == NEW else _known(uow, policy.source, one, as_)
    uow.quarantine.settle(one.id, "loaded", now, ref)
    return Retried(one, ref)


def _still(uow: UnitOfWork, one: Entry, found: NewEntry) -> Retried:
    uow.quarantine.keep_waiting(one.id, found)
    return Retried(one, "", "; ".join(f"{p.cell} {p.reason}".strip() for p in found.problems))


def _columns(reading: SheetReading) -> dict[str, int]:
    return dict(reading.layout.columns) if isinstance(reading.layout, Layout) else {}


def _known(uow: UnitOfWork, source: str, one: Entry, record_id: str) -> str:
    if record_id not in uow.imports.load(source, one.row.table, [record_id], lambda moment: moment.date()):
        raise UsageProblem(
            f"no such record: {record_id}", argument=f"--as {record_id}",
            expected=f"mã của một bản ghi đã lưu, hoặc {NEW}"
        )  # fmt: skip
    return record_id


def _entry(uow: UnitOfWork, entry_id: int) -> Entry:
    found = uow.quarantine.entry(entry_id)
    if found is None:
        raise UsageProblem(
            f"no entry {entry_id}", argument=str(entry_id), expected="một số trong: connector quarantine list"
        )
    return found


def _waiting(uow: UnitOfWork, entry_id: int) -> Entry:
    found = _entry(uow, entry_id)
    if found.state != "waiting":
        raise UsageProblem(
            f"entry {entry_id} is {found.state}", argument=f"{entry_id} (đã xử lý)",
            expected="một số trong: connector quarantine list"
        )  # fmt: skip
    return found
