"""Agencies by the name and the day, against the names of the real table and the mergers of 2025."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.agencies import Agency, AgencyDirectory, fold_name
from connector.reference import load_agencies

DIRECTORY = load_agencies(None, [])
FEBRUARY = date(2022, 2, 28)


def code_of(name: str, day: date) -> str | None:
    agency = DIRECTORY.resolve(name, day).agency
    return agency.code if agency else None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sở Văn hoá, Thể thao và Du lịch", "Sở Văn hóa, Thể thao và Du lịch"),
        ("Uỷ ban nhân dân", "Ủy ban nhân dân"),
        ("thuỷ lợi", "thủy lợi"),
        ("Tân Tíên", "Tân Tiến"),
        ("Sở Y tế", unicodedata.normalize("NFD", "Sở Y tế")),
        (" Sở  Y\u00a0tế ", "sở y tế"),
        ("SỞ CÔNG THƯƠNG", "Sở Công Thương"),
        ("Lao động – Thương binh", "Lao động - Thương binh"),
        ("Lao động—Thương binh", "Lao động - Thương binh"),
        ("Sở VH, TT & DL", "Sở VH,TT&DL"),
        ("TP.Lạng Sơn", "TP. Lạng Sơn"),
        ("Ðình Lập", "Đình Lập"),  # the Icelandic letter that old fonts put for Đ
        ("\ufeffSở Y tế\u200b", "Sở Y tế"),
    ],
)
def test_ways_to_write_the_same_name_fold_to_one_form(one: str, other: str) -> None:
    assert one != other
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sở Tài nguyên & Môi trường", "Sở Tài nguyên và Môi trường"),
        ("Bình Gia", "Bính Gia"),
        ("Sở Yế t", "Sở Y tế"),
        ("hoá nghi", "hoa nghí"),
        ("Cao Lộc", "Cao Lọc"),
        ("Sơn", "Son"),
        ("Đình Lập", "Dinh Lap"),
        ("Sở Y tế", "Sở Yt ế"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


@given(st.text(max_size=40))
def test_folding_knows_no_unicode_form_and_folding_twice_changes_nothing(text: str) -> None:
    assert fold_name(unicodedata.normalize("NFD", text)) == fold_name(unicodedata.normalize("NFC", text))
    assert fold_name(fold_name(text)) == fold_name(text)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("STTTT", "SO_TTTT"),
        ("TP Lạng Sơn", "UBND_TP_LANG_SON"),
        ("Sở Văn hoá, Thể thao và Du lịch", "SO_VHTTDL"),
        ("huyện Hữu Lũng", "UBND_H_HUU_LUNG"),
        ("SYT", "SO_YT"),
        ("CA tỉnh", "CONG_AN"),
        ("Uỷ ban nhân dân huyện Đình Lập", "UBND_H_DINH_LAP"),
        ("VP UBND tỉnh", "VP_UBND"),
        ("Ban Quản lý Khu kinh tế cửa khẩu Đồng Đăng – Lạng Sơn", "BQL_KKTCK"),
    ],
)
def test_an_alias_stands_for_its_agency(written: str, code: str) -> None:
    found = DIRECTORY.resolve(written, FEBRUARY)
    assert found.agency is not None
    assert found.agency.code == code
    assert (found.via_successor, found.needs_person, found.written) == (False, False, written)


def test_every_name_of_february_2022_stands_for_the_agency_it_was_written_for(root: Path) -> None:
    names = json.loads((root / "tests/data/agency_names_2022_02.json").read_text(encoding="utf-8"))
    assert len(names) == 189
    assert {name: code_of(name, FEBRUARY) for name, _ in names} == {name: code or None for name, code in names}


@pytest.mark.parametrize("written", ["", "  ", "Phòng Mẫu 3", "Sở Y tế tỉnh Bắc Kạn", "Sở", "UBND_H_HUU_LUNG"])
def test_an_unknown_name_stands_for_nobody_and_is_kept_as_written(written: str) -> None:
    found = DIRECTORY.resolve(written, FEBRUARY)
    assert found.agency is None
    assert not found.needs_person
    assert found.written == written


@pytest.mark.parametrize(
    ("written", "before", "after"),
    [
        ("Sở Tài chính", "SO_TC", "SO_TC_2025"),
        ("SXD", "SO_XD", "SO_XD_2025"),
        ("Sở Khoa học và Công nghệ", "SO_KHCN", "SO_KHCN_2025"),
        ("Sở NV", "SO_NV", "SO_NV_2025"),
    ],
)
def test_a_name_that_lived_on_stands_for_the_agency_of_the_day(written: str, before: str, after: str) -> None:
    assert code_of(written, date(2025, 2, 28)) == before
    assert code_of(written, date(2025, 3, 1)) == after
    assert not DIRECTORY.resolve(written, date(2025, 3, 1)).via_successor


@pytest.mark.parametrize(
    ("written", "old", "heir"),
    [
        ("Sở Kế hoạch và Đầu tư", "SO_KHDT", "SO_TC_2025"),
        ("Sở GTVT", "SO_GTVT", "SO_XD_2025"),
        ("STNMT", "SO_TNMT", "SO_NNMT"),
        ("SNN", "SO_NNPTNT", "SO_NNMT"),
        ("STTTT", "SO_TTTT", "SO_KHCN_2025"),
        ("Sở LĐTB&XH", "SO_LDTBXH", "SO_NV_2025"),
        ("Ban Dân tộc", "BAN_DT", "SO_DTTG"),
        ("Cục Quản lý thị trường", "CUC_QLTT", "SO_CT"),
    ],
)
def test_a_name_that_ended_on_1_march_2025_goes_to_the_one_successor(written: str, old: str, heir: str) -> None:
    assert code_of(written, date(2025, 2, 28)) == old
    found = DIRECTORY.resolve(written, date(2025, 3, 1))
    assert found.agency is not None
    assert (found.agency.code, found.via_successor, found.needs_person) == (heir, True, False)


def test_a_district_that_ended_needs_a_person_to_choose_among_its_communes() -> None:
    assert code_of("huyện Hữu Lũng", date(2025, 6, 30)) == "UBND_H_HUU_LUNG"
    found = DIRECTORY.resolve("huyện Hữu Lũng", date(2025, 7, 1))
    assert found.agency is not None
    assert (found.agency.code, found.via_successor, found.needs_person) == ("UBND_H_HUU_LUNG", False, True)
    assert len(found.agency.successors) == 8


def test_a_name_is_unknown_before_its_agency_existed() -> None:
    assert code_of("xã Hữu Lũng", date(2025, 6, 30)) is None
    assert code_of("xã Hữu Lũng", date(2025, 7, 1)) == "UBND_X_HUU_LUNG"
    assert code_of("Sở Nông nghiệp và Môi trường", date(2025, 2, 28)) is None


def chain(*agencies: Agency) -> AgencyDirectory:
    return AgencyDirectory(agencies, {})


A = Agency("A", "A", "Sở A", "so", None, date(2020, 12, 31), ("B",))
B = Agency("B", "B", "Sở B", "so", date(2021, 1, 1), date(2021, 12, 31), ("C",))
C = Agency("C", "C", "Sở C", "so", date(2022, 1, 1))


def test_successors_are_followed_as_far_as_the_day_asks() -> None:
    found = [chain(A, B, C).resolve("Sở A", date(year, 6, 1)) for year in (2020, 2021, 2022)]
    assert [one.agency.code for one in found if one.agency] == ["A", "B", "C"]
    assert [one.via_successor for one in found] == [False, True, True]
    assert not any(one.needs_person for one in found)


def test_a_chain_that_breaks_stops_at_the_last_certain_agency() -> None:
    nobody = Agency("B", "B", "Sở B", "so", date(2021, 1, 1), date(2021, 12, 31))
    several = Agency("B", "B", "Sở B", "so", date(2021, 1, 1), date(2021, 12, 31), ("C", "D"))
    later = Agency("C", "C", "Sở C", "so", date(2023, 1, 1))
    for directory in (chain(A, nobody, C), chain(A, several, C), chain(A, B, later)):
        found = directory.resolve("Sở A", date(2022, 6, 1))
        assert found.agency is not None
        assert (found.agency.code, found.via_successor, found.needs_person) == ("B", True, True)


def test_an_agency_that_ended_without_successor_needs_a_person() -> None:
    found = chain(Agency("A", "A", "Sở A", "so", None, date(2020, 12, 31))).resolve("sở a", date(2021, 1, 1))
    assert found.agency is not None
    assert (found.agency.code, found.via_successor, found.needs_person) == ("A", False, True)


def test_a_name_that_two_ended_agencies_bore_stands_for_the_later_one() -> None:
    first = Agency("X1", "X", "Sở X", "so", None, date(2020, 12, 31), ("C",))
    second = Agency("X2", "X", "Sở X", "so", date(2021, 1, 1), date(2021, 12, 31), ("D",))
    other = Agency("D", "D", "Sở D", "so", date(2022, 1, 1))
    for order in ((first, second, C, other), (second, first, C, other)):
        found = chain(*order).resolve("Sở X", date(2022, 6, 1))
        assert found.agency is other


def test_agencies_said_to_succeed_each_other_end_in_a_question_not_in_a_loop() -> None:
    one = Agency("A", "A", "Sở A", "so", None, date(2020, 12, 31), ("B",))
    other = Agency("B", "B", "Sở B", "so", None, date(2020, 12, 31), ("A",))
    found = chain(one, other).resolve("Sở A", date(2022, 6, 1))
    assert found.agency is other
    assert found.needs_person


def test_agencies_sort_with_committees_last_then_by_the_offices_order_then_unknown_names() -> None:
    codes = ["?Phòng Mẫu 3", "UBND_H_HUU_LUNG", "UBND_TP_LANG_SON", "SO_KHDT", "VP_UBND", "SO_TTTT", "?Ban lạ"]
    assert sorted(codes, key=DIRECTORY.sort_key) == [
        "SO_TTTT",
        "SO_KHDT",
        "VP_UBND",
        "UBND_TP_LANG_SON",
        "UBND_H_HUU_LUNG",
        "?Ban lạ",
        "?Phòng Mẫu 3",
    ]


def test_agencies_without_a_place_in_the_order_come_after_those_with_one_by_name() -> None:
    directory = load_agencies(None, ["UBND_H_DINH_LAP", "SO_YT"])
    codes = ["UBND_H_BAC_SON", "UBND_H_DINH_LAP", "SO_CT", "BAN_DT", "SO_YT"]
    assert sorted(codes, key=directory.sort_key) == ["SO_YT", "BAN_DT", "SO_CT", "UBND_H_DINH_LAP", "UBND_H_BAC_SON"]
    assert dict(directory.order) == {"UBND_H_DINH_LAP": 0, "SO_YT": 1}


def test_codes_are_shown_by_their_full_name_and_unknown_ones_as_written() -> None:
    assert DIRECTORY.name_of("UBND_H_HUU_LUNG") == "UBND huyện Hữu Lũng"
    assert DIRECTORY.name_of("?Phòng Mẫu 3") == "Phòng Mẫu 3"
    assert DIRECTORY.name_of("KHONG_CO") == "KHONG_CO"
    assert DIRECTORY.get("SO_TTTT").name == "Sở Thông tin và Truyền thông"
    assert "SO_TTTT" in DIRECTORY
    assert "KHONG_CO" not in DIRECTORY
    with pytest.raises(KeyError):
        DIRECTORY.get("KHONG_CO")


def test_communes_take_the_place_of_districts_on_1_july_2025() -> None:
    assert not DIRECTORY.is_commune_period(date(2025, 6, 30))
    assert DIRECTORY.is_commune_period(date(2025, 7, 1))
