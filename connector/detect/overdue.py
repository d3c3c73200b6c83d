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


def time_rules(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """All five rules at the moment ``at`` (aware)."""
    state = case.state_at(at)
    if state is None or case.gone_at(at):
        return
    if state.status is Status.DONE:
        yield from _done_late(case, state, at)
    elif state.status in OWED:
        if state.due_on is None:
            yield from _stale(case, state, at)
        else:
            yield from _open(case, state, state.due_on, at)


def _open(case: TaskCase, state: TaskState, due: date, at: datetime) -> Iterator[Hit | NotEvaluable]:
    deadlines, today = case.policy.deadlines, case.policy.observer.local_date(at)
    ends = deadlines.ends_at(due)
    if at < ends:
        yield from _due_soon(case, due, today, at)
        return
    if case.known_until < ends:
        yield NotEvaluable(
            "TD01_OVERDUE", Subject.TASK, case.task_id, case.lead_at(at), "chưa đọc lại nhiệm vụ sau khi đến hạn"
        )
        return
    # By the last day our readings vouch for: older data must not add days it has not seen.
    day = min(today, case.policy.observer.local_date(case.known_until))
    days = deadlines.days_overdue(due, day)
    facts = {"due": due.isoformat(), "days_overdue": days, "status": str(state.status)}
    reason = f"Hạn xử lý {day_text(due)}, đến ngày {day_text(day)} chưa hoàn thành, quá hạn {days} ngày."
    yield _hit(case, "TD01_OVERDUE", "", deadlines.first_day_late(ends), reason, facts, at)
    bands = [band for band in case.policy.thresholds.long_overdue_days if days > band]
    if bands:
        band = max(bands)
        yield _hit(case, "TD03_LONG_OVERDUE", str(band), due + timedelta(days=band + 1),
                   f"Quá hạn {days} ngày (trên {band} ngày).", {**facts, "band": band}, at)  # fmt: skip


def _due_soon(case: TaskCase, due: date, today: date, at: datetime) -> Iterator[Hit]:
    deadlines = case.policy.deadlines
    left = deadlines.working_days_left(due, today)
    bands = [band for band in case.policy.thresholds.due_soon_days if left <= band]
    if bands:
        band = min(bands)
        since = deadlines.calendar.add(deadlines.last_day(due), -band)
        when = "đến hạn hôm nay" if left == 0 else f"còn {left} ngày làm việc"
        yield _hit(case, "TD05_DUE_SOON", str(band), since, f"Hạn xử lý {day_text(due)}, {when}.",
                   {"due": due.isoformat(), "days_left": left}, at)  # fmt: skip


def _done_late(case: TaskCase, state: TaskState, at: datetime) -> Iterator[Hit]:
    completion = completion_at(case.history.versions, at)
    if state.due_on is None or completion is None:
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


def _stale(case: TaskCase, state: TaskState, at: datetime) -> Iterator[Hit | NotEvaluable]:
    if state.assigned_on is None:
        return
    limit = _add_months(state.assigned_on, case.policy.thresholds.stale_months)
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
