"""The benchmark's server: one process, one thread, raw sockets, so that it is never what limits a contestant.

It answers below ``/qlvb/`` and writes down what it was asked. ``/warm/`` is another, tiny office without latency, for
the run that pays for a contestant's imports; ``/control/`` is for the benchmark itself. It ends with its parent: when
standard input closes.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.client import HTTPConnection
from typing import Any

from tests.benchmarks import office as wire
from tests.benchmarks.office import Office

HOST = "127.0.0.1"
_READ = 65_536


@dataclass
class _Connection:
    socket: socket.socket
    inbox: bytes = b""
    outbox: bytes = b""

    def requests(self) -> Iterator[tuple[list[bytes], bytes]]:
        """The complete requests received so far: the path's parts (["", office, …]) and the body."""
        while (end := self.inbox.find(b"\r\n\r\n")) >= 0:
            end += 4
            method, path, _ = self.inbox.split(b" ", 2)
            length = _content_length(self.inbox[:end]) if method == b"POST" else 0
            if len(self.inbox) < end + length:
                return
            body, self.inbox = self.inbox[end : end + length], self.inbox[end + length :]
            yield path.split(b"/"), body


def _content_length(head: bytes) -> int:
    _, found, after = head.lower().partition(b"content-length:")
    return int(after.split(b"\r\n", 1)[0]) if found else 0


