"""A transport with a shorter way to ask, and ports and names that do not answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from connector.sources.rest.client import SocketTransport
from tests.sources.wire import OK, Line

LIMIT = 100_000
Open = Callable[..., "Door"]


class Door:
    """A transport with a shorter way to ask."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self.stopped = threading.Event()
        self.url = httpx.URL(url)
        self.transport = SocketTransport(self.url, tls, limit=LIMIT, stopped=self.stopped)

    def ask(self, method: str = "GET", seconds: float = 10, **values: Any) -> bytes:
        extensions = {"timeout": {"read": seconds}}
        response = self.transport.handle_request(httpx.Request(method, self.url, extensions=extensions, **values))
        return response.read()

    def stop_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self.stopped.set)
        timer.daemon = True
        timer.start()


def answering(line: Line) -> None:
    while line.request():
        line.send(OK)


@contextlib.contextmanager
def unanswered() -> Iterator[int]:
    """A port whose connections are never made: the system's queue for it is full."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        yield full.getsockname()[1]


def resolver(answer: Callable[[], Any]) -> Callable[..., Any]:
    """A ``getaddrinfo`` that knows addresses, and ``answer`` for every name."""
    real = socket.getaddrinfo

    def getaddrinfo(host: bytes, port: int, **values: Any) -> Any:
        return real(host, port, **values) if values.get("flags") else answer()

    return getaddrinfo
