"""Agencies, and the names nobody has mapped, as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from connector.detect.unmatched import Place, Unmatched
from connector.domain.agencies import Agency
from connector.domain.wording import day_text

_PLACES = {
    Place.LEAD: "chủ trì",
    Place.COOPERATING: "phối hợp",
    Place.RECIPIENT: "nơi nhận văn bản",
    Place.STEP: "bước trong nhật ký văn bản",
}


def agency_text(one: Agency) -> str:
    borders = (("từ", one.valid_from), ("đến hết", one.valid_to))
    valid = "".join(f", {word} {day_text(day)}" for word, day in borders if day)
    heirs = f"; kế thừa: {', '.join(one.successors)}" if one.successors else ""
    return f"{one.code:16s}  {one.name} ({one.short_name}){valid}{heirs}"


def agency_json(one: Agency) -> dict[str, Any]:
    return {
        "code": one.code, "short_name": one.short_name, "name": one.name, "kind": one.kind,
        "valid_from": _day(one.valid_from), "valid_to": _day(one.valid_to), "successors": list(one.successors),
        "aliases": list(one.aliases),
    }  # fmt: skip


def unmatched_text(found: Sequence[Unmatched]) -> Iterator[str]:
    for one in found:
        places = ", ".join(f"{_PLACES[place]} {number}" for place, number in _places(one).items())
        why = f"; {one.ended} đã kết thúc, cần chọn đơn vị kế thừa" if one.ended else ""
        yield f"{one.name or '(không ghi tên)'}: {places}; từ ngày {day_text(one.since)}{why}"
        yield f"    ví dụ: {', '.join(one.examples)}"
    if found:
        yield (
            f"{len(found)} tên cần người quyết định: bổ sung vào bảng cơ quan (khóa office.agencies_file), ở cột "
            "aliases của cơ quan đúng, rồi chạy lại: connector agencies unmatched"
        )
    else:
        yield "Mọi tên cơ quan đều có trong bảng cơ quan."


def unmatched_json(one: Unmatched) -> dict[str, Any]:
    return {
        "name": one.name, "ended": one.ended or None, "since": one.since.isoformat(), "records": one.count,
        "places": _places(one), "examples": one.examples,
    }  # fmt: skip


def _places(one: Unmatched) -> dict[Place, int]:
    return {place: len(one.records[place]) for place in Place if place in one.records}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
