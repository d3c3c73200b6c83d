"""A document that was revoked or replaced accuses nobody: what rests on it is "not evaluable", with that reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.detect.changes import compare
from connector.detect.evaluate import evaluate
from connector.detect.explain import explain, link_json
from connector.domain.findings import Finding, FindingState, Hit
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.records import Standing
from connector.domain.status import LogAction
from tests.builders import answer, at, document, history, policy, sent, state, step

POLICY = policy()
END = at("2022-02-28", "23:59")
REASONS = {"revoked": "văn bản đã bị thu hồi", "replaced": "văn bản đã được thay thế"}
LOG = (sent(at("2022-02-10", "09:00"), "Sở Y tế"), step(LogAction.RECEIVED, at("2022-02-21", "09:00")))


def withdrawn(one: DocumentHistory, standing: Standing) -> DocumentHistory:
    return replace(one, state=replace(one.state, standing=standing))


def late_task() -> TaskHistory:
    """Given by ``document()``, seen open to the end, with nothing written."""
    return history((at("2022-02-10"), state()), last=END)


def hits(*documents: DocumentHistory) -> set[str]:
    return {one.key.rule for one in evaluate([late_task()], documents, POLICY, END).hits}


@pytest.mark.parametrize("standing", ["revoked", "replaced"])
def test_every_rule_that_broke_under_a_document_is_undecided_once_it_is_withdrawn(standing: Standing) -> None:
    in_force = document(*LOG, read=END)
    broken = hits(in_force)
    assert {"PV01_RECEIVE_LATE", "TD01_OVERDUE", "PV06_SILENT_AT_DUE"} <= broken
    result = evaluate([late_task()], [withdrawn(in_force, standing)], POLICY, END)
    assert result.hits == ()
    assert broken <= {one.rule for one in result.not_evaluable}
    assert {one.reason for one in result.not_evaluable} == {REASONS[standing]}


def test_the_withdrawal_of_another_document_changes_nothing() -> None:
    other = withdrawn(document(document_id="450009", notation="99/UBND-NC"), "revoked")
    assert hits(document(*LOG, read=END), other) == hits(document(*LOG, read=END))


def test_where_the_text_names_two_documents_and_one_is_withdrawn_the_task_is_not_judged() -> None:
    one, twin = document(*LOG, read=END), document(*LOG, read=END, document_id="450009")
    assert "TD01_OVERDUE" in hits(one, twin)
    assert "TD01_OVERDUE" not in hits(one, withdrawn(twin, "replaced"))


def test_a_finding_made_before_the_withdrawal_is_closed_with_the_reason_and_reopened_when_it_is_undone() -> None:
    in_force = document(*LOG, read=END)
    before = evaluate([late_task()], [in_force], POLICY, END)
    stored = {hit.key: _stored(number, hit) for number, hit in enumerate(before.hits, 1)}
    now = evaluate([late_task()], [withdrawn(in_force, "revoked")], POLICY, END)
    changes = compare(stored, now.hits, now.not_evaluable, POLICY.rules)
    assert {(one.hit.key, reason) for one, _, reason in changes.closed} == {
        (hit.key, REASONS["revoked"]) for hit in before.hits if hit.cured_at is None
    }
    closed = {key: replace(one, state=FindingState.CLOSED) for key, one in stored.items()}
    again = compare(closed, before.hits, before.not_evaluable, POLICY.rules)
    assert {one.hit.key for one, _ in again.reopened} == {hit.key for hit in before.hits if hit.cured_at is None}


def test_an_answer_that_was_withdrawn_does_not_prove_that_the_task_was_answered() -> None:
    given = answer("460001", "2022-02-14")
    asked = document(*LOG, read=END, related=[("460001", "2022-02-14")])
    assert "PV07_RESULT_NOT_UPDATED" in hits(asked, given)
    result = evaluate([late_task()], [asked, withdrawn(given, "revoked")], POLICY, END)
    assert "PV07_RESULT_NOT_UPDATED" not in {one.key.rule for one in result.hits}
    reasons = [one.reason for one in result.not_evaluable if one.rule == "PV07_RESULT_NOT_UPDATED"]
    assert reasons == ["văn bản trả lời đã bị thu hồi hoặc thay thế"]


def test_the_link_of_a_task_says_that_its_document_is_withdrawn() -> None:
    result = evaluate([late_task()], [withdrawn(document(*LOG, read=END), "replaced")], POLICY, END)
    (case,) = result.cases
    assert explain(case.link)[0].endswith("văn bản 41/UBND-KT ngày 10/02/2022 (đã được thay thế).")
    assert link_json(case.link)["withdrawn"] == ["450001"]


def _stored(number: int, hit: Hit) -> Finding:
    state = FindingState.CLOSED if hit.cured_at else FindingState.OPEN
    return Finding(number, hit, state, END, END, None)
