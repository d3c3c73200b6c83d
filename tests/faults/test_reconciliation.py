"""Do iOffice's counters and ours agree, night after night (F10, F77)?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.clock import OFFICE_ZONE
from connector.domain.periods import Month
from connector.domain.runs import Outcome
from connector.jobs.sync_result import SyncResult
from connector.reconcile.counter_rules import Verdict
from connector.reconcile.figures import Kind, Overall
from connector.standin.faults import Knobs
from connector.views import overview_text
from tests import databases
from tests.builders import at
from tests.faults.measure import assert_true_or_told
from tests.faults.place import NEXT, Place, a_place

BADGE = "ketnoi.vp/1001/CONGVIEC_DAGIAO"
NIGHTS = [at(f"2022-02-{day:02}") for day in (9, 10, 11, 14, 15)]


def read(place: Place, nights: int = 1) -> SyncResult:
    """One more night, or several; the last reading."""
    for _ in range(nights):
        place.at(place.server.now + timedelta(days=1))
        result = place.app.sync("ioffice")
        assert_true_or_told(place, result)
    return result


@pytest.fixture(scope="module")
def learnt_once(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Path:
    """The database after nights enough to know what the badges count."""
    path = tmp_path_factory.mktemp("learnt") / "learnt.db"
    databases.copy(empty_database, path)
    with a_place(path, NIGHTS[0]) as place:
        for night in NIGHTS:
            place.at(night)
            result = place.app.sync("ioffice")
            assert result.outcome is Outcome.OK
            assert_true_or_told(place, result)
        assert result.reconciliation is not None
        assert result.reconciliation.verdict is Overall.RECONCILED
        (badge,) = [one for one in result.reconciliation.checks if one.name == BADGE]
        assert (badge.verdict, badge.theirs) == (Verdict.EQUAL, badge.ours)
    return path


@pytest.fixture
def learnt(database: Path, learnt_once: Path) -> Iterator[Place]:
    databases.copy(learnt_once, database)
    with a_place(database, NIGHTS[-1]) as place:
        yield place


def test_counters_that_disagree_are_listed_with_both_numbers_until_they_agree_again(learnt: Place) -> None:
    learnt.server.knobs.counters = {"CONGVIEC_DAGIAO": 2}
    result = read(learnt)
    assert result.outcome is Outcome.UNRECONCILED
    assert result.reconciliation is not None
    off = {one.name: one for one in result.reconciliation.checks if one.verdict is Verdict.DIFFERS}
    assert BADGE in off
    assert all(one.kind is Kind.MENU and one.name.endswith("/CONGVIEC_DAGIAO") for one in off.values())
    theirs, ours = off[BADGE].theirs, off[BADGE].ours
    assert theirs is not None
    assert ours == theirs - 2
    told = f"{BADGE}: iOffice {theirs}, hệ thống {ours}"
    view = learnt.app.overview()
    assert told in "\n".join(overview_text(view, OFFICE_ZONE))
    assert not view.healthy
    report = learnt.app.report(Month(2022, 2), folder=Path("reports")).report
    assert report.data.reconciled is False
    assert any("KHÔNG KHỚP" in warning for warning in report.warnings)
    assert "KHÔNG KHỚP" in report.data.reconciliation

    learnt.server.knobs.counters = {}
    result = read(learnt)
    assert result.outcome is Outcome.OK
    assert learnt.app.overview().healthy
    assert told not in "\n".join(overview_text(learnt.app.overview(), OFFICE_ZONE))


def test_an_operator_may_say_that_the_counters_count_otherwise_now(learnt: Place) -> None:
    learnt.server.knobs.counters_mean = "open"
    assert read(learnt).outcome is Outcome.UNRECONCILED
    learnt.at(learnt.server.now + timedelta(days=1))
    relearnt = learnt.app.sync("ioffice", relearn=True)
    assert relearnt.outcome is Outcome.OK, "nothing is known of them any more"
    assert_true_or_told(learnt, relearnt)
    assert read(learnt).outcome is Outcome.OK


def test_a_wrong_counter_before_anything_is_known_of_it_is_no_difference(database: Path) -> None:
    with a_place(database, NEXT, Knobs(counters={"CONGVIEC_DAGIAO": 2}, jobreport={"total": -1})) as place:
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(place, result)


@pytest.mark.parametrize("path", ["countmenu", "jobreport"])
def test_counters_that_cannot_be_read_stop_nothing_and_prove_nothing(learnt: Place, path: str) -> None:
    learnt.breaks("refuse", path)
    result = read(learnt)
    assert result.outcome is Outcome.OK
    learnt.mend()
    assert read(learnt).outcome is Outcome.OK


def test_a_list_that_was_not_read_to_its_end_is_never_compared(learnt: Place) -> None:
    learnt.breaks("refuse", "getlistjobdagiao", identity="1001")
    result = read(learnt)
    assert result.outcome is Outcome.INCOMPLETE
    assert result.reconciliation is not None
    verdicts = {one.name: one.verdict for one in result.reconciliation.checks}
    assert verdicts[BADGE] is Verdict.NOT_COMPARABLE
    assert verdicts["ioffice/ketnoi.vp/1001/dagiao"] is Verdict.NOT_COMPARABLE
    assert not learnt.app.overview().healthy
