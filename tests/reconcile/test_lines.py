"""A list's lines as read × as stored: what is unchanged, what is to be kept, what was in the list at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import RawRow
from connector.reconcile.lines import Key, KnownLines, fingerprint
from tests.reconcile.builders import DAGIAO

AT = datetime(2022, 2, 15, 16, 30, tzinfo=UTC)


def row(record: str | None, payload: Any = None, line: str = "") -> RawRow:
    key = None if record is None else (record, line)
    return RawRow("task_row", DAGIAO, payload if payload is not None else {"id": record}, AT, key=key)


def known(*rows: RawRow, seen: frozenset[Key] = frozenset()) -> KnownLines:
    lines = [(one.key[0], one.key[1], fingerprint(one.payload)) for one in rows if one.key is not None]
    return KnownLines(lines, seen)


def was_met(lines: KnownLines, one: RawRow) -> bool:
    assert one.key is not None
    return lines.was_met(*one.key, fingerprint(one.payload))


def test_a_page_is_sorted_into_what_is_known_what_is_not_and_what_has_no_name() -> None:
    same, changed, other = row("1"), row("2", {"id": "2", "status": "mới"}), row("3")
    lines = known(same, row("2"), row("4"))
    page = lines.compare([same, changed, row(None, "hỏng"), other, row(None, {"name": "không mã"})])
    assert page.unchanged == [("1", "")]
    assert page.new == [(one.key, fingerprint(one.payload), one) for one in (changed, other)]
    assert [one.payload for one in page.nameless] == ["hỏng", {"name": "không mã"}]


def test_only_lines_that_stand_in_the_list_as_they_are_stored_were_met() -> None:
    lines = known(row("1"), row("2"), row("3"))
    lines.compare([row("1"), row("2", {"id": "2", "status": "mới"})])
    assert [was_met(lines, row(record)) for record in "123"] == [True, False, False]


def test_lines_of_one_record_are_told_apart() -> None:
    lines = known(row("1", line="31"), row("1", line="32"))
    page = lines.compare([row("1", line="32"), row("1", line="33")])
    assert (page.unchanged, [key for key, _, _ in page.new]) == ([("1", "32")], [("1", "33")])
    assert not was_met(lines, row("1", line="31"))


def test_of_two_rows_with_one_key_the_stored_one_counts_or_else_the_later() -> None:
    later = row("1", {"id": "1", "status": "mới"})
    page = known(row("1")).compare([row("1"), later])
    assert (page.unchanged, page.new) == ([("1", "")], [])
    fresh = known().compare([row("1"), later])
    assert fresh.unchanged == []
    assert [one[2] for one in fresh.new] == [later]


def test_a_line_met_again_in_another_pass_is_still_unchanged() -> None:
    lines = known(row("1"))
    for _ in range(3):
        assert lines.compare([row("1")]).unchanged == [("1", "")]
    assert was_met(lines, row("1"))


def test_what_an_interrupted_reading_met_counts_as_met() -> None:
    lines = known(row("1"), row("2"), seen=frozenset({("1", ""), ("9", "")}))
    assert [was_met(lines, row(record)) for record in "129"] == [True, False, False]
    assert lines.compare([row("1"), row("2")]).unchanged == [("1", ""), ("2", "")]
    assert was_met(lines, row("2"))


def test_a_line_that_changes_between_two_passes_is_kept_as_it_was_seen_last() -> None:
    lines = known(row("1"))
    assert lines.compare([row("1")]).unchanged
    later = row("1", {"id": "1", "status": "mới"})
    assert [one for _, _, one in lines.compare([later]).new] == [later]


def test_a_line_that_was_kept_need_not_be_looked_at_again_in_the_next_pass() -> None:
    lines = known(row("1"))
    for one in (row("2"), row("1", {"id": "1", "status": "mới"})):
        [(key, print_, _)] = lines.compare([one]).new
        lines.add(key, print_)
        assert lines.compare([one]).unchanged == [key]
        assert was_met(lines, one)
    assert not was_met(lines, row("1")), "as it stood in the store before"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"id": "1", "x": None}, {"id": "1", "x": ""}),
        ({"id": "1", "x": 1}, {"id": "1", "x": "1"}),
        ({"id": "1", "x": 1}, {"id": "1", "x": True}),
        ({"id": "1", "x": 1}, {"id": "1", "x": 1.0}),
        ({"id": "1"}, {"id": "1", "x": None}),
        ("a", ["a"]),
    ],
)
def test_rows_that_differ_by_a_letter_have_different_fingerprints(one: Any, other: Any) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_a_row_is_told_by_its_letters_whatever_they_are() -> None:
    assert fingerprint({"a": "đ", "b": [1, None]}) == fingerprint({"a": "đ", "b": [1, None]})
    assert fingerprint("\ud800") != fingerprint("\udfff"), "half a character, as a broken server may send it"


PAYLOADS = st.sampled_from(["như cũ", "đã đổi", "đổi nữa"])
LISTS = st.dictionaries(st.sampled_from("abcdefg"), PAYLOADS)


@given(stored=LISTS, passes=st.lists(LISTS, min_size=1, max_size=3))
def test_every_row_of_a_page_is_either_unchanged_or_new_and_met_means_it_was_there(
    stored: dict[str, str], passes: list[dict[str, str]]
) -> None:
    lines = known(*(row(record, payload) for record, payload in stored.items()))
    for shown in passes:
        page = lines.compare([row(record, payload) for record, payload in shown.items()])
        assert {key[0] for key in page.unchanged} == {one for one in shown if stored.get(one) == shown[one]}
        assert {key[0] for key, _, _ in page.new} == {one for one in shown if stored.get(one) != shown[one]}
    for record, payload in stored.items():
        assert was_met(lines, row(record, payload)) == any(shown.get(record) == payload for shown in passes)
