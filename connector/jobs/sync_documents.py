"""The documents' half of a sync: lists, secrecy, and what is read of single documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from connector.detect.links import DocumentIndex
from connector.domain.records import (
    AttachedFile,
    DocumentDetail,
    DocumentRow,
    DocumentState,
    RawRow,
    Rejected,
    is_issuer,
)
from connector.domain.requests import PartReading, PartRequest
from connector.errors import SourceRefused, SourceUnavailable
from connector.jobs.batches import in_batches
from connector.jobs.problems import PartProblems
from connector.jobs.sync_checks import ShapeCheck
from connector.jobs.sync_lists import ListSync
from connector.ports import Normaliser, Source, UnitOfWork
from connector.reconcile.changes import Version, document_version, only_adds
from connector.reconcile.lines import SeenRecord
from connector.reconcile.merge import one_document
from connector.reconcile.payloads import payload_of
from connector.reconcile.plan import DocumentPlan, document_parts, is_worth_reading, search_windows
from connector.reconcile.policy import DocumentPolicy

log = structlog.get_logger()

CHUNK = 1000


@dataclass
class DocumentCounts:
    """``fetched``: different rows of the lists. ``secrecy_known`` is False until the source has once named a secret
    document, and when it will not say. ``skipped``: lists too long to be read each time, which the searched windows
    stand for. ``not_followed``: issuers of outgoing documents that are not the office's, with how many there are."""

    fetched: int = 0
    rejected: int = 0
    seen: int = 0
    changed: int = 0
    parts_read: int = 0
    secrecy_known: bool = True
    skipped: list[str] = field(default_factory=list)
    not_followed: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass
