"""The database under test: SQLite, or PostgreSQL with ``pytest --database postgresql``.

Tests name a database by the file it would be on SQLite; on PostgreSQL each such name is a database of its own.
"""

from __future__ import annotations

import atexit
import hashlib
import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect

from connector.store import schema
from connector.store.engine import open_engine
from tests.postgresql import Server

kind = "sqlite"
"""Set once, before the first test."""
_made: dict[str, Path] = {}


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


def drop_below(folder: Path) -> None:
    """Databases of a test that is over; a file goes with its folder."""
    for name in [name for name, path in _made.items() if path.is_relative_to(folder)]:
        server().execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        del _made[name]


def _name(path: Path) -> str:
    return "t" + hashlib.sha256(str(path).encode()).hexdigest()[:20]


# -- looking inside ----------------------------------------------------------------------------------------------------


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """What a query finds, in SQLite's words whichever database says it."""
    with engine.connect() as connection:
        found = connection.execution_options(no_parameters=True).exec_driver_sql(query)
        return [tuple(map(plain, row)) for row in found]


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


def table_names(engine: Engine) -> list[str]:
    return inspect(engine).get_table_names()
