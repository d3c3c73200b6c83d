"""A time limit for a whole answer. A limit on the wait for the next byte would let a server that sends one byte a
second hold a worker for ever; here the limit, and the order to stop, are looked at wherever we wait for a socket."""

from __future__ import annotations

import select
import socket
import sys
import threading
import time

_SLICE = 0.5
"""Seconds after which a waiting request looks whether it was told to stop."""


class Stopped(OSError):
    """The request was told to end."""


class Deadline:
    """When one answer must be complete (``time.monotonic``), and whether everything must stop now."""

    __slots__ = ("_at", "_stopped")

    def __init__(self, seconds: float, stopped: threading.Event) -> None:
        self._at = time.monotonic() + seconds
        self._stopped = stopped

    def left(self) -> float:
        """Seconds left. Raises TimeoutError if there are none, Stopped if we were told to stop."""
        if self._stopped.is_set():
            raise Stopped("stopped")
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline of the answer has passed")
        return left

    def share(self, parts: int) -> Deadline:
        """A deadline after the first of so many equal parts of the time left."""
        return Deadline(self.left() / parts, self._stopped)

    def wait(self, sock: socket.socket, *, writing: bool = False) -> None:
        """Until ``sock`` can be read (or written) without waiting, or has failed. Raises as ``left`` does."""
        while not _ready(sock, writing, min(self.left(), _SLICE)):
            pass


def _ready(sock: socket.socket, writing: bool, seconds: float) -> bool:
    if sys.platform == "win32":
        return any(select.select([] if writing else [sock], [sock] if writing else [], [sock], seconds))
    poll = select.poll()  # unlike select, for file numbers above 1023 too
    poll.register(sock, select.POLLOUT if writing else select.POLLIN)
    return bool(poll.poll(seconds * 1000))
