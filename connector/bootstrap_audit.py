"""Wires the record of who did what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.bootstrap import App
from connector.domain.audit import Entry, Verdict
from connector.jobs import audit


@dataclass(frozen=True)
class AuditApp:
    app: App

    def listed(self, since: datetime | None) -> list[Entry]:
        """``since``: local time; None: from the first entry on."""
        zone = self.app.settings.office.zone
        return audit.listed(self.app.reading(), since.replace(tzinfo=zone) if since else None)

    def verify(self, known: str) -> Verdict:
        return audit.verify(self.app.reading(), known)
