"""The same as ``bootstrap`` for rules: those of the office's file, what others would say, and the file while it is in
use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from connector.bootstrap import App
from connector.detect.examples import check_example
from connector.domain.deadlines import Deadlines
from connector.domain.examples import Example
from connector.domain.history import Observer
from connector.domain.policy import Policy
from connector.domain.rules import Rule, RuleBook
from connector.errors import SettingsError, UsageProblem
from connector.jobs.try_rules import Backtest, RulesDiff, backtest, diff_rules
from connector.reference import load_agencies, load_calendar
from connector.reference.rules import LoadedRules, load_rules, supplied_rules
from connector.settings.words import nearest

if TYPE_CHECKING:
    from connector.ports import UnitOfWork

log = structlog.get_logger()

HOLD = "rules"
"""The hold that says that the file of rules cannot be used and the rules read before are in force."""
SUPPLIED = "-"
"""Stands for the shipped rules where a file is asked for."""


@dataclass(frozen=True, slots=True)
class Tested:
    """``failed``: (example, what was concluded instead). ``unproved``: rules whose thresholds the office's file changes
    and that it shows no example of."""

    passed: int
    failed: Sequence[tuple[Example, str]]
    unproved: Sequence[str]


@dataclass
class RulesApp:
    app: App

    @cached_property
    def loaded(self) -> LoadedRules:
        """The rules of the settings. Raises SettingsError."""
        return self._load(self.app.settings.rules.file)

    def find(self, rule: str) -> tuple[Rule, list[Example]]:
        """The rule of that id or of what the id begins with ("PV01"), with its shipped and the office's examples.
        Raises UsageProblem."""
        ids = [one.id for one in self.loaded.book]
        wanted = rule.upper()
        found = next((one for one in ids if wanted in (one, one.partition("_")[0])), "")
        if not found:
            close = nearest(rule, ids) or "một mã trong: connector rules list"
            raise UsageProblem(f"unknown rule {rule}", argument=rule, expected=close)
        examples = [*supplied_rules(self.app.settings.office.zone).examples, *self.loaded.examples]
        return self.loaded.book[found], [one for one in examples if one.rule == found]

    def test(self, file: Path | None) -> Tested:
        """The shipped examples by the shipped rules, and those of the office's file by the rules with its changes and
        the office's own calendar. Raises SettingsError."""
        zone = self.app.settings.office.zone
        supplied, own = supplied_rules(zone), self._load(file) if file else self.loaded
        results = _checked(supplied.examples, self._supplied_policy(supplied.book))
        results += _checked(own.examples, self.app.policy_of(own.book))
        failed = [(example, problem) for example, problem in results if problem]
        shown = {example.rule for example in own.examples}
        unproved = [
            rule.id
            for rule in own.book
            if rule.thresholds != supplied.book[rule.id].thresholds and rule.id not in shown and rule.evaluated
        ]
        return Tested(len(results) - len(failed), failed, unproved)

    def diff(self, old: str, new: str) -> RulesDiff:
        """``old``, ``new``: files, or "-" for the shipped rules. Raises SettingsError."""
        before, after = (self._load(None if one == SUPPLIED else Path(one)).book for one in (old, new))
        return diff_rules(self.app.reading(), self.app.clock, self.app.policy_of(after), before, after)

    def backtest(self, rule: str, days: int) -> Backtest:
        return backtest(
            self.app.reading(), self.app.clock, self.app.policy_of(self.loaded.book), self.app.letter_policy, rule, days
        )

    def _load(self, file: Path | None) -> LoadedRules:
        return load_rules(file, self.app.settings.office.zone)

    def _supplied_policy(self, book: RuleBook) -> Policy:
        """As the product comes: what the shipped examples were written for."""
        zone = self.app.settings.office.zone
        return Policy(
            counted_assigners=(),
            issuer="",
            directory=load_agencies(None, ()),
            deadlines=Deadlines(load_calendar(None), zone),
            observer=Observer(zone),
            zone=zone,
            rules=book,
        )


def _checked(examples: Sequence[Example], policy: Policy) -> list[tuple[Example, str]]:
    return [(example, check_example(example, policy)) for example in examples]


@dataclass
class RulesWatch:
    """The office's file of rules as the service follows it: a change is taken up, one that cannot be used is told and
    changes nothing."""

    app: App
    file: Path
    _taken: tuple[int, int] | None = None
    _begun: bool = False

    @classmethod
    def of(cls, app: App) -> RulesWatch | None:
        """None if the office has no file. Raises SettingsError: no service begins with rules it cannot read."""
        file = app.settings.rules.file
        if file is None:
            return None
        app.policy  # noqa: B018  read once now
        return cls(app, file)

    def due(self, _uow: UnitOfWork, _now: datetime) -> bool:
        return not self._begun or self._stamp() != self._taken

    def take(self) -> None:
        """Raises SettingsError for a file that cannot be used; it is not looked at again before it changes."""
        self._begun, self._taken = True, self._stamp()
        try:
            loaded = load_rules(self.file, self.app.settings.office.zone)
        except SettingsError as error:
            with self.app.uow() as uow:
                uow.holds.put(HOLD, self.app.clock.now(), "; ".join(error.problems))
                uow.commit()
            raise
        self.app.use_rules(loaded.book)
        with self.app.uow() as uow:
            if uow.holds.get(HOLD) is not None:
                uow.holds.lift(HOLD)
                uow.commit()
        log.info("rules.in_force", file=str(self.file), changed=list(loaded.changed))

    def _stamp(self) -> tuple[int, int] | None:
        """What shows that the file has changed; None while there is none."""
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
