"""When a source is down, and what it does not give at all: told from single records that cannot be had."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from connector.domain.records import Stream
from connector.domain.requests import OPTIONAL_PARTS
from connector.errors import SourceUnavailable

_OUTAGE = 3
"""So many records, or lists, in a row that could not be had: the source is down, not the record."""
_REFUSALS = 20
"""So many refusals of a part and not one answer: this source does not give it."""
_BUSY = 5
"""So many records in a row of which a part could not be had, each with all its tries."""
_TRIED_AGAIN = 100
BUSY_EVERYWHERE = "nguồn bận với nhiều bản ghi liền nhau, không hỏi từng bản ghi trong lượt này"


class Refusals:
    """Parts that only add to a record, and whether the source gives them at all: some servers have no such call, and
    asking for it of every record would cost as many requests in every run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refusals: dict[str, int] = {}
        self._given: set[str] = set()

    def everywhere(self, part: str) -> bool:
        return part in OPTIONAL_PARTS and part not in self._given and self._refusals.get(part, 0) >= _REFUSALS

    def count(self, part: str, *, given: bool) -> None:
        with self._lock:
            if given:
                self._given.add(part)
            else:
                self._refusals[part] = self._refusals.get(part, 0) + 1


class BusyParts:
    """Parts that a source cannot give at the moment, whatever the record: asking for each, with all tries and waits,
    would cost hours. After some failures in a row only one record in a hundred is asked, to see if it can again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}
        self._skipped: dict[str, int] = {}

    def is_left_out(self, part: str) -> bool:
        with self._lock:
            if self._failures.get(part, 0) < _BUSY:
                return False
            self._skipped[part] = self._skipped.get(part, 0) + 1
            return self._skipped[part] % _TRIED_AGAIN != 0

    def count(self, part: str, *, given: bool) -> None:
        with self._lock:
            self._failures[part] = 0 if given else self._failures.get(part, 0) + 1


class Outage:
    """Counts records that could not be had one after another, over all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def count(self, error: SourceUnavailable) -> None:
        """Raises ``error`` when it is one too many, or when we were told to stop."""
        with self._lock:
            self._count += 1
            if self._count >= _OUTAGE or error.fields.get("final"):
                raise error

    def over(self) -> None:
        with self._lock:
            self._count = 0


class ListOutage:
    """Lists that could not be had one after another, over all threads. As long as they are all of one name, or all of
    one of several readers (account and identity), only that list or that reader is down, not the source."""

    def __init__(self, streams: Iterable[Stream]) -> None:
        self._lock = threading.Lock()
        self._several = len({stream.reader for stream in streams}) > 1
        self._failed: list[Stream] = []

    def count(self, stream: Stream, error: SourceUnavailable) -> None:
        """Raises ``error`` when it is one too many, when we were told to stop, or when the server asks for a pause."""
        with self._lock:
            self._failed.append(stream)
        down = len(self._failed) >= _OUTAGE and self.is_likely()
        if down or error.fields.get("final") or error.retry_after is not None:
            raise error

    def is_likely(self) -> bool:
        """Whether the last ones asked for look like a source that is down."""
        with self._lock:
            names = {stream.list for stream in self._failed}
            readers = {stream.reader for stream in self._failed}
        return len(names) > 1 and (len(readers) > 1 or not self._several)

    def over(self) -> None:
        with self._lock:
            self._failed.clear()
