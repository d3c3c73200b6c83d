"""Import what clerks dropped into the inbox, and lay an answer beside each file. One file's trouble is not another's:
it is told among what waits for an operator, and the others are taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from connector.domain.file_names import shown_name
from connector.errors import ConnectorError, FileNotReady, InboxUnusable, StoreError
from connector.jobs.import_file import ImportResult
from connector.normalise.exports.report import report_text
from connector.ports import Clock, UnitOfWork
from connector.ports_files import Inbox

log = structlog.get_logger()
HOLD = "inbox"
"""While the folder cannot be used, or a file that is done with cannot be moved."""
FILE_HOLD, FOLDER_HOLD = "inbox-file:", "inbox-folder:"
"""How the holds of a file, or of a folder, begin; its name follows."""
_PASSING = ("still_written", "vanished")
"""Reasons that go away by themselves; of the others an operator should know."""


@dataclass(frozen=True, slots=True)
class Taken:
    """``refused``: none of it was imported."""

    file: str
    refused: bool


@dataclass
class _Look:
    """What came of one look. ``waiting``: file → why it lies where it lay."""

    taken: list[Taken] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    unmoved: InboxUnusable | None = None


def take_ready(
    inbox: Inbox,
    take: Callable[[Path], ImportResult],
    uow: UnitOfWork,
    clock: Clock,
    zone: ZoneInfo,
    stopping: Callable[[], bool] = lambda: False,
) -> list[Taken]:
    """Import every file that stands still. ``take``: imports one; a ConnectorError it raises (a broken database,
    another import) ends the work, and the file lies where it lay. Raises InboxUnusable if the folder cannot be listed,
    or when all have been looked at and one of them could not be moved."""
    look = _Look()
    try:
        for path in inbox.ready():
            if stopping():
                break
            _take(inbox, path, take, zone, look)
    except InboxUnusable as error:
        _hold(uow, clock.now(), {HOLD: str(error)}, lifted=())
        raise
    wanted = {FILE_HOLD + name: why for name, why in look.waiting.items()}
    wanted |= {FOLDER_HOLD + name: "chương trình không mở thư mục con" for name in inbox.folders}
    if look.unmoved is not None:
        wanted[HOLD] = f"không chuyển được tệp “{look.unmoved.fields['file']}”: {look.unmoved}"
    with uow:
        held = [name for name, _, _ in uow.holds.all() if name == HOLD or name.startswith((FILE_HOLD, FOLDER_HOLD))]
    done = {one.file for one in look.taken}
    lifted = [name for name in held if name not in wanted and not _goes_on(name, inbox, done)]
    _hold(uow, clock.now(), {name: why for name, why in wanted.items() if name not in held}, lifted)
    if look.unmoved is not None:
        raise look.unmoved
    return look.taken


def _take(inbox: Inbox, path: Path, take: Callable[[Path], ImportResult], zone: ZoneInfo, look: _Look) -> None:
    """One file. A bug that it brings to light is told, and does not keep the others waiting."""
    name = shown_name(path.name)
    try:
        result = take(path)
        if isinstance(result.error, FileNotReady):
            log.warning("inbox.not_ready", file=name, cause=str(result.error))
            inbox.put_off(path)
            if result.error.reason not in _PASSING:
                look.waiting[name] = result.outcome.reason
            return
        look.taken.append(Taken(name, result.outcome.refused))
        inbox.finish(path, refused=result.outcome.refused, report=report_text(result.outcome, zone))
    except InboxUnusable as error:
        look.unmoved = error
        log.warning("inbox.not_moved", file=name, cause=str(error))
    except StoreError:
        inbox.put_off(path)  # should it be this file that the database cannot take, the others come first next time
        raise
    except ConnectorError:
        raise
    except Exception as error:
        log.exception("inbox.file_failed", file=name)
        inbox.put_off(path)
        look.waiting[name] = f"lỗi ngoài dự kiến {type(error).__name__}; gửi nhật ký cho người phát triển"


def _goes_on(hold: str, inbox: Inbox, done: Collection[str]) -> bool:
    """Whether a hold still stands although this look said nothing of it: a file that is put off was not tried."""
    if hold == HOLD:
        return inbox.stuck
    name = hold.removeprefix(FILE_HOLD)
    return hold.startswith(FILE_HOLD) and name in inbox.names and name not in done


def _hold(uow: UnitOfWork, now: datetime, new: Mapping[str, str], lifted: Collection[str]) -> None:
    if new or lifted:
        with uow:
            for name in lifted:
                uow.holds.lift(name)
            for name, why in new.items():
                uow.holds.put(name, now, why)
            uow.commit()
