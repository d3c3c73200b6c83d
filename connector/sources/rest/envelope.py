"""What an answer says: the envelope of the API, read tolerantly. Pure; no text of an answer gets into an error except
``status.message``, which is written for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.errors import SourceGarbled, SourceRefused, SourceUnavailable
from connector.redaction import clean

_EXPIRED = "error_authentication_required"
_LONGEST_MESSAGE = 300
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_BUSY = frozenset({400, 408, 425, 429})  # 400 is how this API says "busy, try again"


class TokenExpired(Exception):
    """The token is not (or no longer) accepted; for the session to mend, never for a caller outside."""


@dataclass(frozen=True, slots=True)
class Envelope:
    code: str
    message: str
    data: Any


def decode(status: int, body: bytes, retry_after: float | None) -> Any:
    """``data`` of a successful answer.

    Raises TokenExpired (401 with the code for it or with no readable envelope, or that code in any other answer),
    SourceUnavailable (busy, 5xx), SourceRefused (another code or status), SourceGarbled (not an envelope, redirect).
    """
    if status in _BUSY or status >= 500:
        raise SourceUnavailable(f"HTTP {status}", retry_after)
    if 300 <= status < 400:
        raise SourceGarbled(f"HTTP {status}: redirects are not followed", final=True)
    envelope = _envelope(body)
    if envelope is not None and envelope.code.casefold() == _EXPIRED:
        raise TokenExpired
    if status == 200 and envelope is not None:
        if envelope.code == "0":
            return envelope.data
        raise SourceRefused(f"code {envelope.code}: {envelope.message}", code=envelope.code, message=envelope.message)
    if status == 401 and envelope is None:
        raise TokenExpired
    if status == 200:
        raise SourceGarbled(f"HTTP 200 with {_kind(body)} instead of the envelope ({len(body)} bytes)")
    message = envelope.message if envelope is not None else _kind(body)
    raise SourceRefused(f"HTTP {status}: {message}", code=f"HTTP {status}", message=message, status=status)


def _envelope(body: bytes) -> Envelope | None:
    try:
        value = json.loads(body.decode("utf-8-sig").strip())
        if _HALF.search(body):
            value = _whole(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("status"), Mapping):
        return None
    status = value["status"]
    code = status.get("code")
    if isinstance(code, bool) or not isinstance(code, str | int):
        return None
    message = status.get("message")
    text = clean(" ".join(message.split())[:_LONGEST_MESSAGE]) if isinstance(message, str) else ""
    return Envelope(str(code).strip(), text, value.get("data"))


def _whole(value: Any) -> Any:
    """Text cut in the middle of a character (Java counts halves) is taken by no database: the half becomes "�"."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(one) for name, one in value.items()}
    return value


def _kind(body: bytes) -> str:
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not start:
        return "an empty body"
    return "an HTML page" if start == b"<" else "cut or broken JSON" if start in b"{[" else "something that is no JSON"
