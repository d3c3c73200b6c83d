"""The requests of the REST API, word for word, and how its rows are told apart. Pure.

Tasks take their page numbers as numbers, documents as strings; the misspelt paths are the API's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, NamedTuple

from connector.domain.requests import PartRequest
from connector.errors import SourceGarbled, SourceRefused
from connector.normalise.fields import FieldError, optional_id


class Request(NamedTuple):
    method: str
    path: str
    body: Mapping[str, Any] | None = None


_SEARCH = (
    "trichYeu", "soKyHieu", "type", "linhVuc", "priority", "confidential", "startDateBanHanh", "endDateBanHanh",
    "startDateSoanThao", "endDateSoanThao", "startDateHanXuLy", "endDateHanXuLy", "coQuanBanHanh", "soVanBan", "soDen",
    "txtToanVan", "searchToanVan", "fieldSort", "sort",
)  # fmt: skip

_PARTS = {
    "flow": ("task_flow", "api/job/getlistjobflow/{id}/"),
    "processors": ("task_processors", "api/job/getlistprocesser/{id}/"),
    "log": ("document_log", "api/document/getactivitylog/{id}/"),
    "related": ("document_related", "api/document/getdocrelated/{id}/"),
}


def task_page(name: str, number: int, size: int) -> Request:
    """A page of the list ``name``: "duocgiao" (given to us, personal and the unit's alike) or "dagiao"."""
    body: dict[str, Any] = {"pageNo": number, "pageRec": size, "name": "", "status": ""}
    if name == "duocgiao":
        body["coquan"] = -1
    return Request("POST", f"api/job/getlistjob{name}/", body)


def document_page(kho: str, number: int, size: int) -> Request:
    body = {"pageNo": str(number), "pageRec": str(size), "param": "", "kho": kho}
    return Request("POST", "api/document/getlistwaitingdocument/", body)


def secret_page(code: str, number: int, size: int) -> Request:
    """A page of all documents with a secrecy code, whatever their date: a secret that is old is still one."""
    parameter = dict.fromkeys(_SEARCH, "") | {"confidential": code, "searchToanVan": "0"}
    body = {"pageNo": str(number), "pageRec": str(size), "parameter": parameter}
    return Request("POST", "api/document/lookupdocument/", body)


def part(name: str, request: PartRequest) -> tuple[str, Request]:
    """Kind of the raw row, and the request for one part of a record. Raises SourceRefused if it cannot be asked."""
    if name != "detail":
        kind, path = _PARTS[name]
        return kind, Request("GET", path.format(id=request.subject))
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
        return (optional_id(row.get(field), field) or None) if isinstance(row, Mapping) else None
    except FieldError:
        return None


def task_key(name: str) -> Callable[[Any], Hashable]:
    """The same task may stand in "duocgiao" once per line of the account."""
    return partial(_key, fields=("id", "nxlId") if name == "duocgiao" else ("id",))


def document_key(row: Any) -> Hashable:
    return _key(row, fields=("id",))


def _key(row: Any, fields: tuple[str, ...]) -> Hashable:
    """Ids; of a row without a readable one its whole content, so that it is kept and shown as rejected."""
    ids = tuple(record_id(row, field) for field in fields)
    return ids if ids[0] is not None else ("?", json.dumps(row, sort_keys=True, ensure_ascii=False))


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
