"""What is read beyond the list row, and why; what may be called vanished; which lists and months are read."""

from __future__ import annotations

import itertools
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import DocumentState
from connector.domain.requests import Window
from connector.domain.status import LogAction, Status
from connector.errors import SuspiciousShrink
from connector.reconcile.plan import (
    NEEDED_PARTS,
    OPEN_PARTS,
    TASK_PARTS,
    DocumentPlan,
    KnownDocument,
    KnownTask,
    TaskPlan,
    document_parts,
    is_worth_reading,
    require_no_shrink,
    search_windows,
    task_parts,
)
from tests.builders import OFFICE, at, day, sent, step
from tests.reconcile.builders import DAGIAO

LAST_NIGHT = at("2022-02-14")
DONE = KnownTask(
    list_digest="as before", status=Status.DONE, missing=False, authoritative=True, read=TASK_PARTS,
    read_at=LAST_NIGHT, read_run_id=1,
)  # fmt: skip
OPEN = replace(DONE, status=Status.IN_PROGRESS)
PLAN = TaskPlan(TASK_PARTS, run_id=2)


def planned(
    known: KnownTask | None, plan: TaskPlan = PLAN, *, digest: str = "as before", authoritative: bool = True
) -> tuple[AbstractSet[str], str]:
    return task_parts("90001", digest, authoritative, known, plan)


# -- tasks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [status for status in Status if not status.is_open and status is not Status.UNKNOWN])
def test_a_finished_unchanged_task_costs_its_list_row_only(status: Status) -> None:
    assert planned(replace(DONE, status=status)) == (set(), "unchanged")


@pytest.mark.parametrize(
    ("known", "plan", "reason"),
    [
        (None, PLAN, "new"),
        (DONE, replace(PLAN, full=True), "full"),
        (replace(DONE, missing=True), PLAN, "returned"),
        (replace(DONE, list_digest="another"), PLAN, "changed"),
        (replace(OPEN, list_digest=""), PLAN, "incomplete"),
        (DONE, replace(PLAN, hinted=frozenset({"90001"})), "hinted"),
        (DONE, replace(PLAN, reread_before=LAST_NIGHT + timedelta(seconds=1)), "periodic"),
    ],
)
def test_whatever_may_have_changed_as_a_whole_is_read_whole(
    known: KnownTask | None, plan: TaskPlan, reason: str
) -> None:
    assert planned(known, plan) == (TASK_PARTS, reason)
    few = frozenset({"flow", "files"})
    assert planned(known, replace(plan, parts=few)) == (few, reason), "but nothing the settings do not ask for"


@pytest.mark.parametrize("status", [status for status in Status if status.is_open or status is Status.UNKNOWN])
def test_an_open_task_is_asked_for_what_no_list_shows(status: Status) -> None:
    known = replace(OPEN, status=status)
    assert planned(known) == (OPEN_PARTS, "open")
    assert planned(replace(known, read=TASK_PARTS - {"detail", "files"})) == (OPEN_PARTS | {"detail", "files"}, "open")
    assert planned(known, replace(PLAN, parts=frozenset({"detail", "flow"}))) == ({"flow"}, "open")


def test_a_finished_task_is_asked_once_more_for_what_was_never_read() -> None:
    assert planned(replace(DONE, read=NEEDED_PARTS)) == ({"children", "files"}, "incomplete")
    assert planned(replace(DONE, read=NEEDED_PARTS), replace(PLAN, parts=NEEDED_PARTS)) == (set(), "unchanged")


def test_where_only_a_cooperating_line_shows_the_task_its_detail_is_always_asked() -> None:
    assert planned(DONE, authoritative=False) == (TASK_PARTS, "co-operating view")


def test_notifications_about_other_tasks_are_no_hint() -> None:
    assert planned(DONE, replace(PLAN, hinted=frozenset({"90002"}))) == (set(), "unchanged")


def test_a_task_read_recently_is_not_due_for_its_periodic_reading() -> None:
    assert planned(DONE, replace(PLAN, reread_before=LAST_NIGHT)) == (set(), "unchanged")
    assert planned(replace(DONE, read_at=None), replace(PLAN, reread_before=LAST_NIGHT)) == (set(), "unchanged")


@pytest.mark.parametrize(
    "plan",
    [PLAN, replace(PLAN, full=True), replace(PLAN, hinted=frozenset({"90001"}))],
    ids=["usual", "full", "hinted"],
)
@pytest.mark.parametrize("read", [TASK_PARTS, NEEDED_PARTS], ids=["all", "what is needed"])
def test_what_the_interrupted_run_had_read_is_not_read_again(read: frozenset[str], plan: TaskPlan) -> None:
    known = replace(OPEN, read=read, read_run_id=PLAN.run_id)
    assert planned(known, plan) == (set(), "read before the interruption")
    assert planned(known, plan, authoritative=False)[0] == set()


