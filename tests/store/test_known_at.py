"""What did we know at time T? The same as was known at T, whatever has been read since (F31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.periods import Month
from connector.report.jsonview import report_json
from tests.builders import at
from tests.jobs.office import Office, office

FIRST = at("2022-02-10")
NIGHTS = [FIRST + timedelta(days=number) for number in range(0, 20, 2)]


def _known(place: Office, moment: datetime | None) -> tuple[list[TaskHistory], list[DocumentHistory]]:
    with place.app.uow() as uow:
        return uow.tasks.histories(moment), uow.documents.histories(moment)


def _comparable(task: TaskHistory) -> TaskHistory:
    # A finished task's progress is read once, then no more; when exactly is not kept for earlier moments.
    return replace(task, flow_read_at=None)


def test_what_was_known_at_any_moment_can_be_asked_after_any_later_sync(tmp_path: Path) -> None:
    snapshots = {}
    with office(tmp_path / "connector.db", FIRST) as place:
        for night in NIGHTS:
            place.at(night)
            place.app.sync("ioffice")
            snapshots[night] = _known(place, None)
        for night, (tasks, documents) in snapshots.items():
            for moment in (night, night + timedelta(hours=20)):
                then_tasks, then_documents = _known(place, moment)
                assert [_comparable(one) for one in then_tasks] == [_comparable(one) for one in tasks]
                assert [replace(one, log_read_at=None, related_read_at=None) for one in then_documents] == [
                    replace(one, log_read_at=None, related_read_at=None) for one in documents
                ]
        assert _known(place, FIRST - timedelta(seconds=1)) == ([], [])


def test_a_report_can_be_made_again_as_it_was_made_on_its_day(tmp_path: Path) -> None:
    with office(tmp_path / "connector.db", FIRST) as place:
        for night in (FIRST, at("2022-02-28")):
            place.at(night)
            place.app.sync("ioffice")
        then = place.app.report(Month(2022, 2), folder=tmp_path / "then")
        asked_at = place.clock.now()
        place.at(at("2022-03-04"))
        place.app.sync("ioffice")
        now = place.app.report(Month(2022, 2), folder=tmp_path / "now")
        again = place.app.report(Month(2022, 2), folder=tmp_path / "again", known_at=asked_at)
    figures = ("assigned", "not_completed", "open_overdue", "overdue", "violations", "by_agency", "observed")
    assert {key: report_json(again.report)[key] for key in figures} == {
        key: report_json(then.report)[key] for key in figures
    }
    assert report_json(now.report)["assigned"] == report_json(then.report)["assigned"] + 1, "90011, given at 23:50"
