"""The API and exports of the same office: one task each, whichever came first (F27, F103)."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap_import import ImportApp
from connector.detect.references import references
from connector.domain.history import TaskHistory
from connector.domain.periods import Month
from connector.domain.status import Status
from connector.errors import UsageProblem
from connector.jobs.import_file import ImportResult
from tests import databases
from tests.jobs.importing import HEADER, local
from tests.jobs.office import Office, office
from tests.sources.files import books

NIGHT = "2022-02-14 23:30"


@pytest.fixture
def place(tmp_path: Path, empty_database: Path) -> Iterator[Office]:
    database = tmp_path / "connector.db"
    databases.copy(empty_database, database)
    with office(database, local(NIGHT)) as found:
        yield found


def histories(place: Office) -> dict[str, TaskHistory]:
    with place.app.uow() as uow:
        return {one.task_id: one for one in uow.tasks.histories()}


def export(folder: Path, tasks: list[TaskHistory], as_of: str, *, ids: bool = True, **changes: Any) -> Path:
    """What iOffice would export of these tasks, at that moment."""
    moment = local(as_of)
    rows = []
    for number, task in enumerate(tasks, 1):
        state = replace(task.current, **changes)
        named = references(state.content or "")
        given = (named[0].notation, named[0].day) if named else (None, None)
        rows.append([number, task.task_id if ids else None, state.name, *given, state.assigner, state.lead,
                     state.assigned_on, state.due_on, state.completed_on, state.status_label])  # fmt: skip
    path = folder / f"{as_of.replace(':', '')}.xlsx"
    books.xlsx(path, [["DANH SÁCH NHIỆM VỤ"], [f"(Thời điểm xuất: {moment:%d/%m/%Y %H:%M})"], list(HEADER), *rows])
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


def take(place: Office, path: Path, now: datetime) -> ImportResult:
    place.at(now)
    return ImportApp(place.app).import_file(path)


@pytest.mark.parametrize("ids", [True, False])
def test_an_export_after_the_api_doubles_no_task_and_changes_none_that_is_the_same(
    place: Office, tmp_path: Path, ids: bool
) -> None:
    assert place.app.sync("ioffice").error is None
    before = histories(place)
    result = take(
        place, export(tmp_path, list(before.values()), "2022-02-15 08:00", ids=ids), local("2022-02-15 09:00")
    )
    assert result.counts.inserted == 0
    assert result.quarantined == 0
    after = histories(place)
    assert after.keys() == before.keys()
    assert {key: one.versions for key, one in after.items()} == {key: one.versions for key, one in before.items()}
    assert {one.last_seen_at for one in after.values()} == {local("2022-02-15 08:00")}


@pytest.mark.parametrize("ids", [True, False])
def test_the_api_after_an_export_finds_its_tasks_and_gives_them_their_ids(
    place: Office, tmp_path: Path, empty_database: Path, ids: bool
) -> None:
    place.app.sync("ioffice")
    path = export(tmp_path, list(histories(place).values()), "2022-02-14 08:00", ids=ids)
    for table in ("task_version", "flow_row", "task", "sighting", "list_state", "run", "log_entry",
                  "related_document", "document_version", "document"):  # fmt: skip
        with place.engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table}")
    take(place, path, local("2022-02-14 09:00"))
    told = histories(place)
    assert {key.startswith("x-id-") for key in told} == {ids}
    place.at(local("2022-02-15 23:30"))
    result = place.app.sync("ioffice")
    assert result.error is None
    assert result.counts.vanished == 0, "what no list has shown cannot vanish from one"
    after = histories(place)
    gone = [key for key in after if key.startswith("x-")]
    assert len(gone) == 1, "one task is taken out of every list on that day"
    assert result.counts.inserted == len(after) - len(told), "only what was given since"
    first = [after[key].versions[0].observed_at for key in after if len(after[key].versions) > 1]
    assert set(first) <= {local("2022-02-14 08:00"), local("2022-02-15 23:30")}
    assert local("2022-02-14 08:00") in first


def test_a_completion_told_by_an_export_stays_until_the_task_is_open_again(place: Office, tmp_path: Path) -> None:
    place.app.sync("ioffice")
    done = [one for one in histories(place).values() if one.current.status is Status.DONE]
    ended = date(2022, 2, 11)
    take(place, export(tmp_path, done, "2022-02-14 20:00", completed_on=ended), local("2022-02-15 08:00"))
    found = histories(place)
    assert [found[one.task_id].current.completed_on for one in done] == [ended] * len(done)
    assert [len(found[one.task_id].versions) for one in done] == [len(one.versions) for one in done], (
        "the file is older than the reading: it fills in"
    )
    place.at(local("2022-02-15 23:30"))
    place.app.sync("ioffice")
    states = [task.current for one in done if (task := histories(place)[one.task_id])]
    assert {(state.status is Status.DONE, state.completed_on) for state in states} == {(True, ended), (False, None)}


def test_a_task_that_only_a_file_has_told_of_does_not_vanish_when_the_lists_are_read(
    place: Office, tmp_path: Path
) -> None:
    place.app.sync("ioffice")
    one = next(iter(histories(place).values()))
    stranger = replace(one, task_id="", versions=(replace(one.versions[-1], state=replace(one.current, name="Khác")),))
    take(place, export(tmp_path, [stranger], "2022-02-15 08:00"), local("2022-02-15 09:00"))
    place.at(local("2022-02-15 23:30"))
    place.app.sync("ioffice", full=True)
    assert [task.current.present for task in histories(place).values() if task.current.name == "Khác"] == [True]


def test_what_was_known_at_any_moment_does_not_hold_what_a_file_told_later(place: Office, tmp_path: Path) -> None:
    """A file tells of a moment that had passed when it was imported (F31)."""

    def known(moment: datetime | None) -> list[TaskHistory]:
        with place.app.uow() as uow:
            return [replace(one, flow_read_at=None) for one in uow.tasks.histories(moment)]

    place.app.sync("ioffice")
    snapshots = {place.clock.now(): known(None)}
    tasks = list(histories(place).values())
    stranger = replace(tasks[0], task_id="", versions=(replace(tasks[0].versions[-1], state=replace(
        tasks[0].current, name="Khác")),))  # fmt: skip
    for as_of, now, told in (
        ("2022-02-15 08:00", "2022-02-15 09:00", [stranger, *tasks[:5]]),
        ("2022-02-15 12:00", "2022-02-16 09:00", [stranger, *tasks[5:9]]),
    ):
        take(place, export(tmp_path, told, as_of, due_on=date(2022, 3, 15)), local(now))
        snapshots[place.clock.now()] = known(None)
    place.at(local("2022-02-16 23:30"))
    place.app.sync("ioffice", full=True)
    assert len(snapshots) == 3
    for moment, then in snapshots.items():
        assert known(moment) == then


def test_an_api_task_that_may_be_one_of_several_told_ones_is_asked_about_and_joined_by_a_person(
    place: Office, tmp_path: Path
) -> None:
    place.app.sync("ioffice")
    names = Counter(one.current.name for one in histories(place).values())
    one = next(one for one in histories(place).values() if names[one.current.name] == 1)
    api = one.task_id
    for table in ("task_version", "flow_row", "task", "sighting", "list_state", "run"):
        with place.engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table}")
    nearly = replace(one.current, lead="Sở Mẫu Khác")
    told = [replace(one, task_id="", versions=(replace(one.versions[-1], state=nearly),))]
    take(place, export(tmp_path, told, "2022-02-14 08:00", ids=False), local("2022-02-14 09:00"))
    (own,) = histories(place)
    place.at(local("2022-02-14 23:30"))
    result = place.app.sync("ioffice")
    (problem,) = [text for text in result.problems if text.startswith(f"{api}: ")]
    assert f"connector quarantine join {own} {api}" in problem
    assert {own, api} <= histories(place).keys(), "nothing is guessed"
    imports = ImportApp(place.app)
    for wrong in ((own, "7"), (api, own), ("x-", api)):
        with pytest.raises(UsageProblem):
            imports.join(*wrong)
    imports.join(own, api)
    assert place.rows("SELECT actor, action, subject FROM audit WHERE action LIKE 'quarantine%'") == [
        ("connector", "quarantine.joined", own)
    ]
    after = histories(place)
    assert own not in after
    first, second = after[api].versions
    assert (first.state.lead, first.observed_at, first.until) == (
        "Sở Mẫu Khác", local("2022-02-14 08:00"), second.observed_at,
    )  # fmt: skip
    assert second.observed_after == local("2022-02-14 08:00")
    assert place.rows("SELECT count(*) FROM file_row JOIN task ON task.id = record_id") == [(1,)]
    assert take(place, export(tmp_path, [after[api]], "2022-02-15 08:00"), local("2022-02-15 09:00")).error is None


def test_a_task_of_a_file_that_may_be_one_of_a_list_accuses_nobody_until_a_person_has_said(
    place: Office, tmp_path: Path
) -> None:
    """By the file it was given a day earlier."""
    place.app.sync("ioffice")
    one = next(task for task in histories(place).values() if task.current.status is Status.DONE and task.current.due_on)
    with place.engine.begin() as connection:
        for table in ("task_version", "flow_row", "task", "sighting", "list_state"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    assert one.current.assigned_on is not None
    earlier = one.current.assigned_on - timedelta(days=1)
    bare = replace(one.current, assigned_on=earlier, assigned_at=None, content=None, lines=None,
                   status=Status.IN_PROGRESS, status_label="Đang thực hiện")  # fmt: skip
    told = replace(one, task_id="", versions=(replace(one.versions[-1], state=bare),))
    take(place, export(tmp_path, [told], "2022-02-14 08:00", ids=False), local("2022-02-14 09:00"))
    place.at(local("2022-02-15 23:30"))
    result = place.app.sync("ioffice")
    (own,) = [task for task in histories(place).values() if task.task_id.startswith("x-")]
    assert own.twin_id == one.task_id
    assert any(f"connector quarantine join {own.task_id} {one.task_id}" in part for part in result.problems)
    place.app.detect()
    with place.engine.begin() as connection:
        found = connection.exec_driver_sql(f"SELECT rule FROM finding WHERE task_id = '{own.task_id}'").all()
    assert found == []
    report = place.app.report(Month(2022, 2))
    assert any(f"{own.task_id} {one.task_id}" in warning for warning in report.report.warnings)
