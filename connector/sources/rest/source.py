"""VNPT-iOffice over its mobile REST API, as a ``Source``: strictly read-only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from pydantic import SecretStr

from connector.domain.records import RawRow, Stream
from connector.domain.requests import (
    REFUSED_EVERYWHERE,
    Hints,
    ListPage,
    ListRequest,
    PartReading,
    PartRequest,
    Term,
    Window,
)
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
from connector.ports import Clock
from connector.settings import RestSettings
from connector.sources.rest import requests as wire
from connector.sources.rest.client import RestClient
from connector.sources.rest.health import Outage, Refusals
from connector.sources.rest.lists import ListJob, ListReader
from connector.sources.rest.pace import Sleep
from connector.sources.rest.paging import Pager
from connector.sources.rest.session import Account, Session, open_sessions
from connector.sources.rest.workers import side_by_side

_FAREWELL_SECONDS = 0.8
"""For logging out all sessions: where the server is silent, the rest end by themselves."""
_NOTICE_PAGES = 20
"""Pages of notifications looked at for the newest one known; beyond them only what was found is a hint."""


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
        self._pagers = {
            "task": Pager(settings.task_page_size, ahead=_ahead(settings)),
            "document": Pager(settings.document_page_size, ahead=_ahead(settings)),
        }
        self._sessions: dict[tuple[str, str], Session] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._outage = Outage()
        self._refused = Refusals()

    @property
    def requests(self) -> int:
        return self._client.requests

    @property
    def cost(self) -> Mapping[str, int]:
        return self._client.cost

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
            began = time.monotonic()
            for session in sessions:
                if time.monotonic() - began < _FAREWELL_SECONDS:
                    session.log_out()
        self._client.close()

    def _workers(self) -> ThreadPoolExecutor:
        if self._pool is None:
            raise SourceUnavailable("the source is not open", source=self.name)
        return self._pool

    # -- lists -----------------------------------------------------------------------------------------------------

    def task_lists(self) -> tuple[Stream, ...]:
        names = self._settings.task_lists
        return tuple(self._stream(session, name) for session in self._sessions.values() for name in names)

    def document_lists(self) -> tuple[Stream, ...]:
        """The stores (of the menu, or those the settings name), then the other lists."""
        stores, others = self._settings.document_stores, self._settings.document_lists
        return tuple(
            self._stream(session, name)
            for session in self._sessions.values()
            for name in dict.fromkeys((*(session.welcome.stores if stores == "menu" else stores), *others))
        )

    def windows(self, windows: Sequence[Window]) -> tuple[Stream, ...]:
        names = [str(window) for window in windows]
        return tuple(self._stream(session, name) for session in self._sessions.values() for name in names)

    def pages(self, wanted: Sequence[ListRequest]) -> Iterator[list[ListPage]]:
        concurrency = self._settings.concurrency
        reader = ListReader(self._workers(), permits=_ahead(self._settings), most=concurrency, name=self.name)
        return reader.read([job for request in wanted if (job := self._job(request)) is not None])

    def _job(self, request: ListRequest) -> ListJob | None:
        stream = request.stream
        session = self._sessions.get((stream.account, stream.identity))
        if session is None:
            return None
        page, key = wire.page_of(stream.list), wire.key_of(stream.list)

        def fetch(number: int, size: int) -> list[RawRow]:
            answer = session.ask(*page(number, size))
            kind, at, first = f"{stream.kind}_row", answer.fetched_at, (number - 1) * size
            rows = enumerate(wire.rows(answer.data), first)
            return [RawRow(kind, stream, row, at, None, position, key(row)) for position, row in rows]

        turn = partial(session.account.turn, session)
        return ListJob(request, self._pagers[stream.kind], turn, fetch, wire.paging_key)

    # -- secret documents ------------------------------------------------------------------------------------------

    def secret_documents(self) -> frozenset[str] | None:
        codes = tuple(self._settings.confidential_codes.values())
        jobs = [partial(self._secret, session, code) for session in self._sessions.values() for code in codes]
        found: set[str] = set()
        try:
            for ids in self._side_by_side(jobs):
                found |= ids
        except (SourceRefused, SourceGarbled, SourceUnavailable) as error:
            if error.fields.get("final") and isinstance(error, SourceUnavailable):
                raise  # told to stop
            self._log.warning("rest.secrecy_unknown", cause=str(error))
            return None
        return frozenset(found) if jobs else None

    def _secret(self, session: Session, code: str) -> frozenset[str]:
        def ask(number: int, size: int) -> _Now:
            return _Now(wire.rows(session.ask(*wire.secret_page(code, number, size)).data))

        ids: set[str | None] = set()
        with session.account.turn(session):
            for page in Pager(self._settings.document_page_size).read(ask, wire.record_id):
                ids.update(map(wire.record_id, page.rows))
        if not page.progress.complete or None in ids:
            raise SourceGarbled(page.progress.problem or "a secret document without an id")
        return frozenset(one for one in ids if one is not None)

    # -- parts -----------------------------------------------------------------------------------------------------

    def parts(self, wanted: Iterable[PartRequest]) -> Iterator[PartReading]:
        self._outage = Outage()
        self._refused = Refusals()
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
                if self._refused.everywhere(part):
                    failed[part] = REFUSED_EVERYWHERE
                    continue
                try:
                    kind, asked = wire.part(part, request)
                    answer = session.ask(*asked)
                except SourceUnavailable as error:
                    failed[part] = str(error)
                    self._outage.count(error)
                except (SourceRefused, SourceGarbled, ForbiddenRequest) as error:
                    failed[part] = str(error)
                    self._refused.count(part, given=False)
                else:
                    self._outage.over()
                    self._refused.count(part, given=True)
                    rows.append(RawRow(kind, request.stream, answer.data, answer.fetched_at, request.subject))
        if failed:
            self._log.warning("rest.parts_failed", record=request.subject, parts=failed)
        return PartReading(request, tuple(rows), failed)

    # -- what helps to plan and to compare -------------------------------------------------------------------------

    def hints(self, newest: Mapping[str, str]) -> Hints:
        tasks: set[str] = set()
        documents: set[str] = set()
        now: dict[str, str] = dict(newest)
        problems: list[str] = []
        for session in list(self._sessions.values()):
            who = f"{session.account.username}/{session.identity}"
            with session.account.turn(session):
                try:
                    found = self._notices(session, newest.get(who))
                except AuthNeeded:
                    raise
                except SourceError as error:
                    problems.append(f"{who}: {error}")
                    continue
            now[who] = found[0][0] if found else newest.get(who, "")  # nothing yet is a beginning, too
            if who in newest:
                tasks.update(record for _, kind, record in found if kind == "3" and record)
                documents.update(record for _, kind, record in found if kind in wire.DOCUMENT_NOTICES and record)
        return Hints(frozenset(tasks), frozenset(documents), now, "; ".join(problems))

    def _notices(self, session: Session, newest: str | None) -> list[tuple[str, str, str]]:
        """Those before ``newest``; of an identity seen for the first time only the newest page."""
        found: list[tuple[str, str, str]] = []
        known: set[str] = set()
        for number in range(1, _NOTICE_PAGES + 1):
            rows = wire.notices(session.ask(*wire.notice_page(number, self._settings.document_page_size)).data)
            new = [row for row in rows if row[0] not in known]
            known.update(row[0] for row in rows)
            ids = [row[0] for row in new]
            found += new[: ids.index(newest)] if newest in ids else new
            if not new or newest is None or newest in ids:
                break
        return found

    def vocabularies(self) -> Mapping[str, tuple[Term, ...]]:
        session = next(iter(self._sessions.values()))
        found: dict[str, tuple[Term, ...]] = {}
        with session.account.turn(session):
            for name, path in wire.VOCABULARIES.items():
                try:
                    found[name] = wire.terms(name, session.ask("GET", path).data)
                except AuthNeeded:
                    raise
                except SourceError as error:
                    self._log.warning("rest.vocabulary_failed", vocabulary=name, cause=str(error))
        return found

    def counters(self) -> Mapping[str, int]:
        """Menu counters as "account/identity/NAME", those of the month's job report as "…/jobreport.name"."""
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
                    who = f"{session.account.username}/{session.identity}"
                    figures |= {f"{who}/{name}": number for name, number in found.items()}
        return figures

    # -- threads ---------------------------------------------------------------------------------------------------

    def _stream(self, session: Session, name: str) -> Stream:
        return Stream(self.name, session.account.username, session.identity, name)

    def _side_by_side(self, jobs: Any) -> Iterator[Any]:
        return side_by_side(self._workers(), self._settings.concurrency, jobs)


def _ahead(settings: RestSettings) -> int:
    """Pages of one list under way or not yet stored: more than requests at once, so that none of the workers waits
    while pages are stored."""
    return settings.concurrency + max(2, settings.concurrency // 2)


class _Now(list[Any]):
    """A page that is there at once."""

    def result(self) -> _Now:
        return self

    def cancel(self) -> None:
        pass
