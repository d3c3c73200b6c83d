"""Findings and letters on a real database: together or not at all, never twice, closed when they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from connector.domain.letters import Digest, Letter
from connector.domain.rules import Audience, RuleBook
from connector.jobs.detect import LetterPolicy, detect
from tests.builders import at
from tests.jobs.office import SETUP, Office, office


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "connector.db", at("2022-02-21")) as opened:
        opened.app.sync("ioffice")
        yield opened


class BrokenRenderer:
    """Renders three letters, then fails."""

    def __init__(self, place: Office) -> None:
        self._good, self._left = place.app.renderer, 3

    def digest(self, digest: Digest, created_at: datetime) -> Letter:
        self._left -= 1
        if self._left < 0:
            raise RuntimeError("template broke")
        return self._good.digest(digest, created_at)


def letters(recipients: dict[str, tuple[str, ...]], fallback: tuple[str, ...] = ()) -> LetterPolicy:
    return LetterPolicy(recipients, fallback, horizon_days=31, office_name="Văn phòng UBND tỉnh")


def test_findings_and_letters_are_saved_together_or_not_at_all(place: Office) -> None:
    app = place.app
    place.at(at("2022-02-22", "07:30"))
    everyone: dict[str, tuple[str, ...]] = {code: (address,) for code, address in SETUP["mailboxes"].items()}
    with pytest.raises(RuntimeError):
        detect(app.uow(), place.clock, app.policy, BrokenRenderer(place), letters(everyone))
    assert (place.one("SELECT count(*) FROM finding"), place.one("SELECT count(*) FROM outbox")) == (0, 0)
    assert place.rows("SELECT outcome, error FROM run WHERE job = 'detect'") == [
        ("failed", "RuntimeError: template broke")
    ]
    assert app.detect().letters > 3


def test_a_finding_closes_with_its_reason_when_the_task_is_done(place: Office) -> None:
    place.at(at("2022-02-22", "07:30"))
    place.app.detect()
    overdue = set(place.rows("SELECT task_id FROM finding WHERE rule = 'TD01_OVERDUE' AND state = 'open'"))
    place.at(at("2022-03-04"))
    place.app.sync("ioffice")
    place.app.detect()
    closed = place.rows(
        "SELECT f.task_id, e.reason FROM finding f JOIN finding_event e ON e.finding_id = f.id "
        "WHERE f.rule = 'TD01_OVERDUE' AND e.event = 'closed'"
    )
    assert closed
    assert {(task,) for task, _ in closed} < overdue
    assert {reason for _, reason in closed} == {"điều kiện không còn"}


def test_a_finding_that_returns_is_the_same_one_reopened(place: Office) -> None:
    place.at(at("2022-02-22", "07:30"))
    place.app.detect()
    (task_id,) = place.rows("SELECT task_id FROM finding WHERE rule = 'TD01_OVERDUE' AND state = 'open' LIMIT 1")[0]
    with place.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE finding SET state = 'closed' WHERE task_id = '{task_id}'")
    place.app.detect()
    query = f"SELECT count(*), max(reopened) FROM finding WHERE rule = 'TD01_OVERDUE' AND task_id = '{task_id}'"
    assert place.rows(query) == [(1, 1)]
    events = place.rows(
        "SELECT e.event FROM finding_event e JOIN finding f ON f.id = e.finding_id "
        f"WHERE f.rule = 'TD01_OVERDUE' AND f.task_id = '{task_id}' ORDER BY e.id"
    )
    assert events[-1] == ("reopened",)


def test_an_agency_without_a_mailbox_is_never_nobody(place: Office) -> None:
    app = place.app
    place.at(at("2022-02-22", "07:30"))
    result = detect(app.uow(), place.clock, app.policy, app.renderer, letters({}, ("vanphong@vp.example",)))
    assert result.letters > 0
    assert set(place.rows("SELECT recipients FROM outbox")) == {('["vanphong@vp.example"]',)}
    assert "chưa có địa chỉ" in place.one("SELECT text FROM outbox LIMIT 1").replace("\n", " ")


def test_without_any_mailbox_nothing_is_lost_and_the_run_says_who_was_not_told(place: Office) -> None:
    app = place.app
    place.at(at("2022-02-22", "07:30"))
    result = detect(app.uow(), place.clock, app.policy, app.renderer, letters({}))
    assert result.letters == 0
    assert "SO_TTTT" in result.undeliverable
    assert place.one("SELECT count(*) FROM told") == 0
    assert app.detect().letters == len(result.undeliverable)


def test_each_finding_carries_the_calendar_it_was_made_with(place: Office) -> None:
    place.at(at("2022-02-22", "07:30"))
    place.app.detect()
    version = place.app.policy.deadlines.calendar.version
    assert place.rows("SELECT DISTINCT calendar_version FROM finding") == [(version,)]


def test_each_finding_carries_the_version_of_its_rule_and_keeps_it_until_it_is_made_anew(place: Office) -> None:
    place.at(at("2022-02-22", "07:30"))
    app = place.app
    app.detect()
    rules = app.policy.rules
    made = dict(place.rows("SELECT DISTINCT rule, rule_version FROM finding"))
    assert made == {rule: rules[rule].version for rule in made}
    overdue = "TD01_OVERDUE"
    renamed = replace(rules[overdue], title="Quá hạn")
    app.use_rules(RuleBook({**rules.rules, overdue: renamed}))
    (closed,) = place.rows(f"SELECT id FROM finding WHERE rule = '{overdue}' LIMIT 1")[0]
    with place.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE finding SET state = 'closed' WHERE id = {closed}")
    app.detect()
    versions = f"SELECT DISTINCT rule_version FROM finding WHERE rule = '{overdue}' AND id"
    assert place.rows(f"{versions} = {closed}") == [(renamed.version,)], "reopened by the rule of today"
    assert place.rows(f"{versions} <> {closed}") == [(rules[overdue].version,)]
    kept = place.rows(f"SELECT version, definition FROM rule_version WHERE rule = '{overdue}'")
    assert {version: json.loads(said)["title"] for version, said in kept} == {
        one.version: one.title for one in (rules[overdue], renamed)
    }


def test_findings_of_a_rule_that_is_switched_off_end_with_that_reason(place: Office) -> None:
    place.at(at("2022-02-22", "07:30"))
    app = place.app
    app.detect()
    rules = app.policy.rules
    off = replace(rules["TD01_OVERDUE"], enabled=False)
    app.use_rules(RuleBook({**rules.rules, off.id: off}))
    app.detect()
    assert place.rows(
        "SELECT DISTINCT f.state, e.reason FROM finding f JOIN finding_event e ON e.finding_id = f.id "
        "WHERE f.rule = 'TD01_OVERDUE' AND e.event = 'closed'"
    ) == [("closed", "quy định không còn áp dụng")]


def test_what_is_said_to_the_office_only_stands_in_no_letter(place: Office) -> None:
    place.at(at("2022-02-22", "07:30"))
    result = place.app.detect()
    told = {rule for (rule,) in place.rows("SELECT DISTINCT rule FROM finding f JOIN told t ON t.finding_id = f.id")}
    office = {rule.id for rule in place.app.policy.rules if rule.audience is Audience.OFFICE}
    assert result.by_rule["PV05_NO_PROGRESS"] > 0
    assert told
    assert not told & office
