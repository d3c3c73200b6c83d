"""What an export changes of a stored record, field by field and with the reason. Pure (F22, F27).

A field counts as of the moment its source was read or written, whichever source that was. So an older export changes
nothing that was learnt later, and still adds what nobody had told: the completion date, which the API has not (F103).
An empty cell takes nothing away. The same thing in other words ("Sở KH&ĐT", "Hoàn thành" for "Đã hoàn thành") is no
change, else two sources would overwrite each other for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

from connector.domain.records import DocumentState, TaskState
from connector.domain.status import Status, fold_label
from connector.normalise.exports.keys import name_key

S = TypeVar("S", TaskState, DocumentState)
Why = Literal["first", "newer", "older", "blank", "implied", "listed", "not_done", "done_again"]

REASONS: Mapping[Why, str] = {
    "first": "trước đó chưa có",
    "newer": "tệp mới hơn",
    "older": "giữ nguyên: đã có giá trị mới hơn hoặc cùng lúc",
    "blank": "giữ nguyên: tệp để trống",
    "implied": "giữ nguyên: tệp không ghi trạng thái, chỉ để trống ngày hoàn thành",
    "listed": "giữ nguyên: iOffice ghi là đã xong, lần đọc sau sẽ cho biết có mở lại hay không",
    "not_done": "nhiệm vụ không còn ở trạng thái hoàn thành",
    "done_again": "giữ nguyên: sau ngày này nhiệm vụ còn chưa hoàn thành",
}

_TOGETHER = (("status", "status_label"), ("assigned_on", "assigned_at"), ("due_on", "due_at"))
"""Fields that change together; the first of each decides whether they differ."""
_FOLDED = frozenset({"assigner", "priority", "evaluation", "urgency"})
_NAMES = frozenset({"name", "subject", "content", "evaluation_note"})
_AGENCIES = frozenset({"lead", "issuer"})
_NEVER = frozenset({"present", "completed_on", "outgoing", "notation", "standing"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """``old`` and ``new`` as in the record."""

    field: str
    old: object
    new: object
    why: Why


@dataclass(frozen=True, slots=True)
class Merged(Generic[S]):
    """``state``: the record afterwards. ``kept``: what the export says otherwise and what was not taken.
    ``confirmed``: fields that export and record agree on; they are known as of the export too."""

    state: S
    changes: tuple[FieldChange, ...]
    kept: tuple[FieldChange, ...]
    confirmed: frozenset[str]


def merge_task(
    stored: TaskState,
    known_at: Mapping[str, datetime],
    incoming: TaskState,
    incoming_at: datetime,
    told: frozenset[str],
    code_of: Callable[[str, date | None], str],
    last_open_on: date | None = None,
    *,
    implied: bool = False,
    no_due: bool = False,
    listed: bool = False,
) -> Merged[TaskState]:
    """``known_at``: field → when what is stored was true; a field nobody has told is missing there. ``told``: fields
    the export has columns for. ``last_open_on``: local day of the last reading that saw the task unfinished: a
    completion reported before it is that of an earlier round (F104). ``implied``: no word of the export tells the
    status; it says nothing new of a task that is known. ``no_due``: the export says that there is no deadline.
    ``listed``: the source's own lists show the task; that it is unfinished again only they can say, for a list kept by
    hand lags behind."""
    lines = told - {"lines"} if stored.lines else told  # the source's own lines say more
    merged = _merge(
        stored, known_at, incoming, incoming_at, lines, code_of, implied=implied, no_due=no_due, listed=listed
    )
    return _completion(merged, stored, known_at, incoming, incoming_at, told, last_open_on)


def merge_document(
    stored: DocumentState,
    known_at: Mapping[str, datetime],
    incoming: DocumentState,
    incoming_at: datetime,
    told: frozenset[str],
    code_of: Callable[[str, date | None], str],
) -> Merged[DocumentState]:
    """As ``merge_task``. A document once known as secret stays so; one that any source calls issued was issued."""
    merged = _merge(stored, known_at, incoming, incoming_at, told, code_of)
    secret = True if stored.secret or incoming.secret else merged.state.secret
    state = replace(merged.state, secret=secret, outgoing=stored.outgoing or incoming.outgoing)
    return replace(merged, state=state)


def _merge(
    stored: S,
    known_at: Mapping[str, datetime],
    incoming: S,
    at: datetime,
    told: frozenset[str],
    code_of: Callable[[str, date | None], str],
    *,
    implied: bool = False,
    no_due: bool = False,
    listed: bool = False,
) -> Merged[S]:
    values: dict[str, Any] = {}
    changes: list[FieldChange] = []
    kept: list[FieldChange] = []
    confirmed: set[str] = set()
    for group in _groups(isinstance(stored, TaskState), told):
        name = group[0]
        old, new = getattr(stored, name), getattr(incoming, name)
        if _same(name, stored, incoming, code_of) or (implied and name == "status" and new and old.is_open):
            confirmed.update(group)
            continue
        known = known_at.get(name)
        why: Why = "first" if known is None else "newer" if at > known else "older"
        says_none = no_due and name == "due_on"
        if (
            known is not None
            and not says_none
            and (_blank(new) or (new is Status.UNKNOWN and not getattr(incoming, group[1])))
        ):
            why = "blank"
        elif implied and name == "status" and old is not Status.UNKNOWN:
            why = "implied"
        elif listed and name == "status" and old is Status.DONE and new.is_open and why == "newer":
            why = "listed"
        change = FieldChange(name, old, new, why)
        if why in ("first", "newer"):
            changes.append(change)
            values |= {one: getattr(incoming, one) for one in group}
        else:
            kept.append(change)
    return Merged(replace(stored, **values) if values else stored, tuple(changes), tuple(kept), frozenset(confirmed))


def _completion(
    merged: Merged[TaskState],
    stored: TaskState,
    known_at: Mapping[str, datetime],
    incoming: TaskState,
    at: datetime,
    told: frozenset[str],
    last_open_on: date | None,
) -> Merged[TaskState]:
    """The reported completion follows the status: no date without it, and none from before it was reopened."""
    old, new = stored.completed_on, incoming.completed_on
    state = merged.state
    if state.status is not Status.DONE:
        if old is None or state.status is stored.status:
            return merged
        change = FieldChange("completed_on", old, None, "not_done")
        return replace(merged, state=replace(state, completed_on=None), changes=(*merged.changes, change))
    if "completed_on" not in told or new == old:
        return merged
    known = known_at.get("completed_on") if old is not None else None
    why: Why = "first" if known is None else "newer" if at > known else "older"
    if new is None:
        why = "blank"
    elif last_open_on is not None and new < last_open_on:
        why = "done_again"
    change = FieldChange("completed_on", old, new, why)
    if why in ("first", "newer"):
        return replace(merged, state=replace(state, completed_on=new), changes=(*merged.changes, change))
    return replace(merged, kept=(*merged.kept, change))


@lru_cache(maxsize=64)
def _groups(is_task: bool, told: frozenset[str]) -> list[tuple[str, ...]]:
    """The fields that are compared, and those that go with each."""
    together = _TOGETHER if is_task else ()  # documents have days only
    first = {group[0]: group for group in together}
    second = {group[1] for group in together}
    wanted = told - second - _NEVER
    return [
        first.get(one.name, (one.name,))
        for one in fields(TaskState if is_task else DocumentState)
        if one.name in wanted
    ]


def _same(name: str, stored: S, incoming: S, code_of: Callable[[str, date | None], str]) -> bool:
    old, new = getattr(stored, name), getattr(incoming, name)
    if (old == new and old is not Status.UNKNOWN) or (_blank(old) and _blank(new)):
        return True
    if name == "status":  # of two labels nobody has mapped only the words can tell
        return old is new and fold_label(getattr(stored, "status_label", "")) == fold_label(
            getattr(incoming, "status_label", "")
        )
    if name in _FOLDED:
        return fold_label(old) == fold_label(new)
    if name in _NAMES and old and new:
        return name_key(old) == name_key(new)
    if name in _AGENCIES and old and new:
        day = getattr(stored, "assigned_on", None) or getattr(stored, "issued_on", None)
        return code_of(old, day) == code_of(new, day)
    return False


def _blank(value: object) -> bool:
    return value is None or value in ("", ())
