"""The rows at the top of a sheet → headers they could be. Pure.

Titles stand above the table, and a header may take two rows: "Văn bản giao" over "Số ký hiệu" and "Ngày". Merged cells
are copied here and nowhere else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from connector.domain.tables import Range, SheetRow
from connector.normalise.exports.columns import comparison_form
from connector.normalise.exports.problems import place
from connector.normalise.exports.text import Coding, read_line

_BLANKS = re.compile("[ \t\r\n]+")  # the other blanks may be letters of a coding
_DAY = re.compile(r"\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\b", re.ASCII)
_OLD_FONTS: tuple[Coding, ...] = ("tcvn3", "vni", "mojibake")


@dataclass(frozen=True, slots=True)
class Header:
    """``pairs``: (parent, child) of each column from A on; the parent is "" in a header of one row. ``rows``: its
    first and last row. ``coding``: how its texts had to be read. ``merged``: cells of it that span several columns.
    ``raw``: the pairs before anything was read into them."""

    rows: tuple[int, int]
    pairs: tuple[tuple[str, str], ...]
    coding: Coding = "unicode"
    merged: tuple[Range, ...] = ()
    raw: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(f"{parent} - {child}" if parent else child for parent, child in self.pairs)

    @property
    def fingerprint(self) -> str:
        """The same for the same headers in the same order, whatever their marks, case, blanks and coding."""
        forms = "\n".join(comparison_form(text) for text in self.texts)
        return hashlib.blake2b(forms.encode(), digest_size=12).hexdigest()

    def over(self, columns: Iterable[int]) -> Range | None:
        """The one merged cell that stands over all of them; they count from 0."""
        several = [index + 1 for index in columns]
        fits = (one for one in self.merged if one.first_column <= min(several) and max(several) <= one.last_column)
        return next(fits, None)

    def cell(self, index: int) -> str:
        """Where the header of a column (from 0) stands."""
        return place(self.rows[1] if self.pairs[index][0] else self.rows[0], index)


def headers_at(rows: Sequence[SheetRow], number: int, merged: Sequence[Range]) -> Iterator[Header]:
    """The row of that place in ``rows`` as a header, and with the row below as one of two rows."""
    row = rows[number]
    spans = [one for one in merged if one.first_row == row.number and one.first_column < one.last_column]
    upper = _spread(_texts(row), spans)
    yield _header(row, row, [("", text) for text in upper], spans)
    below = rows[number + 1] if number + 1 < len(rows) else row
    if below.number != row.number + 1 or _is_data(row) or _is_data(below):
        return
    lower = _texts(below)
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    if not any(one.first_row <= row.number <= one.last_row for one in merged):
        # A file that knows no merged cells (CSV): nothing over something belongs to the header on its left.
        for column in range(1, width):
            upper[column] = upper[column] or (upper[column - 1] if lower[column] else "")
    if sum(map(bool, lower)) >= 2 and len({text for text in upper if text}) >= 2:
        pairs = [("", up or low) if not low or low == up else (up, low) for up, low in zip(upper, lower, strict=True)]
        yield _header(row, below, pairs, spans)


def in_old_fonts(header: Header) -> Iterator[Header]:
    """The header as the old fonts would read it, where that makes a difference."""
    for coding in _OLD_FONTS:
        pairs = _read(header.raw, coding)
        if pairs != header.pairs:
            yield replace(header, pairs=pairs, coding=coding)


def _read(raw: Iterable[tuple[str, str]], coding: Coding) -> tuple[tuple[str, str], ...]:
    return tuple((read_line(parent, coding), read_line(child, coding)) for parent, child in raw)


def counts_columns(forms: list[str]) -> bool:
    """(1) (2) (3) …, or A B 1 2 …, under the header; ``forms``: of its cells."""
    numbers = [int(form) for form in forms if form.isdigit()]
    letters = [form for form in forms if len(form) == 1 and form.isalpha()]
    in_turn = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    return in_turn and len(numbers) >= 3 and len(numbers) + len(letters) == len(forms)


def titles_above(rows: Sequence[SheetRow], first_row: int) -> tuple[tuple[str, str], ...]:
    """(cell, text) of what stands above a row. A title that was copied into all its columns is one."""
    found: dict[str, str] = {}
    for row in rows:
        if row.number < first_row:
            for index, text in enumerate(_texts(row)):
                if text:
                    found.setdefault(text, place(row.number, index))
    return tuple((cell, text) for text, cell in found.items())


def _header(first: SheetRow, last: SheetRow, pairs: list[tuple[str, str]], merged: Sequence[Range]) -> Header:
    while pairs and pairs[-1] == ("", ""):
        pairs.pop()
    return Header((first.number, last.number), _read(pairs, "unicode"), merged=tuple(merged), raw=tuple(pairs))


def _texts(row: SheetRow) -> list[str]:
    return ["" if cell.kind == "empty" else _BLANKS.sub(" ", cell.text).strip(" ") for cell in row.cells]


def _spread(texts: list[str], spans: Sequence[Range]) -> list[str]:
    """A merged cell stands in all its columns."""
    for one in spans:
        texts += [""] * (one.last_column - len(texts))
        texts[one.first_column : one.last_column] = [texts[one.first_column - 1]] * (one.last_column - one.first_column)
    return texts


def _is_data(row: SheetRow) -> bool:
    """Whether a row begins with a number or holds a date: no header does."""
    filled = [cell for cell in row.cells if cell.kind != "empty"]
    return any(cell.kind == "date" or _DAY.match(cell.text) for cell in filled) or bool(
        filled and (filled[0].kind == "number" or filled[0].text.strip().isdigit())
    )
