"""What the wire's records look like: which fields, of which JSON types, how often filled (F13). Pure.

``KindSeen`` is what one run showed (counted by ``shape_watch``), ``Shape`` what the deployment showed until then;
``shape_changes`` compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from connector.normalise.expected import EXPECTED

_WINDOW = 100_000  # records a share looks back on


@dataclass(frozen=True, slots=True)
class Example:
    """A value (at most 40 characters) and the id of the record it stood in. The value may be personal text: it is
    for the database and the operator's screen, never for a log."""

    record: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A field as a deployment showed it. ``rows``: records it could have stood in, of which ``absent`` did not have it
    and ``empty`` had it as null, "" or []. ``gone``: it was told that no record fills it any more. ``rare``:
    unexpected types of a needed field, told while few records had them: that most have them would be news again."""

    types: frozenset[str]
    first: datetime
    last: datetime
    rows: int
    absent: int
    empty: int
    gone: bool = False
    rare: frozenset[str] = frozenset()

    @property
    def filled_share(self) -> float:
        return 1 - (self.absent + self.empty) / self.rows if self.rows else 0.0

    def as_gone(self) -> FieldShape:
        return replace(self, gone=True)

    def with_run(self, seen: FieldSeen, at: datetime) -> FieldShape:
        """With the figures of a run that had the field. Old records weigh less and less, and those from before the
        field was gone nothing; "never absent" stays exactly that."""
        old = (0, 0, 0) if self.gone else (self.rows, self.absent, self.empty)
        rows, absent, empty = old[0] + seen.rows, old[1] + seen.absent, old[2] + seen.empty
        while rows > _WINDOW:
            rows, absent, empty = rows // 2, -(-absent // 2), -(-empty // 2)
        return FieldShape(self.types | seen.types.keys(), self.first, at, rows, absent, empty)


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of record showed in a deployment until now: the base line of the next comparison. ``told``: field
    → unmapped labels (folded) that have been told. ``capped``: told that there were more names than we follow."""

    fields: Mapping[str, FieldShape]
    told: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    capped: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain data; moments as ISO text with their zone."""
        return {
            "fields": {
                name: {
                    "types": sorted(one.types), "first": one.first.isoformat(), "last": one.last.isoformat(),
                    "rows": one.rows, "absent": one.absent, "empty": one.empty, "gone": one.gone,
                    "rare": sorted(one.rare),
                }
                for name, one in sorted(self.fields.items())
            },
            "told": {name: list(labels) for name, labels in sorted(self.told.items())},
            "capped": self.capped,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        fields = {
            name: FieldShape(
                frozenset(one["types"]), datetime.fromisoformat(one["first"]), datetime.fromisoformat(one["last"]),
                one["rows"], one["absent"], one["empty"], one["gone"], frozenset(one["rare"]),
            )
            for name, one in data["fields"].items()
        }  # fmt: skip
        return cls(fields, {name: tuple(labels) for name, labels in data["told"].items()}, data["capped"])


def allowed_types(kind: str, name: str, known: Shape | None) -> frozenset[str] | None:
    """JSON types that are no news for a field; None: the field itself is. A field we know from the deployment only
    may be null at any time: there are no promises about it."""
    expected = EXPECTED.get(kind, {}).get(name)
    shown = known.fields.get(name) if known else None
    if expected is None:
        return shown.types | {"null"} if shown else None
    return expected.types | (shown.types - shown.rare) if shown else frozenset(expected.types)


@dataclass(slots=True)
class FieldSeen:
    """A field in one run. ``types``: JSON type → records; ``examples`` only of types that are news."""

    rows: int = 0
    filled: int = 0
    types: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    @property
    def present(self) -> int:
        return sum(self.types.values())

    @property
    def absent(self) -> int:
        return self.rows - self.present

    @property
    def empty(self) -> int:
        return self.present - self.filled


@dataclass(slots=True)
class LabelSeen:
    """A label as written, how many records show it, and the ids of up to three of them."""

    rows: int = 0
    records: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KindSeen:
    """One kind in one run. ``rows``: records at each place ("" for the record itself, "files[]" for the files in it).
    ``labels``: field → label → where it stood. ``capped``: there were more names or labels than we follow."""

    fields: Mapping[str, FieldSeen]
    rows: Mapping[str, int]
    labels: Mapping[str, Mapping[str, LabelSeen]]
    capped: bool

    def rows_for(self, name: str) -> int:
        """In how many records the field could have stood."""
        return self.rows.get(name.rpartition(".")[0], 0)
