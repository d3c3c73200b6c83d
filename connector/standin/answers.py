"""Answers as bytes: envelopes, error forms, and what spoils an answer on its way. Pure; ``loopback`` sends them."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal

from connector.standin.checking import Json
from connector.standin.faults import MISSING, Fault, Knobs

Headers = tuple[tuple[str, str], ...]
PAGE = b"<!DOCTYPE html><html><body><h1>iOffice</h1></body></html>"
AS_PAGE: Headers = (("Content-Type", "text/html;charset=UTF-8"),)
EXPIRED = ("error_authentication_required", "Phiên làm việc đã hết hạn")
_MB = 1_000_000
_BLOCK = 65_536


@dataclass(frozen=True)
class Tail:
    """What follows the body, made while it is sent. ``length`` in bytes, None if unknown."""

    pieces: Callable[[], Iterator[bytes]]
    length: int | None


@dataclass(frozen=True)
class Answer:
    """What goes over the wire. ``pause``: seconds before it; ``manner``: "cut" or "drop" end the connection, "trickle"
    sends byte by byte with ``gap`` seconds between. ``violation``: why it should never have been asked."""

    status: int
    body: bytes
    headers: Headers = ()
    tail: Tail | None = None
    framing: Literal["length", "chunked", "close"] = "length"
    pause: float = 0
    manner: Literal["", "cut", "drop", "trickle"] = ""
    gap: float = 0
    violation: str = ""


def envelope(code: str | int, message: str, data: Any = None) -> bytes:
    whole: Json = {"status": {"code": code, "message": message}}
    if data is not MISSING:
        whole["data"] = data
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def good(data: Any, faults: Iterable[Fault] = (), headers: Headers = ()) -> Answer:
    """Success, with the faults of stage "envelope"."""
    code: str | int = "0"
    for fault in faults:
        match fault.effect:
            case "no_data":
                data = MISSING if fault.setting == "missing" else None
            case "number_code":
                code = 0
    return Answer(200, envelope(code, "Thành công", data), headers)


def refused_login(form: str) -> Answer:
    """``form`` as the knob of this name."""
    wrong = envelope("1", "Tên đăng nhập hoặc mật khẩu không đúng")
    match form:
        case "401" | "403":
            return Answer(int(form), wrong)
        case "401_code":
            return Answer(401, envelope(EXPIRED[0], "Tên đăng nhập hoặc mật khẩu không đúng"))
        case "401_html":
            return Answer(401, PAGE, AS_PAGE)
        case "html":
            return Answer(200, PAGE, AS_PAGE)
        case "302":
            return Answer(302, b"", (("Location", "/sso/login"), *AS_PAGE))
        case _:
            return Answer(200, wrong)


def expired(knobs: Knobs) -> Answer:
    """To a request without a living token."""
    code, message = EXPIRED
    match knobs.expired_form:
        case "upper":
            return Answer(401, envelope(code.upper(), message))
        case "other":
            return Answer(401, envelope("token_invalid", message))
        case "html":
            return Answer(401, PAGE, AS_PAGE)
        case "200":
            return Answer(200, envelope(code, message))
        case _:
            return Answer(401, envelope(code, message))


def replacement(faults: Iterable[Fault], now: datetime, body: bytes) -> Answer | None:
    """The answer of the first fault of stage "answer" that has one. ``body``: the request's."""
    answers = (_replacement(fault, now, body) for fault in faults if fault.stage == "answer")
    return next((answer for answer in answers if answer is not None), None)


def _replacement(fault: Fault, now: datetime, body: bytes) -> Answer | None:
    match fault.effect:
        case "busy":
            return Answer(400, envelope("busy", "Hệ thống đang bận, vui lòng thử lại"))
        case "throttle":
            return Answer(429, envelope("1", "Quá nhiều yêu cầu"), _retry_after(fault.value, now))
        case "error":
            status = int(fault.number)
            return Answer(status, PAGE, AS_PAGE) if status > 501 else Answer(status, envelope("1", "Lỗi hệ thống"))
        case "html":
            return Answer(200, PAGE, AS_PAGE)
        case "refuse":
            return Answer(200, envelope("1", fault.setting))
        case "unauthorised" if fault.value == "html":
            return Answer(401, PAGE, AS_PAGE)
        case "unauthorised":
            return Answer(401, envelope(fault.setting, EXPIRED[1]))
        case "unauthorised_200":
            return Answer(200, envelope(fault.setting, EXPIRED[1]))
        case "page_refused" if _page_size(body) > fault.number:
            return Answer(200, envelope("1", "Số bản ghi mỗi trang vượt quá giới hạn"))
        case "page_error" if _page_size(body) > fault.number:
            return Answer(500, envelope("1", "Lỗi hệ thống"))
    return None


