"""The doors of importing files, as Protocols; the other ones are in ``ports``. Moments are aware UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from connector.domain.imports import Entry, FileFacts, NewEntry, SheetNotes, TakenFile
from connector.domain.records import Kind
from connector.domain.tables import Table
from connector.normalise.exports.telling import Stored, Telling


class Files(Protocol):
    """Files that hold tables. Everything raises FileRefused, or FileNotReady where another time may go better."""

    def facts(self, path: Path) -> FileFacts:
        """Name, size, time and digest of a file; a symbolic link is none."""

    def open(self, path: Path) -> AbstractContextManager[Table]:
        """Its sheets, once and in order."""

    def require_same(self, path: Path, facts: FileFacts) -> None:
        """The file is still the one of ``facts``."""


class Inbox(Protocol):
    """A folder that files are dropped into; raises InboxUnusable where it cannot be listed or written to."""

    @property
    def stuck(self) -> bool: ...
    def ready(self) -> list[Path]: ...
    def put_off(self, path: Path) -> None: ...
    def finish(self, path: Path, *, refused: bool, report: str) -> None: ...


class Imports(Protocol):
    def taken(self, source: str, sha256: str) -> TakenFile | None: ...
    def keep_file(
        self,
        source: str,
        run_id: int,
        facts: FileFacts,
        at: datetime,
        *,
        kind: str = "",
        sheets: Sequence[SheetNotes] = (),
        reason: str = "",
    ) -> int: ...
    def sheets(self, file_id: int) -> list[SheetNotes]: ...
    def count_files(self) -> dict[str, int]: ...
    def newest(self, until: datetime | None = None) -> datetime | None: ...
    def names(self, source: str, kind: Kind, *, own: bool = False) -> Iterator[Any]: ...
    def load(
        self, source: str, kind: Kind, ids: Iterable[str], day_of: Callable[[datetime], date]
    ) -> dict[str, Stored[Any]]: ...
    def save(
        self, source: str, kind: Kind, run_id: int, place: tuple[int, int], told: Sequence[Telling[Any]]
    ) -> None: ...
    def rename(self, source: str, kind: Kind, ids: Sequence[tuple[str, str]]) -> None: ...
    def absorb(self, source: str, kind: Kind, old: str, new: str) -> bool: ...


class Quarantine(Protocol):
    def add(self, source: str, file_id: int, entries: Iterable[NewEntry], at: datetime) -> None: ...
    def waiting(self, limit: int | None = None) -> list[Entry]: ...
    def entry(self, entry_id: int) -> Entry | None: ...
    def count_waiting(self) -> dict[str, int]: ...
    def settle(self, entry_id: int, state: Literal["loaded", "dropped"], at: datetime, answer: str = "") -> None: ...
    def keep_waiting(self, entry_id: int, found: NewEntry) -> None: ...
    def answers(self, source: str) -> dict[str, str]: ...
    def rename(self, source: str, ids: Sequence[tuple[str, str]]) -> None: ...
