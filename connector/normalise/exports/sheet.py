"""One sheet of an export, read in one pass: head first, then row by row. Pure but for the rows it is handed.

The head decides the layout and the coding of each column. What speaks against them later refuses single rows; what
speaks against the whole (day and month exchanged) stops the file when its last row has been read. So nothing of a file
may be kept before ``stopped`` has been asked at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from connector.domain.status import Role, Status, fold_label
from connector.domain.tables import Cell, Range, Sheet, SheetRow
from connector.normalise.exports.as_of import AsOf, as_of
from connector.normalise.exports.cells import fill_down
from connector.normalise.exports.columns import TITLES
from connector.normalise.exports.dates import swapped
from connector.normalise.exports.fields_told import column_of
from connector.normalise.exports.headers import HeaderProblem, Layout, Preview, find_layout, preview
from connector.normalise.exports.problems import CellProblem, RejectedRow, Remark, SkippedRow, pack, place, unpack
from connector.normalise.exports.records import ExportDocument, ExportTask, Rules
from connector.normalise.exports.row_kinds import RowKinds, text_of
from connector.normalise.exports.rows import CUT_SHORT, DATES, RowReader
from connector.normalise.exports.status import not_yet
from connector.normalise.exports.text import NAMES, Coding, Tally, Verdict


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Rows of a sheet that were kept, as a Sheet."""

    name: str
    merged: tuple[Range, ...]
    rows: Iterator[SheetRow]
    file: str = ""
    hidden: bool = False
    modified_at: datetime | None = None
    epoch_1904: bool = False
    delimited: bool = False
    unended: tuple[int, int] | None = None


Read = ExportTask | ExportDocument | RejectedRow | SkippedRow

_WITHHELD = Cell(None, "(mật)", "text")
_USED = 0.1
HEAD = 1_000
"""Rows that are looked at before the first record is made: the header, and text enough to tell the coding."""


