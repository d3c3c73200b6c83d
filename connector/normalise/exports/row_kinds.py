"""Which rows below a header are records, and what the others are. Pure.

A row with a running number is a record. Without one it is a record if it holds what a record needs; otherwise it is a
group, a total or a signature and is listed as such. What is none of these is refused, never passed over.
"""

from __future__ import annotations

import re
from typing import Literal

from connector.domain.tables import SheetRow
from connector.normalise.exports.columns import RECORD, comparison_form
from connector.normalise.exports.headers import Layout
from connector.normalise.exports.problems import SkipReason, shown
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
_NUMBER = re.compile(r"\d+(?: \d+)*")


class RowKinds:
    """Sorts the rows of one sheet. ``coding``: of its text. ``stated``: how many records its totals speak of, and in
    which row."""

    def __init__(self, layout: Layout, coding: Coding) -> None:
        self._coding = coding
        self._number = layout.columns.get("number")
        self._needed = [
            [layout.columns[name] for name in group if name in layout.columns] for group in RECORD[layout.table]
        ]
        self._mapped = frozenset(layout.columns.values())
        self._header = [comparison_form(text) for text in layout.header.texts]
        self._children = [comparison_form(child) for _, child in layout.header.pairs]
        self._last_header = layout.header.rows[1]
        self.stated: tuple[int, int] | None = None
        self._signed = False

    def kind(self, row: SheetRow) -> Literal["record", "unclear"] | SkipReason:
        """``row`` has something in it. An unclear row is none of the things we know."""
        cells = row.cells
        index = self._number
        if index is not None and index < len(cells) and row.number > self._last_header + 1:
            number = cells[index]
            if number.kind == "number" or (number.kind == "text" and number.text.strip().isdigit()):
                return "record"  # the usual case, and fast
        if row.number <= self._last_header:
            return "title"
        return self._other(row)

    def _other(self, row: SheetRow) -> Literal["record", "unclear"] | SkipReason:
        filled = [(index, cell) for index, cell in enumerate(row.cells) if cell.text.strip()]
        forms = {index: self._form(cell.text) for index, cell in filled}
        if row.number == self._last_header + 1 and _counts_columns(list(forms.values())):
            return "numbering"
        if self._repeats_header(forms):
            return "header_again"
        if len(filled) > 2 and self._is_numbered(row, forms):
            return "record"
        marked = bool(_GROUP_MARK.fullmatch(forms.get(-1 if self._number is None else self._number, "")))
        texts = list(dict.fromkeys(forms.values()))[int(marked) :]  # a merged text that was copied is one
        lead, needed = texts[0] if texts else "", len(texts) > 1 and self._has_needed(row)
        if _TOTAL.fullmatch(lead) or (not needed and _LOOSE_TOTAL.fullmatch(lead)):
            self._note_total(row.number, texts)
            return "total"
        if needed:
            return "record"
        if marked and texts:
            return "group"
        if self._signed or all(_SIGNATURE.fullmatch(text) for text in texts):
            self._signed = True
            return "signature"
        if len(texts) == 1:
            # A heading stands on the left; a name under a signature stands alone and far to the right.
            return "group" if filled[0][0] <= max(2, len(self._header) // 2) else "signature"
        return "unclear"

    def _is_numbered(self, row: SheetRow, forms: dict[int, str]) -> bool:
        index = self._number
        return index in forms and (row.cells[index].kind == "number" or bool(_NUMBER.fullmatch(forms[index])))

    def _form(self, text: str) -> str:
        read = text if text.isascii() else convert(text, self._coding)
        return comparison_form(read.replace("(", " ").replace(")", " "))

    def _has_needed(self, row: SheetRow) -> bool:
        def holds(index: int) -> bool:
            return index < len(row.cells) and bool(row.cells[index].text.strip())

        return all(any(holds(index) for index in group) for group in self._needed)

    def _repeats_header(self, forms: dict[int, str]) -> bool:
        equal = sum(
            index < len(self._header) and form in (self._header[index], self._children[index])
            for index, form in forms.items()
            if form
        )
        return equal >= 3 and equal * 2 > len(forms)

    def _note_total(self, number: int, texts: list[str]) -> None:
        for text in texts:
            if (found := _STATED.search(text)) is not None:
                self.stated = (int(found[1]), number)


def text_of(row: SheetRow) -> str:
    """What stands in a row, for a list of rows passed over."""
    return shown(" | ".join(dict.fromkeys(cell.text.strip() for cell in row.cells if cell.text.strip())))


def _counts_columns(forms: list[str]) -> bool:
    """(1) (2) (3) …, or A B 1 2 …, under the header."""
    numbers = [int(form) for form in forms if form.isdigit()]
    letters = [form for form in forms if len(form) == 1 and form.isalpha()]
    in_turn = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    return in_turn and len(numbers) >= 3 and len(numbers) + len(letters) == len(forms)
