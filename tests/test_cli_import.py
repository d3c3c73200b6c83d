"""``import`` and ``quarantine`` as an admin meets them: real processes, real files, no API anywhere."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deployment import Done, local, toml
from tests.jobs.importing import HEADER, Importing, row
from tests.warm import warm

AS_OF = "2022-02-20 17:00"
NOT_COMPARED = {"id", "run_id", "first_seen_at", "last_seen_at", "read_at", "since", "task_id", "record_id"}
MISNAMED = ["Nội dung lạ" if one == "Tên nhiệm vụ" else one for one in HEADER]
KILLS = int(os.environ.get("CONNECTOR_IMPORT_KILLS", "10"))
SEED = int(os.environ.get("CONNECTOR_KILL_SEED", str(random.randrange(10**6))))


@dataclass
class Shell:
    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "inbox").mkdir()
        settings = {"imports": {"inbox": "inbox", "poll_seconds": 0.2, "settle_seconds": 0.1}}
        (self.folder / "config.toml").write_text(toml(settings), encoding="utf-8")

    def export(self, name: str, *rows: dict[str, Any], **options: Any) -> Path:
        return Importing.at(self.folder, "2022-02-28 18:00").export(name, AS_OF, *rows, **options)

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}

    def begin(self, *arguments: str, die_at: int | None = None) -> int:
        out = self.folder / "out.txt"
        at = local("2022-02-28 18:00")
        return warm().start(arguments, cwd=self.folder, environ=self.environ, at=at, out=out, die_at=die_at)

    def said(self, *arguments: str) -> int:
        """How many statements and commits the command has for the database."""
        assert warm().wait(self.begin(*arguments, die_at=0)) == 0
        return int((self.folder / "out.txt.said").read_text())

    def killed(self, point: int, *arguments: str) -> None:
        """The command is killed just before so many of them."""
        assert warm().wait(self.begin(*arguments, die_at=point)) == -signal.SIGKILL, f"seed {SEED}, point {point}"

    def run(self, *arguments: str) -> Done:
        code = warm().wait(self.begin(*arguments))
        assert code is not None
        out = self.folder / "out.txt"
        return Done(code, *(path.read_text(encoding="utf-8") for path in (out, out.with_name("out.txt.err"))))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.folder / "connector.db", timeout=30)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def listing(self) -> list[str]:
        return sorted(one.name for one in self.folder.iterdir() if not one.name.startswith("out.txt"))

    def database(self) -> dict[str, bytes]:
        """Its files, and locks beside them; not SQLite's notes of who is reading (-shm)."""
        found = self.folder.glob("connector.db*")
        return {one.name: one.read_bytes() for one in found if not one.name.endswith("-shm")}

    def content(self) -> dict[str, list[str]]:
        found = {}
        for table in ("task", "task_version", "imported_file", "file_row", "quarantine"):
            names = [name for (name,) in self.rows(f"SELECT name FROM pragma_table_info('{table}')")]
            kept = ", ".join(name for name in names if name not in NOT_COMPARED)
            found[table] = sorted(map(repr, self.rows(f"SELECT {kept} FROM {table}")))
        return found


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_a_file_goes_in_and_what_waits_is_listed_shown_retried_and_dropped(shell: Shell) -> None:
    shell.export("a.xlsx", row(), row(name="Rà soát", due="31/02/2022"), row(name="Đôn đốc", due="30/02/2022"))
    dry = shell.run("import", "a.xlsx", "--dry-run")
    assert (dry.code, "Kết quả: SẼ NHẬP ĐƯỢC (chạy thử, chưa ghi gì)" in dry.out) == (0, True)
    assert "ĐÃ NHẬP" not in dry.out
    assert "connector quarantine" not in dry.out, "nothing lies there"
    done = shell.run("import", "a.xlsx")
    assert done.code == 0, done.err
    assert "Đã đọc 1 nhiệm vụ: 1 mới" in done.out
    assert "2 dòng đang chờ xử lý; xem: connector quarantine list" in done.out
    listed = shell.run("quarantine", "list", "--json").json
    assert [(one["row"], one["kind"], one["problems"][0]["cell"]) for one in listed] == [
        (5, "row", "I5"), (6, "row", "I6"),
    ]  # fmt: skip
    assert list(listed[0]) == ["id", "state", "kind", "file", "sheet", "row", "table", "since", "as_of", "problems",
                               "candidates"]  # fmt: skip
    shown = shell.run("quarantine", "show", "1").out
    assert "Ô I5 (cột “Hạn hoàn thành”)" in shown
    assert "17:00 ngày 20/02/2022" in shown or "17:00 20/02/2022" in shown
    assert "còn chờ 2" in shell.run("quarantine", "retry").out
    assert "Đã bỏ 2 dòng." in shell.run("quarantine", "drop", "1", "2").out
    assert shell.run("quarantine", "list").out == "Không có dòng nào đang chờ.\n"
    status = shell.run("status", "--json").json
    assert (status["files"], status["quarantine"]) == ({"imported": 1}, {})
    again = shell.run("import", "a.xlsx", "--json").json
    assert (again[0]["outcome"], again[0]["run"]) == ("duplicate", None)


