"""Which rows of a sheet are its header, and which column means what. Pure.

A header is taken as a whole or not at all: a field that is missing, two columns for one field, a column that may mean
two things stop the sheet, and are said with their cells. A mapping that a person accepted is remembered by the header's
fingerprint and then counts as it is.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from connector.domain.tables import Range, SheetRow
from connector.normalise.exports.columns import REQUIRED, TITLES, Synonyms, Table, comparison_form
from connector.normalise.exports.header_rows import Header, counts_columns, headers_at, in_old_fonts, titles_above
from connector.normalise.exports.problems import place

HEAD_ROWS = 60
"""The header is looked for in so many rows."""
PREVIEW_ROWS = 10
_LIKE_A_HEADER = 3
"""A row of so many texts may be the header of a table we do not know."""
_LOOKS_LIKE = 0.6


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mapping that a person settled: field → column (from 0). ``outgoing``: of documents, whether the office issued
    them."""

    table: Table
    columns: Mapping[str, int]
    outgoing: bool | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """``columns``: field → column (from 0). ``unknown``: columns whose header nobody knows; they are kept raw.
    ``spare``: columns that a merged header covers besides the one of its field; nothing may stand in them.
    ``titles``: (cell, text) above the header. ``ended_as``: what "Ngày kết thúc" was taken for, "" if there is no such
    column. ``outgoing``: None for tasks. ``remembered``: a person accepted this mapping."""

    table: Table
    header: Header
    columns: Mapping[str, int]
    unknown: tuple[int, ...]
    titles: tuple[tuple[str, str], ...]
    ended_as: str = ""
    outgoing: bool | None = None
    remembered: bool = False
    spare: tuple[int, ...] = ()

    def title_of(self, name: str) -> str:
        """The header of a field's column, as the file writes it."""
        return self.header.texts[self.columns[name]]


