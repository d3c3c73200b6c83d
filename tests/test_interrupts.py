"""A signal waits for the end of a transaction, and is never lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from connector.interrupts import hold_off, interrupt, let_through
from tests.jobs.importing import Importing


def test_outside_of_a_transaction_it_comes_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_inside_it_waits_for_the_outermost_end_and_comes_once() -> None:
    hold_off()
    hold_off()
    interrupt()
    let_through()
    with pytest.raises(KeyboardInterrupt):
        let_through()
    hold_off()
    let_through()


def test_what_a_transaction_was_at_is_stored_before_the_signal_ends_the_command(tmp_path: Path) -> None:
    office = Importing.at(tmp_path, "2022-02-28 18:00")
    uow = office.app.uow()
    before = signal.signal(signal.SIGTERM, lambda *_: interrupt())
    try:
        with pytest.raises(KeyboardInterrupt), uow:  # noqa: PT012
            os.kill(os.getpid(), signal.SIGTERM)
            uow.holds.put("thử", office.clock.now(), "x")
            uow.commit()
    finally:
        signal.signal(signal.SIGTERM, before)
    with uow:
        assert uow.holds.get("thử") is not None
