"""Reading a list that may change while it is read, and whose length nobody tells.

Pages are numbered from 1 and a list ends only on an empty page or on one without a new key: never on a short page,
because a server may give fewer rows than asked for, and never only on an empty one, because some repeat their last
page for ever (F04, F06).

A row that is taken away from a page already read moves the rows behind it up, and one slips through between two
pages; nothing in the pages read shows that. So a list counts as read only when two passes from the first page to the
last agree, row by row. The second pass asks for pages ten times as large, which makes it cheap; where the server will
not have that (a cap, an error), it is read in pages of the usual size. While passes differ, all rows met in any of
them are kept and the list is read again, up to ``passes`` times. A row that shows twice within one pass may have been
moved there by the very same kind of change each time, so then three passes must agree.

Where passes in small and in large pages have agreed, large pages are proved safe and the next reading uses them for
both passes, as long as they come filled: a page that is not full and not the last one is how a cap would look.

Pages are asked for some way ahead, one at first and then more and more: on a slow line the number of requests under
way is what counts. Only keys' hashes and a running digest are kept, so a list may be long. Everything a pass knows is
in ``Progress``: a reading can stop anywhere and go on in another process.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Collection, Generator, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from connector.domain.requests import Progress
from connector.errors import AuthNeeded, SourceError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Asked(Protocol[T_co]):
    """A page that was asked for."""

    def result(self) -> Sequence[T_co]:
        """Its rows, when they have come; raises what went wrong."""

    def cancel(self) -> object:
        """Nobody will take its rows."""


Ask = Callable[[int, int], Asked[T]]
"""(page from 1, page size) → the page on its way."""

MAX_PAGES = 100_000
LARGER = 10


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``again``: keys of rows that this pass had shown before."""

    rows: tuple[T, ...]
    progress: Progress
    again: frozenset[Hashable] = frozenset()


class _NotFull(Exception):
    """A large page came short in the middle of the list: the server caps after all."""


class Pager:
    """Reads lists of one kind in pages of ``size`` rows, at most ``ahead`` pages under way at once."""

    def __init__(self, size: int, *, ahead: int = 1, max_pages: int = MAX_PAGES, passes: int = 6) -> None:
        self._size = size
        self._ahead = ahead
        self._max_pages = max_pages
        self._passes = passes

    def read(
        self,
        ask: Ask[T],
        key: Callable[[T], Hashable],
        *,
        progress: Progress | None = None,
        seen: Iterable[Hashable] = (),
        rows: int = 0,
        larger: bool | None = None,
    ) -> Generator[Page[T], None, None]:
        """Every page of every pass, in order. ``progress`` and ``seen``: go on behind that page; ``rows`` and
        ``larger``: what an earlier reading found. Raises what ``ask`` raises."""
        state = progress or Progress(larger=larger)
        known = {hash(one) for one in seen} if state.page else set()
        if not self._can_go_on(state, known):
            state, known = self._anew(state), set()
        reading = _Pass(ask, key, self._ahead, self._max_pages, rows)
        while True:
            if state.page == 0:
                state = replace(state, size=self._size_of(state, reading.rows))
            try:
                trusted = state.size > self._size and self._is_proved(state, reading.rows)
                state = yield from reading.run(state, known, trusted=trusted)
            except _NotFull:
                state = Progress(larger=None)
            except AuthNeeded:
                raise
            except SourceError:
                if state.size <= self._size:
                    raise
                state = replace(self._anew(state), larger=False)  # perhaps only the size was refused
            else:
                reading.rows = state.distinct
                state = self._finished(state)
                if state.done:
                    yield Page((), state)
                    return
            known = set()

    def _size_of(self, state: Progress, rows: int) -> int:
        large = self._is_proved(state, rows) or (state.larger is not False and state.number == 2)
        return self._size * LARGER if large else self._size

    def _is_proved(self, state: Progress, rows: int) -> bool:
        """Whether no pass in usual pages is needed to compare with."""
        return state.larger is True and rows >= self._size * LARGER

    @staticmethod
    def _can_go_on(state: Progress, known: set[int]) -> bool:
        """Whether the keys of the unfinished pass are at hand; rows without an id are not among them."""
        return state.page == 0 or (state.size > 0 and len(known) == state.distinct)

    @staticmethod
    def _anew(state: Progress) -> Progress:
        return replace(state, page=0, size=0, chain="", last="", keys=0, distinct=0, largest=0)

    def _finished(self, state: Progress) -> Progress:
        """The state after a pass has come to its end, or given up (``problem``)."""
        if state.problem:
            return replace(state, done=True)
        met = {**state.met, state.chain: state.met.get(state.chain, 0) + 1}
        agreed = met[state.chain] >= (2 if state.keys == state.distinct else 3)
        larger = state.larger
        if state.size > self._size and state.largest > self._size:
            larger = True if agreed else larger
        elif state.size > self._size and state.distinct > self._size:
            larger = False
        state = replace(state, met=met, larger=larger)
        if agreed:
            return replace(state, done=True, complete=True)
        if state.number >= self._passes:
            problem = f"danh sách thay đổi liên tục trong {self._passes} lần đọc"
            return replace(state, done=True, problem=problem)
        return replace(self._anew(state), number=state.number + 1)


