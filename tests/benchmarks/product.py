"""The product, driven through its stable doors only: settings, a clock, ``App.sync``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from connector.bootstrap import App
from connector.clock import SystemClock
from connector.domain.runs import Outcome
from connector.settings import RestSettings, Settings
from connector.settings.file import Passwords

SOURCE, ACCOUNT = "ioffice", "do-toc-do"

_FLOW_ONLY: dict[str, Any] = {
    "task_parts": ["flow"],
    "task_lists": ["dagiao"],
    "document_lists": [],
    "document_stores": [],
    "confidential_codes": {},
}
"""The bare loop's work and no more: one task list and the flow of its tasks."""


def settings(url: str, database: Path, **source: Any) -> Settings:
    """``source``: settings of the source that differ. Those this version of the product does not have are left out."""
    account = {"username": ACCOUNT, "password_env": "UNUSED", "identities": []}
    wanted = {name: value for name, value in _FLOW_ONLY.items() if name in RestSettings.model_fields}
    return Settings.model_validate(
        {
            "storage": {"database": f"sqlite:///{database}"},
            "sources": {SOURCE: {"base_url": url, "accounts": [account], **wanted, **source}},
        }
    )


def missing_settings() -> list[str]:
    """What this version cannot be told to leave out: it then does more than the bare loop."""
    return [name for name in _FLOW_ONLY if name not in RestSettings.model_fields]


def concurrency() -> int:
    """Requests under way at once, as the product comes."""
    return int(RestSettings.model_fields["concurrency"].default)


def run(url: str, folder: Path, **source: Any) -> dict[str, int]:
    """One sync into the database in ``folder``; its figures. Raises RuntimeError unless all was read."""
    given = Passwords({SOURCE: {ACCOUNT: SecretStr("khong-co-that")}}, None)
    app = App(settings(url, folder / "connector.db", **source), SystemClock(), given=given)
    result = app.sync(SOURCE)
    app.store.close()
    if result.outcome is not Outcome.OK:
        raise RuntimeError(f"{result.outcome}: {result.error or result.problems[:3]}")
    counts = result.counts
    return {"inserted": counts.inserted, "updated": counts.updated, "unchanged": counts.unchanged}
