"""Every record in plain values: as the server would show it, made from the events of the timeline without the wire and
without the code that reads it, and as it is stored."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from connector.standin.world import DocumentState, State, TaskState, World
from tests import databases
from tests.faults.place import Place

Key = tuple[str, str]
"""("task" or "document", id at the source)."""
Records = dict[Key, dict[str, Any]]
Difference = dict[Key, dict[str, tuple[Any, Any]]]
"""Record → field → (as the server would show it, as stored); a record on one side only has the field "there"."""

_OVER = ("Đã hoàn thành", "Đã hủy")
_STEPS = ("Phát hành", "Tiếp nhận", "Chuyển xử lý", "Phân công")
"""Steps the rules ask for: a log in which every recipient has taken all of them is not read again."""
_FOLLOWED_DAYS = 120


# -- what the server would show ----------------------------------------------------------------------------------------


def truth(place: Place) -> Records:
    """Every task and document that any identity is shown, at the server's present moment; None for what of a document
    is not read at all."""
    state = World(place.timeline, place.server.setup).at(place.server.now)
    today = place.server.now.date()
    found: Records = {}
    for task in state.tasks.values():
        if task.visible:
            found["task", task.created.id] = _shown_task(state, task)
    for document in state.documents.values():
        found["document", document.id] = _shown_document(state, document, today)
    return found


def _list_lines(task: TaskState) -> list[tuple[str, str, str]]:
    """(identity, list, line) of every list row."""
    return sorted(
        (view.identity, view.list, line or "")
        for view in task.created.views
        for line in (view.lines if view.list == "duocgiao" else ("",))
    )


def _shown_task(state: State, task: TaskState) -> dict[str, Any]:
    created = task.created
    children = (state.tasks[ref] for ref in state.children.get(created.ref, ()))
    return {
        "name": plain(created.name),
        "label": task.label,
        "assigner": plain(created.assigner),
        "lead": plain(task.lead_name),
        "due": task.due,
        "urged": task.urged,
        "evaluation": (task.evaluation, task.evaluation_note),
        "content": squeezed(created.content),
        "lines": sorted((plain(one.name), one.role, one.label) for one in task.lines),
        "flow": sorted(
            (plain(one.name), squeezed(one.content), one.label, str(one.due), one.files) for one in task.flow
        ),
        "files": sorted([*created.files, *(name for row in task.flow for name in row.files)]),
        "children": sorted((plain(one.created.name), one.label) for one in children if one.visible),
        "in lists": _list_lines(task),
    }


def _shown_document(state: State, document: DocumentState, today: date) -> dict[str, Any]:
    followed = document.outgoing and (today - document.date).days <= _FOLLOWED_DAYS
    log = [(plain(one.unit), one.action, one.at.astimezone(UTC)) for one in document.log if one.action in _STEPS]
    open_task = any(state.tasks[ref].visible and state.tasks[ref].label not in _OVER for ref in document.tasks)
    return {
        "notation": document.notation,
        "issued": document.date,
        "issuer": plain(document.issuer),
        "subject": plain(document.subject),
        "urgency": "Hỏa tốc" if document.urgent else "Thường",
        "outgoing": document.outgoing,
        "secret": document.secret,
        "log": sorted(log) if followed else None,
        "answers": sorted(state.documents[ref].id for ref in document.related) if followed and open_task else None,
    }


def plain(text: str) -> str:
    """As a person reads it."""
    text = re.sub(r"&(#\d+|[a-z]+);", lambda one: html.unescape(one[0]), text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def squeezed(text: str | None) -> str:
    """Without tags and white space: how the product breaks lines is not measured here."""
    return "".join(plain(re.sub(r"<[^>]*>", "", text or "")).split())


# -- what is stored ----------------------------------------------------------------------------------------------------


def stored(place: Place) -> Records:
    """Every task and document the database holds as present now; None for what has never been read of one."""
    found: Records = {}
    flow: dict[int, list[Any]] = {}
    for key, author, content, label, due, files in place.rows(
        "SELECT task_id, author, content, status_label, due_on, files FROM flow_row WHERE gone_at IS NULL"
    ):
        flow.setdefault(key, []).append((author, squeezed(content), label, str(due), tuple(json.loads(files))))
    lists: dict[str, list[tuple[str, str, str]]] = {}
    for record, *line in place.rows(
        "SELECT record_id, identity, list, line_id FROM sighting WHERE kind = 'task' AND gone_at IS NULL"
    ):
        lists.setdefault(record, []).append((line[0], line[1], line[2]))
    for row in _dicts(
        place,
        "SELECT t.id AS pk, t.source_id, t.flow_read_at, v.* FROM task t JOIN task_version v ON v.task_id = t.id "
        "WHERE v.until IS NULL AND v.present AND t.missing_since IS NULL",
    ):
        found["task", row["source_id"]] = {
            "name": row["name"],
            "label": row["status_label"],
            "assigner": row["assigner"],
            "lead": row["lead"],
            "due": _day(row["due_on"]),
            "urged": bool(row["urged"]),
            "evaluation": (row["evaluation"], row["evaluation_note"]),
            "content": None if row["content"] is None else squeezed(row["content"]),
            "lines": _read(row["lines"], lambda line: (line["name"], line["role_label"], line["status_label"])),
            "flow": None if row["flow_read_at"] is None else sorted(flow.get(row["pk"], ())),
            "files": _read(row["files"], str),
            "children": _read(row["children"], lambda child: (child[0], child[2])),
            "in lists": sorted(lists.get(row["source_id"], ())),
        }
    return found | _stored_documents(place)


def _stored_documents(place: Place) -> Records:
    logs: dict[int, list[Any]] = {}
    for key, unit, label, moment in place.rows(
        "SELECT document_id, unit, action_label, at FROM log_entry WHERE gone_at IS NULL"
    ):
        if label in _STEPS:
            logs.setdefault(key, []).append((unit, label, datetime.fromisoformat(moment).replace(tzinfo=UTC)))
    related: dict[int, list[str]] = {}
    for key, other in place.rows("SELECT document_id, related_id FROM related_document WHERE gone_at IS NULL"):
        related.setdefault(key, []).append(other)
    return {
        ("document", row["source_id"]): {
            "notation": row["notation"],
            "issued": _day(row["issued_on"]),
            "issuer": row["issuer"],
            "subject": row["subject"],
            "urgency": row["urgency"],
            "outgoing": bool(row["outgoing"]),
            "secret": None if row["secret"] is None else bool(row["secret"]),
            "log": None if row["log_read_at"] is None else sorted(logs.get(row["pk"], ())),
            "answers": None if row["related_read_at"] is None else sorted(related.get(row["pk"], ())),
        }
        for row in _dicts(
            place,
            "SELECT d.id AS pk, d.source_id, d.log_read_at, d.related_read_at, v.* FROM document d "
            "JOIN document_version v ON v.document_id = d.id WHERE v.until IS NULL AND v.present",
        )
    }


def _dicts(place: Place, query: str) -> list[dict[str, Any]]:
    return databases.mappings(place.engine, query)


def _read(text: str | None, make: Callable[[Any], Any]) -> list[Any] | None:
    return None if text is None else sorted(map(make, json.loads(text)))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def differences(wanted: Records, found: Records) -> Difference:
    """A field that is None in ``wanted`` is not compared; where there is nothing, nothing need be read."""
    off: Difference = {}
    for key in sorted(wanted.keys() | found.keys()):
        theirs, ours = wanted.get(key), found.get(key)
        if theirs is None or ours is None:
            off[key] = {"there": (theirs is not None, ours is not None)}
            continue
        fields = {
            name: (value, ours[name])
            for name, value in theirs.items()
            if value not in (None, ours[name]) and (value or ours[name] is not None)
        }
        if fields:
            off[key] = fields
    return off


_TABLES = (
    "task", "task_version", "flow_row", "sighting", "document", "document_version", "log_entry", "related_document",
    "vocabulary",
)  # fmt: skip
_UNLIKE = re.compile(r"(^|_)(id|at|run_id|after|since|until|hash|hashes|digest|fingerprint|reason)$")
"""Columns that tell times, runs, or how the wire wrote a thing."""


class Tables(dict[str, list[str]]):
    def __repr__(self) -> str:
        return f"{sum(map(len, self.values()))} rows"  # hypothesis tells all arguments


def tables(place: Place) -> Tables:
    """Everything read, row by row, without such columns; rows that belong to a record are named by its id."""
    found = Tables()
    for table in _TABLES:
        rows = []
        names = {f"{kind}_id": dict(place.rows(f"SELECT id, source_id FROM {kind}")) for kind in ("task", "document")}
        for row in _dicts(place, f"SELECT * FROM {table}"):
            kept = {name: value for name, value in row.items() if not _UNLIKE.search(name) or name in _IDS}
            kept |= {name: of[row[name]] for name, of in names.items() if name in row}
            rows.append(repr(sorted(kept.items())))
        found[table] = sorted(rows)
    return found


_IDS = ("source_id", "record_id", "line_id", "related_id")
