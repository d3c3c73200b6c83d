"""Which names of agencies wait for a person. Read only."""

from __future__ import annotations

from connector.detect.unmatched import Unmatched, unmatched
from connector.domain.policy import Policy
from connector.ports import Clock, UnitOfWork


def unmatched_names(uow: UnitOfWork, clock: Clock, policy: Policy) -> list[Unmatched]:
    """As of today; see ``detect.unmatched``."""
    with uow:
        tasks, documents = uow.tasks.histories(), uow.documents.histories()
    return unmatched(tasks, documents, policy, clock.local_date(clock.now()))
