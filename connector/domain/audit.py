"""The record of who did what (F37): each entry carries the hash of the one before, so that none can be changed, taken
out or put in between without a break that shows. Pure.

Who can write to the database can also write the whole chain anew: a hash that was noted down elsewhere tells.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from connector.domain.finding_life import Step
from connector.domain.findings import FindingKey


class Action(StrEnum):
    """What can be done; what it is done to is the entry's subject. FINDING_…: a step in a finding's life."""

    FINDING_OPENED = "finding.opened"
    FINDING_ACKNOWLEDGED = "finding.acknowledged"
    FINDING_WAIVED = "finding.waived"
    FINDING_RESUMED = "finding.resumed"
    FINDING_CLOSED = "finding.closed"
    FINDING_REOPENED = "finding.reopened"
    WAIVER_GIVEN = "waiver.given"
    WAIVER_ENDED = "waiver.ended"
    ROW_RETRIED = "quarantine.retried"
    ROW_DROPPED = "quarantine.dropped"
    RECORDS_JOINED = "quarantine.joined"
    HEADER_MAPPED = "import.mapped"
    SHRINK_ACCEPTED = "sync.accept_shrink"
    LOGIN_RETRIED = "sync.retry_login"
    COUNTERS_RELEARNT = "sync.relearn"
    UPGRADED = "db.upgraded"
    RESTORED = "db.restored"
    COPIED = "db.copied"


@dataclass(frozen=True, slots=True)
class Deed:
    """``at``: UTC. ``actor``: a person, or the program itself. ``action``: an Action; somebody may have written another
    word over it. ``subject``: number, id or name of what it was done to.
    ``detail``: values of JSON."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """``number``: 1, 2, 3 … without a gap. ``before``: hash of the entry before, "" for the first."""

    number: int
    deed: Deed
    before: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``entries`` were sound, the last of them has the hash ``head``. ``broken``: number of the first entry that is not
    as it was written, None if all are; ``why`` in Vietnamese."""

    entries: int
    head: str
    broken: int | None = None
    why: str = ""


def chained(deeds: Iterable[Deed], number: int, before: str) -> Iterator[Entry]:
    """Entries that go on behind the entry of that number and hash (0 and "": the first ones)."""
    for deed in deeds:
        number += 1
        found = _hash(number, before, deed)
        yield Entry(number, deed, before, found)
        before = found


def verify(entries: Iterable[Entry], known: str = "") -> Verdict:
    """Whether the entries, from the first on, are those that were written. ``known``: a hash that was noted down once,
    and must be among theirs: it shows whether the newest were taken away or all were written anew."""
    number, head, met = 0, "", not known
    try:
        for one in entries:
            if why := _wrong(one, number, head):
                return Verdict(number, head, number + 1, why)
            number, head = one.number, one.hash
            met = met or head == known
    except (ValueError, TypeError):  # what reads the next one cannot
        return Verdict(number, head, number + 1, "nội dung của mục này không đọc được nữa")
    if not met:
        return Verdict(number, head, number + 1, "không mục nào có mã băm đã ghi lại: các mục mới nhất đã bị xóa, "
                       "hoặc cả nhật ký đã bị viết lại")  # fmt: skip
    return Verdict(number, head)


def _wrong(one: Entry, number: int, head: str) -> str:
    """What is wrong with the entry behind the one of that number and hash."""
    if one.number != number + 1:
        return "mục này đã bị xóa"
    if one.before != head:
        return "mục này không nối tiếp mục đứng trước: mục đứng trước đã bị sửa"
    return "" if one.hash == _hash(one.number, one.before, one.deed) else "nội dung của mục này đã bị sửa"


def finding_deed(number: int, key: FindingKey, step: Step, at: datetime, actor: str, reason: str) -> Deed:
    """``number``: of the finding."""
    detail = {"rule": key.rule, "subject_id": key.subject_id, "agency": key.agency, "band": key.band, "reason": reason}
    return Deed(at, actor, Action(f"finding.{step}"), str(number), detail)


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _hash(number: int, before: str, deed: Deed) -> str:
    """The same on either database: PostgreSQL shows a NUL in text as ␀."""
    at = deed.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = _encode([number, before, at, deed.actor, deed.action, deed.subject, deed.detail])
    return hashlib.sha256(said.replace("\\u0000", "␀").encode()).hexdigest()
