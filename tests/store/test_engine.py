"""Opening a database, its schema, and what a unit of work promises."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import InternalError
from sqlmodel import SQLModel

from connector.domain.letters import Letter
from connector.errors import SchemaOutdated, StoreError
from connector.store import schema
from connector.store.engine import is_there, open_engine
from connector.store.unit_of_work import SqlUnitOfWork
from tests import databases

NOW = datetime(2022, 2, 15, 16, 30, tzinfo=UTC)


def test_the_migrations_lead_to_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    assert schema.current(engine) == schema.head()


def test_an_empty_database_is_upgraded_and_a_foreign_one_is_refused(tmp_path: Path) -> None:
    engine = open_engine(databases.address(tmp_path / "new.db"))
    with pytest.raises(SchemaOutdated):
        schema.require_current(engine)
    schema.upgrade(engine)
    schema.require_current(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaOutdated) as caught:
        schema.require_current(engine)
    assert caught.value.fields["found"] == "9999"
    with pytest.raises(SchemaOutdated):
        schema.upgrade(engine)


@pytest.mark.sqlite_only("settings that SQLite forgets with each connection")
def test_the_database_runs_in_wal_with_foreign_keys(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("url", ["not an address", "sqlite:////no/such/folder/x.db", "nodb://x"])
def test_a_database_that_cannot_be_opened_is_a_named_error(url: str) -> None:
    with pytest.raises(StoreError):
        SqlUnitOfWork(open_engine(url)).__enter__()


@pytest.mark.sqlite_only("a database in a file")
def test_a_file_that_is_no_database_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("đây không phải là cơ sở dữ liệu" * 100)
    with pytest.raises(StoreError) as caught:
        schema.current(open_engine(f"sqlite:///{tmp_path / 'x.db'}"))
    assert "not a database" in str(caught.value)


def test_nothing_is_saved_without_commit(uow: SqlUnitOfWork) -> None:
    with uow:
        uow.runs.start("sync", NOW)
    with uow:
        assert uow.runs.last("sync") is None
        uow.runs.start("sync", NOW)
        uow.commit()
    with uow:
        assert uow.runs.last("sync") is not None


def test_two_writers_wait_for_each_other_and_lose_nothing(engine: Engine) -> None:
    def write(name: str) -> None:
        unit = SqlUnitOfWork(engine)
        for number in range(20):
            with unit:
                unit.runs.last("sync")
                unit.outbox.add(_letter(f"{name}:{number}"))
                unit.commit()

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with SqlUnitOfWork(engine) as unit:
        assert unit.outbox.count_by_state() == {"waiting": 80}


def test_a_run_key_is_taken_once_and_given_back_by_a_failure(uow: SqlUnitOfWork) -> None:
    from connector.domain.runs import Outcome, RunCounts

    with uow:
        first = uow.runs.start("report", NOW, key="2022-02")
        assert first is not None
        assert uow.runs.start("report", NOW, key="2022-02") is None
        uow.runs.finish(first, NOW, Outcome.FAILED, RunCounts())
        assert uow.runs.start("report", NOW, key="2022-02") is not None


def test_a_letter_is_queued_once_per_key_and_claimed_by_one(uow: SqlUnitOfWork) -> None:
    from datetime import timedelta

    lease = timedelta(minutes=5)
    with uow:
        pk = uow.outbox.add(_letter("SO_YT:2022-02-15"))
        assert pk is not None
        assert uow.outbox.add(_letter("SO_YT:2022-02-15")) is None
        assert uow.outbox.claim(pk, NOW, lease) is not None
        assert uow.outbox.claim(pk, NOW, lease) is None
        again = uow.outbox.claim(pk, NOW + timedelta(minutes=6), lease)
        assert again is not None
        assert again.attempts == 2


def test_a_letter_without_a_recipient_is_never_queued(uow: SqlUnitOfWork) -> None:
    from dataclasses import replace

    with uow, pytest.raises(ValueError, match="recipient"):
        uow.outbox.add(replace(_letter("x"), recipients=()))


def test_what_others_say_is_kept_whatever_letters_it_holds(uow: SqlUnitOfWork) -> None:
    odd = "trả lời \0 \x01 \u2028 \ud83d\udce7".encode("utf-16", "surrogatepass").decode("utf-16")
    with uow:
        uow.holds.put("mail", NOW, odd)
        uow.memory.put("vnpt", "odd", {"text": odd, "%s": ["\0"]}, NOW)
        uow.commit()
    shown = odd if databases.kind == "sqlite" else odd.replace("\0", "␀")
    with uow:
        assert uow.holds.get("mail") == (NOW, shown)
        assert uow.memory.get("vnpt", "odd") == {"text": odd, "%s": ["\0"]}


def test_without_the_driver_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"connector\[postgresql\]"):
        open_engine("postgresql://connector@/x?host=/nowhere")


@pytest.mark.postgresql_only("its own ways of reading")
def test_a_reader_sees_one_moment_waits_for_nobody_and_cannot_write(engine: Engine, uow: SqlUnitOfWork) -> None:
    reader = open_engine(engine.url.render_as_string(), readonly=True)
    with reader.connect() as connection, uow:
        assert connection.exec_driver_sql("SELECT count(*) FROM run").scalar() == 0
        uow.runs.start("sync", NOW)
        uow.commit()
        assert connection.exec_driver_sql("SELECT count(*) FROM run").scalar() == 0, "the moment it began in"
        with pytest.raises(InternalError, match="read-only"):
            connection.exec_driver_sql("DELETE FROM run")


def _letter(key: str) -> Letter:
    return Letter(key, ("so-yt@donvi.example",), "s", "t", "<p>t</p>", f"<{key}@vp.example>", NOW)


def test_whether_a_database_is_there_is_found_out_without_making_it(tmp_path: Path) -> None:
    path = tmp_path / "connector.db"
    assert not is_there(f"sqlite:///{path}")
    assert list(tmp_path.iterdir()) == []
    path.touch()
    assert not is_there(f"sqlite:///{path}"), "nothing was ever written to it"
    path.write_bytes(b"SQLite format 3\0")
    for url in (f"sqlite:///{path}", "sqlite://", "postgresql+psycopg://host/name", "no address"):
        assert is_there(url), "opening it shows what it is"
