"""Jobs side by side, results as they come."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from connector.errors import SourceUnavailable

T = TypeVar("T")


def side_by_side(pool: ThreadPoolExecutor, workers: int, jobs: Iterable[Callable[[], T]]) -> Iterator[T]:
    """Results in the order in which they come, from ``workers`` threads of the pool; no more jobs are taken than twice
    as many as those. Raises what a job raises, and SourceUnavailable if the pool is closed.

    The threads are handed jobs through a queue, not one by one through the pool, whose bookkeeping costs as much as a
    request."""
    todo: queue.SimpleQueue[Callable[[], T] | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        while (job := todo.get()) is not None:
            try:
                done.put((job(), None))
            except BaseException as error:
                done.put((None, error))

    iterator, under_way, started = iter(jobs), 0, 0
    try:
        while True:
            for job in islice(iterator, 2 * workers - under_way):
                todo.put(job)
                under_way += 1
                if started < workers:
                    pool.submit(work)
                    started += 1
            if not under_way:
                return
            result, error = done.get()
            under_way -= 1
            if error is not None:
                raise error
            yield result  # type: ignore[misc]  # no error: a result
    except RuntimeError as error:
        if "after shutdown" not in str(error):
            raise
        raise SourceUnavailable("reading was stopped", final=True) from error
    finally:
        while not todo.empty():  # what nobody has begun is not begun any more
            try:
                todo.get_nowait()
            except queue.Empty:
                break
        for _ in range(started):
            todo.put(None)
