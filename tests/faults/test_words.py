"""The same facts in other words: ids, dates, spellings, labels nobody knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap import App
from connector.domain.periods import Month
from connector.domain.runs import Outcome
from connector.report.jsonview import report_json
from connector.settings import VocabularySettings
from connector.standin.faults import Fault, Knobs
from tests import databases
from tests.faults.measure import assert_true_or_told, told
from tests.faults.place import NEXT, Place, a_place
from tests.faults.records import Tables, differences, stored, tables, truth


@pytest.mark.parametrize(
    "faults",
    [
        [Fault("numeric_ids", value="int"), Fault("nfd")],
        [Fault("numeric_ids", value="float"), Fault("null_words", value="null"), Fault("due_form", value="empty")],
        [Fault("numeric_ids", value="text"), Fault("entities")],
        [Fault("invisible"), Fault("due_form", value="second")],
        [Fault("null_words", value="none"), Fault("line_status", "getlistjobduocgiao")],
    ],
    ids=lambda faults: "+".join(f"{one.effect} {one.value}".strip() for one in faults),
)
def test_what_is_written_otherwise_is_stored_alike(database: Path, undisturbed: Tables, faults: list[Fault]) -> None:
    with a_place(database, knobs=Knobs(faults=faults)) as place:
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(place, result)
        assert tables(place) == undisturbed


@pytest.mark.parametrize("value", ["missing", "null", "empty"])
def test_without_the_ids_of_lines_received_tasks_have_no_detail_and_the_run_says_which(
    database: Path, value: str
) -> None:
    with a_place(database) as place:
        place.breaks("no_line", "getlistjobduocgiao", value=value)
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.INCOMPLETE
        missing = {key: fields.keys() for key, fields in assert_lines_aside(place, result).items()}
        only_received = {
            key
            for key, one in truth(place).items()
            if key[0] == "task" and all(which == "duocgiao" for _, which, _ in one["in lists"])
        }
        assert missing.keys() == only_received
        assert all("detail of a received task needs" in problem for problem in result.problems)


def assert_lines_aside(place: Place, result: Any) -> Any:
    """The measure, where the ids of lines are what is missing."""
    wanted, found = truth(place), stored(place)
    for records in (wanted, found):
        for record in records.values():
            record.pop("in lists", None)
    off = differences(wanted, found)
    said = told(place, result)
    assert len([key for key in off if key not in said.records]) <= said.unnamed
    return off


def figures(app: App, folder: Path) -> tuple[Any, ...]:
    """Findings by rule and agency, and the report's figures."""
    app.detect()
    made = report_json(app.report(Month(2022, 2), folder=folder).report)
    left_out = ("made_at", "overdue", "violations", "backlog", "observed", "data")
    return {name: value for name, value in made.items() if name not in left_out}, sorted(
        (one["task"], one["agency"], one["due"]) for one in made["overdue"]
    )


def test_the_old_placement_of_tones_changes_no_finding_and_no_figure(
    known: Place, empty_database: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    databases.copy(empty_database, other)
    with a_place(other, knobs=Knobs(faults=[Fault("old_tones")])) as place:
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        same, here = tables(place), tables(known)
        assert {name for name, rows in same.items() if rows != here[name]} >= {"task_version"}, "nothing was written so"
        places = [each.at(NEXT) for each in (known, place)]
        findings = "SELECT rule, subject, subject_id, agency, band, breached_on, state FROM finding ORDER BY 1, 2, 3, 4"
        found = [(figures(one.app, tmp_path / "reports"), one.rows(findings)) for one in places]
        assert found[0] == found[1]
        assert len(found[0][1]) > 5


# -- labels nobody knows -----------------------------------------------------------------------------------------------

STRANGE = "Đang theo dõi"
OPEN, FINISHED = "90036", "90479"


def learns(place: Place, **words: dict[str, str]) -> None:
    """An admin has added words to the settings, and all that was asked before is forgotten."""
    settings = place.app.settings
    values = settings.vocabulary.model_dump()
    vocabulary = VocabularySettings.model_validate(values | {name: values[name] | more for name, more in words.items()})
    place.app.settings = settings.model_copy(update={"vocabulary": vocabulary})
    place.server.ledger.clear()


def now(place: Place, task: str, column: str = "status") -> Any:
    return place.one(
        f"SELECT {column} FROM task_version v JOIN task t ON t.id = v.task_id "
        f"WHERE t.source_id = '{task}' AND v.until IS NULL"
    )


def test_an_unknown_label_is_kept_excluded_and_listed_until_it_is_mapped(database: Path) -> None:
    with a_place(database) as place:
        place.breaks("unknown_status", "getlistjobd", ids=(OPEN, FINISHED))
        labels = {OPEN: STRANGE, FINISHED: STRANGE}
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK, "nothing is missing"
        assert_true_or_told(place, result, labels=labels)
        assert (now(place, OPEN), now(place, FINISHED)) == ("UNKNOWN", "UNKNOWN")
        assert result.unknown_labels == {STRANGE: 2}
        changes = [one for one in result.shape_changes if one.change == "unknown_label"]
        assert [one.label for one in changes] == [STRANGE]
        assert {one.record for one in changes[0].examples} == {OPEN, FINISHED}
        place.app.detect()
        assert place.one(f"SELECT count(*) FROM finding WHERE task_id IN ('{OPEN}', '{FINISHED}')") == 0
        again = place.app.sync("ioffice")
        assert (again.unknown_labels, again.shape_changes) == ({STRANGE: 2}, ()), "listed each time, told once"

        learns(place, status={STRANGE: "DONE"})
        result = place.app.sync("ioffice")
        assert (result.outcome, result.unknown_labels) == (Outcome.OK, {})
        assert (now(place, OPEN), now(place, FINISHED)) == ("DONE", "DONE")
        assert_true_or_told(place, result, labels=labels)
        assert place.asked("getdetailjob") < 10, "no full reading"


def test_a_label_mapped_wrongly_is_put_right_without_a_full_reading_though_its_tasks_seemed_finished(
    database: Path,
) -> None:
    with a_place(database) as place:
        learns(place, status={STRANGE: "DONE"})
        place.breaks("unknown_status", "getlistjobd", ids=(OPEN,))
        place.app.sync("ioffice")
        assert now(place, OPEN) == "DONE"
        learns(place, status={STRANGE: "IN_PROGRESS"})
        result = place.app.sync("ioffice")
        assert now(place, OPEN) == "IN_PROGRESS"
        assert_true_or_told(place, result, labels={OPEN: STRANGE})
        assert place.asked("getdetailjob") < 10, "no full reading"


def test_an_unknown_role_is_kept_and_told_and_put_right_once_it_is_mapped(database: Path) -> None:
    with a_place(database) as place:
        place.breaks("unknown_role", "getlistprocesser", ids=(OPEN, FINISHED))
        result = place.app.sync("ioffice")
        missing = {key: fields.keys() for key, fields in differences(truth(place), stored(place)).items()}
        assert missing == {("task", OPEN): {"lines"}, ("task", FINISHED): {"lines"}}, "they say what the server says"
        assert result.outcome is Outcome.OK
        assert [one.label for one in result.shape_changes] == ["Theo dõi"]
        roles = [{line["role"] for line in json.loads(now(place, task, "lines"))} for task in (OPEN, FINISHED)]
        assert roles == [{"unknown"}, {"unknown"}]
        learns(place, roles={"Theo dõi": "lead"})
        result = place.app.sync("ioffice")
        roles = [{line["role"] for line in json.loads(now(place, task, "lines"))} for task in (OPEN, FINISHED)]
        assert roles == [{"lead"}, {"lead"}]
