"""A small threaded HTTP/1.1 server on loopback: keep-alive, one thread per connection, nothing a test does not need.

Written on sockets because ``http.server`` parses headers as mail, which costs more than the answer itself.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from io import BufferedReader
from itertools import chain

from connector.clock import pause
from connector.standin.answers import Answer

HOST = "127.0.0.1"
LONGEST_LINE = 65_536
CHUNK = 1000
"""Bytes of a body in one chunk, so that most answers have several."""
Serve = Callable[[str, str, Mapping[str, str], bytes], Answer]
_JSON = "application/json;charset=UTF-8"
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class LoopbackServer:
    """``serve(method, target, headers, body)`` answers one request; header names are lower case. It is called from
    many threads at once."""

    def __init__(self, serve: Serve, port: int = 0) -> None:
        self._serve = serve
        self._port = port
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    @property
    def port(self) -> int:
        """The port listened on; the one asked for before ``start``."""
        return int(self._listener.getsockname()[1]) if self._listener is not None else self._port

    def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        self._stopping.clear()
        self._listener = socket.create_server((HOST, self._port), backlog=128)
        self._acceptor = threading.Thread(target=self._accept, name="standin", daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """Close the port and every connection; returns when all threads have ended."""
        if self._listener is None or self._acceptor is None:
            return
        self._stopping.set()
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            pass  # wakes accept()
        self._acceptor.join()
        self._listener.close()
        self._listener = None
        with self._lock:
            connections, threads = list(self._connections), list(self._threads)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        listener = self._listener
        assert listener is not None
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._talk, args=(connection,), name="standin-connection", daemon=True)
            with self._lock:
                self._connections.add(connection)
                self._threads.add(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb", 65_536)
        assert isinstance(stream, BufferedReader)
        try:
            with contextlib.suppress(OSError):
                while not self._stopping.is_set() and self._one(connection, stream):
                    pass
        finally:
            stream.close()
            connection.close()
            with self._lock:
                self._connections.discard(connection)
                self._threads.discard(threading.current_thread())

    def _one(self, connection: socket.socket, stream: BufferedReader) -> bool:
        """Serve one request; False ends the connection."""
        first = stream.readline(LONGEST_LINE)
        if not first.strip():
            return False
        words = first.decode("latin-1").split()
        headers: dict[str, str] = {}
        while (line := stream.readline(LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        length = headers.get("content-length", "0")
        if len(words) != 3 or not length.isdigit() or "transfer-encoding" in headers:
            connection.sendall(_head(Answer(400, b""), close=True))
            return False
        body = stream.read(int(length))
        keep = words[2] != "HTTP/1.0" and headers.get("connection", "").lower() != "close"
        return self._send(connection, self._serve(words[0], words[1], headers, body), keep)

    def _send(self, connection: socket.socket, answer: Answer, keep: bool) -> bool:
        """False ends the connection."""
        if answer.pause and pause(self._stopping, answer.pause):
            return False
        if answer.manner == "drop":
            return False
        keep = keep and answer.framing != "close"
        head = _head(answer, close=not keep)
        if not answer.manner and answer.tail is None and answer.framing == "length":
            connection.sendall(head + answer.body)
            return keep
        connection.sendall(head)
        left = _half(answer) if answer.manner == "cut" else None
        for piece in _pieces(answer):
            if left is not None and len(piece) >= left:
                connection.sendall(piece[:left])
                return False
            left = None if left is None else left - len(piece)
            if answer.manner != "trickle":
                connection.sendall(piece)
                continue
            for position in range(len(piece)):
                if pause(self._stopping, answer.gap):
                    return False
                connection.sendall(piece[position : position + 1])
        return keep


def _pieces(answer: Answer) -> Iterator[bytes]:
    """The body as it goes over the wire."""
    chunked = answer.framing == "chunked"
    step = CHUNK if chunked else max(1, len(answer.body))
    first = (answer.body[start : start + step] for start in range(0, len(answer.body), step))
    for piece in chain(first, answer.tail.pieces() if answer.tail else ()):
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    if chunked:
        yield b"0\r\n\r\n"


def _half(answer: Answer) -> int:
    """Where to cut; of a body whose length nobody knows yet, after a block."""
    if answer.tail is None:
        return len(answer.body) // 2
    return LONGEST_LINE if answer.tail.length is None else (len(answer.body) + answer.tail.length) // 2


def _head(answer: Answer, close: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}"]
    if not any(name == "Content-Type" for name, _ in answer.headers):
        lines.append(f"Content-Type: {_JSON}")
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if answer.framing == "chunked":
        lines.append("Transfer-Encoding: chunked")
    elif answer.framing == "length":
        length = len(answer.body) + (answer.tail.length or 0 if answer.tail else 0)
        lines.append(f"Content-Length: {length}")
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
