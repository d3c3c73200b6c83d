"""``connector simulate`` as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import connector
from connector.sources.files.reader import describe
from connector.standin.profile import EXAMPLE
from tests.standin.client import Client, local

ROOT = Path(connector.__file__).parent.parent
COMMAND = [sys.executable, "-m", "connector", "simulate"]
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200"}


@contextmanager
def simulate(*arguments: str) -> Iterator[str]:
    """Yields the address it prints."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, env=ENVIRON, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()  # not SIGINT: a test run in the background hands down that it is ignored


def failing(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, env=ENVIRON, text=True, check=False, timeout=60)
    return done.returncode, done.stderr


def test_a_profile_and_a_ledger_file_work_from_the_command_line(tmp_path: Path) -> None:
    profile, ledger = tmp_path / "ho-so.json", tmp_path / "so.jsonl"
    profile.write_text(json.dumps({"now": "2022-02-14T12:00", "faults": [{"effect": "busy", "times": 1}]}))
    with simulate("--profile", str(profile), "--ledger", str(ledger)) as url, Client(url) as client:
        assert [client.login().status for _ in range(2)] == [400, 200]
        assert client.get("api/document/countmenu/").status == 200
        lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert [(line["status"], line.get("effects")) for line in lines] == [(400, ["busy"]), (200, None), (200, None)]
    assert {line["at"] for line in lines} == {local("2022-02-14 12:00").isoformat()}


def test_the_instant_of_the_command_line_goes_before_that_of_the_profile(tmp_path: Path) -> None:
    ledger = tmp_path / "so.jsonl"
    arguments = ("--profile", str(EXAMPLE), "--at", "2022-01-31T08:00", "--ledger", str(ledger))
    with simulate(*arguments) as url, Client(url) as client:
        client.login()
    assert json.loads(ledger.read_text())["at"] == local("2022-01-31 08:00").isoformat()


def test_a_wrong_profile_or_ledger_ends_with_a_sentence_and_its_exit_code(tmp_path: Path) -> None:
    profile = tmp_path / "ho-so.json"
    profile.write_text('{"token_cals": 3, "faults": [{"effect": "bom", "pth": "x"}]}')
    code, said = failing("--profile", str(profile))
    assert code == 65
    assert "token_cals — không có khóa này; tên gần nhất: token_calls" in said
    assert "faults → mục 1 → pth — không có khóa này; tên gần nhất: path" in said
    assert str(profile) in said
    code, said = failing("--ledger", str(tmp_path / "khong" / "so.jsonl"))
    assert (code, "--ledger" in said, "Traceback" in said) == (2, True, False)


def test_the_help_names_the_example() -> None:
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, env=ENVIRON, text=True, check=True, timeout=60)
    words = " ".join(done.stdout.replace("│", " ").split())
    assert EXAMPLE.name in words
    assert all(option in words for option in ("--profile", "--ledger", "--at", "--data", "--port"))


def test_the_exports_of_a_moment_are_written_instead_of_served(tmp_path: Path) -> None:
    folder = tmp_path / "xuat"
    arguments = [*COMMAND, "--exports", str(folder), "--at", "2022-02-14T12:00"]
    done = subprocess.run(arguments, capture_output=True, env=ENVIRON, text=True, check=True, timeout=60)
    assert [Path(line).name for line in done.stdout.splitlines()] == [
        "nhiem-vu-20220214-1200.xlsx",
        "van-ban-di-20220214-1200.xlsx",
        "van-ban-den-20220214-1200.xlsx",
    ]
    assert {describe(path).kind for path in folder.iterdir()} == {"xlsx"}
    (tmp_path / "tep").touch()
    code, said = failing("--exports", str(tmp_path / "tep"))
    assert (code, "một thư mục ghi được" in said) == (2, True)
