"""How a task stands by its row: the label first, the completion date where the label says nothing of its own. Pure."""

from __future__ import annotations

from datetime import date

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


def status_of(label: str, *, completed: bool, says_completion: bool, words: Vocabularies) -> Status:
    """``completed``: there is a completion date. ``says_completion``: the export has a column for it, so that an empty
    cell means "not finished". A label nobody has mapped stays unknown, whatever the dates (F14)."""
    status = words.status(label)
    if status is not Status.UNKNOWN:
        return status
    form = comparison_form(label)
    if not label or form in _EITHER:
        if completed:
            return Status.DONE
        return Status.IN_PROGRESS if says_completion else Status.UNKNOWN
    if form in _STILL_OPEN and not completed:
        return Status.IN_PROGRESS
    return Status.UNKNOWN


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
