"""Jobs side by side, results as they come."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import TypeVar

from connector.errors import SourceUnavailable

T = TypeVar("T")


def side_by_side(pool: ThreadPoolExecutor, workers: int, jobs: Iterable[Callable[[], T]]) -> Iterator[T]:
    """Results in the order in which they come, from ``workers`` threads of the pool; no more jobs are taken than twice
    as many as those. Raises what a job raises, and SourceUnavailable if the pool is closed.

    The threads take jobs from a queue as long as there are any, not one by one from the pool, whose bookkeeping costs
    as much as a request. None waits for a job: whoever closes the pool waits for its threads, perhaps while nobody
    takes results."""
    todo: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[T | None, BaseException | None] | None] = queue.SimpleQueue()

    def work() -> None:
        with suppress(queue.Empty):
            while True:
                job = todo.get_nowait()
                try:
                    done.put((job(), None))
                except BaseException as error:
                    done.put((None, error))

    iterator, under_way, working = iter(jobs), 0, 0
    try:
        while True:
            for job in islice(iterator, 2 * workers - under_way):
                todo.put(job)
                under_way += 1
            for _ in range(min(workers - working, todo.qsize())):
                pool.submit(work).add_done_callback(lambda _: done.put(None))  # also called when it is cancelled
                working += 1
            if not under_way:
                return
            taken = done.get()
            if taken is None:
                working -= 1
                continue
            under_way -= 1
            result, error = taken
            if error is not None:
                raise error
            yield result  # type: ignore[misc]  # no error: a result
    except RuntimeError as error:
        if "after shutdown" not in str(error):
            raise
        raise SourceUnavailable("reading was stopped", final=True) from error
    finally:
        with suppress(queue.Empty):  # what nobody has begun is not begun any more
            while True:
                todo.get_nowait()
