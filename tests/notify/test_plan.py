from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.rules import Audience
from connector.notify.plan import FindingView
from tests.notify.builders import RULES, TODAY, plan, view


def test_each_agency_gets_one_digest_with_its_own_findings_and_address() -> None:
    digests = plan([view(1, agency="SO_YT"), view(2, agency="SO_XD"), view(3, agency="SO_YT")])

    assert [(d.key, d.recipients, d.finding_ids) for d in digests] == [
        ("SO_XD:2022-02-28", ("vanthu.soxd@example.vn",), (2,)),
        ("SO_YT:2022-02-28", ("vanthu.soyt@example.vn",), (1, 3)),
    ]


def test_an_agency_without_address_is_written_to_at_the_office_and_marked() -> None:
    (digest,) = plan([view(1, agency="SO_CT")])

    assert digest.recipients == ("vanphong@example.vn",)
    assert digest.redirected
    assert digest.agency_name == "Sở Công Thương"


def test_sections_go_from_overdue_over_process_to_reminders() -> None:
    rules = ["TD02_DONE_LATE", "TD05_DUE_SOON", "PV01_RECEIVE_LATE", "TD04_NO_DEADLINE_STALE", "TD03_LONG_OVERDUE",
             "PV06_SILENT_AT_DUE", "TD01_OVERDUE"]  # fmt: skip
    (digest,) = plan([view(i, rule) for i, rule in enumerate(rules)])

    assert [section.rule for section in digest.sections] == [
        "TD01_OVERDUE", "TD03_LONG_OVERDUE", "PV06_SILENT_AT_DUE", "PV01_RECEIVE_LATE", "TD05_DUE_SOON",
        "TD04_NO_DEADLINE_STALE", "TD02_DONE_LATE",
    ]  # fmt: skip
    assert digest.sections[0].legal_basis == RULES["TD01_OVERDUE"].legal_basis
    assert not digest.sections[2].legal_confirmed


def test_every_rule_that_speaks_to_agencies_has_a_place_in_the_digest_and_no_other() -> None:
    (digest,) = plan([view(i, rule.id) for i, rule in enumerate(RULES)])

    told = {rule.id for rule in RULES if rule.audience is Audience.AGENCY}
    assert {section.rule for section in digest.sections} == told


def test_rows_are_most_overdue_first_then_by_document() -> None:
    (digest,) = plan(
        [
            view(1, due_on=date(2022, 2, 25), notation="9/UBND"),
            view(2, due_on=date(2022, 2, 25), notation="10/UBND"),
            view(3, due_on=date(2022, 1, 31)),
        ]
    )

    rows = digest.sections[0].rows
    assert [(row.finding_id, row.days_overdue) for row in rows] == [(3, 28), (2, 3), (1, 3)]


def test_reminders_are_nearest_first_and_tell_the_days_left() -> None:
    (digest,) = plan(
        [
            view(1, "TD05_DUE_SOON", due_on=date(2022, 3, 4)),
            view(2, "TD05_DUE_SOON", due_on=TODAY),
            view(3, "TD05_DUE_SOON", due_on=date(2022, 3, 1)),
        ]
    )

    assert [(row.finding_id, row.days_left) for row in digest.sections[0].rows] == [(2, 0), (3, 1), (1, 4)]


def test_a_reminder_is_shown_at_its_nearest_step_only() -> None:
    steps = [view(i, "TD05_DUE_SOON", band=band, subject_id="T1") for i, band in enumerate(["7", "1", "3"])]
    long = [view(10 + i, "TD03_LONG_OVERDUE", band=band, subject_id="T2") for i, band in enumerate(["30", "120"])]
    (digest,) = plan([*steps, *long])

    assert digest.finding_ids == (11, 1)


def test_a_task_overdue_for_long_counts_once_among_the_overdue() -> None:
    (digest,) = plan(
        [
            view(1, "TD01_OVERDUE", subject_id="T1"),
            view(2, "TD03_LONG_OVERDUE", subject_id="T1", band="30"),
            view(3, "TD01_OVERDUE", subject_id="T2"),
            view(4, "PV06_SILENT_AT_DUE", subject_id="T2"),
            view(5, "TD05_DUE_SOON", due_on=date(2022, 3, 1)),
        ]
    )

    assert (digest.overdue, digest.violations, digest.due_soon) == (2, 1, 1)


def test_nothing_new_makes_no_digest() -> None:
    assert plan([view(1), view(2)], told={1, 2}) == []
    assert plan([]) == []


