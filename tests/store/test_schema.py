"""From one schema to the next and back: nothing that an office has read is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from connector.domain.records import Stream
from connector.domain.requests import ListRequest
from connector.domain.status import Status
from connector.errors import StoreError
from connector.reconcile.lines import NewLine
from connector.store import schema
from connector.store.engine import open_engine
from connector.store.unit_of_work import SqlUnitOfWork
from tests import databases
from tests.builders import at

NIGHT = "2022-02-14 16:30:00.000000"
TASK = {
    "id": 1, "source": "vnpt", "source_id": "90001", "first_seen_at": NIGHT, "last_seen_at": NIGHT,
    "list_digest": "d", "detail_read_at": NIGHT, "flow_read_at": NIGHT, "lines_read_at": NIGHT, "last_run_id": 1,
}  # fmt: skip
VERSION = {
    "id": 1, "task_id": 1, "observed_at": NIGHT, "run_id": 1, "payload_hashes": '["h"]', "name": "Tham mưu báo cáo",
    "assigner": "UBND tỉnh", "lead": "Sở Y tế", "status": "DONE", "status_label": "Đã hoàn thành",
    "assigned_on": "2022-02-10", "due_on": "2022-02-18", "priority": "Khẩn", "urged": True, "evaluation": "",
    "evaluation_note": "", "content": "Công văn số 41/UBND-KT", "files": '["a.docx"]', "lines": None, "present": True,
}  # fmt: skip
DOCUMENT = {
    "id": 1, "source": "vnpt", "source_id": "450001", "first_seen_at": NIGHT, "last_seen_at": NIGHT,
    "identity": "1001", "account": "ketnoi.mau", "list": "DI_DA_PHAT_HANH", "log_read_at": NIGHT,
}  # fmt: skip
DOCUMENT_VERSION = {
    "id": 1, "document_id": 1, "observed_at": NIGHT, "run_id": 1, "payload_hashes": "[]", "notation": "41/UBND-KT",
    "issued_on": "2022-02-10", "issuer": "UBND tỉnh", "subject": "V/v báo cáo", "urgency": "Khẩn", "outgoing": True,
    "secret": False, "present": True,
}  # fmt: skip
SIGHTINGS: list[dict[str, Any]] = [
    {
        "source": "vnpt", "identity": "1001", "list": "duocgiao", "task_id": "90001", "line_id": line,
        "account": "ketnoi.mau", "role": "LEAD", "payload_hash": "h", "first_seen_at": NIGHT, "last_seen_at": NIGHT,
        "gone_at": gone,
    }
    for line, gone in (("31", None), ("32", NIGHT))
]  # fmt: skip
FIRST = {"task": [TASK], "task_version": [VERSION], "document": [DOCUMENT], "document_version": [DOCUMENT_VERSION],
         "sighting": SIGHTINGS, "payload": [{"hash": "h", "body": "{}", "first_seen_at": NIGHT}]}  # fmt: skip


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Engine]:
    """A database at the first schema, with what an office had read into it."""
    engine = open_engine(databases.address(tmp_path / "old.db"))
    command.upgrade(schema._config(engine), "0001")
    with engine.begin() as connection:
        for table, rows in FIRST.items():
            for row in rows:
                values = ", ".join(map(literal, row.values()))
                connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})")
    yield engine
    engine.dispose()


def literal(value: object) -> str:
    """As SQL says it; of whatever type the column is."""
    return "NULL" if value is None else str(value).upper() if isinstance(value, bool | int) else f"'{value}'"


def contents(engine: Engine, *tables: str) -> dict[str, list[dict[str, Any]]]:
    return {table: sorted(databases.mappings(engine, f"SELECT * FROM {table}"), key=repr) for table in tables}


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def test_every_version_of_the_schema_leads_to_the_next_without_a_gap(tmp_path: Path) -> None:
    from alembic.script import ScriptDirectory

    steps = list(ScriptDirectory.from_config(schema._config(open_engine("sqlite://"))).walk_revisions())
    assert [(step.revision, step.down_revision) for step in steps][-2:] == [("0002", "0001"), ("0001", None)]
    assert steps[0].revision == schema.head()
    assert all(not step.branch_labels and not step.is_merge_point for step in steps)


def test_upgrading_keeps_what_was_read_and_ends_at_exactly_the_tables_of_the_code(old: Engine) -> None:
    before = contents(old, *FIRST)
    schema.upgrade(old)
    schema.require_current(old)
    assert differences(old) == []
    after = contents(old, *FIRST)
    for table in ("task", "task_version", "document", "document_version", "payload"):
        assert len(after[table]) == len(before[table])
        for was, now in zip(before[table], after[table], strict=True):
            assert {name: now[name] for name in was} == was
    with SqlUnitOfWork(old) as uow:
        (task,) = uow.tasks.histories()
        (document,) = uow.documents.histories()
        known = uow.tasks.known("vnpt", ["90001"])["90001"]
    assert (task.versions[0].state.status, task.versions[0].state.files) == (Status.DONE, ("a.docx",))
    assert task.versions[0].state.children is None, "not read yet, which is not the same as none"
    assert (document.state.notation, document.state.files, document.state.due_on) == ("41/UBND-KT", None, None)
    assert (known.read_run_id, known.authoritative) == (None, True)
    assert known.read == {"detail", "flow", "processors"}


def test_the_lines_of_an_old_database_are_read_anew_and_none_is_gone_by_it(old: Engine) -> None:
    schema.upgrade(old)
    rows = contents(old, "sighting")["sighting"]
    assert [(row["record_id"], row["line_id"], row["kind"], row["role"], row["gone_at"]) for row in rows] == [
        ("90001", "31", "task", "LEAD", None), ("90001", "32", "task", "LEAD", NIGHT),
    ]  # fmt: skip
    stream = Stream("vnpt", "ketnoi.mau", "1001", "duocgiao")
    with SqlUnitOfWork(old) as uow:
        assert uow.sightings.list_request(stream, 2, prove=False, since=at("2022-02-14")) == ListRequest(stream)
        known = uow.sightings.begin(ListRequest(stream), 2)
        assert uow.sightings.seen("vnpt", "task", 2, "", 10) == []
        uow.sightings.save(stream, [NewLine(("90001", "31"), "f", "h", "LEAD", at("2022-02-15"))], 2)
        uow.sightings.finish(stream, 2, known, at("2022-02-15"))
        (one,) = uow.sightings.seen("vnpt", "task", 2, "", 10)
        uow.commit()
    assert (one.pending, one.lost) == (True, False)
    assert [str(row["first_seen_at"]) for row in contents(old, "sighting")["sighting"]] == [NIGHT, NIGHT]


def test_an_upgrade_can_be_taken_back_and_made_again(old: Engine) -> None:
    before = contents(old, *FIRST)
    schema.upgrade(old)
    with SqlUnitOfWork(old) as uow:
        stream = Stream("vnpt", "ketnoi.mau", "1001", "DI_DA_PHAT_HANH")
        uow.sightings.save(stream, [NewLine(("450001", ""), "f", "h", "", at("2022-02-15"))], 2)
        uow.memory.put("vnpt", "notices", {"1001": "1"}, at("2022-02-15"))
        uow.commit()
    command.downgrade(schema._config(old), "0001")
    assert schema.current(old) == "0001"
    back = contents(old, *FIRST)
    assert back == {**before, "sighting": [{**row, "payload_hash": ""} for row in before["sighting"]]}, (
        "all but the payloads' names, which the lines had lost on the way up"
    )
    schema.upgrade(old)
    assert differences(old) == []
    assert [row["line_id"] for row in contents(old, "sighting")["sighting"]] == ["31", "32"]


def test_the_whole_way_down_leaves_nothing_behind(old: Engine) -> None:
    schema.upgrade(old)
    command.downgrade(schema._config(old), "base")
    assert databases.table_names(old) == ["alembic_version"]


@pytest.mark.sqlite_only("only there are foreign keys switched off meanwhile")
def test_foreign_keys_are_on_again_after_an_upgrade(old: Engine) -> None:
    schema.upgrade(old)
    with old.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    with old.connect() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql("DELETE FROM task")


@pytest.mark.sqlite_only("only there can foreign keys be switched off")
def test_a_database_whose_rows_point_nowhere_is_not_upgraded_and_stays_as_it_was(old: Engine) -> None:
    with old.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute("DELETE FROM task")
        driver.execute("PRAGMA foreign_keys = ON")
    before = contents(old, *FIRST)
    with pytest.raises(StoreError, match="broken references"):
        schema.upgrade(old)
    assert schema.current(old) == "0001"
    assert contents(old, *FIRST) == before
