"""A file that somebody exported → records, history, and what a person must look at (F19-F27).

The file is read whole, then everything of it is written in one transaction together with the end of its run: a file is
in, or it is not. What it does not show has not vanished, and it overwrites nothing that was learnt later.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import structlog

from connector.domain.imports import FileFacts, NewEntry, SheetNotes
from connector.domain.runs import Outcome, RunCounts
from connector.errors import ConnectorError, FileNotReady, FileRefused
from connector.jobs.import_mapping import accepted_mappings
from connector.jobs.import_outcome import counts_of, left_out_advice, rejected_entry, sheet_outcome
from connector.jobs.import_packages import (
    IsOwn,
    kept,
    notices,
    package_notes,
    package_outcome,
    plain,
    read_packages,
    store_package,
)
from connector.jobs.import_packages import as_of as package_as_of
from connector.jobs.import_read import FileRead, SheetRead, as_of, packed_rows, read_file, withhold
from connector.jobs.import_records import Applied, RecordImport
from connector.jobs.standings import Came, Standings
from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.headers import Accepted
from connector.normalise.exports.records import Rules
from connector.normalise.exports.report import FileOutcome, SheetOutcome
from connector.normalise.exports.sheet import file_stops
from connector.normalise.exports.telling import CodeOf
from connector.ports import Clock, UnitOfWork
from connector.ports_files import Files

log = structlog.get_logger()
JOB = "import"
_FEW = 4
"""So many wrong rows do not speak against a file, however short it is."""


@dataclass(frozen=True, slots=True)
class ImportPolicy:
    """``source``: under which name records of files are kept, the API's if there is one. ``words``: what to tell a
    clerk of an error. ``is_own``: whether an organisation is the office that issues. ``max_rejected``: share of
    unreadable rows above which a file is refused."""

    source: str
    rules: Rules
    code_of: CodeOf
    words: Callable[[ConnectorError], str]
    is_own: IsOwn
    max_rejected: float = 0.05

    def rules_with(self, accepted: Mapping[str, Accepted]) -> Rules:
        """With the mappings that people accepted so far; those the rules hold already, of a trial, count before."""
        return replace(self.rules, accepted={**accepted, **self.rules.accepted})


@dataclass(frozen=True, slots=True)
class ImportResult:
    """``run_id``: None for a dry run and for bytes that were taken before. ``error``: why nothing was imported."""

    run_id: int | None
    outcome: FileOutcome
    counts: RunCounts = field(default_factory=RunCounts)
    quarantined: int = 0
    error: ConnectorError | None = None


def import_file(
    path: Path, files: Files, uow: UnitOfWork, clock: Clock, policy: ImportPolicy, *, dry_run: bool = False,
    again: bool = False,
) -> ImportResult:  # fmt: skip
    """What is wrong with the file ends up in the result; StoreError and bugs are recorded and raised. A dry run goes
    the same way and saves nothing. ``again``: also if its bytes were taken before."""
    try:
        facts = files.facts(path)
    except FileRefused as error:
        return ImportResult(None, _refused(path.name, (), policy.words(error)), error=error)
    with uow:
        taken = None if again else uow.imports.taken(policy.source, facts.sha256)
    if taken is not None:
        when = taken.read_at.astimezone(policy.rules.zone)
        before = f"“{taken.name}” lúc {when:%H:%M %d/%m/%Y}"
        itself = (taken.name, taken.modified_at) == (facts.name, facts.modified_at)
        return ImportResult(None, FileOutcome(path.name, (), refused=False, duplicate_of=before, itself=itself))
    with structlog.contextvars.bound_contextvars(file=path.name, sha256=facts.sha256[:12]):
        with _collector_at_rest():
            result = _Import(path, facts, files, uow, clock, policy, dry_run).run()
        log.info("import.finished", refused=result.outcome.refused, rows=result.counts.fetched,
                 inserted=result.counts.inserted, updated=result.counts.updated,
                 quarantined=result.quarantined, dry_run=dry_run)  # fmt: skip
        return result


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A file makes a million objects that live until its end and hold no cycles; looking through them again and again
    takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass
class _Import:
    path: Path
    facts: FileFacts
    files: Files
    uow: UnitOfWork
    clock: Clock
    policy: ImportPolicy
    dry_run: bool

    def run(self) -> ImportResult:
        run_id = 0 if self.dry_run else self._start()
        try:
            with self.uow:
                accepted = accepted_mappings(self.uow)
            read = read_file(self.files, self.path, self.policy.rules_with(accepted))
            self.files.require_same(self.path, self.facts)
            if read.packages:
                return self._store_packages(run_id, read)
            if file_stops([one.reading for one in read.sheets]):
                raise FileRefused("not_understood", file=self.path.name)
            return self._store(run_id, read)
        except FileNotReady as error:
            return self._failed(run_id, error, ())
        except FileRefused as error:
            sheets = read.sheets if error.reason in ("not_understood", "many_rejected") else []
            return self._failed(run_id, error, sheets)
        except BaseException as error:
            if not self.dry_run:
                with self.uow:
                    cause = f"{type(error).__name__}: {error}"
                    self.uow.runs.finish(run_id, self.clock.now(), Outcome.FAILED, RunCounts(), error=cause)
                    self.uow.commit()
            raise

    def _start(self) -> int:
        now = self.clock.now()
        with self.uow:
            self.uow.runs.close_interrupted(JOB, now, self.policy.source)
            run_id = self.uow.runs.start(JOB, now, source=self.policy.source)
            assert run_id is not None
            self.uow.commit()
        return run_id

    # -- what is in it ---------------------------------------------------------------------------------------------

    def _store(self, run_id: int, read: FileRead) -> ImportResult:
        now, source = self.clock.now(), self.policy.source
        times = [as_of(one, self.facts.modified_at, now) for one in read.known]
        for number, one in enumerate(read.known):
            withhold(one, number, self._day_of(times[number].at))
        self._require_readable(read)
        notes = [one.notes(time) for one, time in zip(read.known, times, strict=True)]
        with self.uow:
            if self.dry_run:
                run_id = self.uow.runs.start(JOB, now, source=source) or 0
            kind = read.recognised.kind
            file_id = self.uow.imports.keep_file(source, run_id, self.facts, now, kind=kind, sheets=notes)
            same = self.uow.imports.places(source, self.facts.sha256)
            records = RecordImport(self.uow, source, run_id, file_id, self.policy.code_of, self._day_of, same)
            applied = records.file(
                [(note, one.tasks or one.documents) for one, note in zip(read.known, notes, strict=True)]
            )
            self._standings(run_id, now)
            missing = [one for one in self.uow.imports.left_out().values() if one.file_id == file_id]
            waiting = self._waiting(read, notes, applied)
            self.uow.quarantine.add(source, file_id, waiting, now)
            counts = counts_of(read, applied, len(waiting))
            outcome = Outcome.INCOMPLETE if waiting else Outcome.OK
            detail = {"file": self.facts.name, "sha256": self.facts.sha256, "kind": kind,
                      "as_of": [one.at.isoformat() for one in times]}  # fmt: skip
            self.uow.runs.finish(run_id, self.clock.now(), outcome, counts, detail=detail)
            if not self.dry_run:
                self.uow.commit()
        sheets = tuple(self._told(read, times, applied))
        if missing:
            sheets = (replace(sheets[0], advices=[*sheets[0].advices, left_out_advice(missing)]), *sheets[1:])
        return ImportResult(
            None if self.dry_run else run_id, FileOutcome(self.path.name, sheets, refused=False), counts, len(waiting)
        )

    def _require_readable(self, read: FileRead) -> None:
        """A few rows wait for a person; where many are wrong, the rest cannot be trusted either (F11)."""
        wrong = sum(len(one.rejected) + len(one.early) for one in read.known)
        rows = wrong + sum(one.read for one in read.known)
        if wrong and (wrong == rows or (wrong > _FEW and wrong / rows > self.policy.max_rejected)):
            raise FileRefused("many_rejected", file=self.path.name, count=wrong, rows=rows)

    def _store_packages(self, run_id: int, read: FileRead) -> ImportResult:
        now, source, name = self.clock.now(), self.policy.source, self.path.name
        packages, skipped = read_packages(read.packages, self.policy.rules.zone, self.policy.is_own, name)
        times = [package_as_of(one, self.facts.modified_at, now) for one in packages]
        notes = [package_notes(one, time, name) for one, time in zip(packages, times, strict=True)]
        with self.uow:
            if self.dry_run:
                run_id = self.uow.runs.start(JOB, now, source=source) or 0
            file_id = self.uow.imports.keep_file(source, run_id, self.facts, now, kind="edxml", sheets=notes)
            records = RecordImport(self.uow, source, run_id, file_id, self.policy.code_of, self._day_of)
            stored = [store_package(records, number, one, notes[number]) for number, one in enumerate(packages)]
            said = [list(notices(one, file_id, number, times[number].at)) for number, one in enumerate(packages)]
            self.uow.notices.add(source, [notice for some in said for notice in some])
            came = self._standings(run_id, now)
            asked = [entry for number, applied in enumerate(stored) for entry in kept(packages[number], applied)]
            self.uow.quarantine.add(source, file_id, asked, now)
            mine = Counter(how for place, how in came.items() if place[0] == file_id)
            waiting = len(asked) + mine["asked"]
            total = sum((applied.outcomes for applied in stored), Counter())
            counts = RunCounts(fetched=len(packages), rejected=waiting, inserted=total["new"],
                               updated=total["changed"] + total["filled"] + mine["marked"],
                               unchanged=total["unchanged"])  # fmt: skip
            detail = {"file": self.facts.name, "sha256": self.facts.sha256, "kind": "edxml"}
            outcome = Outcome.INCOMPLETE if waiting else Outcome.OK
            self.uow.runs.finish(run_id, self.clock.now(), outcome, counts, detail=detail)
            if not self.dry_run:
                self.uow.commit()
        told = tuple(
            package_outcome(one, time, applied, [(notice, came[notice.place]) for notice in some if notice.standing])
            for one, time, applied, some in zip(packages, times, stored, said, strict=True)
        )
        if skipped:
            told = (replace(told[0], advices=[*told[0].advices, *plain(skipped)]), *told[1:])
        return ImportResult(None if self.dry_run else run_id, FileOutcome(name, told, refused=False), counts, waiting)

    def _standings(self, run_id: int, now: datetime) -> dict[tuple[int, int, int], Came]:
        return Standings(self.uow, self.policy.source, run_id, self.policy.code_of).apply(now)

    def _day_of(self, moment: datetime) -> date:
        return self.clock.local_date(moment)

    def _waiting(self, read: FileRead, notes: Sequence[SheetNotes], applied: Sequence[Applied]) -> list[NewEntry]:
        """Rows for the quarantine, with their cells."""
        found = [
            rejected_entry(number, notes[number].table, row)
            for number, one in enumerate(read.known)
            for row in one.rejected
        ]
        asked = [entry for one in applied for entry in one.asked] + [entry for one in read.known for entry in one.early]
        if asked:
            wanted: dict[int, set[int]] = {}
            for entry in asked:
                wanted.setdefault(read.known[entry.sheet].place, set()).add(entry.row)
            packed = packed_rows(self.files, self.path, wanted)
            self.files.require_same(self.path, self.facts)
            found += [replace(one, packed=packed[read.known[one.sheet].place, one.row]) for one in asked]
        return found

    def _told(self, read: FileRead, times: Sequence[AsOf], applied: Sequence[Applied]) -> list[SheetOutcome]:
        known = {id(one): (time, came) for one, time, came in zip(read.known, times, applied, strict=True)}
        return [sheet_outcome(one, *known.get(id(one), (None, None))) for one in read.sheets]

    # -- what went wrong -------------------------------------------------------------------------------------------

    def _failed(self, run_id: int, error: FileRefused, sheets: Sequence[SheetRead]) -> ImportResult:
        ready = not isinstance(error, FileNotReady)
        if not self.dry_run:
            now = self.clock.now()
            with self.uow:
                if ready:
                    self.uow.imports.keep_file(self.policy.source, run_id, self.facts, now, reason=error.reason)
                outcome = Outcome.FAILED if ready else Outcome.INTERRUPTED
                cause = f"{self.facts.name}: {self.policy.words(error)}"
                self.uow.runs.finish(run_id, now, outcome, RunCounts(), error=cause)
                self.uow.commit()
        told = tuple(sheet_outcome(one, None, None) for one in sheets)
        reason = "" if error.reason == "not_understood" else self.policy.words(error)
        return ImportResult(None if self.dry_run else run_id, _refused(self.path.name, told, reason), error=error)


def _refused(name: str, sheets: tuple[SheetOutcome, ...], reason: str) -> FileOutcome:
    return FileOutcome(name, sheets, refused=True, reason=reason)
