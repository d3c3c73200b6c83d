"""Faults in data: which rows a list has, which page of them is given, and records in other words. Pure: given rows
stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from connector.standin.checking import Json
from connector.standin.faults import MISSING, Fault

DATES = ("startDate", "endDate", "ngayVanBan", "ngayGiaoViec", "ngayHetHan")
DUES = ("endDate", "ngayHetHan", "hanGiaiQuyet")
ROLES = ("vaitro", "vaiTro")
TEXTS = {
    "name", "noiDung", "content", "comment", "chuTri", "lanhDaoGiaoViec", "trichYeu", "coQuanBanHanh", "donViBanHanh",
    "unit", "fullName", "title", "createdUser", "creator", "unitName",
}  # fmt: skip
_DUE_FORMS = {"day": "", "minute": " 17:00", "second": " 17:00:00"}


def change_list(rows: Sequence[Json], faults: Iterable[Fault]) -> Sequence[Json]:
    """Stage "list": which rows a list has."""
    for fault in faults:
        match fault.effect:
            case "empty":
                rows = []
            case "shrink":
                rows = rows[: round(len(rows) * fault.number)]
    return rows


def page_of(rows: Sequence[Any], number: int, size: int, faults: Iterable[Fault]) -> Any:
    """Stage "page": page ``number`` (from 1) of ``size`` rows; None or MISSING where a fault wants it."""
    step, total, repeat = size, len(rows), False
    empty: Any = []
    for fault in faults:
        match fault.effect:
            case "cap":
                step = size = max(1, min(size, int(fault.number)))
            case "shift":
                step = max(1, size - int(fault.number))
            case "repeat_last":
                repeat = True
            case "full_pages":
                total -= total % size
            case "null_when_empty":
                empty = None
            case "missing_when_empty":
                empty = MISSING
    start = (number - 1) * step
    if repeat and total:
        start = min(start, (total - 1) // step * step)
    return list(rows[start : min(start + size, total)]) or empty


def change_records(data: Any, faults: Iterable[Fault], subject: str) -> Any:
    """Stage "record": every record of ``data`` that is hit. ``subject``: the id in the request's path, if any."""
    for fault in faults:
        change = _CHANGES.get(fault.effect)
        if change is not None and data is not MISSING:
            data = _each(data, partial(_if_hit, fault=fault, subject=subject, change=change))
    return data


def _each(data: Any, change: Callable[[Json], Any]) -> Any:
    """Records are the rows of a list, those of the notices, or the one object."""
    if isinstance(data, list):
        return [change(row) if isinstance(row, dict) else row for row in data]
    if isinstance(data, dict):
        return data | {"notifys": _each(data["notifys"], change)} if "notifys" in data else change(data)
    return data


def _if_hit(row: Json, *, fault: Fault, subject: str, change: Callable[[Json, Fault], Any]) -> Any:
    hit = not fault.ids or str(row.get("id")) in fault.ids or subject in fault.ids
    return change(row, fault) if hit else row


def _numeric(row: Json, fault: Fault) -> Json:
    makes: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "text": "{}.0".format}
    make = makes[fault.setting]
    numbers = {name: make(row[name]) for name in ("id", "nxlId") if str(row.get(name)).isdigit()}
    return row | numbers


def _no_line(row: Json, fault: Fault) -> Json:
    if "nxlId" not in row or fault.setting != "missing":
        return _set(row, ("nxlId",), None if fault.setting == "null" else "")
    return {name: value for name, value in row.items() if name != "nxlId"}


def _due_form(row: Json, fault: Fault) -> Json:
    """``null`` and ``empty`` say how a missing due date is written, the others how one that is there."""
    form = fault.setting
    if form in _DUE_FORMS:
        return row | {name: row[name][:10] + _DUE_FORMS[form] for name in DUES if row.get(name)}
    absent = None if form == "null" else ""
    return row | {name: absent for name in DUES if name in row and not row[name]}


def _status(row: Json, fault: Fault) -> Json:
    return _set(row, ("status",), fault.setting)


def _role(row: Json, fault: Fault) -> Json:
    return _set(row, ROLES, fault.setting)


def _broken(row: Json, fault: Fault) -> Any:
    match fault.setting:
        case "bad_date":
            return _set(row, DATES, "32/13/2022")
        case "no_object":
            return "bản ghi lỗi"
        case _:
            return {name: value for name, value in row.items() if name != "id"}


def _null_words(row: Json, fault: Fault) -> Json:
    return {name: fault.setting if value is None or value == "" else value for name, value in row.items()}


def _entities(row: Json, _fault: Fault) -> Json:
    """Every letter with a mark; tags and the entities that are there already stay, so the meaning does too."""
    return _texts(row, TEXTS, lambda text: re.sub(r"[^\x00-\x7f]", lambda one: f"&#{ord(one[0])};", text))


def _invisible(row: Json, _fault: Fault) -> Json:
    """Behind the first word, where it splits neither a tag nor an entity, and for every blank."""

    def change(text: str) -> str:
        first, blank, rest = text.partition(" ")
        return f"{first}\u200b{blank}{rest}".replace(" ", "\u00a0") if text else text

    return _texts(row, TEXTS | {"status", *ROLES}, change)


def _texts(row: Json, names: Iterable[str], change: Callable[[str], str]) -> Json:
    """The texts of these names, also in records below."""
    return {
        name: change(value) if name in names and isinstance(value, str)
        else _each(value, lambda one: _texts(one, names, change)) if isinstance(value, list | dict)
        else value
        for name, value in row.items()
    }  # fmt: skip


def _set(row: Json, names: Iterable[str], value: Any) -> Json:
    return row | {name: value for name in names if name in row}


def _shape(row: Json, fault: Fault) -> Any:
    """The field ``fault.name``; "parameter.action": in the rows below ``parameter``."""
    *below, name = fault.name.split(".")
    return _below(row, below, partial(_reshape, effect=fault.effect, name=name, setting=fault.setting))


def _below(row: Json, path: Sequence[str], change: Callable[[Json], Any]) -> Any:
    if not path:
        return change(row)
    if path[0] not in row:
        return row
    return row | {path[0]: _each(row[path[0]], lambda one: _below(one, path[1:], change))}


def _reshape(row: Json, *, effect: str, name: str, setting: str) -> Json:
    if effect == "add_field":
        return {**row, name: _value(setting)}
    if name not in row:
        return row
    match effect:
        case "retype_field":
            return {**row, name: _retyped(row[name], setting)}
        case "rename_field":
            return {setting if one == name else one: value for one, value in row.items()}
        case _:
            return {one: value for one, value in row.items() if one != name}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _retyped(value: Any, kind: str) -> Any:
    match kind:
        case "number":
            return int(re.sub(r"\D", "", str(value)) or 0)
        case "text":
            return str(value)
        case "object":
            return {"value": value}
        case "list":
            return [value]
        case "bool":
            return bool(value)
        case _:
            return None


_SHAPES: dict[str, Callable[[Json, Fault], Any]] = dict.fromkeys(
    ("add_field", "drop_field", "retype_field", "rename_field"), _shape
)
_CHANGES: dict[str, Callable[[Json, Fault], Any]] = {
    "numeric_ids": _numeric,
    "no_line": _no_line,
    "due_form": _due_form,
    "unknown_status": _status,
    "unknown_role": _role,
    "broken_row": _broken,
    "null_words": _null_words,
    "entities": _entities,
    "invisible": _invisible,
    **_SHAPES,
}
