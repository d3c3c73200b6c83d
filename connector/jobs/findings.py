"""What people do with findings: look, acknowledge, let pass for a time, take that back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from connector.domain.audit import Action, Deed
from connector.domain.finding_life import Event, Step, Waiver, after, waiver_steps
from connector.domain.findings import Finding, FindingState
from connector.errors import UsageProblem
from connector.ports import Clock, UnitOfWork


@dataclass(frozen=True, slots=True)
class FindingLife:
    """``events``: oldest first. ``waivers``: those that cover it or did."""

    finding: Finding
    events: tuple[Event, ...]
    waivers: tuple[Waiver, ...]


def listed(
    uow: UnitOfWork, *, states: Collection[str] = (), rule: str = "", agency: str = "", subject_id: str = ""
) -> list[Finding]:
    """Findings by their number; "" and () stand for all. Raises UsageProblem for a state there is none of."""
    known = {str(one) for one in FindingState}
    if wrong := sorted(set(states) - known):
        raise UsageProblem(f"no such state: {wrong}", argument=wrong[0], expected=", ".join(sorted(known)))
    with uow:
        found = uow.findings.all()
    return [
        one
        for one in sorted(found.values(), key=lambda one: one.id)
        if (not states or one.state in states)
        and rule in ("", one.hit.key.rule)
        and agency in ("", one.hit.key.agency)
        and subject_id in ("", one.hit.key.subject_id)
    ]


def life(uow: UnitOfWork, finding_id: int) -> FindingLife:
    """Raises UsageProblem if there is none."""
    with uow:
        return life_of(uow, finding_id)


def life_of(uow: UnitOfWork, finding_id: int) -> FindingLife:
    """The same inside the caller's unit of work."""
    found = _finding(uow, finding_id)
    covering = [one for one in uow.waivers.all() if one.covers(found.hit.key)]
    return FindingLife(found, tuple(uow.findings.events(finding_id)), tuple(covering))


def acknowledge(uow: UnitOfWork, clock: Clock, ids: Iterable[int], *, reason: str, actor: str) -> list[Finding]:
    """Raises UsageProblem; then nothing is done."""
    with uow:
        found = [_finding(uow, one) for one in ids]
        for one in found:
            _require(one, Step.ACKNOWLEDGED)
            uow.findings.step(one.id, Step.ACKNOWLEDGED, clock.now(), actor, reason)
        uow.commit()
        return found


def waive(
    uow: UnitOfWork, clock: Clock, finding_id: int, *, scope: str, until: date, reason: str, actor: str
) -> tuple[Waiver, list[Finding]]:
    """Let a finding pass until the end of the local day ``until``. ``scope``: "finding" only it; "subject" all that
    rests on its task or document; "agency" all of its rule at its agency. The waiver, and what it covers today.
    Raises UsageProblem."""
    now = clock.now()
    today = clock.local_date(now)
    if until < today:
        raise UsageProblem(f"{until} is past", argument=f"--until {until}", expected=f"một ngày từ {today}")
    if not reason.strip():
        raise UsageProblem("no reason", argument="--reason", expected="lý do miễn xét, để người sau hiểu được")
    with uow:
        one = _finding(uow, finding_id)
        _require(one, Step.WAIVED)
        key = one.hit.key
        waiver = Waiver(
            rule=key.rule if scope != "subject" else "",
            subject_id=key.subject_id if scope != "agency" else "",
            agency=key.agency,
            reason=reason.strip(),
            actor=actor,
            since=now,
            until=until,
        )
        number = uow.waivers.add(waiver)
        said = {"rule": waiver.rule, "subject_id": waiver.subject_id, "agency": waiver.agency,
                "until": until.isoformat(), "reason": waiver.reason}  # fmt: skip
        uow.audit.add([Deed(now, actor, Action.WAIVER_GIVEN, str(number), said)])
        changed = apply_waivers(uow, clock, actor)
        uow.commit()
    return waiver, changed


def end_waivers(uow: UnitOfWork, clock: Clock, finding_id: int, *, actor: str) -> list[Finding]:
    """Take back every waiver that covers a finding. Raises UsageProblem if none does."""
    now = clock.now()
    today = clock.local_date(now)
    with uow:
        one = _finding(uow, finding_id)
        found = [waiver for waiver in uow.waivers.all() if waiver.covers(one.hit.key) and waiver.holds(today, now)]
        if not found:
            raise UsageProblem(
                f"finding {finding_id} is not waived", argument=str(finding_id),
                expected="số của một phát hiện đang được miễn xét, xem: connector findings list --state waived",
            )  # fmt: skip
        for waiver in found:
            uow.waivers.end(waiver.id, now)
        uow.audit.add(Deed(now, actor, Action.WAIVER_ENDED, str(waiver.id)) for waiver in found)
        changed = apply_waivers(uow, clock, actor)
        uow.commit()
    return changed


def apply_waivers(uow: UnitOfWork, clock: Clock, actor: str) -> list[Finding]:
    """Bring the findings in line with the waivers of today, inside the caller's unit of work."""
    now = clock.now()
    steps = waiver_steps(uow.findings.all().values(), uow.waivers.all(), clock.local_date(now), now)
    for one, step, reason in steps:
        uow.findings.step(one.id, step, now, actor, reason)
    return [one for one, _, _ in steps]


def _finding(uow: UnitOfWork, finding_id: int) -> Finding:
    found = next((one for one in uow.findings.all().values() if one.id == finding_id), None)
    if found is None:
        raise UsageProblem(
            f"no finding {finding_id}", argument=str(finding_id), expected="một số trong: connector findings list"
        )
    return found


def _require(one: Finding, step: Step) -> None:
    if after(one.state, step) is None:
        raise UsageProblem(
            f"finding {one.id} is {one.state}: {step} is not allowed", argument=str(one.id),
            expected=f"phát hiện ở trạng thái khác; trạng thái hiện nay là {one.state}",
        )  # fmt: skip
