"""The service: what is due comes from the runs table; SIGTERM loses nothing; two of them double nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from connector.bootstrap import App
from connector.clock import OFFICE_ZONE, FixedClock
from connector.daemon import Daemon, is_due
from connector.domain.runs import Outcome, RunCounts
from connector.settings import Settings
from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess
from tests import databases
from tests.deployment import Deployment, february, local, servers
from tests.warm import warm

Servers = tuple[StandInProcess, MailCatcher]
EVERY_TWO_HOURS = "30 6-18/2 * * *"
MORNING = "15 7 * * *"


# -- due or not: pure -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crontab", "last", "now", "due"),
    [
        (MORNING, None, "2022-02-15 03:00", True),
        (MORNING, "2022-02-14 07:15", "2022-02-15 07:14", False),
        (MORNING, "2022-02-14 07:15", "2022-02-15 07:15", True),
        (MORNING, "2022-02-15 07:15", "2022-02-15 07:15", False),
        (MORNING, "2022-02-15 07:15", "2022-02-15 23:59", False),
        (MORNING, "2022-02-01 07:15", "2022-02-15 09:00", True),  # asleep for two weeks
        (MORNING, "2021-02-01 07:15", "2022-02-15 09:00", True),  # off for a year
        (EVERY_TWO_HOURS, "2022-02-15 18:30", "2022-02-16 06:29", False),
        (EVERY_TWO_HOURS, "2022-02-15 18:30", "2022-02-16 06:30", True),
        ("*/10 7-17 * * mon-fri", "2022-02-18 17:50", "2022-02-20 12:00", False),  # Sunday
        ("*/10 7-17 * * mon-fri", "2022-02-18 17:50", "2022-02-21 07:00", True),
        ("0 8 1 * *", "2022-02-01 00:00", "2022-02-01 07:59", False),
        ("0 8 1 * *", "2022-02-01 00:00", "2022-02-01 08:00", True),
        (MORNING, "2022-02-16 07:15", "2022-02-15 09:00", False),  # ran "tomorrow": the clock was wrong
    ],
)
def test_a_job_is_due_when_a_moment_of_its_timetable_has_come_since_it_ran(
    crontab: str, last: str | None, now: str, due: bool
) -> None:
    assert is_due(crontab, local(last) if last else None, local(now), OFFICE_ZONE) is due


def test_missed_moments_count_once() -> None:
    last, now = local("2022-02-10 06:30"), local("2022-02-15 09:00")
    assert is_due(EVERY_TWO_HOURS, last, now, OFFICE_ZONE)
    assert not is_due(EVERY_TWO_HOURS, now, now + timedelta(minutes=5), OFFICE_ZONE)


def test_the_timetable_is_in_local_time() -> None:
    before, after = (datetime.fromisoformat(f"2022-02-15T00:{minute}:00+00:00") for minute in (14, 15))
    last = local("2022-02-14 12:00")
    assert not is_due(MORNING, last, before, OFFICE_ZONE)
    assert is_due(MORNING, last, after, OFFICE_ZONE), "07:15 in Vietnam is 00:15 UTC"


# -- weeks of the service on a real runs table, no waiting -----------------------------------------------------------


class Weeks:
    """The service's timetable and its runs table, with a clock that is moved. Its jobs only write down that they ran,
    as ``job name``, moment."""

    def __init__(self, folder: Path, start: str) -> None:
        self.clock = FixedClock(local(start))
        settings = february("http://127.0.0.1:9/qlvb/", 9) | {
            "storage": {"database": databases.address(folder / "connector.db")}
        }
        self.app = App(Settings.model_validate(settings), self.clock)
        self.ran: list[tuple[str, datetime]] = []
        self.full: list[date] = []
        self.outcome = Outcome.OK
        self.daemon = Daemon(self.app)
        self.restart()

    def restart(self) -> None:
        self.daemon = Daemon(self.app)
        for job in self.daemon.jobs:
            job.run = partial(self._note, job.name)

    def _note(self, name: str) -> None:
        kind, _, source = name.partition(":")
        now = self.clock.now()
        with self.app.uow() as uow:
            full = kind == "sync" and self.daemon.wants_full(source, uow, now)
            key = str(self.clock.local_date(now).replace(day=1) - timedelta(days=1))[:7] if kind == "report" else None
            run_id = uow.runs.start(kind, now, source=source, key=key, full=full)
            assert run_id is not None, f"{name} ran twice for {key}"
            uow.runs.finish(run_id, now, self.outcome, RunCounts())
            uow.commit()
        if full:
            self.full.append(self.clock.local_date(now))
        self.ran.append((name, self.clock.moment))

    def live(self, until: str) -> None:
        """Wake every five minutes."""
        while self.clock.moment < local(until):
            self.clock.move_to(self.clock.moment + timedelta(minutes=5))
            for job in self.daemon.jobs:
                self.daemon.attempt(job)

    def times(self, name: str) -> list[str]:
        return [f"{moment:%d %H:%M}" for job, moment in self.ran if job == name]


@pytest.fixture
def weeks(tmp_path: Path) -> Iterator[Callable[[str], Weeks]]:
    made: list[Weeks] = []

    def make(start: str) -> Weeks:
        made.append(Weeks(tmp_path, start))
        return made[-1]

    yield make
    for one in made:
        one.app.store.close()


def test_every_moment_of_the_timetable_is_used_once_also_over_a_restart(weeks: Callable[[str], Weeks]) -> None:
    service = weeks("2022-02-14 06:00")
    service.live("2022-02-15 10:00")
    service.restart()
    service.live("2022-02-16 00:00")
    day = ["06:30", "08:30", "10:30", "12:30", "14:30", "16:30", "18:30", "23:30"]
    assert service.times("sync:ioffice") == ["14 06:05", *(f"14 {one}" for one in day), *(f"15 {one}" for one in day)]
    assert service.times("detect") == ["14 06:05", "14 07:15", "15 07:15"]
    assert service.full == [date(2022, 2, 14), date(2022, 2, 14), date(2022, 2, 15)], "at first, then every night"


def test_nothing_is_found_or_reported_before_there_is_any_data(weeks: Callable[[str], Weeks]) -> None:
    service = weeks("2022-02-14 06:00")
    service.outcome = Outcome.FAILED
    service.live("2022-02-14 07:00")
    assert {name for name, _ in service.ran} == {"sync:ioffice"}


def test_a_machine_that_slept_for_days_does_each_job_once_when_it_wakes(weeks: Callable[[str], Weeks]) -> None:
    service = weeks("2022-02-14 06:00")
    service.live("2022-02-14 12:00")
    before = len(service.ran)
    service.clock.move_to(local("2022-02-17 09:00"))
    service.live("2022-02-17 10:00")
    assert [name for name, _ in service.ran[before:]] == ["sync:ioffice", "detect"]


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_jumps_a_day_and_back_doubles_nothing_and_misses_nothing(
    weeks: Callable[[str], Weeks], days: int
) -> None:
    service = weeks("2022-02-14 06:00")
    service.live("2022-02-16 09:00")
    jump = timedelta(days=days)
    service.clock.move_to(service.clock.moment + jump)
    service.live(f"2022-02-{16 + days} 09:20")
    wrong = len(service.ran)
    service.clock.move_to(service.clock.moment - jump)
    service.live("2022-02-18 12:00")
    right = [moment for name, moment in service.ran[wrong:] if name == "detect"]
    assert [f"{one:%d %H:%M}" for one in right] == ["17 07:15", "18 07:15"], "each true morning once"
    extra = [one for one in service.times("detect") if one.startswith(f"{16 + days} ")]
    assert len(extra) <= 2, "the wrong day ran at most once besides its own time"


def test_the_report_is_due_once_a_month_whatever_is_made_by_hand(weeks: Callable[[str], Weeks]) -> None:
    service = weeks("2022-02-28 06:00")
    service.live("2022-02-28 20:00")
    assert service.times("report") == ["28 06:05"], "January, as nobody had made it yet"
    service.clock.move_to(local("2022-03-01 07:00"))
    with service.app.uow() as uow:  # somebody tries it by hand
        run_id = uow.runs.start("report", service.clock.now())
        assert run_id is not None
        uow.runs.finish(run_id, service.clock.now(), Outcome.OK, RunCounts())
        uow.commit()
    service.live("2022-03-02 12:00")
    service.restart()
    service.live("2022-03-03 12:00")
    assert service.times("report") == ["28 06:05", "01 08:00"]


def test_a_job_that_fails_is_left_alone_for_a_while_and_the_others_go_on(weeks: Callable[[str], Weeks]) -> None:
    service = weeks("2022-02-14 06:00")
    tries: list[datetime] = []

    def broken() -> None:
        tries.append(service.clock.moment)
        raise RuntimeError("a bug of ours")

    (detect,) = [job for job in service.daemon.jobs if job.name == "detect"]
    detect.run = broken
    service.live("2022-02-14 12:00")
    assert len(tries) == 1, "the wait is counted in real seconds, none of which passed"
    assert len(service.times("sync:ioffice")) == 4
    assert detect.failed_at is not None
    detect.failed_at -= detect.retry
    service.live("2022-02-14 12:10")
    assert len(tries) == 2


# -- the real process -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two() -> Iterator[Servers]:
    with servers() as both:
        yield both


class Service:
    """``connector run`` as a process. Ends with the block, at the latest."""

    def __init__(self, office: Deployment, name: str = "run") -> None:
        self.office = office
        self.out = office.folder / f"{name}.txt"
        self.pid = warm().start(
            ["run"], cwd=office.folder, environ=office.environ(), at=office.moment, out=self.out
        )  # fmt: skip
        self.ended = False

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.ended:
            os.kill(self.pid, signal.SIGKILL)
            warm().wait(self.pid)

    def log(self) -> list[dict[str, object]]:
        text = self.out.with_name(self.out.name + ".err").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def until(self, query: str, seconds: float = 40) -> None:
        """Until the query on the database gives something but 0."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(*databases.NOT_YET):
                if self.office.one(query):
                    return
            time.sleep(0.05)
        raise AssertionError(f"{query}: not within {seconds} s\n{self.log()}")

    def stop(self) -> tuple[int | None, float]:
        """SIGTERM; exit code and seconds it took."""
        began = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        code = warm().wait(self.pid, 20)
        self.ended = code is not None
        return code, time.monotonic() - began


