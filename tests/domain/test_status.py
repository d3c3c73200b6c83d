from __future__ import annotations

import unicodedata

import pytest

from connector.domain.status import Status, Vocabulary, fold_label


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đã huỷ", "Đã hủy"),
        ("HOÀ GIẢI", "hòa  giải"),
        ("khoẻ", "khỏe"),
        (unicodedata.normalize("NFD", "Đã huỷ"), "đã hủy"),
    ],
)
def test_labels_are_alike_whatever_their_case_blanks_composition_and_placement_of_tones(one: str, other: str) -> None:
    assert fold_label(one) == fold_label(other)
    assert Vocabulary({one: Status.CANCELLED}).get(other) == Status.CANCELLED


@pytest.mark.parametrize("label", ["quý", "hoàn thành", "khoảng", "huỳnh", "Hòa"])
def test_where_there_is_one_placement_only_nothing_is_moved(label: str) -> None:
    assert fold_label(label) == label.casefold()


def test_labels_that_only_resemble_each_other_stay_different() -> None:
    assert Vocabulary({"Đã hủy": Status.CANCELLED}).get("Đã huy") is None
