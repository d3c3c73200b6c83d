"""Documents as the API writes them. Pure. Ids are strings in lists and numbers in the detail; three spellings of the
notation; a secret document looks like any other except in its detail (``doMat``)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from connector.standin.checking import Json
from connector.standin.timeline import Setup
from connector.standin.wire import day, files, minute
from connector.standin.world import DocumentState, LogRow, State

TYPES = {"CV": "Công văn", "BC": "Báo cáo", "KH": "Kế hoạch", "QD": "Quyết định"}
FIELDS = {"TH": "Tổng hợp", "KT": "Kinh tế", "VX": "Văn hóa - Xã hội", "NC": "Nội chính"}
PRIORITIES = {"THUONG": "Thường", "KHAN": "Khẩn", "HOATOC": "Hỏa tốc"}

_FILE_WORDS = ("co", "null", "none", None)  # only "none" means that there is none


def type_code(document: DocumentState) -> str:
    return "CV" if document.outgoing else "BC"


def field_code(document: DocumentState) -> str:
    return tuple(FIELDS)[int(document.id) % len(FIELDS)]


def priority_code(document: DocumentState) -> str:
    return "HOATOC" if document.urgent else "THUONG"


def secrecy(document: DocumentState, setup: Setup) -> str:
    """The secrecy label; the label of secret documents is the first one the setup names."""
    return next(iter(setup.confidential_code), "Mật") if document.secret else "Thường"


def document_row(document: DocumentState, read: bool, full: bool, lead: bool = True) -> Json:
    """A list record; ``full`` False: the shorter record of the searches; ``lead``: the identity must deal with it."""
    number = int(document.id)
    row: Json = {
        "id": document.id,
        "trichYeu": document.subject,
        "soKihieu": document.notation,
        "coQuanBanHanh": document.issuer,
        "ngayVanBan": day(document.date),
        "doKhan": PRIORITIES[priority_code(document)],
        "congVanDenDi": "2" if document.outgoing else "1",
        "processDefinitionId": "vb_di:12:9002" if document.outgoing else "vb_den:12:9001",
        "processInstanceId": f"88{document.id}",
        "hasFile": _FILE_WORDS[number % 4],
        "ngayNhan": "null" if number % 4 == 0 else minute(document.at),
        "isRead": "TRUE" if read else "FALSE",
        "isCheck": "0",
    }
    if full:
        row |= {
            "isComment": "FALSE",
            "isChuTri": "TRUE" if lead else "FALSE",
            "layLai": "FALSE",
            "role": "XLC",
            "isSign": "FALSE",
        }
        row |= {"isChuyenTiep": "FALSE", "type": ""}
    return row


def newest_first(documents: Iterable[DocumentState]) -> list[DocumentState]:
    return sorted(documents, key=lambda document: (document.at, int(document.id)), reverse=True)


def document_detail(document: DocumentState, setup: Setup, deadline: date | None) -> Json:
    return {
        "id": int(document.id),
        "trichYeu": document.subject,
        "soKiHieu": document.notation,
        "typeCode": type_code(document),
        "hinhThucVanBan": TYPES[type_code(document)],
        "hinhThucVanBanCode": type_code(document),
        "processKey": "vb_di" if document.outgoing else "vb_den",
        "ngayTao": f"{minute(document.at)}:00",
        "ngayBanHanh": day(document.date),
        "ngayVanBan": day(document.date),
        "ngayDenDi": day(document.date),
        "hanGiaiQuyet": None if deadline is None else day(deadline),
        "assigner": "Văn thư Mẫu",
        "xuLy": "1",
        "taskId": f"99{document.id}",
        "trangThai": 1,
        "processInstanceId": f"88{document.id}",
        "ghiChu": None,
        "soDenDi": int(document.id) % 1000,
        "donViSoanThao": document.issuer,
        "priorityCode": priority_code(document),
        "doUuTien": PRIORITIES[priority_code(document)],
        "doUuTienCode": priority_code(document),
        "linhVucCode": field_code(document),
        "linhVuc": FIELDS[field_code(document)],
        "soVanBan": f"Sổ công văn {'đi' if document.outgoing else 'đến'} {document.date.year}",
        "soVanBanCode": "CVDI" if document.outgoing else "CVDEN",
        "doMat": secrecy(document, setup),
        "nguoiKiChinh": "Lãnh đạo Mẫu 01",
        "nguoiKiSao": None,
        "soTrang": 1 + int(document.id) % 9,
        "soBan": 1,
        "hinhThucGuiCode": "LT",
        "hinhThucGui": "Liên thông",
        "donViBanHanh": document.issuer,
        "tuKhoa": None,
        "donViLuuGoc": None,
        "isPreview": "true",
        "isQuanTriVanBanDi": "false",
        "isCapNhatVbBanHanh": "false",
        "process": None,
    }


def activity_log(document: DocumentState) -> list[Json]:
    """The log, grouped by unit in order of first appearance."""
    units: dict[str, list[Json]] = {}
    for row in document.log:
        units.setdefault(row.unit, []).append(_log_row(row))
    return [
        {"schema": f"mau.dv{position:02}", "unit": unit, "parameter": rows}
        for position, (unit, rows) in enumerate(units.items())
    ]


def _log_row(row: LogRow) -> Json:
    sent = f"XLC: {row.recipients[0]}|PH: {'; '.join(row.recipients[1:])}|XEM: |XYK: " if row.recipients else ""
    return {
        "fullName": "Văn thư Mẫu",
        "updateBy": "(vanthu.mau)",
        "updateDate": minute(row.at),
        "status": "2",
        "comment": None,
        "chuyenToi": sent,
        "action": row.action,
        "avatar": "",
    }


def related_rows(state: State, document: DocumentState) -> list[Json]:
    answers = [state.documents[ref] for ref in document.related]
    return [
        {"id": one.id, "name": f"{TYPES[type_code(one)]} {one.notation}", "ngayVanBan": day(one.date)}
        for one in answers
    ]  # fmt: skip


def attachments(document: DocumentState) -> list[Json]:
    name = f"{document.notation.replace('/', '-')}.pdf"
    return [] if _FILE_WORDS[int(document.id) % 4] == "none" else files(f"D{document.id}", [name], "Văn thư Mẫu")


def related_files(state: State, document: DocumentState) -> list[Json]:
    """The attachments of its answers, in the shorter record."""
    found = [file for ref in document.related for file in attachments(state.documents[ref])]
    return [{name: file[name] for name in ("id", "name", "attachmentId", "creator")} for file in found]
