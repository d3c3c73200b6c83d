"""Many lists at once, each page by page.

A list is read by a thread of its own, which holds its account's turn and asks for pages; the pages themselves are
fetched by the source's workers. Whoever takes the pages says by coming back for more that they are stored: no more
pages of a list are ever under way or unstored than may be asked for at once, so a kill costs no more than those.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Any

from connector.domain.records import RawRow
from connector.domain.requests import ListPage, ListRequest, Progress
from connector.errors import SourceError, SourceGarbled, SourceRefused, SourceUnavailable
from connector.sources.rest.health import Outage
from connector.sources.rest.paging import Pager


@dataclass(frozen=True, slots=True)
class ListJob:
    """How one list is read. ``turn``: held while it is; ``fetch(number, size)``: the rows of a page."""

    request: ListRequest
    pager: Pager
    turn: Callable[[], AbstractContextManager[None]]
    fetch: Callable[[int, int], Sequence[RawRow]]
    key: Callable[[RawRow], Any]


class _Asked:
    """A page under way; its permit goes back when the page is stored, or here when there is nothing to store. Cancelled
    too late, it joins those asked for ``in_vain``."""

    def __init__(
        self, future: Future[Sequence[RawRow]], permits: threading.Semaphore, in_vain: list[Future[Sequence[RawRow]]]
    ) -> None:
        self._future = future
        self._permits = permits
        self._in_vain = in_vain

    def result(self) -> Sequence[RawRow]:
        rows: Sequence[RawRow] = ()
        try:
            rows = self._future.result()
        finally:
            if not rows:
                self._permits.release()
        return rows

    def cancel(self) -> None:
        if not self._future.cancel():
            self._in_vain.append(self._future)
        self._permits.release()


@dataclass(frozen=True, slots=True)
class _Ended:
    """A list is over; ``error`` if it brought the whole reading down, ``refused`` if only itself. ``left``: how one
    that could not be had is given up, unless the source turns out to be down: then the next run goes on with it."""

    error: BaseException | None = None
    refused: SourceError | None = None
    left: ListPage | None = None


class ListReader:
    """``workers`` fetch; ``permits`` pages of a list may be under way or unstored; ``most`` lists at once."""

    def __init__(self, workers: ThreadPoolExecutor, permits: int, most: int, name: str) -> None:
        self._workers = workers
        self._permits = permits
        self._most = most
        self._name = name
        self._stopped = threading.Event()
        self._outage = Outage()

    def read(self, jobs: Sequence[ListJob]) -> Iterator[list[ListPage]]:
        """Pages as they come, several together where several are there. A list that is refused, unreadable or not to be
        had ends incomplete; a source that is down (several such lists in a row), a refused login, and lists of which
        not one can be read raise."""
        if not jobs:
            return
        pages: queue.SimpleQueue[tuple[ListPage, threading.Semaphore] | _Ended] = queue.SimpleQueue()
        permits = [threading.Semaphore(self._permits) for _ in jobs]
        refused: list[SourceError] = []
        given_up: list[ListPage] = []
        left = len(jobs)
        with ThreadPoolExecutor(min(self._most, left), thread_name_prefix=f"lists-{self._name}") as readers:
            futures = [readers.submit(self._one, *one, pages) for one in zip(jobs, permits, strict=True)]
            try:
                while left:
                    taken = _take(pages)
                    found = [one for one in taken if not isinstance(one, _Ended)]
                    if found:
                        yield [page for page, _ in found]
                    for page, permit in found:
                        if page.rows:
                            permit.release()
                    for one in taken:
                        if isinstance(one, _Ended):
                            left -= 1
                            if one.error is not None:
                                raise one.error
                            refused += [one.refused] if one.refused is not None else []
                            given_up += [one.left] if one.left is not None else []
            finally:
                self._stopped.set()
                for future in futures:
                    future.cancel()
                for permit in permits:
                    permit.release(self._permits)  # whoever waits for one sees that it is over
        if len(refused) == len(jobs) or self._outage.is_likely():
            # Not one list could be read: that is no reading at all. One that was not to be had may be tomorrow.
            raise next((one for one in refused if isinstance(one, SourceUnavailable)), refused[-1])
        if given_up:
            yield given_up

    def _one(self, job: ListJob, permits: threading.Semaphore, pages: queue.SimpleQueue[Any]) -> None:
        def ask(number: int, size: int) -> _Asked:
            self._require_running()  # told once, the pager may ask for another page: no permit would come for that
            permits.acquire()
            self._require_running()
            try:
                return _Asked(self._workers.submit(job.fetch, number, size), permits, in_vain)
            except RuntimeError as error:  # closed by another thread
                raise self._end() from error

        request = job.request
        in_vain: list[Future[Sequence[RawRow]]] = []
        progress = request.progress or Progress()
        reading = job.pager.read(
            ask, job.key, progress=request.progress, seen=request.seen, rows=request.rows, larger=request.larger
        )
        ended = _Ended()
        try:
            with job.turn():
                for page in reading:
                    progress = page.progress
                    self._outage.over()
                    pages.put((ListPage(request.stream, page.rows, progress, page.again), permits))
                wait(in_vain)  # where identities end each other's session, they would take it from the next list
        except (SourceRefused, SourceGarbled) as error:
            given_up = replace(progress, done=True, complete=False, problem=str(error))
            pages.put((ListPage(request.stream, (), given_up), permits))
            ended = _Ended(refused=error)
        except SourceUnavailable as error:
            error.fields["list"] = str(request.stream)
            try:
                if error.retry_after is not None:
                    raise error  # the server has asked for a pause: not the list is busy, the server is
                self._outage.count(error, request.stream.list)
            except SourceUnavailable:
                ended = _Ended(error=error)
            else:
                given_up = replace(progress, done=True, complete=False, problem=str(error))
                ended = _Ended(refused=error, left=ListPage(request.stream, (), given_up))
        except CancelledError:  # closed by another thread
            ended = _Ended(error=self._end())
        except BaseException as error:
            ended = _Ended(error=error)
        finally:
            reading.close()
            pages.put(ended)

    def _require_running(self) -> None:
        if self._stopped.is_set():
            raise self._end()

    def _end(self) -> SourceUnavailable:
        return SourceUnavailable("reading was stopped", final=True, source=self._name)


def _take(pages: queue.SimpleQueue[Any]) -> list[Any]:
    """What is there, at least one. Waits without a time limit: under ``faketime`` a timed wait never ends."""
    found = [pages.get()]
    with suppress(queue.Empty):
        while True:
            found.append(pages.get_nowait())
    return found
