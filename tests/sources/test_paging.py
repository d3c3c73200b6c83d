from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import AuthNeeded, SourceError, SourceGarbled, SourceRefused, SourceUnavailable
from connector.sources.rest.paging import Listing, Pager

Change = Callable[[list[int], random.Random], None]


class Office:
    """A list in memory that pages, with ``changes`` made before the request of that number (from 0)."""

    def __init__(self, rows: Sequence[int], cap: int = 0, repeat_last: bool = False) -> None:
        self.rows = list(rows)
        self.cap = cap
        self.repeat_last = repeat_last
        self.asked: list[tuple[int, int]] = []
        self.changes: dict[int, Callable[[], None]] = {}
        self.ever = set(self.rows)

    def __call__(self, number: int, size: int) -> list[int]:
        self.changes.get(len(self.asked), lambda: None)()
        self.ever.update(self.rows)
        self.asked.append((number, size))
        size = min(size, self.cap or size)
        start = (number - 1) * size
        if self.repeat_last and self.rows:
            start = min(start, (len(self.rows) - 1) // size * size)
        return self.rows[start : start + size]


def read(office: Office, **values: int) -> Listing[int]:
    return Pager(15, **values).read(office, lambda row: row)


@pytest.mark.parametrize("count", [0, 1, 14, 15, 16, 30, 31, 149, 150, 151, 300, 443])
def test_a_list_that_stands_still_is_read_whole_at_a_tenth_more(count: int) -> None:
    office = Office(range(count))
    listing = read(office)
    assert (sorted(listing.rows), listing.complete) == (list(range(count)), True)
    assert len(office.asked) <= -(-count // 15) + 1 + -(-count // 150) + 1


@pytest.mark.parametrize("cap", [1, 10, 15, 50])
@pytest.mark.parametrize("count", [9, 10, 15, 50, 73])
def test_a_server_that_silently_caps_the_page_size_loses_no_row(cap: int, count: int) -> None:
    assert sorted(read(Office(range(count), cap=cap)).rows) == list(range(count))


@pytest.mark.parametrize("count", [1, 15, 31, 75])
def test_a_server_that_repeats_its_last_page_for_ever_ends_the_list(count: int) -> None:
    office = Office(range(count), repeat_last=True)
    listing = read(office)
    assert (sorted(listing.rows), listing.complete) == (list(range(count)), True)
    assert len(office.asked) <= count // 15 + 6


def test_a_server_that_never_ends_is_given_up_with_a_reason() -> None:
    listing = Pager(15, max_pages=20).read(lambda number, size: range(number * size, number * size + size), lambda r: r)
    assert (listing.complete, len(listing.rows)) == (False, 300)
    assert "20 trang" in listing.problem


def test_a_list_that_never_stands_still_keeps_its_rows_and_says_so() -> None:
    office = Office(range(40))
    office.changes = {n: (lambda n=n: office.rows.insert(0, 1000 + n)) for n in range(200)}  # type: ignore[misc]
    listing = read(office)
    assert not listing.complete
    assert "thay đổi liên tục" in listing.problem
    assert set(range(40)) <= set(listing.rows)


def test_a_row_that_slips_up_between_two_pages_is_found() -> None:
    office = Office(range(60))
    office.changes[2] = lambda: office.rows.remove(20)  # page 2 has been read, page 3 has not: row 30 is now on page 2
    listing = read(office)
    assert 30 in listing.rows
    assert listing.complete


def test_a_page_that_came_back_empty_by_mistake_does_not_end_the_list() -> None:
    office = Office(range(60))
    calls: list[int] = []

    def fetch(number: int, size: int) -> list[int]:
        calls.append(number)
        return [] if len(calls) == 2 else office(number, size)

    assert sorted(Pager(15).read(fetch, lambda row: row).rows) == list(range(60))


@pytest.mark.parametrize("error", [SourceRefused("no"), SourceUnavailable("busy"), SourceGarbled("too large")])
def test_a_server_that_refuses_large_pages_is_read_in_usual_ones_and_not_asked_again(error: SourceError) -> None:
    office = Office(range(40))

    def fetch(number: int, size: int) -> list[int]:
        if size > 15:
            office.asked.append((number, size))
            raise error
        return office(number, size)

    pager = Pager(15)
    for _ in range(2):
        assert sorted(pager.read(fetch, lambda row: row).rows) == list(range(40))
    assert sum(size > 15 for _, size in office.asked) == 1


def test_a_server_that_counts_large_pages_wrongly_loses_no_row() -> None:
    """It skips by the size asked for but gives no more than 50 rows."""
    rows = list(range(400))
    listing = Pager(15).read(lambda number, size: rows[(number - 1) * size :][: min(size, 50)], lambda row: row)
    assert (sorted(listing.rows), listing.complete) == (rows, True)


def test_a_refused_login_is_no_reason_to_try_other_pages() -> None:
    def fetch(number: int, size: int) -> list[int]:
        if size > 15:
            raise AuthNeeded("refused")
        return [1] if number == 1 else []

    with pytest.raises(AuthNeeded):
        Pager(15).read(fetch, lambda row: row)


def test_a_list_that_always_shows_a_row_twice_is_complete_after_a_third_reading() -> None:
    listing = read(office := Office([*range(40), 3]))
    assert (sorted(listing.rows), listing.complete) == (list(range(40)), True)
    assert len(office.asked) == 4 + 2 + 4


def test_of_a_row_met_twice_the_later_reading_counts() -> None:
    pages = iter([[("a", 1)], [], [("a", 2)], []])
    assert Pager(15).read(lambda number, size: next(pages), lambda row: row[0]).rows == (("a", 2),)


NEW = itertools.count(10_000)


def _insert(rows: list[int], at: random.Random) -> None:
    rows.insert(at.randint(0, len(rows)), next(NEW))


def _put_on_top(rows: list[int], at: random.Random) -> None:
    rows.insert(0, next(NEW))


def _remove(rows: list[int], at: random.Random) -> None:
    if rows:
        rows.pop(at.randrange(len(rows)))


def _move(rows: list[int], at: random.Random) -> None:
    if rows:
        rows.insert(at.randint(0, len(rows)), rows.pop(at.randrange(len(rows))))


def _read_while_changing(
    count: int, cap: int, schedule: list[tuple[int, Change, random.Random]]
) -> tuple[Office, Listing[int], set[int], set[int]]:
    """``schedule``: what happens before the request of which number. Gives also the rows that were there when the last
    reading began, and those there when its last rows were handed out."""
    office = Office(range(count), cap=cap)
    at_beginning: set[int] = set()
    at_last_rows: set[int] = set()

    def fetch(number: int, size: int) -> list[int]:
        for when, change, at in schedule:
            if when == len(office.asked):
                change(office.rows, at)
        found = office(number, size)
        for here, wanted in ((at_beginning, number == 1), (at_last_rows, bool(found))):
            if wanted:
                here.clear()
                here.update(office.rows)
        return found

    return office, Pager(15, passes=12).read(fetch, lambda row: row), at_beginning, at_last_rows


CAPS = st.sampled_from([0, 0, 10, 15, 50])
MOMENTS = st.integers(0, 14)


@settings(max_examples=400, deadline=None)
@given(
    count=st.integers(0, 120),
    cap=CAPS,
    schedule=st.lists(
        st.tuples(MOMENTS, st.sampled_from([_insert, _put_on_top, _remove, _move]), st.randoms()), max_size=4
    ),
)
def test_rows_inserted_removed_or_moved_while_a_list_is_read_are_all_there(
    count: int, cap: int, schedule: list[tuple[int, Change, random.Random]]
) -> None:
    office, listing, at_beginning, _ = _read_while_changing(count, cap, schedule)
    assert listing.complete
    assert len(listing.rows) == len(set(listing.rows))
    assert set(listing.rows) <= office.ever
    assert set(office.rows) & at_beginning <= set(listing.rows)


@settings(max_examples=400, deadline=None)
@given(
    count=st.integers(0, 120),
    cap=CAPS,
    change=st.sampled_from([_insert, _put_on_top, _remove, _move]),
    times=st.lists(st.tuples(MOMENTS, st.randoms()), max_size=3),
)
def test_a_row_that_comes_as_late_as_the_last_page_is_there_too_unless_another_goes_at_the_same_moment(
    count: int, cap: int, change: Change, times: list[tuple[int, random.Random]]
) -> None:
    office, listing, _, at_last_rows = _read_while_changing(count, cap, [(when, change, at) for when, at in times])
    assert listing.complete
    assert set(office.rows) & at_last_rows <= set(listing.rows)
