"""What can be made to go wrong. A ``Fault`` names its effect, the requests it hits and how often; ``Knobs`` holds the
faults and the few switches that belong to no single request.

To add an effect: one entry in ``EFFECTS`` and one branch (or table entry) in the function of its stage.
"""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from http import HTTPStatus
from typing import Any, Literal

from connector.errors import TimelineError

Json = dict[str, Any]

EFFECTS = {
    # stage "answer": the request is not served at all
    "busy": "answer",  # HTTP 400, as when the server is busy
    "throttle": "answer",  # HTTP 429; value: the Retry-After header, seconds or an HTTP date
    "error": "answer",  # value: the HTTP status, 500 by default; an HTML body from 502 on
    "html": "answer",  # an HTML page with status 200
    "refuse": "answer",  # HTTP 200 with code "1"; value: the message
    "unauthorised": "answer",  # HTTP 401; value: the code in the envelope, "html" for a page
    # stage "body": a good answer, spoilt on its way
    "cut": "body",  # the connection ends in the middle of the body
    "drop": "body",  # the connection ends before the answer
    "slow": "body",  # value: seconds before the answer
    "trickle": "body",  # value: seconds between two bytes, 0.05 by default
    "bom": "body",
    "gzip": "body",
    "nfd": "body",  # every text decomposed
    # stage "rows": a list has other rows
    "empty": "rows",
    "shrink": "rows",  # value: the share that stays, 0.5 by default
    "numeric_ids": "rows",
    "unknown_status": "rows",  # on ``ids``; value: the label, "Đang theo dõi" by default
    "broken_row": "rows",  # on ``ids``; value: "no_id" (default), "bad_date", "no_object"
    "line_status": "rows",  # co-operating lines show their own status (made where the rows are made)
    # stage "page": another page than the one asked for
    "cap": "page",  # value: the largest page given
    "repeat_last": "page",  # pages after the last show the last again
    "shift": "page",  # value: rows that came in between two pages; negative: rows that went away
    "null_when_empty": "page",  # null instead of an empty list
}


@dataclass
class Fault:
    """``path``: part of the path it hits ("" all); ``identity``: whose requests ("" all); ``times``: how many (None
    all), after letting ``skip`` pass; ``ids``: records it hits, where the effect is about records."""

    effect: str
    path: str = ""
    times: int | None = None
    skip: int = 0
    identity: str = ""
    ids: tuple[str, ...] = ()
    value: str = ""
    seen: int = 0

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise TimelineError(f"unknown fault effect {self.effect!r}; known: {', '.join(EFFECTS)}")
        self.ids = tuple(self.ids)

    @property
    def stage(self) -> str:
        return EFFECTS[self.effect]

    def takes(self, path: str, identity: str) -> bool:
        """Whether this request is hit; counts it if it matches."""
        if self.path not in path or (self.identity and self.identity != identity):
            return False
        self.seen += 1
        return self.seen > self.skip and (self.times is None or self.seen <= self.skip + self.times)

    def number(self, default: float) -> float:
        try:
            return float(self.value) if self.value else default
        except ValueError as error:
            raise TimelineError(f"fault {self.effect}: {self.value!r} is no number") from error


@dataclass
class Knobs:
    """Switches of the whole server; change them at any time.

    ``refused_login``: how a refused login looks, HTTP 200 with code "1" or HTTP 401. ``token_calls``: a token dies
    after that many calls (0: never). ``single_session``: a login ends the account's earlier sessions.
    ``cookie_required``: the token counts only together with its cookie. ``detail_marks_read``: opening a document
    marks it read. ``counters_off``: added to every figure of the menu counters. ``flow_follows_task``: progress rows
    show the task's present label and due date. ``secrecy_ignored``: the search does not filter by secrecy."""

    refused_login: Literal["envelope", "401"] = "envelope"
    token_calls: int = 0
    single_session: bool = False
    cookie_required: bool = False
    detail_marks_read: bool = True
    counters_off: int = 0
    flow_follows_task: bool = False
    secrecy_ignored: bool = False
    faults: list[Fault] = field(default_factory=list)

    def change(self, values: Json) -> None:
        """Set knobs from JSON; ``faults`` replaces all faults. Raises TimelineError for a name or fault not known."""
        names = {one.name for one in fields(self)}
        fault_names = {one.name for one in fields(Fault)}
        if unknown := set(values) - names:
            raise TimelineError(f"unknown knob {', '.join(sorted(unknown))}; known: {', '.join(sorted(names))}")
        for row in values.get("faults", []) or []:
            if not isinstance(row, dict) or "effect" not in row or (set(row) - fault_names):
                raise TimelineError(f"a fault has effect and may have {', '.join(sorted(fault_names))}; got {row!r}")
        for name, value in values.items():
            if type(value) is not type(getattr(self, name)):
                raise TimelineError(f"knob {name}: {value!r} is no {type(getattr(self, name)).__name__}")
        for name, value in values.items():
            setattr(self, name, [Fault(**row) for row in value] if name == "faults" else value)