def test_what_changed_or_lacked_a_needed_part_since_the_interruption_is_read_all_the_same() -> None:
    known = replace(OPEN, read_run_id=PLAN.run_id)
    assert planned(known, digest="another") == (TASK_PARTS, "changed")
    assert planned(replace(known, read=TASK_PARTS - {"flow"})) == (OPEN_PARTS, "open")


KNOWN = st.builds(
    KnownTask,
    list_digest=st.sampled_from(["", "as before", "another"]),
    status=st.sampled_from(list(Status)),
    missing=st.booleans(),
    authoritative=st.booleans(),
    read=st.frozensets(st.sampled_from(sorted(TASK_PARTS))),
    read_at=st.none() | st.just(LAST_NIGHT),
    read_run_id=st.sampled_from([None, 1, 2]),
)
PLANS = st.builds(
    TaskPlan,
    parts=st.frozensets(st.sampled_from(sorted(TASK_PARTS)), min_size=1),
    run_id=st.just(2),
    full=st.booleans(),
    hinted=st.sampled_from([frozenset[str](), frozenset({"90001"})]),
    reread_before=st.sampled_from([None, LAST_NIGHT, LAST_NIGHT + timedelta(days=1)]),
)


@given(known=st.none() | KNOWN, plan=PLANS, digest=st.sampled_from(["as before", "now"]), authoritative=st.booleans())
def test_nothing_outside_the_plan_is_read_and_nothing_without_a_reason(
    known: KnownTask | None, plan: TaskPlan, digest: str, authoritative: bool
) -> None:
    parts, reason = task_parts("90001", digest, authoritative, known, plan)
    assert parts <= plan.parts
    assert reason
    if known is None:
        assert (parts, reason) == (plan.parts, "new")
    elif reason in ("unchanged", "read before the interruption"):
        assert not parts
        assert digest == known.list_digest
    elif reason != "open":
        assert parts


@given(known=KNOWN, plan=PLANS)
def test_a_finished_unchanged_task_that_is_wholly_known_costs_nothing(known: KnownTask, plan: TaskPlan) -> None:
    settled = replace(known, status=Status.DONE, missing=False, read=known.read | plan.parts, read_at=LAST_NIGHT)
    usual = replace(plan, full=False, hinted=frozenset(), reread_before=LAST_NIGHT)
    assert task_parts("90001", settled.list_digest, True, settled, usual)[0] == frozenset()


@given(known=KNOWN, plan=PLANS, digest=st.sampled_from(["as before", "now"]))
def test_a_task_whose_row_changed_is_never_left_out(known: KnownTask, plan: TaskPlan, digest: str) -> None:
    if digest != known.list_digest:
        assert task_parts("90001", digest, True, known, plan)[0] == plan.parts


# -- what vanishes -----------------------------------------------------------------------------------------------------


def test_a_shrink_of_more_than_the_share_is_refused_until_somebody_accepts_it() -> None:
    with pytest.raises(SuspiciousShrink) as caught:
        require_no_shrink(3, 20, max_share=0.1, accepted=False)
    assert (caught.value.fields["vanished"], caught.value.fields["stored"]) == (3, 20)
    require_no_shrink(3, 20, max_share=0.1, accepted=True)


@pytest.mark.parametrize(("gone", "visible", "share"), [(2, 20, 0.1), (0, 0, 0.0), (0, 20, 0.0), (20, 20, 1.0)])
def test_a_shrink_of_just_the_share_is_believed(gone: int, visible: int, share: float) -> None:
    require_no_shrink(gone, visible, max_share=share, accepted=False)


# -- documents ---------------------------------------------------------------------------------------------------------

STATE = DocumentState("41/UBND-KT", day("2022-02-10"), OFFICE, "mẫu", "Thường", outgoing=True)
STEPS = (LogAction.RECEIVED, LogAction.FORWARDED, LogAction.ASSIGNED)
ALL_READ = ("Sở Y tế", "Sở Xây dựng")
DOCUMENTS = DocumentPlan(OFFICE, day("2022-02-15"), days=60, run_id=2)


