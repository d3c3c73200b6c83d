"""TD01-TD05: time. Overdue is derived at a moment, never stored (F44)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from connector.detect.cases import TaskCase
from connector.domain.findings import FindingKey, Hit, NotEvaluable, Subject
from connector.domain.history import completion_at
from connector.domain.records import TaskState
from connector.domain.status import Status
from connector.domain.wording import day_text

OWED = frozenset({Status.NOT_STARTED, Status.IN_PROGRESS, Status.WAIT_CONFIRM, Status.RETURNED})
"""Open and the lead's turn: a paused or refused task is open, but nobody is called late for it."""


def overdue(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """TD01: open after its due day has ended."""
    if (late := _late(case, at)) is None:
        return
    state, due, ends = late
    if case.known_until < ends:
        yield NotEvaluable(
            "TD01_OVERDUE", Subject.TASK, case.task_id, case.lead_at(at), "chưa đọc lại nhiệm vụ sau khi đến hạn"
        )
        return
    day, days = _days_over(case, due, at)
    reason = f"Hạn xử lý {day_text(due)}, đến ngày {day_text(day)} chưa hoàn thành, quá hạn {days} ngày."
    late_on = case.policy.deadlines.first_day_late(ends)
    yield _hit(case, "TD01_OVERDUE", "", late_on, reason, _facts(state, due, days), at)


def long_overdue(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """TD03: overdue by more calendar days than a step of its threshold; the longest step passed. What leaves TD01
    undecided is said there."""
    if (late := _late(case, at)) is None or case.known_until < late[2]:
        return
    state, due, _ = late
    days = _days_over(case, due, at)[1]
    bands = [band for band in case.policy.rules["TD03_LONG_OVERDUE"].steps("calendar_days") if days > band]
    if bands:
        band = max(bands)
        facts = {**_facts(state, due, days), "band": band}
        reason = f"Quá hạn {days} ngày (trên {band} ngày)."
        yield _hit(case, "TD03_LONG_OVERDUE", str(band), due + timedelta(days=band + 1), reason, facts, at)


def _owed(case: TaskCase, at: datetime) -> TaskState | None:
    """The task at a moment, if it is visible, open and the lead's turn."""
    state = case.state_at(at)
    return state if state is not None and state.status in OWED and not case.gone_at(at) else None


def _late(case: TaskCase, at: datetime) -> tuple[TaskState, date, datetime] | None:
    """The task at a moment after its due day, with that day and the first moment too late."""
    state = _owed(case, at)
    if state is None or state.due_on is None:
        return None
    ends = case.policy.deadlines.ends_at(state.due_on)
    return (state, state.due_on, ends) if at >= ends else None


def _days_over(case: TaskCase, due: date, at: datetime) -> tuple[date, int]:
    """Calendar days over, by the last day our readings vouch for: older data must not add days it has not seen."""
    observer = case.policy.observer
    day = min(observer.local_date(at), observer.local_date(case.known_until))
    return day, case.policy.deadlines.days_overdue(due, day)


def _facts(state: TaskState, due: date, days: int) -> dict[str, object]:
    return {"due": due.isoformat(), "days_overdue": days, "status": str(state.status)}


def due_soon(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """TD05: a reminder some working days before; the nearest step."""
    deadlines, state = case.policy.deadlines, _owed(case, at)
    if state is None or state.due_on is None or at >= deadlines.ends_at(state.due_on):
        return
    due = state.due_on
    left = deadlines.working_days_left(due, case.policy.observer.local_date(at))
    bands = [band for band in case.policy.rules["TD05_DUE_SOON"].steps("working_days") if left <= band]
    if bands:
        band = min(bands)
        since = deadlines.calendar.add(deadlines.last_day(due), -band)
        when = "đến hạn hôm nay" if left == 0 else f"còn {left} ngày làm việc"
        yield _hit(case, "TD05_DUE_SOON", str(band), since, f"Hạn xử lý {day_text(due)}, {when}.",
                   {"due": due.isoformat(), "days_left": left}, at)  # fmt: skip


def done_late(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """TD02: finished after its due day, by the source's date or by what our readings prove."""
    state = case.state_at(at)
    if state is None or state.status is not Status.DONE or state.due_on is None or case.gone_at(at):
        return
    completion = completion_at(case.history.versions, at)
    if completion is None:
        return
    deadlines, observer = case.policy.deadlines, case.policy.observer
    ends = deadlines.ends_at(state.due_on)
    if completion.reported_on is not None:
        late, finished = completion.reported_on > deadlines.last_day(state.due_on), completion.reported_on
    else:
        # Only a reading after the deadline that still saw it open proves that it was late (F103).
        late = completion.after is not None and observer.vouches_until(completion.after) >= ends
        finished = observer.local_date(completion.by)
    if late:
        facts = {"due": state.due_on.isoformat(), "finished": finished.isoformat(), "observed": completion.observed}
        yield _hit(case, "TD02_DONE_LATE", "", deadlines.first_day_late(ends),
                   f"Hạn xử lý {day_text(state.due_on)}, hoàn thành ngày {day_text(finished)}.", facts, at)  # fmt: skip


def no_deadline_stale(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """TD04: no deadline, given long ago, and the lead has written nothing."""
    state = _owed(case, at)
    if state is None or state.due_on is not None or state.assigned_on is None:
        return
    limit = _add_months(state.assigned_on, case.policy.rules["TD04_NO_DEADLINE_STALE"].limit("months"))
    if case.policy.observer.local_date(at) <= limit or case.lead_rows(at):
        return
    if case.history.flow_read_at is None:
        yield NotEvaluable(
            "TD04_NO_DEADLINE_STALE", Subject.TASK, case.task_id, case.lead_at(at), "chưa đọc được tiến độ"
        )
        return
    yield _hit(case, "TD04_NO_DEADLINE_STALE", "", limit + timedelta(days=1),
               f"Giao ngày {day_text(state.assigned_on)}, không thời hạn, chưa có báo cáo nào.",
               {"assigned": state.assigned_on.isoformat()}, at)  # fmt: skip


def _add_months(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _hit(
    case: TaskCase, rule: str, band: str, breached_on: date, reason: str, facts: dict[str, object], at: datetime
) -> Hit:
    key = FindingKey(rule, Subject.TASK, case.task_id, case.lead_at(at), band)
    return Hit(key, breached_on, reason, facts, document_id=case.document_id, task_id=case.task_id)