def test_something_new_brings_the_known_open_findings_along() -> None:
    (digest,) = plan([view(1), view(2)], told={1})

    assert {row.finding_id: row.is_new for row in digest.sections[0].rows} == {1: False, 2: True}


def test_a_violation_cured_before_we_could_tell_is_told_once_with_a_note() -> None:
    cured = view(1, "PV07_RESULT_NOT_UPDATED", closed=True, note="văn bản trả lời số 15/SYT")
    (digest,) = plan([cured])

    (row,) = digest.sections[0].rows
    assert row.note == "văn bản trả lời số 15/SYT; đã khắc phục"
    assert row.days_overdue is None
    (later,) = plan([cured, view(2)], told={1})
    assert later.finding_ids == (2,)


def test_a_reminder_nobody_needs_any_more_is_not_sent_afterwards() -> None:
    assert plan([view(1, "TD05_DUE_SOON", closed=True), view(2, "TD01_OVERDUE", closed=True)]) == []


def test_a_task_done_late_is_told_once_and_not_repeated() -> None:
    done_late = view(1, "TD02_DONE_LATE")
    (first,) = plan([done_late])
    assert first.finding_ids == (1,)

    (second,) = plan([done_late, view(2)], told={1})
    assert second.finding_ids == (2,)


def test_violations_older_than_the_horizon_are_not_mailed_unless_already_told() -> None:
    horizon = date(2022, 1, 28)
    old = view(1, "PV01_RECEIVE_LATE", breached_on=horizon - timedelta(days=1))
    edge = view(2, "PV01_RECEIVE_LATE", breached_on=horizon)
    long_overdue = view(3, "TD01_OVERDUE", breached_on=date(2021, 6, 1), due_on=date(2021, 5, 31))

    (digest,) = plan([old, edge, long_overdue], horizon=horizon)
    assert set(digest.finding_ids) == {2, 3}
    (later,) = plan([old, view(4)], told={1}, horizon=horizon)
    assert set(later.finding_ids) == {1, 4}


def test_days_over_are_not_claimed_where_the_task_is_finished_or_the_rule_is_about_something_else() -> None:
    (digest,) = plan([view(1, "PV08_NO_EVIDENCE"), view(2, "TD02_DONE_LATE"), view(3, "PV01_RECEIVE_LATE")])

    assert [row.days_overdue for section in digest.sections for row in section.rows] == [None, None, None]


def test_a_rule_without_entry_in_the_table_is_a_bug_that_shows() -> None:
    with pytest.raises(KeyError):
        plan([view(1, "XX99_UNHEARD_OF")])


@st.composite
def _views(draw: st.DrawFn) -> list[FindingView]:
    days = st.integers(-10, 400)
    return [
        view(
            number,
            draw(st.sampled_from(sorted(RULES.rules))),
            agency=draw(st.sampled_from(["SO_YT", "SO_XD", "SO_CT"])),
            subject_id=draw(st.sampled_from(["T1", "T2", "T3"])),
            band=draw(st.sampled_from(["", "1", "3", "7"])),
            breached_on=TODAY - timedelta(days=draw(days)),
            due_on=draw(st.none() | days.map(lambda n: TODAY - timedelta(days=n))),
            closed=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@given(views=_views(), told=st.sets(st.integers(0, 12)))
def test_once_told_there_is_nothing_more_to_tell(views: list[FindingView], told: set[int]) -> None:
    digests = plan(views, told=told)

    sent = {number for digest in digests for number in digest.finding_ids}
    assert plan(views, told=told | sent) == []


@given(views=_views(), told=st.sets(st.integers(0, 12)))
def test_every_digest_has_news_an_addressee_and_no_row_twice(views: list[FindingView], told: set[int]) -> None:
    agency_of = {item.finding.id: item.finding.hit.key.agency for item in views}
    for digest in plan(views, told=told):
        rows = [row for section in digest.sections for row in section.rows]
        assert any(row.is_new for row in rows)
        assert all(row.is_new == (row.finding_id not in told) for row in rows)
        assert digest.recipients
        assert len(digest.finding_ids) == len(set(digest.finding_ids))
        assert {agency_of[number] for number in digest.finding_ids} == {digest.agency_code}
        assert all(section.rows for section in digest.sections)


@given(views=_views())
def test_the_order_in_which_findings_arrive_does_not_matter(views: list[FindingView]) -> None:
    unique = list({item.finding.hit.key: item for item in views}.values())
    assert plan(unique) == plan(unique[::-1])