class SheetReading:
    """``layout`` and ``remarks`` are there at once; ``remarks`` and ``as_of`` are complete when ``records`` has been
    read to its end. ``codings`` of its columns and ``layout``: where they are known already.
    """

    def __init__(
        self,
        file: str,
        sheet: Sheet,
        rules: Rules,
        *,
        codings: Mapping[int, Coding] | None = None,
        layout: Layout | HeaderProblem | None = None,
    ) -> None:
        self.file, self.sheet = file, sheet.name
        self._rules, self._sheet = rules, sheet
        self._rows = iter(sheet.rows)
        self._head = list(islice(self._rows, HEAD))
        self._merged = sheet.merged
        self.layout = layout or find_layout(self._head, self._merged, rules.synonyms, rules.accepted)
        self.remarks: list[Remark] = []
        self.counts: Counter[str] = Counter()
        self.happened: frozenset[date] = frozenset()
        self._labels: Counter[str] = Counter()
        self._completed = self._implied = 0
        if isinstance(self.layout, Layout):
            self.codings = self._codings(self.layout) if codings is None else codings
            most = Counter(coding for coding in self.codings.values() if coding != "unicode").most_common(1)
            self._kinds = RowKinds(self.layout, most[0][0] if most else "unicode", rules)
            self._reader = RowReader(
                self.file,
                self.sheet,
                self.layout,
                rules,
                self.codings,
                epoch_1904=sheet.epoch_1904,
                delimited=sheet.delimited,
            )

    @property
    def stopped(self) -> bool:
        """Whether the file must be refused."""
        return isinstance(self.layout, HeaderProblem) or any(one.stops for one in self.remarks)

    def preview(self) -> Preview | None:
        """Of the first ten rows below the header; None without a header."""
        layout = self.layout
        if isinstance(layout, HeaderProblem):
            if layout.header is None:
                return None
            layout = Layout(layout.table or "task", layout.header, {}, (), ())
        return self.preview_as(layout)

    def preview_as(self, layout: Layout) -> Preview:
        """Of the same rows, as that layout would read them; a row that says it is secret shows nothing (F107)."""
        return preview(layout, [_withheld(row) if self._is_secret(row, layout) else row for row in self._head])

    def records(self) -> Iterator[Read]:
        """Every row with anything in it, once: as a record, refused, or passed over with its reason."""
        layout = self.layout
        if isinstance(layout, HeaderProblem):
            return
        first, last = layout.header.rows
        above: SheetRow | None = None
        filled = ended = 0
        for one in chain(self._head, self._rows):
            if one.number <= last:
                yield SkippedRow(one.number, "title" if one.number < first else "header", text_of(one))
                continue
            row = one
            if self._merged:
                row, count = fill_down(one, above)
                above = row
                filled += count
            kind = self._kinds.kind(row)
            if kind != "record" and kind != "unclear":
                self.counts[kind] += 1
                yield SkippedRow(row.number, kind, text_of(row))
                continue
            unended = self._sheet.unended
            if unended is None or unended[0] != row.number:
                read = self._reader.read(row)
            else:
                read = self._unended(row, layout, unended[1])
            if kind == "unclear" and not isinstance(read, RejectedRow):
                read = self._unclear(row)
            self.counts["rejected" if isinstance(read, RejectedRow) else "records"] += 1
            if isinstance(read, ExportTask):
                state = read.state
                if state.completed_on is not None:
                    self._completed += 1
                    ended += state.status.is_open
                if read.implied:
                    self._implied += 1
                elif state.status is Status.UNKNOWN:
                    self._labels[state.status_label] += 1
            yield read
        self._conclude(layout, filled, ended)

    def _unclear(self, row: SheetRow) -> RejectedRow:
        index = next(index for index, cell in enumerate(row.cells) if cell.text.strip())
        missing = "".join(f", thiếu {one}" for one in self._kinds.missing(row))
        return self._reader.refused(row, index, f"không rõ là dòng dữ liệu hay dòng khác: không có số thứ tự{missing}")

    def _unended(self, row: SheetRow, layout: Layout, fields: int) -> ExportTask | ExportDocument | RejectedRow:
        """The last row of a delimited file that no line end follows: if fields are missing, it was cut."""
        width = len(layout.header.pairs)
        if fields >= width:
            return self._reader.read(row)
        values = {"fields": str(fields), "width": str(width)}
        self.remarks.append(Remark("cut_short", f"dòng {row.number}", values))
        return self._reader.refused(row, fields - 1, CUT_SHORT)

    def settled(self, tasks: list[ExportTask]) -> list[ExportTask]:
        """The tasks of all its records: a missing completion date means that a task is unfinished where the column is
        used, and nothing where it is as good as empty."""
        if not self._implied or not self._dates_completions:
            return tasks
        return [_unfinished(one) if one.implied else one for one in tasks]

    @property
    def _dates_completions(self) -> bool:
        """A few dates that somebody typed in are no use of the column."""
        return self._completed > _USED * self.counts["records"]

    def not_yet(self, task: ExportTask, day: date) -> tuple[CellProblem, ...]:
        """What cannot have happened by the local day as of which the sheet is; such a row may be wrong in any date."""
        layout = self.layout
        assert isinstance(layout, Layout)
        starts = "assigned_on" not in layout.columns
        return tuple(
            CellProblem(place(task.row, layout.columns[name]), layout.title_of(name), f"{when:%d/%m/%Y}", why)
            for name, when, why in not_yet(task.state, day, starts=starts)
        )

    @property
    def told(self) -> frozenset[str]:
        """The fields of a record that this export tells."""
        return frozenset(column_of(self.layout.columns) if isinstance(self.layout, Layout) else ())

    def as_of(self, file_time: datetime, now: datetime) -> AsOf:
        """As of when the values are; ``file_time``: when the file was last written, aware."""
        titles = self.layout.titles if isinstance(self.layout, Layout) else ()
        times = [file_time]
        if self._sheet.modified_at is not None:
            times.append(self._sheet.modified_at.replace(tzinfo=self._rules.zone))
        return as_of(titles, times, self.happened, now, self._rules.zone)

    def kept(self) -> dict[str, Any]:
        """What its refused rows need to be read again, as JSON can hold it; ``reread`` takes it (F12)."""
        if isinstance(self.layout, HeaderProblem):
            return {}
        last = self.layout.header.rows[1]
        return {
            "head": [pack(row) for row in self._head if row.number <= last],
            "merged": [list(astuple(one)) for one in self._merged if one.first_row <= last],
            "codings": {str(index): coding for index, coding in self.codings.items()},
            "epoch_1904": self._sheet.epoch_1904,
            "delimited": self._sheet.delimited,
            "unended": self._sheet.unended,
        }

    # -- what the head and the whole say ---------------------------------------------------------------------------

    def _codings(self, layout: Layout) -> dict[int, Coding]:
        """The coding of each text column; a column that fits none, or two, stops the file. Examples are shown, so
        rows that say they are secret give none (F107)."""
        tallies = {index: Tally() for name, index in layout.columns.items() if name not in DATES}
        for row in self._head:
            if row.number > layout.header.rows[1] and not self._is_secret(row, layout):
                for index, tally in tallies.items():
                    if index < len(row.cells) and row.cells[index].kind == "text":
                        tally.see(row.cells[index].text)
        whole = Tally()
        for tally in tallies.values():
            whole.merge(tally)
        file = whole.verdict()
        found: dict[int, Coding] = {}
        for index, tally in tallies.items():
            verdict = tally.verdict(file)
            found[index] = verdict.coding
            if verdict.problem:
                self._remark_coding(f"text_{verdict.problem}", layout, index, verdict, stops=True)
            elif verdict.coding != "unicode" and verdict.decided:
                self._remark_coding("text_converted", layout, index, verdict, stops=False)
        return found

    def _is_secret(self, row: SheetRow, layout: Layout) -> bool:
        index = layout.columns.get("secrecy", len(row.cells))
        label = fold_label(row.cells[index].text) if index < len(row.cells) else ""
        return bool(label) and label not in self._rules.open_labels

    def _remark_coding(self, code: str, layout: Layout, index: int, verdict: Verdict, *, stops: bool) -> None:
        examples = ", ".join(f"“{old}” → “{new}”" for old, new in verdict.examples)
        values = {
            "column": layout.header.texts[index],
            "coding": NAMES[verdict.coding],
            "evidence": verdict.evidence,
            "examples": examples,
        }
        self.remarks.append(Remark(code, layout.header.cell(index), values, stops))

    def _conclude(self, layout: Layout, filled: int, ended: int) -> None:
        columns = self._reader.dates
        days = [columns[name].days for name in ("assigned_on", "completed_on", "issued_on") if name in columns]
        self.happened = frozenset().union(*days)
        for column in columns.values():
            self.remarks += column.remarks()
        self.remarks += swapped(columns.values())
        if layout.ended_as == "completed_on" and ended:
            index = layout.columns["completed_on"]
            values = {"column": layout.header.texts[index], "count": str(ended)}
            self.remarks.append(Remark("end_is_planned", layout.header.cell(index), values, stops=True))
        if self._kinds.second_table is not None:
            number, changed = self._kinds.second_table
            self.remarks.append(Remark("second_table", f"dòng {number}", {"changed": changed}, stops=True))
        if filled:
            self.remarks.append(Remark("merged_down", values={"count": str(filled)}))
        read = self.counts["records"] + self.counts["rejected"]
        if self._kinds.stated is not None and self._kinds.stated[0] != read:
            stated, number = self._kinds.stated
            values = {"stated": str(stated), "count": str(read)}
            self.remarks.append(Remark("total_differs", f"dòng {number}", values))
        if self._implied:
            code = "status_implied" if self._dates_completions else "status_unsaid"
            values = {"column": layout.title_of("completed_on"), "count": str(self._implied)}
            self.remarks.append(Remark(code, layout.header.cell(layout.columns["completed_on"]), values))
        if blank := self._labels.pop("", 0):
            self.remarks.append(Remark("status_blank", values={"count": str(blank)}))
        if self._labels:
            labels = ", ".join(f"“{label}” ({count})" for label, count in self._labels.most_common())
            self.remarks.append(Remark("status_unknown", values={"labels": labels}))
        if layout.ended_as:
            index = layout.columns[layout.ended_as]
            values = {"column": layout.header.texts[index], "meant": TITLES["task"][layout.ended_as]}
            self.remarks.append(Remark("ended_as", layout.header.cell(index), values))


