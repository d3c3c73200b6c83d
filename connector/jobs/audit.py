"""The record of who did what: kept, shown, proved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.domain.audit import Deed, Entry, Verdict
from connector.domain.audit import verify as verify_chain
from connector.ports import UnitOfWork


def note(uow: UnitOfWork, deeds: Sequence[Deed]) -> None:
    """Of what is no change of records, and so has no unit of work of its own."""
    if deeds:
        with uow:
            uow.audit.add(deeds)
            uow.commit()


def listed(uow: UnitOfWork, since: datetime | None) -> list[Entry]:
    """Oldest first."""
    with uow:
        return list(uow.audit.entries(since))


def verify(uow: UnitOfWork, known: str) -> Verdict:
    """See ``domain.audit.verify``."""
    with uow:
        return verify_chain(uow.audit.entries(), known)
