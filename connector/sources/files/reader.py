"""Tables out of a file, whatever it is: ``open_table`` gives its sheets, or its packages if it is edXML; ``describe``
says only what it is.

The file is read in a child process that may use so much time and memory and no more (F26); its rows come through a
pipe, and are worked on while the child goes on reading.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.domain.packages import Package
from connector.domain.tables import FileKind, Limits, Range, Recognised, Sheet, SheetRow, Table
from connector.sources.files.process import ChildProcess
from connector.sources.files.wire import RowReader, element

_LIMITS = Limits()
_PROMISES: dict[str, frozenset[FileKind]] = {
    ".xlsx": frozenset({"xlsx"}),
    ".xlsm": frozenset({"xlsx"}),
    ".xls": frozenset({"xls"}),
    ".ods": frozenset({"ods"}),
    ".csv": frozenset({"csv", "tsv"}),
    ".tsv": frozenset({"tsv"}),
    ".txt": frozenset({"csv", "tsv"}),
    ".htm": frozenset({"html"}),
    ".html": frozenset({"html"}),
    ".xml": frozenset({"spreadsheetml", "edxml"}),
    ".edxml": frozenset({"edxml"}),
    ".zip": frozenset({"zip", "edxml"}),
}


@contextlib.contextmanager
def open_table(path: Path, limits: Limits = _LIMITS) -> Iterator[Table]:
    """The sheets of the file, in order; rows are read before the next sheet is asked for, or are passed over.

    Raises FileRefused, in the middle of the rows too: keep nothing of a file before its last sheet has ended; only
    then it is known to have stayed the same all the while. A symbolic link is no file.
    """
    with ChildProcess(path, limits, "read") as child:
        frames = child.frames()
        recognised = _recognised(path, next(frames))
        yield _Table(recognised, _sheets(frames), _packages(frames))


def describe(path: Path, limits: Limits = _LIMITS) -> Recognised:
    """What the file is by its content. Raises FileRefused for what has no table: the reason names its true kind."""
    with ChildProcess(path, limits, "describe") as child:
        (frame,) = child.frames()
    return _recognised(path, frame)


def _recognised(path: Path, frame: tuple[Any, ...]) -> Recognised:
    _, kind, encoding, said_by = frame
    promised = _PROMISES.get(path.suffix.lower())
    return Recognised(kind, encoding, said_by, suffix_lies=promised is not None and kind not in promised)


@dataclass(slots=True)
class _Table:
    recognised: Recognised
    sheets: Iterator[Sheet]
    packages: Iterator[Package]

    def __iter__(self) -> Iterator[Sheet]:
        return self.sheets

    def __next__(self) -> Sheet:
        return next(self.sheets)


@dataclass(slots=True)
class _Sheet:
    name: str
    file: str
    hidden: bool
    modified_at: datetime | None = None
    epoch_1904: bool = False
    delimited: bool = False
    unended: tuple[int, int] | None = None
    merged: list[Range] = field(default_factory=list)
    rows: Iterator[SheetRow] = field(default_factory=lambda: iter(()))


def _packages(frames: Iterator[tuple[Any, ...]]) -> Iterator[Package]:
    for kind, *told in frames:
        if kind == "package":
            member, namespace, root, beside = told
            yield Package(member, namespace, element(root), tuple(beside))


def _sheets(frames: Iterator[tuple[Any, ...]]) -> Iterator[Sheet]:
    reader = RowReader()
    found: list[_Sheet] = []  # the sheet whose beginning ended the rows before it

    def rows(sheet: _Sheet) -> Iterator[SheetRow]:
        for kind, *told in frames:
            match kind:
                case "rows":
                    yield from reader.rows(*told)
                case "merged":
                    sheet.merged += [Range(*corners) for corners in told[0]]
                case "unended":
                    sheet.unended = (told[0], told[1])
                case "sheet":
                    name, member, hidden, written, epoch_1904, delimited = told
                    at = None if written is None else datetime(*written)  # noqa: DTZ001 (its zone is not told)
                    found.append(_Sheet(name, member, hidden, at, epoch_1904, delimited))
                    return

    for _ in rows(_Sheet("", "", hidden=False)):
        pass
    while found:
        sheet = found.pop()
        sheet.rows = rows(sheet)
        yield sheet
        for _ in sheet.rows:
            pass
