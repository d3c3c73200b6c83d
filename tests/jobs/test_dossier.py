"""The dossier of a finding, out of a real database and a real reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.bootstrap_findings import FindingApp
from connector.domain.finding_life import Step
from connector.domain.rules import RuleBook
from connector.errors import UsageProblem
from connector.views_dossier import dossier_json, dossier_lines
from tests.builders import at
from tests.jobs.importing import Importing, row
from tests.jobs.office import SETUP, Office, office

RULE = "TD01_OVERDUE"


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Read on the nights of 17 and 28 February, judged after both. Tests that write take ``place``."""
    with office(tmp_path_factory.mktemp("office") / "connector.db", at("2022-02-17")) as opened:
        _read_and_judge(opened)
        yield opened


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "connector.db", at("2022-02-17")) as opened:
        _read_and_judge(opened)
        yield opened


def _read_and_judge(opened: Office) -> None:
    opened.app.sync("ioffice")
    opened.app.detect()
    opened.at(at("2022-02-28"))
    opened.app.sync("ioffice")
    opened.at(at("2022-03-01", "07:30"))
    opened.app.detect()


def test_the_days_counted_bear_out_every_finding_of_the_month(read_once: Office) -> None:
    app = FindingApp(read_once.app)
    counted = 0
    for one in app.listed()[::5]:
        found = app.dossier(one.id)
        assert found.gap == ""
        if found.count is not None:
            counted += 1
            assert found.count.agrees, one
            assert found.count.overdue == one.hit.facts.get("days_overdue", found.count.overdue)
    assert counted > 20


def test_versions_answers_letters_and_life_are_those_of_the_database(read_once: Office) -> None:
    app = FindingApp(read_once.app)
    one = max(app.listed(states=["open"], rule=RULE), key=lambda one: int(str(one.hit.facts["days_overdue"])))
    found = dossier_json(app.dossier(one.id))
    versions = found["about_task"]["versions"]
    assert versions
    payloads = {hash_ for (hash_,) in read_once.rows("SELECT hash FROM payload")}
    for version in versions:
        assert version["used"]
        assert set(version["payloads"]) <= payloads
        assert version["payloads"]
    assert set(found["about_document"]["payloads"]) <= payloads
    letters = read_once.rows(f"SELECT outbox_id FROM told WHERE finding_id = {one.id} ORDER BY outbox_id")
    assert [(letter["id"],) for letter in found["letters"]] == letters
    assert len(letters) == 2, "told on the first evening and on the morning after"
    assert all(letter["recipients"] == [SETUP["mailboxes"][one.hit.key.agency]] for letter in found["letters"])
    assert [event["step"] for event in found["events"]] == [Step.OPENED]
    assert found["rule_used"]["kept"]
    assert found["rule_used"]["changes"] == {}
    assert found["calendar"]["version"] == found["calendar"]["version_now"] != ""


def test_what_was_read_after_the_finding_was_made_is_told_apart(read_once: Office) -> None:
    app = FindingApp(read_once.app)
    shown = [app.dossier(one.id).task for one in app.listed(states=["closed"], rule="TD05_DUE_SOON")[:5]]
    used = [[version.used for version in task.versions] for task in shown if task and len(task.versions) > 1]
    assert used
    assert all(flags == sorted(flags, reverse=True) for flags in used)
    assert [True, False] in used


def test_the_log_of_a_document_shows_the_agency_of_the_finding_only(read_once: Office) -> None:
    app = FindingApp(read_once.app)
    one, *_ = app.listed(rule="PV01_RECEIVE_LATE")
    document = app.dossier(one.id).document
    assert document is not None
    assert document.document_id == one.hit.key.subject_id
    resolve = read_once.app.policy.directory.resolve
    sent, *taken = document.log
    assert any(resolve(name, date(2022, 2, 1)).agency for _, name in sent.recipients)
    units = [resolve(entry.unit, date(2022, 2, 1)).agency for entry in taken]
    assert {unit.code for unit in units if unit} == {one.hit.key.agency}


def test_the_rule_of_the_day_is_told_after_the_office_has_changed_it(place: Office) -> None:
    app = FindingApp(place.app)
    one, *_ = app.listed(rule="PV05_NO_PROGRESS")
    rules = place.app.policy.rules
    longer = replace(rules["PV05_NO_PROGRESS"], thresholds={"working_days": 30}, title="Tên mới")
    place.app.use_rules(RuleBook({**rules.rules, longer.id: longer}))
    found = app.dossier(one.id)
    assert found.rule.changes == {"title": (rules[longer.id].title, "Tên mới"), "thresholds.working_days": (5, 30)}
    assert found.rule.said["title"] == rules[longer.id].title
    assert found.count is not None
    assert (found.count.allowed, found.count.agrees) == (5, True), "counted by the rule it was made by"


def test_acknowledgement_and_waiver_stand_in_it_and_asking_changes_nothing(place: Office) -> None:
    app = FindingApp(place.app)
    one, *_ = app.listed(states=["open"], rule=RULE)
    app.acknowledge([one.id], reason="đã gọi điện", actor="Nguyễn Văn Mẫu")
    app.waive(one.id, scope="finding", until=date(2022, 4, 1), reason="bất khả kháng", actor="Nguyễn Văn Mẫu")
    tables = ("finding", "finding_event", "waiver", "run", "told")
    before = [place.rows(f"SELECT * FROM {table}") for table in tables]
    found = dossier_json(app.dossier(one.id))
    assert [event["step"] for event in found["events"]] == ["opened", "acknowledged", "waived"]
    assert [(waiver["until"], waiver["reason"]) for waiver in found["waivers"]] == [("2022-04-01", "bất khả kháng")]
    assert [place.rows(f"SELECT * FROM {table}") for table in tables] == before


def test_a_number_there_is_none_of_is_refused(read_once: Office) -> None:
    with pytest.raises(UsageProblem):
        FindingApp(read_once.app).dossier(99_999)


def test_where_files_told_of_a_task_their_rows_stand_in_its_dossier(tmp_path: Path) -> None:
    office_ = {"counted_assigners": ["UBND tỉnh"], "issuer": SETUP["issuer"]}
    files = Importing.at(tmp_path, "2022-02-28 23:40", office=office_)
    files.take(files.export("thang-2.xlsx", "2022-02-28 23:35", row()))
    files.app.detect()
    app = FindingApp(files.app)
    (one,) = app.listed(rule=RULE)
    found = app.dossier(one.id)
    assert found.task is not None
    assert [(told.file, told.row) for told in found.task.rows] == [("thang-2.xlsx", 4)]
    assert "  Tệp thang-2.xlsx, trang “" in "\n".join(dossier_lines(found, files.app.policy.zone))