@pytest.fixture
def office(two: Servers, tmp_path: Path) -> Deployment:
    return Deployment.of(tmp_path, *two)


def test_a_report_that_failed_is_made_later_and_then_never_again(office: Deployment) -> None:
    office.good("sync")
    blocked = office.folder / "reports"
    blocked.write_text("", encoding="utf-8")
    settings = {**office.settings, "storage": {"database": databases.address(office.database)}}
    app = App(Settings.model_validate(settings), FixedClock(local("2022-03-01 08:00")))
    daemon = Daemon(app)
    job = next(one for one in daemon.jobs if one.name == "report")
    assert daemon.attempt(job) is False
    assert job.failed_at is not None
    assert office.outcomes("report") == ["failed"]
    blocked.unlink()
    assert daemon.attempt(job) is False, "not at once"
    job.failed_at -= job.retry
    assert daemon.attempt(job) is True
    assert daemon.attempt(job) is False
    assert [Daemon(app).attempt(one) for one in Daemon(app).jobs if one.name == "report"] == [False]
    assert office.rows("SELECT key, outcome FROM run WHERE job = 'report'") == [(None, "failed"), ("2022-02", "ok")]
    assert len(list(blocked.glob("bao-cao-2022-02.*"))) == 3
    app.store.close()


def test_the_service_does_its_four_jobs_by_itself_and_writes_json_lines_with_run_ids(office: Deployment) -> None:
    office.at("2022-03-01 07:59:48")  # time enough, also for a slow machine, to read and detect before 08:00
    with Service(office) as service:
        service.until("SELECT count(*) = 2 FROM run WHERE job IN ('report', 'deliver') AND outcome = 'ok'")
        code, seconds = service.stop()
        assert (code, seconds < 5) == (0, True)
        log = service.log()
    assert dict(office.rows("SELECT job, outcome FROM run ORDER BY id")) == dict.fromkeys(
        ("sync", "detect", "deliver", "report"), "ok"
    )
    assert office.one("SELECT count(*) FROM outbox WHERE state = 'sent'") == len(office.mail.messages) > 10
    ((started, key),) = office.rows("SELECT started_at, key FROM run WHERE job = 'report'")
    assert started >= "2022-03-01 01:00:00", "not before 08:00"
    assert key == "2022-02"
    events = [str(entry["event"]) for entry in log]
    assert events[0] == "daemon.started"
    assert events[-1] == "daemon.stopped"
    runs = {str(entry["event"]): entry["run_id"] for entry in log if "run_id" in entry}
    assert {runs[f"{job}.finished"] for job in ("sync", "detect", "deliver")} | {runs["report.made"]} == {1, 2, 3, 4}
    assert not [entry for entry in log if entry["level"] in ("warning", "error")]


