"""What a column's text is coded in, and that plain text is never taken for anything else."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.normalise.exports.syllables import is_syllable
from connector.normalise.exports.text import Coding, Tally, convert, is_usual, judge, lost, read_line, stray
from connector.normalise.fields import unescape
from tests.normalise.exports.builders import SYNONYMS, root
from tests.normalise.exports.fonts import misread, tcvn3, vni

PLAIN = [
    "Kiểm tra, báo cáo tuyển sinh đầu cấp trong tình hình mới",
    "Sở Tài chính",
    "UBND huyện Hữu Lũng",
    "Văn phòng UBND tỉnh",
    "44/UBND-ĐT",
    "Đã hoàn thành",
    "Chưa thực hiện",
    "Thủy lợi nội đồng, khuyến nông",
]


def real_texts() -> list[str]:
    """Names of all agencies, in every spelling, and the names of all tasks of February 2022."""
    with (root() / "connector/reference/agencies.csv").open(encoding="utf-8", newline="") as lines:
        names = [
            name
            for row in csv.DictReader(lines)
            for name in (row["official_name"], row["short_name"], *row["aliases"].split("|"))
        ]
    timeline = (root() / "connector/standin/feb2022/timeline.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in timeline]
    return [*names, *(event["name"] for event in events if event["kind"] == "created")]


REAL = real_texts()
ENGLISH = ["Report of the month", "Office 365 – naïve résumé", "São Paulo", "Müller & Söhne", "Ångström", "€ 5", "½ ±"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_real_vietnamese_is_unicode(form: str) -> None:
    verdict = judge(unicodedata.normalize(form, text) for text in REAL)  # type: ignore[arg-type]
    assert (verdict.coding, verdict.problem, verdict.decided) == ("unicode", "", True)


@given(st.lists(st.sampled_from([*REAL, *ENGLISH]), max_size=40))
def test_plain_text_is_never_converted_and_never_refused(texts: list[str]) -> None:
    verdict = judge(texts)
    assert (verdict.coding, verdict.problem) == ("unicode", "")
    assert [stray(text, "unicode") for text in texts] == [""] * len(texts)


@given(st.lists(st.sampled_from(REAL), min_size=12, max_size=60, unique=True), st.sampled_from([tcvn3, vni]))
def test_a_column_in_an_old_font_is_found_and_comes_back(texts: list[str], encode: object) -> None:
    encoded = [encode(text) for text in texts]  # type: ignore[operator]
    verdict = judge(encoded)
    assert (verdict.coding, verdict.problem) == (encode.__name__, "")  # type: ignore[attr-defined]
    assert [convert(text, verdict.coding).lower() for text in encoded] == [text.lower() for text in texts]
    assert 1 <= len(verdict.examples) <= 3
    assert all(convert(old, verdict.coding) == new for old, new in verdict.examples)


@given(st.lists(st.sampled_from(REAL), min_size=3, max_size=40, unique=True))
def test_misread_utf8_is_found_and_comes_back(texts: list[str]) -> None:
    encoded = [misread(text) for text in texts]
    verdict = judge(encoded)
    if any(not text.isascii() for text in texts):
        assert (verdict.coding, verdict.problem) == ("mojibake", "")
    assert [read_line(text, verdict.coding) for text in encoded] == [read_line(text, "unicode") for text in texts]


@pytest.mark.parametrize("encode", [tcvn3, vni, misread])
def test_a_column_in_two_codings_is_refused_with_words_of_both(encode: object) -> None:
    verdict = judge([*PLAIN, *map(encode, PLAIN)])  # type: ignore[call-overload]
    assert verdict.problem == "mixed"
    assert verdict.evidence


def test_signs_that_no_font_explains_are_refused() -> None:
    verdict = judge(["Qu¿t ğ¿nh", "ng¿i d¿n", "th¿c hi¿n", "ch¿nh s¿ch", "h¿nh ch¿nh", "t¿nh L¿ng S¿n"])
    assert verdict.problem == "unreadable"


@pytest.mark.parametrize("texts", [["Së"], ["Së", "ChuyÓn"], ["café"], []])
def test_a_few_short_cells_decide_nothing(texts: list[str]) -> None:
    verdict = judge(texts)
    assert (verdict.coding, verdict.problem, verdict.decided) == ("unicode", "", False)


def test_a_column_that_shows_too_little_follows_its_file() -> None:
    file = judge(map(tcvn3, PLAIN))
    column = Tally()
    column.see("44/UBND-§T")
    assert column.verdict(file).coding == "tcvn3"
    assert read_line("44/UBND-§T", "tcvn3") == "44/UBND-ĐT"


def test_a_column_that_shows_enough_does_not() -> None:
    column = Tally()
    for text in PLAIN:
        column.see(text)
    assert column.verdict(judge(map(tcvn3, PLAIN))).coding == "unicode"


@pytest.mark.parametrize(
    ("text", "coding", "word"),
    [
        ("Së Tµi chÝnh", "unicode", "Së"),
        ("Sôû Taøi chính", "unicode", "Sôû"),
        ("Sá»Ÿ TÃ i chÃ­nh".replace("Ã i", "Ã\u00a0i"), "unicode", "Sá»Ÿ"),
        ("Sở Tài chính, ông Müller", "unicode", ""),
        ("Theo § 5 và « phụ lục » 20 °C", "unicode", ""),
        ("Sở Tài chính", "tcvn3", "Sở"),
        ("Së Tµi chÝnh", "tcvn3", ""),
        ("Sở Tài chính", "mojibake", ""),
        ("plain", "vni", ""),
    ],
)
def test_a_cell_that_contradicts_its_column_is_told_by_a_word(text: str, coding: Coding, word: str) -> None:
    assert stray(text, coding) == word


def test_a_large_column_is_judged_in_bounded_memory() -> None:
    tally = Tally()
    for number in range(20_000):
        tally.see(f"Nhiệm vụ số {number} của huyện")
    assert len(tally.words) < 100
    assert tally.verdict().coding == "unicode"


@pytest.mark.parametrize(
    "word", ["nghiêng", "Quyết", "giếng", "GIÁM", "hoà", "hòa", "thuỷ", "uỷ", "yên", "ỏe", "quỳnh"]
)
def test_words_of_the_language_are_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["tátr", "chớnh", "bàc", "nghĩeng", "qp", "áà", "zô", ""])
def test_other_words_are_none(word: str) -> None:
    assert not is_syllable(word)


@given(
    st.one_of(st.sampled_from(REAL), st.text(max_size=9), st.text(st.sampled_from("aạêf &;\u00a0\u0309ë"), max_size=9))
)
def test_usual_text_needs_no_reading(text: str) -> None:
    if is_usual(text):
        assert read_line(text, "unicode") == unescape(text).strip(" ") == text.strip(" ")
        assert stray(text, "unicode") == ""


def test_nearly_all_real_text_is_usual() -> None:
    assert sum(map(is_usual, REAL)) > len(REAL) * 0.9
    assert not any(map(is_usual, ("a  b", "a\u00a0b", "T&#10;", "e\u0302", "Së", "a\tb")))


@given(st.text(max_size=40), st.sampled_from(["unicode", "tcvn3", "vni", "mojibake"]))
def test_whatever_stands_in_a_cell_nothing_breaks(text: str, coding: Coding) -> None:
    line = read_line(text, coding)
    assert line == unicodedata.normalize("NFC", line)
    assert isinstance(stray(text, coding), str)
    assert judge([text]).problem in ("", "mixed", "unreadable")


@pytest.mark.parametrize("encode", [str, tcvn3, vni, misread])
def test_only_what_cannot_be_mended_is_called_lost(encode: Callable[[str], str]) -> None:
    headers = [header for known in SYNONYMS.headers.values() for header in known]
    assert [one for one in map(encode, headers) if lost(one)] == []
    cut = "NgÆ°á»i giao"  # ờ ends with a byte that code page 1252 does not have
    assert [lost(one) for one in (cut, "Ng\ufffd\ufffdi giao", "Ng??i giao", "Sao vậy?")] == [True, True, True, False]