class Server:
    """``latency`` in seconds, from the request's arrival to its answer, whatever else is under way."""

    def __init__(self, office: Office, latency: float) -> None:
        self._offices = {b"qlvb": office, b"warm": Office(1)}
        self._latency = latency
        self._waiting: deque[tuple[float, _Connection, bytes]] = deque()
        self._asked: list[tuple[float, str]] = []
        self._pages: list[tuple[str, int, int]] = []
        self._cpu = 0.0
        self._poll = select.epoll()
        self._connections: dict[int, _Connection] = {}
        self._listener = socket.create_server((HOST, 0), backlog=256)
        self._listener.setblocking(False)
        self._poll.register(self._listener, select.EPOLLIN)
        self._stamp = (0.0, b"")
        fixed = {
            "v2": wire.envelope(wire.WELCOME), "logout": wire.envelope(None), "getliststatus": wire.STATUSES,
            "getlistunit": wire.UNITS, "getlistnotify": wire.envelope({"count": "0", "notifys": []}),
            "countmenu": wire.envelope([{"name": "CONGVIEC_DAGIAO", "number": office.tasks},
                                        {"name": "CONGVIEC_DUOCGIAO", "number": 0}]),
            "documentreport": wire.envelope({}),
            "jobreport": wire.envelope({"total": office.tasks, "daThucHien": office.tasks}),
        }  # fmt: skip
        self._fixed = {name.encode(): body for name, body in fixed.items()}
        self._nothing, self._no_pages = wire.envelope([]), wire.envelope({"pageNo": 0, "pageRec": 0})

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def serve(self) -> None:
        """Until standard input closes."""
        parent = sys.stdin.fileno()
        self._poll.register(parent, select.EPOLLIN | select.EPOLLHUP)
        while True:
            for number, event in self._poll.poll(self._until_due()):
                if number == parent:
                    return
                if number == self._listener.fileno():
                    self._accept()
                elif event & select.EPOLLOUT:
                    self._send(self._connections[number], b"")
                else:
                    self._receive(self._connections[number])
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, connection, answer = self._waiting.popleft()
                self._send(connection, answer)

    def _until_due(self) -> float | None:
        """How long to sleep. epoll rounds up to milliseconds, so the last one is spent awake."""
        return max(0.0, self._waiting[0][0] - time.monotonic() - 0.001) if self._waiting else None

    # -- sockets ---------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        connected, _ = self._listener.accept()
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[connected.fileno()] = _Connection(connected)
        self._poll.register(connected, select.EPOLLIN)

    def _close(self, connection: _Connection) -> None:
        number = connection.socket.fileno()
        if self._connections.pop(number, None) is not None:
            self._poll.unregister(number)
            connection.socket.close()

    def _receive(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(connection)
            return
        connection.inbox += data
        for parts, body in connection.requests():
            answer = self._answer(parts, body)
            if self._latency and parts[1] == b"qlvb":
                self._waiting.append((time.monotonic() + self._latency, connection, answer))
            else:
                self._send(connection, answer)

    def _send(self, connection: _Connection, data: bytes) -> None:
        waited = bool(connection.outbox)
        connection.outbox += data
        try:
            sent = connection.socket.send(connection.outbox)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(connection)
            return
        connection.outbox = connection.outbox[sent:]
        if bool(connection.outbox) != waited:
            more = select.EPOLLOUT if connection.outbox else 0
            self._poll.modify(connection.socket, select.EPOLLIN | more)

    # -- answers ---------------------------------------------------------------------------------------------------

    def _answer(self, parts: list[bytes], body: bytes) -> bytes:
        if parts[1] == b"control":
            return self._framed(json.dumps(self._control(parts[2].decode(), json.loads(body or b"{}"))).encode())
        office, name = self._offices[parts[1]], parts[4] or parts[3]
        if parts[1] == b"qlvb":
            self._asked.append((time.monotonic(), name.decode()))
        match name:
            case b"getlistjobflow":
                answer = office.flow(int(parts[5]) - wire.FIRST_ID)
            case b"getlistjobdagiao" | b"getlistjobduocgiao":
                wanted = json.loads(body)
                number, size = int(wanted["pageNo"]), int(wanted["pageRec"])
                if parts[1] == b"qlvb":
                    self._pages.append((name.decode(), number, size))
                answer = office.page(number, size) if name == b"getlistjobdagiao" else self._nothing
            case b"getlistprocesser":
                answer = office.processors(int(parts[5]) - wire.FIRST_ID)
            case b"getdetailjobdagiao":
                answer = office.detail(int(parts[5]) - wire.FIRST_ID)
            case _:
                answer = self._fixed.get(name, self._no_pages if b"paging" in name else self._nothing)
        return self._framed(answer)

    def _framed(self, body: bytes) -> bytes:
        now = time.monotonic()
        if now - self._stamp[0] >= 1:
            head = f"HTTP/1.1 200 OK\r\nDate: {formatdate(usegmt=True)}\r\nContent-Type: application/json\r\n"
            self._stamp = now, head.encode() + b"Content-Length: %d\r\n\r\n"
        return self._stamp[1] % len(body) + body

    def _control(self, verb: str, wanted: Mapping[str, Any]) -> Any:
        if verb == "change":
            return self._offices[b"qlvb"].change(int(wanted["count"]))
        spent = time.process_time() - self._cpu
        asked, pages = self._asked, self._pages
        self._asked, self._pages, self._cpu = [], [], time.process_time()
        return {"asked": asked, "pages": pages, "cpu": spent}


# -- seen from the benchmark -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ledger:
    """What was asked since the ledger was last taken: (moment of arrival, kind) each, in order; the task pages as
    (list, number, size); ``cpu``: seconds of processor time the server spent."""

    asked: list[tuple[float, str]] = field(repr=False)
    pages: list[tuple[str, int, int]] = field(repr=False)
    cpu: float

    @property
    def counts(self) -> Counter[str]:
        return Counter(kind for _, kind in self.asked)

    def rate(self, chosen: Callable[[str], bool], latency: float) -> float:
        """Requests a second from the first request of the chosen kinds to the answer to the last, whatever else was
        asked meanwhile."""
        moments = [moment for moment, kind in self.asked if chosen(kind)]
        first, last = moments[0], moments[-1]
        return sum(first <= moment <= last for moment, _ in self.asked) / (last - first + latency)


@dataclass
class Control:
    port: int

    def url(self, office: str = "qlvb") -> str:
        return f"http://{HOST}:{self.port}/{office}/"

    def change(self, count: int) -> int:
        """Let ``count`` tasks change; how many did."""
        return int(self._ask("change", {"count": count}))

    def take_ledger(self) -> Ledger:
        found = self._ask("ledger", {})
        asked = [(moment, kind) for moment, kind in found["asked"]]
        return Ledger(asked, [(name, number, size) for name, number, size in found["pages"]], found["cpu"])

    def _ask(self, verb: str, wanted: Mapping[str, Any]) -> Any:
        connection = HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request("POST", f"/control/{verb}/", json.dumps(wanted))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def running(tasks: int, *, latency: float = 0.0, finished: bool = True, cap: int = 1000) -> Iterator[Control]:
    """A server in a process of its own. ``latency`` in seconds a request."""
    command = [sys.executable, "-m", "tests.benchmarks.server", "--tasks", str(tasks), "--latency", str(latency)]
    command += ["--cap", str(cap), *([] if finished else ["--open"])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Control(int(process.stdout.readline()))
    finally:
        process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
        process.stdout.close()


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, required=True)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--cap", type=int, default=1000)
    parser.add_argument("--open", action="store_true")
    wanted = parser.parse_args()
    server = Server(Office(wanted.tasks, finished=not wanted.open, cap=wanted.cap), wanted.latency)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve()


if __name__ == "__main__":
    _main()
