"""Names, addresses and TLS: the way to a server."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import trustme

from tests.sources.doors import Open, answering, resolver, unanswered
from tests.sources.wire import Line, Wire

# -- names and addresses -----------------------------------------------------------------------------------------------


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
