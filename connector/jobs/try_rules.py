"""What other rules would say of the stored records. Reads, writes nothing (F53)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from connector.detect.cases import TaskCase, build_cases
from connector.detect.evaluate import Evaluation, judge
from connector.detect.links import DocumentIndex
from connector.domain.findings import Finding, FindingKey, FindingState, Hit
from connector.domain.policy import Policy
from connector.domain.rules import Audience, RuleBook, RuleChange, changes_between
from connector.jobs.detect import LetterPolicy
from connector.notify.plan import FindingView, plan_digests
from connector.ports import Clock, UnitOfWork


@dataclass(frozen=True, slots=True)
class RulesDiff:
    """``changes``: of the definitions. Findings as of ``at``: those only the new rules make, those only the old ones
    make, and (old, new) of those that come true on another day."""

    at: datetime
    changes: tuple[RuleChange, ...]
    appear: tuple[Hit, ...]
    vanish: tuple[Hit, ...]
    moved: tuple[tuple[Hit, Hit], ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TriedLetter:
    """A letter the rule would have caused: the local day, to whom, how many findings new in it."""

    day: date
    agency: str
    recipients: tuple[str, ...]
    new: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """``found``: (local day on which detection would have seen it first, finding), oldest first. ``undecided``: cases
    on the last day. ``names``: agency code → name."""

    rule: str
    first: date
    last: date
    found: tuple[tuple[date, Hit], ...]
    letters: tuple[TriedLetter, ...]
    undecided: int
    names: Mapping[str, str]


def diff_rules(uow: UnitOfWork, clock: Clock, policy: Policy, old: RuleBook, new: RuleBook) -> RulesDiff:
    """What changes with the rules, on the records as they are now."""
    now = clock.now()
    cases, index = _cases(uow, policy)
    before, after = (
        {hit.key: hit for hit in judge(cases, index, replace(policy, rules=book), now).hits} for book in (old, new)
    )
    both = [(before[key], hit) for key, hit in after.items() if key in before]
    moved = [(one, other) for one, other in both if one.breached_on != other.breached_on]
    appear = tuple(hit for key, hit in after.items() if key not in before)
    vanish = tuple(hit for key, hit in before.items() if key not in after)
    names = _names(policy, [*appear, *vanish, *(hit for _, hit in moved)])
    return RulesDiff(now, tuple(changes_between(old, new)), appear, vanish, tuple(moved), names)


def backtest(
    uow: UnitOfWork, clock: Clock, policy: Policy, letters: LetterPolicy, rule: str, days: int
) -> Backtest:  # fmt: skip
    """What one rule would have found and mailed in the last ``days`` local days, had it run every day at the time of
    asking: of the tasks known by then, as proved by the readings up to now. A rule that is
    switched off is tried all the same."""
    now = clock.now()
    cases, index = _cases(uow, policy)
    tried = replace(policy.rules[rule], enabled=True)
    alone = replace(policy, rules=RuleBook({rule: tried}))
    cases = [replace(case, policy=alone) for case in cases]
    last = clock.local_date(now)
    wall = now.astimezone(policy.zone).timetz()
    found: dict[FindingKey, tuple[date, Hit]] = {}
    sent: list[TriedLetter] = []
    told: set[int] = set()
    numbers: dict[FindingKey, int] = {}
    evaluation: Evaluation | None = None
    for day in (last - timedelta(days=ago) for ago in range(days - 1, -1, -1)):
        at = _moment(day, wall, now)
        evaluation = judge([case for case in cases if case.was_read_by(at)], index, alone, at)
        for hit in evaluation.hits:
            found.setdefault(hit.key, (day, hit))
            numbers.setdefault(hit.key, len(numbers) + 1)
        if policy.deadlines.calendar.is_working(day) and tried.audience is Audience.AGENCY:
            views = [_view(hit, numbers[hit.key], policy, at) for hit in evaluation.hits]
            sent += _letters(views, told, letters, alone.rules, day, at)
    assert evaluation is not None
    listed = tuple(found.values())
    names = _names(policy, [hit for _, hit in listed])
    undecided = evaluation.undecided()[rule]
    return Backtest(rule, last - timedelta(days=days - 1), last, listed, tuple(sent), undecided, names)


def _letters(
    views: list[FindingView], told: set[int], letters: LetterPolicy, rules: RuleBook, day: date, at: datetime
) -> list[TriedLetter]:
    """The letters of one day; what they tell is added to ``told``."""
    digests = plan_digests(
        views, rules=rules, told=told, recipients=letters.recipients, fallback=letters.fallback,
        slot=day.isoformat(), as_of=at, data_at=None, today=day, office_name=letters.office_name,
        horizon=day - timedelta(days=letters.horizon_days),
    )  # fmt: skip
    found = []
    for digest in digests:
        new = [number for number in digest.finding_ids if number not in told]
        told.update(new)
        found.append(TriedLetter(day, digest.agency_code, digest.recipients, len(new)))
    return found


def _view(hit: Hit, number: int, policy: Policy, at: datetime) -> FindingView:
    state = FindingState.CLOSED if hit.cured_at else FindingState.OPEN
    finding = Finding(number, hit, state, at, at, hit.cured_at)
    return FindingView(finding, policy.directory.name_of(hit.key.agency), "", None, "")


def _cases(uow: UnitOfWork, policy: Policy) -> tuple[list[TaskCase], DocumentIndex]:
    with uow:
        return build_cases(uow.tasks.histories(), uow.documents.histories(), policy)


def _moment(day: date, wall: time, now: datetime) -> datetime:
    """That time of a local day, never later than now."""
    return min(datetime.combine(day, wall), now)


def _names(policy: Policy, hits: list[Hit]) -> dict[str, str]:
    return {code: policy.directory.name_of(code) for code in sorted({hit.key.agency for hit in hits})}
