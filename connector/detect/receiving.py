"""PV01, PV02, PV03: receiving, forwarding and assigning at the agency, by the times in the document's activity log
(NĐ 30/2020).

A missing step is said only when the log was read after the limit, and never where a label nobody has mapped may be
that very step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from connector.domain.findings import FindingKey, Hit, NotEvaluable, Subject
from connector.domain.history import DocumentHistory
from connector.domain.policy import Policy
from connector.domain.status import LogAction
from connector.domain.wording import day_text, moment_text


@dataclass(frozen=True)
class DocumentCase:
    """A document the office issued, as its rules look at it at the moment ``at`` (aware)."""

    document: DocumentHistory
    policy: Policy
    at: datetime

    @cached_property
    def steps(self) -> Steps | None:
        """None if its log was never read."""
        return None if self.document.log_read_at is None else Steps(self.document, self.policy, self.at)

    def unread(self, rule: str) -> NotEvaluable:
        reason, issued_on = "chưa đọc được nhật ký xử lý", self.document.state.issued_on
        return NotEvaluable(rule, Subject.DOCUMENT, self.document.document_id, "", reason, issued_on)


def receive_late(case: DocumentCase) -> Iterator[Hit | NotEvaluable]:
    """PV01 of every agency the document was sent to, by the times in its activity log."""
    rule, steps = "PV01_RECEIVE_LATE", case.steps
    if steps is None:
        yield case.unread(rule)
        return
    if not steps.sent and steps.taken:
        reason, document = "nhật ký không ghi văn bản đã gửi cho cơ quan nào", case.document
        yield NotEvaluable(rule, Subject.DOCUMENT, document.document_id, "", reason, document.state.issued_on)
    for agency, sent_at in steps.sent.items():
        yield from _too_late(steps, rule, agency, ("gửi", sent_at), ("tiếp nhận", steps.received(agency)))


def forward_late(case: DocumentCase) -> Iterator[Hit | NotEvaluable]:
    """PV02 of every agency that is said to have received the document."""
    rule, steps = "PV02_FORWARD_LATE", case.steps
    if steps is None:
        yield case.unread(rule)
        return
    for agency, received in steps.receipts():
        forwarded = steps.first(agency, LogAction.FORWARDED, LogAction.ASSIGNED)
        yield from _too_late(steps, rule, agency, ("tiếp nhận", received), ("chuyển xử lý", forwarded))


def assign_late(case: DocumentCase) -> Iterator[Hit | NotEvaluable]:
    """PV03 of every agency that is said to have received the document: neither assigned nor passed on in time. What was
    passed on in time may have reached the very person who does the work: that is undecided."""
    rule, steps = "PV03_ASSIGN_LATE", case.steps
    if steps is None:
        yield case.unread(rule)
        return
    local_date = case.policy.observer.local_date
    for agency, received in steps.receipts():
        assigned = steps.first(agency, LogAction.ASSIGNED)
        passed_on = steps.first(agency, LogAction.FORWARDED, LogAction.CLOSED)
        step = ("chuyển xử lý", passed_on) if assigned is None and passed_on else ("phân công", assigned)
        for one in _too_late(steps, rule, agency, ("tiếp nhận", received), ("phân công", assigned)):
            if not isinstance(one, Hit) or passed_on is None:
                yield one
            elif local_date(passed_on) < one.breached_on:
                reason = "đã chuyển xử lý trong thời hạn, không rõ đã đến người thực hiện hay chưa"
                yield NotEvaluable(rule, Subject.DOCUMENT, one.key.subject_id, agency, reason, one.breached_on)
            else:
                yield from _too_late(steps, rule, agency, ("tiếp nhận", received), step)


class Steps:
    """A document's log up to a moment: who was sent it, and who took which step first, when.

    Those who only get it for information (XEM, XYK) owe no step.
    """

    def __init__(self, document: DocumentHistory, policy: Policy, at: datetime) -> None:
        assert document.log_read_at is not None
        self.document, self.policy, self.at = document, policy, at
        self.known_until = policy.observer.vouches_until(document.log_read_at)
        self.sent: dict[str, datetime] = {}
        self._first: dict[tuple[str, LogAction], datetime] = {}
        self._labels: dict[str, str] = {}
        for entry in sorted((one for one in document.log if one.at <= at), key=lambda one: one.at):
            if entry.action is LogAction.SENT:
                for part, name in entry.recipients:
                    if part in ("XLC", "PH"):
                        self.sent.setdefault(self._code(name, entry.at), entry.at)
                continue
            unit = self._code(entry.unit, entry.at)
            self._first.setdefault((unit, entry.action), entry.at)
            if entry.action is LogAction.OTHER:
                self._labels.setdefault(unit, entry.action_label)

    @property
    def taken(self) -> bool:
        """Whether any agency took any step."""
        return bool(self._first)

    def _code(self, name: str, moment: datetime) -> str:
        """The agency as of the day of asking: one that was merged between two rows of a log is one agency."""
        local_date, directory = self.policy.observer.local_date, self.policy.directory
        agency = directory.resolve(name, local_date(moment)).agency
        return directory.current(agency.code, local_date(self.at)) if agency else f"?{name}"

    def first(self, agency: str, *actions: LogAction) -> datetime | None:
        """When an agency first took one of these steps."""
        return min((at for action in actions if (at := self._first.get((agency, action)))), default=None)

    def receipts(self) -> list[tuple[str, datetime]]:
        """Agencies the document was sent to that said they received it, with the moment."""
        said = ((agency, self.first(agency, LogAction.RECEIVED)) for agency in self.sent)
        return [(agency, at) for agency, at in said if at is not None]

    def received(self, agency: str) -> datetime | None:
        """Receipt, or the first later step that implies it."""
        return self.first(agency, LogAction.RECEIVED, LogAction.FORWARDED, LogAction.ASSIGNED, LogAction.CLOSED)

    def unmapped_label(self, agency: str) -> str | None:
        """A step of the agency whose label nobody has mapped: it may be the very step that seems to be missing."""
        return self._labels.get(agency)


def _too_late(
    steps: Steps,
    rule: str,
    agency: str,
    before: tuple[str, datetime],
    after: tuple[str, datetime | None],
) -> Iterator[Hit | NotEvaluable]:
    document, policy = steps.document, steps.policy
    (from_step, from_at), (to_step, to_at) = before, after
    limit = policy.deadlines.limit_after(policy.observer.local_date(from_at), allowed_days(policy, rule, document))
    if limit > steps.at or (to_at is not None and to_at < limit):
        return
    late_on = policy.deadlines.first_day_late(limit)
    if label := steps.unmapped_label(agency):
        reason = f"nhật ký có bước chưa được khai báo: “{label}”"
        yield NotEvaluable(rule, Subject.DOCUMENT, document.document_id, agency, reason, late_on)
        return
    if to_at is None and steps.known_until < limit:
        reason = "chưa đọc lại nhật ký xử lý sau thời hạn"
        yield NotEvaluable(rule, Subject.DOCUMENT, document.document_id, agency, reason, late_on)
        return
    until = day_text(last_day_before(limit, policy))
    done = f"{to_step} lúc {moment_text(to_at, policy.zone)}" if to_at else f"chưa {to_step}"
    yield Hit(
        FindingKey(rule, Subject.DOCUMENT, document.document_id, agency),
        breached_on=late_on,
        reason=f"Văn bản {from_step} lúc {moment_text(from_at, policy.zone)}, thời hạn {to_step} đến hết ngày "
        f"{until}; {done}.",
        facts={from_step: from_at.isoformat(), to_step: to_at.isoformat() if to_at else None},
        document_id=document.document_id,
        cured_at=to_at,
    )


def allowed_days(policy: Policy, rule: str, document: DocumentHistory) -> int:
    """Working days a rule allows for a step: fewer for an urgent document, where the rule says so."""
    urgent = "urgent_working_days" in policy.rules[rule].thresholds and policy.is_urgent(document.state.urgency)
    return policy.rules[rule].limit("urgent_working_days" if urgent else "working_days")


def last_day_before(limit: datetime, policy: Policy) -> date:
    """The last local day before ``limit`` (which is the first instant too late)."""
    return policy.observer.local_date(limit - timedelta(seconds=1))
