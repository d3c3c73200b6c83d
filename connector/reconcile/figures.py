"""After a run: is what came over the wire in the store, and does iOffice count what we count? (F10, F77) Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connector.domain.periods import OFFICE_ZONE
from connector.domain.wording import moment_text
from connector.reconcile.counter_rules import CounterRule, Judgement, Reading, Verdict, Why, judge
from connector.reconcile.own_figures import JOB_REPORT, Figures, Received, measure_text


class Kind(StrEnum):
    """``stored``: rows received and stored; ``menu``: a badge of ``countmenu``; ``jobreport``: a figure of that
    report. The latter must hold over the end of a month before it is believed: its month has no year, and whether
    tasks are counted by start or by deadline is not known."""

    STORED = "stored"
    MENU = "menu"
    JOB_REPORT = "jobreport"


class Overall(StrEnum):
    """``incomplete``: something was lost between wire and table; ``unreconciled``: iOffice counts otherwise than it
    did; ``not_comparable``: no counter could be compared (none was shown, or all are still being learned)."""

    RECONCILED = "reconciled"
    UNRECONCILED = "unreconciled"
    INCOMPLETE = "incomplete"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison. ``name``: the list, or the counter as "account/identity/NAME". ``theirs``: rows received, or the
    counter as last read, ``theirs_before`` as read before the lists; ``ours``: rows stored, or our count by
    ``measure``. ``note``: Vietnamese, "" if there is nothing to say. ``figures``: all our counts, where iOffice's
    differs."""

    name: str
    kind: Kind
    verdict: Verdict
    theirs: int | None
    theirs_before: int | None
    ours: int | None
    measure: str = ""
    note: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "kind": str(self.kind), "verdict": str(self.verdict), "theirs": self.theirs,
            "theirs_before": self.theirs_before, "ours": self.ours, "measure": self.measure, "note": self.note,
            "figures": dict(self.figures),
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Check:
        return cls(**{**value, "kind": Kind(value["kind"]), "verdict": Verdict(value["verdict"])})


