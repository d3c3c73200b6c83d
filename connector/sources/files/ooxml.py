"""What an .xlsx must be asked before calamine reads it: no DTD, no other workbook behind it, no more rows than allowed,
and the marks of its cells. Source: ECMA-376 part 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from posixpath import normpath
from typing import BinaryIO, cast
from zipfile import ZipFile

from connector.domain.tables import FORMULA, Limits
from connector.errors import FileRefused
from connector.sources.files import markup
from connector.sources.files.marks import Marks, style_note

WORKBOOK = "xl/workbook.xml"
_RELATIONS, _STYLES, _STRINGS = "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml"
_CHUNK = 1 << 20
_LONGEST_ROW = 1 << 24  # bytes of XML
_FEW_STYLES = 8  # more are not worth looking for one by one
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>"  # attributes
    rb"(?:\s*(<(?:\w+:)?f\b)(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>))?"  # formula
    rb"(?:\s*<(?:\w+:)?v\b[^>]*>([^<]*)<)?"  # value
)
_ATTRIBUTE = re.compile(rb"""\b(r|s|t)=["']([^"']*)["']""")
_ADDRESS = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})")
_EMPTY_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*(?:/>|>\s*(?:<(?:\w+:)?c\b[^>]*/>\s*)*</(?:\w+:)?row>)")


def marks(archive: ZipFile, limits: Limits) -> list[Marks]:
    """One for each sheet, in the order of the workbook. Raises FileRefused: doctype, external_links, too_many_rows,
    broken; zipfile's and zlib's errors for a part that is not what the archive says."""
    names = set(archive.namelist())
    for name in names:
        if name.lower().startswith("xl/externallinks/"):
            raise FileRefused("external_links")
        if name.endswith((".xml", ".rels")):
            with archive.open(name) as part:
                markup.root(cast(BinaryIO, part))  # a DTD stands before the first element
    if _RELATIONS not in names:
        raise FileRefused("broken", f"no part {_RELATIONS}")
    book, relations, styles = _Book(), _Relations(), _Styles()
    _walk(archive, WORKBOOK, book)
    _walk(archive, _RELATIONS, relations)
    if _STYLES in names:
        _walk(archive, _STYLES, styles)
    if _STRINGS in names:
        for _ in _chunks(archive, _STRINGS):  # a part that unpacks to more than it declares is found by its checksum
            pass
    notes, found = styles.notes(), []
    for name, relation, hidden in book.sheets:
        target = relations.targets.get(relation, "")
        if target not in names:
            raise FileRefused("broken", f"no part {target!r}", sheet=name)
        is_read = not hidden and "/worksheets/" in target
        of_sheet = Marks(epoch_1904=book.epoch_1904)
        if is_read:
            _of_sheet(of_sheet, archive, target, name, notes, limits)
        found.append(of_sheet)
    return found


def _of_sheet(found: Marks, archive: ZipFile, part: str, sheet: str, notes: dict[bytes, str], limits: Limits) -> None:
    rows, marked, tail = 0, len(notes) > _FEW_STYLES, b""
    row, signs = b"<row", [b""]
    for chunk in _chunks(archive, part):
        if not tail:
            row, signs = _signs(chunk, notes)
        rows += chunk.count(row)
        marked = marked or any(sign in chunk or sign in tail + chunk[:64] for sign in signs)
        tail = chunk[-64:]
    if not tail.rstrip().endswith(b"worksheet>"):  # calamine would be content with the rows so far
        raise FileRefused("broken", "the sheet ends early", sheet=sheet)
    if rows > limits.rows:
        rows -= sum(len(_EMPTY_ROW.findall(piece)) for piece in _pieces(archive, part))
        if rows > limits.rows:
            raise FileRefused("too_many_rows", f"{rows} rows", sheet=sheet, limit=limits.rows)
    if marked:
        for piece in _pieces(archive, part):
            for cell in _CELL.finditer(piece):
                _mark(found, cell, notes, sheet)


def _signs(beginning: bytes, styles: Iterable[bytes]) -> tuple[bytes, list[bytes]]:
    """How this writer begins a row, and an error, a formula or one of the styles. Looking for few words is fast."""
    prefix = b":" if b":sheetData" in beginning else b"<"
    quote = b"'" if b" r='" in beginning else b'"'
    return prefix + b"row", [prefix + b"f", *(b"=" + quote + sign + quote for sign in (b"e", *styles))]


def _mark(found: Marks, cell: re.Match[bytes], notes: dict[bytes, str], sheet: str) -> None:
    about: dict[bytes, bytes] = dict(_ATTRIBUTE.findall(cell[1]))
    is_error = about.get(b"t") == b"e"
    said = [note for note in (FORMULA if cell[2] else "", notes.get(about.get(b"s", b""), "")) if note]
    if is_error or said:
        place = _ADDRESS.fullmatch(about.get(b"r", b""))
        if place is None:
            raise FileRefused("reader_failed", "an error or formula in a cell without address", sheet=sheet)
        column = 0
        for letter in place[1]:
            column = column * 26 + letter - 64
        error = (cell[3] or b"").decode("utf-8", "replace").strip()
        found.add(int(place[2]), column - 1, *said, error=(error or "#ERR!") if is_error else "")


def _chunks(archive: ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _pieces(archive: ZipFile, part: str) -> Iterator[bytes]:
    """The part cut between rows."""
    rest = b""
    for chunk in _chunks(archive, part):
        rest += chunk
        end = rest.rfind(b"row>") + 4
        if end > 4:
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > _LONGEST_ROW:
            raise FileRefused("broken", "a row without end")
    yield rest


def _walk(archive: ZipFile, name: str, handler: markup.Handler) -> None:
    with archive.open(name) as part:
        markup.walk(cast(BinaryIO, part), handler)


class _Quiet:
    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


class _Book(_Quiet):
    """``sheets``: name, relation, hidden."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.epoch_1904 = False

    def start(self, name: str, attributes: markup.Attributes) -> None:
        match markup.local(name):
            case "sheet":
                relation = next((value for key, value in attributes.items() if markup.local(key) == "id"), "")
                hidden = attributes.get("state", "visible") != "visible"
                self.sheets.append((attributes.get("name", ""), relation, hidden))
            case "workbookPr":
                self.epoch_1904 = attributes.get("date1904") in ("1", "true", "on")


class _Relations(_Quiet):
    """``targets``: relation → name of the part in the archive."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def start(self, _: str, attributes: markup.Attributes) -> None:
        if "Id" in attributes and "Target" in attributes:
            target = attributes["Target"]
            path = target.lstrip("/") if target.startswith("/") else normpath(f"xl/{target}")
            self.targets[attributes["Id"]] = path


class _Styles:
    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._styles: list[tuple[str, bool]] = []
        self._of_cells = False

    def start(self, name: str, attributes: markup.Attributes) -> None:
        match markup.local(name):
            case "numFmt":
                self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            case "cellXfs":
                self._of_cells = True
            case "xf" if self._of_cells:
                self._styles.append((attributes.get("numFmtId", "0"), attributes.get("quotePrefix") in ("1", "true")))

    def end(self, name: str) -> None:
        if markup.local(name) == "cellXfs":
            self._of_cells = False

    def text(self, data: str) -> None:
        pass

    def notes(self) -> dict[bytes, str]:
        """Index of the style, as cells write it → note; of styles that tell something."""
        found = {}
        for index, (format_id, quoted) in enumerate(self._styles):
            if note := style_note(format_id, self._codes.get(format_id, ""), quoted=quoted):
                found[b"%d" % index] = note
        return found
