"""The read endpoints for documents and the counters, and the table of all endpoints, ``ROUTES``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from connector.standin import wire, wire_documents
from connector.standin.endpoints import TASK_ROUTES, Handler, Malformed, Refused, Request, Route, numeral
from connector.standin.faults import Json, page_of
from connector.standin.world import DocumentState

Choice = Callable[[DocumentState], bool]
SEARCH_KEYS = (
    "trichYeu", "soKyHieu", "type", "linhVuc", "priority", "confidential", "startDateBanHanh", "endDateBanHanh",
    "startDateSoanThao", "endDateSoanThao", "startDateHanXuLy", "endDateHanXuLy", "coQuanBanHanh", "soVanBan", "soDen",
    "txtToanVan", "searchToanVan", "fieldSort", "sort",
)  # fmt: skip


def _text(container: Json, name: str) -> str:
    value = container.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} must be a string, not {value!r}")
    return value


def _parameter(request: Request) -> Json:
    value = request.body.get("parameter")
    if not isinstance(value, dict):
        raise Malformed("parameter must be an object")
    return value


def _mentions(document: DocumentState, word: str) -> bool:
    word = word.casefold()
    return word in document.subject.casefold() or word in document.notation.casefold()


def _none(_document: DocumentState) -> bool:
    return False


def _by_store(request: Request) -> Choice:
    word, kho = _text(request.body, "param"), _text(request.body, "kho")
    return lambda document: document.kho == kho and _mentions(document, word)


def _processed(request: Request) -> Choice:
    word, kho = _text(_parameter(request), "param"), request.setup.incoming_documents_kho[0]
    return lambda document: document.kho == kho and _mentions(document, word)


def _notify(request: Request) -> Choice:
    if _text(_parameter(request), "status") not in ("CHUADOC", "TATCA"):
        raise Malformed("status must be CHUADOC or TATCA")
    return _none


def _outdated(request: Request) -> Choice:
    _text(request.body, "param")
    return _none


def _marked(request: Request) -> Choice:
    _text(_parameter(request), "param")
    return _none


def _by_word(request: Request) -> Choice:
    word = _text(request.body, "param")
    return lambda document: _mentions(document, word)


def _search(request: Request) -> Choice:
    """The advanced search. Dates include both ends; documents have no deadline here, so a deadline finds nothing."""
    given = _parameter(request)
    wanted = {name: _text(given, name) for name in SEARCH_KEYS}
    issued = _span(wanted, "BanHanh")
    drafted = _span(wanted, "SoanThao")
    impossible = any(wanted[name] for name in ("startDateHanXuLy", "endDateHanXuLy", "soVanBan", "soDen", "txtToanVan"))
    secret = set(request.setup.confidential_code.values())

    def choice(document: DocumentState) -> bool:
        return (
            not impossible
            and wanted["trichYeu"].casefold() in document.subject.casefold()
            and wanted["soKyHieu"].casefold() in document.notation.casefold()
            and wanted["coQuanBanHanh"].casefold() in document.issuer.casefold()
            and wanted["type"] in ("", wire_documents.type_code(document))
            and wanted["linhVuc"] in ("", wire_documents.field_code(document))
            and wanted["priority"] in ("", wire_documents.priority_code(document))
            and (
                request.knobs.secrecy_ignored
                or not wanted["confidential"]
                or document.secret == (wanted["confidential"] in secret)
            )
            and issued[0] <= document.date <= issued[1]
            and drafted[0] <= document.date <= drafted[1]
        )

    return choice


def _span(wanted: dict[str, str], which: str) -> tuple[date, date]:
    ends = []
    for name, default in ((f"startDate{which}", date.min), (f"endDate{which}", date.max)):
        try:
            ends.append(datetime.strptime(wanted[name], "%d/%m/%Y").date() if wanted[name] else default)  # noqa: DTZ007
        except ValueError as error:
            raise Malformed(f"{name} must be dd/MM/yyyy, not {wanted[name]!r}") from error
    return ends[0], ends[1]


def _rows(request: Request, family: str, choose: Callable[[Request], Choice], full: bool) -> list[Any]:
    choice = choose(request)
    filters = repr(sorted((name, value) for name, value in request.body.items() if not name.startswith("page")))

    def make() -> list[Json]:
        found = wire_documents.newest_first(filter(choice, request.state.documents.values()))
        return [wire_documents.document_row(document, document.id in request.read, full) for document in found]

    return request.rows((family, filters), make)


def _page(family: str, choose: Callable[[Request], Choice], full: bool) -> Handler:
    def handler(request: Request) -> Any:
        number, size = numeral(request.body, "pageNo"), numeral(request.body, "pageRec")
        if number < 1 or size < 1:
            raise Malformed("pages start at 1")
        return page_of(_rows(request, family, choose, full), number, size, request.faults)

    return handler


def _count(family: str, choose: Callable[[Request], Choice], full: bool) -> Handler:
    def handler(request: Request) -> Any:
        numeral(request.body, "pageNo")
        size, total = max(1, numeral(request.body, "pageRec")), len(_rows(request, family, choose, full))
        return {"pageNo": -(-total // size), "pageRec": total}

    return handler


def _document(request: Request) -> DocumentState:
    document = request.state.document(request.params[0])
    if document is None:
        raise Refused("Không tìm thấy văn bản")
    return document


def _detail(request: Request) -> Any:
    document = _document(request)
    if request.knobs.detail_marks_read:
        request.read.add(document.id)
        request.memo.clear()
    return wire_documents.document_detail(document, request.setup)


def _codes(table: dict[str, str]) -> Handler:
    return lambda _: [{"code": code, "name": name} for code, name in table.items()]


def _menu_counters(request: Request) -> Any:
    """Badges that agree with the lists; ``counters_off`` makes them disagree."""
    stores = (*request.setup.incoming_documents_kho, request.setup.issued_documents_kho)
    figures = {kho: sum(one.kho == kho for one in request.state.documents.values()) for kho in stores}
    for name, which in (("CONGVIEC_DUOCGIAO", "duocgiao"), ("CONGVIEC_DAGIAO", "dagiao")):
        figures[name] = len(wire.task_rows(request.state, request.identity, which))
    figures |= {"XEM_DE_BIET": 0, "TTDH_NHAN": 0, "TTDH_GUI": 0}
    return [{"name": name, "number": number + request.knobs.counters_off} for name, number in figures.items()]


def _document_report(request: Request) -> Any:
    documents = request.state.documents.values()
    waiting = sum(one.kho == request.setup.incoming_documents_kho[-1] for one in documents)
    incoming = sum(not one.outgoing for one in documents)
    figures = {"denChoXuLy": waiting, "denQuaHan": 0, "denDaXuLy": incoming - waiting, "denBanHanh": 0}
    figures |= {"diChoXuLy": 0, "diQuaHan": 0, "diDaXuLy": 0, "diBanHanh": len(documents) - incoming}
    return {name: str(number) for name, number in figures.items()}


_LISTS: list[tuple[str, str, Callable[[Request], Choice], bool]] = [
    ("getpagingwaitingdocument", "getlistwaitingdocument", _by_store, True),
    ("getpagingprocesseddocument", "getlistprocesseddocument", _processed, True),
    ("getpagingnotifydocument", "getlistnotifydocument", _notify, True),
    ("getpagingoutdatedocument", "getlistoutdatedocument", _outdated, True),
    ("pagingsigneddocument", "getlistsigneddocument", _marked, True),
    ("paginglookupbyparam", "getlistlookupbyparam", _by_word, False),
    ("paginglookupdocument", "lookupdocument", _search, False),
]

ROUTES: dict[str, Route] = (
    TASK_ROUTES
    | {f"POST api/document/{count}/": Route(_count(page, choose, full)) for count, page, choose, full in _LISTS}
    | {f"POST api/document/{page}/": Route(_page(page, choose, full)) for _, page, choose, full in _LISTS}
    | {
        "GET api/document/getdetaildocument/": Route(_detail, 1),
        "GET api/document/getactivitylog/": Route(lambda request: wire_documents.activity_log(_document(request)), 1),
        "GET api/document/getdocrelated/": Route(
            lambda request: wire_documents.related_rows(request.state, _document(request)), 1
        ),
        "GET api/file/getfileattach/": Route(lambda request: wire_documents.attachments(_document(request)), 1),
        "GET api/file/getfilerelated/": Route(lambda _: [], 1),
        "GET api/document/getlisttypecode/": Route(_codes(wire_documents.TYPES)),
        "GET api/document/getlistfield/": Route(_codes(wire_documents.FIELDS)),
        "GET api/document/getlistpriority/": Route(_codes(wire_documents.PRIORITIES)),
        "GET api/document/countmenu/": Route(_menu_counters),
        "GET api/report/documentreport/": Route(_document_report),
    }
)
"""Allow-listed (method, path up to its variable parts) besides login, logout and switch, which the server does."""
