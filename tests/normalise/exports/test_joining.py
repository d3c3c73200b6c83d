"""A row is one stored record, a new one, or a question; never a guess."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.detect.references import references
from connector.normalise.exports.joining import NEW, Answer, Joined, New, Question, join
from connector.normalise.exports.keys import DocumentKey, TaskKey, document_key, name_key, task_key
from connector.normalise.fields import html_text, text
from tests.normalise.exports.builders import code_of, root

DAY, LATER, DUE = date(2022, 2, 10), date(2022, 2, 17), date(2022, 2, 28)
FIRST, SECOND = ("77/UBND-NN", DAY), ("78/UBND-TH", DAY)


def key(ref: str, **changes: object) -> TaskKey:
    known = TaskKey(ref, name_key("Rà soát, đề xuất"), "SO_TP", DAY, frozenset({FIRST}))
    return replace(known, **changes)  # type: ignore[arg-type]


def answers(rows: list[TaskKey], stored: list[TaskKey], **known: str) -> list[str]:
    return [_said(one) for one in join(rows, stored, known)]


def _said(answer: Answer[TaskKey] | Answer[DocumentKey]) -> str:
    if isinstance(answer, Question):
        return f"{answer.why}? {' '.join(one.ref for one in answer.candidates)}"
    return NEW if isinstance(answer, New) else f"{answer.stored.ref} by {answer.by}"


def test_an_id_is_believed_where_most_records_that_the_ids_find_bear_the_names_of_the_rows() -> None:
    renamed = key("r", record_id="90003", name="khác", lead="SO_YT")
    others = [key(f"r{one}", record_id=one, lead=one) for one in ("1", "2")]
    stored = [key("a", record_id="90003"), key("b"), *(key(one, record_id=one, lead=one) for one in ("1", "2"))]
    assert answers([renamed, *others], stored) == ["a by id", "1 by id", "2 by id"]
    assert answers([renamed], stored) == ["id? a"]


def test_an_id_is_not_believed_against_all_the_rest_of_a_row() -> None:
    """Running numbers that begin again each week: most are the same tasks, one is another."""
    others = [key(f"r{one}", record_id=one, lead=one) for one in ("1", "2", "3")]
    stored = [key(one, record_id=one, lead=one) for one in ("1", "2", "3")]
    other = key("r", record_id="5", name="khác", lead="SO_YT", assigned_on=LATER, documents=frozenset({SECOND}))
    assert answers([other, *others], [key("a", record_id="5"), *stored])[0] == "id? a"


@pytest.mark.parametrize(
    "name", ["rà soát, đề xuất.", "“rà soát, đề xuất”", "rà soát, đề xuất (lần 2)", "- rà soát, đề xuất;"]
)
def test_a_name_with_a_remark_or_a_stop_makes_no_second_task(name: str) -> None:
    said = answers([key("r", name=name_key(name))], [key("a")])
    assert said == (["a by key"] if name_key(name) == key("a").name else ["near? a"])
    assert answers([key("r", name=name_key(name), documents=frozenset({SECOND}), lead="SO_YT")], [key("a")]) == [NEW]


def test_the_ids_of_another_numbering_join_nothing() -> None:
    """What the ids find is another task each; the rows themselves are stored under ids of their own."""
    rows = [key(f"r{one}", record_id=one, name=f"việc {one}") for one in "123"]
    stored = [key(f"s{one}", record_id=one, name=f"việc {number}") for one, number in zip("123", "231", strict=True)]
    assert answers(rows, stored) == ["id? s1 s3", "id? s1 s2", "id? s2 s3"]


def test_a_row_of_the_same_name_that_is_another_task_by_all_it_tells_is_not_joined_by_its_id() -> None:
    row = key("r", record_id="1", documents=frozenset({SECOND}), assigned_on=LATER)
    assert answers([row, key("q", record_id="2")], [key("a", record_id="1"), key("b", record_id="2")]) == [
        "a by id", "b by id",
    ]  # fmt: skip
    assert answers([row], [key("a", record_id="1", name="x"), key("b")]) == ["id? a"]


@pytest.mark.parametrize(
    ("changes", "stored", "said"),
    [
        ({}, {}, "a by key"),
        ({"documents": frozenset()}, {}, "a by key"),
        ({}, {"documents": frozenset()}, "a by key"),
        ({"assigned_on": None}, {}, "a by key"),
        ({"lead": ""}, {}, "a by key"),
        ({}, {"documents": frozenset({FIRST, SECOND})}, "a by key"),
        ({"documents": frozenset({("77/UBND-NN", None)})}, {}, "a by key"),
        ({"documents": frozenset(), "assigned_on": None}, {}, "near? a"),
        ({"documents": frozenset(), "assigned_on": None, "due_on": DUE}, {}, "near? a"),
        ({"documents": frozenset(), "assigned_on": None, "due_on": DUE}, {"due_on": DUE}, "a by key"),
        ({"documents": frozenset(), "assigned_on": None, "due_on": DUE}, {"due_on": LATER}, "near? a"),
        ({"documents": frozenset(), "assigned_on": None, "lead": "", "due_on": DUE}, {"due_on": DUE}, "near? a"),
        ({"documents": frozenset({SECOND}), "assigned_on": None, "due_on": DUE}, {"due_on": DUE}, "near? a"),
        ({"documents": frozenset(), "assigned_on": None, "lead": ""}, {}, "near? a"),
        ({"due_on": DUE}, {"due_on": LATER}, "a by key"),
        ({"name": "việc khác"}, {}, NEW),
        ({"lead": "SO_YT"}, {}, "near? a"),
        ({"assigned_on": LATER}, {}, "near? a"),
        ({"documents": frozenset({SECOND})}, {}, "near? a"),
        ({"lead": "SO_YT", "documents": frozenset()}, {}, "near? a"),
        ({"documents": frozenset({SECOND}), "assigned_on": LATER}, {}, NEW),
        ({"documents": frozenset({SECOND}), "lead": "SO_YT"}, {}, NEW),
        ({"documents": frozenset(), "assigned_on": LATER}, {}, "near? a"),
        ({"documents": frozenset(), "assigned_on": LATER, "due_on": DUE}, {"due_on": DUE}, "near? a"),
        ({"documents": frozenset(), "assigned_on": LATER, "due_on": DUE}, {"due_on": LATER}, NEW),
        ({"documents": frozenset(), "assigned_on": LATER, "lead": "SO_YT"}, {}, NEW),
        ({"record_id": "5"}, {"record_id": "6"}, "id? a"),
        ({"record_id": "5"}, {}, "a by key"),
    ],
)
def test_name_and_two_more_points_make_a_task(changes: dict[str, object], stored: dict[str, object], said: str) -> None:
    assert answers([key("r", **changes)], [key("a", **stored)]) == [said]


def test_a_lead_is_the_same_by_its_name_too_for_its_code_is_that_of_a_day() -> None:
    """A row without a day is read by today's table, where some departments of 2022 have become others."""
    row = key("r", lead="SO_XD", lead_name="sở giao thông vận tải", assigned_on=None)
    assert answers([row], [key("a", lead="SO_GTVT", lead_name="sở giao thông vận tải")]) == ["a by key"]
    assert answers([row], [key("a", lead="SO_GTVT", lead_name="sở gtvt")]) == ["near? a"]


