"""Fields that come, go, change their type or their name (F13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector.domain.runs import Outcome
from connector.errors import SourceChanged, SourceUnavailable, TooManyRejected
from connector.standin.faults import Fault, Knobs
from connector.views_source import sync_text
from tests.faults.measure import assert_true_or_told
from tests.faults.place import NEXT, Place, a_place
from tests.faults.records import stored, tables

GIVEN = "getlistjobd"


def told(result: Any) -> list[tuple[str, str]]:
    return [(f"{one.kind}.{one.field}", one.change) for one in result.shape_changes]


def test_a_new_field_is_kept_and_told_once_with_three_examples(known: Place) -> None:
    known.at(NEXT)
    known.breaks("add_field", GIVEN, name="mucUuTien", value="Rất cao")
    result = known.app.sync("ioffice")
    assert_true_or_told(known, result)
    assert result.outcome is Outcome.OK
    assert told(result) == [("task_row.mucUuTien", "new_field")]
    (change,) = result.shape_changes
    assert {one.value for one in change.examples} == {"Rất cao"}
    assert change.sentence in "\n".join(sync_text(result))
    assert known.one("SELECT count(*) FROM payload WHERE body LIKE '%mucUuTien%'") > 0, "kept as it came"
    again = known.app.sync("ioffice")
    assert (again.outcome, told(again)) == (Outcome.OK, [])


def test_examples_of_a_new_field_are_three_different_ones_with_the_record_they_stood_in(known: Place) -> None:
    for number, task in enumerate(("90032", "90036", "90048", "90051", "90056")):
        known.breaks("add_field", GIVEN, name="maSo", value=str(number), ids=(task,))
    (change,) = known.app.sync("ioffice").shape_changes
    assert len({(one.record, one.value) for one in change.examples}) == 3
    assert {one.record for one in change.examples} < {"90032", "90036", "90048", "90051", "90056"}


NEEDED = [
    ({"effect": "drop_field", "name": "endDate"}, ""),
    ({"effect": "rename_field", "name": "endDate", "value": "ngayHetHan"}, "ngayHetHan"),
    ({"effect": "rename_field", "name": "status", "value": "trangThai"}, ""),
    ({"effect": "retype_field", "name": "status", "value": "number"}, ""),
    ({"effect": "retype_field", "name": "chuTri", "value": "object"}, ""),
    ({"effect": "drop_field", "name": "lanhDaoGiaoViec"}, ""),
]


@pytest.mark.parametrize(
    ("fault", "renamed"),
    NEEDED,
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else value,
)
def test_a_change_of_a_needed_field_stops_the_run_before_anything_is_stored(
    known: Place, fault: dict[str, str], renamed: str
) -> None:
    known.at(NEXT)
    before, rows = stored(known), tables(known)
    known.breaks(path=GIVEN, **fault)
    for _ in range(2):
        result = known.app.sync("ioffice")
        assert (result.outcome, type(result.error)) == (Outcome.FAILED, SourceChanged)
        assert f"task_row.{fault['name']} changed" in str(result.error)
        assert isinstance(result.error, SourceChanged)
        assert renamed in str(result.error.fields["changes"])
        assert f'"task_row.{fault["name"]}" = "accept"' in str(result.error.fields["changes"]), "what to do is told"
        assert_true_or_told(known, result, before=before)
        assert stored(known) == before
        changed = {name for name, found in tables(known).items() if found != rows[name]}
        assert changed <= {"sighting"}, "lines are kept as they were seen, nothing is made of them"
    known.mend()
    result = known.app.sync("ioffice")
    assert result.outcome is Outcome.OK
    assert_true_or_told(known, result)


def test_a_change_of_a_needed_field_is_told_and_the_run_goes_on_where_the_settings_say_so(known_database: Path) -> None:
    with a_place(known_database, NEXT, field_modes={"task_row.lanhDaoGiaoViec": "warn"}) as place:
        place.breaks("drop_field", GIVEN, name="lanhDaoGiaoViec")
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert told(result) == [("task_row.lanhDaoGiaoViec", "vanished_field")]
        assert place.rows("SELECT DISTINCT assigner FROM task_version WHERE until IS NULL AND present") == [("",)]
        assert told(place.app.sync("ioffice")) == [], "told once"
        place.mend()
        result = place.app.sync("ioffice")
        assert told(result) == [("task_row.lanhDaoGiaoViec", "returned_field")]
        assert_true_or_told(place, result)


def test_a_change_of_another_field_is_told_once_and_stops_nothing(known: Place) -> None:
    known.at(NEXT)
    known.breaks("drop_field", GIVEN, name="mucDo")
    known.breaks("retype_field", "getlistprocesser", name="endDate", value="list")
    result = known.app.sync("ioffice")
    assert ("task_row.mucDo", "vanished_field") in told(result)
    assert ("task_processors.endDate", "retyped_field") in told(result)
    assert result.outcome is Outcome.INCOMPLETE, "the lines of assignees cannot be read any more"
    assert_true_or_told(known, result)
    assert told(known.app.sync("ioffice")) == []


def test_an_accepted_change_is_not_told(known_database: Path) -> None:
    with a_place(known_database, field_modes={"new_field": "accept"}) as place:
        place.breaks("add_field", GIVEN, name="mucUuTien", value="1")
        result = place.app.sync("ioffice")
        assert (result.outcome, told(result)) == (Outcome.OK, [])


def test_a_changed_detail_stops_the_run_while_tasks_are_read_and_leaves_none_half_written(known: Place) -> None:
    known.at(NEXT)
    before = stored(known)
    known.breaks("drop_field", "getlistprocesser", name="vaiTro")
    result = known.app.sync("ioffice", full=True)
    assert (result.outcome, type(result.error)) == (Outcome.FAILED, SourceChanged)
    assert "task_processors.vaiTro" in str(result.error)
    assert_true_or_told(known, result, before=before)


def test_a_reading_that_goes_on_stops_as_well_at_what_the_interrupted_one_was_shown(known_database: Path) -> None:
    """Stopped in the second pass over the lists: the first has shown the change, and nobody has looked at it."""
    with a_place(known_database, NEXT, concurrency=1) as place:
        place.breaks("drop_field", GIVEN, name="endDate")
        place.breaks("throttle", "getlistjobduocgiao", identity="1002", skip=3, value="3600")
        before = stored(place)
        interrupted = place.app.sync("ioffice")
        assert isinstance(interrupted.error, SourceUnavailable)
        place.mend()
        place.breaks("drop_field", GIVEN, name="endDate")
        result = place.app.sync("ioffice")
        assert result.resumed == interrupted.run_id
        assert place.asked(GIVEN) == 1, "one page was left"
        assert isinstance(result.error, SourceChanged)
        assert stored(place) == before
        place.mend()
        result = place.app.sync("ioffice")
        assert (result.outcome, result.resumed) == (Outcome.OK, None)
        assert_true_or_told(place, result)


def test_too_many_unreadable_rows_stop_the_next_run_too_and_one_that_goes_on(known_database: Path) -> None:
    broken = Fault("broken_row", GIVEN, value="bad_date", ids=tuple(f"900{number:02}" for number in range(100)))
    broken_off = Fault("throttle", "getlistjobduocgiao", identity="1002", skip=3, value="3600")
    with a_place(known_database, NEXT, Knobs(faults=[broken, broken_off]), concurrency=1) as place:
        before = stored(place)
        assert isinstance(place.app.sync("ioffice").error, SourceUnavailable)
        place.server.knobs.faults = [broken]
        for _ in range(2):
            assert isinstance(place.app.sync("ioffice").error, TooManyRejected)
            assert stored(place) == before
        place.mend()
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(place, result)


def test_a_row_the_interrupted_reading_could_not_read_is_told_by_the_one_that_goes_on(database: Path) -> None:
    broken = Fault("broken_row", GIVEN, value="bad_date", ids=("90036",))
    with a_place(
        database, knobs=Knobs(faults=[broken, Fault("throttle", "getlistwaiting", value="3600")]), concurrency=1
    ) as place:
        interrupted = place.app.sync("ioffice")
        assert isinstance(interrupted.error, SourceUnavailable)
        place.server.knobs.faults = [broken]
        place.server.ledger.clear()
        result = place.app.sync("ioffice")
        assert place.asked(GIVEN) == 0, "the lists had been read"
        assert (result.outcome, result.resumed) == (Outcome.INCOMPLETE, interrupted.run_id)
        assert assert_true_or_told(place, result).keys() == {("task", "90036")}
