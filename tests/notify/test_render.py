from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from connector.notify.layout import age, count
from connector.notify.plan import FindingView
from connector.notify.render import MAX_ROWS
from tests.notify.builders import AS_OF, SECRET_TEXT, example_digest, plan, renderer, view
from tests.snapshot import check_snapshot


def test_the_whole_digest_reads_as_reviewed() -> None:
    letter = renderer().digest(example_digest(), AS_OF)

    check_snapshot("notify/digest.txt", f"{letter.subject}\n\n{letter.text}")
    check_snapshot("notify/digest.html", letter.html)


def test_the_notice_about_a_refused_login_reads_as_reviewed() -> None:
    letter = renderer().admin_notice(
        "auth_needed",
        "Đăng nhập VNPT-iOffice bị từ chối",
        ["Tài khoản ketnoi.vp của nguồn vnpt bị từ chối đăng nhập: sai mật khẩu."],
        "quantri@example.vn",
        AS_OF,
        "auth_needed:vnpt:2022-02-28",
    )

    check_snapshot("notify/auth_needed.txt", f"{letter.subject}\n\n{letter.text}")
    check_snapshot("notify/auth_needed.html", letter.html)
    assert (letter.kind, letter.recipients, letter.finding_ids) == ("auth_needed", ("quantri@example.vn",), ())


@pytest.mark.parametrize(("kind", "command"), [("auth_needed", "connector check"), ("guard_stop", "connector sync")])
def test_a_notice_says_what_happened_what_it_means_and_the_command(kind: str, command: str) -> None:
    letter = renderer().admin_notice(kind, "Tiêu đề", ["Sự việc thứ nhất."], "quantri@example.vn", AS_OF, f"{kind}:1")

    for part in ("Sự việc:", "Sự việc thứ nhất.", "Ý nghĩa:", "Việc cần làm:", command):
        assert part in letter.text
    for part in ("Sự việc thứ nhất.", "Ý nghĩa:", command):
        assert part in letter.html


@pytest.mark.parametrize(
    ("rules", "subject"),
    [
        (["TD01_OVERDUE", "TD01_OVERDUE"], "Cảnh báo: 02 nhiệm vụ quá hạn"),
        (["TD05_DUE_SOON"], "Nhắc việc: 01 nhiệm vụ sắp đến hạn"),
        (["PV06_SILENT_AT_DUE"], "Đề nghị rà soát: 01 nội dung quy trình cần rà soát"),
        (["TD04_NO_DEADLINE_STALE"], "Thông báo: 01 nhiệm vụ cần cập nhật"),
        (["TD02_DONE_LATE"], "Thông báo: 01 nhiệm vụ đã hoàn thành quá hạn"),
        (
            ["TD05_DUE_SOON", "TD01_OVERDUE", "TD02_DONE_LATE"],
            "Cảnh báo: 01 nhiệm vụ quá hạn, 01 nhiệm vụ sắp đến hạn",
        ),
    ],
)
def test_the_subject_leads_with_the_most_serious_content(rules: list[str], subject: str) -> None:
    (digest,) = plan([view(i, rule) for i, rule in enumerate(rules)])

    assert renderer().digest(digest, AS_OF).subject == f"[iOffice Lạng Sơn] {subject} - Sở Y tế"


def test_the_message_id_depends_on_the_key_alone() -> None:
    digest = example_digest()
    first = renderer().digest(digest, AS_OF)
    again = renderer().digest(replace(digest, sections=digest.sections[:1]), AS_OF + timedelta(hours=3))
    other = renderer().digest(replace(digest, key="SO_YT:2022-03-01"), AS_OF)

    assert re.fullmatch(r"<[0-9a-f]{32}@example\.vn>", first.message_id)
    assert first.message_id == again.message_id != other.message_id


def test_a_letter_sent_to_the_office_says_for_whom_it_is_and_why() -> None:
    (digest,) = plan([view(1, agency="SO_CT")])
    letter = renderer().digest(digest, AS_OF)

    words = " ".join(letter.text.split())
    assert "Kính gửi: Sở Công Thương" in words
    assert "gửi đến Văn phòng UBND tỉnh vì hệ thống chưa có địa chỉ thư điện tử của Sở Công Thương" in words
    assert "chưa có địa chỉ" in letter.html
    assert "chưa có địa chỉ" not in renderer().digest(example_digest(), AS_OF).text


def test_times_are_local_and_the_age_of_the_data_is_said() -> None:
    letter = renderer().digest(example_digest(), AS_OF)

    assert "Thời điểm rà soát: 28/02/2022 07:15" in letter.text
    assert "27/02/2022 23:30 (trước thời điểm rà soát 7 giờ 45 phút)" in " ".join(letter.text.split())
    unknown = renderer().digest(replace(example_digest(), data_at=None), AS_OF)
    assert "chưa xác định" in unknown.text
    assert "chưa xác định" in unknown.html


def test_a_basis_nobody_could_read_is_marked_and_a_read_one_is_not() -> None:
    (digest,) = plan([view(1, "TD01_OVERDUE"), view(2, "PV06_SILENT_AT_DUE")])
    letter = renderer().digest(digest, AS_OF)

    assert letter.text.count(["(căn", "cứ", "đang", "được", "xác", "nhận)"][0]) == 1
    assert letter.html.count("(căn cứ đang được xác nhận)") == 1


