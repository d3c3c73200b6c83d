"""Whatever a server does to a list and whatever happens to it meanwhile: all its rows are read (F04, F06)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import AuthNeeded, SourceError, SourceGarbled, SourceRefused, SourceUnavailable
from connector.sources.rest.paging import Pager
from tests.sources.paged import (
    AT,
    CAPS,
    CHANGES,
    COUNTS,
    MOMENTS,
    SIZES,
    Change,
    Office,
    Reading,
    Restless,
    exact,
    insert,
    put_on_top,
    read,
    remove,
    same,
)  # fmt: skip

# -- what it costs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "requests"),
    [
        (0, 2),
        (1, 4),
        (14, 4),
        (15, 4),
        (16, 5),
        (30, 5),
        (31, 6),
        (149, 13),
        (150, 13),
        (151, 15),
        (300, 24),
        (443, 35),
    ],
)
def test_a_list_that_stands_still_is_read_whole_at_a_tenth_more(count: int, requests: int) -> None:
    office = Office(range(count))
    reading = read(office)
    assert (reading.rows, reading.progress.complete) == (set(range(count)), True)
    assert len(office.asked) == requests == exact(count, 15) + exact(count, 150)


@pytest.mark.parametrize("count", [0, 1, 14, 15, 16, 149, 150, 151, 443])
def test_pages_asked_ahead_cost_no_more_where_the_length_is_known(count: int) -> None:
    office = Office(range(count))
    assert read(office, ahead=4, rows=count).progress.complete
    assert len(office.asked) == exact(count, 15) + exact(count, 150)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 443])
def test_pages_asked_ahead_beyond_an_unknown_end_are_fewer_than_are_under_way_at_once(count: int) -> None:
    office = Office(range(count))
    reading = read(office, ahead=4)
    assert (reading.rows, reading.progress.complete) == (set(range(count)), True)
    assert len(office.asked) < exact(count, 15) + exact(count, 150) + 4
    assert office.most_waiting <= 4


@pytest.mark.parametrize(("count", "requests"), [(150, 4), (443, 8), (1500, 22), (1501, 24)])
def test_where_large_pages_are_proved_a_long_list_is_read_in_those_alone(count: int, requests: int) -> None:
    office = Office(range(count))
    reading = read(office, larger=True, rows=count)
    assert (reading.rows, reading.progress.complete, reading.progress.larger) == (set(range(count)), True, True)
    assert len(office.asked) == requests == 2 * exact(count, 150)


@pytest.mark.parametrize("count", [0, 7, 149])
def test_a_short_list_is_read_in_usual_pages_first_also_where_large_ones_are_proved(count: int) -> None:
    office = Office(range(count))
    assert read(office, larger=True, rows=count).rows == set(range(count))
    assert len(office.asked) == exact(count, 15) + exact(count, 150)


def test_large_pages_are_proved_by_a_list_that_filled_more_than_a_usual_one() -> None:
    def proved(**values: Any) -> bool | None:
        return read(Office(**values)).progress.larger

    assert proved(rows=range(16)) is True
    assert proved(rows=range(15)) is None, "nothing can be said of it"
    assert proved(rows=range(400), cap=15) is False
    assert proved(rows=range(400), refuses=SourceRefused("no")) is False


# -- servers with a will of their own ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [1, 4])
@pytest.mark.parametrize("cap", [1, 10, 15, 50])
@pytest.mark.parametrize("count", [9, 10, 15, 50, 73])
def test_a_server_that_silently_caps_the_page_size_loses_no_row(cap: int, count: int, ahead: int) -> None:
    reading = read(Office(range(count), cap=cap), ahead=ahead)
    assert (reading.rows, reading.progress.complete) == (set(range(count)), True)


@pytest.mark.parametrize("cap", [15, 50, 149])
@pytest.mark.parametrize("count", [15, 16, 50, 51, 150, 151, 400])
def test_a_server_that_counts_large_pages_wrongly_loses_no_row(cap: int, count: int) -> None:
    """It skips by the size asked for but gives no more than its cap."""
    reading = read(Office(range(count), cap=cap, gaps=True))
    assert (reading.rows, reading.progress.complete) == (set(range(count)), True)


@pytest.mark.parametrize("ahead", [1, 4])
@pytest.mark.parametrize("count", [1, 15, 31, 75])
def test_a_server_that_repeats_its_last_page_for_ever_ends_the_list(count: int, ahead: int) -> None:
    office = Office(range(count), repeat_last=True)
    reading = read(office, ahead=ahead)
    assert (reading.rows, reading.progress.complete) == (set(range(count)), True)
    assert len(office.asked) < exact(count, 15) + exact(count, 150) + ahead


def test_a_server_that_never_ends_is_given_up_with_a_reason() -> None:
    office = Office(range(10_000))
    reading = read(office, max_pages=20, ahead=4)
    assert (reading.progress.done, reading.progress.complete, len(reading.rows)) == (True, False, 300)
    assert "20 trang" in reading.progress.problem
    assert len(office.asked) == 20


def test_a_list_that_never_stands_still_keeps_its_rows_and_says_so() -> None:
    office = Office(range(40))
    office.changes = {n: [lambda n=n: office.rows.insert(0, 1000 + n)] for n in range(200)}  # type: ignore[misc]
    reading = read(office)
    assert not reading.progress.complete
    assert "thay đổi liên tục trong 6 lần đọc" in reading.progress.problem
    assert set(range(40)) <= reading.rows


@settings(max_examples=100)
@given(at=AT, universe=st.integers(1, 40), ahead=st.sampled_from([1, 3]))
def test_a_server_that_answers_anything_at_all_is_read_to_an_end_or_given_up_with_a_reason(
    at: random.Random, universe: int, ahead: int
) -> None:
    office = Office(())

    def page(number: int, size: int) -> list[int]:
        return [at.randrange(universe) for _ in range(at.randint(0, 20))]

    office.page = page  # type: ignore[method-assign]
    reading = read(
        office, max_pages=8, passes=3, ahead=ahead, rows=at.choice([0, 30, 400]), larger=at.choice([None, True])
    )
    assert reading.progress.done
    assert reading.progress.complete == (not reading.progress.problem)
    assert len(office.asked) <= (8 + ahead) * (3 + 3 + 1), "one reading, one anew because a large page was not full"


@pytest.mark.parametrize("ahead", [1, 4])
@pytest.mark.parametrize("error", [SourceRefused("no"), SourceUnavailable("busy"), SourceGarbled("large", final=True)])
def test_a_server_that_refuses_large_pages_is_read_in_usual_ones_and_not_asked_again(
    error: SourceError, ahead: int
) -> None:
    office = Office(range(40), refuses=error)
    first = read(office, ahead=ahead)
    again = read(office, ahead=ahead, larger=first.progress.larger, rows=40)
    assert first.rows == again.rows == set(range(40))
    assert first.progress.complete
    assert again.progress.complete
    assert sum(size > 15 for _, size in office.served) == 1


@pytest.mark.parametrize("fails_at", [1, 3])
def test_what_fails_in_usual_pages_too_fails(fails_at: int) -> None:
    office = Office(range(100))
    usual = office.page
    office.page = lambda number, size: SourceRefused("no") if number == fails_at else usual(number, size)  # type: ignore[method-assign]
    with pytest.raises(SourceRefused):
        read(office, ahead=4)


def test_a_refused_login_is_no_reason_to_try_other_pages() -> None:
    office = Office(range(40), refuses=AuthNeeded("refused"))
    with pytest.raises(AuthNeeded):
        read(office)
    assert office.asked[-1] == (1, 150)


def test_a_list_that_always_shows_a_row_twice_is_complete_after_a_third_reading() -> None:
    reading = read(office := Office([*range(40), 3]))
    assert (reading.rows, reading.progress.complete) == (set(range(40)), True)
    assert len(office.asked) == 4 + 2 + 4


def test_a_page_that_came_back_empty_by_mistake_does_not_end_the_list() -> None:
    office = Office(range(60))
    usual = office.page
    office.page = lambda number, size: [] if len(office.served) == 2 else usual(number, size)  # type: ignore[method-assign]
    reading = read(office)
    assert (reading.rows, reading.progress.complete) == (set(range(60)), True)


def test_a_row_that_slips_up_between_two_pages_is_found() -> None:
    office = Office(range(60))
    office.changes[2] = [lambda: office.rows.remove(20)]  # page 2 has been read, page 3 has not: 30 is now on page 2
    reading = read(office)
    assert 30 in reading.rows
    assert reading.progress.complete


# -- large pages that are trusted --------------------------------------------------------------------------------------


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("begins", range(12))
def test_a_server_that_begins_to_cap_large_pages_once_they_are_trusted_loses_no_row(begins: int, gaps: bool) -> None:
    """With the fourth of five pages 10 rows short, all later passes would agree without them."""
    office = Office(range(600), gaps=gaps)
    office.changes[begins] = [lambda: setattr(office, "cap", 140)]
    reading = read(office, rows=600, larger=True)
    assert (reading.rows, reading.progress.complete) == (set(range(600)), True)


@settings(max_examples=150)
@given(
    count=st.integers(0, 80),
    size=st.integers(1, 4),
    cap=st.integers(1, 60),
    gaps=st.booleans(),
    begins=st.integers(0, 12),
    ends=st.integers(0, 30),
    ahead=st.sampled_from([1, 4]),
    data=st.data(),
)
def test_whenever_a_server_caps_large_pages_that_are_trusted_no_row_is_lost(
    count: int, size: int, cap: int, gaps: bool, begins: int, ends: int, ahead: int, data: st.DataObject
) -> None:
    office = Office(range(count), gaps=gaps, order=data.draw(st.none() | AT))
    office.changes[begins] = [lambda: setattr(office, "cap", max(cap, size) if gaps else cap)]
    office.changes.setdefault(begins + ends, []).append(lambda: setattr(office, "cap", 0))
    thought = data.draw(st.just(count) | st.integers(0, 120))
    reading = read(office, size=size, ahead=ahead, rows=thought, larger=True, passes=12)
    assert (reading.rows, reading.progress.complete) == (set(range(count)), True)


# -- lists that change while they are read -----------------------------------------------------------------------------


@settings(max_examples=150)
@given(
    count=COUNTS,
    size=SIZES,
    cap=CAPS,
    ahead=st.sampled_from([1, 4]),
    schedule=st.lists(st.tuples(MOMENTS, st.sampled_from(CHANGES), AT), max_size=4),
)
def test_rows_inserted_removed_or_moved_while_a_list_is_read_are_all_there(
    count: int, size: int, cap: int, ahead: int, schedule: list[tuple[int, Change, random.Random]]
) -> None:
    place = Restless(Office(range(count), cap=cap), schedule)
    reading = read(place.office, size=size, ahead=ahead, passes=12)
    assert reading.progress.complete
    assert reading.rows <= place.office.ever
    assert set(place.office.rows) & place.at_beginning <= reading.rows


@settings(max_examples=150)
@given(
    count=COUNTS,
    cap=CAPS,
    change=st.sampled_from(CHANGES),
    times=st.lists(st.tuples(MOMENTS, AT), max_size=3),
)
def test_a_row_that_comes_as_late_as_the_last_page_is_there_too_unless_another_goes_at_the_same_moment(
    count: int, cap: int, change: Change, times: list[tuple[int, random.Random]]
) -> None:
    place = Restless(Office(range(count), cap=cap), [(when, change, at) for when, at in times])
    reading = read(place.office, passes=12)
    assert reading.progress.complete
    assert set(place.office.rows) & place.at_last_rows <= reading.rows


@settings(max_examples=150)
@given(
    count=COUNTS,
    size=SIZES,
    cap=CAPS,
    ahead=st.integers(2, 8),
    order=AT,
    kinds=st.sampled_from([[insert, put_on_top], [remove]]),
    data=st.data(),
)
def test_pages_asked_ahead_and_served_in_any_order_lose_no_row_that_was_there_all_the_time(
    count: int, size: int, cap: int, ahead: int, order: random.Random, kinds: list[Change], data: st.DataObject
) -> None:
    schedule = data.draw(st.lists(st.tuples(MOMENTS, st.sampled_from(kinds), AT), max_size=5))
    place = Restless(Office(range(count), cap=cap, order=order), schedule)
    reading = read(place.office, size=size, ahead=ahead, passes=12)
    assert reading.progress.complete
    assert reading.rows <= place.office.ever
    assert set(place.office.rows) & set(range(count)) <= reading.rows


@settings(max_examples=150)
@given(
    count=COUNTS,
    size=SIZES,
    ahead=st.integers(2, 8),
    order=AT,
    quiet=st.integers(0, 2),
    schedule=st.lists(st.tuples(st.integers(0, 8), st.sampled_from(CHANGES), AT), max_size=8),
)
def test_whatever_happens_during_one_pass_costs_no_row(
    count: int,
    size: int,
    ahead: int,
    order: random.Random,
    quiet: int,
    schedule: list[tuple[int, Change, random.Random]],
) -> None:
    """Also pages asked ahead and served in any order: the passes before and after are right."""
    office = Office(range(count), order=order)
    usual, within, pages = office.page, 0, 0

    def page(number: int, size: int) -> list[int] | SourceError:
        nonlocal within, pages
        if len(reading.seen) == quiet:
            for when, change, at in schedule:
                if when == pages:
                    change(office.rows, at)
            pages += 1
            office.ever.update(office.rows)
        return usual(number, size)

    office.page = page  # type: ignore[method-assign]
    reading = Reading()
    for one in Pager(size, ahead=ahead).read(office, same):
        reading.pages.append(one)
        reading.seen.setdefault(one.progress.number, set()).update(one.rows)
    assert reading.progress.complete
    assert reading.rows <= office.ever
    assert set(office.rows) & set(range(count)) <= reading.rows
