"""How a task stands at the cut-off, and how sure we are. Pure.

Where our own readings leave a gap around the deadline or the cut-off, the agency gets the benefit of the doubt and the
doubt is said (F103).
"""

from __future__ import annotations

from datetime import datetime

from connector.detect.cases import TaskCase
from connector.detect.overdue import OWED
from connector.domain.history import TaskVersion, completion_at
from connector.domain.records import TaskState
from connector.domain.report import TimeState
from connector.domain.status import Status
from connector.domain.wording import day_text, moment_text
from connector.errors import CalendarGap


def time_state(case: TaskCase, state: TaskState, cutoff: datetime) -> tuple[TimeState, str]:
    """The time state at the cut-off, and why it rests on the benefit of the doubt ("" if it does not)."""
    try:
        return _by_calendar(case, state, cutoff)
    except CalendarGap as gap:
        done = state.status is Status.DONE and completion_at(case.history.versions, cutoff) is not None
        why = f"hạn xử lý ngoài lịch làm việc đã khai báo ({gap})"
        return (TimeState.ON_TIME if done else TimeState.OPEN_IN_TIME), why


def _by_calendar(case: TaskCase, state: TaskState, cutoff: datetime) -> tuple[TimeState, str]:
    deadlines, observer = case.policy.deadlines, case.policy.observer
    ends = deadlines.ends_at(state.due_on) if state.due_on else None
    if state.status is Status.DONE:
        completion = completion_at(case.history.versions, cutoff)
        if completion is None:
            return (
                TimeState.OPEN_IN_TIME,
                "đọc lần đầu sau thời điểm chốt, khi đã hoàn thành; không rõ hoàn thành khi nào",
            )
        if ends is None or state.due_on is None:
            return TimeState.ON_TIME, ""
        if completion.reported_on is not None:
            late = completion.reported_on > deadlines.last_day(state.due_on)
            return (TimeState.LATE if late else TimeState.ON_TIME), ""
        if completion.by <= ends:
            return TimeState.ON_TIME, ""
        if completion.after is not None and observer.vouches_until(completion.after) >= ends:
            return TimeState.LATE, ""
        seen = moment_text(completion.by, case.policy.zone)
        why = f"thấy hoàn thành lúc {seen}, sau hạn {day_text(state.due_on)}, nhưng lần đọc trước đó còn trong hạn"
        return TimeState.ON_TIME, f"{why}; không đủ căn cứ coi là quá hạn"
    return _open_state(case, state, ends, cutoff)


def _open_state(case: TaskCase, state: TaskState, ends: datetime | None, cutoff: datetime) -> tuple[TimeState, str]:
    doubt = _doubt_at_cutoff(case, state, cutoff)
    if ends is None or cutoff < ends or state.status not in OWED:
        return TimeState.OPEN_IN_TIME, doubt
    last_known = _last_known(case, state, cutoff)
    if last_known is None or last_known < ends:
        return TimeState.OPEN_IN_TIME, "không đọc được nhiệm vụ trong khoảng từ hạn xử lý đến thời điểm chốt số liệu"
    return TimeState.OPEN_OVERDUE, doubt


def _following(case: TaskCase, state: TaskState, cutoff: datetime) -> TaskVersion | None:
    return next((one for one in case.history.versions if one.observed_at > cutoff and one.state != state), None)


def _last_known(case: TaskCase, state: TaskState, cutoff: datetime) -> datetime | None:
    """Up to when our readings vouch for the state of the cut-off; None if they never saw it before it changed."""
    following = _following(case, state, cutoff)
    reading = following.observed_after if following else case.history.last_seen_at
    return case.policy.observer.vouches_until(reading) if reading else None


def _doubt_at_cutoff(case: TaskCase, state: TaskState, cutoff: datetime) -> str:
    """Why an open task may not have been open at the cut-off; "" if our readings leave no room for that."""
    if not case.was_read_by(cutoff):
        return "đọc lần đầu sau thời điểm chốt, khi đã bị trả lại" if state.status is Status.RETURNED else ""
    following, known = _following(case, state, cutoff), _last_known(case, state, cutoff)
    if following is None or known is None or known >= cutoff:
        return ""
    if following.state.present and following.state.status in OWED:
        return ""
    return f"lần đọc cuối trước thời điểm chốt là {moment_text(known, case.policy.zone)}; lần đọc sau đã thay đổi"
