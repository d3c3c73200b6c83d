"""A list's line as read × as stored → what to keep of it. Pure.

A line that shows what it showed before costs nothing more: it is only noted as seen. Any other is kept whole, and its
record has to be brought up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.records import RawRow
from connector.reconcile.payloads import Payload, payload_of

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KnownLine:
    payload_hash: str
    gone: bool


@dataclass(frozen=True, slots=True)
class NewLine:
    key: Key
    payload_hash: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """A record this run's lists show. ``pending``: a line of it is new or changed; ``lost``: a line it had is not in
    its list any more; ``seen_at`` (UTC): newest line read."""

    record_id: str
    pending: bool
    lost: bool
    seen_at: datetime


@dataclass
class PageLines:
    """Of one page: lines seen ``unchanged``; those that are ``new`` or different, with their payloads; ``nameless``
    rows show no id."""

    unchanged: list[Key] = field(default_factory=list)
    new: list[tuple[RawRow, Payload]] = field(default_factory=list)
    nameless: list[RawRow] = field(default_factory=list)


def compare(rows: Iterable[RawRow], known: Mapping[Key, KnownLine]) -> PageLines:
    """Of rows with one key the last one counts."""
    page = PageLines()
    last: dict[Key, RawRow] = {}
    for row in rows:
        if row.key is None:
            page.nameless.append(row)
        else:
            last[row.key] = row
    for key, row in last.items():
        payload = payload_of(row.payload)
        old = known.get(key)
        if old is not None and not old.gone and old.payload_hash == payload.hash:
            page.unchanged.append(key)
        else:
            page.new.append((row, payload))
    return page
