"""Whatever becomes of the child, the parent gets an answer in time; and a file that changes meanwhile is read again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.domain.tables import Limits
from connector.errors import FileNotReady, FileRefused
from connector.messages import operator_message
from connector.sources.files import process
from connector.sources.files.reader import open_table
from tests.sources.files import books


def read_and(path: Path, act: Callable[[], object]) -> FileRefused:
    """Read the file; ``act`` once its first row is there."""

    def read() -> None:
        with open_table(path) as sheets:
            for sheet in sheets:
                next(sheet.rows)
                act()

    with pytest.raises(FileRefused) as caught:
        read()
    return caught.value


def read_all(path: Path, limits: Limits = books.SMALL) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        books.read(path, limits)
    return caught.value


@pytest.mark.parametrize(
    ("how", "reason", "retryable"),
    [
        ("dies at once", "no_reader", True),
        ("ends in a frame", "reader_failed", False),
        ("ends without a word", "reader_failed", False),
        ("runs out of processor time", "too_slow", False),
        ("runs out of memory", "memory", False),
        ("fails to allocate", "memory", False),
        ("is killed by the system", "memory", False),
        ("crashes", "reader_failed", False),
        ("hangs", "too_slow", False),
    ],
)
def test_a_child_that_fails_becomes_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, reason: str, retryable: bool
) -> None:
    monkeypatch.setattr(process, "_CHILD", "tests.sources.files.misbehaving")
    path = tmp_path / "a.csv"
    path.write_text(how)
    seconds = 1 if how == "hangs" else 20
    found = read_all(path, Limits(seconds=seconds))
    assert (found.reason, found.retryable) == (reason, retryable)
    assert operator_message(found).startswith("LỖI: ")


def test_a_child_that_closes_its_output_and_goes_on_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_CHILD", "tests.sources.files.misbehaving")
    monkeypatch.setattr(process, "_PATIENCE", 0.2)
    path = tmp_path / "a.csv"
    path.write_text("closes its output")
    assert read_all(path).reason == "reader_failed"
    assert children() == 0


def test_the_child_knows_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_CHILD", "tests.sources.files.misbehaving")
    monkeypatch.setenv("CONNECTOR_SMTP_PASSWORD", "bí mật")
    path = tmp_path / "a.csv"
    path.write_text("tells its surroundings")
    told = str(read_all(path).fields["cause"]).split()
    assert "PYTHONPATH" in told
    assert {name for name in told if not name.startswith("LC_")} <= {
        "PATH", "PYTHONPATH", "MALLOC_ARENA_MAX", "LD_LIBRARY_PATH", "TZDIR",
    }  # fmt: skip


def children() -> int:
    """Child processes of this one that have not been waited for, the ended ones too."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return 0
    return 1


def test_a_reader_who_stops_early_leaves_no_process_behind(tmp_path: Path) -> None:
    before = children()
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\n" * 400_000)
    with open_table(path) as sheets:
        assert next(next(sheets).rows).number == 1
    assert children() == before == 0


def test_sheets_that_nobody_reads_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    rows = "".join(f"<tr><td>Đơn vị {n % 7}<td>{n}" for n in range(3000))
    path.write_text(f"<table>{rows}</table><table><tr><td>Đơn vị 3</table>", encoding="utf-8")
    with open_table(path, books.SMALL) as sheets:
        first = next(sheets)
        assert next(first.rows).cells[0].text == "Đơn vị 0"
        assert [[cell.text for cell in row.cells] for row in next(sheets).rows] == [["Đơn vị 3"]]
        assert list(sheets) == []


class TestAChangingFile:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "a.csv"
        path.write_bytes(b"STT;Ten\n" + b"1;a\n" * 200_000)
        return path

    def append(self, path: Path, data: bytes) -> None:
        with path.open("ab") as file:
            file.write(data)

    def test_one_that_grows_is_told_as_still_being_written(self, path: Path) -> None:
        found = read_and(path, lambda: self.append(path, b"2;b\n"))
        assert (found.reason, found.retryable, type(found)) == ("still_written", True, FileNotReady)

    def test_one_that_is_rewritten_in_place_is_told_too(self, path: Path) -> None:
        assert read_and(path, lambda: os.utime(path, (0, 0))).reason == "still_written"

    def test_one_that_is_replaced_or_taken_away_is_told_too(self, path: Path) -> None:
        other = path.with_suffix(".new")
        other.write_bytes(path.read_bytes())
        assert read_and(path, lambda: other.replace(path)).reason == "still_written"
        assert read_and(path, path.unlink).reason == "vanished"

    def test_a_broken_one_that_grew_meanwhile_is_only_not_ready(self, path: Path) -> None:
        self.append(path, b'1;"')
        assert read_all(path).reason == "quotes"
        assert read_and(path, lambda: self.append(path, b'b"\n')).reason == "still_written"


