"""The transport against servers that write every byte themselves: requests, size, time and stopping."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connector.sources.rest.http11 import AnswerTooLarge
from tests.sources.doors import Door, Open, answering, resolver, unanswered
from tests.sources.wire import OK, Line, Wire, until

# -- the request -------------------------------------------------------------------------------------------------------


def test_a_request_arrives_in_one_piece_with_the_host_it_was_meant_for(door: Open) -> None:
    pieces: list[bytes] = []

    def play(line: Line) -> None:
        pieces.append(line.sock.recv(65536))
        line.send(OK)

    with Wire(play) as server:
        asked = httpx.URL(server.url).join("/qlvb/a%20b?c=d")
        door(server.url).ask("POST", content=b'{"a":1}', headers={"X-A": "b"})
        one = Door(str(asked), ssl.create_default_context())
        one.ask()
        one.transport.close()
    posted, got = pieces
    head, _, body = posted.partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], body) == (b"POST / HTTP/1.1", b'{"a":1}')
    assert {f"Host: 127.0.0.1:{server.port}".encode(), b"X-A: b", b"Content-Length: 7"} <= set(head.split(b"\r\n"))
    assert got.startswith(b"GET /qlvb/a%20b?c=d HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "header", [("X-A", "b\r\nX-B: c"), ("X-A", "b\nX-B: c"), ("X-A", "b\rc"), ("X-A", "b\0"), ("X\r\nB", "c")]
)
def test_a_header_cannot_bring_a_second_one_along(header: tuple[str, str], door: Open) -> None:
    with Wire(answering) as server:
        with pytest.raises(httpx.LocalProtocolError):
            door(server.url).ask(headers=[header])
        assert server.requests == []


def test_a_body_of_unknown_length_is_not_sent(door: Open) -> None:
    with Wire(answering) as server:
        with pytest.raises(httpx.LocalProtocolError):
            door(server.url).ask("POST", content=iter([b"a", b"b"]))
        assert server.requests == []


def test_another_server_is_never_asked(door: Open) -> None:
    with Wire(answering) as server, Wire(answering) as other:
        with pytest.raises(httpx.UnsupportedProtocol):
            door(server.url).transport.handle_request(httpx.Request("GET", other.url))
        with pytest.raises(httpx.UnsupportedProtocol):
            door(server.url).transport.handle_request(httpx.Request("GET", server.url.replace("http", "https")))
        assert (server.connections, other.connections) == (0, 0)


def test_redirects_are_not_followed_and_proxies_of_the_environment_not_used(
    door: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play(line: Line) -> None:
        line.request()
        line.send(b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 2\r\n\r\nno")

    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Wire(play) as server:
        assert door(server.url).ask() == b"no"
        assert len(server.requests) == 1


def test_it_stands_below_httpx_client_as_httpxs_own_does(door: Open) -> None:
    with Wire(answering) as server, httpx.Client(transport=door(server.url).transport, trust_env=False) as client:
        assert client.get(server.url).text == "ok"
        assert client.post(server.url, json={"a": 1}).text == "ok"


# -- size --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"a" * 0x10000 + b"\r\n"),
        (b"\r\n", b"a" * 0x10000),
        (b"Content-Length: 200000000\r\n\r\n", b"a" * 0x10000),
    ],
    ids=["chunked", "until the end", "length"],
)
def test_a_200_mb_answer_is_given_up_at_the_limit(head: bytes, piece: bytes, door: Open) -> None:
    lines: list[Line] = []

    def play(line: Line) -> None:
        lines.append(line)
        line.request()
        line.send(b"HTTP/1.1 200 OK\r\n" + head)
        for _ in range(200_000_000 // len(piece)):
            line.send(piece)

    with Wire(play) as server:
        with pytest.raises(AnswerTooLarge):
            door(server.url).ask()
        until(lambda: not any(thread.is_alive() for thread in server._threads))
    assert lines[0].sent < 20_000_000, "no more than the sockets' buffers hold was taken from the server"


# -- time and stopping -------------------------------------------------------------------------------------------------


def silent(line: Line) -> None:
    line.wait()


def trickling(*pieces: bytes) -> Callable[[Line], None]:
    def play(line: Line) -> None:
        line.request()
        line.send(*pieces, pause=0.02)

    return play


def letters(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


BYTES = letters(b"a" * 2000)
SLOW = {
    "silence": silent,
    "header byte by byte": trickling(b"HTTP/1.1 200 OK\r\nX: ", *BYTES),
    "interim answers": trickling(*letters(b"HTTP/1.1 102 Processing\r\n\r\n" * 15)),
    "body byte by byte": trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", *BYTES),
    "chunks byte by byte": trickling(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\na\r\n"] * 2000),
    "until the end byte by byte": trickling(b"HTTP/1.1 200 OK\r\n\r\n", *BYTES),
    "request not read": lambda line: line.wait(),
}  # fmt: skip


def ends(one: Door, by: str, **values: Any) -> float:
    """Seconds until the request had ended, by its deadline of half a second or because it was stopped after 0.2."""
    began = time.monotonic()
    if by == "deadline":
        with pytest.raises(httpx.ReadTimeout):
            one.ask(seconds=0.5, **values)
    else:
        one.stop_after(0.2)
        with pytest.raises(httpx.NetworkError, match="stopped"):
            one.ask(seconds=60, **values)
    return time.monotonic() - began


@pytest.mark.parametrize("by", ["deadline", "stop"])
@pytest.mark.parametrize("play", SLOW.values(), ids=SLOW)
def test_a_request_ends_with_its_deadline_or_within_a_second_of_being_stopped(
    play: Callable[[Line], None], by: str, door: Open
) -> None:
    with Wire(play) as server:
        content = b"a" * 20_000_000 if play is SLOW["request not read"] else b""
        assert 0.15 < ends(door(server.url), by, method="POST", content=content) < 1.4


@pytest.mark.parametrize("by", ["deadline", "stop"])
def test_the_tls_handshake_is_under_the_deadline(by: str, door: Open) -> None:
    with Wire(silent) as server:
        assert 0.15 < ends(door(server.url.replace("http", "https")), by) < 1.4


@pytest.mark.parametrize("by", ["deadline", "stop"])
def test_connecting_is_under_the_deadline(by: str, door: Open) -> None:
    with unanswered() as port:
        assert 0.15 < ends(door(f"http://127.0.0.1:{port}/"), by) < 1.4


@pytest.mark.parametrize("by", ["deadline", "stop"])
def test_looking_up_a_name_is_under_the_deadline(by: str, door: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's resolver cannot be told to hurry; here it waits for a name server that is down."""
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", resolver(lambda: over.wait(30) and []))
    try:
        assert 0.15 < ends(door("http://ioffice.example/"), by) < 1.4
    finally:
        over.set()
