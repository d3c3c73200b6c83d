"""Which fields of a record the columns of an export tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_STATE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "assigned_on": ("assigned_on", "assigned_at"),
    "due_on": ("due_on", "due_at"),
    "status": ("status", "status_label"),
    "cooperating": ("lines",),
    "handler": ("lead",),
    "document_date": ("issued_on",),
    "secrecy": ("secret",),
}
"""Column → fields of the record it tells; every other column tells the field of its own name."""
_UNSTATED = frozenset({"number", "id", "role", "starts_on", "source_notation", "source_date", "arrived_on", "sent_on",
                       "arrival_number", "sent_number", "signed", "direction"})  # fmt: skip


def column_of(columns: Iterable[str]) -> dict[str, str]:
    """Field of the record → the column that tells it, of those a sheet has."""
    names = list(columns)
    found = {field: name for name in names if name not in _UNSTATED for field in _STATE_FIELDS.get(name, (name,))}
    if "lead" in names:
        found["lead"] = "lead"
    if "assigned_on" not in found and "starts_on" in names:
        found |= dict.fromkeys(("assigned_on", "assigned_at"), "starts_on")
    if "status" not in found and "completed_on" in found:
        found |= dict.fromkeys(("status", "status_label"), "completed_on")
    return found
