"""What every test may rely on: a directory of its own, and no settings of the person who runs the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from connector.store.engine import open_engine
from connector.store.unit_of_work import SqlUnitOfWork
from tests import databases

settings.register_profile("connector", deadline=None)  # a busy machine is no failure
settings.load_profile("connector")

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="the store under test")


def pytest_configure(config: pytest.Config) -> None:
    databases.kind = config.getoption("--database")
    for one in ("sqlite", "postgresql"):
        config.addinivalue_line("markers", f"{one}_only(reason): what is tested is a matter of that store alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is about the other store is left out, and not counted as skipped."""
    other = "postgresql" if databases.kind == "sqlite" else "sqlite"
    left = [item for item in items if item.get_closest_marker(f"{other}_only")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("CONNECTOR_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    databases.drop_below(tmp_path)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


# -- a real database with the real schema --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at this program's schema, for ``databases.copy``."""
    return databases.make_empty(tmp_path_factory.mktemp("schema") / "empty.db")


@pytest.fixture
def engine(tmp_path: Path, empty_database: Path) -> Iterator[Engine]:
    databases.copy(empty_database, tmp_path / "connector.db")
    engine = open_engine(databases.address(tmp_path / "connector.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def uow(engine: Engine) -> SqlUnitOfWork:
    return SqlUnitOfWork(engine)
