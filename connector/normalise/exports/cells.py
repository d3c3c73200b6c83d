"""The cells of one column → text, or what is wrong with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from connector.domain.tables import (
    DATE_WITHOUT_DAY,
    DATE_WITHOUT_YEAR,
    FORMULA_WITHOUT_VALUE,
    MERGED,
    Cell,
    SheetRow,
    address,
)
from connector.normalise.exports.text import NAMES, Coding, convert, is_usual, stray
from connector.normalise.fields import clean, unescape

_NOTHING = frozenset({"null", "(null)", "none", "undefined", "nan"})
"""Words that programs write for a missing value (exports note A.4)."""
_LONGEST_NOTHING = max(map(len, _NOTHING))
_MERGED = MERGED.format(origin="")
_NO_TEXT = {"error": "ô bị lỗi công thức", "date": "là ngày, không phải chữ; có thể Excel đã tự đổi"}
_REMEMBERED, _SHORT = 8192, 120
_LONGEST_NAME = 6
"""Pieces between commas that one agency's name may have."""
_EXCEL_DATE = re.compile(r"\d{1,2}-(?:[A-Za-z]{3}|Thg\d{1,2})|[A-Za-z]{3}-\d{2}")
_SEPARATORS = re.compile(r"[\n\r;]+")


class CellError(ValueError):
    """``str`` says in Vietnamese what is wrong; ``value`` is what may be shown of it."""

    def __init__(self, problem: str, value: str = "") -> None:
        super().__init__(problem)
        self.value = value


@dataclass
class TextColumn:
    """Reads one column of text in the coding found for it. What returns often is read once: ``known`` may be asked
    before ``read``. ``notations``: its texts are document numbers."""

    coding: Coding = "unicode"
    notations: bool = False
    known: dict[Cell, str] = field(default_factory=dict)
    _lists: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, cell: Cell) -> str:
        """A line of text, "" if there is none. Raises CellError."""
        found = self._notation(cell) if self.notations else self._text(cell)
        if len(cell.text) <= _SHORT and len(self.known) < _REMEMBERED:
            self.known[cell] = found
        return found

    def names(self, cell: Cell, is_agency: Callable[[str], bool]) -> tuple[str, ...]:
        """The names in a cell: one a line, or between semicolons or commas. Raises CellError."""
        if cell.kind != "text":
            text = _other(cell)
            return (text,) if text else ()
        found = self._lists.get(cell.text)
        if found is None:
            parts = _SEPARATORS.split(self._converted(cell.text))
            found = split_names([line for part in parts if (line := _line(part))], is_agency)
            if len(self._lists) < _REMEMBERED:
                self._lists[cell.text] = found
        return found

    def _text(self, cell: Cell) -> str:
        text = cell.text
        if cell.kind != "text":
            return _other(cell)
        if self.coding == "unicode" and is_usual(text):
            return _unless_nothing(text.strip(" "))
        return _line(self._converted(text))

    def _notation(self, cell: Cell) -> str:
        """What Excel has turned into a date is lost."""
        if cell.kind == "date" or cell.note in (DATE_WITHOUT_DAY, DATE_WITHOUT_YEAR):
            raise CellError("Excel đã đổi số, ký hiệu này thành ngày", cell.text)
        found = self._text(cell)
        if _EXCEL_DATE.fullmatch(found):
            raise CellError("có thể Excel đã đổi số, ký hiệu này thành ngày", found)
        return found

    def _converted(self, raw: str) -> str:
        if raw.isascii():
            return raw
        if odd := stray(raw, self.coding):
            raise CellError(f"chữ không theo bảng mã {NAMES[self.coding]} như cả cột", odd)
        return raw if self.coding == "unicode" else convert(raw, self.coding)


def _other(cell: Cell) -> str:
    kind = cell.kind
    if FORMULA_WITHOUT_VALUE in cell.note:
        raise CellError("công thức chưa có kết quả; hãy mở tệp bằng Excel và lưu lại")
    if kind == "empty":
        return ""
    if kind == "number":
        return cell.text
    raise CellError(_NO_TEXT.get(kind, "không phải chữ"), cell.text)


def _line(text: str) -> str:
    return _unless_nothing(clean(unescape(text) if "&" in text else text))


def _unless_nothing(text: str) -> str:
    return "" if len(text) <= _LONGEST_NOTHING and text.casefold() in _NOTHING else text


def split_names(lines: Iterable[str], is_agency: Callable[[str], bool]) -> tuple[str, ...]:
    """Names in a list. Commas part them, but belong to some ("Sở Văn hóa, Thể thao và Du lịch"): the longest run that
    is an agency of the table is one name. A name nobody knows stays, piece by piece, for a person to look at (F106)."""
    return tuple(dict.fromkeys(name for line in lines for name in _names(line, is_agency)))


def _names(line: str, is_agency: Callable[[str], bool]) -> Iterator[str]:
    if is_agency(line):
        yield line
        return
    pieces = [piece for part in line.split(",") if (piece := part.strip())]
    at = 0
    while at < len(pieces):
        for end in range(min(len(pieces), at + _LONGEST_NAME), at, -1):
            name = ", ".join(pieces[at:end])
            if end == at + 1 or is_agency(name):
                yield name
                at = end
                break


def fill_down(row: SheetRow, above: SheetRow | None) -> tuple[SheetRow, int]:
    """Cells merged with the one above them say the same (exports note A.5); how many there were. ``above``: the row
    before, itself filled; if rows are missing between them, it says nothing."""
    if above is None or above.number != row.number - 1:
        return row, 0
    if not any(cell.note.startswith(_MERGED) for cell in row.cells if cell.note):
        return row, 0
    filled = list(row.cells)
    count = 0
    for index, cell in enumerate(filled):
        if cell.kind == "empty" and cell.note.startswith(_MERGED) and index < len(above.cells):
            column = cell.note.removeprefix(_MERGED).rstrip("0123456789")
            if column == address(1, index + 1)[:-1] and above.cells[index].kind != "empty":
                filled[index] = above.cells[index]
                count += 1
    return SheetRow(row.number, tuple(filled)), count
