"""All rows of one database → another, SQLite or PostgreSQL, and the proof that they arrived."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Integer, Row, Table, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from connector.errors import StoreError, StoreNotEmpty
from connector.store import schema, tables, tables_audit, tables_imports, tables_lists  # noqa: F401  register the tables
from connector.store.columns import insert_rows

_AT_ONCE = 1000


class Contents(NamedTuple):
    """Of one table: how many rows, and the sum of their hashes, whatever their order (databases sort text by rules of
    their own) and whichever database keeps them."""

    rows: int
    digest: str

    def and_(self, more: Sequence[Row[Any]]) -> Contents:
        hashes = (hashlib.sha256(_said(row).encode()).digest() for row in more)
        digest = sum((int.from_bytes(one, "big") for one in hashes), int(self.digest, 16)) % (1 << 256)
        return Contents(self.rows + len(more), f"{digest:064x}")


EMPTY = Contents(0, f"{0:064x}")


def contents(connection: Connection) -> dict[str, Contents]:
    """Every table of the schema, by name; in one transaction: of one moment."""
    return {table.name: _contents(connection, table) for table in SQLModel.metadata.sorted_tables}


def copy(source: Engine, target: Engine) -> dict[str, Contents]:
    """Everything ``source`` holds at one moment, into an empty ``target``, which gets the schema first. Counts and
    hashes of both are compared before anything is saved. ``source``: opened read-only, so that nobody waits.

    Raises SchemaOutdated if the source is not at this program's schema, StoreNotEmpty, StoreError.
    """
    schema.require_current(source)
    if schema.current(target) is None:
        schema.upgrade(target)
    schema.require_current(target)
    try:
        with source.connect() as old, Session(target) as session:
            new = session.connection()
            filled = [table.name for table in SQLModel.metadata.sorted_tables if _count(new, table)]
            if filled:
                raise StoreNotEmpty(f"rows in {', '.join(filled)}", database=_address(target))
            before: dict[str, Contents] = {}
            for table in SQLModel.metadata.sorted_tables:
                before[table.name] = EMPTY
                for some in _batches(old, table):
                    insert_rows(session, table, [row._asdict() for row in some])
                    before[table.name] = before[table.name].and_(some)
                _go_on_counting(new, table)
            after = contents(new)
            if different := [name for name, found in before.items() if found != after[name]]:
                raise StoreError(f"not the same after copying: {', '.join(different)}", database=_address(target))
            session.commit()
    except SQLAlchemyError as error:
        raise StoreError(str(getattr(error, "orig", None) or error), database=_address(target)) from error
    return after


def _contents(connection: Connection, table: Table) -> Contents:
    found = EMPTY
    for some in _batches(connection, table):
        found = found.and_(some)
    return found


def _moment_or_day(value: date) -> str:
    return value.isoformat()


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_moment_or_day).encode


def _said(row: Row[Any]) -> str:
    """The same from either database: moments come as UTC, and PostgreSQL shows a NUL in text as ␀."""
    return _encode(tuple(row)).replace("\\u0000", "␀")


def _batches(connection: Connection, table: Table) -> Iterator[list[Row[Any]]]:
    rows = iter(connection.execute(select(table).execution_options(yield_per=_AT_ONCE)))
    while some := list(islice(rows, _AT_ONCE)):
        yield some


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _go_on_counting(connection: Connection, table: Table) -> None:
    """New rows get numbers behind the copied ones. SQLite looks for itself."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None and isinstance(column.type, Integer):
        highest = connection.scalar(select(func.max(column)))
        if highest is not None:
            sequence = text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)")
            connection.execute(sequence, {"table": table.name, "column": column.name, "highest": highest})


def _address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