class DocumentSync:
    source: Source
    normaliser: Normaliser
    uow: UnitOfWork
    lists: ListSync
    plan: DocumentPlan
    policy: DocumentPolicy
    problems: PartProblems
    notes: list[str]
    shapes: ShapeCheck
    counts: DocumentCounts = field(default_factory=DocumentCounts)
    _filled_in: set[str] = field(default_factory=set)

    @property
    def run_id(self) -> int:
        return self.plan.run_id

    def read_lists(self) -> None:
        """The searched windows, then every list that is not too long for each time. Raises what the source raises."""
        plan, policy, source = self.plan, self.policy, self.source
        windows = source.windows(
            search_windows(policy.windows, plan.today, policy.days, full=plan.full, span=policy.span)
        )
        if windows:
            self._searched(windows)
        if policy.span is not None:
            return  # a back-fill: the lists themselves are another run's
        with self.uow:
            unread = {stream.reader for stream in self.uow.sightings.incomplete(source.name, self.run_id)}
        readers = {stream.reader for stream in windows if stream.list.startswith("issued")} - unread
        wanted = self.lists.requests(source.document_lists())
        kept = [
            request
            for request in wanted
            if is_worth_reading(
                request.rows, searched=request.stream.reader in readers, full=plan.full, big=policy.long_list
            )
        ]
        self.counts.skipped = [str(one.stream) for one in wanted if one not in kept]
        try:
            self.lists.read(kept)
        except SourceUnavailable as error:
            self._note_unread(error)
        self.counts.fetched = sum(rows for stream, rows in self.lists.rows.items() if stream.kind == "document")

    def _searched(self, windows: Sequence[Any]) -> None:
        try:
            self.lists.read(self.lists.requests(windows))
        except SourceRefused as error:  # not one window: this server does not search for us
            log.warning("sync.search_refused", cause=str(error))
        except SourceUnavailable as error:
            self._note_unread(error)

    def _note_unread(self, error: SourceUnavailable) -> None:
        """The tasks have been read: what documents show is missing this time, and is no reason to lose the rest.
        Whether the source is down, the single documents will tell. Raises ``error`` if we were told to stop or
        the source asks for a pause."""
        if error.fields.get("final") or error.retry_after is not None:
            raise error
        self.notes.append(f"{error.fields.get('list', self.source.name)}: {error}; các danh sách sau đó chưa được đọc")

    # -- what the lists showed -------------------------------------------------------------------------------------

    def store(self) -> None:
        """Bring every listed document up to date with its lines, then read what the plan asks of single ones."""
        self.shapes.require_none_that_stops()
        secret = self._secret()
        after = ""
        while True:
            with self.uow:
                seen = self.uow.sightings.seen(self.source.name, "document", self.run_id, after, CHUNK)
                if seen:
                    self._store(seen, secret)
                self.uow.commit()
            if self.policy.span is not None:
                self._filled_in.update(one.record_id for one in seen)
            if not seen:
                break
            after = seen[-1].record_id
        for batch in in_batches(self.source.parts(self._requests())):
            self._store_parts(batch)
        log.info(
            "sync.documents_read", seen=self.counts.seen, changed=self.counts.changed, reasons=self.counts.reasons,
            skipped=len(self.counts.skipped), secrecy_known=self.counts.secrecy_known,
        )  # fmt: skip

    def _store(self, seen: Sequence[SeenRecord], secret: frozenset[str] | None) -> None:
        source, documents = self.source.name, self.uow.documents
        ids = [one.record_id for one in seen]
        stored = documents.states(source, ids)
        read = {one.reader for one in self.source.task_lists()}
        strangers = documents.seen_through_others(source, ids, read)

        def is_settled(one: SeenRecord) -> bool:
            state = stored[one.record_id][0] if one.record_id in stored else None
            if state is None or one.pending or one.record_id in strangers:
                return False
            return secret is None or state.secret is True or state.secret is (one.record_id in secret)

        quiet = {one.record_id: one.seen_at for one in seen if is_settled(one)}
        rows: dict[str, DocumentRow] = {}
        versions: dict[str, tuple[Version, str]] = {}
        for document_id, (row, payload) in self._rows([o.record_id for o in seen if o.record_id not in quiet]).items():
            old, seen_at = stored.get(document_id, (None, None))
            state = row.state if secret is None else replace(row.state, secret=document_id in secret)
            rows[document_id] = row
            version = document_version(state, old, seen_at, row.fetched_at)
            if version is not None:
                versions[document_id] = (version, payload)
        documents.touch(source, quiet)
        documents.save(source, self.run_id, rows.values(), versions)
        self.uow.sightings.settle(source, "document", self.run_id, rows)
        self.counts.seen += len(quiet) + len(rows)
        self.counts.changed += len(versions)

    def _rows(self, ids: Sequence[str]) -> dict[str, tuple[DocumentRow, str]]:
        """The row that speaks for each document, with the hash of its payload."""
        found: dict[str, list[DocumentRow]] = {}
        hashes: dict[tuple[str, object], str] = {}
        for raw in self.uow.sightings.rows(self.source.name, "document", self.run_id, ids):
            row = self.normaliser.document_row(raw)
            if isinstance(row, DocumentRow):
                found.setdefault(row.document_id, []).append(row)
                hashes[(row.document_id, row.stream)] = payload_of(raw.payload).hash
        best = {document_id: one_document(rows) for document_id, rows in found.items()}
        return {document_id: (row, hashes[(document_id, row.stream)]) for document_id, row in best.items()}

    def _secret(self) -> frozenset[str] | None:
        """Ids of secret documents; None while the source's word proves nothing."""
        try:
            secret = self.source.secret_documents()
        except SourceRefused as error:
            self.notes.append(f"văn bản mật: {error}")
            secret = None
        if secret:
            with self.uow:
                first = self.uow.sightings.seen(self.source.name, "document", self.run_id, "", len(secret) + 1)
            if len(first) > 1 and secret.issuperset(one.record_id for one in first):
                # A server that does not know the filter answers with everything; nobody's documents are all secret.
                self.notes.append("văn bản mật: nguồn không lọc theo độ mật, chưa xác định được văn bản nào là mật")
                secret = None
        elif secret is not None:
            with self.uow:
                if not self.uow.documents.secret_ids(self.source.name):
                    # An empty answer proves nothing: the code may be another here. It does once it named a document.
                    secret = None
        self.counts.secrecy_known = secret is not None
        return secret

    # -- single documents ------------------------------------------------------------------------------------------

    def _requests(self) -> Iterator[PartRequest]:
        with self.uow:
            if not self.uow.documents.any_outgoing(self.source.name):
                return iter(())
            index = DocumentIndex(self.uow.documents.outlines(self.source.name), self.plan.issuer)
            open_tasks: set[str] = set()
            changed_at: dict[str, datetime] = {}
            for task in self.uow.tasks.contents(self.source.name):
                document = index.source_of(task.text).document
                if document is None:
                    continue
                key = document.document_id
                changed_at[key] = max(task.changed_at, changed_at.get(key, task.changed_at))
                if task.is_open:
                    open_tasks.add(key)
            since = self.plan.today - timedelta(days=self.plan.days)
            known = self.uow.documents.known(self.source.name, frozenset(open_tasks), changed_at, since)
        reasons: Counter[str] = Counter()
        others: Counter[str] = Counter()
        requests = []
        for one in known:
            if self.policy.span is not None and one.document_id not in self._filled_in:
                continue  # a back-fill is about the documents of its days only
            if one.state.outgoing and one.state.present and not is_issuer(one.state.issuer, self.plan.issuer):
                others[one.state.issuer] += 1
            parts, reason = document_parts(one, self.plan)
            if parts:
                reasons[reason] += 1
                requests.append(PartRequest(one.document_id, one.stream, parts, reason))
        self.counts.reasons = dict(reasons)
        self.counts.not_followed = dict(others.most_common())
        return iter(sorted(requests, key=lambda one: one.stream.reader))

    def _store_parts(self, batch: Sequence[PartReading]) -> None:
        rejected: list[Rejected] = []
        for reading in batch:
            for raw in reading.rows:
                self.shapes.watch.see(raw.kind, raw.payload, raw.subject)
        self.shapes.require_none_that_stops()
        with self.uow:
            for reading in batch:
                self.problems.add(reading)
                found = [self._part(raw) for raw in reading.rows]
                self.counts.parts_read += len(reading.rows)
                bad = [one for one in found if isinstance(one, Rejected)]
                rejected += bad
                times: dict[str, datetime] = {}
                for raw, read in zip(reading.rows, found, strict=True):
                    if not isinstance(read, Rejected):
                        times |= self._keep(reading.request.subject, raw, read)
                whole = not bad and not reading.failed
                self.uow.documents.mark_read(
                    self.source.name, reading.request.subject, self.run_id if whole else None, **times
                )
            self.uow.raw.reject(rejected, self.run_id)
            self.uow.commit()
        self.counts.rejected += len(rejected)

    def _part(self, raw: RawRow) -> Any:
        readers: Mapping[str, Callable[[RawRow], Any]] = {
            "document_log": self.normaliser.document_log, "document_related": self.normaliser.document_related,
            "document_files": self.normaliser.document_files, "document_detail": self.normaliser.document_detail,
        }  # fmt: skip
        return readers[raw.kind](raw)

    def _keep(self, document_id: str, raw: RawRow, read: Any) -> dict[str, datetime]:
        """Store a part; the reading times that the store does not note by itself."""
        name, documents, at = self.source.name, self.uow.documents, raw.fetched_at
        if raw.kind == "document_log":
            documents.save_log(name, document_id, read, at)
            return {}
        if raw.kind == "document_related":
            documents.save_related(name, document_id, read, at)
            return {}
        old, seen_at = documents.states(name, [document_id])[document_id]
        state = self._with(old, read)
        version = document_version(state, old, seen_at, at)
        if version is not None:
            payload = payload_of(raw.payload)
            self.uow.raw.keep([payload], at)
            if only_adds(state, old):
                documents.fill_in(name, document_id, state, payload.hash)
            else:
                documents.save(name, self.run_id, (), {document_id: (version, payload.hash)})
        return {f"{raw.kind.removeprefix('document_')}_read_at": at}

    def _with(self, state: DocumentState, read: tuple[AttachedFile, ...] | DocumentDetail) -> DocumentState:
        if not isinstance(read, DocumentDetail):
            return replace(state, files=read)
        labels = {label.casefold() for label in self.policy.secret_labels}
        secret = True if read.secrecy_label.casefold() in labels else state.secret
        return replace(state, due_on=read.due_on, secret=secret)
