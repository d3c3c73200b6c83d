"""The same as ``bootstrap`` for files: what their import is built from, and its use cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from connector.bootstrap import App
from connector.domain.agencies import fold_name
from connector.domain.imports import Entry
from connector.domain.tables import Limits
from connector.errors import ConnectorError, RunBusy, SettingsError
from connector.jobs import quarantine
from connector.jobs.import_explain import Explained, explain_file
from connector.jobs.import_file import JOB, ImportPolicy, ImportResult, import_file
from connector.jobs.import_mapping import Proposed, accept_mapping, accepted_mappings, propose_mapping
from connector.jobs.inbox import Taken, take_ready
from connector.jobs.record import Record, record
from connector.messages import fill, help_for
from connector.normalise.exports.records import Rules

if TYPE_CHECKING:
    from connector.normalise.edxml_records import Organisation
    from connector.ports import UnitOfWork
    from connector.ports_files import Files, Inbox

LIMITS = Limits(rows=200_000)
"""Every row of a file is in memory until its last one has been read."""
_ONLY = "ioffice"
"""Under which name records are kept where no source is configured."""


@dataclass
class ImportApp:
    app: App

    @cached_property
    def files(self) -> Files:
        from connector.sources.files.facts import TableFiles

        return TableFiles(LIMITS)

    @property
    def source(self) -> str:
        """Raises SettingsError where nobody has said which of several sources the files belong to."""
        names = list(self.app.settings.sources)
        chosen = self.app.settings.imports.source
        if not chosen and len(names) > 1:
            raise SettingsError(
                [f"{self.app.path or 'settings'}: imports.source: cần chọn một trong {', '.join(names)}"]
            )
        return chosen or (names[0] if names else _ONLY)

    @cached_property
    def policy(self) -> ImportPolicy:
        """Raises SettingsError for a broken table of agencies or headers."""
        from connector.normalise.vocabulary import Vocabularies
        from connector.reference.export_headers import load_export_headers

        settings, clock = self.app.settings, self.app.clock
        directory = self.app.policy.directory
        today = clock.local_date(clock.now())
        rules = Rules(
            synonyms=load_export_headers(settings.imports.headers_file),
            words=Vocabularies.of(settings.vocabulary),
            zone=settings.office.zone,
            is_agency=lambda name: directory.resolve(name, today).agency is not None,
        )
        return ImportPolicy(self.source, rules, self.app.code_of, _words, self._is_own, settings.imports.max_rejected)

    def _is_own(self, organisation: Organisation) -> bool:
        return fold_name(organisation.name) == fold_name(self.app.settings.office.issuer)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else imports, and the source of the same records is not read meanwhile: either of the two could take
        a record for new that the other is about to store. Raises RunBusy."""
        with self.app.alone(JOB), self.app.alone(f"sync:{self.source}"):
            yield

    def record(self, record_id: str) -> Record:
        """A stored task or document. Raises UsageProblem."""
        return record(self.app.reading(), self.app.clock, [*self.app.settings.sources, self.source], record_id)

    def import_file(
        self, path: Path, *, dry_run: bool = False, again: bool = False, proposed: Proposed | None = None
    ) -> ImportResult:
        """``dry_run``: nothing is written, no lock file either. ``again``: also if its bytes were taken before.
        ``proposed``: read as if that had been accepted."""
        shown, files = self._named(path)
        app = self.to_look_at if dry_run else self.app
        with nullcontext() if dry_run else self.alone():
            return import_file(
                shown, files, app.uow(), app.clock, self._policy_with(proposed), dry_run=dry_run, again=again
            )

    def explain(self, path: Path, proposed: Proposed | None = None) -> Explained:
        shown, files = self._named(path)
        return explain_file(shown, files, self.to_look_at.reading(), self._policy_with(proposed))

    def propose(self, path: Path, said: Mapping[str, str], *, outgoing: bool | None) -> Proposed:
        shown, files = self._named(path)
        with self.to_look_at.reading() as uow:
            known = accepted_mappings(uow)
        return propose_mapping(shown, files, self.policy.rules_with(known), said, outgoing=outgoing)

    @cached_property
    def to_look_at(self) -> App:
        """For what writes nothing: where there is no database yet, an empty one in memory stands for it."""
        from connector.store import schema
        from connector.store.engine import is_there
        from connector.store.opening import IN_MEMORY

        settings = self.app.settings
        if is_there(settings.storage.database) and schema.current(self.app.store.reader) is not None:
            return self.app
        storage = settings.storage.model_copy(update={"database": IN_MEMORY})
        return replace(self.app, settings=settings.model_copy(update={"storage": storage}))

    def _policy_with(self, proposed: Proposed | None) -> ImportPolicy:
        if proposed is None:
            return self.policy
        accepted = {proposed.fingerprint: proposed.accepted}
        return replace(self.policy, rules=replace(self.policy.rules, accepted=accepted))

    def _named(self, path: Path) -> tuple[Path, Files]:
        from connector.sources.files.named import named

        return named(self.files, path)

    def accept(self, proposed: Proposed) -> None:
        with self.app.uow() as uow:
            accept_mapping(uow, proposed, self.app.clock.now(), self.app.actor)
            uow.commit()

    # -- quarantine ------------------------------------------------------------------------------------------------

    def waiting(self) -> list[Entry]:
        return quarantine.waiting(self.app.reading())

    def entry(self, entry_id: int) -> Entry:
        return quarantine.entry(self.app.reading(), entry_id)

    def retry(self, ids: Sequence[int], as_: str | None) -> list[quarantine.Retried]:
        with self.alone():
            return quarantine.retry(self.app.uow(), self.app.clock, self.policy, ids, as_, actor=self.app.actor)

    def join(self, told: str, record_id: str) -> None:
        with self.alone():
            quarantine.join(self.app.uow(), self.app.clock, self.source, told, record_id, actor=self.app.actor)

    def drop(self, ids: Sequence[int]) -> list[Entry]:
        return quarantine.drop(self.app.uow(), self.app.clock, ids, actor=self.app.actor)


