"""The stand-in server: sessions, allow-list, virtual time, faults and the ledger of requests.

Under ``base_path`` (``/qlvb/``) it is the API; beside it ``/_standin/`` steers it from another process.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connector.clock import OFFICE_ZONE, FixedClock, SystemClock
from connector.errors import TimelineError
from connector.standin.answers import Answer, envelope, expired, good, refused_login, replacement, spoil
from connector.standin.checking import Json
from connector.standin.churn import ListHistory
from connector.standin.endpoints import Malformed, Refused, Request, Route
from connector.standin.endpoints_documents import ROUTES
from connector.standin.faults import Fault, Knobs
from connector.standin.ledger import Ledger, LedgerEntry, hidden
from connector.standin.loopback import HOST, LoopbackServer
from connector.standin.profile import Change
from connector.standin.records import change_records
from connector.standin.sessions import Session, Sessions
from connector.standin.timeline import Setup, Timeline, packaged
from connector.standin.welcome import LOGINS, welcome
from connector.standin.world import World

CONTROL = "/_standin/"


class StandIn:
    """VNPT-iOffice on loopback, showing ``timeline`` at ``now`` (aware; stands still until moved). With ``now`` None
    it follows the system clock, which may be faked. ``schedule``: knobs that change after so many requests.
    ``ledger_file``: see ``Ledger``. Start it with ``start`` or ``with``."""

    def __init__(
        self,
        timeline: Timeline,
        setup: Setup,
        *,
        now: datetime | None,
        knobs: Knobs | None = None,
        schedule: Sequence[Change] = (),
        ledger_file: Path | None = None,
        port: int = 0,
    ) -> None:
        self.setup = setup
        self.knobs = knobs if knobs is not None else Knobs()
        self.ledger = Ledger(file=ledger_file)
        self._schedule = sorted(schedule, key=lambda change: change.after_requests)
        self._requests = 0
        self.sessions = Sessions(setup)
        self._clock: SystemClock | FixedClock = SystemClock() if now is None else FixedClock(_aware(now))
        self._world = World(timeline, setup)
        self._events = timeline.events
        self._server = LoopbackServer(self._serve, port)
        self._passwords = tuple(account.password for account in setup.accounts)
        self._lock = threading.RLock()
        self._shown: tuple[int, date] = (-1, date.min)
        self._answers: dict[Any, Answer] = {}
        self._memo: dict[Any, list[Json]] = {}
        self._read: dict[str, set[str]] = {}

    @classmethod
    def packaged(
        cls,
        now: datetime | None,
        *,
        knobs: Knobs | None = None,
        schedule: Sequence[Change] = (),
        ledger_file: Path | None = None,
        port: int = 0,
    ) -> StandIn:
        """With the supplied month, February 2022."""
        timeline, setup = packaged()
        return cls(timeline, setup, now=now, knobs=knobs, schedule=schedule, ledger_file=ledger_file, port=port)

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

    def lists(self) -> list[ListHistory]:
        """What happened to each churning list that was asked for."""
        with self._lock:
            return [history for churn in self.knobs.churn for history in churn.histories()]

    def start(self) -> None:
        """Raises OSError if the port is taken."""
        self._server.start()

    def stop(self) -> None:
        self._server.stop()
        self.ledger.close()

    def __enter__(self) -> StandIn:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        path = target.partition("?")[0]
        if path.startswith(CONTROL):
            return self._control(method, path.removeprefix(CONTROL), body)
        if self._schedule:
            self._keep_schedule()
        now, token = self.now, headers.get("x-authentication-token", "")
        session = self.sessions.find(token, headers.get("cookie", ""), self.knobs, now)
        hit: list[Fault] = []
        if not path.startswith(self.setup.base_path):
            answer = _violation(method, path, "outside the base path")
        else:
            answer, hit = self._api(method, path.removeprefix(self.setup.base_path), body, session, now)
        told = body and answer.status != 404 and "/api/login" not in path
        said = hidden(body.decode(errors="replace"), token, self._passwords) if told else ""
        identity = session.identity if session is not None else ""
        effects = tuple(fault.effect for fault in hit) if hit else ()
        path = hidden(path, token, self._passwords)
        entry = LedgerEntry(now, method, path, identity, answer.status, said, effects)
        self.ledger.record(entry, answer.violation and hidden(answer.violation, token, self._passwords))
        return answer

    def _keep_schedule(self) -> None:
        with self._lock:
            while self._schedule and self._requests >= self._schedule[0].after_requests:
                self.knobs.change(self._schedule.pop(0).knobs)
            self._requests += 1

    def _api(
        self, method: str, path: str, body: bytes, session: Session | None, now: datetime
    ) -> tuple[Answer, list[Fault]]:
        """The answer, and the faults that hit it."""
        route, params = _route(method, path)
        if route is None and not _is_session_call(method, path):
            return _violation(method, path, "not on the allow-list"), []
        identity = session.identity if session is not None else ""
        hit: list[Fault] = []
        if self.knobs.faults:
            with self._lock:
                hit = [fault for fault in self.knobs.faults if fault.takes(path, identity)]
        answer = replacement(hit, now, body) if hit else None
        if answer is None:
            if path in LOGINS:
                answer = self._login(method, path, body, hit, now)
            elif session is None:
                answer = expired(self.knobs)
            elif route is None:
                answer = self._end_or_switch(path, session, hit, now)
            else:
                answer = self._read_data(method, path, route, params, body, identity, hit, now)
        return (spoil(answer, hit) if hit else answer), hit

    def _login(self, method: str, path: str, body: bytes, hit: Sequence[Fault], now: datetime) -> Answer:
        if LOGINS[path] not in self.knobs.logins:
            return Answer(404, envelope("1", "Không tìm thấy"))
        values = _object(body)
        names = ("username", "password", "tokenFireBase")
        if values is None or not all(isinstance(values.get(name), str) for name in names):
            return _malformed(method, path, "username, password and tokenFireBase must be strings")
        session = self.sessions.login(values["username"], values["password"], self.knobs, now)
        if session is None:
            return refused_login(self.knobs.refused_login)
        return self._welcome(session, session.account.identities[1:], hit)

    def _end_or_switch(self, path: str, session: Session, hit: Sequence[Fault], now: datetime) -> Answer:
        if path == "api/logout/":
            self.sessions.logout(session)
            return good(None, hit)
        switched = self.sessions.switch(session, path.split("/")[2], now)
        if switched is None:
            return Answer(200, envelope("1", "Không có quyền với tài khoản này"))
        return self._welcome(switched, (), hit)

    def _welcome(self, session: Session, others: Sequence[str], hit: Sequence[Fault]) -> Answer:
        cookie = f"JSESSIONID={session.cookie}; Path={self.setup.base_path.rstrip('/')}; HttpOnly"
        data = change_records(welcome(session, self.setup, others), hit, "")
        return good(data, hit, (("Set-Cookie", cookie),))

    def _read_data(
        self,
        method: str,
        path: str,
        route: Route,
        params: tuple[str, ...],
        body: bytes,
        identity: str,
        hit: list[Fault],
        now: datetime,
    ) -> Answer:
        knobs = self.knobs
        same = not hit and not (knobs.churn and any(churn.concerns(path, identity) for churn in knobs.churn))
        key = (identity, method, path, body, knobs.of_data)
        with self._lock:
            state = self._world.at(now)
            if self._shown != (shown := (state.version, now.date())):
                self._shown = shown
                self._answers.clear()
                self._memo.clear()
            if same and (known := self._answers.get(key)) is not None:
                return known
            values = _object(body) if method == "POST" else {}
            if values is None:
                return _malformed(method, path, "the body is no JSON object")
            read = self._read.setdefault(identity, set())
            request = Request(
                path, params, values, identity, state, self._events, self.setup, now.date(), knobs, hit, self._memo,
                read,
            )  # fmt: skip
            opened = len(read)
            try:
                answer = good(change_records(route.handler(request), hit, params[0] if params else ""), hit)
            except Malformed as error:
                return _malformed(method, path, str(error))
            except Refused as error:
                answer = Answer(200, envelope("1", str(error)))
            if len(read) != opened:
                self._answers.clear()
            if same:
                self._answers[key] = answer
            return answer

    def _control(self, method: str, what: str, body: bytes) -> Answer:
        """``POST clock {"now": ISO}`` · ``POST knobs {…}`` · ``POST expire`` · ``GET ledger`` · ``GET lists``."""
        try:
            match (method, what):
                case ("POST", "clock"):
                    self.move_to(datetime.fromisoformat((_object(body) or {})["now"]))
                    return _plain({"now": self.now.isoformat()})
                case ("POST", "knobs"):
                    self.knobs.change(_object(body) or {})
                    return _plain(self.knobs.to_json())
                case ("POST", "expire"):
                    self.sessions.expire()
                    return _plain({})
                case ("GET", "ledger"):
                    return _plain(self.ledger.to_json())
                case ("GET", "lists"):
                    return _plain([history.to_json() for history in self.lists()])
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


def _violation(method: str, path: str, why: str) -> Answer:
    return Answer(404, envelope("1", "Không tìm thấy"), violation=f"{method} {path}: {why}")


def _malformed(method: str, path: str, why: str) -> Answer:
    return Answer(200, envelope("1", f"Tham số không hợp lệ ({why})"), violation=f"{method} {path}: {why}")


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
