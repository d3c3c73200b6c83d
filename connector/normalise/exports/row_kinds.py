"""Which rows below a header are records, and what the others are. Pure.

A row with a running number is a record. Without one it is a record if it holds what a record needs; otherwise it is a
group, a total or a signature and is listed as such. A row that holds a date or a status is none of these, whatever it
begins with: what is none of the things we know is refused, never passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from connector.domain.status import Status
from connector.domain.tables import Cell, SheetRow
from connector.normalise.exports.columns import RECORD, comparison_form
from connector.normalise.exports.header_rows import counts_columns
from connector.normalise.exports.headers import Layout
from connector.normalise.exports.problems import SkipReason, place, shown
from connector.normalise.exports.records import Rules
from connector.normalise.exports.rows import DATES
from connector.normalise.exports.text import Coding, convert

_TOTAL = re.compile(r"(?:tong cong|tong so|tong|cong)(?: (?:nhiem vu|cong viec|van ban|ho so|so))?(?: \d.*)?")
_LOOSE_TOTAL = re.compile(r"(?:tong cong|tong so) .{0,40}\d.*")
_STATED = re.compile(r"(\d{1,7}) (?:nhiem vu|cong viec|van ban)")
_SIGNATURE = re.compile(
    r"(?:nguoi|can bo|chuyen vien) (?:lap|tong hop|bao cao|in)\b.*|thu truong.*|chanh van phong.*|pho chanh van phong.*"
    r"|(?:kt|tl|tm|q) (?:chu tich|chanh|giam doc|thu truong|truong|ubnd).*|chu tich.*|giam doc.*|truong phong.*"
    r"|noi nhan.*|ky ten.*|ky ghi ro ho ten.*|(?:.{0,40} )?ngay (?:\d{1,2} )?thang (?:\d{1,2} )?nam(?: \d{4})?"
    r"|nguoi lap bieu|xac nhan.*"
)
_GROUP_MARK = re.compile(r"[ivxlc]+|[a-z]")
_DATED = re.compile(r"\s*(?:ngày\s+)?(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2})\b", re.IGNORECASE)
_SERIALS = (32_874, 73_416)
"""Days that Excel counts between 1990 and 2100; smaller numbers in a column of dates count something."""
_FEW = 3
"""So many known headers make a row a header."""
_NUMBER = re.compile(r"\d+(?: \d+)*")


class RowKinds:
    """Sorts the rows of one sheet. ``coding``: of its text. ``stated``: how many records its totals speak of, and in
    which row. ``second_table``: the row in which other columns begin, and its cells that differ: what follows must not
    be read by the first header."""

    def __init__(self, layout: Layout, coding: Coding, rules: Rules) -> None:
        self._layout, self._coding, self._rules = layout, coding, rules
        columns = layout.columns
        self._number, self._status = columns.get("number"), columns.get("status")
        self._needed = [[columns[name] for name in group if name in columns] for group in RECORD[layout.table]]
        self._dates = [index for name, index in columns.items() if name in DATES]
        header = layout.header
        self._own = [
            {comparison_form(one) for one in (text, *pair)}
            for text, pair in zip(header.texts, header.pairs, strict=True)
        ]
        self._mapped = frozenset(columns.values())
        self._headers = frozenset().union(rules.synonyms.forms, *self._own) - {""}
        self._last_header = header.rows[1]
        self.stated: tuple[int, int] | None = None
        self.second_table: tuple[int, str] | None = None
        self._signed = False
        named = ("number", "name", "subject")
        self._beside = tuple(index for name, index in layout.columns.items() if name not in named)

    def kind(self, row: SheetRow) -> Literal["record", "unclear"] | SkipReason:
        """``row`` has something in it. An unclear row is none of the things we know."""
        cells = row.cells
        index = self._number
        if index is not None and index < len(cells) and row.number > self._last_header + 1:
            number = cells[index]
            if number.kind == "number" or (number.kind == "text" and number.text.strip().isdigit()):
                self._signed = False  # "Chủ tịch UBND tỉnh giao" was a heading
                # The usual case, and fast; a number and a name alone are a heading ("2 | Lĩnh vực nội chính").
                return "record" if any(_text(row, index) for index in self._beside) else "group"
        if row.number <= self._last_header:
            return "title"
        return self._other(row)

    def missing(self, row: SheetRow) -> list[str]:
        """What a record needs and the row lacks."""
        return [
            " hoặc ".join(f"“{self._layout.header.texts[index]}”" for index in group)
            for group in self._needed
            if not any(_text(row, index) for index in group)
        ]

    def _other(self, row: SheetRow) -> Literal["record", "unclear"] | SkipReason:
        filled = [(index, cell) for index, cell in enumerate(row.cells) if cell.text.strip()]
        forms = {index: self._form(cell.text) for index, cell in filled}
        if row.number == self._last_header + 1 and counts_columns(list(forms.values())):
            return "numbering"
        if self._is_header(row, forms):
            return "header_again"
        if self._is_numbered(row, forms):
            if len(filled) > 2:
                return "record"
            if not any(_text(row, index) for index in self._beside):
                return "group"
        marked = bool(_GROUP_MARK.fullmatch(forms.get(-1 if self._number is None else self._number, "")))
        texts = list(dict.fromkeys(forms.values()))[int(marked) :]  # a merged text that was copied is one
        lead, needed = texts[0] if texts else "", len(texts) > 1 and self._needs_hold(row, bool)
        told = self._tells(row)
        if not told and self._is_total(row, lead, needed=needed):
            self._note_total(row.number, texts)
            return "total"
        if needed or told:
            return "record" if needed else "unclear"
        if marked and texts:
            return "unclear" if self._has_label(row, lead) else "group"
        if self._signed or all(_SIGNATURE.fullmatch(text) for text in texts):
            self._signed = True
            return "signature"
        if len(texts) == 1:
            # A heading stands on the left; a name under a signature stands alone and far to the right.
            return "group" if filled[0][0] <= max(2, len(self._own) // 2) else "signature"
        return "unclear"

    def _is_total(self, row: SheetRow, lead: str, *, needed: bool) -> bool:
        """A total counts, in whatever columns; a record has words where it must."""
        if not needed:
            return bool(_TOTAL.fullmatch(lead) or _LOOSE_TOTAL.fullmatch(lead))
        return not self._needs_hold(row, _is_words) and bool(_TOTAL.fullmatch(lead))

    def _needs_hold(self, row: SheetRow, what: Callable[[str], bool]) -> bool:
        """Whether of everything a record needs a cell holds that."""
        return all(any(what(_text(row, index)) for index in group) for group in self._needed)

    def _tells(self, row: SheetRow) -> bool:
        """Whether the row holds a date, or a status we know, where the header says so."""
        if any(_is_dated(row.cells[index]) for index in self._dates if index < len(row.cells)):
            return True
        label = "" if self._status is None else _text(row, self._status)
        return bool(label) and self._rules.words.status(convert(label, self._coding)) is not Status.UNKNOWN

    def _has_label(self, row: SheetRow, lead: str) -> bool:
        """Whether a word stands under the header of the status: not a count, nor the row's text copied there."""
        label = "" if self._status is None else _text(row, self._status)
        return _is_words(label) and self._form(label) != lead

    def _is_numbered(self, row: SheetRow, forms: dict[int, str]) -> bool:
        index = self._number
        return index in forms and (row.cells[index].kind == "number" or bool(_NUMBER.fullmatch(forms[index])))

    def _form(self, text: str) -> str:
        read = text if text.isascii() else convert(text, self._coding)
        return comparison_form(read.replace("(", " ").replace(")", " "))

    def _is_header(self, row: SheetRow, forms: dict[int, str]) -> bool:
        """Whether the row is a header: this one again, or (``second_table``) that of another table."""
        known = [form for form in forms.values() if form in self._headers]
        if len(set(known)) < _FEW or len(known) * 2 <= len(forms):
            return False
        changed = [index for index, form in forms.items() if form and self._is_changed(row, index, form)]
        if changed and self.second_table is None:
            shown_cells = (f"{place(row.number, index)} “{shown(_text(row, index))}”" for index in changed[:_FEW])
            self.second_table = (row.number, ", ".join(shown_cells))
        return True

    def _is_changed(self, row: SheetRow, index: int, form: str) -> bool:
        """Whether a cell of a repeated header means another field than the column, or a field of another column."""
        if index < len(self._own) and form in self._own[index]:
            return False
        columns = self._layout.columns
        meant = self._rules.synonyms.field_of(self._layout.table, convert(_text(row, index), self._coding))
        return columns.get(meant or "") != index if index in self._mapped else meant in columns

    def _note_total(self, number: int, texts: list[str]) -> None:
        for text in texts:
            if (found := _STATED.search(text)) is not None:
                self.stated = (int(found[1]), number)


def text_of(row: SheetRow) -> str:
    """What stands in a row, for a list of rows passed over."""
    return shown(" | ".join(dict.fromkeys(cell.text.strip() for cell in row.cells if cell.text.strip())))


def _text(row: SheetRow, index: int) -> str:
    return row.cells[index].text.strip() if index < len(row.cells) else ""


def _is_words(text: str) -> bool:
    """E.g. "Sở Y tế", but no count: 3, "3 nhiệm vụ"."""
    return bool(text) and not text[0].isdigit()


def _is_dated(cell: Cell) -> bool:
    if isinstance(cell.value, int | float) and cell.kind == "number":
        return _SERIALS[0] <= cell.value < _SERIALS[1]
    return cell.kind == "date" or _DATED.match(cell.text) is not None
