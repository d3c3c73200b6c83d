"""What changed in the shape of the wire's records since the deployment last showed them, and how much it matters (F13).
Pure.

Every change has a mode: ``accept`` (recorded only), ``warn`` (told once), ``stop`` (nothing of it is stored until an
operator decides). Without a setting only two changes stop, those that no record shows by itself: a needed field that
nobody fills any more (no deadline looks like a task without deadline), and a needed field of another type throughout
(a code instead of a status label reads as an unmapped label). Either would close findings and rewrite history for the
whole office. A single odd record is rejected by the normaliser, and the brake on rejected rows sees many of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from connector.domain.status import Vocabulary, fold_label
from connector.normalise.expected import EXPECTED, LABELS, Expected, possible_names
from connector.normalise.fields import optional_text
from connector.normalise.shape_changes import CHANGES, MODES, Change, Mode, ShapeChange, types_text
from connector.normalise.shape_watch import MAX_LABELS, ShapeWatch
from connector.normalise.shapes import Example, FieldSeen, FieldShape, KindSeen, Shape, allowed_types
from connector.normalise.vocabulary import Vocabularies

# How many records must be without a field before it is missed. A few changed tasks are no fair sample: the less
# certain a field was until now, the more records it takes.
ROWS_IF_ALWAYS_WRITTEN = 5  # it stood in every record, empty ones included
ROWS_IF_ALWAYS_FILLED = 20  # it had a value in every record
ROWS_IF_MOSTLY_FILLED = 50  # records that should have had a value, by its share until now
MOST = 0.5
EXAMPLES = 3


def diff(
    known: Mapping[str, Shape] | None, run: ShapeWatch, modes: Mapping[str, Mode], words: Vocabularies
) -> tuple[ShapeChange, ...]:
    """What this run showed against what the deployment showed before (None or a missing kind: against EXPECTED), what
    stops first, then by kind and field. ``modes``: "kind.field" or the name of a change → mode."""
    known = known or {}
    run_seen = {kind: run.seen(kind) for kind in run.kinds()}
    found: list[ShapeChange] = []
    for kind, seen in run_seen.items():
        base = known.get(kind)
        for name in sorted({*seen.fields, *EXPECTED.get(kind, {}), *(base.fields if base else ())}):
            found += _Comparison(kind, name, seen, base, modes).changes()
        if seen.capped and not (base and base.capped):
            mode = modes.get("too_many_names", "warn")
            found.append(ShapeChange("too_many_names", kind, "", "", "", seen.rows_for(""), seen.rows_for(""), mode))
    found += _unknown_labels(known, run_seen, modes, words)
    order = list(EXPECTED)
    return tuple(
        sorted(
            found,
            key=lambda one: (
                -MODES.index(one.mode), order.index(one.kind) if one.kind in order else len(order), one.kind,
                one.field, one.change, one.label,
            ),
        )
    )  # fmt: skip


def merge(
    known: Mapping[str, Shape] | None, run: ShapeWatch, at: datetime, changes: Iterable[ShapeChange]
) -> dict[str, Shape]:
    """The base line after this run (``at``: its aware time): the next ``diff`` is silent about ``changes``. What
    stopped the run is left out, so that it stops the next one too until somebody decides."""
    merged = dict(known or {})
    by_kind: dict[str, list[ShapeChange]] = {}
    for change in changes:
        by_kind.setdefault(change.kind, []).append(change)
    for kind in run.kinds():
        merged[kind] = _merge_kind(kind, merged.get(kind, Shape({})), run.seen(kind), at, by_kind.get(kind, []))
    return merged


def _merge_kind(kind: str, base: Shape, seen: KindSeen, at: datetime, changes: list[ShapeChange]) -> Shape:
    stopped = {one.field for one in changes if one.mode == "stop"}
    fields = dict(base.fields)
    for name, one in seen.fields.items():
        old = fields.get(name)
        if name not in stopped and not (old and old.gone and not one.filled):
            old = old or FieldShape(frozenset(), at, at, 0, 0, 0)
            fields[name] = replace(old.with_run(one, at), rare=_rare(EXPECTED.get(kind, {}).get(name), old, one))
    told = {name: list(labels) for name, labels in base.told.items()}
    for change in changes:
        if change.mode == "stop":
            continue
        if change.change == "vanished_field":
            fields[change.field] = (base.fields.get(change.field) or FieldShape(frozenset(), at, at, 0, 0, 0)).as_gone()
        elif change.change == "unknown_label" and len(told.setdefault(change.field, [])) < MAX_LABELS:
            told[change.field].append(fold_label(change.label))
    capped = base.capped or any(one.change == "too_many_names" and one.mode != "stop" for one in changes)
    return Shape(fields, {name: tuple(sorted(labels)) for name, labels in told.items()}, capped)


def _rare(expected: Expected | None, old: FieldShape, seen: FieldSeen) -> frozenset[str]:
    """Unexpected types told so far of a needed field, but for those that most records have: that was told as such."""
    if expected is None or not expected.needed:
        return frozenset()
    throughout = {type_ for type_, rows in seen.types.items() if _throughout(rows, seen.rows)}
    return (old.rare | (seen.types.keys() - old.types - expected.types)) - throughout


def check_modes(modes: Mapping[str, object], known: Mapping[str, Shape] | None = None) -> list[str]:
    """What is wrong with the modes of the settings, in Vietnamese, with the nearest valid name. ``known``: what the
    deployment showed until now; its own fields may be named too."""
    names = {
        kind: {*fields, *(known[kind].fields if known and kind in known else ())} for kind, fields in EXPECTED.items()
    }
    problems = []
    for key, mode in modes.items():
        if mode not in MODES:
            problems.append(f'"{key}": chế độ phải là một trong: {", ".join(MODES)}{_nearest(str(mode), MODES)}')
        if key in CHANGES:
            continue
        kind, dot, name = key.partition(".")
        if kind not in names:
            words = [*names, *CHANGES] if not dot else list(names)
            problems.append(f'"{key}": không có loại bản ghi hoặc loại thay đổi này{_nearest(kind, words)}')
        elif name not in names[kind]:
            near = _nearest(key, [f"{kind}.{one}" for one in sorted(names[kind])])
            problems.append(f'"{key}": {kind} không có trường này{near}')
    return problems


def _nearest(name: str, valid: Iterable[str]) -> str:
    by_fold = {one.casefold(): one for one in valid}
    found = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return f"; tên gần nhất: {by_fold[found[0]]}" if found else ""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One field of one kind: this run against what was before."""

    kind: str
    name: str
    seen: KindSeen
    base: Shape | None
    modes: Mapping[str, Mode]

    def changes(self) -> Iterator[ShapeChange]:
        old = self.base.fields.get(self.name) if self.base else None
        now = self.seen.fields.get(self.name)
        if old and old.gone:
            if now and now.filled:
                yield self._change("returned_field", "không còn", _share(now.filled, now.rows), now.filled)
        elif (missing := self._missing(old, now)) is not None:
            yield missing
            return
        if now is None:
            return
        allowed = allowed_types(self.kind, self.name, self.base)
        if allowed is None:
            examples = [one for type_ in sorted(now.examples) for one in now.examples[type_]]
            yield self._change("new_field", "chưa có", types_text(now.types), now.present, examples)
            return
        rare = old.rare if old else frozenset()
        wrong = {
            type_: rows
            for type_, rows in now.types.items()
            if type_ not in allowed and (type_ not in rare or _throughout(rows, now.rows))
        }
        if wrong:
            rows, before = sum(wrong.values()), types_text(allowed)
            examples = [one for type_ in sorted(wrong) for one in now.examples.get(type_, ())]
            severe = _throughout(rows, now.rows)
            yield self._change("retyped_field", before, types_text(wrong), rows, examples, severe)

    def _missing(self, old: FieldShape | None, now: FieldSeen | None) -> ShapeChange | None:
        """The field has vanished from every record, or its value has; told only when there were enough records to be
        sure, and when no other spelling took its place."""
        expected = EXPECTED.get(self.kind, {}).get(self.name)
        rows = self.seen.rows_for(self.name)
        others = (self.seen.fields.get(one) for one in (expected.others if expected else ()))
        if (now and now.filled) or any(one and one.filled for one in others) or (expected and expected.some_lists):
            return None
        promised = bool(expected and "null" not in expected.types)
        if old is None:
            enough = ROWS_IF_ALWAYS_WRITTEN if promised else ROWS_IF_MOSTLY_FILLED
            if not (expected and expected.needed) or now is not None or rows < enough:
                return None
            return self._change("vanished_field", "", "không có", rows, severe=promised)
        if now is None and not old.absent and (promised or old.empty):
            told = rows >= ROWS_IF_ALWAYS_WRITTEN
        elif not old.absent and not old.empty:
            told = rows >= ROWS_IF_ALWAYS_FILLED
        else:
            told = old.filled_share >= MOST and old.filled_share * rows >= ROWS_IF_MOSTLY_FILLED
        if not told:
            return None
        before = _share(old.rows - old.absent - old.empty, old.rows)
        return self._change("vanished_field", before, "để trống" if now else "không có", rows, severe=True)

    def _change(
        self, change: Change, before: str, now: str, rows: int, examples: Iterable[Example] = (), severe: bool = False
    ) -> ShapeChange:
        expected = EXPECTED.get(self.kind, {}).get(self.name)
        mode = self.modes.get(f"{self.kind}.{self.name}") or self.modes.get(change)
        if mode is None:
            mode = "stop" if severe and expected and expected.needed else "warn"
        if change == "returned_field" and mode == "stop":
            mode = "warn"  # good news
        shown = sorted(examples, key=lambda one: not one.value)[:EXAMPLES]
        renamed = self._renamed() if change == "vanished_field" else ""
        seen = self.seen.rows_for(self.name)
        return ShapeChange(change, self.kind, self.name, before, now, rows, seen, mode, tuple(shown), renamed=renamed)

    def _renamed(self) -> str:
        """A new field beside it that looks like the same thing; "" if none does."""
        parent = self.name.rpartition(".")[0]
        fresh = {
            name for name in self.seen.fields
            if name.rpartition(".")[0] == parent and (not self.base or name not in self.base.fields)
            and name not in EXPECTED.get(self.kind, {})
        }  # fmt: skip
        for name in possible_names(self.name):
            if name in fresh:
                return name
        by_fold = {name.casefold(): name for name in sorted(fresh)}
        near = difflib.get_close_matches(self.name.casefold(), by_fold, n=1, cutoff=0.7)
        return by_fold[near[0]] if near else ""


