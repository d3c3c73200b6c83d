"""Reading a list that may change while it is read.

Pages are numbered from 1 and a list ends only on an empty page or on one without a new key: never on a short page,
because a server may give fewer rows than asked for, and never only on an empty one, because some repeat their last
page for ever (F04, F06).

A row that is taken away from a page already read moves the rows behind it up, and one slips through between two
pages; nothing in the pages read shows that. So a list counts as read only when two readings from the first page to
the last agree, row by row. The second reading asks for pages ten times as large, which makes it cheap; where the
server will not have that (a cap, an error), it is read in pages of the usual size. While readings differ, all rows
met in any of them are kept and the list is read again, up to ``passes`` times. A row that shows twice within one
reading may have been moved there by the very same kind of change each time, so then three readings must agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from connector.errors import AuthNeeded, SourceError

T = TypeVar("T")
Fetch = Callable[[int, int], Sequence[T]]
"""(page from 1, page size) → rows of that page."""

MAX_PAGES = 10_000
LARGER = 10


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One row per key. ``complete`` False: the end was not found, or the list never stood still (``problem``)."""

    rows: tuple[T, ...]
    complete: bool = True
    problem: str = ""


class Pager:
    """Reads lists of one kind, in pages of ``size`` rows. Remembers whether the server gives larger pages."""

    def __init__(self, size: int, *, max_pages: int = MAX_PAGES, passes: int = 6) -> None:
        self._size = size
        self._max_pages = max_pages
        self._passes = passes
        self._larger = True

    def read(self, fetch: Fetch[T], key: Callable[[T], Hashable]) -> Listing[T]:
        """All rows. Of rows with equal keys the one read last is kept. Raises what ``fetch`` raises."""
        reading = _Reading(fetch, key, self._max_pages)
        met: Counter[tuple[Hashable, ...]] = Counter()
        for number in range(self._passes):
            keys = self._larger_pass(reading) if number == 1 and self._larger else reading.once(self._size)
            if keys is None:
                return reading.listing(f"vẫn còn dòng mới sau {self._max_pages} trang")
            met[keys] += 1
            if met[keys] == (2 if len(set(keys)) == len(keys) else 3):
                return reading.listing()
        return reading.listing(f"danh sách thay đổi liên tục trong {self._passes} lần đọc")

    def _larger_pass(self, reading: _Reading[T]) -> tuple[Hashable, ...] | None:
        try:
            return reading.once(self._size * LARGER)
        except AuthNeeded:
            raise
        except SourceError:  # perhaps only the size was refused; if it was more, the next reading tells
            self._larger = False
            return reading.once(self._size)


class _Reading(Generic[T]):
    """What several readings of one list have brought together."""

    def __init__(self, fetch: Fetch[T], key: Callable[[T], Hashable], max_pages: int) -> None:
        self._fetch = fetch
        self._key = key
        self._max_pages = max_pages
        self._rows: dict[Hashable, T] = {}

    def once(self, size: int) -> tuple[Hashable, ...] | None:
        """Keys from the first page to the last, repeated ones included; None if there is no end."""
        keys: list[Hashable] = []
        known: set[Hashable] = set()
        page: list[Hashable] = []
        for number in range(1, self._max_pages + 1):
            found = [(self._key(row), row) for row in self._fetch(number, size)]
            self._rows.update(found)
            before, page = page, [key for key, _ in found]
            if known.issuperset(page):
                return tuple(keys if page == before else keys + page)  # old rows pushed to a last page are news
            keys += page
            known.update(page)
        return None

    def listing(self, problem: str = "") -> Listing[T]:
        return Listing(tuple(self._rows.values()), not problem, problem)
