"""A folder that clerks drop files into: real files, real moves, a clock of ours."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.bootstrap_import import InboxWatch
from connector.errors import InboxUnusable
from connector.jobs.inbox import HOLD
from connector.sources.files.inbox import FolderInbox
from tests.jobs.importing import Importing, row

AS_OF = "2022-02-28 17:00"
AS_NOBODY = os.geteuid() != 0


@dataclass
class Ticks:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Watched:
    office: Importing
    folder: Path
    inbox: FolderInbox
    ticks: Ticks

    def look(self) -> list[str]:
        """One look of the service; which files it took."""
        watch = InboxWatch(self.office.imports, self.inbox, 30, lambda: False)
        self.ticks.now += 30
        return [one.file for one in watch.take()]

    def drop(self, name: str, *rows: dict[str, object]) -> Path:
        return self.office.export(f"inbox/{name}", AS_OF, *(rows or (row(),)))

    def listing(self) -> list[str]:
        return sorted(str(one.relative_to(self.folder)) for one in self.folder.rglob("*") if not one.is_dir())


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "inbox"
    folder.mkdir()
    ticks = Ticks()
    yield Watched(Importing.at(tmp_path, "2022-02-28 18:00"), folder, FolderInbox(folder, 20, ticks), ticks)
    folder.chmod(0o750)


def test_a_file_is_taken_once_it_has_stood_still_and_lies_in_done_with_a_report(watched: Watched) -> None:
    watched.drop("a.xlsx")
    assert watched.look() == [], "seen for the first time"
    assert watched.look() == ["a.xlsx"]
    assert watched.listing() == ["done/a.xlsx", "done/a.xlsx.txt"]
    told = (watched.folder / "done/a.xlsx.txt").read_bytes()
    assert told.startswith(b"\xef\xbb\xbf")
    assert told.decode("utf-8-sig").split("\r\n")[:2] == ["Tệp: a.xlsx", "Kết quả: ĐÃ NHẬP"]
    assert len(watched.office.tasks()) == 1


def test_a_file_that_grows_is_left_alone_until_it_stands_still(watched: Watched) -> None:
    whole = watched.drop("a.xlsx").read_bytes()
    path = watched.folder / "a.xlsx"
    for size in (1_000, 2_000, 3_000, len(whole)):
        path.write_bytes(whole[:size])
        os.utime(path, (1_646_000_000, 1_646_000_000))  # a copy keeps the time of its original
        assert watched.look() == []
    assert watched.look() == ["a.xlsx"]


def test_a_refused_file_lies_in_refused_with_what_to_do(watched: Watched) -> None:
    (watched.folder / "a.xls").write_bytes(b"%PDF-1.7 mau")
    watched.look()
    assert watched.look() == ["a.xls"]
    assert watched.listing() == ["refused/a.xls", "refused/a.xls.txt"]
    told = (watched.folder / "refused/a.xls.txt").read_text(encoding="utf-8-sig")
    assert "BỊ TỪ CHỐI" in told
    assert "Lý do: Đây là" in told


def test_a_name_that_is_taken_gets_a_number(watched: Watched) -> None:
    for names in (["a.xlsx"], ["a.xlsx"], ["a.xlsx"]):
        watched.drop("a.xlsx", row(name=f"Nhiệm vụ {watched.ticks.now}"))
        watched.look()
        assert watched.look() == names
    assert [name for name in watched.listing() if not name.endswith(".txt")] == [
        "done/a (2).xlsx", "done/a (3).xlsx", "done/a.xlsx",
    ]  # fmt: skip
    assert len(watched.office.tasks()) == 3


def test_the_same_bytes_again_are_told_and_change_nothing(watched: Watched) -> None:
    content = watched.drop("a.xlsx").read_bytes()
    watched.look(), watched.look()
    (watched.folder / "b.xlsx").write_bytes(content)
    watched.look()
    assert watched.look() == ["b.xlsx"]
    assert "KHÔNG NHẬP LẠI" in (watched.folder / "done/b.xlsx.txt").read_text(encoding="utf-8-sig")
    assert watched.office.rows("SELECT count(*) FROM imported_file") == [(1,)]


def test_a_file_that_is_replaced_while_it_is_imported_is_taken_anew(watched: Watched) -> None:
    path = watched.drop("a.xlsx")
    watched.look()
    taken = watched.office.take(path)
    watched.drop("a.xlsx", row(name="Mới"))
    watched.inbox.finish(path, refused=taken.outcome.refused, report="")
    assert watched.listing() == ["a.xlsx"]
    assert [watched.look(), watched.look()] == [[], ["a.xlsx"]]
    assert "Mới" in watched.office.tasks()


@pytest.mark.parametrize("name", ["~$a.xlsx", ".a.xlsx", "a.xlsx.tmp", "a.xlsx.part", "Thumbs.db"])
def test_what_programs_leave_lying_about_is_no_file_of_a_clerk(watched: Watched, name: str) -> None:
    (watched.folder / name).write_bytes(b"x")
    assert [watched.look(), watched.look()] == [[], []]
    assert watched.listing() == [name]


def test_a_link_a_pipe_and_a_socket_are_refused_and_not_followed(watched: Watched) -> None:
    outside = watched.office.export("outside.xlsx", AS_OF, row())
    (watched.folder / "link.xlsx").symlink_to(outside)
    os.mkfifo(watched.folder / "pipe.xlsx")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(watched.folder / "s.xlsx"))
        watched.look()
        assert sorted(watched.look()) == ["link.xlsx", "pipe.xlsx", "s.xlsx"]
    assert outside.exists()
    assert [name for name in watched.listing() if not name.startswith("refused/")] == []
    assert watched.office.tasks() == {}


def test_a_folder_that_is_gone_is_told_once_and_the_next_look_goes_on(watched: Watched) -> None:
    watched.folder.rename(watched.folder.with_name("elsewhere"))
    for _ in range(2):
        with pytest.raises(InboxUnusable):
            watched.look()
    with watched.office.app.uow() as uow:
        assert [name for name, _, _ in uow.holds.all()] == [HOLD]
    watched.folder.mkdir()
    assert watched.look() == []
    assert not watched.office.app.overview().holds


@pytest.mark.skipif(not AS_NOBODY, reason="root may write anywhere")
def test_in_a_read_only_folder_a_file_is_imported_once_and_that_it_lies_there_is_told(watched: Watched) -> None:
    watched.drop("a.xlsx")
    watched.look()
    watched.folder.chmod(0o550)
    not_moved_and_once(watched)
    watched.folder.chmod(0o750)
    moved_at_last(watched)


def test_where_no_report_can_be_written_a_file_is_imported_once_and_moved_when_it_can(watched: Watched) -> None:
    """A plain file stands where the folder should: as read-only shares and full disks, it refuses the move."""
    watched.drop("a.xlsx")
    watched.look()
    (watched.folder / "done").write_bytes(b"")
    not_moved_and_once(watched)
    (watched.folder / "done").unlink()
    moved_at_last(watched)


def test_on_a_full_disk_the_file_stays_whole_and_is_moved_later(watched: Watched) -> None:
    """No file may grow beyond some bytes, as on a full disk; the database is elsewhere and has room."""
    path = watched.drop("a.xlsx")
    watched.look()
    taken = watched.office.take(path)
    size = path.stat().st_size
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, usual[1]))
    try:
        with pytest.raises(InboxUnusable):
            watched.inbox.finish(path, refused=taken.outcome.refused, report="x" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert [(name, (watched.folder / name).stat().st_size) for name in watched.listing()] == [("a.xlsx", size)]
    moved_at_last(watched)


def not_moved_and_once(watched: Watched) -> None:
    with pytest.raises(InboxUnusable):
        watched.look()
    assert watched.office.rows("SELECT count(*) FROM imported_file") == [(1,)]
    assert watched.look() == [], "it is known and not handed out again"
    with watched.office.app.uow() as uow:
        assert uow.holds.get(HOLD) is not None
    assert (watched.folder / "a.xlsx").exists()


def moved_at_last(watched: Watched) -> None:
    watched.look()
    assert {"done/a.xlsx", "done/a.xlsx.txt"} <= set(watched.listing())
    assert watched.office.rows("SELECT count(*) FROM imported_file") == [(1,)]
    watched.look()
    with watched.office.app.uow() as uow:
        assert uow.holds.get(HOLD) is None
