"""Dates of an export: read in the declared order of day and month, or not at all. Pure (F25).

What cannot be told is a problem with its cell: 8 digits, two-digit years, days that do not exist. A column that fits
only the other order stops the file, and so do dates whose day and month Excel has exchanged (``swapped``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from connector.domain.tables import DATE_WITHOUT_DAY, FORMULA_WITHOUT_VALUE, TIME_ONLY, Cell
from connector.normalise.exports.problems import Remark
from connector.normalise.fields import Moment, clean

Order = Literal["day_first", "month_first"]
_FIRST, _LAST = date(1990, 1, 1), date(2100, 12, 31)
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_NO_DATE = Moment(None, None)
NO_DEADLINE = frozenset(
    {"không hạn", "không thời hạn", "không có hạn", "không có thời hạn", "không xác định thời hạn", "vô thời hạn"}
)
"""Folded words that say there is none (domain rules section 5): more than an empty cell, which says nothing."""
_NOTHING = NO_DEADLINE | {"", "-", "--", "—", "null", "none", "undefined", "không", "không có", "không xác định"}
"""Words for "no date"."""

NO_DAY = "không ghi ngày cụ thể"
"""A cell that tells when, and no day: a month, a quarter, "thường xuyên". Which day is meant nobody may guess."""
_PERIOD = re.compile(
    r"(?:trong |hết |cuối |đầu |giữa )?(?:tháng|quý|năm|tuần)\s.{0,30}|\d{1,2}[/.-]\d{4}"
    r"|(?:hàng|hằng) (?:ngày|tuần|tháng|quý|năm)"
    r"|thường xuyên|định kỳ.{0,30}|theo (?:kế hoạch|yêu cầu|quy định|tiến độ).{0,30}|khi có (?:yêu cầu|chỉ đạo).{0,30}",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:xong |hoàn thành |báo cáo )?(?:trước|đến|chậm nhất(?: là)?|hạn(?: đến)?|đến hết)(?: hết)?(?: ngày)?\s(?=\d)",
    re.IGNORECASE,
)
"""Before a day by which something is due; that day is the last one, as the office counts."""
_HOURS = r"(?P<hour{n}>\d{{1,2}})[:h](?P<minute{n}>\d{{2}})(?::(?P<second{n}>\d{{2}}))?(?:\s?(?P<half{n}>AM|PM|SA|CH))?"
_TIME_FIRST, _TIME_LAST = _HOURS.format(n=1), _HOURS.format(n=2)
_SLASHED = re.compile(
    rf"(?:{_TIME_FIRST},?\s(?:ngày\s)?)?(?:ngày\s)?(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second>\d{{1,2}})(?P=mark)"
    rf"(?P<year>\d{{4}})(?:,?\s{_TIME_LAST})?",
    re.IGNORECASE | re.ASCII,
)
_WORDS = re.compile(
    r"(?:ngày\s)?(?P<first>\d{1,2})\stháng\s(?P<second>\d{1,2}),?\snăm\s(?P<year>\d{4})", re.IGNORECASE | re.ASCII
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}", re.ASCII)
_AFTERNOON = frozenset({"pm", "ch"})

_DAY_FIRST, _MONTH_FIRST, _EITHER, _DATED, _DATED_OVER_12 = "day first", "month first", "either", "dated", "dated > 12"
_MIXED = 0.05
"""A larger share of the other order is no slip of the pen."""
_HARDLY = 0.2
"""So small a share speaks against nothing that the rest shows."""
_REMEMBERED = 4096


class DateProblem(ValueError):
    """``str`` says in Vietnamese what is wrong."""


@dataclass(slots=True)
class _Met:
    """A cell that was met: the date or what is wrong, what it tells of the order of day and month, and how often."""

    found: Moment | str
    fits: str
    count: int = 1


@dataclass
class DateColumn:
    """Reads one column and remembers what speaks for either order. ``letter``: of the column, ``title``: its header.
    ``epoch_1904``: how the workbook counts days. ``days``: those met."""

    letter: str
    title: str
    zone: ZoneInfo
    order: Order = "day_first"
    epoch_1904: bool = False
    days: set[date] = field(default_factory=set)
    _met: dict[Cell, _Met] = field(default_factory=dict)
    _others: Counter[str] = field(default_factory=Counter)  # by what they fit, once too many are remembered
    _first: dict[str, tuple[str, str]] = field(default_factory=dict)  # cell and text of the first of a kind
    _serial: str = ""

    def read(self, cell: Cell, row: int) -> Moment:
        """Raises DateProblem. ``row``: its number."""
        met = self._met.get(cell)
        if met is not None:
            met.count += 1
            found = met.found
        else:
            found = self._meet(cell, row)
        if isinstance(found, str):
            raise DateProblem(found)
        return found

    def _meet(self, cell: Cell, row: int) -> Moment | str:
        """A cell for the first time, or one of too many to remember them all."""
        found, fits = self._look(cell, row)
        if len(self._met) < _REMEMBERED:
            self._met[cell] = _Met(found, fits)
        else:
            self._others[fits] += 1
        if not isinstance(found, str) and found.on is not None:
            self.days.add(found.on)
        return found

    def _look(self, cell: Cell, row: int) -> tuple[Moment | str, str]:
        """The date, or what is wrong; what it tells of the order of day and month."""
        fits = ""
        try:
            match cell.kind:
                case "text":
                    text = clean(cell.text)
                    found, fits = _parsed(text, self.order, self.zone)
                    if fits == self.own and isinstance(found, str):
                        fits = ""  # 31/02/2022 stays text whatever Excel is set to
                    if fits:
                        self._first.setdefault(fits, (f"{self.letter}{row}", text))
                    return found, fits
                case "empty" if FORMULA_WITHOUT_VALUE in cell.note:
                    return "công thức chưa có kết quả; hãy mở tệp bằng Excel và lưu lại", ""
                case "empty":
                    return _NO_DATE, ""
                case "date" if DATE_WITHOUT_DAY in cell.note:
                    return NO_DAY, ""
                case "date" if cell.note != TIME_ONLY and isinstance(cell.value, date):
                    fits = _DATED_OVER_12 if cell.value.day > 12 else _DATED
                    return self._dated(cell.value), fits
                case "date":
                    return "chỉ có giờ, không có ngày", ""
                case "number":
                    return self._numbered(cell, row), ""
                case "error":
                    return "ô bị lỗi công thức", ""
            return "không phải ngày", ""
        except DateProblem as problem:
            return str(problem), fits

    def _dated(self, value: date) -> Moment:
        if not isinstance(value, datetime):
            return _checked(value, None)
        at = value.replace(tzinfo=self.zone) if value.tzinfo is None else value.astimezone(self.zone)
        return _checked(at.date(), at if at.time() != time(0) else None)

    def _numbered(self, cell: Cell, row: int) -> Moment:
        value = cell.value
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise DateProblem("không phải ngày")
        if float(value).is_integer() and len(str(int(value))) == 8:
            raise DateProblem("số có 8 chữ số, không rõ là ngày tháng năm hay năm tháng ngày")
        epoch = _EPOCH_1904 if self.epoch_1904 else _EPOCH_1900
        if not (_FIRST - epoch).days <= value < (_LAST - epoch).days + 1:
            raise DateProblem("là số, không phải ngày")
        self._serial = self._serial or f"{self.letter}{row}"
        seconds = round((float(value) % 1) * 86_400)
        at = datetime.combine(epoch, time(0), self.zone) + timedelta(days=int(value), seconds=seconds)
        return _checked(at.date(), at if seconds else None)

    @property
    def counts(self) -> Counter[str]:
        """How many cells tell what of the order of day and month."""
        counts = self._others.copy()
        for met in self._met.values():
            counts[met.fits] += met.count
        return counts

    @property
    def own(self) -> str:
        """What a text tells that fits the declared order only."""
        return _DAY_FIRST if self.order == "day_first" else _MONTH_FIRST

    def first_text(self) -> tuple[str, str]:
        """(cell, text) of the first that fits the declared order only."""
        return self._first[self.own]

    def remarks(self) -> Iterator[Remark]:
        """What the column says by itself; a remark that stops refuses the file."""
        counts = self.counts
        other = _MONTH_FIRST if self.order == "day_first" else _DAY_FIRST
        fits, against = counts[self.own], counts[other]
        if against and (not fits or against > _MIXED * (fits + against)):
            cell, value = self._first[other]
            values = {"column": self.title, "count": str(against), "value": value}
            yield Remark("dates_mixed_order" if fits else "dates_other_order", cell, values, stops=True)
        if self._serial:
            yield Remark("dates_serial", self._serial, {"column": self.title})


def swapped(columns: Iterable[DateColumn]) -> Iterator[Remark]:
    """Whether Excel has exchanged day and month: with American settings it turns the text "05/02/2022" into 2 May and
    leaves "13/02/2022" as it is. Then texts of a day over 12 stand beside real dates of days up to 12, and hardly any
    text could be read in either order, for Excel would have taken it.

    Two texts in five that a program wrote have a day up to 12, three real dates in five one over 12: their share shows
    that Excel had no hand in them, and a few cells typed otherwise (``_HARDLY``) hide nothing. A column is judged by
    itself first, and no other one speaks for it: they may come from elsewhere, and where Excel is set to Vietnamese
    dates a "13/02/2022" that is typed does not stay text. Then all together: the texts may all stand in one column and
    the real dates in another. Few cells count like many: a false stop costs another export, a wrong due date an
    accusation. A long column of real dates with a few texts passes.
    """
    several = list(columns)
    for group in [[one] for one in several if _is_swapped([one])] or [several]:
        if _is_swapped(group):
            yield _swapped_remark(group)


def _is_swapped(columns: Sequence[DateColumn]) -> bool:
    counts = sum((one.counts for one in columns), Counter[str]())
    texts, dated = sum(one.counts[one.own] for one in columns), counts[_DATED]
    few_dates = counts[_DATED_OVER_12] <= _HARDLY * (dated + counts[_DATED_OVER_12])
    few_texts = counts[_EITHER] <= _HARDLY * (texts + counts[_EITHER])
    return bool(texts and dated) and few_dates and few_texts


def _swapped_remark(columns: Sequence[DateColumn]) -> Remark:
    with_texts = [one for one in columns if one.counts[one.own]]
    cell, value = with_texts[0].first_text()
    values = {
        "column": "”, “".join(one.title for one in columns if one in with_texts or one.counts[_DATED]),
        "text": str(sum(one.counts[one.own] for one in with_texts)),
        "dated": str(sum(one.counts[_DATED] for one in columns)),
        "value": value,
    }
    return Remark("dates_swapped", cell, values, stops=True)


def _parsed(text: str, order: Order, zone: ZoneInfo) -> tuple[Moment | str, str]:
    """The date, or what is wrong with it, and which order of day and month the text fits: one, either, "" if that does
    not show."""
    if text.casefold() in _NOTHING:
        return _NO_DATE, ""
    if _PERIOD.fullmatch(text):
        return NO_DAY, ""
    text = _BEFORE.sub("", text, count=1) if text[:1].isalpha() else text
    match = _SLASHED.fullmatch(text)
    fits = ""
    if match is not None:
        fits = _fits(int(match["first"]), int(match["second"]))
    try:
        if match is not None:
            return _from_parts(match.groupdict(), order, zone), fits
        if (words := _WORDS.fullmatch(text)) is not None:
            return _from_parts(words.groupdict(), "day_first", zone), ""
        if _ISO.fullmatch(text):
            at = datetime.fromisoformat(text)
            at = at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
            return _checked(at.date(), at if len(text) > 10 else None), ""
    except DateProblem as problem:
        return str(problem), fits
    except ValueError:
        wrong = _MONTH_FIRST if order == "day_first" else _DAY_FIRST
        hint = "; có thể ngày và tháng bị đảo" if fits == wrong else ""
        return f"ngày giờ không có thật{hint}", fits
    if text.isdigit() and len(text) == 8:
        return "8 chữ số liền nhau, không rõ là ngày tháng năm hay năm tháng ngày", ""
    if _SHORT_YEAR.fullmatch(text):
        return "năm chỉ có hai chữ số", ""
    return "không đọc được ngày, cần dạng ngày/tháng/năm", ""


def _fits(first: int, second: int) -> str:
    if first <= 12:
        return _EITHER if second <= 12 else _MONTH_FIRST
    return _DAY_FIRST if second <= 12 else ""


def _from_parts(parts: Mapping[str, str | None], order: Order, zone: ZoneInfo) -> Moment:
    """Raises ValueError."""
    first, second = int(parts["first"] or 0), int(parts["second"] or 0)
    day, month = (first, second) if order == "day_first" else (second, first)
    on = date(int(parts["year"] or 0), month, day)
    if parts.get("hour1") and parts.get("hour2"):
        raise DateProblem("có hai giờ trong một ô")
    n = "1" if parts.get("hour1") else "2"
    hour = _hour(parts.get(f"hour{n}"), parts.get(f"half{n}"))
    if hour is None:
        return _checked(on, None)
    at = datetime.combine(on, time(hour, int(parts[f"minute{n}"] or 0), int(parts[f"second{n}"] or 0)), zone)
    return _checked(on, at)


def _hour(hour: str | None, half: str | None) -> int | None:
    """Of 24. Raises ValueError."""
    if hour is None:
        return None
    if half is None:
        return int(hour)
    if not 1 <= int(hour) <= 12:
        raise ValueError("no hour of a half day")
    return int(hour) % 12 + (12 if half.casefold() in _AFTERNOON else 0)


def _checked(on: date, at: datetime | None) -> Moment:
    if not _FIRST <= on <= _LAST:
        raise DateProblem(f"năm nằm ngoài khoảng {_FIRST.year}-{_LAST.year}")
    return Moment(on, at)
