from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connector.clock import FixedClock
from connector.domain.letters import Letter
from connector.errors import MailRefused, MailUnavailable
from connector.notify.smtp import SmtpMailer
from tests.notify.builders import AS_OF, example_digest, renderer
from tests.notify.conftest import PASSWORD, Relay, StartRelay, free_port, settings_for

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

SENT_AT = datetime(2022, 2, 28, 0, 30, tzinfo=UTC)


@contextmanager
def mailer_for(relay: Relay, password: str | None = None, **changes: Any) -> Iterator[SmtpMailer]:
    secret = SecretStr(password) if password is not None else None
    mailer = SmtpMailer(settings_for(relay, **changes), secret, FixedClock(SENT_AT), reply_to="vanphong@example.vn")
    try:
        yield mailer
    finally:
        mailer.close()


def a_letter(*recipients: str, key: str = "SO_YT:2022-02-28", subject: str = "Thử", text: str = "Xin chào\n") -> Letter:
    html = f"<!DOCTYPE html><html><body><p>{text}</p></body></html>\n"
    return Letter(key, recipients or ("vanthu.soyt@example.vn",), subject, text, html, "<abc@example.vn>", AS_OF)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def test_a_digest_comes_through_with_all_its_letters(start_relay: StartRelay) -> None:
    relay = start_relay()
    letter = renderer().digest(example_digest(), AS_OF)
    with mailer_for(relay) as mailer:
        (delivery,) = mailer.send(letter)

    assert (delivery.recipient, delivery.outcome) == ("vanthu.soyt@example.vn", "sent")
    assert delivery.reply == "250 2.0.0 queued as 4711"
    assert 0 <= delivery.seconds < 5
    assert relay.only_mail()["Subject"] == letter.subject
    assert part(relay.only_mail(), "plain") == letter.text
    assert part(relay.only_mail(), "html") == letter.html
    assert len(relay.mails[0]) < 100_000


def test_the_headers_say_who_when_and_that_a_machine_wrote(start_relay: StartRelay) -> None:
    relay = start_relay()
    letter = renderer().digest(example_digest(), AS_OF)
    with mailer_for(relay) as mailer:
        mailer.send(letter)

    mail = relay.only_mail()
    assert mail["From"].addresses[0].display_name == "Theo dõi nhiệm vụ iOffice"
    assert mail["From"].addresses[0].addr_spec == "connector@example.vn"
    assert [address.addr_spec for address in mail["To"].addresses] == list(letter.recipients)
    assert mail["Reply-To"] == "vanphong@example.vn"
    assert mail["Message-ID"] == letter.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Connector-Key"] == letter.key
    assert mail["Content-Language"] == "vi"
    assert parsedate_to_datetime(mail["Date"]) == SENT_AT
    assert mail["Date"].endswith("+0700")
    assert mail.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]


def test_raw_headers_are_ascii_in_short_lines_and_the_raw_text_can_be_read(start_relay: StartRelay) -> None:
    relay = start_relay()
    letter = renderer().digest(example_digest(), AS_OF)
    with mailer_for(relay) as mailer:
        mailer.send(letter)

    head, _, body = relay.mails[0].partition(b"\r\n\r\n")
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert "Nhiệm vụ chưa hoàn thành đã quá hạn".encode() in body
    assert max(map(len, body.split(b"\r\n"))) <= 998


def test_letters_of_one_agency_hang_together_and_those_of_another_do_not(start_relay: StartRelay) -> None:
    relay = start_relay()
    with mailer_for(relay) as mailer:
        for key in ("SO_YT:2022-02-25", "SO_YT:2022-02-28", "SO_XD:2022-02-28"):
            mailer.send(a_letter(key=key))

    first, second, other = (re.search(rb"\r\nReferences: (.*)\r\n", raw) for raw in relay.mails)
    assert first is not None
    assert second is not None
    assert other is not None
    assert first[1] == second[1] != other[1]


