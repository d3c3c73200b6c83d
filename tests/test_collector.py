"""The collector's own setting comes back, however readings overlap."""

from __future__ import annotations

import gc

from connector.collector import collecting_seldom


def test_the_collector_looks_seldom_while_any_reading_goes_on_and_as_before_afterwards() -> None:
    before = gc.get_threshold()
    first, second = collecting_seldom(), collecting_seldom()
    first.__enter__()
    second.__enter__()
    assert gc.get_threshold()[0] > before[0]
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] > before[0], "the other still goes on"
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
