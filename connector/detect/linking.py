"""From what speaks for and against each document to the link of a task. Pure.

**When a certain link is lowered.** A wrong certain link accuses an agency under the wrong document; a link lost
without need makes a rule "not evaluable". The text is strong evidence, a silent log is weak: names differ by spelling
and merger, documents go to "các sở, ban, ngành", by paper, through the office itself, or once more later. So a lead
that is missing in the log lowers the link to probable only if none of this can explain it:

- every recipient, and every lead the task ever had, is an agency of the table, and no recipient is the office itself;
- no lead was sent the document or took a step in its log, nor an agency it took over from or that took over from it;
- no step of the log is unmapped, and it was read more than ``NEAR_DAYS`` after the task was given.

Otherwise the silence is noted and decides nothing. A text that gives the very number and date to another agency of the
table lowers the link as well: districts number their documents "…/UBND-…" too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import TypeVar

from connector.detect.forwarding import MUST_ACT, Forwarding
from connector.detect.links import (
    NOT_SENT,
    OTHER_ISSUER,
    Confidence,
    DocumentIndex,
    Doubt,
    Evidence,
    Kind,
    Link,
    Weight,
)
from connector.detect.references import Reference, references
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.notation import fold_notation, fold_subject
from connector.domain.policy import Policy
from connector.domain.records import TaskState
from connector.domain.status import Role, fold_label

NEAR_DAYS = 7
"""A document is sent about when its task is given: calendar days before or after."""
YEAR_DAYS = 366
"""Numbers begin again each year, and subjects return: farther from the task's day a document is no candidate."""
SHOWN = 5
"""How many documents that the text does not name are listed for people."""
NUMBERS_TRIED = 20
_NEARBY = [timedelta(days) for days in sorted(range(-NEAR_DAYS, NEAR_DAYS + 1), key=abs)]