@pytest.mark.parametrize("trickle", ["", "getlistjobflow", "login"])
def test_sigterm_in_the_middle_of_a_reading_ends_within_ten_seconds_and_loses_nothing(
    office: Deployment, trickle: str
) -> None:
    chance = random.Random()
    office.at("2022-03-01 06:00")
    if trickle:
        office.fault("trickle", trickle, value="0.5")
    for round_number in range(3 if not trickle else 1):
        with Service(office, f"run-{round_number}") as service:
            service.until("SELECT count(*) FROM run WHERE job = 'sync' AND outcome = 'running'")
            time.sleep(chance.uniform(0, 1))  # the point of the signal, not a wait for anything
            code, seconds = service.stop()
            assert code == 0, service.log()
            assert seconds < 10
        assert databases.is_sound(office.database)
    assert set(office.outcomes()) <= {"interrupted", "running", "ok"}
    office.server.change_knobs(faults=[])
    office.moment = local("2022-03-01 06:10")
    with Service(office, "again") as service:
        service.until("SELECT count(*) FROM run WHERE job = 'sync' AND outcome = 'ok'")
        service.stop()
    assert "running" not in office.outcomes()
    assert office.one("SELECT count(*) FROM task") > 200


def test_a_service_that_was_killed_closes_its_run_as_interrupted_when_it_starts_again(office: Deployment) -> None:
    office.at("2022-03-01 06:00")
    office.fault("slow", "getlistjobflow", value="1")
    with Service(office, "killed") as service:
        service.until("SELECT count(*) FROM run WHERE outcome = 'running'")
    assert office.outcomes() == ["running"]
    office.server.change_knobs(faults=[])
    office.moment = local("2022-03-01 06:01")
    with Service(office, "again") as service:
        service.until("SELECT count(*) FROM run WHERE outcome = 'ok'")
        assert service.stop()[0] == 0
    assert office.outcomes()[:2] == ["interrupted", "ok"]
    assert "daemon.interrupted_runs_closed" in [entry["event"] for entry in service.log()]


