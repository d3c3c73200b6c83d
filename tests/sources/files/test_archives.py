"""Archives: read whole or not at all, and never unpacked to a disk."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from connector.errors import FileRefused
from connector.messages import operator_message
from connector.sources.files.reader import describe, open_table
from tests.sources.files import books


def content(kind: str, tmp_path: Path, *rows: books.Row) -> bytes:
    path = tmp_path / "member"
    books.WRITERS[kind](path, rows)
    return path.read_bytes()


def packed(tmp_path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = tmp_path / "xuat.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def refusal(path: Path) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        books.read(path)
    return caught.value


def test_every_member_is_recognised_and_its_sheets_carry_its_name(tmp_path: Path) -> None:
    path = packed(
        tmp_path,
        ("tháng 2/nhiệm vụ.xlsx", content("xlsx", tmp_path, ["STT"], [1])),
        ("cũ.xls", content("html", tmp_path, ["STT"], [2])),
        ("van-ban.csv", content("csv utf-16-le", tmp_path, ["STT", "x"], [3, "y"])),
        ("cũ hơn", content("xls", tmp_path, ["STT"], [4])),
        ("__MACOSX/._cũ.xls", b"\0\5\x16\7"),
        ("tháng 2/Thumbs.db", b"x"),
        ("tháng 2/", b""),
    )
    with open_table(path, books.SMALL) as sheets:
        found = [(sheet.file, sheet.name, [row.cells[0].text for row in sheet.rows]) for sheet in sheets]
    assert found == [
        ("tháng 2/nhiệm vụ.xlsx", "Nhiệm vụ", ["STT", "1"]),
        ("cũ.xls", "Bảng 1", ["STT", "2"]),
        ("van-ban.csv", "", ["STT", "3"]),
        ("cũ hơn", "Nhiệm vụ", ["STT", "4"]),
    ]
    assert describe(path).kind == "zip"


def test_a_member_that_is_no_table_refuses_the_archive_before_a_row_is_given(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.xlsx", content("xlsx", tmp_path, ["STT"])), ("b.xlsx", b"%PDF-1.7"))
    with pytest.raises(FileRefused) as caught, open_table(path, books.SMALL) as sheets:
        next(sheets)
    assert caught.value.reason == "foreign"
    assert "tệp: xuat.zip › b.xlsx" in operator_message(caught.value)


@pytest.mark.parametrize(
    "name", ["../a.csv", "x/../../a.csv", "/etc/a.csv", "C:\\a.csv", "c:a.csv", "..\\a.csv", "a\x1b[2J.csv"]
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    found = refusal(packed(tmp_path, (name, b"a;b")))
    assert found.reason == "member_name"
    assert "\x1b" not in operator_message(found)


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    assert refusal(packed(tmp_path, ("A.csv", b"a;b"), ("a.CSV", b"a;c"))).reason == "member_twice"


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(packed(tmp_path, (link, b"/etc/passwd"))).reason == "member_link"


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", "a;b")
    found = refusal(packed(tmp_path, ("trong.zip", inner.getvalue())))
    assert (found.reason, found.fields["file"]) == ("nested_archive", "xuat.zip › trong.zip")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.csv", b"a;b"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory
    path.write_bytes(data)
    assert refusal(path).reason == "archive_protected"


def test_an_uncommon_compression_and_an_empty_archive_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", "a;b")
    assert refusal(path).reason == "compression"
    assert refusal(packed(tmp_path)).reason == "no_table"


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """The "better zip bomb": many entries of the directory that all point to one stretch of the file."""
    path = packed(tmp_path, ("a.csv", b"a;b\n" + bytes(range(32, 127)) * 50))
    data = path.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    copies = [entry.replace(b"a.csv", b"%c.csv" % (97 + n)) for n in range(20)]
    tail = bytearray(data[end:])
    tail[8:12] = (20).to_bytes(2, "little") * 2
    tail[12:16] = (len(entry) * 20).to_bytes(4, "little")
    path.write_bytes(data[:start] + b"".join(copies) + tail)
    assert refusal(path).reason == "bomb"