def test_a_relay_that_takes_only_seven_bits_gets_them(start_relay: StartRelay) -> None:
    relay = start_relay(decode_data=True)
    with mailer_for(relay) as mailer:
        (delivery,) = mailer.send(a_letter(text="Đã quá hạn\n"))

    assert delivery.outcome == "sent"
    assert relay.mails[0].isascii()
    assert part(relay.only_mail(), "plain") == "Đã quá hạn\n"
    assert not any("8bitmime" in line.lower() for line in relay.dialogue)


def test_lines_too_long_for_mail_are_encoded_and_lines_of_a_dot_survive(start_relay: StartRelay) -> None:
    relay = start_relay()
    text = "Đ" * 3000 + "\n.\n..dòng\n"
    with mailer_for(relay) as mailer:
        mailer.send(a_letter(text=text))

    assert part(relay.only_mail(), "plain") == text
    assert max(map(len, relay.mails[0].split(b"\r\n"))) <= 998


def test_line_breaks_in_names_make_no_header_of_their_own(start_relay: StartRelay) -> None:
    relay = start_relay()
    with mailer_for(relay, sender_name="Văn phòng\r\nBcc: a@example.org") as mailer:
        mailer.send(a_letter(subject="Sở Y tế\r\nBcc: b@example.org", key="SO_YT:1\nBcc: c@example.org"))

    assert relay.only_mail()["Bcc"] is None
    assert relay.only_mail()["Subject"] == "Sở Y tế Bcc: b@example.org"
    assert relay.recipients == [["vanthu.soyt@example.vn"]]


def test_one_connection_carries_many_letters(start_relay: StartRelay) -> None:
    relay = start_relay()
    with mailer_for(relay) as mailer:
        assert relay.connections == 0
        for number in range(5):
            mailer.send(a_letter(key=f"A:{number}"))

    assert (len(relay.mails), relay.connections) == (5, 1)


def test_a_connection_lost_between_letters_is_opened_again(start_relay: StartRelay) -> None:
    relay = start_relay()
    with mailer_for(relay) as mailer:
        mailer.send(a_letter(key="A:1"))
        relay.hang_up()
        (delivery,) = mailer.send(a_letter(key="A:2"))

    assert delivery.outcome == "sent"
    assert (len(relay.mails), relay.connections) == (2, 2)


def test_a_refused_address_does_not_keep_the_letter_from_the_others(start_relay: StartRelay) -> None:
    relay = start_relay()
    relay.answers = {"b@example.vn": "550 5.1.1 no such user", "c@example.vn": "451 4.7.1 try later"}
    with mailer_for(relay) as mailer:
        deliveries = mailer.send(a_letter("a@example.vn", "b@example.vn", "c@example.vn", "d@example.vn"))

    assert [(d.recipient, d.outcome, d.reply) for d in deliveries] == [
        ("a@example.vn", "sent", "250 2.0.0 queued as 4711"),
        ("b@example.vn", "refused", "550 5.1.1 no such user"),
        ("c@example.vn", "retry", "451 4.7.1 try later"),
        ("d@example.vn", "sent", "250 2.0.0 queued as 4711"),
    ]
    assert relay.recipients == [["a@example.vn", "d@example.vn"]]
    assert relay.only_mail()["To"] == "a@example.vn, d@example.vn"


@pytest.mark.parametrize("address", ["vănthư@example.vn", "a@example.vn\r\nDATA", "no-address", ""])
def test_an_address_that_cannot_be_written_is_refused_before_the_relay_sees_it(
    start_relay: StartRelay, address: str
) -> None:
    relay = start_relay()
    with mailer_for(relay) as mailer:
        first, second = mailer.send(a_letter(address, "a@example.vn"))

    assert (first.outcome, second.outcome) == ("refused", "sent")
    assert relay.recipients == [["a@example.vn"]]


