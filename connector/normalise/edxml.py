"""A package of an electronic document (edXML) → what it says of which document, or the reasons why not. Pure (F108).

Source: edXML note, taken from three implementations; the regulation itself was not read. Senders leave much out, so
only what names a document is required: its number and day of issue, and the subject of one that is not revoked.
Persons (signer, staff) are left out on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connector.domain.notation import fold_notation
from connector.domain.packages import Element, Package
from connector.domain.records import AttachedFile, DocumentState
from connector.normalise.edxml_records import (
    Attachment,
    EdocPackage,
    Meaning,
    Organisation,
    Reference,
    RefusedPackage,
)
from connector.normalise.exports.problems import CellProblem, shown
from connector.normalise.exports.records import ExportDocument
from connector.normalise.fields import clean

MEANINGS: Mapping[str, Meaning] = {"0": "new", "1": "revoke", "2": "update", "3": "replace"}
URGENCY: Mapping[str, str] = {"0": "Thường", "1": "Khẩn", "2": "Thượng khẩn", "3": "Hỏa tốc", "4": "Hỏa tốc hẹn giờ"}
STATUS_CODES: Mapping[str, str] = {
    "01": "đã đến",
    "02": "từ chối tiếp nhận",
    "03": "đã tiếp nhận",
    "04": "phân công",
    "05": "đang xử lý",
    "06": "hoàn thành",
    "13": "lấy lại",
    "15": "đồng ý cập nhật, lấy lại",
    "16": "từ chối cập nhật, lấy lại",
}
NAMESPACE_ENDS = "/TBT/QCVN_102_2016"

_MOMENT = re.compile(
    r"((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?", re.ASCII
)
_ANY_ZONE = ZoneInfo("UTC")  # of a date without a time
_NO_CONTENT = Element("Attachment", "")
_ZIP = "UEsD"  # "PK\3" in base64, whatever follows
_TITLES = {
    "Code": "số, ký hiệu",
    "PromulgationInfo/PromulgationDate": "ngày ban hành",
    "Subject": "trích yếu",
    "DueDate": "hạn xử lý",
    "Bussiness/BussinessDocType": "loại nghiệp vụ",
    "Bussiness/DocumentId": "văn bản liên quan",
    "ReplacementInfo/DocumentId": "văn bản bị thay thế",
    "StatusCode": "mã trạng thái",
    "MessageHeader": "phần đầu gói tin",
}


def read_package(
    package: Package, zone: ZoneInfo, is_own: Callable[[Organisation], bool], number: int = 1
) -> EdocPackage | RefusedPackage:
    """``zone``: of times without one. ``is_own``: whether an organisation is the office itself; what it sent was issued
    by it. ``number``: of the package in its file."""
    return _Reading(package, zone).read(is_own, number)


class _Reading:
    def __init__(self, package: Package, zone: ZoneInfo) -> None:
        self._package, self._zone = package, zone
        root = package.root
        self._header = next(root.descendants("MessageHeader"), Element("MessageHeader", ""))
        self._business = next(root.descendants("Bussiness"), Element("Bussiness", ""))
        self._problems: list[CellProblem] = []
        self._doubts: list[str] = []

    def read(self, is_own: Callable[[Organisation], bool], number: int) -> EdocPackage | RefusedPackage:
        header, business = self._header, self._business
        if not header.children:
            self._problem("MessageHeader", "", "không có trong gói tin")
            return RefusedPackage(tuple(self._problems))
        if code := header.text_at("StatusCode"):
            said = STATUS_CODES.get(code, "mã chưa biết")
            self._problem("StatusCode", code, f"là thông báo trạng thái ({said}), không phải văn bản")
            return RefusedPackage(tuple(self._problems), is_status=True)
        if not self._package.namespace.endswith(NAMESPACE_ENDS):
            self._doubts.append(f"không gian tên “{shown(self._package.namespace)}” không phải của QCVN 102:2016")
        meaning = self._meaning()
        issuer = _organisation(header.at("From"))
        attachments = tuple(self._attachments())
        named = _reference(header.text_at("DocumentId") or business.text_at("DocumentId"))
        state = self._state(meaning, named, issuer, attachments, is_own)
        reference = _completed(named, issuer, state)
        concerns = self._concerns(meaning, reference, issuer)
        sent_at = self._sent_at(issuer.code)
        if self._problems:
            return RefusedPackage(tuple(self._problems))
        receivers = [
            (clean(one.text_at("OrganId")), one.text_at("ReceiverType")) for one in business.descendants("Receiver")
        ]
        return EdocPackage(
            meaning=meaning,
            reference=reference,
            record=ExportDocument(number, "", state, tuple(self._doubts)),
            issuer=issuer,
            recipients=tuple(map(_organisation, header.all("To"))),
            concerns=concerns,
            attachments=attachments,
            sent_at=sent_at,
            reason=clean(business.text_at("BussinessDocReason")),
            added=tuple(code for code, kind in receivers if kind == "1"),
            removed=tuple(code for code, kind in receivers if kind == "0"),
            answers=tuple(_answered(one) for one in header.all("ResponseFor")),
            task_codes=tuple(clean(one.text) for one in header.descendants("TaskCode") if one.text),
            steering=header.text_at("SteeringType").removeprefix("0"),
        )

    def _meaning(self) -> Meaning:
        code = self._business.text_at("BussinessDocType")
        if not code:
            self._doubts.append("gói tin không nói là văn bản mới, thu hồi, cập nhật hay thay thế; coi là văn bản mới")
            return "new"
        meaning = MEANINGS.get(code)
        if meaning is None:
            self._problem("Bussiness/BussinessDocType", code, "không phải 0, 1, 2 hoặc 3")
        return meaning or "new"

    def _state(
        self,
        meaning: Meaning,
        named: Reference,
        issuer: Organisation,
        attachments: tuple[Attachment, ...],
        is_own: Callable[[Organisation], bool],
    ) -> DocumentState:
        header = self._header
        number, symbol = header.text_at("Code", "CodeNumber"), header.text_at("Code", "CodeNotation")
        whole = f"{number}/{symbol}" if number and symbol else header.text_at("Code")
        notation = clean(whole) or named.notation or clean(number or symbol)
        if not notation:
            self._problem("Code", "", "bắt buộc nhưng để trống")
        where = "PromulgationInfo/PromulgationDate"
        issued_on = self._header_day(where) or named.issued_on
        if issued_on is None and not header.text_at(*where.split("/")):
            self._problem(where, "", "bắt buộc nhưng để trống")
        other = named.notation and fold_notation(notation) != fold_notation(named.notation)
        if other or (named.issued_on and issued_on != named.issued_on):
            self._doubts.append(f"số, ký hiệu {shown(notation)} hoặc ngày khác mã văn bản {shown(named.document_id)}")
        subject = clean(header.text_at("Subject"))
        if not subject and meaning != "revoke":
            self._problem("Subject", "", "bắt buộc nhưng để trống")
        return DocumentState(
            notation=notation,
            issued_on=issued_on,
            issuer=issuer.name or issuer.code,
            subject=subject,
            urgency=self._urgency(),
            outgoing=is_own(issuer),
            secret=None,  # packages have no element for it (F107)
            files=tuple(AttachedFile(one.content_id, one.name) for one in attachments) or None,
            due_on=self._header_day("DueDate"),
        )

    def _urgency(self) -> str:
        code = self._header.text_at("OtherInfo", "Priority")
        if code and code not in URGENCY:
            self._doubts.append(f"độ khẩn “{shown(code)}” không có trong quy chuẩn")
        return URGENCY.get(code, clean(code))

    def _concerns(self, meaning: Meaning, own: Reference, sender: Organisation) -> tuple[Reference, ...]:
        if meaning == "new":
            return ()
        if meaning == "replace":
            named = [one.text_at("DocumentId") for one in self._business.descendants("ReplacementInfo")]
            where = "ReplacementInfo/DocumentId"
        else:
            named = [self._business.text_at("DocumentId") or own.document_id]
            where = "Bussiness/DocumentId"
        references = (_reference(one) for one in named if one)
        found = tuple(dict.fromkeys(own if one.key == own.key else one for one in references))
        if not found:
            self._problem(where, "", "bắt buộc nhưng để trống")
        for one in found:
            if not one.notation:
                self._problem(where, one.document_id, "cần dạng mã cơ quan,năm/tháng/ngày,số/ký hiệu")
            elif one.organisation.casefold() != sender.code.casefold():
                self._doubts.append(f"{shown(one.document_id)} không phải văn bản của nơi gửi ({shown(sender.code)})")
        if meaning == "update" and found and found[0].key != own.key:
            self._doubts.append(f"cập nhật {shown(found[0].document_id)} nhưng phần đầu ghi {shown(own.document_id)}")
        return found

    def _sent_at(self, sender: str) -> datetime | None:
        """The last stamp of the sender itself; of any hop where it has none: a package passed on late says nothing
        new."""
        stamps: list[tuple[bool, datetime]] = []
        for one in self._package.root.descendants("TraceHeader"):
            text = one.text_at("Timestamp")
            at = _moment(text, self._zone)
            if text and at is None:
                self._doubts.append(f"không đọc được thời điểm gửi “{shown(text)}”")
            elif at is not None:
                stamps.append((clean(one.text_at("OrganId")).casefold() == sender.casefold(), at))
        return max(stamps)[1] if stamps else None

    def _attachments(self) -> Iterator[Attachment]:
        """Those of the manifest, then those it does not name."""
        contents: dict[str, list[Element]] = {}
        for enclosed in self._package.root.descendants("AttachmentEncoded"):
            for one in enclosed.all("Attachment"):
                contents.setdefault(_content_id(one.text_at("ContentId")), []).append(one)
        for manifest in self._package.root.descendants("edXMLManifest"):  # a signature has references of its own
            for about in manifest.all("Reference"):
                key = _content_id(about.text_at("ContentId") or about.text)
                same = contents.get(key)
                yield _attachment(key, about, same.pop(0) if same else _NO_CONTENT)
        for key, rest in contents.items():
            yield from (_attachment(key, one, one) for one in rest)

    def _header_day(self, where: str) -> date | None:
        text = self._header.text_at(*where.split("/"))
        on = _day(text)
        if text and on is None:
            self._problem(where, text, "cần dạng năm/tháng/ngày")
        return on

    def _problem(self, where: str, value: str, reason: str) -> None:
        self._problems.append(CellProblem(where, _TITLES[where], shown(value), reason))


def _organisation(element: Element) -> Organisation:
    return Organisation(clean(element.text_at("OrganId")), clean(element.text_at("OrganName")))


def _reference(text: str) -> Reference:
    whole = clean(text)
    organisation, _, rest = whole.partition(",")
    day, _, notation = rest.partition(",")
    issued_on = _day(day)
    if issued_on is None or not organisation.strip() or not notation.strip():
        return Reference(whole)
    return Reference(whole, organisation.strip(), issued_on, notation.strip())


def _completed(named: Reference, issuer: Organisation, state: DocumentState) -> Reference:
    """The document of the header: what its id does not tell stands beside it."""
    if state.issued_on is None or (named.document_id and named.notation):
        return named
    whole = named.document_id or f"{issuer.code},{state.issued_on:%Y/%m/%d},{state.notation}"
    return Reference(whole, issuer.code, state.issued_on, state.notation)


def _answered(element: Element) -> Reference:
    """A reference whose number also stands beside it, as plain text."""
    named = _reference(element.text_at("DocumentId"))
    if named.notation:
        return named
    organisation, notation = clean(element.text_at("OrganId")), clean(element.text_at("Code"))
    return replace(
        named, organisation=organisation, issued_on=_day(element.text_at("PromulgationDate")), notation=notation
    )


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """yyyy/MM/dd[ HH:mm:ss], another order than iOffice's; None for anything else."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    at = _moment(text, _ANY_ZONE)
    return at.date() if at else None


def _content_id(text: str) -> str:
    return clean(text).removeprefix("cid:")


def _attachment(key: str, about: Element, content: Element) -> Attachment:
    """``about``: what tells of it, ``content``: what holds it, if it is there."""
    encoded = content.at("ContentTransferEncoded")
    return Attachment(
        key,
        clean(about.text_at("AttachmentName") or content.text_at("AttachmentName") or about.text_at("Description")),
        clean(about.text_at("ContentType") or content.text_at("ContentType")),
        encoded.length * 3 // 4 if encoded.text else None,
        encoded.text.startswith(_ZIP),
    )
