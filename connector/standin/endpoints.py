"""The read endpoints of the allow-list for tasks, reports and notices: request → ``data`` of the envelope.

The table of all endpoints is ``endpoints_documents.ROUTES``; asking for anything else is a violation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connector.standin import wire
from connector.standin.checking import Json
from connector.standin.faults import MISSING, Fault, Knobs
from connector.standin.notices import notices
from connector.standin.records import change_list, page_of
from connector.standin.timeline import AnyEvent, Setup
from connector.standin.world import State, TaskState


class Refused(Exception):
    """Answered with HTTP 200 and code "1"."""


class Malformed(Refused):
    """A request the app would never send: refused, and a violation."""


@dataclass
class Request:
    """``path`` is relative to the base; ``params`` are its variable parts. ``events``: the whole timeline. ``today`` is
    the local day. ``memo`` keeps rows made for this state. ``read``: documents this identity has opened."""

    path: str
    params: tuple[str, ...]
    body: Json
    identity: str
    state: State
    events: Sequence[AnyEvent]
    setup: Setup
    today: date
    knobs: Knobs
    faults: Sequence[Fault] = ()
    memo: dict[Any, list[Json]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    def made(self, key: Any, make: Callable[[], list[Json]]) -> list[Json]:
        """Rows made once per state and identity."""
        key = (self.identity, key)
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    def rows(self, key: Any, make: Callable[[], list[Json]]) -> Sequence[Json]:
        """The same as this request sees them: churning, and with its faults."""
        rows: Sequence[Json] = self.made(key, make)
        for churn in self.knobs.churn:
            if churn.concerns(self.path, self.identity):
                asked = {name: value for name, value in self.body.items() if not name.startswith("page")}
                rows = churn.ask(self.identity, self.path, json.dumps(asked, ensure_ascii=False, sort_keys=True), rows)
        return change_list(rows, self.faults)


Handler = Callable[[Request], Any]


def whole(body: Json, name: str) -> int:
    """A number in the body, as ``job/`` wants it."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Malformed(f"{name} must be a number from 1, not {value!r}")
    return value


def numeral(body: Json, name: str) -> int:
    """A number written as a string, as ``document/`` and ``notifycation/`` want it."""
    value = body.get(name)
    try:
        if isinstance(value, str):
            return int(value)
    except ValueError:
        pass
    raise Malformed(f"{name} must be a number in a string, not {value!r}")


def _task_list(which: str) -> Handler:
    def handler(request: Request) -> Any:
        number, size = whole(request.body, "pageNo"), whole(request.body, "pageRec")
        if ("coquan" in request.body) != (which == "duocgiao"):
            raise Malformed("coquan belongs to getlistjobduocgiao and only there")
        name, status = str(request.body.get("name", "")), str(request.body.get("status", ""))
        own = any(fault.effect == "line_status" for fault in request.faults)

        def make() -> list[Json]:
            return [
                row
                for row in all_tasks(request, which, own)
                if name.casefold() in row["name"].casefold() and status in ("", _status_value(request.setup, row))
            ]

        return page_of(request.rows((which, own, name, status), make), number, size, request.faults)

    return handler


def all_tasks(request: Request, which: str, line_status: bool = False) -> list[Json]:
    """The rows of a task list, whatever the request's faults."""
    return request.made(
        (which, line_status), lambda: wire.task_rows(request.state, request.identity, which, line_status)
    )


def _status_value(setup: Setup, row: Json) -> str:
    labels = list(setup.labels)
    return str(labels.index(row["status"])) if row["status"] in labels else "?"


def _vocabulary(request: Request) -> list[Json]:
    names: Sequence[str]
    match request.params[0]:
        case "TRANGTHAITIMKIEM":
            return [{"name": "Tất cả", "value": -1}, *_numbered(list(request.setup.labels))]
        case "TINHTRANGCONGVIEC":
            names = list(request.setup.labels)
        case "MUCDOCONGVIEC":
            names = wire.PRIORITIES
        case "DANHGIACONGVIEC":
            names = wire.EVALUATIONS
        case _:
            raise Refused("Không có danh mục này")
    return _numbered(names)


def _numbered(names: Sequence[str]) -> list[Json]:
    return [{"name": name, "value": value} for value, name in enumerate(names)]


def _task(request: Request, which: str = "", line: str | None = None) -> TaskState:
    """A visible task this identity may see (in list ``which``, on ``line``)."""
    task = request.state.task(request.params[0])
    if task is not None and task.visible:
        for view in task.created.views:
            if view.identity == request.identity and which in ("", view.list) and (not line or line in view.lines):
                return task
    raise Refused("Không tìm thấy công việc")