@dataclass(frozen=True, slots=True)
class HeaderProblem:
    """Why a header cannot be used: "unknown" (nothing we know), "missing", "double", "end" (planned or actual?),
    "direction" (issued or received?).

    ``matched``: (cell, header, title of the field). ``missing``: titles of the fields wanted, "A hoặc B" where one of
    them would do. ``doubles``: title of the field → its cells; ``merged``: the same → the one merged cell that these
    are, e.g. "B6:C7". ``near``: (cell, header, known header that looks like it). ``header``: what a person can map by
    hand; None if no row looks like one.
    """

    kind: Literal["unknown", "missing", "double", "end", "direction"]
    table: Table | None = None
    header: Header | None = None
    matched: tuple[tuple[str, str, str], ...] = ()
    missing: tuple[str, ...] = ()
    doubles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    near: tuple[tuple[str, str, str], ...] = ()
    merged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person looks at before accepting a mapping. ``columns``: (letter, header, title of the field or "")."""

    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Match:
    table: Table
    header: Header
    columns: Mapping[str, tuple[int, ...]]
    words: int = 0

    @property
    def missing(self) -> list[tuple[str, ...]]:
        return [group for group in REQUIRED[self.table] if not any(name in self.columns for name in group)]

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """Tasks name the document they come from, documents name no task. A lower row of headers is one even where the
        upper one makes its columns another thing (``words``: how many are headers by themselves); one that adds nothing
        is a title."""
        return (self.table == "task", len(self.columns), self.words, self.header.rows[0] - self.header.rows[1])


def find_layout(
    rows: Sequence[SheetRow], merged: Sequence[Range], synonyms: Synonyms, accepted: Mapping[str, Accepted]
) -> Layout | HeaderProblem:
    """``rows``: the first of the sheet. ``accepted``: fingerprint → mapping."""
    head, rows = rows, rows[:HEAD_ROWS]
    best: _Match | None = None
    likely: Header | None = None
    for number in range(len(rows)):
        near = [header for one in (number, number + 1) if one < len(rows) for header in headers_at(rows, one, merged)]
        for header in near:
            for read in (header, *in_old_fonts(header)) if accepted else ():
                if (settled := accepted.get(read.fingerprint)) is not None:
                    return settle(read, settled, rows)
            likely = likely or (header if sum(map(bool, header.texts)) >= _LIKE_A_HEADER else None)
        matches = [match for header in near for match in _matches(header, synonyms)]
        fitting = [match for match in matches if not match.missing]
        here = [match for match in fitting if match.header.rows[0] == rows[number].number]
        if here:
            # A title above a header may look like a row of it, but a row that fits alone is no title.
            alone = any(match.header.rows[1] == rows[number].number for match in here)
            return _layout(max(here if alone else fitting, key=lambda match: match.rank), head)
        best = max([*([best] if best else []), *matches], key=lambda match: len(match.columns), default=None)
    if best is None or len(best.columns) < 2:
        return HeaderProblem("unknown", None, best.header if best and best.columns else likely)
    return _missing(best, synonyms)


def settle(header: Header, accepted: Accepted, rows: Sequence[SheetRow] = ()) -> Layout | HeaderProblem:
    """The layout of a mapping made by hand; the same is asked of it as of one that was found. ``rows``: where titles
    stand."""
    columns = {name: (index,) for name, index in accepted.columns.items() if index < len(header.pairs)}
    match = _Match(accepted.table, header, columns)
    if match.missing:
        return _problem("missing", match, missing=_wanted(match))
    return replace(_layout_of(match, rows), outgoing=accepted.outgoing, remembered=True)


def preview(layout: Layout, rows: Sequence[SheetRow]) -> Preview:
    """The first rows below the header under what they would be read as."""
    fields = {index: TITLES[layout.table][name] for name, index in layout.columns.items()}
    width = max([len(layout.header.pairs), *(index + 1 for index in fields)])
    texts = [*layout.header.texts, *[""] * (width - len(layout.header.pairs))]
    below = [row for row in rows if row.number > layout.header.rows[1]][:PREVIEW_ROWS]
    return Preview(
        tuple((place(1, index)[:-1], texts[index], fields.get(index, "")) for index in range(width)),
        tuple(tuple(row.cells[i].text if i < len(row.cells) else "" for i in range(width)) for row in below),
    )


# -- matching ----------------------------------------------------------------------------------------------------------


def _matches(header: Header, synonyms: Synonyms) -> Iterator[_Match]:
    """As each kind of table; read in an old font only where the header means nothing as it stands."""
    found = [_match(header, table, synonyms) for table in TITLES]
    if all(match.missing for match in found):
        found += [_match(old, table, synonyms) for old in in_old_fonts(header) for table in TITLES]
    yield from found


def _match(header: Header, table: Table, synonyms: Synonyms) -> _Match:
    columns: dict[str, tuple[int, ...]] = {}
    words = 0
    for index, (parent, child) in enumerate(header.pairs):
        words += bool(child and synonyms.field_of(table, child))
        meant = synonyms.field_of(table, child, parent) if child else None
        if meant is not None:
            columns[meant] = (*columns.get(meant, ()), index)
    return _Match(table, header, columns, words)


def _layout(match: _Match, rows: Sequence[SheetRow]) -> Layout | HeaderProblem:
    match, spare = _without_spare(match, rows)
    doubles = {name: found for name, found in match.columns.items() if len(found) > 1 and name != "other"}
    if doubles:
        header, titles = match.header, TITLES[match.table]
        cells = {titles[name]: tuple(map(header.cell, found)) for name, found in doubles.items()}
        merged = {titles[name]: str(area) for name, found in doubles.items() if (area := header.over(found))}
        return replace(_problem("double", match, doubles=cells), merged=merged)
    layout = _layout_of(match, rows, spare)
    if match.table == "task":
        return _ended(layout, match)
    outgoing = _direction(layout)
    if outgoing is None and "direction" not in layout.columns:
        return _problem("direction", match)
    return replace(layout, outgoing=outgoing)


def _without_spare(match: _Match, rows: Sequence[SheetRow]) -> tuple[_Match, tuple[int, ...]]:
    """One merged cell over several columns is one column where nothing stands in the others: (that, the others).
    Below a header the columns may be numbered."""
    last = match.header.rows[1]
    below = [row.cells for row in rows if row.number > last]
    if below and counts_columns([form for cell in below[0] if (form := comparison_form(cell.text.strip("() ")))]):
        del below[0]
    columns, spare = dict(match.columns), tuple[int, ...]()
    for name, (first, *others) in match.columns.items():
        empty = not any(i < len(cells) and cells[i].text.strip() for cells in below for i in others)
        if others and empty and match.header.over((first, *others)) is not None:
            columns[name] = (first,)
            spare += tuple(others)
    return replace(match, columns=columns), spare


def _layout_of(match: _Match, rows: Sequence[SheetRow], spare: tuple[int, ...] = ()) -> Layout:
    known = {*spare, *(index for found in match.columns.values() for index in found)}
    return Layout(
        table=match.table,
        header=match.header,
        columns={name: found[0] for name, found in match.columns.items() if name != "other"},
        unknown=tuple(i for i, text in enumerate(match.header.texts) if text and i not in known),
        titles=titles_above(rows, match.header.rows[0]),
        spare=spare,
    )


def _ended(layout: Layout, match: _Match) -> Layout | HeaderProblem:
    """ "Ngày kết thúc" is the planned end where another column holds the actual one, and the other way round. With
    neither, or both, only a person can say."""
    columns = dict(layout.columns)
    index = columns.pop("ended_on", None)
    if index is None:
        return layout
    due, completed = "due_on" in columns, "completed_on" in columns
    if due and completed:
        return replace(layout, columns=columns, unknown=(*layout.unknown, index))
    if not completed and not (due and "status" in columns):
        return _problem("end", match)  # a label tells the end that was reached from the one that was planned
    meant = "completed_on" if due else "due_on"
    return replace(layout, columns={**columns, meant: index}, ended_as=meant)


_OUTGOING = ("van ban di", "van ban phat hanh", "cong van di")
_INCOMING = ("van ban den", "cong van den")


def _direction(layout: Layout) -> bool | None:
    """Whether the documents were issued by the office: by the columns only one of the two has, else by the titles."""
    received = any(name in layout.columns for name in ("arrived_on", "arrival_number"))
    issued = any(name in layout.columns for name in ("sent_on", "sent_number", "signed"))
    if received != issued:
        return issued
    words = [f" {comparison_form(text)} " for _, text in layout.titles]
    received = any(f" {one} " in text for text in words for one in _INCOMING)
    issued = any(f" {one} " in text for text in words for one in _OUTGOING)
    return issued if received != issued else None


# -- what is wrong -----------------------------------------------------------------------------------------------------


def _problem(
    kind: Literal["missing", "double", "end", "direction"],
    match: _Match,
    *,
    missing: tuple[str, ...] = (),
    doubles: Mapping[str, tuple[str, ...]] | None = None,
    near: tuple[tuple[str, str, str], ...] = (),
) -> HeaderProblem:
    header, titles = match.header, TITLES[match.table]
    matched = sorted((index, titles[name]) for name, found in match.columns.items() for index in found)
    shown = tuple((header.cell(index), header.texts[index], title) for index, title in matched)
    return HeaderProblem(kind, match.table, header, shown, missing, doubles or {}, near)


def _wanted(match: _Match) -> tuple[str, ...]:
    titles = TITLES[match.table]
    return tuple(" hoặc ".join(titles[name] for name in group) for group in match.missing)


def _missing(match: _Match, synonyms: Synonyms) -> HeaderProblem:
    wanted = {name for group in match.missing for name in group}
    known = {
        comparison_form(header): header
        for header, meant in synonyms.headers.get(match.table, {}).items()
        if meant in wanted
    }
    taken = {index for found in match.columns.values() for index in found}
    near = []
    for index, text in enumerate(match.header.texts):
        if text and index not in taken:
            like = difflib.get_close_matches(comparison_form(text), known, n=1, cutoff=_LOOKS_LIKE)
            near += [(match.header.cell(index), text, known[one]) for one in like]
    return _problem("missing", match, missing=_wanted(match), near=tuple(near))
