"""What can be made to go wrong. A ``Fault`` names its effect, the requests it hits and how often; ``Knobs`` holds the
faults, the churning lists and the switches that belong to no single request.

To add an effect: one line in ``EFFECTS``, and one branch (or table entry) in the module of its stage. A test fails for
an effect or a knob without a proof.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import ConfigDict, TypeAdapter

from connector.errors import TimelineError
from connector.standin.checking import Json, Located, Number, Switch, Whole, hint, read
from connector.standin.churn import Churn, Step

MISSING: Any = object()
"""A ``data`` that is not in the envelope at all."""


class Effect(NamedTuple):
    """``stage``: where it works. ``takes``: what ``Fault.value`` may be, "" nothing, "number", "text" or one of the
    words; an empty value means ``default``."""

    stage: str
    takes: str | tuple[str, ...] = ""
    default: str = ""


EFFECTS: dict[str, Effect] = {
    # -- the request is not served (``answers.replacement``)
    "busy": Effect("answer"),  # HTTP 400, as when the server is busy
    "throttle": Effect("answer", "text"),  # HTTP 429; value: Retry-After as is; "+3": HTTP date 3 s from now; "" none
    "error": Effect("answer", "number", "500"),  # value: the HTTP status; an HTML body from 502 on
    "html": Effect("answer"),  # an HTML page with status 200
    "refuse": Effect("answer", "text", "Không thực hiện được yêu cầu"),  # HTTP 200 with code "1"; value: the message
    "unauthorised": Effect("answer", "text", "error_authentication_required"),  # HTTP 401; value: code, "html" a page
    "unauthorised_200": Effect("answer", "text", "error_authentication_required"),  # the same with HTTP 200
    "page_refused": Effect("answer", "number", "15"),  # code "1" to a pageRec larger than value
    "page_error": Effect("answer", "number", "15"),  # HTTP 500 to a pageRec larger than value
    # -- a list has other rows, before it is paged (``records.change_list``)
    "empty": Effect("list"),
    "shrink": Effect("list", "number", "0.5"),  # value: the share that stays
    "line_status": Effect("list"),  # co-operating lines show their own status (made where the rows are made)
    # -- another page than the one asked for (``records.page_of``)
    "cap": Effect("page", "number", "10"),  # value: the largest page given, whatever is asked
    "repeat_last": Effect("page"),  # pages after the last show the last again
    "shift": Effect("page", "number", "1"),  # value: rows that came in between two pages; negative: that went away
    "full_pages": Effect("page"),  # the list ends with a full page
    "null_when_empty": Effect("page"),  # null instead of an empty page
    "missing_when_empty": Effect("page"),  # no "data" at all instead of an empty page
    # -- records in other words (``records.change_records``): list rows, details, flow, files, logs, login, figures
    "numeric_ids": Effect("record", ("int", "float", "text"), "int"),  # id and nxlId as 123, 123.0 or "123.0"
    "no_line": Effect("record", ("missing", "null", "empty"), "missing"),  # nxlId
    "due_form": Effect("record", ("null", "empty", "day", "minute", "second"), "day"),  # no due date, or its time
    "unknown_status": Effect("record", "text", "Đang theo dõi"),  # value: the label
    "unknown_role": Effect("record", "text", "Theo dõi"),  # value: the label
    "broken_row": Effect("record", ("no_id", "bad_date", "no_object"), "no_id"),
    "null_words": Effect("record", ("null", "none"), "null"),  # the word where a text is null or empty
    "entities": Effect("record"),  # names and texts with HTML entities
    "invisible": Effect("record"),  # names and labels with no-break and zero-width spaces
    "add_field": Effect("record", "text"),  # ``name``; value: JSON, or else a text
    "drop_field": Effect("record"),  # ``name``
    "retype_field": Effect("record", ("number", "text", "object", "list", "bool", "null"), "number"),  # ``name``
    "rename_field": Effect("record", "text"),  # ``name``; value: the new name
    # -- the envelope around good data (``answers.good``)
    "no_data": Effect("envelope", ("missing", "null"), "missing"),
    "number_code": Effect("envelope"),  # code 0 instead of "0"
    # -- a body spoilt on its way, in this order (``answers.spoil``)
    "nfd": Effect("body"),  # every text decomposed
    "old_tones": Effect("body"),  # "hoà" for "hòa"
    "spaces": Effect("body"),  # white space around the JSON
    "bom": Effect("body"),
    "huge": Effect("body", "number", "200"),  # value: MB of filler at its end, never held in memory
    "gzip": Effect("body"),  # with ``huge``: a small body that unpacks to a large one
    # -- how the bytes travel (``answers.spoil``)
    "chunked": Effect("wire"),  # Transfer-Encoding: chunked
    "no_length": Effect("wire"),  # neither length nor chunks: the body ends with the connection
    "slow": Effect("wire", "number", "1"),  # value: seconds before the answer
    "trickle": Effect("wire", "number", "0.05"),  # byte by byte; value: seconds between two
    "cut": Effect("wire"),  # the connection ends in the middle of the body
    "drop": Effect("wire"),  # the connection ends before the answer
}
_SHAPES = {"add_field", "drop_field", "retype_field", "rename_field"}


@dataclass
class Fault:
    """``path``: part of the path it hits ("" all); ``identity``: whose requests ("" all); ``times``: how many (None
    all), after letting ``skip`` pass; ``ids``: records it hits, by their id or by the id in the path (none: all);
    ``name``: the field, where the effect is about one ("parameter.action": of the rows below ``parameter``).
    ``seen``: requests met so far. Raises TimelineError for what makes no sense."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    effect: str
    path: str = ""
    times: Whole | None = None
    skip: Whole = 0
    identity: str = ""
    ids: tuple[str, ...] = ()
    value: str = ""
    name: str = ""
    seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.ids = tuple(self.ids)
        if problem := self._problem():
            raise TimelineError(problem)

    def _problem(self) -> str:
        """What is wrong, in Vietnamese; "" if nothing."""
        effect = EFFECTS.get(self.effect)
        if effect is None:
            return f"effect — không có hiệu ứng {self.effect!r}{hint(self.effect, EFFECTS)}"
        if self.skip < 0 or (self.times or 0) < 0:
            return "times và skip — phải từ 0"
        if (self.effect in _SHAPES) != bool(self.name):
            return f"name — hiệu ứng {self.effect} {'cần' if self.effect in _SHAPES else 'không dùng'} tên trường"
        if self.effect == "rename_field" and not self.value:
            return "value — hiệu ứng rename_field cần tên mới"
        if not self.value or effect.takes == "text":
            return ""
        if not effect.takes:
            return f"value — hiệu ứng {self.effect} không dùng giá trị"
        if effect.takes == "number":
            return "" if _is_number(self.value) else f"value — {self.value!r} không phải là số"
        return "" if self.value in effect.takes else f"value — không có {self.value!r}{hint(self.value, effect.takes)}"

    @property
    def stage(self) -> str:
        return EFFECTS[self.effect].stage

    @property
    def setting(self) -> str:
        """The value, or the effect's default."""
        return self.value or EFFECTS[self.effect].default

    @property
    def number(self) -> float:
        return float(self.setting)

    def takes(self, path: str, identity: str) -> bool:
        """Whether this request is hit; counts it if it matches."""
        if self.path not in path or (self.identity and self.identity != identity):
            return False
        self.seen += 1
        return self.seen > self.skip and (self.times is None or self.seen <= self.skip + self.times)


