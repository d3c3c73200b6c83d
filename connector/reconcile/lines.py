"""A list's line as read × as stored → what to keep of it. Pure.

A line that shows what it showed before costs nothing more: it is only noted as seen. Any other is kept whole, and its
record has to be brought up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.records import RawRow

Key = tuple[str, str]


def fingerprint(payload: object) -> str:
    """Tells whether a row is, to the letter and in the order of its fields, the one met before: a fifth of the cost of
    its hash as sorted JSON. Rows that differ in the order only are looked at anew, and nothing comes of it."""
    return hashlib.blake2b(repr(payload).encode(errors="surrogatepass"), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True)
class NewLine:
    key: Key
    fingerprint: str
    payload_hash: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """A record this run's lists show and that may need a look. ``pending``: a line of it is new or changed; ``lost``:
    a line it had is not in its list any more."""

    record_id: str
    pending: bool
    lost: bool
    seen_at: datetime


@dataclass
class PageLines:
    """Of one page: keys of lines seen ``unchanged``; rows that are ``new`` or different, with their fingerprints;
    ``nameless`` rows show no id."""

    unchanged: list[Key] = field(default_factory=list)
    new: list[tuple[Key, str, RawRow]] = field(default_factory=list)
    nameless: list[RawRow] = field(default_factory=list)


class KnownLines:
    """The lines of one list that the store holds, as hashes: a long list must not fill the memory. ``lines``: (record
    id, line id, fingerprint) of each that is not gone; ``seen``: those an interrupted reading had met unchanged."""

    def __init__(self, lines: Iterable[tuple[str, str, str]], seen: frozenset[Key] = frozenset()) -> None:
        self._unmet: set[int] = set()
        self._met: set[int] = set()
        for record, line, print_ in lines:
            (self._met if (record, line) in seen else self._unmet).add(hash((record, line, print_)))

    def compare(self, rows: Iterable[RawRow]) -> PageLines:
        """Sort the rows of a page; of several with one key one that is stored already counts, or else the last."""
        page = PageLines()
        new: dict[Key, tuple[Key, str, RawRow]] = {}
        unchanged: dict[Key, None] = {}
        for row in rows:
            if (key := row.key) is None:
                page.nameless.append(row)
                continue
            print_ = fingerprint(row.payload)
            known = hash((*key, print_))
            if known in self._unmet:
                self._unmet.discard(known)
                self._met.add(known)
            if known in self._met:
                unchanged[key] = None
            else:
                new[key] = (key, print_, row)
        page.unchanged = list(unchanged)
        page.new = [line for key, line in new.items() if key not in unchanged]
        return page

    def add(self, key: Key, print_: str) -> None:
        """A line that was kept: the next pass need not look at it again."""
        self._met.add(hash((*key, print_)))

    def was_met(self, record: str, line: str, print_: str) -> bool:
        """Whether a stored line was in the list, as it stands in the store."""
        return hash((record, line, print_)) in self._met
