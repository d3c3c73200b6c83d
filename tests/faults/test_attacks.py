"""Faults that an attack on the streamed lists found: what must hold, on the smallest office that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connector.bootstrap import App
from connector.clock import OFFICE_ZONE, FixedClock
from connector.domain.runs import Outcome
from connector.settings import Settings
from connector.settings.file import Passwords
from connector.standin.faults import Fault
from connector.standin.server import StandIn
from connector.standin.timeline import packaged
from tests.jobs.office import SETUP, Office, settings_for

GIVEN = ["1001", "dagiao", [None], "Người giao"]
LEAD = ["1002", "duocgiao", ["77001"], "Xử lý chính"]
COOP = ["1002", "duocgiao", ["77001"], "Phối hợp"]
PARTS = [
    Fault("error", path=one)
    for one in ("getdetailjob", "getlistjobflow", "getlistprocesser", "getlistchildjob", "getlistfile")
]


def at(day: int, hour: int = 23, minute: int = 30, month: int = 2) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=OFFICE_ZONE)


def task(number: int, due: str | None = "2022-02-28", views: Any = (GIVEN,), **more: Any) -> dict[str, Any]:
    when = at(1, 8).isoformat()
    return {
        "at": when, "kind": "created", "ref": f"T{number}", "id": str(number), "name": f"Việc {number}",
        "content": f"<p>Nội dung {number}</p>", "assigner": "Lãnh đạo Mẫu 01", "lead": "SO_YT", "lead_name": "Sở Y tế",
        "coops": [], "assigned": when, "due": due, "priority": "Cao", "views": list(views), "two_step": False,
        "files": [], **more,
    }  # fmt: skip


def happens(number: int, kind: str, when: datetime, **more: Any) -> dict[str, Any]:
    return {"at": when.isoformat(), "kind": kind, "ref": f"T{number}", **more}


def done(number: int, when: datetime) -> dict[str, Any]:
    return happens(number, "done", when, text="Đã hoàn thành", files=["kq.pdf"])


@contextmanager
def little(folder: Path, events: list[dict[str, Any]], moment: datetime, **source: Any) -> Iterator[Office]:
    (folder / "setup.json").write_text(json.dumps(SETUP, ensure_ascii=False), encoding="utf-8")
    (folder / "timeline.jsonl").write_text(
        "\n".join(json.dumps(one, ensure_ascii=False) for one in events), encoding="utf-8"
    )
    passwords = Passwords({"ioffice": {one["username"]: SecretStr(one["password"]) for one in SETUP["accounts"]}}, None)
    clock = FixedClock(moment)
    with StandIn(*packaged(folder), now=moment) as server:
        app = App(settings_for(server.url, folder / "db.sqlite", **source), clock, given=passwords)
        yield Office(app, server, clock, app.engine)
        app.store.close()


def other(office: Office, **change: Any) -> App:
    """The same deployment with other settings, e.g. vocabulary={…}."""
    wanted = office.app.settings.model_dump(mode="json", exclude_unset=True)
    for name, value in change.items():
        wanted[name] = {**wanted.get(name, {}), **value}
    return App(Settings.model_validate(wanted), office.clock, given=office.app.given)


def rules(office: Office) -> set[str]:
    office.server.knobs.faults = []
    office.app.detect()
    return {
        rule for (rule,) in office.rows("SELECT rule FROM finding WHERE rule LIKE 'TD%' AND rule <> 'TD05_DUE_SOON'")
    }


OTHERS = [task(90000 + n) for n in range(60)]
ONE = [*OTHERS, task(95000, "2022-02-10"), done(95000, at(10, 10))]


def test_an_unreadable_row_proves_nothing_about_its_task(tmp_path: Path) -> None:
    with little(tmp_path, ONE, at(1)) as office:
        for day in (1, 9):
            office.at(at(day)).app.sync("ioffice")
        office.server.knobs.faults = [Fault("broken_row", value="bad_date", path="getlistjobdagiao", ids=("95000",))]
        office.at(at(10)).app.sync("ioffice")
        assert rules(office.at(at(11, 7, 15))) == set()
        office.at(at(11)).app.sync("ioffice")
        assert rules(office) == set()


def test_a_list_that_could_not_be_read_does_not_speak_for_its_tasks(tmp_path: Path) -> None:
    events = [*OTHERS, task(95000, "2022-02-10", (GIVEN, LEAD)), done(95000, at(10, 10))]
    with little(tmp_path, events, at(1)) as office:
        for day in (1, 9):
            office.at(at(day)).app.sync("ioffice")
        office.server.knobs.faults = [Fault("refuse", path="getlistjobdagiao", identity="1001")]
        office.at(at(10)).app.sync("ioffice")  # 1002's line says: done
        assert rules(office.at(at(11, 7, 15))) == set()


@pytest.mark.parametrize("fault", [
    Fault("drop_field", name="endDate", path="getlistjobdagiao"),
    Fault("broken_row", value="bad_date", path="getlistjobdagiao", ids=tuple(str(90000 + n) for n in range(30))),
])  # fmt: skip
def test_what_stopped_a_reading_stops_the_next_one_too(tmp_path: Path, fault: Fault) -> None:
    with little(tmp_path, OTHERS, at(1)) as office:
        office.app.sync("ioffice")
        office.server.knobs.faults = [fault]
        assert office.at(at(2, 8, 30)).app.sync("ioffice").error is not None
        again = office.at(at(2, 8, 35)).app.sync("ioffice")  # as the daemon does
        assert again.error is not None
        assert office.one("SELECT count(*) FROM task_version WHERE until IS NULL AND due_on IS NULL") == 0


@pytest.mark.parametrize("faults", [[Fault("error", path="getlistjob", skip=16)], PARTS])
def test_a_reading_gone_on_with_says_when_each_row_was_seen(tmp_path: Path, faults: list[Fault]) -> None:
    events = [task(90000 + n) for n in range(130)] + [
        task(95000, "2022-02-10", assigned=at(1, 9).isoformat()), done(95000, at(10, 22, 10)),
    ]  # fmt: skip
    with little(tmp_path, events, at(1), task_page_size=10, concurrency=1, attempts=1) as office:
        for day in (1, 9):
            office.at(at(day)).app.sync("ioffice")
        office.server.knobs.faults = faults
        assert office.at(at(10, 21, 50)).app.sync("ioffice", full=True).error is not None
        office.server.knobs.faults = []
        assert office.at(at(10, 22, 40)).app.sync("ioffice", full=True).resumed is not None
        office.at(at(11, 8, 30)).app.sync("ioffice")
        assert rules(office) == set()


def test_a_resumed_reading_tells_what_could_not_be_read_before(tmp_path: Path) -> None:
    broken = Fault("broken_row", value="bad_date", path="getlistjobdagiao", ids=("95000",))
    with little(tmp_path, ONE, at(1), concurrency=1, attempts=1) as office:
        office.app.sync("ioffice")
        office.server.knobs.faults = [broken, *PARTS]
        office.at(at(2, 8)).app.sync("ioffice")
        office.server.knobs.faults = [broken]
        result = office.at(at(2, 8, 40)).app.sync("ioffice")
        assert (str(result.outcome), result.counts.rejected) == ("incomplete", 1)


def test_only_what_was_read_within_resume_minutes_is_gone_on_with(tmp_path: Path) -> None:
    documents = [
        {
            "at": at(1, 8, n).isoformat(), "kind": "doc_issued", "ref": f"D{450 + n}", "id": str(450 + n),
            "notation": f"{n}/UBND", "date": "2022-02-01", "subject": f"s{n}", "to": ["SO_YT"], "names": ["Sở Y tế"],
        }
        for n in range(59)
    ]  # fmt: skip
    events = [*OTHERS, *documents, happens(90001, "deleted", at(2, 8, 40))]
    source = {"document_page_size": 3, "document_lists": (), "document_windows": (), "concurrency": 1, "attempts": 1}
    with little(tmp_path, events, at(1), **source) as office:
        office.app.sync("ioffice")
        moment = at(2, 8)
        for chain in range(4):
            office.server.knobs.faults = [Fault("error", path="getlistwaiting", identity="1001", skip=3 + 2 * chain)]
            office.at(moment).app.sync("ioffice", full=True)
            moment += timedelta(minutes=50)
        office.server.knobs.faults = []
        assert str(office.at(moment).app.sync("ioffice", full=True).outcome) == "ok"
        assert office.one("SELECT missing_since FROM task WHERE source_id = '90001'") is not None


def test_without_details_a_co_operating_view_is_no_proof(tmp_path: Path) -> None:
    events = [*OTHERS, task(95000, "2022-02-10", (COOP,)), done(95000, at(5, 10))]
    with little(tmp_path, events, at(1), task_parts=("flow", "processors")) as office:
        for day in (1, 6, 10):
            office.at(at(day)).app.sync("ioffice")  # since the 6th row, lines and flow say: done
        assert rules(office.at(at(11, 7, 15))) == set()


def test_unreadable_details_leave_a_co_operating_view_unproved(tmp_path: Path) -> None:
    events = [*OTHERS, task(95000, "2022-02-10", (COOP,)), done(95000, at(5, 10))]
    with little(tmp_path, events, at(1)) as office:
        office.app.sync("ioffice")
        office.server.knobs.faults = [Fault("refuse", path="getdetailjobduocgiao")]
        for day in (6, 10):
            office.at(at(day)).app.sync("ioffice")
        assert rules(office.at(at(11, 7, 15))) == set()


def test_one_identity_whose_lists_are_all_down_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    events = [*OTHERS, task(95000, "2022-02-10"), done(95000, at(10, 10))]
    with little(tmp_path, events, at(1)) as office:
        office.server.knobs.faults = [
            Fault("error", path=path, identity="1002") for path in ("getlistjobd", "getlistwaiting", "getlistoutdated")
        ]
        office.app.sync("ioffice")
        result = office.at(at(10)).app.sync("ioffice")
        assert result.outcome is Outcome.INCOMPLETE
        unread = [one for one in result.problems if "HTTP 500" in one]
        assert len(unread) > 3
        assert all("/1002/" in one for one in unread), unread
        assert office.one("SELECT status FROM task_version WHERE until IS NULL AND name = 'Việc 95000'") == "DONE"


def test_the_leads_line_does_not_speak_for_a_task_whose_own_list_was_not_read(tmp_path: Path) -> None:
    """The lead's line may lag behind the assigner's list; what it says is no news while that list is out of sight."""
    events = [*OTHERS, task(95000, "2022-02-10", (GIVEN, LEAD)), done(95000, at(10, 10))]
    label = next(label for label, status in SETUP["labels"].items() if status == "IN_PROGRESS")
    lagging = Fault("unknown_status", path="getlistjobduocgiao", ids=("95000",), value=label)
    with little(tmp_path, events, at(1)) as office:
        for day in (1, 9, 10):
            office.at(at(day)).app.sync("ioffice")
        office.server.knobs.faults = [Fault("refuse", path="getlistjobdagiao", identity="1001"), lagging]
        result = office.at(at(25)).app.sync("ioffice")
        assert result.outcome is Outcome.INCOMPLETE
        assert any("giữ nguyên" in one for one in result.problems), result.problems
        office.server.knobs.faults = [lagging]
        office.at(at(26)).app.sync("ioffice")
        assert rules(office) == set()
        versions = office.rows("SELECT v.status FROM task_version v JOIN task t ON t.id = v.task_id "
                               "WHERE t.source_id = '95000' ORDER BY v.id")  # fmt: skip
        assert versions == [("IN_PROGRESS",), ("DONE",)]


@pytest.mark.parametrize("path", ["getlistoutdatedocument", "lookupdocument"])
def test_one_list_that_is_down_for_ever_is_named_and_everything_else_is_read(tmp_path: Path, path: str) -> None:
    events = [*OTHERS, task(95000, "2022-02-10"), done(95000, at(10, 10))]
    with little(tmp_path, events, at(1), document_days=30) as office:
        office.server.knobs.faults = [Fault("error", path=path)]
        office.app.sync("ioffice")
        result = office.at(at(10)).app.sync("ioffice")
        assert result.outcome is Outcome.INCOMPLETE
        assert result.reconciliation is not None, "the run went to its end"
        assert [one for one in result.problems if "500" in one], result.problems
        assert office.one("SELECT status FROM task_version WHERE until IS NULL AND name = 'Việc 95000'") == "DONE"


def test_files_that_could_not_be_read_are_kept(tmp_path: Path) -> None:
    events = [task(95000, files=["a.pdf"]), done(95000, at(1, 9))]
    with little(tmp_path, events, at(1)) as office:
        office.app.sync("ioffice")
        office.server.knobs.faults = [Fault("refuse", path="job/getlistfile")]
        office.at(at(2)).app.sync("ioffice", full=True)
        assert office.rows("SELECT files FROM task_version") == [('["a.pdf","kq.pdf"]',)]


def test_a_document_is_asked_for_through_an_identity_that_is_read(tmp_path: Path) -> None:
    document = {"at": at(1, 8).isoformat(), "kind": "doc_issued", "ref": "D450", "id": "450", "notation": "1/UBND",
                "date": "2022-02-01", "subject": "s", "to": ["SO_YT"], "names": ["Sở Y tế"]}  # fmt: skip
    with little(tmp_path, [document], at(1)) as office:
        office.app.sync("ioffice")
        section = office.app.settings.model_dump(mode="json", exclude_unset=True)["sources"]["ioffice"]
        account = office.one("SELECT account FROM document")
        left = [one for one in section["accounts"] if one["username"] != account]
        app = other(office, sources={"ioffice": {**section, "accounts": left}})
        office.at(at(2))
        assert app.sync("ioffice", full=True).problems == ()


def test_other_words_change_finished_tasks_at_once(tmp_path: Path) -> None:
    with little(tmp_path, [task(95000), done(95000, at(1, 9))], at(1)) as office:
        office.app.sync("ioffice")
        app = other(office, vocabulary={"status": {**SETUP["labels"], "Đã hoàn thành": "WAIT_CONFIRM"}})
        office.at(at(2, 8))
        app.sync("ioffice")
        assert office.one("SELECT status FROM task_version WHERE until IS NULL") == "WAIT_CONFIRM"


def test_what_a_notification_named_is_asked_for_until_it_was_read(tmp_path: Path) -> None:
    events = [task(95000, coops=[{"code": "SO_TC", "name": "Sở Tài chính"}]), done(95000, at(2, 10)),
              happens(95000, "coop_done", at(4, 10), agency="SO_TC")]  # fmt: skip
    with little(tmp_path, events, at(1)) as office:
        for day in (1, 2, 3):
            office.at(at(day)).app.sync("ioffice")
        office.server.knobs.faults = [Fault("refuse", path="getlistprocesser")]
        assert str(office.at(at(4)).app.sync("ioffice").outcome) == "incomplete"
        office.server.knobs.faults = []
        assert office.at(at(5)).app.sync("ioffice").plan != {}


def test_an_error_on_a_large_page_does_not_count_rows_twice(tmp_path: Path) -> None:
    events = [task(90000 + n) for n in range(400)]
    broken = Fault(
        "broken_row", value="bad_date", path="getlistjobdagiao", ids=tuple(str(90386 + n) for n in range(14))
    )
    source = {"concurrency": 1, "attempts": 1, "resume_minutes": 0, "task_parts": ("flow",), "task_lists": ("dagiao",)}
    with little(tmp_path, events, at(1), **source) as office:
        office.app.sync("ioffice")
        office.server.knobs.faults = [broken, Fault("error", path="getlistjobdagiao", identity="1001", skip=1, times=1)]
        result = office.at(at(2)).app.sync("ioffice")
        assert (result.error, result.counts.rejected) == (None, 14)


def test_one_task_list_alone_is_not_compared_with_the_job_report(tmp_path: Path) -> None:
    """An honest server; February as supplied would do as well, if read for longer."""
    first, later = at(1, 8).isoformat(), at(12, 8).isoformat()
    received = [["1001", "duocgiao", [str(70000 + n)], "Xử lý chính"] for n in range(3)]
    events = [task(90000 + n, "2022-02-10", (received[n],), at=first, assigned=first) for n in range(3)]
    events += [task(91000 + n, "2022-02-10", at=later, assigned=later) for n in range(2)]
    events += [done(90000, at(3, 10)), done(90001, at(4, 10)), done(90002, at(5, 10)), done(91000, at(13, 9))]
    begins = at(31, month=1)
    with little(tmp_path, events, begins, task_lists=("duocgiao",), max_vanished=1) as office:
        nights = [begins, *(at(day) for day in range(1, 16))]
        outcomes = [str(office.at(night).app.sync("ioffice").outcome) for night in nights]
    assert set(outcomes) == {"ok"}
