"""What holds of every link, whatever tasks and documents there are."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.detect.evaluate import evaluate
from connector.detect.explain import explain, link_json
from connector.detect.linking import SHOWN, Linker
from connector.detect.links import Confidence, DocumentIndex, Kind, Link, Weight
from connector.detect.references import references
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.notation import fold_notation
from connector.domain.records import AttachedFile
from tests.builders import OFFICE, at, day, document, history, policy, sent, state

POLICY = policy()
AGENCIES = ("Sở Y tế", "Sở Tư pháp", "Sở Kế hoạch và Đầu tư", "UBND huyện Cao Lộc", "các sở, ban, ngành", "SYT")
NOTATIONS = ("41/UBND-KT", "041/UBND - KT", "42/UBND-KT", "63/UBND-ĐT")
DAYS = ("2022-02-08", "2022-02-10", "2022-02-21")
SUBJECTS = ("V/v báo cáo mẫu", "Báo cáo mẫu", "Việc khác")
FILES = ("van-ban.pdf", "scan.pdf")


@st.composite
def letters(draw: st.DrawFn, key: str) -> DocumentHistory:
    log = [
        sent(at(on, "09:00"), *names)
        for on, names in draw(
            st.lists(
                st.tuples(st.sampled_from(DAYS), st.lists(st.sampled_from(AGENCIES), min_size=1, max_size=3)),
                max_size=2,
            )
        )
    ]
    read = draw(st.sampled_from((None, at("2022-02-09"), at("2022-02-28"))))
    made = document(*log, read=read, document_id=key, notation=draw(st.sampled_from(NOTATIONS)),
                    issued=draw(st.sampled_from(DAYS)), secret=draw(st.sampled_from((True, False, None))))  # fmt: skip
    files = draw(st.none() | st.lists(st.sampled_from(FILES), max_size=1))
    attached = None if files is None else tuple(AttachedFile("1", name) for name in files)
    value = replace(made.state, subject=draw(st.sampled_from(SUBJECTS)), files=attached, outgoing=draw(st.booleans()))
    return replace(made, state=value)


@st.composite
def worlds(draw: st.DrawFn) -> list[DocumentHistory]:
    return [draw(letters(f"45000{number}")) for number in range(draw(st.integers(0, 8)))]


@st.composite
def given_tasks(draw: st.DrawFn) -> TaskHistory:
    words = st.tuples(st.sampled_from(NOTATIONS), st.sampled_from((*(f"{day(one):%d/%m/%Y}" for one in DAYS), "")))
    named = [
        f"số {notation} ngày {on}" if on else f"số {notation}" for notation, on in draw(st.lists(words, max_size=2))
    ]
    ending = draw(st.sampled_from(("", " của UBND tỉnh", " của UBND huyện Cao Lộc")))
    content = draw(st.none() | st.just(f"Thực hiện {'; '.join(named)}{ending}."))
    leads = draw(st.lists(st.sampled_from(AGENCIES), min_size=1, max_size=2))
    files = tuple(draw(st.lists(st.sampled_from(FILES), max_size=2)))
    assigned = draw(st.sampled_from((None, day("2022-02-10"))))
    name = draw(st.sampled_from(SUBJECTS))
    return history(
        *(
            (
                at(f"2022-02-{10 + number}"),
                state(content=content, lead=lead, files=files, assigned_on=assigned, name=name),
            )
            for number, lead in enumerate(leads)
        ),
        last=at("2022-02-28"),
    )


def link(task: TaskHistory, documents: list[DocumentHistory]) -> Link:
    return Linker(DocumentIndex(documents, OFFICE), POLICY).link(task)


@given(given_tasks(), worlds(), st.data())
def test_documents_the_text_does_not_name_never_change_a_certain_link(
    task: TaskHistory, documents: list[DocumentHistory], data: st.DataObject
) -> None:
    before = link(task, documents)
    named = {(one.notation, one.day) for one in references(task.current.content or "")}
    others = [data.draw(letters(f"4600{number}")) for number in range(4)]
    unrelated = [
        replace(one, state=replace(one.state, files=None))  # a second file of a name takes away a clue, not the link
        for one in others
        if (fold_notation(one.state.notation), one.state.issued_on) not in named
    ]
    if before.confidence is Confidence.CERTAIN:
        assert link(task, documents + unrelated) == before
        after = link(task, documents + others)
        assert after.document in (before.document, None)


@given(given_tasks(), worlds().flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))))
def test_the_order_of_the_documents_changes_nothing(
    task: TaskHistory, orders: tuple[list[DocumentHistory], list[DocumentHistory]]
) -> None:
    assert link(task, orders[0]) == link(task, orders[1])
    one, other = (DocumentIndex(documents, OFFICE) for documents in orders)
    assert one.issued() == other.issued()
    assert one.source_of(task.current.content) == other.source_of(task.current.content)


@given(given_tasks(), worlds())
def test_a_certain_link_rests_on_words_of_the_text_and_on_nothing_that_contradicts_it(
    task: TaskHistory, documents: list[DocumentHistory]
) -> None:
    found = link(task, documents)
    weights = {one.weight for one in found.evidence}
    said = {one.document_id for one in found.evidence if one.kind is Kind.REFERENCE and one.document_id}
    if found.document is not None:
        assert said == {found.document.document_id}
        assert Weight.AGAINST not in weights
        assert found.document.state.outgoing
    if len(said) == 1 and Weight.AGAINST not in weights:
        assert found.confidence is Confidence.CERTAIN


@given(given_tasks(), worlds())
def test_everything_shown_is_about_a_listed_candidate_and_can_be_stored_and_told(
    task: TaskHistory, documents: list[DocumentHistory]
) -> None:
    found = link(task, documents)
    listed = [one.document_id for one in found.candidates]
    assert len(listed) == len(set(listed))
    assert {one.document_id for one in found.evidence} <= {*listed, None}
    assert bool(listed) is (found.confidence is not Confidence.NONE)
    assert found.suggested is None or found.suggested is found.candidates[0]
    by_text = {one.document_id for one in found.evidence if one.kind in (Kind.REFERENCE, Kind.REFERENCE_ONLY_NUMBER)}
    assert len(listed) <= SHOWN + len(by_text)
    assert len(explain(found)) == 1 + len(found.evidence)
    json.dumps(link_json(found))


@given(st.lists(given_tasks(), min_size=1, max_size=3), worlds())
def test_rules_see_a_document_only_through_a_certain_link(
    tasks: list[TaskHistory], documents: list[DocumentHistory]
) -> None:
    named = [replace(task, task_id=f"9000{number}") for number, task in enumerate(tasks)]
    result = evaluate(named, documents, POLICY, at("2022-02-28", "23:59"))
    for case in result.cases:
        certain = case.link.confidence is Confidence.CERTAIN
        assert (case.document is not None) is (case.document_id is not None) is certain
        assert certain or case.siblings == ()
        seen = {hit.document_id for hit in result.hits if hit.task_id == case.task_id}
        assert seen <= {case.document_id}
