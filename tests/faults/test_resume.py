"""A reading that breaks off in the middle and goes on where it stopped (F07, F17)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.clock import FixedClock
from connector.domain.runs import Outcome
from connector.errors import SourceUnavailable
from connector.standin.faults import Fault
from connector.standin.ledger import LedgerEntry
from connector.standin.profile import Change
from connector.standin.server import StandIn
from tests import databases
from tests.faults.measure import assert_true_or_told, told
from tests.faults.place import NIGHT, a_place, reopened

PAGES: dict[str, Any] = {"task_page_size": 5, "document_page_size": 5}
DOWN: list[dict[str, Any]] = [{"effect": "drop"}]
_LISTS = ("getlistjobd", "getlistwaiting")
_PARTS = ("getlistjobflow", "getlistprocesser", "getlistchildjob", "getlistfile", "getdetailjob", "getactivitylog",
          "getdocrelated", "getfileattach")  # fmt: skip


def answered(entries: list[LedgerEntry], paths: tuple[str, ...]) -> Counter[tuple[str, str, str]]:
    """Requests that were answered well, and how often each."""
    good = (one for one in entries if one.status == 200 and not one.effects)
    return Counter((one.identity, one.path, one.body) for one in good if any(path in one.path for path in paths))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> dict[int, list[LedgerEntry]]:
    """What an undisturbed first reading asks, by concurrency."""
    found = {}
    for concurrency in (1, 4):
        path = tmp_path_factory.mktemp("whole") / "whole.db"
        databases.copy(empty_database, path)
        with a_place(path, concurrency=concurrency, **PAGES) as place:
            assert place.app.sync("ioffice").outcome is Outcome.OK
            found[concurrency] = list(place.server.ledger.entries)
    return found


@pytest.mark.parametrize(
    ("share", "concurrency"), [(0.03, 1), (0.12, 1), (0.2, 4), (0.4, 1), (0.6, 4), (0.7, 1), (0.8, 4), (0.9, 1)]
)
def test_after_an_outage_the_next_run_asks_only_for_what_is_not_stored(
    database: Path, undisturbed: Any, whole: dict[int, list[LedgerEntry]], share: float, concurrency: int
) -> None:
    after = int(share * len(whole[concurrency]))
    schedule = [Change(after, {"faults": DOWN})]
    with a_place(database, schedule=schedule, concurrency=concurrency, **PAGES) as place:
        first = place.app.sync("ioffice")
        assert (first.outcome, type(first.error)) == (Outcome.FAILED, SourceUnavailable)
        assert_true_or_told(place, first)
        given_up = told(place, first).lists  # only those of one identity were left: they are read from their start
        served = list(place.server.ledger.entries)
        place.mend()
        place.at(NIGHT + timedelta(minutes=40))
        second = place.app.sync("ioffice")
        assert second.outcome is Outcome.OK
        assert second.resumed == (first.run_id if answered(served, _LISTS) else None)
        assert_true_or_told(place, second)
        again = list(place.server.ledger.entries)
        for paths, most in ((_LISTS, concurrency**2), (_PARTS, 5 * concurrency)):  # what was under way
            usual = answered(whole[concurrency], paths)
            twice = answered(served, paths) + answered(again, paths) - usual
            anew = [key for key in twice if f"{key[0]}/{key[1].rstrip('/').rpartition('getlistjob')[2]}" in given_up]
            assert sum(twice.values()) - sum(twice[key] for key in anew) <= most, f"{paths}: asked for again"


def test_an_outage_is_not_gone_on_with_when_it_is_too_long_ago(database: Path) -> None:
    with a_place(database, schedule=[Change(100, {"faults": DOWN})], concurrency=1, resume_minutes=30) as place:
        place.app.sync("ioffice")
        pages = answered(place.server.ledger.entries, _LISTS)
        assert pages
        place.mend()
        place.at(NIGHT + timedelta(minutes=31))
        result = place.app.sync("ioffice")
        assert (result.outcome, result.resumed) == (Outcome.OK, None)
        again = answered(place.server.ledger.entries, _LISTS)
        assert {one for one in pages if '"pageNo": 1,' in one[2]} <= again.keys(), "all is read anew"
        assert_true_or_told(place, result)


def test_a_full_reading_does_not_go_on_for_one_that_was_none(known_database: Path) -> None:
    with a_place(known_database, schedule=[Change(60, {"faults": DOWN})]) as place:
        place.app.sync("ioffice")
        place.mend()
        result = place.app.sync("ioffice", full=True)
        assert (result.outcome, result.resumed) == (Outcome.OK, None)
        assert result.plan == {"full": 32}


@dataclass
class Told(FixedClock):
    """After so many answers, each of which looks at the clock once, the server falls silent and ``reached`` is set."""

    server: StandIn | None = None
    left: int = 0
    reached: threading.Event = field(default_factory=threading.Event)

    def now(self) -> Any:
        self.left -= 1
        if self.left == 0 and self.server is not None:
            self.server.knobs.faults.append(Fault("slow", value="60"))
            self.reached.set()
        return super().now()


@pytest.mark.parametrize("answers", [20, 150, 350])
def test_a_stop_from_another_thread_ends_the_run_within_two_seconds_and_the_next_one_goes_on(
    database: Path, answers: int
) -> None:
    with a_place(database, **PAGES) as place:
        place.app.clock = clock = Told(NIGHT, server=place.server, left=answers)
        results: list[Any] = []
        reading = threading.Thread(target=lambda: results.append(place.app.sync("ioffice")))
        reading.start()
        assert clock.reached.wait(20)
        began = time.monotonic()
        place.app.stop()
        reading.join(10)
        assert time.monotonic() - began < 2
        (result,) = results
        assert result.outcome is Outcome.INTERRUPTED
        assert_true_or_told(place, result)
        place.mend()
        with reopened(place.server, database, **PAGES) as later:
            gone_on = later.app.sync("ioffice")
            assert gone_on.outcome is Outcome.OK
            assert gone_on.resumed == (None if answers == 20 else result.run_id)
            assert_true_or_told(later, gone_on)
