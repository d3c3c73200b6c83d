"""The dossier of one finding out of the store. Reads, writes nothing."""

from __future__ import annotations

from dataclasses import replace

from connector.detect.cases import build_cases
from connector.detect.dossier import Dossier, Kept, build_dossier
from connector.domain.findings import Subject
from connector.domain.imports import ToldBy
from connector.domain.policy import Policy
from connector.domain.records import Kind
from connector.jobs.findings import life_of
from connector.ports import Clock, UnitOfWork


def dossier(uow: UnitOfWork, clock: Clock, policy: Policy, finding_id: int) -> Dossier:
    """All records are read: which document a task rests on depends on the others. Raises UsageProblem if there is no
    such finding."""
    now = clock.now()
    with uow:
        life = life_of(uow, finding_id)
        finding, hit = life.finding, life.finding.hit
        cases, index = build_cases(uow.tasks.histories(), uow.documents.histories(), policy)
        case = next((one for one in cases if one.task_id == hit.task_id), None)
        of_document = hit.key.subject is Subject.DOCUMENT
        document = index.by_id.get((hit.key.subject_id if of_document else hit.document_id) or "")
        kept = Kept(
            finding=finding,
            events=life.events,
            waivers=life.waivers,
            letters=tuple(uow.dossiers.letters(finding_id)),
            rule=uow.dossiers.rule_as_used(finding.rule_version),
            calendar_version=uow.dossiers.calendar_of(finding_id),
        )
        if case is not None:
            source = case.history.source
            rows = _rows(uow, clock, source, "task", case.task_id)
            kept = replace(kept, task_payloads=uow.dossiers.task_payloads(source, case.task_id), task_rows=rows)
        if document is not None:
            source, document_id = document.source, document.document_id
            rows = _rows(uow, clock, source, "document", document_id)
            payloads = uow.dossiers.document_payloads(source, document_id)
            kept = replace(kept, document_payloads=payloads, document_rows=rows)
    return build_dossier(kept, case, document, policy, now)


def _rows(uow: UnitOfWork, clock: Clock, source: str, kind: Kind, record_id: str) -> tuple[ToldBy, ...]:
    known = uow.imports.load(source, kind, [record_id], clock.local_date).get(record_id)
    return tuple(uow.imports.told_by_files(kind, known.pk)) if known else ()
