"""MonthlyReport as a workbook: every figure opens to the records behind it.

Texts are written as texts only, whatever they start with (F72); dates are real dates; the same report gives the same
bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from connector.domain.report import MonthlyReport
from connector.report.text import clean
from connector.report.xlsx_sheets import Cell, Sheet, detail_sheets, summary_rows

_FONT = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
_LONGEST_TEXT = 32_000
"""Excel takes 32 767 characters in a cell; XlsxWriter drops a longer text."""


def render_xlsx(report: MonthlyReport, zone: ZoneInfo) -> bytes:
    """The workbook as bytes. Moments are shown in ``zone``."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    made = report.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": f"Số liệu báo cáo tháng {report.month}", "created": made})
    sheets = detail_sheets(report, zone)
    writer = _Writer(book, zone)
    writer.summary(summary_rows(report), {sheet.name for sheet in sheets})
    for sheet in sheets:
        writer.detail(sheet)
    book.close()
    return buffer.getvalue()


@dataclass
class _Formats:
    text: Any
    bold: Any
    title: Any
    head: Any
    number: Any
    total: Any
    value: Any
    day_value: Any
    moment_value: Any
    date: Any
    moment: Any
    link: Any


class _Writer:
    """Writes rows strictly downwards, as constant memory wants it."""

    def __init__(self, book: Any, zone: ZoneInfo) -> None:
        self._book = book
        self._zone = zone
        make: Callable[..., Any] = lambda **more: book.add_format({**_FONT, **more})  # noqa: E731
        self._formats = _Formats(
            text=make(text_wrap=True),
            bold=make(bold=True, text_wrap=True),
            title=make(bold=True, font_size=14),
            head=make(bold=True, text_wrap=True, align="center", valign="vcenter", border=1, bg_color="#E7E6E6"),
            number=make(num_format="#,##0", align="right", indent=1),
            total=make(num_format="#,##0", align="right", indent=1, bold=True),
            value=make(num_format="#,##0.##", align="right", indent=1),
            day_value=make(num_format="dd/mm/yyyy", align="right", indent=1),
            moment_value=make(num_format="dd/mm/yyyy hh:mm", align="right", indent=1),
            date=make(num_format="dd/mm/yyyy", align="center"),
            moment=make(num_format="dd/mm/yyyy hh:mm", align="center"),
            link=make(font_color="#0563C1", underline=1),
        )
        book.formats[0].set_font_name("Times New Roman")
        book.formats[0].set_font_size(12)

    def summary(self, rows: Iterable[Sequence[Cell]], known: set[str]) -> None:
        """Label, value, sheet to open. A row of one cell is a heading; the first row is the title."""
        widths = (62, 24, 70)
        page = self._page("Tổng hợp", widths)
        for number, row in enumerate(rows):
            page.set_row(number, _height(row, widths) + (6 if number == 0 else 0))
            if len(row) == 1:
                self._cell(page, number, 0, row[0], self._formats.title if number == 0 else self._formats.bold)
                continue
            for column, value in enumerate(row):
                if column == 2 and value in known:
                    page.write_url(number, column, f"internal:'{value}'!A1", self._formats.link, f"Xem trang {value}")
                else:
                    self._cell(page, number, column, value, self._value_style(value) if column == 1 else None)

    def _value_style(self, value: Cell) -> Any:
        """The summary's figures, dates and words stand in one right-hand column."""
        if isinstance(value, datetime):
            return self._formats.moment_value
        return self._formats.day_value if isinstance(value, date) else self._formats.value

    def detail(self, sheet: Sheet) -> None:
        """A table with a frozen heading and a filter; a sum row stays outside the filter."""
        widths = [width for _, width in sheet.columns]
        page = self._page(sheet.name, widths)
        page.freeze_panes(1, 0)
        page.repeat_rows(0)
        page.set_row(0, 34)
        for column, (label, _) in enumerate(sheet.columns):
            page.write_string(0, column, label, self._formats.head)
        for number, row in enumerate(sheet.rows, start=1):
            page.set_row(number, _height(row, widths))
            for column, value in enumerate(row):
                self._cell(page, number, column, value)
        for column, value in enumerate(sheet.total):
            style = self._formats.total if isinstance(value, int) else self._formats.bold
            self._cell(page, len(sheet.rows) + 1, column, value, style)
        page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)

    def _page(self, name: str, widths: Sequence[float]) -> Any:
        page = self._book.add_worksheet(name)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        return page

    def _cell(self, page: Any, row: int, column: int, value: Cell, style: Any = None) -> None:
        formats = self._formats
        if isinstance(value, datetime):
            local = value.astimezone(self._zone).replace(tzinfo=None, microsecond=0)
            page.write_datetime(row, column, local, style or formats.moment)
        elif isinstance(value, date):
            page.write_datetime(row, column, value, style or formats.date)
        elif isinstance(value, (int, float)):
            page.write_number(row, column, value, style or formats.number)
        elif value:
            page.write_string(row, column, _fitting(clean(value)), style or formats.text)


def _height(row: Sequence[Cell], widths: Sequence[float]) -> float:
    """Points for the longest wrapped text; not every program works it out by itself. At most ten lines."""
    texts = [(value, width) for value, width in zip(row, widths, strict=False) if isinstance(value, str)]
    longest = max((math.ceil(len(value) / width) for value, width in texts), default=1)
    return 16.5 * min(max(longest, 1), 10)


def _fitting(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} … (đã cắt bớt)"
