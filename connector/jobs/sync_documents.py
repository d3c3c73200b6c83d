"""The documents' half of a sync: lists, secrecy, activity logs, related documents."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from connector.detect.links import DocumentIndex
from connector.domain.records import DocumentRow, Rejected
from connector.domain.requests import PartReading
from connector.errors import SourceRefused
from connector.ports import Clock, Normaliser, Source, UnitOfWork
from connector.reconcile.changes import Version, document_version
from connector.reconcile.payloads import Payload, payload_of
from connector.reconcile.plan import document_requests

log = structlog.get_logger()


@dataclass
class DocumentCounts:
    """``secrecy_known`` is False until the source has once named a secret document, and when it will not say."""

    fetched: int = 0
    rejected: int = 0
    seen: int = 0
    changed: int = 0
    parts_read: int = 0
    secrecy_known: bool = True
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def sync_documents(
    source: Source,
    normaliser: Normaliser,
    uow: UnitOfWork,
    clock: Clock,
    run_id: int,
    *,
    issuer: str,
    days: int,
    full: bool,
) -> DocumentCounts:
    """Read and store the documents of a source. Raises what the source raises."""
    counts = DocumentCounts()
    secret = _secret(source, counts)
    rows, payloads, rejected = _read(source, normaliser, counts)
    if secret and len(rows) > 1 and secret.issuperset(rows):
        # A server that does not know the filter answers with everything; nobody's documents are all secret.
        counts.problems.append("secret documents: the source's filter has no effect, secrecy is unknown")
        counts.secrecy_known, secret = False, None
    with uow:
        stored = uow.documents.states(source.name)
        if secret is not None and not secret and not any(state.secret for state, _ in stored.values()):
            # An empty answer proves nothing: the code may be another here. It does once it has named a document.
            counts.secrecy_known, secret = False, None
        versions: dict[str, tuple[Version, str]] = {}
        for document_id, row in rows.items():
            old, seen_at = stored.get(document_id, (None, None))
            state = row.state if secret is None else replace(row.state, secret=document_id in secret)
            version = document_version(state, old, seen_at, row.fetched_at)
            if version is not None:
                versions[document_id] = (version, payloads[document_id].hash)
        uow.raw.reject(rejected, run_id)
        uow.raw.keep((payloads[document_id] for document_id in versions), clock.now())
        uow.documents.save(source.name, run_id, rows.values(), versions)
        uow.commit()
    counts.seen, counts.changed = len(rows), len(versions)
    _read_parts(source, normaliser, uow, clock, run_id, counts, issuer=issuer, days=days, full=full)
    log.info("sync.documents_read", **{key: value for key, value in counts.as_dict().items() if key != "problems"})
    return counts


def _secret(source: Source, counts: DocumentCounts) -> frozenset[str] | None:
    try:
        found = source.secret_documents()
    except SourceRefused as error:
        found = None
        counts.problems.append(f"secret documents: {error}")
    counts.secrecy_known = found is not None
    return found


def _read(
    source: Source, normaliser: Normaliser, counts: DocumentCounts
) -> tuple[dict[str, DocumentRow], dict[str, Payload], list[Rejected]]:
    rows: dict[str, DocumentRow] = {}
    payloads: dict[str, Payload] = {}
    rejected: list[Rejected] = []
    for reading in source.document_lists():
        counts.fetched += len(reading.rows)
        if not reading.complete:
            counts.problems.append(f"{reading.stream}: {reading.problem}")
        for raw in reading.rows:
            row = normaliser.document_row(raw)
            if isinstance(row, Rejected):
                rejected.append(row)
            elif row.document_id not in rows:
                rows[row.document_id] = row
                payloads[row.document_id] = payload_of(raw.payload)
    counts.rejected += len(rejected)
    return rows, payloads, rejected


def _read_parts(
    source: Source,
    normaliser: Normaliser,
    uow: UnitOfWork,
    clock: Clock,
    run_id: int,
    counts: DocumentCounts,
    *,
    issuer: str,
    days: int,
    full: bool,
) -> None:
    today = clock.local_date(clock.now())
    with uow:
        index = DocumentIndex((one for one in uow.documents.histories() if one.source == source.name), issuer)
        open_tasks: set[str] = set()
        changed_at: dict[str, datetime] = {}
        for task in uow.tasks.contents(source.name):
            document = index.source_of(task.content).document
            if document is None:
                continue
            key = document.document_id
            changed_at[key] = max(task.changed_at, changed_at.get(key, task.changed_at))
            if task.is_open:
                open_tasks.add(key)
        known = uow.documents.known(source.name, frozenset(open_tasks), changed_at)
    wanted = document_requests(known, issuer=issuer, today=today, days=days, full=full)
    batch: list[PartReading] = []
    for reading in source.document_parts(wanted):
        batch.append(reading)
        if len(batch) >= 200:
            _store_parts(source.name, normaliser, uow, run_id, counts, batch)
            batch = []
    _store_parts(source.name, normaliser, uow, run_id, counts, batch)


def _store_parts(
    name: str, normaliser: Normaliser, uow: UnitOfWork, run_id: int, counts: DocumentCounts, batch: list[PartReading]
) -> None:
    rejected: list[Rejected] = []
    with uow:
        for reading in batch:
            subject = reading.request.subject
            counts.problems += [f"document {subject}: {part}: {cause}" for part, cause in reading.failed.items()]
            for raw in reading.rows:
                counts.parts_read += 1
                if raw.kind == "document_log":
                    entries = normaliser.document_log(raw)
                    if isinstance(entries, Rejected):
                        rejected.append(entries)
                    else:
                        uow.documents.save_log(name, subject, entries, raw.fetched_at)
                elif raw.kind == "document_related":
                    related = normaliser.document_related(raw)
                    if isinstance(related, Rejected):
                        rejected.append(related)
                    else:
                        uow.documents.save_related(name, subject, related, raw.fetched_at)
        uow.raw.reject(rejected, run_id)
        uow.commit()
    counts.rejected += len(rejected)
