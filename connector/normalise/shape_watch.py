"""Counts what the wire's records of one run look like (F13). Pure but for its own counters.

Nothing is counted of a payload that is no record: the normaliser rejects it by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from connector.normalise.expected import EXPECTED, LABELS, JsonType
from connector.normalise.fields import clean
from connector.normalise.shapes import Example, FieldSeen, KindSeen, LabelSeen, Shape, allowed_types

MAX_FIELDS = 250  # names per kind beyond the expected ones; a server that makes up names must not fill the memory
MAX_SHAPES = 500  # combinations of names and types remembered per place; more are counted one by one, more slowly
MAX_LABELS = 200  # per field
MAX_DEPTH = 4  # of nested records
EXAMPLES = 3
LOOKED_AT = 1_000  # records of one combination in which examples are looked for
_KEPT = EXAMPLES + 1  # an empty one gives way when they are shown
_NAME_LENGTH = 80
_VALUE_LENGTH = 40

_TYPES: Mapping[type, JsonType] = {
    str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", list: "list", dict: "object",
}  # fmt: skip


class ShapeWatch:
    """Counts fields, types and labels of one run, in bounded memory. ``known`` decides what is worth an example.

    A record whose names, types and empty places were seen before costs one look-up; see ``_Place.see``.
    """

    def __init__(self, known: Mapping[str, Shape] | None = None) -> None:
        self._known = known or {}
        self._kinds: dict[str, _Kind] = {}

    def see(self, kind: str, payload: object, subject: str | None = None) -> None:
        """One answer: a record or a list of records. ``subject``: the id the request was about; without one the
        record's own ``id`` names it in examples."""
        found = self._kinds.get(kind)
        if found is None:
            found = self._kinds[kind] = _Kind(kind, self._known.get(kind))
        if type(payload) is dict:
            found.root.see(payload, subject)
        elif type(payload) is list:
            for row in payload:
                if type(row) is dict:
                    found.root.see(row, subject)

    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted(self._kinds))

    def seen(self, kind: str) -> KindSeen:
        return self._kinds[kind].result()


class _Kind:
    """The names, examples and labels of one kind; its records are counted per place."""

    def __init__(self, kind: str, known: Shape | None) -> None:
        self.kind = kind
        self.known = known
        self.extra: set[str] = set()
        self.learned = len((known.fields.keys() if known else set()) - EXPECTED.get(kind, {}).keys())
        self.examples: dict[tuple[str, str], list[Example]] = {}
        self.spares: dict[tuple[str, str], list[Example]] = {}  # of values that stand among the examples already
        self.labels: dict[str, dict[str, LabelSeen]] = {name: {} for of, name in LABELS if of == kind}
        self.capped = False
        self.places: dict[str, _Place] = {}
        self.root = self.place("", 0)

    def place(self, path: str, depth: int) -> _Place:
        if path not in self.places:
            self.places[path] = _Place(self, path, depth)
        return self.places[path]

    def follows(self, name: str) -> bool:
        """Whether the field is counted; a new name only while there is room."""
        if name in self.extra or allowed_types(self.kind, name, self.known) is not None:
            return True
        if self.learned + len(self.extra) >= MAX_FIELDS:
            self.capped = True
            return False
        self.extra.add(name)
        return True

    def result(self) -> KindSeen:
        fields: dict[str, FieldSeen] = {}
        for place in self.places.values():
            place.count_into(fields)
        for (name, type_), examples in self.examples.items():
            fields[name].examples[type_] = [*examples, *self.spares.get((name, type_), ())]
        rows = {path: place.rows() for path, place in self.places.items()}
        return KindSeen(fields, rows, self.labels, self.capped)


class _Part(NamedTuple):
    name: str
    type: JsonType
    filled: bool


class _Look(NamedTuple):
    """What must be looked at in every record: the value of ``key``, as an example of news or for what is nested."""

    key: str
    name: str
    type: JsonType
    news: bool
    nested: _Place | None


@dataclass(slots=True)
class _Combination:
    """Records with the same names, types and empty places."""

    parts: list[_Part]
    look: list[_Look]
    rows: int = 0


