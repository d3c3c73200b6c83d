"""The transport against servers that write every byte themselves."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import trustme

from connector.sources.rest.client import SocketTransport
from connector.sources.rest.http11 import AnswerTooLarge
from tests.sources.wire import OK, Line, Wire, until

LIMIT = 100_000
Open = Callable[..., "Door"]


class Door:
    """A transport with a shorter way to ask."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self.stopped = threading.Event()
        self.url = httpx.URL(url)
        self.transport = SocketTransport(self.url, tls, limit=LIMIT, stopped=self.stopped)

    def ask(self, method: str = "GET", seconds: float = 10, **values: Any) -> bytes:
        extensions = {"timeout": {"read": seconds}}
        response = self.transport.handle_request(httpx.Request(method, self.url, extensions=extensions, **values))
        return response.read()

    def stop_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self.stopped.set)
        timer.daemon = True
        timer.start()


@pytest.fixture
def door() -> Iterator[Open]:
    made: list[Door] = []

    def make(url: str, tls: ssl.SSLContext | None = None) -> Door:
        made.append(Door(url, tls or ssl.create_default_context()))
        return made[-1]

    yield make
    for one in made:
        one.transport.close()


def answering(line: Line) -> None:
    while line.request():
        line.send(OK)


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


# -- one connection for many requests ----------------------------------------------------------------------------------


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


@contextlib.contextmanager
def unanswered() -> Iterator[int]:
    """A port whose connections are never made: the system's queue for it is full."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        yield full.getsockname()[1]


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


# -- names and addresses -----------------------------------------------------------------------------------------------


def resolver(answer: Callable[[], Any]) -> Callable[..., Any]:
    """A ``getaddrinfo`` that knows addresses, and ``answer`` for every name."""
    real = socket.getaddrinfo

    def getaddrinfo(host: bytes, port: int, **values: Any) -> Any:
        return real(host, port, **values) if values.get("flags") else answer()

    return getaddrinfo


def at(*ports: int) -> Callable[[], Any]:
    return lambda: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]


def test_an_unknown_name_is_a_connection_error(door: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolver(unknown))
    with pytest.raises(httpx.NetworkError, match="not known"):
        door("http://ioffice.example/").ask()


def test_addresses_are_tried_one_after_another(door: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """One refuses, one never answers, the third is good; the second does not take the whole time."""
    with Wire(answering) as gone:
        pass
    with unanswered() as hole, Wire(answering) as server:
        monkeypatch.setattr(socket, "getaddrinfo", resolver(at(gone.port, hole, server.port)))
        began = time.monotonic()
        assert door("http://ioffice.example/").ask(seconds=2) == b"ok"
        assert 0.9 < time.monotonic() - began < 1.9
        assert b"\r\nHost: ioffice.example\r\n" in server.requests[0][1]


def test_if_no_address_answers_the_last_error_is_raised(door: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(answering) as gone:
        pass
    monkeypatch.setattr(socket, "getaddrinfo", resolver(at(gone.port, gone.port)))
    with pytest.raises(httpx.NetworkError, match="refused"):
        door("http://ioffice.example/").ask()


def test_ipv6(door: Open) -> None:
    try:
        server = Wire(answering, host="::1")
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with server:
        assert door(server.url).ask() == b"ok"
        assert f"\r\nHost: [::1]:{server.port}\r\n".encode() in server.requests[0][1]


# -- TLS ---------------------------------------------------------------------------------------------------------------


def tls_pair(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext, list[str | None]]:
    """Contexts of a server with a certificate for ``name``, and of a client that trusts it; the names asked for."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(name).configure_cert(server)
    authority.configure_trust(client)
    asked: list[str | None] = []
    server.sni_callback = lambda sock, wanted, context: asked.append(wanted)
    return server, client, asked


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_over_tls_a_connection_is_used_again_and_large_answers_arrive_whole(
    version: ssl.TLSVersion, door: Open
) -> None:
    """TLS 1.3 sends tickets of its own between two answers: they are no reason to hang up."""
    body = bytes(range(256)) * 300

    def play(line: Line) -> None:
        while line.request():
            line.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    server_side, client_side, _ = tls_pair("127.0.0.1")
    server_side.maximum_version = version
    with Wire(play, tls=server_side) as server:
        one = door(server.url, client_side)
        assert [one.ask("POST", content=body) for _ in range(5)] == [body] * 5
        assert server.connections == 1
        one.transport.close()


def test_the_server_learns_the_name_and_must_have_a_certificate_for_it(
    door: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name here is one with Vietnamese letters, sent as IDNA."""
    name = httpx.URL("https://văn-phòng.example/").raw_host.decode()
    server_side, client_side, asked = tls_pair(name)
    with Wire(answering, tls=server_side) as server:
        monkeypatch.setattr(socket, "getaddrinfo", resolver(at(server.port)))
        one = door("https://văn-phòng.example/", client_side)
        assert one.ask() == b"ok"
        assert asked == [name]
        assert f"\r\nHost: {name}\r\n".encode() in server.requests[0][1]
        one.transport.close()
        with pytest.raises(httpx.NetworkError, match="Hostname mismatch"):
            door("https://khac.example/", client_side).ask()
        with pytest.raises(httpx.NetworkError, match=r"self-signed|unable to get"):
            door("https://văn-phòng.example/").ask()
        assert len(server.requests) == 1


def test_a_server_that_talks_plain_http_where_tls_is_due_is_an_error(door: Open) -> None:
    def play(line: Line) -> None:
        line.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        line.wait(0.2)

    with Wire(play) as server, pytest.raises(httpx.NetworkError):
        door(server.url.replace("http", "https")).ask()
