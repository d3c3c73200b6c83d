from __future__ import annotations

import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.normalise.fields import (
    FieldError,
    Moment,
    flag,
    html_text,
    moment,
    optional_id,
    optional_text,
    records,
    required_id,
    required_text,
    text,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MOMENTS = st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-12-31"))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.text()),
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("  Sở  VH,TT&DL\u00a0", "Sở VH,TT&DL"),
        ("Tham mưu KT&amp;XH &lt;bản trình&gt;", "Tham mưu KT&XH <bản trình>"),
        ("Sở XD&GTVT, KH&ĐT, R&LT", "Sở XD&GTVT, KH&ĐT, R&LT"),
        ("&#273;&#x1ED9;&nbsp;khẩn", "độ khẩn"),
        ("Ca\u0309i ca\u0301ch\u200b ha\u0300nh\tchi\u0301nh\r\n", "Cải cách hành chính"),
        ("\ufeffa\u00adb\u0000c", "ab c"),
        (15, "15"),
        (15.0, "15"),
        ("null", "null"),
        ("a < b và c > d", "a < b và c > d"),
    ],
)
def test_text_is_composed_unescaped_and_without_odd_blanks(value: object, expected: str) -> None:
    assert text(value, "name") == expected


@pytest.mark.parametrize("value", [True, [], {}, ["a"]])
def test_what_is_no_text_is_refused_with_its_field(value: object) -> None:
    with pytest.raises(FieldError, match="name: không phải văn bản"):
        text(value, "name")


@pytest.mark.parametrize("value", ["null", "NULL", " none ", "", None])
def test_the_words_for_nothing_are_nothing_where_the_source_uses_them(value: object) -> None:
    assert optional_text(value, "x") == ""
    assert html_text(value, "x") == ""
    assert optional_id(value, "x") == ""
    assert moment(value, "x", ZONE) == Moment(None, None)


@pytest.mark.parametrize("value", [None, "", " \u00a0\u200b", "&nbsp;"])
def test_a_required_text_may_not_be_blank(value: object) -> None:
    with pytest.raises(FieldError, match="bắt buộc"):
        required_text(value, "name")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<p>Thực hiện <b>Công văn số 245/UBND-KT ngày 20/12/2021</b> của UBND&nbsp;tỉnh.</p><p>A&nbsp;&amp; B.</p>",
         "Thực hiện Công văn số 245/UBND-KT ngày 20/12/2021 của UBND tỉnh.\nA & B."),
        ("Dòng 1<br>Dòng 2<BR />Dòng 3\nDòng 4", "Dòng 1\nDòng 2\nDòng 3\nDòng 4"),
        ('<div class="x">a<span style="b">b</span></div><ul><li>c</li><li>d</li></ul>', "ab\nc\nd"),
        ("<style>p{}</style><!-- ghi chú --><script>alert(1)</script>Nội dung", "Nội dung"),
        ("Tỷ lệ a <b> c, 1 < 2, <bản trình> còn", "Tỷ lệ a c, 1 < 2, <bản trình> còn"),
        ("&lt;p&gt; là chữ", "<p> là chữ"),
        ("<p></p>", ""),
    ],
)  # fmt: skip
def test_html_becomes_plain_lines_and_what_only_looks_like_a_tag_stays(value: str, expected: str) -> None:
    assert html_text(value, "noiDung") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("90215", "90215"),
        (90215, "90215"),
        (90215.0, "90215"),
        ("90215.0", "90215"),
        (" A-7.01 ", "A-7.01"),
        ("007", "007"),
    ],
)
def test_ids_are_text_whatever_the_wire_wrote(value: object, expected: str) -> None:
    assert required_id(value, "id") == expected


@pytest.mark.parametrize("value", [None, "", "null", " "])
def test_a_missing_id_is_refused(value: object) -> None:
    with pytest.raises(FieldError, match="id: thiếu mã"):
        required_id(value, "id")


@given(number=st.integers(0, 10**15))
def test_a_number_and_its_text_are_the_same_id(number: int) -> None:
    assert (
        optional_id(number, "id") == optional_id(str(number), "id") == optional_id(f"{number}.0", "id") == str(number)
    )


