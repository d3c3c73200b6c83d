"""The reference tables: working days and agencies, from the supplied CSV files or from the office's own.

A table that cannot be used raises SettingsError with every problem in it: file, line, field, value. The supplied
tables go through the same checks.
"""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from connector.domain.agencies import Agency, AgencyDirectory
from connector.domain.calendar import WorkCalendar, YearDays
from connector.errors import SettingsError
from connector.reference.csv_rows import Row, nearest, read_date, read_parts, read_rows

ESTIMATED_YEARS = 3
"""How many years after the last official one are filled in by estimate (F40)."""

DAY_KINDS = ("holiday", "compensatory_off", "working_saturday", "working_day")
"""``working_day`` takes back a day off that the supplied table or the estimate lists."""

AGENCY_KINDS = (
    "van_phong", "so", "ban", "thanh_tra", "co_quan_nganh_doc", "luc_luong", "don_vi_thuoc_vp", "khac",
    "ubnd_thanh_pho", "ubnd_huyen", "ubnd_thi_xa", "ubnd_xa", "ubnd_phuong", "ubnd_dac_khu",
)  # fmt: skip

_DAY_COLUMNS = ("date", "kind", "name")
_AGENCY_COLUMNS = (
    "code", "short_name", "official_name", "kind", "valid_from", "valid_to", "successor_code", "aliases",
)  # fmt: skip
_FIXED_HOLIDAYS = ((1, 1), (4, 30), (5, 1), (9, 2))


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    kind: str
    name: str


def load_calendar(file: Path | None) -> WorkCalendar:
    """The working-day calendar. ``file``: the office's table (columns date, kind, name); None: the supplied one only.

    A complete year of the office's file takes the place of the supplied year. Single rows of a year change those
    days of the supplied year, or of the estimate of a year to come, which stays unconfirmed: one row does not make a
    year official. Raises SettingsError.
    """
    problems: list[str] = []
    confirmed = {year: _listed(days) for year, days in _days_by_year(None, problems).items()}
    single: dict[int, list[_Day]] = {}
    for year, days in (_days_by_year(file, problems) if file else {}).items():
        if _is_complete(year, days):
            confirmed[year] = _listed(days)
        elif year in confirmed:
            confirmed[year] = _changed(confirmed[year], days)
        else:
            single[year] = days
    years = range(min(confirmed, default=0), max(confirmed, default=0) + ESTIMATED_YEARS + 1)
    problems += [
        f"{file}: năm {year} chỉ có {len(days)} dòng và nằm ngoài các năm đã biết ({years.start}-{years.stop - 1}); "
        "hãy kiểm tra lại năm hoặc nhập đủ ngày nghỉ của năm đó"
        for year, days in single.items()
        if year not in years
    ]
    if problems:
        raise SettingsError(problems)
    estimate = f"holidays {importlib.metadata.version('holidays')} {sorted(single.items())}"
    return WorkCalendar(
        confirmed, years, fill=lambda year: _changed(_estimated(year), single.get(year, ())), fill_version=estimate
    )


def load_agencies(file: Path | None, order: Sequence[str]) -> AgencyDirectory:
    """The agencies. ``file``: the office's table, in place of the supplied one. ``order``: codes as the report lists
    them (setting office.agency_order); empty: the supplied order. Raises SettingsError."""
    problems: list[str] = []
    found: list[tuple[Row, Agency]] = []
    for row in read_rows(file, "agencies.csv", "office.agencies_file", _AGENCY_COLUMNS, problems):
        wrong = list(_agency_problems(row))
        problems += wrong
        if not wrong:
            found.append((row, _agency(row)))
    problems += _clashes(found)
    codes = {agency.code for _, agency in found}
    if order:
        problems += [
            f"office.agency_order: không có đơn vị mang mã {code}{nearest(code, codes)}"
            for code in order
            if code not in codes
        ]
        problems += [f"office.agency_order: mã {c} bị lặp lại" for c in dict.fromkeys(order) if order.count(c) > 1]
    if problems:
        raise SettingsError(problems)
    chosen = order or [code for code in _supplied_order() if code in codes]
    return AgencyDirectory(tuple(agency for _, agency in found), {code: place for place, code in enumerate(chosen)})


def _days_by_year(file: Path | None, problems: list[str]) -> dict[int, list[_Day]]:
    years: dict[int, list[_Day]] = {}
    first_places: dict[date, str] = {}
    for row in read_rows(file, "working_days.csv", "calendar.file", _DAY_COLUMNS, problems):
        day, kind = read_date(row.cells["date"]), row.cells["kind"]
        wrong = list(_day_problems(row, day))
        if day in first_places:
            wrong.append(row.wrong("date", f"ngày này đã có ở {first_places[day]}"))
        problems += wrong
        if day is not None:
            first_places.setdefault(day, row.place)
            if not wrong:
                years.setdefault(day.year, []).append(_Day(day, kind, row.cells["name"]))
    return years


def _day_problems(row: Row, day: date | None) -> Iterator[str]:
    kind = row.cells["kind"]
    if day is None:
        yield row.wrong("date", "phải là ngày có thật, viết năm-tháng-ngày, ví dụ 2027-01-01")
    if kind not in DAY_KINDS:
        yield row.wrong("kind", f"phải là một trong {', '.join(DAY_KINDS)}{nearest(kind, DAY_KINDS)}")
    elif day and kind == "working_saturday" and day.weekday() != 5:
        yield row.wrong("date", "ngày làm bù (working_saturday) phải là thứ Bảy")
    elif day and kind == "working_day" and day.weekday() >= 5:
        yield row.wrong("date", "ngày làm việc (working_day) phải từ thứ Hai đến thứ Sáu; làm bù ghi working_saturday")
    if not row.cells["name"]:
        yield row.wrong("name", "thiếu tên ngày")


