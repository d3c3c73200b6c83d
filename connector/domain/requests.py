"""What is asked of a source and what comes back: lists page by page, and parts of one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal, Self

from connector.domain.records import RawRow, Stream

WindowField = Literal["issued", "due"]


@dataclass(frozen=True, slots=True)
class Window:
    """Local days, both ends included, by which documents are searched: of issue, or of the deadline."""

    field: WindowField
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.field}:{self.first}..{self.last}"

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """The window of a list of that name; None for another list."""
        which, colon, span = name.partition(":")
        first, dots, last = span.partition("..")
        if not (colon and dots and which in ("issued", "due")):
            return None
        return cls("issued" if which == "issued" else "due", date.fromisoformat(first), date.fromisoformat(last))


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of one of the source's own vocabularies: code (or id), label, and the parent's code where there is a
    tree."""

    code: str
    label: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Hints:
    """Records that notifications name since the last look. ``newest``: account/identity → newest notification, to
    go on from; a hint may be missing or late, so it only says what to read sooner, never what not to read."""

    tasks: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    newest: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


OPTIONAL_PARTS = frozenset({"children", "files"})
"""Parts that only add to a record; without the others it is not known well enough to be left alone."""
REFUSED_EVERYWHERE = "nguồn từ chối với mọi bản ghi, không hỏi lại đến lượt đọc đầy đủ sau"


@dataclass(frozen=True, slots=True)
class PartRequest:
    """What to read of one record beyond its list row, through which identity, and why.

    ``parts``: of a task "detail", "flow", "processors", "children", "files"; of a document "log", "related", "files",
    "detail". ``line_id``: the assignee's line, needed for the detail in lists of received tasks, "" otherwise.
    """

    subject: str
    stream: Stream
    parts: frozenset[str]
    reason: str
    line_id: str = ""


@dataclass(frozen=True, slots=True)
class PartReading:
    """The answer to a PartRequest. ``failed``: part → cause, for the parts that could not be read this time."""

    request: PartRequest
    rows: tuple[RawRow, ...]
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of one list has come; kept with the rows in one transaction, so that a killed run goes on
    behind the last stored page (F07, F17).

    ``number`` of the pass (from 1), ``page`` last page of it, ``size`` rows asked for a page; ``chain`` names the keys
    met in this pass in their order, ``last`` those of its last page; ``keys`` how many they were, ``distinct`` how
    many different ones, ``largest`` how many the largest page had. ``met``: chain of a finished pass → how many passes
    ended with it. ``larger``: whether the server is known to give larger pages (None: not known). ``done``: nothing is
    left to read; ``complete`` False then means the end was not found (``problem`` says why).
    """

    number: int = 1
    page: int = 0
    size: int = 0
    chain: str = ""
    last: str = ""
    keys: int = 0
    distinct: int = 0
    largest: int = 0
    met: Mapping[str, int] = field(default_factory=dict)
    larger: bool | None = None
    done: bool = False
    complete: bool = False
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A list to read. ``progress``: where an interrupted reading stopped, None to begin; ``seen``: the keys it had met
    in its unfinished pass. ``rows`` and ``larger``: what the last whole reading found, to plan the pages ahead."""

    stream: Stream
    progress: Progress | None = None
    seen: frozenset[tuple[str, str]] = frozenset()
    rows: int = 0
    larger: bool | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list. The last one of a list has ``progress.done``; it may be without rows. ``again``: keys of rows
    that this pass over the list had shown before."""

    stream: Stream
    rows: tuple[RawRow, ...]
    progress: Progress
    again: frozenset[Any] = frozenset()
