"""Packages of electronic documents as senders write them: prefixes, a signature with references of its own, base64."""

from __future__ import annotations

import base64
from collections.abc import Collection
from html import escape

NAMESPACE = "http://mau.example/TBT/QCVN_102_2016"
PDF, PACKED = b"%PDF-1.4 mau", b"PK\x03\x04 mau"
SIGNATURE = (
    '<edXML:Signature><ds:SignedInfo xmlns:ds="http://mau.example/xmldsig#"><ds:Reference URI="cid:tep-0001">'
    "<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo></edXML:Signature>"
)
HEADER = {
    "From": "<OrganId>H99.1</OrganId><OrganName>UBND tỉnh (mẫu)</OrganName>",
    "To": "<OrganId>H99.2</OrganId><OrganName>Sở Mẫu A</OrganName>",
    "DocumentId": "H99.1,2025/09/02,15/UBND-MAU",
    "Code": "<CodeNumber>15</CodeNumber><CodeNotation>UBND-MAU</CodeNotation>",
    "PromulgationInfo": "<Place>Mẫu</Place><PromulgationDate>2025/09/02</PromulgationDate>",
    "DocumentType": "<Type>1</Type><TypeDetail>0</TypeDetail><TypeName>Công văn</TypeName>",
    "Subject": "V/v báo cáo kết quả  thực hiện nhiệm vụ quý III",
    "SignerInfo": "<Competence>TM.</Competence><FullName>Lãnh đạo Mẫu 01</FullName>",
    "DueDate": "2025/09/20",
    "OtherInfo": "<Priority>1</Priority><PageAmount>2</PageAmount>",
    "SteeringType": "2",
}
NEW = "<BussinessDocType>0</BussinessDocType><BussinessDocReason>Văn bản mới</BussinessDocReason><Paper>0</Paper>"
STAMP = "<TraceHeader><OrganId>H99.1</OrganId><Timestamp>2025/09/02 14:00:00</Timestamp></TraceHeader>"
REFERENCE = (
    "<Reference><ContentId>cid:tep-0001</ContentId><ContentType>application/pdf</ContentType>"
    "<AttachmentName>15-UBND-MAU.pdf</AttachmentName></Reference>"
)


def content(key: str = "tep-0001", data: bytes = PDF, name: str = "15-UBND-MAU.pdf") -> str:
    encoded = base64.encodebytes(data).decode()
    return (
        f"<Attachment><ContentId>{key}</ContentId><AttachmentName>{escape(name)}</AttachmentName>"
        f"<ContentType>application/pdf</ContentType><ContentTransferEncoded>{encoded}</ContentTransferEncoded></Attachment>"
    )


def edoc(
    business: str = NEW,
    *,
    stamps: str = STAMP,
    more: str = "",
    manifest: str = REFERENCE,
    contents: str | None = None,
    declaration: str = '<?xml version="1.0" encoding="UTF-8"?>',
    namespace: str = NAMESPACE,
    without: Collection[str] = (),
    **header: str,
) -> str:
    """``header``: elements of the message header, ``without``: those left out, ``more``: others behind them, as XML."""
    told = "".join(f"<{name}>{value}</{name}>" for name, value in {**HEADER, **header}.items() if name not in without)
    trace = f"{stamps}<Bussiness>{business}</Bussiness>" if business else stamps
    envelope = (
        f"<edXMLHeader><MessageHeader>{told}{more}</MessageHeader><TraceHeaderList>{trace}</TraceHeaderList>"
        f"</edXMLHeader><edXMLBody><edXMLManifest version='1.0'>{manifest}</edXMLManifest></edXMLBody>"
    )
    prefixed = envelope.replace("<", "<edXML:").replace("<edXML:/", "</edXML:")
    return (
        f'{declaration}<edXML xmlns="{namespace}"><edXML:edXMLEnvelope xmlns:edXML="{namespace}">'
        f"{prefixed.replace('</edXML:edXMLHeader>', SIGNATURE + '</edXML:edXMLHeader>')}</edXML:edXMLEnvelope>"
        f"<AttachmentEncoded>{content() if contents is None else contents}</AttachmentEncoded></edXML>"
    )
