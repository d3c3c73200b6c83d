"""Answers spoilt on their way: their bytes, their framing, their time."""

from __future__ import annotations

import gzip
import http.client
import json
import time
import unicodedata
import zlib

import pytest

from connector.standin.faults import Fault
from connector.standin.server import StandIn
from tests.standin.client import Client
from tests.standin.proofs import proves
from tests.standin.test_faults import FLOW, fault


@proves("cut", "drop")
@pytest.mark.parametrize(
    ("effect", "error"), [("cut", http.client.IncompleteRead), ("drop", http.client.RemoteDisconnected)]
)
def test_a_connection_ends_too_early(client: Client, standin: StandIn, effect: str, error: type[Exception]) -> None:
    fault(standin, effect, times=1)
    with pytest.raises(error):
        client.get(FLOW)
    client.connection.close()
    assert client.get(FLOW).status == 200


@proves("trickle")
def test_a_trickle_gives_the_whole_answer_byte_by_byte(client: Client, standin: StandIn) -> None:
    whole = client.get(FLOW).body
    fault(standin, "trickle", times=1, value="0.0002")
    started = time.perf_counter()
    assert client.get(FLOW).body == whole
    assert time.perf_counter() - started >= 0.0002 * len(whole)


@proves("slow")
def test_a_slow_answer_comes_after_its_pause(client: Client, standin: StandIn) -> None:
    fault(standin, "slow", times=1, value="0.05")
    started = time.perf_counter()
    client.get(FLOW)
    assert time.perf_counter() - started >= 0.05


def test_stopping_does_not_wait_for_a_slow_answer(client: Client, standin: StandIn) -> None:
    fault(standin, "slow", value="600")
    client.connection.request("GET", client.base + FLOW, headers={"X-Authentication-Token": client.token})
    started = time.perf_counter()
    standin.stop()
    assert time.perf_counter() - started < 3


@proves("bom", "gzip", "nfd", "spaces")
def test_bom_gzip_spaces_and_decomposed_text_carry_the_same_content(client: Client, standin: StandIn) -> None:
    plain = client.get(FLOW)
    fault(standin, "bom")
    assert client.get(FLOW).body == b"\xef\xbb\xbf" + plain.body
    fault(standin, "gzip")
    zipped = client.get(FLOW)
    assert (zipped.headers["content-encoding"], gzip.decompress(zipped.body)) == ("gzip", plain.body)
    fault(standin, "spaces")
    spaced = client.get(FLOW)
    assert (spaced.body != plain.body, spaced.json) == (True, plain.json)
    fault(standin, "nfd")
    text = client.get(FLOW).body.decode()
    assert text != plain.body.decode()
    assert unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", plain.body.decode())


@proves("old_tones")
def test_the_tone_can_stand_on_the_other_vowel(client: Client, standin: StandIn) -> None:
    def names() -> list[str]:
        return [row["name"] for row in client.tasks()]

    modern = names()
    fault(standin, "old_tones")
    old = names()
    changed = [(one, other) for one, other in zip(modern, old, strict=True) if one != other]
    assert any("hòa" in one and "hoà" in other for one, other in changed)
    assert all(len(one) == len(other) for one, other in changed)
    assert not any(syllable in name for name in old for syllable in ("òa", "óa", "ủy", "úy", "ọe", "Ủy"))
    assert [name.translate(_TONELESS) for name in old] == [name.translate(_TONELESS) for name in modern]


_TONELESS = str.maketrans("òóỏõọàáảãạùúủũụỳýỷỹỵèéẻẽẹ", "oooooaaaaauuuuuyyyyyeeeee")


@proves("chunked", "no_length")
def test_a_body_can_come_in_chunks_or_end_with_the_connection(client: Client, standin: StandIn) -> None:
    plain = client.get("api/job/getlistunit/").body
    fault(standin, "chunked")
    reply = client.get("api/job/getlistunit/")
    assert (reply.body, reply.headers["transfer-encoding"]) == (plain, "chunked")
    assert "content-length" not in reply.headers
    fault(standin, "no_length")
    reply = client.get("api/job/getlistunit/")
    assert (reply.body, reply.headers["connection"]) == (plain, "close")
    assert not {"content-length", "transfer-encoding"} & reply.headers.keys()


def test_chunks_can_be_cut_and_trickled(client: Client, standin: StandIn) -> None:
    plain = client.get(FLOW).body
    standin.knobs.faults = [Fault("chunked"), Fault("trickle", value="0.0001")]
    assert client.get(FLOW).body == plain
    standin.knobs.faults = [Fault("chunked"), Fault("cut")]
    with pytest.raises(http.client.IncompleteRead):
        client.get(FLOW)


@proves("huge")
@pytest.mark.parametrize("framing", ["", "chunked", "no_length"])
def test_a_huge_answer_is_valid_json_of_the_size_asked_for(client: Client, standin: StandIn, framing: str) -> None:
    plain = client.get(FLOW)
    standin.knobs.faults = [Fault("huge", value="3")] + ([Fault(framing)] if framing else [])
    reply = client.get(FLOW)
    assert 3_000_000 < len(reply.body) <= 3_000_000 + len(plain.body) + 20
    assert reply.json["data"] == plain.json["data"]
    assert ("content-length" in reply.headers) == (framing == "")


def test_a_huge_answer_is_made_while_it_is_sent(client: Client, standin: StandIn) -> None:
    """200 MB, of which the client takes a little: the server must not have built the rest."""
    fault(standin, "huge", value="200")
    client.connection.request("GET", client.base + FLOW, headers={"X-Authentication-Token": client.token})
    started = time.perf_counter()
    answer = client.connection.getresponse()
    assert int(answer.headers["Content-Length"]) > 200_000_000
    assert len(answer.read(1_000_000)) == 1_000_000
    client.connection.close()
    standin.stop()
    assert time.perf_counter() - started < 3


def test_a_huge_answer_can_be_small_until_it_is_unpacked(client: Client, standin: StandIn) -> None:
    standin.knobs.faults = [Fault("gzip"), Fault("huge", value="20")]
    reply = client.get(FLOW)
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) < 100_000
    unpacked = zlib.decompress(reply.body, wbits=31)
    assert len(unpacked) > 20_000_000
    assert json.loads(unpacked)["status"]["code"] == "0"


def test_a_page_can_be_huge_too(client: Client, standin: StandIn) -> None:
    standin.knobs.faults = [Fault("html"), Fault("huge", value="1")]
    assert client.get(FLOW).body.rstrip(b" ").endswith(b"</html>")
