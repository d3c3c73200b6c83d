"""The outbox through a real SMTP server: claimed, sent, marked; nothing lost, nothing doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.clock import FixedClock
from connector.domain.letters import Letter
from connector.errors import MailUnavailable
from connector.jobs.deliver import DeliverResult, DeliveryPolicy, deliver
from connector.notify.smtp import SmtpMailer
from connector.settings import SmtpSettings
from connector.standin.mail import MailCatcher, MailKnobs
from connector.store.unit_of_work import SqlUnitOfWork

NOW = datetime(2022, 2, 15, 0, 30, tzinfo=UTC)
POLICY = DeliveryPolicy(lease=timedelta(minutes=5), attempts=3)


def letter(number: int, *recipients: str) -> Letter:
    key = f"SO_YT:2022-02-{number:02d}"
    to = recipients or ("so-yt@donvi.example",)
    return Letter(key, to, f"Nhiệm vụ {number}", "Kính gửi", "<p>Kính gửi</p>", f"<{number}@vp.example>", NOW)


def queue(uow: SqlUnitOfWork, *letters: Letter) -> None:
    with uow:
        for one in letters:
            uow.outbox.add(one)
        uow.commit()


def states(uow: SqlUnitOfWork) -> dict[str, int]:
    with uow:
        return uow.outbox.count_by_state()


def run(uow: SqlUnitOfWork, clock: FixedClock, port: int) -> DeliverResult:
    settings = SmtpSettings(
        host="127.0.0.1", port=port, security="none", sender="canhbao@vp.example", timeout_seconds=5
    )
    return deliver(uow, clock, SmtpMailer(settings, None, clock), POLICY)


def test_waiting_letters_are_sent_in_order_and_only_once(uow: SqlUnitOfWork) -> None:
    queue(uow, letter(1), letter(2), letter(3))
    clock = FixedClock(NOW)
    with MailCatcher() as server:
        assert run(uow, clock, server.port).sent == 3
        assert run(uow, clock, server.port).sent == 0
        assert [one.message["Message-ID"] for one in server.messages] == [f"<{n}@vp.example>" for n in (1, 2, 3)]
    assert states(uow) == {"sent": 3}


def test_a_refused_address_is_marked_and_the_others_get_their_letter(uow: SqlUnitOfWork) -> None:
    queue(uow, letter(1, "a@donvi.example", "khong-co@donvi.example", "b@donvi.example"))
    with MailCatcher(knobs=MailKnobs(refuse={"khong-co@donvi.example"})) as server:
        result = run(uow, FixedClock(NOW), server.port)
        assert (result.sent, result.refused) == (2, 1)
        assert server.messages[0].recipients == ("a@donvi.example", "b@donvi.example")
    assert states(uow) == {"sent": 1}


def test_a_busy_relay_gets_the_letter_later_with_the_same_message_id(uow: SqlUnitOfWork) -> None:
    queue(uow, letter(1))
    clock = FixedClock(NOW)
    with MailCatcher(knobs=MailKnobs(busy=1)) as server:
        assert run(uow, clock, server.port).retried == 1
        assert run(uow, clock, server.port).sent == 0, "not before its time"
        clock.move_to(NOW + timedelta(minutes=2))
        assert run(uow, clock, server.port).sent == 1
        assert [one.message["Message-ID"] for one in server.messages] == ["<1@vp.example>"]


def test_a_letter_that_never_gets_through_is_set_aside_and_counted(uow: SqlUnitOfWork) -> None:
    queue(uow, letter(1))
    clock = FixedClock(NOW)
    with MailCatcher(knobs=MailKnobs(busy=99)) as server:
        for _ in range(POLICY.attempts):
            result = run(uow, clock, server.port)
            clock.move_to(clock.moment + timedelta(hours=5))
    assert result.dead == 1
    assert states(uow) == {"dead": 1}


def test_with_the_relay_down_everything_waits_and_goes_out_in_order_afterwards(uow: SqlUnitOfWork) -> None:
    queue(uow, letter(1), letter(2))
    clock = FixedClock(NOW)
    with MailCatcher() as server:
        port = server.port
    result = run(uow, clock, port)
    assert isinstance(result.error, MailUnavailable)
    assert states(uow) == {"waiting": 2}
    clock.move_to(NOW + timedelta(hours=1))
    with MailCatcher() as server:
        assert run(uow, clock, server.port).sent == 2
        assert [one.message["Subject"] for one in server.messages] == ["Nhiệm vụ 1", "Nhiệm vụ 2"]


@pytest.mark.parametrize("minutes", [1, 6])
def test_a_letter_claimed_by_a_process_that_died_is_sent_once_its_lease_is_over(
    uow: SqlUnitOfWork, minutes: int
) -> None:
    queue(uow, letter(1))
    with uow:
        uow.outbox.claim(1, NOW, POLICY.lease)
        uow.commit()
    with MailCatcher() as server:
        result = run(uow, FixedClock(NOW + timedelta(minutes=minutes)), server.port)
    assert result.sent == (1 if minutes > 5 else 0)


def test_a_connection_lost_after_the_letter_was_taken_repeats_it_with_the_same_message_id(uow: SqlUnitOfWork) -> None:
    queue(uow, letter(1))
    clock = FixedClock(NOW)
    with MailCatcher(knobs=MailKnobs(drop_after_data=1)) as server:
        assert run(uow, clock, server.port).error is not None
        clock.move_to(NOW + timedelta(hours=1))
        assert run(uow, clock, server.port).sent == 1
        assert {one.message["Message-ID"] for one in server.messages} == {"<1@vp.example>"}
        assert len(server.messages) == 2