@pytest.mark.parametrize(
    ("answer", "outcome"), [("451 4.3.0 queue full", "retry"), ("554 5.7.1 looks like spam", "refused")]
)
def test_a_letter_refused_after_its_content_leaves_the_connection_usable(
    start_relay: StartRelay, answer: str, outcome: str
) -> None:
    relay = start_relay()
    relay.answers = {"DATA": answer}
    with mailer_for(relay) as mailer:
        (delivery,) = mailer.send(a_letter())
        relay.answers.clear()
        (next_delivery,) = mailer.send(a_letter(key="A:2"))

    assert (delivery.outcome, delivery.reply) == (outcome, answer)
    assert next_delivery.outcome == "sent"
    assert relay.connections == 1


def test_when_no_recipient_is_taken_nothing_is_transferred(start_relay: StartRelay) -> None:
    relay = start_relay()
    relay.answers = {"vanthu.soyt@example.vn": "550 no"}
    with mailer_for(relay) as mailer:
        (refused,) = mailer.send(a_letter())
        relay.answers.clear()
        (sent,) = mailer.send(a_letter(key="A:2"))

    assert (refused.outcome, sent.outcome) == ("refused", "sent")
    assert (len(relay.mails), relay.connections) == (1, 1)


def test_a_connection_lost_before_the_last_reply_is_told_as_unavailable(start_relay: StartRelay) -> None:
    relay = start_relay()
    relay.drop_after_data = True
    with mailer_for(relay) as mailer:
        with pytest.raises(MailUnavailable):
            mailer.send(a_letter())
        relay.drop_after_data = False
        mailer.send(a_letter())

    assert len(relay.mails) == 2
    ids = {message_from_bytes(raw, policy=policy.default)["Message-ID"] for raw in relay.mails}
    assert ids == {"<abc@example.vn>"}


@pytest.mark.parametrize("step", ["MAIL", "vanthu.soyt@example.vn", "DATA"])
def test_a_relay_that_shuts_down_in_the_middle_is_unavailable(start_relay: StartRelay, step: str) -> None:
    relay = start_relay()
    relay.answers = {step: "421 4.3.2 shutting down"}
    with mailer_for(relay) as mailer, pytest.raises(MailUnavailable, match=r"421 .* shutting down"):
        mailer.send(a_letter())


def test_a_sender_refused_for_good_is_told_as_refused_and_one_refused_for_now_as_unavailable(
    start_relay: StartRelay,
) -> None:
    relay = start_relay()
    with mailer_for(relay) as mailer:
        relay.answers = {"MAIL": "550 5.7.1 sender not allowed"}
        with pytest.raises(MailRefused, match="sender not allowed"):
            mailer.send(a_letter())
        relay.answers = {"MAIL": "452 4.3.1 no space"}
        with pytest.raises(MailUnavailable, match="no space"):
            mailer.send(a_letter())


def test_a_relay_that_is_not_there_is_unavailable() -> None:
    relay = Relay()
    relay.port = free_port()
    with mailer_for(relay) as mailer, pytest.raises(MailUnavailable) as caught:
        mailer.send(a_letter())

    assert caught.value.fields["host"] == "localhost"
    assert caught.value.fields["port"] == relay.port


def test_a_relay_that_says_nothing_is_unavailable_after_the_time_out() -> None:
    relay = Relay()
    with socket.create_server(("localhost", 0)) as silent:
        relay.port = silent.getsockname()[1]
        with mailer_for(relay, timeout_seconds=0.2) as mailer, pytest.raises(MailUnavailable, match=r"(?i)time"):
            mailer.send(a_letter())


def test_no_relay_configured_is_said_and_not_looked_for() -> None:
    with mailer_for(Relay(), host="", port=25) as mailer, pytest.raises(MailUnavailable, match="no relay"):
        mailer.send(a_letter())


def test_a_letter_without_recipient_is_an_error_and_not_a_success(start_relay: StartRelay) -> None:
    with mailer_for(start_relay()) as mailer, pytest.raises(MailRefused, match="no recipient"):
        mailer.send(replace(a_letter(), recipients=()))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_letters_go_through_tls_and_login(start_relay: StartRelay, ca_file: Path, security: str) -> None:
    relay = start_relay(security, auth=True)
    with mailer_for(relay, PASSWORD, security=security, ca_file=ca_file, username="connector") as mailer:
        (delivery,) = mailer.send(a_letter())

    assert delivery.outcome == "sent"
    assert relay.logins == [(b"connector", PASSWORD.encode())]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_not_accepted(start_relay: StartRelay, security: str) -> None:
    relay = start_relay(security)
    with mailer_for(relay, security=security) as mailer, pytest.raises(MailUnavailable, match=r"(?i)certificate"):
        mailer.send(a_letter())

    assert relay.mails == []


