"""What every test may rely on: a directory of its own, and no settings of the person who runs the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from connector.store import schema
from connector.store.engine import open_engine
from connector.store.unit_of_work import SqlUnitOfWork

settings.register_profile("connector", deadline=None)  # a busy machine is no failure
settings.load_profile("connector")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONNECTOR_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


# -- a real database file with the real schema ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at this program's schema, copied by the tests: migrating is slow."""
    path = tmp_path_factory.mktemp("schema") / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def engine(tmp_path: Path, empty_database: Path) -> Iterator[Engine]:
    path = tmp_path / "connector.db"
    path.write_bytes(empty_database.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def uow(engine: Engine) -> SqlUnitOfWork:
    return SqlUnitOfWork(engine)
