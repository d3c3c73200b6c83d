"""Where every reader puts its rows: one place keeps the limits (F26), leaves out what is empty, marks merged cells.

That is why all formats give the same rows for the same content (F23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connector.domain.tables import MERGED, Limits, Range, address
from connector.errors import FileRefused
from connector.sources.files.wire import RowWriter, Value, frame

Notes = dict[int, str]  # by column from 0


class Output:
    """Sheets, then their merged ranges and rows, in order. Raises FileRefused at the first cell beyond a limit.

    ``member`` is set while a member of an archive is read.
    """

    def __init__(self, write: Callable[[bytes], object], limits: Limits) -> None:
        self.limits = limits
        self.member = ""
        self._write = write
        self._rows = RowWriter(write)
        self._count = 0
        self._sheet = ""
        self._waiting: list[Range] = []  # those that begin in rows to come, the next one last
        self._active: list[Range] = []  # those that reach into the row at hand

    def sheet(self, name: str, *, hidden: bool = False) -> None:
        self.flush()
        self._sheet, self._waiting, self._active = name, [], []
        self._write(frame("sheet", name, self.member, hidden))

    def merged(self, ranges: Iterable[Range]) -> None:
        """Ranges of this sheet, told before the row they begin in."""
        new = [r for r in ranges if (r.first_row, r.first_column) != (r.last_row, r.last_column)]
        if new:
            self.flush()
            self._write(frame("merged", [(r.first_row, r.first_column, r.last_row, r.last_column) for r in new]))
            self._waiting = sorted([*self._waiting, *new], key=lambda r: r.first_row, reverse=True)

    def row(self, number: int, values: list[Value], notes: Notes | None = None) -> None:
        """A row from column A on. Empty cells at its end may be there or not."""
        longest, columns = self.limits.text_length, self.limits.columns
        width = size = 0
        for column, value in enumerate(values, 1):
            if value is not None:
                width = column
                if isinstance(value, str):
                    size += len(value)
                    if len(value) > longest:
                        raise self.refusal("text_too_long", number, column, limit=longest)
        if notes:
            width = max(width, max(notes) + 1)
        if not width:
            return
        if width > columns:
            raise self.refusal("too_many_columns", number, width, limit=columns)
        self._count += 1
        if self._count > self.limits.rows:
            raise self.refusal("too_many_rows", number, limit=self.limits.rows)
        if self._waiting or self._active:
            notes = (notes or {}) | self._covered(number)
            width = max(width, max(notes, default=-1) + 1)
        missing = width - len(values)
        self._rows.row(number, values + [None] * missing if missing > 0 else values[:width], size, notes)

    def _covered(self, number: int) -> Notes:
        """The cells of the row that lie under a merged cell that begins elsewhere."""
        while self._waiting and self._waiting[-1].first_row <= number:
            self._active.append(self._waiting.pop())
        self._active = [r for r in self._active if r.last_row >= number]
        if len(self._active) > self.limits.columns:
            raise self.refusal("broken", number, cause="merged ranges lie upon each other")
        notes: Notes = {}
        for r in self._active:
            origin = MERGED.format(origin=address(r.first_row, r.first_column))
            for column in range(r.first_column, min(r.last_column, self.limits.columns) + 1):
                if (number, column) != (r.first_row, r.first_column):
                    notes[column - 1] = origin
        return notes

    def refusal(self, reason: str, row: int, column: int = 1, cause: str = "", **fields: object) -> FileRefused:
        """About a cell of the sheet at hand."""
        return FileRefused(reason, cause, sheet=self._sheet, cell=address(row, column), **fields)

    def flush(self) -> None:
        self._rows.flush()