def _is_complete(year: int, days: Sequence[_Day]) -> bool:
    """Whether the rows can be all days off of a year: the fixed holidays that fall on a weekday, five weekdays at
    Tết, and as many weekdays in all as Điều 112 Bộ luật Lao động gives (10, since 2021 11)."""
    off = {one.day for one in days if one.kind in ("holiday", "compensatory_off") and one.day.weekday() < 5}
    fixed = {day for day in (date(year, *month_day) for month_day in _FIXED_HOLIDAYS) if day.weekday() < 5}
    at_tet = [day for day in off if date(year, 1, 15) <= day <= date(year, 2, 28)]
    return fixed <= off and len(at_tet) >= 5 and len(off) >= (11 if year >= 2021 else 10)


def _listed(days: Sequence[_Day]) -> YearDays:
    return _changed(YearDays({}, {}), days)


def _changed(listed: YearDays, days: Sequence[_Day]) -> YearDays:
    off, worked = dict(listed.off), dict(listed.worked)
    for one in days:
        off.pop(one.day, None)
        worked.pop(one.day, None)
        if one.kind == "working_saturday":
            worked[one.day] = one.name
        elif one.kind != "working_day":
            off[one.day] = one.name
    return YearDays(off, worked)


@lru_cache(maxsize=16)
def _estimated(year: int) -> YearDays:
    from holidays import country_holidays  # slow to import, needed only for years without an official table

    found = country_holidays("VN", years=year, language="vi")
    return YearDays(
        {day: f"{name} (dự kiến)" for day, name in found.items() if day.year == year},
        {day: "Làm bù (dự kiến)" for day in found.weekend_workdays if day.year == year},
    )


def _agency_problems(row: Row) -> Iterator[str]:
    cells = row.cells
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9_]*", cells["code"]):
        yield row.wrong("code", "mã đơn vị chỉ gồm chữ in hoa không dấu, chữ số và dấu gạch dưới")
    if not cells["official_name"]:
        yield row.wrong("official_name", "thiếu tên đầy đủ của đơn vị")
    if cells["kind"] not in AGENCY_KINDS:
        wanted = f"phải là một trong {', '.join(AGENCY_KINDS)}{nearest(cells['kind'], AGENCY_KINDS)}"
        yield row.wrong("kind", wanted)
    first, last = read_date(cells["valid_from"]), read_date(cells["valid_to"])
    for field, day in (("valid_from", first), ("valid_to", last)):
        if cells[field] and day is None:
            yield row.wrong(field, "phải để trống hoặc là ngày có thật, viết năm-tháng-ngày, ví dụ 2025-07-01")
    if first and last and last < first:
        yield row.wrong("valid_to", f"ngày cuối trước ngày đầu {first}")


def _agency(row: Row) -> Agency:
    cells = row.cells
    return Agency(
        cells["code"],
        cells["short_name"] or cells["official_name"],
        cells["official_name"],
        cells["kind"],
        read_date(cells["valid_from"]),
        read_date(cells["valid_to"]),
        read_parts(cells["successor_code"]),
        read_parts(cells["aliases"]),
    )


def _clashes(found: Sequence[tuple[Row, Agency]]) -> Iterator[str]:
    """What is wrong between rows: a code twice, a name that two agencies bear on the same day, lost successors."""
    by_code: dict[str, tuple[Row, Agency]] = {}
    by_name: dict[str, list[tuple[Row, Agency]]] = {}
    for row, agency in found:
        if agency.code in by_code:
            yield row.wrong("code", f"mã này đã có ở {by_code[agency.code][0].place}")
        by_code.setdefault(agency.code, (row, agency))
        for folded, written in agency.written.items():
            for other_row, other in by_name.get(folded, ()):
                if agency.overlaps(other):
                    same = f"{other.code} ({other_row.place})"
                    yield f'{row.place}: tên "{written}" cùng thời gian cũng là tên của {same}'
            by_name.setdefault(folded, []).append((row, agency))
    for row, agency in found:
        for heir in agency.successors:
            if heir not in by_code:
                yield row.wrong("successor_code", f"không có đơn vị mang mã {heir}{nearest(heir, by_code)}")
        if agency.successors and agency.valid_to is None:
            yield row.wrong("valid_to", "đơn vị có đơn vị kế thừa thì phải có ngày cuối")
        if agency.code in _line_of(agency, {code: one for code, (_, one) in by_code.items()}):
            yield row.wrong("successor_code", "các đơn vị kế thừa nhau thành vòng")


def _line_of(agency: Agency, by_code: Mapping[str, Agency]) -> set[str]:
    """Codes of everybody who took over from an agency, directly or later."""
    line: set[str] = set()
    waiting = list(agency.successors)
    while waiting:
        code = waiting.pop()
        if code in by_code and code not in line:
            line.add(code)
            waiting += by_code[code].successors
    return line


def _supplied_order() -> list[str]:
    text = importlib.resources.files("connector.reference").joinpath("agency_order.txt").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
