"""Import what clerks dropped into the inbox, and lay an answer beside each file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from connector.errors import FileNotReady, InboxUnusable
from connector.jobs.import_file import ImportResult
from connector.normalise.exports.report import report_text
from connector.ports import Clock, UnitOfWork
from connector.ports_files import Inbox

log = structlog.get_logger()
HOLD = "inbox"
"""While the folder cannot be used, an operator sees it among what waits."""


@dataclass(frozen=True, slots=True)
class Taken:
    """``refused``: none of it was imported."""

    file: str
    refused: bool


def take_ready(
    inbox: Inbox,
    take: Callable[[Path], ImportResult],
    uow: UnitOfWork,
    clock: Clock,
    zone: ZoneInfo,
    stopping: Callable[[], bool] = lambda: False,
) -> list[Taken]:
    """Import every file that stands still. ``take``: imports one; what it raises beside (a broken database, another
    import) ends the work, and the file lies where it lay. Raises InboxUnusable if the folder cannot be listed, or when
    all have been looked at and one of them could not be moved."""
    try:
        found = _take(inbox, take, zone, stopping)
    except InboxUnusable as error:
        with uow:
            uow.holds.put(HOLD, clock.now(), str(error))
            uow.commit()
        raise
    with uow:
        if uow.holds.get(HOLD) is not None and not inbox.stuck:
            uow.holds.lift(HOLD)
            uow.commit()
    return found


def _take(
    inbox: Inbox, take: Callable[[Path], ImportResult], zone: ZoneInfo, stopping: Callable[[], bool]
) -> list[Taken]:
    found: list[Taken] = []
    unmoved: InboxUnusable | None = None
    for path in inbox.ready():
        if stopping():
            break
        result = take(path)
        if isinstance(result.error, FileNotReady):
            log.warning("inbox.not_ready", file=path.name, cause=str(result.error))
            inbox.put_off(path)
            continue
        found.append(Taken(path.name, result.outcome.refused))
        try:
            inbox.finish(path, refused=result.outcome.refused, report=report_text(result.outcome, zone))
        except InboxUnusable as error:
            unmoved = error
            log.warning("inbox.not_moved", file=path.name, cause=str(error))
    if unmoved is not None:
        raise unmoved
    return found