def known_document(*units: str, open_task: bool = False, **fields: object) -> KnownDocument:
    """Sent to two recipients, of which ``units`` have taken every step."""
    log = [sent(at("2022-02-10", "09:00"), *ALL_READ)]
    log += [step(action, at("2022-02-10", "10:00"), unit) for unit in units for action in STEPS]
    base = KnownDocument(
        "1", DAGIAO, STATE, tuple(log), LAST_NIGHT, LAST_NIGHT, open_task,
        files_read_at=LAST_NIGHT, detail_read_at=LAST_NIGHT, read_run_id=1,
    )  # fmt: skip
    return replace(base, **fields)  # type: ignore[arg-type]


def wanted(document: KnownDocument, today: str = "2022-02-15", **plan: object) -> tuple[AbstractSet[str], str]:
    return document_parts(document, replace(DOCUMENTS, today=day(today), **plan))  # type: ignore[arg-type]


def test_a_log_is_read_until_every_recipient_has_taken_all_steps() -> None:
    assert wanted(known_document("Sở Y tế")) == ({"log"}, "open")
    assert wanted(known_document(*ALL_READ)) == (set(), "open")
    assert wanted(known_document("SỞ Y TẾ", "sở xây dựng"))[0] == set(), "whatever the case"


def test_a_document_that_was_never_sent_may_still_be() -> None:
    assert wanted(known_document(log=()))[0] == {"log"}


def test_a_new_document_is_read_for_everything_but_answers_nobody_waits_for() -> None:
    new = known_document(log=(), log_read_at=None, related_read_at=None, files_read_at=None, detail_read_at=None)
    assert wanted(new) == ({"log", "files"}, "new")
    assert wanted(replace(new, has_open_task=True)) == ({"log", "files", "related"}, "new")


def test_names_of_attachments_are_read_once_and_when_hinted() -> None:
    settled = known_document(*ALL_READ)
    assert wanted(replace(settled, files_read_at=None)) == ({"files"}, "open")
    assert wanted(settled, hinted=frozenset({"1"})) == ({"log", "files"}, "hinted")
    assert wanted(settled, hinted=frozenset({"2"})) == (set(), "open")


def test_the_detail_is_read_only_where_the_settings_ask_for_it() -> None:
    never = known_document(*ALL_READ, detail_read_at=None)
    assert wanted(never)[0] == set()
    with_detail = DOCUMENTS.parts | {"detail"}
    assert wanted(never, parts=with_detail)[0] == {"detail"}
    assert wanted(known_document(*ALL_READ), parts=with_detail)[0] == set(), "once"


def test_related_documents_are_read_while_an_open_task_rests_on_the_document() -> None:
    assert wanted(known_document(*ALL_READ, open_task=True))[0] == {"related"}


def test_related_documents_are_read_once_more_after_a_task_has_changed() -> None:
    assert wanted(known_document(*ALL_READ, tasks_changed_at=at("2022-02-15")))[0] == {"related"}
    assert wanted(known_document(*ALL_READ, tasks_changed_at=at("2022-02-13")))[0] == set()
    assert wanted(known_document(*ALL_READ, tasks_changed_at=at("2022-02-13"), related_read_at=None))[0] == {"related"}


def test_an_old_document_is_still_asked_for_answers_while_an_open_task_rests_on_it() -> None:
    assert wanted(known_document(open_task=True, files_read_at=None), today="2022-09-01") == ({"related"}, "open")


@pytest.mark.parametrize(("today", "parts"), [("2022-04-11", {"log"}), ("2022-04-12", set())])
def test_a_document_is_followed_for_so_many_days_after_issue(today: str, parts: set[str]) -> None:
    assert wanted(known_document("Sở Y tế"), today=today)[0] == parts


def test_a_document_without_a_date_is_never_too_old() -> None:
    undated = known_document("Sở Y tế", state=replace(STATE, issued_on=None))
    assert wanted(undated, today="2030-01-01")[0] == {"log"}


@pytest.mark.parametrize(
    "state",
    [
        replace(STATE, issuer="Sở Y tế"),
        replace(STATE, outgoing=False),
        replace(STATE, present=False),
    ],
    ids=["of another issuer", "incoming", "gone"],
)
def test_documents_of_others_are_left_in_peace(state: DocumentState) -> None:
    document = known_document(state=state, open_task=True, log_read_at=None)
    assert wanted(document) == (set(), "not followed")
    assert wanted(document, full=True, hinted=frozenset({"1"})) == (set(), "not followed")
    assert wanted(replace(document, state=replace(STATE, issuer=OFFICE.upper())))[1] == "new"
    blanks = OFFICE.replace(" ", "  ") + " "
    assert wanted(replace(document, state=replace(STATE, issuer=blanks)))[1] == "new"


