"""What a run checks besides reading: do the words still mean the same, does the source look as it did (F13), does it
count as we count (F10)?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from connector.errors import SourceChanged
from connector.normalise.shape_changes import Mode, ShapeChange
from connector.normalise.shape_diff import diff, merge
from connector.normalise.shape_watch import ShapeWatch
from connector.normalise.shapes import Shape
from connector.normalise.vocabulary import Vocabularies
from connector.ports import Clock, UnitOfWork
from connector.reconcile.figures import Reconciliation, reconcile, rules_from_json, rules_to_json
from connector.reconcile.own_figures import OwnFigures, Received

log = structlog.get_logger()

SHAPES, RULES, WORDS = "shapes", "counter_rules", "words"
"""Names under which a source's memory keeps them."""


def notice_new_words(uow: UnitOfWork, source: str, words: Vocabularies, at: datetime) -> None:
    """With other words in the settings the same rows may mean something else: all are looked at anew, and tasks of
    which a label means something else now are read whole, also those that seemed finished. ``at``: now (UTC)."""

    def is_otherwise(table: str, label: str, word: str) -> bool:
        return word != (words.status(label) if table == "status" else words.role(label))

    with uow:
        known = uow.memory.get(source, WORDS)
        if known != {"version": words.version}:
            if known is not None:
                uow.sightings.unsettle(source)
                otherwise = [
                    task for task, read in uow.memory.labels_read(source) if any(is_otherwise(*one) for one in read)
                ]
                uow.memory.forget_lists(source, otherwise)
                log.info("sync.words_changed", tasks=len(otherwise))
            uow.memory.put(source, WORDS, {"version": words.version}, at)
        uow.commit()


def known_shapes(uow: UnitOfWork, source: str) -> dict[str, Shape]:
    """What the answers of a source looked like so far, by kind of record. Inside a unit of work."""
    return {kind: Shape.from_json(shape) for kind, shape in (uow.memory.get(source, SHAPES) or {}).items()}


@dataclass
class ShapeCheck:
    """Watches the answers of one run. ``modes``: what a change of a field does, by "kind.field"."""

    source: str
    known: Mapping[str, Shape]
    words: Vocabularies
    modes: Mapping[str, Mode]
    watch: ShapeWatch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = ShapeWatch(self.known)

    def changes(self) -> tuple[ShapeChange, ...]:
        return diff(self.known, self.watch, self.modes, self.words)

    def require_none_that_stops(self) -> None:
        """Before anything of this run touches a task or a document. Raises SourceChanged."""
        stops = [change for change in self.changes() if change.mode == "stop"]
        if stops:
            for change in stops:
                log.error("sync.shape_stop", **change.for_log())
            named = ", ".join(f"{change.kind}.{change.field}" for change in stops)
            sentences = "\n".join(f"  - {change.sentence}" for change in stops)
            raise SourceChanged(f"{named} changed", source=self.source, changes=sentences)

    def remember(self, uow: UnitOfWork, at: datetime) -> tuple[ShapeChange, ...]:
        """The changes to be told, each once; from now on the source is known as it is. Inside a unit of work."""
        changes = self.changes()
        shapes = merge(self.known, self.watch, at, changes)
        uow.memory.put(self.source, SHAPES, {kind: shape.to_json() for kind, shape in shapes.items()}, at)
        told = tuple(change for change in changes if change.mode != "accept")
        for change in told:
            log.warning("sync.shape_changed", **change.for_log())
        return told


def reconciled(
    uow: UnitOfWork,
    clock: Clock,
    source: str,
    run_id: int,
    before: Mapping[str, int],
    after: Mapping[str, int],
    *,
    relearn: bool,
) -> Reconciliation:
    """Compare what was received with what is stored, and the source's counters with our own counts; what was learnt of
    the counters is remembered. Opens a unit of work and commits it."""
    now = clock.now()
    with uow:
        lists = _received(uow, source, run_id)
        own = OwnFigures(clock.local_date(now))
        for lines, number in uow.sightings.task_lines(source, run_id):
            own.add_task(lines, number)
        for stream, is_read, number in uow.sightings.document_lines(source, run_id):
            own.add_documents(stream.reader, stream.list, is_read, number)
        rules = rules_from_json(uow.memory.get(source, RULES) or {})
        found, learnt = reconcile(lists, before, after, own.result(lists), rules, now, relearn=relearn)
        uow.memory.put(source, RULES, rules_to_json(learnt), now)
        uow.commit()
    log.info("sync.reconciled", verdict=str(found.verdict), checks=len(found.checks))
    return found


def _received(uow: UnitOfWork, source: str, run_id: int) -> list[Received]:
    rows = uow.sightings.rows_read(source, run_id)
    unread = uow.sightings.incomplete(source, run_id)
    stored = uow.sightings.count_seen(source, run_id)
    rejected = uow.raw.rejected_by_list(source, run_id)
    return [
        Received(
            stream,
            received=received,
            stored=stored.get(stream, 0),
            rejected=rejected.get(str(stream), (0, 0))[1],
            unreadable=rejected.get(str(stream), (0, 0))[0],
            complete=stream not in unread,
        )
        for stream, received in sorted(rows.items())
    ]
