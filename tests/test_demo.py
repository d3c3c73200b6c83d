"""February 2022, day by day, as a newcomer runs it: the office's own figures, sentences, letters (F109, F110)."""

from __future__ import annotations

import email
import email.policy
import json
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from connector.standin.timeline import FEBRUARY_2022
from tests.report.docx_reading import lines, opened
from tests.report.february import REPORT

EXPECTED = json.loads((Path(__file__).parent / "data" / "feb2022" / "expected.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Demo:
    folder: Path
    figures: dict[str, Any]

    @property
    def letters(self) -> list[EmailMessage]:
        files = sorted((self.folder / "thu").glob("*.eml"))
        return [email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in files]

    @property
    def report(self) -> list[str]:
        return lines(opened((self.folder / "bao-cao-2022-02.docx").read_bytes()))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "connector.db") as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, "-m", "connector", "demo", "--out", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return Demo(folder, json.loads(done.stdout))


def test_the_figures_are_those_the_office_published(demo: Demo) -> None:
    counts = EXPECTED["counts"]
    assert {
        "assigned": demo.figures["assigned"],
        "completed_on_time": demo.figures["completed_on_time"],
        "completed_late": demo.figures["completed_late"],
        "not_completed": demo.figures["not_completed"],
        "in_time": demo.figures["open_in_time"],
        "overdue": demo.figures["open_overdue"],
    } == counts


def test_every_agency_has_its_expected_figures(demo: Demo) -> None:
    names = {"in_time": "open_in_time", "overdue": "open_overdue"}
    wanted = {
        code: {names.get(key, key): value for key, value in figures.items()}
        for code, figures in EXPECTED["per_agency"].items()
    }
    found = {
        code: {key: figures[key] for key in next(iter(wanted.values()))}
        for code, figures in demo.figures["by_agency"].items()
    }
    assert found == wanted


def test_the_overdue_list_is_the_expected_one(demo: Demo) -> None:
    fields = {"id": "task", "name": "name", "document": "document", "document_date": "document_date",
              "agency": "agency", "due": "due", "days_overdue": "days_overdue"}  # fmt: skip
    found = [{key: row[name] for key, name in fields.items()} for row in demo.figures["overdue"]]
    assert sorted(found, key=lambda row: row["id"]) == EXPECTED["overdue"]


def test_the_violations_are_the_expected_documents_with_the_expected_rules(demo: Demo) -> None:
    found = [
        {
            "agency": one["agency"],
            "name": one["name"],
            "count": one["count"],
            "documents": [
                {"id": d["id"], "notation": d["notation"], "date": d["date"], "rules": d["rules"]}
                for d in one["documents"]
            ],
        }
        for one in demo.figures["violations"]
    ]
    assert sorted(found, key=lambda one: one["agency"]) == EXPECTED["violations"]


def test_missing_tasks_and_the_backlog_are_as_expected(demo: Demo) -> None:
    assert demo.figures["missing"] == EXPECTED["missing"]
    assert demo.figures["backlog"] == EXPECTED["backlog"]
    assert demo.figures["unresolved"] == []
    assert demo.figures["warnings"] == []


def test_the_traps_that_must_not_be_counted_are_not(demo: Demo) -> None:
    assert demo.figures["cancelled"] == EXPECTED["traps"]["cancelled"]
    children = EXPECTED["traps"]["child"]
    listed = {row["task"] for row in demo.figures["overdue"]}
    assert not listed & set(children)


def test_every_completion_is_said_to_be_observed_and_none_is_uncertain(demo: Demo) -> None:
    assert demo.figures["observed_completions"] == EXPECTED["counts"]["completed_on_time"]
    assert demo.figures["uncertain"] == []


def test_the_word_report_says_sentence_for_sentence_what_the_office_wrote(demo: Demo) -> None:
    assert [line for line in REPORT if line not in demo.report] == []


def test_the_json_has_the_keys_the_readme_promises(demo: Demo, root: Path) -> None:
    (row,) = [line for line in (root / "README.md").read_text("utf-8").splitlines() if line.startswith("| `report` |")]
    promised = set(re.findall(r"`(\w+)`", row)) - {"report", "files"}
    assert promised <= demo.figures.keys()


def test_all_forms_of_the_report_are_there(demo: Demo) -> None:
    sizes = {form: (demo.folder / f"bao-cao-2022-02.{form}").stat().st_size for form in ("docx", "pdf", "xlsx")}
    assert min(sizes.values()) > 5_000


def test_no_request_was_outside_the_allow_list_and_all_runs_are_recorded_as_good(demo: Demo) -> None:
    assert demo.rows("SELECT DISTINCT outcome FROM run") == [("ok",)]
    jobs = dict(demo.rows("SELECT job, count(*) FROM run GROUP BY job"))
    assert jobs["sync"] == jobs["detect"] + 1 == jobs["deliver"] + 1
    assert jobs["report"] == 1


def test_each_agency_got_at_most_one_letter_a_day_and_every_letter_once(demo: Demo) -> None:
    letters = demo.letters
    assert len(letters) == demo.figures["letters"] > 50
    ids = [letter["Message-ID"] for letter in letters]
    assert len(set(ids)) == len(ids)
    slots = [(letter["To"], letter["Date"][:16]) for letter in letters]
    assert len(set(slots)) == len(slots)
    assert demo.rows("SELECT state, count(*) FROM outbox GROUP BY state") == [("sent", len(letters))]


def test_the_violating_agencies_were_told_and_nobody_else_of_a_violation_of_february(demo: Demo) -> None:
    told = demo.rows(
        "SELECT DISTINCT f.agency FROM finding f JOIN told t ON t.finding_id = f.id "
        "WHERE f.rule LIKE 'PV%' AND f.breached_on BETWEEN '2022-02-01' AND '2022-02-28'"
    )
    assert {agency for (agency,) in told} == {one["agency"] for one in EXPECTED["violations"]}


def test_the_secret_document_shows_in_no_letter_report_log_or_output(demo: Demo) -> None:
    secret = demo.rows("SELECT count(*) FROM document_version WHERE secret AND subject LIKE '%CANARY%'")
    assert secret != [(0,)], "the trap must have been read"
    for letter in demo.letters:
        for part in letter.walk():
            if part.get_content_maintype() == "text":
                assert "CANARY" not in part.get_content()
        assert "CANARY" not in str(letter["Subject"])
    assert "CANARY" not in json.dumps(demo.figures)
    assert "CANARY" not in (demo.folder / "connector.log").read_text(encoding="utf-8")
    assert "CANARY" not in "".join(demo.report)


def test_every_log_line_is_json_with_a_run_and_an_event_and_tells_nothing_private(demo: Demo) -> None:
    text = (demo.folder / "connector.log").read_text(encoding="utf-8")
    for line in text.splitlines():
        entry = json.loads(line)
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", entry["event"])
        assert isinstance(entry["run_id"], int)
        assert entry["timestamp"]
    setup = json.loads((FEBRUARY_2022 / "setup.json").read_text(encoding="utf-8"))
    names = [name for (name,) in demo.rows("SELECT DISTINCT name FROM task_version")]
    subjects = [subject for (subject,) in demo.rows("SELECT DISTINCT subject FROM document_version")]
    private = [account["password"] for account in setup["accounts"]] + list(setup["mailboxes"].values())
    assert [one for one in (*private, *names, *subjects) if one in text] == []
    assert not re.search(r"tok-|JSESSIONID", text)


def test_goings_back_are_versions_of_their_own(demo: Demo) -> None:
    def labels(task_id: str) -> list[tuple[str, int]]:
        return demo.rows(
            "SELECT v.status, v.present FROM task_version v JOIN task t ON t.id = v.task_id "
            f"WHERE t.source_id = '{task_id}' ORDER BY v.id"
        )

    (hidden,) = EXPECTED["traps"]["hidden_one_day"]
    assert [present for _, present in labels(hidden)][:3] == [1, 0, 1]
    again = [status for status, _ in labels(EXPECTED["traps"]["returned_done_again"][0])]
    assert [status for status in again if status in ("DONE", "RETURNED")][:3] == ["DONE", "RETURNED", "DONE"]
    deleted = labels(EXPECTED["traps"]["deleted"][0])
    assert deleted[-1][1] == 0
    (removed,) = EXPECTED["traps"]["line_removed"]
    lines = demo.rows(
        f"SELECT json_array_length(v.lines) FROM task_version v JOIN task t ON t.id = v.task_id "
        f"WHERE t.source_id = '{removed}' AND v.lines IS NOT NULL ORDER BY v.id"
    )
    assert lines[0][0] - lines[-1][0] == 1


def test_a_task_of_two_accounts_two_lists_and_several_lines_is_one_task(demo: Demo) -> None:
    for trap in ("two_lists_two_accounts", "two_lines"):
        (task_id,) = EXPECTED["traps"][trap]
        assert demo.rows(f"SELECT count(*) FROM task WHERE source_id = '{task_id}'") == [(1,)]
        assert demo.rows(f"SELECT count(*) > 1 FROM sighting WHERE record_id = '{task_id}'") == [(1,)]
