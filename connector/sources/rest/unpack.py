"""What an answer is wrapped in: gzip around its body, cookies in its headers. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from connector.errors import SourceGarbled

_MB = 1_000_000


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its gzip; no more than ``limit`` bytes are ever unpacked."""
    encoding = encoding.strip().casefold()
    if encoding in ("identity", ""):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise SourceGarbled("unknown Content-Encoding", final=True)
    unpack = zlib.decompressobj(wbits=31)
    try:
        whole = unpack.decompress(body, limit + 1)
    except zlib.error as error:
        raise SourceGarbled("the gzip body is broken") from error
    if len(whole) > limit:
        raise too_large(limit)
    if body and not unpack.eof:
        raise SourceGarbled("the gzip body is cut")
    return whole


def too_large(limit: int, source: str = "") -> SourceGarbled:
    return SourceGarbled(f"the answer is larger than {limit / _MB:g} MB", final=True, source=source)


def cookies(headers: Iterable[str]) -> dict[str, str]:
    """name → value of Set-Cookie headers; attributes are ignored, as the app does, except for an end in the past."""
    found: dict[str, str] = {}
    for header in headers:
        pair, _, attributes = header.partition(";")
        name, equals, value = pair.partition("=")
        ended = "max-age=0" in attributes.casefold().replace(" ", "").split(";")
        if equals and name.strip():
            found[name.strip()] = "" if ended else value.strip()
    return found
