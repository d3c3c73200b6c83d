"""Documents that packages withdrew are marked as such, whichever of the two came first (F108).

Everything packages say of whether a document is in force is kept, so a revocation waits for its document, and the order
in which files arrive makes no difference: what was sent last counts, and of two at one moment the withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import structlog

from connector.domain.imports import NewEntry, Notice, Problem
from connector.domain.notation import fold_notation
from connector.jobs.import_records import stored_key
from connector.normalise.exports.explain import explain_question
from connector.normalise.exports.joining import Answer, Joined, Question, join
from connector.normalise.exports.keys import DocumentKey, document_key
from connector.normalise.exports.telling import CodeOf
from connector.ports import UnitOfWork
from connector.reconcile.changes import Version

log = structlog.get_logger()
Came = Literal["marked", "unchanged", "waiting", "asked"]


@dataclass(frozen=True, slots=True)
class Standings:
    """Works inside the caller's unit of work; commits nothing. ``code_of``: code of the agency a name stands for on a
    day."""

    uow: UnitOfWork
    source: str
    run_id: int
    code_of: CodeOf

    def apply(self, now: datetime) -> dict[tuple[int, int, int], Came]:
        """Bring the documents in line with the notices. What came of each one that withdraws a document: it was
        marked by it, needed no mark, has not come yet, or a person must say which one it is."""
        notices = list(self._about_withdrawn())
        if not notices:
            return {}
        stored = self._stored({fold_notation(one.notation) for one in notices})
        said = self.uow.quarantine.answers(self.source)
        came: dict[tuple[int, int, int], Came] = {}
        about: dict[str, list[Notice]] = {}
        for one in notices:
            key = document_key("", one.notation, one.issued_on, one.issuer, self.code_of)
            answer: Answer[Any] = join([key], stored, said)[0]
            if isinstance(answer, Joined):
                about.setdefault(answer.stored.ref, []).append(one)
            elif one.standing:
                asks = isinstance(answer, Question)
                came[one.place] = "asked" if asks else "waiting"
                if isinstance(answer, Question) and not one.asked:
                    self._ask(one, answer, now)
        return came | self._mark(about)

    def _about_withdrawn(self) -> Iterator[Notice]:
        """Of documents that nothing ever withdrew there is nothing to decide."""
        notices = self.uow.notices.all(self.source)
        withdrawn = {(fold_notation(one.notation), one.issued_on) for one in notices if one.standing}
        return (one for one in notices if (fold_notation(one.notation), one.issued_on) in withdrawn)

    def _stored(self, numbers: set[str]) -> list[DocumentKey]:
        keys = (stored_key("document", one, self.code_of) for one in self.uow.imports.names(self.source, "document"))
        return [key for key in keys if isinstance(key, DocumentKey) and key.notation in numbers]

    def _mark(self, about: dict[str, list[Notice]]) -> dict[tuple[int, int, int], Came]:
        came: dict[tuple[int, int, int], Came] = {}
        versions: dict[str, tuple[Version, str]] = {}
        for ref, (state, seen_at) in self.uow.documents.states(self.source, about).items():
            last = max(about[ref], key=lambda one: (one.as_of, one.standing != ""))
            came |= {one.place: "unchanged" for one in about[ref] if one.standing}
            if state.standing != last.standing:
                changed = replace(state, standing=last.standing)
                versions[ref] = (Version(changed, seen_at, max(seen_at, last.as_of)), "")
                came |= {last.place: "marked"} if last.standing else {}
        if versions:
            self.uow.documents.save(self.source, self.run_id, (), versions)
            log.info("documents.standing", changed=len(versions))
        return came

    def _ask(self, one: Notice, question: Question[Any], now: datetime) -> None:
        file_id, package, place = one.place
        day = f" ngày {one.issued_on:%d/%m/%Y}" if one.issued_on else ""
        deed = "thu hồi" if one.standing == "revoked" else "thay thế"
        reason = f"gói tin {deed} văn bản số {one.notation}{day}: {explain_question(question)}"
        candidates = tuple(candidate.ref for candidate in question.candidates)
        entry = NewEntry(
            package,
            place,
            "question",
            "document",
            (Problem("", "", "", reason),),
            (),
            question.row.answer_id,
            candidates,
        )
        self.uow.quarantine.add(self.source, file_id, [entry], now)
        self.uow.notices.mark_asked(one.place)