@pytest.mark.parametrize("value", [True, "TRUE", "true", "True", "1", 1])
def test_yes_in_all_its_forms(value: object) -> None:
    assert flag(value, "dondoc") is True


@pytest.mark.parametrize("value", [False, "FALSE", "false", "0", 0, None, "", "null"])
def test_no_in_all_its_forms(value: object) -> None:
    assert flag(value, "dondoc") is False


@pytest.mark.parametrize("value", ["có", 2, 1.5, [], {}])
def test_neither_yes_nor_no_is_refused(value: object) -> None:
    with pytest.raises(FieldError, match="dondoc: không phải giá trị đúng/sai"):
        flag(value, "dondoc")


@pytest.mark.parametrize(
    ("value", "day", "utc"),
    [
        ("20/09/2025", date(2025, 9, 20), None),
        ("3/9/2025", date(2025, 9, 3), None),
        ("03/09/2025 09:12", date(2025, 9, 3), datetime(2025, 9, 3, 2, 12, tzinfo=UTC)),
        ("3/9/2025  7:05:59", date(2025, 9, 3), datetime(2025, 9, 3, 0, 5, 59, tzinfo=UTC)),
        ("01/01/2025 00:00:00", date(2025, 1, 1), datetime(2024, 12, 31, 17, 0, tzinfo=UTC)),
        ("\u00a029/02/2024 ", date(2024, 2, 29), None),
    ],
)
def test_dates_are_local_days_and_moments(value: str, day: date, utc: datetime | None) -> None:
    assert moment(value, "endDate", ZONE) == Moment(day, utc)


@pytest.mark.parametrize(
    "value",
    ["32/13/2022", "29/02/2023", "2025-09-20", "20/09/25", "20/09", "hôm nay", "20/09/2025 25:00", "20/09/2025 10:61",
     "20/09/2025T10:00", "20-09-2025", "٢٠/٠٩/٢٠٢٥", "1/1/0001", "31/12/9999", 20250920, 1.5, True, ["20/09/2025"]],
)  # fmt: skip
def test_an_unreadable_date_names_field_value_and_problem(value: object) -> None:
    with pytest.raises(FieldError) as caught:
        moment(value, "endDate", ZONE)
    assert caught.value.field == "endDate"
    assert caught.value.value is value
    assert str(caught.value).startswith("endDate: ")
    assert unicodedata.is_normalized("NFC", caught.value.problem)


@given(at=MOMENTS, padded=st.booleans(), seconds=st.booleans())
def test_every_written_date_reads_back_as_the_same_day_and_time(at: datetime, padded: bool, seconds: bool) -> None:
    at = at.replace(microsecond=0) if seconds else at.replace(second=0, microsecond=0)
    day = f"{at:%d/%m/%Y}" if padded else f"{at.day}/{at.month}/{at.year}"
    read = moment(f"{day} {at:%H:%M:%S}" if seconds else f"{day} {at.hour}:{at:%M}", "x", ZONE)
    assert read.on == at.date()
    assert read.at is not None
    assert read.at.replace(tzinfo=None) == at
    assert read.at.utcoffset() is not None


def test_a_long_value_is_shortened_in_the_message() -> None:
    assert len(str(FieldError("x", "a" * 500, "sai"))) < 100


@pytest.mark.parametrize("value", ["x", 5, {"id": 1}, [{"id": 1}, "hỏng"], [None]])
def test_what_is_no_list_of_records_is_refused(value: object) -> None:
    with pytest.raises(FieldError):
        records(value, "files")


def test_null_is_an_empty_list() -> None:
    assert records(None, "files") == records([], "files") == []


@given(value=VALUES)
def test_any_value_gives_a_result_or_a_field_error(value: object) -> None:
    for convert in (text, required_text, optional_text, html_text, optional_id, required_id, flag, records):
        with suppress(FieldError):
            assert isinstance(convert(value, "x"), str | bool | list)
    with suppress(FieldError):
        assert isinstance(moment(value, "x", ZONE), Moment)


@given(value=st.text())
def test_clean_text_is_clean_and_stays_as_it_is(value: str) -> None:
    once = text(value, "x")
    assert once == " ".join(once.split())
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in once)
    if "&" not in once:
        assert text(once, "x") == once
