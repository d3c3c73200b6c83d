"""Many lists at once: each in order, no more of it unstored than allowed, and nobody left behind when it is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from connector.domain.records import RawRow, Stream
from connector.domain.requests import ListPage, ListRequest
from connector.errors import AuthNeeded, ConnectorError, SourceGarbled, SourceRefused, SourceUnavailable
from connector.sources.rest.lists import ListJob, ListReader
from connector.sources.rest.paging import Pager
from connector.sources.rest.requests import paging_key

NOW = datetime(2022, 2, 28, 16, 30, tzinfo=UTC)
SIZE = 5


@dataclass
class Server:
    """Lists by name, paged; ``fetched``: every page asked for. ``errors``: (list, page) → what comes instead."""

    lists: dict[str, int]
    errors: dict[tuple[str, int], BaseException] = field(default_factory=dict)
    before: Callable[[str, int, int], object] = lambda name, number, size: None
    fetched: list[tuple[str, int, int]] = field(default_factory=list)

    def job(
        self,
        name: str,
        *,
        ahead: int,
        rows: int = 0,
        larger: bool | None = None,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> ListJob:
        """``rows`` and ``larger``: what an earlier reading is said to have found."""
        stream = Stream("vnpt", "ketnoi.mau", "1001", name)

        def fetch(number: int, size: int) -> Sequence[RawRow]:
            self.fetched.append((name, number, size))
            self.before(name, number, size)
            if (name, number) in self.errors:
                raise self.errors[(name, number)]
            ids = range(self.lists[name])[(number - 1) * size : number * size]
            return [RawRow("task_row", stream, {"id": one}, NOW, key=(str(one), "")) for one in ids]

        request = ListRequest(stream, rows=rows, larger=larger)
        return ListJob(request, Pager(SIZE, ahead=ahead), turn, fetch, paging_key)


@contextmanager
def workers(count: int) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(count, thread_name_prefix="workers") as pool:
        yield pool


def reading(pool: ThreadPoolExecutor, jobs: Sequence[ListJob], permits: int = 4) -> Iterator[list[ListPage]]:
    return ListReader(pool, permits=permits, most=4, name="vnpt").read(jobs)


def gathered(pages: Iterator[list[ListPage]]) -> dict[str, list[ListPage]]:
    found: dict[str, list[ListPage]] = {}
    for some in pages:
        assert some, "nobody is woken for nothing"
        for page in some:
            found.setdefault(page.stream.list, []).append(page)
    return found


def ids(pages: Sequence[ListPage], number: int = 1) -> list[int]:
    return [row.payload["id"] for page in pages if page.progress.number == number for row in page.rows]


def no_thread_is_left() -> bool:
    return not [one.name for one in threading.enumerate() if one.name.startswith("lists-")]


def test_several_lists_are_read_at_once_each_in_its_order_and_to_its_end() -> None:
    both = threading.Barrier(2, timeout=10)
    server = Server({"dagiao": 23, "duocgiao": 7, "K": 0})
    server.before = lambda name, number, size: number == 1 and name != "K" and both.wait()
    with workers(4) as pool:
        found = gathered(reading(pool, [server.job(name, ahead=2) for name in server.lists]))
    assert {name: ids(pages) for name, pages in found.items()} == {
        "dagiao": list(range(23)), "duocgiao": list(range(7)), "K": [],
    }  # fmt: skip
    for pages in found.values():
        assert [page.progress.done for page in pages] == [False] * (len(pages) - 1) + [True]
        assert pages[-1].progress.complete
    assert no_thread_is_left()


def test_more_lists_than_may_be_read_at_once_are_all_read() -> None:
    server = Server({f"K{number}": number for number in range(20)})
    with workers(2) as pool:
        found = gathered(reading(pool, [server.job(name, ahead=2) for name in server.lists], permits=2))
    assert {name: len(ids(pages)) for name, pages in found.items()} == server.lists


def test_without_lists_there_is_nothing_to_read() -> None:
    with workers(1) as pool:
        assert list(reading(pool, [])) == []


@pytest.mark.parametrize(
    "error",
    [SourceRefused("code 7: Không có quyền"), SourceGarbled("no list", final=True), SourceUnavailable("HTTP 500")],
)
@pytest.mark.parametrize("fails_at", [1, 3])
def test_a_list_that_fails_is_incomplete_and_neither_stops_nor_repeats_the_others(
    error: ConnectorError, fails_at: int
) -> None:
    server = Server({"dagiao": 23, "duocgiao": 23}, {("dagiao", fails_at): error})
    with workers(2) as pool:
        found = gathered(reading(pool, [server.job(name, ahead=1) for name in server.lists]))
    assert ids(found["dagiao"]) == list(range(5 * (fails_at - 1))), "what had come is kept"
    end = found["dagiao"][-1].progress
    assert (end.done, end.complete, end.problem) == (True, False, str(error))
    assert found["duocgiao"][-1].progress.complete
    asked = [(number, size) for name, number, size in server.fetched if name == "duocgiao"]
    assert asked == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5), (6, 5), (1, 50), (2, 50)]


def test_if_not_one_list_can_be_read_the_reading_fails() -> None:
    server = Server({"dagiao": 3, "duocgiao": 3})
    server.errors = {(name, 1): SourceRefused(f"no {name}") for name in server.lists}
    with workers(2) as pool, pytest.raises(SourceRefused):
        gathered(reading(pool, [server.job(name, ahead=2) for name in server.lists]))
    assert no_thread_is_left()


@pytest.mark.parametrize(
    "error", [SourceUnavailable("told to stop", final=True), AuthNeeded("refused"), ZeroDivisionError("a bug")]
)
def test_what_brings_the_reading_down_is_raised_after_the_pages_that_had_come(error: Exception) -> None:
    server = Server({"dagiao": 23, "duocgiao": 10_000}, {("dagiao", 3): error})
    found: list[ListPage] = []

    def take_all(pages: Iterator[list[ListPage]]) -> None:
        for some in pages:
            found.extend(some)

    with workers(2) as pool, pytest.raises(type(error), match=str(error)):
        take_all(reading(pool, [server.job(name, ahead=1) for name in server.lists]))
    assert ids([page for page in found if page.stream.list == "dagiao"]) == list(range(10))
    assert no_thread_is_left()


def test_a_source_that_is_down_is_told_by_lists_of_different_names() -> None:
    server = Server({f"K{number}": 3 for number in range(20)})
    server.errors = {(name, 1): SourceUnavailable("HTTP 503") for name in list(server.lists)[2:]}
    found: list[ListPage] = []

    def take_all(pages: Iterator[list[ListPage]]) -> None:
        for some in pages:
            found.extend(some)

    with workers(1) as pool:
        pages = ListReader(pool, permits=1, most=1, name="vnpt").read(
            [server.job(name, ahead=1) for name in server.lists]
        )
        with pytest.raises(SourceUnavailable, match="503"):
            take_all(pages)
    assert {page.stream.list for page in found} == {"K0", "K1"}
    assert not [page for page in found if page.progress.problem], "what was not had is gone on with, not given up"
    assert len({name for name, *_ in server.fetched}) < 8, "the others were not asked for"
    assert no_thread_is_left()


@dataclass
class Unstored:
    """Pages of lists that are under way or not stored yet. Those without rows have nothing to store."""

    server: Server
    now: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server.before = self.asked
        self._changed = threading.Condition()

    def asked(self, name: str, number: int, size: int) -> None:
        with self._changed:
            self.now[name] = self.now.get(name, 0) + ((number - 1) * size < self.server.lists[name])
            self.most[name] = max(self.most.get(name, 0), self.now[name])
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        """Until so many were open of every list."""
        with self._changed:
            done = self._changed.wait_for(lambda: all(self.most.get(o, 0) >= count for o in self.server.lists), 10)
        assert done, self.most

    def stored(self, pages: Sequence[ListPage]) -> None:
        with self._changed:
            for page in pages:
                self.now[page.stream.list] -= bool(page.rows)


@pytest.mark.parametrize("permits", [1, 2, 4])
def test_no_more_pages_of_a_list_are_unstored_or_under_way_than_allowed(permits: int) -> None:
    """A kill costs no more than those: they are fetched again."""
    server = Server({"dagiao": 93, "duocgiao": 48})
    unstored = Unstored(server)
    jobs = [server.job(name, ahead=permits, rows=rows) for name, rows in server.lists.items()]
    with workers(8) as pool:
        for some in reading(pool, jobs, permits):
            unstored.wait_for(permits)
            unstored.stored(some)
    assert unstored.most == dict.fromkeys(server.lists, permits)


def test_a_large_page_that_came_empty_gives_its_permit_back_once() -> None:
    server = Server({"dagiao": 0})
    unstored = Unstored(server)

    def filled(name: str, number: int, size: int) -> None:
        if size == SIZE:
            server.lists["dagiao"] = 93
        unstored.asked(name, number, size)

    server.before = filled
    with workers(4) as pool:
        for some in reading(pool, [server.job("dagiao", ahead=2, rows=93, larger=True)], permits=2):
            unstored.stored(some)
    assert unstored.most["dagiao"] <= 2


def test_the_turn_of_a_list_ends_when_no_page_of_it_is_under_way_any_more() -> None:
    """Where identities end each other's session, a page asked for in vain would take it from the next list."""
    server = Server({"dagiao": 3})
    let_go = threading.Event()
    steps: list[str] = []

    def hold(name: str, number: int, size: int) -> None:
        if number == 3:
            assert let_go.wait(10)
            steps.append("page 3")

    @contextmanager
    def turn() -> Iterator[None]:
        yield
        steps.append("turn ends")

    server.before = hold
    with workers(4) as pool:
        for some in reading(pool, [server.job("dagiao", ahead=4, turn=turn)]):
            if some[-1].progress.done:
                let_go.set()
    assert steps == ["page 3", "turn ends"]