def _unfinished(task: ExportTask) -> ExportTask:
    lines = task.state.lines
    if lines and lines[0].role is Role.LEAD:
        lines = (replace(lines[0], status=Status.IN_PROGRESS), *lines[1:])
    return replace(task, state=replace(task.state, status=Status.IN_PROGRESS, lines=lines))


def _withheld(row: SheetRow) -> SheetRow:
    return SheetRow(row.number, tuple(cell if cell.kind == "empty" else _WITHHELD for cell in row.cells))


def file_stops(readings: Sequence[SheetReading]) -> bool:
    """Whether a file must be refused. A sheet without a table we know (a list of codes beside it) does not stop the
    others; one that looks like ours and cannot be read does: half a file is never imported."""
    unknown = [one for one in readings if isinstance(one.layout, HeaderProblem) and one.layout.kind == "unknown"]
    return len(unknown) == len(readings) or any(one.stopped for one in readings if one not in unknown)


def reread(file: str, sheet: str, kept: Mapping[str, Any], rows: Iterable[SheetRow], rules: Rules) -> SheetReading:
    """Rows that were refused, by the rules of today. ``kept``: as ``SheetReading.kept`` gave it."""
    head = [unpack(row) for row in kept["head"]]
    merged = tuple(Range(*one) for one in kept["merged"])
    codings = {int(index): coding for index, coding in kept["codings"].items()}
    again = KeptRows(
        sheet,
        merged,
        chain(head, rows),
        epoch_1904=kept["epoch_1904"],
        delimited=kept.get("delimited", False),
        unended=tuple(kept.get("unended") or ()) or None,
    )
    # Not by the rows as well: the one that is read again may be the only one to speak against its header.
    layout = find_layout(head, merged, rules.synonyms, rules.accepted)
    return SheetReading(file, again, rules, codings=codings, layout=layout)
