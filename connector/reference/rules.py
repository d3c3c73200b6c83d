"""The rules: those shipped with the product, and the office's file of changes to them, both TOML (F38).

A file that cannot be used raises SettingsError with everything that is wrong in it: file, line, key, nearest word. The
names a file may use are those of the shipped rules, so that a rule or a threshold with its unit cannot be misspelt.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints, ValidationError, create_model

from connector.domain.examples import Example
from connector.domain.findings import Severity, Subject
from connector.domain.rules import Audience, Rule, RuleBook, Threshold
from connector.reference.rule_examples import Day, ExampleEntry, make_example
from connector.settings import Section
from connector.settings.checks import Finding
from connector.settings.toml_file import in_words, parse_toml, raise_any, read_text
from connector.settings.toml_lines import TomlLines

SUPPLIED = "rules.toml"
_MOST = 3660
"""Largest number a threshold may be: ten years of days."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Number = Annotated[StrictInt, Field(ge=0, le=_MOST)]
Steps = Annotated[list[Number], Field(min_length=1)]


class _Supplied(Section):
    """A rule as shipped; all it says is written out."""

    title: Text
    text: Text
    legal_basis: Text
    legal_confirmed: StrictBool
    needs: tuple[Text, ...]
    missing: dict[str, Text] = Field(default_factory=dict)
    severity: Severity
    subject: Subject
    audience: Audience = Audience.AGENCY
    counted: StrictBool
    what_to_do: Text
    edition: StrictInt = 1
    thresholds: dict[str, Number | Steps] = Field(default_factory=dict)
    examples: tuple[ExampleEntry, ...] = ()


class _Change(Section):
    """What the office may say of a rule; what it leaves out stays as shipped."""

    title: Text = ""
    text: Text = ""
    legal_basis: Text = ""
    legal_confirmed: StrictBool = False
    severity: Severity = Severity.INFO
    audience: Audience = Audience.AGENCY
    counted: StrictBool = False
    enabled: StrictBool = True
    what_to_do: Text = ""
    valid_from: Day | None = None
    valid_to: Day | None = None
    examples: tuple[ExampleEntry, ...] = ()


@dataclass(frozen=True)
class LoadedRules:
    """``book``: the rules in force. ``examples``: those of the file itself, not those it was laid upon. ``changed``:
    ids of the rules the file speaks of."""

    book: RuleBook
    examples: tuple[Example, ...] = field(repr=False)
    changed: tuple[str, ...] = ()


@lru_cache(maxsize=4)
def supplied_rules(zone: ZoneInfo) -> LoadedRules:
    """The rules shipped with the product. ``zone``: of the local times in examples."""
    text = importlib.resources.files("connector.reference").joinpath(SUPPLIED).read_text(encoding="utf-8")
    path = Path(SUPPLIED)
    raw = parse_toml(path, text)
    entries: dict[str, _Supplied] = {}
    model = create_model("SuppliedRules", __base__=Section, **_fields(dict.fromkeys(raw, _Supplied), required=True))
    for rule_id, entry in _validated(model, raw, path, text):
        assert isinstance(entry, _Supplied)
        entries[rule_id] = entry
    book = RuleBook({rule_id: _rule(rule_id, entry) for rule_id, entry in entries.items()})
    return LoadedRules(book, _examples(entries, path, text, zone), tuple(entries))


def load_rules(file: Path | None, zone: ZoneInfo) -> LoadedRules:
    """The shipped rules with the office's changes; without a file the shipped ones and no examples. Raises
    SettingsError."""
    supplied = supplied_rules(zone)
    if file is None:
        return LoadedRules(supplied.book, ())
    text = read_text(file)
    changes: dict[str, _Change] = {}
    for rule_id, entry in _validated(_office_model(zone), parse_toml(file, text), file, text):
        assert isinstance(entry, _Change)
        changes[rule_id] = entry
    book = RuleBook({
        rule.id: _changed(rule, changes[rule.id]) if rule.id in changes else rule for rule in supplied.book
    })  # fmt: skip
    findings = [
        ((rule.id, "valid_to"), f"ngày cuối trước ngày đầu ({rule.valid_from:%d/%m/%Y})")
        for rule in book
        if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from
    ]
    raise_any(findings, file, text)
    return LoadedRules(book, _examples(changes, file, text, zone), tuple(changes))


@lru_cache(maxsize=4)
def _office_model(zone: ZoneInfo) -> type[BaseModel]:
    """One table per shipped rule, each with exactly its thresholds."""
    tables: dict[str, type[BaseModel]] = {}
    for rule in supplied_rules(zone).book:
        kinds = {name: Steps if isinstance(value, tuple) else Number for name, value in rule.thresholds.items()}
        thresholds = create_model("Thresholds", __base__=Section, **_fields(kinds))
        tables[rule.id] = create_model("Change", __base__=_Change, thresholds=(thresholds, thresholds()))
    return create_model("OfficeRules", __base__=Section, **_fields(tables))


def _fields(types: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    """Definitions of fields for ``create_model``; what is left out is told by ``model_fields_set``."""
    return {name: (kind, ... if required else None) for name, kind in types.items()}


def _validated(
    model: type[BaseModel], raw: dict[str, Any], path: Path, text: str
) -> list[tuple[str, BaseModel]]:  # fmt: skip
    """(rule, what the file says of it), in the file's order. Raises SettingsError."""
    findings: list[Finding] = []
    try:
        found = model.model_validate(raw)
    except ValidationError as error:
        findings += in_words(model, error, raw)
    raise_any(findings, path, text)
    return [(rule_id, getattr(found, rule_id)) for rule_id in raw]


def _rule(rule_id: str, entry: _Supplied) -> Rule:
    values = {name: getattr(entry, name) for name in type(entry).model_fields if name not in ("examples", "thresholds")}
    thresholds = {name: _threshold(value) for name, value in entry.thresholds.items()}
    return Rule(id=rule_id, enabled=True, thresholds=thresholds, **values)


def _changed(rule: Rule, change: _Change) -> Rule:
    given = {name: getattr(change, name) for name in change.model_fields_set - {"examples", "thresholds"}}
    own = getattr(change, "thresholds", None)
    thresholds = {name: _threshold(getattr(own, name)) for name in own.model_fields_set} if own is not None else {}
    return replace(rule, **given, thresholds={**rule.thresholds, **thresholds})


def _threshold(value: int | list[int]) -> Threshold:
    return tuple(value) if isinstance(value, list) else value


def _examples(entries: Mapping[str, _Supplied | _Change], path: Path, text: str, zone: ZoneInfo) -> tuple[Example, ...]:
    lines = TomlLines(text)

    def of(rule_id: str, written: Sequence[ExampleEntry]) -> list[Example]:
        return [
            make_example(rule_id, entry, f"{path}:{lines.line((rule_id, 'examples', number))}", zone)
            for number, entry in enumerate(written)
        ]

    return tuple(example for rule_id, entry in entries.items() for example in of(rule_id, entry.examples))
