"""What a row of an export does to the record it is: a new version, something filled in, or nothing. Pure (F22).

A version says that the record changed, so only a file that is newer than every reading of it makes one. An older file
fills in what nobody had told and overwrites nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, Literal, TypeVar

from connector.domain.records import DocumentState, TaskState
from connector.domain.status import Status
from connector.normalise.exports.merging import Merged, merge_document, merge_task
from connector.normalise.exports.records import ExportDocument, ExportTask

S = TypeVar("S", TaskState, DocumentState)
CodeOf = Callable[[str, date | None], str]
_OWN_STATUS = ("status", "status_label", "completed_on")


@dataclass(frozen=True, slots=True)
class Stored(Generic[S]):
    """A stored record. ``known_at``: field → when what is stored was true; a field nobody has told is missing.
    ``last_seen_at``: no version may begin before it. ``last_open_on``: local day of the last reading that saw a task
    unfinished. ``listed``: the source's own lists have shown it."""

    pk: int
    state: S
    known_at: Mapping[str, datetime]
    last_seen_at: datetime
    last_open_on: date | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Telling(Generic[S]):
    """What to write of a row. ``pk``, ``state``: None for a new record, for one that stays as it is. ``after``: the
    last reading that still saw the old state. ``seen``: the row shows how the record itself stood at ``as_of``.
    ``kept``: fields of the export's columns that are not known by this row: it tells them otherwise and was not
    followed, or tells them of a line of the task only. ``older``: not followed, for newer values are known.
    ``reopened``: it was finished, and is unfinished by this row."""

    row: int
    record_id: str
    pk: int | None
    outcome: Literal["new", "changed", "filled", "unchanged"]
    state: S | None
    as_of: datetime
    after: datetime | None = None
    seen: bool = True
    kept: tuple[str, ...] = ()
    older: bool = False
    reopened: bool = False


def tell_task(
    task: ExportTask,
    record_id: str,
    stored: Stored[TaskState] | None,
    as_of: datetime,
    told: frozenset[str],
    code_of: CodeOf,
) -> Telling[TaskState]:
    """``told``: fields the export has columns for. Of a row that shows a co-operating unit's line the status is not
    the task's (F102)."""
    state = task.state
    if stored is None:
        if not task.tells_status:
            state = replace(state, status=Status.UNKNOWN, completed_on=None)
        untold = () if task.tells_status else _OWN_STATUS
        return Telling(task.row, record_id, None, "new", state, as_of, seen=task.tells_status, kept=untold)
    if not task.tells_status:
        told -= frozenset(_OWN_STATUS)
    if stored.state.content is None:  # without a column of its own it may still name the document
        told |= {"content"}
    known = _settled(stored, as_of)
    merged = merge_task(
        stored.state, known, state, as_of, told, code_of, stored.last_open_on,
        implied=task.implied, no_due=task.no_due, listed=stored.listed,
    )  # fmt: skip
    overruled = any(one.field == "status" and one.why in ("implied", "listed") for one in merged.kept)
    seen = task.vouches and not overruled
    telling = _telling(task.row, record_id, stored, merged, as_of, seen=seen)
    reopened = merged.state.status.is_open and stored.state.status is Status.DONE
    telling = replace(telling, reopened=True) if reopened else telling
    return telling if seen else replace(telling, kept=(*telling.kept, *_OWN_STATUS))


def tell_document(
    document: ExportDocument,
    record_id: str,
    stored: Stored[DocumentState] | None,
    as_of: datetime,
    told: frozenset[str],
    code_of: CodeOf,
) -> Telling[DocumentState]:
    if stored is None:
        return Telling(document.row, record_id, None, "new", document.state, as_of)
    merged = merge_document(stored.state, stored.known_at, document.state, as_of, told, code_of)
    return _telling(document.row, record_id, stored, merged, as_of, seen=True)


def _settled(stored: Stored[S], as_of: datetime) -> Mapping[str, datetime]:
    """For a file that is not newer than the newest reading whatever is known stands."""
    if as_of > stored.last_seen_at:
        return stored.known_at
    return {name: max(at, stored.last_seen_at) for name, at in stored.known_at.items()}


def _telling(
    row: int, record_id: str, stored: Stored[S], merged: Merged[S], as_of: datetime, *, seen: bool
) -> Telling[S]:
    kept = tuple(one.field for one in merged.kept)
    older = any(one.why == "older" for one in merged.kept)
    if merged.state == stored.state:
        return Telling(row, record_id, stored.pk, "unchanged", None, as_of, seen=seen, kept=kept, older=older)
    if as_of > stored.last_seen_at:
        after = stored.last_seen_at
        return Telling(row, record_id, stored.pk, "changed", merged.state, as_of, after, seen, kept, older)
    return Telling(row, record_id, stored.pk, "filled", merged.state, as_of, seen=seen, kept=kept, older=older)