@dataclass
class Knobs:
    """Change them at any time, in Python or with ``change``."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    # The login generations there are; the paths of the others answer 404.
    logins: tuple[Literal["v1", "v2", "v3"], ...] = ("v1", "v2", "v3")
    # How a refused login looks: code "1", HTTP 401 (code "1", the code of an expiry, or a page), 403, page, redirect.
    refused_login: Literal["envelope", "401", "401_code", "401_html", "403", "html", "302"] = "envelope"
    # User names that are refused whatever the password.
    locked: tuple[str, ...] = ()
    # A token dies after so many calls; 0: never.
    token_calls: Whole = 0
    # A token dies so many seconds after its login, on the stand-in's clock (it stands still unless moved); 0: never.
    token_seconds: Number = 0
    # How a request without a living token is answered: the code in lower or upper case, another, a page, or HTTP 200.
    expired_form: Literal["lower", "upper", "other", "html", "200"] = "lower"
    # A login ends the account's earlier sessions.
    single_session: Switch = False
    # The token counts only together with its cookie.
    cookie_required: Switch = False
    # Opening a document marks it read.
    detail_marks_read: Switch = True
    # Added to figures of the menu counters, by name, e.g. {"CONGVIEC_DAGIAO": 2}.
    counters: dict[str, Whole] = field(default_factory=dict)
    # What the menu counters count: all rows of their list, or only unfinished tasks and unread documents.
    counters_mean: Literal["all", "open"] = "all"
    # Added to figures of the job report, by name, e.g. {"total": -1}.
    jobreport: dict[str, Whole] = field(default_factory=dict)
    # Progress rows show the task's present label and due date.
    flow_follows_task: Switch = False
    # The search does not filter by secrecy.
    secrecy_ignored: Switch = False
    # Kinds of events nobody is notified of.
    silent_events: tuple[str, ...] = ("hidden", "shown", "deleted")
    # Lists that change while they are read.
    churn: list[Annotated[Churn, Located]] = field(default_factory=list)
    # What goes wrong.
    faults: list[Annotated[Fault, Located]] = field(default_factory=list)

    def change(self, values: Json) -> None:
        """Set knobs from JSON; lists replace the old ones. Raises TimelineError that names every mistake; then
        nothing has changed."""
        made, problems = read_knobs(values)
        if made is None:
            raise TimelineError("; ".join(problems))
        for name in values:
            setattr(self, name, getattr(made, name))

    @property
    def of_data(self) -> Any:
        """Equal for knobs under which the same question has the same answer, faults and churn aside."""
        figures = repr((self.counters, self.jobreport)) if self.counters or self.jobreport else ""
        return figures, self.counters_mean, self.flow_follows_task, self.secrecy_ignored, self.silent_events

    def to_json(self) -> Json:
        values = {one.name: getattr(self, one.name) for one in fields(Knobs)}
        churn = [{"steps": [vars(step) for step in one.steps], "path": one.path, "identity": one.identity}
                 for one in self.churn]  # fmt: skip
        return {**values, "churn": churn, "faults": [vars(fault) for fault in self.faults]}


_KNOBS = TypeAdapter(Knobs)
OWNERS = {"": Knobs, "faults": Fault, "churn": Churn, "steps": Step}


def read_knobs(values: Any) -> tuple[Knobs | None, list[str]]:
    """Knobs from JSON, or None and every problem with its place, in Vietnamese."""
    return read(_KNOBS, values, OWNERS)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