def test_a_refused_file_ends_with_65_and_explain_names_the_cell_and_the_mending(shell: Shell) -> None:
    shell.export("a.xlsx", row(), header=MISNAMED)
    explained = shell.run("import", "--explain", "a.xlsx")
    assert explained.code == 0
    assert "thiếu: tên nhiệm vụ" in explained.out
    assert "Cách sửa:" in explained.out
    assert explained.out.endswith("Kết luận: tệp sẽ BỊ TỪ CHỐI\n")
    refused = shell.run("import", "a.xlsx")
    assert refused.code == 65
    assert "BỊ TỪ CHỐI" in refused.out
    assert refused.said.startswith("LỖI: Không hiểu được bảng trong tệp.")


def test_a_mapping_is_settled_once_with_a_preview_and_then_known_for_every_file_of_that_header(shell: Shell) -> None:
    shell.export("a.xlsx", row(), header=MISNAMED)
    for wrong in ("Nội dung lạ", "Không có=name", "Nội dung lạ=nmae"):
        assert shell.run("import", "a.xlsx", "--map", wrong).code == 2
    mapped = shell.run("import", "a.xlsx", "--map", "Nội dung lạ=name", "--yes")
    assert mapped.code == 0, mapped.err
    assert "C: Nội dung lạ → tên nhiệm vụ" in mapped.out
    assert "Tham mưu báo cáo tuyển sinh" in mapped.out
    shell.export("b.xlsx", row(name="Khác"), header=MISNAMED)
    assert shell.run("import", "b.xlsx").code == 0
    assert shell.rows("SELECT count(*) FROM task") == [(2,)]


def test_several_files_are_each_told_of_and_the_first_that_is_refused_decides_the_code(shell: Shell) -> None:
    shell.export("a.xlsx", row())
    (shell.folder / "b.xlsx").write_bytes(b"%PDF-1.7")
    done = shell.run("import", "b.xlsx", "a.xlsx", "--json")
    assert done.code == 65
    assert [one["outcome"] for one in done.json] == ["refused", "imported"]


def test_a_wrong_name_is_a_wrong_argument_and_nothing_beside_it_is_imported(shell: Shell) -> None:
    shell.export("a.xlsx", row())
    for name, said in (("gone.xlsx", "không có tệp gone.xlsx"), ("inbox", "inbox là thư mục")):
        done = shell.run("import", "a.xlsx", name)
        assert (done.code, done.out) == (2, "")
        assert done.said.startswith(f"LỖI: Tham số không dùng được: {said}")
    assert not (shell.folder / "connector.db").exists()


