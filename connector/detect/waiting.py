"""PV05, PV14, PV16: a task that stays as it is for too long. What our readings do not cover is "not evaluable".

The days are counted from the latest moment at which it can have begun, so that a gap between two readings is never
counted against anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from connector.detect.cases import TaskCase
from connector.detect.receiving import last_day_before
from connector.detect.violations import ANSWERABLE
from connector.domain.findings import FindingKey, Hit, NotEvaluable, Subject
from connector.domain.history import TaskVersion, run_start
from connector.domain.status import Status
from connector.domain.wording import day_text

_REREAD = "chưa đọc lại nhiệm vụ sau thời hạn"


def no_progress(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV05: open, and the lead has written nothing for some working days."""
    rule, observer = "PV05_NO_PROGRESS", case.policy.observer
    state = case.state_at(at)
    if state is None or state.status not in ANSWERABLE or case.gone_at(at):
        return
    rows, began = case.lead_rows(at), _began_with(case, at)
    written = [row.observed_at for row in rows if row.observed_at <= at]
    days = [observer.local_date(moment) for moment in (*written, began) if moment is not None]
    if state.assigned_on is not None:
        days.append(state.assigned_on)
    if not days:
        yield _unknown(case, rule, at, None, "không có ngày giao")
        return
    since = max(days)
    limit = _limit(case, rule, since)
    if limit > at:
        return
    if case.flow_known_until is None or case.flow_known_until < limit:
        yield _unknown(case, rule, at, limit, "chưa đọc lại tiến độ sau thời hạn")
        return
    unsure = [row.observed_after for row in rows if row.observed_at > at]
    if any(after is None or observer.vouches_until(after) < limit for after in unsure):
        yield _unknown(case, rule, at, limit, "không biết tiến độ được cập nhật trước hay sau thời hạn")
        return
    yield from _still(case, rule, at, since, limit, ("Từ ngày {}", "chưa cập nhật tiến độ"))


def _began_with(case: TaskCase, at: datetime) -> datetime | None:
    """When the present lead's turn can have begun at the latest, if we saw it begin."""
    began: TaskVersion | None = None
    before: TaskVersion | None = None
    for version in case.history.versions:
        if version.observed_at > at or not version.state.present:
            continue
        if before is not None and version.state.status in ANSWERABLE:
            same = before.state.status in ANSWERABLE and before.state.lead == version.state.lead
            began = began if same else version
        before = version
    return began.observed_at if began else None


def rework_pending(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV14: given back to be done again, and not taken up."""
    yield from _in_status(case, at, "PV14_REWORK_PENDING", Status.RETURNED, "bị trả lại", "chưa thực hiện lại")


def confirm_late(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV16: reported as finished, and neither confirmed nor given back by the office."""
    yield from _in_status(case, at, "PV16_CONFIRM_LATE", Status.WAIT_CONFIRM, "báo kết quả", "chưa xác nhận, trả lại")


def _in_status(
    case: TaskCase, at: datetime, rule: str, status: Status, since: str, still: str
) -> Iterator[Hit | NotEvaluable]:
    start = run_start(case.history.versions, at, frozenset({status}))
    if start is None or case.gone_at(at):
        return
    day = case.policy.observer.local_date(start.observed_at)
    limit = _limit(case, rule, day)
    if limit <= at:
        yield from _still(case, rule, at, day, limit, (f"Chậm nhất ngày {{}} {since}", still))


def _still(
    case: TaskCase, rule: str, at: datetime, since: date, limit: datetime, words: tuple[str, str]
) -> Iterator[Hit | NotEvaluable]:
    """The hit, if our readings vouch that nothing had changed when the limit was reached."""
    observer, state = case.policy.observer, case.state_at(at)
    assert state is not None
    later = (one for one in case.history.versions if one.observed_at > at and one.state.present)
    other = next((one for one in later if (one.state.status, one.state.lead) != (state.status, state.lead)), None)
    changed = other is not None and (
        other.observed_after is None or observer.vouches_until(other.observed_after) < limit
    )
    if case.known_until < limit or changed:
        yield _unknown(case, rule, at, limit, _REREAD)
        return
    until = day_text(last_day_before(limit, case.policy))
    yield Hit(
        FindingKey(rule, Subject.TASK, case.task_id, case.lead_at(at)),
        breached_on=case.policy.deadlines.first_day_late(limit),
        reason=f"{words[0].format(day_text(since))}, đến hết ngày {until} {words[1]}.",
        facts={"since": since.isoformat(), "limit": limit.isoformat()},
        document_id=case.document_id,
        task_id=case.task_id,
    )


def _limit(case: TaskCase, rule: str, day: date) -> datetime:
    return case.policy.deadlines.limit_after(day, case.policy.rules[rule].limit("working_days"))


def _unknown(case: TaskCase, rule: str, at: datetime, limit: datetime | None, reason: str) -> NotEvaluable:
    on = None if limit is None else case.policy.observer.local_date(limit)
    return NotEvaluable(rule, Subject.TASK, case.task_id, case.lead_at(at), reason, on)
