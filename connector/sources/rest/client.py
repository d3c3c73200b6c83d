"""One request and its answer: the only module that knows httpx.

Everything a hostile or half-dead server can do ends here: time, size, rate, busy answers, broken bodies. Nothing of an
answer's body, no token, cookie or password gets into a log line or an error.

httpx's own transport costs about ten times the CPU of the exchange itself, and httpx.Client twice as much again. So
requests and answers are httpx's, and between them stands a transport of our own.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import structlog
from tenacity import RetryCallState

from connector import __version__
from connector.clock import pause
from connector.errors import SettingsError, SourceGarbled, SourceUnavailable, SourceUntrusted
from connector.ports import Clock
from connector.settings import RestSettings
from connector.sources.rest import unpack
from connector.sources.rest.allowlist import require_allowed
from connector.sources.rest.deadline import Deadline
from connector.sources.rest.envelope import decode
from connector.sources.rest.http11 import AnswerTooLarge, BrokenAnswer
from connector.sources.rest.pace import Host, Sleep, http_date, retry_after, retrying
from connector.sources.rest.transport import Transport

_MB = 1_000_000
_ONCE_SECONDS = 1.0
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` of the envelope, when it came (UTC), and the cookies it set (name → value, "" to forget one)."""

    data: Any = field(repr=False)
    fetched_at: datetime
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)


_DISTRUST = {
    9: "chưa đến ngày có hiệu lực",
    10: "đã hết hạn",
    18: "chứng thư tự ký, không có trong các chứng thư được tin cậy",
    19: "do một nơi cấp không được tin cậy",
    20: "do một nơi cấp không được tin cậy",
    21: "do một nơi cấp không được tin cậy",
    62: "không phải của tên máy chủ này",
    64: "không phải của địa chỉ máy chủ này",
}
"""OpenSSL's reasons (X509_V_ERR_*) in words."""


class SocketTransport(httpx.BaseTransport):
    """Stands below httpx's API in the place of its own transport, for one server. Answers are read to their end, in the
    time the request's ``read`` timeout allows (for the whole answer, from connecting on); ``limit`` in bytes. Raises
    httpx's errors, and AnswerTooLarge. ``stopped`` ends all requests. Takes the extensions ``timeout`` and ``target``,
    and bodies of known length."""

    def __init__(self, url: httpx.URL, tls: ssl.SSLContext | None, *, limit: int, stopped: threading.Event) -> None:
        self._server = _server(url)
        self._stopped = stopped
        self._wire = Transport(url.raw_host, self._server[2], tls if url.scheme == "https" else None, limit)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if _server(request.url) != self._server:
            raise httpx.UnsupportedProtocol("another server", request=request)
        seconds = request.extensions.get("timeout", {}).get("read")
        deadline = Deadline(float("inf") if seconds is None else seconds, self._stopped)
        try:
            received = self._wire.exchange(_head(request) + request.read(), deadline)
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        except BrokenAnswer as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        except OSError as error:
            raise httpx.NetworkError(str(error), request=request) from error
        return httpx.Response(received.status, headers=received.fields, stream=httpx.ByteStream(received.body))

    def close(self) -> None:
        self._wire.close()


def _server(url: httpx.URL) -> tuple[str, bytes, int]:
    return url.scheme, url.raw_host, url.port or _PORTS.get(url.scheme, 0)


def _head(request: httpx.Request) -> bytes:
    """Request line and headers. Raises httpx.LocalProtocolError for one that would end its line itself."""
    target = request.extensions.get("target") or request.url.raw_path
    lines = [b"%s %s HTTP/1.1\r\n" % (request.method.encode(), target)]
    lines += [b"%s: %s\r\n" % one for one in request.headers.raw]
    head = b"".join(lines)
    sound = head.count(b"\n") == head.count(b"\r") == len(lines) and b"\0" not in head
    if not sound or "transfer-encoding" in request.headers:
        raise httpx.LocalProtocolError("a request that cannot be sent", request=request)
    return head + b"\r\n"


