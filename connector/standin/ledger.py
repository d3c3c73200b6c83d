"""The ledger: every request the stand-in got, so that tests can count them and find forbidden ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One request: virtual instant, method, path on the host, identity ("" before login), HTTP status, body (not of
    a login or of what is off the allow-list; secrets hidden), the effects of the faults that hit it."""

    at: datetime
    method: str
    path: str
    identity: str
    status: int
    body: str = ""
    effects: tuple[str, ...] = ()


@dataclass
class Ledger:
    """All requests since the start. ``violations``: what should never have been asked, each with its reason. With
    ``file`` each request is also a JSON line there, written at once. Raises OSError if it cannot be opened."""

    entries: list[LedgerEntry] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    file: Path | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._out: TextIO | None = self.file.open("a", encoding="utf-8", buffering=1) if self.file else None

    def record(self, entry: LedgerEntry, violation: str = "") -> None:
        with self._lock:
            self.entries.append(entry)
            if violation:
                self.violations.append(violation)
            if self._out is not None:
                self._out.write(f"{json.dumps(_line(entry, violation), ensure_ascii=False)}\n")

    def close(self) -> None:
        """Close the file; later requests are kept in memory only."""
        with self._lock:
            out, self._out = self._out, None
            if out is not None:
                out.close()

    def count(self, path: str = "") -> int:
        """Requests whose path contains ``path``."""
        return sum(path in entry.path for entry in self.entries)

    def clear(self) -> None:
        with self._lock:
            self.entries.clear()
            self.violations.clear()

    def to_json(self) -> dict[str, Any]:
        with self._lock:
            rows = [[e.at.isoformat(), e.method, e.path, e.identity, e.status, e.body, e.effects] for e in self.entries]
            return {"entries": rows, "violations": list(self.violations)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ledger:
        entries = [
            LedgerEntry(datetime.fromisoformat(at), method, path, identity, status, body, tuple(effects))
            for at, method, path, identity, status, body, effects in data["entries"]
        ]
        return cls(entries, list(data["violations"]))


def hidden(text: str, token: str, passwords: Iterable[str]) -> str:
    """The text without secrets that got into it by mistake."""
    for secret in (token, *passwords):
        if secret and secret in text:
            text = text.replace(secret, "***")
    return text


def _line(entry: LedgerEntry, violation: str) -> dict[str, Any]:
    line: dict[str, Any] = {"at": entry.at.isoformat(), "method": entry.method, "path": entry.path}
    line |= {"identity": entry.identity, "status": entry.status}
    more = {"body": entry.body, "effects": list(entry.effects), "violation": violation}
    return line | {name: value for name, value in more.items() if value}
