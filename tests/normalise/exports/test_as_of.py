"""As of when an export speaks: what its title states, the end of its period, or the file's own time."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from connector.clock import OFFICE_ZONE
from connector.normalise.exports.as_of import AsOf, as_of

SAVED = datetime(2022, 3, 9, 8, 15, tzinfo=OFFICE_ZONE)


def local(day: int, hour: int = 23, minute: int = 59, second: int = 59, month: int = 2) -> datetime:
    return datetime(2022, month, day, hour, minute, second, tzinfo=OFFICE_ZONE)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("(Từ ngày 01/12/2021 đến ngày 28/02/2022)", AsOf(local(28), "period", "A1")),
        ("Kỳ: 01/02/2022 - đến hết ngày 28/02/2022", AsOf(local(28), "period", "A1")),
        ("Số liệu tính đến ngày 28/02/2022", AsOf(local(28), "stated", "A1")),
        ("Tính đến 17 giờ 30 ngày 28/02/2022", AsOf(local(28, 17, 30, 0), "stated", "A1")),
        ("Ngày xuất: 17:05 28/02/2022", AsOf(local(28, 17, 5, 0), "stated", "A1")),
        ("Thời điểm in: 28/02/2022 17:05", AsOf(local(28, 17, 5, 0), "stated", "A1")),
        ("Cập nhật đến ngày 28 tháng 02 năm 2022", AsOf(local(28), "stated", "A1")),
        ("Tính đến ngày 30/02/2022", AsOf(SAVED, "file")),
        ("Từ ngày 01/02/2022 đến ngày 31/12/2022", AsOf(SAVED, "file")),
        ("DANH SÁCH NHIỆM VỤ", AsOf(SAVED, "file")),
    ],
)
def test_the_title_says_of_when_the_values_are(title: str, expected: AsOf) -> None:
    assert as_of([("A1", title)], SAVED, date(2022, 2, 20), OFFICE_ZONE) == expected


def test_a_stated_moment_counts_before_a_period() -> None:
    titles = [("A2", "Từ ngày 01/02/2022 đến ngày 28/02/2022"), ("A3", "Ngày xuất: 08:00 02/03/2022")]
    assert as_of(titles, SAVED, None, OFFICE_ZONE) == AsOf(local(2, 8, 0, 0, month=3), "stated", "A3")


def test_a_period_that_the_rows_go_beyond_is_only_a_filter() -> None:
    titles = [("A2", "Từ ngày 01/02/2022 đến ngày 28/02/2022")]
    assert as_of(titles, SAVED, date(2022, 3, 5), OFFICE_ZONE) == AsOf(SAVED, "file")
    assert as_of(titles, SAVED, date(2022, 2, 28), OFFICE_ZONE).basis == "period"
