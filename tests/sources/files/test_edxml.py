"""Packages of electronic documents out of files: bare, archived, oddly encoded, hostile."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

import pytest

from connector.domain.packages import Package
from connector.domain.tables import Limits
from connector.errors import FileRefused
from connector.messages import operator_message
from connector.sources.files.reader import describe, open_table
from tests.sources.files import books
from tests.sources.files.edocs import NAMESPACE, PACKED, PDF, content, edoc

SUBJECT = "V/v báo cáo kết quả  thực hiện nhiệm vụ quý III"


def packages(path: Path, limits: Limits = books.SMALL) -> list[Package]:
    with open_table(path, limits) as table:
        return list(table.packages)


def package_of(path: Path, data: bytes) -> Package:
    path.write_bytes(data)
    (found,) = packages(path)
    return found


def subject(package: Package) -> str:
    (header,) = package.root.descendants("MessageHeader")
    return header.text_at("Subject")


def refused(path: Path, limits: Limits = books.SMALL) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        packages(path, limits)
    assert "\nCần làm: " in operator_message(caught.value)
    return caught.value


def test_a_package_comes_with_its_elements_by_local_names(tmp_path: Path) -> None:
    package = package_of(tmp_path / "a.edxml", edoc().encode())
    assert (package.file, package.namespace, package.root.name) == ("", NAMESPACE, "edXML")
    (header,) = package.root.descendants("MessageHeader")
    assert header.text_at("From", "OrganName") == "UBND tỉnh (mẫu)"
    assert header.text_at("Code", "CodeNumber") == "15"
    assert header.at("DueDate", "nothing", "such").text == ""
    assert subject(package) == SUBJECT


@pytest.mark.parametrize(
    ("codec", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-8", "lạ ".encode()), ("utf-16-le", b"\xff\xfe"),
     ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b""), ("utf-16-be", b"")],
)  # fmt: skip
def test_a_package_is_read_in_every_encoding_and_behind_stray_bytes(tmp_path: Path, codec: str, mark: bytes) -> None:
    says = "utf-16" if "16" in codec else "utf-8"
    text = edoc(declaration=f'<?xml version="1.0" encoding="{says}"?>')
    assert subject(package_of(tmp_path / "a.xml", mark + text.encode(codec))) == SUBJECT


def test_utf_8_that_calls_itself_utf_16_is_read_as_what_it_is(tmp_path: Path) -> None:
    text = edoc(declaration='<?xml version="1.0" encoding="utf-16"?>')
    assert subject(package_of(tmp_path / "a.edxml", text.encode())) == SUBJECT


def test_of_an_attachment_only_the_beginning_and_the_size_are_kept(tmp_path: Path) -> None:
    large = bytes(range(256)) * 40_000  # 10 MB
    contents = content("to", large) + content("nho", PACKED)
    package = package_of(tmp_path / "a.edxml", edoc(contents=contents).encode())
    first, second = (one.at("ContentTransferEncoded") for one in package.root.descendants("Attachment"))
    assert first.length * 3 // 4 == len(large)
    assert base64.b64encode(large).decode().startswith(first.text.replace("\n", ""))
    assert len(first.text) < 10_000
    assert (second.length * 3 // 4, base64.b64decode(second.text)) == (len(PACKED), PACKED)


def test_what_an_element_refers_to_counts_as_its_text(tmp_path: Path) -> None:
    manifest = '<Reference xmlns:xlink="urn:xlink" xlink:href="cid:tep-0001"/>'
    package = package_of(tmp_path / "a.edxml", edoc(manifest=manifest).encode())
    assert [one.text for one in package.root.at("edXMLEnvelope", "edXMLBody", "edXMLManifest").children] == [
        "cid:tep-0001"
    ]


def test_an_archive_gives_every_package_and_names_what_lies_beside(tmp_path: Path) -> None:
    path = tmp_path / "goi.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1/a.edxml", edoc(Subject="Một"))
        archive.writestr("1/15.pdf", PDF)
        archive.writestr("2/b.xml", edoc(Subject="Hai").encode("utf-16"))
    with open_table(path, books.SMALL) as table:
        assert table.recognised.kind == "edxml"
        found = list(table.packages)
    assert [(one.file, subject(one), one.beside) for one in found] == [
        ("1/a.edxml", "Một", (("1/15.pdf", len(PDF)),)),
        ("2/b.xml", "Hai", (("1/15.pdf", len(PDF)),)),
    ]


def test_a_package_has_no_sheets_and_a_workbook_no_packages(tmp_path: Path) -> None:
    path = tmp_path / "a.edxml"
    path.write_text(edoc())
    with open_table(path, books.SMALL) as table:
        assert list(table) == []
    books.xlsx(tmp_path / "a.xlsx", [["STT"]])
    assert packages(tmp_path / "a.xlsx") == []
    assert describe(path).suffix_lies is False


ENTITIES = '<!DOCTYPE edXML [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HOSTILE = {
    "entities": (edoc(declaration=ENTITIES, Subject="&b;"), "doctype"),
    "a file of ours": (
        edoc(declaration='<!DOCTYPE edXML [<!ENTITY x SYSTEM "file:///etc/passwd">]>', Subject="&x;"),
        "doctype",
    ),
    "a DTD from elsewhere": (edoc(declaration='<!DOCTYPE edXML SYSTEM "http://mau.example/a.dtd">'), "doctype"),
    "an entity nobody declared": (edoc(Subject="&x;"), "broken"),
    "cut": (edoc()[:900], "broken"),
    "two roots": (edoc() + "<edXML/>", "broken"),
    "a page that mentions it": ("<html><body><edXML >x</edXML></body></html>", "foreign"),
    "too deep": (edoc(Content="<a>" * 100 + "</a>" * 100), "broken"),
    "too many": (edoc(ToPlaces="<Place/>" * 60_000), "broken"),
    "too much": (edoc(ToPlaces=f"<Place>{'x' * 8000}</Place>" * 1_100), "broken"),
}


@pytest.mark.parametrize("trick", HOSTILE)
def test_a_hostile_package_is_refused_with_its_reason(tmp_path: Path, trick: str) -> None:
    text, reason = HOSTILE[trick]
    path = tmp_path / "a.edxml"
    path.write_text(text)
    assert refused(path).reason == reason


def test_a_refused_package_of_an_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "goi.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tot.edxml", edoc())
        archive.writestr("hong.edxml", edoc()[:900])
    error = refused(path)
    assert (error.reason, error.fields["file"]) == ("broken", "goi.zip › hong.edxml")


def test_a_package_that_unpacks_beyond_measure_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "goi.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.edxml", edoc(Content=" " * 20_000_000))
    assert refused(path).reason == "bomb"


def test_an_attachment_of_a_hundred_megabytes_needs_no_memory_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.edxml"
    before, after = edoc(contents=content(data=b"@")).split(base64.encodebytes(b"@").decode())
    with path.open("w") as file:
        file.write(before)
        for _ in range(100):
            file.write("QUJD" * (1 << 18))
        file.write(after)
    (package,) = packages(path, Limits(memory_bytes=100 * 2**20))
    (attachment,) = package.root.descendants("Attachment")
    assert attachment.at("ContentTransferEncoded").length == 100 << 20
