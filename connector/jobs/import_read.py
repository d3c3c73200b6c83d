"""A file → the records of its sheets, in memory; nothing is known of it before its last row has been read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connector.domain.imports import NewEntry, Problem, SheetNotes
from connector.domain.packages import Package
from connector.domain.tables import Recognised, Sheet, SheetRow, Table
from connector.errors import FileRefused
from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.cells import fill_down
from connector.normalise.exports.headers import Layout
from connector.normalise.exports.problems import CellProblem, RejectedRow, Remark, SkippedRow, pack
from connector.normalise.exports.records import ExportDocument, ExportTask, Rules
from connector.normalise.exports.sheet import SheetReading
from connector.normalise.exports.untold import hidden_sheets, untold
from connector.ports_files import Files

MOST_REJECTED = 5_000
"""A file with more rows that cannot be read is no export we know: it is refused, before it fills the memory."""


@dataclass
class SheetRead:
    """``place``: which of the file's visible sheets. ``tasks``, ``documents``: as its table says. ``early``: rows that
    tell of things that had not happened yet."""

    place: int
    reading: SheetReading
    tasks: list[ExportTask] = field(default_factory=list)
    documents: list[ExportDocument] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    early: list[NewEntry] = field(default_factory=list)

    @property
    def read(self) -> int:
        return len(self.tasks) + len(self.documents)

    def notes(self, as_of: AsOf) -> SheetNotes:
        """Of a sheet whose table is known."""
        layout = self.reading.layout
        assert isinstance(layout, Layout)
        return SheetNotes(
            file=self.reading.file,
            name=self.reading.sheet,
            table=layout.table,
            as_of=as_of.at,
            fingerprint=layout.header.fingerprint,
            told=tuple(sorted(self.reading.told)),
            columns=layout.columns,
            kept=self.reading.kept(),
        )


@dataclass
class FileRead:
    """``packages``: of edXML, which has no sheets."""

    recognised: Recognised
    sheets: list[SheetRead]
    packages: list[Package] = field(default_factory=list)

    @property
    def known(self) -> list[SheetRead]:
        """Sheets with a table of ours."""
        return [one for one in self.sheets if isinstance(one.reading.layout, Layout)]


def read_file(files: Files, path: Path, rules: Rules) -> FileRead:
    """Every visible sheet. Raises FileRefused, FileNotReady."""
    with files.open(path) as table:
        found = FileRead(table.recognised, [])
        if found.recognised.kind == "edxml":
            found.packages += table.packages
            return found
        left = MOST_REJECTED
        hidden: list[str] = []
        for place, sheet in _visible(table, hidden):
            one = SheetRead(place, SheetReading(named_file(path, sheet), sheet, rules))
            for record in one.reading.records():
                if isinstance(record, ExportTask):
                    one.tasks.append(record)
                elif isinstance(record, ExportDocument):
                    one.documents.append(record)
                elif isinstance(record, SkippedRow):
                    one.skipped.append(record)
                else:
                    one.rejected.append(record)
                    left -= 1
                    if left < 0:
                        raise FileRefused("too_many_rejected", file=path.name, sheet=sheet.name, limit=MOST_REJECTED)
            one.tasks = one.reading.settled(one.tasks)
            one.reading.remarks += untold(one.reading.layout, one.tasks, rules)
            found.sheets.append(one)
    if hidden and not found.sheets:
        raise FileRefused("no_table", file=path.name, found="mọi trang đều bị ẩn")
    if hidden:
        found.sheets[0].reading.remarks.append(hidden_sheets(hidden))
    if found.recognised.suffix_lies and found.recognised.kind == "html" and found.sheets:
        found.sheets[0].reading.remarks.append(Remark("html_as_xls", values={"suffix": path.suffix}))
    return found


def withhold(read: SheetRead, number: int, as_of: date) -> None:
    """Tasks that tell of things after the local day as of which they are become ``early``. ``number``: of the sheet
    among those that are known."""
    found = {one.row: why for one in read.tasks if (why := read.reading.not_yet(one, as_of))}
    if found:
        read.tasks = [one for one in read.tasks if one.row not in found]
        read.early = [NewEntry(number, row, "row", "task", problems_of(why), ()) for row, why in found.items()]


def problems_of(found: Iterable[CellProblem]) -> list[Problem]:
    return [Problem(one.cell, one.header, one.value, one.reason) for one in found]


def packed_rows(files: Files, path: Path, wanted: Mapping[int, set[int]]) -> dict[tuple[int, int], list[Any]]:
    """(place of a sheet, row) → its cells, packed. A second reading is cheaper than keeping every row of the first:
    few files have rows that are asked about."""
    found: dict[tuple[int, int], list[Any]] = {}
    with files.open(path) as table:
        for place, sheet in _visible(table):
            above: SheetRow | None = None
            for row in sheet.rows:
                above, _ = fill_down(row, above)
                if row.number in wanted.get(place, ()):
                    found[place, row.number] = pack(above)
    return found


def as_of(read: SheetRead, modified_at: datetime, now: datetime) -> AsOf:
    """``modified_at``: of the file; a member of an archive has a time of its own beside it."""
    return read.reading.as_of(modified_at, now)


def _visible(table: Table, hidden: list[str] | None = None) -> Iterator[tuple[int, Sheet]]:
    """``hidden``: gets the names of the others."""
    place = 0
    for sheet in table:
        if not sheet.hidden:
            yield place, sheet
            place += 1
        elif hidden is not None:
            hidden.append(f"{sheet.file} › {sheet.name}" if sheet.file else sheet.name)


def named_file(path: Path, sheet: Sheet) -> str:
    """With the member of an archive that the sheet stands in."""
    return f"{path.name} › {sheet.file}" if sheet.file else path.name
