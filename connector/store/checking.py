"""Whether a database is whole: its files, its schema, the histories in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from connector.domain.audit import verify
from connector.errors import StoreError
from connector.store import schema, tables_imports  # noqa: F401  registers the tables
from connector.store.audit import read_entries
from connector.store.columns import table
from connector.store.tables import DocumentRow, DocumentVersionRow, TaskRow, TaskVersionRow
from connector.store.tables_lists import PayloadRow

_HISTORIES = (("task", TaskRow, TaskVersionRow), ("document", DocumentRow, DocumentVersionRow))
PAYLOAD: Table = table(PayloadRow)


def check(engine: Engine) -> list[str]:
    """What is wrong, in Vietnamese; nothing if all is well. ``engine``: opened read-only; one moment is looked at.
    Raises SchemaOutdated, StoreError if the database cannot be read at all."""
    schema.require_current(engine)
    try:
        with engine.connect() as connection:
            return [
                *files(connection), *_schema(connection), *_histories(connection), *_payloads(connection),
                *_audit(connection),
            ]  # fmt: skip
    except SQLAlchemyError as error:
        address = engine.url.render_as_string(hide_password=True)
        raise StoreError(str(getattr(error, "orig", None) or error), database=address) from error


def files(connection: Connection) -> Iterator[str]:
    """What is wrong below the rows. PostgreSQL looks after its files and references itself."""
    if connection.dialect.name == "sqlite":
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
            if said != "ok":
                yield f"tệp cơ sở dữ liệu hỏng: {said}"
        if broken := len(connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            yield f"{broken} dòng trỏ tới dòng không có"


def _schema(connection: Connection) -> Iterator[str]:
    for difference in compare_metadata(MigrationContext.configure(connection), SQLModel.metadata):
        yield f"cấu trúc khác với chương trình: {difference}"


def _histories(connection: Connection) -> Iterator[str]:
    """Each record has one version in force, and its versions follow one another without gap or overlap (F28)."""
    for kind, record_row, version_row in _HISTORIES:
        record, version = table(record_row), table(version_row)
        owner = version.c[f"{kind}_id"]
        current = select(owner).where(version.c.until.is_(None))
        lost = select(func.count()).select_from(record).where(record.c.id.not_in(current))
        if number := connection.scalar(lost):
            yield f"{number} bản ghi {kind} không có phiên bản hiện hành"
        following = func.lead(version.c.observed_at).over(
            partition_by=owner, order_by=(version.c.observed_at, version.c.id)
        )
        ends = select(version.c.until, following.label("following")).subquery()
        apart = select(func.count()).select_from(ends).where(ends.c.until.is_distinct_from(ends.c.following))
        if number := connection.scalar(apart):
            yield f"{number} phiên bản {kind} hở hoặc chồng thời gian"


def _payloads(connection: Connection) -> Iterator[str]:
    """The source's answers are named by what they hold."""
    rows = connection.execute(select(PAYLOAD.c.hash, PAYLOAD.c.body).execution_options(yield_per=1000))
    if wrong := sum(hashlib.sha256(row.body.encode()).hexdigest() != row.hash for row in rows):
        yield f"{wrong} câu trả lời của nguồn không đúng với mã băm"


def _audit(connection: Connection) -> Iterator[str]:
    verdict = verify(read_entries(connection))
    if verdict.broken is not None:
        yield f"nhật ký thao tác hỏng từ mục {verdict.broken}: {verdict.why}"
