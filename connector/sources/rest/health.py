"""When a source is down, and what it does not give at all: told from single records that cannot be had."""

from __future__ import annotations

import threading

from connector.domain.requests import OPTIONAL_PARTS
from connector.errors import SourceUnavailable

_OUTAGE = 3
"""So many records, or lists, in a row that could not be had: the source is down, not the record."""
_REFUSALS = 20
"""So many refusals of a part and not one answer: this source does not give it."""


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


class Outage:
    """Counts what could not be had one after another, records or lists, over all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._names: set[str] = set()

    def count(self, error: SourceUnavailable, name: str | None = None) -> None:
        """Raises ``error`` when it is one too many, or when we were told to stop. ``name``: of what failed; as long as
        it is one and the same, however many identities ask for it, only that is down."""
        with self._lock:
            self._count += 1
            if name is not None:
                self._names.add(name)
            if (self._count >= _OUTAGE and len(self._names) != 1) or error.fields.get("final"):
                raise error

    def is_likely(self) -> bool:
        """Whether the last ones asked for, of different names, could not be had."""
        with self._lock:
            return len(self._names) > 1

    def over(self) -> None:
        with self._lock:
            self._count = 0
            self._names.clear()
