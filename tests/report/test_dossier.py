"""The dossier in words and on its page: what it says, withholds and leaves out."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pypdf
import pytest

from connector.detect.cases import build_cases
from connector.detect.dossier import Dossier, Kept, build_dossier
from connector.detect.evaluate import evaluate
from connector.domain.finding_life import SYSTEM, Event, Step
from connector.domain.findings import Finding, FindingState
from connector.domain.letters import Attempt, ToldLetter
from connector.domain.rules import definition_json
from connector.report.dossier import dossier_text
from connector.report.dossier_pdf import render_dossier
from connector.settings import OfficeSettings
from connector.views_dossier import dossier_json, dossier_lines
from tests.builders import OFFICE, at, document, history, policy, sent, state

POLICY = policy()
END = at("2022-03-15", "23:59")
PAGE = OfficeSettings(issuer=OFFICE, name="Văn phòng UBND tỉnh")


def dossier(*, secret: bool | None = False, days: int = 25, name: str = "Tham mưu báo cáo mẫu", **kept: Any) -> Dossier:
    """An overdue task that rests on a document."""
    end = at("2022-02-18", "23:59") + timedelta(days=days)
    task = history((at("2022-02-10"), state(name=name)), last=end)
    letter = document(sent(at("2022-02-10", "09:00"), "Sở Y tế"), read=end, secret=secret)
    (hit,) = (one for one in evaluate([task], [letter], POLICY, end).hits if one.key.rule == "TD01_OVERDUE")
    rule = POLICY.rules["TD01_OVERDUE"]
    finding = Finding(7, hit, FindingState.OPEN, end, end, None, rule_version=rule.version)
    base = Kept(
        finding=finding,
        events=(Event(Step.OPENED, end, SYSTEM, hit.reason),),
        waivers=(),
        letters=(),
        rule=definition_json(rule),
        calendar_version=POLICY.deadlines.calendar.version,
        task_payloads=[("a" * 64,)],
        document_payloads=("b" * 64,),
    )
    (case,), _ = build_cases([task], [letter], POLICY)
    return build_dossier(replace(base, **kept), case, letter, POLICY, END)


def screen(found: Dossier) -> str:
    return "\n".join(dossier_lines(found, POLICY.zone))


def page(found: Dossier) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(render_dossier(found, PAGE)))


def words(reader: pypdf.PdfReader) -> str:
    return "".join("".join(one.extract_text() for one in reader.pages).split())


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_screen_says_what_was_found_by_which_rule_and_counts_the_days() -> None:
    text = screen(dossier())
    for line in (
        "Hồ sơ phát hiện số 7",
        "TD01_OVERDUE: Nhiệm vụ chưa hoàn thành đã quá hạn",
        "  Kết luận: Hạn xử lý 18/02/2022, đến ngày 15/03/2022 chưa hoàn thành, quá hạn 25 ngày.",
        "  Đúng từ ngày: 19/02/2022",
        "  Chương trình thấy: lúc 23:59 ngày 15/03/2022",
        "  Căn cứ: Thời hạn được giao (đã xác nhận)",
        f"  Phiên bản: {POLICY.rules['TD01_OVERDUE'].version}, là quy định đang dùng",
        "  Mức độ: chắc chắn là văn bản 41/UBND-KT ngày 10/02/2022.",
        "  từ 23:30 ngày 10/02/2022: Chưa hoàn thành, hạn 18/02/2022, Sở Y tế (bản gốc aaaaaaaa)",
    ):
        assert line in text.splitlines(), text
    assert "quá hạn ngày thứ 25" in text
    assert "… 21 ngày" in text, "a long stretch is one line"


def test_json_has_every_day_and_whole_hashes() -> None:
    found = json.loads(json.dumps(dossier_json(dossier(days=200))))
    counted = found["days"]["counted"]
    assert len(counted) == 201
    assert [one["overdue"] for one in counted] == [None, *range(1, 201)]
    assert found["about_task"]["versions"][0]["payloads"] == ["a" * 64]
    assert found["about_document"]["payloads"] == ["b" * 64]
    assert (found["breached_on"], found["first_seen_at"][:10]) == ("2022-02-19", "2022-09-06")


@pytest.mark.parametrize(("secret", "name_shown", "subject_shown"), [
    (True, False, False), (None, True, False), (False, True, True),
])  # fmt: skip
def test_secret_texts_are_on_no_form_of_it(secret: bool | None, name_shown: bool, subject_shown: bool) -> None:
    found = dossier(secret=secret, name="Chuẩn bị diễn tập khu vực")
    forms = (screen(found), json.dumps(dossier_json(found), ensure_ascii=False), words(page(found)))
    for form in forms:
        assert (squeezed("Chuẩn bị diễn tập khu vực") in squeezed(form)) is name_shown
        assert (squeezed("V/v báo cáo mẫu") in squeezed(form)) is subject_shown


def test_a_rule_that_is_otherwise_by_now_is_told_as_it_was_and_what_changed() -> None:
    then = {**definition_json(POLICY.rules["TD01_OVERDUE"]), "legal_basis": "Công văn cũ", "legal_confirmed": False}
    kept = dossier().kept
    text = screen(dossier(rule=then, finding=replace(kept.finding, rule_version="0" * 12)))
    assert "Căn cứ: Công văn cũ (CHƯA XÁC NHẬN từng bước trong văn bản)" in text
    assert "Nay khác: căn cứ: Công văn cũ → Thời hạn được giao; căn cứ đã xác nhận: không → có" in text
    assert "Phiên bản: 000000000000; quy định đang dùng" in text


def test_a_rule_whose_version_was_not_kept_is_not_passed_off_as_the_one_of_that_day() -> None:
    text = screen(dossier(rule=None, finding=replace(dossier().kept.finding, rule_version="")))
    assert "Phiên bản: lúc có phát hiện không được lưu; nêu theo quy định đang dùng" in text


def test_another_calendar_than_that_of_the_finding_is_said_and_a_count_that_differs_is_marked() -> None:
    text = screen(dossier(calendar_version="123456abcdef"))
    assert f"Lịch làm việc: {POLICY.deadlines.calendar.version} (lúc có phát hiện: 123456abcdef)" in text
    assert "LƯU Ý" not in text
    finding = dossier().kept.finding
    wrong = replace(finding, hit=replace(finding.hit, breached_on=finding.hit.breached_on + timedelta(days=2)))
    assert "LƯU Ý" in screen(dossier(finding=wrong))


def test_a_year_without_a_calendar_and_one_that_is_not_confirmed_are_said() -> None:
    finding = dossier().kept.finding
    for due, said in (("1950-02-18", "không đếm được: ngày ngoài lịch"), ("2027-02-18", "năm 2027 CHƯA XÁC NHẬN")):
        moved = replace(finding, hit=replace(finding.hit, facts={**finding.hit.facts, "due": due}))
        assert said in screen(dossier(finding=moved))


def test_a_letter_somebody_never_got_says_so() -> None:
    attempts = (Attempt(END, "a@donvi.example", "sent"), Attempt(END, "b@donvi.example", "refused"))
    letter = ToldLetter(3, "k", "SO_YT", ("a@donvi.example", "b@donvi.example"), "sent", END, END, attempts)
    text = screen(dossier(letters=(letter,)))
    assert "đã gửi lúc 23:59 ngày 15/03/2022 (b@donvi.example bị từ chối)" in text
    assert "a@donvi.example bị" not in text


def crowded() -> Dossier:
    """More of everything than one page holds at its usual size."""
    events = tuple(Event(Step.ACKNOWLEDGED, END, f"Người {number}", "Đã trao đổi. " * 20) for number in range(40))
    letters = tuple(
        ToldLetter(number, str(number), "SO_YT", (f"hop-thu-{number}@donvi.example",), "sent", END, END, ())
        for number in range(40)
    )
    return dossier(days=600, events=events, letters=letters, name="Tham mưu, báo cáo kết quả thực hiện " * 12)


@pytest.mark.parametrize("found", [dossier(), dossier(days=1), crowded()], ids=["usual", "short", "crowded"])
def test_the_pdf_is_one_page_with_the_sentences_of_the_screen(found: Dossier) -> None:
    reader = page(found)
    assert len(reader.pages) == 1
    dense = words(reader)
    text = dossier_text(found, POLICY.zone, at_most=6)
    for section in text.sections:
        lines = [*section.lines, *(value for _, value in section.facts), *(one.counted for one in section.days)]
        assert [line for line in lines if squeezed(line) not in dense] == []


def test_what_a_page_leaves_out_it_says() -> None:
    text = dossier_text(crowded(), POLICY.zone, at_most=6)
    lines = text.sections[-1].lines
    assert len(lines) == 12
    assert [line for line in lines if line.startswith("… bỏ")] == ["… bỏ 35 dòng, xem đủ: connector explain SỐ"] * 2
    assert "Người 0" in lines[0]
    assert "Người 39" in lines[5]


def test_the_same_dossier_gives_the_same_bytes_and_is_pdf_a() -> None:
    first, second = (render_dossier(dossier(), PAGE) for _ in range(2))
    assert first == second
    metadata = pypdf.PdfReader(io.BytesIO(first)).trailer["/Root"]["/Metadata"].get_object().get_data().decode()  # type: ignore[index]
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
