"""``connector audit …`` as an auditor meets it: real processes, a real database."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.deployment import Deployment, servers
from tests.store.test_audit import LEFT_OPEN


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """It has read and found, and somebody has decided on a finding."""
    with servers() as two:
        one = Deployment.of(tmp_path_factory.mktemp("office"), *two)
        one.good("sync")
        one.good("detect")
        one.good("findings", "ack", "1", "--reason", "đã gọi điện")
        one.at("2022-03-02 08:00")
        one.good("findings", "ack", "2", "--by", "Nguyễn Văn Mẫu")
        yield one


def test_who_did_what_is_listed_and_told_to_be_whole(office: Deployment) -> None:
    entries = office.good("audit", "list", "--json").json
    first, second = entries[-2:]
    assert (first["actor"], first["action"], first["subject"]) == (getpass.getuser(), "finding.acknowledged", "1")
    assert first["detail"]["reason"] == "đã gọi điện"
    assert (second["actor"], second["before"]) == ("Nguyễn Văn Mẫu", first["hash"])
    (later,) = office.good("audit", "list", "--since", "2022-03-02").out.splitlines()
    assert "Nguyễn Văn Mẫu: ghi nhận phát hiện 2 (quy tắc " in later
    verdict = office.good("audit", "verify", "--known", first["hash"], "--json").json
    assert verdict == {"entries": len(entries), "hash": second["hash"], "broken": None, "why": ""}


def test_a_restored_database_has_the_entries_of_the_backup_and_who_restored_it(office: Deployment) -> None:
    office.good("db", "backup", "saved.db")
    before = office.good("audit", "list", "--json").json
    other = office.folder / "other.db"
    settings = dict(office.settings)
    try:
        office.settings["storage"] = {"database": databases.address(other)}
        office.write()
        office.good("db", "restore", "saved.db")
        after = office.good("audit", "list", "--json").json
        assert after[:-1] == before
        assert (after[-1]["action"], after[-1]["subject"]) == ("db.restored", "saved.db")
        office.good("audit", "verify", "--known", before[-1]["hash"])
    finally:
        office.settings = settings
        office.write()


def test_a_changed_entry_is_named_with_the_code_of_bad_data(office: Deployment, tmp_path: Path) -> None:
    other = Deployment.of(tmp_path, office.server, office.mail)
    other.take_over(office)
    for statement in LEFT_OPEN[databases.kind]:
        other.write_rows(statement)
    other.write_rows("UPDATE audit SET actor = 'ai đó' WHERE number = 3")
    done = other.run("audit", "verify", "--json")
    assert done.code == 65
    assert (done.json["entries"], done.json["broken"]) == (2, 3)
    assert "không còn nguyên vẹn từ mục 3: nội dung của mục này đã bị sửa" in done.said
    assert other.run("audit", "verify", "--known", "0" * 64).code == 65
    assert other.run("db", "check").code == 78
