"""Jobs side by side: taken lazily, given as they come, ended together."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.errors import SourceGarbled, SourceUnavailable
from connector.sources.rest.workers import side_by_side

Job = Callable[[], int]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as workers:
        yield workers
        workers.shutdown(cancel_futures=True)


def number(value: int) -> Job:
    return lambda: value


def test_every_job_gives_its_result_once(pool: ThreadPoolExecutor) -> None:
    assert sorted(side_by_side(pool, 2, map(number, range(50)))) == list(range(50))
    assert list(side_by_side(pool, 2, [])) == []


def test_jobs_are_taken_only_as_far_ahead_as_was_said(pool: ThreadPoolExecutor) -> None:
    taken: list[int] = []

    def endless() -> Iterator[Job]:
        for value in range(10**9):
            taken.append(value)
            yield number(value)

    results = side_by_side(pool, 2, endless())
    assert taken == []
    for count in range(1, 21):
        next(results)
        assert len(taken) == count - 1 + 4
    results.close()  # type: ignore[attr-defined]


def test_a_result_is_given_when_it_has_come_and_not_when_its_turn_has(pool: ThreadPoolExecutor) -> None:
    second_is_out = threading.Event()

    def first() -> int:
        assert second_is_out.wait(10)
        return 1

    results = side_by_side(pool, 2, [first, number(2)])
    assert next(results) == 2
    second_is_out.set()
    assert list(results) == [1]


@pytest.mark.parametrize("error", [SourceGarbled("broken"), RuntimeError("a bug")])
def test_an_exception_is_raised_as_it_is_and_cancels_what_has_not_begun(error: Exception) -> None:
    begun: list[int] = []
    let_go, second_began = threading.Event(), threading.Event()

    def failing() -> int:
        assert second_began.wait(10)
        raise error

    def second() -> int:
        second_began.set()
        assert let_go.wait(10)
        return 2

    def third() -> int:
        begun.append(3)
        return 3

    with ThreadPoolExecutor(2) as pool:
        # The thread of the one that fails begins another before anybody knows: that is held back, too.
        results = side_by_side(pool, 2, [failing, second, let_go.wait, third])
        with pytest.raises(type(error), match=str(error)):
            list(results)
        let_go.set()
    assert begun == []


def test_whoever_stops_taking_results_cancels_what_has_not_begun() -> None:
    begun: list[int] = []
    let_go = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        results = side_by_side(pool, 1, [number(1), let_go.wait, lambda: begun.append(3) or 3])  # type: ignore[func-returns-value]
        assert next(results) == 1
        results.close()  # type: ignore[attr-defined]
        let_go.set()
    assert begun == []


def test_a_pool_closed_by_another_thread_is_a_source_that_was_stopped() -> None:
    pool = ThreadPoolExecutor(1)
    closed, began = threading.Event(), threading.Event()

    def blocked() -> int:
        began.set()
        assert closed.wait(10)
        return 1

    def close() -> None:
        assert began.wait(10)
        pool.shutdown(wait=False, cancel_futures=True)
        closed.set()

    closer = threading.Thread(target=close)
    closer.start()
    with pytest.raises(SourceUnavailable, match="stopped") as caught:
        take_all(side_by_side(pool, 1, itertools.chain([blocked], ended_by(closed))))
    assert caught.value.fields["final"], "not worth another try"
    closer.join()


def ended_by(closed: threading.Event) -> Iterator[Job]:
    """Jobs without end, each of which fails once the pool is closed, as requests do when the client is."""

    def one() -> int:
        if closed.is_set():
            raise SourceUnavailable("reading was stopped", final=True)
        return 2

    return itertools.repeat(one)


def take_all(results: Iterator[int]) -> None:
    for _ in results:
        pass


@pytest.mark.parametrize("workers", [1, 2])
def test_a_pool_can_be_closed_while_nobody_takes_results(workers: int) -> None:
    """As a run that failed half-way does: its results still hang on the error."""
    pool = ThreadPoolExecutor(workers)
    results = side_by_side(pool, workers, map(number, range(9)))
    assert next(results) in range(9)
    closing = threading.Thread(target=pool.shutdown, daemon=True)
    closing.start()
    closing.join(10)
    assert not closing.is_alive(), "its threads wait for jobs, and it for them"
    with pytest.raises(SourceUnavailable, match="stopped"):
        take_all(results)


def test_a_pool_whose_threads_are_busy_with_something_else_may_be_closed_too() -> None:
    pool = ThreadPoolExecutor(1)
    let_go = threading.Event()
    pool.submit(let_go.wait)

    def close() -> None:
        pool.shutdown(wait=False, cancel_futures=True)
        let_go.set()

    threading.Timer(0.05, close).start()
    with pytest.raises(SourceUnavailable, match="stopped"):
        take_all(side_by_side(pool, 1, map(number, range(9))))
