"""How new the stored tasks are: by the newest reading of a source, or by the newest file."""

from __future__ import annotations

from datetime import datetime

from connector.domain.runs import USABLE
from connector.ports import UnitOfWork


def data_at(uow: UnitOfWork, until: datetime | None = None) -> datetime | None:
    """Begin of the newest usable reading or, if later, as of when the newest imported tasks were (UTC); None if there
    is neither. ``until``: as known at that moment."""
    read = uow.runs.last("sync", USABLE, until=until)
    known = [at for at in (read.started_at if read else None, uow.imports.newest(until)) if at is not None]
    return max(known, default=None)
