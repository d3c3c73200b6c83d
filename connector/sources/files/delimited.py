"""Delimited text (CSV, TSV). Values stay the text they are. The dialect is Excel's: ";" "," or tab, quotes doubled."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from connector.domain.tables import FORMULA, LEADING_APOSTROPHE
from connector.errors import FileRefused
from connector.sources.files.encoding import Encoding
from connector.sources.files.output import Notes, Output
from connector.sources.files.wire import Value

_DELIMITERS = ";,\t"
_SAMPLE = 1 << 16  # characters
_HINT = re.compile(r'"?sep=(.)"?\r?\n')  # a first line by which Excel is told the delimiter
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')  # ="0123": how web applications keep Excel from seeing a number


def sniff(text: str) -> str | None:
    """The delimiter that explains the most: rows of equal width, weighed by their width. None: no table."""
    if hint := _HINT.match(text):
        return hint[1]
    best, most = None, 0
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in _records(text[:_SAMPLE], delimiter))
        explained = max(((width - 1) * rows for width, rows in widths.items() if width > 1), default=0)
        if explained > most:
            best, most = delimiter, explained
    return best


def _records(text: str, delimiter: str) -> list[list[str]]:
    """As many as can be read; the sample may end within one."""
    records: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        records.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return records[:-1] if len(text) >= _SAMPLE else records


def read(file: BinaryIO, output: Output, encoding: Encoding, delimiter: str) -> None:
    """A row is a record, as Excel counts; a line break inside of quotes does not end it. Raises FileRefused: quotes,
    encoding, text_too_long, and what ``output`` raises."""
    file.seek(encoding.skip)
    csv.field_size_limit(output.limits.text_length)
    output.sheet("", delimited=True)
    with io.TextIOWrapper(file, encoding.codec, newline="") as text:
        number = 0
        try:
            first = text.readline()
            lines = text if _HINT.match(first) else itertools.chain((first,), text)
            unended: list[str] = []
            reader = csv.reader(_watched(lines, unended), delimiter=delimiter, strict=True)
            for number, record in enumerate(reader, 1):
                if unended:
                    output.unended(number, len(record))
                output.row(number, *_values(record))
        except csv.Error as error:
            if "field limit" in str(error):
                raise output.refusal("text_too_long", number + 1, limit=output.limits.text_length) from error
            raise FileRefused("quotes", str(error), line=reader.line_num) from error
        except UnicodeDecodeError as error:
            raise FileRefused("encoding", str(error), encoding=encoding.codec) from error


def _watched(lines: Iterable[str], unended: list[str]) -> Iterator[str]:
    """The same; ``unended`` gets the line that no line end follows: the last one, if any."""
    for line in lines:
        if not line.endswith(("\n", "\r")):
            unended.append(line)
        yield line


def _values(record: list[str]) -> tuple[list[Value], Notes | None]:
    values: list[Value] = [text or None for text in record]
    notes: Notes = {}
    for column, text in enumerate(record):
        if text[:1] == "'":
            notes[column] = LEADING_APOSTROPHE
        elif text[:2] == '="' and (quoted := _TEXT_FORMULA.fullmatch(text)):
            values[column] = quoted[1].replace('""', '"') or None
            notes[column] = FORMULA
    return values, notes or None
