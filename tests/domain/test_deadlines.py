"""When a due day is over, in the office's zone whatever the server's."""

from __future__ import annotations

import time as system_time
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.deadlines import Deadlines
from connector.errors import CalendarGap
from connector.reference import load_calendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = load_calendar(None)
DEADLINES = Deadlines(CALENDAR, ZONE)
SECOND = timedelta(seconds=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture(params=["UTC", "America/New_York", "Pacific/Auckland"])
def server_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        system_time.tzset()
        yield request.param
    system_time.tzset()


def test_a_due_day_ends_at_the_offices_midnight_whatever_the_zone_of_the_server(server_zone: str) -> None:
    ends = DEADLINES.ends_at(date(2022, 2, 28))
    assert ends == datetime(2022, 2, 28, 17, 0, tzinfo=UTC)
    assert ends.isoformat() == "2022-03-01T00:00:00+07:00"
    assert not DEADLINES.is_overdue(date(2022, 2, 28), datetime(2022, 2, 28, 16, 59, 59, tzinfo=UTC))
    assert DEADLINES.is_overdue(date(2022, 2, 28), datetime(2022, 2, 28, 17, 0, tzinfo=UTC))
    assert DEADLINES.first_day_late(ends.astimezone(UTC)) == date(2022, 3, 1)


def test_a_due_day_ends_at_closing_time_when_the_office_has_one(server_zone: str) -> None:
    office = Deadlines(CALENDAR, ZONE, closes_at=time(17, 30))
    ends = office.ends_at(date(2022, 2, 28))
    assert ends == datetime(2022, 2, 28, 10, 30, tzinfo=UTC)
    assert office.first_day_late(ends) == date(2022, 2, 28)
    assert not office.is_overdue(date(2022, 2, 28), ends - SECOND)
    assert office.is_overdue(date(2022, 2, 28), ends)


@pytest.mark.parametrize(
    ("due", "last"),
    [
        (date(2022, 2, 8), date(2022, 2, 8)),
        (date(2022, 1, 31), date(2022, 2, 7)),  # Tết
        (date(2022, 2, 12), date(2022, 2, 14)),  # a plain Saturday
        (date(2024, 5, 4), date(2024, 5, 4)),  # a Saturday that is worked
        (date(2026, 8, 31), date(2026, 9, 3)),  # swapped Monday, then Quốc khánh
    ],
)
def test_a_due_date_on_a_day_off_is_met_until_the_next_working_day_ends(due: date, last: date) -> None:
    assert DEADLINES.last_day(due) == last
    assert DEADLINES.ends_at(due) == datetime.combine(last, time(23, 59, 59), ZONE) + SECOND
    as_printed = Deadlines(CALENDAR, ZONE, roll_forward=False)
    assert as_printed.last_day(due) == due
    assert as_printed.ends_at(due) == datetime.combine(due, time(23, 59, 59), ZONE) + SECOND


@pytest.mark.parametrize(
    ("day", "working_days", "limit"),
    [
        (date(2022, 2, 10), 0, "2022-02-11T00:00"),  # Thursday: the same day
        (date(2022, 2, 10), 1, "2022-02-12T00:00"),
        (date(2022, 2, 11), 1, "2022-02-15T00:00"),  # Friday: until the end of Monday
        (date(2022, 2, 12), 0, "2022-02-15T00:00"),  # Saturday: the next working day is Monday
        (date(2022, 2, 12), 1, "2022-02-15T00:00"),  # the first working day after it is Monday as well
        (date(2022, 1, 28), 1, "2022-02-08T00:00"),  # the Friday before Tết
        (date(2026, 8, 21), 1, "2026-08-23T00:00"),  # the Saturday after it is worked
    ],
)
def test_a_limit_is_the_first_moment_after_the_nth_working_day(day: date, working_days: int, limit: str) -> None:
    found = DEADLINES.limit_after(day, working_days)
    assert found == local(limit)
    assert found.utcoffset() == timedelta(hours=7)
    assert DEADLINES.first_day_late(found) == local(limit).date()


def test_days_overdue_are_calendar_days_from_the_printed_date() -> None:
    due = date(2022, 1, 31)  # in Tết: met until 7/2, but readers count from 31/1
    assert [DEADLINES.days_overdue(due, on) for on in (date(2022, 1, 30), due, date(2022, 2, 8))] == [0, 0, 8]


def test_working_days_left_run_out_on_the_last_day() -> None:
    due = date(2022, 2, 5)  # Saturday of Tết, so the last day is Monday 7/2
    days = [date(2022, 1, 26), date(2022, 1, 28), date(2022, 2, 6), date(2022, 2, 7), date(2022, 2, 20)]
    assert [DEADLINES.working_days_left(due, day) for day in days] == [3, 1, 1, 0, 0]


def test_a_due_date_beyond_the_calendar_is_an_error_when_it_would_have_to_be_rolled() -> None:
    with pytest.raises(CalendarGap):
        DEADLINES.ends_at(date(2099, 12, 31))
    as_printed = Deadlines(CALENDAR, ZONE, roll_forward=False)
    assert as_printed.ends_at(date(2099, 12, 31)) == local("2100-01-01T00:00")


@given(st.dates(date(2020, 1, 1), date(2026, 11, 30)), st.booleans(), st.times())
def test_a_due_day_never_ends_before_it_closes_and_a_reading_is_overdue_from_then_on(
    due: date, roll: bool, closes_at: time
) -> None:
    deadlines = Deadlines(CALENDAR, ZONE, closes_at, roll)
    ends = deadlines.ends_at(due)
    assert ends >= datetime.combine(due, closes_at, ZONE)
    assert deadlines.is_overdue(due, ends)
    assert not deadlines.is_overdue(due, ends - timedelta(microseconds=1))
    assert deadlines.first_day_late(ends) >= deadlines.last_day(due) >= due
