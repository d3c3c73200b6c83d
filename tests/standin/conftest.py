from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector.standin.server import StandIn
from tests.standin.client import Client, local
from tests.standin.proofs import check_claims


@pytest.fixture
def standin(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """The supplied month at the end of its cut-off day."""
    with StandIn.packaged(local("2022-02-28 23:59:59")) as server:
        yield server
        check_claims(request, server)


@pytest.fixture
def guest(standin: StandIn) -> Iterator[Client]:
    """Not logged in."""
    with Client(standin.url) as client:
        yield client


@pytest.fixture
def client(guest: Client) -> Client:
    """Logged in as the office, identity 1001."""
    guest.login()
    return guest
