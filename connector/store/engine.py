"""Opening a database: all differences between SQLite and PostgreSQL live here.

SQLite runs in WAL with foreign keys on. Transactions are begun by us: writers with ``BEGIN IMMEDIATE``, so that two
of them queue up instead of losing updates (the driver's own transactions lose them silently); readers with a plain
``BEGIN``, which sees one moment and blocks nobody.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from connector.errors import StoreError

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json(value: object) -> str:
    """Most lists of most records are empty; an encoder makes itself ready for each value anew."""
    return "[]" if value == [] else "null" if value is None else _encode(value)


def open_engine(url: str, *, busy_timeout: float = 30.0, readonly: bool = False) -> Engine:
    """An engine for writing, or for reading only. ``busy_timeout`` in seconds. Raises StoreError for a bad address
    or a folder that does not exist; connects only when first used."""
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            return _sqlite(url, busy_timeout, readonly)
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, json_serializer=_json)
    except (ArgumentError, SQLAlchemyError, ImportError, ValueError) as error:
        raise StoreError(f"cannot use the database address: {type(error).__name__}", database=_masked(url)) from error


def is_there(url: str) -> bool:
    """False for an SQLite file that nobody has made yet: looking into it would make it."""
    try:
        address = make_url(url)
    except ArgumentError:
        return True  # opening it will say what is wrong
    if address.get_backend_name() != "sqlite" or not address.database or address.database.startswith((":", "file:")):
        return True
    path = Path(address.database)
    return path.exists() and path.stat().st_size > 0


def _masked(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(unreadable)"


def _sqlite(url: str, busy_timeout: float, readonly: bool) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        folder = Path(database).expanduser().resolve().parent
        if not folder.is_dir():
            raise StoreError(f"folder does not exist: {folder}", database=database)
    engine = create_engine(
        url,
        hide_parameters=True,
        json_serializer=_json,
        connect_args={"timeout": busy_timeout, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
        cursor.close()

    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
