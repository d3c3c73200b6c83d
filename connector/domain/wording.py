"""Dates and numbers as the office writes them, and words for states."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

WITHDRAWN = {"revoked": "đã bị thu hồi", "replaced": "đã được thay thế"}
"""Standing of a document → what is said of it."""


def day_text(day: date) -> str:
    """dd/mm/yyyy."""
    return day.strftime("%d/%m/%Y")


def moment_text(moment: datetime, zone: ZoneInfo) -> str:
    """HH:MM ngày dd/mm/yyyy, local."""
    return moment.astimezone(zone).strftime("%H:%M ngày %d/%m/%Y")