def test_a_full_reading_asks_again_for_what_was_settled() -> None:
    document = known_document(*ALL_READ, tasks_changed_at=at("2022-02-13"))
    assert wanted(document, full=True) == ({"log", "related", "files"}, "full")


def test_what_the_interrupted_run_had_read_of_a_document_is_not_read_again() -> None:
    document = known_document(open_task=True, read_run_id=DOCUMENTS.run_id)
    assert wanted(document, full=True) == (set(), "read before the interruption")


DOCUMENT_PARTS = ["log", "related", "files", "detail"]
TIMES = st.none() | st.sampled_from([LAST_NIGHT, LAST_NIGHT + timedelta(days=1)])


@given(
    document=st.builds(
        known_document,
        open_task=st.booleans(),
        log_read_at=TIMES, related_read_at=TIMES, files_read_at=TIMES, detail_read_at=TIMES, tasks_changed_at=TIMES,
        read_run_id=st.sampled_from([None, 1, 2]),
    ),
    parts=st.frozensets(st.sampled_from(DOCUMENT_PARTS)),
    full=st.booleans(),
    hinted=st.booleans(),
    age=st.integers(0, 200),
)  # fmt: skip
def test_no_part_of_a_document_is_read_that_the_settings_do_not_ask_for(
    document: KnownDocument, parts: frozenset[str], full: bool, hinted: bool, age: int
) -> None:
    today = day("2022-02-10") + timedelta(days=age)
    plan = replace(DOCUMENTS, today=today, parts=parts, full=full, hinted=frozenset({"1"}) if hinted else frozenset())
    found, reason = document_parts(document, plan)
    assert found <= parts
    assert reason
    if age > DOCUMENTS.days and not document.has_open_task:
        assert not found


# -- which lists and months of documents are read ----------------------------------------------------------------------

TODAY = date(2022, 3, 5)


def windows(*fields: str, full: bool = False, days: int = 120, span: tuple[date, date] | None = None) -> list[str]:
    found = search_windows(fields, TODAY, days, full=full, span=span)  # type: ignore[arg-type]
    return [str(one) for one in found]


def test_by_issue_the_month_before_and_this_one_are_searched() -> None:
    assert windows("issued") == ["issued:2022-02-01..2022-02-28", "issued:2022-03-01..2022-03-31"]


def test_a_full_reading_searches_as_far_back_as_documents_are_followed() -> None:
    assert windows("issued", full=True) == [
        "issued:2021-11-01..2021-11-30", "issued:2021-12-01..2021-12-31", "issued:2022-01-01..2022-01-31",
        "issued:2022-02-01..2022-02-28", "issued:2022-03-01..2022-03-31",
    ]  # fmt: skip


def test_by_deadline_the_months_around_this_one_are_searched_always() -> None:
    months = ["due:2022-02-01..2022-02-28", "due:2022-03-01..2022-03-31", "due:2022-04-01..2022-04-30"]
    assert windows("due") == windows("due", full=True) == months


def test_a_back_fill_searches_whole_months_so_that_their_lists_keep_their_names() -> None:
    span = (date(2021, 12, 20), date(2022, 1, 5))
    assert windows("issued", "due", span=span) == [
        "due:2021-12-01..2021-12-31", "due:2022-01-01..2022-01-31",
        "issued:2021-12-01..2021-12-31", "issued:2022-01-01..2022-01-31",
    ]  # fmt: skip
    assert windows(span=span) == windows() == []


@given(st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(0, 400), st.booleans())
def test_searched_months_follow_each_other_without_gap_and_hold_the_days_wanted(
    today: date, days: int, full: bool
) -> None:
    found = search_windows(["issued"], today, days, full=full)
    assert all(isinstance(one, Window) and one.first.day == 1 for one in found)
    for before, after in itertools.pairwise(found):
        assert before.last + timedelta(days=1) == after.first
    assert found[0].first <= today - timedelta(days=days if full else 31)
    assert found[-1].first <= today <= found[-1].last


@pytest.mark.parametrize(
    ("rows", "searched", "full", "worth"),
    [
        (0, True, False, True),
        (2000, True, False, True),
        (2001, True, False, False),
        (2001, False, False, True),
        (2001, True, True, True),
    ],
)
def test_a_long_list_is_read_by_full_runs_or_where_nothing_could_be_searched(
    rows: int, searched: bool, full: bool, worth: bool
) -> None:
    assert is_worth_reading(rows, searched=searched, full=full, big=2000) is worth