@dataclass
class InboxWatch:
    """The inbox as the service looks after it, at most every ``poll_seconds``. A network share may take its time to
    answer, so nothing is looked at while the database is held."""

    imports: ImportApp
    inbox: Inbox
    poll_seconds: float
    stopping: Callable[[], bool]
    _looked_at: float | None = None

    @classmethod
    def of(cls, app: App, stopping: Callable[[], bool]) -> InboxWatch | None:
        """None if no folder is configured."""
        from connector.sources.files.inbox import FolderInbox

        settings = app.settings.imports
        if settings.inbox is None:
            return None
        inbox = FolderInbox(settings.inbox, settings.settle_seconds)
        return cls(ImportApp(app), inbox, settings.poll_seconds, stopping)

    def close_interrupted(self) -> int:
        """Imports that were cut off; not one that another process is at. Raises SettingsError."""
        app = self.imports.app
        with suppress(RunBusy), self.imports.alone(), app.uow() as uow:
            closed = uow.runs.close_interrupted(JOB, app.clock.now(), self.imports.source)
            uow.commit()
            return closed
        return 0

    def due(self, _uow: UnitOfWork, _now: datetime) -> bool:
        return self._looked_at is None or time.monotonic() - self._looked_at >= self.poll_seconds

    def take(self) -> list[Taken]:
        """Import what stands still. Raises InboxUnusable, RunBusy, StoreError."""
        app = self.imports.app
        self._looked_at = time.monotonic()
        return take_ready(
            self.inbox, self.imports.import_file, app.uow(), app.clock, app.settings.office.zone, self.stopping
        )


def _words(error: ConnectorError) -> str:
    """For a clerk: where, what is wrong and how to mend it, in one line."""
    told = help_for(error)
    fields = {name: value for name, value in error.fields.items() if value not in (None, "")}
    _, _, member = str(fields.get("file", "")).partition(" › ")
    places = (("tệp con", member), ("trang", fields.get("sheet")), ("ô", fields.get("cell")))
    where = ", ".join(f"{what} “{name}”" if what != "ô" else f"ô {name}" for what, name in places if name)
    said = f"{fill(told.sentence, fields)} {fill(told.next_step, fields)}"
    return f"{where[0].upper()}{where[1:]}: {said}" if where else said
