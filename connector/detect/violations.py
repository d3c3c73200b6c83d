"""PV06, PV07, PV08: progress, result and evidence (khoản 4 Điều 13 Quyết định 31/2020/QĐ-UBND).

A violation is said only when our readings prove it; where a gap in our own readings leaves it open, the rule is "not
evaluable" for that case. A later cure is noted and removes nothing. It belongs to the month of the first day too late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.detect.cases import TaskCase
from connector.detect.receiving import allowed_days, last_day_before
from connector.detect.references import NAMED
from connector.domain.findings import FindingKey, Hit, NotEvaluable, Subject
from connector.domain.history import DocumentHistory, SeenFlowRow, TaskVersion, last_present, run_start
from connector.domain.periods import Month
from connector.domain.status import Status, fold_label
from connector.domain.wording import day_text

SETTLED = frozenset({Status.DONE, Status.WAIT_CONFIRM})
ANSWERABLE = frozenset({Status.NOT_STARTED, Status.IN_PROGRESS, Status.RETURNED})
"""Open, and an answer of the lead is still owed."""
CLOSED = SETTLED | {Status.CANCELLED}


# -- PV06 ----------------------------------------------------------------------------------------------------------


def silent_at_due(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV06: a due date passed and the lead had written nothing: no progress, no request, no result."""
    for due in _due_dates(case):
        ends = case.policy.deadlines.ends_at(due)
        if ends <= at:
            yield from _silent_at(case, due, ends)


def _due_dates(case: TaskCase) -> list[date]:
    found: list[date] = []
    for version in case.history.versions:
        due = version.state.due_on
        if version.state.present and due is not None and due not in found:
            found.append(due)
    return found


def _silent_at(case: TaskCase, due: date, ends: datetime) -> Iterator[Hit | NotEvaluable]:
    rule, observer = "PV06_SILENT_AT_DUE", case.policy.observer
    versions = case.history.versions
    in_force = last_present(versions, ends)
    if in_force is None or in_force.state.due_on != due:
        # Extended before it fell, or first read later. If the change may have come after it fell, we cannot say.
        later = next((one for one in versions if one.observed_at > ends and one.state.present), None)
        if in_force is None and later is not None and later.state.due_on == due and _open_after(later, ends):
            yield _unknown(case, rule, ends, "chưa theo dõi nhiệm vụ tại thời điểm đến hạn")
        return
    if in_force.state.status not in ANSWERABLE:
        return
    if case.gone_at(ends):
        return
    rows = case.lead_rows(ends)
    if any(row.observed_at <= ends for row in rows):
        return
    following = next((one for one in versions if one.observed_at > ends and one.state.present), None)
    if following is not None and _may_have_changed_before(case, following, ends, due):
        yield _unknown(case, rule, ends, "trạng thái thay đổi giữa hai lần đọc, quanh thời điểm đến hạn")
        return
    first = min(rows, key=lambda row: row.observed_at, default=None)
    if first is not None and (first.observed_after is None or observer.vouches_until(first.observed_after) < ends):
        yield _unknown(case, rule, ends, "không biết tiến độ được cập nhật trước hay sau thời điểm đến hạn")
        return
    if first is None and (case.flow_known_until is None or case.flow_known_until < ends):
        yield _unknown(case, rule, ends, "chưa đọc lại tiến độ sau khi đến hạn")
        return
    deadlines = case.policy.deadlines
    yield Hit(
        FindingKey(rule, Subject.TASK, case.task_id, case.lead_at(ends), due.isoformat()),
        breached_on=deadlines.first_day_late(ends),
        reason=f"Đến hết hạn xử lý {day_text(due)} chưa có kết quả, báo cáo tiến độ hoặc đề nghị gia hạn.",
        facts={"due": due.isoformat(), "first_report_seen": first.observed_at.isoformat() if first else None},
        document_id=case.document_id,
        task_id=case.task_id,
        cured_at=first.observed_at if first else None,
    )


def _open_after(version: TaskVersion, ends: datetime) -> bool:
    return version.state.status.is_open and (version.observed_after is None or version.observed_after < ends)


def _may_have_changed_before(case: TaskCase, version: TaskVersion, ends: datetime, due: date) -> bool:
    """Whether the next state (another due date or lead, or finished) may have begun before the due date fell."""
    before = case.state_at(case.policy.deadlines.ends_at(due))
    lead_changed = before is not None and version.state.lead != before.lead
    differs = version.state.due_on != due or version.state.status not in ANSWERABLE or lead_changed
    after = version.observed_after
    return differs and (after is None or case.policy.observer.vouches_until(after) < ends)


