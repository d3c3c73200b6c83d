"""What people order and decide, and what becomes of findings, is in the audit log: each with who did it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap import App
from connector.bootstrap_audit import AuditApp
from connector.bootstrap_findings import FindingApp
from connector.domain.audit import Action, Deed
from connector.domain.finding_life import SYSTEM
from connector.errors import UsageProblem
from tests.builders import at
from tests.jobs.importing import Importing, row
from tests.jobs.office import office

PERSON = "Nguyễn Văn Mẫu"


def deeds(app: App) -> list[Deed]:
    """All of them, which are one chain."""
    assert AuditApp(app).verify("").broken is None
    return [one.deed for one in AuditApp(app).listed(None)]


def done_since(app: App, before: list[Deed]) -> list[tuple[str, str, str]]:
    return [(one.actor, one.action, one.subject) for one in deeds(app)[len(before) :]]


def test_every_step_of_every_finding_and_every_decision_is_an_entry(tmp_path: Path) -> None:
    with office(tmp_path / "connector.db", at("2022-02-28")) as place:
        app = FindingApp(place.app)
        place.app.sync("ioffice")
        place.app.detect()
        found = deeds(place.app)
        events = place.rows("SELECT finding_id, event, actor FROM finding_event ORDER BY id")
        assert [(one.subject, one.action, one.actor) for one in found] == [
            (str(number), f"finding.{event}", actor) for number, event, actor in events
        ]
        assert {one.actor for one in found} == {SYSTEM}
        one, other, *_ = app.listed(states=["open"])
        assert found[one.id - 1].detail["reason"] == one.hit.reason
        app.acknowledge([one.id], reason="đã gọi điện", actor=PERSON)
        app.waive(other.id, scope="finding", until=date(2022, 12, 31), reason="chờ ý kiến", actor=PERSON)
        app.end_waivers(other.id, actor=PERSON)
        assert done_since(place.app, found) == [
            (PERSON, Action.FINDING_ACKNOWLEDGED, str(one.id)), (PERSON, Action.WAIVER_GIVEN, "1"),
            (PERSON, Action.FINDING_WAIVED, str(other.id)), (PERSON, Action.WAIVER_ENDED, "1"),
            (PERSON, Action.FINDING_RESUMED, str(other.id)),
        ]  # fmt: skip
        before = deeds(place.app)
        with pytest.raises(UsageProblem):
            app.acknowledge([other.id, one.id], reason="", actor=PERSON)
        assert deeds(place.app) == before, "what was not done is not said to have been"


def test_what_an_operator_allows_a_reading_to_do_is_an_entry(tmp_path: Path) -> None:
    with office(tmp_path / "connector.db", at("2022-02-28")) as place:
        place.app.actor = PERSON
        place.app.sync("ioffice")
        assert deeds(place.app) == [], "a reading is none: it is in the table of runs"
        place.app.sync("ioffice", full=True, accept_shrink=True, retry_login=True, relearn=True)
        assert done_since(place.app, []) == [
            (PERSON, Action.SHRINK_ACCEPTED, "ioffice"), (PERSON, Action.LOGIN_RETRIED, "ioffice"),
            (PERSON, Action.COUNTERS_RELEARNT, "ioffice"),
        ]  # fmt: skip


def test_what_is_settled_about_files_is_an_entry(tmp_path: Path) -> None:
    files = Importing.at(tmp_path, "2022-02-28 18:00")
    app = files.app
    app.actor = PERSON

    def take(name: str, *rows: dict[str, Any], **options: Any) -> None:
        files.take(files.export(name, "2022-02-20 17:00", *rows, **options))

    take("a.xlsx", row(id="7", name="Rà soát", due="31/02/2022"), row(id="8"))
    take("b.xlsx", row(id="9", name="Lập kế hoạch", due="30/02/2022"), row(id="8"))
    one, other = files.imports.waiting()
    files.imports.retry([one.id], None)
    files.imports.drop([other.id])
    path = files.export("c.xlsx", "2022-02-20 17:00", row(id="2"))
    proposed = files.imports.propose(path, {}, outgoing=None)
    files.imports.accept(proposed)
    assert done_since(app, []) == [
        (PERSON, Action.ROW_RETRIED, str(one.id)), (PERSON, Action.ROW_DROPPED, str(other.id)),
        (PERSON, Action.HEADER_MAPPED, proposed.fingerprint),
    ]  # fmt: skip
    retried, dropped, mapped = (one.detail for one in deeds(app))
    assert retried == {"file": "a.xlsx", "sheet": one.row.sheet, "row": one.row.row, "as": "", "record": ""}
    assert dropped["row"] == other.row.row
    assert (mapped["file"], mapped["columns"]) == ("c.xlsx", dict(proposed.accepted.columns))
