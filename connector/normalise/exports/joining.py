"""Which stored record a row of an export is: one, none, or a question for a person. Pure (F27, F102).

**Keys.** By id where the export shows one that is stored. Otherwise a *document* by number, day of issue and issuer,
within its year; a *task* by its name together with two of: the document it was given in, its lead agency, the day it
was given. What one side does not tell does not count against it; what both tell must be equal. Names are compared by
``name_key``, agencies by the code of the agency table.

**Answers.** Exactly one stored record fits: the row is that record. None: it is a new one, with an id of its own made
from its key, so that the same row gives the same id wherever it is read. Several fit, two rows fit the same record, or
a record nobody claims differs in a point that may have been changed since: a person decides, and the
answer is remembered under that id.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Generic, Literal, Protocol, TypeVar

from connector.domain.agencies import AgencyDirectory, fold_name
from connector.domain.notation import DASH, fold_notation, fold_subject

_NEW_TONES = {
    new: old
    for vowels, first, second in (("oa", "òóỏõọ", "àáảãạ"), ("oe", "òóỏõọ", "èéẻẽẹ"), ("uy", "ùúủũụ", "ỳýỷỹỵ"))
    for new, old in ((vowels[0] + two, one + vowels[1]) for one, two in zip(first, second, strict=True))
}
"""The two ways to place the tone mark: "hoà", "hòa"."""
_NEW_TONE = re.compile("|".join(_NEW_TONES))
NEW = "new"
"""An answer: the row is none of the candidates."""

Named = tuple[str, date | None]
"""A document: folded number, day of issue if known."""


@lru_cache(maxsize=4096)
def name_key(text: str) -> str:
    """Form in which names of tasks are compared: whatever the Unicode form, case, blanks, kind of dash, and the letter
    that carries the tone ("hoá", "hóa")."""
    folded = DASH.sub("-", fold_subject(unicodedata.normalize("NFC", text)))
    return _NEW_TONE.sub(lambda match: _NEW_TONES[match[0]], folded)


class Fit(IntEnum):
    """How well a row and a record of the same bucket go together. NEAR: they differ in one point that may change."""

    NONE, NEAR, PART, FULL = range(4)


class Key(Protocol):
    @property
    def ref(self) -> str: ...
    @property
    def record_id(self) -> str: ...
    @property
    def bucket(self) -> Hashable: ...
    def fit(self, other: object) -> Fit: ...
    def differences(self, other: object) -> tuple[str, ...]: ...
    @property
    def own_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class TaskKey:
    """``ref``: of a row whatever finds it again, of a stored task its id with us. ``record_id``: the source's id, ""
    if unknown. ``lead``: code of the agency ("?…" for a name in no table), "" if untold. ``documents``: all that its
    text names; empty if untold. ``name``: by ``name_key``."""

    ref: str
    name: str
    lead: str
    assigned_on: date | None
    documents: frozenset[Named] = frozenset()
    record_id: str = ""

    @property
    def bucket(self) -> Hashable:
        return self.name

    @property
    def own_id(self) -> str:
        """Id of a task that only exports show."""
        named = sorted((number, str(day)) for number, day in self.documents)
        return _own_id("task", self.name, self.lead, str(self.assigned_on), *(part for one in named for part in one))

    def _points(self, other: TaskKey) -> tuple[bool | None, bool | None, bool | None]:
        """Whether document, lead and day agree; None where one side does not tell."""
        document = _share(self.documents, other.documents) if self.documents and other.documents else None
        lead = self.lead == other.lead if self.lead and other.lead else None
        day = self.assigned_on == other.assigned_on if self.assigned_on and other.assigned_on else None
        return document, lead, day

    def fit(self, other: object) -> Fit:
        assert isinstance(other, TaskKey)
        points = self._points(other)
        document, _, day = points
        agreed = points.count(True)
        if False not in points:
            return (Fit.NONE, Fit.NONE, Fit.PART, Fit.FULL)[agreed]
        # The text may name other documents than the one it was given in; a lead and a day may have been changed.
        return Fit.NEAR if document or (day and points.count(False) == 1) else Fit.NONE

    def differences(self, other: object) -> tuple[str, ...]:
        assert isinstance(other, TaskKey)
        points = zip(("văn bản giao", "đơn vị chủ trì", "ngày giao"), self._points(other), strict=True)
        return tuple(what for what, agrees in points if agrees is False)


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """As ``TaskKey``. ``notation``: by ``fold_notation``. ``issuer``: code of the agency, "?" and the folded name for
    one in no table, "" if untold."""

    ref: str
    notation: str
    issued_on: date | None
    issuer: str
    record_id: str = ""

    @property
    def bucket(self) -> Hashable:
        return self.notation

    @property
    def own_id(self) -> str:
        """Id of a document that only exports show."""
        return _own_id("document", self.notation, str(self.issued_on), self.issuer)

    def fit(self, other: object) -> Fit:
        assert isinstance(other, DocumentKey)
        issuer = self.issuer == other.issuer if self.issuer and other.issuer else None
        if self.issued_on is None or other.issued_on is None:
            return Fit.NEAR if issuer else Fit.NONE  # numbers begin again each year
        if self.issued_on != other.issued_on:
            return Fit.NONE
        if issuer is False:  # two names may mean one issuer, two codes never do
            return Fit.NEAR if "?" in (self.issuer[0], other.issuer[0]) else Fit.NONE
        return Fit.FULL if issuer else Fit.PART

    def differences(self, other: object) -> tuple[str, ...]:
        assert isinstance(other, DocumentKey)
        found = []
        if self.issued_on != other.issued_on:
            found.append("ngày ban hành")
        if self.issuer != other.issuer:
            found.append("cơ quan ban hành")
        return tuple(found)


K = TypeVar("K", bound=Key)


@dataclass(frozen=True, slots=True)
class Joined(Generic[K]):
    """The row is the stored record ``stored``; ``by``: its id, its key, or a person's answer."""

    row: K
    stored: K
    by: Literal["id", "key", "answer"]


