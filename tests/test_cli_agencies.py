"""``connector agencies …`` as an admin uses it to mend the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.reference import load_agencies
from tests.deployment import SETUP, Deployment, servers


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Deployment]:
    with servers() as two:
        one = Deployment.of(tmp_path, *two)
        one.good("sync")
        yield one


def test_a_name_is_listed_until_the_offices_table_has_it(office: Deployment, root: Path) -> None:
    table = office.folder / "agencies.csv"
    supplied = (root / "connector" / "reference" / "agencies.csv").read_text(encoding="utf-8")
    lines = [line for line in supplied.splitlines() if not line.startswith("SO_YT")]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    office.settings["office"]["agencies_file"] = "agencies.csv"
    office.settings["office"].pop("agency_order")
    office.write()
    before = office.good("agencies", "unmatched", "--json").json
    (one,) = [found for found in before if found["name"] == "Sở Y tế"]
    counted = "', '".join(SETUP["counted_assigners"])
    query = "SELECT count(DISTINCT task_id) FROM task_version WHERE lead = 'Sở Y tế' AND assigner IN"
    assert one["places"]["lead"] == office.one(f"{query} ('{counted}')") > 0
    assert one["ended"] is None
    assert "Sở Y tế: chủ trì" in office.good("agencies", "unmatched").out
    table.write_text(supplied, encoding="utf-8")
    assert office.good("agencies", "unmatched", "--json").json == []
    assert "Mọi tên cơ quan đều có" in office.good("agencies", "unmatched").out


def test_the_table_in_use_is_listed(office: Deployment) -> None:
    found = {one["code"]: one for one in office.good("agencies", "list", "--json").json}
    assert found.keys() == {one.code for one in load_agencies(None, ()).agencies}
    assert (found["SO_TC"]["valid_to"], found["SO_TC"]["successors"]) == ("2025-02-28", ["SO_TC_2025"])
    assert len(office.good("agencies", "list").out.splitlines()) == len(found)