class TestWhatCannotBeOpened:
    @contextmanager
    def as_nobody(self) -> Iterator[None]:
        """For root nothing is unreadable."""
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    def test_a_file_without_right_to_read_is_tried_again(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("a;b")
        path.chmod(0)
        with self.as_nobody():
            found = read_all(path)
        assert (found.reason, found.retryable) == ("unreadable", True)
        assert "a.csv" in operator_message(found)

    def test_a_file_that_is_not_there_is_named_so(self, tmp_path: Path) -> None:
        assert read_all(tmp_path / "a.csv").reason == "vanished"

    def test_folders_pipes_and_links_are_no_files(self, tmp_path: Path) -> None:
        (tmp_path / "thu-muc").mkdir()
        os.mkfifo(tmp_path / "ong")
        (tmp_path / "that.csv").write_text("a;b")
        (tmp_path / "lien-ket").symlink_to(tmp_path / "that.csv")
        for name in ("thu-muc", "ong", "lien-ket"):
            assert read_all(tmp_path / name).reason == "not_a_file", name

    def test_a_read_only_file_in_a_read_only_folder_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("a;b")
        path.chmod(0o444)
        tmp_path.chmod(0o555)
        try:
            assert books.rows_of(path) == [(1, ["a", "b"])]
        finally:
            tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    ("limits", "reason", "cell"),
    [
        (Limits(columns=2), "too_many_columns", "C1"),
        (Limits(text_length=3), "text_too_long", "B2"),
        (Limits(file_bytes=100), "too_large", None),
        (Limits(unpacked_bytes=100), "unpacked_too_large", None),
        (Limits(members=3), "too_many_members", None),
        (Limits(unpacked_ratio=1, memory_bytes=2**28), "", None),  # small parts may have any ratio
        (Limits(memory_bytes=2**20), "memory", None),
        (Limits(seconds=0.01), "too_slow", None),
    ],
)
def test_each_limit_has_its_reason_and_names_the_cell(
    tmp_path: Path, limits: Limits, reason: str, cell: str | None
) -> None:
    path = tmp_path / "a.xlsx"
    books.xlsx(path, [["a", "b", "c"], [None, "abcd"], ["d"]])
    if not reason:
        assert len(books.rows_of(path, limits)) == 3
        return
    found = read_all(path, limits)
    assert (found.reason, found.fields.get("cell")) == (reason, cell)
    assert found.fields.get("sheet") == ("Nhiệm vụ" if cell else None)
    assert "(không rõ)" not in operator_message(found)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "html", "csv utf-8"])
def test_the_first_row_beyond_the_limit_refuses_the_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    books.WRITERS[kind](path, [["a", "x"], ["b", "y"], ["c", "z"]])
    assert len(books.rows_of(path, Limits(rows=3))) == 3
    found = read_all(path, Limits(rows=2))
    assert (found.reason, found.fields["limit"]) == ("too_many_rows", 2)
    assert kind == "xlsx" or found.fields["cell"] == "A3"  # there the rows are counted before any is read


def test_the_child_starts_with_no_more_than_it_needs(root: Path) -> None:
    """Its start is paid for every file: the libraries of the rest of the program stay out."""
    script = "import sys, connector.sources.files.child; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {
        "sqlalchemy",
        "sqlmodel",
        "httpx",
        "structlog",
        "pydantic",
        "lxml",
        "python_calamine",
        "asyncio",
    }


def test_reading_costs_less_than_four_times_what_the_library_needs(tmp_path: Path) -> None:
    """Processor time of both processes together: starting, looking for traps and passing the rows on included."""
    from python_calamine import CalamineWorkbook

    path = tmp_path / "a.xlsx"
    rows: list[books.Row] = [
        [f"Nhiệm vụ số {n}", *range(n, n + 5), *["Sở Tài chính", "15/UBND-TH"] * 3] for n in range(20_000)
    ]
    books.xlsx(path, rows)

    def library() -> int:
        with CalamineWorkbook.from_path(path) as book:
            return sum(1 for _ in book.get_sheet_by_index(0).iter_rows())

    def ours() -> int:
        with open_table(path) as sheets:
            return sum(1 for sheet in sheets for _ in sheet.rows)

    def cost(read: Callable[[], int]) -> float:
        before = sum(os.times()[:4])
        assert read() == 20_000
        return sum(os.times()[:4]) - before

    assert min(cost(ours) for _ in range(3)) < 4 * min(cost(library) for _ in range(3))
