"""The requests of the REST API, word for word, and how its rows are told apart. Pure.

Tasks take their page numbers as numbers, documents as strings; the misspelt paths are the API's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, NamedTuple

from connector.domain.records import TASK_LISTS, RawRow
from connector.domain.requests import PartRequest, Term, Window
from connector.errors import SourceGarbled, SourceRefused
from connector.normalise.fields import FieldError, optional_id, optional_text


class Request(NamedTuple):
    method: str
    path: str
    body: Mapping[str, Any] | None = None


_SEARCH = (
    "trichYeu", "soKyHieu", "type", "linhVuc", "priority", "confidential", "startDateBanHanh", "endDateBanHanh",
    "startDateSoanThao", "endDateSoanThao", "startDateHanXuLy", "endDateHanXuLy", "coQuanBanHanh", "soVanBan", "soDen",
    "txtToanVan", "searchToanVan", "fieldSort", "sort",
)  # fmt: skip

_TASK_PARTS = {
    "flow": "api/job/getlistjobflow/{id}/",
    "processors": "api/job/getlistprocesser/{id}/",
    "children": "api/job/getlistchildjob/{id}/",
    "files": "api/job/getlistfile/{id}/",
}
_DOCUMENT_PARTS = {
    "log": "api/document/getactivitylog/{id}/",
    "related": "api/document/getdocrelated/{id}/",
    "files": "api/file/getfileattach/{id}/",
    "detail": "api/document/getdetaildocument/{id}/",  # may mark the document as read: only where a setting allows it
}
_OTHER_LISTS: Mapping[str, Mapping[str, Any]] = {
    "processed": {"parameter": {"param": ""}},
    "notify": {"parameter": {"param": "", "status": "TATCA"}},
    "outdated": {"param": ""},
}
_SPANS = {"issued": "BanHanh", "due": "HanXuLy"}

VOCABULARIES: Mapping[str, str] = {
    "TRANGTHAITIMKIEM": "api/job/getliststatus/TRANGTHAITIMKIEM/",
    "TINHTRANGCONGVIEC": "api/job/getliststatus/TINHTRANGCONGVIEC/",
    "MUCDOCONGVIEC": "api/job/getliststatus/MUCDOCONGVIEC/",
    "DANHGIACONGVIEC": "api/job/getliststatus/DANHGIACONGVIEC/",
    "unit": "api/job/getlistunit/",
    "type": "api/document/getlisttypecode/",
    "field": "api/document/getlistfield/",
    "priority": "api/document/getlistpriority/",
    "document_unit": "api/document/getlistunit/",
    "publishing_unit": "api/document/getlistunitpublish/",
}
"""Name of a vocabulary of the deployment → where it is read."""


def page_of(name: str) -> Callable[[int, int], Request]:
    """(page from 1, size) → the request for a page of the list of that name (see ``Stream``)."""
    if name in TASK_LISTS:
        return partial(task_page, name)
    if name in _OTHER_LISTS:
        return partial(_other_page, name)
    window = Window.parse(name)
    return partial(document_page, name) if window is None else partial(_window_page, window)


def key_of(name: str) -> Callable[[Any], tuple[str, str] | None]:
    """What tells the rows of a list apart: (id, line id or ""); None for a row without a readable id. The same task
    may stand in "duocgiao" once per line of the account."""
    return partial(_ids, line="nxlId" if name == "duocgiao" else "")


def task_page(name: str, number: int, size: int) -> Request:
    """A page of the list ``name``: "duocgiao" (given to us, personal and the unit's alike) or "dagiao"."""
    body: dict[str, Any] = {"pageNo": number, "pageRec": size, "name": "", "status": ""}
    if name == "duocgiao":
        body["coquan"] = -1
    return Request("POST", f"api/job/getlistjob{name}/", body)


def document_page(kho: str, number: int, size: int) -> Request:
    return _document_page("getlistwaiting", number, size, {"param": "", "kho": kho})


def _other_page(name: str, number: int, size: int) -> Request:
    path = "getlistoutdate" if name == "outdated" else f"getlist{name}"
    return _document_page(path, number, size, _OTHER_LISTS[name])


def _window_page(window: Window, number: int, size: int) -> Request:
    span = _SPANS[window.field]
    ends = {f"startDate{span}": f"{window.first:%d/%m/%Y}", f"endDate{span}": f"{window.last:%d/%m/%Y}"}
    return _search_page(ends, number, size)


def secret_page(code: str, number: int, size: int) -> Request:
    """A page of all documents with a secrecy code, whatever their date: a secret that is old is still one."""
    return _search_page({"confidential": code}, number, size)


def _search_page(wanted: Mapping[str, str], number: int, size: int) -> Request:
    parameter = dict.fromkeys(_SEARCH, "") | {"searchToanVan": "0"} | dict(wanted)
    body = {"pageNo": str(number), "pageRec": str(size), "parameter": parameter}
    return Request("POST", "api/document/lookupdocument/", body)


def _document_page(path: str, number: int, size: int, body: Mapping[str, Any]) -> Request:
    return Request("POST", f"api/document/{path}document/", {"pageNo": str(number), "pageRec": str(size), **body})


def notice_page(number: int, size: int) -> Request:
    return Request("POST", "api/notifycation/getlistnotify/v2/", {"pageNo": str(number), "pageRec": str(size)})


def part(name: str, request: PartRequest) -> tuple[str, Request]:
    """Kind of the raw row, and the request for one part of a record. Raises SourceRefused if it cannot be asked."""
    if request.stream.kind == "document":
        return f"document_{name}", Request("GET", _DOCUMENT_PARTS[name].format(id=request.subject))
    if name != "detail":
        return f"task_{name}", Request("GET", _TASK_PARTS[name].format(id=request.subject))
    if request.stream.list == "dagiao":
        return "task_detail", Request("GET", f"api/job/getdetailjobdagiao/{request.subject}/")
    if not request.line_id:
        raise SourceRefused("the detail of a received task needs the id of the assignee's line (nxlId)")
    return "task_detail", Request("GET", f"api/job/getdetailjobduocgiao/{request.subject}/{request.line_id}/")


# -- rows --------------------------------------------------------------------------------------------------------------


def rows(data: Any) -> list[Any]:
    """The rows of a list answer; null is an empty list. Raises SourceGarbled."""
    if data is None:
        return []
    if not isinstance(data, list):
        raise SourceGarbled("data is no list", final=True)
    return data


def record_id(row: Any, field: str = "id") -> str | None:
    try:
        return (optional_id(row.get(field), field) or None) if type(row) is dict or isinstance(row, Mapping) else None
    except FieldError:
        return None


def _ids(row: Any, line: str) -> tuple[str, str] | None:
    found = record_id(row)
    return None if found is None else (found, (record_id(row, line) or "") if line else "")


def paging_key(raw: RawRow) -> Hashable:
    """The row's key; of a row without one its whole content, so that it is kept and shown as rejected."""
    return raw.key or ("?", json.dumps(raw.payload, sort_keys=True, ensure_ascii=False))


def terms(name: str, data: Any) -> tuple[Term, ...]:
    """The entries of a vocabulary. Raises SourceGarbled."""
    found = [row for row in rows(data) if isinstance(row, Mapping)]
    code, parent = ("value", "") if name.isupper() else ("code", "") if name in _CODED else ("id", "parentId")
    return tuple(
        Term(record_id(row, code) or "", _label(row), (record_id(row, parent) or "") if parent else "") for row in found
    )


def _label(row: Mapping[str, Any]) -> str:
    """As labels of records are read, so that the two can be compared."""
    try:
        return optional_text(row.get("name"), "name")
    except FieldError:
        return ""


_CODED = frozenset({"type", "field", "priority"})
DOCUMENT_NOTICES = frozenset({"1", "2", "KYVANBAN"})
"""Types of notifications about a document; "3" is about a task."""


def notices(data: Any) -> list[tuple[str, str, str]]:
    """(id, type, id of the record) of notifications; the record is the part after the first bar of the link."""
    listed = rows(data.get("notifys")) if isinstance(data, Mapping) else []
    found = []
    for row in listed:
        link = row.get("link") if isinstance(row, Mapping) else None
        parts = link.split("|") if isinstance(link, str) else []
        one = record_id(row)
        if one is not None:
            found.append((one, str(row.get("type") or ""), parts[1].strip() if len(parts) > 1 else ""))
    return found


# -- figures -----------------------------------------------------------------------------------------------------------


def menu_counters(data: Any) -> dict[str, int]:
    pairs = [(row.get("name"), row.get("number")) for row in rows(data) if isinstance(row, Mapping)]
    return {str(name): number for name, value in pairs if name and (number := _count(value)) is not None}


def job_report(data: Any) -> dict[str, int]:
    values = data if isinstance(data, Mapping) else {}
    return {f"jobreport.{name}": number for name, value in values.items() if (number := _count(value)) is not None}


def _count(value: Any) -> int | None:
    try:
        return int(optional_id(value, "number"))
    except ValueError:  # FieldError is one
        return None
