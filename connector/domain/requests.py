"""What to read of one record beyond its list row, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.domain.records import RawRow, Stream


@dataclass(frozen=True, slots=True)
class PartRequest:
    """What to read of one record beyond its list row, through which identity, and why.

    ``parts``: of a task "detail", "flow", "processors"; of a document "log", "related". ``line_id``: the assignee's
    line, needed for the detail in lists of received tasks, "" otherwise.
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
