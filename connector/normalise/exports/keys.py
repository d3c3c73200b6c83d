"""What a row of an export and a stored record are found by: an id, or a key of what they tell. Pure (F27, F102)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Protocol

from connector.domain.agencies import AgencyDirectory, fold_name
from connector.domain.imports import OWN
from connector.domain.notation import DASH, fold_notation, fold_subject
from connector.domain.records import TaskState

_NEW_TONES = {
    new: old
    for vowels, first, second in (("oa", "òóỏõọ", "àáảãạ"), ("oe", "òóỏõọ", "èéẻẽẹ"), ("uy", "ùúủũụ", "ỳýỷỹỵ"))
    for new, old in ((vowels[0] + two, one + vowels[1]) for one, two in zip(first, second, strict=True))
}
"""The two ways to place the tone mark: "hoà", "hòa"."""
_NEW_TONE = re.compile("|".join(_NEW_TONES))
_ADDED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[\"'“”‘’«»]")

Named = tuple[str, date | None]
"""A document: folded number, day of issue if known."""


@lru_cache(maxsize=4096)
def name_key(text: str) -> str:
    """Form in which names of tasks are compared: whatever the Unicode form, case, blanks, kind of dash, the letter that
    carries the tone ("hoá", "hóa"), and the stop at the end or the dash at the beginning."""
    folded = DASH.sub("-", fold_subject(unicodedata.normalize("NFC", text))).strip(" .;,:-+*")
    return _NEW_TONE.sub(lambda match: _NEW_TONES[match[0]], folded)


@lru_cache(maxsize=4096)
def loose_name(key: str) -> str:
    """Of a ``name_key``: without quotes and remarks in brackets, which people add and leave out."""
    return " ".join(_ADDED.sub(" ", key).split()) or key


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
    def shares(self, other: object) -> bool: ...
    @property
    def told_apart(self) -> Hashable: ...
    @property
    def own_id(self) -> str: ...
    @property
    def answer_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class TaskKey:
    """``ref``: of a row whatever finds it again, of a stored task its id with us. ``record_id``: the source's id, ""
    if unknown. ``lead``: code of the agency ("?…" for a name in no table), "" if untold; ``lead_name``: folded, for a
    code is that of a day and names outlive agencies. ``documents``: all that its text names; empty if untold. ``name``:
    by ``name_key``."""

    ref: str
    name: str
    lead: str
    assigned_on: date | None
    documents: frozenset[Named] = frozenset()
    record_id: str = ""
    due_on: date | None = None
    lead_name: str = ""

    @property
    def bucket(self) -> Hashable:
        return loose_name(self.name)

    @property
    def told_apart(self) -> Hashable:
        """Of several that fit, it is the one of the same due date."""
        return self.due_on

    @property
    def own_id(self) -> str:
        """Id of a task that only exports show."""
        named = sorted((number, str(day)) for number, day in self.documents)
        return _own_id("task", self.name, self.lead, str(self.assigned_on), *(part for one in named for part in one))

    @property
    def answer_id(self) -> str:
        """Rows of one key are told apart by their due dates; without one the answer is about the key."""
        return f"{self.own_id}@{self.due_on}" if self.due_on else self.own_id

    def _points(self, other: TaskKey) -> tuple[bool | None, bool | None, bool | None]:
        """Whether document, lead and day agree; None where one side does not tell."""
        document = _share(self.documents, other.documents) if self.documents and other.documents else None
        same = self.lead == other.lead or (self.lead_name == other.lead_name != "")
        lead = same if self.lead and other.lead else None
        day = self.assigned_on == other.assigned_on if self.assigned_on and other.assigned_on else None
        return document, lead, day

    def shares(self, other: object) -> bool:
        """Whether anything beside the name speaks for one task."""
        assert isinstance(other, TaskKey)
        return True in self._points(other) or bool(self.due_agrees(other))

    def due_agrees(self, other: TaskKey) -> bool | None:
        return self.due_on == other.due_on if self.due_on and other.due_on else None

    def fit(self, other: object) -> Fit:
        assert isinstance(other, TaskKey)
        points = self._points(other)
        document, lead, day = points
        agreed, due = points.count(True), self.due_agrees(other)
        if self.name != other.name:  # a remark was added or left out
            return Fit.NEAR if False not in points and (agreed >= 2 or (agreed and due)) else Fit.NONE
        if False not in points:
            if agreed >= 2:
                return Fit.FULL if agreed == 3 else Fit.PART
            return Fit.PART if due and agreed else Fit.NEAR
        # The text may name other documents than the one it was given in; a lead and a day may have been changed. A task
        # that returns every month has the same name and lead, another day and another due date.
        if document:
            return Fit.NEAR
        if points.count(False) > 1:
            return Fit.NONE
        moved = day is False and lead is not False and due is not False
        return Fit.NEAR if day or moved or (due and (document is None or lead)) else Fit.NONE

    def differences(self, other: object) -> tuple[str, ...]:
        assert isinstance(other, TaskKey)
        told = (self.name == other.name, *self._points(other), self.due_agrees(other))
        points = zip(("tên", "văn bản giao", "đơn vị chủ trì", "ngày giao", "hạn"), told, strict=True)
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

    def shares(self, other: object) -> bool:
        assert isinstance(other, DocumentKey)
        return self.issued_on == other.issued_on or self.issuer == other.issuer

    @property
    def told_apart(self) -> Hashable:
        return None

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

    @property
    def answer_id(self) -> str:
        return self.own_id

    def differences(self, other: object) -> tuple[str, ...]:
        assert isinstance(other, DocumentKey)
        found = ["số, ký hiệu"] if self.notation != other.notation else []
        if self.issued_on != other.issued_on:
            found.append("ngày ban hành")
        if self.issuer != other.issuer:
            found.append("cơ quan ban hành")
        return tuple(found)


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
    due_on: date | None = None,
) -> TaskKey:
    """The key of a task, from a row or from the store. ``documents``: (number, day) as written; ``code_of``: the code
    of the agency a name stands for on a day."""
    named = _folded(tuple(documents))
    code = code_of(lead, assigned_on) if lead else ""
    return TaskKey(ref, name_key(name), code, assigned_on, named, record_id, due_on, fold_name(lead))


@lru_cache(maxsize=8192)
def _folded(documents: tuple[tuple[str, date | None], ...]) -> frozenset[Named]:
    """Several tasks are given in one document."""
    return frozenset((fold_notation(number), day) for number, day in documents if number)


def twins_of(tasks: Sequence[tuple[str, str, TaskState]]) -> dict[tuple[str, str], str]:
    """Tasks that only files show and that the source's own lists may show too, under another id: (source, id) → that
    id. ``tasks``: source, id, newest state. A person settles them; until then neither day nor due date parts them."""
    own = [one for one in tasks if one[1].startswith(OWN)]
    if not own or len(own) == len(tasks):
        return {}
    wanted: dict[tuple[str, str], list[tuple[str, TaskState]]] = {}
    for source, task_id, state in own:
        wanted.setdefault((source, name_key(state.name)), []).append((task_id, state))
    found: dict[tuple[str, str], str] = {}
    for source, task_id, state in tasks:
        if not task_id.startswith(OWN):
            for own_id, one in wanted.get((source, name_key(state.name)), ()):
                if not (_apart(one.assigned_on, state.assigned_on) and _apart(one.due_on, state.due_on)):
                    found.setdefault((source, own_id), task_id)
    return found


def _apart(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one != other


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
