"""PV19, PV20: what a source says of a task and what does not go together. Errors of data, nobody's violation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from connector.detect.cases import TaskCase
from connector.domain.findings import FindingKey, Hit, NotEvaluable, Subject
from connector.domain.history import TaskVersion, last_present
from connector.domain.records import TaskState
from connector.domain.status import Status, fold_label
from connector.domain.wording import day_text

_IN_TIME, _LATE = ("đúng hạn", "trước hạn", "trong hạn"), ("quá hạn", "trễ hạn")
"""How labels of finished tasks end that say when."""


def date_conflict(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV19: dates in the wrong order, or later than the reading that showed them."""
    version = _shown(case, at)
    if version is None:
        return
    state, read_on = version.state, case.policy.observer.local_date(version.observed_at)
    given, done, due = state.assigned_on, state.completed_on, state.due_on
    found = []
    if done and given and done < given:
        found.append(f"hoàn thành {day_text(done)} trước khi giao {day_text(given)}")
    if due and given and due < given:
        found.append(f"hạn xử lý {day_text(due)} trước ngày giao {day_text(given)}")
    found += [
        f"{what} {day_text(day)} sau ngày đọc {day_text(read_on)}"
        for what, day in (("ngày hoàn thành", done), ("ngày giao", given))
        if day and day > read_on
    ]
    yield from _hit(case, "PV19_DATE_CONFLICT", version, found)


def status_conflict(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV20: the status and the finish date contradict each other. A source without finish dates says nothing here."""
    version = _shown(case, at)
    if version is not None and version.state.completed_on is not None:
        yield from _hit(case, "PV20_STATUS_CONFLICT", version, _of_status(case, version.state))


def _of_status(case: TaskCase, state: TaskState) -> list[str]:
    done, due = state.completed_on, state.due_on
    assert done is not None
    if state.status.is_open:
        return [f"có ngày hoàn thành {day_text(done)} nhưng trạng thái là “{state.status_label or 'để trống'}”"]
    label = fold_label(state.status_label)
    if state.status is not Status.DONE or due is None:
        return []
    # A day off between the printed due date and the last day makes both labels right.
    wrong = done > case.policy.deadlines.last_day(due) if label.endswith(_IN_TIME) else done <= due
    if not wrong or not label.endswith((*_IN_TIME, *_LATE)):
        return []
    return [f"trạng thái “{state.status_label}” nhưng hoàn thành {day_text(done)}, hạn {day_text(due)}"]


def _shown(case: TaskCase, at: datetime) -> TaskVersion | None:
    """The newest version that showed the task, unless it is gone."""
    return None if case.gone_at(at) else last_present(case.history.versions, at)


def _hit(case: TaskCase, rule: str, version: TaskVersion, found: list[str]) -> Iterator[Hit]:
    if found:
        text = "; ".join(found)
        yield Hit(
            FindingKey(rule, Subject.TASK, case.task_id, case.lead_at(version.observed_at)),
            breached_on=case.policy.observer.local_date(version.observed_at),
            reason=f"{text[0].upper()}{text[1:]}.",
            facts={
                "assigned": _iso(version.state.assigned_on),
                "due": _iso(version.state.due_on),
                "completed": _iso(version.state.completed_on),
                "label": version.state.status_label,
            },
            document_id=case.document_id,
            task_id=case.task_id,
        )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
