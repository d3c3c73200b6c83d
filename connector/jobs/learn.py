"""What words a deployment uses: its own vocabularies, read and kept, and what the connector would make of them.

Nothing is put into force: a proposal becomes true when somebody copies it into the settings (F14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from connector.domain.records import Stream
from connector.errors import AuthNeeded
from connector.jobs.sync import login_hold, require_login_allowed
from connector.normalise.proposals import LISTS, Proposals, propose
from connector.normalise.vocabulary import Vocabularies
from connector.ports import Clock, Source, UnitOfWork

log = structlog.get_logger()

_NAMES = {
    "type": "document_types", "field": "document_fields", "priority": "document_priorities", "unit": "units",
    "document_unit": "document_units", "publishing_unit": "publishing_units",
}  # fmt: skip
"""Vocabularies whose name among the proposals is another one."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """``lists``: those the login offers, by identity; ``missing``: vocabularies the source would not show."""

    source: str
    proposals: Proposals
    lists: tuple[Stream, ...]
    missing: tuple[str, ...]


def learn(source: Source, uow: UnitOfWork, clock: Clock, words: Vocabularies, normal_urgency: Sequence[str]) -> Learnt:
    """Log in, read the source's vocabularies, keep them, and propose what unmapped labels may mean. Raises what the
    source raises; a refused login is remembered, as by ``sync`` (F02)."""
    require_login_allowed(uow, source.name)
    try:
        source.open()
        terms = source.vocabularies()
        lists = (*source.task_lists(), *source.document_lists())
    except AuthNeeded as error:
        with uow:
            uow.holds.put(login_hold(source.name), clock.now(), str(error))
            uow.commit()
        raise
    finally:
        source.close()
    with uow:
        for name, entries in terms.items():
            uow.memory.keep_vocabulary(source.name, name, entries, clock.now())
        met = uow.memory.labels_met(source.name)
        uow.commit()
    named = {_NAMES.get(name, name): [(one.label, one.code) for one in terms[name]] for name in terms}
    proposals = propose(named, met, words, normal_urgency)
    missing = tuple(name for name in LISTS if name not in named)
    log.info("source.learnt", source=source.name, vocabularies=len(terms), proposed=len(proposals.proposed))
    return Learnt(source.name, proposals, lists, missing)
