"""VNPT-iOffice over its mobile REST API, as a ``Source``: strictly read-only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import structlog
from pydantic import SecretStr

from connector.domain.records import RawRow, Stream
from connector.domain.requests import PartReading, PartRequest
from connector.errors import (
    AuthNeeded,
    ConnectorError,
    ForbiddenRequest,
    SettingsError,
    SourceError,
    SourceGarbled,
    SourceRefused,
    SourceUnavailable,
)
from connector.ports import Clock, ListReading
from connector.settings import RestSettings
from connector.sources.rest import requests as wire
from connector.sources.rest.client import RestClient
from connector.sources.rest.pace import Sleep
from connector.sources.rest.paging import Pager
from connector.sources.rest.session import Account, Session, open_sessions

T = TypeVar("T")
_ListResult = tuple[ListReading, SourceError | None]
_OUTAGE = 3
"""So many records in a row that could not be had: the source is down, not the record."""


class RestSource:
    """Implements ``ports.Source``. ``passwords``: user name → password. ``sleep``: how to wait (seconds) before a
    request is tried again; the default can be ended by ``stop``. May be opened again after ``close``."""

    def __init__(
        self,
        name: str,
        settings: RestSettings,
        passwords: Mapping[str, SecretStr],
        *,
        clock: Clock,
        sleep: Sleep | None = None,
        log: Any = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._passwords = passwords
        self._clock = clock
        self._log = log or structlog.get_logger()
        self._client = RestClient(settings, clock=clock, sleep=sleep, log=self._log, source=name)
        self._task_pages = Pager(settings.task_page_size)
        self._document_pages = Pager(settings.document_page_size)
        self._sessions: dict[tuple[str, str], Session] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._outage = _Outage()

    @property
    def requests(self) -> int:
        return self._client.requests

    @property
    def clock_ahead(self) -> float | None:
        """Seconds our clock is ahead of the server's; None if it does not say the time."""
        return self._client.clock_ahead

    # -- opening and closing ---------------------------------------------------------------------------------------

    def open(self) -> None:
        settings = self._settings
        missing = [account.username for account in settings.accounts if account.username not in self._passwords]
        if missing:
            raise SettingsError([f"sources.{self.name}.accounts: thiếu mật khẩu của {one}" for one in missing])
        self._client.resume()
        self._sessions.clear()
        for section in settings.accounts:
            password = self._passwords[section.username]
            account = Account(self._client, settings.login_path, section.username, password, self.name)
            for session in open_sessions(self._client, account, section):
                self._sessions[(section.username, session.identity)] = session
        self._pool = ThreadPoolExecutor(settings.concurrency, thread_name_prefix=f"rest-{self.name}")
        self._log.info("rest.opened", accounts=len(settings.accounts), identities=len(self._sessions))

    def stop(self) -> None:
        """Ends all reading within a second, from any thread: what is under way raises SourceUnavailable."""
        self._client.interrupt()

    def close(self) -> None:
        with suppress(Exception):
            pool, self._pool = self._pool, None
            if pool is not None:
                self._client.interrupt()
                pool.shutdown(wait=True, cancel_futures=True)
            self._client.resume()
            sessions = list(self._sessions.values())
            self._sessions.clear()
            for session in sessions:
                session.log_out()
        self._client.close()

    # -- lists -----------------------------------------------------------------------------------------------------

    def task_lists(self) -> Iterator[ListReading]:
        pairs = [(session, name) for session in self._sessions.values() for name in self._settings.task_lists]
        return self._lists([partial(self._task_list, session, name) for session, name in pairs])

    def _task_list(self, session: Session, name: str) -> _ListResult:
        page = partial(wire.task_page, name)
        return self._list(session, name, "task_row", self._task_pages, page, wire.task_key(name))

    def document_lists(self) -> Iterator[ListReading]:
        pairs = [(session, kho) for session in self._sessions.values() for kho in self._stores(session)]
        return self._lists([partial(self._document_list, session, kho) for session, kho in pairs])

    def _document_list(self, session: Session, kho: str) -> _ListResult:
        page = partial(wire.document_page, kho)
        return self._list(session, kho, "document_row", self._document_pages, page, wire.document_key)

    def _stores(self, session: Session) -> Sequence[str]:
        configured = self._settings.document_stores
        return session.welcome.stores if configured == "menu" else configured

    def _list(
        self,
        session: Session,
        name: str,
        kind: str,
        pager: Pager,
        page: Callable[[int, int], wire.Request],
        key: Callable[[Any], Any],
    ) -> _ListResult:
        """One list to its end. A refused or unreadable one is incomplete; an unavailable source raises."""
        stream = self._stream(session, name)
        got: list[RawRow] = []

        def fetch(number: int, size: int) -> list[RawRow]:
            answer = session.ask(*page(number, size))
            at = answer.fetched_at
            rows = [RawRow(kind, stream, row, at, position=i) for i, row in enumerate(wire.rows(answer.data))]
            got.extend(rows)
            return rows

        with session.account.turn(session):
            try:
                listing = pager.read(fetch, lambda row: key(row.payload))
            except (SourceRefused, SourceGarbled) as error:
                self._log.warning("rest.list_failed", stream=str(stream), cause=str(error))
                rows = {key(row.payload): row for row in got}
                return ListReading(stream, tuple(rows.values()), False, str(error)), error
        return ListReading(stream, listing.rows, listing.complete, listing.problem), None

    def _lists(self, jobs: Sequence[Callable[[], _ListResult]]) -> Iterator[ListReading]:
        failed: list[SourceError] = []
        for reading, error in self._side_by_side(jobs, in_order=True):
            if error is not None:
                failed.append(error)
            yield reading
        if failed and len(failed) == len(jobs):
            raise failed[-1]  # not one list could be read: that is no reading at all

    # -- secret documents ------------------------------------------------------------------------------------------

    def secret_documents(self) -> frozenset[str] | None:
        codes = tuple(self._settings.confidential_codes.values())
        jobs = [partial(self._secret, session, code) for session in self._sessions.values() for code in codes]
        found: set[str] = set()
        try:
            for ids in self._side_by_side(jobs):
                found |= ids
        except (SourceRefused, SourceGarbled) as error:
            self._log.warning("rest.secrecy_unknown", cause=str(error))
            return None
        return frozenset(found) if jobs else None

    def _secret(self, session: Session, code: str) -> frozenset[str]:
        def fetch(number: int, size: int) -> list[Any]:
            return wire.rows(session.ask(*wire.secret_page(code, number, size)).data)

        with session.account.turn(session):
            listing = self._document_pages.read(fetch, wire.document_key)
        ids = [wire.record_id(row) for row in listing.rows]
        if not listing.complete or None in ids:
            raise SourceGarbled(listing.problem or "a secret document without an id")
        return frozenset(one for one in ids if one is not None)

    # -- parts -----------------------------------------------------------------------------------------------------

    def task_parts(self, wanted: Iterable[PartRequest]) -> Iterator[PartReading]:
        return self._parts(wanted)

    def document_parts(self, wanted: Iterable[PartRequest]) -> Iterator[PartReading]:
        return self._parts(wanted)

    def _parts(self, wanted: Iterable[PartRequest]) -> Iterator[PartReading]:
        if any(session.account.takes_turns for session in self._sessions.values()):
            wanted = sorted(wanted, key=lambda one: (one.stream.account, one.stream.identity))
        self._outage = _Outage()
        return self._side_by_side(partial(self._record, request) for request in wanted)

    def _record(self, request: PartRequest) -> PartReading:
        """All parts of one record. A part that fails is named in ``failed``; AuthNeeded and an outage raise."""
        session = self._sessions.get((request.stream.account, request.stream.identity))
        if session is None:
            return PartReading(request, (), dict.fromkeys(request.parts, "its identity is not read any more"))
        rows: list[RawRow] = []
        failed: dict[str, str] = {}
        with session.account.turn(session):
            for part in sorted(request.parts):
                try:
                    kind, asked = wire.part(part, request)
                    answer = session.ask(*asked)
                except SourceUnavailable as error:
                    failed[part] = str(error)
                    self._outage.count(error)
                except (SourceRefused, SourceGarbled, ForbiddenRequest) as error:
                    failed[part] = str(error)
                else:
                    self._outage.over()
                    rows.append(RawRow(kind, request.stream, answer.data, answer.fetched_at, request.subject))
        if failed:
            self._log.warning("rest.parts_failed", record=request.subject, parts=failed)
        return PartReading(request, tuple(rows), failed)

    # -- figures ---------------------------------------------------------------------------------------------------

    def counters(self) -> Mapping[str, int]:
        """Menu counters as "identity/NAME"; the job report of this month as "identity/jobreport.name"."""
        month = self._clock.local_date(self._clock.now()).month
        figures: dict[str, int] = {}
        for session in list(self._sessions.values()):
            with session.account.turn(session):
                for path, read in (
                    ("api/document/countmenu/", wire.menu_counters),
                    (f"api/report/jobreport/{month}/", wire.job_report),
                ):
                    try:
                        found = read(session.ask("GET", path).data)
                    except AuthNeeded:
                        raise
                    except ConnectorError as error:
                        self._log.warning("rest.counters_failed", identity=session.identity, cause=str(error))
                        continue
                    figures |= {f"{session.identity}/{name}": number for name, number in found.items()}
        return figures

    # -- threads ---------------------------------------------------------------------------------------------------

    def _stream(self, session: Session, name: str) -> Stream:
        return Stream(self.name, session.account.username, session.identity, name)

    def _submit(self, pool: ThreadPoolExecutor, job: Callable[[], T]) -> Future[T]:
        try:
            return pool.submit(job)
        except RuntimeError as error:  # closed by another thread
            raise SourceUnavailable("reading was stopped", source=self.name) from error

    def _side_by_side(self, jobs: Iterable[Callable[[], T]], *, in_order: bool = False) -> Iterator[T]:
        """Results as they come, or in the order of the jobs; at most twice as many under way as there are workers."""
        if self._pool is None:
            raise SourceUnavailable("the source is not open", source=self.name)
        pool, ahead = self._pool, 2 * self._settings.concurrency
        iterator = iter(jobs)
        waiting: list[Future[T]] = []
        try:
            while True:
                waiting.extend(self._submit(pool, job) for job in islice(iterator, ahead - len(waiting)))
                if not waiting:
                    return
                for future in _finished(waiting[:1] if in_order else waiting):
                    waiting.remove(future)
                    yield future.result()
        except CancelledError as error:  # closed by another thread
            raise SourceUnavailable("reading was stopped", source=self.name) from error
        finally:
            for future in waiting:
                future.cancel()


def _finished(futures: list[Future[T]]) -> list[Future[T]]:
    """Waits until some have ended; a future cancelled before it began counts, which ``wait`` alone would not see."""
    done, waiting = wait(futures, timeout=1, return_when=FIRST_COMPLETED)
    return [*done, *(one for one in waiting if one.cancelled())]


class _Outage:
    """Counts records that could not be had one after another, over all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def count(self, error: SourceUnavailable) -> None:
        """Raises ``error`` when it is one too many, or when we were told to stop."""
        with self._lock:
            self._count += 1
            if self._count >= _OUTAGE or error.fields.get("final"):
                raise error

    def over(self) -> None:
        with self._lock:
            self._count = 0
