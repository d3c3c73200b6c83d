"""What a package of an electronic document (edXML) says, in our words. Pure; ``edxml`` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.problems import CellProblem
from connector.normalise.exports.records import ExportDocument

Meaning = Literal["new", "revoke", "update", "replace"]
WORDS: Mapping[Meaning, str] = {
    "new": "văn bản mới",
    "revoke": "thu hồi văn bản",
    "update": "cập nhật văn bản",
    "replace": "thay thế văn bản",
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """``code``: as sent; the same body may stand under an old and a new one. Often only code and name are filled."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A document as packages name it: ``document_id`` is "<organisation>,<yyyy/MM/dd>,<number>/<notation>"; the other
    fields are its parts, empty where it has another form."""

    document_id: str
    organisation: str = ""
    issued_on: date | None = None
    notation: str = ""

    @property
    def key(self) -> str:
        """Form in which it is compared."""
        return "".join(self.document_id.casefold().split())


@dataclass(frozen=True, slots=True)
class Attachment:
    """``size``: bytes of the content, None if it is not in the package. ``packed``: the content is a ZIP, by its first
    bytes; what is in there is not looked at."""

    content_id: str
    name: str
    content_type: str
    size: int | None
    packed: bool = False


@dataclass(frozen=True, slots=True)
class EdocPackage:
    """What one package says. ``record``: the document of its header, as a row of an export would give it; of a
    revocation the subject may be empty. ``concerns``: the documents it revokes, updates or replaces; none if new.
    ``added``, ``removed``: codes of receivers, by an update. ``answers``: documents it is an answer to; ``task_codes``:
    tasks it reports on, in a numbering of their own. ``steering``: "1" no steering document, "2" one, "3" a report on
    one, "" untold. ``sent_at``: the sender's last stamp. ``reason``: in the sender's words."""

    meaning: Meaning
    reference: Reference
    record: ExportDocument
    issuer: Organisation
    recipients: tuple[Organisation, ...]
    concerns: tuple[Reference, ...]
    attachments: tuple[Attachment, ...]
    sent_at: datetime | None
    reason: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    answers: tuple[Reference, ...] = ()
    task_codes: tuple[str, ...] = ()
    steering: str = ""

    @property
    def told(self) -> frozenset[str]:
        """The fields of a document that a package tells, for ``merge_document``. The attachments' names are in the
        record, but iOffice's own list, with ids, goes before them."""
        return frozenset({"issued_on", "issuer", "subject", "urgency", "due_on", "outgoing"})

    def as_of(self, file_time: datetime) -> AsOf:
        """As of when it says so; ``file_time``: when the file was last written, aware. In doubt the earlier one."""
        if self.sent_at is None or self.sent_at >= file_time:
            return AsOf(file_time, "file")
        return AsOf(self.sent_at, "stated", "TraceHeader/Timestamp")


@dataclass(frozen=True, slots=True)
class RefusedPackage:
    """``problems``: all of them; the "cell" of each is the way to an element. ``is_status``: it is no document but a
    message about one."""

    problems: tuple[CellProblem, ...]
    is_status: bool = False
