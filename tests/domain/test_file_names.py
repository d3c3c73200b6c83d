"""Names as they can be shown, stored and made."""

from __future__ import annotations

import os
import unicodedata

import pytest

from connector.domain.file_names import fitting_name, shown_name

LONG = "Danh sách nhiệm vụ Ủy ban nhân dân tỉnh giao các sở, ban, ngành " * 10


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nhiệm vụ tháng 11.xlsx", "Nhiệm vụ tháng 11.xlsx"),
        (unicodedata.normalize("NFD", "Nhiệm vụ.xlsx"), unicodedata.normalize("NFD", "Nhiệm vụ.xlsx")),
        (os.fsdecode(b"b\xe1o c\xe1o.csv"), "b%E1o c%E1o.csv"),
        ("a\nKết quả.csv", "a%0AKết quả.csv"),
        ("a\u202excl.csv", "a%E2%80%AExcl.csv"),
        ("50%.csv", "50%.csv"),
    ],
)
def test_what_nobody_can_read_is_escaped_and_nothing_else(name: str, shown: str) -> None:
    assert shown_name(name) == shown
    assert shown_name(shown) == shown


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_cut_to_its_bytes_and_no_letter_loses_its_mark(form: str) -> None:
    stem = unicodedata.normalize(form, LONG)  # type: ignore[arg-type]
    for most in range(30, 90):
        cut = fitting_name(stem, " (2).xlsx", most)
        assert len(cut.encode()) <= most
        kept = cut.removesuffix(" (2).xlsx")
        assert stem.startswith(kept)
        assert not unicodedata.combining(stem[len(kept)])
        assert len(kept.encode()) >= most - len(" (2).xlsx") - 8, "no more than a letter and a blank is given away"


def test_a_name_that_fits_stays() -> None:
    assert fitting_name("a", ".txt", 5) == "a.txt"
