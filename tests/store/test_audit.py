"""The audit log in a real database: it only grows, and what gets around that is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from connector.domain.audit import Action, Deed, verify
from connector.store.checking import check
from connector.store.copying import copy
from connector.store.engine import open_engine
from connector.store.unit_of_work import SqlUnitOfWork
from tests import databases

AT = datetime(2022, 2, 15, 16, 30, 0, 123456, tzinfo=UTC)
CHANGES = ("UPDATE audit SET actor = 'x' WHERE number = 2", "DELETE FROM audit WHERE number = 2", "DELETE FROM audit")
LEFT_OPEN = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgresql": ["ALTER TABLE audit DISABLE TRIGGER audit_only_grows"],
}


@pytest.fixture
def filled(uow: SqlUnitOfWork) -> SqlUnitOfWork:
    """Four entries, some of them with what databases keep in ways of their own."""
    details: tuple[dict[str, Any], ...] = (
        {},
        {"lý do": "chờ \0 \u2028 📧", "số": 3, "không": None},
        {"as": ""},
        {"columns": {"b": 2, "a": 1}},
    )
    for number, detail in enumerate(details):
        with uow:
            uow.audit.add([Deed(AT, "an", Action.ROW_DROPPED, str(number), detail)])
            uow.commit()
    return uow


def broken(uow: SqlUnitOfWork) -> int | None:
    with uow:
        return verify(uow.audit.entries()).broken


def execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for one in statements:
            connection.exec_driver_sql(one)


def test_entries_go_on_behind_each_other_over_many_units_of_work(filled: SqlUnitOfWork) -> None:
    with filled:
        entries = list(filled.audit.entries())
        later = list(filled.audit.entries(AT.replace(second=1)))
    assert [one.number for one in entries] == [1, 2, 3, 4]
    assert [one.before for one in entries[1:]] == [one.hash for one in entries[:-1]]
    assert entries[3].deed.detail == {"columns": {"a": 1, "b": 2}}
    assert (verify(entries).broken, later) == (None, [])


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_or_delete_an_entry(filled: SqlUnitOfWork, engine: Engine, change: str) -> None:
    with pytest.raises(DBAPIError, match="only be added to"):
        execute(engine, change)
    assert databases.rows(engine, "SELECT count(*) FROM audit") == [(4,)]


@pytest.mark.postgresql_only("nowhere else can a table be emptied by one word")
def test_the_database_refuses_to_empty_it(filled: SqlUnitOfWork, engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="only be added to"):
        execute(engine, "TRUNCATE audit")


@pytest.mark.parametrize("change", [*CHANGES[:2], "UPDATE audit SET action = 'x' WHERE number = 2"])
def test_whoever_gets_around_that_is_found_out(filled: SqlUnitOfWork, engine: Engine, change: str) -> None:
    execute(engine, *LEFT_OPEN[databases.kind], change)
    assert broken(filled) == 2
    reader = open_engine(engine.url.render_as_string(), readonly=True)
    assert any("nhật ký thao tác hỏng từ mục 2" in problem for problem in check(reader))
    reader.dispose()


@pytest.mark.sqlite_only("PostgreSQL keeps no moment that is none, and no JSON either")
@pytest.mark.parametrize("change", ["at = 'hôm qua'", "at = 7", "detail = '{'"])
def test_an_entry_made_unreadable_is_named_and_no_crash(filled: SqlUnitOfWork, engine: Engine, change: str) -> None:
    execute(engine, *LEFT_OPEN["sqlite"], f"UPDATE audit SET {change} WHERE number = 3")
    assert broken(filled) == 3


def test_writers_at_the_same_time_make_one_chain(engine: Engine) -> None:
    def write(name: str) -> None:
        unit = SqlUnitOfWork(engine)
        for number in range(10):
            with unit:
                unit.audit.add(Deed(AT, name, Action.ROW_DROPPED, f"{number}-{part}") for part in "ab")
                unit.commit()

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with SqlUnitOfWork(engine) as unit:
        verdict = verify(unit.audit.entries())
    assert (verdict.entries, verdict.broken) == (80, None)


@pytest.fixture
def copied(filled: SqlUnitOfWork, engine: Engine, tmp_path: Path) -> Iterator[Engine]:
    """What came of it by way of the other kind of database, as a backup does."""
    between, back = (
        open_engine(f"sqlite:///{tmp_path / 'between.db'}"),
        open_engine(databases.address(tmp_path / "b.db")),
    )
    for source, target in ((engine, between), (between, back)):
        reader = open_engine(source.url.render_as_string(), readonly=True)
        copy(reader, target)
        reader.dispose()
    yield back
    between.dispose()
    back.dispose()


def test_a_copy_has_the_same_chain_and_goes_on_with_it(filled: SqlUnitOfWork, copied: Engine) -> None:
    there = SqlUnitOfWork(copied)
    with filled, there:
        ours, theirs = verify(filled.audit.entries()), verify(there.audit.entries())
    assert ours == theirs
    with there:
        there.audit.add([Deed(AT, "an", Action.COPIED, "x")])
        there.commit()
    assert broken(there) is None
