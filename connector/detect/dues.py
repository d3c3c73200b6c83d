"""PV11, PV12: due dates that moved. The source keeps no history of them; ours is what readings saw (F46)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from connector.detect.cases import TaskCase
from connector.domain.findings import FindingKey, Hit, NotEvaluable, Subject
from connector.domain.history import TaskVersion
from connector.domain.wording import day_text


class _Move(NamedTuple):
    old: date
    new: date
    version: TaskVersion


def _moves(case: TaskCase, at: datetime) -> list[_Move]:
    """Every change of the due date seen by ``at``, oldest first."""
    seen = [one for one in case.history.versions if one.state.present and one.observed_at <= at and one.state.due_on]
    return [
        _Move(before.state.due_on, after.state.due_on, after)
        for before, after in pairwise(seen)
        if before.state.due_on and after.state.due_on and before.state.due_on != after.state.due_on
    ]


def extended_repeatedly(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV11: moved later more often than allowed; at least as often as readings saw it."""
    later = [move for move in _moves(case, at) if move.new > move.old]
    allowed = case.policy.rules["PV11_EXT_REPEATED"].limit("times")
    if len(later) > allowed:
        days = [later[0].old, *(move.new for move in later)]
        reason = f"Hạn xử lý đã lùi {len(later)} lần: {' → '.join(map(day_text, days))}."
        facts: dict[str, object] = {"dues": [day.isoformat() for day in days]}
        yield _hit(case, "PV11_EXT_REPEATED", "", later[allowed].version, reason, facts)


def moved_after_expiry(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV12: moved later when it had passed already. Whether another change was approved no source tells."""
    rule, observer = "PV12_DUE_CHANGED", case.policy.observer
    for move in _moves(case, at):
        ends, after = case.policy.deadlines.ends_at(move.old), move.version.observed_after
        seen_on = observer.local_date(move.version.observed_at)
        if move.new > move.old and after is not None and observer.vouches_until(after) >= ends:
            reason = f"Hạn {day_text(move.old)} được lùi thành {day_text(move.new)} sau khi đã qua."
            facts: dict[str, object] = {"due": move.old.isoformat(), "new_due": move.new.isoformat()}
            yield _hit(case, rule, move.old.isoformat(), move.version, reason, facts)
            continue
        in_time = move.version.observed_at < ends
        reason = "đổi hạn, nguồn không cho biết đã được duyệt hay chưa" if in_time else "không biết đổi hạn lúc nào"
        lead = case.lead_at(move.version.observed_at)
        yield NotEvaluable(rule, Subject.TASK, case.task_id, lead, reason, seen_on)


def _hit(
    case: TaskCase, rule: str, band: str, version: TaskVersion, reason: str, facts: dict[str, object]
) -> Hit:  # fmt: skip
    return Hit(
        FindingKey(rule, Subject.TASK, case.task_id, case.lead_at(version.observed_at), band),
        breached_on=case.policy.observer.local_date(version.observed_at),
        reason=reason,
        facts=facts,
        document_id=case.document_id,
        task_id=case.task_id,
    )