@dataclass(frozen=True, slots=True)
class New(Generic[K]):
    """Nothing stored is this row."""

    row: K


@dataclass(frozen=True, slots=True)
class Question(Generic[K]):
    """A person must say which of ``candidates`` the row is, or that it is new; the answer goes under ``row.own_id``.
    ``why``: "several" fit, "shared" (other rows fit the same record), "near" (one point differs), "id" (the ids
    contradict the rest). ``differences``: for each candidate, what differs, in Vietnamese."""

    row: K
    candidates: tuple[K, ...]
    why: Literal["several", "shared", "near", "id"]
    differences: tuple[tuple[str, ...], ...] = ()


Answer = Joined[K] | New[K] | Question[K]


def join(rows: Sequence[K], stored: Iterable[K], answers: Mapping[str, str]) -> list[Answer[K]]:
    """An answer for each row, in their order; it does not depend on the order of either side. ``rows``: all of a file,
    each once. ``answers``: ``own_id`` of a row → ``ref`` of the record a person chose, or NEW."""
    return _Joining(rows, stored).answers(answers)


class _Joining(Generic[K]):
    def __init__(self, rows: Sequence[K], stored: Iterable[K]) -> None:
        self._rows = rows
        wanted = {row.bucket for row in rows}
        ids = {row.record_id for row in rows if row.record_id}
        self._by_ref: dict[str, K] = {}
        self._by_id: dict[str, K] = {}
        self._buckets: dict[Hashable, list[K]] = {}
        for one in stored:
            if one.bucket in wanted or one.record_id in ids:
                self._by_ref[one.ref] = one
                self._buckets.setdefault(one.bucket, []).append(one)
                if one.record_id:
                    self._by_id[one.record_id] = one
        self._found: dict[int, Answer[K]] = {}

    def answers(self, known: Mapping[str, str]) -> list[Answer[K]]:
        if not self._by_ref:
            return [New(row) for row in self._rows]
        for place, row in enumerate(self._rows):
            self._settled(place, row, known.get(row.own_id) if known else None)
        self._by_key(Fit.FULL)
        self._by_key(Fit.PART)
        claimed = self._claimed()
        for place, row in enumerate(self._rows):
            if place not in self._found:
                near = [one for one in self._fitting(row, Fit.NEAR) if one.ref not in claimed]
                self._found[place] = self._ask(row, near, "near") if near else New(row)
        return [self._found[place] for place in range(len(self._rows))]

    def _settled(self, place: int, row: K, answer: str | None) -> None:
        """By id, or as a person said."""
        if row.record_id and (same := self._by_id.get(row.record_id)) is not None:
            self._found[place] = Joined(row, same, "id")
        elif answer == NEW:
            self._found[place] = New(row)
        elif answer is not None and (chosen := self._by_ref.get(answer)) is not None:
            self._found[place] = Joined(row, chosen, "answer")

    def _by_key(self, fit: Fit) -> None:
        """Rows that go with exactly one record, which no other row of the same fit goes with."""
        claimed = self._claimed()
        fitting = {
            place: found
            for place, row in enumerate(self._rows)
            if place not in self._found
            and (found := [one for one in self._fitting(row, fit) if one.ref not in claimed])
        }
        claims = Counter(one.ref for found in fitting.values() for one in found)
        for place, found in fitting.items():
            row, one = self._rows[place], found[0]
            if len(found) > 1:
                self._found[place] = self._ask(row, found, "several")
            elif claims[one.ref] > 1:
                self._found[place] = self._ask(row, found, "shared")
            elif row.record_id and one.record_id:
                self._found[place] = self._ask(row, found, "id")
            else:
                self._found[place] = Joined(row, one, "key")

    def _claimed(self) -> set[str]:
        return {found.stored.ref for found in self._found.values() if isinstance(found, Joined)}

    def _fitting(self, row: K, fit: Fit) -> list[K]:
        return [one for one in self._buckets.get(row.bucket, ()) if row.fit(one) is fit]

    def _ask(self, row: K, candidates: list[K], why: Literal["several", "shared", "near", "id"]) -> Question[K]:
        ordered = tuple(sorted(candidates, key=lambda one: one.ref))
        return Question(row, ordered, why, tuple(row.differences(one) for one in ordered))


