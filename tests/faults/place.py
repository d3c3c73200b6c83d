"""A small February 2022 for tests that break things: some forty tasks of the supplied month, all the odd ones among
them, with their documents, served by the real stand-in and read into a real database by the real App."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from connector.bootstrap import App
from connector.sources.rest.source import RestSource
from connector.standin.faults import Fault, Knobs
from connector.standin.profile import Change
from connector.standin.server import StandIn
from connector.standin.timeline import AnswerIssued, AnyEvent, Created, DocIssued, DocStep, Setup, Timeline, packaged
from tests.builders import at
from tests.jobs.office import Office, opened

NIGHT, NEXT = at("2022-02-14"), at("2022-02-15")
SECRET = "450053"
"""A document that is secret here."""
ALIKE = 3
"""Tasks kept of those that the same lists show."""
_ORDINARY = {"created", "assigned_inside", "progress", "done"}

WHOLE: dict[str, Any] = {"document_lists": ["processed", "notify", "outdated"], "document_windows": ["issued", "due"]}
"""Settings as they are by default. To be quick, places read the document stores only, which show every document."""
_LEAN: dict[str, Any] = {"document_lists": [], "document_windows": []}

SERVERS: list[StandIn] = []
"""All that ran during the present test; a fixture looks through their ledgers."""


@dataclass
class Hasty(App):
    """Waits before a request is tried again, and the pauses a server asks for, are noted and not waited for."""

    waits: list[float] = field(default_factory=list)

    def source(self, name: str) -> RestSource:
        section, passwords = self.settings.sources[name], self.passwords.sources[name]
        return RestSource(name, section, passwords, clock=self.clock, sleep=self.waits.append)


@cache
def small() -> Timeline:
    """Events of the tasks to which something unusual happens, and of the first few of each look; with the documents
    they rest on and the answers to those."""
    events = packaged()[0].events
    unusual = {one.ref for one in events if one.kind not in _ORDINARY and one.at <= at("2022-02-16")}
    alike: Counter[object] = Counter()
    tasks: dict[str, Created] = {}
    for event in events:
        if isinstance(event, Created) and event.at <= NEXT:
            look = (event.at <= NIGHT, frozenset((one.identity, one.list) for one in event.views), event.parent is None)
            alike[look] += 1
            if event.ref in unusual or alike[look] <= ALIKE:
                tasks[event.ref] = event
    tasks = {ref: one for ref, one in tasks.items() if one.parent is None or one.parent in tasks}
    documents = {one.doc for one in tasks.values()}

    def belongs(event: AnyEvent) -> bool:
        if isinstance(event, AnswerIssued):
            return event.ref in documents and event.task in tasks
        return event.ref in (documents if isinstance(event, DocIssued | DocStep) else tasks)

    kept = filter(belongs, events)
    return Timeline(tuple(_secret(one) if isinstance(one, DocIssued) and one.id == SECRET else one for one in kept))


def _secret(event: DocIssued) -> DocIssued:
    return event.model_copy(update={"secret": True})


def with_events(*more: AnyEvent) -> Timeline:
    return Timeline(tuple(sorted((*small().events, *more), key=lambda one: one.at)))


def setup() -> Setup:
    return packaged()[1]


@dataclass
class Place(Office):
    """``timeline``: what truly happened; the server may tell it otherwise."""

    timeline: Timeline = field(default_factory=small)

    @property
    def hasty(self) -> Hasty:
        assert isinstance(self.app, Hasty)
        return self.app

    def breaks(self, effect: str, path: str = "", **more: Any) -> None:
        """One more thing goes wrong from now on."""
        self.server.knobs.faults.append(Fault(effect, path, **more))

    def mend(self) -> None:
        self.server.knobs.faults.clear()
        self.server.ledger.clear()

    def asked(self, path: str = "") -> int:
        return self.server.ledger.count(path)


@contextmanager
def a_place(
    database: Path,
    moment: datetime = NIGHT,
    knobs: Knobs | None = None,
    *,
    timeline: Timeline | None = None,
    setup: Setup | None = None,
    schedule: Sequence[Change] = (),
    **source: Any,
) -> Iterator[Place]:
    """``schedule``: knobs that change after some requests; ``source``: settings that differ from the usual ones."""
    shown = timeline or small()
    with StandIn(shown, setup or packaged()[1], now=moment, knobs=knobs, schedule=schedule) as server:
        SERVERS.append(server)
        with reopened(server, database, shown, **source) as place:
            yield place


@contextmanager
def reopened(server: StandIn, database: Path, timeline: Timeline | None = None, **source: Any) -> Iterator[Place]:
    """Another process, or one with other settings, for a server that is there already."""
    with opened(server, database, Hasty, **{**_LEAN, **source}) as office:
        yield Place(office.app, office.server, office.clock, office.engine, timeline or small())