K = TypeVar("K", bound=Hashable)
_Documents = dict[str, DocumentHistory]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A task as the evidence needs it. ``leads``: codes of every lead it had; ``name``, ``files``: folded."""

    state: TaskState
    leads: frozenset[str]
    name: str
    files: frozenset[str]

    def days_from(self, document: DocumentHistory) -> int:
        assigned = self.state.assigned_on
        return 0 if assigned is None else abs((assigned - _issued_on(document)).days)

    def about(self) -> list[tuple[str, date]]:
        """(lead, day) for the days on which its document may have been sent, nearest first."""
        assigned = self.state.assigned_on
        if assigned is None:
            return []
        leads = sorted(self.leads)
        return [(code, day) for day in (assigned + near for near in _NEARBY) for code in leads]


class Linker:
    """Links tasks to the documents of an index. Building it costs a pass over the documents; a link costs none."""

    def __init__(self, index: DocumentIndex, policy: Policy) -> None:
        self._index, self._policy = index, policy
        self._forwarding = Forwarding(policy)
        self._issued = sorted(index.issued(), key=lambda one: (_issued_on(one), one.document_id))
        self._subject_of = {one.document_id: fold_subject(one.state.subject) for one in self._issued}

    def link(self, task: TaskHistory) -> Link:
        """The link of a task by its newest visible state, with its evidence."""
        state = task.known_state()
        named = None if (text := state.text) is None else references(text)
        link = self._index.by_references(named)
        asked = self._asked(task, state)
        if link.document is not None:
            return self._checked(asked, link, link.document, named or ())
        return self._suggested(asked, link, named or ())

    def _asked(self, task: TaskHistory, state: TaskState) -> _Asked:
        seen = {(one.state.lead, self._policy.observer.local_date(one.observed_at)) for one in task.versions}
        if state.assigned_on is not None:
            seen |= {(lead, state.assigned_on) for lead, _ in seen}
        leads = frozenset(self._forwarding.code(lead, day) for lead, day in seen)
        files = frozenset(fold_label(name) for name in state.files or ())
        return _Asked(state, leads, fold_subject(state.name), files)

    # -- a certain link, looked at again ---------------------------------------------------------------------------

    def _checked(self, asked: _Asked, link: Link, document: DocumentHistory, named: Iterable[Reference]) -> Link:
        found = [*link.evidence, *self._evidence(asked, document), *self._other_issuer(document, named)]
        against = {one.role for one in found if one.weight is Weight.AGAINST}
        if not against:
            return replace(link, evidence=tuple(found))
        problem = NOT_SENT if Doubt.NOT_SENT in against else OTHER_ISSUER
        return Link(None, problem, link.candidates, Confidence.PROBABLE, tuple(found))

    def _other_issuer(self, document: DocumentHistory, named: Iterable[Reference]) -> Iterator[Evidence]:
        key = (fold_notation(document.state.notation), document.state.issued_on)
        issuer = next(one.issuer for one in named if (one.notation, one.day) == key)
        agency = self._forwarding.other_agency(issuer, _issued_on(document)) if issuer else None
        if agency is not None:
            doubt = Doubt.OTHER_ISSUER
            yield Evidence(Kind.CONTRADICTION, Weight.AGAINST, document.document_id, doubt, agency.name)

    # -- one task and one document ---------------------------------------------------------------------------------

    def _evidence(self, asked: _Asked, document: DocumentHistory) -> Iterator[Evidence]:
        """All but the words of the text."""
        key, state, issued = document.document_id, document.state, _issued_on(document)
        yield from self._by_its_log(asked, document)
        assigned = asked.state.assigned_on
        if assigned is not None and assigned < issued:
            yield Evidence(Kind.CONTRADICTION, Weight.NOTE, key, Doubt.ISSUED_LATER, day=issued)
        elif assigned is not None and asked.days_from(document) <= NEAR_DAYS:
            yield Evidence(Kind.ISSUE_DATE, Weight.NOTE, key, day=issued)
        if state.due_on is not None and state.due_on == asked.state.due_on:
            yield Evidence(Kind.DEADLINE, Weight.NOTE, key, day=state.due_on)
        if asked.name and self._subject_of[key] == asked.name:
            yield Evidence(Kind.SUBJECT, Weight.FOR, key)
        for file in state.files or ():
            name = fold_label(file.name)
            if name in asked.files and self._files.get(name) is document:
                yield Evidence(Kind.FILE, Weight.FOR, key, text=file.name)

    def _by_its_log(self, asked: _Asked, document: DocumentHistory) -> Iterator[Evidence]:
        key, assigned = document.document_id, asked.state.assigned_on
        row = self._forwarding.arrival(document, asked.leads)
        if row is not None:
            near = assigned is not None and abs((row.day - assigned).days) <= NEAR_DAYS
            weight = Weight.FOR if near and row.part in MUST_ACT else Weight.NOTE
            yield Evidence(Kind.FORWARDED, weight, key, row.part, row.name, row.day)
        else:
            yield from self._never_sent(asked, document)
        day = assigned or _issued_on(document)
        helpers = [line.name for line in asked.state.lines or () if line.role is Role.COOPERATING]
        agreed = [name for name in helpers if self._forwarding.arrival(document, (self._forwarding.code(name, day),))]
        if agreed:
            yield Evidence(Kind.FORWARDED_COOP, Weight.NOTE, key, text="; ".join(agreed))

    def _never_sent(self, asked: _Asked, document: DocumentHistory) -> Iterator[Evidence]:
        """The log knows nothing of the task's lead. What was read before the task was given says nothing of it."""
        observer, assigned = self._policy.observer, asked.state.assigned_on
        if document.log_read_at is None or not self._forwarding.reach(document).sent:
            return
        known_until = observer.vouches_until(document.log_read_at)
        if assigned is not None and known_until < observer.end_of_day(assigned):
            return
        read_late = assigned is not None and known_until >= observer.end_of_day(assigned + timedelta(NEAR_DAYS))
        proved = read_late and self._forwarding.proves_absence(document, asked.leads)
        weight = Weight.AGAINST if proved else Weight.NOTE
        yield Evidence(Kind.CONTRADICTION, weight, document.document_id, Doubt.NOT_SENT, asked.state.lead)

    # -- documents the text does not name with certainty -----------------------------------------------------------

    def _suggested(self, asked: _Asked, link: Link, named: Sequence[Reference]) -> Link:
        """What the task probably or possibly rests on. Where the text names several documents, it is one of them."""
        said = list(link.evidence)
        by_text = {one.document_id: one for one in link.candidates} or self._by_number(asked, named, said)
        pool = by_text if link.candidates else by_text | self._by_subject(asked) | self._by_file(asked)
        if not pool:
            pool = self._by_day(asked, said)
        found: dict[str | None, list[Evidence]] = {None: []}
        for one in said:
            found.setdefault(one.document_id, []).append(one)
        ranked: list[tuple[bool, int, int, str]] = []
        for key, document in pool.items():
            about = found.setdefault(key, [])
            about += self._evidence(asked, document)
            clues = {one.kind for one in about if one.weight is Weight.FOR}
            against = any(one.weight is Weight.AGAINST for one in about)
            ranked.append((against, -len(clues), asked.days_from(document), key))
        ranked.sort()
        agreed = sum(not against and clues <= -2 for against, clues, _, _ in ranked)
        shown = [key for place, (_, _, _, key) in enumerate(ranked) if place < SHOWN or key in by_text]
        confidence = Confidence.PROBABLE if agreed == 1 else Confidence.POSSIBLE if shown else Confidence.NONE
        evidence = tuple(one for key in (None, *shown) for one in found[key])
        return Link(None, link.problem, tuple(pool[key] for key in shown), confidence, evidence)

    def _by_number(self, asked: _Asked, named: Sequence[Reference], said: list[Evidence]) -> _Documents:
        """Documents with a number of the text whose date is missing there, or is another one."""
        found: _Documents = {}
        for one in named[:NUMBERS_TRIED]:
            for document in self._nearest(self._numbers, one.notation, asked):
                key, issued = document.document_id, document.state.issued_on
                found[key] = document
                number = Kind.REFERENCE_ONLY_NUMBER
                said.append(Evidence(number, Weight.FOR, key, "", one.words, issued, one.position))
                if one.day is not None:
                    said.append(Evidence(Kind.CONTRADICTION, Weight.NOTE, key, Doubt.OTHER_DATE, one.words, issued))
        return found

    def _by_subject(self, asked: _Asked) -> _Documents:
        """Documents whose subject is the task's name: the nearest, and those sent to the lead about that day."""
        if not asked.name or asked.name not in self._subjects:
            return {}
        both = chain.from_iterable(self._sent_subjects.get((*key, asked.name), ()) for key in asked.about())
        same = self._nearest(self._subjects, asked.name, asked)
        return {one.document_id: one for one in (*islice(both, SHOWN), *same)}

    def _by_file(self, asked: _Asked) -> _Documents:
        found = (self._files.get(name) for name in asked.files)
        return {one.document_id: one for one in found if one is not None}

    def _by_day(self, asked: _Asked, said: list[Evidence]) -> _Documents:
        """The documents sent to the lead nearest to the task's day; a note says how many there were."""
        lists = [self._sent.get(key, ()) for key in asked.about()]
        total = sum(map(len, lists))
        if total > SHOWN:
            said.append(Evidence(Kind.FORWARDED, Weight.NOTE, text=str(total)))
        return {one.document_id: one for one in islice(chain.from_iterable(lists), SHOWN)}

    def _nearest(
        self, documents: Mapping[str, Sequence[DocumentHistory]], key: str, asked: _Asked
    ) -> list[DocumentHistory]:
        """Of the documents under a key, by day of issue: at most ``SHOWN`` of the year around the task."""
        rows = documents.get(key, ())
        assigned = asked.state.assigned_on or date.max
        place = bisect_left(rows, assigned, key=_issued_on)
        around = sorted(
            rows[max(0, place - SHOWN) : place + SHOWN], key=lambda one: (asked.days_from(one), one.document_id)
        )
        return [one for one in around if asked.days_from(one) <= YEAR_DAYS][:SHOWN]

    # -- what documents are looked up by, each made when it is first needed ----------------------------------------

    @cached_property
    def _numbers(self) -> dict[str, list[DocumentHistory]]:
        return _grouped((fold_notation(one.state.notation), one) for one in self._issued)

    @cached_property
    def _subjects(self) -> dict[str, list[DocumentHistory]]:
        return _grouped((self._subject_of[one.document_id], one) for one in self._issued)

    @cached_property
    def _files(self) -> dict[str, DocumentHistory | None]:
        """Folded file name → the document it belongs to, None if several have one of that name ("scan.pdf")."""
        found: dict[str, DocumentHistory | None] = {}
        for document in self._issued:
            for name in {fold_label(file.name) for file in document.state.files or ()}:
                found[name] = None if name in found else document
        return found

    @cached_property
    def _sent(self) -> dict[tuple[str, date], list[DocumentHistory]]:
        """(agency that must act, local day) → documents."""
        return _grouped(
            ((code, row.day), document)
            for document in self._issued
            for code, row in self._forwarding.reach(document).by_code.items()
            if row.part in MUST_ACT
        )

    @cached_property
    def _sent_subjects(self) -> dict[tuple[str, date, str], list[DocumentHistory]]:
        """The same, by folded subject as well."""
        return _grouped(
            ((*key, self._subject_of[one.document_id]), one)
            for key, documents in self._sent.items()
            for one in documents
        )


def _grouped(pairs: Iterable[tuple[K, DocumentHistory]]) -> dict[K, list[DocumentHistory]]:
    found: dict[K, list[DocumentHistory]] = {}
    for key, document in pairs:
        found.setdefault(key, []).append(document)
    return found


def _issued_on(document: DocumentHistory) -> date:
    """Documents without a date of issue are in no index."""
    assert document.state.issued_on is not None
    return document.state.issued_on
