"""XML read as a stream by expat: no tree, no network, and no DTD at all, so entities have nothing to expand.

Names are "namespace local", as expat joins them; attributes without a namespace are their local name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Protocol
from xml.parsers import expat

from connector.errors import FileRefused

Attributes = dict[str, str]
_CHUNK = 1 << 16
_PROLOG = 1 << 20  # bytes in which the first element must begin


class Handler(Protocol):
    def start(self, name: str, attributes: Attributes) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class _RootFound(Exception):
    pass


def walk(file: IO[bytes], handler: Handler, encoding: str | None = None) -> None:
    """Tell the handler everything in the file. ``encoding`` overrides what the document says of itself.
    Raises FileRefused: doctype, broken (with its line), and what the handler raises."""
    parser = _parser(encoding)
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    _feed(parser, lambda: file.read(_CHUNK))


def root(file: IO[bytes], encoding: str | None = None) -> str:
    """The name of the first element; nothing behind it is looked at. Raises FileRefused as ``walk`` does."""
    found: list[str] = []

    def first(name: str, _: Attributes) -> None:
        found.append(name)
        raise _RootFound

    parser = _parser(encoding)
    parser.StartElementHandler = first
    left = _PROLOG

    def read() -> bytes:
        nonlocal left
        left -= _CHUNK
        return file.read(_CHUNK) if left >= 0 else b""

    try:
        _feed(parser, read)
    except _RootFound:
        return found[0]
    raise FileRefused("broken", "no element in the XML")


def local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition(" ")[2]


def _parser(encoding: str | None) -> expat.XMLParserType:
    parser = expat.ParserCreate(encoding, namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise FileRefused("doctype")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _feed(parser: expat.XMLParserType, read: Callable[[], bytes]) -> None:
    try:
        while chunk := read():
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
            raise MemoryError from error
        raise FileRefused("broken", f"XML: {expat.ErrorString(error.code)}", line=error.lineno) from error
    except LookupError as error:
        raise FileRefused("broken", f"XML: {error}") from error
