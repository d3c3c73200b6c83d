"""A small threaded HTTP/1.1 server on loopback: keep-alive, one thread per connection, nothing a test does not need.

Written on sockets because ``http.server`` parses headers as mail, which costs more than the answer itself.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from io import BufferedReader

from connector.standin.faults import Answer

HOST = "127.0.0.1"
LONGEST_LINE = 65_536
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
        match answer.manner:
            case "drop":
                return False
            case "cut":
                connection.sendall(_head(answer, close=False) + answer.body[: len(answer.body) // 2])
                return False
            case "trickle":
                connection.sendall(_head(answer, close=not keep))
                for position in range(len(answer.body)):
                    if self._stopping.wait(answer.pause):
                        return False
                    connection.sendall(answer.body[position : position + 1])
                return keep
            case "slow":
                if self._stopping.wait(answer.pause):
                    return False
        connection.sendall(_head(answer, close=not keep) + answer.body)
        return keep


def _head(answer: Answer, close: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}"]
    if not any(name == "Content-Type" for name, _ in answer.headers):
        lines.append(f"Content-Type: {_JSON}")
    lines += [f"{name}: {value}" for name, value in answer.headers]
    lines.append(f"Content-Length: {len(answer.body)}")
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
