"""Alembic's entry: runs the versions on the engine handed over by ``store.schema``, all of them or none.

SQLite changes a table by making it anew and dropping the old one, which foreign keys forbid as soon as a row points at
it. They are off meanwhile, and looked through before anything is saved."""

from __future__ import annotations

from alembic import context
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from connector.store import tables, tables_audit, tables_imports, tables_lists  # noqa: F401  register the tables

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    driver = connection.connection.driver_connection  # a transaction would not let the keys be switched
    on_sqlite = connection.dialect.name == "sqlite"
    if on_sqlite:
        driver.execute("PRAGMA foreign_keys = OFF")
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=on_sqlite,
        compare_type=True,
        transactional_ddl=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all() if on_sqlite else []
            if broken:
                raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"broken references: {broken[:3]}"))
    finally:
        if on_sqlite:
            driver.execute("PRAGMA foreign_keys = ON")
