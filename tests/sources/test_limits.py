"""Rate, concurrency and pauses (F18), as the server saw them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from connector.clock import FixedClock
from connector.errors import SourceUnavailable
from connector.sources.rest.client import RestClient
from tests.sources.conftest import NOW, settings
from tests.sources.fake import FakeOffice, Reply, Seen, envelope
from tests.sources.wire import until

PATH = "api/document/countmenu/"
Connect = Callable[..., RestClient]


@pytest.fixture(autouse=True)
def _open_door(office: FakeOffice) -> None:
    office.tokens[""] = ("1001", 0)


@pytest.fixture
def connect(office: FakeOffice) -> Iterator[Connect]:
    """Clients that really wait."""
    made: list[RestClient] = []

    def make(url: str = "", **values: Any) -> RestClient:
        made.append(RestClient(settings(url or office.url, **values), clock=FixedClock(NOW)))
        return made[-1]

    yield make
    for client in made:
        client.close()


def in_threads(clients: list[RestClient], threads: int, each: int) -> None:
    """Every client is used by so many threads, each of which sends so many requests."""

    def work(client: RestClient) -> None:
        for _ in range(each):
            client.send("GET", PATH)

    workers = [threading.Thread(target=work, args=(client,)) for client in clients for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def require_rate(seen: list[Seen], per_second: float) -> None:
    arrived = sorted(one.started for one in seen)
    assert arrived[-1] - arrived[0] >= (len(arrived) - 1) / per_second - 0.1
    for first in range(len(arrived)):
        in_window = [at for at in arrived[first:] if at < arrived[first] + 0.2]
        assert len(in_window) <= per_second * 0.2 + 6, "a few more for a busy machine; without the limit all would be"


# -- one client --------------------------------------------------------------------------------------------------------


def test_requests_stay_under_the_rate_however_many_threads_send(office: FakeOffice, connect: Connect) -> None:
    in_threads([connect(requests_per_second=50, concurrency=8)], 8, 4)
    require_rate(office.seen, 50)


def test_no_more_requests_are_under_way_than_allowed(office: FakeOffice, connect: Connect) -> None:
    office.pause = 0.01
    client = connect(concurrency=3)
    in_threads([client], 8, 4)
    assert office.most_at_once == 3
    assert client.requests == len(office.seen) == 32


# -- several clients of one server -------------------------------------------------------------------------------------


def test_two_clients_of_one_server_stay_under_the_lower_rate_together(office: FakeOffice, connect: Connect) -> None:
    in_threads([connect(requests_per_second=500), connect(requests_per_second=50), connect()], 3, 4)
    assert len(office.seen) == 36
    require_rate(office.seen, 50)


def test_two_clients_of_one_server_stay_under_the_lower_concurrency_together(
    office: FakeOffice, connect: Connect
) -> None:
    office.pause = 0.01
    in_threads([connect(concurrency=8), connect(concurrency=2), connect(concurrency=9)], 4, 3)
    assert (office.most_at_once, len(office.seen)) == (2, 36)


def test_clients_of_different_servers_do_not_limit_each_other(office: FakeOffice, connect: Connect) -> None:
    with FakeOffice() as other:
        other.tokens[""] = ("1001", 0)
        connect(concurrency=1, requests_per_second=0.01).send("GET", PATH)
        other.pause = 0.05
        in_threads([connect(other.url, concurrency=4)], 4, 2)
        assert other.most_at_once == 4


def test_a_limit_ends_with_the_clients_that_asked_for_it(office: FakeOffice) -> None:
    def ask(**values: Any) -> None:
        client = RestClient(settings(office.url, **values), clock=FixedClock(NOW))
        client.send("GET", PATH)
        client.send("GET", PATH)
        client.close()

    ask(requests_per_second=4)
    ask()
    first, second, third, fourth = (one.started for one in office.seen)
    assert second - first >= 0.24 > fourth - third


# -- pauses ------------------------------------------------------------------------------------------------------------


def told_to_wait(seconds: int) -> Reply:
    return Reply(envelope(None, "1", "Hệ thống đang bận"), 429, {"Retry-After": str(seconds)})


def test_a_pause_asked_of_one_request_is_kept_by_all_clients_of_the_server(
    office: FakeOffice, connect: Connect
) -> None:
    office.plan("countmenu", told_to_wait(1))
    heard = threading.Event()
    log = SimpleNamespace(warning=lambda event, **fields: heard.set())
    one, other = RestClient(settings(office.url), clock=FixedClock(NOW), log=log), connect()
    told = threading.Thread(target=one.send, args=("GET", PATH))
    told.start()
    assert heard.wait(5)
    other.send("GET", "api/document/getlistunit/")
    told.join()
    one.close()
    refused, *later = sorted(office.seen, key=lambda seen: seen.started)
    assert len(later) == 2
    assert all(0.9 < seen.started - refused.started < 3.5 for seen in later)
    assert 0.7 < other.waited_seconds < 1.1


def test_a_pause_longer_than_we_would_wait_holds_nobody(office: FakeOffice, connect: Connect) -> None:
    """Each request is told for itself, and the run ends; a nonsense figure must not keep us away for days."""
    office.plan("countmenu", told_to_wait(86400))
    client = connect(retry_for_seconds=10)
    with pytest.raises(SourceUnavailable):
        client.send("GET", PATH)
    client.send("GET", PATH)
    assert client.waited_seconds == 0


def test_a_logout_waits_for_no_pause_and_who_waits_takes_no_place(office: FakeOffice, connect: Connect) -> None:
    office.plan("countmenu", told_to_wait(200))
    told, waiting = connect(concurrency=1), connect(concurrency=1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(told.send, "GET", PATH)
        until(lambda: told._host._held > 0)
        second = pool.submit(waiting.send, "GET", "api/document/getlistunit/")
        began = time.monotonic()
        told.send("GET", "api/logout/", once=True)
        assert time.monotonic() - began < 1
        for client, answer in ((told, first), (waiting, second)):
            client.interrupt()
            with pytest.raises(SourceUnavailable, match="stopped"):
                answer.result(5)
    assert [one.path.rpartition("api/")[2] for one in office.seen] == ["document/countmenu/", "logout/"]


def test_interrupting_ends_the_wait_for_a_place_another_client_holds(office: FakeOffice, connect: Connect) -> None:
    office.plan("countmenu", Reply(pause=30))
    holder, waiting = connect(concurrency=1), connect(concurrency=1)
    failed: list[str] = []

    def send(client: RestClient, path: str) -> None:
        try:
            client.send("GET", path)
        except SourceUnavailable as error:
            failed.append(f"{path} {error}")

    holds = threading.Thread(target=send, args=(holder, PATH))
    holds.start()
    until(lambda: len(office.seen) == 1)
    waits = threading.Thread(target=send, args=(waiting, "api/document/getlistunit/"))
    waits.start()
    began = time.monotonic()
    waiting.interrupt()
    waits.join(5)
    assert time.monotonic() - began < 1
    assert failed == ["api/document/getlistunit/ reading was stopped"]
    holder.interrupt()
    holds.join(5)
    assert (len(failed), len(office.seen)) == (2, 1)
    holder.resume()
    holder.send("GET", "api/document/getlistunit/")  # all places are free again