class _Place:
    """Counts the records at one place of a kind: the records themselves, or those nested under one field."""

    def __init__(self, kind: _Kind, path: str, depth: int) -> None:
        self._kind = kind
        self._prefix = f"{path}." if path else ""
        self._depth = depth
        self._combinations: dict[tuple[object, ...], _Combination] = {}
        self._overflow: Counter[_Part] = Counter()
        self._overflow_rows = 0
        self._labels = [
            (name.rpartition(".")[2], found) for name, found in kind.labels.items() if name.rpartition(".")[0] == path
        ]

    def see(self, row: dict[str, Any], subject: str | None) -> None:
        values = row.values()
        combination = self._combinations.get((*row, *map(type, values), *map(bool, values)))
        if combination is None:
            combination = self._learn(row)
        combination.rows += 1
        if combination.look:
            self._look(combination, row, subject)
        for name, found in self._labels:
            label = row.get(name)
            if label.__class__ is str or label.__class__ is int:
                where = found.get(label)  # type: ignore[arg-type]  # a number is looked up as text, below
                if where is None:
                    where = self._new_label(found, label)
                where.rows += 1
                if len(where.records) < EXAMPLES and (record := _record(row, subject)) not in where.records:
                    where.records.append(record)

    def _learn(self, row: dict[str, Any]) -> _Combination:
        parts: dict[str, _Part] = {}
        look: list[_Look] = []
        for key, value in row.items():
            name = self._prefix + _shown(key, _NAME_LENGTH)
            if name in parts or not self._kind.follows(name):
                continue
            type_ = _TYPES[type(value)]
            parts[name] = _Part(name, type_, bool(value) or type_ in ("number", "boolean"))
            news = type_ not in (allowed_types(self._kind.kind, name, self._kind.known) or ())
            nested = None
            if type_ in ("list", "object") and self._depth < MAX_DEPTH:
                nested = self._kind.place(name + "[]" * (type_ == "list"), self._depth + 1)
            if news or nested:
                look.append(_Look(key, name, type_, news, nested))
        combination = _Combination(list(parts.values()), look)
        if len(self._combinations) < MAX_SHAPES and len(row) <= MAX_FIELDS:
            values = row.values()
            self._combinations[(*row, *map(type, values), *map(bool, values))] = combination
        else:
            self._overflow_rows += 1
            self._overflow.update(combination.parts)
        return combination

    def _look(self, combination: _Combination, row: dict[str, Any], subject: str | None) -> None:
        if combination.rows == LOOKED_AT:
            combination.look = [one._replace(news=False) for one in combination.look if one.nested]
        record = _record(row, subject)
        for one in combination.look:
            value = row[one.key]
            if one.news:
                examples = self._kind.examples.setdefault((one.name, one.type), [])
                spare = self._kind.spares.setdefault((one.name, one.type), [])
                if len(examples) < _KEPT:
                    shown = _value(value)
                    if all(other.value != shown for other in examples):
                        examples.append(Example(record, shown))
                    elif len(spare) < EXAMPLES and all(other.record != record for other in (*examples, *spare)):
                        spare.append(Example(record, shown))
            if one.nested is not None:
                for inner in value if one.type == "list" else (value,):
                    if type(inner) is dict:
                        one.nested.see(inner, record)

    def _new_label(self, found: dict[str, LabelSeen], label: str | int) -> LabelSeen:
        text = _shown(str(label), _NAME_LENGTH)
        if text not in found and len(found) >= MAX_LABELS:
            self._kind.capped = True
            return LabelSeen()
        return found.setdefault(text, LabelSeen())

    def rows(self) -> int:
        return self._overflow_rows + sum(one.rows for one in self._combinations.values())

    def count_into(self, fields: dict[str, FieldSeen]) -> None:
        rows = self.rows()
        counts = Counter(self._overflow)
        for combination in self._combinations.values():
            for part in combination.parts:
                counts[part] += combination.rows
        for (name, type_, filled), number in counts.items():
            seen = fields.setdefault(name, FieldSeen())
            seen.rows = rows
            seen.types[type_] = seen.types.get(type_, 0) + number
            seen.filled += number * filled


def _record(row: Mapping[str, Any], subject: str | None) -> str:
    own = row.get("id")
    return subject or (_shown(str(own), _VALUE_LENGTH) if isinstance(own, str | int) else "")


def _value(value: object) -> str:
    if isinstance(value, list | dict):
        return f"({len(value)} phần tử)"
    return "" if value is None else _shown(value if isinstance(value, str) else str(value), _VALUE_LENGTH)


def _shown(text: str, longest: int) -> str:
    """Without invisible characters, at most ``longest`` long."""
    found = text if len(text) <= longest and text.isprintable() else clean(text[: 4 * longest])
    return found if len(found) <= longest else f"{found[: longest - 1]}…"
