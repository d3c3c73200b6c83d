"""Opening a database: all differences between SQLite and PostgreSQL live here, in ``columns`` and in ``locks``.

Writers queue up, on both: whoever begins a transaction waits until no other is under way, so what was read in it still
holds when it writes, and no update is lost. SQLite does it by ``BEGIN IMMEDIATE`` (the driver's own transactions lose
updates silently), PostgreSQL by an advisory lock that ends with the transaction, however that ends. Readers see one
moment and block nobody.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from connector.errors import StoreError
from connector.store.locks import wait_for_writers

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SESSION = (
    "-c timezone=UTC -c lock_timeout={busy_ms} "
    "-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4"
)
"""The server finds out within a minute, not hours, that a client's machine is gone, and gives its locks free."""


def _json(value: object) -> str:
    """Most lists of most records are empty; an encoder makes itself ready for each value anew."""
    return "[]" if value == [] else "null" if value is None else _encode(value)


def open_engine(url: str, *, busy_timeout: float = 30.0, readonly: bool = False) -> Engine:
    """An engine for writing, or for reading only. ``busy_timeout`` in seconds. Raises StoreError for a bad address
    or a folder that does not exist; connects only when first used."""
    try:
        address = make_url(url)
        if address.get_backend_name() == "postgresql":
            return _postgresql(address, busy_timeout, readonly)
        if address.get_backend_name() == "sqlite":
            return _sqlite(address, busy_timeout, readonly)
    except ImportError as error:
        raise StoreError(
            "psycopg is not installed: pip install 'connector[postgresql]'", database=_masked(url)
        ) from error
    except (ArgumentError, SQLAlchemyError, ValueError) as error:
        raise StoreError(f"cannot use the database address: {type(error).__name__}", database=_masked(url)) from error
    raise StoreError("neither sqlite:/// nor postgresql://", database=_masked(url))


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


def _sqlite(address: URL, busy_timeout: float, readonly: bool) -> Engine:
    database = address.database
    if database and database != ":memory:":
        folder = Path(database).expanduser().resolve().parent
        if not folder.is_dir():
            raise StoreError(f"folder does not exist: {folder}", database=database)
    engine = create_engine(
        address,
        hide_parameters=True,
        json_serializer=_json,
        connect_args={"timeout": busy_timeout, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only = ON" if readonly else "PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
        cursor.close()

    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(address: URL, busy_timeout: float, readonly: bool) -> Engine:
    given = address.query.get("options", ())
    own = [_SESSION.format(busy_ms=int(busy_timeout * 1000)), *([given] if isinstance(given, str) else given)]
    engine = create_engine(
        address.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
        hide_parameters=True,
        json_serializer=_json,
        pool_pre_ping=True,
        connect_args={"options": " ".join(own), "application_name": "connector"},
        isolation_level="REPEATABLE READ" if readonly else "READ COMMITTED",
        execution_options={"postgresql_readonly": readonly},
    )
    event.listen(engine, "before_cursor_execute", _show_nul, retval=True)
    if not readonly:
        event.listen(engine, "begin", wait_for_writers)
    return engine


def _show_nul(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
) -> tuple[str, Any]:
    """PostgreSQL refuses U+0000 in text, and with it the whole transaction. Records have none (``normalise`` makes
    them blanks) and JSON says it in other letters; what is left are words of others, such as a mail server's answer:
    there it is kept as ␀, in sight."""
    return statement, [_shown(one) for one in parameters] if many else _shown(parameters)


def _shown(parameters: Any) -> Any:
    if not any(type(value) is str and "\0" in value for value in parameters.values()):
        return parameters
    return {name: value.replace("\0", "␀") if type(value) is str else value for name, value in parameters.items()}
