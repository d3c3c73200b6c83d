"""Small helpers of the store: tables of SQLModel classes, upserts, chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Date, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

CHUNK = 500
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model: bulk reads and writes go through Core, ten times faster than objects."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Lists of at most CHUNK values; databases limit the number of parameters."""
    iterator = iter(values)
    while some := list(islice(iterator, CHUNK)):
        yield some


def upsert(
    session: Session,
    target: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    overwrite: Sequence[str] = (),
) -> None:
    """Insert rows; where the key exists, overwrite only the named columns (none: leave the row alone). All rows have
    the same columns, those with a default among them."""
    dialect = session.connection().dialect
    _send(session, _prepared(target, dialect, tuple(rows[0]), tuple(keys), tuple(overwrite)), rows)


def insert_rows(session: Session, target: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns, those with a default among them."""
    _send(session, _prepared(target, session.connection().dialect, tuple(rows[0]), None, ()), rows)


class _Prepared(NamedTuple):
    """A statement in the driver's words. ``columns``: the order of its parameters, with what the driver cannot take as
    it is turned into what it can (None: nothing to do); ``positional``: parameters by place, otherwise by name."""

    sql: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    positional: bool


@lru_cache(maxsize=256)
def _prepared(
    target: Table, dialect: Dialect, columns: tuple[str, ...], keys: tuple[str, ...] | None, overwrite: tuple[str, ...]
) -> _Prepared:
    """Compiled once, and bound by hand: the library's own binding costs more than the statement itself."""
    statement = postgresql.insert(target) if dialect.name == "postgresql" else sqlite.insert(target)
    if keys is not None and overwrite:
        excluded = {name: statement.excluded[name] for name in overwrite}
        statement = statement.on_conflict_do_update(index_elements=list(keys), set_=excluded)
    elif keys is not None:
        statement = statement.on_conflict_do_nothing(index_elements=list(keys))
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    assert isinstance(compiled, SQLCompiler)
    positional = compiled.positiontup is not None
    order = compiled.positiontup or list(compiled.params)
    assert set(order) == set(columns), (
        f"{target.name}: columns with a default must be given: {set(order) - set(columns)}"
    )
    processors = {name: _processor(target.c[name].type, dialect) for name in columns}
    return _Prepared(compiled.string, tuple((name, processors[name]) for name in order), positional)


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What turns a value into one the driver takes. Moments repeat: those of one page, of one batch, of one day."""
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(maxsize=1024)(process) if process is not None and isinstance(kind, UTCDateTime | Date) else process


def _send(session: Session, prepared: _Prepared, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = prepared.columns
    bound: Any
    if prepared.positional:
        bound = [tuple([row[name] if process is None else process(row[name]) for name, process in columns])
                 for row in rows]  # fmt: skip
    else:
        bound = [{name: row[name] if process is None else process(row[name]) for name, process in columns}
                 for row in rows]  # fmt: skip
    session.connection().exec_driver_sql(prepared.sql, bound)


def insert_if_new(session: Session, target: Table, row: Mapping[str, Any], *, keys: Sequence[str]) -> int | None:
    """Insert a row and return its id; None if the key is taken."""
    statement = _insert(session, target).values(**row).on_conflict_do_nothing(index_elements=list(keys))
    found: int | None = session.execute(statement.returning(target.c.id)).scalar_one_or_none()
    return found


def _insert(session: Session, target: Table) -> sqlite.Insert | postgresql.Insert:
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(target) if on_postgresql else sqlite.insert(target)
