"""What a counter of iOffice counts, learned by elimination: the API does not say. Pure.

A badge may count all rows of a list, open ones, unread ones, or something we never read. Of every measure of ours we
remember how well it has kept up with the counter. Once one is proven, the measures not yet refuted *stand* for the
counter; from then on a reading that none of them explains is a difference. Standing measures are only ever taken
away by a reading that another one explains; new ones are proposed, and an operator decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from connector.domain.periods import OFFICE_ZONE, Month

READINGS = 3
"""So many readings in a row, not all of one value, prove a measure that has never been wrong."""
READINGS_AFTER_MISS = 6
"""... and a measure that was wrong before: small numbers agree by chance."""


class Verdict(StrEnum):
    EQUAL = "equal"
    DIFFERS = "differs"
    LEARNING = "learning"
    NOT_COMPARABLE = "not_comparable"


class Why(StrEnum):
    """Why a counter could not be compared."""

    NOT_SHOWN = "not_shown"
    ONE_READING = "one_reading"
    NO_LIST = "no_list"
    NOT_COUNTED = "not_counted"
    NO_MEASURE = "no_measure"


class Reading(NamedTuple):
    """A counter read before and after the lists; None: not read. Our figure may be of any moment in between."""

    before: int | None
    after: int | None

    @property
    def exact(self) -> bool:
        return self.before is not None and self.before == self.after

    @property
    def whole(self) -> bool:
        return self.before is not None and self.after is not None

    def distance(self, figure: int) -> int:
        """How far a figure lies outside of what was read; 0: it agrees."""
        values = [value for value in self if value is not None]
        return max(min(values) - figure, figure - max(values), 0)


@dataclass(frozen=True, slots=True)
class Trial:
    """How one measure keeps up with a counter. ``streak``: exact readings in a row that agreed, the first at ``since``
    with ``value``; ``varied``: another value was among them (a constant proves nothing); ``missed``: it was wrong
    before."""

    streak: int = 0
    since: datetime | None = None
    value: int | None = None
    varied: bool = False
    missed: bool = False

    def agreed(self, value: int | None, now: datetime) -> Trial:
        if not self.streak:
            return replace(self, streak=1, since=now, value=value)
        return replace(self, streak=self.streak + 1, varied=self.varied or value != self.value)

    def proven(self, now: datetime, *, over_months: bool) -> bool:
        """``over_months``: the readings must lie in more than one month."""
        enough = self.streak >= (READINGS_AFTER_MISS if self.missed else READINGS)
        return enough and self.varied and not (over_months and self.since and _month(self.since) == _month(now))

    def to_json(self) -> dict[str, Any]:
        since = self.since.isoformat() if self.since else None
        return {
            "streak": self.streak, "since": since, "value": self.value, "varied": self.varied, "missed": self.missed,
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Trial:
        return cls(**{**value, "since": _moment(value["since"])})


@dataclass(frozen=True, slots=True)
class CounterRule:
    """What is known of a counter. ``standing``: the measures it may count by, empty until learned; several had the
    same values so far. ``broken_since``: the first of the latest readings that no standing measure explains, with
    ``broken_readings`` exact ones since."""

    trials: Mapping[str, Trial] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()
    learned_at: datetime | None = None
    broken_since: datetime | None = None
    broken_readings: int = 0

    @property
    def proposed(self) -> frozenset[str]:
        """Measures that explain every reading since the standing ones stopped to: perhaps the new rule."""
        if self.broken_readings < READINGS_AFTER_MISS:
            return frozenset()
        return frozenset(
            name for name, trial in self.trials.items() if trial.varied and trial.streak >= self.broken_readings
        )

    def relearned(self, now: datetime) -> CounterRule:
        """An operator says that iOffice counts otherwise now: take what is proposed, or begin anew."""
        if not self.proposed:
            return CounterRule()
        return CounterRule(self.trials, self.proposed, learned_at=now)

    def to_json(self) -> dict[str, Any]:
        return {
            "trials": {name: trial.to_json() for name, trial in sorted(self.trials.items())},
            "standing": sorted(self.standing),
            "learned_at": self.learned_at.isoformat() if self.learned_at else None,
            "broken_since": self.broken_since.isoformat() if self.broken_since else None,
            "broken_readings": self.broken_readings,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> CounterRule:
        return cls(
            trials={name: Trial.from_json(trial) for name, trial in value["trials"].items()},
            standing=frozenset(value["standing"]),
            learned_at=_moment(value["learned_at"]),
            broken_since=_moment(value["broken_since"]),
            broken_readings=value["broken_readings"],
        )


class Judgement(NamedTuple):
    """``measure``: the standing measure nearest to the counter, "" while none stands."""

    verdict: Verdict
    rule: CounterRule
    measure: str = ""
    why: Why | None = None


def judge(
    rule: CounterRule, reading: Reading, figures: Mapping[str, int | None], now: datetime, *, over_months: bool = False
) -> Judgement:
    """One reading of a counter against our ``figures`` (measure → number, None: not known this time), and what is
    known afterwards. A counter read only once is believed when it agrees and never held against us: something may
    have changed in between."""
    known = {name: figure for name, figure in figures.items() if figure is not None}
    if reading == (None, None):
        return _incomparable(rule, Why.NOT_SHOWN)
    agreeing = frozenset(name for name, figure in known.items() if not reading.distance(figure))
    if reading.whole:
        rule = replace(rule, trials=_tried(rule.trials, reading, known, agreeing, now))
    if rule.standing:
        return _checked(rule, reading, known, agreeing, now)
    if not known:
        return _incomparable(rule, Why.NOT_COUNTED if figures else Why.NO_LIST)
    if not reading.whole:
        return _incomparable(rule, Why.ONE_READING)
    if not any(trial.proven(now, over_months=over_months) for trial in rule.trials.values()):
        hopeful = agreeing or any(trial.streak for trial in rule.trials.values())
        return Judgement(Verdict.LEARNING, rule) if hopeful else _incomparable(rule, Why.NO_MEASURE)
    standing = frozenset(
        name
        for name, trial in rule.trials.items()
        if trial.streak and (not trial.missed or trial.proven(now, over_months=over_months))
    )
    return _checked(replace(rule, standing=standing, learned_at=now), reading, known, agreeing, now)


def _tried(
    trials: Mapping[str, Trial], reading: Reading, known: Mapping[str, int], agreeing: frozenset[str], now: datetime
) -> dict[str, Trial]:
    """A counter that moved while we read refutes what lies outside, but proves nothing."""
    tried = dict(trials)
    for name in known:
        if name not in agreeing:
            tried[name] = Trial(missed=True)
        elif reading.exact:
            tried[name] = tried.get(name, Trial()).agreed(reading.after, now)
    return tried


def _checked(
    rule: CounterRule, reading: Reading, known: Mapping[str, int], agreeing: frozenset[str], now: datetime
) -> Judgement:
    standing = [name for name in known if name in rule.standing]
    nearest = min(standing, key=lambda one: reading.distance(known[one]), default="")
    untested = rule.standing - known.keys()
    if nearest in agreeing:
        if reading.whole:
            rule = replace(rule, standing=rule.standing & agreeing | untested, broken_since=None, broken_readings=0)
        return Judgement(Verdict.EQUAL, rule, nearest)
    if untested or not reading.whole:
        return _incomparable(rule, Why.NOT_COUNTED if untested else Why.ONE_READING)
    rule = replace(
        rule, broken_since=rule.broken_since or now, broken_readings=rule.broken_readings + int(reading.exact)
    )
    return Judgement(Verdict.DIFFERS, rule, nearest)


def _incomparable(rule: CounterRule, why: Why) -> Judgement:
    return Judgement(Verdict.NOT_COMPARABLE, rule, why=why)


def _month(moment: datetime) -> Month:
    return Month.of(moment.astimezone(OFFICE_ZONE).date())


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