def test_a_certificate_for_another_host_is_not_accepted(start_relay: StartRelay, ca_file: Path) -> None:
    relay = start_relay("tls")
    with (
        mailer_for(relay, security="tls", ca_file=ca_file, host="127.0.0.1") as mailer,
        pytest.raises(MailUnavailable, match=r"(?i)certificate"),
    ):
        mailer.send(a_letter())


def test_a_relay_without_starttls_gets_neither_password_nor_letter(start_relay: StartRelay) -> None:
    relay = start_relay()
    with (
        mailer_for(relay, PASSWORD, security="starttls", username="connector") as mailer,
        pytest.raises(MailUnavailable, match="STARTTLS"),
    ):
        mailer.send(a_letter())

    assert (relay.mails, relay.logins) == ([], [])


def test_a_wrong_password_is_tried_once_however_many_letters_wait(start_relay: StartRelay) -> None:
    relay = start_relay(auth=True)
    with mailer_for(relay, "sai", username="connector") as mailer:
        for _ in range(3):
            with pytest.raises(MailRefused, match="535") as caught:
                mailer.send(a_letter())

    assert relay.logins == [(b"connector", b"sai")]
    assert "sai" not in str(caught.value).split()


def test_a_login_that_fails_for_now_is_unavailable(start_relay: StartRelay) -> None:
    relay = start_relay(auth=True)
    relay.answers = {"AUTH": "454 4.7.0 temporary authentication failure"}
    with mailer_for(relay, PASSWORD, username="connector") as mailer, pytest.raises(MailUnavailable, match="454"):
        mailer.send(a_letter())


@pytest.mark.parametrize("password", [None, "mật khẩu"])
def test_a_password_that_is_missing_or_cannot_be_sent_is_refused_without_a_try(
    start_relay: StartRelay, password: str | None
) -> None:
    relay = start_relay(auth=True)
    with mailer_for(relay, password, username="connector") as mailer, pytest.raises(MailRefused) as caught:
        mailer.send(a_letter())

    assert relay.logins == []
    assert "mật" not in str(caught.value)


def test_a_relay_that_wants_a_login_we_do_not_have_refuses_the_sender(start_relay: StartRelay) -> None:
    with mailer_for(start_relay(auth=True)) as mailer, pytest.raises(MailRefused, match="530"):
        mailer.send(a_letter())


def test_verifying_logs_in_and_sends_nothing(start_relay: StartRelay, ca_file: Path) -> None:
    relay = start_relay("starttls", auth=True)
    with mailer_for(relay, PASSWORD, security="starttls", ca_file=ca_file, username="connector") as mailer:
        mailer.verify()

    assert relay.logins == [(b"connector", PASSWORD.encode())]
    assert "NOOP" in relay.dialogue
    assert relay.mails == []
    assert not any(line.startswith("MAIL") for line in relay.dialogue)


def test_verifying_tells_a_wrong_password(start_relay: StartRelay) -> None:
    with mailer_for(start_relay(auth=True), "sai", username="connector") as mailer, pytest.raises(MailRefused):
        mailer.verify()


def test_the_greeting_names_our_domain_and_not_the_machine(start_relay: StartRelay) -> None:
    relay = start_relay()
    with mailer_for(relay) as mailer:
        mailer.verify()

    assert "EHLO example.vn" in relay.dialogue


def test_closing_twice_or_without_a_connection_is_quiet(start_relay: StartRelay) -> None:
    relay = start_relay()
    with mailer_for(relay) as mailer:
        mailer.close()
        mailer.send(a_letter())
        relay.hang_up()
        mailer.close()
        mailer.close()