class RestClient:
    """Sends requests that are on the allow-list. Thread-safe; all clients of one server share its rate and the number
    of requests under way. ``sleep``: how to wait (seconds); by default a wait that ``interrupt`` ends."""

    def __init__(
        self, settings: RestSettings, *, clock: Clock, sleep: Sleep | None = None, log: Any = None, source: str = ""
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep: Sleep = sleep or partial(pause, self._stopped)
        self._log = log or structlog.get_logger()
        self._source = source
        self._limit = int(settings.max_answer_mb * _MB)
        self._url = _base_url(settings)
        tls = _tls(settings, self._url)
        self._transport = SocketTransport(self._url, tls, limit=self._limit, stopped=self._stopped)
        self._host = Host.shared(f"{self._url.host}:{_server(self._url)[2]}")
        self._host.limit(settings.requests_per_second, settings.concurrency)
        self._headers = [
            (b"Host", self._url.netloc),
            (b"Content-Type", b"application/json"),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip"),
            (b"User-Agent", f"connector/{__version__}".encode()),
        ]
        self._lock = threading.Lock()
        self._cost: Counter[str] = Counter()
        self._retries = 0
        self._waited = 0.0
        self.clock_ahead: float | None = None
        """Seconds our clock is ahead of the server's, by its last answer; None if it does not say the time."""

    @property
    def requests(self) -> int:
        """Requests sent so far, retries included."""
        return sum(self.cost.values())

    @property
    def cost(self) -> Mapping[str, int]:
        """Requests sent so far by endpoint, retries included: "login", "job/getlistjobflow", ... A request repeated at
        once because its connection had been closed while idle counts once."""
        with self._lock:
            return dict(self._cost)

    @property
    def retries(self) -> int:
        """How many of the requests were second and later tries."""
        return self._retries

    @property
    def waited_seconds(self) -> float:
        """Spent waiting for the rate, for the next try, for a pause the server asked for; summed over threads."""
        return self._waited

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
        """The answer to a request; ``path`` is below the base address. ``once``: no second try and a second at most.

        Raises ForbiddenRequest before a byte is sent; SourceUnavailable after all tries; SourceGarbled, SourceRefused;
        TokenExpired.
        """
        require_allowed(method, path, marking=self._settings.read_document_detail)
        seconds = self._settings.timeout_seconds
        request = self._request(
            method, path, body, token, cookies or {}, min(_ONCE_SECONDS, seconds) if once else seconds
        )
        if once:
            return self._once(request, path, held=False)
        began = time.monotonic()
        try:
            return self._once(request, path)
        except (SourceUnavailable, SourceGarbled) as error:
            first = error
        for attempt in retrying(
            self._settings.attempts,
            self._settings.retry_for_seconds - (time.monotonic() - began),
            sleep=self._wait,
            before_sleep=partial(self._note_retry, method, path),
        ):
            with attempt:
                if attempt.retry_state.attempt_number == 1:
                    raise first
                with self._lock:
                    self._retries += 1
                return self._once(request, path, held=False)
        raise AssertionError("the last try returns or raises")

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        token: str,
        cookies: Mapping[str, str],
        seconds: float,
    ) -> httpx.Request:
        """``target`` says the path, for the parsing of a URL costs more than all the rest."""
        headers = [*self._headers, (b"X-Authentication-Token", token.encode("latin-1"))]
        if cookies:
            pairs = "; ".join(f"{name}={value}" for name, value in cookies.items())
            headers.append((b"Cookie", pairs.encode("latin-1")))
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        if body is not None:
            headers.append((b"Content-Length", str(len(content)).encode()))
        extensions = {"target": self._url.raw_path + path.encode(), "timeout": {"read": seconds}}
        stream = httpx.ByteStream(content)
        return httpx.Request(method, self._url, headers=headers, stream=stream, extensions=extensions)

    def _once(self, request: httpx.Request, path: str, *, held: bool = True) -> Answer:
        """``held``: wait for the end of a pause the server asked for. A second try has waited by itself."""
        self._host.enter(self._stopped, self._wait, held=held)
        try:
            self._host.pace(self._wait)
            self._require_running()
            with self._lock:
                self._cost[endpoint(path)] += 1
            response = self._transport.handle_request(request)
        except httpx.TimeoutException as error:
            self._require_running()
            seconds = request.extensions["timeout"]["read"]
            raise SourceUnavailable(f"no complete answer within {seconds:g} s", source=self._source) from error
        except httpx.TransportError as error:
            self._require_running()
            if (why := _distrust(error.__cause__)) is not None:
                raise SourceUntrusted(str(error), why=why, source=self._source) from error
            cause = type(error.__cause__).__name__ if isinstance(error, httpx.NetworkError) else str(error)
            raise SourceUnavailable(f"connection failed: {cause}", source=self._source) from error
        except AnswerTooLarge as error:
            raise unpack.too_large(self._limit, self._source) from error
        finally:
            self._host.leave()
        return self._answer(response)

    def _answer(self, response: httpx.Response) -> Answer:
        now = self._clock.now()
        headers, body = response.headers, response.stream
        headers.encoding = "latin-1"  # what is sent back as a cookie are the same bytes
        if (said := http_date(headers.get("Date", ""))) is not None:
            self.clock_ahead = (now - said).total_seconds()
        try:
            assert isinstance(body, httpx.ByteStream)
            unpacked = unpack.unpacked(b"".join(body), headers.get("Content-Encoding", ""), self._limit)
            data = decode(response.status_code, unpacked, retry_after(headers.get("Retry-After"), now))
        except (SourceUnavailable, SourceGarbled) as error:
            error.fields["source"] = self._source
            wanted = getattr(error, "retry_after", None) or 0.0
            if 0 < wanted <= self._settings.retry_for_seconds:
                self._host.hold(wanted)  # a longer one ends the run anyway
            raise
        return Answer(data, now, unpack.cookies(headers.get_list("Set-Cookie")))

    def _wait(self, seconds: float) -> None:
        began = time.monotonic()
        self._sleep(seconds)
        with self._lock:
            self._waited += time.monotonic() - began

    def _note_retry(self, method: str, path: str, state: RetryCallState) -> None:
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
        if self._stopped.is_set():
            raise SourceUnavailable("reading was stopped", final=True, source=self._source)

    def interrupt(self) -> None:
        """Ends all requests and waits under way within a second; they and later ones raise SourceUnavailable."""
        self._stopped.set()
        self._host.wake()

    def resume(self) -> None:
        """Takes requests again after ``interrupt``."""
        self._stopped.clear()

    def close(self) -> None:
        """Close all connections; a later request opens new ones. Never raises."""
        self._transport.close()


