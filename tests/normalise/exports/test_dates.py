"""Dates are read in the declared order or refused; nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clock import OFFICE_ZONE
from connector.domain.tables import DATE_WITHOUT_YEAR, FORMULA_WITHOUT_VALUE, TIME_ONLY, Cell, CellValue
from connector.normalise.exports.dates import DateColumn, DateProblem, Order, swapped
from connector.normalise.fields import Moment
from tests.normalise.exports.builders import cell

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def column(order: Order = "day_first", *, epoch_1904: bool = False) -> DateColumn:
    return DateColumn("D", "Ngày giao", OFFICE_ZONE, order, epoch_1904)


def read(value: CellValue | Cell, order: Order = "day_first", *, epoch_1904: bool = False) -> Moment:
    return column(order, epoch_1904=epoch_1904).read(cell(value), 7)


def at(day: date, hour: int, minute: int, second: int = 0) -> Moment:
    return Moment(day, datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=OFFICE_ZONE))


FEB_28 = date(2022, 2, 28)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("28/02/2022", Moment(FEB_28, None)),
        ("28/2/2022", Moment(FEB_28, None)),
        ("28-02-2022", Moment(FEB_28, None)),
        ("28.02.2022", Moment(FEB_28, None)),
        (" 28/02/2022\u00a0", Moment(FEB_28, None)),
        ("ngày 28/02/2022", Moment(FEB_28, None)),
        ("Ngày 28 tháng 02 năm 2022", Moment(FEB_28, None)),
        ("28/02/2022 17:05", at(FEB_28, 17, 5)),
        ("28/02/2022 17:05:09", at(FEB_28, 17, 5, 9)),
        ("17:05 28/02/2022", at(FEB_28, 17, 5)),
        ("17h05 ngày 28/02/2022", at(FEB_28, 17, 5)),
        ("28/02/2022 5:05:00 CH", at(FEB_28, 17, 5)),
        ("28/02/2022 12:00:00 AM", at(FEB_28, 0, 0)),
        ("2022-02-28", Moment(FEB_28, None)),
        ("2022-02-28T17:05:09", at(FEB_28, 17, 5, 9)),
        ("2022-02-28 17:05", at(FEB_28, 17, 5)),
        (FEB_28, Moment(FEB_28, None)),
        (datetime(2022, 2, 28), Moment(FEB_28, None)),  # noqa: DTZ001
        (datetime(2022, 2, 28, 17, 5), at(FEB_28, 17, 5)),  # noqa: DTZ001
        (44620, Moment(FEB_28, None)),
        (44620.0, Moment(FEB_28, None)),
        (44620.5, at(FEB_28, 12, 0)),
        (None, Moment(None, None)),
        ("-", Moment(None, None)),
        ("undefined", Moment(None, None)),
        ("Không thời hạn", Moment(None, None)),
    ],
)
def test_dates_are_read_day_first(value: CellValue, expected: Moment) -> None:
    assert read(value) == expected


def test_a_moment_with_a_zone_becomes_local() -> None:
    assert read("2022-02-28T20:00:00Z") == at(date(2022, 3, 1), 3, 0)
    assert read(datetime(2022, 2, 28, 20, tzinfo=UTC)) == at(date(2022, 3, 1), 3, 0)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (20220228, "8 chữ số"),
        (28022022.0, "8 chữ số"),
        ("20220228", "8 chữ số"),
        ("28/02/22", "hai chữ số"),
        ("30/02/2022", "không có thật"),
        ("02/28/2022", "ngày và tháng bị đảo"),
        ("13/13/2022", "không có thật"),
        ("28/02/2022 25:00", "không có thật"),
        ("28/02/2022 13:00 PM", "không có thật"),
        ("08:00 28/02/2022 09:00", "hai giờ"),
        ("28/02/0222", "1990"),
        ("01/01/2202", "1990"),
        ("2022-02-30", "không có thật"),
        ("2022/02/28", "cần dạng ngày/tháng/năm"),
        ("ngày kia", "cần dạng ngày/tháng/năm"),
        ("28-02/2022", "cần dạng ngày/tháng/năm"),
        ("44620", "cần dạng ngày/tháng/năm"),
        (2022, "là số, không phải ngày"),
        (-5, "là số, không phải ngày"),
        (1e12, "là số, không phải ngày"),
        (True, "không phải ngày"),
        (Cell(None, "#N/A", "error"), "lỗi công thức"),
        (Cell(date(1899, 12, 30), "08:00", "date", TIME_ONLY), "chỉ có giờ"),
    ],
)
def test_what_is_no_clear_date_is_refused(value: CellValue | Cell, problem: str) -> None:
    with pytest.raises(DateProblem, match=problem):
        read(value)


def test_the_declared_order_decides_what_could_be_either() -> None:
    assert read("05/06/2022").on == date(2022, 6, 5)
    assert read("05/06/2022", "month_first").on == date(2022, 5, 6)
    assert read("ngày 5 tháng 6 năm 2022", "month_first").on == date(2022, 6, 5)


@given(DAYS)
def test_every_day_is_read_back_in_every_form(day: date) -> None:
    for text in (f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", f"{day:%Y-%m-%d}", f"08:30 {day:%d-%m-%Y}"):
        assert read(text).on == day
    assert read(f"{day:%m/%d/%Y}", "month_first").on == day
    serial = (day - date(1899, 12, 30)).days
    assert read(serial).on == day
    assert read(serial - 1462, epoch_1904=True).on == day
    assert read(day).on == day


@given(DAYS, st.integers(0, 86_399))
def test_the_time_of_a_serial_is_right_to_the_second(day: date, second: int) -> None:
    serial = (day - date(1899, 12, 30)).days + second / 86_400
    found = read(serial)
    assert found.on == day
    midnight = datetime(day.year, day.month, day.day, tzinfo=OFFICE_ZONE)
    assert (found.at or midnight) == midnight + timedelta(seconds=second)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.datetimes(), st.none()))
def test_any_value_is_a_date_or_a_problem(value: CellValue) -> None:
    try:
        found = read(value)
    except DateProblem:
        return
    assert found.on is None or date(1990, 1, 1) <= found.on <= date(2100, 12, 31)


# -- the whole column --------------------------------------------------------------------------------------------------


def remarks(*values: CellValue, order: Order = "day_first") -> list[tuple[str, str, bool]]:
    found = column(order)
    for row, value in enumerate(values, 6):
        try:
            found.read(cell(value), row)
        except DateProblem:
            continue
    return [(one.code, one.cell, one.stops) for one in (*found.remarks(), *swapped([found]))]


def test_a_column_that_fits_only_the_other_order_stops_the_file_at_its_first_cell() -> None:
    assert remarks("05/06/2022", "05/13/2022", "05/14/2022") == [("dates_other_order", "D7", True)]
    assert remarks("13/05/2022", "01/02/2022", order="month_first") == [("dates_other_order", "D6", True)]


def test_a_slip_of_the_pen_stops_nothing_and_a_mixture_does() -> None:
    assert remarks(*["13/05/2022"] * 40, "05/13/2022") == []
    assert remarks(*["13/05/2022"] * 10, "05/13/2022") == [("dates_mixed_order", "D16", True)]


EXCHANGED = (date(2022, 5, 2), date(2022, 7, 2), date(2022, 9, 2))


@pytest.mark.parametrize(
    "values",
    [
        (*EXCHANGED, "13/02/2022", "25/02/2022"),
        (date(2022, 5, 2), "13/02/2022"),
        (date(2022, 5, 2), date(2022, 4, 3), "13/02/2022"),
        (*(date(2022, month, 2) for month in range(1, 7)), *(f"{day}/02/2022" for day in range(13, 19)), "05/06/2022"),
        (*(date(2022, month, 2) for month in range(1, 7)), date(2022, 3, 25), "13/02/2022", "14/02/2022"),
    ],
)
def test_days_and_months_that_excel_exchanged_are_seen(values: tuple[CellValue, ...]) -> None:
    """Real dates (nearly) never over 12, texts (nearly) always: Excel with American settings changed what it could."""
    ((code, _, stops),) = remarks(*values)
    assert (code, stops) == ("dates_swapped", True)


def test_every_list_that_american_excel_has_opened_is_stopped_if_it_can_be_seen_at_all() -> None:
    """Whatever the days were, as long as one is over 12 (it stays text) and one is not (it is exchanged)."""
    chance = Random(5)
    start = date(2022, 1, 1)
    for size in (2, 3, 5, 20, 200):
        for _ in range(40):
            days = [start + timedelta(chance.randrange(365)) for _ in range(size)]
            cells = [date(one.year, one.day, one.month) if one.day <= 12 else f"{one:%d/%m/%Y}" for one in days]
            seen = len({one.day <= 12 for one in days}) == 2
            assert [code for code, _, _ in remarks(*cells)] == ["dates_swapped"] * seen, cells


@pytest.mark.parametrize(
    "values",
    [
        (*EXCHANGED, date(2022, 2, 25), "13/02/2022", "25/02/2022"),
        (*EXCHANGED, "13/02/2022", "25/02/2022", "05/02/2022"),
        (*(date(2022, 1, 1) + timedelta(3 * number) for number in range(100)), "13/02/2022", "25/02/2022"),
        (*(f"{day:02}/02/2022" for day in range(1, 29)), date(2022, 2, 5)),
        (*EXCHANGED, "undefined", "không hạn"),
        (*EXCHANGED, "31/02/2022", "30/02/2022"),
        EXCHANGED,
        ("13/02/2022", "25/02/2022"),
    ],
)
def test_real_dates_beside_texts_are_innocent_where_the_days_have_their_natural_share(
    values: tuple[CellValue, ...],
) -> None:
    assert remarks(*values) == []


def columns(*several: list[CellValue]) -> list[DateColumn]:
    found = [DateColumn(letter, f"Cột {letter}", OFFICE_ZONE) for letter in "DEF"[: len(several)]]
    for one, values in zip(found, several, strict=True):
        for row, value in enumerate(values, 6):
            one.read(cell(value), row)
    return found


def test_a_column_is_not_acquitted_by_the_others() -> None:
    """They may come from elsewhere; a text over 12 that was typed shows how Excel was set."""
    natural: list[CellValue] = [date(2022, 1, 1) + timedelta(3 * number) for number in range(100)]
    (found,) = swapped(columns(natural, [date(2022, 5, 2), "13/02/2022"]))
    assert (found.cell, found.values["column"], found.values["text"], found.values["dated"]) == (
        "E7",
        "Cột E",
        "1",
        "1",
    )


def test_texts_in_one_column_and_real_dates_in_another_are_judged_together() -> None:
    (found,) = swapped(columns(["13/02/2022", "14/02/2022"], [date(2022, 5, 2)], []))
    assert (found.cell, found.values["column"], found.stops) == ("D6", "Cột D”, “Cột E", True)
    assert list(swapped(columns(["13/02/2022", "04/02/2022"], [date(2022, 5, 2)]))) == []
    assert list(swapped(columns(["13/02/2022"], [date(2022, 5, 2), date(2022, 5, 22)]))) == []


def test_the_other_declared_order_is_exchanged_by_vietnamese_excel() -> None:
    assert remarks("02/13/2022", date(2022, 2, 5), order="month_first") == [("dates_swapped", "D6", True)]


def test_serial_numbers_are_remarked_on_once() -> None:
    assert remarks(44620, 44621) == [("dates_serial", "D6", False)]


def test_a_column_of_many_different_days_is_judged_whole() -> None:
    start = date(2000, 1, 1)
    days = [f"{start + timedelta(days=number):%d/%m/%Y} 08:{number % 60:02}" for number in range(6_000)]
    assert remarks(*days) == []
    assert [code for code, _, _ in remarks(*days, *["01/13/2022"] * 400)] == ["dates_mixed_order"]


def test_the_days_are_remembered() -> None:
    found = column()
    for value in ("01/02/2022", date(2022, 2, 15), "03/02/2022", Cell("x", "x", "text", DATE_WITHOUT_YEAR)):
        try:
            found.read(cell(value), 1)
        except DateProblem:
            continue
    assert found.days == {date(2022, 2, 1), date(2022, 2, 15), date(2022, 2, 3)}


def test_a_formula_that_was_never_calculated_is_no_empty_cell() -> None:
    with pytest.raises(DateProblem, match="công thức chưa có kết quả"):
        DateColumn("I", "Hạn", OFFICE_ZONE).read(Cell(None, "", "empty", FORMULA_WITHOUT_VALUE), 4)
