"""``connector rules …`` as an operator uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess
from tests.deployment import SETUP, Deployment, servers

Servers = tuple[StandInProcess, MailCatcher]
RECEIVE = "PV01_RECEIVE_LATE"


@pytest.fixture(scope="module")
def two() -> Iterator[Servers]:
    with servers() as both:
        yield both


@pytest.fixture(scope="module")
def synced(two: Servers, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Two whole readings, on the nights of 17 and 28 February; only ever copied."""
    one = Deployment.of(tmp_path_factory.mktemp("synced"), *two, at="2022-02-17 23:30")
    one.good("sync")
    one.at("2022-02-28 23:30")
    one.good("sync")
    return one


@pytest.fixture
def office(two: Servers, synced: Deployment, tmp_path: Path) -> Deployment:
    one = Deployment.of(tmp_path, *two)
    one.take_over(synced)
    one.at("2022-02-28 23:50")
    return one


def write(office: Deployment, text: str, name: str = "rules.toml") -> None:
    (office.folder / name).write_text(text, encoding="utf-8")


def use(office: Deployment, text: str) -> None:
    write(office, text)
    office.settings["rules"] = {"file": "rules.toml"}
    office.write()


def test_list_names_every_rule_and_how_it_stands(office: Deployment) -> None:
    use(office, f"[{RECEIVE}]\nenabled = false\n")
    found = {one["id"]: one for one in office.good("rules", "list", "--json").json}
    assert len(found) == 25
    assert (found[RECEIVE]["enabled"], found[RECEIVE]["changed"]) == (False, True)
    assert found["PV10_EXT_AFTER_DUE"]["missing"] == ["extension.requested_at"]
    lines = office.good("rules", "list").out.splitlines()
    assert len(lines) == 25
    (line,) = (line for line in lines if line.startswith(RECEIVE))
    assert line.endswith("Tiếp nhận văn bản chậm  [mục 2, không dùng, cơ quan đã đổi]")


def test_show_tells_all_of_one_rule_also_by_its_short_name(office: Deployment) -> None:
    shown = office.good("rules", "show", "pv01", "--json").json
    assert shown["id"] == RECEIVE
    assert shown["thresholds"] == {"working_days": 1, "urgent_working_days": 0}
    assert len(shown["version"]) == 12
    words = office.good("rules", "show", RECEIVE).out
    for told in ("Căn cứ: Điều 21 Nghị định số 30/2020/NĐ-CP", "(chưa xác nhận từng bước)", "Phiên bản: ",
                 "working_days = 1 (ngày làm việc)", "Ví dụ (rules.toml:"):  # fmt: skip
        assert told in words, told
    done = office.run("rules", "show", "PV01_RECIEVE_LATE")
    assert done.code == 2
    assert RECEIVE in done.err


def test_the_examples_of_the_office_are_run_by_the_rules_with_its_changes(office: Deployment) -> None:
    assert office.good("rules", "test").out.splitlines()[-1].endswith("ví dụ đúng, 0 ví dụ sai.")
    example = """
[[PV01_RECEIVE_LATE.examples]]
case = "Hai ngày làm việc"
at = 2022-02-21 07:15:00
expect = "{expect}"
[PV01_RECEIVE_LATE.examples.document]
issued = 2022-02-10
read = 2022-02-20 23:30:00
log = [
  {{ at = 2022-02-10 15:00:00, action = "sent", to = ["Sở Y tế"] }},
  {{ at = 2022-02-14 09:00:00, action = "received", unit = "Sở Y tế" }},
]
"""
    changed = f"[{RECEIVE}.thresholds]\nworking_days = 2\n"
    write(office, changed + example.format(expect="none"))
    assert office.good("rules", "test", "rules.toml", "--json").json["failed"] == []
    write(office, changed)
    assert office.good("rules", "test", "rules.toml", "--json").json["unproved"] == [RECEIVE]
    write(office, changed + example.format(expect="finding"))
    done = office.run("rules", "test", "rules.toml")
    assert done.code == 78
    assert (
        "SAI  PV01_RECEIVE_LATE  rules.toml:4: Hai ngày làm việc: phải là: có phát hiện; kết luận: không có phát hiện"
    ) in done.out
    use(office, changed + example.format(expect="finding"))
    checked = {one["check"]: one["problems"] for one in office.run("check", "--json").json}
    assert len(checked["Quy định"]) == 1


def test_a_broken_file_ends_every_command_that_needs_the_rules(office: Deployment) -> None:
    use(office, f"[{RECEIVE}]\nseverty = 1\n")
    for command in (("rules", "list"), ("detect",), ("report", "2022-02"), ("rules", "test")):
        done = office.run(*command)
        assert done.code == 78, command
        assert "rules.toml:2: PV01_RECEIVE_LATE.severty: không có khóa này; tên gần nhất: severity" in done.err


def test_diff_lists_what_would_appear_and_vanish_and_writes_nothing(office: Deployment) -> None:
    before = office.counts()
    write(office, "[TD03_LONG_OVERDUE.thresholds]\ncalendar_days = [5]\n[TD01_OVERDUE]\nenabled = false\n", "moi.toml")
    found = office.good("rules", "diff", "-", "moi.toml", "--json").json
    assert found["changes"] == [
        {"rule": "TD01_OVERDUE", "field": "enabled", "before": True, "after": False},
        {"rule": "TD03_LONG_OVERDUE", "field": "thresholds.calendar_days", "before": [30, 120], "after": [5]},
    ]
    assert {one["rule"] for one in found["vanish"]} == {"TD01_OVERDUE", "TD03_LONG_OVERDUE"}
    assert {(one["rule"], one["band"]) for one in found["appear"]} == {("TD03_LONG_OVERDUE", "5")}
    assert office.good("rules", "diff", "-", "-").out == "Hai bộ quy định như nhau.\n"
    words = office.good("rules", "diff", "-", "moi.toml").out
    assert "TD03_LONG_OVERDUE: calendar_days (ngày lịch): 30, 120 → 5" in words
    assert f"Phát hiện sẽ không còn: {len(found['vanish'])}" in words
    assert office.counts() == before


def test_backtest_tells_findings_and_letters_of_the_days_gone_by_and_writes_nothing(office: Deployment) -> None:
    before = office.counts()
    found = office.good("rules", "backtest", "TD01", "--days", "20", "--json").json
    assert (found["rule"], found["first"], found["last"]) == ("TD01_OVERDUE", "2022-02-09", "2022-02-28")
    assert found["findings"]
    assert {one["rule"] for one in found["findings"]} == {"TD01_OVERDUE"}
    assert min(one["seen_on"] for one in found["findings"]) == "2022-02-17", "nothing was known before"
    assert max(one["seen_on"] for one in found["findings"]) > "2022-02-17"
    agencies = {one["agency"] for one in found["findings"]}
    assert found["letters"]
    assert {one["agency"] for one in found["letters"]} <= agencies
    assert all(one["recipients"] == [SETUP["mailboxes"][one["agency"]]] for one in found["letters"])
    assert 0 < sum(one["new"] for one in found["letters"]) <= len(found["findings"]), (
        "each is told once, on a working day"
    )
    assert office.good("rules", "backtest", "PV05").out.splitlines()[0].endswith("Không ghi gì vào cơ sở dữ liệu.")
    assert office.good("rules", "backtest", "PV05", "--json").json["letters"] == [], "the office only"
    assert office.counts() == before
