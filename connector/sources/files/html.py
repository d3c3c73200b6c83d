"""Tables of an HTML page, which web applications like to hand out under the name .xls.

Every table with text of its own is a sheet, in the order of the page; a table inside of another follows the outermost
one, so that a layout around the data is no obstacle and nothing has to be guessed. Rows count within their table.
libxml2's parser mends what browsers mend; it loads nothing and expands no entity that HTML does not define.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from lxml import etree

from connector.domain.tables import Range
from connector.errors import FileRefused
from connector.sources.files.output import Output
from connector.sources.files.wire import Value

_CHUNK = 1 << 16
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_BLOCKS = frozenset(("p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "center"))
_UNSEEN = frozenset(("script", "style", "title"))
_WIDEST = 1000  # what HTML allows a cell to span


def read(file: BinaryIO, output: Output, encoding: str) -> None:
    """Raises FileRefused: no_table, login_page, encoding, and what ``output`` raises."""
    page = _Page(output)
    parser = etree.HTMLParser(target=page, encoding="utf-8")
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            parser.feed(decoder.decode(chunk).encode())
        parser.feed(decoder.decode(b"", final=True).encode())
    except UnicodeDecodeError as error:
        raise FileRefused("encoding", str(error), encoding=encoding) from error
    parser.close()
    if not page.sheets:
        if page.asks_password:
            raise FileRefused("login_page")
        raise FileRefused(
            "no_table", found=f"trang HTML “{page.title.strip()}”" if page.title.strip() else "trang HTML"
        )


class _Table:
    def __init__(self, name: str, *, inner: bool) -> None:
        self.name = name
        self.named = False  # told to the output
        self.kept: list[tuple[int, list[Value], list[Range]]] | None = [] if inner else None
        self.row = self.column = 0  # at hand, from 1; 0: none
        self.values: list[Value] = []
        self.ranges: list[Range] = []
        self.taken: dict[int, int] = {}  # column → the last row that a cell from above reaches into
        self.lines: list[list[str]] | None = None  # text of the cell at hand
        self.width = self.height = 1

    def start_row(self) -> None:
        self.row += 1
        self.column, self.values, self.ranges = 0, [], []

    def start_cell(self, width: int, height: int) -> None:
        self.column += 1
        while self.taken.get(self.column, 0) >= self.row:
            self.column += 1
        self.lines, self.width, self.height = [[]], width, height

    def end_cell(self) -> None:
        if self.lines is None:
            return
        text = "\n".join(_BLANKS.sub(" ", "".join(line)).strip(" ") for line in self.lines).strip("\n")
        if not text.isspace() and text:  # a lone &nbsp; is how HTML writes an empty cell
            self.values.extend([None] * (self.column - 1 - len(self.values)))
            self.values.append(text)
        last_row, last_column = self.row + self.height - 1, self.column + self.width - 1
        if self.width > 1 or self.height > 1:
            self.ranges.append(Range(self.row, self.column, last_row, last_column))
        if self.height > 1:
            self.taken.update(dict.fromkeys(range(self.column, last_column + 1), last_row))
        self.column, self.lines = last_column, None


class _Page:
    """What lxml tells while it parses."""

    def __init__(self, output: Output) -> None:
        self.sheets = 0
        self.title = ""
        self.asks_password = False
        self._output = output
        self._tables: list[_Table] = []  # open ones, the innermost last
        self._inner: list[_Table] = []  # closed or open inside of the outermost
        self._count = 0
        self._unseen = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("td", "th"):
            if self._tables:
                table = self._tables[-1]
                table.end_cell()
                if not table.row:
                    table.start_row()
                table.start_cell(_span(attributes, "colspan", _WIDEST), _span(attributes, "rowspan", 1 << 16))
        elif tag == "tr":
            if self._tables:
                self._end_row()
                self._tables[-1].start_row()
        elif tag == "table":
            self._start_table()
        elif tag == "br":
            self._break(always=True)
        elif tag in _BLOCKS:
            self._break()
        elif tag in _UNSEEN:
            self._unseen = tag
        elif tag == "input" and attributes.get("type", "").lower() == "password":
            self.asks_password = True

    def data(self, text: str) -> None:
        if self._unseen:
            self.title += text if self._unseen == "title" and len(self.title) < 100 else ""
        elif self._tables and (lines := self._tables[-1].lines) is not None:
            lines[-1].append(text)

    def end(self, tag: str) -> None:
        if tag in ("td", "th"):
            if self._tables:
                self._tables[-1].end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_table()
        elif tag in _BLOCKS:
            self._break()
        elif tag in _UNSEEN:
            self._unseen = ""

    def close(self) -> None:
        while self._tables:
            self._end_table()

    def _break(self, *, always: bool = False) -> None:
        if self._tables and (lines := self._tables[-1].lines) is not None and (always or "".join(lines[-1]).strip()):
            lines.append([])

    def _start_table(self) -> None:
        self._count += 1
        table = _Table(f"Bảng {self._count}", inner=bool(self._tables))
        if self._tables:
            self._inner.append(table)
        self._tables.append(table)

    def _end_row(self) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        table.end_cell()
        if table.kept is not None:
            if table.values or table.ranges:
                table.kept.append((table.row, table.values, table.ranges))
        else:
            self._tell(table, table.row, table.values, table.ranges)
        table.values, table.ranges = [], []

    def _end_table(self) -> None:
        if not self._tables:
            return
        self._end_row()
        self._tables.pop()
        if not self._tables:
            for table in self._inner:
                for row in table.kept or ():
                    self._tell(table, *row)
            self._inner = []

    def _tell(self, table: _Table, number: int, values: list[Value], ranges: list[Range]) -> None:
        if values and not table.named:
            self._output.sheet(table.name)
            table.named = True
            self.sheets += 1
        if table.named:
            self._output.merged(ranges)
            self._output.row(number, values)


def _span(attributes: dict[str, str], name: str, most: int) -> int:
    text = attributes.get(name, "1").strip()
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 10 else 1
