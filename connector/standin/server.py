"""The stand-in server: sessions, allow-list, virtual time, faults and the ledger of requests.

Under ``base_path`` (``/qlvb/``) it is the API; beside it ``/_standin/`` steers it from another process.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from connector.clock import OFFICE_ZONE, FixedClock, SystemClock
from connector.errors import TimelineError
from connector.standin.endpoints import Malformed, Refused, Request, Route
from connector.standin.endpoints_documents import ROUTES
from connector.standin.faults import Answer, Fault, Json, Knobs, replacement, spoil
from connector.standin.ledger import Ledger, LedgerEntry
from connector.standin.loopback import HOST, LoopbackServer
from connector.standin.sessions import Session, Sessions
from connector.standin.timeline import Setup, Timeline, packaged
from connector.standin.world import World

LOGINS = ("api/login/", "api/login/v2/", "api/login/v3/")
CONTROL = "/_standin/"
EXPIRED = ("error_authentication_required", "Phiên làm việc đã hết hạn")


def envelope(code: str, message: str, data: Any = None) -> bytes:
    whole = {"status": {"code": code, "message": message}, "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


class StandIn:
    """VNPT-iOffice on loopback, showing ``timeline`` at ``now`` (aware; stands still until moved). With ``now`` None
    it follows the system clock, which may be faked. Start it with ``start`` or ``with``."""

    def __init__(
        self,
        timeline: Timeline,
        setup: Setup,
        *,
        now: datetime | None,
        knobs: Knobs | None = None,
        port: int = 0,
    ) -> None:
        self.setup = setup
        self.knobs = knobs if knobs is not None else Knobs()
        self.ledger = Ledger()
        self.sessions = Sessions(setup)
        self._clock: SystemClock | FixedClock = SystemClock() if now is None else FixedClock(_aware(now))
        self._world = World(timeline, setup)
        self._server = LoopbackServer(self._serve, port)
        self._lock = threading.RLock()
        self._shown: tuple[int, date] = (-1, date.min)
        self._answers: dict[Any, Answer] = {}
        self._memo: dict[Any, list[Json]] = {}
        self._read: dict[str, set[str]] = {}

    @classmethod
    def packaged(cls, now: datetime | None, *, knobs: Knobs | None = None, port: int = 0) -> StandIn:
        """With the supplied month, February 2022."""
        timeline, setup = packaged()
        return cls(timeline, setup, now=now, knobs=knobs, port=port)

    @property
    def now(self) -> datetime:
        """The virtual instant, in local time."""
        return self._clock.now().astimezone(OFFICE_ZONE)

    @now.setter
    def now(self, moment: datetime) -> None:
        with self._lock:
            self._clock = FixedClock(_aware(moment))

    def move_to(self, moment: datetime) -> None:
        """Show the state at ``moment`` (aware) from the next request on; backwards is allowed."""
        self.now = moment

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def url(self) -> str:
        """The base of the API, e.g. ``http://127.0.0.1:40123/qlvb/``."""
        return f"http://{HOST}:{self.port}{self.setup.base_path}"

    def start(self) -> None:
        """Raises OSError if the port is taken."""
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> StandIn:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        path = target.partition("?")[0]
        if path.startswith(CONTROL):
            return self._control(method, path.removeprefix(CONTROL), body)
        session = self.sessions.find(headers.get("x-authentication-token", ""), headers.get("cookie", ""), self.knobs)
        identity = session.identity if session is not None else ""
        if not path.startswith(self.setup.base_path):
            answer = self._violation(method, path, "outside the base path")
        else:
            answer = self._api(method, path.removeprefix(self.setup.base_path), body, session)
        self.ledger.entries.append(LedgerEntry(self.now, method, path, identity, answer.status))
        return answer

    def _api(self, method: str, path: str, body: bytes, session: Session | None) -> Answer:
        route, params = _route(method, path)
        if route is None and not _is_session_call(method, path):
            return self._violation(method, path, "not on the allow-list")
        identity = session.identity if session is not None else ""
        hit: list[Fault] = []
        if self.knobs.faults:
            with self._lock:
                hit = [fault for fault in self.knobs.faults if fault.takes(path, identity)]
        for fault in hit:
            if fault.stage == "answer":
                return replacement(fault, envelope)
        if path in LOGINS:
            answer = self._login(method, path, body)
        elif session is None:
            answer = Answer(401, envelope(*EXPIRED))
        elif route is None:
            answer = self._end_or_switch(path, session)
        else:
            answer = self._read_data(method, path, route, params, body, identity, hit)
        return spoil(answer, hit) if hit else answer

    def _login(self, method: str, path: str, body: bytes) -> Answer:
        values = _object(body)
        names = ("username", "password", "tokenFireBase")
        if values is None or not all(isinstance(values.get(name), str) for name in names):
            return self._malformed(method, path, "username, password and tokenFireBase must be strings")
        session = self.sessions.login(values["username"], values["password"], self.knobs)
        if session is None:
            status = 401 if self.knobs.refused_login == "401" else 200
            return Answer(status, envelope("1", "Tên đăng nhập hoặc mật khẩu không đúng"))
        return self._welcome(session, list(session.account.identities[1:]))

    def _end_or_switch(self, path: str, session: Session) -> Answer:
        if path == "api/logout/":
            self.sessions.logout(session)
            return Answer(200, envelope("0", "Thành công"))
        switched = self.sessions.switch(session, path.split("/")[2])
        if switched is None:
            return Answer(200, envelope("1", "Không có quyền với tài khoản này"))
        return self._welcome(switched, [])

    def _welcome(self, session: Session, others: list[str]) -> Answer:
        name, setup = self.setup.identities.get(session.identity, session.identity), self.setup
        stores = (*setup.incoming_documents_kho, setup.issued_documents_kho)
        data = {
            "username": session.account.username,
            "fullName": "Tài khoản kết nối mẫu",
            "avatar": "",
            "unitId": session.identity,
            "unitName": name,
            "agent": "mau",
            "agentInfo": "",
            "token": session.token,
            "kho": list(stores),
            "multilPrimary": "false",
            "switchUser": [{"userid": one, "name": setup.identities.get(one, one)} for one in others],
            "commentFinish": False,
            "briefDisplay": True,
            "menu": [
                {"name": "Văn bản đến", "child": [_menu(kho) for kho in setup.incoming_documents_kho]},
                {"name": "Văn bản đi", "child": [_menu(setup.issued_documents_kho)]},
            ],
            "roles": ["CHUYENVIEN"],
            "configs": {"LICH_TUAN_MOBILE_DISPLAY": "1"},
            "calendarDisplay": "true",
        }
        cookie = f"JSESSIONID={session.cookie}; Path={setup.base_path.rstrip('/')}; HttpOnly"
        return Answer(200, envelope("0", "Thành công", data), (("Set-Cookie", cookie),))

    def _read_data(
        self,
        method: str,
        path: str,
        route: Route,
        params: tuple[str, ...],
        body: bytes,
        identity: str,
        hit: list[Fault],
    ) -> Answer:
        knobs = self.knobs
        key = (identity, method, path, body, knobs.counters_off, knobs.flow_follows_task, knobs.secrecy_ignored)
        with self._lock:
            now = self.now
            state = self._world.at(now)
            if self._shown != (shown := (state.version, now.date())):
                self._shown = shown
                self._answers.clear()
                self._memo.clear()
            if not hit and (known := self._answers.get(key)) is not None:
                return known
            values = _object(body) if method == "POST" else {}
            if values is None:
                return self._malformed(method, path, "the body is no JSON object")
            read = self._read.setdefault(identity, set())
            request = Request(
                path, params, values, identity, state, self.setup, now.date(), knobs, hit, self._memo, read
            )  # fmt: skip
            opened = len(read)
            try:
                answer = Answer(200, envelope("0", "Thành công", route.handler(request)))
            except Malformed as error:
                return self._malformed(method, path, str(error))
            except Refused as error:
                answer = Answer(200, envelope("1", str(error)))
            if len(read) != opened:
                self._answers.clear()
            if not hit:
                self._answers[key] = answer
            return answer

    def _violation(self, method: str, path: str, why: str) -> Answer:
        self.ledger.violations.append(f"{method} {path}: {why}")
        return Answer(404, envelope("1", "Không tìm thấy"))

    def _malformed(self, method: str, path: str, why: str) -> Answer:
        self.ledger.violations.append(f"{method} {path}: {why}")
        return Answer(200, envelope("1", f"Tham số không hợp lệ ({why})"))

    def _control(self, method: str, what: str, body: bytes) -> Answer:
        """``POST clock {"now": ISO}`` · ``POST knobs {…}`` · ``POST expire`` · ``GET ledger``."""
        try:
            match (method, what):
                case ("POST", "clock"):
                    self.move_to(datetime.fromisoformat((_object(body) or {})["now"]))
                    return _plain({"now": self.now.isoformat()})
                case ("POST", "knobs"):
                    self.knobs.change(_object(body) or {})
                    return _plain(asdict(self.knobs))
                case ("POST", "expire"):
                    self.sessions.expire()
                    return _plain({})
                case ("GET", "ledger"):
                    return _plain(self.ledger.to_json())
        except (KeyError, TypeError, ValueError, TimelineError) as error:
            return _plain({"error": str(error)}, 400)
        return _plain({"error": "unknown"}, 404)


def _route(method: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
    """The route of a path and its variable parts."""
    parts = path.split("/")
    if parts[-1] != "":
        return None, ()
    for params in range(min(3, len(parts) - 1)):
        prefix = "/".join(parts[: len(parts) - 1 - params]) + "/"
        route = ROUTES.get(f"{method} {prefix}")
        if route is not None and route.params == params:
            return route, tuple(parts[len(parts) - 1 - params : -1])
    return None, ()


def _is_session_call(method: str, path: str) -> bool:
    parts = path.split("/")
    switch = len(parts) == 4 and parts[:2] == ["api", "switch"] and parts[2] != "" and parts[3] == ""
    return (method == "POST" and path in LOGINS) or (method == "GET" and (path == "api/logout/" or switch))


def _menu(kho: str) -> Json:
    names = {"CHO_XU_LY": "Chờ xử lý", "DA_XU_LY": "Đã xử lý", "DA_PHAT_HANH": "Đã phát hành"}
    return {"name": next((name for end, name in names.items() if kho.endswith(end)), kho), "param": kho}


def _object(body: bytes) -> Json | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _plain(data: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(data, ensure_ascii=False).encode())


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise TimelineError(f"{moment.isoformat()} has no time zone")
    return moment
