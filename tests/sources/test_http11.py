"""What our transport takes for an answer is what httpx's own takes, byte for byte; beyond that, limits of ours."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connector.sources.rest.client import SocketTransport
from connector.sources.rest.http11 import MAX_HEAD, AnswerTooLarge, BrokenAnswer, Reader, Received
from tests.sources.wire import Line, Wire

CONTEXT = ssl.create_default_context()
Outcome = tuple[int, list[tuple[bytes, bytes]], bytes] | str


def read(*pieces: bytes, limit: int = 10**6) -> Received:
    """The answer that comes in these pieces, after which the connection ends."""
    rest = iter(pieces)
    return Reader(lambda: next(rest, b""), limit).answer()


# -- the same as httpx -------------------------------------------------------------------------------------------------


class Scripted(Wire):
    """Answers every request with ``script`` and hangs up."""

    script: Sequence[bytes] = ()

    def __init__(self) -> None:
        super().__init__(self._answer)

    def _answer(self, line: Line) -> None:
        line.request()
        line.send(*self.script)


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with Scripted() as one:
        yield one


def outcome(transport: httpx.BaseTransport, url: str) -> Outcome:
    request = httpx.Request("GET", url, extensions={"timeout": {"read": 5}})
    with transport:
        try:
            response = transport.handle_request(request)
            with contextlib.closing(response):
                return response.status_code, response.headers.raw, b"".join(response.iter_raw())
        except (httpx.NetworkError, httpx.ProtocolError):  # a timeout is none of these: neither may hang
            return "error"


def both(server: Scripted, *script: bytes) -> tuple[Outcome, Outcome]:
    """What our transport and httpx's make of the same bytes."""
    server.script = script
    ours = SocketTransport(httpx.URL(server.url), CONTEXT, limit=10**7, stopped=threading.Event())
    return outcome(ours, server.url), outcome(httpx.HTTPTransport(verify=CONTEXT, trust_env=False), server.url)


GOOD: dict[str, tuple[bytes, bytes]] = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "longer than its length": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello", b"he"),
    "length said twice": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2, 2\r\n\r\nhello", b"he"),
    "chunked": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n003\r\nllo\r\n0\r\n\r\n", b"hello"),
    "chunk extensions": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b;c\" \r\nhello\r\n0;last \t\r\n\r\n",
        b"hello",
    ),
    "trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n",
        b"hello",
    ),
    "chunked beats length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"hello",
    ),
    "until the end": (b"HTTP/1.1 200 OK\r\n\r\nhello", b"hello"),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "no body": (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", b""),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", b""),
    "interim": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"hello",
    ),
    "bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", b"hello"),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "folded": (b"HTTP/1.1 200 OK\r\nX: a \r\n\t b\r\n c\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "cookies": (b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: \xe1\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "unknown status": (b"HTTP/1.1 799 \xc3\xa1\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "empty header": (b"HTTP/1.1 200 OK\r\nX:\r\nY: \t \r\nContent-Length: 5\r\n\r\nhello", b"hello"),
}  # fmt: skip

BAD: dict[str, bytes] = {
    "nothing": b"",
    "not http": b"220 mail.example ESMTP\r\n",
    "tls alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "blank line first": b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "lower case": b"http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "status below 100": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    "switching protocols": b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "cut in the status line": b"HTTP/1.1 20",
    "cut in the headers": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
    "only interim": b"HTTP/1.1 100 Continue\r\n\r\n",
    "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
    "cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello",
    "no last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "cut trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n",
    "broken trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno header\r\n\r\n",
    "chunk longer than it says": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
    "chunk without its end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello..0\r\n\r\n",
    "chunk size of nothing": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\nhello\r\n0\r\n\r\n",
    "negative chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "chunk size with a bare line feed": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhello",
    "two lengths in one": b"HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\nhello",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    "signed length": b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
    "empty length": b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello",
    "immense length": b"HTTP/1.1 200 OK\r\nContent-Length: 111111111111111111111\r\n\r\nhello",
    "other coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "header without colon": b"HTTP/1.1 200 OK\r\nContent-Length 5\r\n\r\nhello",
    "blank in a name": b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
    "name of nothing": b"HTTP/1.1 200 OK\r\n: 5\r\n\r\nhello",
    "null in a value": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 5\r\n\r\nhello",
    "carriage return in a value": b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 5\r\n\r\nhello",
    "fold before any header": b"HTTP/1.1 200 OK\r\n X: a\r\nContent-Length: 5\r\n\r\nhello",
}


@pytest.mark.parametrize(("sent", "body"), GOOD.values(), ids=GOOD)
def test_an_answer_in_any_dress_is_read_as_httpx_reads_it(server: Scripted, sent: bytes, body: bytes) -> None:
    ours, httpxs = both(server, sent)
    assert ours == httpxs
    assert ours[2] == body
    in_single_bytes = read(*(sent[i : i + 1] for i in range(len(sent))))
    assert (in_single_bytes.status, in_single_bytes.fields, in_single_bytes.body) == ours


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_what_is_no_answer_to_httpx_is_none_to_us(server: Scripted, sent: bytes) -> None:
    assert both(server, sent) == ("error", "error")
    with pytest.raises((BrokenAnswer, AnswerTooLarge)):
        read(*(sent[i : i + 1] for i in range(len(sent))))


