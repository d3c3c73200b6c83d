"""Documents named in a text, in the ways offices write them."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.detect.references import Reference, plain, references
from connector.domain.notation import fold_notation
from tests.builders import day

SAME = ("15/UBND-TH", day("2025-09-02"))


def named(text: str) -> list[tuple[str, object]]:
    return [(one.notation, one.day) for one in references(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Công văn số 15/UBND-TH ngày 02/9/2025",
        "15/UBND-TH, 02/09/2025",
        "số 15 /UBND-TH ngày 2 tháng 9 năm 2025",
        "Số: 15/UBND-TH, ngày 02-09-2025 của UBND tỉnh",
        "văn bản số 15/UBND-TH (ngày 2.9.2025)",
        "số 15/UBND-TH của UBND tỉnh ngày 02 tháng 9 năm 2025",
        "số 15/UBND-TH ban hành ngày 02/9/2025",
        "số 15/UBND - TH ngày 02/9/2025",
        "số 15/UBND\u2013TH ngày 02/9/2025",
        "số 015/ubnd-th ngày 02/9/2025",
        "số\u00a015/UBND-TH\u00a0ngày\u202f02/9/2025",
        "số 15/UBND-\u200bTH ngày 02/9/2025",
        "số 15/UBND-TH\nngày 02/9/2025",
        "số <b>15/UBND-TH</b>&nbsp;ngày&#160;02/9/2025",
        "<td>số 15/UBND-TH</td><td>ngày 02/9/2025</td>",
        "số &lt;i&gt;15/UBND-TH&lt;/i&gt;ngày 02/9/2025",
        unicodedata.normalize("NFD", "Công văn số 15/UBND-TH ngày 02/9/2025"),
        "<Thực hiện số 15/UBND-TH ngày 02/9/2025>",
        "SỐ 15/UBND-TH NGÀY 02/9/2025",
    ],
)
def test_a_document_is_recognised_in_every_way_it_is_written(text: str) -> None:
    assert named(text) == [SAME]


@pytest.mark.parametrize(
    "text",
    [
        "hạn 20/9/2025, đạt 3/4 chỉ tiêu, 100/120 xã",
        "đoạn 1 5/UBND-TH ngày 02/9/2025",  # the number may have been cut
        "Quyết định về việc giao nhiệm vụ ngày 02/9/2025",
        "tài khoản 12345678901/UBND-TH, 02/9/2025",
        "a15/UBND-TH ngày 02/9/2025",
    ],
)
def test_what_only_looks_like_a_document_is_none(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize("text", ["số 15/UBND-TH", "số 15/UBND-TH ngày 31/02/2025", "số 15/UBND-TH, hạn 20/9/2025"])
def test_a_number_without_a_possible_date_beside_it_has_none(text: str) -> None:
    assert named(text) == [("15/UBND-TH", None)]


def test_a_date_belongs_to_all_numbers_joined_before_it() -> None:
    text = "các Công văn số 15/UBND-TH, số 16/UBND-TH và 17/UBND-KT ngày 02/9/2025; số 18/UBND-KT; ngày 03/9/2025"
    assert named(text) == [
        SAME,
        ("16/UBND-TH", day("2025-09-02")),
        ("17/UBND-KT", day("2025-09-02")),
        ("18/UBND-KT", None),
    ]


def test_a_reference_tells_its_words_its_place_and_whose_document_it_is() -> None:
    text = "Thực hiện Công văn số 15/UBND-TH ngày 02/9/2025 của UBND huyện Cao Lộc về tiêm chủng"
    words = "số 15/UBND-TH ngày 02/9/2025"
    (found,) = references(text)
    assert found == Reference(*SAME, words, text.index(words), "UBND huyện Cao Lộc về tiêm chủng")


def test_each_document_is_named_once_in_the_order_of_the_text() -> None:
    text = "số 9/UBND-TH ngày 01/9/2025, số 15/UBND-TH ngày 02/9/2025, lại số 9/UBND-TH ngày 1/9/2025"
    assert named(text) == [("9/UBND-TH", day("2025-09-01")), SAME]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("63/UBND-ĐT", "63/UBND-ĐT"),
        ("63/UBND-\u00d0T", "63/UBND-ĐT"),
        (unicodedata.normalize("NFD", "05 /tb-ubnđ."), "5/TB-UBNĐ"),
        ("31/2020/QĐ-UBND", "31/2020/QĐ-UBND"),
        ("10/UBND\u2011TH", "10/UBND-TH"),
    ],
)
def test_numbers_are_compared_in_one_form(written: str, folded: str) -> None:
    assert fold_notation(written) == folded


@pytest.mark.parametrize(
    "piece",
    ["số 1/", "1/A của ", "1", " ", "<b ", "&lt;b", "15/UBND-TH và ", "1/2020/", "1/ - A", "số 15/A ngày 2 tháng ",
     "\n", "số 15/UBND-TH ngày 02/9/2025 của UBND tỉnh, "],
)  # fmt: skip
def test_a_text_of_100_kb_is_read_at_once_whatever_is_in_it(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    before = time.process_time()
    references(text)
    assert time.process_time() - before < 2  # a pattern that tries every pair of places would take minutes


PIECES = st.sampled_from(
    ["số ", "15", "7a", "/", " / ", "UBND", "-TH", " ngày ", ", ", "02/9/2025", "2 tháng 9 năm 2025", "của UBND tỉnh ",
     "<b>", "&nbsp;", "\n", " và ", "Đ", "\u0301"]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=20).map("".join))
def test_the_words_of_a_reference_stand_where_it_says(text: str) -> None:
    for one in references(text):
        assert " ".join(plain(text)[one.position :].split()).startswith(one.words)