def test_two_records_that_fit_are_a_question_with_both() -> None:
    row = key("r", documents=frozenset())
    found = join([row], [key("b", documents=frozenset({SECOND})), key("a")], {})
    assert found == [Question(row, (key("a"), key("b", documents=frozenset({SECOND}))), "several", ((), ()))]


def test_two_rows_that_fit_one_record_are_both_questions() -> None:
    stored = key("a", documents=frozenset())
    assert answers([key("r"), key("s", documents=frozenset({SECOND}))], [stored]) == ["shared? a", "shared? a"]


def test_records_of_one_key_are_told_apart_by_their_due_dates() -> None:
    stored = [key("a", due_on=DUE), key("b", due_on=LATER)]
    assert answers([key("r", due_on=LATER)], stored) == ["b by key"]
    assert answers([key("r", due_on=LATER), key("s", due_on=DUE)], stored) == ["b by key", "a by key"]
    assert answers([key("r")], stored) == ["several? a b"]


def test_a_row_that_would_get_the_id_of_a_stored_record_is_a_question() -> None:
    stored = replace(key("r"), ref=key("r").own_id, lead="SO_YT", assigned_on=LATER, documents=frozenset({SECOND}))
    assert answers([key("r")], [stored]) == [f"near? {stored.ref}"]
    first, second = key("r", due_on=DUE), key("s", due_on=LATER)
    taken = replace(first, ref=first.own_id)
    assert answers([first, second], [taken]) == [f"{taken.ref} by key", f"shared? {taken.ref}"]


def test_an_answer_that_two_rows_could_claim_is_none() -> None:
    row = key("r", lead="SO_YT")
    assert answers([row, replace(row, ref="s")], [key("a")], **{row.answer_id: "a"}) == ["near? a", "near? a"]


