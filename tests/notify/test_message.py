from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.domain.letters import Letter
from connector.notify.message import compose
from tests.notify.builders import AS_OF

WORDS = st.lists(
    st.sampled_from(
        ["nhiệm", "vụ", "quá", "hạn", "TD01", "-", "[iOffice]", "03", "ỨỪỬỮỰ", "a" * 90, "đ" * 60, ",", "=?"]
    ),
    min_size=1,
    max_size=40,
).map(" ".join)


def send_through(subject: str = "Thử", sender_name: str = "Văn phòng", text: str = "x\n") -> tuple[bytes, EmailMessage]:
    letter = Letter("A:1", ("a@example.vn",), subject, text, "", "<1@example.vn>", AS_OF)
    raw = compose(letter, sender="c@example.vn", sender_name=sender_name, date=AS_OF).as_bytes()
    return raw, message_from_bytes(raw, policy=policy.default)


@example(words="a" * 90 + " " + "a" * 90)
@example(words="Cảnh báo: 03 nhiệm vụ quá hạn, 02 nội dung quy trình cần rà soát, 01 nhiệm vụ sắp đến hạn")
@given(words=WORDS)
def test_a_subject_of_any_words_is_read_back_unchanged(words: str) -> None:
    raw, mail = send_through(subject=words)

    assert mail["Subject"] == words
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 998


@given(words=WORDS)
def test_a_sender_name_of_any_words_is_read_back_unchanged(words: str) -> None:
    raw, _ = send_through(sender_name=words)

    # Read by the older parser: the newer one keeps blanks between encoded words, which RFC 2047 says to drop.
    shown, address = parseaddr(str(message_from_bytes(raw)["From"]))
    assert str(make_header(decode_header(shown))) == words
    assert address == "c@example.vn"


@given(text=st.text())
def test_no_text_in_the_subject_can_make_another_header(text: str) -> None:
    _, mail = send_through(subject=text)

    assert mail.keys() == send_through()[1].keys()


def test_an_encoded_word_in_the_source_is_shown_and_not_decoded() -> None:
    hidden = "=?utf-8?q?x=0D=0ABcc:_a@example.org?="
    _, mail = send_through(subject=hidden, sender_name=hidden)

    assert mail["Subject"] == "= ?utf-8?q?x=0D=0ABcc:_a@example.org?="
    assert mail["From"].addresses[0].display_name == "= ?utf-8?q?x=0D=0ABcc:_a@example.org?="
    assert mail["Bcc"] is None


@pytest.mark.parametrize("text", ["Xin chào\n", "Đ" * 2000 + "\n", ".\n..\nFrom here\n"])
def test_a_letter_without_html_is_one_plain_part(text: str) -> None:
    _, mail = send_through(text=text)

    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == text
