"""What calamine does not tell about cells: errors (it leaves them empty), formulas, and how a value was typed."""

from __future__ import annotations

import re

from connector.domain.tables import DATE_WITHOUT_DAY, DATE_WITHOUT_YEAR, LEADING_APOSTROPHE

Mark = tuple[int, str, tuple[str, ...]]  # column from 0, name of the error or "", notes

_WITHOUT_YEAR, _WITHOUT_DAY = "16", "17"  # built-in formats d-mmm and mmm-yy, which Excel gives to 15/9 and 5/2022
_NO_DATE_CODE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')  # what a number format only quotes


class Marks:
    """The marks of one sheet by row (from 1). Most sheets have none, some have one in every cell. ``epoch_1904``: how
    its workbook counts the days that are kept as plain numbers; dates that are shown as such calamine counts right."""

    def __init__(self, *, epoch_1904: bool = False) -> None:
        self.epoch_1904 = epoch_1904
        self._rows: dict[int, list[Mark]] = {}
        self._same: dict[Mark, Mark] = {}

    def add(self, row: int, column: int, *notes: str, error: str = "") -> None:
        mark = (column, error, notes)
        self._rows.setdefault(row, []).append(self._same.setdefault(mark, mark))

    def of(self, row: int) -> list[Mark]:
        return self._rows.get(row, [])

    def below(self, row: int) -> list[int]:
        """Rows further down that have marks."""
        return sorted(number for number in self._rows if number > row)


def style_note(format_id: str, format_code: str, *, quoted: bool) -> str:
    """What the format of a cell tells about how it was typed. ``quoted``: with a leading apostrophe."""
    if quoted:
        return LEADING_APOSTROPHE
    code = _NO_DATE_CODE.sub("", format_code).lower()
    shown = {letter for letter in "dmyhs" if letter in code}
    if format_id == _WITHOUT_YEAR or shown == {"d", "m"}:
        return DATE_WITHOUT_YEAR
    return DATE_WITHOUT_DAY if format_id == _WITHOUT_DAY or shown == {"m", "y"} else ""