def test_a_full_fit_comes_before_a_half_one_and_leaves_nothing_to_ask() -> None:
    rows = [key("r", documents=frozenset({SECOND})), key("s")]
    assert answers(rows, [key("a")]) == [NEW, "a by key"]
    assert answers(rows, [key("a"), key("b", documents=frozenset())]) == ["b by key", "a by key"]


def test_a_changed_lead_is_a_question_that_says_what_differs() -> None:
    row = key("r", lead="SO_YT")
    assert join([row], [key("a")], {}) == [Question(row, (key("a"),), "near", (("đơn vị chủ trì",),))]


def test_the_same_order_to_many_agencies_asks_nothing_where_each_has_its_row() -> None:
    leads = ["SO_TP", "SO_YT", "SO_NV", "SO_CT"]
    rows = [key(f"r{lead}", lead=lead) for lead in leads]
    assert answers(rows, [key(lead, lead=lead) for lead in leads[:3]]) == [
        "SO_TP by key", "SO_YT by key", "SO_NV by key", NEW,
    ]  # fmt: skip


def test_an_answer_is_remembered_under_the_id_of_the_row() -> None:
    row = key("r", lead="SO_YT")
    assert answers([row], [key("a")], **{row.answer_id: "a"}) == ["a by answer"]
    assert answers([row], [key("a")], **{row.answer_id: NEW}) == [NEW]
    assert answers([row], [key("a")], **{row.answer_id: "gone"}) == ["near? a"]


def test_the_id_of_a_new_record_depends_on_its_key_only() -> None:
    assert key("r").own_id == key("s", record_id="").own_id
    assert key("r").own_id.startswith("x-")
    others = {key("r", lead="SO_YT").own_id, key("r", assigned_on=LATER).own_id, key("r", name="x").own_id}
    assert len(others | {key("r").own_id}) == 4


@pytest.mark.parametrize(
    "spelling",
    ["RÀ SOÁT, ĐỀ XUẤT", "Rà  soát, đề xuất", "V/v rà soát, đề xuất", "Ra\u0300 soa\u0301t, đê\u0300 xuâ\u0301t"],
)
def test_names_are_equal_in_any_spelling(spelling: str) -> None:
    assert name_key(spelling) == name_key("Rà soát, đề xuất")


def test_both_places_of_the_tone_mark_are_one_name() -> None:
    assert name_key("Hoà giải, thuỷ lợi, khoẻ mạnh – uỷ quyền") == name_key("Hòa giải, thủy lợi, khỏe mạnh - ủy quyền")
    assert name_key("hạn") != name_key("hán")


KEYS = st.builds(
    TaskKey,
    ref=st.just(""),
    name=st.sampled_from(["a", "b"]),
    lead=st.sampled_from(["", "SO_TP", "SO_YT"]),
    assigned_on=st.sampled_from([None, DAY, LATER]),
    documents=st.frozensets(st.sampled_from([FIRST, SECOND, ("77/UBND-NN", None)]), max_size=2),
    record_id=st.sampled_from(["", "", "1", "2"]),
    due_on=st.sampled_from([None, DUE, LATER]),
)


def _named(keys: list[TaskKey], letter: str) -> list[TaskKey]:
    """Distinct keys, each id once."""
    ids: set[str] = set()
    found: list[TaskKey] = []
    for one in dict.fromkeys(keys):
        known = one.record_id and one.record_id not in ids
        ids.add(one.record_id)
        found.append(replace(one, ref=f"{letter}{len(found)}", record_id=one.record_id if known else ""))
    return found


@given(st.lists(KEYS, max_size=6), st.lists(KEYS, max_size=6), st.randoms())
def test_the_order_of_rows_and_records_changes_nothing(
    rows: list[TaskKey], stored: list[TaskKey], random: object
) -> None:
    rows, stored = _named(rows, "r"), _named(stored, "s")
    mixed, shuffled = list(rows), list(stored)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = {one.row.ref: _said(one) for one in join(rows, stored, {})}
    assert {one.row.ref: _said(one) for one in join(mixed, shuffled, {})} == found


@given(st.lists(KEYS, max_size=6), st.lists(KEYS, max_size=6))
def test_no_record_is_given_to_two_rows_and_each_row_gets_one_answer(
    rows: list[TaskKey], stored: list[TaskKey]
) -> None:
    rows, stored = _named(rows, "r"), _named(stored, "s")
    found = join(rows, stored, {})
    assert [one.row for one in found] == rows
    taken = Counter(one.stored.ref for one in found if isinstance(one, Joined))
    assert all(count == 1 for count in taken.values())
    for one in found:
        if isinstance(one, Joined) and one.by == "key":
            assert one.row.name == one.stored.name
            assert not set(one.row.differences(one.stored)) - {"hạn"}


