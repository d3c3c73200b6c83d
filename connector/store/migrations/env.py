"""Alembic's entry: runs the versions on the engine handed over by ``store.schema``."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from connector.store import tables, tables_lists  # noqa: F401  register the tables

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
