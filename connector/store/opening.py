"""A database as commands meet it: made when it is new, refused when another version of the program made it."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Engine

from connector.store import schema
from connector.store.engine import open_engine
from connector.store.unit_of_work import SqlUnitOfWork

IN_MEMORY = "sqlite://"


class Opening:
    """One database, for writing and for reading. ``busy_timeout``: seconds a writer waits for another."""

    def __init__(self, url: str, busy_timeout: float) -> None:
        self._url = url
        self._busy_timeout = busy_timeout

    @cached_property
    def engine(self) -> Engine:
        """Raises StoreError."""
        return open_engine(self._url, busy_timeout=self._busy_timeout)

    @cached_property
    def reader(self) -> Engine:
        """The same database for reading only; one in memory belongs to its one engine."""
        if self._url == IN_MEMORY:
            return self.engine
        return open_engine(self._url, busy_timeout=self._busy_timeout, readonly=True)

    def writing(self) -> SqlUnitOfWork:
        """Waits for whoever writes at the moment. A new database gets its schema at once; an old one raises
        SchemaOutdated: an upgrade is the admin's decision."""
        self._ready  # noqa: B018  checked once
        return SqlUnitOfWork(self.engine)

    def reading(self) -> SqlUnitOfWork:
        """The same for what only looks: cannot write, sees one moment, waits for no writer and keeps none waiting."""
        self._readable  # noqa: B018  checked once
        return SqlUnitOfWork(self.reader)

    def close(self) -> None:
        """Give its connections back; a later use opens new ones."""
        for engine in (self.engine, self.reader):
            engine.dispose()

    @cached_property
    def _ready(self) -> bool:
        if schema.current(self.engine) is None:
            schema.upgrade(self.engine)
        schema.require_current(self.engine)
        return True

    @cached_property
    def _readable(self) -> bool:
        if schema.current(self.reader) is None:
            return self._ready
        schema.require_current(self.reader)
        return True
