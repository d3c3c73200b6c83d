from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from connector.clock import FixedClock
from connector.errors import SettingsError, SourceGarbled, SourceRefused, SourceUnavailable, SourceUntrusted
from connector.messages import operator_message
from connector.sources.rest.client import RestClient
from connector.sources.rest.envelope import TokenExpired
from connector.sources.rest.pace import retry_after
from tests.sources.conftest import NOW, MakeClient, settings
from tests.sources.fake import FakeOffice, Reply, envelope, expired, zipped

PATH = "api/document/countmenu/"
GOOD = envelope([{"name": "A", "number": 1}])
DATA = [{"name": "A", "number": 1}]


def busy(status: int = 400, **headers: str) -> Reply:
    return Reply(envelope(None, "1", "Hệ thống đang bận"), status, {k.replace("_", "-"): v for k, v in headers.items()})


@pytest.fixture(autouse=True)
def _open_door(office: FakeOffice) -> None:
    """The token is not what these tests are about."""
    office.tokens[""] = ("1001", 0)


# -- what is sent ------------------------------------------------------------------------------------------------------


def test_every_request_carries_the_headers_of_the_app(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", Reply(GOOD), Reply(GOOD))
    client = make_client()
    client.send("GET", PATH, token="tok 1==", cookies={"JSESSIONID": "AB", "lb": "2"})
    client.send("POST", "api/login/v2/", {"username": "ketnoi.mẫu"})
    got, posted = office.seen
    assert (got.path, got.headers["content-type"], got.headers["accept"]) == (
        f"/qlvb/{PATH}",
        "application/json",
        "application/json",
    )
    assert (got.token, got.headers["cookie"]) == ("tok 1==", "JSESSIONID=AB; lb=2")
    assert (posted.body, posted.token, "cookie" in posted.headers) == ({"username": "ketnoi.mẫu"}, "", False)
    assert client.requests == 2


def test_cookies_of_one_answer_are_not_sent_with_the_next(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", Reply(GOOD, headers={"Set-Cookie": "JSESSIONID=AB; Path=/; Secure; HttpOnly"}), Reply(GOOD))
    client = make_client()
    assert client.send("GET", PATH).cookies == {"JSESSIONID": "AB"}
    client.send("GET", PATH)
    assert "cookie" not in office.seen[1].headers


def test_cookies_come_back_byte_for_byte(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", Reply(GOOD, headers={"Set-Cookie": "name=\xc3\xa1\xea; Path=/"}), Reply(GOOD))
    client = make_client()
    client.send("GET", PATH, cookies=client.send("GET", PATH).cookies)
    assert office.seen[1].headers["cookie"].encode("latin-1") == b"name=\xc3\xa1\xea"


@pytest.mark.parametrize(
    "address", ["http://", "https://:8443/", "http://a:b@vp.example/", "http://vp.example/?a=b", "http://vp.example:x/"]
)
def test_an_address_that_cannot_be_asked_is_a_settings_error(address: str, make_client: MakeClient) -> None:
    with pytest.raises(SettingsError, match="base_url"):
        make_client(url=address)


# -- what it cost ------------------------------------------------------------------------------------------------------


def test_the_cost_is_told_by_endpoint_retries_included(office: FakeOffice, make_client: MakeClient) -> None:
    client = make_client()
    client.send("POST", "api/login/v2/", {"username": "a"})
    office.tokens["t"] = ("1001", 0)
    office.plan("getlistjobflow", busy(500), busy(500))
    for path in ("api/job/getlistjobflow/1/", "api/job/getlistjobflow/2/", "api/report/jobreport/2/", "api/switch/7/"):
        client.send("GET", path, token="t")
    office.tokens["t"] = ("1001", 0)
    client.send("GET", "api/logout/", token="t", once=True)
    assert client.cost == {"login": 1, "job/getlistjobflow": 4, "report/jobreport": 1, "switch": 1, "logout": 1}
    assert (client.requests, client.retries) == (len(office.seen), 2) == (8, 2)


def test_the_time_spent_waiting_is_told(office: FakeOffice) -> None:
    client = RestClient(settings(office.url, requests_per_second=20), clock=FixedClock(NOW), sleep=time.sleep)
    client.send("GET", PATH)
    assert client.waited_seconds == 0
    office.plan("", busy(500))
    client.send("GET", PATH)
    client.close()
    assert 0.04 < client.waited_seconds - 1 < 1.5, "one twentieth of a second for the rate, one to two for the retry"


# -- good answers in odd clothes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        Reply(GOOD),
        Reply(b"\xef\xbb\xbf \r\n" + GOOD + b"\n\n"),
        zipped(GOOD),
        zipped(b"\xef\xbb\xbf" + GOOD),
        Reply(envelope(DATA, 0)),
        Reply(GOOD, headers={"Content-Type": "text/html"}),
    ],
    ids=["plain", "bom and blanks", "gzip", "gzip with bom", "numeric code", "wrong content type"],
)
def test_an_answer_is_understood_whatever_it_is_wrapped_in(
    reply: Reply, office: FakeOffice, make_client: MakeClient
) -> None:
    office.plan("", reply)
    answer = make_client().send("GET", PATH)
    assert (answer.data, answer.fetched_at) == (DATA, NOW)


# -- busy, down, broken ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        busy(400),
        busy(429),
        busy(500),
        Reply(b"<html>Bad gateway</html>", 502),
        busy(503),
        Reply(manner="drop"),
        Reply(GOOD, manner="cut"),
    ],
    ids=["400", "429", "500", "502 html", "503", "dropped", "cut"],
)
def test_a_passing_trouble_is_tried_again_until_it_passes(
    bad: Reply, office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.plan("", bad, bad, bad)
    assert make_client().send("GET", PATH).data == []
    assert office.count(PATH) == 4
    assert len(sleeps) == 3
    assert 1 <= sleeps[0] <= 2 <= sleeps[1] <= 3 < sleeps[2] <= 5, "jittered, doubling"


def test_tries_are_capped_in_number(office: FakeOffice, make_client: MakeClient, sleeps: list[float]) -> None:
    office.plan("", *[busy(500)] * 20)
    with pytest.raises(SourceUnavailable, match="HTTP 500"):
        make_client(attempts=4).send("GET", PATH)
    assert (office.count(PATH), len(sleeps)) == (4, 3)


def test_tries_are_capped_in_time(office: FakeOffice, make_client: MakeClient, sleeps: list[float]) -> None:
    office.plan("", *[busy(500)] * 60)
    with pytest.raises(SourceUnavailable):
        make_client(attempts=50, retry_for_seconds=40).send("GET", PATH)
    assert sum(sleeps) <= 40
    assert 4 <= len(sleeps) <= 6


def test_the_first_try_counts_towards_the_time(
    office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.plan("", Reply(GOOD, pause=30))
    with pytest.raises(SourceUnavailable, match="no complete answer"):
        make_client(timeout_seconds=1, retry_for_seconds=1.99).send("GET", PATH)
    assert sleeps == [], "one second of waiting more would be too late"


def test_what_is_sent_once_has_little_time_and_no_second_try(
    office: FakeOffice, make_client: MakeClient, sleeps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.sources.rest.client._ONCE_SECONDS", 0.3)
    office.plan("", Reply(GOOD, pause=30))
    with pytest.raises(SourceUnavailable, match=r"within 0\.3 s"):
        make_client().send("GET", "api/logout/", once=True)
    assert (len(office.seen), sleeps) == (1, [])


def test_a_retry_after_in_seconds_is_obeyed(office: FakeOffice, make_client: MakeClient, sleeps: list[float]) -> None:
    office.plan("", busy(429, Retry_After="17"))
    make_client().send("GET", PATH)
    assert sleeps == [17]


def test_a_retry_after_as_an_http_date_is_obeyed(
    office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.plan("", busy(503, Retry_After=format_datetime(NOW + timedelta(seconds=90), usegmt=True)))
    make_client().send("GET", PATH)
    assert sleeps == [90]


def test_a_retry_after_beyond_the_time_allowed_ends_the_request_at_once_and_says_how_long(
    office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.plan("", busy(429, Retry_After="3600"))
    with pytest.raises(SourceUnavailable) as caught:
        make_client().send("GET", PATH)
    assert (caught.value.retry_after, sleeps, office.count(PATH)) == (3600, [], 1)


def test_a_date_of_the_server_that_makes_no_sense_is_no_harm(office: FakeOffice, make_client: MakeClient) -> None:
    for date in ("", "soon", "Mon, 28 Feb 2022 16:30:00 +99999999999999", "Mon, 28 Feb 99999 16:30:00 GMT"):
        office.plan("", Reply(GOOD, headers={"Date": date}))
        make_client().send("GET", PATH)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "Mon, 99 Foo 2022 10:00:00 GMT", "²"])
def test_an_unreadable_retry_after_counts_as_none(header: str | None) -> None:
    assert retry_after(header, NOW) is None


def test_a_retry_after_in_the_past_means_now() -> None:
    assert retry_after(format_datetime(NOW - timedelta(hours=1), usegmt=True), NOW) == 0


def test_a_server_that_is_not_there_is_unavailable(make_client: MakeClient, sleeps: list[float]) -> None:
    with FakeOffice() as gone:
        url = gone.url
    with pytest.raises(SourceUnavailable, match="connection failed: ConnectionRefusedError"):
        make_client(url=url, attempts=3).send("GET", PATH)
    assert len(sleeps) == 2


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><html>bao tri</html>", GOOD[:-9], b"", b"[]", b'"x"', b"{}", b'{"status":{}}', b"\xff\xfe\x00"],
    ids=["html", "cut json", "empty", "list", "string", "no status", "no code", "not utf-8"],
)
def test_an_answer_that_is_no_envelope_is_tried_three_times_then_garbled(
    body: bytes, office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.plan("", *[Reply(body)] * 10)
    with pytest.raises(SourceGarbled) as caught:
        make_client().send("GET", PATH)
    assert (office.count(PATH), len(sleeps)) == (3, 2)
    assert "bao tri" not in str(caught.value)


def test_a_maintenance_page_that_goes_away_costs_one_more_try(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", Reply(b"<html></html>"), Reply(GOOD))
    assert make_client().send("GET", PATH).data == DATA


def test_a_redirect_is_garbled_and_never_followed(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", Reply(b"", 302, {"Location": office.url + "api/logout/"}))
    with pytest.raises(SourceGarbled, match="302"):
        make_client().send("GET", PATH)
    assert len(office.seen) == 1


def test_a_business_error_is_refused_at_once_with_the_servers_message(
    office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.plan("", Reply(envelope(None, "E17", "Không có quyền")))
    with pytest.raises(SourceRefused, match="E17: Không có quyền"):
        make_client().send("GET", PATH)
    assert (len(office.seen), sleeps) == (1, [])


@pytest.mark.parametrize("status", [403, 404, 405])
def test_another_http_error_is_refused_at_once(status: int, office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", Reply(b"<html>nginx</html>", status))
    with pytest.raises(SourceRefused, match=f"HTTP {status}"):
        make_client().send("GET", PATH)
    assert len(office.seen) == 1


@pytest.mark.parametrize(
    "reply",
    [
        expired(),
        expired("ERROR_Authentication_Required"),
        expired(status=200),
        Reply(b"<html>login</html>", 401),
    ],
    ids=["plain", "other case", "inside a 200", "html"],
)
def test_an_expired_token_is_told_apart(reply: Reply, office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", reply)
    with pytest.raises(TokenExpired):
        make_client().send("GET", PATH)
    assert len(office.seen) == 1


def test_a_401_with_another_code_is_a_refusal(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", expired("error_permission"))
    with pytest.raises(SourceRefused, match="401"):
        make_client().send("GET", PATH)


# -- time and size -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        Reply(GOOD, manner="trickle", pause=0.02),
        Reply(GOOD, manner="slow_head", pause=0.02),
        Reply(GOOD, pause=30),
    ],
    ids=["body byte by byte", "header byte by byte", "silence"],
)
def test_an_answer_ends_with_its_deadline_however_it_dawdles(
    reply: Reply, office: FakeOffice, make_client: MakeClient
) -> None:
    office.plan("", reply)
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match=r"within 0\.4 s"):
        make_client(timeout_seconds=0.4, attempts=1).send("GET", PATH)
    assert 0.35 < time.monotonic() - began < 1.5


def test_the_next_request_after_a_deadline_has_its_full_time(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", Reply(GOOD, pause=30), Reply(GOOD, pause=0.2))
    assert make_client(timeout_seconds=0.4).send("GET", PATH).data == DATA


@pytest.mark.parametrize("pack", [Reply, zipped], ids=["plain", "gzip bomb"])
def test_a_200_mb_answer_is_given_up_at_the_limit_without_keeping_it(
    pack: Any, office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.plan("", pack(b'{"status":{"code":"0"},"data":"' + b"a" * 200_000_000 + b'"}'))
    with pytest.raises(SourceGarbled, match="larger than 2 MB"):
        make_client(max_answer_mb=2).send("GET", PATH)
    assert (office.count(PATH), sleeps) == (1, []), "a second try would be as large"


def test_an_answer_just_within_the_limit_is_taken(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", zipped(envelope("a" * 990_000)))
    assert len(make_client(max_answer_mb=1).send("GET", PATH).data) == 990_000


def test_a_broken_or_cut_gzip_body_is_tried_again(office: FakeOffice, make_client: MakeClient) -> None:
    whole = zipped(GOOD).body
    headers = {"Content-Encoding": "gzip"}
    office.plan("", Reply(whole[:-12], headers=headers), Reply(b"no gzip at all", headers=headers), zipped(GOOD))
    assert make_client().send("GET", PATH).data == DATA


def test_half_a_character_becomes_a_mark_and_whole_ones_stay(office: FakeOffice, make_client: MakeClient) -> None:
    rows = b'[{"name": "n\\ud83d", "\\ud83dx": [{"x": "\\uD83D\\uDE00", "y": 3, "z": "\\udc00"}]}]'
    said = b'{"status": {"code": "7", "message": "l\\u1ed7i \\ud83d"}, "data": null}'
    office.plan("", Reply(b'{"status": {"code": "0", "message": ""}, "data": ' + rows + b"}"), Reply(said))
    client = make_client()
    assert client.send("GET", PATH).data == [{"name": "n\ufffd", "\ufffdx": [{"x": "😀", "y": 3, "z": "\ufffd"}]}]
    with pytest.raises(SourceRefused, match="lỗi \ufffd"):
        client.send("GET", PATH)


def test_an_encoding_we_did_not_ask_for_is_garbled(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("", Reply(GOOD, headers={"Content-Encoding": "br"}))
    with pytest.raises(SourceGarbled, match="Content-Encoding"):
        make_client().send("GET", PATH)


def test_interrupting_ends_a_silent_request_and_a_long_wait_within_a_second(office: FakeOffice) -> None:
    client = RestClient(settings(office.url), clock=FixedClock(NOW))
    for replies in ([Reply(GOOD, pause=30)], [busy(429, Retry_After="200")]):
        office.plan("", *replies)
        timer = threading.Timer(0.1, client.interrupt)
        timer.start()
        began = time.monotonic()
        with pytest.raises(SourceUnavailable, match="stopped"):
            client.send("GET", PATH)
        assert time.monotonic() - began < 1.5
        timer.join()
        client.resume()
    client.close()


# -- TLS ---------------------------------------------------------------------------------------------------------------


@contextmanager
def _with_tls(authority: trustme.CA, certificate: trustme.LeafCert | None = None) -> Iterator[str]:
    with FakeOffice() as office:
        office.tokens[""] = ("1001", 0)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (certificate or authority.issue_cert("127.0.0.1")).configure_cert(context)
        office._server.socket = context.wrap_socket(office._server.socket, server_side=True)
        yield office.url.replace("http://", "https://")


def test_a_certificate_nobody_vouches_for_is_refused_at_once_and_said_why(make_client: MakeClient) -> None:
    with _with_tls(trustme.CA()) as url:
        client = make_client(url=url, attempts=3)
        with pytest.raises(SourceUntrusted, match="CERTIFICATE_VERIFY_FAILED") as refused:
            client.send("GET", PATH)
    assert client.requests == 1, "another try would meet the same certificate"
    told = operator_message(refused.value)
    assert "do một nơi cấp không được tin cậy" in told
    assert "ca_file" in told


@pytest.mark.parametrize(
    ("name", "until", "why"),
    [
        ("ioffice.mau.gov.vn", None, "không phải của"),
        ("127.0.0.1", datetime(2022, 1, 1), "đã hết hạn"),  # noqa: DTZ001 - the library wants it so
    ],
)
def test_another_hosts_or_an_old_certificate_is_refused_for_what_it_is(
    make_client: MakeClient, tmp_path: Path, name: str, until: datetime | None, why: str
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate = authority.issue_cert(name, not_before=until and until - timedelta(days=9), not_after=until)
    with _with_tls(authority, certificate) as url, pytest.raises(SourceUntrusted) as refused:
        make_client(url=url, ca_file=tmp_path / "ca.pem").send("GET", PATH)
    assert why in str(refused.value.fields["why"])


def test_tls_where_the_server_speaks_plain_http_is_told_as_such(office: FakeOffice, make_client: MakeClient) -> None:
    with pytest.raises(SourceUntrusted) as refused:
        make_client(url=office.url.replace("http:", "https:")).send("GET", PATH)
    assert "không dùng TLS" in operator_message(refused.value)


def test_the_configured_authority_is_trusted_besides_the_systems(make_client: MakeClient, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with _with_tls(authority) as url:
        client = make_client(url=url, ca_file=tmp_path / "ca.pem")
        assert [client.send("GET", PATH).data for _ in range(3)] == [[], [], []]


def test_an_authority_file_that_cannot_be_read_is_a_settings_error(make_client: MakeClient, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(SettingsError, match="ca_file"):
            make_client(ca_file=tmp_path / name)


def test_json_of_a_request_is_utf8_and_keeps_empty_strings(office: FakeOffice, make_client: MakeClient) -> None:
    make_client().send("POST", "api/document/lookupdocument/", {"parameter": {"trichYeu": "", "x": "Khẩn"}})
    assert office.seen[0].body == {"parameter": {"trichYeu": "", "x": "Khẩn"}}
