"""The schema and its versions (Alembic, called from code; there is no alembic.ini)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import SchemaOutdated, StoreError


def _config(engine: Engine) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "connector:store/migrations")
    config.attributes["engine"] = engine
    return config


def head() -> str:
    """The schema version this program needs."""
    from alembic.script import ScriptDirectory

    config = _config(None)  # type: ignore[arg-type]
    revision = ScriptDirectory.from_config(config).get_current_head()
    assert revision is not None
    return revision


def current(engine: Engine) -> str | None:
    """The schema version of the database; None for an empty one. Raises StoreError."""
    from alembic.migration import MigrationContext

    with _named(engine), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> None:
    """Bring the database to this program's schema; keeps all data. Raises StoreError, SchemaOutdated for one that a
    newer program made."""
    from alembic import command
    from alembic.script import ScriptDirectory

    found = current(engine)
    known = {one.revision for one in ScriptDirectory.from_config(_config(engine)).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaOutdated(f"schema {found} is of a newer program", found=found, needed=head())
    with _named(engine):
        command.upgrade(_config(engine), "head")


def require_current(engine: Engine) -> None:
    """Raises SchemaOutdated unless the database has exactly this program's schema."""
    found, needed = current(engine), head()
    if found != needed:
        raise SchemaOutdated(f"schema is {found}, program needs {needed}", found=found or "trống", needed=needed)


@contextmanager
def _named(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error)
        raise StoreError(cause, database=engine.url.render_as_string(hide_password=True)) from error
