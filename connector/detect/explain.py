"""A link in words for people, and as JSON for the store. Pure."""

from __future__ import annotations

from typing import Any

from connector.detect.links import Confidence, Doubt, Evidence, Kind, Link, Weight
from connector.domain.history import DocumentHistory
from connector.domain.wording import WITHDRAWN, day_text

CONFIDENCE = {
    Confidence.CERTAIN: "chắc chắn",
    Confidence.PROBABLE: "nhiều khả năng",
    Confidence.POSSIBLE: "có thể",
    Confidence.NONE: "chưa rõ",
}
_PARTS = {"XLC": "xử lý chính", "PH": "phối hợp", "XEM": "xem", "XYK": "XYK"}


def explain(link: Link) -> list[str]:
    """The verdict, then a sentence for each piece of evidence. Subjects are never shown, file names only where the
    document is known not to be secret (F107)."""
    documents = {one.document_id: one for one in link.candidates}
    return [_verdict(link), *(_sentence(one, documents.get(one.document_id or "")) for one in link.evidence)]


def _verdict(link: Link) -> str:
    word = f"Mức độ: {CONFIDENCE[link.confidence]}"
    why = f" ({link.problem})" if link.problem else ""
    if link.suggested is not None:
        standing = link.suggested.state.standing
        withdrawn = f" ({WITHDRAWN[standing]})" if standing else ""
        return f"{word} là {_title(link.suggested)}{withdrawn}{why}."
    if link.candidates:
        return f"{word} là một trong {len(link.candidates)} văn bản{why}."
    return f"{word}{why}."


def _title(document: DocumentHistory) -> str:
    state = document.state
    return f"văn bản {state.notation}" + (f" ngày {day_text(state.issued_on)}" if state.issued_on else "")


def _sentence(one: Evidence, document: DocumentHistory | None) -> str:
    title = _title(document) if document else "văn bản"
    day = day_text(one.day) if one.day else ""
    match one.kind:
        case Kind.REFERENCE if document:
            return f"Nội dung nhiệm vụ ghi “{one.text}”: khớp {title}."
        case Kind.REFERENCE:
            return f"Nội dung nhiệm vụ ghi “{one.text}”: không có văn bản nào của cơ quan có số, ngày này."
        case Kind.REFERENCE_ONLY_NUMBER:
            return f"Nội dung nhiệm vụ ghi “{one.text}”: trùng số, ký hiệu của {title}."
        case Kind.FORWARDED if document is None:
            return f"Quanh ngày giao có {one.text} văn bản chuyển cho cơ quan chủ trì; chỉ nêu những văn bản gần nhất."
        case Kind.FORWARDED:
            part = f"chuyển {one.text} ({_PARTS[one.role]})" if one.role in _PARTS else f"{one.text} đã xử lý"
            return f"Nhật ký {title}: {part} ngày {day}."
        case Kind.FORWARDED_COOP:
            return f"Nhật ký {title}: có cơ quan phối hợp của nhiệm vụ ({one.text})."
        case Kind.DEADLINE:
            return f"Hạn xử lý của nhiệm vụ trùng hạn của {title} ({day})."
        case Kind.ISSUE_DATE:
            return f"Nhiệm vụ được giao gần ngày ban hành của {title}."
        case Kind.SUBJECT:
            return f"Tên nhiệm vụ trùng trích yếu của {title}."
        case Kind.FILE:
            name = f" “{one.text}”" if document and document.state.secret is False else ""
            return f"Tệp{name} của nhiệm vụ trùng tên với tệp của {title}."
        case Kind.CONTRADICTION:
            return f"{_contradiction(one, title, day)}{_UNDECIDED if one.weight is Weight.NOTE else ''}."


_UNDECIDED = " (chỉ ghi nhận, chưa đủ căn cứ để kết luận)"


def _contradiction(one: Evidence, title: str, day: str) -> str:
    match Doubt(one.role):
        case Doubt.SEVERAL:
            return "Mâu thuẫn: nội dung nhiệm vụ ghi nhiều văn bản của cơ quan"
        case Doubt.NOT_SENT:
            return f"Mâu thuẫn: nhật ký {title} không ghi chuyển cho {one.text or 'cơ quan chủ trì'}"
        case Doubt.OTHER_ISSUER:
            return f"Mâu thuẫn: nội dung nhiệm vụ ghi số, ngày này là văn bản của {one.text}"
        case Doubt.OTHER_DATE:
            return f"Mâu thuẫn: nội dung nhiệm vụ ghi “{one.text}”, văn bản của cơ quan mang số này đề ngày {day}"
        case Doubt.ISSUED_LATER:
            return f"Mâu thuẫn: {title} ban hành sau ngày giao nhiệm vụ"


def link_json(link: Link) -> dict[str, Any]:
    """``{"confidence", "document", "suggested", "problem", "candidates": [id], "withdrawn": [id],
    "evidence": [{"kind", "weight", "document", "role", "text", "day", "position"}]}``; days as ISO
    dates, ids or null. Names of files as in ``explain``."""
    open_ids = {one.document_id for one in link.candidates if one.state.secret is False}
    return {
        "confidence": str(link.confidence),
        "document": _id(link.document),
        "suggested": _id(link.suggested),
        "problem": link.problem,
        "candidates": [one.document_id for one in link.candidates],
        "withdrawn": [one.document_id for one in link.candidates if one.state.standing],
        "evidence": [
            {
                "kind": str(one.kind),
                "weight": str(one.weight),
                "document": one.document_id,
                "role": str(one.role),
                "text": "" if one.kind is Kind.FILE and one.document_id not in open_ids else one.text,
                "day": one.day.isoformat() if one.day else None,
                "position": one.position,
            }
            for one in link.evidence
        ],
    }


def _id(document: DocumentHistory | None) -> str | None:
    return document.document_id if document else None
