from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from connector.clock import FixedClock
from connector.domain.records import RawRow, Stream
from connector.domain.requests import ListRequest, Progress
from connector.ports import Source
from connector.settings import AccountSettings, RestSettings
from connector.sources.rest.client import RestClient
from connector.sources.rest.requests import paging_key
from connector.sources.rest.source import RestSource
from tests.sources.doors import Door, Open
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


@dataclass
class Listed:
    """A list as it was read: one row per key, and how the reading ended."""

    stream: Stream
    by_key: dict[Any, RawRow] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)

    @property
    def rows(self) -> list[RawRow]:
        return list(self.by_key.values())

    @property
    def complete(self) -> bool:
        return self.progress.complete


def read_lists(source: Source, streams: Sequence[Stream]) -> list[Listed]:
    """Lists read from their start to their end, in the order of ``streams``."""
    found = {stream: Listed(stream) for stream in streams}
    for pages in source.pages([ListRequest(stream) for stream in streams]):
        for page in pages:
            listed = found[page.stream]
            assert not listed.progress.done, "nothing comes behind the last page"
            listed.progress = page.progress
            listed.by_key.update((paging_key(row), row) for row in page.rows)
    assert all(listed.progress.done for listed in found.values())
    return list(found.values())


@pytest.fixture
def door() -> Iterator[Open]:
    made: list[Door] = []

    def make(url: str, tls: ssl.SSLContext | None = None) -> Door:
        made.append(Door(url, tls or ssl.create_default_context()))
        return made[-1]

    yield make
    for one in made:
        one.transport.close()
