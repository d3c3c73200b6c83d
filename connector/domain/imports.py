"""Files that were imported, and rows of them that wait for a person. Moments are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from connector.domain.records import Kind, Standing

OWN = "x-"
"""How ids begin that we made ourselves, for records only files have shown."""
OWN_ID = "x-id-"
"""How the ids of those begin whose file has a column of ids. It may be another numbering than the source's, so such an
id is the source's only when a list of the source agrees."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file by its bytes. ``stamp`` changes when it is written to or replaced."""

    name: str
    size: int
    modified_at: datetime
    sha256: str
    stamp: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetNotes:
    """What is kept of a sheet: as of when its values are, which fields it tells, where they stand (field → column
    from 0), and what its refused rows need to be read again (``kept``, as ``SheetReading.kept`` gives it)."""

    file: str
    name: str
    table: Kind
    as_of: datetime
    fingerprint: str
    told: tuple[str, ...]
    columns: Mapping[str, int]
    kept: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.file, "name": self.name, "table": self.table, "as_of": self.as_of.isoformat(),
            "fingerprint": self.fingerprint, "told": list(self.told), "columns": dict(self.columns),
            "kept": dict(self.kept),
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SheetNotes:
        return cls(**{**value, "as_of": datetime.fromisoformat(value["as_of"]), "told": tuple(value["told"])})


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file of these bytes that was imported before."""

    name: str
    read_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An open task that the newest list of its kind no longer shows. ``at``: as of when that list is; ``file_id``: of
    it. ``file``, ``row``: where the task was last shown."""

    at: datetime
    file_id: int
    file: str
    row: int


@dataclass(frozen=True, slots=True)
class ToldBy:
    """A row of a file that is a record. ``as_of``: when its values were true. ``cells``: field of the record → the cell
    that tells it, without those that were not followed."""

    as_of: datetime
    file: str
    sheet: str
    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """``cell``: e.g. "D15", "" for the whole row. ``value``: as found, shortened; not shown of secret documents."""

    cell: str
    header: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A row for the quarantine. ``kind``: "row" could not be read; "question" could, but a person must say which of
    ``candidates`` it is. ``packed``: its cells as ``pack`` gives them. ``own_id``: under which an answer is kept, as
    ``Key.answer_id`` gives it."""

    sheet: int
    row: int
    kind: Literal["row", "question"]
    table: Kind
    problems: Sequence[Problem]
    packed: Sequence[Any]
    own_id: str = ""
    candidates: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A package of an issuer says that a document is in force or is no longer. ``place``: (file id, number of the
    package, number within it). ``asked``: a person was asked which document it means."""

    place: tuple[int, int, int]
    notation: str
    issued_on: date | None
    issuer: str
    standing: Standing
    as_of: datetime
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A row in quarantine, with the file it came from. ``state``: waiting, loaded, dropped."""

    id: int
    source: str
    file_id: int
    file: str
    since: datetime
    state: Literal["waiting", "loaded", "dropped"]
    row: NewEntry
    notes: SheetNotes