@dataclass(frozen=True, slots=True)
class Reconciliation:
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Overall:
        if any(check.verdict is not Verdict.EQUAL for check in self._lists):
            return Overall.INCOMPLETE
        verdicts = {check.verdict for check in self._counters}
        if Verdict.DIFFERS in verdicts:
            return Overall.UNRECONCILED
        return Overall.RECONCILED if Verdict.EQUAL in verdicts else Overall.NOT_COMPARABLE

    @property
    def headline(self) -> str:
        """One Vietnamese sentence, for the report's data notes too."""
        short = _where(self._lists, Verdict.DIFFERS, Verdict.NOT_COMPARABLE)
        compared, off = _where(self._counters, Verdict.EQUAL, Verdict.DIFFERS), _where(self._counters, Verdict.DIFFERS)
        unread = sum(bool(check.note) for check in self._lists)
        if short:
            text = f"Lưu trữ CHƯA ĐẦY ĐỦ ở {len(short)} trong {len(self._lists)} danh sách"
        elif unread:
            text = f"Đã nhận đủ {len(self._lists)} danh sách, {unread} danh sách có dòng KHÔNG ĐỌC ĐƯỢC"
        else:
            text = f"Đã lưu đủ {len(self._lists)} danh sách"
        if off:
            return f"{text}; KHÔNG KHỚP với iOffice ở {len(off)} trong {len(compared)} số đếm đối chiếu được."
        if compared:
            return f"{text}; khớp với iOffice ở {len(compared)} số đếm."
        return f"{text}; chưa đối chiếu được với số đếm của iOffice."

    def brief(self) -> list[str]:
        """The headline, every difference and note. For the admin at 7 a.m."""
        return [self.headline, *(f"  {text}" for check in self.checks if (text := _told(check)))]

    def lines(self) -> list[str]:
        """The same, and what could not be compared and why."""
        found = self.brief()
        reasons: dict[str, list[str]] = {}
        for one in _where(self._counters, Verdict.LEARNING, Verdict.NOT_COMPARABLE):
            learning = one.verdict is Verdict.LEARNING
            reason = "Đang tìm hiểu cách đếm của iOffice" if learning else f"Chưa đối chiếu được vì {one.note}"
            reasons.setdefault(reason, []).append(one.name.rsplit("/", 1)[-1])
        return found + [
            f"  {reason}: {len(names)} số đếm ({', '.join(dict.fromkeys(names))})." for reason, names in reasons.items()
        ]

    def to_json(self) -> dict[str, Any]:
        return {"verdict": str(self.verdict), "checks": [check.to_json() for check in self.checks]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reconciliation:
        return cls(tuple(Check.from_json(check) for check in value["checks"]))

    @property
    def _lists(self) -> list[Check]:
        return [check for check in self.checks if check.kind is Kind.STORED]

    @property
    def _counters(self) -> list[Check]:
        return [check for check in self.checks if check.kind is not Kind.STORED]


def reconcile(
    lists: Iterable[Received],
    before: Mapping[str, int],
    after: Mapping[str, int],
    ours: Figures,
    rules: Mapping[str, CounterRule],
    now: datetime,
    *,
    relearn: bool = False,
) -> tuple[Reconciliation, dict[str, CounterRule]]:
    """Compare, and return what is known of the counters for the next run. ``before`` and ``after``: iOffice's counters
    as read before and after the lists, empty if they could not be read; ``ours``: ``OwnFigures.result``; ``now``
    aware. ``relearn``: an operator says that counters that differ are counted otherwise now."""
    known = {
        name: rule.relearned(now) if relearn and rule.broken_since is not None else rule for name, rule in rules.items()
    }
    checks = [_stored(one) for one in lists]
    names = before.keys() | after.keys() | {name for name, rule in known.items() if rule.standing}
    for name in sorted(names):
        kind = Kind.JOB_REPORT if JOB_REPORT in name else Kind.MENU
        reading, figures, old = Reading(before.get(name), after.get(name)), ours.get(name, {}), known.get(name)
        made = judge(old or CounterRule(), reading, figures, now, over_months=kind is Kind.JOB_REPORT)
        checks.append(_counter(name, kind, reading, figures, made, learned=made.rule.learned_at == now))
        if made.rule != CounterRule():
            known[name] = made.rule
    return Reconciliation(tuple(checks)), known


def _stored(one: Received) -> Check:
    """More may be stored than the last pass over the list showed: what an earlier one met and went away meanwhile."""
    unreadable = max(one.unreadable, one.rejected)
    note = f"{unreadable} dòng không đọc được, đã giữ nguyên văn kèm lý do" if unreadable else ""
    verdict = Verdict.EQUAL if one.received <= one.stored + one.rejected else Verdict.DIFFERS
    if not one.complete:
        verdict, note = Verdict.NOT_COMPARABLE, "; ".join(filter(None, ["danh sách chưa được đọc đến hết", note]))
    return Check(str(one.stream), Kind.STORED, verdict, one.received, None, one.stored, note=note)


def _counter(
    name: str, kind: Kind, reading: Reading, figures: Mapping[str, int | None], made: Judgement, *, learned: bool
) -> Check:
    counted = {name: figure for name, figure in figures.items() if figure is not None}
    return Check(
        name,
        kind,
        made.verdict,
        theirs=reading.before if reading.after is None else reading.after,
        theirs_before=reading.before,
        ours=figures[made.measure] if made.measure else None,
        measure=made.measure,
        note=_note(made, learned=learned),
        figures=counted if made.verdict is Verdict.DIFFERS else {},
    )


_WHY = {
    Why.NOT_SHOWN: "iOffice không cho biết số này",
    Why.ONE_READING: "chỉ đọc được số của iOffice một lần trong lượt",
    Why.NO_LIST: "hệ thống không có số tương ứng",
    Why.NOT_COUNTED: "danh sách tương ứng chưa đủ, hoặc có dòng, trạng thái chưa đọc được",
    Why.NO_MEASURE: "không cách đếm nào của hệ thống cho cùng số",
}


def _note(made: Judgement, *, learned: bool) -> str:
    if made.why is not None:
        return _WHY[made.why]
    if made.verdict is Verdict.DIFFERS and made.rule.broken_since is not None:
        note = f"lệch từ {moment_text(made.rule.broken_since, OFFICE_ZONE)}"
        if made.rule.proposed:
            note += (
                f"; từ đó {made.rule.broken_readings} lần đọc liền đều khớp với {_quoted(made.rule.proposed)}, có thể "
                "iOffice đã đổi cách đếm; nếu đúng, chạy: connector sync --relearn"
            )
        return note
    if made.verdict is Verdict.EQUAL and learned:
        return f"từ nay được đối chiếu theo cách đếm {_quoted(made.rule.standing)}"
    return ""


def _quoted(measures: Iterable[str]) -> str:
    return " hoặc ".join(f"“{measure_text(measure)}”" for measure in sorted(measures))


def _told(check: Check) -> str:
    """What is said of this check alone, "" if nothing; counters not compared are listed together."""
    if check.verdict is not Verdict.DIFFERS:
        alone = check.kind is Kind.STORED or check.verdict is Verdict.EQUAL
        return f"{check.name}: {check.note}." if alone and check.note else ""
    if check.kind is Kind.STORED:
        note = f", {check.note}" if check.note else ""
        return f"{check.name}: nhận {check.theirs} dòng, đã lưu {check.ours} dòng{note}."
    theirs = f"{check.theirs}"
    if check.theirs_before != check.theirs:
        theirs = f"{check.theirs_before} rồi {check.theirs}"
    return f"{check.name}: iOffice {theirs}, hệ thống {check.ours} ({measure_text(check.measure)}); {check.note}."


def _where(checks: Iterable[Check], *verdicts: Verdict) -> list[Check]:
    return [check for check in checks if check.verdict in verdicts]


def rules_to_json(rules: Mapping[str, CounterRule]) -> dict[str, Any]:
    return {name: rule.to_json() for name, rule in sorted(rules.items())}


def rules_from_json(value: Mapping[str, Any]) -> dict[str, CounterRule]:
    return {name: CounterRule.from_json(rule) for name, rule in value.items()}
