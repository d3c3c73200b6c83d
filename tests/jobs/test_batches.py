"""Batches: large enough that commits cost little, small and young enough that a kill does too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector.jobs.batches import in_batches

LONG = 1e9
"""Seconds that never pass in a test."""


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (9, [3, 3, 3])])
def test_items_keep_their_order_and_no_batch_is_empty_or_too_large(count: int, sizes: list[int]) -> None:
    batches = list(in_batches(range(count), most=3, seconds=LONG))
    assert [len(batch) for batch in batches] == sizes
    assert [one for batch in batches for one in batch] == list(range(count))


def test_a_batch_that_is_old_enough_is_given_away_however_small() -> None:
    assert list(in_batches("abc", most=100, seconds=-1)) == [["a"], ["b"], ["c"]]


def test_no_more_is_taken_than_the_batch_needs() -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        for number in range(10**9):
            taken.append(number)
            yield number

    batches = in_batches(endless(), most=4, seconds=LONG)
    assert taken == []
    assert (next(batches), taken) == ([0, 1, 2, 3], [0, 1, 2, 3])


def test_what_had_come_before_an_error_of_a_full_batch_is_not_lost() -> None:
    def failing() -> Iterator[int]:
        yield from range(4)
        raise ZeroDivisionError

    batches = in_batches(failing(), most=2, seconds=LONG)
    assert [next(batches), next(batches)] == [[0, 1], [2, 3]]
    with pytest.raises(ZeroDivisionError):
        next(batches)