@dataclass(frozen=True)
class Answer:
    """What goes over the wire. ``manner``: "", "cut", "drop", "slow" or "trickle" with its ``pause`` in seconds."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    manner: str = ""
    pause: float = 0


def replacement(fault: Fault, envelope: Callable[[str, str], bytes]) -> Answer:
    """The answer of stage "answer". ``envelope(code, message)`` gives an error body."""
    page = b"<!DOCTYPE html><html><body><h1>iOffice</h1></body></html>"
    as_page = (("Content-Type", "text/html;charset=UTF-8"),)
    match fault.effect:
        case "busy":
            return Answer(400, envelope("busy", "Hệ thống đang bận, vui lòng thử lại"))
        case "throttle":
            retry = (("Retry-After", fault.value),) if fault.value else ()
            return Answer(429, envelope("1", "Quá nhiều yêu cầu"), retry)
        case "error":
            status = HTTPStatus(int(fault.number(500)))
            return Answer(status, page, as_page) if status > 501 else Answer(status, envelope("1", "Lỗi hệ thống"))
        case "html":
            return Answer(200, page, as_page)
        case "refuse":
            return Answer(200, envelope("1", fault.value or "Không thực hiện được yêu cầu"))
        case _:
            if fault.value == "html":
                return Answer(401, page, as_page)
            return Answer(401, envelope(fault.value or "error_authentication_required", "Phiên làm việc đã hết hạn"))


def spoil(answer: Answer, faults: Iterable[Fault]) -> Answer:
    """Stage "body"."""
    body, headers, manner, pause = answer.body, answer.headers, answer.manner, answer.pause
    for fault in faults:
        match fault.effect:
            case "bom":
                body = b"\xef\xbb\xbf" + body
            case "nfd":
                body = unicodedata.normalize("NFD", body.decode()).encode()
            case "gzip":
                body, headers = gzip.compress(body, mtime=0), (*headers, ("Content-Encoding", "gzip"))
            case "cut" | "drop":
                manner = fault.effect
            case "slow":
                manner, pause = "slow", fault.number(1)
            case "trickle":
                manner, pause = "trickle", fault.number(0.05)
    return Answer(answer.status, body, headers, manner, pause)


def change_rows(rows: Sequence[Json], faults: Iterable[Fault]) -> list[Any]:
    """Stage "rows"; the given rows stay as they are."""
    changed: list[Any] = list(rows)
    for fault in faults:
        match fault.effect:
            case "empty":
                changed = []
            case "shrink":
                changed = changed[: round(len(changed) * fault.number(0.5))]
            case "numeric_ids":
                changed = [_numeric(row) for row in changed]
            case "unknown_status":
                label = fault.value or "Đang theo dõi"
                changed = [row | {"status": label} if _is_hit(row, fault) else row for row in changed]
            case "broken_row":
                changed = [_broken(row, fault.value) if _is_hit(row, fault) else row for row in changed]
    return changed


def _is_hit(row: Any, fault: Fault) -> bool:
    return isinstance(row, dict) and str(row.get("id")) in fault.ids


def _numeric(row: Json) -> Json:
    return {name: int(value) if name in ("id", "nxlId") and value else value for name, value in row.items()}


def _broken(row: Json, how: str) -> Any:
    if how == "bad_date":
        dated = [name for name in ("startDate", "endDate", "ngayVanBan") if name in row]
        return row | dict.fromkeys(dated, "32/13/2022")
    if how == "no_object":
        return "bản ghi lỗi"
    return {name: value for name, value in row.items() if name != "id"}


def page_of(rows: Sequence[Any], number: int, size: int, faults: Iterable[Fault]) -> list[Any] | None:
    """Stage "page": page ``number`` (from 1) of ``size`` rows."""
    step, repeat, null = size, False, False
    for fault in faults:
        match fault.effect:
            case "cap":
                size = max(1, min(size, int(fault.number(10))))
                step = size
            case "shift":
                step = max(1, size - int(fault.number(1)))
            case "repeat_last":
                repeat = True
            case "null_when_empty":
                null = True
    start = (number - 1) * step
    if repeat and rows:
        start = min(start, (len(rows) - 1) // step * step)
    return list(rows[start : start + size]) or (None if null else [])
