"""``connector db …`` as an operator meets it: real processes, a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess
from tests import databases
from tests.deployment import Deployment, servers

Servers = tuple[StandInProcess, MailCatcher]


@pytest.fixture(scope="module")
def two() -> Iterator[Servers]:
    with servers() as both:
        yield both


@pytest.fixture
def office(two: Servers, tmp_path: Path) -> Deployment:
    """It has read once."""
    one = Deployment.of(tmp_path, *two)
    one.good("sync")
    return one


def elsewhere(office: Deployment) -> Path:
    """From now on the settings name a database that holds nothing."""
    path = office.folder / "other.db"
    office.settings["storage"] = {"database": databases.address(path)}
    office.write()
    return path


def test_a_backup_is_made_proved_and_restored(office: Deployment) -> None:
    done = office.good("db", "backup", "saved.db", "--json").json
    tasks = office.one("SELECT count(*) FROM task")
    assert (done["file"], done["tables"]["task"]["rows"]) == ("saved.db", tasks)
    assert tasks > 100
    drilled = office.good("db", "drill", "saved.db", "--json").json
    assert drilled == {"problems": [], "tables": done["tables"]}
    path = elsewhere(office)
    assert f"  task: {tasks}" in office.good("db", "restore", "saved.db").out.splitlines()
    assert databases.look(path, "SELECT count(*) FROM task") == [(tasks,)]
    assert office.good("sync", "--json").json[0]["inserted"] == 0, "nothing is new to what was restored"


def test_a_backup_is_named_by_its_moment_in_a_folder(office: Deployment) -> None:
    office.good("db", "backup", ".")
    assert len(list(office.folder.glob("connector-20220228-2330??.db"))) == 1


def test_a_drill_without_a_file_leaves_nothing_behind(office: Deployment) -> None:
    before = sorted(office.folder.iterdir())
    assert "Cơ sở dữ liệu nguyên vẹn." in office.good("db", "drill").out
    assert [one for one in sorted(office.folder.iterdir()) if one not in before] == []


def test_a_broken_backup_and_a_database_that_is_in_use_are_refused_in_words(office: Deployment) -> None:
    office.good("db", "backup", "saved.db")
    refused = office.run("db", "restore", "saved.db")
    assert refused.code == 78
    assert "đã có dữ liệu; chưa có gì bị thay đổi" in refused.said
    with (office.folder / "saved.db").open("r+b") as file:
        file.seek(20_000)
        file.write(b"\xff" * 100)
    elsewhere(office)
    broken = office.run("db", "restore", "saved.db")
    assert broken.code == 65
    assert "nội dung không khớp saved.db.sha256" in broken.said


def test_a_database_is_copied_and_the_service_goes_on_with_the_copy(office: Deployment) -> None:
    office.good("detect")
    counts = office.counts()
    other = office.folder / "moved.db"
    copied = office.good("db", "copy", databases.address(other), "--json").json["tables"]
    assert {name: one["rows"] for name, one in copied.items() if name in counts} == counts
    office.settings["storage"] = {"database": databases.address(other)}
    office.write()
    again = office.good("detect", "--json").json
    assert (again["opened"], again["letters"]) == (0, 0)


def test_a_check_tells_what_is_wrong_and_fails(office: Deployment) -> None:
    assert office.good("db", "check", "--json").json == {"problems": [], "tables": {}}
    office.write_rows("UPDATE task_version SET until = observed_at WHERE id = 1")
    found = office.run("db", "check")
    assert found.code == 78
    assert "1 bản ghi task không có phiên bản hiện hành" in found.out
