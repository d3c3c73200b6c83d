"""Which connection is used for which request, and when one is used again."""

from __future__ import annotations

import threading

import httpx
import pytest

from tests.sources.doors import Open, answering
from tests.sources.wire import OK, Line, Wire, until


def test_requests_one_after_another_share_a_connection(door: Open) -> None:
    with Wire(answering) as server:
        one = door(server.url)
        assert [one.ask() for _ in range(5)] == [b"ok"] * 5
        assert [number for number, _ in server.requests] == [0] * 5


def test_threads_have_as_many_connections_as_requests_under_way(door: Open) -> None:
    with Wire(answering) as server:
        one = door(server.url)
        threads = [threading.Thread(target=lambda: [one.ask() for _ in range(50)]) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.requests) == 300
        assert server.connections <= 6


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        OK.replace(b"1.1", b"1.0"),
        b"HTTP/1.1 200 OK\r\n\r\nok",
    ],
    ids=["close", "1.0", "until the end"],
)
def test_a_server_that_closes_after_each_answer_is_asked_on_new_connections(answer: bytes, door: Open) -> None:
    def play(line: Line) -> None:
        line.request()
        line.send(answer)

    with Wire(play) as server:
        one = door(server.url)
        assert [one.ask() for _ in range(3)] == [b"ok"] * 3
        assert [number for number, _ in server.requests] == [0, 1, 2]


@pytest.mark.parametrize("goodbye", [b"", b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"])
def test_a_connection_closed_while_idle_costs_no_request_and_its_last_words_are_no_answer(
    goodbye: bytes, door: Open
) -> None:
    def play(line: Line) -> None:
        line.request()
        line.send(OK, goodbye)

    with Wire(play) as server:
        one = door(server.url)
        one.ask()
        until(lambda: not any(thread.is_alive() for thread in server._threads))
        assert one.ask() == b"ok"
        assert [number for number, _ in server.requests] == [0, 1]


def test_bytes_after_an_answer_are_never_taken_for_the_next(door: Open) -> None:
    def play(line: Line) -> None:
        while line.request():
            line.send(OK + OK.replace(b"ok", b"no"))

    with Wire(play) as server:
        one = door(server.url)
        assert [one.ask() for _ in range(3)] == [b"ok"] * 3


def test_a_used_connection_that_ends_without_a_byte_is_replaced_once(door: Open) -> None:
    """The server reads the request and hangs up: as if the connection had been closed while the request was on its
    way."""

    def play(line: Line) -> None:
        line.request()
        if line.number in healthy:
            line.send(OK)
            line.request()

    healthy = {0, 1}
    with Wire(play) as server:
        one = door(server.url)
        assert [one.ask(), one.ask()] == [b"ok", b"ok"]
        assert [number for number, _ in server.requests] == [0, 0, 1]
        with pytest.raises(httpx.RemoteProtocolError):  # 1 was used before, 2 was not
            one.ask()
        assert [number for number, _ in server.requests[3:]] == [1, 2]


def test_a_new_connection_that_ends_without_a_byte_is_an_error_at_once(door: Open) -> None:
    def play(line: Line) -> None:
        line.request()

    with Wire(play) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            door(server.url).ask()
        assert len(server.requests) == 1


def test_a_used_connection_that_ends_within_an_answer_is_an_error(door: Open) -> None:
    def play(line: Line) -> None:
        line.request()
        line.send(OK)
        line.request()
        line.send(b"H")

    with Wire(play) as server:
        one = door(server.url)
        one.ask()
        with pytest.raises(httpx.RemoteProtocolError):
            one.ask()
        assert len(server.requests) == 2


def test_an_answer_given_before_the_request_was_read_is_read_all_the_same(door: Open) -> None:
    """The server hangs up on the rest, so that sending fails."""
    with Wire(lambda line: line.send(OK.replace(b"200 OK", b"413 Too Large"))) as server:
        assert door(server.url).ask("POST", content=b"a" * 20_000_000) == b"ok"


def test_a_connection_idle_for_long_is_not_trusted(door: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.sources.rest.transport._IDLE_SECONDS", 0.0)
    with Wire(answering) as server:
        one = door(server.url)
        assert [one.ask(), one.ask()] == [b"ok", b"ok"]
        assert server.connections == 2
