"""Requests over keep-alive connections to one server: sockets, TLS, and which connection to use again.

Nothing here looks at the environment, a proxy or a redirect. Sockets never block: every wait is the deadline's.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from connector.sources.rest.deadline import Deadline
from connector.sources.rest.http11 import BrokenAnswer, Reader, Received

T = TypeVar("T")
_Address = tuple[Any, Any, int, str, Any]

_IDLE_SECONDS = 60.0
"""A connection unused for longer is not trusted: a firewall may have forgotten it without telling us."""
_CHUNK = 64 * 1024
_UNDER_WAY = {errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)}


class Transport:
    """Thread-safe; holds as many connections as requests were ever under way at once. ``host``: a name in ASCII (IDNA)
    or an address. ``tls``: None for plain HTTP. ``limit``: bytes of an answer's body, as sent."""

    def __init__(self, host: bytes, port: int, tls: ssl.SSLContext | None, limit: int) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._limit = limit
        self._idle: list[_Connection] = []

    def exchange(self, request: bytes, deadline: Deadline) -> Received:
        """The answer to ``request``, head and body, sent in one piece.

        A connection that was used before and ends without a single byte of an answer had been closed by the server,
        most likely while it was idle; the request then goes out once more, on a new connection. In the unlikely case
        that the server had acted on it, it acts twice: harmless for our requests, which only read, and for a login,
        which gives one more token. (A caller who tries again after a lost connection does the same.)

        Raises TimeoutError, Stopped, OSError (connection, TLS, name), BrokenAnswer, AnswerTooLarge.
        """
        connection = self._reusable()
        if connection is not None:
            try:
                return self._over(connection, request, deadline)
            except (OSError, BrokenAnswer):
                if connection.answering:
                    raise
                deadline.left()  # raises, if that was the reason
        return self._over(_Connection(_connected(self._host, self._port, self._tls, deadline)), request, deadline)

    def close(self) -> None:
        """Close the connections that are not in use."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def _over(self, connection: _Connection, request: bytes, deadline: Deadline) -> Received:
        received: Received | None = None
        try:
            received = connection.exchange(request, self._limit, deadline)
        finally:
            if received is not None and received.keep:
                self._idle.append(connection)
            else:
                connection.close()
        return received

    def _reusable(self) -> _Connection | None:
        """The connection used last, so that those too many grow old. (A list's pop and append are atomic.)"""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.is_usable():
                return connection
            connection.close()


class _Connection:
    def __init__(self, sock: socket.socket) -> None:
        self.answering = False
        """Whether a first byte of the answer has come."""
        self._sock = sock
        self._last_used = 0.0

    def exchange(self, request: bytes, limit: int, deadline: Deadline) -> Received:
        self.answering = False
        with suppress(ConnectionError):  # the answer may have come before the server hung up
            self._send(request, deadline)
        received = Reader(lambda: self._receive(deadline), limit).answer()
        self._last_used = time.monotonic()
        return received

    def is_usable(self) -> bool:
        """Whether it is neither old nor readable: a readable one has ended, or says what nobody asked for."""
        if time.monotonic() - self._last_used > _IDLE_SECONDS:
            return False
        try:
            self._sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            pass
        return False

    def close(self) -> None:
        with suppress(OSError):
            self._sock.close()

    def _send(self, data: bytes, deadline: Deadline) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[_when_ready(self._sock, deadline, self._sock.send, rest, writing=True) :]

    def _receive(self, deadline: Deadline) -> bytes:
        if not isinstance(self._sock, ssl.SSLSocket):  # TLS may hold what the socket does not show any more
            deadline.wait(self._sock)
        data = _when_ready(self._sock, deadline, self._sock.recv, _CHUNK)
        self.answering = self.answering or bool(data)
        return data


def _when_ready(
    sock: socket.socket, deadline: Deadline, call: Callable[..., T], *values: object, writing: bool = False
) -> T:
    """The result of a call that does not block, as soon as ``sock`` is ready for it."""
    while True:
        deadline.left()
        try:
            return call(*values)
        except BlockingIOError:
            deadline.wait(sock, writing=writing)
        except ssl.SSLWantReadError:  # TLS may have to read in order to write, and the other way round
            deadline.wait(sock)
        except ssl.SSLWantWriteError:
            deadline.wait(sock, writing=True)


# -- connecting --------------------------------------------------------------------------------------------------------


def _connected(host: bytes, port: int, tls: ssl.SSLContext | None, deadline: Deadline) -> socket.socket:
    """Addresses are tried one after another, each with its share of the time left: one that never answers must not take
    the turn of the others. Raises the last one's error."""
    addresses = _addresses(host, port, deadline)
    failure = OSError("the name has no address")
    for position, address in enumerate(addresses):
        try:
            sock = _open(address, deadline.share(len(addresses) - position))
        except OSError as error:
            failure = error
        else:
            return sock if tls is None else _with_tls(sock, tls, host.decode("ascii"), deadline)
    raise failure


def _open(address: _Address, deadline: Deadline) -> socket.socket:
    family, kind, protocol, _, where = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        error = sock.connect_ex(where)
        if error in _UNDER_WAY:
            deadline.wait(sock, writing=True)
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
    except BaseException:
        sock.close()
        raise
    return sock


def _with_tls(sock: socket.socket, context: ssl.SSLContext, host: str, deadline: Deadline) -> ssl.SSLSocket:
    try:
        secure = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        sock.close()
        raise
    try:
        _when_ready(secure, deadline, secure.do_handshake)
    except BaseException:
        secure.close()
        raise
    return secure


def _addresses(host: bytes, port: int, deadline: Deadline) -> list[_Address]:
    """A name is looked up in a thread of its own: the system's resolver cannot be interrupted, and waits long for a
    name server that is down. Raises OSError."""
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    with suppress(socket.gaierror):
        return ask(flags=socket.AI_NUMERICHOST)
    found: Future[list[_Address]] = Future()
    ours, theirs = socket.socketpair()

    def look_up() -> None:
        with theirs:  # its end is what wakes us
            try:
                found.set_result(ask())
            except Exception as error:
                found.set_exception(error)

    threading.Thread(target=look_up, name="name-lookup", daemon=True).start()
    with ours:
        deadline.wait(ours)
    return found.result()
