"""What happened, as a file: a timeline (JSON lines) and its setup, read into typed, frozen events.

Times are aware, dates are local (+07:00). Anything unreadable is a ``TimelineError`` that names file and line.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from connector.errors import TimelineError

FEBRUARY_2022 = Path(__file__).parent / "feb2022"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(_Record):
    """``ref``: ``T…`` for a task, ``D…`` for a document."""

    at: AwareDatetime
    ref: str = Field(min_length=1)


class View(NamedTuple):
    """How one identity sees a task: in which list, on which lines (None in lists of given tasks), as what."""

    identity: str
    list: Literal["dagiao", "duocgiao"]
    lines: tuple[str | None, ...]
    role: str


class Coop(_Record):
    code: str
    name: str


class Created(Event):
    kind: Literal["created"]
    id: str = Field(pattern=r"^\d+$")
    name: str
    content: str
    assigner: str
    lead: str
    lead_name: str
    coops: tuple[Coop, ...] = ()
    assigned: AwareDatetime
    due: date | None
    priority: str
    doc: str | None = None
    parent: str | None = None
    views: tuple[View, ...]
    two_step: bool = False
    files: tuple[str, ...] = ()


class AssignedInside(Event):
    kind: Literal["assigned_inside"]
    unit: str


class Progress(Event):
    kind: Literal["progress"]
    text: str


class ExtensionRequested(Event):
    kind: Literal["extension_requested"]
    new_due: date
    reason: str = ""


class ExtensionApproved(Event):
    kind: Literal["extension_approved"]
    new_due: date


class Done(Event):
    kind: Literal["done"]
    text: str
    files: tuple[str, ...] = ()


class Returned(Event):
    kind: Literal["returned"]
    reason: str = ""
    label: str


class LeadChanged(Event):
    kind: Literal["lead_changed"]
    old: str
    new: str
    name: str


class Evaluated(Event):
    kind: Literal["evaluated"]
    code: str
    text: str = ""


class LineChanged(Event):
    """The line of a co-operating agency is done or taken away."""

    kind: Literal["coop_done", "line_removed"]
    agency: str


class Marked(Event):
    """A change that needs no further word."""

    kind: Literal["submitted", "cancelled", "urged", "hidden", "shown", "deleted"]


class DocIssued(Event):
    kind: Literal["doc_issued"]
    id: str = Field(pattern=r"^\d+$")
    notation: str
    date: date
    subject: str
    to: tuple[str, ...]
    names: tuple[str, ...]
    urgent: bool = False
    secret: bool = False


class DocStep(Event):
    """A step of one agency with an issued document."""

    kind: Literal["doc_received", "doc_forwarded", "doc_assigned", "doc_closed"]
    agency: str


class AnswerIssued(Event):
    """``ref``: the document answered; ``id``: the answer's own."""

    kind: Literal["answer_issued"]
    id: str = Field(pattern=r"^\d+$")
    agency: str
    name: str
    notation: str
    date: date
    task: str


TaskEvent = (
    AssignedInside | Progress | ExtensionRequested | ExtensionApproved | Done | Returned | LeadChanged | Evaluated
    | LineChanged | Marked
)  # fmt: skip
AnyEvent = Created | TaskEvent | DocIssued | DocStep | AnswerIssued
_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="kind")])


class Account(_Record):
    username: str
    password: str = Field(repr=False)
    identities: tuple[str, ...] = Field(min_length=1)


class Setup(_Record):
    """What the stand-in needs of ``setup.json``: who may log in as whom, and how things are called there."""

    accounts: tuple[Account, ...]
    identities: dict[str, str]
    base_path: str = Field("/qlvb/", pattern=r"^/.*/$")
    issuer: str
    issued_documents_kho: str
    incoming_documents_kho: tuple[str, ...] = Field(min_length=1)
    confidential_code: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Timeline:
    """All events, in time order (events of one instant in the order of the file)."""

    events: tuple[AnyEvent, ...]


def read_timeline(path: Path) -> Timeline:
    """Read a timeline file. Raises TimelineError with file and line: not JSON, unknown kind, missing or wrong field,
    an event about a task or document that was not created before it."""
    numbered: list[tuple[int, AnyEvent]] = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if line.strip():
            try:
                numbered.append((number, _EVENT.validate_json(line)))
            except ValidationError as error:
                raise _unreadable(path, number, _first_problem(error)) from error
    numbered.sort(key=lambda pair: pair[1].at)
    _check_references(path, numbered)
    return Timeline(tuple(event for _, event in numbered))


def read_setup(path: Path) -> Setup:
    """Read the setup beside a timeline. Raises TimelineError with the file and the first problem."""
    return _model(Setup, path)


@functools.lru_cache(maxsize=4)
def packaged(folder: Path = FEBRUARY_2022) -> tuple[Timeline, Setup]:
    """Timeline and setup of a folder holding ``timeline.jsonl`` and ``setup.json``; the supplied month by default."""
    return read_timeline(folder / "timeline.jsonl"), read_setup(folder / "setup.json")


def _check_references(path: Path, events: Iterable[tuple[int, AnyEvent]]) -> None:
    known: set[str] = set()
    parents: list[tuple[int, str]] = []
    for number, event in events:
        if isinstance(event, Created):
            needed = [event.doc] if event.doc is not None else []
            if event.parent is not None:
                parents.append((number, event.parent))
        elif isinstance(event, DocIssued):
            needed = []
            if len(event.to) != len(event.names) or not event.to:
                raise _unreadable(path, number, "to and names must be of one length and not empty")
        else:
            needed = [event.ref, event.task] if isinstance(event, AnswerIssued) else [event.ref]
        for ref in needed:
            if ref not in known:
                raise _unreadable(path, number, f"{event.kind} speaks of {ref}, which does not exist yet")
        if isinstance(event, Created | DocIssued):
            if event.ref in known:
                raise _unreadable(path, number, f"{event.ref} is created twice")
            known.add(event.ref)
    for number, parent in parents:  # a parent may be given after its child
        if parent not in known:
            raise _unreadable(path, number, f"the parent {parent} does not exist")


_M = TypeVar("_M", bound=BaseModel)


def _model(model: type[_M], path: Path) -> _M:
    try:
        return model.model_validate_json(_text(path))
    except ValidationError as error:
        raise TimelineError(f"{path}: {_first_problem(error)}", file=str(path)) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TimelineError(f"{path}: {error}", file=str(path)) from error


def _unreadable(path: Path, line: int, problem: str) -> TimelineError:
    return TimelineError(f"{path}, line {line}: {problem}", file=str(path), line=line)


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
