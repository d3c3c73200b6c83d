"""A whole deployment inside one test: the stand-in on loopback, a real database, the real source and normaliser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine

from connector.bootstrap import App
from connector.clock import FixedClock
from connector.settings import Settings
from connector.settings.file import Passwords
from connector.standin.faults import Knobs
from connector.standin.server import StandIn
from connector.standin.timeline import FEBRUARY_2022, Account
from tests import databases

SETUP: dict[str, Any] = json.loads((FEBRUARY_2022 / "setup.json").read_text(encoding="utf-8"))


@dataclass
class Office:
    app: App
    server: StandIn
    clock: FixedClock
    engine: Engine

    def at(self, moment: datetime) -> Office:
        """Move everything to a moment."""
        self.clock.move_to(moment)
        self.server.move_to(moment)
        return self

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return databases.rows(self.engine, query)

    def one(self, query: str) -> Any:
        ((value,),) = self.rows(query)
        return value


def settings_for(url: str, database: Path, accounts: Sequence[Account] = (), **source: Any) -> Settings:
    """``accounts``: other ones than the supplied month's. ``source``: as of ``office``."""
    names = [one.username for one in accounts] or [one["username"] for one in SETUP["accounts"]]
    users = [{"username": name, "password_env": "TEST"} for name in names]
    return Settings.model_validate(
        {
            "office": {"counted_assigners": SETUP["counted_assigners"], "issuer": SETUP["issuer"]},
            "storage": {"database": databases.address(database)},
            "sources": {"ioffice": {"base_url": url, "accounts": users, "attempts": 2, **source}},
            "vocabulary": {"status": SETUP["labels"], "log_actions": SETUP["log_actions"]},
            "letters": {
                "mailboxes": SETUP["mailboxes"],
                "office_mailbox": SETUP["office_mailbox"],
                "admin_mailbox": SETUP["admin_mailbox"],
            },
        }
    )


@contextmanager
def office(database: Path, moment: datetime, knobs: Knobs | None = None, **source: Any) -> Iterator[Office]:
    """``source``: settings of the source that differ from the usual ones. Passwords are the setup's."""
    with StandIn.packaged(moment, knobs=knobs) as server, opened(server, database, **source) as place:
        yield place


@contextmanager
def opened(server: StandIn, database: Path, make: type[App] = App, **source: Any) -> Iterator[Office]:
    """The same for a server that is there already. ``make``: the App, or one that does a part of it otherwise."""
    clock = FixedClock(server.now)
    accounts = server.setup.accounts
    passwords = {one.username: SecretStr(one.password) for one in accounts}
    app = make(
        settings_for(server.url, database, accounts, **source), clock, given=Passwords({"ioffice": passwords}, None)
    )
    try:
        yield Office(app, server, clock, app.engine)
    finally:
        app.store.close()
