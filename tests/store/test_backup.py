"""Copies from one database to another, backups, and the refusal of what is not whole."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, Table, text
from sqlalchemy.orm import Session

from connector.domain.records import Stream
from connector.domain.runs import Outcome, RunCounts
from connector.errors import BackupBroken, SchemaOutdated, StoreError, StoreNotEmpty
from connector.reconcile.lines import NewLine
from connector.reconcile.payloads import payload_of
from connector.store import schema
from connector.store.backup import backup, drill, restore
from connector.store.checking import check
from connector.store.columns import insert_rows
from connector.store.copying import contents, copy
from connector.store.engine import open_engine
from connector.store.unit_of_work import SqlUnitOfWork
from tests import databases
from tests.builders import at
from tests.jobs.office import Office, office
from tests.store.test_schema import FIRST, literal

NOW = datetime(2022, 2, 15, 16, 30, 0, 123456, tzinfo=UTC)


@contextmanager
def reading(engine: Engine) -> Iterator[Engine]:
    opened = open_engine(engine.url.render_as_string(), readonly=True)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Office]:
    """An office that has read, found and written letters on two nights."""
    path = tmp_path_factory.mktemp("backup") / "connector.db"
    databases.copy(empty_database, path)
    with office(path, at("2022-02-21")) as place:
        for night in ("2022-02-21", "2022-02-22"):
            place.at(at(night)).app.sync("ioffice")
            place.app.detect()
        yield place


@pytest.fixture
def saved(read_once: Office, tmp_path: Path) -> Path:
    with reading(read_once.engine) as source:
        backup(source, tmp_path / "saved.db")
    return tmp_path / "saved.db"


def test_a_backup_restored_holds_what_the_office_held_row_by_row(
    read_once: Office, saved: Path, tmp_path: Path
) -> None:
    target = open_engine(databases.address(tmp_path / "restored.db"))
    copied = restore(saved, target)
    with reading(read_once.engine) as one, reading(target) as two, one.connect() as old, two.connect() as new:
        assert contents(old) == contents(new) == copied
        assert sum(one.rows for one in copied.values()) > 1000
        assert check(two) == []
    with SqlUnitOfWork(target) as uow, read_once.app.uow() as ours:
        assert uow.tasks.histories() == ours.tasks.histories()
        assert uow.documents.histories() == ours.documents.histories()
        assert uow.findings.all() == ours.findings.all()
    target.dispose()


def test_after_a_restore_new_rows_get_new_numbers(saved: Path, tmp_path: Path) -> None:
    target = open_engine(databases.address(tmp_path / "restored.db"))
    restore(saved, target)
    with SqlUnitOfWork(target) as uow:
        newest = uow.runs.recent(1)[0].id
        assert uow.runs.start("detect", NOW) == newest + 1
    target.dispose()


def test_every_kind_of_value_arrives_as_it_was(uow: SqlUnitOfWork, engine: Engine, tmp_path: Path) -> None:
    stream = Stream("vnpt", "a", "1001", "duocgiao")
    with uow:
        uow.raw.keep([payload_of({"Tên": "Đường\0 \u2028", "số": 1.5, "không": None})], NOW)
        uow.sightings.save(stream, [NewLine(("1", ""), "f", "h", "LEAD", NOW)], 1)
        uow.memory.put("vnpt", "x", {"a": [1, None, "ế"], "b": {"c": False}}, NOW)
        run_id = uow.runs.start("report", NOW, key="2022-02")
        assert run_id is not None
        uow.runs.finish(run_id, NOW, Outcome.OK, RunCounts(1, 2), detail={"%(x)s": "100 %"})
        uow.commit()
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    back = open_engine(databases.address(tmp_path / "back.db"))
    with reading(engine) as source:
        there = copy(source, other)
    with reading(other) as source:
        assert copy(source, back) == there
    with SqlUnitOfWork(back) as found, uow:
        assert found.runs.recent() == uow.runs.recent()
        assert found.memory.get("vnpt", "x") == uow.memory.get("vnpt", "x")
    for one in (other, back):
        one.dispose()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE hold SET since = '2022-02-15 16:30:00.123457'", "UPDATE hold SET reason = 'Chờ'",
        "UPDATE run SET detail = '[2, 1]'", 'UPDATE run SET "full" = TRUE', "UPDATE run SET error = 'x'",
        "UPDATE report SET as_of = '2022-02-27'", "DELETE FROM hold WHERE name = 'a'",
    ],
)  # fmt: skip
def test_any_difference_changes_the_hash_of_its_table(uow: SqlUnitOfWork, engine: Engine, change: str) -> None:
    with uow:
        run_id = uow.runs.start("report", NOW)
        assert run_id is not None
        uow.runs.finish(run_id, NOW, Outcome.OK, RunCounts(), detail={"a": [1, 2]})
        uow.reports.keep("2022-02", date(2022, 2, 28), NOW, {}, {})
        for name in "ab":
            uow.holds.put(name, NOW, "chờ")
        uow.commit()
    with engine.begin() as connection:
        before = contents(connection)
        connection.exec_driver_sql(change)
        after = contents(connection)
    assert [name for name, found in after.items() if found != before[name]] == [change.replace("FROM ", "").split()[1]]


def test_nothing_is_copied_over_what_is_there(read_once: Office, engine: Engine, uow: SqlUnitOfWork) -> None:
    with uow:
        uow.holds.put("vnpt", NOW, "chờ")
        uow.commit()
    with reading(read_once.engine) as source, pytest.raises(StoreNotEmpty, match="hold"):
        copy(source, engine)
    with uow:
        assert (uow.holds.all(), uow.runs.recent()) == ([("vnpt", NOW, "chờ")], [])


def test_a_copy_that_differs_is_not_kept(
    read_once: Office, engine: Engine, uow: SqlUnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(session: Session, table: Table, rows: list[dict[str, object]]) -> None:
        if table.name == "task_version":
            rows = [{**row, "name": ""} for row in rows]
        insert_rows(session, table, rows)

    monkeypatch.setattr("connector.store.copying.insert_rows", forgetful)
    with (
        reading(read_once.engine) as source,
        pytest.raises(StoreError, match="not the same after copying: task_version"),
    ):
        copy(source, engine)
    with uow:
        assert uow.runs.recent() == []


def test_a_backup_is_of_one_moment_while_others_write(engine: Engine, uow: SqlUnitOfWork, tmp_path: Path) -> None:
    with reading(engine) as source, source.connect() as connection:
        before = contents(connection)
        with uow:
            uow.runs.start("sync", NOW)
            uow.commit()
        assert contents(connection) == before
    with reading(engine) as source:
        assert backup(source, tmp_path / "saved.db")["run"].rows == 1


def test_a_backup_is_not_written_over_another(read_once: Office, saved: Path) -> None:
    before = saved.read_bytes()
    with reading(read_once.engine) as source, pytest.raises(StoreError, match="exists"):
        backup(source, saved)
    assert saved.read_bytes() == before
    assert sorted(path.name for path in saved.parent.glob("saved*")) == ["saved.db", "saved.db.sha256"]


def test_a_drill_restores_a_backup_and_leaves_it_as_it_was(read_once: Office, saved: Path) -> None:
    before = saved.read_bytes()
    saved.chmod(0o400)
    copied, problems = drill(saved)
    assert problems == []
    with reading(read_once.engine) as source, source.connect() as connection:
        assert contents(connection) == copied
    assert saved.read_bytes() == before


def name(file: Path) -> None:
    """A checksum to go with whatever the file holds."""
    file.with_name(file.name + ".sha256").write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n")


def test_a_changed_byte_a_missing_checksum_and_a_cut_file_are_refused(saved: Path, engine: Engine) -> None:
    content = saved.read_bytes()
    saved.write_bytes(content[:-100] + b"\x00" * 100)
    with pytest.raises(BackupBroken, match="không khớp"):
        restore(saved, engine)
    saved.write_bytes(content[: len(content) // 2])
    name(saved)
    with pytest.raises(BackupBroken):
        restore(saved, engine)
    saved.write_bytes(content)
    saved.with_name("saved.db.sha256").unlink()
    with pytest.raises(BackupBroken, match="không đọc được"):
        restore(saved, engine)
    with SqlUnitOfWork(engine) as uow:
        assert uow.runs.recent() == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" * 100, b"SQLite format 3\x00" + b"\x01" * 4000])
def test_what_is_no_backup_is_refused(tmp_path: Path, engine: Engine, content: bytes) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(content)
    name(file)
    with pytest.raises(BackupBroken):
        restore(file, engine)


def test_a_backup_of_an_older_program_is_brought_up_to_date_on_the_way(tmp_path: Path, engine: Engine) -> None:
    file = tmp_path / "old.db"
    older = open_engine(f"sqlite:///{file}")
    command.upgrade(schema._config(older), "0001")
    with older.begin() as connection:
        for table, rows in FIRST.items():
            for row in rows:
                values = ", ".join(map(literal, row.values()))
                connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})")
    older.dispose()
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    name(file)
    restore(file, engine)
    with SqlUnitOfWork(engine) as uow:
        assert [task.task_id for task in uow.tasks.histories()] == ["90001"]


def test_a_backup_of_a_newer_program_is_refused(saved: Path, tmp_path: Path, engine: Engine) -> None:
    with closing(sqlite3.connect(saved)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    name(saved)
    with pytest.raises(SchemaOutdated, match="9999"):
        restore(saved, engine)


def test_a_check_finds_gaps_lost_records_and_changed_answers(engine: Engine, saved: Path) -> None:
    restore(saved, engine)
    with reading(engine) as source:
        assert check(source) == []
    with engine.begin() as connection:
        connection.execute(text("UPDATE payload SET body = '{}' WHERE hash = (SELECT min(hash) FROM payload)"))
        first = "SELECT min(task_id) FROM task_version WHERE until IS NOT NULL"
        connection.execute(
            text(f"UPDATE task_version SET until = '2022-01-01' WHERE until IS NOT NULL AND task_id = ({first})")
        )
        connection.execute(text("UPDATE document_version SET until = '2030-01-01' WHERE id = 1 AND until IS NULL"))
    with reading(engine) as source:
        found = check(source)
    assert [one.split(" ", 1)[1] for one in found] == [
        "phiên bản task hở hoặc chồng thời gian", "bản ghi document không có phiên bản hiện hành",
        "phiên bản document hở hoặc chồng thời gian", "câu trả lời của nguồn không đúng với mã băm",
    ]  # fmt: skip