def _retry_after(value: str, now: datetime) -> Headers:
    if value.startswith("+") and value[1:].isdigit():
        value = format_datetime((now + timedelta(seconds=int(value))).astimezone(UTC), usegmt=True)
    return (("Retry-After", value),) if value else ()


def _page_size(body: bytes) -> int:
    found = re.search(rb'"pageRec"\s*:\s*"?(\d+)', body)
    return int(found[1]) if found else 0


def spoil(answer: Answer, faults: Iterable[Fault]) -> Answer:
    """Stages "body" (in the order of ``EFFECTS``) and "wire"."""
    by_effect = {fault.effect: fault for fault in faults}
    body, tail, headers = answer.body, answer.tail, answer.headers
    if "nfd" in by_effect:
        body = unicodedata.normalize("NFD", body.decode()).encode()
    if "old_tones" in by_effect:
        body = _OLD.sub(lambda found: _OLD_TONES[found[0]], body.decode()).encode()
    if "spaces" in by_effect:
        body = b"\r\n \t" + body + b"\r\n\r\n"
    if "bom" in by_effect:
        body = b"\xef\xbb\xbf" + body
    if "huge" in by_effect:
        body, tail = _padded(body, int(by_effect["huge"].number * _MB))
    if "gzip" in by_effect:
        headers = (*headers, ("Content-Encoding", "gzip"))
        body, tail = (b"", _zipped(body, tail)) if tail else (gzip.compress(body, mtime=0), None)
    answer = replace(answer, body=body, tail=tail, headers=headers)
    if "chunked" in by_effect or (tail is not None and tail.length is None):
        answer = replace(answer, framing="chunked")
    if "no_length" in by_effect:
        answer = replace(answer, framing="close")
    if "slow" in by_effect:
        answer = replace(answer, pause=by_effect["slow"].number)
    if "trickle" in by_effect:
        answer = replace(answer, manner="trickle", gap=by_effect["trickle"].number)
    if "cut" in by_effect:
        answer = replace(answer, manner="cut")
    return replace(answer, manner="drop") if "drop" in by_effect else answer


def _padded(body: bytes, size: int) -> tuple[bytes, Tail]:
    """An object gets one more field of ``size`` bytes, anything else as many blanks at its end."""
    is_object = body.endswith(b"}")
    filler, end = (b"x", b'"}') if is_object else (b" ", b"")

    def pieces() -> Iterator[bytes]:
        block = filler * _BLOCK
        for _ in range(size // _BLOCK):
            yield block
        yield filler * (size % _BLOCK) + end

    return body[:-1] + b',"filler":"' if is_object else body, Tail(pieces, size + len(end))


def _zipped(body: bytes, tail: Tail) -> Tail:
    def pieces() -> Iterator[bytes]:
        packer = zlib.compressobj(wbits=31)
        yield packer.compress(body)
        for piece in tail.pieces():
            if packed := packer.compress(piece):
                yield packed
        yield packer.flush()

    return Tail(pieces, None)


def _old_tones() -> dict[str, str]:
    """ "òa" → "oà" and its like, for every tone and case; they only ever end a syllable."""
    marks = "\u0300\u0301\u0309\u0303\u0323"
    pairs = {}
    for first, second in ("oa", "oe", "uy"):
        for mark in marks:
            new, old = first + mark + second, first + second + mark
            for form in (str.lower, str.upper, str.capitalize):
                pairs[unicodedata.normalize("NFC", form(new))] = unicodedata.normalize("NFC", form(old))
    return pairs


_OLD_TONES = _old_tones()
_OLD = re.compile("|".join(_OLD_TONES))
