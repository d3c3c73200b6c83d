"""The database under test: SQLite, or PostgreSQL with ``pytest --database postgresql``.

Tests name a database by the file it would be on SQLite; on PostgreSQL each such name is a database of its own.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, Pool, event, inspect

from connector.store import schema
from connector.store.engine import open_engine
from tests.postgresql import Server

NOT_YET = (sqlite3.OperationalError, psycopg.errors.UndefinedTable)
kind = "sqlite"
"""Set once, before the first test."""
_made: dict[str, Path] = {}
_open: list[psycopg.Connection[Any]] = []


@cache
def server() -> Server:
    """PostgreSQL, started by the first test that asks for it."""
    started = Server()
    atexit.register(started.stop)
    return started


def address(path: Path) -> str:
    """For the settings: storage.database. There is nothing in it until somebody makes the schema or copies one."""
    if kind == "sqlite":
        return f"sqlite:///{path}"
    name = _name(path)
    if name not in _made:
        server().execute(f'CREATE DATABASE "{name}" STRATEGY FILE_COPY')
        _made[name] = path
    return server().address(name)


def copy(old: Path, new: Path) -> None:
    """The contents of a database that nobody uses at the moment become those of another."""
    if kind == "sqlite":
        new.write_bytes(old.read_bytes())
    else:
        server().copy(_name(old), _name(new))
        _made[_name(new)] = new


def take_over(old: Path, new: Path) -> None:
    """The same of a database that may be in use."""
    if kind == "sqlite":
        with closing(sqlite3.connect(old)) as theirs, closing(sqlite3.connect(new)) as ours:
            theirs.backup(ours)
    else:
        copy(old, new)


def make_empty(path: Path) -> Path:
    """At this program's schema. To be copied by tests: migrating is slow."""
    engine = open_engine(address(path))
    schema.upgrade(engine)
    if kind == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@event.listens_for(Pool, "connect")
def _remember(connection: Any, _record: object) -> None:
    if isinstance(connection, psycopg.Connection):
        _open.append(connection)


def drop_below(folder: Path) -> None:
    """Databases of a test that is over, with the connections it left open; a file goes with its folder."""
    while _open:
        _open.pop().close()
    for name in [name for name, path in _made.items() if path.is_relative_to(folder)]:
        server().execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        del _made[name]


def _name(path: Path) -> str:
    return "t" + hashlib.sha256(str(path).encode()).hexdigest()[:20]


# -- looking inside ----------------------------------------------------------------------------------------------------


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """What a query finds, in SQLite's words whichever database says it."""
    return [tuple(row.values()) for row in mappings(engine, query)]


def mappings(engine: Engine, query: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        found = connection.execution_options(no_parameters=True).exec_driver_sql(query)
        names = list(found.keys())
        return [dict(zip(names, map(plain, row), strict=True)) for row in found]


def look(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """The same from outside, while processes are at work: by no engine of ours. What a statement writes is saved.
    Raises one of ``NOT_YET`` where a database or a table is not there."""
    if kind == "sqlite":
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=30)) as database, database:
            return database.execute(statement).fetchall()
    with psycopg.connect(server().conninfo(_name(path))) as connection:
        cursor = connection.execute(statement.encode())
        return [tuple(map(plain, row)) for row in cursor] if cursor.description else []


def plain(value: Any) -> Any:
    """As SQLite keeps it: moments and days as text, truth as 0 or 1, JSON as it was written."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def is_sound(path: Path) -> bool:
    """Whether the files of the database are whole; PostgreSQL sees to that itself."""
    return kind != "sqlite" or look(path, "PRAGMA integrity_check") == [("ok",)]


def table_names(engine: Engine) -> list[str]:
    return inspect(engine).get_table_names()
