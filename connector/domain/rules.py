"""Rules as values: what each is called, rests on, needs and allows. Their conditions are code (``connector.detect``).

The values come from a file shipped with the product and from the office's own (``connector.reference.rules``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum

from connector.domain.findings import Severity, Subject

Threshold = int | tuple[int, ...]
"""A number, or the steps of a graded rule. The unit stands in its name: ``working_days``, ``calendar_days``,
``months``, ``times``."""


class Audience(StrEnum):
    """Who is told of a finding: the agency by letter, or only the office (in lists, never in a letter)."""

    AGENCY = "agency"
    OFFICE = "office"


@dataclass(frozen=True)
class Rule:
    """``text``: when it is broken, in one plain sentence. ``needs``: record fields without which it is not evaluable;
    ``missing``: those of them no source tells → what they are, in words; such a rule never is (F105).
    ``legal_confirmed``: the step itself was read in the named text, not only its subject. ``counted``: in section 2 of
    the report. ``valid_from``, ``valid_to``: first and last local day a breach may fall on. ``edition``: of the
    condition's code."""

    id: str
    title: str
    text: str
    legal_basis: str
    legal_confirmed: bool
    needs: tuple[str, ...]
    missing: Mapping[str, str]
    severity: Severity
    subject: Subject
    audience: Audience
    counted: bool
    enabled: bool
    what_to_do: str
    valid_from: date | None = None
    valid_to: date | None = None
    edition: int = 1
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", _digest(self))

    @property
    def evaluated(self) -> bool:
        """Whether its condition is looked at: it is not switched off, and a source tells what it needs."""
        return self.enabled and not self.missing

    def limit(self, name: str) -> int:
        """A threshold that is one number."""
        value = self.thresholds[name]
        assert isinstance(value, int)
        return value

    def steps(self, name: str) -> tuple[int, ...]:
        """A threshold that is a list."""
        value = self.thresholds[name]
        assert isinstance(value, tuple)
        return value

    def applies_on(self, day: date) -> bool:
        """Whether it was in force on a local day."""
        return (self.valid_from is None or day >= self.valid_from) and (self.valid_to is None or day <= self.valid_to)


def missing_text(rule: Rule) -> str:
    """Why a rule is never evaluable, in words."""
    return f"thiếu {', '.join(rule.missing.values())} (nguồn không cho biết)"


def _digest(rule: Rule) -> str:
    """12 hex digits that change with anything a finding of this rule says or rests on."""
    return hashlib.sha256(repr(definition(rule)).encode()).hexdigest()[:12]


def definition(rule: Rule) -> dict[str, object]:
    """Field → value, with one entry per threshold ("thresholds.working_days"); what two versions of a rule are
    compared by."""
    values = {one.name: getattr(rule, one.name) for one in fields(rule) if one.name not in ("thresholds", "version")}
    return {**values, **{f"thresholds.{name}": rule.thresholds[name] for name in sorted(rule.thresholds)}}


def definition_json(rule: Rule) -> dict[str, object]:
    """The same as JSON has it: days as ISO dates, steps as lists."""
    return {name: plain(value) for name, value in definition(rule).items()}


def plain(value: object) -> object:
    """A value of a definition as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class RuleBook:
    """The rules in force, by id, in the order in which they are printed."""

    rules: Mapping[str, Rule] = field(repr=False)

    def __getitem__(self, rule_id: str) -> Rule:
        return self.rules[rule_id]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def without_data(self) -> list[Rule]:
        """Rules that are in force and that no source gives the data for."""
        return [rule for rule in self if rule.enabled and rule.missing]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One field of a rule that two books define differently; ``before`` is None for a rule only the new one has."""

    rule: str
    field: str
    before: object
    after: object


def changes_between(old: RuleBook, new: RuleBook) -> list[RuleChange]:
    """What differs, rule by rule. Both books have the rules of the program: files change rules, they add none."""
    found = []
    for rule in new:
        before, after = definition(old[rule.id]), definition(rule)
        found += [RuleChange(rule.id, name, before[name], after[name]) for name in after if before[name] != after[name]]
    return found