def _received_detail(request: Request) -> Any:
    return wire.task_detail(_task(request, "duocgiao", request.params[1]))


def _given_detail(request: Request) -> Any:
    return wire.task_detail(_task(request, "dagiao"))


def _flow(request: Request) -> list[Json]:
    return wire.flow_rows(_task(request), request.knobs.flow_follows_task)


def _children(request: Request) -> list[Json]:
    return wire.child_rows(request.state, _task(request).created.ref)


def _units(request: Request) -> list[Json]:
    """Every unit met so far under the name it was met with first."""
    names: dict[str, str] = {}
    for task in request.state.tasks.values():
        names.setdefault(task.created.lead, task.created.lead_name)
    for document in request.state.documents.values():
        for code, name in document.units.items():
            names.setdefault(code, name)
    return [{"id": f"{2000 + number}", "name": names[code]} for number, code in enumerate(sorted(names))]


def _unit_tree(request: Request) -> list[Json]:
    root = {"id": "U1000", "name": request.setup.issuer, "parentId": "0", "level": 1, "empId": "", "unitId": "1000"}
    return [root] + [
        {"id": f"U{unit['id']}", "name": unit["name"], "parentId": "U1000", "level": 2, "empId": ""}
        | {"unitId": unit["id"]}
        for unit in _units(request)
    ]


def _persons(request: Request) -> list[Json]:
    unit = request.params[0]
    person = {"id": f"P{unit}", "name": "Cán bộ Mẫu", "parentId": f"U{unit}", "level": 3, "empId": f"9{unit}"}
    return [person | {"unitId": unit}]


def _bosses(request: Request) -> list[Json]:
    names = sorted({task.created.assigner for task in request.state.tasks.values()})
    return [{"name": name, "userId": f"{8801 + number}"} for number, name in enumerate(names)]


def _job_report(request: Request) -> Any:
    month = request.params[0]
    if not month.isdigit() or not 1 <= int(month) <= 12:
        raise Refused("Tháng không hợp lệ")
    report = wire.job_report(request.state, request.identity, int(month), request.today)
    return {name: figure + request.knobs.jobreport.get(name, 0) for name, figure in report.items()}


def _notices(request: Request) -> Any:
    number, size = numeral(request.body, "pageNo"), numeral(request.body, "pageRec")
    silent = request.knobs.silent_events
    rows = request.rows(
        ("notices", silent),
        lambda: notices(request.events[: request.state.version], request.state, request.identity, silent),
    )
    page = page_of(rows, max(number, 1), max(size, 1), request.faults)
    return {"count": str(len(rows))} | ({} if page is MISSING else {"notifys": page})


def plain_list(make: Callable[[Request], list[Json]]) -> Handler:
    """A list that has no pages."""
    return lambda request: change_list(make(request), request.faults)


def _nothing(_request: Request) -> list[Json]:
    """Steering messages: this office has none."""
    return []


@dataclass(frozen=True)
class Route:
    handler: Handler
    params: int = 0


TASK_ROUTES = {
    "POST api/job/getlistjobduocgiao/": Route(_task_list("duocgiao")),
    "POST api/job/getlistjobdagiao/": Route(_task_list("dagiao")),
    "GET api/job/getliststatus/": Route(plain_list(_vocabulary), 1),
    "GET api/job/getdetailjobduocgiao/": Route(_received_detail, 2),
    "GET api/job/getdetailjobdagiao/": Route(_given_detail, 1),
    "GET api/job/getlistjobflow/": Route(plain_list(_flow), 1),
    "GET api/job/getlistchildjob/": Route(plain_list(_children), 1),
    "GET api/job/getlistprocesser/": Route(plain_list(lambda request: wire.processors(_task(request))), 1),
    "GET api/job/getlistfile/": Route(plain_list(lambda request: wire.file_names(_task(request))), 1),
    "GET api/job/getlistboss/": Route(plain_list(_bosses)),
    "GET api/job/getlistunit/": Route(plain_list(_unit_tree)),
    "GET api/job/getlistperson/": Route(plain_list(_persons), 1),
    "GET api/document/getlistunit/": Route(plain_list(_units)),
    "GET api/document/getlistunitpublish/": Route(plain_list(_units)),
    "GET api/report/jobreport/": Route(_job_report, 1),
    "POST api/notifycation/getlistnotify/v2/": Route(_notices),
    "POST api/information/getlistreceive/": Route(_nothing),
    "POST api/information/getlistsend/": Route(_nothing),
    "GET api/information/getflow/": Route(_nothing, 1),
    "GET api/information/getfiles/": Route(_nothing, 1),
}
