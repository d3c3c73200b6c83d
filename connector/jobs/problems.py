"""What could not be read of records, told once per cause and not once per record."""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.domain.requests import REFUSED_EVERYWHERE, PartReading

_EXAMPLES = 3


@dataclass
class PartProblems:
    """(kind of record, part, cause) → the records, of which the first few are named."""

    _found: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    _count: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add(self, reading: PartReading) -> None:
        for part, cause in reading.failed.items():
            key = (reading.request.stream.kind, part, cause)
            examples = self._found.setdefault(key, [])
            if len(examples) < _EXAMPLES:
                examples.append(reading.request.subject)
            self._count[key] = self._count.get(key, 0) + 1

    def refused(self, kind: str) -> frozenset[str]:
        """Parts of such records that the source gives of none."""
        return frozenset(part for of, part, cause in self._count if of == kind and cause == REFUSED_EVERYWHERE)

    def lines(self) -> list[str]:
        """One line a cause, e.g. "task 123, 124, 125 (+17): flow: no complete answer within 60 s"."""
        lines = []
        for (kind, part, cause), examples in self._found.items():
            more = self._count[(kind, part, cause)] - len(examples)
            named = ", ".join(examples) + (f" (+{more})" if more else "")
            lines.append(f"{kind} {named}: {part}: {cause}")
        return lines
