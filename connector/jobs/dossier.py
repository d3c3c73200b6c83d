"""The dossier of one finding out of the store. Reads, writes nothing."""

from __future__ import annotations

from connector.detect.cases import build_cases
from connector.detect.dossier import Dossier, Kept, build_dossier
from connector.domain.findings import Subject
from connector.domain.policy import Policy
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
            task_payloads=uow.dossiers.task_payloads(case.history.source, case.task_id) if case else (),
            document_payloads=uow.dossiers.document_payloads(document.source, document.document_id) if document else (),
        )
    return build_dossier(kept, case, document, policy, now)