def test_two_services_and_a_clerk_at_the_shell_double_no_letter(office: Deployment) -> None:
    office.good("sync")
    office.at("2022-03-01 07:20")
    with Service(office, "one") as one, Service(office, "other") as other:
        office.run("detect")
        one.until("SELECT count(*) FROM run WHERE job = 'detect' AND outcome = 'ok'")  # whoever of the three was first
        office.run("deliver")
        for service in (one, other):
            service.until(
                "SELECT (SELECT count(*) FROM outbox WHERE state = 'sent') > 0"
                " AND (SELECT count(*) FROM outbox WHERE state != 'sent') = 0"
            )
        assert [service.stop()[0] for service in (one, other)] == [0, 0]
    sent = [letter.message["Message-ID"] for letter in office.mail.messages]
    assert len(sent) == len(set(sent)) == office.one("SELECT count(*) FROM outbox") > 10
    assert not [entry for service in (one, other) for entry in service.log() if entry["level"] == "error"]
    keys = office.rows("SELECT rule, subject_id, agency, band, count(*) FROM finding GROUP BY 1, 2, 3, 4")
    assert all(count == 1 for *_, count in keys)
    assert databases.is_sound(office.database)


def test_a_refused_login_is_tried_once_by_the_service_and_told_once(office: Deployment) -> None:
    office.password("ketnoi.vp", "nham")
    before = office.logins()
    for number, moment in enumerate(("2022-03-01 06:00", "2022-03-01 08:35")):
        office.at(moment)
        with Service(office, f"run-{number}") as service:
            service.until(f"SELECT count(*) > {number} FROM run WHERE outcome = 'auth_needed'")
            service.stop()
    assert office.logins() - before == 1
    assert office.outcomes() == ["auth_needed"] * 2
    assert len(office.letters_to("quantri@vp.example")) == 1
