"""One request and its answer: the only module that knows httpx.

Everything a hostile or half-dead server can do ends here: time, size, rate, busy answers, broken bodies. Nothing of an
answer's body, no token, cookie or password gets into a log line or an error.
"""

from __future__ import annotations

import json
import ssl
import threading
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import structlog
from tenacity import RetryCallState

from connector import __version__
from connector.clock import pause
from connector.errors import SettingsError, SourceGarbled, SourceUnavailable
from connector.ports import Clock
from connector.settings import RestSettings
from connector.sources.rest.allowlist import require_allowed
from connector.sources.rest.deadline import Deadline, DeadlineBackend
from connector.sources.rest.envelope import decode
from connector.sources.rest.pace import Pace, Sleep, retry_after, retrying

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` of the envelope, when it came (UTC), and the cookies it set (name → value, "" to forget one)."""

    data: Any = field(repr=False)
    fetched_at: datetime
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)


class RestClient:
    """Sends requests that are on the allow-list. Thread-safe: each thread has its own connection, all share the rate
    and the number of requests under way. ``sleep``: how to wait before another try (seconds); by default a wait that
    ``interrupt`` ends."""

    def __init__(
        self, settings: RestSettings, *, clock: Clock, sleep: Sleep | None = None, log: Any = None, source: str = ""
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._deadline = Deadline()
        self._sleep: Sleep = sleep or partial(pause, self._deadline.stopped)
        self._log = log or structlog.get_logger()
        self._source = source
        self._pace = Pace(settings.requests_per_second, self._sleep)
        self._slots = threading.BoundedSemaphore(settings.concurrency)
        self._tls = _tls(settings)
        self._local = threading.local()
        self._clients: list[httpx.Client] = []
        self._lock = threading.Lock()
        self._requests = 0
        self.clock_ahead: float | None = None
        """Seconds our clock is ahead of the server's, by its last answer; None if it does not say the time."""

    @property
    def requests(self) -> int:
        """Requests sent so far, retries included."""
        return self._requests

    @property
    def cost(self) -> dict[str, int]:
        return {}

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str = "",
        cookies: Mapping[str, str] | None = None,
        once: bool = False,
    ) -> Answer:
        """The answer to a request; ``path`` is below the base address. ``once``: no second try and 5 s at most.

        Raises ForbiddenRequest before a byte is sent; SourceUnavailable after all tries; SourceGarbled, SourceRefused;
        TokenExpired.
        """
        require_allowed(method, path)
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"connector/{__version__}",
            "X-Authentication-Token": token,
        }
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        seconds = self._settings.timeout_seconds
        if once:
            return self._once(method, path, headers, content, min(5.0, seconds))
        retry = retrying(
            self._settings.attempts,
            self._settings.retry_for_seconds,
            sleep=self._sleep,
            before_sleep=lambda state: self._note_retry(state, method, path),
        )
        return retry(self._once, method, path, headers, content, seconds)

    def _once(self, method: str, path: str, headers: dict[str, str], content: bytes | None, seconds: float) -> Answer:
        self._pace.wait()
        with self._slots:
            self._require_running()
            with self._lock:
                self._requests += 1
            self._deadline.start(seconds)
            try:
                status, answer_headers, raw = self._exchange(method, path, headers, content)
            except httpx.TimeoutException as error:
                self._require_running()
                raise SourceUnavailable(f"no complete answer within {seconds:g} s", source=self._source) from error
            except (httpx.TransportError, OSError) as error:
                self._require_running()
                raise SourceUnavailable(f"connection failed: {type(error).__name__}", source=self._source) from error
        now = self._clock.now()
        self._note_server_time(answer_headers.get("Date"), now)
        try:
            data = decode(status, raw, retry_after(answer_headers.get("Retry-After"), now))
        except (SourceUnavailable, SourceGarbled) as error:
            error.fields["source"] = self._source
            raise
        return Answer(data, now, _cookies(answer_headers.get_list("Set-Cookie")))

    def _note_server_time(self, header: str | None, now: datetime) -> None:
        with suppress(TypeError, ValueError):
            said = parsedate_to_datetime(header) if header else None
            if said is not None:
                self.clock_ahead = (now - said.replace(tzinfo=said.tzinfo or UTC)).total_seconds()

    def _exchange(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None
    ) -> tuple[int, httpx.Headers, bytes]:
        with self._client().stream(method, path, headers=headers, content=content) as response:
            encoding = response.headers.get("Content-Encoding", "identity").strip().casefold()
            body = _read(response.iter_raw(), encoding, int(self._settings.max_answer_mb * _MB))
            return response.status_code, response.headers, body

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None or client.is_closed:
            transport = httpx.HTTPTransport(
                verify=self._tls, trust_env=False, limits=httpx.Limits(max_connections=1, keepalive_expiry=60)
            )
            transport._pool._network_backend = DeadlineBackend(self._deadline)
            client = httpx.Client(
                base_url=self._settings.base_url,
                transport=transport,
                timeout=self._settings.timeout_seconds,
                follow_redirects=False,
                trust_env=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # sessions keep their own
            )
            self._local.client = client
            with self._lock:
                self._clients.append(client)
        return client

    def _note_retry(self, state: RetryCallState, method: str, path: str) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        self._log.warning(
            "rest.retry_scheduled",
            method=method,
            path=path,
            attempt=state.attempt_number,
            wait_seconds=round(state.upcoming_sleep, 2),
            cause=str(error),
        )

    # -- stopping --------------------------------------------------------------------------------------------------

    def _require_running(self) -> None:
        if self._deadline.stopped.is_set():
            raise SourceUnavailable("reading was stopped", final=True, source=self._source)

    def interrupt(self) -> None:
        """Ends all requests and waits under way within a second; they and later ones raise SourceUnavailable."""
        self._deadline.stopped.set()

    def resume(self) -> None:
        """Takes requests again after ``interrupt``."""
        self._deadline.stopped.clear()

    def close(self) -> None:
        """Close all connections; a later request opens new ones. Never raises."""
        with self._lock:
            clients, self._clients = self._clients, []
        for client in clients:
            with suppress(Exception):
                client.close()


def _read(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """The body, unpacked; ``limit`` in bytes counts after unpacking, and no more than that is ever unpacked."""
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise SourceGarbled("unknown Content-Encoding", final=True)
    unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        try:
            part = chunk if unpack is None else unpack.decompress(chunk, limit - size + 1)
        except zlib.error as error:
            raise SourceGarbled("the gzip body is broken") from error
        parts.append(part)
        size += len(part)
        if size > limit:
            raise SourceGarbled(f"the answer is larger than {limit / _MB:g} MB", final=True)
    if unpack is not None and parts and not unpack.eof:
        raise SourceGarbled("the gzip body is cut")
    return b"".join(parts)


def _cookies(headers: Iterable[str]) -> dict[str, str]:
    """name → value of Set-Cookie headers; attributes are ignored, as the app does, except for an end in the past."""
    found: dict[str, str] = {}
    for header in headers:
        pair, _, attributes = header.partition(";")
        name, equals, value = pair.partition("=")
        ended = "max-age=0" in attributes.casefold().replace(" ", "").split(";")
        if equals and name.strip():
            found[name.strip()] = "" if ended else value.strip()
    return found


def _tls(settings: RestSettings) -> ssl.SSLContext:
    """The system's authorities, and the configured one besides. There is no switch to leave out verification."""
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(
                [f"sources.*.ca_file: không đọc được chứng thư {settings.ca_file}"], path=settings.ca_file
            ) from error
    return context
