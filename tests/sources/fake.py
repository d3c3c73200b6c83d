"""A scripted server for what goes wrong on the wire: real HTTP on loopback, answers queued by the test."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]
EXPIRED = "error_authentication_required"


def envelope(data: Any = None, code: Any = "0", message: str = "Thành công") -> bytes:
    return json.dumps({"status": {"code": code, "message": message}, "data": data}, ensure_ascii=False).encode()


@dataclass
class Reply:
    """``manner``: plain, cut (half the body), drop (no answer), trickle (the body byte by byte), slow_head (the header
    byte by byte). ``pause`` in seconds: between two bytes, or before a plain answer."""

    body: bytes = field(default_factory=envelope)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    manner: str = "plain"
    pause: float = 0.0


def zipped(body: bytes) -> Reply:
    return Reply(gzip.compress(body), headers={"Content-Encoding": "gzip"})


def expired(code: str = EXPIRED, status: int = 401) -> Reply:
    return Reply(envelope(None, code, "Phiên làm việc đã hết hạn"), status)


@dataclass
class Seen:
    """A request as it arrived. Times are seconds of ``time.monotonic``."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    started: float
    ended: float = 0.0

    @property
    def token(self) -> str:
        return self.headers.get("x-authentication-token", "")


@dataclass
class FakeOffice:
    """Knows logins, tokens, two task lists and their parts; ``plan`` puts answers before its own. ``lists``: path
    part → rows. ``token_calls``: a token ends after so many calls. ``single_session``: a login ends all others."""

    lists: dict[str, list[Any]] = field(default_factory=dict)
    identities: tuple[str, ...] = ()
    token_calls: int = 0
    single_session: bool = False
    refuse_login: Reply | None = None
    pause: float = 0.0
    answer: Callable[[Seen, str], Any] | None = None

    def __post_init__(self) -> None:
        self.seen: list[Seen] = []
        self.most_at_once = 0
        self.tokens: dict[str, tuple[str, int]] = {}  # token → identity, calls
        self._plans: dict[str, deque[Reply]] = defaultdict(deque)
        self._under_way = 0
        self._count = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()

    # -- what a test says and asks ---------------------------------------------------------------------------------

    def plan(self, path_part: str, *replies: Reply) -> None:
        """The next answers to requests whose path contains ``path_part``."""
        self._plans[path_part].extend(replies)

    def count(self, path_part: str) -> int:
        return len(self.asked(path_part))

    def asked(self, path_part: str) -> list[Seen]:
        return [one for one in self.seen if path_part in one.path]

    def expire(self) -> None:
        with self._lock:
            self.tokens.clear()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/qlvb/"

    def __enter__(self) -> Self:
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                office._handle(self)

            do_POST = do_PUT = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that hangs up is what many tests are about

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # -- answering -------------------------------------------------------------------------------------------------

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        seen = Seen(handler.command, handler.path, headers, json.loads(raw) if raw else None, time.monotonic())
        with self._lock:
            self.seen.append(seen)
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if self.pause:
                self._closing.wait(self.pause)
            reply = self._planned(seen) or self._own(seen)
        finally:
            with self._lock:
                self._under_way -= 1
        seen.ended = time.monotonic()
        with contextlib.suppress(OSError):
            self._send(handler, reply)

    def _planned(self, seen: Seen) -> Reply | None:
        with self._lock:
            for part, replies in self._plans.items():
                if part in seen.path and replies:
                    return replies.popleft()
        return None

    def _own(self, seen: Seen) -> Reply:
        path = seen.path.removeprefix("/qlvb/")
        if path.startswith("api/login/"):
            return self.refuse_login or self._welcome("1001")
        with self._lock:
            identity, calls = self.tokens.get(seen.token, ("", 0))
            if not identity or (self.token_calls and calls >= self.token_calls):
                self.tokens.pop(seen.token, None)
                return expired()
            self.tokens[seen.token] = (identity, calls + 1)
        if path.startswith("api/switch/"):
            del self.tokens[seen.token]
            return self._welcome(path.split("/")[2], switched=True)
        if path == "api/logout/":
            del self.tokens[seen.token]
            return Reply()
        data = self.answer(seen, identity) if self.answer else None
        if isinstance(data, Reply):
            return data
        if data is None:
            data = self._page(path, seen.body)
        return Reply(envelope(data))

    def _page(self, path: str, body: Any) -> Any:
        for part, rows in self.lists.items():
            if part in path or part == (body or {}).get("kho"):
                size, number = int(body["pageRec"]), int(body["pageNo"])
                return rows[(number - 1) * size : number * size]
        return []

    def _welcome(self, identity: str, switched: bool = False) -> Reply:
        with self._lock:
            self._count += 1
            token = f"tok-SECRET-{self._count}"
            if self.single_session and not switched:
                self.tokens.clear()
            self.tokens[token] = (identity, 0)
        data: Json = {"token": token, "unitId": identity, "password": "Mat-khau-tra-lai"}
        if not switched:
            data["switchUser"] = [{"userid": one, "name": "Kiêm nhiệm"} for one in self.identities]
            data["menu"] = [{"name": "Văn bản đi", "child": [{"name": "Đã phát hành", "param": "DI_DA_PHAT_HANH"}]}]
        return Reply(envelope(data), headers={"Set-Cookie": f"JSESSIONID=COOKIE-{self._count}; Path=/; HttpOnly"})

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.manner == "drop":
            handler.close_connection = True
            return
        if reply.manner == "plain" and reply.pause:
            self._closing.wait(reply.pause)
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        if reply.manner == "slow_head":
            for letter in "X-Long: " + "a" * 1000:
                handler.wfile.write(b"".join(handler._headers_buffer))  # type: ignore[attr-defined]
                handler._headers_buffer = [letter.encode()]  # type: ignore[attr-defined]
                handler.wfile.flush()
                if self._closing.wait(reply.pause):
                    return
        handler.end_headers()
        if reply.manner == "cut":
            handler.wfile.write(reply.body[: len(reply.body) // 2])
            handler.close_connection = True
        elif reply.manner == "trickle":
            for position in range(len(reply.body)):
                handler.wfile.write(reply.body[position : position + 1])
                handler.wfile.flush()
                if self._closing.wait(reply.pause):
                    return
        else:
            handler.wfile.write(reply.body)
