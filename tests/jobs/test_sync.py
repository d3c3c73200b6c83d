"""Sync on a real server and a real database: what is stored, what is counted, what is left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.bootstrap import App
from connector.clock import OFFICE_ZONE
from connector.domain.runs import Outcome
from connector.errors import AuthNeeded, SourceUnavailable, SuspiciousShrink, TooManyRejected
from connector.settings import Settings
from connector.standin.faults import Fault
from connector.standin.timeline import packaged
from connector.standin.world import World
from connector.views import overview_text
from connector.views_source import sync_text
from tests.builders import at
from tests.jobs.office import SETUP, Office, office

NIGHT = at("2022-02-14")
TABLES = (
    "task",
    "task_version",
    "flow_row",
    "document",
    "document_version",
    "log_entry",
    "related_document",
    "payload",
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "connector.db", NIGHT) as opened:
        yield opened


def counts(place: Office) -> dict[str, int]:
    return {name: place.one(f"SELECT count(*) FROM {name}") for name in TABLES}


def test_after_a_sync_the_database_holds_what_the_server_shows(place: Office) -> None:
    result = place.app.sync("ioffice")
    assert result.outcome is Outcome.OK
    shown = {task.created.id for task in World(*packaged()).at(NIGHT).tasks.values() if task.visible}
    assert dict(place.rows("SELECT source_id, missing_since FROM task")) == dict.fromkeys(shown)
    assert result.counts.inserted == len(shown)
    assert result.counts.requests == place.server.ledger.count()
    assert place.server.ledger.violations == []


def test_a_second_sync_of_unchanged_data_adds_nothing_anywhere(place: Office) -> None:
    place.app.sync("ioffice")
    before = counts(place)
    again = place.app.sync("ioffice")
    assert counts(place) == before
    assert (again.counts.inserted, again.counts.updated, again.counts.vanished) == (0, 0, 0)
    full = place.app.sync("ioffice", full=True)
    assert counts(place) == before
    assert full.counts.requests > again.counts.requests


def test_detection_twice_adds_no_finding_and_no_letter(place: Office) -> None:
    place.app.sync("ioffice")
    place.at(at("2022-02-15", "07:30"))
    first = place.app.detect()
    assert first.opened > 0
    assert first.letters > 0
    second = place.app.detect()
    assert (second.opened, second.reopened, second.closed, second.letters) == (0, 0, 0, 0)
    place.at(at("2022-02-15", "08:00"))
    place.app.sync("ioffice")
    third = place.app.detect()
    assert (third.letters, place.one("SELECT count(*) FROM outbox")) == (0, first.letters)


def test_nobody_is_written_to_on_a_day_off_and_everybody_on_the_next_working_day(place: Office) -> None:
    place.app.sync("ioffice")
    place.at(at("2022-02-19", "07:30"))
    saturday = place.app.detect()
    assert saturday.opened > 0
    assert saturday.letters == 0
    place.at(at("2022-02-21", "07:30"))
    assert place.app.detect().letters > 0


def test_a_change_is_a_version_between_two_readings(place: Office) -> None:
    place.app.sync("ioffice")
    place.at(at("2022-02-15"))
    place.app.sync("ioffice")
    rows = place.rows(
        "SELECT status, observed_after, observed_at FROM task_version v JOIN task t ON t.id = v.task_id "
        "WHERE t.source_id = '90037' ORDER BY v.id"
    )
    assert [row[0] for row in rows] == ["IN_PROGRESS", "DONE"]
    assert rows[1][1].startswith("2022-02-14 16:30")
    assert rows[1][2].startswith("2022-02-15 16:30")


def test_the_raw_answers_behind_a_version_can_be_shown(place: Office) -> None:
    place.app.sync("ioffice")
    hashes = json.loads(
        place.one(
            "SELECT payload_hashes FROM task_version v JOIN task t ON t.id = v.task_id WHERE t.source_id = '90037'"
        )
    )
    bodies = [place.one(f"SELECT body FROM payload WHERE hash = '{one}'") for one in hashes]
    assert any('"soKihieu"' not in body and '"chuTri"' in body for body in bodies)
    assert any("57/UBND-ĐT" in body for body in bodies), "the detail with the document's number"


def test_a_refused_login_is_tried_once_told_once_and_held(place: Office) -> None:
    place.app.given.sources["ioffice"]["ketnoi.vp"] = _secret("sai-mat-khau")  # type: ignore[union-attr, index]
    for _ in range(3):
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.AUTH_NEEDED
        assert isinstance(result.error, AuthNeeded)
    assert place.server.ledger.count("login") == 1
    assert place.rows("SELECT kind FROM outbox") == [("auth_needed",)]
    place.app.sync("ioffice", retry_login=True)
    assert place.server.ledger.count("login") == 2
    place.app.given.sources["ioffice"]["ketnoi.vp"] = _secret("Thu-nghiem-1")  # type: ignore[union-attr, index]
    assert place.app.sync("ioffice").outcome is Outcome.AUTH_NEEDED, "an operator has not said so yet"
    assert place.app.sync("ioffice", retry_login=True).outcome is Outcome.OK
    assert place.app.sync("ioffice").outcome is Outcome.OK


def _secret(text: str) -> object:
    from pydantic import SecretStr

    return SecretStr(text)


def test_a_source_that_is_down_fails_the_run_and_touches_nothing(place: Office) -> None:
    place.app.sync("ioffice")
    before = counts(place)
    place.server.stop()
    result = place.app.sync("ioffice")
    assert result.outcome is Outcome.FAILED
    assert isinstance(result.error, SourceUnavailable)
    assert counts(place) == before
    assert place.one("SELECT error FROM run ORDER BY id DESC LIMIT 1").startswith("SourceUnavailable")


def test_a_list_that_shrinks_too_much_marks_nothing_until_somebody_says_so(place: Office) -> None:
    place.app.sync("ioffice")
    place.server.knobs.faults.append(Fault("shrink", path="getlistjobdagiao", value="0.5"))
    for _ in range(2):
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.GUARD_STOP
        assert isinstance(result.error, SuspiciousShrink)
    assert place.one("SELECT count(*) FROM task WHERE missing_since IS NOT NULL") == 0
    assert place.rows("SELECT kind FROM outbox") == [("guard_stop",)]
    accepted = place.app.sync("ioffice", accept_shrink=True)
    assert accepted.outcome is Outcome.OK
    assert accepted.counts.vanished > 0
    assert place.one("SELECT count(*) FROM hold") == 0


def test_an_empty_list_closes_no_task(place: Office) -> None:
    place.app.sync("ioffice")
    place.server.knobs.faults += [Fault("empty", path="getlistjob")]
    assert place.app.sync("ioffice").outcome is Outcome.GUARD_STOP
    assert place.one("SELECT count(*) FROM task_version WHERE NOT present") == 0


def test_a_row_that_cannot_be_read_is_kept_counted_and_its_task_not_lost(place: Office) -> None:
    place.app.sync("ioffice")
    place.server.knobs.faults.append(Fault("broken_row", path="getlistjobd", ids=("90037",), value="bad_date"))
    place.at(at("2022-02-15"))
    result = place.app.sync("ioffice")
    assert result.outcome is Outcome.INCOMPLETE
    assert result.counts.rejected >= 1
    ((problems, seen),) = place.rows("SELECT problems, payload_hash FROM rejected LIMIT 1")
    assert json.loads(problems)
    assert "90037" in place.one(f"SELECT body FROM payload WHERE hash = '{seen}'")
    assert place.one("SELECT missing_since FROM task WHERE source_id = '90037'") is None
    view = place.app.overview()
    assert [row["problems"] for row in view.rejected_now] == [json.loads(problems)]
    told = "\n".join(overview_text(view, OFFICE_ZONE))
    assert json.loads(problems)[0] in told
    assert not view.healthy
    assert "CẦN CHÚ Ý" in told
    assert "có dòng KHÔNG ĐỌC ĐƯỢC" in told
    place.server.knobs.faults.clear()
    place.app.sync("ioffice")
    assert place.app.overview().healthy


def test_a_run_that_failed_asks_for_a_look_until_one_succeeds(place: Office) -> None:
    place.app.sync("ioffice")
    place.server.knobs.faults.append(Fault("error"))
    assert place.app.sync("ioffice").outcome is Outcome.FAILED
    assert not place.app.overview().healthy
    place.server.knobs.faults.clear()
    place.app.sync("ioffice")
    assert place.app.overview().healthy


def test_outgoing_documents_of_other_issuers_are_told(place: Office) -> None:
    wanted = place.app.settings.model_dump(mode="json", exclude_unset=True)
    wanted["office"]["issuer"] = "Ủy ban nhân dân tỉnh Mẫu"
    result = App(Settings.model_validate(wanted), place.clock, given=place.app.given).sync("ioffice")
    assert result.documents is not None
    outgoing = place.one("SELECT count(*) FROM document_version WHERE outgoing")
    assert result.documents.not_followed == {SETUP["issuer"]: outgoing}
    assert SETUP["issuer"] in next(line for line in sync_text(result) if "office.issuer" in line)


def test_a_row_without_even_an_id_suspends_the_marking_of_vanished_tasks(place: Office) -> None:
    place.app.sync("ioffice")
    place.server.knobs.faults.append(Fault("broken_row", path="getlistjobd", ids=("90037",), value="no_id"))
    result = place.app.sync("ioffice")
    assert result.outcome is Outcome.INCOMPLETE
    assert any("không đánh dấu nhiệm vụ nào" in problem for problem in result.problems)
    assert place.one("SELECT count(*) FROM task WHERE missing_since IS NOT NULL") == 0


def test_too_many_unreadable_rows_stop_the_run_before_anything_changes(place: Office) -> None:
    place.app.sync("ioffice")
    before = {name: value for name, value in counts(place).items() if name != "payload"}
    ids = tuple(str(number) for number in range(90000, 90100))
    place.server.knobs.faults.append(Fault("broken_row", path="getlistjobd", ids=ids, value="bad_date"))
    place.at(at("2022-02-20"))
    result = place.app.sync("ioffice")
    assert isinstance(result.error, TooManyRejected)
    assert {name: value for name, value in counts(place).items() if name != "payload"} == before
    assert place.one("SELECT count(*) FROM rejected") > 10


def test_an_unknown_label_is_kept_as_it_is_and_excluded_from_the_rules(place: Office) -> None:
    place.server.knobs.faults.append(Fault("unknown_status", ids=("90003",)))
    assert sum(place.app.sync("ioffice").unknown_labels.values()) == 1
    status, label = place.rows(
        "SELECT status, status_label FROM task_version v JOIN task t ON t.id = v.task_id WHERE t.source_id = '90003'"
    )[0]
    assert status == "UNKNOWN"
    assert label not in ("", "Chưa hoàn thành")
    place.at(at("2022-02-28"))
    place.app.sync("ioffice")
    place.app.detect()
    assert place.one("SELECT count(*) FROM finding WHERE task_id = '90003'") == 0


def test_secret_documents_are_known_as_secret_without_opening_any(place: Office) -> None:
    place.at(at("2022-02-25"))
    place.app.sync("ioffice")
    secret = place.rows(
        "SELECT d.source_id FROM document d JOIN document_version v ON v.document_id = d.id "
        "WHERE secret AND until IS NULL"
    )
    assert secret == [("450166",)]
    assert place.server.ledger.count("getdetaildocument") == 0


def test_an_empty_answer_about_secrecy_proves_nothing(place: Office) -> None:
    result = place.app.sync("ioffice")  # no secret document has been issued by the 14th
    assert result.documents is not None
    assert not result.documents.secrecy_known
    assert place.rows("SELECT DISTINCT secret FROM document_version") == [(None,)]
    place.at(at("2022-02-25"))
    place.app.sync("ioffice")
    current = place.rows("SELECT secret, count(*) > 0 FROM document_version WHERE until IS NULL GROUP BY secret")
    assert current == [(0, 1), (1, 1)]


def test_a_source_that_ignores_the_secrecy_filter_leaves_secrecy_unknown_and_withholds_subjects(place: Office) -> None:
    place.server.knobs.secrecy_ignored = True
    result = place.app.sync("ioffice")
    assert result.outcome is Outcome.INCOMPLETE
    assert any("không lọc theo độ mật" in problem for problem in result.problems)
    assert place.rows("SELECT DISTINCT secret FROM document_version") == [(None,)]
    place.at(at("2022-02-15", "07:30"))
    place.app.detect()
    assert place.one("SELECT count(*) FROM outbox WHERE text LIKE '%V/v %'") == 0


def test_every_run_is_recorded_with_its_figures(place: Office) -> None:
    result = place.app.sync("ioffice")
    row = place.rows("SELECT outcome, requests, fetched, inserted, detail FROM run")[0]
    assert row[:4] == ("ok", result.counts.requests, result.counts.fetched, result.counts.inserted)
    detail = json.loads(row[4])
    assert detail["counters"]
    assert detail["plan"] == {"new": result.counts.inserted}


def test_lines_of_a_list_that_is_not_read_any_more_are_closed_and_cost_nothing_afterwards(tmp_path: Path) -> None:
    database = tmp_path / "connector.db"
    with office(database, NIGHT) as both:
        both.app.sync("ioffice")
        received = both.one("SELECT count(*) FROM sighting WHERE list = 'duocgiao'")
        assert received > 0
    with office(database, NIGHT, task_lists=["dagiao"], max_vanished=1.0) as one:
        one.app.sync("ioffice")
        assert one.one("SELECT count(*) FROM sighting WHERE list = 'duocgiao' AND gone_at IS NOT NULL") == received
        assert one.one("SELECT count(*) FROM sighting WHERE list = 'dagiao' AND gone_at IS NOT NULL") == 0


def test_a_task_whose_line_could_not_be_read_was_not_seen_that_night(place: Office) -> None:
    """What we could not read may have changed: nothing may be said to have happened after a night we did not see."""
    seen = "SELECT last_seen_at FROM task WHERE source_id = '90037'"
    place.app.sync("ioffice")
    before = place.one(seen)
    place.at(at("2022-02-15"))
    place.server.knobs.faults.append(Fault("broken_row", path="getlistjobd", ids=("90037",), value="bad_date"))
    assert place.app.sync("ioffice").outcome is Outcome.INCOMPLETE
    assert place.one(seen) == before
    place.server.knobs.faults.clear()
    place.at(at("2022-02-16"))
    place.app.sync("ioffice")
    assert place.one(seen) > before
