"""What a person settled about a header, remembered by the header's fingerprint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.domain.audit import Action, Deed
from connector.errors import FileRefused, UsageProblem
from connector.jobs.import_read import named_file
from connector.normalise.exports.columns import TITLES, Table, written_form
from connector.normalise.exports.header_rows import Header
from connector.normalise.exports.headers import Accepted, HeaderProblem, Layout, Preview, settle
from connector.normalise.exports.records import Rules
from connector.normalise.exports.sheet import SheetReading
from connector.ports import UnitOfWork
from connector.ports_files import Files

_MEMORY = ("", "export_headers")
"""Not of one source: a header means the same whoever exported it."""
_TABLES: Mapping[Table, str] = {"task": "nhiệm vụ", "document": "văn bản"}
_UNDECIDED = "ended_on"
"""What a header may mean, and a person must not leave open."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A mapping that a person may accept, for one sheet; ``preview``: its first ten rows as they would be read."""

    file: str
    sheet: str
    fingerprint: str
    accepted: Accepted
    preview: Preview


def accepted_mappings(uow: UnitOfWork) -> dict[str, Accepted]:
    """Fingerprint → mapping, of all that were accepted."""
    found = uow.memory.get(*_MEMORY) or {}
    return {key: Accepted(one["table"], one["columns"], one["outgoing"]) for key, one in found.items()}


def accept_mapping(uow: UnitOfWork, proposed: Proposed, at: datetime, actor: str) -> None:
    one = proposed.accepted
    known = uow.memory.get(*_MEMORY) or {}
    value = {"table": one.table, "columns": dict(one.columns), "outgoing": one.outgoing}
    uow.memory.put(*_MEMORY, {**known, proposed.fingerprint: value}, at)
    said = {"file": proposed.file, "sheet": proposed.sheet, **value}
    uow.audit.add([Deed(at, actor, Action.HEADER_MAPPED, proposed.fingerprint, said)])


def propose_mapping(
    path: Path, files: Files, rules: Rules, said: Mapping[str, str], *, outgoing: bool | None = None
) -> Proposed:
    """What the header of a table of the file would mean, the first that has all columns ``said`` (as written → field):
    as found, and as said; nothing said: only ``outgoing``. Raises UsageProblem for what does not fit, FileRefused."""
    first: SheetReading | None = None
    with files.open(path) as table:
        for sheet in table:
            if sheet.hidden:
                continue
            reading = SheetReading(named_file(path, sheet), sheet, rules)
            header = reading.layout.header
            if header is not None and all(_places(header, column) for column in said):
                return _proposed(reading, said, outgoing)
            first = first or (reading if header is not None else None)
    if first is None:
        raise FileRefused("no_table", file=path.name)
    return _proposed(first, said, outgoing)


def _proposed(reading: SheetReading, said: Mapping[str, str], outgoing: bool | None) -> Proposed:
    layout = reading.layout
    header = layout.header
    assert header is not None
    table = _table(layout, said)
    doubled = [field for field, count in Counter(said.values()).items() if count > 1 and field != "other"]
    if doubled:
        raise UsageProblem(f"fields given twice: {doubled}", argument="--map", expected=f"một cột cho {doubled[0]}")
    places = {_place(header, column): field for column, field in said.items()}
    known = _known(layout, table, header)
    found = {field: index for field, index in known.items() if field not in places.values() and index not in places}
    columns = found | {field: index for index, field in places.items()}
    if outgoing is None and isinstance(layout, Layout):
        outgoing = layout.outgoing
    if table == "task" and outgoing is not None:
        raise UsageProblem("a direction of tasks", argument="--direction", expected="tệp là sổ văn bản")
    if table == "document" and outgoing is None and "direction" not in columns:
        raise UsageProblem("no direction", argument="--map", expected="thêm --direction di (văn bản đi) hoặc den")
    accepted = Accepted(table, columns, outgoing)
    settled = settle(header, accepted)
    if isinstance(settled, HeaderProblem):
        raise UsageProblem(
            f"still missing: {settled.missing}",
            argument="--map",
            expected=f"thêm cột cho: {'; '.join(settled.missing)}",
        )
    return Proposed(reading.file, reading.sheet, header.fingerprint, accepted, reading.preview_as(settled))


def _known(layout: Layout | HeaderProblem, table: Table, header: Header) -> dict[str, int]:
    """What was found without a person's help, where it is one column only."""
    if isinstance(layout, Layout):
        return dict(layout.columns)
    names = {title: field for field, title in TITLES[table].items()}
    cells = {header.cell(index): index for index in range(len(header.pairs))}
    found: dict[str, list[int]] = {}
    for cell, _, title in layout.matched:
        found.setdefault(names[title], []).append(cells[cell])
    return {field: index[0] for field, index in found.items() if len(index) == 1 and field not in ("other", _UNDECIDED)}


def _table(layout: Layout | HeaderProblem, said: Mapping[str, str]) -> Table:
    """Of which table the fields are; where several would do, the one the header was taken for."""
    fields = {table: titles.keys() - {_UNDECIDED} for table, titles in TITLES.items()}
    fitting = [table for table, known in fields.items() if known >= set(said.values())]
    if not fitting:
        told = "; ".join(
            f"{_TABLES[table]}: " + ", ".join(f"{one} ({titles[one]})" for one in titles if one != _UNDECIDED)
            for table, titles in TITLES.items()
        )
        unknown = ", ".join(dict.fromkeys(said.values()))
        raise UsageProblem(f"unknown fields: {unknown}", argument=f"--map …={unknown}", expected=f"trường của {told}")
    return layout.table if layout.table in fitting else fitting[0]


def _place(header: Header, column: str) -> int:
    """The column of that name."""
    found = _places(header, column)
    if len(found) != 1:
        every = ", ".join(text for text in header.texts if text)
        many = f"{len(found)} cột cùng tên; " if found else ""
        raise UsageProblem(
            f"{len(found)} columns named {column}", argument=f"--map {column}=…", expected=f"{many}một trong: {every}"
        )
    return found[0]


def _places(header: Header, column: str) -> list[int]:
    wanted = written_form(column)
    return [
        index
        for index, (text, (_, child)) in enumerate(zip(header.texts, header.pairs, strict=True))
        if wanted in (written_form(text), written_form(child))
    ]
