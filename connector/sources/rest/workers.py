"""Jobs side by side, results as they come."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from connector.errors import SourceUnavailable

T = TypeVar("T")


def side_by_side(pool: ThreadPoolExecutor, jobs: Iterable[Callable[[], T]], *, ahead: int) -> Iterator[T]:
    """Results in the order in which they come; at most ``ahead`` jobs are under way, and no more are taken from
    ``jobs`` before that. Raises what a job raises, and SourceUnavailable if the pool is closed meanwhile."""
    ended: queue.SimpleQueue[Future[T]] = queue.SimpleQueue()
    iterator = iter(jobs)
    under_way: set[Future[T]] = set()
    try:
        while True:
            for job in islice(iterator, ahead - len(under_way)):
                future = pool.submit(job)
                under_way.add(future)
                future.add_done_callback(ended.put)  # also called when it is cancelled
            if not under_way:
                return
            future = ended.get()
            under_way.discard(future)
            yield future.result()
    except (CancelledError, RuntimeError) as error:  # closed by another thread
        if isinstance(error, RuntimeError) and not _is_closed(pool):
            raise
        raise SourceUnavailable("reading was stopped", final=True) from error
    finally:
        for future in under_way:
            future.cancel()


def _is_closed(pool: ThreadPoolExecutor) -> bool:
    try:
        pool.submit(lambda: None)
    except RuntimeError:
        return True
    return False