def test_what_only_looks_at_a_file_writes_nothing_at_all(shell: Shell) -> None:
    shell.export("a.xlsx", row(), header=MISNAMED)
    before = shell.listing()
    mapping = ("--map", "Nội dung lạ=name")
    for options in (("--dry-run",), ("--explain",), ("--dry-run", *mapping), ("--explain", *mapping)):
        told = shell.run("import", "a.xlsx", *options)
        assert told.code == (65 if options == ("--dry-run",) else 0), told.err
        assert shell.listing() == before, options
    assert shell.run("import", "a.xlsx", "--dry-run").out.startswith("Tệp: a.xlsx\nKết quả: SẼ BỊ TỪ CHỐI (chạy thử")


def test_a_mapping_on_trial_is_read_by_and_not_remembered(shell: Shell) -> None:
    shell.export("a.xlsx", row(), header=MISNAMED)
    assert shell.run("db", "upgrade").code == 0
    before = shell.database()
    tried = shell.run("import", "a.xlsx", "--map", "Nội dung lạ=name", "--dry-run", "--yes")
    assert (tried.code, "SẼ NHẬP ĐƯỢC" in tried.out, "1 mới" in tried.out) == (0, True, True)
    assert shell.database() == before
    assert shell.run("import", "a.xlsx").code == 65, "as before"
    assert shell.rows("SELECT count(*) FROM source_memory") == [(0,)]


def test_json_is_one_document_whatever_is_asked_beside_it(shell: Shell) -> None:
    shell.export("a.xlsx", row(), header=MISNAMED)
    mapping = ("import", "a.xlsx", "--map", "Nội dung lạ=name", "--json")
    for options in (("--dry-run",), ("--explain",), ("--yes",)):
        (told,) = shell.run(*mapping, *options).json
        meanings = {one["header"]: one["meaning"] for one in told["mapping"]["columns"]}
        assert meanings["Nội dung lạ"] == "tên nhiệm vụ"
        assert told.get("dry_run") in {"--dry-run": [True], "--yes": [False]}.get(options[0], [None])
        assert told["mapping"]["rows"][0][2] == "Tham mưu báo cáo tuyển sinh"
    shell.export("b.xlsx", row(), header=[*MISNAMED[:3], "Văn bản lạ", *MISNAMED[4:]])
    asked = shell.run("import", "b.xlsx", "--map", "Nội dung lạ=name", "--json")
    assert (asked.code, asked.out) == (130, ""), "nobody is there to answer"
    assert asked.said.endswith("Nhận cách khai này? [y/N]: Không khai cột; chưa ghi gì.")


