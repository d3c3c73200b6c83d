"""One unit of work: nothing is saved unless we say commit; leaving the block rolls back."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from connector.errors import StoreError
from connector.interrupts import hold_off, let_through
from connector.store.audit import AuditStore
from connector.store.documents import DocumentStore
from connector.store.dossiers import DossierStore
from connector.store.findings import FindingStore
from connector.store.imports import ImportStore
from connector.store.locks import require_held
from connector.store.memory import MemoryStore
from connector.store.notices import NoticeStore
from connector.store.outbox import OutboxStore
from connector.store.quarantine import QuarantineStore
from connector.store.runs import HoldStore, RawStore, ReportStore, RunStore
from connector.store.sightings import SightingStore
from connector.store.tasks import TaskStore
from connector.store.waivers import WaiverStore


class SqlUnitOfWork:
    """``with uow: ...; uow.commit()``. May be entered again after it was left. Database errors come out as
    StoreError; the technical cause never shows a row's values."""

    tasks: TaskStore
    documents: DocumentStore
    findings: FindingStore
    outbox: OutboxStore
    runs: RunStore
    holds: HoldStore
    raw: RawStore
    sightings: SightingStore
    memory: MemoryStore
    reports: ReportStore
    imports: ImportStore
    notices: NoticeStore
    quarantine: QuarantineStore
    waivers: WaiverStore
    dossiers: DossierStore
    audit: AuditStore

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session: Session | None = None

    def __enter__(self) -> Self:
        hold_off()
        session = Session(self._engine, expire_on_commit=False)
        try:
            require_held(session.connection())
        except (SQLAlchemyError, StoreError) as error:
            session.close()
            let_through()
            if isinstance(error, StoreError):
                raise
            raise self._named(error) from error
        self._open(session)
        return self

    def _open(self, session: Session) -> None:
        self._session = session
        self.tasks = TaskStore(session)
        self.documents = DocumentStore(session)
        self.audit = AuditStore(session)
        self.findings = FindingStore(session, self.audit)
        self.outbox = OutboxStore(session)
        self.runs = RunStore(session)
        self.holds = HoldStore(session)
        self.raw = RawStore(session)
        self.sightings = SightingStore(session)
        self.memory = MemoryStore(session)
        self.reports = ReportStore(session)
        self.imports = ImportStore(session)
        self.notices = NoticeStore(session)
        self.quarantine = QuarantineStore(session)
        self.waivers = WaiverStore(session)
        self.dossiers = DossierStore(session)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
            let_through()
        if isinstance(error, SQLAlchemyError):
            raise self._named(error) from error

    def commit(self) -> None:
        assert self._session is not None, "commit outside the block"
        self._session.commit()

    def _named(self, error: SQLAlchemyError) -> StoreError:
        cause = str(getattr(error, "orig", None) or type(error).__name__)
        return StoreError(cause, database=self._engine.url.render_as_string(hide_password=True))