@given(
    st.lists(KEYS, min_size=1, max_size=6, unique_by=lambda one: (one.name, one.lead, one.assigned_on, one.documents))
)
def test_a_file_read_again_joins_what_it_made(rows: list[TaskKey]) -> None:
    """Rows that tell everything; others may be questions, but none becomes a second record."""
    rows = [replace(one, record_id="") for one in _named(rows, "r")]
    made = [replace(one, ref=one.own_id) for one in rows]
    for one in join(rows, made, {}):
        whole = one.row.lead and one.row.assigned_on and one.row.documents
        if isinstance(one, Joined):
            assert one.stored.ref == one.row.own_id or not whole
        elif isinstance(one, New):
            assert sum(map(bool, (one.row.lead, one.row.assigned_on, one.row.documents))) < 2


# -- documents ---------------------------------------------------------------------------------------------------------


def doc(ref: str, notation: str, day: date | None, issuer: str, record_id: str = "") -> DocumentKey:
    return document_key(ref, notation, day, issuer, code_of, record_id)


STORED = doc("a", "15/UBND-TH", DAY, "UBND tỉnh Lạng Sơn", "450005")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (doc("r", "15/UBND-TH", DAY, "UBND tỉnh Lạng Sơn"), "a by key"),
        (doc("r", "015/ubnd – th", DAY, "UBND tỉnh  Lạng Sơn"), "a by key"),
        (doc("r", "15/UBND-TH", DAY, ""), "a by key"),
        (doc("r", "15/UBND-TH", DAY, "UBND tỉnh"), "near? a"),
        (doc("r", "15/UBND-TH", date(2023, 2, 10), "UBND tỉnh Lạng Sơn"), NEW),
        (doc("r", "15/UBND-TH", None, "UBND tỉnh Lạng Sơn"), "near? a"),
        (doc("r", "16/UBND-TH", DAY, "UBND tỉnh Lạng Sơn"), NEW),
        (doc("r", "16/UBND-TH", DAY, "", "450005"), "id? a"),
        (doc("r", "15/UBND-TH", DAY, "", "450005"), "a by id"),
    ],
)
def test_number_day_and_issuer_make_a_document(row: DocumentKey, said: str) -> None:
    assert [_said(one) for one in join([row], [STORED], {})] == [said]


def test_two_agencies_of_the_table_never_issue_one_document() -> None:
    stored = doc("a", "15/UBND-TH", DAY, "UBND huyện Hữu Lũng")
    assert [_said(one) for one in join([doc("r", "15/UBND-TH", DAY, "UBND huyện Chi Lăng")], [stored], {})] == [NEW]


# -- February 2022 -----------------------------------------------------------------------------------------------------


def test_the_rows_of_february_join_the_tasks_of_the_api() -> None:
    """Traps among them: one name twice, agencies in other spellings, entities in names, a changed lead."""
    lines = (root() / "connector/standin/feb2022/timeline.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    created = {one["ref"]: one for one in events if one["kind"] == "created"}
    moved = {one["ref"]: one["name"] for one in events if one["kind"] == "lead_changed"}
    documents = {one["ref"]: one for one in events if one["kind"] == "doc_issued"}
    stored, now, rows = [], [], []
    for ref, one in created.items():
        name, given_on = text(one["name"], "name"), date.fromisoformat(one["assigned"][:10])
        named = [(found.notation, found.day) for found in references(html_text(one["content"], "content"))]
        old = task_key(one["id"], name, one["lead_name"], given_on, named, code_of, one["id"])
        lead = moved.get(ref, one["lead_name"])
        stored.append(old)
        now.append(task_key(one["id"], name, lead, given_on, named, code_of, one["id"]))
        if one["doc"] is not None:
            issued = documents[one["doc"]]
            source = (issued["notation"], date.fromisoformat(issued["date"]))
            rows.append(task_key(one["id"], name, lead.replace("Sở ", "  sở "), given_on, [source], code_of))
    assert len(rows) > 200
    assert all(isinstance(one, Joined) and one.stored.ref == one.row.ref for one in join(rows, now, {}))
    asked = [one for one in join(rows, stored, {}) if not isinstance(one, Joined)]
    assert [_said(one) for one in asked] == ["near? 90121"]
