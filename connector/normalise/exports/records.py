"""Records as an export shows them, ready to meet what is stored. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from connector.domain.records import DocumentState, TaskState
from connector.domain.status import Role, Status
from connector.normalise.exports.columns import Synonyms
from connector.normalise.exports.dates import Order
from connector.normalise.exports.headers import Accepted
from connector.normalise.vocabulary import Vocabularies

_PARTS = re.compile(r"[;,\n]|\bvà\b")
_NUMBER = re.compile(r"\d[^/]{0,8}/.+?(?=\s+ngày\b|$)", re.IGNORECASE)
_DATED = re.compile(r"ngày\s+(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.IGNORECASE)


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


@dataclass(frozen=True)
class Rules:
    """What the office has settled about exports. ``is_agency``: whether a name is one of the agency table.
    ``order``: of day and month in its files. ``accepted``: fingerprint of a header → the mapping a person accepted.
    ``zone``: files write local times. ``open_labels``: degrees of secrecy that mean none, folded; every other one
    counts as secret, for nobody can take back what was shown (F107)."""

    synonyms: Synonyms
    words: Vocabularies
    zone: ZoneInfo
    is_agency: Callable[[str], bool]
    order: Order = "day_first"
    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    open_labels: frozenset[str] = frozenset({"thường", "bình thường", "không", "không mật"})


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """What a task was given in, by the cell: one document as a rule, perhaps several. ``notations``: without the kind
    ("Công văn số"); ``issued_on``: of the one. ``words``: as the text of a task names them."""

    notations: tuple[str, ...]
    issued_on: date | None

    @classmethod
    def read(cls, text: str, issued_on: date | None) -> SourceDocument:
        """``issued_on``: by a column of its own; else the day may stand behind the number."""
        numbers = (_NUMBER.search(part) for part in _PARTS.split(_DATED.sub("", text)))
        found = tuple(dict.fromkeys(one[0].strip(" .") for one in numbers if one))
        if issued_on is None and (dated := _DATED.search(text)) is not None and len(found) == 1:
            issued_on = _day(dated)
        return cls(found or (text,), issued_on if len(found) <= 1 else None)

    @property
    def words(self) -> str:
        dated = f" ngày {self.issued_on:%d/%m/%Y}" if self.issued_on else ""
        return "; ".join(f"số {one}{dated}" for one in self.notations)


@dataclass(frozen=True, slots=True)
class ExportTask:
    """A task of one row. ``task_id``: "" where the export shows none. ``cooperating``: names as written. ``role``: of
    the unit in the lead's column, where the export has a row for each unit; LEAD where it does not. ``implied``: no
    word tells how the task stands, only that there is no completion date. ``no_due``: the row
    says that there is no deadline, or none that names a day. ``doubts``: what is odd about the row, in Vietnamese; it
    counts all the same."""

    row: int
    task_id: str
    state: TaskState
    document: SourceDocument | None = None
    cooperating: tuple[str, ...] = ()
    role: Role = Role.LEAD
    implied: bool = False
    no_due: bool = False
    doubts: tuple[str, ...] = ()

    @property
    def tells_status(self) -> bool:
        """Whether the status is the task's own, or perhaps only that of a co-operating unit's line (F102)."""
        return self.role in (Role.LEAD, Role.ASSIGNER)

    @property
    def vouches(self) -> bool:
        """Whether the row shows how the task stands: it may name it and say nothing of that."""
        silent = self.state.status is Status.UNKNOWN and (self.implied or not self.state.status_label)
        return self.tells_status and not silent


@dataclass(frozen=True, slots=True)
class ExportDocument:
    """A document of one row."""

    row: int
    document_id: str
    state: DocumentState
    doubts: tuple[str, ...] = ()
