"""Loading the supplied tables and the office's own, and what is said about a bad one."""

from __future__ import annotations

import csv
import subprocess
import sys
import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import SettingsError
from connector.reference import load_agencies, load_calendar

DATA = Path(__file__).resolve().parents[1] / "connector" / "reference"
CALENDAR = load_calendar(None)


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


KINDS = {date.fromisoformat(row["date"]): row["kind"] for row in table("working_days.csv")}


def works(day: date) -> bool:
    """The definition of the domain rules, straight from the file."""
    kind = KINDS.get(day)
    return kind == "working_saturday" or (day.weekday() < 5 and kind is None)


def office_days(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "ngay_nghi.csv"
    file.write_text("\n".join(["date,kind,name,source", *rows]) + "\n", encoding="utf-8")
    return file


def office_agencies(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "don_vi.csv"
    heading = "code,short_name,official_name,kind,valid_from,valid_to,successor_code,aliases,source"
    file.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return file


def told_by(caught: pytest.ExceptionInfo[SettingsError], folder: Path) -> list[str]:
    """The problems, without the folder of the test."""
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


A_DATE = "phải là ngày có thật, viết năm-tháng-ngày, ví dụ 2027-01-01"

# 2027 as a clerk would enter it once it is decided; every weekday off that the law gives.
YEAR_2027 = (
    "2027-01-01,holiday,Tết Dương lịch,",
    "2027-02-04,holiday,Tết Nguyên đán,",
    "2027-02-05,holiday,Tết Nguyên đán,",
    "2027-02-08,holiday,Tết Nguyên đán,",
    "2027-02-09,compensatory_off,Nghỉ bù Tết,",
    "2027-02-10,compensatory_off,Nghỉ bù Tết,",
    "2027-04-16,holiday,Giỗ Tổ Hùng Vương,",
    "2027-04-30,holiday,Ngày Chiến thắng,",
    "2027-05-03,compensatory_off,Nghỉ bù 1/5,",
    "2027-09-02,holiday,Quốc khánh,",
    "2027-09-03,holiday,Quốc khánh,",
)


def test_the_calendar_agrees_with_the_table_day_by_day_from_2020_to_2026() -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range((date(2027, 1, 1) - date(2020, 1, 1)).days)]
    assert [day for day in days if CALENDAR.is_working(day) != works(day)] == []
    assert [CALENDAR.is_confirmed(year) for year in range(2020, 2027)] == [True] * 7


@given(st.dates(date(2020, 1, 1), date(2026, 12, 30)), st.integers(0, 120))
def test_counts_agree_with_counting_the_table_by_hand(after: date, length: int) -> None:
    upto = min(after + timedelta(days=length), date(2026, 12, 31))
    counted = [after + timedelta(days=n) for n in range(1, (upto - after).days + 1)]
    worked = [day for day in counted if works(day)]
    assert CALENDAR.between(after, upto) == len(worked)
    if worked:
        assert CALENDAR.add(after, len(worked)) == worked[-1]


def test_years_after_the_table_are_estimated_and_said_to_be_unconfirmed() -> None:
    assert [CALENDAR.is_confirmed(year) for year in (2027, 2028, 2029, 2030)] == [False] * 4
    assert [CALENDAR.covers(date(year, 6, 1)) for year in (2019, 2027, 2029, 2030)] == [False, True, True, False]
    # Tết of 2027 is 6 February, of 2028 26 January (lunar new year); Quốc khánh is fixed by law.
    for day in (date(2027, 2, 5), date(2027, 2, 8), date(2028, 1, 26), date(2027, 9, 2), date(2029, 4, 30)):
        assert not CALENDAR.is_working(day)
        (counted,) = CALENDAR.days(day - timedelta(days=1), day)
        assert counted.name.endswith("(dự kiến)")
        assert unicodedata.is_normalized("NFC", counted.name)
    assert CALENDAR.is_working(date(2027, 2, 3))


def test_the_holidays_library_is_imported_only_for_years_beyond_the_table() -> None:
    code = (
        "import sys; from datetime import date; from connector.reference import load_calendar\n"
        "calendar = load_calendar(None)\n"
        "calendar.between(date(2020, 1, 1), date(2026, 12, 31)); print('holidays' in sys.modules)\n"
        "calendar.is_working(date(2027, 1, 4)); print('holidays' in sys.modules)\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["False", "True"]


def test_a_complete_year_of_the_office_is_confirmed_and_moves_the_estimate_on(tmp_path: Path) -> None:
    # The decision of a year often names 1 January of the next one: that alone confirms nothing.
    calendar = load_calendar(office_days(tmp_path, *YEAR_2027, "2028-01-03,compensatory_off,Nghỉ bù,"))
    assert [calendar.is_confirmed(year) for year in (2026, 2027, 2028)] == [True, True, False]
    assert calendar.covers(date(2030, 1, 1))
    assert calendar.is_working(date(2027, 11, 24))  # not in the office's year, though the estimate has it
    assert not CALENDAR.is_working(date(2027, 11, 24))
    (given_day,) = calendar.days(date(2028, 1, 2), date(2028, 1, 3))
    assert (given_day.working, given_day.name) == (False, "Nghỉ bù")
    assert not calendar.is_working(date(2028, 1, 26))  # Tết of the unconfirmed year still comes from the estimate
    assert calendar.version != CALENDAR.version


@pytest.mark.parametrize(
    "left_out",
    [
        ("2027-01-01",),  # a fixed holiday
        ("2027-09-03",),  # one day less than the law gives
        ("2027-02-09", "2027-02-10"),  # half of Tết
    ],
)
def test_a_year_with_days_left_out_stays_unconfirmed(tmp_path: Path, left_out: tuple[str, ...]) -> None:
    rows = [row for row in YEAR_2027 if not row.startswith(left_out)]
    if left_out != ("2027-09-03",):
        rows += ["2027-06-01,holiday,Nghỉ khác,", "2027-06-02,holiday,Nghỉ khác,"]
    calendar = load_calendar(office_days(tmp_path, *rows))
    assert not calendar.is_confirmed(2027)
    assert not calendar.is_working(date(2027, 2, 10))  # the estimate still knows Tết


def test_single_rows_of_the_office_change_those_days_of_a_supplied_year_only(tmp_path: Path) -> None:
    calendar = load_calendar(
        office_days(
            tmp_path,
            "2022-03-11,compensatory_off,Nghỉ hoán đổi,Quyết định của tỉnh",
            "2022-03-12,working_saturday,Làm bù cho 11/3/2022,",
            "2026-11-24,working_day,Ngày làm việc bình thường,",
        )
    )
    assert not calendar.is_working(date(2022, 3, 11))
    assert calendar.is_working(date(2022, 3, 12))
    assert calendar.is_working(date(2026, 11, 24))
    assert not CALENDAR.is_working(date(2026, 11, 24))
    assert not calendar.is_working(date(2022, 2, 1))
    assert calendar.is_confirmed(2022)
    changed = {date(2022, 3, 11), date(2022, 3, 12), date(2026, 11, 24)}
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(2557)]
    assert {day for day in days if calendar.is_working(day) != works(day)} == changed


def test_the_office_can_take_back_a_make_up_saturday(tmp_path: Path) -> None:
    calendar = load_calendar(office_days(tmp_path, "2026-08-22,compensatory_off,Không làm bù nữa,"))
    assert CALENDAR.is_working(date(2026, 8, 22))
    assert not calendar.is_working(date(2026, 8, 22))


def test_a_row_for_an_unconfirmed_year_changes_the_version_of_the_calendar(tmp_path: Path) -> None:
    calendar = load_calendar(office_days(tmp_path, "2028-03-13,compensatory_off,Nghỉ hoán đổi,"))
    assert not calendar.is_confirmed(2028)
    assert calendar.version != CALENDAR.version
    assert load_calendar(None).version == CALENDAR.version


def test_a_complete_year_of_the_office_takes_the_place_of_the_supplied_one(tmp_path: Path) -> None:
    rows = [f"{row['date']},{row['kind']},{row['name']}" for row in table("working_days.csv") if "2026" in row["date"]]
    kept = [row for row in rows if not row.startswith("2026-11-24")]
    calendar = load_calendar(office_days(tmp_path, *kept))
    assert calendar.is_working(date(2026, 11, 24))
    assert not calendar.is_working(date(2026, 2, 17))
    assert not calendar.is_working(date(2025, 5, 2))


def test_a_file_saved_by_excel_with_a_byte_order_mark_and_crlf_is_read(tmp_path: Path) -> None:
    file = tmp_path / "excel.csv"
    text = "\r\n".join(["date,kind,name,source,ghi chú", "2022-03-11,holiday,Nghỉ,,", ",,,,"]) + "\r\n"
    file.write_bytes(b"\xef\xbb\xbf" + unicodedata.normalize("NFD", text).encode())
    calendar = load_calendar(file)
    (day,) = calendar.days(date(2022, 3, 10), date(2022, 3, 11))
    assert (day.working, day.name) == (False, "Nghỉ")


def test_all_problems_of_a_working_day_table_are_told_with_file_line_field_and_value(tmp_path: Path) -> None:
    file = office_days(
        tmp_path,
        "30/4/2027,holiday,Ngày Chiến thắng,",
        "2022-02-30,holiday,Không có ngày này,",
        "2022-03-14,holidays,Nghỉ,",
        "2022-03-15,working_saturday,Làm bù,",
        "2022-03-16,holiday,,",
        "2022-03-17,holiday,Nghỉ, hoán đổi,",
        "2022-03-18,holiday,Nghỉ,",
        "2022-03-18,compensatory_off,Nghỉ bù,",
        "2022-03-20,working_day,Chủ nhật,",
        "1922-03-18,holiday,Nghỉ,",
    )
    with pytest.raises(SettingsError) as caught:
        load_calendar(file)
    told = told_by(caught, tmp_path)
    kinds = "holiday, compensatory_off, working_saturday, working_day"
    assert told == [
        "ngay_nghi.csv:7: thừa ô; ô có dấu phẩy phải đặt trong dấu nháy kép",
        f"ngay_nghi.csv:2: date: {A_DATE} (đang ghi: 30/4/2027)",
        f"ngay_nghi.csv:3: date: {A_DATE} (đang ghi: 2022-02-30)",
        f"ngay_nghi.csv:4: kind: phải là một trong {kinds}; tên gần nhất: holiday (đang ghi: holidays)",
        "ngay_nghi.csv:5: date: ngày làm bù (working_saturday) phải là thứ Bảy (đang ghi: 2022-03-15)",
        "ngay_nghi.csv:6: name: thiếu tên ngày",
        "ngay_nghi.csv:9: date: ngày này đã có ở ngay_nghi.csv:8 (đang ghi: 2022-03-18)",
        "ngay_nghi.csv:10: date: ngày làm việc (working_day) phải từ thứ Hai đến thứ Sáu; làm bù ghi working_saturday "
        "(đang ghi: 2022-03-20)",
        "ngay_nghi.csv: năm 1922 chỉ có 1 dòng và nằm ngoài các năm đã biết (2020-2029); hãy kiểm tra lại năm hoặc "
        "nhập đủ ngày nghỉ của năm đó",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"date;kind;name\n2022-03-18;holiday;Ngh\n", "thiếu cột date, kind, name; các cột cách nhau bằng dấu phẩy"),
        (b"date,kind,name\n", "bảng không có dòng nào"),
        (b"", "thiếu cột date, kind, name"),
        ("date,kind,name\n2022-03-18,holiday,Nghỉ\n".encode("utf-16"), "không phải UTF-8"),
        (b'date,kind,name\n2022-03-18,holiday,"Ngh\n2022-03-19,holiday,Ngh\n', "có thể thiếu dấu nháy kép"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_its_reason(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "hong.csv"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_calendar(file)
    assert len(caught.value.problems) == 1
    assert told in caught.value.problems[0]
    assert str(file) in caught.value.problems[0]


def test_a_missing_file_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"calendar\.file: không đọc được .*khong-co\.csv"):
        load_calendar(tmp_path / "khong-co.csv")
    with pytest.raises(SettingsError, match=r"office\.agencies_file: không đọc được"):
        load_agencies(tmp_path, [])


def test_the_supplied_agencies_are_all_loaded_and_all_have_a_place_in_the_order() -> None:
    rows, directory = table("agencies.csv"), load_agencies(None, [])
    assert [agency.code for agency in directory.agencies] == [row["code"] for row in rows]
    assert set(directory.order) == {row["code"] for row in rows}
    assert list(directory.order)[:3] == ["SO_TTTT", "SO_KHDT", "VP_UBND"]
    agency, row = directory.get("UBND_H_HUU_LUNG"), next(row for row in rows if row["code"] == "UBND_H_HUU_LUNG")
    assert agency.name == row["official_name"]
    assert agency.valid_to == date(2025, 6, 30)
    assert agency.successors == tuple(row["successor_code"].split("|"))
    assert agency.aliases == tuple(row["aliases"].split("|"))


def test_every_name_of_the_supplied_table_stands_for_its_agency_on_its_first_and_last_day() -> None:
    directory = load_agencies(None, [])
    for row in table("agencies.csv"):
        days = [
            date.fromisoformat(row["valid_from"] or "2022-01-01"),
            date.fromisoformat(row["valid_to"] or "2026-01-01"),
        ]
        for name in (row["official_name"], row["short_name"], *row["aliases"].split("|")):
            for day in days:
                found = directory.resolve(name, day)
                assert found.agency is not None
                assert (name, day, found.agency.code, found.via_successor) == (name, day, row["code"], False)


def test_the_offices_agencies_take_the_place_of_the_supplied_ones(tmp_path: Path) -> None:
    file = office_agencies(tmp_path, "SO_YT,,Sở Y tế,so,,,,SYT|Sở Ytế,", "SO_MOI,Sở M,Sở Mới,so,2026-01-01,,,,")
    directory = load_agencies(file, [])
    assert [agency.code for agency in directory.agencies] == ["SO_YT", "SO_MOI"]
    assert directory.get("SO_YT").short_name == "Sở Y tế"
    assert directory.resolve("Sở Tài chính", date(2026, 1, 1)).agency is None
    assert dict(directory.order) == {"SO_YT": 0}  # the supplied order, as far as it applies
    assert sorted(["SO_MOI", "SO_YT"], key=directory.sort_key) == ["SO_YT", "SO_MOI"]


def test_all_problems_of_an_agency_table_are_told_with_file_line_field_and_value(tmp_path: Path) -> None:
    file = office_agencies(
        tmp_path,
        "sở y tế,SYT,Sở Y tế,so,,,,,",
        "SO_A,Sở A,,so,,,,,",
        "SO_B,Sở B,Sở Bờ,sở,,,,,",
        "SO_C,Sở C,Sở Cờ,so,1/3/2025,,,,",
        "SO_D,Sở D,Sở Dờ,so,2025-03-01,2025-02-28,,,",
        "SO_E,Sở E,Sở E,so,,2025-02-28,SO_G1,Sở Chung,",
        "SO_E,Sở E1,Sở E1,so,,,,,",
        "SO_G,Sở G,Sở G,so,2025-03-01,,,SỞ  CHUNG,",
        "SO_H,Sở H,Sở H,so,2026-03-01,,,Sở Chung,",
        "SO_I,Sở I,Sở I,so,,2025-01-01,SO_K,,",
        "SO_K,Sở K,Sở K,so,,2025-01-01,SO_I,,",
        "SO_L,Sở L,Sở L,so,,,SO_K,,",
    )
    with pytest.raises(SettingsError) as caught:
        load_agencies(file, ["SO_G", "SO_HH", "SO_G"])
    told = told_by(caught, tmp_path)
    kind_problem = told.pop(2)
    assert kind_problem.startswith("don_vi.csv:4: kind: phải là một trong van_phong, so, ")
    assert kind_problem.endswith("(đang ghi: sở)")
    assert told == [
        "don_vi.csv:2: code: mã đơn vị chỉ gồm chữ in hoa không dấu, chữ số và dấu gạch dưới (đang ghi: sở y tế)",
        "don_vi.csv:3: official_name: thiếu tên đầy đủ của đơn vị",
        "don_vi.csv:5: valid_from: phải để trống hoặc là ngày có thật, viết năm-tháng-ngày, ví dụ 2025-07-01 "
        "(đang ghi: 1/3/2025)",
        "don_vi.csv:6: valid_to: ngày cuối trước ngày đầu 2025-03-01 (đang ghi: 2025-02-28)",
        "don_vi.csv:8: code: mã này đã có ở don_vi.csv:7 (đang ghi: SO_E)",
        # SO_H bears the same name from 2026 on, when SO_G still exists.
        'don_vi.csv:10: tên "Sở Chung" cùng thời gian cũng là tên của SO_G (don_vi.csv:9)',
        "don_vi.csv:7: successor_code: không có đơn vị mang mã SO_G1; tên gần nhất: SO_G (đang ghi: SO_G1)",
        "don_vi.csv:11: successor_code: các đơn vị kế thừa nhau thành vòng (đang ghi: SO_K)",
        "don_vi.csv:12: successor_code: các đơn vị kế thừa nhau thành vòng (đang ghi: SO_I)",
        "don_vi.csv:13: valid_to: đơn vị có đơn vị kế thừa thì phải có ngày cuối",
        "office.agency_order: không có đơn vị mang mã SO_HH; tên gần nhất: SO_H",
        "office.agency_order: mã SO_G bị lặp lại",
    ]


def test_an_order_that_names_an_unknown_code_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError) as caught:
        load_agencies(None, ["SO_YT", "SO_TTT"])
    assert caught.value.problems == ["office.agency_order: không có đơn vị mang mã SO_TTT; tên gần nhất: SO_TTTT"]
