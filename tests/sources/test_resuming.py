"""A reading that is stopped after any page goes on behind it, in another process (F07, F17)."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.sources.paged import AT, CAPS, CHANGES, COUNTS, MOMENTS, Change, Office, Reading, Restless, exact, read

SERVERS = st.fixed_dictionaries(
    {
        "rows": st.integers(0, 100).map(range),
        "cap": st.sampled_from([0, 0, 5, 15, 50]),
        "repeat_last": st.booleans(),
    }
)
"""Servers that stand still; rows once shown twice, too."""


@settings(max_examples=200)
@given(
    server=SERVERS | st.fixed_dictionaries({"rows": st.just([*range(40), 3])}),
    size=st.sampled_from([2, 7, 15]),
    ahead=st.sampled_from([1, 4]),
    stop_after=st.integers(1, 60),
    larger=st.sampled_from([None, True, False]),
)
def test_a_reading_stopped_after_any_page_goes_on_behind_it(
    server: dict[str, Any], size: int, ahead: int, stop_after: int, larger: bool | None
) -> None:
    how: dict[str, Any] = {"size": size, "ahead": ahead, "larger": larger if not server.get("cap") else None}
    how["rows"] = len(server["rows"])
    whole, first, second = (Office(**server) for _ in range(3))
    undisturbed = read(whole, **how)
    stopped = read(first, stop_after=stop_after, **how)
    assume(not stopped.progress.done)
    resumed = read(second, going_on=stopped, **how)
    assert stopped.rows | resumed.rows == set(server["rows"])
    assert replace(resumed.progress, page=0, last="") == replace(undisturbed.progress, page=0, last="")
    same_pass = list(itertools.takewhile(lambda one: one[0] != 1, second.asked))
    assert all(number > stopped.progress.page for number, _ in same_pass)
    assert len(first.served) + len(second.served) <= len(whole.served) + 1, "at most one page is fetched twice"


def test_a_long_list_stopped_on_page_seven_asks_for_page_eight_first() -> None:
    stopped = read(Office(range(300)), stop_after=7)
    resumed = read(office := Office(range(300)), going_on=stopped)
    assert office.asked[:2] == [(8, 15), (9, 15)]
    assert len(office.asked) == exact(300, 15) - 7 + exact(300, 150)
    assert stopped.rows | resumed.rows == set(range(300))
    assert resumed.progress.complete


def test_a_reading_stopped_between_two_passes_does_not_repeat_the_first() -> None:
    stopped = read(Office(range(300)), stop_after=20)
    assert (stopped.progress.number, stopped.progress.page) == (1, 20)
    assert read(office := Office(range(300)), going_on=stopped).progress.complete
    assert office.asked == [(21, 15), (1, 150), (2, 150), (3, 150)]


def test_large_pages_are_still_proved_where_the_reading_stopped_before_the_last_of_them() -> None:
    stopped = read(Office(range(151)), stop_after=12)
    assert (stopped.progress.size, stopped.progress.page) == (150, 1)
    assert read(Office(range(151)), going_on=stopped).progress.larger is True


@pytest.mark.parametrize("ahead", [1, 4])
@pytest.mark.parametrize(
    "seen", [set(range(104)), set(range(106)), set()], ids=["one is missing", "one too many", "nothing is known"]
)
def test_a_pass_whose_keys_are_not_at_hand_is_begun_again(seen: set[int], ahead: int) -> None:
    stopped = read(Office(range(300)), stop_after=7)
    assert stopped.progress.distinct == 105
    stopped.seen[1] = seen
    resumed = read(office := Office(range(300)), going_on=stopped, ahead=ahead)
    assert office.asked[0] == (1, 15)
    assert (resumed.rows, resumed.progress.complete) == (set(range(300)), True)


def test_a_pass_in_large_pages_begun_again_for_its_keys_does_not_repeat_the_one_before() -> None:
    stopped = read(Office(range(300)), stop_after=21)
    assert (stopped.progress.number, stopped.progress.page, stopped.progress.size) == (2, 1, 150)
    stopped.seen.clear()
    assert read(office := Office(range(300)), going_on=stopped).progress.complete
    assert office.asked == [(1, 150), (2, 150), (3, 150)]


@settings(max_examples=150)
@given(
    count=COUNTS,
    cap=CAPS,
    stops=st.lists(st.integers(1, 9), max_size=3),
    schedule=st.lists(st.tuples(MOMENTS, st.sampled_from(CHANGES), AT), max_size=4),
)
def test_a_list_that_changes_loses_no_row_to_an_interruption(
    count: int, cap: int, stops: list[int], schedule: list[tuple[int, Change, random.Random]]
) -> None:
    place = Restless(Office(range(count), cap=cap), schedule)
    rows: set[int] = set()
    reading: Reading | None = None
    for stop_after in [*stops, 0]:
        reading = read(place.office, going_on=reading, stop_after=stop_after, passes=12)
        rows |= reading.rows
        if reading.progress.done:
            break
    assert reading is not None
    assert reading.progress.complete
    assert rows <= place.office.ever
    assert set(place.office.rows) & place.at_beginning <= rows


@settings(max_examples=100)
@given(
    count=st.integers(0, 80),
    size=st.integers(1, 4),
    cap=st.integers(4, 60),
    gaps=st.booleans(),
    begins=st.integers(0, 20),
    stops=st.lists(st.integers(1, 5), max_size=3),
)
def test_trusted_large_pages_lose_no_row_to_an_interruption_and_a_cap(
    count: int, size: int, cap: int, gaps: bool, begins: int, stops: list[int]
) -> None:
    office = Office(range(count), gaps=gaps)
    office.changes[begins] = [lambda: setattr(office, "cap", cap)]
    rows: set[int] = set()
    reading: Reading | None = None
    for stop_after in [*stops, 0]:
        reading = read(office, going_on=reading, stop_after=stop_after, size=size, rows=count, larger=True, passes=12)
        rows |= reading.rows
        if reading.progress.done:
            break
    assert reading is not None
    assert (rows, reading.progress.complete) == (set(range(count)), True)
