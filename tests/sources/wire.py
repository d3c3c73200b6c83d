"""A server below HTTP: real sockets on loopback, every byte written by the test."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Line:
    """One connection as the server sees it; ``number`` counts from 0."""

    def __init__(self, sock: socket.socket, number: int, server: Wire) -> None:
        self.number = number
        self.sent = 0
        self.sock = sock
        self._server = server

    def request(self) -> bytes:
        """The next request, head and body; b"" if the client has hung up. Noted in ``Wire.requests``."""
        data = b""
        while not self._is_whole(data):
            more = self.sock.recv(65536)
            if not more:
                return b""
            data += more
        self._server.requests.append((self.number, data))
        return data

    def send(self, *pieces: bytes, pause: float = 0.0) -> None:
        """Each piece with a ``send`` of its own, ``pause`` seconds after the one before."""
        for piece in pieces:
            self.sock.sendall(piece)
            self.sent += len(piece)
            self._server.closing.wait(pause)

    def wait(self, seconds: float = 30) -> None:
        """Or until the test is over."""
        self._server.closing.wait(seconds)

    @staticmethod
    def _is_whole(data: bytes) -> bool:
        head, blank, body = data.partition(b"\r\n\r\n")
        lengths = [line[16:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")]
        return bool(blank) and len(body) >= int(lengths[0] if lengths else 0)


Play = Callable[[Line], None]


class Wire:
    """``play`` is called with each connection, in a thread of its own; the connection ends when it returns."""

    def __init__(self, play: Play, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.play = play
        self.requests: list[tuple[int, bytes]] = []  # number of the connection, bytes
        self.connections = 0
        self.closing = threading.Event()
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family)
        self.port: int = self._socket.getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if tls else 'http'}://{name}:{self.port}/"
        self._threads: list[threading.Thread] = []
        self._lines: list[Line] = []

    def __enter__(self) -> Self:
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        for sock in (self._socket, *(line.sock for line in self._lines)):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(5)
        self._socket.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True)
            self.connections += 1
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(sock)
            if self._tls is not None:
                sock = stack.enter_context(self._tls.wrap_socket(sock, server_side=True))
            self._lines.append(Line(sock, number, self))
            self.play(self._lines[-1])


def until(true: Callable[[], bool], seconds: float = 5) -> None:
    """Waits for what other threads will have done in a moment."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.005)
