from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.domain.runs import Outcome
from tests import databases
from tests.faults.measure import assert_true_or_told
from tests.faults.place import SERVERS, Place, a_place
from tests.faults.records import Tables, tables


@pytest.fixture(autouse=True)
def _nothing_off_the_allow_list_was_asked() -> Iterator[None]:
    SERVERS.clear()
    yield
    assert [one for server in SERVERS for one in server.ledger.violations] == []


@pytest.fixture
def database(tmp_path: Path, empty_database: Path) -> Path:
    """An empty one."""
    path = tmp_path / "connector.db"
    databases.copy(empty_database, path)
    return path


@pytest.fixture
def place(database: Path) -> Iterator[Place]:
    """Nothing has been read yet."""
    with a_place(database) as opened:
        yield opened


@pytest.fixture(scope="session")
def read_once(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Path:
    """The database after an undisturbed first reading."""
    path = tmp_path_factory.mktemp("read") / "once.db"
    databases.copy(empty_database, path)
    with a_place(path) as opened:
        result = opened.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(opened, result)
    return path


@pytest.fixture(scope="session")
def undisturbed(read_once: Path) -> Tables:
    """The tables after that reading."""
    with a_place(read_once) as opened:
        return tables(opened)


@pytest.fixture
def known_database(database: Path, read_once: Path) -> Path:
    databases.copy(read_once, database)
    return database


@pytest.fixture
def known(known_database: Path) -> Iterator[Place]:
    """All was read once, undisturbed."""
    with a_place(known_database) as opened:
        yield opened
