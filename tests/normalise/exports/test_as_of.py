"""As of when an export speaks: what its title states, the file's own time, or the end of the latest day in its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

import pytest

from connector.clock import OFFICE_ZONE
from connector.normalise.exports.as_of import AsOf, as_of


def local(day: int, hour: int = 23, minute: int = 59, second: int = 59, month: int = 2) -> datetime:
    return datetime(2022, month, day, hour, minute, second, tzinfo=OFFICE_ZONE)


SAVED = local(9, 8, 15, 0, month=3)
NOW = local(20, 8, 0, 0, month=3)
LONG_AGO = datetime(1970, 1, 1, tzinfo=OFFICE_ZONE)


def found(*titles: str, times: Iterable[datetime] = (SAVED,), happened: Iterable[date] = ()) -> AsOf:
    cells = [(f"A{number}", text) for number, text in enumerate(titles, 1)]
    return as_of(cells, list(times), happened, NOW, OFFICE_ZONE)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Số liệu tính đến ngày 28/02/2022", AsOf(local(28), "stated", "A1")),
        ("Tính đến 17 giờ 30 ngày 28/02/2022", AsOf(local(28, 17, 30, 0), "stated", "A1")),
        ("Ngày xuất: 17:05 28/02/2022", AsOf(local(28, 17, 5, 0), "stated", "A1")),
        ("Ngày lập biểu 28/02/2022", AsOf(local(28), "stated", "A1")),
        ("Thời điểm in: 28/02/2022 17:05", AsOf(local(28, 17, 5, 0), "stated", "A1")),
        ("Cập nhật đến ngày 28 tháng 02 năm 2022", AsOf(local(28), "stated", "A1")),
        ("Từ ngày 01/02/2022 đến ngày 28/02/2022 (tính đến 05/03/2022)", AsOf(local(5, month=3), "stated", "A1")),
        ("Tính đến ngày 30/02/2022", AsOf(SAVED, "file")),
        ("Tính đến ngày 31/12/2022", AsOf(SAVED, "file")),
        ("DANH SÁCH NHIỆM VỤ", AsOf(SAVED, "file")),
    ],
)
def test_the_title_says_of_when_the_values_are(title: str, expected: AsOf) -> None:
    told = found(title, happened=[date(2022, 2, 20)])
    assert replace(told, at=told.at.replace(microsecond=0)) == expected


@pytest.mark.parametrize(
    "title",
    [
        "(Từ ngày 01/12/2021 đến ngày 28/02/2022)",
        "Kỳ: 01/02/2022 - đến hết ngày 28/02/2022",
        "Từ ngày 01/02/2022 tính đến ngày 28/02/2022",
        "Từ 01/02/2022, tính đến ngày 28/02/2022",
        "Hạn xử lý đến ngày 28/02/2022",
    ],
)
def test_a_period_or_a_filter_is_no_moment(title: str) -> None:
    """The same list of February, exported each week, shows each time how its tasks stand by then."""
    assert found(title, happened=[date(2022, 2, 20)]) == AsOf(SAVED, "file")


def test_a_stated_moment_counts_beside_a_period() -> None:
    assert found("Từ ngày 01/02/2022 đến ngày 28/02/2022", "Ngày xuất: 08:00 02/03/2022") == AsOf(
        local(2, 8, 0, 0, month=3), "stated", "A2"
    )


def test_a_stated_moment_that_the_rows_go_beyond_is_none() -> None:
    assert found("Số liệu tính đến ngày 28/02/2022", happened=[date(2022, 3, 5)]) == AsOf(SAVED, "file")


def test_of_two_times_the_earlier_counts_unless_the_rows_go_beyond_it() -> None:
    member = local(28, 17, 0, 0)
    assert found(times=[SAVED, member]) == AsOf(member, "file")
    assert found(times=[SAVED, local(15, month=3)]) == AsOf(SAVED, "file")
    assert found(times=[SAVED, member], happened=[date(2022, 3, 1)]) == AsOf(SAVED, "file")


def test_a_time_before_the_latest_day_of_the_rows_cannot_be() -> None:
    days = [date(2022, 2, 8), date(2022, 3, 1)]
    assert found(times=[LONG_AGO], happened=days) == AsOf(local(1, month=3), "rows")
    assert found("Tính đến 25/02/2022", times=[LONG_AGO], happened=days) == AsOf(local(1, month=3), "rows")
    assert found(times=[LONG_AGO], happened=[NOW.date()]) == AsOf(NOW, "rows")


def test_a_day_in_the_future_proves_nothing_about_the_file() -> None:
    assert found(happened=[date(2022, 12, 25)]) == AsOf(SAVED, "file")
    assert found("Tính đến 28/02/2022", happened=[date(2022, 12, 25)]).basis == "stated"


def test_a_file_from_the_future_counts_as_of_now() -> None:
    assert found(times=[local(1, month=5)]) == AsOf(NOW, "file")


@pytest.mark.parametrize(
    ("title", "states"),
    [
        ("BÁO CÁO TUẦN 6 (đến ngày 12/02/2022)", True),
        ("TÌNH HÌNH THỰC HIỆN NHIỆM VỤ ĐẾN HẾT NGÀY 12/02/2022", True),
        ("Lạng Sơn, ngày 12 tháng 02 năm 2022", True),
        ("Từ ngày 01/02/2022 đến ngày 12/02/2022", False),
        ("DANH SÁCH NHIỆM VỤ CÓ HẠN ĐẾN NGÀY 12/02/2022", False),
        ("DANH SÁCH NHIỆM VỤ GIAO ĐẾN NGÀY 12/02/2022", False),
        ("Kèm theo Công văn số 12/UBND-TH ngày 12/02/2022", False),
    ],
)
def test_the_day_of_a_report_ends_what_it_can_tell(title: str, states: bool) -> None:
    saved = datetime(2022, 2, 25, 9, tzinfo=OFFICE_ZONE)
    found = as_of([("A1", title)], [saved], [], saved, OFFICE_ZONE)
    assert found.basis == ("stated" if states else "file")
    assert found.at.replace(microsecond=0) == (
        datetime(2022, 2, 12, 23, 59, 59, tzinfo=OFFICE_ZONE) if states else saved
    )


def test_of_two_lists_of_one_day_the_one_written_later_counts_as_later() -> None:
    times = [datetime(2022, 2, day, 9, tzinfo=OFFICE_ZONE) for day in (22, 23)]
    first, second = (as_of([("A1", "Tính đến ngày 20/02/2022")], [one], [], times[1], OFFICE_ZONE) for one in times)
    assert first.at < second.at < datetime(2022, 2, 21, tzinfo=OFFICE_ZONE)


def test_a_stated_day_to_come_is_a_mistake_and_proves_nothing() -> None:
    saved = datetime(2022, 2, 25, 9, tzinfo=OFFICE_ZONE)
    assert as_of([("A1", "Số liệu đến ngày 31/12/2022")], [saved], [], saved, OFFICE_ZONE).at == saved
