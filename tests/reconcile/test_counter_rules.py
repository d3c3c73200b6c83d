"""A counter's rule is learned from readings alone; after that, what it does not explain is a difference."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from hypothesis import assume, given
from hypothesis import strategies as st

from connector.reconcile.counter_rules import (
    READINGS,
    READINGS_AFTER_MISS,
    CounterRule,
    Judgement,
    Reading,
    Verdict,
    Why,
    judge,
)
from tests.builders import at

START = at("2022-02-01")
MEASURES = ("rows", "open", "unread", "overdue")
TRUTH = "open"


class Night(NamedTuple):
    """What one run read: the counter and our figures."""

    reading: Reading
    figures: dict[str, int | None]


def exact(value: int) -> Reading:
    return Reading(value, value)


def run(nights: Iterable[Night], rule: CounterRule | None = None, *, over_months: bool = False) -> list[Judgement]:
    """One reading a night, each judged with what the nights before have taught."""
    rule = rule or CounterRule()
    made: list[Judgement] = []
    for number, night in enumerate(nights):
        now = START + timedelta(days=number)
        made.append(judge(rule, night.reading, night.figures, now, over_months=over_months))
        rule = made[-1].rule
    return made


def verdicts(made: Iterable[Judgement]) -> list[str]:
    return [str(one.verdict) for one in made]


# Small numbers, so that wrong measures agree by chance.
numbers = st.integers(0, 4)


@st.composite
def nights(draw: st.DrawFn, *, still: bool = False, gaps: bool = False) -> Night:
    """The counter counts by TRUTH. It moves while we read unless ``still``; ``gaps``: measures may be unknown."""
    true = draw(numbers)
    other = numbers | st.none() if gaps else numbers
    figures = {name: true if name == TRUTH else draw(other) for name in MEASURES}
    down, up = (0, 0) if still else (draw(st.sampled_from([0, 0, 0, 1])), draw(st.sampled_from([0, 0, 0, 1])))
    ends = (true - down, true + up)
    return Night(Reading(*draw(st.sampled_from([ends, ends[::-1]]))), figures)


histories = st.lists(nights(), min_size=1, max_size=25)


def different(values: int) -> list[Night]:
    """So many still nights whose true value differs from one to the next; every other measure is far off."""
    return [
        Night(exact(n), {"rows": n + 10, TRUTH: n, "unread": n + 20, "overdue": n + 30}) for n in range(1, values + 1)
    ]


# -- while the rule holds ----------------------------------------------------------------------------------------------


@given(st.lists(nights(gaps=True), max_size=40))
def test_while_a_counter_goes_on_counting_by_one_of_our_measures_nobody_is_alarmed(history: list[Night]) -> None:
    assert Verdict.DIFFERS.value not in verdicts(run(history))


@given(histories)
def test_the_true_measure_is_never_given_up(history: list[Night]) -> None:
    for made in run(history):
        assert not made.rule.standing or TRUTH in made.rule.standing


@given(st.lists(nights(still=True), min_size=READINGS, max_size=20))
def test_a_counter_is_learned_as_soon_as_three_still_readings_showed_two_values(history: list[Night]) -> None:
    made = run(history)
    values = [night.figures[TRUTH] for night in history]
    for number, one in enumerate(made, 1):
        enough = number >= READINGS and len(set(values[:number])) > 1
        assert one.verdict is (Verdict.EQUAL if enough else Verdict.LEARNING)
    assert (made[-1].rule.learned_at is None) == (len(set(values)) == 1)


def test_a_constant_proves_nothing_however_long_it_lasts() -> None:
    zeros = [Night(exact(0), dict.fromkeys(MEASURES, 0))] * 50
    assert set(verdicts(run(zeros))) == {"learning"}


def test_a_counter_that_moves_while_we_read_refutes_but_does_not_prove() -> None:
    moving = [Night(Reading(n, n + 1), {"rows": n + 9, TRUTH: n}) for n in range(30)]
    made = run(moving)
    assert set(verdicts(made)) == {"learning"}
    assert made[-1].rule.trials["rows"].missed


@given(st.integers(0, 9), st.integers(0, 9), st.integers(-3, 12))
def test_a_figure_between_the_two_readings_agrees_and_any_other_does_not(before: int, after: int, ours: int) -> None:
    learned = run(different(READINGS))[-1].rule
    made = judge(learned, Reading(before, after), {TRUTH: ours}, START)
    inside = min(before, after) <= ours <= max(before, after)
    assert made.verdict is (Verdict.EQUAL if inside else Verdict.DIFFERS)


# -- when it does not --------------------------------------------------------------------------------------------------


@given(histories, st.integers(0, 9), nights(still=True))
def test_a_value_that_no_standing_measure_explains_is_a_difference_at_once(
    history: list[Night], theirs: int, night: Night
) -> None:
    learned = run([*history, *different(READINGS)])[-1].rule
    assume(theirs not in {night.figures[name] for name in learned.standing})
    assert judge(learned, exact(theirs), night.figures, START).verdict is Verdict.DIFFERS


@given(histories, nights(still=True), st.integers(1, 5))
def test_once_one_measure_alone_stands_every_lost_row_is_a_difference(
    history: list[Night], night: Night, lost: int
) -> None:
    learned = run([*history, *different(READINGS)])[-1].rule
    assert learned.standing == {TRUTH}
    true = night.figures[TRUTH]
    assert true is not None
    made = run([night, Night(exact(true + lost), night.figures), night], learned)
    assert verdicts(made) == ["equal", "differs", "equal"]
    assert made[1].measure == TRUTH
    assert made[1].rule.broken_since == START + timedelta(days=1)
    assert made[2].rule.broken_since is None


def test_a_difference_is_dated_from_its_first_night_and_told_every_night() -> None:
    learned = run(different(READINGS))[-1].rule
    made = run([Night(exact(5), {TRUTH: 4, "rows": 5})] * 9, learned)
    assert set(verdicts(made)) == {"differs"}
    assert {one.rule.broken_since for one in made} == {START}
    assert made[-1].rule.proposed == frozenset(), "a constant is no new rule"


def test_measures_that_agreed_all_along_are_told_apart_later_and_the_wrong_one_is_dropped_for_good() -> None:
    alike = [Night(exact(n), {"rows": n, TRUTH: n}) for n in (1, 2, 3)]
    apart = Night(exact(3), {"rows": 4, TRUTH: 3})
    as_rows = Night(exact(4), {"rows": 4, TRUTH: 3})
    made = run([*alike, apart, as_rows])
    assert [sorted(one.rule.standing) for one in made[2:4]] == [["open", "rows"], ["open"]]
    assert verdicts(made)[2:] == ["equal", "equal", "differs"]


def test_a_measure_that_agrees_by_chance_on_the_night_a_rule_is_learned_does_not_stand() -> None:
    by_chance = [Night(exact(n), {TRUTH: n, "rows": n if n > 1 else 9}) for n in (1, 2, 3)]
    assert run(by_chance)[-1].rule.standing == {TRUTH}


def test_a_standing_measure_unknown_tonight_goes_on_standing() -> None:
    alike = [Night(exact(n), {"rows": n, TRUTH: n}) for n in (1, 2, 3)]
    made = run([*alike, Night(exact(4), {"rows": 4, TRUTH: None})])
    assert made[-1].rule.standing == {"rows", TRUTH}


# -- a rule that has changed -------------------------------------------------------------------------------------------


def changed(number: int) -> list[Night]:
    """From now on the counter shows all rows."""
    return [Night(exact(n + 10), {"rows": n + 10, TRUTH: n, "unread": n + 20}) for n in range(number)]


def test_a_new_rule_is_proposed_after_some_readings_and_the_alarm_goes_on_until_a_person_decides() -> None:
    learned = run(different(READINGS))[-1].rule
    made = run(changed(12), learned)
    assert set(verdicts(made)) == {"differs"}
    early, late = made[: READINGS_AFTER_MISS - 1], made[READINGS_AFTER_MISS - 1 :]
    assert {one.rule.proposed for one in early} == {frozenset()}
    assert {one.rule.proposed for one in late} == {frozenset({"rows"})}
    accepted = made[-1].rule.relearned(START)
    assert set(verdicts(run(changed(5), accepted))) == {"equal"}
    assert verdicts(run(different(1), accepted)) == ["differs"]


def test_readings_during_which_the_counter_moved_do_not_stand_in_the_way_of_a_proposal() -> None:
    learned = run(different(READINGS))[-1].rule
    moving = Night(Reading(20, 21), {"rows": 20, TRUTH: 2, "unread": 30})
    made = run([*changed(3), moving, *changed(3)], learned)
    assert set(verdicts(made)) == {"differs"}
    assert made[-1].rule.proposed == {"rows"}


def test_a_measure_that_explains_only_the_later_nights_is_not_proposed() -> None:
    learned = run(different(READINGS))[-1].rule
    first = Night(exact(50), {"rows": 10, TRUTH: 1})
    assert run([first, *changed(12)], learned)[-1].rule.proposed == frozenset()


def test_relearning_without_a_proposal_begins_anew() -> None:
    learned = run(different(READINGS))[-1].rule
    broken = run([Night(exact(5), {TRUTH: 4})], learned)[-1].rule
    assert broken.relearned(START) == CounterRule()


@given(st.lists(st.tuples(numbers, st.dictionaries(st.sampled_from(MEASURES), st.none() | numbers)), max_size=40))
def test_whatever_the_server_shows_standing_measures_are_only_ever_taken_away(
    shown: list[tuple[int, dict[str, int | None]]],
) -> None:
    standing: frozenset[str] = frozenset()
    for made in run(Night(exact(value), figures) for value, figures in shown):
        assert not standing or made.rule.standing <= standing
        assert bool(made.rule.standing) >= bool(standing), "a learned rule is not forgotten"
        standing = made.rule.standing


# -- what cannot be compared -------------------------------------------------------------------------------------------


def test_a_counter_of_something_we_do_not_count_is_never_an_alarm() -> None:
    strange = [Night(exact(100 + n % 7), {"rows": n % 5, TRUTH: n % 3}) for n in range(50)]
    made = run(strange)
    assert {(one.verdict, one.why) for one in made} == {(Verdict.NOT_COMPARABLE, Why.NO_MEASURE)}


def test_a_measure_that_was_wrong_before_needs_more_proof() -> None:
    wrong = Night(exact(7), {"rows": 1})
    right = [Night(exact(n), {"rows": n}) for n in range(READINGS_AFTER_MISS)]
    assert verdicts(run([wrong, *right])) == ["not_comparable", *["learning"] * (READINGS_AFTER_MISS - 1), "equal"]


def test_a_figure_we_do_not_have_this_time_changes_nothing() -> None:
    learned = run(different(READINGS))[-1].rule
    unknown = judge(learned, exact(3), {"rows": 5, TRUTH: None}, START)
    assert (unknown.verdict, unknown.why) == (Verdict.NOT_COMPARABLE, Why.NOT_COUNTED)
    assert unknown.rule.standing == learned.standing
    assert unknown.rule.broken_since is None


def test_a_counter_read_only_once_is_believed_when_it_agrees_and_not_held_against_us() -> None:
    learned = run(different(READINGS))[-1].rule
    for reading in (Reading(4, None), Reading(None, 4)):
        agrees, moved = judge(learned, reading, {TRUTH: 4}, START), judge(learned, reading, {TRUTH: 5}, START)
        assert (agrees.verdict, moved.verdict, moved.why) == (Verdict.EQUAL, Verdict.NOT_COMPARABLE, Why.ONE_READING)
        assert agrees.rule == moved.rule == learned


def test_a_counter_that_is_not_shown_keeps_what_was_learned() -> None:
    learned = run(different(READINGS))[-1].rule
    made = judge(learned, Reading(None, None), {TRUTH: 5}, START)
    assert made == Judgement(Verdict.NOT_COMPARABLE, learned, why=Why.NOT_SHOWN)


def test_over_months_a_rule_must_hold_across_the_end_of_one() -> None:
    made = run(different(32), over_months=True)
    assert verdicts(made) == ["learning"] * 28 + ["equal"] * 4, "February 2022 has 28 days"


# -- as stored ---------------------------------------------------------------------------------------------------------


@given(st.lists(nights(gaps=True), max_size=12), st.lists(st.tuples(numbers, numbers), max_size=6))
def test_a_rule_comes_back_from_json_as_it_was(history: list[Night], later: list[tuple[int, int]]) -> None:
    for made in run([*history, *(Night(exact(theirs), {TRUTH: ours}) for theirs, ours in later)]):
        assert CounterRule.from_json(json.loads(json.dumps(made.rule.to_json()))) == made.rule
