"""Task and document meet: what makes a link certain, what lowers it, what is only suggested, and who gets to see it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.detect.cases import build_cases
from connector.detect.evaluate import evaluate
from connector.detect.explain import explain, link_json
from connector.detect.linking import NEAR_DAYS, SHOWN, Linker
from connector.detect.links import (
    NOT_SENT,
    OTHER_ISSUER,
    SEVERAL,
    UNNAMED,
    UNREAD,
    Confidence,
    DocumentIndex,
    Doubt,
    Evidence,
    Kind,
    Link,
    Weight,
)
from connector.detect.secrecy import is_secret
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.records import AttachedFile, Line, LogEntry
from connector.domain.status import LogAction, Role
from tests.builders import DONE, OFFICE, answer, at, day, document, history, policy, sent, state, step

POLICY = policy()
END = at("2022-02-28")
SENT_ON = at("2022-02-10", "09:00")


def link(task: TaskHistory, *documents: DocumentHistory) -> Link:
    return Linker(DocumentIndex(documents, OFFICE), POLICY).link(task)


def task(content: str | None = "Báo cáo theo chỉ đạo.", **fields: Any) -> TaskHistory:
    return history((at("2022-02-10"), state(content=content, **fields)))


def test_a_document_named_in_the_tasks_name_is_found_as_well() -> None:
    named = task("Thực hiện đúng hạn.", name="Thực hiện Công văn số 41/UBND-KT ngày 10/02/2022 của UBND tỉnh")
    assert (link(named, document()).confidence, link(named, document()).document) == (Confidence.CERTAIN, document())
    unread = task(None, name=named.current.name)
    assert link(unread, document()).document is None, "its content may name another one"


def letter(
    key: str = "450001", *, sent_to: tuple[str, ...] = (), subject: str = "V/v việc khác", **fields: Any
) -> DocumentHistory:
    """A document of the office issued on 10/02/2022, not mentioned by ``task``."""
    log = [sent(SENT_ON, *sent_to)] if sent_to else []
    made = document(*log, read=END if log else None, document_id=key, notation=f"{key[-2:]}/UBND-NC")
    return replace(made, state=replace(made.state, subject=subject, **fields))


def kinds(found: Link, weight: Weight) -> set[str]:
    """Kinds of evidence of a weight; a contradiction by its role."""
    return {
        str(one.role if one.kind is Kind.CONTRADICTION else one.kind) for one in found.evidence if one.weight is weight
    }


# -- certain -------------------------------------------------------------------------------------------------------


def test_a_task_that_names_one_document_of_the_office_is_linked_with_certainty_and_says_why() -> None:
    source = document(sent(SENT_ON, "Sở Y tế", "STTTT"), read=END)
    lines = (Line("Sở Thông tin và Truyền thông", Role.COOPERATING, "Phối hợp", ""),)
    found = link(history((at("2022-02-10"), state(name="Báo cáo mẫu", lines=lines))), source, letter("450002"))
    assert (found.document, found.confidence, found.problem) == (source, Confidence.CERTAIN, "")
    assert found.suggested is source
    assert kinds(found, Weight.FOR) == {"reference", "forwarded", "subject"}
    assert kinds(found, Weight.NOTE) == {"forwarded_coop", "issue_date"}
    assert explain(found) == [
        "Mức độ: chắc chắn là văn bản 41/UBND-KT ngày 10/02/2022.",
        "Nội dung nhiệm vụ ghi “số 41/UBND-KT ngày 10/02/2022”: khớp văn bản 41/UBND-KT ngày 10/02/2022.",
        "Nhật ký văn bản 41/UBND-KT ngày 10/02/2022: chuyển Sở Y tế (xử lý chính) ngày 10/02/2022.",
        "Nhật ký văn bản 41/UBND-KT ngày 10/02/2022: có cơ quan phối hợp của nhiệm vụ (Sở Thông tin và Truyền thông).",
        "Nhiệm vụ được giao gần ngày ban hành của văn bản 41/UBND-KT ngày 10/02/2022.",
        "Tên nhiệm vụ trùng trích yếu của văn bản 41/UBND-KT ngày 10/02/2022.",
    ]


def test_a_document_cited_beside_it_that_is_none_of_the_office_changes_nothing_but_is_told() -> None:
    text = "Căn cứ Thông tư số 02/2021/TT-BTC ngày 11/01/2021; thực hiện Công văn 41/UBND-KT, 10/02/2022."
    found = link(task(text), document(), answer("02/2021/TT-BTC", "2021-01-11"))
    assert found.confidence is Confidence.CERTAIN
    unmatched = [one.text for one in found.evidence if one.document_id is None]
    assert unmatched == ["số 02/2021/TT-BTC ngày 11/01/2021"]
    assert any("không có văn bản nào của cơ quan" in sentence for sentence in explain(found))


def test_a_link_cannot_hold_a_document_without_being_certain() -> None:
    with pytest.raises(ValueError, match="if and only if it is certain"):
        Link(document(), confidence=Confidence.PROBABLE)
    with pytest.raises(ValueError, match="if and only if it is certain"):
        Link(None, confidence=Confidence.CERTAIN)


# -- certain no more: the log or the text contradicts --------------------------------------------------------------


def test_a_lead_that_was_never_sent_the_document_lowers_the_link_and_rules_see_no_document() -> None:
    source = document(sent(SENT_ON, "Sở Tư pháp", "Sở Giáo dục & Đào tạo", "UBND huyện Cao Lộc"), read=END)
    given = history((at("2022-02-10"), state()), last=END)
    found = link(given, source)
    assert (found.document, found.confidence, found.problem) == (None, Confidence.PROBABLE, NOT_SENT)
    assert found.suggested is source
    assert found.named is source
    assert kinds(found, Weight.AGAINST) == {Doubt.NOT_SENT}
    assert "không ghi chuyển cho Sở Y tế." in explain(found)[-2]
    hits = [one for one in evaluate([given], [source], POLICY, END).hits if one.task_id]
    found_by = {(one.key.rule, one.document_id) for one in hits}
    assert found_by == {("TD01_OVERDUE", None), ("PV05_NO_PROGRESS", None), ("PV06_SILENT_AT_DUE", None)}


@pytest.mark.parametrize(
    "recipients",
    [
        ("Sở Tư pháp", "các sở, ban, ngành"),
        ("Sở Tư pháp", "Lãnh đạo Mẫu 02"),
        ("Văn phòng UBND tỉnh", "Sở Tư pháp"),
        ("Sở Tư pháp", "UBND tỉnh"),
    ],
    ids=["collective", "a person", "the office", "the office under its own name"],
)
def test_a_recipient_who_may_stand_for_the_lead_leaves_the_link_certain_and_the_doubt_is_noted(
    recipients: tuple[str, ...],
) -> None:
    found = link(history((at("2022-02-10"), state())), document(sent(SENT_ON, *recipients), read=END))
    assert found.confidence is Confidence.CERTAIN
    assert Doubt.NOT_SENT in kinds(found, Weight.NOTE)
    assert "chưa đủ căn cứ" in " ".join(explain(found))


@pytest.mark.parametrize("lead", ["Chi cục Mẫu", "", "Văn phòng UBND tỉnh", "Trung tâm Phục vụ hành chính công"])
def test_a_lead_in_no_table_or_inside_the_office_is_not_missed_in_a_log(lead: str) -> None:
    found = link(history((at("2022-02-10"), state(lead=lead))), document(sent(SENT_ON, "Sở Tư pháp"), read=END))
    assert found.confidence is Confidence.CERTAIN


@pytest.mark.parametrize(
    ("steps", "read", "noted"),
    [
        ([], "2022-02-09", False),
        ([], "2022-02-14", True),
        ([step(LogAction.OTHER, at("2022-02-11"), "UBND tỉnh")], "2022-02-28", True),
        ([step(LogAction.RECEIVED, at("2022-02-11"), "Sở Y tế")], "2022-02-28", False),
    ],
    ids=["read before the task", "read soon after", "a step nobody has mapped", "the lead took a step"],
)
def test_a_log_that_may_be_incomplete_lowers_nothing(steps: list[LogEntry], read: str, noted: bool) -> None:
    source = document(sent(at("2022-02-09"), "Sở Tư pháp"), *steps, read=at(read))
    found = link(history((at("2022-02-10"), state())), source)
    assert found.confidence is Confidence.CERTAIN
    assert (Doubt.NOT_SENT in kinds(found, Weight.NOTE)) is noted


def test_the_log_proves_something_only_after_the_days_in_which_a_document_may_still_be_sent() -> None:
    given = at("2022-02-10")
    for days, confidence in ((NEAR_DAYS - 1, Confidence.CERTAIN), (NEAR_DAYS, Confidence.PROBABLE)):
        source = document(sent(SENT_ON, "Sở Tư pháp"), read=given + timedelta(days=days))
        assert link(history((given, state())), source).confidence is confidence


def test_a_lead_of_an_earlier_version_counts() -> None:
    moved = history((at("2022-02-10"), state(lead="Sở Tư pháp")), (at("2022-02-14"), state(lead="Sở Y tế")))
    found = link(moved, document(sent(SENT_ON, "Sở Tư pháp"), read=END))
    assert (found.confidence, kinds(found, Weight.AGAINST)) == (Confidence.CERTAIN, set())
    assert "forwarded" in kinds(found, Weight.FOR)


@pytest.mark.parametrize(
    ("sent_on", "recipient", "given_on", "lead"),
    [
        ("2025-02-27", "Sở Kế hoạch và Đầu tư", "2025-03-03", "Sở Tài chính"),
        ("2025-02-27", "Sở GTVT", "2025-03-03", "Sở Xây dựng"),
        ("2025-06-27", "UBND huyện Cao Lộc", "2025-07-02", "UBND xã Đồng Đăng"),
    ],
)
def test_an_agency_that_took_over_counts_as_the_one_that_was_sent_the_document(
    sent_on: str, recipient: str, given_on: str, lead: str
) -> None:
    source = document(sent(at(sent_on), recipient), read=at("2025-12-01"), issued=sent_on)
    text = f"Thực hiện số 41/UBND-KT ngày {day(sent_on):%d/%m/%Y}."
    found = link(history((at(given_on), state(lead=lead, content=text, assigned_on=day(given_on)))), source)
    assert POLICY.directory.resolve(lead, day(given_on)).agency is not None
    assert (found.confidence, kinds(found, Weight.AGAINST)) == (Confidence.CERTAIN, set())
    assert "forwarded" in kinds(found, Weight.FOR)


def test_agencies_that_merge_later_are_two_before_it() -> None:
    source = document(sent(SENT_ON, "Sở Kế hoạch và Đầu tư"), read=END)
    assert link(history((at("2022-02-10"), state(lead="Sở Tài chính"))), source).problem == NOT_SENT


@pytest.mark.parametrize(
    ("issuer", "confidence"),
    [
        ("của UBND tỉnh về việc báo cáo", Confidence.CERTAIN),
        ("của Chủ tịch UBND tỉnh", Confidence.CERTAIN),
        ("của Văn phòng UBND tỉnh", Confidence.CERTAIN),
        ("do Sở Tư pháp chủ trì", Confidence.CERTAIN),
        ("của UBND huyện Cao Lộc về việc báo cáo", Confidence.PROBABLE),
        ("của Ủy ban nhân dân huyện Cao Lộc.", Confidence.PROBABLE),
    ],
)
def test_the_same_number_and_date_of_another_agency_is_another_document(issuer: str, confidence: Confidence) -> None:
    found = link(task(f"Thực hiện Công văn số 41/UBND-KT ngày 10/02/2022 {issuer}"), document())
    assert found.confidence is confidence
    assert found.problem == ("" if confidence is Confidence.CERTAIN else OTHER_ISSUER)


def test_a_task_given_before_its_document_was_issued_is_noted_only() -> None:
    found = link(history((at("2022-02-10"), state(assigned_on=day("2022-02-08")))), document())
    assert found.confidence is Confidence.CERTAIN
    assert Doubt.ISSUED_LATER in kinds(found, Weight.NOTE)


# -- several documents ---------------------------------------------------------------------------------------------

BOTH = "Căn cứ số 77/UBND-NC ngày 10/02/2022; thực hiện số 41/UBND-KT ngày 10/02/2022."


def test_two_documents_of_the_office_in_the_text_are_never_certain() -> None:
    found = link(task(BOTH), document(), letter("450077"))
    assert (found.document, found.confidence, found.problem) == (None, Confidence.POSSIBLE, SEVERAL)
    assert {one.document_id for one in found.candidates} == {"450001", "450077"}
    assert (found.suggested, found.named) == (None, None)


def test_the_log_tells_people_which_of_two_documents_it_probably_is() -> None:
    source, cited = document(sent(SENT_ON, "Sở Y tế"), read=END), letter("450077", sent_to=("Sở Tư pháp",))
    found = link(task(BOTH), source, cited)
    assert (found.document, found.confidence, found.suggested) == (None, Confidence.PROBABLE, source)
    assert found.problem == SEVERAL


# -- nothing named with certainty ----------------------------------------------------------------------------------


def test_subject_and_forwarding_together_are_probable_each_alone_possible() -> None:
    name = "Tham mưu báo cáo mẫu"
    both = letter("450011", sent_to=("Sở Y tế",), subject=f"V/v {name}")
    subject = letter("450012", sent_to=("Sở Tư pháp", "SGDĐT"), subject=name)
    forwarded = letter("450013", sent_to=("Sở Tư pháp", "Sở Y tế"))
    found = link(task(), both, subject, forwarded)
    assert (found.document, found.confidence, found.suggested) == (None, Confidence.PROBABLE, both)
    assert found.problem == UNNAMED
    for alone in (subject, forwarded):
        found = link(task(), alone)
        assert (found.confidence, found.suggested) == (Confidence.POSSIBLE, alone)
    found = link(task(None), both)
    assert (found.document, found.confidence, found.problem) == (None, Confidence.PROBABLE, UNREAD)


def test_two_documents_on_which_two_clues_agree_are_both_only_possible() -> None:
    twins = [letter(key, sent_to=("Sở Y tế",), subject="Tham mưu báo cáo mẫu") for key in ("450011", "450012")]
    found = link(task(), *twins)
    assert (found.confidence, found.candidates, found.suggested) == (Confidence.POSSIBLE, tuple(twins), None)


def test_without_any_clue_there_is_no_candidate() -> None:
    far = replace(letter("450011", sent_to=("Sở Y tế",)), log=(sent(at("2022-01-10"), "Sở Y tế"),))
    informed = replace(letter(), log=(LogEntry(OFFICE, LogAction.SENT, "", SENT_ON, (("XEM", "Sở Y tế"),)),))
    found = link(task(), far, informed)
    assert (found.confidence, found.candidates, found.evidence) == (Confidence.NONE, (), ())
    assert explain(found) == ["Mức độ: chưa rõ (nội dung nhiệm vụ không ghi số, ngày văn bản)."]


@pytest.mark.parametrize("words", ["số 41/UBND-KT", "số 41/UBND-KT ngày 12/02/2022"], ids=["no date", "another date"])
def test_a_number_of_the_year_is_possible_and_probable_once_it_was_sent_to_the_lead(words: str) -> None:
    last_year = document(document_id="440001", issued="2020-02-10")
    found = link(task(f"Thực hiện {words}."), document(), last_year)
    assert (found.confidence, [one.document_id for one in found.candidates]) == (Confidence.POSSIBLE, ["450001"])
    assert (Doubt.OTHER_DATE in kinds(found, Weight.NOTE)) is ("12/02" in words)
    found = link(task(f"Thực hiện {words}."), document(sent(SENT_ON, "Sở Y tế"), read=END), last_year)
    assert (found.document, found.confidence) == (None, Confidence.PROBABLE)


def test_a_file_of_the_same_name_counts_only_where_one_document_has_it() -> None:
    given = task(files=("15-UBND.pdf", "Scan.PDF"))
    own = letter("450011", files=(AttachedFile("1", "15-ubnd.pdf"),))
    scans = [letter(key, files=(AttachedFile("2", "scan.pdf"),)) for key in ("450012", "450013")]
    found = link(given, own, *scans)
    assert (found.confidence, found.suggested) == (Confidence.POSSIBLE, own)
    assert "“15-ubnd.pdf”" in " ".join(explain(found))
    secret = replace(own, state=replace(own.state, secret=True))
    hidden = link(given, secret, *scans)
    assert "15-ubnd" not in " ".join(explain(hidden)) + json.dumps(link_json(hidden))


def test_an_equal_deadline_is_noted_and_counts_for_nothing() -> None:
    found = link(task(), letter(subject="Tham mưu báo cáo mẫu", due_on=day("2022-02-18")))
    assert kinds(found, Weight.NOTE) >= {"deadline"}
    assert found.confidence is Confidence.POSSIBLE


def test_few_candidates_are_listed_and_it_is_said_how_many_there_were() -> None:
    many = [letter(f"4500{number}", sent_to=("Sở Y tế",)) for number in range(10, 22)]
    found = link(task(), *many)
    assert (found.confidence, len(found.candidates)) == (Confidence.POSSIBLE, SHOWN)
    assert "có 12 văn bản" in explain(found)[1]


# -- who sees what -------------------------------------------------------------------------------------------------


def test_a_lowered_link_makes_the_rule_undecided_and_its_task_stays_a_doubt_for_the_others() -> None:
    """Two tasks of one document and one lead, one answer: not decided, also when only one of the links is certain."""
    log, read = sent(SENT_ON, "Sở Tư pháp"), at("2022-02-28", "23:59")
    source = document(log, read=read, related=[("500001", "2022-02-14")], related_read=read)
    lead = "Sở Y tế"
    moved = history(
        (at("2022-02-10"), state(lead="Sở Tư pháp")), (at("2022-02-11"), state(lead=lead)), last=END, task_id="90001"
    )
    only = history((at("2022-02-10"), state(lead=lead)), last=END, task_id="90002")
    result = evaluate([moved, only], [source, answer("500001", "2022-02-14", lead)], POLICY, read)
    cases = {case.task_id: case for case in result.cases}
    assert [cases[key].link.confidence for key in ("90001", "90002")] == [Confidence.CERTAIN, Confidence.PROBABLE]
    assert cases["90001"].siblings == (only,)
    assert not [hit for hit in result.hits if hit.key.rule.startswith("PV07")]
    reasons = {one.subject_id: one.reason for one in result.not_evaluable if one.rule.startswith("PV07")}
    assert "nhiều nhiệm vụ" in reasons["90001"]
    assert reasons["90002"] == NOT_SENT


@pytest.mark.parametrize(
    ("content", "subject", "sent_to", "withheld"),
    [
        ("Thực hiện số 01/UBND-NC.", "V/v việc khác", (), True),
        ("Thực hiện số 01/UBND-NC ngày 10/02/2022.", "V/v việc khác", (), True),
        ("Báo cáo.", "V/v tham mưu báo cáo mẫu", (), True),
        ("Báo cáo.", "V/v việc khác", ("Sở Y tế",), False),
    ],
    ids=["number", "number and date", "subject", "only sent to the lead"],
)
def test_a_name_is_withheld_where_the_task_itself_points_to_a_secret_document(
    content: str, subject: str, sent_to: tuple[str, ...], withheld: bool
) -> None:
    secret = letter(sent_to=sent_to, subject=subject, secret=True)
    (case,), _ = build_cases([task(content)], [secret], POLICY)
    assert case.link.candidates == (secret,)
    assert is_secret(case) is withheld


def test_a_link_is_stored_as_json_with_ids_and_iso_days() -> None:
    stored = json.loads(json.dumps(link_json(link(history((at("2022-02-10"), state(status=DONE))), document()))))
    assert (stored["confidence"], stored["document"], stored["suggested"]) == ("certain", "450001", "450001")
    assert stored["candidates"] == ["450001"]
    assert stored["evidence"][0] == {
        "kind": "reference", "weight": "for", "document": "450001", "role": "", "text": "số 41/UBND-KT ngày 10/02/2022",
        "day": "2022-02-10", "position": 40,
    }  # fmt: skip


def test_every_kind_of_evidence_has_its_sentence() -> None:
    roles: dict[Kind, list[str]] = {Kind.CONTRADICTION: list(Doubt), Kind.FORWARDED: ["XLC", "PH", "XEM", "XYK", ""]}
    evidence = tuple(
        Evidence(kind, weight, key, role, "1", day("2022-02-10"))
        for kind in Kind
        for weight in Weight
        for role in roles.get(kind, [""])
        for key in (None, "450001")
    )
    sentences = explain(Link(None, "", (document(),), Confidence.POSSIBLE, evidence))
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in sentences)
    assert not [sentence for sentence in sentences if "None" in sentence or "  " in sentence]
