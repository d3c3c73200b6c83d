"""Whom a document reached, by its activity log. Pure.

Agencies are compared by their codes on the day of the row; one that took over from another counts as that one, since a
task may outlive a merger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from connector.domain.agencies import Agency, fold_name
from connector.domain.history import DocumentHistory
from connector.domain.policy import Policy
from connector.domain.status import LogAction

MUST_ACT = frozenset({"XLC", "PH"})
"""Parts of a sending row that give work; XEM and XYK only inform. A document with several tasks names one agency as
XLC, the leads of the others under PH."""
_PARTS = {"XLC": 0, "PH": 1, "XEM": 2, "XYK": 3}
_OFFICE_KINDS = frozenset({"van_phong", "don_vi_thuoc_vp"})


class Arrival(NamedTuple):
    """The row that shows a document at an agency: the strongest part ("" for an agency that took a step), then the
    earliest local day. Ordered by that."""

    rank: int
    day: date
    part: str
    name: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Agency code ("?" + folded name for one in no table) → arrival. ``sent``: there is a sending row. ``telling``:
    every recipient is an agency of the table and not the office itself, and no step is unmapped."""

    by_code: dict[str, Arrival]
    sent: bool
    telling: bool


class Forwarding:
    """Reads each log once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._resolve = lru_cache(maxsize=1 << 15)(policy.directory.resolve)
        self._own_names = tuple(fold_name(name) for name in (policy.issuer, *policy.counted_assigners))
        agencies = policy.directory.agencies
        self._heirs = {agency.code: self._heirs_of(agency) for agency in agencies}
        self._own = frozenset(agency.code for agency in agencies if self._is_own(agency))
        self._reaches: dict[str, Reach] = {}

    def reach(self, document: DocumentHistory) -> Reach:
        found = self._reaches.get(document.document_id)
        if found is None:
            found = self._reaches[document.document_id] = self._read(document)
        return found

    def arrival(self, document: DocumentHistory, codes: Iterable[str]) -> Arrival | None:
        """How the document reached one of these agencies, or one that took over from them or the other way round."""
        by_code, wanted = self.reach(document).by_code, frozenset(codes)
        rows = [by_code[code] for code in wanted if code in by_code]
        if not rows:
            heirs = {heir for code in wanted for heir in self._heirs.get(code, ())}
            rows = [
                row
                for code, row in by_code.items()
                if code in heirs or not wanted.isdisjoint(self._heirs.get(code, ()))
            ]
        return min(rows, default=None)

    def proves_absence(self, document: DocumentHistory, codes: Iterable[str]) -> bool:
        """Whether an agency without arrival was really not sent the document, as far as a log can prove that."""
        return self.reach(document).telling and all(one[0] != "?" and one not in self._own for one in codes)

    def code(self, name: str, day: date) -> str:
        agency = self._resolve(name, day).agency
        return agency.code if agency else f"?{fold_name(name)}"

    def other_agency(self, words: str, day: date) -> Agency | None:
        """The agency whose name begins these words, unless it is the office itself: the longest name counts."""
        if fold_name(words).startswith(self._own_names):
            return None
        parts = words.split()
        found = (self._resolve(" ".join(parts[:end]), day).agency for end in range(len(parts), 0, -1))
        agency = next((one for one in found if one is not None), None)
        return None if agency is None or agency.code in self._own else agency

    def _read(self, document: DocumentHistory) -> Reach:
        by_code: dict[str, Arrival] = {}
        sent, telling = False, True
        for entry in document.log:
            day = self._policy.observer.local_date(entry.at)
            sending = entry.action is LogAction.SENT
            telling = telling and entry.action is not LogAction.OTHER
            for part, name in entry.recipients if sending else (*entry.recipients, ("", entry.unit)):
                agency = self._resolve(name, day).agency
                if sending:
                    sent, telling = True, telling and agency is not None and agency.code not in self._own
                elif agency is None and part:
                    continue  # people inside an agency
                code = agency.code if agency else f"?{fold_name(name)}"
                row = Arrival(_PARTS.get(part, len(_PARTS)), day, part, name)
                by_code[code] = min(row, by_code.get(code, row))
        return Reach(by_code, sent, telling)

    def _is_own(self, agency: Agency) -> bool:
        """The office itself and its units: what they get may be passed on by hand, and they need not be sent it."""
        return agency.kind in _OFFICE_KINDS or not agency.written.keys().isdisjoint(self._own_names)

    def _heirs_of(self, agency: Agency) -> frozenset[str]:
        """Everybody who took over from an agency, and from those."""
        found: set[str] = set()
        waiting = list(agency.successors)
        while waiting:
            code = waiting.pop()
            if code in self._policy.directory and code not in found:
                found.add(code)
                waiting += self._policy.directory.get(code).successors
        return frozenset(found)
