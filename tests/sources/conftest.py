from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from connector.clock import FixedClock
from connector.settings import AccountSettings, RestSettings
from connector.sources.rest.client import RestClient
from connector.sources.rest.source import RestSource
from tests.sources.fake import FakeOffice

NOW = datetime(2022, 2, 28, 16, 30, tzinfo=UTC)
PASSWORD = "Mat-khau-SECRET-1"

MakeClient = Callable[..., RestClient]
MakeSource = Callable[..., RestSource]


def settings(url: str, **values: Any) -> RestSettings:
    accounts = values.pop("accounts", [AccountSettings(username="ketnoi.mau")])
    return RestSettings(base_url=url, accounts=accounts, **values)


@pytest.fixture
def office() -> Iterator[FakeOffice]:
    with FakeOffice() as server:
        yield server


@pytest.fixture
def sleeps() -> list[float]:
    """The waits the client asked for; nobody really waits."""
    return []


@pytest.fixture
def make_client(office: FakeOffice, sleeps: list[float]) -> Iterator[MakeClient]:
    made: list[RestClient] = []

    def make(url: str = "", **values: Any) -> RestClient:
        made.append(RestClient(settings(url or office.url, **values), clock=FixedClock(NOW), sleep=sleeps.append))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def make_source(office: FakeOffice, sleeps: list[float]) -> Iterator[MakeSource]:
    made: list[RestSource] = []

    def make(**values: Any) -> RestSource:
        section = settings(office.url, **values)
        passwords = {account.username: SecretStr(PASSWORD) for account in section.accounts}
        made.append(RestSource("vnpt", section, passwords, clock=FixedClock(NOW), sleep=sleeps.append))
        return made[-1]

    yield make
    for source in made:
        source.close()