STATUS = [
    b"HTTP/1.1 200 OK", b"HTTP/1.1 200", b"HTTP/1.0 404 Not Found", b"HTTP/1.1 204 X", b"HTTP/1.1 304", b"HTTP/2.0 500",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", b"HTTP/1.1 101 X", b"HTTP/1.1  200", b"",
]  # fmt: skip
FIELDS = [
    b"Content-Length: 5", b"Content-Length: 3", b"content-length: 5, 5", b"Content-Length: x", b"Connection: close",
    b"Transfer-Encoding: chunked", b"transfer-encoding:CHUNKED", b"Transfer-Encoding: gzip", b"Set-Cookie: a=b; c",
    b"X: \xc3\xa1 y \t", b"Date: now", b"Server: a\n b", b"Server: a\r\n\tb", b" folded", b"X-\xc3: y", b"X : y",
    b": y", b"X:y\x00", b"X:\x0b", b"X", b"\r",
]  # fmt: skip
BODIES = [
    b"hello", b"hell", b"hello there", b"",
    b"5\r\nhello\r\n0\r\n\r\n", b"2;x=y\r\nhe\r\n3 \r\nllo\r\n00\r\nX: y\r\n\r\n", b"0\r\n\n",
    b"0\r\n\r\nmore", b"5\r\nhello\r\n", b"4\r\nhello\r\n0\r\n\r\n", b"5\nhello\n0\n\n", b"0\r\nX\r\n\r\n",
]  # fmt: skip


@st.composite
def scripts(draw: Any) -> list[bytes]:
    """An answer of parts that make sense one by one, sometimes damaged, cut into pieces anywhere."""

    def mostly_early(values: list[bytes]) -> bytes:
        at: int = min(draw(st.integers(0, len(values) - 1)) for _ in range(2))
        return values[at]

    lines = [mostly_early(STATUS), *(mostly_early(FIELDS) for _ in range(draw(st.integers(0, 4)))), b""]
    end = mostly_early([b"\r\n", b"\r\n", b"\n", b"\r\r\n"])
    data = bytearray(b"".join(line + end for line in lines) + mostly_early(BODIES))
    for _ in range(draw(st.integers(0, 3)) // 2):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + 1] = draw(st.binary(max_size=2))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=3)))
    return [bytes(data[a:b]) for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@given(script=scripts())
@example(
    script=[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"]
)
@example(
    script=[
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r",
        b"\nhello\r",
        b"\n0\r\n\n",
    ]
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_bytes_are_the_same_answer_or_an_error_to_both(server: Scripted, script: list[bytes]) -> None:
    ours, httpxs = both(server, *script)
    assert ours == httpxs


# -- what is kept ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "keep"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 204 X\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive, CLOSE\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore than was said", False),
        (b"HTTP/1.1 204 X\r\n\r\nmore", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore", False),
    ],
)
def test_a_connection_is_used_again_only_if_nothing_speaks_against_it(sent: bytes, keep: bool) -> None:
    assert read(sent).keep is keep


# -- limits ------------------------------------------------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"X: " + b"a" * MAX_HEAD + b"\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X: a\r\n" * 101 + b"\r\n",
        HEAD + b"a" * MAX_HEAD * 2,
        CHUNKED + b"0\r\n" + b"X: a\r\n" * 101 + b"\r\n",
        CHUNKED + b"0\r\nX: " + b"a" * MAX_HEAD + b"\r\n\r\n",
        CHUNKED + b"5;" + b"a" * MAX_HEAD * 2,
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 30 + HEAD + b"Content-Length: 0\r\n\r\n",
    ],
    ids=["long", "many", "without end", "many trailers", "long trailers", "chunk size", "interim"],
)
def test_headers_have_a_limit(sent: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        read(*(sent[i : i + 1000] for i in range(0, len(sent), 1000)))


def test_just_below_the_limits_all_is_well() -> None:
    assert len(read(HEAD + b"X: a\r\n" * 99 + b"Content-Length: 0\r\n\r\n").fields) == 100
    long = b"X: " + b"a" * (MAX_HEAD - 100) + b"\r\nContent-Length: 0\r\n\r\n"
    assert len(read(HEAD, long).fields[0][1]) == MAX_HEAD - 100


@pytest.mark.parametrize(
    ("head", "piece", "pieces"),
    [
        (HEAD + b"Content-Length: 200000000\r\n\r\n", b"a" * 1000, 0),
        (CHUNKED, b"3e8\r\n" + b"a" * 1000 + b"\r\n", 10),
        (CHUNKED + b"bebc200\r\n", b"a" * 1000, 0),
        (HEAD + b"\r\n", b"a" * 1000, 10),
    ],
    ids=["length", "chunks", "one chunk", "until the end"],
)
def test_a_body_too_large_is_given_up_at_the_limit_and_where_it_says_so_before(
    head: bytes, piece: bytes, pieces: int
) -> None:
    """Without asking for more pieces than the limit holds, and one."""
    asked: list[bytes] = []

    def receive() -> bytes:
        asked.append(piece if asked else head)
        return asked[-1]

    with pytest.raises(AnswerTooLarge):
        Reader(receive, 10_000).answer()
    assert len(asked) - 1 <= pieces + 1
