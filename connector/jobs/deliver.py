"""Claim → send → mark, one letter at a time. A crash repeats a letter, with the same Message-ID; it loses none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from connector.domain.letters import Delivery, OutboxItem
from connector.domain.runs import Outcome, RunCounts
from connector.errors import MailError, MailRefused
from connector.ports import Clock, Mailer, UnitOfWork

log = structlog.get_logger()

FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """``lease``: how long a claimed letter is ours. ``attempts``: tries before a letter is set aside as dead."""

    lease: timedelta
    attempts: int


@dataclass(frozen=True, slots=True)
class DeliverResult:
    """``error``: why the job stopped before the outbox was empty, None if it did not."""

    run_id: int
    sent: int
    refused: int
    retried: int
    waiting: int
    dead: int
    error: MailError | None = None


def deliver(
    uow: UnitOfWork,
    clock: Clock,
    mailer: Mailer,
    policy: DeliveryPolicy,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> DeliverResult:
    """Send every letter that is due, oldest first. If the relay does not answer at all, or when ``stopping``, the rest
    waits."""
    started = clock.now()
    with uow:
        uow.runs.close_interrupted("deliver", started)
        run_id = uow.runs.start("deliver", started)
        assert run_id is not None
        due = uow.outbox.waiting(started)
        uow.commit()
    tally = {"sent": 0, "refused": 0, "retry": 0}
    error: MailError | None = None
    try:
        for pk in due:
            if stopping():
                break
            error = _one(uow, clock, mailer, policy, pk, tally)
            if error is not None:
                break
    finally:
        mailer.close()
    with uow:
        states = uow.outbox.count_by_state()
        outcome = Outcome.FAILED if error else Outcome.OK
        counts = RunCounts(fetched=len(due), inserted=tally["sent"], rejected=tally["refused"])
        uow.runs.finish(run_id, clock.now(), outcome, counts, error=str(error or ""), detail=dict(tally))
        uow.commit()
    log.info("deliver.finished", run_id=run_id, **tally, outcome=str(outcome))
    return DeliverResult(
        run_id, tally["sent"], tally["refused"], tally["retry"], states.get("waiting", 0), states.get("dead", 0), error
    )


def _one(
    uow: UnitOfWork, clock: Clock, mailer: Mailer, policy: DeliveryPolicy, pk: int, tally: dict[str, int]
) -> MailError | None:
    with uow:
        item = uow.outbox.claim(pk, clock.now(), policy.lease)
        uow.commit()
    if item is None:
        return None  # another process has it
    try:
        deliveries = mailer.send(item.letter)
    except MailError as error:
        _give_back(uow, clock, policy, item, error)
        return error
    _settle(uow, clock, policy, item, list(deliveries))
    for one in deliveries:
        tally[one.outcome] += 1
    return None


def _settle(
    uow: UnitOfWork, clock: Clock, policy: DeliveryPolicy, item: OutboxItem, deliveries: list[Delivery]
) -> None:
    now = clock.now()
    left = [one.recipient for one in deliveries if one.outcome == "retry"]
    again = _next_try(now, item.attempts) if left and item.attempts < policy.attempts else None
    reply = next((one.reply for one in deliveries if one.outcome != "sent"), "")
    with uow:
        uow.outbox.settle(item, deliveries, at=now, left=left, retry_at=again, error=reply)
        uow.commit()


def _give_back(uow: UnitOfWork, clock: Clock, policy: DeliveryPolicy, item: OutboxItem, error: MailError) -> None:
    now = clock.now()
    # A refused login is the office's to mend; it is no letter's fault.
    spent = item.attempts >= policy.attempts and not isinstance(error, MailRefused)
    with uow:
        uow.outbox.release(item, retry_at=None if spent else _next_try(now, item.attempts), error=str(error))
        uow.commit()


def _next_try(now: datetime, attempts: int) -> datetime:
    """2, 4, 8 … minutes, at most 4 hours."""
    doublings = min(max(attempts - 1, 0), 20)
    return now + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
