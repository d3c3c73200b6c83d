"""How a task stands by its row: the label first, the completion date where the label says nothing of its own. Pure.

An empty completion date alone proves nothing: the source has none (F103), and a column may be there that is never
filled. Only where other rows of the sheet have one does the empty cell mean "not finished", and never against a task
that is known as finished: somebody would be accused by a blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connector.domain.records import TaskState
from connector.domain.status import Status
from connector.normalise.exports.columns import comparison_form
from connector.normalise.vocabulary import Vocabularies

_STILL_OPEN = frozenset({
    "con han", "con thoi han", "con trong han", "chua den han", "chua qua han", "sap den han", "sap qua han",
})  # fmt: skip
_EITHER = frozenset({
    "qua han", "qua thoi han", "da qua han", "tre han", "trong han", "trong thoi han", "khong han", "khong thoi han",
})  # fmt: skip
"""Said of finished and of unfinished tasks (domain rules section 5): only the completion date tells which."""
_LATE, _IN_TIME = ("quá hạn", "trễ hạn"), ("đúng hạn", "trước hạn", "trong hạn")


def status_of(label: str, *, completed: bool, words: Vocabularies) -> Status:
    """``completed``: there is a completion date. A label nobody has mapped stays unknown, whatever the dates (F14)."""
    status = words.status(label)
    if status is not Status.UNKNOWN:
        return status
    form = comparison_form(label)
    if completed and (not label or form in _EITHER):
        return Status.DONE
    return Status.IN_PROGRESS if form in _STILL_OPEN and not completed else Status.UNKNOWN


def leaves_it_to_the_date(label: str, *, has_column: bool) -> bool:
    """Whether a row without a completion date is unfinished if the column is used. ``has_column``: of labels; an empty
    cell in it is no word about the task."""
    return comparison_form(label) in _EITHER if label else not has_column


def contradiction(status: Status, label: str) -> str:
    """Why a row with a completion date cannot be right, "" if it can: a task may be finished and wait for the word of
    the office, or have been returned; it cannot be finished and in progress."""
    if status in (Status.NOT_STARTED, Status.IN_PROGRESS):
        return f"có ngày hoàn thành nhưng trạng thái là “{label}”"
    return ""


def not_yet(state: TaskState, day: date, *, starts: bool) -> Iterator[tuple[str, date, str]]:
    """(field, day, why) of what cannot be: what had not happened by ``day``, the local day as of which the row is, and
    a task due before it was given. ``starts``: the day given is that of the begin, which may be planned."""
    why = f"sau ngày của số liệu ({day:%d/%m/%Y}); có thể ngày và tháng bị đảo"
    if state.completed_on is not None and state.completed_on > day:
        yield "completed_on", state.completed_on, f"ngày hoàn thành {why}"
    if state.assigned_on is not None and state.assigned_on > day and not starts:
        yield "assigned_on", state.assigned_on, f"ngày giao {why}"
    if state.due_on is not None and state.assigned_on is not None and state.due_on < state.assigned_on:
        given = f"{state.assigned_on:%d/%m/%Y}"
        yield "due_on", state.due_on, f"hạn trước ngày giao ({given}); có thể ngày và tháng bị đảo"
    in_time = state.status.is_open and comparison_form(state.status_label) in _STILL_OPEN
    if in_time and state.due_on is not None and state.due_on < day:
        yield (
            "due_on",
            state.due_on,
            f"hạn đã qua nhưng trạng thái là “{state.status_label}” (số liệu ngày {day:%d/%m/%Y})",
        )


def doubts(
    status: Status, label: str, completed_on: date, due_on: date | None, assigned_on: date | None
) -> tuple[str, ...]:
    """What does not go together in a row."""
    found = []
    if status.is_open:
        found.append(f"có ngày hoàn thành {completed_on:%d/%m/%Y} nhưng trạng thái là “{label or 'để trống'}”")
    if assigned_on is not None and completed_on < assigned_on:
        found.append(f"hoàn thành {completed_on:%d/%m/%Y} trước khi giao {assigned_on:%d/%m/%Y}")
    if due_on is not None and status is Status.DONE:
        contrary = _LATE if completed_on <= due_on else _IN_TIME
        if label.casefold().endswith(contrary):
            found.append(f"trạng thái “{label}” nhưng hoàn thành {completed_on:%d/%m/%Y}, hạn {due_on:%d/%m/%Y}")
    return tuple(found)