@pytest.mark.parametrize("permits", [1, 4])
@pytest.mark.parametrize("larger", [None, True])
def test_a_consumer_that_stops_early_leaves_no_thread_behind(permits: int, larger: bool | None) -> None:
    server = Server({"dagiao": 10_000, "duocgiao": 10_000})
    jobs = [server.job(name, ahead=permits, rows=10_000, larger=larger) for name in server.lists]
    with workers(4) as pool:
        pages = reading(pool, jobs, permits)
        next(pages)
        closing = threading.Thread(target=pages.close, daemon=True)  # type: ignore[attr-defined]
        closing.start()
        closing.join(10)
        assert not closing.is_alive(), "it waits for somebody who waits for it"
    assert no_thread_is_left()
    assert len(server.fetched) <= 2 * 2 * permits


def test_a_pool_closed_by_another_thread_while_pages_wait_is_a_source_that_was_stopped() -> None:
    server = Server({"dagiao": 23, "duocgiao": 23})
    began, let_go = threading.Event(), threading.Event()
    pool = ThreadPoolExecutor(1)

    def block(name: str, number: int, size: int) -> None:
        began.set()
        assert let_go.wait(10)

    def close() -> None:
        assert began.wait(10)
        pool.shutdown(wait=False, cancel_futures=True)
        let_go.set()

    server.before = block
    closer = threading.Thread(target=close)
    closer.start()
    with pytest.raises(SourceUnavailable, match="stopped"):
        gathered(reading(pool, [server.job(name, ahead=2) for name in server.lists]))
    closer.join()
    assert no_thread_is_left()
