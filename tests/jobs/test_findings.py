"""What people say about findings, on a real database: it holds, it ends, letters and reports follow it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.bootstrap_findings import FindingApp
from connector.domain.finding_life import SYSTEM, Step
from connector.domain.findings import FindingState
from connector.domain.periods import Month
from connector.errors import UsageProblem
from tests.builders import at
from tests.jobs.office import SETUP, Office, office

PERSON = "Nguyễn Văn Mẫu"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "connector.db", at("2022-02-28")) as opened:
        opened.app.sync("ioffice")
        opened.at(at("2022-03-01", "07:30"))
        opened.app.detect()
        yield opened


def violation(place: Office) -> int:
    """The only finding behind a document that section 2 of the report counts."""
    report = place.app.report(Month(2022, 2)).report
    documents = [document for group in report.violations for document in group.documents]
    document = next(one for one in documents if len(one.findings) == 1)
    (finding,) = document.findings
    subject = finding.task_id or document.document_id
    (row,) = place.rows(f"SELECT id FROM finding WHERE rule = '{finding.rule}' AND subject_id = '{subject}'")
    return int(row[0])


def test_a_step_is_kept_with_its_actor_time_and_reason(place: Office) -> None:
    app = FindingApp(place.app)
    (one, *_) = app.listed(states=["open"])
    app.acknowledge([one.id], reason="đã gọi điện", actor=PERSON)
    found = app.life(one.id)
    assert found.finding.state is FindingState.ACKNOWLEDGED
    assert [(step.step, step.actor, step.reason) for step in found.events] == [
        (Step.OPENED, SYSTEM, one.hit.reason), (Step.ACKNOWLEDGED, PERSON, "đã gọi điện"),
    ]  # fmt: skip
    with pytest.raises(UsageProblem):
        app.acknowledge([one.id], reason="", actor=PERSON)
    place.app.detect()
    assert app.life(one.id).finding.state is FindingState.ACKNOWLEDGED, "a reading that changes nothing changes nothing"


def test_a_waiver_ends_by_itself_and_can_be_taken_back(place: Office) -> None:
    app = FindingApp(place.app)
    one, other, *_ = app.listed(states=["open"])
    app.waive(one.id, scope="finding", until=date(2022, 3, 2), reason="chờ ý kiến", actor=PERSON)
    app.waive(other.id, scope="finding", until=date(2022, 12, 31), reason="chờ ý kiến", actor=PERSON)
    assert {found.id for found in app.listed(states=["waived"])} == {one.id, other.id}
    place.at(at("2022-03-02", "23:00"))
    place.app.detect()
    assert app.life(one.id).finding.state is FindingState.WAIVED
    place.at(at("2022-03-03", "07:30"))
    place.app.detect()
    assert app.life(one.id).finding.state is FindingState.OPEN
    assert [step.step for step in app.life(one.id).events] == [Step.OPENED, Step.WAIVED, Step.RESUMED]
    app.end_waivers(other.id, actor=PERSON)
    assert app.life(other.id).events[-1].actor == PERSON
    with pytest.raises(UsageProblem):
        app.end_waivers(other.id, actor=PERSON)


@pytest.mark.parametrize(
    "wrong", [{"until": date(2022, 2, 28)}, {"reason": " "}, {"scope": "all"}, {"finding_id": 99_999}]
)
def test_a_waiver_that_cannot_be_meant_is_refused(place: Office, wrong: dict[str, object]) -> None:
    app = FindingApp(place.app)
    (one, *_) = app.listed(states=["open"])
    meant = {"finding_id": one.id, "scope": "finding", "until": date(2022, 3, 5), "reason": "x", "actor": PERSON}
    with pytest.raises(UsageProblem):
        app.waive(**meant | wrong)  # type: ignore[arg-type]
    assert place.one("SELECT count(*) FROM waiver") == 0


def test_the_scope_of_an_agency_covers_all_its_findings_of_the_rule_and_those_to_come(place: Office) -> None:
    app = FindingApp(place.app)
    found = app.listed(states=["open"], rule="TD01_OVERDUE")
    agency = max(
        {one.hit.key.agency for one in found}, key=lambda code: sum(one.hit.key.agency == code for one in found)
    )
    mine = [one for one in found if one.hit.key.agency == agency]
    app.waive(mine[0].id, scope="agency", until=date(2022, 4, 30), reason="sáp nhập", actor=PERSON)
    waived = app.listed(states=["waived"])
    assert {one.id for one in waived} == {one.id for one in mine}


def test_nobody_is_written_to_about_a_waived_finding(place: Office) -> None:
    app = FindingApp(place.app)
    waived = [one for one in app.listed(states=["open"]) if one.hit.key.agency in SETUP["mailboxes"]]
    for one in waived:
        app.waive(one.id, scope="finding", until=date(2022, 12, 31), reason="thử", actor=PERSON)
    before = place.rows("SELECT finding_id, outbox_id FROM told")
    place.at(at("2022-03-02", "07:30"))
    place.app.detect()
    new = set(place.rows("SELECT finding_id, outbox_id FROM told")) - set(before)
    assert not {row[0] for row in new} & {one.id for one in waived}
    bands = [(one.hit.key.rule, one.hit.key.subject_id) for one in waived]
    assert all((one.hit.key.rule, one.hit.key.subject_id) in bands for one in app.listed(states=["waived"]))


def test_the_report_shows_a_waived_violation_apart_and_counts_it_nowhere(place: Office) -> None:
    before = place.app.report(Month(2022, 2)).report
    number = violation(place)
    FindingApp(place.app).waive(number, scope="finding", until=date(2022, 3, 31), reason="bất khả kháng", actor=PERSON)
    after = place.app.report(Month(2022, 2)).report
    (waived,) = after.waived
    assert (waived.reason, waived.actor, waived.until) == ("bất khả kháng", PERSON, date(2022, 3, 31))
    documents = [sum(len(group.documents) for group in one.violations) for one in (before, after)]
    assert documents[1] == documents[0] - 1
    assert after.counts == before.counts
    assert any("miễn xét" in one for one in after.warnings)
    earlier = place.app.report(Month(2022, 2), known_at=at("2022-03-01", "07:00")).report
    assert earlier.waived == (), "at that moment nobody had said so"
