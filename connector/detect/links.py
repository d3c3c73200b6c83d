"""Which document a task rests on. The source has no such link: only the words "số … ngày …" in the task's text.

A link is used only when it is certain: one reference, one document of the office with that notation and date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from connector.domain.history import DocumentHistory

REFERENCE = re.compile(
    r"\bsố[:\s]+(?P<notation>\d+[A-Za-z]?\s*/\s*[^\s,;()<>\"“”]+)\s*,?\s*ngày\s+"
    r"(?P<day>\d{1,2})\s*(?:[/.-]|tháng)\s*(?P<month>\d{1,2})\s*(?:[/.-]|năm)\s*(?P<year>\d{4})",
    re.IGNORECASE,
)
NAMED = re.compile(r"\bsố[:\s]*\d[^\n;]{0,80}?\bngày\s+\d{1,2}", re.IGNORECASE)
"""A document named in any form the office may use: enough as evidence, not enough for a link."""


@dataclass(frozen=True, slots=True)
class Link:
    """The source document of a task, or None and why there is none. ``candidates``: every document it may be."""

    document: DocumentHistory | None
    problem: str = ""
    candidates: tuple[DocumentHistory, ...] = ()


def references(text: str) -> list[tuple[str, date]]:
    """(folded notation, date) of every document named in a text, in order; impossible dates are left out."""
    found: list[tuple[str, date]] = []
    for match in REFERENCE.finditer(text):
        try:
            day = date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            continue
        reference = (fold_notation(match["notation"]), day)
        if reference not in found:
            found.append(reference)
    return found


def fold_notation(notation: str) -> str:
    """Comparison form of a document number: upper case, no blanks, no closing full stop."""
    return "".join(notation.split()).rstrip(".").upper()


def fold_subject(text: str) -> str:
    """Comparison form of a subject or a task's name: lower case, single blanks, without a leading "V/v"."""
    return re.sub(r"^v/v\s+", "", " ".join(text.casefold().split()))


class DocumentIndex:
    """Documents of the office by notation and date, and all documents by id."""

    def __init__(self, documents: Iterable[DocumentHistory], issuer: str) -> None:
        self.by_id: dict[str, DocumentHistory] = {}
        self._by_reference: dict[tuple[str, date], list[DocumentHistory]] = {}
        self.secret_subjects: set[str] = set()
        for document in documents:
            self.by_id[document.document_id] = document
            state = document.state
            if state.secret:
                self.secret_subjects.add(fold_subject(state.subject))
            if state.outgoing and state.issued_on and state.issuer.casefold() == issuer.casefold():
                key = (fold_notation(state.notation), state.issued_on)
                self._by_reference.setdefault(key, []).append(document)

    def issued(self) -> list[DocumentHistory]:
        """The documents the office issued, by date and number."""
        return [document for key in sorted(self._by_reference) for document in self._by_reference[key]]

    def source_of(self, content: str | None) -> Link:
        """The document a task's text names."""
        if content is None:
            return Link(None, "chưa đọc được nội dung nhiệm vụ")
        named = references(content)
        if not named:
            return Link(None, "nội dung nhiệm vụ không ghi số, ngày văn bản")
        found = [document for reference in named for document in self._by_reference.get(reference, ())]
        if not found:
            return Link(None, "không tìm thấy văn bản có số, ngày ghi trong nội dung nhiệm vụ")
        if len({document.document_id for document in found}) > 1:
            return Link(None, "nội dung nhiệm vụ khớp với nhiều văn bản", tuple(found))
        return Link(found[0], candidates=(found[0],))