def _throughout(part: int, whole: int) -> bool:
    return whole >= ROWS_IF_ALWAYS_WRITTEN and part >= MOST * whole


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} bản ghi"


def _unknown_labels(
    known: Mapping[str, Shape], run_seen: Mapping[str, KindSeen], modes: Mapping[str, Mode], words: Vocabularies
) -> Iterator[ShapeChange]:
    """Labels nobody has mapped, each once for all records that show it, in the kind that shows it first. Only the mode
    of the change counts here, not that of the field: one new label must not stop what guards the field itself."""
    tables: dict[str, Vocabulary] = {"status": words.statuses, "roles": words.roles, "log_actions": words.actions}
    told = {
        (table, label)
        for (kind, name), table in LABELS.items() if kind in known for label in known[kind].told.get(name, ())
    }  # fmt: skip
    for (kind, name), table in LABELS.items():
        seen = run_seen.get(kind)
        if seen is None or (kind in known and len(known[kind].told.get(name, ())) >= MAX_LABELS):
            continue  # nothing read, or so many told that they are no labels
        grouped: dict[str, list[tuple[str, int, list[str]]]] = {}
        for raw, where in seen.labels.get(name, {}).items():
            label = optional_text(raw, name)
            if label and tables[table].get(label) is None and (table, fold_label(label)) not in told:
                grouped.setdefault(fold_label(label), []).append((label, where.rows, where.records))
        for folded, group in grouped.items():
            told.add((table, folded))
            records = list(dict.fromkeys(record for _, _, ids in group for record in ids))[:EXAMPLES]
            yield ShapeChange(
                "unknown_label", kind, name, "", "chưa khai báo", sum(rows for _, rows, _ in group),
                seen.rows_for(name), modes.get("unknown_label", "warn"),
                tuple(Example(record, "") for record in records), min(label for label, _, _ in group),
            )  # fmt: skip
