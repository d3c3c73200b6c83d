"""Letters of the old fonts, one by one, against tables written down by hand."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.normalise.exports.legacy_fonts import from_tcvn3, from_vni, repaired
from tests.normalise.exports.fonts import LOWER, TCVN3, TCVN3_CAPITALS, UPPER, VNI, misread, tcvn3, vni

SENTENCES = [
    "Kiểm tra, báo cáo công tác giải phóng mặt bằng tuyến đường tỉnh trên địa bàn tỉnh",
    "Ủy ban nhân dân huyện Hữu Lũng",
    "Sở Giáo dục và Đào tạo; Ban Quản lý Khu kinh tế cửa khẩu Đồng Đăng - Lạng Sơn",
    "Đề nghị các đơn vị khẩn trương thực hiện, hoàn thành trước ngày 28/02/2022",
    "Bảo đảm vệ sinh, an toàn thực phẩm; phòng, chống cháy rừng; thủy lợi nội đồng, khuyến nông quỹ",
]


def test_all_134_marked_letters_are_in_the_tables() -> None:
    assert len(set(LOWER + UPPER)) == 134
    assert {unicodedata.normalize("NFC", letter) for letter in LOWER} == set(LOWER)


@pytest.mark.parametrize("letter", sorted(LOWER))
def test_a_small_letter_of_tcvn3_is_read_and_by_a_font_of_capitals_as_a_capital(letter: str) -> None:
    assert from_tcvn3(TCVN3[letter]) == letter
    assert from_tcvn3(TCVN3[letter], capitals=True) == letter.upper()


@pytest.mark.parametrize("letter", sorted(TCVN3_CAPITALS))
def test_the_capitals_that_tcvn3_has_are_read(letter: str) -> None:
    assert from_tcvn3(TCVN3_CAPITALS[letter]) == letter


@pytest.mark.parametrize("letter", sorted(LOWER + UPPER))
def test_a_letter_of_vni_is_read(letter: str) -> None:
    assert from_vni(VNI[letter]) == letter


@pytest.mark.parametrize("letter", [letter for letter in UPPER if len(VNI[letter]) == 2])
def test_the_vowel_decides_on_the_case_of_a_vni_letter(letter: str) -> None:
    assert from_vni(VNI[letter][0] + VNI[letter][1].lower()) == letter


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_come_back_from_both_fonts(sentence: str) -> None:
    assert from_vni(vni(sentence)) == sentence
    assert from_vni(vni(sentence.upper())) == sentence.upper()
    assert from_tcvn3(tcvn3(sentence)).lower() == sentence.lower()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_come_back_from_a_csv_file_read_as_code_page_1258(sentence: str) -> None:
    """The reader decodes what is no UTF-8 as 1258, and composes."""

    def through_1258(text: str) -> str:
        return unicodedata.normalize("NFC", text.encode("latin-1").decode("cp1258"))

    assert from_tcvn3(through_1258(tcvn3(sentence))) == from_tcvn3(tcvn3(sentence))
    assert from_vni(through_1258(vni(sentence))) == sentence


def test_a_word_of_capitals_in_tcvn3_gets_capitals_with_tones() -> None:
    assert from_tcvn3("UBND HUYÖN V¨n L·ng") == "UBND HUYỆN Văn Lãng"
    assert from_tcvn3("V¡N PHßNG UBND TØNH") == "VĂN PHÒNG UBND TỈNH"
    assert from_tcvn3("Më réng") == "Mở rộng"


@pytest.mark.parametrize("page", ["cp1252", "latin-1", "cp1258"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_utf8_read_as_a_code_page_is_repaired(sentence: str, page: str) -> None:
    assert repaired(misread(sentence, page)) == sentence


@pytest.mark.parametrize("sentence", SENTENCES)
def test_utf8_misread_twice_is_repaired(sentence: str) -> None:
    assert repaired(misread(misread(sentence))) == sentence


@given(st.text())
def test_what_is_repaired_would_be_misread_into_the_same_again(text: str) -> None:
    meant = repaired(text)
    assert meant is None or meant != text


@pytest.mark.parametrize("text", [*SENTENCES, "café", "Müller", "plain", "", "§ 5", "20 °C"])
def test_text_that_was_never_misread_is_left_alone(text: str) -> None:
    assert repaired(text) is None


@given(st.text(alphabet=st.characters(max_codepoint=0x7F)))
def test_ascii_is_the_same_in_every_font(text: str) -> None:
    assert from_tcvn3(text) == from_vni(text) == text