def _share(some: frozenset[Named], others: frozenset[Named]) -> bool:
    """Whether a document is in both; a day that one side does not tell does not part them."""
    if not some.isdisjoint(others):
        return True
    return any(
        number == other and (day is None or other_day is None) for number, day in some for other, other_day in others
    )


def _own_id(*parts: str) -> str:
    """Begins with "x-", as no id of the source does."""
    return "x-" + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


def agency_codes(directory: AgencyDirectory, otherwise: date) -> Callable[[str, date | None], str]:
    """Name and day → code of the agency, "?…" for a name in no table. ``otherwise``: the day where none is known."""

    @lru_cache(maxsize=16_384)
    def code_of(name: str, day: date | None) -> str:
        agency = directory.resolve(name, day or otherwise).agency
        return agency.code if agency else f"?{fold_name(name)}"

    return code_of


def task_key(
    ref: str,
    name: str,
    lead: str,
    assigned_on: date | None,
    documents: Iterable[tuple[str, date | None]],
    code_of: Callable[[str, date | None], str],
    record_id: str = "",
) -> TaskKey:
    """The key of a task, from a row or from the store. ``documents``: (number, day) as written; ``code_of``: the code
    of the agency a name stands for on a day."""
    named = _folded(tuple(documents))
    return TaskKey(ref, name_key(name), code_of(lead, assigned_on) if lead else "", assigned_on, named, record_id)


@lru_cache(maxsize=8192)
def _folded(documents: tuple[tuple[str, date | None], ...]) -> frozenset[Named]:
    """Several tasks are given in one document."""
    return frozenset((fold_notation(number), day) for number, day in documents if number)


def document_key(
    ref: str,
    notation: str,
    issued_on: date | None,
    issuer: str,
    code_of: Callable[[str, date | None], str],
    record_id: str = "",
) -> DocumentKey:
    """As ``task_key``."""
    code = code_of(issuer, issued_on) if issuer else ""
    return DocumentKey(ref, fold_notation(notation), issued_on, code, record_id)
