"""When to send: the rate all threads share, and when to try again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tenacity import RetryCallState, Retrying, wait_exponential_jitter

from connector.errors import SourceGarbled, SourceUnavailable

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_GARBLED_TRIES = 3
"""A cut or foreign answer is often a hiccup of a proxy, seldom one that many tries would cure."""

Sleep = Callable[[float], Any]


class Pace:
    """Spaces requests evenly: at most ``per_second`` of them, whatever the number of threads. 0: no limit."""

    def __init__(self, per_second: float, sleep: Sleep) -> None:
        self._interval = 1 / per_second if per_second > 0 else 0.0
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        if not self._interval:
            return
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + self._interval
        if at > now:
            self._sleep(at - now)


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
    if isinstance(error, SourceGarbled):
        return not error.fields.get("final")
    return isinstance(error, SourceUnavailable) and not error.fields.get("final")


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds a ``Retry-After`` asks for, given as seconds or as an HTTP date; None if it says nothing readable."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
