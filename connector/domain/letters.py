"""Letters: what goes to whom, before it is rendered and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One finding in a digest. ``subject_text`` is never the content of a secret document (F107)."""

    finding_id: int
    notation: str
    document_date: date | None
    subject_text: str
    agency_name: str
    cooperating: tuple[str, ...]
    due_on: date | None
    days_overdue: int | None
    days_left: int | None
    reason: str
    is_new: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class DigestSection:
    """The rows of one rule, most overdue first."""

    rule: str
    title: str
    legal_basis: str
    legal_confirmed: bool
    what_to_do: str
    rows: tuple[DigestRow, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """One letter to one agency for one slot. ``as_of``: when the findings were made (aware); ``data_at``: the
    reading they rest on (aware). ``key`` is unique and gives the Message-ID. ``redirected``: the agency has no
    address, the office gets the letter in its place (F61)."""

    key: str
    agency_code: str
    agency_name: str
    recipients: tuple[str, ...]
    slot: str
    as_of: datetime
    data_at: datetime | None
    sections: tuple[DigestSection, ...]
    overdue: int
    due_soon: int
    violations: int
    office_name: str
    redirected: bool = False

    @property
    def finding_ids(self) -> tuple[int, ...]:
        return tuple(row.finding_id for section in self.sections for row in section.rows)


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered letter as it lies in the outbox. ``key``: unique; ``message_id`` is derived from it once and for
    all, so that a repeat after a crash can be recognised (F64)."""

    key: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    message_id: str
    created_at: datetime
    finding_ids: tuple[int, ...] = ()
    kind: str = "digest"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A letter with its place in the outbox."""

    id: int
    letter: Letter
    attempts: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt for one recipient. ``outcome``: as of ``Delivery``."""

    at: datetime
    recipient: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ToldLetter:
    """A letter a finding stood in. ``state``: waiting, sent, dead; ``sent_at`` once all recipients are settled."""

    id: int
    key: str
    agency: str
    recipients: tuple[str, ...]
    state: str
    created_at: datetime
    sent_at: datetime | None
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the server said for one recipient. ``outcome``: sent, retry, refused. ``seconds``: how long it took."""

    recipient: str
    outcome: str
    reply: str
    seconds: float
