"""The commands as a stranger at a shell meets them: real processes, real servers, a real database."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess
from tests.deployment import PASSWORDS, SETUP, Deployment, servers

Servers = tuple[StandInProcess, MailCatcher]
ADMIN = SETUP["admin_mailbox"]


@pytest.fixture(scope="module")
def two() -> Iterator[Servers]:
    with servers() as both:
        yield both


@pytest.fixture(scope="module")
def synced(two: Servers, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """One whole reading, on the night of 28 February; only ever copied."""
    one = Deployment.of(tmp_path_factory.mktemp("synced"), *two)
    one.good("sync")
    return one


@pytest.fixture
def bare(two: Servers, tmp_path: Path) -> Deployment:
    """Settings and servers, no database yet."""
    return Deployment.of(tmp_path, *two)


@pytest.fixture
def office(bare: Deployment, synced: Deployment) -> Deployment:
    bare.take_over(synced)
    return bare


# -- the good way ----------------------------------------------------------------------------------------------------


def test_a_day_goes_from_sync_to_status_and_a_second_round_changes_nothing(bare: Deployment) -> None:
    (first,) = bare.good("sync", "--json").json
    assert list(first) == [
        "run", "source", "outcome", "resumed", "requests", "fetched", "rejected", "inserted", "updated", "unchanged",
        "vanished", "cost", "plan", "documents", "problems", "unknown_labels", "shape_changes", "reconciliation",
        "error", "message",
    ]  # fmt: skip
    assert (first["outcome"], first["inserted"], first["problems"]) == ("ok", 214, [])
    found = bare.good("detect", "--json").json
    assert list(found) == [
        "run", "at", "tasks", "documents", "opened", "reopened", "closed", "unchanged", "letters", "undeliverable",
        "open_by_rule", "not_evaluable",
    ]  # fmt: skip
    assert found["letters"] > 10
    assert found["undeliverable"] == []
    sent = bare.good("deliver", "--json").json
    assert list(sent) == ["run", "sent", "refused", "retried", "waiting", "dead", "error", "message"]
    assert sent["sent"] == found["letters"] == len(bare.mail.messages)
    before = bare.counts()

    (again,) = bare.good("sync", "--json").json
    assert (again["inserted"], again["updated"], again["vanished"], again["unchanged"]) == (0, 0, 0, 214)
    found = bare.good("detect", "--json").json
    assert (found["opened"], found["reopened"], found["closed"], found["letters"]) == (0, 0, 0, 0)
    assert bare.good("deliver", "--json").json["sent"] == 0
    assert bare.counts() == before
    assert len(bare.mail.messages) == sent["sent"]

    status = bare.good("status", "--json").json
    assert list(status) == ["at", "healthy", "sources", "findings", "outbox", "rejected_rows", "rejected_now",
                            "files", "quarantine", "told_at", "holds", "runs"]  # fmt: skip
    assert status["healthy"] is True
    assert [run["job"] for run in status["runs"]] == ["deliver", "detect", "sync"] * 2
    assert all(run["outcome"] == "ok" for run in status["runs"])


def test_the_report_shows_its_figures_and_writes_its_files(office: Deployment) -> None:
    figures = office.good("report", "2022-02", "--json", "--out", "ra").json
    assert figures["period"] == "2022-02"
    assert figures["as_of"] == "2022-02-28"
    assert figures["assigned"] == figures["completed_on_time"] + figures["completed_late"] + figures["not_completed"]
    assert {form: Path(path).name for form, path in figures["files"].items()} == {
        form: f"bao-cao-2022-02.{form}" for form in ("docx", "pdf", "xlsx")
    }
    assert all((office.folder / path).stat().st_size > 5_000 for path in figures["files"].values())
    words = office.good("report", "2022-02").out
    assert f"Được giao:        {figures['assigned']:5d}" in words
    assert "Dữ liệu đọc lần cuối lúc 23:30 ngày 28/02/2022" in words
    assert "reports/bao-cao-2022-02.docx" in words


def test_a_report_as_of_an_earlier_day_counts_what_was_so_on_that_day(office: Deployment) -> None:
    figures = office.good("report", "2022-02", "--as-of", "10/02/2022", "--json").json
    assert figures["as_of"] == "2022-02-10"
    whole = office.good("report", "2022-02", "--json").json
    assert figures["assigned"] < whole["assigned"]


def test_status_and_report_read_no_password(office: Deployment) -> None:
    for name in PASSWORDS:
        (office.folder / f"{name}.password").unlink()
    assert "bình thường" in office.good("status").out
    office.good("report", "2022-02")


def test_a_second_sync_beside_a_running_one_is_told_to_wait(office: Deployment) -> None:
    office.fault("slow", "getlistjobdagiao", value="1.5", times=1)
    first = office.start("sync")
    try:
        end = time.monotonic() + 30
        while "running" not in office.outcomes():
            assert time.monotonic() < end
            time.sleep(0.02)
        done = office.run("sync")
        assert done.code == 75
        assert "Việc này (sync:ioffice) đang chạy ở một tiến trình khác" in done.said
    finally:
        _, log = first.communicate(timeout=60)
    assert first.returncode == 0, log
    assert office.outcomes() == ["ok", "ok"], "the second left no trace"


# -- wrong arguments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report"], "thiếu YYYY-MM"),
        (["report", "2022-13"], "2022-13; cần YYYY-MM"),
        (["report", "hai"], "hai; cần YYYY-MM"),
        (["report", "2022-02", "--as-of", "30/02/2022"], "30/02/2022"),
        (["report", "2022-02", "--as-of", "2022-01-31"], "--as-of 2022-01-31 trước tháng 2022-02"),
        (["report", "2022-03"], "tháng 2022-03 chưa đến; cần một tháng không sau 2022-02"),
        (["sync", "--source", "kho"], "--source kho; cần ioffice"),
        (["sync", "--source"], "--source cần một giá trị"),
        (["sync", "--ful"], "không có tùy chọn --ful; cần --full"),
        (["sync", "thừa"], "thừa thừa"),
        (["sinc"], "không có lệnh sinc; cần sync"),
        (["simulate", "--port", "x"], "giá trị của --port"),
    ],
)
def test_a_wrong_argument_is_named_in_vietnamese_with_exit_code_2(
    office: Deployment, arguments: list[str], words: str
) -> None:
    done = office.run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.said
    assert "Cần làm:" in done.said
    assert "Traceback" not in done.err
    assert office.outcomes("report") == []


def test_help_and_version_answer_without_any_settings(tmp_path: Path, bare: Deployment) -> None:
    (tmp_path / "config.toml").unlink()
    assert bare.good("--version").out.startswith("connector 0.")
    words = bare.good("--help").out
    assert all(name in words for name in ("sync", "detect", "deliver", "report", "run", "status", "check", "demo"))
    assert "Lệnh" in words
    assert "--accept-shrink" in bare.good("sync", "--help").out
    assert bare.run().code == 2


# -- settings --------------------------------------------------------------------------------------------------------


def test_without_settings_every_place_looked_at_is_named(bare: Deployment) -> None:
    (bare.folder / "config.toml").unlink()
    for command in ("sync", "detect", "deliver", "status", "run"):
        done = bare.run(command)
        assert done.code == 78
        for place in ("$CONNECTOR_CONFIG", "./config.toml", "/etc/connector/config.toml"):
            assert place in done.said
    done = bare.shell("status", CONNECTOR_CONFIG="khong-co.toml")
    assert (done.code, "khong-co.toml (theo biến môi trường CONNECTOR_CONFIG)" in done.said) == (78, True)


def test_all_typos_in_the_settings_are_told_at_once_with_line_and_nearest_name(bare: Deployment) -> None:
    path = bare.folder / "config.toml"
    text = path.read_text(encoding="utf-8").replace("attempts =", "atempts =").replace("[letters]", "[leters]")
    path.write_text(text.replace("port = ", 'port = "hai" # '), encoding="utf-8")
    lines = text.splitlines()
    done = bare.run("sync")
    assert done.code == 78
    wrong = [line for line in done.said.splitlines() if line.startswith("  - config.toml:")]
    assert len(wrong) == 3
    for key, nearest in (("atempts =", "attempts"), ("[leters]", "letters"), ("port =", "")):
        number = next(n for n, line in enumerate(lines, 1) if line.startswith(key))
        assert any(one.startswith(f"  - config.toml:{number}: ") and nearest in one for one in wrong), (key, wrong)
    assert not bare.database.exists()


# -- terminals and pipes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}])
def test_vietnamese_comes_out_whole_whatever_the_locale(office: Deployment, locale: dict[str, str]) -> None:
    done = office.shell("status", **locale, PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert done.code == 0, done.err
    assert "Tình trạng lúc 23:30 ngày 28/02/2022: bình thường" in done.out
    done = office.shell("report", "hai", **locale, PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert done.code == 2
    assert "hai; cần YYYY-MM" in done.said


def test_a_reader_that_went_away_is_no_crash(office: Deployment) -> None:
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        office.command("status"), cwd=office.folder, env=office.environ(), stdout=write, stderr=subprocess.PIPE,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(write)
    assert "Traceback" not in process.stderr
    assert "Error" not in process.stderr


def test_a_person_at_a_terminal_sees_the_result_and_no_log_lines(office: Deployment) -> None:
    master, slave = pty.openpty()
    process = subprocess.run(
        office.command("detect"), cwd=office.folder, env=office.environ(), stdout=slave, stderr=slave, timeout=60,
        check=False,
    )  # fmt: skip
    os.close(slave)
    shown = os.read(master, 100_000).decode()
    os.close(master)
    assert process.returncode == 0
    assert shown.startswith("Rà soát 211 nhiệm vụ")
    assert "{" not in shown


# -- bad input -------------------------------------------------------------------------------------------------------


def test_a_refused_login_is_tried_once_told_once_and_goes_on_when_an_operator_says_so(office: Deployment) -> None:
    before = office.logins()
    office.password("ketnoi.vp", "nham")
    done = office.run("sync")
    assert done.code == 77
    assert "từ chối đăng nhập" in done.said
    assert "connector sync --retry-login" in done.said
    assert office.logins() - before == 1
    assert office.outcomes()[-1] == "auth_needed"
    for _ in range(3):
        assert office.run("sync").code == 77
    assert office.logins() - before == 1, "no further try until somebody says so"
    assert office.outcomes()[1:] == ["auth_needed"] * 4
    ((subject, text),) = office.letters_to(ADMIN)
    assert "từ chối đăng nhập" in subject + text
    assert "nham" not in done.out + done.err
    status = office.run("status")
    assert (status.code, "CẦN CHÚ Ý" in status.out, "connector sync --retry-login" in status.out) == (0, True, True)

    office.password("ketnoi.vp", PASSWORDS["ketnoi.vp"])
    assert office.run("sync").code == 77, "a mended password alone is not noticed"
    assert office.good("sync", "--retry-login", "--json").json[0]["outcome"] == "ok"
    assert office.good("status", "--json").json["holds"] == []


def test_a_source_that_is_down_fails_the_run_and_the_report_says_how_old_its_data_is(office: Deployment) -> None:
    office.settings["sources"]["ioffice"] |= {"base_url": "http://127.0.0.1:9/qlvb/", "attempts": 1}
    office.write()
    before = office.counts()
    office.moment = office.moment and office.moment.replace(hour=23, minute=50)
    done = office.run("sync", "--json")
    assert done.code == 69
    assert done.json[0]["outcome"] == "failed"
    assert done.json[0]["error"] == "SourceUnavailable"
    assert "Không kết nối được nguồn ioffice" in done.said
    assert office.rows("SELECT outcome, error LIKE 'SourceUnavailable: %' FROM run ORDER BY id DESC LIMIT 1") == [
        ("failed", 1)
    ]
    assert office.counts() == before
    words = office.good("report", "2022-02").out
    assert "Dữ liệu đọc lần cuối lúc 23:30 ngày 28/02/2022" in words
    assert "Lần đồng bộ gần nhất không thành công" in words
    assert office.good("report", "2022-02", "--json").json["data"]["hours"] is not None


def test_a_list_that_shrinks_by_more_than_a_tenth_marks_nothing_until_somebody_accepts_it(office: Deployment) -> None:
    office.fault("shrink", "getlistjob", value="0.8")
    done = office.run("sync")
    assert done.code == 65
    assert "giảm bất thường" in done.said
    assert office.outcomes()[-1] == "guard_stop"
    assert office.one("SELECT count(*) FROM task WHERE missing_since IS NOT NULL") == 0
    assert office.run("sync").code == 65
    assert len(office.letters_to(ADMIN)) == 1, "told once"
    assert "--accept-shrink" in office.run("status").out
    (accepted,) = office.good("sync", "--full", "--accept-shrink", "--json").json
    assert accepted["vanished"] == office.one("SELECT count(*) FROM task WHERE missing_since IS NOT NULL") > 20
    assert office.good("status", "--json").json["holds"] == []


def test_exactly_the_allowed_share_may_vanish_and_not_one_more(office: Deployment) -> None:
    office.fault("shrink", "getlistjob", value="0.97")
    gone = int(office.run("sync", "--json").json[0]["vanished"])
    assert gone > 0, "below a tenth it passes"
    for limit, code in ((gone / 214, 0), ((gone - 1) / 214, 65)):
        fresh = Deployment.of(office.folder, office.server, office.mail)
        fresh.settings["sources"]["ioffice"]["max_vanished"] = limit
        fresh.write()
        fresh.good("sync")  # everything is back
        fresh.fault("shrink", "getlistjob", value="0.97")
        assert fresh.run("sync").code == code


def test_a_row_that_cannot_be_read_is_kept_counted_shown_and_its_task_not_taken_for_vanished(
    office: Deployment,
) -> None:
    (task_id,) = office.rows("SELECT source_id FROM task ORDER BY id LIMIT 1")[0]
    office.fault("broken_row", "getlistjobd", ids=[task_id], value="bad_date")
    done = office.good("sync", "--json")
    assert done.json[0]["outcome"] == "incomplete"
    assert done.json[0]["rejected"] > 0
    assert office.one(f"SELECT count(*) FROM task WHERE source_id = '{task_id}' AND missing_since IS NOT NULL") == 0
    kept = office.rows(
        "SELECT r.problems, p.body FROM rejected r JOIN payload p ON p.hash = r.payload_hash ORDER BY r.id"
    )
    assert kept
    assert all("32/13/2022" in problems and task_id in body for problems, body in kept)
    assert f"Dòng không đọc được: {len(kept)}" in office.good("status").out
    assert "dòng không đọc được, đã giữ lại nguyên văn kèm lý do" in office.good("sync").out


def test_too_many_unreadable_rows_stop_the_run_before_anything_is_changed(office: Deployment) -> None:
    office.good("detect")
    ids = [one for (one,) in office.rows("SELECT source_id FROM task ORDER BY id LIMIT 40")]
    office.fault("broken_row", "getlistjobd", ids=ids, value="bad_date")
    names = ("task", "task_version", "finding", "outbox")
    before = {name: office.counts()[name] for name in names}
    done = office.run("sync")
    assert done.code == 65
    assert "Quá nhiều dòng" in done.said
    assert office.outcomes()[-1] == "failed"
    assert {name: office.counts()[name] for name in names} == before


def test_a_status_nobody_knows_is_outside_the_rules_and_listed_in_the_report(office: Deployment) -> None:
    task_id = office.good("report", "2022-02", "--json").json["overdue"][0]["task"]
    office.fault("unknown_status", "getlistjob", ids=[task_id])
    office.run("sync")
    assert office.rows(
        "SELECT v.status, v.status_label FROM task_version v JOIN task t ON t.id = v.task_id "
        f"WHERE t.source_id = '{task_id}' AND v.until IS NULL"
    ) == [("UNKNOWN", "Đang theo dõi")]
    figures = office.good("report", "2022-02", "--json").json
    assert task_id not in [one["task"] for one in figures["overdue"]]
    assert [(one["task"], one["why"]) for one in figures["unresolved"]] == [
        (task_id, "trạng thái chưa được khai báo: “Đang theo dõi”")
    ]
    words = office.good("report", "2022-02").out
    assert "Cần người xem xét:" in words
    assert f"  - {task_id}: " in words
    office.good("detect")
    assert office.one(f"SELECT count(*) FROM finding WHERE subject_id = '{task_id}' AND state = 'open'") == 0
