"""What a person settled about a header, remembered by the header's fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.errors import FileRefused, UsageProblem
from connector.normalise.exports.columns import TITLES, Table, written_form
from connector.normalise.exports.header_rows import Header
from connector.normalise.exports.headers import Accepted, HeaderProblem, Layout, Preview, settle
from connector.normalise.exports.records import Rules
from connector.normalise.exports.sheet import SheetReading
from connector.ports import UnitOfWork
from connector.ports_files import Files

_MEMORY = ("", "export_headers")
"""Not of one source: a header means the same whoever exported it."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A mapping that a person may accept, for one sheet; ``preview``: its first ten rows as they would be read."""

    sheet: str
    fingerprint: str
    accepted: Accepted
    preview: Preview


def accepted_mappings(uow: UnitOfWork) -> dict[str, Accepted]:
    """Fingerprint → mapping, of all that were accepted."""
    found = uow.memory.get(*_MEMORY) or {}
    return {key: Accepted(one["table"], one["columns"], one["outgoing"]) for key, one in found.items()}


def accept_mapping(uow: UnitOfWork, proposed: Proposed, at: datetime) -> None:
    one = proposed.accepted
    known = uow.memory.get(*_MEMORY) or {}
    value = {"table": one.table, "columns": dict(one.columns), "outgoing": one.outgoing}
    uow.memory.put(*_MEMORY, {**known, proposed.fingerprint: value}, at)


def propose_mapping(
    path: Path, files: Files, rules: Rules, said: Mapping[str, str], *, outgoing: bool | None = None
) -> Proposed:
    """What the header of the file's first table would mean: as found, and as ``said`` (column as written → field).
    Raises UsageProblem for a column or field that is not there, FileRefused."""
    with files.open(path) as table:
        for sheet in table:
            reading = SheetReading(path.name, sheet, rules)
            if not sheet.hidden and reading.layout.header is not None:
                return _proposed(reading, said, outgoing)
    raise FileRefused("no_table", file=path.name)


def _proposed(reading: SheetReading, said: Mapping[str, str], outgoing: bool | None) -> Proposed:
    layout = reading.layout
    header = layout.header
    assert header is not None
    table = _table(layout, said)
    places = {_place(header, column): field for column, field in said.items()}
    known = _known(layout, table, header)
    found = {field: index for field, index in known.items() if field not in places.values() and index not in places}
    if outgoing is None and isinstance(layout, Layout):
        outgoing = layout.outgoing
    accepted = Accepted(table, found | {field: index for index, field in places.items()}, outgoing)
    settled = settle(header, accepted)
    if isinstance(settled, HeaderProblem):
        raise UsageProblem(
            f"still missing: {settled.missing}",
            argument="--map",
            expected=f"thêm cột cho: {'; '.join(settled.missing)}",
        )
    return Proposed(reading.sheet, header.fingerprint, accepted, reading.preview_as(settled))


def _known(layout: Layout | HeaderProblem, table: Table, header: Header) -> dict[str, int]:
    """What was found without a person's help, where it is one column only."""
    if isinstance(layout, Layout):
        return dict(layout.columns)
    names = {title: field for field, title in TITLES[table].items()}
    cells = {header.cell(index): index for index in range(len(header.pairs))}
    found: dict[str, list[int]] = {}
    for cell, _, title in layout.matched:
        found.setdefault(names[title], []).append(cells[cell])
    return {field: index[0] for field, index in found.items() if len(index) == 1 and field not in ("other", "ended_on")}


def _table(layout: Layout | HeaderProblem, said: Mapping[str, str]) -> Table:
    """Of which table the fields are; where several would do, the one the header was taken for."""
    fitting = [table for table, titles in TITLES.items() if set(said.values()) <= titles.keys()]
    if not fitting:
        every = ", ".join(sorted({field for titles in TITLES.values() for field in titles}))
        raise UsageProblem(f"unknown fields: {sorted(said.values())}", argument="--map", expected=f"một trong: {every}")
    return layout.table if layout.table in fitting else fitting[0]


def _place(header: Header, column: str) -> int:
    """The column of that name."""
    wanted = written_form(column)
    found = [
        index
        for index, (text, (_, child)) in enumerate(zip(header.texts, header.pairs, strict=True))
        if wanted in (written_form(text), written_form(child))
    ]
    if len(found) != 1:
        every = ", ".join(text for text in header.texts if text)
        raise UsageProblem(f"{len(found)} columns named {column}", argument=column, expected=f"một trong: {every}")
    return found[0]
