"""Jobs side by side: taken lazily, given as they come, ended together."""

from __future__ import annotations

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
    assert sorted(side_by_side(pool, map(number, range(50)), ahead=4)) == list(range(50))
    assert list(side_by_side(pool, [], ahead=4)) == []


def test_jobs_are_taken_only_as_far_ahead_as_was_said(pool: ThreadPoolExecutor) -> None:
    taken: list[int] = []

    def endless() -> Iterator[Job]:
        for value in range(10**9):
            taken.append(value)
            yield number(value)

    results = side_by_side(pool, endless(), ahead=5)
    assert taken == []
    for count in range(1, 21):
        next(results)
        assert len(taken) == count - 1 + 5
    results.close()  # type: ignore[attr-defined]


def test_a_result_is_given_when_it_has_come_and_not_when_its_turn_has(pool: ThreadPoolExecutor) -> None:
    second_is_out = threading.Event()

    def first() -> int:
        assert second_is_out.wait(10)
        return 1

    results = side_by_side(pool, [first, number(2)], ahead=2)
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
        # The worker that failed may begin one more before the failure is seen; it holds that one back, too.
        results = side_by_side(pool, [failing, second, let_go.wait, third, third], ahead=5)
        with pytest.raises(type(error), match=str(error)):
            list(results)
        let_go.set()
    assert begun == []


def test_whoever_stops_taking_results_cancels_what_has_not_begun() -> None:
    begun: list[int] = []
    let_go = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        results = side_by_side(pool, [number(1), let_go.wait, lambda: begun.append(3) or 3], ahead=3)  # type: ignore[func-returns-value]
        assert next(results) == 1
        results.close()  # type: ignore[attr-defined]
        let_go.set()
    assert begun == []


def test_a_pool_closed_by_another_thread_while_jobs_wait_is_a_source_that_was_stopped() -> None:
    pool = ThreadPoolExecutor(1)
    let_go, began = threading.Event(), threading.Event()

    def blocked() -> int:
        began.set()
        assert let_go.wait(10)
        return 1

    def close() -> None:
        assert began.wait(10)
        pool.shutdown(wait=False, cancel_futures=True)
        let_go.set()

    closer = threading.Thread(target=close)
    closer.start()
    with pytest.raises(SourceUnavailable, match="stopped") as caught:
        list(side_by_side(pool, [blocked, number(2), number(3)], ahead=3))
    assert caught.value.fields["final"], "not worth another try"
    closer.join()


def test_a_pool_closed_between_two_jobs_is_a_source_that_was_stopped() -> None:
    pool = ThreadPoolExecutor(1)
    results = side_by_side(pool, map(number, range(9)), ahead=1)
    assert next(results) == 0
    pool.shutdown()
    with pytest.raises(SourceUnavailable, match="stopped"):
        next(results)
