"""A time limit for a whole answer. httpx limits only the wait for the next byte, so a server that sends one byte a
second would hold a worker for ever; here the limit sits where bytes are read and written."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore

_SLICE = 0.5
"""Seconds after which a waiting read looks whether it was told to stop."""


class Deadline:
    """When the request of each thread must be over (``time.monotonic``), and whether all of them must stop now."""

    def __init__(self) -> None:
        self._local = threading.local()
        self.stopped = threading.Event()

    def start(self, seconds: float) -> None:
        self._local.at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left to this thread's request."""
        return float(getattr(self._local, "at", float("inf"))) - time.monotonic()


class DeadlineBackend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _require(self._deadline, httpcore.ConnectTimeout)
        timeout = left if timeout is None else min(timeout, left)
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options), self._deadline)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise NotImplementedError

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    # httpx's own limits do not matter here: the deadline is the shorter one of each wait.

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        while True:
            left = _require(self._deadline, httpcore.ReadTimeout)
            try:
                return self._inner.read(max_bytes, min(left, _SLICE))
            except httpcore.ReadTimeout:
                continue  # only this slice is over

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, _require(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = _require(self._deadline, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _require(deadline: Deadline, error: type[Exception]) -> float:
    left = deadline.left()
    if deadline.stopped.is_set():
        raise error("stopped")
    if left <= 0:
        raise error("the deadline of the answer has passed")
    return left
