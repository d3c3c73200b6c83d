"""What is read beyond the lists, and why; back-fills; what is never opened."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.runs import Outcome
from connector.standin.timeline import Marked, Progress
from connector.standin.world import World
from tests.builders import at
from tests.faults.measure import assert_true_or_told
from tests.faults.place import NEXT, NIGHT, SECRET, WHOLE, Place, a_place, with_events
from tests.faults.records import differences, stored, truth

FINISHED = "90479"


def afterwards(hour: str = "10:00", task: str = FINISHED) -> Any:
    """A progress row written on a finished task: no list shows it, a notification tells of it."""
    return Progress(kind="progress", at=at("2022-02-15", hour), ref=f"T{task}", text="Bổ sung hồ sơ")


def reason(place: Place, task: str) -> str:
    found: str = place.one(f"SELECT read_reason FROM task WHERE source_id = '{task}'")
    return found


def test_a_finished_task_whose_row_did_not_change_is_read_again_because_of_a_notification(known_database: Path) -> None:
    with a_place(known_database, NEXT, timeline=with_events(afterwards())) as place:
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(place, result)
        assert reason(place, FINISHED) == "hinted"
        assert result.plan["hinted"] >= 1
        place.server.ledger.clear()
        place.app.sync("ioffice")
        assert place.asked(f"getlistjobflow/{FINISHED}") == 0, "a notification is news once"


def test_without_a_notification_it_is_found_when_its_turn_has_come(known_database: Path) -> None:
    with a_place(known_database, NEXT, timeline=with_events(afterwards()), reread_days=7) as place:
        place.server.knobs.silent_events = ("progress",)
        place.app.sync("ioffice")
        off = differences(truth(place), stored(place))
        assert off == {("task", FINISHED): {"flow": off["task", FINISHED]["flow"]}}, "nobody could know"
        place.at(NIGHT + timedelta(days=8))
        result = place.app.sync("ioffice")
        assert reason(place, FINISHED) == "periodic"
        assert result.plan["periodic"] >= 1
        assert_true_or_told(place, result)


def test_notifications_that_cannot_be_read_cost_a_hint_and_no_more(known: Place) -> None:
    known.at(NEXT)
    known.breaks("refuse", "getlistnotify")
    result = known.app.sync("ioffice")
    assert result.outcome is Outcome.OK
    assert "hinted" not in result.plan
    assert_true_or_told(known, result)


def test_hints_of_a_run_that_failed_are_not_lost(known_database: Path) -> None:
    with a_place(known_database, NEXT, timeline=with_events(afterwards()), resume_minutes=0) as place:
        place.breaks("throttle", "getlistwaiting", value="3600")
        assert place.app.sync("ioffice").outcome is Outcome.FAILED
        place.mend()
        result = place.app.sync("ioffice")
        assert_true_or_told(place, result)
        assert result.outcome is Outcome.OK


# -- back-fill (F15) ---------------------------------------------------------------------------------------------------

DECEMBER = (date(2021, 12, 1), date(2021, 12, 31))


def cursor(place: Place) -> Any:
    """What tells the next ordinary run where to go on, and an admin how fresh the data is."""
    view = place.app.overview()
    return (
        place.rows("SELECT * FROM list_state WHERE list NOT LIKE '%:2021-12%' ORDER BY identity, list"),
        place.rows("SELECT name, value FROM source_memory WHERE name NOT IN ('shapes') ORDER BY name"),
        [(one.last_good_at, one.last.id if one.last else None) for one in view.sources],
        view.holds,
    )


def test_a_back_fill_reads_the_documents_of_its_months_and_moves_nothing_else(known_database: Path) -> None:
    with a_place(known_database, NEXT, timeline=with_events(afterwards()), **WHOLE) as place:
        before, old = cursor(place), stored(place)
        result = place.app.sync("ioffice", span=DECEMBER)
        assert result.outcome is Outcome.OK
        asked = {one.body for one in place.server.ledger.entries if "lookupdocument" in one.path}
        dated = [body for body in asked if "/2021" in body or "/2022" in body]
        assert dated
        assert all("01/12/2021" in body and "31/12/2021" in body for body in dated)
        assert place.asked("getlistjob") == 0, "no list of tasks"
        assert place.asked("getlistwaiting") == 0, "no store"
        assert cursor(place) == before
        assert stored(place) == old, "all documents of December were known"
        result = place.app.sync("ioffice")
        assert reason(place, FINISHED) == "hinted", "its notification came before the back-fill and is still news"
        assert_true_or_told(place, result)


def test_a_back_fill_brings_documents_no_ordinary_run_would_show(database: Path) -> None:
    with a_place(database, document_stores=[]) as place:
        place.app.sync("ioffice")
        assert place.one("SELECT count(*) FROM document") == 0
    with a_place(database, document_stores=[], document_windows=["issued"]) as place:
        result = place.app.sync("ioffice", span=DECEMBER)
        assert result.outcome is Outcome.OK
        issued = {key for key, one in truth(place).items() if key[0] == "document" and one["issued"].month == 12}
        found = stored(place)
        assert {key for key in found if key[0] == "document"} == issued
        off = differences({key: truth(place)[key] for key in issued}, {key: found[key] for key in issued})
        assert off == {}


def test_a_back_fill_lifts_no_hold_and_one_that_fails_leaves_the_next_reading_alone(known: Place) -> None:
    known.breaks("empty", "getlistjobdagiao")
    assert known.app.sync("ioffice").outcome is Outcome.GUARD_STOP
    assert known.one("SELECT count(*) FROM hold") == 1
    known.mend()
    known.app.sync("ioffice", span=DECEMBER)
    assert known.one("SELECT count(*) FROM hold") == 1, "the tasks have not been looked at"
    known.breaks("error")
    assert known.app.sync("ioffice", span=DECEMBER).outcome is Outcome.FAILED
    known.mend()
    result = known.app.sync("ioffice")
    assert (result.outcome, result.resumed) == (Outcome.OK, None)
    assert_true_or_told(known, result)
    assert known.one("SELECT count(*) FROM hold") == 0


# -- what is not opened (F101) -----------------------------------------------------------------------------------------


def test_no_document_is_opened_unless_a_setting_says_so(database: Path) -> None:
    with a_place(database, **WHOLE) as place:
        result = place.app.sync("ioffice", full=True)
        assert_true_or_told(place, result)
        assert place.asked("getdetaildocument") == 0
        assert place.rows("SELECT DISTINCT due_on FROM document_version") == [(None,)]
        assert place.rows("SELECT DISTINCT role FROM sighting WHERE kind = 'document'") == [("unread",)]


def test_where_a_setting_says_so_details_fill_in_deadlines_and_secrecy(database: Path) -> None:
    with a_place(database, read_document_detail=True) as place:
        place.breaks("refuse", "lookupdocument")
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert place.asked("getdetaildocument") == 33, "those the office issued"
        due = place.rows(
            "SELECT d.source_id, v.due_on FROM document d JOIN document_version v ON v.document_id = d.id "
            "WHERE v.until IS NULL AND v.due_on IS NOT NULL"
        )
        state = World(place.timeline, place.server.setup).at(NIGHT)
        deadlines = {one.id: str(state.deadline(one)) for one in state.documents.values() if state.deadline(one)}
        assert dict(due) == deadlines
        assert place.rows(
            "SELECT d.source_id FROM document d JOIN document_version v ON v.document_id = d.id "
            "WHERE v.until IS NULL AND v.secret"
        ) == [(SECRET,)], "the server does not search for us, but the label in the detail tells"


@pytest.mark.parametrize("event", ["cancelled", "deleted", "hidden"])
def test_a_task_that_goes_backwards_is_a_version_more_and_never_a_deletion(known_database: Path, event: Any) -> None:
    gone = Marked(kind=event, at=at("2022-02-15", "11:00"), ref="T90032")
    with a_place(known_database, NEXT, timeline=with_events(gone)) as place:
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(place, result)
        versions = place.rows(
            "SELECT status, present FROM task_version v JOIN task t ON t.id = v.task_id "
            "WHERE t.source_id = '90032' ORDER BY v.id"
        )
        assert len(versions) == 2
        assert versions[-1][1] == (event == "cancelled")
