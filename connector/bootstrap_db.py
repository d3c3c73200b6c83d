"""The database as a whole, built from settings: checked, saved, restored, moved."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connector.store import schema
from connector.store.backup import Copied, backup, drill, restore
from connector.store.checking import check
from connector.store.copying import copy
from connector.store.engine import open_engine

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
        return before, schema.current(self.app.engine)

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
            return restore(file, self.app.engine)

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
                return copy(source, target)
        finally:
            target.dispose()

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
