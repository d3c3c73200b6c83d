"""What lies in the inbox and cannot be taken: it is answered, told to the operator, and keeps nothing else waiting."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from connector.bootstrap_import import ImportApp
from connector.errors import StoreError
from connector.jobs.import_file import ImportResult
from connector.jobs.inbox import FILE_HOLD, FOLDER_HOLD
from connector.views import overview_text
from tests.jobs.importing import row
from tests.jobs.test_inbox import Watched, watched

__all__ = ["watched"]

ODD = b"b\xe1o c\xe1o.xlsx"
Take = Callable[..., ImportResult]


def holds(watched: Watched) -> list[str]:
    return [name for name, _, _ in watched.office.app.overview().holds]


def status(watched: Watched) -> str:
    return "\n".join(overview_text(watched.office.app.overview(), watched.office.clock.zone))


def report(watched: Watched, name: str) -> str:
    return (watched.folder / name).read_text(encoding="utf-8-sig")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Exception], None]:
    """Make the import of one file fail as a bug of ours, or a broken database, would."""

    def fail(name: str, error: Exception) -> None:
        usual: Take = ImportApp.import_file

        def import_file(imports: ImportApp, path: Path, **options: bool) -> ImportResult:
            if path.name == name:
                raise error
            return usual(imports, path, **options)

        monkeypatch.setattr(ImportApp, "import_file", import_file)

    return fail


def test_a_name_that_is_no_utf_8_is_imported_under_its_escaped_name(watched: Watched) -> None:
    watched.drop("a.xlsx").rename(watched.folder / os.fsdecode(ODD))
    watched.drop("z.xlsx", row(name="Khác"))
    watched.look()
    assert watched.look() == ["b%E1o c%E1o.xlsx", "z.xlsx"]
    assert watched.listing() == [
        "done/b%E1o c%E1o.xlsx", "done/b%E1o c%E1o.xlsx.txt", "done/z.xlsx", "done/z.xlsx.txt",
    ]  # fmt: skip
    assert report(watched, "done/b%E1o c%E1o.xlsx.txt").startswith("Tệp: b%E1o c%E1o.xlsx\n")
    assert set(watched.office.tasks()) == {"Tham mưu báo cáo tuyển sinh", "Khác"}
    assert watched.office.rows("SELECT name FROM imported_file ORDER BY id") == [("b%E1o c%E1o.xlsx",), ("z.xlsx",)]


def test_a_refused_file_of_such_a_name_is_refused_under_its_escaped_name(watched: Watched) -> None:
    (watched.folder / os.fsdecode(ODD)).write_bytes(b"%PDF-1.7 mau")
    watched.look()
    assert watched.look() == ["b%E1o c%E1o.xlsx"]
    assert watched.listing() == ["refused/b%E1o c%E1o.xlsx", "refused/b%E1o c%E1o.xlsx.txt"]


@pytest.mark.parametrize("letters", [60, 170, 400])
def test_a_name_as_long_as_can_be_leaves_the_inbox_with_its_report(watched: Watched, letters: int) -> None:
    stem = ("Danh sách nhiệm vụ Ủy ban nhân dân tỉnh giao " * 20)[:letters]
    while len(f"{stem}.xlsx".encode()) > 255:
        stem = stem[:-1]
    names = []
    for number in range(2):
        watched.drop("a.xlsx", row(name=f"Nhiệm vụ {number}")).rename(watched.folder / f"{stem}.xlsx")
        watched.look()
        names += watched.look()
    assert names == [f"{stem}.xlsx"] * 2
    moved = watched.listing()
    assert len(moved) == 4
    assert all(len(Path(name).name.encode()) <= 255 for name in moved)
    assert sorted(name + ".txt" for name in moved if name.endswith(".xlsx")) == sorted(
        name for name in moved if name.endswith(".txt")
    )
    assert all(report(watched, name).startswith(f"Tệp: {stem}.xlsx\n") for name in moved if name.endswith(".txt"))
    assert holds(watched) == []


def test_a_bug_in_one_file_is_told_and_the_others_are_taken(
    watched: Watched, failing: Callable[[str, Exception], None]
) -> None:
    failing("a.xlsx", ValueError("Nội dung của một dòng"))
    watched.drop("a.xlsx")
    watched.drop("z.xlsx", row(name="Khác"))
    watched.look()
    assert watched.look() == ["z.xlsx"]
    assert watched.listing() == ["a.xlsx", "done/z.xlsx", "done/z.xlsx.txt"]
    assert holds(watched) == [f"{FILE_HOLD}a.xlsx"]
    assert "tệp “a.xlsx” trong thư mục nhận tệp chưa nhập được" in status(watched)
    assert "Nội dung của một dòng" not in status(watched), "an error may hold what a record says"
    assert watched.look() == [], "it is put off"
    assert holds(watched) == [f"{FILE_HOLD}a.xlsx"]


def test_the_hold_of_a_file_ends_when_it_was_taken_or_taken_away(
    watched: Watched, failing: Callable[[str, Exception], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing("a.xlsx", ValueError("?"))
    failing("b.xlsx", ValueError("?"))
    for name in ("a.xlsx", "b.xlsx"):
        watched.drop(name)
    watched.look(), watched.look()
    assert sorted(holds(watched)) == [f"{FILE_HOLD}a.xlsx", f"{FILE_HOLD}b.xlsx"]
    monkeypatch.undo()
    (watched.folder / "a.xlsx").unlink()
    watched.look()
    assert holds(watched) == [f"{FILE_HOLD}b.xlsx"]
    watched.ticks.now += 600
    assert watched.look() == ["b.xlsx"]
    assert holds(watched) == []


def test_a_file_the_database_cannot_take_lets_the_others_go_first_next_time(
    watched: Watched, failing: Callable[[str, Exception], None]
) -> None:
    failing("a.xlsx", StoreError("too big"))
    watched.drop("a.xlsx")
    watched.drop("z.xlsx")
    watched.look()
    with pytest.raises(StoreError):
        watched.look()
    assert watched.look() == ["z.xlsx"]


def test_a_folder_gets_one_answer_beside_it_and_the_operator_sees_it(watched: Watched) -> None:
    inside = watched.folder / "Thư mục con"
    inside.mkdir()
    watched.drop("Thư mục con/a.xlsx")
    assert (watched.look(), watched.listing()) == ([], ["Thư mục con/a.xlsx"]), "it may still be filled"
    for _ in range(3):
        assert watched.look() == [], "the answer is no file of a clerk"
        assert watched.listing() == ["Thư mục con.txt", "Thư mục con/a.xlsx"]
    assert report(watched, "Thư mục con.txt").splitlines() == [
        "Thư mục: Thư mục con",
        "Kết quả: KHÔNG ĐỌC; chương trình không mở các thư mục con.",
        "Cách sửa: đưa từng tệp trong thư mục này ra ngoài, rồi xóa thư mục.",
    ]
    assert holds(watched) == [f"{FOLDER_HOLD}Thư mục con"]
    assert "“Thư mục con” trong thư mục nhận tệp không được đọc" in status(watched)
    (inside / "a.xlsx").rename(watched.folder / "a.xlsx")
    inside.rmdir()
    watched.look()
    assert watched.look() == ["a.xlsx"]
    assert watched.listing() == ["done/a.xlsx", "done/a.xlsx.txt"], "the answer goes with the folder"
    assert holds(watched) == []


def test_a_text_of_a_clerk_is_not_taken_for_an_answer(watched: Watched) -> None:
    (watched.folder / "con").mkdir()
    (watched.folder / "con.txt").write_text("STT\tTên nhiệm vụ\n", encoding="utf-8")
    watched.look()
    assert watched.look() == ["con.txt"]
    watched.look()
    assert "con.txt" in watched.listing()
    assert "refused/con.txt" in watched.listing()


def test_a_file_without_rights_is_told_to_the_operator(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a share that answers so: the machine's own root could read it."""
    path = watched.drop("a.xlsx")
    usual = os.open

    def refusing(one: object, *rest: int, **more: int) -> int:
        if Path(os.fsdecode(one)) == path:  # type: ignore[arg-type]
            raise PermissionError(13, "Permission denied", str(path))
        return usual(one, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("os.open", refusing)
    watched.look()
    assert watched.look() == []
    assert holds(watched) == [f"{FILE_HOLD}a.xlsx"]
    assert "Không đọc được tệp (quyền truy cập" in status(watched)
