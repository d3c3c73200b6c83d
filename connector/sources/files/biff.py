"""Marks of a binary .xls, from the records of its workbook stream; the values themselves come from calamine.

Source: [MS-XLS]; record numbers in hexadecimal as there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from connector.domain.tables import FORMULA
from connector.errors import FileRefused
from connector.sources.files.marks import Marks, style_note

_EOF, _BOF, _SHEET, _XF, _FORMAT, _LINK, _PASSWORD, _EPOCH = 0x0A, 0x809, 0x85, 0xE0, 0x41E, 0x1AE, 0x2F, 0x22
_FORMULA, _ERROR = 0x06, 0x205
_PLAIN = frozenset((0x203, 0x27E, 0xFD, 0x204))  # number, small number, text of the table, text of its own
_SMALL_NUMBERS = 0xBD
_OWN_BOOK, _ADD_IN = 0x401, 0x3A01
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def marks(stream: bytes) -> list[Marks]:
    """One for each sheet, in the order of the workbook. Raises FileRefused: protected, external_links, broken."""
    try:
        return _marks(stream)
    except struct.error as error:
        raise FileRefused("broken", f"record: {error}") from error


def _marks(stream: bytes) -> list[Marks]:
    sheets: list[int] = []
    formats: dict[int, str] = {}
    styles: list[tuple[int, bool]] = []
    epoch_1904 = False
    for kind, at, size in _records(stream, 0):
        if kind == _SHEET:
            sheets.append(struct.unpack_from("<I", stream, at)[0])
        elif kind == _FORMAT:
            formats[struct.unpack_from("<H", stream, at)[0]] = _format_code(stream[at + 2 : at + size])
        elif kind == _XF:
            format_id, flags = struct.unpack_from("<HH", stream, at + 2)
            styles.append((format_id, bool(flags & 8)))
        elif kind == _LINK and struct.unpack_from("<H", stream, at + 2)[0] not in (_OWN_BOOK, _ADD_IN):
            raise FileRefused("external_links")
        elif kind == _EPOCH:
            epoch_1904 = struct.unpack_from("<H", stream, at)[0] == 1
        elif kind == _PASSWORD:
            raise FileRefused("protected")
    notes = {
        index: note
        for index, (format_id, quoted) in enumerate(styles)
        if (note := style_note(str(format_id), formats.get(format_id, ""), quoted=quoted))
    }
    found = [Marks(epoch_1904=epoch_1904) for _ in sheets]
    for start, of_sheet in zip(sheets, found, strict=True):
        _of_sheet(of_sheet, stream, start, notes)
    return found


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """(kind, where its data begins, its size) up to the end of the part that begins at ``start``."""
    at, depth, end = start, 0, len(stream)
    while at + 4 <= end:
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, size
        if kind == _BOF:
            depth += 1  # a chart inside of a sheet
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        at += 4 + size


def _format_code(data: bytes) -> str:
    """Of BIFF8: length in characters, a flag for two bytes a character, the characters."""
    wide = len(data) > 2 and data[2] & 1
    return data[3:].decode("utf-16-le" if wide else "latin-1", "replace")


def _of_sheet(found: Marks, stream: bytes, start: int, notes: dict[int, str]) -> None:
    unpack = struct.unpack_from
    for kind, at, size in _records(stream, start):
        if kind == _FORMULA:
            row, column, _, result, error, tag = unpack("<HHHBxB3xH", stream, at)
            found.add(row + 1, column, FORMULA, error=_error(error) if tag == 0xFFFF and result == 2 else "")
        elif kind == _ERROR:
            row, column, _, code, is_error = unpack("<HHHBB", stream, at)
            if is_error:
                found.add(row + 1, column, error=_error(code))
        elif notes and kind in _PLAIN:
            row, column, style = unpack("<HHH", stream, at)
            if style in notes:
                found.add(row + 1, column, notes[style])
        elif notes and kind == _SMALL_NUMBERS:
            row, first = unpack("<HH", stream, at)
            for index in range((size - 6) // 6):
                style = unpack("<H", stream, at + 4 + 6 * index)[0]
                if style in notes:
                    found.add(row + 1, first + index, notes[style])


def _error(code: int) -> str:
    return _ERRORS.get(code, "#ERR!")