# -- PV07 ----------------------------------------------------------------------------------------------------------


def result_not_updated(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV07: the lead issued its answering document, but the task was not reported as finished in time."""
    document, state = case.document, case.state_at(at)
    today = case.policy.observer.local_date(at)
    if state is None or (state.assigned_on and state.assigned_on > today):
        return
    may_still_be = state.status.is_open and not case.gone_at(at)
    if document is None:
        if may_still_be:
            yield _unknown(case, "PV07_RESULT_NOT_UPDATED", at, case.link.problem, dated=False)
        return
    if document.related_read_at is None:
        if not may_still_be:
            return
        yield _unknown(case, "PV07_RESULT_NOT_UPDATED", at, "chưa đọc được danh sách văn bản liên quan", dated=False)
        return
    for answer in _answers(case, document):
        days = allowed_days(case.policy, "PV07_RESULT_NOT_UPDATED", document)
        limit = case.policy.deadlines.limit_after(answer.issued_on, days)
        if limit <= at:
            yield from _not_updated(case, document, answer, limit)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A document listed under the source document. ``issuer_known`` False: it is in no list we read, so it may be
    the lead's answer or something else."""

    document_id: str
    issued_on: date
    issuer_known: bool


def _answers(case: TaskCase, document: DocumentHistory) -> list[_Answer]:
    """What is, or may be, an answer of the task's lead; oldest first."""
    found: list[_Answer] = []
    for seen in document.related:
        answer = case.index.by_id.get(seen.related.document_id)
        issued_on = (answer.state.issued_on if answer else None) or seen.related.dated_on
        if issued_on is None or (answer is not None and answer.state.outgoing):
            continue
        moment = case.policy.observer.end_of_day(issued_on)
        if answer is None or case.agency_code(answer.state.issuer, moment) == case.lead_at(moment):
            found.append(_Answer(seen.related.document_id, issued_on, answer is not None))
    return sorted(found, key=lambda one: (one.issued_on, one.document_id))


def _not_updated(
    case: TaskCase, document: DocumentHistory, answer: _Answer, limit: datetime
) -> Iterator[Hit | NotEvaluable]:
    rule, observer = "PV07_RESULT_NOT_UPDATED", case.policy.observer
    begins = observer.end_of_day(answer.issued_on - timedelta(days=1))
    settled = [one for one in case.history.versions if one.state.present and one.state.status in SETTLED]
    if any(one.observed_at < limit and (one.until is None or one.until > begins) for one in settled):
        return
    state = case.state_at(limit)
    if state is None or state.status is Status.CANCELLED or case.gone_at(limit):
        return
    if doubt := _doubt(case, answer, settled, begins, limit):
        yield _unknown(case, rule, limit, doubt)
        return
    following = [one for one in settled if one.observed_at >= limit]
    yield Hit(
        FindingKey(rule, Subject.TASK, case.task_id, case.lead_at(limit), answer.document_id),
        breached_on=case.policy.deadlines.first_day_late(limit),
        reason=f"Văn bản trả lời ban hành ngày {day_text(answer.issued_on)}, "
        f"đến hết ngày {day_text(last_day_before(limit, case.policy))} chưa cập nhật kết quả hoàn thành.",
        facts={
            "answer": answer.document_id,
            "answered_on": answer.issued_on.isoformat(),
            "document": document.document_id,
        },
        document_id=document.document_id,
        task_id=case.task_id,
        cured_at=following[0].observed_at if following else None,
    )


def _doubt(case: TaskCase, answer: _Answer, settled: list[TaskVersion], begins: datetime, limit: datetime) -> str:
    """Why it is not proved that the lead left this task open after this answer; "" if it is."""
    vouches = case.policy.observer.vouches_until
    if case.history.versions[0].observed_at >= limit:
        return "bắt đầu theo dõi nhiệm vụ sau thời hạn cập nhật kết quả"
    following = [one for one in settled if one.observed_at >= limit]
    if case.known_until < limit or any(
        one.observed_after is None or vouches(one.observed_after) < limit for one in following
    ):
        return "khoảng trống giữa hai lần đọc, quanh thời hạn cập nhật kết quả"
    if any(_may_have_settled(case, row, begins, limit) for row in case.history.flow):
        return "tiến độ cho thấy nhiệm vụ có thể đã được cập nhật rồi trả lại giữa hai lần đọc"
    answered = case.index.by_id.get(answer.document_id)
    if answered is not None and answered.state.standing:
        return "văn bản trả lời đã bị thu hồi hoặc thay thế"
    if not answer.issuer_known:
        return "có văn bản liên quan chưa rõ cơ quan ban hành"
    if case.lead_at(begins) != case.lead_at(limit):
        return "cơ quan chủ trì thay đổi trong thời hạn cập nhật kết quả"
    if any(run_start(one.versions, begins, CLOSED) is None for one in case.siblings):
        return "văn bản giao nhiều nhiệm vụ cho cùng cơ quan, chưa rõ trả lời nhiệm vụ nào"
    return ""


def _may_have_settled(case: TaskCase, row: SeenFlowRow, begins: datetime, limit: datetime) -> bool:
    """A progress row that says "finished" or "returned" and may have been written in the time in question: the task
    may have been done and given back between two readings that both saw it open."""
    after = row.observed_after or begins
    if row.observed_at <= begins or case.policy.observer.vouches_until(after) >= limit:
        return False
    words = fold_label(row.row.content)
    return case.policy.is_settled_label(row.row.status_label) or words.startswith("trả lại")


# -- PV08 ----------------------------------------------------------------------------------------------------------


def no_evidence(case: TaskCase, at: datetime) -> Iterator[Hit | NotEvaluable]:
    """PV08: reported as finished with no file and no document number in the lead's progress rows."""
    previous: Status | None = None
    for version in case.history.versions:
        if not version.state.present:
            continue
        became_done = version.state.status is Status.DONE and previous is not Status.DONE
        previous = version.state.status
        if became_done and version.observed_at <= at:
            yield from _without_evidence(case, version)


def _without_evidence(case: TaskCase, done: TaskVersion) -> Iterator[Hit | NotEvaluable]:
    rule, observer = "PV08_NO_EVIDENCE", case.policy.observer
    before = done.observed_after or done.observed_at
    evidence = [row for row in case.lead_rows(before, done.observed_at) if is_evidence(row)]
    in_time = [row for row in evidence if row.observed_after is None or row.observed_after < done.observed_at]
    if in_time:
        return
    if case.history.flow_read_at is None or case.history.flow_read_at < done.observed_at:
        yield _unknown(case, rule, done.observed_at, "chưa đọc được kết quả sau khi nhiệm vụ hoàn thành")
        return
    if case.lead_at(before) != case.lead_at(done.observed_at):
        yield _unknown(case, rule, done.observed_at, "cơ quan chủ trì thay đổi cùng lúc nhiệm vụ hoàn thành")
        return
    by = observer.local_date(done.observed_at)
    after = done.observed_after
    earliest = observer.local_date(observer.vouches_until(after)) if after else done.state.assigned_on or date.min
    if Month.of(earliest) != Month.of(by):
        yield _unknown(case, rule, done.observed_at, "không xác định được nhiệm vụ hoàn thành trong tháng nào")
        return
    first = min(evidence, key=lambda row: row.observed_at, default=None)
    yield Hit(
        FindingKey(rule, Subject.TASK, case.task_id, case.lead_at(done.observed_at), by.isoformat()),
        breached_on=by,
        reason=f"Báo hoàn thành (ghi nhận ngày {day_text(by)}) nhưng chưa có tệp hoặc số, ngày văn bản kết quả.",
        facts={"observed_by": done.observed_at.isoformat(), "observed_after": after.isoformat() if after else None},
        document_id=case.document_id,
        task_id=case.task_id,
        cured_at=first.observed_at if first else None,
    )


def is_evidence(row: SeenFlowRow) -> bool:
    """A file, or the number and date of a document, in a progress row."""
    return bool(row.row.files) or NAMED.search(row.row.content) is not None


def _unknown(case: TaskCase, rule: str, limit: datetime, reason: str, *, dated: bool = True) -> NotEvaluable:
    """``limit``: the first moment too late. ``dated`` False: it may concern any month."""
    on = case.policy.observer.local_date(limit) if dated else None
    return NotEvaluable(rule, Subject.TASK, case.task_id, case.lead_at(limit), reason, on)