def test_text_of_the_source_is_escaped_in_every_column() -> None:
    evil = '<script>alert(1)</script> & "x" \''
    bad = view(1, subject_text=evil, notation=evil, cooperating=(evil,), note=evil, reason=evil)
    (digest,) = plan([replace(bad, agency_name=evil)])
    letter = renderer("a<b@example.vn").digest(replace(digest, office_name=evil), AS_OF)

    assert "<script" not in letter.html
    assert "&lt;script&gt;" in letter.html
    assert _Tags.of(letter.html).isdisjoint({"script", "b@example.vn"})
    assert "<script>alert(1)</script>" in letter.text


def test_a_template_expression_in_the_source_stays_text() -> None:
    (digest,) = plan([view(1, subject_text="{{ 7 * 7 }} {% raw %}")])

    assert "{{ 7 * 7 }} {% raw %}" in renderer().digest(digest, AS_OF).html


def test_line_breaks_and_control_characters_in_names_do_not_reach_subject_or_layout() -> None:
    (digest,) = plan([view(1, notation="12\r\nBcc: x@y\u202e\x00", subject_text="a\u2028b\x07")])
    digest = replace(digest, agency_name="Sở Y tế\r\nBcc: someone@example.org")
    letter = renderer().digest(digest, AS_OF)

    assert letter.subject.endswith("- Sở Y tế Bcc: someone@example.org")
    assert letter.subject.isprintable()
    assert not set("\r\x00\x07\u202e\u2028") & set(letter.text + letter.html)
    assert "12 Bcc: x@y ngày" in letter.text


def test_a_secret_row_shows_the_neutral_text_and_nothing_else() -> None:
    (digest,) = plan([view(7, notation="07/UBND-NC", subject_text=SECRET_TEXT)])
    letter = renderer().digest(digest, AS_OF)

    assert SECRET_TEXT in letter.text
    assert SECRET_TEXT in letter.html
    assert SECRET_TEXT not in letter.subject


def test_new_rows_are_marked_with_a_word_in_both_parts() -> None:
    (digest,) = plan([view(1), view(2)], told={1})
    letter = renderer().digest(digest, AS_OF)

    assert letter.text.count("[Mới]") == 1
    assert letter.html.count(">Mới</b>") == 2  # the row and the explanation


def _many(number: int) -> list[FindingView]:
    text = "Tham mưu UBND tỉnh ban hành văn bản chỉ đạo thực hiện nhiệm vụ trọng tâm của ngành trong năm 2022 "
    return [view(i, subject_text=text * 3, cooperating=("Sở Tài chính", "Sở Nội vụ")) for i in range(number)]


def test_a_long_digest_shows_at_most_a_hundred_rows_and_says_how_many_more() -> None:
    (digest,) = plan([view(i, subject_text="Ngắn", reason="") for i in range(150)])
    letter = renderer().digest(digest, AS_OF)

    shown = len(letter.finding_ids)
    assert 90 <= shown <= MAX_ROWS
    assert f"liệt kê {shown} trong tổng số 150 nội dung; còn {150 - shown} nội dung" in " ".join(letter.text.split())
    assert letter.html.count('<td class="n">') == shown
    assert "150 nhiệm vụ quá hạn" in letter.subject


def test_a_digest_of_any_length_stays_below_100_kb() -> None:
    (digest,) = plan(_many(400))
    letter = renderer().digest(digest, AS_OF)

    assert len(letter.text.encode()) + len(letter.html.encode()) < 95_000
    assert len(letter.finding_ids) >= 30


def test_new_rows_are_shown_before_known_ones_when_there_is_no_room_for_all() -> None:
    new = view(9999, due_on=date(2022, 2, 27))  # the least overdue: last in its section
    (digest,) = plan([*_many(300), new], told=set(range(300)))
    letter = renderer().digest(digest, AS_OF)

    assert 9999 in letter.finding_ids
    assert "[Mới]" in letter.text


def test_rows_without_a_place_stay_untold_so_that_the_next_letter_brings_them() -> None:
    views = _many(150)
    told: set[int] = set()
    for _ in range(10):
        digests = plan(views, told=told)
        if not digests:
            break
        told |= set(renderer().digest(digests[0], AS_OF).finding_ids)

    assert told == set(range(150))


class _Tags(HTMLParser):
    @classmethod
    def of(cls, html: str) -> set[str]:
        parser = cls()
        parser.seen = set()
        parser.feed(html)
        return parser.seen

    seen: set[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.seen.update(f"{tag}[{name}]" for name, _ in attrs)


def test_the_html_needs_nothing_from_outside_and_names_its_language() -> None:
    html = renderer().digest(example_digest(), AS_OF).html

    assert '<html lang="vi">' in html
    assert not re.search(r"https?:|//|@import|url\(", html.replace("<!DOCTYPE html>", ""))
    assert _Tags.of(html).isdisjoint({"img", "link", "script", "iframe", "form", "a[href]"})
    assert 'style="' in html  # inlined


def test_lines_of_the_text_part_fit_a_terminal() -> None:
    assert max(map(len, renderer().digest(example_digest(), AS_OF).text.splitlines())) <= 78


@pytest.mark.parametrize(("number", "text"), [(0, "00"), (1, "01"), (10, "10"), (1387, "1.387")])
def test_counts_below_ten_have_two_digits_and_thousands_a_dot(number: int, text: str) -> None:
    assert count(number) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "dưới 1 phút"), (45, "45 phút"), (60, "1 giờ"), (465, "7 giờ 45 phút"), (1440 + 185, "1 ngày 3 giờ")],
)
def test_ages_are_said_in_their_two_largest_units(minutes: int, text: str) -> None:
    assert age(timedelta(minutes=minutes)) == text
