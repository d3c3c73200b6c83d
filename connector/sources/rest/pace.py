"""When to send: what one server is asked to bear, and when to try again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

from tenacity import RetryCallState, Retrying, wait_exponential_jitter

from connector.errors import SourceGarbled, SourceUnavailable

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_GARBLED_TRIES = 3
"""A cut or foreign answer is often a hiccup of a proxy, seldom one that many tries would cure."""

Sleep = Callable[[float], Any]


class Host:
    """How hard one server may be asked: the rate, the number of requests under way, a pause it asked for. All clients
    of this process that talk to the server share it, for it is the server that bears the load, whatever the number of
    our sources. Of settings that differ the strictest counts, as long as any of the clients lives: whoever wrote the
    smaller figure meant the same server."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._interval = 0.0
        self._places: float = float("inf")
        self._under_way = 0
        self._next = 0.0  # when the rate allows the next request, and when the pause ends: ``time.monotonic``
        self._held = 0.0

    @staticmethod
    def shared(address: str) -> Host:
        """The one of ``address``, "host:port"."""
        with _hosts_lock:
            host = _hosts.get(address)
            if host is None:
                host = _hosts[address] = Host()
            return host

    def limit(self, per_second: float, concurrency: int) -> None:
        """``per_second`` 0: no limit."""
        with self._turn:
            self._interval = max(self._interval, 1 / per_second if per_second > 0 else 0.0)
            self._places = min(self._places, concurrency)

    def enter(self, stopped: threading.Event, sleep: Sleep, *, held: bool) -> None:
        """Waits for a free place, or for ``stopped`` and ``wake``; ``held``: for the end of a pause too, without taking
        a place meanwhile. Every call needs its ``leave``."""
        with self._turn:
            while self._under_way >= self._places and not stopped.is_set():
                self._turn.wait()
            left = self._held - time.monotonic() if held else 0.0
            if left <= 0:
                self._under_way += 1
                return
            self._turn.notify()
        sleep(left)
        self.enter(stopped, sleep, held=False)

    def leave(self) -> None:
        with self._turn:
            self._under_way -= 1
            self._turn.notify()

    def wake(self) -> None:
        """Those who wait in ``enter`` look whether they were stopped."""
        with self._turn:
            self._turn.notify_all()

    def hold(self, seconds: float) -> None:
        """The server asked to be left alone for so long."""
        with self._turn:
            self._held = max(self._held, time.monotonic() + seconds)

    def pace(self, sleep: Sleep) -> None:
        """Waits for the next moment the rate allows: requests are evenly spaced, whatever the number of threads."""
        if self._interval:
            with self._turn:
                now = time.monotonic()
                at = max(now, self._next)
                self._next = at + self._interval
            if at > now:
                sleep(at - now)


_hosts: WeakValueDictionary[str, Host] = WeakValueDictionary()
_hosts_lock = threading.Lock()


def retrying(
    attempts: int, seconds: float, *, sleep: Sleep, before_sleep: Callable[[RetryCallState], None]
) -> Retrying:
    """Tries again what is worth it: unavailable up to ``attempts``, garbled up to three; jittered exponential waits,
    never shorter than the server's Retry-After; no wait that would end after ``seconds``. The last error is raised."""

    def is_last(state: RetryCallState) -> bool:
        tries = min(_GARBLED_TRIES, attempts) if isinstance(_error(state), SourceGarbled) else attempts
        spent = max(state.seconds_since_start or 0.0, state.idle_for)  # idle_for: also where sleep is not real
        return state.attempt_number >= tries or spent + state.upcoming_sleep > seconds

    backoff = wait_exponential_jitter(initial=_FIRST_WAIT, max=_LONGEST_WAIT, jitter=1)

    def wait(state: RetryCallState) -> float:
        return max(getattr(_error(state), "retry_after", None) or 0.0, backoff(state))

    return Retrying(
        retry=lambda state: _is_worth_it(_error(state)),
        wait=wait,
        stop=is_last,
        sleep=sleep,
        before_sleep=before_sleep,
        reraise=True,
    )


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _is_worth_it(error: BaseException | None) -> bool:
    return isinstance(error, SourceUnavailable | SourceGarbled) and not error.fields.get("final")


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds a ``Retry-After`` asks for, given as seconds or as an HTTP date; None if it says nothing readable."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


@lru_cache(maxsize=8)
def http_date(text: str) -> datetime | None:
    """None if it is none. Remembers, for all answers of one second carry the same ``Date``."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
