"""Stored x read -> version, progress rows, or nothing; the times say only what the readings prove."""

from __future__ import annotations

from dataclasses import replace

from connector.domain.records import ChildTask, DocumentState, Line, TaskParts, TaskState
from connector.domain.status import Role, Status
from connector.reconcile.changes import StoredTask, TaskChange, document_version, task_change, vanish
from connector.reconcile.merge import by_task
from tests.builders import LABELS, OFFICE, at, day
from tests.reconcile.builders import DAGIAO, detail, flow_row, row

TONIGHT, LAST_NIGHT = at("2022-02-15"), at("2022-02-14")


def change(
    stored: StoredTask | None, parts: TaskParts | None = None, *, complete: bool = True, **fields: object
) -> TaskChange:
    return task_change(by_task([row(**fields)])["90001"], stored, parts, complete=complete)


def state_of(made: TaskChange) -> TaskState:
    assert made.version is not None
    assert isinstance(made.version.state, TaskState)
    return made.version.state


def stored(**fields: object) -> StoredTask:
    state = state_of(change(None, TaskParts("90001", detail(), (), TONIGHT, ())))
    base = StoredTask(1, state, LAST_NIGHT, LAST_NIGHT, LAST_NIGHT, LAST_NIGHT, {})
    return replace(base, **fields)  # type: ignore[arg-type]


def test_a_task_seen_for_the_first_time_is_one_version_known_since_this_reading() -> None:
    made = change(None, TaskParts("90001", detail(), (), TONIGHT, ()))
    assert made.inserted
    assert made.version is not None
    assert (made.version.observed_after, made.version.observed_at) == (None, TONIGHT)
    assert state_of(made).content == "Nội dung"


def test_the_same_reading_again_changes_nothing() -> None:
    made = change(stored(), TaskParts("90001", detail(), (), TONIGHT, ()))
    assert made.version is None
    assert not made.inserted
    assert not made.updated


def test_a_change_lies_between_the_last_reading_of_the_old_state_and_this_one() -> None:
    made = change(stored(), status=Status.DONE)
    assert made.version is not None
    assert (made.version.observed_after, made.version.observed_at) == (LAST_NIGHT, TONIGHT)
    assert state_of(made).status is Status.DONE


def test_a_part_that_was_not_read_keeps_its_stored_value() -> None:
    lines = (Line("Sở Y tế", Role.LEAD, "Xử lý chính", "Chưa hoàn thành"),)
    old = stored(state=replace(stored().state, lines=lines))
    assert state_of(change(old, None, urged=True)).lines == lines
    assert state_of(change(old, None, urged=True)).content == "Nội dung"


def test_what_had_never_been_read_of_a_task_completes_its_version_and_is_no_change() -> None:
    old = stored(state=replace(stored().state, files=None))
    children = (ChildTask("Việc con", "", LABELS[Status.IN_PROGRESS]),)
    made = change(old, TaskParts("90001", detail(), (), TONIGHT, (), children=children, files=("a.pdf",)))
    assert (made.version, made.updated) == (None, False)
    assert made.filled == replace(old.state, children=children, files=("a.pdf",))
    parts = TaskParts("90001", detail(), (), TONIGHT, (), children=children, files=("a.pdf",))
    again = change(replace(old, state=made.filled), parts)
    assert (again.version, again.filled) == (None, None)
    fewer = change(replace(old, state=made.filled), TaskParts("90001", None, (), TONIGHT, None, children=()))
    assert state_of(fewer).children == (), "a child that is gone is a change"


def test_a_first_reading_of_parts_does_not_hide_what_changed_in_the_list() -> None:
    made = change(stored(), TaskParts("90001", detail(), (), TONIGHT, (), files=("a.pdf",)), status=Status.DONE)
    assert made.filled is None
    assert (state_of(made).status, state_of(made).files) == (Status.DONE, ("a.pdf",))


def test_a_removed_assignee_is_a_version_of_its_own() -> None:
    two = (Line("Sở Y tế", Role.LEAD, "", ""), Line("Sở Tư pháp", Role.COOPERATING, "", ""))
    old = stored(state=replace(stored().state, lines=two))
    made = change(old, TaskParts("90001", None, (), TONIGHT, two[:1]))
    assert state_of(made).lines == two[:1]


def test_a_cooperating_line_never_says_how_the_task_stands() -> None:
    line = row(stream=replace(DAGIAO, list="duocgiao"), role=Role.COOPERATING, line_id="7", status=Status.DONE)
    seen = by_task([line])["90001"]
    assert task_change(seen, stored(), None, complete=True).version is None
    parts = TaskParts("90001", detail(status=Status.DONE, status_label=LABELS[Status.DONE]), (), TONIGHT, ())
    assert state_of(task_change(seen, stored(), parts, complete=True)).status is Status.DONE


def test_where_the_detail_shows_only_our_own_line_the_leads_line_says_that_the_task_is_done() -> None:
    line = row(stream=replace(DAGIAO, list="duocgiao"), role=Role.COOPERATING, line_id="7")
    lead = Line("Sở Y tế", Role.LEAD, "Xử lý chính", LABELS[Status.DONE], status=Status.DONE)
    own = Line("Sở Tư pháp", Role.COOPERATING, "Phối hợp", LABELS[Status.IN_PROGRESS], status=Status.IN_PROGRESS)
    parts = TaskParts("90001", detail(), (), TONIGHT, (lead, own))
    made = task_change(by_task([line])["90001"], stored(), parts, complete=True)
    assert state_of(made).status is Status.DONE


def test_a_task_that_vanished_and_came_back_is_present_again() -> None:
    gone = stored(state=vanish(stored().state))
    assert state_of(change(gone)).present


def test_new_progress_rows_are_written_once_and_lost_ones_marked() -> None:
    old = stored(flow={("cũ", 0): False, ("mất", 0): False, ("trở lại", 0): True})
    flow = (flow_row("cũ"), flow_row("mới"), flow_row("mới", 1), flow_row("trở lại"))
    made = change(old, TaskParts("90001", None, flow, TONIGHT, None))
    assert [(one.content, one.occurrence) for one in made.new_flow] == [("mới", 0), ("mới", 1), ("trở lại", 0)]
    assert made.gone_flow == (("mất", 0),)
    assert made.flow_after == LAST_NIGHT


def test_progress_rows_that_were_not_read_are_not_called_lost() -> None:
    assert change(stored(flow={("cũ", 0): False})).gone_flow == ()


def test_a_document_once_known_as_secret_stays_secret() -> None:
    base = DocumentState("41/UBND-KT", day("2022-02-10"), OFFICE, "mẫu", "Thường", outgoing=True, secret=True)
    for said in (False, None):
        assert document_version(replace(base, secret=said), base, LAST_NIGHT, TONIGHT) is None
    urgent = document_version(replace(base, urgency="Khẩn", secret=None), base, LAST_NIGHT, TONIGHT)
    assert urgent is not None
    assert isinstance(urgent.state, DocumentState)
    assert urgent.state.secret is True
