"""What is read beyond the list row, and why; what may be called vanished."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import DocumentState, Stream
from connector.domain.status import LogAction, Role, Status
from connector.errors import SuspiciousShrink
from connector.reconcile.merge import by_task
from connector.reconcile.plan import KnownDocument, KnownTask, document_requests, task_request, vanished
from tests.builders import OFFICE, at, day, sent, step
from tests.reconcile.builders import DAGIAO, row

KNOWN = KnownTask(
    list_digest="", status=Status.IN_PROGRESS, missing=False, complete=True, last_seen_at=at("2022-02-14")
)


def reason(known: KnownTask | None, *, full: bool = False, **fields: object) -> str | None:
    merged = by_task([row(**fields)])["90001"]
    if known is not None and not known.list_digest:
        known = replace(known, list_digest=merged.digest)
    request = task_request(merged, known, full=full)
    return request.reason if request else None


def test_a_finished_unchanged_task_costs_its_list_row_only() -> None:
    assert reason(replace(KNOWN, status=Status.DONE), status=Status.DONE) is None


@pytest.mark.parametrize(
    ("known", "full", "expected"),
    [
        (None, False, "new"),
        (KNOWN, True, "full"),
        (replace(KNOWN, missing=True), False, "returned"),
        (replace(KNOWN, list_digest="another"), False, "changed"),
        (replace(KNOWN, complete=False), False, "incomplete"),
        (KNOWN, False, "open"),
        (replace(KNOWN, status=Status.UNKNOWN), False, "open"),
    ],
)
def test_every_other_task_is_read_for_a_reason(known: KnownTask | None, full: bool, expected: str) -> None:
    assert reason(known, full=full) == expected


def test_where_only_a_cooperating_line_shows_the_task_its_detail_is_always_asked() -> None:
    stream = replace(DAGIAO, list="duocgiao")
    done = replace(KNOWN, status=Status.DONE)
    assert reason(done, stream=stream, role=Role.COOPERATING, line_id="7") == "co-operating view"


def test_the_assigners_list_speaks_for_a_task_before_the_leads_and_the_others() -> None:
    given_row = row(status=Status.DONE)
    lead = row(stream=Stream("test", "a", "1001", "duocgiao"), role=Role.LEAD, line_id="5")
    other = row(stream=Stream("test", "a", "1001", "duocgiao"), role=Role.COOPERATING, line_id="6")
    for rows in ([given_row, lead, other], [other, lead, given_row]):
        merged = by_task(rows)["90001"]
        assert merged.best == given_row
        assert merged.authoritative
        assert len(merged.rows) == 3
    assert by_task([other, lead])["90001"].best == lead
    assert not by_task([other])["90001"].authoritative


def _known(count: int) -> dict[str, KnownTask]:
    return {str(number): KNOWN for number in range(count)}


def test_a_shrink_of_more_than_the_share_marks_nothing_until_somebody_accepts_it() -> None:
    stored = _known(20)
    seen = [str(number) for number in range(17)]
    with pytest.raises(SuspiciousShrink) as caught:
        vanished(stored, seen, max_share=0.1, accepted=False)
    assert caught.value.fields["vanished"] == 3
    assert vanished(stored, seen, max_share=0.1, accepted=True) == {"17", "18", "19"}


def test_a_shrink_of_just_the_share_is_believed() -> None:
    assert vanished(_known(20), [str(number) for number in range(18)], max_share=0.1, accepted=False) == {"18", "19"}


def test_what_was_missing_before_does_not_count_as_vanishing_again() -> None:
    stored = {**_known(10), "x": replace(KNOWN, missing=True)}
    assert vanished(stored, _known(10), max_share=0.0, accepted=False) == frozenset()


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_vanished_is_always_stored_and_never_seen(stored: set[int], seen: set[int]) -> None:
    gone = vanished({str(one): KNOWN for one in stored}, {str(one) for one in seen}, max_share=1.0, accepted=False)
    assert gone == {str(one) for one in stored - seen}


# -- documents -----------------------------------------------------------------------------------------------------

STATE = DocumentState("41/UBND-KT", day("2022-02-10"), OFFICE, "mẫu", "Thường", outgoing=True)
STEPS = (LogAction.RECEIVED, LogAction.FORWARDED, LogAction.ASSIGNED)


def wanted(document: KnownDocument, today: str = "2022-02-15", *, full: bool = False) -> frozenset[str]:
    requests = document_requests([document], issuer=OFFICE, today=day(today), days=60, full=full)
    return requests[0].parts if requests else frozenset()


def known_document(*units: str, open_task: bool = False, **fields: object) -> KnownDocument:
    log = [sent(at("2022-02-10", "09:00"), "Sở Y tế", "Sở Xây dựng")]
    log += [step(action, at("2022-02-10", "10:00"), unit) for unit in units for action in STEPS]
    base = KnownDocument("1", DAGIAO, STATE, tuple(log), at("2022-02-14"), at("2022-02-14"), open_task)
    return replace(base, **fields)  # type: ignore[arg-type]


def test_a_log_is_read_until_every_recipient_has_taken_all_steps() -> None:
    assert wanted(known_document("Sở Y tế")) == {"log"}
    assert wanted(known_document("Sở Y tế", "Sở Xây dựng")) == frozenset()
    assert wanted(known_document(log_read_at=None, log=())) == {"log"}


def test_related_documents_are_read_while_an_open_task_rests_on_the_document() -> None:
    assert wanted(known_document("Sở Y tế", "Sở Xây dựng", open_task=True)) == {"related"}


def test_related_documents_are_read_once_more_after_a_task_has_changed() -> None:
    settled = ("Sở Y tế", "Sở Xây dựng")
    assert wanted(known_document(*settled, tasks_changed_at=at("2022-02-15"))) == {"related"}
    assert wanted(known_document(*settled, tasks_changed_at=at("2022-02-13"))) == frozenset()
    assert wanted(known_document(*settled, tasks_changed_at=at("2022-02-13"), related_read_at=None)) == {"related"}


def test_an_old_document_is_still_asked_for_answers_while_an_open_task_rests_on_it() -> None:
    assert wanted(known_document(open_task=True), today="2022-09-01") == {"related"}


def test_documents_of_others_and_old_ones_are_left_in_peace() -> None:
    other = replace(STATE, issuer="Sở Y tế")
    assert wanted(known_document(state=other)) == frozenset()
    assert wanted(known_document(state=replace(STATE, outgoing=False))) == frozenset()
    assert wanted(known_document(), today="2022-06-01") == frozenset()


def test_a_full_reading_asks_again_for_what_was_settled() -> None:
    document = known_document("Sở Y tế", "Sở Xây dựng", tasks_changed_at=at("2022-02-13"))
    assert wanted(document, full=True) == {"log", "related"}
