"""Packages of electronic documents through the same door as exports (F108)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector.domain.records import DocumentState
from connector.errors import FileRefused
from connector.jobs.import_file import ImportResult
from tests.jobs.importing import Importing
from tests.sources.files.edocs import edoc

REVOKE = "<BussinessDocType>1</BussinessDocType><BussinessDocReason>Ban hành nhầm</BussinessDocReason>"
REPLACE = (
    "<BussinessDocType>3</BussinessDocType><ReplacementInfoList><ReplacementInfo>"
    "<DocumentId>H99.1,2025/09/02,15/UBND-MAU</DocumentId></ReplacementInfo></ReplacementInfoList>"
)


def stamp(moment: str) -> str:
    return f"<TraceHeader><OrganId>H99.1</OrganId><Timestamp>{moment}</Timestamp></TraceHeader>"


@pytest.fixture
def office(tmp_path: Path) -> Importing:
    return Importing.at(tmp_path, "2025-09-30 18:00", office={"issuer": "UBND tỉnh (mẫu)"})


def take(office: Importing, name: str, *arguments: Any, **options: Any) -> ImportResult:
    path = office.folder / name
    path.write_text(edoc(*arguments, **options), encoding="utf-8")
    return office.take(path)


def documents(office: Importing) -> dict[str, DocumentState]:
    with office.app.uow() as uow:
        return {one.state.notation: one.state for one in uow.documents.histories()}


def test_a_new_document_is_stored_with_the_names_of_its_files_and_nothing_of_their_content(office: Importing) -> None:
    result = take(office, "a.edxml")
    assert (result.error, result.counts.inserted) == (None, 1)
    (state,) = documents(office).values()
    assert (state.notation, state.outgoing, str(state.due_on)) == ("15/UBND-MAU", True, "2025-09-20")
    assert [file.name for file in state.files or ()] == ["15-UBND-MAU.pdf"]
    explained = office.imports.explain(office.folder / "a.edxml")
    assert (explained.refused, [one.name for one in explained.sheets]) == (
        False, ["Gói edXML: văn bản mới, số 15/UBND-MAU ngày 02/09/2025"],
    )  # fmt: skip
    assert "JVBERi" not in str(office.contents()), "base64 of a PDF"
    assert take(office, "b.edxml").outcome.duplicate_of


def test_a_revocation_marks_the_document_as_no_longer_in_force_and_an_older_one_does_not(office: Importing) -> None:
    take(office, "a.edxml", stamps=stamp("2025/09/02 14:00:00"))
    take(office, "b.edxml", REVOKE, stamps=stamp("2025/09/01 14:00:00"))
    assert documents(office)["15/UBND-MAU"].standing == ""
    revoked = take(office, "c.edxml", REVOKE, stamps=stamp("2025/09/03 14:00:00"))
    assert (revoked.counts.updated, documents(office)["15/UBND-MAU"].standing) == (1, "revoked")
    assert office.rows("SELECT count(*) FROM document_version") == [(2,)], "nothing is deleted"


def test_a_replacement_brings_the_new_document_and_ends_the_old_one(office: Importing) -> None:
    take(office, "a.edxml")
    result = take(
        office, "b.edxml", REPLACE, stamps=stamp("2025/09/05 08:00:00"), DocumentId="H99.1,2025/09/05,18/UBND-MAU",
        Code="<CodeNumber>18</CodeNumber><CodeNotation>UBND-MAU</CodeNotation>",
        PromulgationInfo="<Place>Mẫu</Place><PromulgationDate>2025/09/05</PromulgationDate>",
    )  # fmt: skip
    assert result.error is None
    assert {name: one.standing for name, one in documents(office).items()} == {
        "15/UBND-MAU": "replaced", "18/UBND-MAU": "",
    }  # fmt: skip


def test_what_is_revoked_without_ever_having_come_is_said(office: Importing) -> None:
    result = take(office, "a.edxml", REVOKE)
    assert result.error is None
    assert documents(office) == {}
    (sheet,) = result.outcome.sheets
    said = "Chưa có văn bản này, sẽ đánh dấu khi có: số 15/UBND-MAU ngày 02/09/2025"
    assert said in [one.what for one in sheet.advices]


def test_a_package_that_names_no_document_is_refused_with_every_problem(office: Importing) -> None:
    result = take(office, "a.edxml", without=("Code", "Subject", "DocumentId"))
    assert isinstance(result.error, FileRefused)
    assert (result.error.reason, documents(office)) == ("package", {})
    assert "trích yếu" in result.outcome.reason
    assert office.rows("SELECT outcome, reason FROM imported_file") == [("refused", "package")]
