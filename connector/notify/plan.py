"""Who gets which digest, with which rows (pure). Dates are local days of the office, moments are aware."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from connector.domain.findings import Finding, FindingState
from connector.domain.letters import Digest, DigestRow, DigestSection
from connector.domain.rules import Audience, RuleBook

CURED_NOTE = "đã khắc phục"

# Overdue first, then process, then what can still be met, then what is only to be known.
_ORDER = (
    "TD01_OVERDUE", "TD03_LONG_OVERDUE",
    "PV06_SILENT_AT_DUE", "PV07_RESULT_NOT_UPDATED", "PV08_NO_EVIDENCE", "PV01_RECEIVE_LATE", "PV02_FORWARD_LATE",
    "TD05_DUE_SOON", "TD04_NO_DEADLINE_STALE", "TD02_DONE_LATE",
)  # fmt: skip
_OVERDUE = frozenset({"TD01_OVERDUE", "TD03_LONG_OVERDUE"})
_COUNTS_DAYS_OVER = _OVERDUE | {"PV06_SILENT_AT_DUE"}
_DUE_SOON = "TD05_DUE_SOON"
_GRADED = frozenset({"TD03_LONG_OVERDUE", _DUE_SOON})
_TOLD_ONCE = "TD02_DONE_LATE"


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with the facts a letter shows. ``subject_text`` is already neutral for a secret document (F107);
    ``due_on`` is the printed (not rolled) due date; ``note`` goes to the column "Ghi chú"."""

    finding: Finding
    agency_name: str
    notation: str
    document_date: date | None
    subject_text: str
    cooperating: tuple[str, ...] = ()
    due_on: date | None = None
    note: str = ""

    @property
    def rule(self) -> str:
        return self.finding.hit.key.rule

    @property
    def cured(self) -> bool:
        return self.finding.state is FindingState.CLOSED or self.finding.hit.cured_at is not None


def plan_digests(
    views: Iterable[FindingView],
    *,
    rules: RuleBook,
    told: Collection[int],
    recipients: Mapping[str, tuple[str, ...]],
    fallback: tuple[str, ...],
    slot: str,
    as_of: datetime,
    data_at: datetime | None,
    today: date,
    office_name: str,
    horizon: date,
) -> list[Digest]:
    """One digest per agency that has something new to be told (F56, F57), in order of agency codes.

    ``told``: ids of findings their agency has been told about. ``recipients``: agency code → addresses; an agency
    without any goes to ``fallback`` and is marked ``redirected`` (if that is empty too, ``recipients`` of the digest
    is empty: the caller must say so and may not send it). What a rule says to the office only is in no letter.
    ``horizon``: new process violations that came true before
    this day are recorded, not mailed. A digest shows all open findings of the agency, and cured violations not told
    yet. Raises KeyError for a rule that is not in the rule table.
    """
    told = frozenset(told)
    by_agency: dict[str, list[FindingView]] = defaultdict(list)
    for view in views:
        if rules[view.rule].audience is Audience.AGENCY and _belongs(view, told, horizon):
            by_agency[view.finding.hit.key.agency].append(view)

    digests = []
    for agency, candidates in sorted(by_agency.items()):
        shown = _nearest_band(candidates)
        if all(view.finding.id in told for view in shown):
            continue
        own = recipients.get(agency, ())
        digests.append(
            Digest(
                key=f"{agency}:{slot}",
                agency_code=agency,
                agency_name=shown[0].agency_name,
                recipients=own or fallback,
                slot=slot,
                as_of=as_of,
                data_at=data_at,
                sections=_sections(shown, rules, told, today),
                overdue=len({view.finding.hit.key.subject_id for view in shown if view.rule in _OVERDUE}),
                due_soon=sum(view.rule == _DUE_SOON for view in shown),
                violations=sum(_is_violation(view.rule) for view in shown),
                office_name=office_name,
                redirected=not own,
            )
        )
    return digests


def _is_violation(rule: str) -> bool:
    return rule.startswith("PV")


def _belongs(view: FindingView, told: frozenset[int], horizon: date) -> bool:
    """Whether a finding has a place in today's letter, new or not."""
    if view.finding.state is FindingState.WAIVED:
        return False
    new = view.finding.id not in told
    if view.rule == _TOLD_ONCE:
        return new
    if _is_violation(view.rule):
        if new and view.finding.hit.breached_on < horizon:
            return False
        return new or not view.cured
    return not view.cured  # a reminder nobody needs any more is not sent afterwards


def _nearest_band(views: list[FindingView]) -> list[FindingView]:
    """Of a graded rule only the step that matters now: the last reminder, the longest delay."""
    best: dict[tuple[str, ...], FindingView] = {}
    for view in views:
        key = view.finding.hit.key
        place: tuple[str, ...] = (key.rule, key.subject, key.subject_id)
        if key.rule not in _GRADED:
            place += (str(view.finding.id),)
        other = best.get(place)
        if other is None or _band_weight(view) > _band_weight(other):
            best[place] = view
    return list(best.values())


def _band_weight(view: FindingView) -> int:
    band = view.finding.hit.key.band
    if not band.isdecimal():
        return 0
    return -int(band) if view.rule == _DUE_SOON else int(band)


def _sections(
    views: list[FindingView], rules: RuleBook, told: frozenset[int], today: date
) -> tuple[DigestSection, ...]:
    by_rule: dict[str, list[FindingView]] = defaultdict(list)
    for view in views:
        by_rule[view.rule].append(view)
    sections = []
    for rule in sorted(by_rule, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)):
        entry = rules[rule]
        rows = [(view, _row(view, told, today)) for view in by_rule[rule]]
        rows.sort(key=lambda pair: _urgency(pair[0], pair[1], today))
        sections.append(
            DigestSection(
                rule=rule,
                title=entry.title,
                legal_basis=entry.legal_basis,
                legal_confirmed=entry.legal_confirmed,
                what_to_do=entry.what_to_do,
                rows=tuple(row for _, row in rows),
            )
        )
    return tuple(sections)


def _row(view: FindingView, told: frozenset[int], today: date) -> DigestRow:
    days_overdue = days_left = None
    if view.due_on is not None and not view.cured:
        days = (today - view.due_on).days  # calendar days, as the office counts them
        if view.rule in _COUNTS_DAYS_OVER and days > 0:
            days_overdue = days
        elif view.rule == _DUE_SOON and days <= 0:
            days_left = -days
    cured = CURED_NOTE if view.cured and _is_violation(view.rule) else ""
    return DigestRow(
        finding_id=view.finding.id,
        notation=view.notation,
        document_date=view.document_date,
        subject_text=view.subject_text,
        agency_name=view.agency_name,
        cooperating=view.cooperating,
        due_on=view.due_on,
        days_overdue=days_overdue,
        days_left=days_left,
        reason=view.finding.hit.reason,
        is_new=view.finding.id not in told,
        note="; ".join(part for part in (view.note, cured) if part),
    )


def _urgency(view: FindingView, row: DigestRow, today: date) -> tuple[int, str, date, int]:
    """Most overdue first (for reminders: least time left), then by document."""
    if row.days_overdue is not None:
        weight = -row.days_overdue
    elif row.days_left is not None:
        weight = row.days_left
    else:
        weight = (view.finding.hit.breached_on - today).days
    return (weight, row.notation, row.document_date or date.max, row.finding_id)
