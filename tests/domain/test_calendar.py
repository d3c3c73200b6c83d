"""Working days, against dates taken by hand from the published decisions of 2020-2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.calendar import CountedDay, WorkCalendar, YearDays
from connector.errors import CalendarGap
from connector.reference import load_calendar

CALENDAR = load_calendar(None)
OFFICIAL_DAYS = st.dates(date(2020, 9, 1), date(2026, 5, 1))

# Last working day before Tết, first one after it.
TET = [
    (date(2020, 1, 22), date(2020, 1, 30)),
    (date(2021, 2, 9), date(2021, 2, 17)),
    (date(2022, 1, 28), date(2022, 2, 7)),
    (date(2023, 1, 19), date(2023, 1, 27)),
    (date(2024, 2, 7), date(2024, 2, 15)),
    (date(2025, 1, 24), date(2025, 2, 3)),
    (date(2026, 2, 13), date(2026, 2, 23)),
]

# A Thursday before Tết, the third working day after it.
THIRD_DAY_FROM_THURSDAY = [
    (date(2020, 1, 16), date(2020, 1, 21)),
    (date(2021, 2, 4), date(2021, 2, 9)),
    (date(2022, 1, 27), date(2022, 2, 8)),
    (date(2023, 1, 19), date(2023, 1, 31)),
    (date(2024, 2, 1), date(2024, 2, 6)),
    (date(2025, 1, 23), date(2025, 2, 4)),
    (date(2026, 2, 12), date(2026, 2, 24)),
]

# The swapped day off, the Saturday worked for it.
SWAPS = [
    (date(2024, 4, 29), date(2024, 5, 4)),
    (date(2025, 5, 2), date(2025, 4, 26)),
    (date(2026, 1, 2), date(2026, 1, 10)),
    (date(2026, 8, 31), date(2026, 8, 22)),
]

# Weekdays of the year less weekdays off (domain rules, section 9) plus make-up Saturdays.
WORKING_DAYS_OF_YEAR = [
    (2020, 262 - 10),
    (2021, 261 - 11),
    (2022, 260 - 11),
    (2023, 260 - 11),
    (2024, 262 - 12 + 1),
    (2025, 261 - 12 + 1),
    (2026, 261 - 14 + 2),
]


@pytest.mark.parametrize(("last", "first"), TET)
def test_tet_lies_between_its_last_and_first_working_day(last: date, first: date) -> None:
    assert CALENDAR.is_working(last)
    assert CALENDAR.is_working(first)
    assert CALENDAR.add(last, 1) == first
    assert CALENDAR.add(first, -1) == last
    assert CALENDAR.between(last, first) == 1
    assert CALENDAR.between(last, first - timedelta(days=1)) == 0
    assert CALENDAR.next_working(last + timedelta(days=1)) == first


@pytest.mark.parametrize(("thursday", "third"), THIRD_DAY_FROM_THURSDAY)
def test_three_working_days_from_a_thursday_before_tet_give_the_day_of_the_hand_made_table(
    thursday: date, third: date
) -> None:
    assert thursday.strftime("%a") == "Thu"
    assert CALENDAR.add(thursday, 3) == third
    assert CALENDAR.between(thursday, third) == 3


@pytest.mark.parametrize(("day_off", "saturday"), SWAPS)
def test_a_swapped_day_is_off_and_its_saturday_is_worked(day_off: date, saturday: date) -> None:
    assert not CALENDAR.is_working(day_off)
    assert CALENDAR.is_working(saturday)
    assert CALENDAR.next_working(saturday) == saturday
    assert not CALENDAR.is_working(saturday + timedelta(days=1))


def test_counting_passes_through_a_make_up_saturday() -> None:
    friday, monday = date(2026, 8, 21), date(2026, 8, 24)
    assert CALENDAR.add(friday, 1) == date(2026, 8, 22)
    assert CALENDAR.between(friday, monday) == 2
    # 28/8 is followed by the swapped Monday and two days of Quốc khánh.
    assert CALENDAR.add(date(2026, 8, 28), 1) == date(2026, 9, 3)


@pytest.mark.parametrize(("year", "expected"), WORKING_DAYS_OF_YEAR)
def test_a_year_has_as_many_working_days_as_the_decisions_leave(year: int, expected: int) -> None:
    before, last = date(year - 1, 12, 31), date(year, 12, 31)
    assert CALENDAR.between(before, last) == expected
    assert sum(one.working for one in CALENDAR.days(before, last)) == expected


def test_counting_backwards_gives_reminder_days() -> None:
    # Due Tuesday 8/2/2022: one, three and seven working days before it, across Tết.
    due = date(2022, 2, 8)
    assert [CALENDAR.add(due, -n) for n in (1, 3, 7)] == [date(2022, 2, 7), date(2022, 1, 27), date(2022, 1, 21)]
    assert CALENDAR.add(date(2022, 2, 6), -1) == date(2022, 1, 28)


def test_nothing_lies_between_a_day_and_an_earlier_one() -> None:
    assert CALENDAR.between(date(2022, 2, 8), date(2022, 2, 8)) == 0
    assert CALENDAR.between(date(2022, 2, 8), date(2022, 2, 1)) == 0
    assert list(CALENDAR.days(date(2022, 2, 8), date(2022, 2, 1))) == []


def test_days_are_explained_one_by_one() -> None:
    assert list(CALENDAR.days(date(2024, 4, 26), date(2024, 5, 5))) == [
        CountedDay(date(2024, 4, 27), False, "Thứ Bảy"),
        CountedDay(date(2024, 4, 28), False, "Chủ nhật"),
        CountedDay(date(2024, 4, 29), False, "Nghỉ hoán đổi (làm bù thứ Bảy 04/5/2024)"),
        CountedDay(date(2024, 4, 30), False, "Ngày Chiến thắng 30/4"),
        CountedDay(date(2024, 5, 1), False, "Ngày Quốc tế Lao động 1/5"),
        CountedDay(date(2024, 5, 2), True, ""),
        CountedDay(date(2024, 5, 3), True, ""),
        CountedDay(date(2024, 5, 4), True, "Làm bù cho thứ Hai 29/4/2024"),
        CountedDay(date(2024, 5, 5), False, "Chủ nhật"),
    ]


@given(OFFICIAL_DAYS, st.integers(1, 140))
def test_add_and_between_undo_each_other(day: date, n: int) -> None:
    later, earlier = CALENDAR.add(day, n), CALENDAR.add(day, -n)
    assert CALENDAR.is_working(later)
    assert CALENDAR.is_working(earlier)
    assert CALENDAR.between(day, later) == n
    assert CALENDAR.between(earlier - timedelta(days=1), day - timedelta(days=1)) == n
    if CALENDAR.is_working(day):
        assert CALENDAR.add(later, -n) == day == CALENDAR.add(earlier, n)


@given(OFFICIAL_DAYS, st.integers(0, 60), st.integers(-80, 80))
def test_a_later_day_or_a_larger_number_never_gives_an_earlier_day(day: date, shift: int, n: int) -> None:
    assert CALENDAR.add(day, n) < CALENDAR.add(day, n + 1) or (n <= 0 and not CALENDAR.is_working(day))
    assert CALENDAR.add(day, n) <= CALENDAR.add(day, n + 1)
    assert CALENDAR.add(day, n) <= CALENDAR.add(day + timedelta(days=shift), n)


@given(OFFICIAL_DAYS, st.integers(0, 400), st.integers(0, 400))
def test_between_adds_up_over_a_middle_day(day: date, first: int, second: int) -> None:
    middle, end = day + timedelta(days=first), day + timedelta(days=first + second)
    end = min(end, date(2026, 12, 31))
    middle = min(middle, end)
    assert CALENDAR.between(day, end) == CALENDAR.between(day, middle) + CALENDAR.between(middle, end)
    assert CALENDAR.between(day, end) == sum(one.working for one in CALENDAR.days(day, end))


def test_the_next_working_day_is_the_day_itself_or_the_first_one_after_it() -> None:
    assert CALENDAR.next_working(date(2022, 2, 8)) == date(2022, 2, 8)
    assert CALENDAR.next_working(date(2022, 1, 29)) == date(2022, 2, 7)
    assert CALENDAR.add(date(2022, 1, 29), 0) == date(2022, 2, 7)
    assert CALENDAR.next_working(date(2022, 12, 31)) == date(2023, 1, 3)


SMALL = WorkCalendar({2022: YearDays({date(2022, 1, 3): "Nghỉ bù"}, {})}, range(2022, 2023))


@pytest.mark.parametrize("day", [date(2021, 12, 31), date(2023, 1, 1), date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_beyond_the_known_years_is_an_error_and_no_silent_weekday(day: date) -> None:
    assert not SMALL.covers(day)
    assert not SMALL.is_confirmed(day.year)
    with pytest.raises(CalendarGap, match="2022-2022") as caught:
        SMALL.is_working(day)
    assert caught.value.fields["date"] == f"năm {day.year}"
    assert (caught.value.fields["year"], caught.value.fields["last_year"]) == (day.year, 2022)
    with pytest.raises(CalendarGap):
        SMALL.next_working(day)
    with pytest.raises(CalendarGap):
        SMALL.add(day, -1)


def test_counting_out_of_the_known_years_is_an_error_too() -> None:
    assert SMALL.add(date(2022, 1, 1), 1) == date(2022, 1, 4)
    for n, day in ((1, date(2022, 12, 30)), (-1, date(2022, 1, 4)), (400, date(2022, 6, 1)), (0, date(2022, 12, 31))):
        with pytest.raises(CalendarGap):
            SMALL.add(day, n)
    with pytest.raises(CalendarGap):
        SMALL.between(date(2022, 12, 1), date(2023, 1, 2))
    with pytest.raises(CalendarGap):
        list(SMALL.days(date(2022, 12, 30), date(2023, 1, 2)))
    # The day before the first is no part of (after, upto].
    assert SMALL.between(date(2021, 12, 31), date(2022, 1, 5)) == 2


def test_the_version_changes_with_every_change_of_content_and_only_then() -> None:
    days = YearDays({date(2022, 1, 3): "Nghỉ bù"}, {})
    same = WorkCalendar({2022: days}, range(2022, 2023))
    others = [
        WorkCalendar({2022: YearDays({}, {})}, range(2022, 2023)),
        WorkCalendar({2022: YearDays(days.off, {date(2022, 1, 8): "Làm bù"})}, range(2022, 2023)),
        WorkCalendar({2022: YearDays({date(2022, 1, 3): "Tên khác"}, {})}, range(2022, 2023)),
        WorkCalendar({2022: days}, range(2022, 2024)),
        WorkCalendar({2022: days}, range(2022, 2023), fill_version="1"),
    ]
    assert same == SMALL
    assert same.version == SMALL.version
    assert len(same.version) == 12
    assert len({same.version, *(other.version for other in others)}) == 6


def test_an_estimated_year_is_filled_once_and_only_when_asked_for() -> None:
    asked: list[int] = []

    def fill(year: int) -> YearDays:
        asked.append(year)
        return YearDays({date(year, 1, 2): "Dự kiến"}, {})

    calendar = WorkCalendar({2022: YearDays({}, {})}, range(2022, 2025), fill=fill)
    assert calendar.is_working(date(2022, 12, 30))
    assert asked == []
    assert calendar.add(date(2022, 12, 30), 1) == date(2023, 1, 3)
    assert not calendar.is_working(date(2023, 1, 2))
    assert asked == [2023]
    assert calendar.covers(date(2024, 5, 5))
    assert [calendar.is_confirmed(year) for year in (2022, 2023, 2024, 2025)] == [True, False, False, False]
    with pytest.raises(CalendarGap):
        calendar.is_working(date(2025, 1, 1))
