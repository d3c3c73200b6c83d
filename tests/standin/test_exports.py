"""The month as export files: what the readers make of them is what stands in the stand-in's world."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from connector.clock import OFFICE_ZONE
from connector.domain.history import TaskHistory, TaskVersion
from connector.domain.periods import Month
from connector.domain.records import TaskState
from connector.domain.report import Counts
from connector.domain.status import Role, Status
from connector.domain.tables import Limits
from connector.normalise.exports.problems import RejectedRow, SkippedRow
from connector.normalise.exports.records import ExportDocument, ExportTask
from connector.normalise.exports.sheet import Read, SheetReading, file_stops
from connector.normalise.fields import clean
from connector.report.build import build_report
from connector.sources.files.reader import open_table
from connector.standin import world
from connector.standin.exports import DEFAULT, Variant, exported_documents, exported_tasks, write_exports
from connector.standin.sheets import in_windows_1258
from connector.standin.timeline import FEBRUARY_2022, packaged
from connector.standin.world import State, World
from tests.builders import policy
from tests.normalise.exports.builders import rules
from tests.standin.client import local

ROOT = Path(__file__).resolve().parents[2]
MONTH_END = local("2022-02-28 23:30")
MID_MONTH = local("2022-02-15 16:05")
STATUSES = {
    world.NOT_STARTED: Status.NOT_STARTED,
    world.STARTED: Status.IN_PROGRESS,
    world.OPEN: Status.IN_PROGRESS,
    world.WAITING: Status.WAIT_CONFIRM,
    world.DONE: Status.DONE,
    world.CANCELLED: Status.CANCELLED,
    "Trả lại": Status.RETURNED,
}
LOOKS = {
    "xlsx": DEFAULT,
    "xlsx, text dates": Variant(dates="text"),
    "xlsx, serial dates": Variant(dates="serial"),
    "xlsx, plain": Variant(dressed=False),
    "xlsx, TCVN3": Variant(font="tcvn3"),
    "html": Variant("html"),
    "html, TCVN3": Variant("html", font="tcvn3"),
    "spreadsheetml": Variant("spreadsheetml"),
    "spreadsheetml, plain, text dates": Variant("spreadsheetml", dates="text", dressed=False),
    "csv": Variant("csv"),
    "csv, TCVN3": Variant("csv", font="tcvn3"),
    "no ids": Variant(ids=False),
    "no completion": Variant(completed=False),
    "open tasks": Variant(open_only=True),
}


def at(moment: datetime) -> State:
    return World(*packaged()).at(moment)


def read(path: Path) -> tuple[SheetReading, list[Read]]:
    with open_table(path, Limits(seconds=20)) as table:
        (reading,) = (SheetReading(path.name, sheet, rules(is_agency=_anything)) for sheet in table)
        found = list(reading.records())
    assert not file_stops([reading]), (reading.layout, reading.remarks)
    assert not [one for one in found if isinstance(one, RejectedRow)]
    return reading, found


def _anything(_: str) -> bool:
    """Every line of the cell is one name."""
    return True


def tasks_of(path: Path) -> list[ExportTask]:
    return [one for one in read(path)[1] if isinstance(one, ExportTask)]


def documents_of(path: Path) -> list[ExportDocument]:
    return [one for one in read(path)[1] if isinstance(one, ExportDocument)]


def written(text: str, variant: Variant) -> str:
    """As it comes back: single blanks, no entities; TCVN3 has no capitals with a tone."""
    text = clean(html.unescape(text))
    return text.casefold() if variant.font == "tcvn3" else text


Told = tuple[str, str, str, str, Status, date | None, date | None, date | None, bool, str, tuple[str, ...], str, object]


def told_by_world(state: State, task: world.TaskState, variant: Variant) -> Told:
    document = state.documents[task.created.doc] if task.created.doc else None
    done = task.done_at if task.label == world.DONE and variant.completed else None
    return (
        task.created.id if variant.ids else "",
        written(task.created.name, variant),
        written(task.created.assigner, variant),
        written(task.lead_name, variant),
        STATUSES[task.label],
        task.created.assigned.astimezone(OFFICE_ZONE).date(),
        task.due,
        done.astimezone(OFFICE_ZONE).date() if done else None,
        task.urged,
        task.created.priority if variant.font == "unicode" else "",
        tuple(dict.fromkeys(written(line.name, variant) for line in task.lines if line.role == world.COOP_ROLE)),
        written(document.notation, variant) if document else "",
        document and document.date,
    )


def told_by_file(task: ExportTask, variant: Variant) -> Told:
    state: TaskState = task.state
    return (
        task.task_id,
        written(state.name, variant),
        written(state.assigner, variant),
        written(state.lead, variant),
        state.status,
        state.assigned_on,
        state.due_on,
        state.completed_on,
        state.urged,
        state.priority if variant.font == "unicode" else "",
        tuple(written(name, variant) for name in task.cooperating),
        written(task.document.notations[0], variant) if task.document else "",
        task.document and task.document.issued_on,
    )


@pytest.mark.parametrize("look", LOOKS)
def test_a_task_export_of_every_look_tells_the_tasks_of_the_world(tmp_path: Path, look: str) -> None:
    variant, (timeline, setup) = LOOKS[look], packaged()
    state = World(timeline, setup).at(MONTH_END)
    path, _, _ = write_exports(state, setup, MONTH_END, tmp_path, variant)
    expected = [told_by_world(state, task, variant) for task in exported_tasks(state, variant)]
    assert [told_by_file(task, variant) for task in tasks_of(path)] == expected
    assert len(expected) > 50


@pytest.mark.parametrize("look", LOOKS)
def test_document_exports_of_every_look_tell_the_documents_of_the_world(tmp_path: Path, look: str) -> None:
    variant, (timeline, setup) = LOOKS[look], packaged()
    state = World(timeline, setup).at(MONTH_END)
    _, issued, received = write_exports(state, setup, MONTH_END, tmp_path, variant)
    for path, outgoing in ((issued, True), (received, False)):
        assert [
            (one.document_id, one.state.notation, one.state.issued_on, one.state.outgoing, one.state.secret,
             written(one.state.issuer, variant), written(one.state.subject, variant))
            for one in documents_of(path)
        ] == [
            (one.id if variant.ids else "", one.notation, one.date, outgoing, None,
             written(one.issuer, variant), written(one.subject, variant))
            for one in exported_documents(state, outgoing=outgoing)
        ]  # fmt: skip


def test_a_secrecy_column_tells_which_documents_are_secret(tmp_path: Path) -> None:
    state, (_, setup) = at(MONTH_END), packaged()
    _, issued, _ = write_exports(state, setup, MONTH_END, tmp_path, Variant(secrecy=True))
    secret = {one.id for one in exported_documents(state, outgoing=True) if one.secret}
    assert {one.document_id for one in documents_of(issued) if one.state.secret} == secret
    assert secret


def test_rows_that_are_no_records_are_named_as_what_they_are(tmp_path: Path) -> None:
    state, (_, setup) = at(MONTH_END), packaged()
    path, _, _ = write_exports(state, setup, MONTH_END, tmp_path)
    reading, found = read(path)
    kinds = [one.reason for one in found if isinstance(one, SkippedRow)]
    groups = len({task.lead_name for task in exported_tasks(state)})
    assert kinds == ["title"] * 3 + ["header"] * 2 + ["numbering"] + ["group"] * groups + ["total"] + ["signature"] * 3
    assert [one.code for one in reading.remarks] == []  # the stated total is what was read


def test_the_title_says_as_of_when_it_is_and_so_does_the_files_time(tmp_path: Path) -> None:
    state, (_, setup) = at(MID_MONTH), packaged()
    later = local("2022-03-10 08:00")
    for stated, expected in ((True, (MID_MONTH, "stated")), (False, (later, "file"))):
        path, _, _ = write_exports(state, setup, MID_MONTH, tmp_path, Variant(stated=stated))
        assert datetime.fromtimestamp(path.stat().st_mtime, OFFICE_ZONE) == MID_MONTH
        found = read(path)[0].as_of(later, later)
        assert (found.at, found.basis) == expected


def test_an_export_of_an_earlier_moment_shows_the_tasks_as_they_were_then(tmp_path: Path) -> None:
    _, setup = packaged()
    early, _, _ = write_exports(at(MID_MONTH), setup, MID_MONTH, tmp_path)
    late, _, _ = write_exports(at(MONTH_END), setup, MONTH_END, tmp_path)
    then = {task.task_id: task.state for task in tasks_of(early)}
    now = {task.task_id: task.state for task in tasks_of(late)}
    assert len(then) < len(now)
    returned = then["90048"], now["90048"]  # done, returned and done again in the month
    assert [(one.status, one.completed_on) for one in returned] == [
        (Status.RETURNED, None),
        (Status.DONE, date(2022, 2, 18)),
    ]


def test_an_export_with_a_row_for_each_agency_tells_its_role_and_its_own_state(tmp_path: Path) -> None:
    state, (_, setup) = at(MONTH_END), packaged()
    path, _, _ = write_exports(state, setup, MONTH_END, tmp_path, Variant(units="rows"))
    found = {(one.task_id, one.state.lead or one.cooperating[0], one.role) for one in tasks_of(path)}
    roles = {world.LEAD_ROLE: Role.LEAD, world.COOP_ROLE: Role.COOPERATING}
    assert found == {
        (task.created.id, clean(line.name), roles[line.role]) for task in exported_tasks(state) for line in task.lines
    }


def test_exports_of_one_moment_differ_in_looks_only(tmp_path: Path) -> None:
    state, (_, setup) = at(MID_MONTH), packaged()
    told = []
    for kind in ("xlsx", "html", "spreadsheetml", "csv"):
        path, _, _ = write_exports(state, setup, MID_MONTH, tmp_path, replace(DEFAULT, kind=kind))
        told.append([told_by_file(task, DEFAULT) for task in tasks_of(path)])
    assert told[0] == told[1] == told[2] == told[3]


def test_the_export_of_the_months_last_minute_alone_gives_the_offices_figures(tmp_path: Path) -> None:
    last_minute, (_, setup) = local("2022-02-28 23:59"), packaged()
    path, _, _ = write_exports(at(last_minute), setup, last_minute, tmp_path)
    tasks = [
        TaskHistory(one.task_id, "tệp", (TaskVersion(one.state, None, last_minute, None),), (), last_minute, None)
        for one in tasks_of(path)
    ]
    assigners = json.loads((FEBRUARY_2022 / "setup.json").read_text("utf-8"))["counted_assigners"]
    report = build_report(
        tasks, (), replace(policy(), counted_assigners=tuple(assigners)), month=Month(2022, 2),
        as_of=date(2022, 2, 28), made_at=local("2022-03-01 08:00"), last_sync_at=last_minute,
    )  # fmt: skip
    expected = json.loads((ROOT / "tests/data/feb2022/expected.json").read_text("utf-8"))
    assert figures(report.counts) == expected["counts"]
    assert {agency.code: figures(counts) for agency, counts in report.by_agency} == expected["per_agency"]
    assert report.observed_completions == 0  # every completion is reported by the export


def figures(counts: Counts) -> dict[str, int]:
    """As the expected figures name them."""
    return {
        "assigned": counts.assigned,
        "completed_on_time": counts.on_time,
        "completed_late": counts.late,
        "not_completed": counts.assigned - counts.on_time - counts.late,
        "in_time": counts.open_in_time,
        "overdue": counts.open_overdue,
    }


def test_windows_1258_keeps_the_tones_behind_their_letters() -> None:
    text = "Ủy ban nhân dân huyện Hữu Lũng – kế hoạch số 5"
    assert in_windows_1258("ế") == b"\xea\xec"
    assert len(in_windows_1258(text)) > len(text)
