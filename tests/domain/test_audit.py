"""The chain of the audit log: whatever is done to entries behind its back shows, and where first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.audit import Action, Deed, Entry, chained, verify
from connector.domain.finding_life import Step

AT = datetime(2022, 2, 15, 16, 30, 0, 5, tzinfo=UTC)
DEEDS = st.builds(
    Deed,
    at=st.datetimes(timezones=st.just(UTC)),
    actor=st.text(max_size=5),
    action=st.sampled_from(Action),
    subject=st.text(max_size=5),
    detail=st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.integers() | st.text(max_size=5)),
)


def chain(deeds: list[Deed]) -> list[Entry]:
    return list(chained(deeds, 0, ""))


def one_by_one(deeds: list[Deed]) -> list[Entry]:
    found: list[Entry] = []
    for deed in deeds:
        last = found[-1] if found else None
        found += chained([deed], *((last.number, last.hash) if last else (0, "")))
    return found


@given(st.lists(DEEDS, max_size=8))
def test_what_was_written_is_sound_however_it_was_written(deeds: list[Deed]) -> None:
    entries = chain(deeds)
    assert entries == one_by_one(deeds)
    verdict = verify(entries)
    assert (verdict.entries, verdict.broken, verdict.head) == (len(deeds), None, entries[-1].hash if entries else "")


@given(st.lists(DEEDS, min_size=2, max_size=8), st.data())
def test_an_entry_that_was_changed_taken_out_or_moved_is_named(deeds: list[Deed], data: st.DataObject) -> None:
    entries = chain(deeds)
    place = data.draw(st.integers(0, len(entries) - 2))
    one = entries[place]
    other = replace(one, deed=replace(one.deed, actor=one.deed.actor + "x"))
    assert verify([*entries[:place], other, *entries[place + 1 :]]).broken == place + 1
    assert verify([*entries[:place], *entries[place + 1 :]]).broken == place + 1
    assert verify([*entries[:place], entries[place + 1], one, *entries[place + 2 :]]).broken == place + 1
    (hidden,) = chained([other.deed], place, one.before)
    verdict = verify([*entries[:place], hidden, *entries[place + 1 :]])
    assert verdict.broken == place + 2, "a hash that was made to fit does not fit the next one"
    assert verdict.entries == place + 1


def test_a_chain_cut_short_or_written_anew_is_known_by_a_hash_noted_before() -> None:
    deeds = [Deed(AT + timedelta(days=day), "an", Action.ROW_DROPPED, str(day)) for day in range(4)]
    entries = chain(deeds)
    noted = entries[2].hash
    assert verify(entries, noted).broken is None
    assert verify(entries[:2]).broken is None, "by itself it looks whole"
    assert verify(entries[:2], noted).broken == 3
    assert verify(chain([replace(deed, actor="bình") for deed in deeds]), noted).broken == 5
    assert verify([], noted).broken == 1


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=7))])
def test_a_moment_is_the_same_in_every_zone(zone: timezone) -> None:
    deeds = [Deed(AT.astimezone(zone), "an", Action.ROW_DROPPED, "1")]
    assert chain(deeds)[0].hash == chain([replace(deeds[0], at=AT)])[0].hash


def test_every_step_of_a_finding_is_an_action() -> None:
    assert {f"finding.{step}" for step in Step} <= set(Action)
