"""HTTP/1.1 answers, cut out of a stream of bytes. Pure: the bytes come from a callable.

What counts as an answer is what h11 takes, the parser below httpx; a property test holds the two together. Ours are the
limits: on the length and number of header lines, on interim answers, on the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

MAX_HEAD = 64 * 1024
"""Bytes of a status line with its headers, or of a chunked body's trailers; no line of chunk size is longer either."""
MAX_FIELDS = 100
_MAX_INTERIM = 20

_SECTION_END = re.compile(rb"(?:\A|\n)\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/([0-9]\.[0-9]) ([1-9][0-9]{2})(?: [^\x00\r\f\v]*)?")
_FIELD = re.compile(rb"([-!#$%&'*+.^_`|~0-9A-Za-z]+):[ \t]*([^\x00\r\f\v]*)")
_LENGTH = re.compile(rb"[0-9]{1,20}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,20})(?:;.*)?[ \t]*")

Field = tuple[bytes, bytes]


class BrokenAnswer(Exception):
    """The server sent something that is no HTTP answer, or less than a whole one."""


class AnswerTooLarge(Exception):
    """The body is larger than allowed."""


class Received(NamedTuple):
    """``body`` as sent, still packed. ``keep``: the connection may carry another request."""

    status: int
    fields: list[Field]
    body: bytes
    keep: bool


class _Framing(NamedTuple):
    fields: list[Field]
    length: int | None
    chunked: bool
    close: bool


class Reader:
    """Reads one answer. ``receive``: the next bytes, b"" once the server has ended the stream. ``limit``: bytes of the
    body."""

    def __init__(self, receive: Callable[[], bytes], limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._buffer = bytearray()

    def answer(self) -> Received:
        """Raises BrokenAnswer, AnswerTooLarge, and what ``receive`` raises."""
        for _ in range(_MAX_INTERIM):
            version, status, framing = self._head()
            if status >= 200:
                break
        else:
            raise BrokenAnswer("one interim answer after another")
        close = framing.close or version < b"1.1"
        if status in (204, 304):
            body = b""
        elif framing.chunked:
            body = self._chunked()
        elif framing.length is not None:
            self._require_allowed(framing.length)
            body = self._take(framing.length)
        else:
            body, close = self._rest(), True
        return Received(status, framing.fields, body, keep=not close and not self._buffer)

    def _head(self) -> tuple[bytes, int, _Framing]:
        if not self._buffer:
            self._fill()
        if not self._buffer.startswith(b"HTTP/"[: len(self._buffer)]):
            raise BrokenAnswer("no HTTP answer")  # said at once: other protocols may never send a blank line
        first, *rest = self._section() or [b""]
        match = _STATUS_LINE.fullmatch(first)
        if match is None or match[2] == b"101":  # we never ask to switch protocols
            raise BrokenAnswer("no status line")
        return match[1], int(match[2]), _framing(_fields(rest))

    def _section(self) -> list[bytes]:
        """The lines up to a blank one, without it."""
        buffer, searched = self._buffer, 0
        while (end := _SECTION_END.search(buffer, searched)) is None:
            searched = max(0, len(buffer) - 2)
            self._require_short(len(buffer))
            self._fill()
        self._require_short(end.end())
        lines = self._take(end.end()).split(b"\n")[:-2]
        return [line.removesuffix(b"\r") for line in lines]

    def _chunked(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while length := self._chunk_length():
            size += length
            self._require_allowed(size)
            parts.append(self._take(length))
            if self._take(2) != b"\r\n":
                raise BrokenAnswer("a chunk does not end where it should")
        _framing(_fields(self._section()))  # trailers must be well-formed; nothing in them is wanted
        return b"".join(parts)

    def _chunk_length(self) -> int:
        buffer, searched = self._buffer, 0
        while (end := buffer.find(b"\r\n", searched)) < 0:
            searched = max(0, len(buffer) - 1)
            self._require_short(len(buffer))
            self._fill()
        match = _CHUNK.fullmatch(self._take(end + 2), 0, end)
        if match is None:
            raise BrokenAnswer("no chunk size")
        return int(match[1], 16)

    def _rest(self) -> bytes:
        self._require_allowed(len(self._buffer))
        while data := self._receive():
            self._buffer += data
            self._require_allowed(len(self._buffer))
        return self._take(len(self._buffer))

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._fill()
        with memoryview(self._buffer) as whole, whole[:count] as part:
            taken = bytes(part)
        del self._buffer[:count]
        return taken

    def _fill(self) -> None:
        data = self._receive()
        if not data:
            raise BrokenAnswer("the connection ended before the answer did")
        self._buffer += data

    def _require_allowed(self, size: int) -> None:
        if size > self._limit:
            raise AnswerTooLarge

    @staticmethod
    def _require_short(size: int) -> None:
        if size > MAX_HEAD:
            raise BrokenAnswer("headers without end")


def _fields(lines: Sequence[bytes]) -> list[Field]:
    """Names and values; a line that begins with a blank goes on with the value before it."""
    unfolded: list[bytes] = []
    for line in lines:
        if not line.startswith((b" ", b"\t")):
            unfolded.append(line)
        elif unfolded:
            unfolded[-1] += b" " + line.lstrip(b" \t")
        else:
            raise BrokenAnswer("a continued header without a beginning")
    if len(unfolded) > MAX_FIELDS:
        raise BrokenAnswer("too many headers")
    fields: list[Field] = []
    for line in unfolded:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise BrokenAnswer("no header")
        fields.append((match[1], match[2].rstrip(b" \t")))
    return fields


def _framing(fields: Sequence[Field]) -> _Framing:
    """What the headers say about the body. Lengths that differ, or another coding than chunked, are how one answer is
    smuggled into the next: refused. A length said twice is kept once."""
    kept: list[Field] = []
    lengths: set[bytes] = set()
    chunked = close = False
    for name, value in fields:
        kind = name.lower()
        if kind == b"content-length":
            known = bool(lengths)
            lengths.update(one.strip() for one in value.split(b","))
            value = next(iter(lengths))
            if len(lengths) > 1 or not _LENGTH.fullmatch(value):
                raise BrokenAnswer("unclear Content-Length")
            if known:
                continue
        elif kind == b"transfer-encoding":
            value = value.lower()
            if chunked or value != b"chunked":
                raise BrokenAnswer("unknown Transfer-Encoding")
            chunked = True
        elif kind == b"connection":
            close = close or b"close" in [one.strip() for one in value.lower().split(b",")]
        kept.append((name, value))
    return _Framing(kept, int(lengths.pop()) if lengths else None, chunked, close)
