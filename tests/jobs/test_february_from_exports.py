"""February 2022 out of exported files: without the API, and together with it, the office's figures (F81, F103)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap_import import ImportApp
from connector.domain.periods import Month
from connector.domain.report import Counts, MonthlyReport
from connector.standin.exports import DEFAULT, Variant, write_exports
from connector.standin.timeline import packaged
from connector.standin.world import World
from tests import databases
from tests.jobs.importing import Importing, local
from tests.jobs.office import SETUP, Office, office

LAST_MINUTE, MID_MONTH = local("2022-02-28 23:59"), local("2022-02-15 16:05")
OFFICE: dict[str, Any] = {
    "office": {"counted_assigners": SETUP["counted_assigners"], "issuer": SETUP["issuer"]},
    "vocabulary": {"status": SETUP["labels"]},
}
LOOKS = {
    "as it is": DEFAULT,
    "no ids": Variant(ids=False),
    "no ids, html": Variant("html", ids=False),
    "no ids, spreadsheetml, text dates": Variant("spreadsheetml", dates="text", ids=False),
    "serial dates": Variant(dates="serial", ids=False),
    "a row for each agency": Variant(units="rows", ids=False),
}


@pytest.fixture(scope="module")
def expected(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "tests/data/feb2022/expected.json").read_text("utf-8"))
    return found


def exports(folder: Path, at: datetime, variant: Variant) -> list[Path]:
    timeline, setup = packaged()
    aim = folder / f"{at:%m%d}"
    aim.mkdir()
    return write_exports(World(timeline, setup).at(at), setup, at, aim, variant)


def figures(counts: Counts) -> dict[str, int]:
    return {
        "assigned": counts.assigned,
        "completed_on_time": counts.on_time,
        "completed_late": counts.late,
        "not_completed": counts.assigned - counts.on_time - counts.late,
        "in_time": counts.open_in_time,
        "overdue": counts.open_overdue,
    }


def agrees(report: MonthlyReport, expected: dict[str, Any]) -> None:
    assert figures(report.counts) == expected["counts"]
    assert {agency.code: figures(counts) for agency, counts in report.by_agency} == expected["per_agency"]


def take(place: Importing, folder: Path, at: datetime, now: str, variant: Variant) -> None:
    place.clock.move_to(local(now))
    for path in exports(folder, at, variant):
        result = place.take(path)
        assert (result.error, result.quarantined) == (None, 0), result.outcome


@pytest.mark.parametrize("look", LOOKS)
def test_exports_of_the_months_end_alone_give_the_offices_figures(
    tmp_path: Path, expected: dict[str, Any], look: str
) -> None:
    place = Importing.at(tmp_path, "2022-03-01 07:30", **OFFICE)
    take(place, tmp_path, LAST_MINUTE, "2022-03-01 07:30", LOOKS[look])
    place.clock.move_to(local("2022-03-01 08:00"))
    report = place.app.report(Month(2022, 2), folder=tmp_path / "reports").report
    agrees(report, expected)
    assert report.observed_completions == 0, "every completion was reported"
    assert report.data.last_sync_at == LAST_MINUTE
    assert not [one for one in report.warnings if "tệp mới nhất" in one]


def test_a_task_that_a_later_export_does_not_show_is_counted_and_the_report_says_so(
    tmp_path: Path, expected: dict[str, Any]
) -> None:
    """One task was withdrawn between the two: a file cannot say that, and perhaps it was filtered out."""
    place = Importing.at(tmp_path, "2022-02-15 16:10", **OFFICE)
    take(place, tmp_path, MID_MONTH, "2022-02-15 16:10", LOOKS["no ids"])
    take(place, tmp_path, LAST_MINUTE, "2022-03-01 07:30", LOOKS["no ids, html"])
    place.clock.move_to(local("2022-03-01 08:00"))
    report = place.app.report(Month(2022, 2), folder=tmp_path / "reports").report
    assert report.counts.assigned == expected["counts"]["assigned"] + 1
    assert [one for one in report.warnings if one.startswith("1 nhiệm vụ chưa hoàn thành không còn thấy")]


@pytest.fixture
def api(tmp_path: Path, empty_database: Path) -> Iterator[Office]:
    database = tmp_path / "connector.db"
    databases.copy(empty_database, database)
    with office(database, local("2022-02-14 23:30")) as found:
        yield found


@pytest.mark.parametrize("look", ["as it is", "no ids"])
def test_exports_and_the_api_together_give_them_too_and_no_task_is_there_twice(
    api: Office, tmp_path: Path, expected: dict[str, Any], look: str
) -> None:
    def take_all(at: datetime, now: str) -> None:
        api.at(local(now))
        for path in exports(tmp_path, at, LOOKS[look]):
            result = ImportApp(api.app).import_file(path)
            assert (result.error, result.quarantined) == (None, 0), result.outcome

    assert api.app.sync("ioffice").error is None
    take_all(MID_MONTH, "2022-02-15 16:10")  # tells of tasks the API has not shown yet
    api.at(local("2022-02-28 23:30"))
    assert api.app.sync("ioffice", full=True).error is None
    take_all(LAST_MINUTE, "2022-03-01 07:30")
    api.at(local("2022-03-01 08:00"))
    report = api.app.report(Month(2022, 2), folder=tmp_path / "reports").report
    agrees(report, expected)
    api.at(local("2022-03-01 23:30"))  # the last were given after the reading of the month's last night
    api.app.sync("ioffice")
    with api.app.uow() as uow:
        histories = uow.tasks.histories()
    assert [one.task_id for one in histories if one.task_id.startswith("x-")] == []