def endpoint(path: str) -> str:
    """The path without "api", version and ids: "login", "job/getlistjobflow"."""
    _, first, second, *_ = path.split("/")
    return first if first in ("login", "logout", "switch") else f"{first}/{second}"


def _base_url(settings: RestSettings) -> httpx.URL:
    """Raises SettingsError, also for what would silently not be sent: a password or a query in the address."""
    try:
        url = httpx.URL(settings.base_url)
    except httpx.InvalidURL:
        url = httpx.URL()
    if not url.host or url.userinfo or url.query or url.fragment:
        raise SettingsError(["sources.*.base_url: không phải địa chỉ dạng https://<máy chủ>/qlvb/"])
    return url


def _distrust(error: BaseException | None) -> str | None:
    """Why TLS ended before a byte of ours was sent, in Vietnamese; None if trying again may help."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _DISTRUST.get(error.verify_code, "không kiểm chứng được")
    if isinstance(error, ssl.SSLError) and error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        return "cổng này của máy chủ không dùng TLS (https)"
    return None


def _tls(settings: RestSettings, url: httpx.URL) -> ssl.SSLContext | None:
    """The system's authorities, and the configured one besides. There is no switch to leave out verification."""
    if url.scheme != "https" and settings.ca_file is None:
        return None
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(
                [f"sources.*.ca_file: không đọc được chứng thư {settings.ca_file}"], path=settings.ca_file
            ) from error
    return context
