"""The database as a whole, built from settings: checked, saved, restored, moved."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connector.domain.audit import Action, Deed
from connector.jobs.audit import note
from connector.store import schema
from connector.store.backup import Copied, backup, drill, restore
from connector.store.checking import check
from connector.store.copying import copy
from connector.store.engine import open_engine
from connector.store.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from connector.bootstrap import App

_JOBS = ("detect", "deliver", "report", "import")


@dataclass(frozen=True)
class Database:
    app: App

    def upgrade(self) -> tuple[str | None, str | None]:
        """Schema version before and after; no version: an empty database."""
        before = schema.current(self.app.engine)
        schema.upgrade(self.app.engine)
        after = schema.current(self.app.engine)
        if before not in (None, after):
            self._note(self.app.engine, Action.UPGRADED, str(after), {"from": before})
        return before, after

    def check(self) -> list[str]:
        with self._reading() as engine:
            return check(engine)

    def backup(self, place: Path) -> tuple[Path, Copied]:
        """``place``: the new file, or a folder in which it is named by the moment."""
        now = self.app.clock.now().astimezone(self.app.settings.office.zone)
        file = place / f"connector-{now:%Y%m%d-%H%M%S}.db" if place.is_dir() else place
        with self._reading() as engine:
            return file, backup(engine, file)

    def restore(self, file: Path) -> Copied:
        with self._quiet():
            copied = restore(file, self.app.engine)
            self._note(self.app.engine, Action.RESTORED, file.name, _rows(copied))
            return copied

    def drill(self, file: Path | None) -> tuple[Copied, list[str]]:
        """``file`` None: a backup made now and for this only."""
        if file is not None:
            return drill(file)
        with tempfile.TemporaryDirectory() as folder:
            return drill(self.backup(Path(folder))[0])

    def copy(self, address: str) -> Copied:
        target = open_engine(address, busy_timeout=self.app.settings.storage.busy_timeout_seconds)
        try:
            with self._quiet(), self._reading() as source:
                copied = copy(source, target)
                self._note(target, Action.COPIED, source.url.render_as_string(hide_password=True), _rows(copied))
                return copied
        finally:
            target.dispose()

    def _note(self, engine: Engine, action: Action, subject: str, detail: Mapping[str, object]) -> None:
        """In the database that goes on from here."""
        note(SqlUnitOfWork(engine), [Deed(self.app.clock.now(), self.app.actor, action, subject, detail)])

    @contextmanager
    def _reading(self) -> Iterator[Engine]:
        engine = open_engine(self.app.settings.storage.database, readonly=True)
        try:
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """No job runs meanwhile: what it wrote, or the letters it sent, would be in one of two databases only. Raises
        RunBusy."""
        with ExitStack() as held:
            for job in (*(f"sync:{name}" for name in self.app.settings.sources), *_JOBS):
                held.enter_context(self.app.alone(job))
            yield


def _rows(copied: Copied) -> dict[str, int]:
    """How many, of which table."""
    return {name: one.rows for name, one in copied.items() if one.rows}
