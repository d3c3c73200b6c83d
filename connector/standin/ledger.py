"""The ledger: every request the stand-in got, so that tests can count them and find forbidden ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One request: virtual instant, method, path on the host, identity ("" before login), HTTP status."""

    at: datetime
    method: str
    path: str
    identity: str
    status: int


@dataclass
class Ledger:
    """All requests since the start. ``violations``: what should never have been asked, each with its reason."""

    entries: list[LedgerEntry] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def count(self, path: str = "") -> int:
        """Requests whose path contains ``path``."""
        return sum(path in entry.path for entry in self.entries)

    def clear(self) -> None:
        self.entries.clear()
        self.violations.clear()

    def to_json(self) -> dict[str, Any]:
        rows = [[e.at.isoformat(), e.method, e.path, e.identity, e.status] for e in list(self.entries)]
        return {"entries": rows, "violations": list(self.violations)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ledger:
        entries = [LedgerEntry(datetime.fromisoformat(at), *rest) for at, *rest in data["entries"]]
        return cls(entries, list(data["violations"]))
