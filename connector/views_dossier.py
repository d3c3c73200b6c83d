"""A dossier on the screen and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.detect.counting import DayCount
from connector.detect.dossier import DocumentShown, Dossier, RuleUsed, TaskShown
from connector.domain.imports import ToldBy
from connector.domain.letters import ToldLetter
from connector.jobs.findings import FindingLife
from connector.report.dossier import DayRow, dossier_text
from connector.views_findings import life_json


def dossier_lines(found: Dossier, zone: ZoneInfo) -> Iterator[str]:
    text = dossier_text(found, zone)
    yield text.title
    yield text.rule
    for section in text.sections:
        yield ""
        yield section.heading
        yield from (f"  {what}: {value}" for what, value in section.facts)
        yield from (f"  {line}" for line in section.lines)
        yield from (f"  {_row(one)}" for one in section.days)
    yield ""
    yield text.made


def _row(one: DayRow) -> str:
    return f"{one.day:12}  {one.weekday:8}  {one.kind:28}  {one.counted}"


def dossier_json(found: Dossier) -> dict[str, Any]:
    """The shape is stable. ``days`` has every day, whatever the screen folds; hashes are whole."""
    kept = found.kept
    return {
        **life_json(FindingLife(kept.finding, kept.events, kept.waivers)),
        "made_at": found.made_at.isoformat(),
        "last_seen_at": kept.finding.last_seen_at.isoformat(),
        "agency_name": found.agency,
        "rule_used": _rule(found.rule),
        "about_task": _task(found.task) if found.task else None,
        "about_document": _document(found.document) if found.document else None,
        "days": _days(found.count) if found.count else None,
        "days_missing": found.gap,
        "calendar": {
            "version": found.calendar.version,
            "version_now": found.calendar.version_now,
            "confirmed": {str(year): known for year, known in found.calendar.years.items()},
        },
        "letters": [_letter(one) for one in kept.letters],
    }


def _rule(rule: RuleUsed) -> dict[str, Any]:
    return {
        "version": rule.version,
        "kept": rule.kept,
        "version_now": rule.version_now,
        "in_force": rule.in_force,
        "definition": dict(rule.said),
        "changes": {name: {"then": then, "now": now} for name, (then, now) in rule.changes.items()},
    }


def _task(task: TaskShown) -> dict[str, Any]:
    return {
        "id": task.task_id,
        "name": task.name,
        "read_at": task.read_at.isoformat(),
        "flow_read_at": _iso(task.flow_read_at),
        "reports": task.reports,
        "link": dict(task.link),
        "versions": [
            {
                "observed_after": _iso(shown.version.observed_after),
                "observed_at": shown.version.observed_at.isoformat(),
                "until": _iso(shown.version.until),
                "used": shown.used,
                "status": str(shown.version.state.status),
                "status_label": shown.version.state.status_label,
                "due_on": _iso(shown.version.state.due_on),
                "lead": shown.version.state.lead,
                "present": shown.version.state.present,
                "payloads": list(shown.payloads),
            }
            for shown in task.versions
        ],
        "rows": _rows(task.rows),
    }


def _document(document: DocumentShown) -> dict[str, Any]:
    return {
        "id": document.document_id,
        "notation": document.notation,
        "issued_on": _iso(document.issued_on),
        "subject": document.subject,
        "standing": document.standing,
        "log_read_at": _iso(document.log_read_at),
        "log": [
            {"at": one.at.isoformat(), "unit": one.unit, "action": str(one.action), "label": one.action_label}
            for one in document.log
        ],
        "payloads": list(document.payloads),
        "rows": _rows(document.rows),
    }


def _rows(rows: Iterable[ToldBy]) -> list[dict[str, Any]]:
    return [{"file": row.file, "sheet": row.sheet, "row": row.row, "as_of": row.as_of.isoformat()} for row in rows]


def _days(count: DayCount) -> dict[str, Any]:
    return {
        "manner": str(count.manner),
        "start": count.start.isoformat(),
        "allowed": count.allowed,
        "last_day": count.last_day.isoformat(),
        "cutoff": count.days[-1].day.isoformat(),
        "overdue": count.overdue,
        "agrees": count.agrees,
        "ended_between": count.ended_between,
        "counted": [
            {
                "day": one.day.isoformat(),
                "working": one.working,
                "name": one.name,
                "number": one.number or None,
                "overdue": one.overdue or None,
            }
            for one in count.days
        ],
    }


def _letter(one: ToldLetter) -> dict[str, Any]:
    return {
        "id": one.id,
        "key": one.key,
        "agency": one.agency,
        "recipients": list(one.recipients),
        "state": one.state,
        "created_at": one.created_at.isoformat(),
        "sent_at": _iso(one.sent_at),
        "attempts": [
            {"at": attempt.at.isoformat(), "recipient": attempt.recipient, "outcome": attempt.outcome}
            for attempt in one.attempts
        ],
    }


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value else None
