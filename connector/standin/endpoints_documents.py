"""The read endpoints for documents and the counters, and the table of all endpoints, ``ROUTES``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from connector.standin import wire, wire_documents
from connector.standin.checking import Json
from connector.standin.endpoints import (
    TASK_ROUTES,
    Handler,
    Malformed,
    Refused,
    Request,
    Route,
    all_tasks,
    numeral,
    plain_list,
)
from connector.standin.records import page_of
from connector.standin.timeline import Setup
from connector.standin.world import DocumentState

_TASK_LISTS = ("duocgiao", "dagiao")
_NO_STORES = ("CONGVIEC_DUOCGIAO", "CONGVIEC_DAGIAO", "XEM_DE_BIET", "TTDH_NHAN", "TTDH_GUI")
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


def _by_store(request: Request) -> Choice:
    word, kho = _text(request.body, "param"), _text(request.body, "kho")
    return lambda document: document.kho == kho and _mentions(document, word)


def _processed(request: Request) -> Choice:
    word, kho = _text(_parameter(request), "param"), request.setup.incoming_documents_kho[0]
    return lambda document: document.kho == kho and _mentions(document, word)


def _notify(request: Request) -> Choice:
    word, status = _text(_parameter(request), "param"), _text(_parameter(request), "status")
    if status not in ("CHUADOC", "TATCA"):
        raise Malformed("status must be CHUADOC or TATCA")
    return lambda document: (
        _is_shown_only(request, document)
        and _mentions(document, word)
        and (status == "TATCA" or document.id not in request.read)
    )


def _is_shown_only(request: Request, document: DocumentState) -> bool:
    """ "Xem để biết": answers to tasks this identity does not see, and issued documents no task rests on."""
    if document.outgoing:
        return not document.tasks
    views = (view for ref in document.tasks for view in request.state.tasks[ref].created.views)
    return all(view.identity != request.identity for view in views)


def _outdated(request: Request) -> Choice:
    word = _text(request.body, "param")
    return lambda document: request.state.is_outdated(document, request.today) and _mentions(document, word)


def _marked(request: Request) -> Choice:
    """Nobody marks documents here."""
    _text(_parameter(request), "param")
    return lambda _document: False


def _by_word(request: Request) -> Choice:
    word = _text(request.body, "param")
    return lambda document: _mentions(document, word)


def _search(request: Request) -> Choice:
    """The advanced search. Spans include both ends; one of deadlines leaves out documents without a deadline."""
    given = _parameter(request)
    wanted = {name: _text(given, name) for name in SEARCH_KEYS}
    issued, drafted, due = (_span(wanted, which) for which in ("BanHanh", "SoanThao", "HanXuLy"))
    impossible = any(wanted[name] for name in ("soVanBan", "soDen", "txtToanVan"))
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
            and issued(document.date)
            and drafted(document.date)
            and due(request.state.deadline(document))
        )

    return choice


def _span(wanted: dict[str, str], which: str) -> Callable[[date | None], bool]:
    """Whether a day lies in the span asked for; without a span every day does, even none."""
    ends: list[date | None] = []
    for name in (f"startDate{which}", f"endDate{which}"):
        try:
            ends.append(datetime.strptime(wanted[name], "%d/%m/%Y").date() if wanted[name] else None)  # noqa: DTZ007
        except ValueError as error:
            raise Malformed(f"{name} must be dd/MM/yyyy, not {wanted[name]!r}") from error
    if ends == [None, None]:
        return lambda _day: True
    first, last = ends[0] or date.min, ends[1] or date.max
    return lambda day: day is not None and first <= day <= last


def _rows(request: Request, family: str, choose: Callable[[Request], Choice], full: bool) -> Sequence[Json]:
    choice = choose(request)
    filters = repr(sorted((name, value) for name, value in request.body.items() if not name.startswith("page")))
    lead = family != "getlistnotifydocument"

    def make() -> list[Json]:
        found = wire_documents.newest_first(filter(choice, request.state.documents.values()))
        return [wire_documents.document_row(document, document.id in request.read, full, lead) for document in found]

    return request.rows((family, filters, request.knobs.secrecy_ignored), make)


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
    if request.knobs.detail_marks_read and document.id not in request.read:
        request.read.add(document.id)
        request.memo.clear()
    return wire_documents.document_detail(document, request.setup, request.state.deadline(document))


def _codes(table: dict[str, str]) -> Handler:
    return plain_list(lambda _: [{"code": code, "name": name} for code, name in table.items()])


def counter_names(setup: Setup) -> tuple[str, ...]:
    stores = (*setup.incoming_documents_kho, setup.issued_documents_kho)
    return (*stores, *_NO_STORES)


def _menu_counters(request: Request) -> list[Json]:
    """Badges that agree with the lists unless a knob wants otherwise."""
    open_only = request.knobs.counters_mean == "open"
    documents = [one for one in request.state.documents.values() if not (open_only and one.id in request.read)]
    tasks = [sum(not open_only or wire.is_open(row) for row in all_tasks(request, one)) for one in _TASK_LISTS]
    names = counter_names(request.setup)
    numbers = [sum(one.kho == kho for one in documents) for kho in names[: -len(_NO_STORES)]]
    numbers += [*tasks, sum(_is_shown_only(request, one) for one in documents), 0, 0]
    off = request.knobs.counters
    return [{"name": name, "number": number + off.get(name, 0)} for name, number in zip(names, numbers, strict=True)]


def _document_report(request: Request) -> Any:
    """Figures of the lists of this name; only issued documents have a deadline here."""
    documents = request.state.documents.values()
    waiting = sum(one.kho == request.setup.incoming_documents_kho[-1] for one in documents)
    incoming = sum(not one.outgoing for one in documents)
    late = sum(request.state.is_outdated(one, request.today) for one in documents)
    figures = {"denChoXuLy": waiting, "denQuaHan": 0, "denDaXuLy": incoming - waiting, "denBanHanh": 0}
    figures |= {"diChoXuLy": 0, "diQuaHan": late, "diDaXuLy": 0, "diBanHanh": len(documents) - incoming}
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
        "GET api/document/getactivitylog/": Route(
            plain_list(lambda request: wire_documents.activity_log(_document(request))), 1
        ),
        "GET api/document/getdocrelated/": Route(
            plain_list(lambda request: wire_documents.related_rows(request.state, _document(request))), 1
        ),
        "GET api/file/getfileattach/": Route(
            plain_list(lambda request: wire_documents.attachments(_document(request))), 1
        ),
        "GET api/file/getfilerelated/": Route(
            plain_list(lambda request: wire_documents.related_files(request.state, _document(request))), 1
        ),
        "GET api/document/getlisttypecode/": Route(_codes(wire_documents.TYPES)),
        "GET api/document/getlistfield/": Route(_codes(wire_documents.FIELDS)),
        "GET api/document/getlistpriority/": Route(_codes(wire_documents.PRIORITIES)),
        "GET api/document/countmenu/": Route(plain_list(_menu_counters)),
        "GET api/report/documentreport/": Route(_document_report),
    }
)
"""Allow-listed (method, path up to its variable parts) besides login, logout and switch, which the server does."""
