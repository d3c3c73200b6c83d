"""Which document a task rests on. The source has no such link; what speaks for one is gathered here as evidence.

Rules use a certain link only: the task's text names exactly one document of the office by number and date, and nothing
contradicts it (``linking``). Everything weaker is for people to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connector.detect.references import Reference, references
from connector.domain.history import DocumentHistory
from connector.domain.notation import fold_notation, fold_subject
from connector.domain.records import is_issuer

UNMATCHED_SHOWN = 10
"""How many references that match no document are kept as evidence; all of them are looked up."""


class Confidence(StrEnum):
    """``PROBABLE``: two clues agree on one document. ``POSSIBLE``: something points to a document, or to several."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    NONE = "none"


class Kind(StrEnum):
    """What a piece of evidence rests on."""

    REFERENCE = "reference"
    REFERENCE_ONLY_NUMBER = "reference_only_number"
    FORWARDED = "forwarded"
    FORWARDED_COOP = "forwarded_coop"
    DEADLINE = "deadline"
    ISSUE_DATE = "issue_date"
    SUBJECT = "subject"
    FILE = "file"
    CONTRADICTION = "contradiction"


STATED = frozenset({Kind.REFERENCE, Kind.REFERENCE_ONLY_NUMBER, Kind.SUBJECT, Kind.FILE})
"""Said by the task itself, its text, name or files."""


class Weight(StrEnum):
    """``FOR`` counts as a clue, ``AGAINST`` forbids a certain link, ``NOTE`` is shown and decides nothing."""

    FOR = "for"
    NOTE = "note"
    AGAINST = "against"


class Doubt(StrEnum):
    """``Evidence.role`` of a contradiction."""

    SEVERAL = "several"
    NOT_SENT = "not_sent"
    OTHER_ISSUER = "other_issuer"
    OTHER_DATE = "other_date"
    ISSUED_LATER = "issued_later"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence about a document (``document_id`` None: about no known one).

    ``role``: the recipient's part (XLC, PH, XEM, XYK, "" for an agency that took a step) of a forwarding, the ``Doubt``
    of a contradiction. ``text``: the words as written: reference, agency, file. ``day``: local date it speaks of.
    ``position``: where the words begin in the text as ``references.plain`` gives it.
    """

    kind: Kind
    weight: Weight
    document_id: str | None = None
    role: str = ""
    text: str = ""
    day: date | None = None
    position: int | None = None


UNREAD = "chưa đọc được nội dung nhiệm vụ"
UNNAMED = "nội dung nhiệm vụ không ghi số, ngày văn bản"
NOT_FOUND = "không tìm thấy văn bản có số, ngày ghi trong nội dung nhiệm vụ"
SEVERAL = "nội dung nhiệm vụ khớp với nhiều văn bản"
NOT_SENT = "nhật ký văn bản không ghi gửi cho cơ quan chủ trì nhiệm vụ"
OTHER_ISSUER = "nội dung nhiệm vụ ghi văn bản cùng số, ngày của cơ quan khác"


@dataclass(frozen=True, slots=True)
class Link:
    """The source document of a task. ``document`` only when the link is certain: rules look at nothing else.

    ``problem``: why it is not certain, one of the sentences above. ``candidates``: what it may be, most likely first;
    all documents the text names, otherwise a few.
    """

    document: DocumentHistory | None
    problem: str = ""
    candidates: tuple[DocumentHistory, ...] = ()
    confidence: Confidence = Confidence.NONE
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        if (self.document is not None) != (self.confidence is Confidence.CERTAIN):
            raise ValueError(f"a link has a document if and only if it is certain, not {self.confidence}")

    @property
    def suggested(self) -> DocumentHistory | None:
        """For people, never for rules: the document it is, or probably is, or the only one it may be."""
        only = self.confidence is Confidence.POSSIBLE and len(self.candidates) == 1
        return self.candidates[0] if only or self.confidence in (Confidence.CERTAIN, Confidence.PROBABLE) else None

    @property
    def named(self) -> DocumentHistory | None:
        """The one document the text names by number and date, even where something else contradicts it."""
        ids = {one.document_id for one in self.evidence if one.kind is Kind.REFERENCE and one.document_id is not None}
        return next((one for one in self.candidates if ids == {one.document_id}), None)

    @property
    def stated(self) -> tuple[DocumentHistory, ...]:
        """Candidates that the task itself points to; not those that were merely sent to its lead at the time."""
        ids = {one.document_id for one in self.evidence if one.kind in STATED and one.weight is Weight.FOR}
        return tuple(one for one in self.candidates if one.document_id in ids)


class DocumentIndex:
    """Documents of the office by number and date, and all documents by id. Their order makes no difference."""

    def __init__(self, documents: Iterable[DocumentHistory], issuer: str) -> None:
        self.by_id: dict[str, DocumentHistory] = {}
        self._by_reference: dict[tuple[str, date], list[DocumentHistory]] = {}
        self.secret_subjects: set[str] = set()
        for document in documents:
            self.by_id[document.document_id] = document
            state = document.state
            if state.secret:
                self.secret_subjects.add(fold_subject(state.subject))
            if state.outgoing and state.issued_on and is_issuer(state.issuer, issuer):
                key = (fold_notation(state.notation), state.issued_on)
                self._by_reference.setdefault(key, []).append(document)
        for same in self._by_reference.values():
            same.sort(key=lambda one: one.document_id)

    def issued(self) -> list[DocumentHistory]:
        """The documents the office issued, by number and date."""
        return [document for key in sorted(self._by_reference) for document in self._by_reference[key]]

    def source_of(self, text: str | None) -> Link:
        """The document a task's text names: all that can be said without the task's lead and the document's log."""
        return self.by_references(None if text is None else references(text))

    def by_references(self, named: Sequence[Reference] | None) -> Link:
        """The same of references found before; None: the text has not been read."""
        if named is None:
            return Link(None, UNREAD)
        found: dict[str, DocumentHistory] = {}
        evidence: list[Evidence] = []
        missed: list[Evidence] = []
        for one in named:
            if one.day is None:
                continue
            documents = self._by_reference.get((one.notation, one.day), ())
            for document in documents:
                found[document.document_id] = document
                evidence.append(_said(one, document.document_id))
            if not documents and len(missed) < UNMATCHED_SHOWN:
                missed.append(_said(one, None))
        if not found:
            return Link(None, NOT_FOUND if missed else UNNAMED, evidence=tuple(missed))
        candidates = tuple(found.values())
        if len(candidates) > 1:
            evidence.append(Evidence(Kind.CONTRADICTION, Weight.AGAINST, role=Doubt.SEVERAL))
            return Link(None, SEVERAL, candidates, Confidence.POSSIBLE, (*evidence, *missed))
        return Link(candidates[0], "", candidates, Confidence.CERTAIN, (*evidence, *missed))


def _said(reference: Reference, document_id: str | None) -> Evidence:
    weight = Weight.NOTE if document_id is None else Weight.FOR
    return Evidence(
        Kind.REFERENCE, weight, document_id, "", reference.words, day=reference.day, position=reference.position
    )
