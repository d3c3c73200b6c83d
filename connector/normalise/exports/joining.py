"""Which stored record a row of an export is: one, none, or a question for a person. Pure (F27, F102).

**Keys.** By id where the export shows one that is stored. Whether its column "ID" holds the source's ids nobody has
told us: they are believed where most of the records they find bear the names of the rows, and never against all the
rest of a row. Otherwise a *document* by
number, day of issue and issuer, within its year; a *task* by its name together with two of: the document it was given
in, its lead agency, the day it was given. What one side does not tell does not count against it; what both tell must be
equal. A due date may be changed, so it speaks against nothing, but an equal one makes up for one of the points that is
not told. Names are compared by ``name_key``, agencies by the code of the agency table.

**Answers.** Exactly one stored record fits: the row is that record. None of its name, or only such as are another task
by what both tell: it is a new one, with an id of its own made from its key. Whatever lies between - too little told,
several fit, two rows fit the same record, one point differs that may have been changed since - a person decides: a
second record for one task would be accused beside its finished twin. The answer is remembered for rows of that key and
due date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from connector.normalise.exports.keys import Fit, Key

NEW = "new"
"""An answer: the row is none of the candidates."""

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
    """A person must say which of ``candidates`` the row is, or that it is new; the answer goes under ``row.answer_id``.
    ``why``: "several" fit, "shared" (other rows fit the same record), "near" (one point differs, or too little is
    told), "id" (the ids contradict the rest). ``differences``: for each candidate, what differs, in Vietnamese."""

    row: K
    candidates: tuple[K, ...]
    why: Literal["several", "shared", "near", "id"]
    differences: tuple[tuple[str, ...], ...] = ()


Answer = Joined[K] | New[K] | Question[K]


def join(
    rows: Sequence[K], stored: Iterable[K], answers: Mapping[str, str], same: Mapping[str, str] | None = None
) -> list[Answer[K]]:
    """An answer for each row, in their order; it does not depend on the order of either side. ``rows``: all of a file,
    each once. ``answers``: ``answer_id`` of a row → ``ref`` of the record a person chose, or NEW. ``same``: ``ref`` of
    a row → that of the record it was when the same file was read before, by other rules."""
    return _Joining(rows, stored, same or {}).answers(answers)


class _Joining(Generic[K]):
    def __init__(self, rows: Sequence[K], stored: Iterable[K], same: Mapping[str, str]) -> None:
        self._rows, self._same = rows, same
        known = set(same.values())
        wanted = {row.bucket for row in rows}
        ids = {row.record_id for row in rows if row.record_id}
        self._by_ref: dict[str, K] = {}
        self._by_id: dict[str, list[K]] = {}
        self._buckets: dict[Hashable, list[K]] = {}
        for one in stored:
            if one.bucket in wanted or one.record_id in ids or one.ref in known:
                self._by_ref[one.ref] = one
                self._buckets.setdefault(one.bucket, []).append(one)
                if one.record_id:
                    self._by_id.setdefault(one.record_id, []).append(one)
        self._found: dict[int, Answer[K]] = {}

    def answers(self, known: Mapping[str, str]) -> list[Answer[K]]:
        if not self._by_ref:
            return [New(row) for row in self._rows]
        said = self._said(known) if known else {}
        trusted = self._trusted()
        for place, row in enumerate(self._rows):
            if (before := self._by_ref.get(self._same.get(row.ref, ""))) is not None:
                self._found[place] = Joined(row, before, "answer")
                continue
            self._settled(place, row, said.get(place), trusted=trusted)
        for fit in (Fit.FULL, Fit.PART):
            self._by_due(fit)
            self._by_key(fit)
        claimed = self._claimed()
        for place, row in enumerate(self._rows):
            if place not in self._found:
                self._found[place] = self._left(row, claimed)
        return [self._found[place] for place in range(len(self._rows))]

    def _said(self, known: Mapping[str, str]) -> dict[int, str]:
        """Row → what a person said of it; an answer that two rows could claim was given for one of them."""
        ids = [row.answer_id for row in self._rows]
        times = Counter(ids)
        return {place: known[one] for place, one in enumerate(ids) if one in known and times[one] == 1}

    def _trusted(self) -> bool:
        """Whether the file's ids are the source's: most of the records they find have the row's name. In a file of
        another numbering hardly any has; then an id proves nothing that the rest of the row does not say too."""
        found = [(row, self._by_id[row.record_id]) for row in self._rows if row.record_id in self._by_id]
        return sum(any(one.bucket == row.bucket for one in same) for row, same in found) * 2 > len(found)

    def _settled(self, place: int, row: K, answer: str | None, *, trusted: bool) -> None:
        """By id, or as a person said."""
        same = self._by_id.get(row.record_id, []) if row.record_id else []
        agreeing = [one for one in same if one.bucket == row.bucket and row.fit(one) is not Fit.NONE]
        if not agreeing and trusted:
            agreeing = [one for one in same if row.shares(one)]
        if len(agreeing) == 1:
            self._found[place] = Joined(row, agreeing[0], "id")
        elif answer == NEW:
            self._found[place] = New(row)
        elif answer is not None and (chosen := self._by_ref.get(answer)) is not None:
            self._found[place] = Joined(row, chosen, "answer")
        elif same:
            others = [one for fit in (Fit.FULL, Fit.PART) for one in self._fitting(row, fit) if one not in same]
            self._found[place] = self._ask(row, [*same, *others], "id")

    def _left(self, row: K, claimed: set[str]) -> Answer[K]:
        """Nothing fits: it is new, unless a record nobody claims is near, or one was made from the same key before."""
        near = [one for one in self._fitting(row, Fit.NEAR) if one.ref not in claimed]
        if near:
            return self._ask(row, near, "near")
        same = self._by_ref.get(row.own_id)
        if same is None or row.record_id:
            return New(row)
        return self._ask(row, [same], "shared" if same.ref in claimed else "near")

    def _by_due(self, fit: Fit) -> None:
        """Rows and records of one key that are told apart by their due dates."""
        pairs = [
            (place, one)
            for place, found in self._open(fit).items()
            for one in found
            if one.told_apart is not None and one.told_apart == self._rows[place].told_apart
        ]
        rows, records = Counter(place for place, _ in pairs), Counter(one.ref for _, one in pairs)
        for place, one in pairs:
            row = self._rows[place]
            if rows[place] == records[one.ref] == 1 and not (row.record_id and one.record_id):
                self._found[place] = Joined(row, one, "key")

    def _open(self, fit: Fit) -> dict[int, list[K]]:
        """Row without an answer → the records that fit it and no other row has."""
        claimed = self._claimed()
        return {
            place: found
            for place, row in enumerate(self._rows)
            if place not in self._found
            and (found := [one for one in self._fitting(row, fit) if one.ref not in claimed])
        }

    def _by_key(self, fit: Fit) -> None:
        """Rows that go with exactly one record, which no other row of the same fit goes with."""
        fitting = self._open(fit)
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