class _Pass(Generic[T]):
    """Passes from the first page to the last. ``rows``: how many the list is thought to have, 0 if nobody knows."""

    def __init__(self, ask: Ask[T], key: Callable[[T], Hashable], ahead: int, max_pages: int, rows: int) -> None:
        self._ask = ask
        self._key = key
        self._ahead = ahead
        self._max_pages = max_pages
        self.rows = rows

    def run(self, state: Progress, known: set[int], *, trusted: bool) -> Generator[Page[T], None, Progress]:
        """``trusted``: the list is read in large pages only, so a cap would show nowhere else."""
        asked: deque[Asked[T]] = deque()
        upto, short = state.page, False
        window = self._ahead if self.rows else 1
        try:
            while state.page < self._max_pages:
                for number in range(upto + 1, 1 + min(state.page + window, self._max_pages, self._end(state))):
                    asked.append(self._ask(number, state.size))
                    upto = number
                page = asked.popleft()
                rows = tuple(page.result())
                keys = [self._key(row) for row in rows]
                hashes = {hash(key) for key in keys}
                new = len(hashes - known)
                if trusted and ((short and new) or (state.page == 0 and len(rows) < state.size)):
                    if rows:
                        page.cancel()  # nobody takes them; an empty page is done with
                    raise _NotFull
                short = len(rows) < state.size
                again = _again(keys, known) if new < len(keys) else frozenset[Hashable]()
                known |= hashes
                state, ended = _after(state, keys, new)
                if ended:
                    if rows:
                        yield Page(rows, state, again)
                    return state
                yield Page(rows, state, again)
                window = min(window * 2, self._ahead)
            return replace(state, problem=f"vẫn còn dòng mới sau {self._max_pages} trang")
        finally:
            for one in asked:
                one.cancel()

    def _end(self, state: Progress) -> int:
        """The page up to which to ask ahead: the one that should show that the list has ended, as far as is known."""
        expected = -(-self.rows // state.size) + 1 if self.rows else self._max_pages
        return max(expected, state.page + 1)


def _again(keys: Sequence[Hashable], known: Collection[int]) -> frozenset[Hashable]:
    met: set[Hashable] = set()
    again: set[Hashable] = set()
    for key in keys:
        (again if key in met or hash(key) in known else met).add(key)
    return frozenset(again)


def _after(state: Progress, keys: Sequence[Hashable], new: int) -> tuple[Progress, bool]:
    """The state after a page, and whether that page ends the list. Old rows pushed to a last page are news; a page
    that only repeats the one before is not."""
    page = hashlib.blake2b(repr(keys).encode(), digest_size=12).hexdigest()
    ended = new == 0
    repeated = ended and page == state.last
    if not repeated:
        state = replace(state, chain=_chain(state.chain, keys), keys=state.keys + len(keys))
    largest = max(state.largest, len(keys))
    return replace(state, page=state.page + 1, last=page, distinct=state.distinct + new, largest=largest), ended


def _chain(chain: str, keys: Sequence[Hashable]) -> str:
    """Key by key, so that it does not matter how the keys were cut into pages."""
    for key in keys:
        chain = hashlib.blake2b(f"{chain}{key!r}".encode(), digest_size=12).hexdigest()
    return chain
