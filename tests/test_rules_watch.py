"""A changed file of rules: taken up by the service, or told and without effect (F38)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.bootstrap import App
from connector.bootstrap_rules import HOLD
from connector.clock import FixedClock
from connector.daemon import Daemon, Job
from connector.errors import SettingsError
from connector.settings import Settings
from tests.builders import at

RECEIVE = "PV01_RECEIVE_LATE"
LENIENT = f"[{RECEIVE}.thresholds]\nworking_days = 3\n"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    file = tmp_path / "rules.toml"
    file.write_text(LENIENT, encoding="utf-8")
    settings = {"storage": {"database": f"sqlite:///{tmp_path / 'connector.db'}"}, "rules": {"file": str(file)}}
    one = App(Settings.model_validate(settings), FixedClock(at("2022-02-21")))
    yield one
    one.store.close()


def rewrite(app: App, text: str) -> None:
    assert app.settings.rules.file is not None
    app.settings.rules.file.write_text(text, encoding="utf-8")


def watching(daemon: Daemon) -> Job:
    (job,) = (job for job in daemon.jobs if job.name == "rules")
    return job


def days(app: App) -> int:
    return app.policy.rules[RECEIVE].limit("working_days")


def holds(app: App) -> dict[str, str]:
    return {name: reason for name, _, reason in app.overview().holds}


def test_a_file_that_breaks_leaves_the_running_rules_in_force_and_is_told(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = Daemon(app)
    job = watching(daemon)
    assert daemon.attempt(job) is True
    assert (days(app), holds(app)) == (3, {})
    rewrite(app, f"[{RECEIVE}.thresholds]\nworking_dais = 2\n")
    assert daemon.attempt(job) is False
    assert days(app) == 3
    assert (
        f"rules.toml:2: {RECEIVE}.thresholds.working_dais: không có khóa này; tên gần nhất: working_days"
        in (holds(app)[HOLD])
    )
    assert app.overview().healthy is False
    printed = capsys.readouterr()
    assert "daemon.job_failed" in printed.out + printed.err
    assert daemon.attempt(job) is False, "it is not tried again before the file changes"


def test_a_file_that_is_mended_is_taken_up_and_the_hold_is_lifted(app: App) -> None:
    daemon = Daemon(app)
    job = watching(daemon)
    daemon.attempt(job)
    rewrite(app, "[")
    daemon.attempt(job)
    assert HOLD in holds(app)
    rewrite(app, f"[{RECEIVE}.thresholds]\nworking_days = 5\n")
    assert daemon.attempt(job) is True
    assert (days(app), holds(app)) == (5, {})


def test_a_file_that_vanishes_changes_no_rule(app: App) -> None:
    daemon = Daemon(app)
    daemon.attempt(watching(daemon))
    assert app.settings.rules.file is not None
    app.settings.rules.file.unlink()
    daemon.attempt(watching(daemon))
    assert days(app) == 3
    assert "không đọc được tệp" in holds(app)[HOLD]


def test_a_hold_of_an_earlier_service_ends_when_a_new_one_reads_the_file(app: App) -> None:
    with app.uow() as uow:
        uow.holds.put(HOLD, app.clock.now(), "hỏng")
        uow.commit()
    daemon = Daemon(app)
    daemon.attempt(watching(daemon))
    assert holds(app) == {}


def test_no_service_begins_with_rules_it_cannot_read(app: App) -> None:
    rewrite(app, "[PV99]")
    with pytest.raises(SettingsError, match="PV99"):
        Daemon(app)


def test_without_a_file_there_is_nothing_to_watch(app: App) -> None:
    plain = App(Settings.model_validate({"storage": {"database": app.settings.storage.database}}), app.clock)
    assert [job.name for job in Daemon(plain).jobs if job.name == "rules"] == []
