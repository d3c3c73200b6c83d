"""SQL of documents: identity, versions, activity log, related documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from connector.domain.history import DocumentHistory, SeenRelated
from connector.domain.records import AttachedFile, DocumentState, LogEntry, RelatedDocument, Stream
from connector.domain.records import DocumentRow as Row
from connector.domain.status import LogAction
from connector.reconcile.changes import Version
from connector.reconcile.plan import KnownDocument
from connector.store.columns import chunks, insert_rows, table, upsert
from connector.store.readings import Readings, known_by
from connector.store.tables import DocumentRow, DocumentVersionRow, LogEntryRow, RelatedRow

DOCUMENT: Table = table(DocumentRow)
VERSION: Table = table(DocumentVersionRow)
LOG: Table = table(LogEntryRow)
RELATED: Table = table(RelatedRow)
CURRENT = VERSION.c.until.is_(None)
LISTED = DOCUMENT.c.list != ""
"""A list of the source has shown the document, so it can be asked for; others are known from files only."""


class DocumentStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def states(self, source: str, ids: Iterable[str]) -> dict[str, tuple[DocumentState, datetime]]:
        """Current state and last reading of documents of a source, by their id there."""
        found: dict[str, tuple[DocumentState, datetime]] = {}
        for some in chunks(ids):
            query = (
                select(DOCUMENT.c.source_id, DOCUMENT.c.last_seen_at, VERSION)
                .join(VERSION, VERSION.c.document_id == DOCUMENT.c.id)
                .where(DOCUMENT.c.source == source, DOCUMENT.c.source_id.in_(some), CURRENT)
            )
            found.update((row.source_id, (state_of(row), row.last_seen_at)) for row in self._session.execute(query))
        return found

    def secret_ids(self, source: str) -> frozenset[str]:
        """Documents of a source known to be secret now."""
        query = (
            select(DOCUMENT.c.source_id)
            .join(VERSION, VERSION.c.document_id == DOCUMENT.c.id)
            .where(DOCUMENT.c.source == source, CURRENT, VERSION.c.secret.is_(True))
        )
        return frozenset(row.source_id for row in self._session.execute(query))

    def seen_through_others(self, source: str, ids: Iterable[str], read: Collection[tuple[str, str]]) -> frozenset[str]:
        """Of these documents those that were last asked for through an (account, identity) not among ``read``."""
        found: set[str] = set()
        for some in chunks(ids):
            query = select(DOCUMENT.c.source_id).where(
                DOCUMENT.c.source == source, DOCUMENT.c.source_id.in_(some),
                tuple_(DOCUMENT.c.account, DOCUMENT.c.identity).not_in(sorted(read)),
            )  # fmt: skip
            found.update(row.source_id for row in self._session.execute(query))
        return frozenset(found)

    def any_outgoing(self, source: str) -> bool:
        """Whether the office issued any document of this source: only those are read further."""
        query = (
            select(DOCUMENT.c.id)
            .join(VERSION, VERSION.c.document_id == DOCUMENT.c.id)
            .where(DOCUMENT.c.source == source, CURRENT, VERSION.c.outgoing, LISTED)
            .limit(1)
        )
        return self._session.scalar(query) is not None

    def touch(self, source: str, seen: Mapping[str, datetime]) -> None:
        """Unchanged documents were seen again."""
        rows = [{"b_source": source, "b_id": document_id, "b_seen": at} for document_id, at in seen.items()]
        if rows:
            self._session.execute(
                update(DOCUMENT)
                .where(DOCUMENT.c.source == bindparam("b_source"), DOCUMENT.c.source_id == bindparam("b_id"))
                .values(last_seen_at=bindparam("b_seen")),
                rows,
            )

    def save(self, source: str, run_id: int, seen: Iterable[Row], versions: Mapping[str, tuple[Version, str]]) -> None:
        """``seen``: documents as read in this run; ``versions``: id → (new version, hash of its payload)."""
        rows = [
            {
                "source": source, "source_id": row.document_id, "first_seen_at": row.fetched_at,
                "last_seen_at": row.fetched_at, "identity": row.stream.identity, "account": row.stream.account,
                "list": row.stream.list,
            }
            for row in seen
        ]  # fmt: skip
        if rows:
            upsert(self._session, DOCUMENT, rows, keys=("source", "source_id"),
                   overwrite=("last_seen_at", "identity", "account", "list"))  # fmt: skip
        if not versions:
            return
        pks = self._pks(source, versions)
        self._session.execute(
            update(VERSION)
            .where(VERSION.c.document_id == bindparam("b_document"), CURRENT)
            .values(until=bindparam("b_until")),
            [{"b_document": pks[key], "b_until": version.observed_at} for key, (version, _) in versions.items()],
        )
        insert_rows(
            self._session,
            VERSION,
            [
                {
                    "document_id": pks[key], "observed_after": version.observed_after,
                    "observed_at": version.observed_at, "until": None, "run_id": run_id,
                    "payload_hashes": [payload_hash] if payload_hash else [], **state_columns(version.state),
                }
                for key, (version, payload_hash) in versions.items()
            ],
        )  # fmt: skip

    def fill_in(self, source: str, document_id: str, state: DocumentState, payload_hash: str) -> None:
        """The current version with what had not been read of it when it began."""
        pk = self._pk(source, document_id)
        current = (VERSION.c.document_id == pk, CURRENT)
        hashes = self._session.execute(select(VERSION.c.payload_hashes).where(*current)).scalar_one()
        self._session.execute(
            update(VERSION).where(*current).values(payload_hashes=[*hashes, payload_hash], **state_columns(state))
        )

    def _pks(self, source: str, ids: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in chunks(ids):
            query = select(DOCUMENT.c.source_id, DOCUMENT.c.id)
            rows = self._session.execute(query.where(DOCUMENT.c.source == source, DOCUMENT.c.source_id.in_(some)))
            found.update((row.source_id, row.id) for row in rows)
        return found

    def adopt(self, source: str, old_run: int, new_run: int) -> None:
        """What an interrupted run read counts as read by the one that goes on for it."""
        mine = (DOCUMENT.c.source == source, DOCUMENT.c.read_run_id == old_run)
        self._session.execute(update(DOCUMENT).where(*mine).values(read_run_id=new_run))

    def mark_read(self, source: str, document_id: str, run_id: int | None, **times: datetime) -> None:
        """Parts of a document were read: ``files_read_at``, ``detail_read_at``. ``run_id``: all that was wanted."""
        self._session.execute(
            update(DOCUMENT)
            .where(DOCUMENT.c.source == source, DOCUMENT.c.source_id == document_id)
            .values(read_run_id=run_id, **times)
        )

    def save_log(self, source: str, document_id: str, entries: Sequence[LogEntry], read_at: datetime) -> None:
        """The activity log as read; entries no longer shown are kept and marked."""
        pk = self._pk(source, document_id)
        rows = [
            {
                "document_id": pk, "digest": entry.digest, "occurrence": entry.occurrence, "unit": entry.unit,
                "action": str(entry.action), "action_label": entry.action_label, "at": entry.at,
                "recipients": [list(pair) for pair in entry.recipients], "observed_at": read_at, "gone_at": None,
            }
            for entry in entries
        ]  # fmt: skip
        shown = {(entry.digest, entry.occurrence) for entry in entries}
        known = self._session.execute(
            select(LOG.c.digest, LOG.c.occurrence).where(LOG.c.document_id == pk, LOG.c.gone_at.is_(None))
        ).all()
        for digest, occurrence in known:
            if (digest, occurrence) not in shown:
                self._session.execute(
                    update(LOG)
                    .where(LOG.c.document_id == pk, LOG.c.digest == digest, LOG.c.occurrence == occurrence)
                    .values(gone_at=read_at)
                )
        if rows:
            upsert(self._session, LOG, rows, keys=("document_id", "digest", "occurrence"),
                   overwrite=("action", "gone_at"))  # fmt: skip
        self._session.execute(update(DOCUMENT).where(DOCUMENT.c.id == pk).values(log_read_at=read_at))

    def save_related(
        self, source: str, document_id: str, related: Sequence[RelatedDocument], read_at: datetime
    ) -> None:
        """The related documents as read; relations no longer shown are kept and marked."""
        pk = self._pk(source, document_id)
        rows = [
            {
                "document_id": pk, "related_id": item.document_id, "title": item.title, "dated_on": item.dated_on,
                "observed_at": read_at, "gone_at": None,
            }
            for item in related
        ]  # fmt: skip
        shown = {item.document_id for item in related}
        self._session.execute(
            update(RELATED)
            .where(RELATED.c.document_id == pk, RELATED.c.related_id.not_in(shown), RELATED.c.gone_at.is_(None))
            .values(gone_at=read_at)
        )
        if rows:
            upsert(self._session, RELATED, rows, keys=("document_id", "related_id"),
                   overwrite=("title", "dated_on", "gone_at"))  # fmt: skip
        self._session.execute(update(DOCUMENT).where(DOCUMENT.c.id == pk).values(related_read_at=read_at))

    def _pk(self, source: str, document_id: str) -> int:
        found: int = self._session.execute(
            select(DOCUMENT.c.id).where(DOCUMENT.c.source == source, DOCUMENT.c.source_id == document_id)
        ).scalar_one()
        return found

    def outlines(self, source: str) -> list[DocumentHistory]:
        """The documents the office issued, without logs and relations: enough to find the one a text names."""
        rows = self._session.execute(
            select(DOCUMENT.c.source_id, VERSION)
            .join(VERSION, VERSION.c.document_id == DOCUMENT.c.id)
            .where(DOCUMENT.c.source == source, CURRENT, VERSION.c.outgoing)
        )
        return [DocumentHistory(row.source_id, source, state_of(row), (), (), None, None) for row in rows]

    def known(
        self, source: str, open_tasks: frozenset[str], changed_at: Mapping[str, datetime], since: date
    ) -> list[KnownDocument]:
        """Documents the office issued, with their logs, to plan what to read: those issued on or after ``since``, and
        older ones on which open tasks rest. ``open_tasks``: ids of those; ``changed_at``: id → when one of a document's
        tasks last changed."""
        wanted = or_(VERSION.c.issued_on.is_(None), VERSION.c.issued_on >= since)
        base = (
            select(DOCUMENT.c.id.label("pk"), DOCUMENT, VERSION)
            .join(VERSION, VERSION.c.document_id == DOCUMENT.c.id)
            .where(DOCUMENT.c.source == source, CURRENT, VERSION.c.outgoing, LISTED)
        )
        rows = {row.pk: row for row in self._session.execute(base.where(wanted))}
        for some in chunks(sorted(open_tasks)):
            rows |= {row.pk: row for row in self._session.execute(base.where(DOCUMENT.c.source_id.in_(some)))}
        logs = self._logs(of=rows)
        return [
            KnownDocument(
                document_id=row.source_id,
                stream=Stream(source, row.account, row.identity, row.list),
                state=state_of(row),
                log=tuple(logs.get(pk, ())),
                log_read_at=row.log_read_at,
                related_read_at=row.related_read_at,
                has_open_task=row.source_id in open_tasks,
                tasks_changed_at=changed_at.get(row.source_id),
                files_read_at=row.files_read_at,
                detail_read_at=row.detail_read_at,
                read_run_id=row.read_run_id,
            )
            for pk, row in sorted(rows.items())
        ]

    def _logs(self, known_at: datetime | None = None, of: Collection[int] | None = None) -> dict[int, list[LogEntry]]:
        """``of``: of these documents only."""
        logs: dict[int, list[LogEntry]] = {}
        query = select(LOG).where(_shown(LOG, known_at)).order_by(LOG.c.document_id, LOG.c.at, LOG.c.digest)
        if of is not None:
            query = query.where(LOG.c.document_id >= min(of, default=0))
        for row in self._session.execute(query):
            if of is not None and row.document_id not in of:
                continue
            logs.setdefault(row.document_id, []).append(
                LogEntry(
                    unit=row.unit,
                    action=LogAction(row.action),
                    action_label=row.action_label,
                    at=row.at,
                    recipients=tuple((pair[0], pair[1]) for pair in row.recipients),
                    digest=row.digest,
                    occurrence=row.occurrence,
                )
            )
        return logs

    def histories(self, known_at: datetime | None = None) -> list[DocumentHistory]:
        """Everything the rules need of every document, by id; with ``known_at`` (aware) only what was known then."""
        logs = self._logs(known_at)
        related: dict[int, list[SeenRelated]] = {}
        query = select(RELATED).order_by(RELATED.c.document_id, RELATED.c.related_id)
        for row in self._session.execute(query.where(_shown(RELATED, known_at))):
            related.setdefault(row.document_id, []).append(
                SeenRelated(RelatedDocument(row.related_id, row.title, row.dated_on), row.observed_at)
            )
        in_force: ColumnElement[bool] = CURRENT
        if known_at is not None:
            known = and_(VERSION.c.observed_at <= known_at, known_by(VERSION.c.run_id, known_at))
            in_force = VERSION.c.id.in_(select(func.max(VERSION.c.id)).where(known).group_by(VERSION.c.document_id))
        readings = Readings(self._session, known_at)
        documents = self._session.execute(
            select(DOCUMENT.c.id.label("pk"), DOCUMENT, VERSION)
            .join(VERSION, VERSION.c.document_id == DOCUMENT.c.id)
            .where(in_force)
            .order_by(DOCUMENT.c.source, DOCUMENT.c.source_id)
        )
        return [
            DocumentHistory(
                document_id=row.source_id,
                source=row.source,
                state=state_of(row),
                log=tuple(logs.get(row.pk, ())),
                related=tuple(related.get(row.pk, ())),
                log_read_at=readings.last_read(row.source, row.log_read_at),
                related_read_at=readings.last_read(row.source, row.related_read_at),
            )
            for row in documents
        ]


def _shown(target: Table, known_at: datetime | None) -> ColumnElement[bool]:
    """Rows shown by the source: now, or at an earlier moment."""
    if known_at is None:
        return target.c.gone_at.is_(None)
    return and_(target.c.observed_at <= known_at, or_(target.c.gone_at.is_(None), target.c.gone_at > known_at))


def state_columns(state: object) -> dict[str, Any]:
    assert isinstance(state, DocumentState)
    return {
        "notation": state.notation, "issued_on": state.issued_on, "issuer": state.issuer, "subject": state.subject,
        "urgency": state.urgency, "outgoing": state.outgoing, "secret": state.secret, "due_on": state.due_on,
        "present": state.present, "standing": state.standing,
        "files": None if state.files is None else [[one.file_id, one.name] for one in state.files],
    }  # fmt: skip


def state_of(row: Any) -> DocumentState:
    return DocumentState(
        notation=row.notation,
        issued_on=row.issued_on,
        issuer=row.issuer,
        subject=row.subject,
        urgency=row.urgency,
        outgoing=row.outgoing,
        secret=row.secret,
        files=None if row.files is None else tuple(AttachedFile(*one) for one in row.files),
        due_on=row.due_on,
        present=row.present,
        standing=row.standing,
    )