def test_a_mapping_that_is_declined_is_not_kept_and_that_is_said(shell: Shell) -> None:
    shell.export("a.xlsx", row(), header=MISNAMED)
    done = subprocess.run(
        [sys.executable, "-m", "connector", "import", "a.xlsx", "--map", "Nội dung lạ=name"], cwd=shell.folder,
        env=shell.environ, input="n\n", capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 130
    assert done.stdout.endswith("Không khai cột; chưa ghi gì.\n")
    assert shell.run("import", "a.xlsx").code == 65


def test_fields_that_cannot_be_are_told_with_those_that_can(shell: Shell) -> None:
    shell.export("a.xlsx", row(), header=MISNAMED)
    unknown = shell.run("import", "a.xlsx", "--map", "Nội dung lạ=ended_on")
    assert (unknown.code, "due_on (hạn hoàn thành)" in unknown.said) == (2, True)
    twice = shell.run("import", "a.xlsx", "--map", "Nội dung lạ=name", "--map", "Trạng thái=name")
    assert (twice.code, "một cột cho name" in twice.said) == (2, True)


def test_a_file_of_known_bytes_is_taken_again_when_somebody_says_so(shell: Shell) -> None:
    header = ["Hẹn" if one == "Hạn hoàn thành" else one for one in HEADER]
    shell.export("a.xlsx", row(), header=header)
    first = shell.run("import", "a.xlsx")
    assert "cột không dùng: I3 “Hẹn”" in first.out
    assert 'connector import TỆP --map "Hẹn=TRƯỜNG"' in first.out
    assert "connector import --again TỆP" in shell.run("import", "a.xlsx").out
    assert shell.rows("SELECT due_on FROM task_version") == [(None,)]
    mapped = shell.run("import", "a.xlsx", "--map", "Hẹn=due_on", "--yes")
    assert (mapped.code, "ĐÃ NHẬP" in mapped.out) == (0, True), mapped.out
    assert shell.rows("SELECT due_on FROM task_version WHERE until IS NULL") == [("2022-02-18",)]
    again = shell.run("import", "a.xlsx", "--again", "--json").json
    assert (again[0]["outcome"], again[0]["unchanged"]) == ("imported", 1)


def test_a_name_that_is_no_utf_8_is_shown_escaped(shell: Shell) -> None:
    odd = os.fsdecode(b"b\xe1o c\xe1o.xlsx")
    shell.export("a.xlsx", row()).rename(shell.folder / odd)
    done = shell.run("import", odd)
    assert (done.code, done.out.splitlines()[0]) == (0, "Tệp: b%E1o c%E1o.xlsx"), done.err
    assert shell.rows("SELECT name FROM imported_file") == [("b%E1o c%E1o.xlsx",)]
    (shell.folder / odd).write_bytes(b"%PDF-1.7")
    refused = shell.run("import", odd)
    assert (refused.code, "tệp: b%E1o c%E1o.xlsx" in refused.said) == (65, True), refused.err


def test_an_import_killed_anywhere_and_made_again_ends_as_an_undisturbed_one(
    shell: Shell, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [row(name=f"Nhiệm vụ số {number}", due="31/02/2022" if number % 100 == 0 else row()["due"])
            for number in range(3000)]  # fmt: skip
    shell.export("a.xlsx", *rows)
    made = shell.said("db", "upgrade")
    said = shell.said("import", "a.xlsx")
    wanted = shell.content()
    assert [len(wanted[name]) for name in ("task", "quarantine")] == [2970, 30]
    again = Shell(tmp_path_factory.mktemp("killed"))
    shutil.copy2(shell.folder / "a.xlsx", again.folder)
    chance = random.Random(SEED)
    again.killed(chance.randint(1, made), "import", "a.xlsx")  # while the database is made
    assert again.run("db", "upgrade").code == 0
    for point in [*chance.sample(range(1, said), min(KILLS, said - 1)), said]:
        again.killed(point, "import", "a.xlsx")
        assert again.rows("SELECT count(*) FROM task") == [(0,)]
    assert again.run("import", "a.xlsx").code == 0
    found = again.content()
    for name in wanted:
        assert found[name] == wanted[name], f"seed {SEED}: {name} differs"
    assert again.rows("SELECT count(*) FROM run WHERE finished_at IS NULL") == [(0,)]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def service(shell: Shell) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", "run"], cwd=shell.folder, env=shell.environ, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    yield process
    process.terminate()
    process.communicate(timeout=20)


def test_the_service_takes_what_is_dropped_and_goes_on_after_a_bad_file(
    shell: Shell, service: subprocess.Popen[str]
) -> None:
    inbox = shell.folder / "inbox"
    wait_until(lambda: (shell.folder / "connector.db").exists())
    (inbox / "bad.xlsx").write_bytes(b"PK\x03\x04 cut")
    shell.export("a.xlsx", row()).rename(inbox / "a.xlsx")
    wait_until(lambda: (inbox / "done/a.xlsx.txt").exists() and (inbox / "refused/bad.xlsx.txt").exists())
    assert json.loads(shell.run("status", "--json").out)["files"] == {"imported": 1, "refused": 1}
    assert service.poll() is None
