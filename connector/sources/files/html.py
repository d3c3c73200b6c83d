"""Tables of an HTML page, which web applications like to hand out under the name .xls.

Every table with text of its own is a sheet, in the order of the page; a table inside of another follows the outermost
one, so that a layout around the data is no obstacle and nothing has to be guessed. Rows count within their table.
libxml2's parser mends what browsers mend; it loads nothing and expands no entity that HTML does not define.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import BinaryIO

from lxml import etree

from connector.domain.tables import Range
from connector.errors import FileRefused
from connector.sources.files.encoding import Encoding
from connector.sources.files.output import Output
from connector.sources.files.wire import Value

_CHUNK = 1 << 16
_TABLE_END, _PAGE_END = "</table", "</html"
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LINE, _BLOCK = "\0", "\1"  # stand for <br> and the edges of paragraphs until the cell ends
_BLOCK_EDGE, _LINE_EDGE = re.compile(" ?\1[ \1]*"), re.compile(" ?\0 ?")
_BLOCKS = frozenset(("p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "center"))
_UNSEEN = frozenset(("script", "style", "title"))
_WIDEST, _TALLEST = 1000, 65_534  # what HTML allows a cell to span


def read(file: BinaryIO, output: Output, encoding: Encoding) -> None:
    """Raises FileRefused: no_table, login_page, encoding, broken, and what ``output`` raises."""
    page = _Page(output)
    parser = etree.HTMLParser(target=page, encoding="utf-8")
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    file.seek(encoding.skip)
    text, ended = "", 0
    try:
        while chunk := file.read(_CHUNK):
            read = decoder.decode(chunk)
            text = text[1 - len(_TABLE_END) :] + read.lower()
            ended += text.count(_TABLE_END)
            parser.feed(read.encode())
        parser.feed(decoder.decode(b"", final=True).encode())
        parser.close()
    except UnicodeDecodeError as error:
        raise FileRefused("encoding", str(error), encoding=encoding.codec) from error
    except etree.LxmlError as error:
        raise FileRefused("broken", f"HTML: {error}") from error
    if not page.sheets:
        if page.asks_password:
            raise FileRefused("login_page")
        title = " ".join(page.title.split())[:100]
        raise FileRefused("no_table", found=f"trang HTML “{title}”" if title else "trang HTML")
    if ended < page.tables and _PAGE_END not in text:
        raise FileRefused("broken", "HTML: a table without end")  # the parser ends it as a browser does


class _Table:
    def __init__(self, name: str, *, inner: bool) -> None:
        self.name = name
        self.named = False  # told to the output
        self.kept: list[tuple[int, list[Value], list[Range]]] | None = [] if inner else None
        self.row = self.column = 0  # at hand, from 1; 0: none
        self.values: list[Value] = []
        self.ranges: list[Range] = []
        self.taken: dict[int, int] = {}  # column → the last row that a cell from above reaches into
        self.parts: list[str] | None = None  # text of the cell at hand
        self.width = self.height = 1

    def start_row(self) -> None:
        self.row += 1
        self.column, self.values, self.ranges = 0, [], []

    def start_cell(self, width: int = 1, height: int = 1) -> None:
        self.column += 1
        while self.taken.get(self.column, 0) >= self.row:
            self.column += 1
        self.parts, self.width, self.height = [], width, height

    def end_cell(self) -> None:
        if self.parts is None:
            return
        if text := _plain("".join(self.parts)):
            self.values.extend([None] * (self.column - 1 - len(self.values)))
            self.values.append(text)
        if self.width > 1 or self.height > 1:
            last_row, last_column = self.row + self.height - 1, self.column + self.width - 1
            self.ranges.append(Range(self.row, self.column, last_row, last_column))
            if self.height > 1:
                self.taken.update(dict.fromkeys(range(self.column, last_column + 1), last_row))
            self.column = last_column
        self.parts = None


def _plain(text: str) -> str:
    """White space as a browser shows it. A lone &nbsp; is how HTML writes an empty cell."""
    text = _BLANKS.sub(" ", text).strip(" ")
    if _LINE in text or _BLOCK in text:
        text = _BLOCK_EDGE.sub(_BLOCK, text)
        text = _LINE_EDGE.sub("\n", text).replace(f"\n{_BLOCK}", "\n").replace(_BLOCK, "\n").strip("\n")
    return "" if text.isspace() else text


class _Page:
    """What lxml tells while it parses."""

    def __init__(self, output: Output) -> None:
        self.sheets = 0
        self.title = ""
        self.asks_password = False
        self._output = output
        self._tables: list[_Table] = []  # open ones, the innermost last
        self._inner: list[_Table] = []  # closed or open inside of the outermost
        self.tables = 0
        self._unseen = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ("td", "th"):
            if self._tables:
                table = self._tables[-1]
                table.end_cell()
                if not table.row:
                    table.start_row()
                if attributes:
                    table.start_cell(_span(attributes, "colspan", _WIDEST), _span(attributes, "rowspan", _TALLEST))
                else:
                    table.start_cell()
        elif tag == "tr":
            if self._tables:
                self._end_row()
                self._tables[-1].start_row()
        elif tag == "table":
            self._start_table()
        elif tag == "br":
            self.data(_LINE)
        elif tag in _BLOCKS:
            self.data(_BLOCK)
        elif tag in _UNSEEN:
            self._unseen = tag
        elif tag == "input" and attributes.get("type", "").lower() == "password":
            self.asks_password = True

    def data(self, text: str) -> None:
        if self._unseen:
            self.title += text if self._unseen == "title" and len(self.title) < 100 else ""
        elif self._tables and (parts := self._tables[-1].parts) is not None:
            parts.append(text)

    def end(self, tag: str) -> None:
        if tag in ("td", "th"):
            if self._tables:
                self._tables[-1].end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_table()
        elif tag in _BLOCKS:
            self.data(_BLOCK)
        elif tag in _UNSEEN:
            self._unseen = ""

    def close(self) -> None:
        while self._tables:
            self._end_table()

    def _start_table(self) -> None:
        self.tables += 1
        table = _Table(f"Bảng {self.tables}", inner=bool(self._tables))
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


def _span(attributes: Mapping[str, str], name: str, most: int) -> int:
    text = attributes.get(name, "1").strip()
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 10 else 1
