from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from connector.standin.mail import MailCatcher, MailKnobs


def letter(*recipients: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "canhbao@vp.example", ", ".join(recipients)
    message["Subject"] = "Nhiệm vụ quá hạn"
    message.set_content("Kính gửi Sở Tài chính,\n.\n")
    return message


def test_a_letter_is_kept_with_envelope_and_bytes_and_written_to_a_readable_file(tmp_path: Path) -> None:
    folder = tmp_path / "thu"
    with MailCatcher(folder) as catcher, smtplib.SMTP(catcher.host, catcher.port, timeout=10) as smtp:
        smtp.send_message(letter("so-tc@donvi.example", "so-yt@donvi.example"))
        smtp.send_message(letter("so-yt@donvi.example"))
    first = catcher.messages[0]
    assert (first.sender, first.recipients) == ("canhbao@vp.example", ("so-tc@donvi.example", "so-yt@donvi.example"))
    assert first.message["Subject"] == "Nhiệm vụ quá hạn"
    assert first.message.get_content() == "Kính gửi Sở Tài chính,\r\n.\r\n"
    assert sorted(path.name for path in folder.iterdir()) == [
        "001-so-tc@donvi.example.eml",
        "002-so-yt@donvi.example.eml",
    ]
    assert (folder / "001-so-tc@donvi.example.eml").read_bytes() == first.content


def test_refused_recipients_get_550_and_the_others_their_letter() -> None:
    with MailCatcher(knobs=MailKnobs(refuse={"mat@donvi.example"})) as catcher:
        with smtplib.SMTP(catcher.host, catcher.port, timeout=10) as smtp:
            refused = smtp.send_message(letter("mat@donvi.example", "so-tc@donvi.example"))
            assert refused["mat@donvi.example"][0] == 550
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                smtp.send_message(letter("mat@donvi.example"))
        assert [message.recipients for message in catcher.messages] == [("so-tc@donvi.example",)]


def test_a_busy_server_says_451_as_often_as_told() -> None:
    with MailCatcher(knobs=MailKnobs(busy=2)) as catcher:
        with smtplib.SMTP(catcher.host, catcher.port, timeout=10) as smtp:
            for _ in range(2):
                with pytest.raises(smtplib.SMTPDataError, match="451"):
                    smtp.send_message(letter("so-tc@donvi.example"))
            assert catcher.messages == []
            smtp.send_message(letter("so-tc@donvi.example"))
        assert len(catcher.messages) == 1


def test_a_connection_that_dies_after_the_letter_leaves_the_letter_delivered() -> None:
    with MailCatcher(knobs=MailKnobs(drop_after_data=1)) as catcher:
        smtp = smtplib.SMTP(catcher.host, catcher.port, timeout=10)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            smtp.send_message(letter("so-tc@donvi.example"))
        smtp.close()
        assert len(catcher.messages) == 1


def test_two_catchers_run_side_by_side_on_their_own_ports() -> None:
    with MailCatcher() as one, MailCatcher() as other:
        assert one.port != other.port
        with smtplib.SMTP(other.host, other.port, timeout=10) as smtp:
            smtp.send_message(letter("so-tc@donvi.example"))
        assert (len(one.messages), len(other.messages)) == (0, 1)
