"""``connector explain`` as an operator uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pypdf
import pytest

from tests.deployment import Deployment, servers


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with servers() as two:
        one = Deployment.of(tmp_path_factory.mktemp("office"), *two)
        one.good("sync")
        one.good("detect")
        yield one


def test_a_finding_is_explained_on_the_screen_as_json_and_on_a_page(office: Deployment) -> None:
    number = str(office.one("SELECT min(id) FROM finding WHERE rule = 'TD01_OVERDUE'"))
    assert f"Hồ sơ phát hiện số {number}" in office.good("explain", number).out
    found = office.good("explain", number, "--json", "--pdf", "ho-so.pdf").json
    assert list(found) == [
        "id", "rule", "subject", "subject_id", "agency", "band", "state", "breached_on", "first_seen_at", "closed_at",
        "reopened", "reason", "facts", "task", "document", "events", "waivers", "made_at", "last_seen_at",
        "agency_name", "rule_used", "about_task", "about_document", "days", "days_missing", "calendar", "letters",
    ]  # fmt: skip
    assert found["days"]["overdue"] == found["facts"]["days_overdue"]
    pages = pypdf.PdfReader(office.folder / "ho-so.pdf").pages
    assert len(pages) == 1
    assert f"HỒ SƠ PHÁT HIỆN SỐ {number}" in pages[0].extract_text()


@pytest.mark.parametrize("arguments", [["99999"], ["1", "--pdf", "khong-co/ho-so.pdf"]])
def test_what_cannot_be_meant_is_refused_with_a_hint(office: Deployment, arguments: list[str]) -> None:
    done = office.run("explain", *arguments)
    assert done.code == 2
    assert done.said.startswith("LỖI: ")
    assert done.out == ""
