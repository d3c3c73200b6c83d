"""Packages that withdraw documents, in every order, beside exports and beside the API (F108)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap_import import ImportApp, InboxWatch
from connector.domain.records import DocumentState
from connector.jobs.import_file import ImportResult
from connector.normalise.exports.report import report_text
from connector.sources.files.inbox import FolderInbox
from tests import databases
from tests.jobs.importing import Importing, local
from tests.jobs.office import Office
from tests.jobs.office import office as deployment
from tests.sources.files import books
from tests.sources.files.edocs import NEW, edoc

REVOKE = "<BussinessDocType>1</BussinessDocType>"
UPDATE = "<BussinessDocType>2</BussinessDocType>"
REPLACE = (
    "<BussinessDocType>3</BussinessDocType><ReplacementInfoList><ReplacementInfo>"
    "<DocumentId>H99.1,2025/09/02,15/UBND-MAU</DocumentId></ReplacementInfo></ReplacementInfoList>"
)
SUCCESSOR = {
    "DocumentId": "H99.1,2025/09/05,18/UBND-MAU",
    "Code": "<CodeNumber>18</CodeNumber><CodeNotation>UBND-MAU</CodeNotation>",
    "PromulgationInfo": "<Place>Mẫu</Place><PromulgationDate>2025/09/05</PromulgationDate>",
}
STEPS: dict[str, tuple[str, str, dict[str, str]]] = {
    "new": (NEW, "2025/09/02 14:00:00", {"Subject": "V/v cũ"}),
    "update": (UPDATE, "2025/09/03 14:00:00", {"Subject": "V/v đã sửa"}),
    "revoke": (REVOKE, "2025/09/04 14:00:00", {}),
    "replace": (REPLACE, "2025/09/05 14:00:00", SUCCESSOR),
    "anew": (NEW, "2025/09/06 14:00:00", {"Subject": "V/v gửi lại"}),
}


def write(folder: Path, name: str, business: str, moment: str, **header: str) -> Path:
    path = folder / name
    stamp = f"<TraceHeader><OrganId>H99.1</OrganId><Timestamp>{moment}</Timestamp></TraceHeader>"
    path.write_text(edoc(business, stamps=stamp, **header), encoding="utf-8")
    return path


def take(office: Importing, step: str, name: str = "", **options: Any) -> ImportResult:
    business, moment, header = STEPS[step]
    result = office.take(write(office.folder, f"{name or step}.edxml", business, moment, **header), **options)
    assert result.error is None
    return result


def documents(office: Importing | Office) -> dict[str, DocumentState]:
    with office.app.uow() as uow:
        found = uow.documents.histories()
    by_number = {one.state.notation: one.state for one in found}
    assert len(by_number) == len(found), "a document twice"
    return by_number


def said(result: ImportResult) -> list[str]:
    return [advice.what for sheet in result.outcome.sheets for advice in sheet.advices]


@pytest.fixture
def office(tmp_path: Path) -> Importing:
    return Importing.at(tmp_path, "2025-09-30 18:00", office={"issuer": "UBND tỉnh (mẫu)"})


@pytest.mark.parametrize("order", list(permutations(["new", "update", "revoke"])), ids="-".join)
def test_new_updated_and_revoked_come_to_the_same_in_every_order(office: Importing, order: tuple[str, ...]) -> None:
    for step in order:
        take(office, step)
    (state,) = documents(office).values()
    assert (state.standing, state.subject) == ("revoked", "V/v đã sửa")


@pytest.mark.parametrize("order", list(permutations(["new", "revoke", "replace", "anew"])), ids="-".join)
def test_what_was_sent_last_decides_whatever_came_last(office: Importing, order: tuple[str, ...]) -> None:
    for step in order:
        take(office, step)
    found = documents(office)
    assert {number: one.standing for number, one in found.items()} == {"15/UBND-MAU": "", "18/UBND-MAU": ""}
    assert found["15/UBND-MAU"].subject == "V/v gửi lại"


def test_an_update_sent_after_a_revocation_does_not_undo_it(office: Importing) -> None:
    take(office, "new")
    take(office, "revoke")
    path = write(office.folder, "late.edxml", UPDATE, "2025/09/08 08:00:00", Subject="V/v muộn")
    office.take(path)
    assert {(one.standing, one.subject) for one in documents(office).values()} == {("revoked", "V/v muộn")}


def test_a_replacement_waits_for_the_document_it_replaces(office: Importing) -> None:
    result = take(office, "replace")
    assert "Chưa có văn bản này, sẽ đánh dấu khi có: số 15/UBND-MAU ngày 02/09/2025" in said(result)
    take(office, "new")
    assert {number: one.standing for number, one in documents(office).items()} == {
        "15/UBND-MAU": "replaced", "18/UBND-MAU": "",
    }  # fmt: skip


def test_the_same_package_twice_and_a_dry_run_change_nothing(office: Importing) -> None:
    take(office, "new")
    before = office.contents()
    dry = take(office, "revoke", dry_run=True)
    assert "Đã đánh dấu không còn hiệu lực: số 15/UBND-MAU ngày 02/09/2025" in said(dry)
    assert office.contents() == before
    take(office, "revoke")
    after = office.contents()
    assert take(office, "revoke", "copy").outcome.duplicate_of
    assert office.contents() == after


def test_two_documents_it_may_mean_are_a_question_and_the_answer_is_kept(office: Importing) -> None:
    take(office, "new")
    with office.app.engine.begin() as connection:  # a register may show the same number twice
        connection.exec_driver_sql(
            "INSERT INTO document (source, source_id, first_seen_at, last_seen_at, identity, account, list) "
            "SELECT source, '450002', first_seen_at, last_seen_at, '', '', '' FROM document"
        )
        connection.exec_driver_sql(
            "INSERT INTO document_version (document_id, observed_at, payload_hashes, notation, issued_on, issuer, "
            "subject, urgency, outgoing, present) SELECT (SELECT max(id) FROM document), observed_at, '[]', notation, "
            "issued_on, issuer, subject, urgency, outgoing, present FROM document_version"
        )
    result = take(office, "revoke")
    assert result.quarantined == 1
    assert any(one.startswith("Không rõ là văn bản nào") for one in said(result))
    marked = "SELECT d.source_id, v.standing FROM document d JOIN document_version v ON v.document_id = d.id " \
        "WHERE v.until IS NULL ORDER BY 1"  # fmt: skip
    assert [standing for _, standing in office.rows(marked)] == ["", ""]
    (entry,) = office.imports.waiting()
    assert (entry.row.kind, "450002" in entry.row.candidates) == ("question", True)
    assert "V/v" not in entry.row.problems[0].reason
    take(office, "replace")
    assert len(office.imports.waiting()) == 2, "each package is asked about once"
    (retried,) = office.imports.retry([entry.id], None)
    assert retried.record_id == "", "without an answer it waits"
    office.imports.retry([entry.id], "450002")
    assert dict(office.rows(marked))["450002"] == "replaced", "one answer holds for all about that document"
    assert sorted(standing for _, standing in office.rows(marked)) == ["", "", "replaced"]


def test_a_package_of_a_document_that_may_be_a_stored_one_is_asked_about_and_loaded_by_the_answer(
    office: Importing,
) -> None:
    take(office, "new")
    other = {"From": "<OrganId>H99.1</OrganId><OrganName>Ủy ban nhân dân tỉnh mẫu</OrganName>", "Subject": "V/v đã sửa"}
    result = office.take(write(office.folder, "other.edxml", UPDATE, "2025/09/03 09:00:00", **other))
    assert (result.error, result.quarantined, result.outcome.refused) == (None, 1, False)
    assert any(one.startswith("Chưa nhập, chờ trả lời") for one in said(result))
    (entry,) = office.imports.waiting()
    (stored,) = entry.row.candidates
    (retried,) = office.imports.retry([entry.id], stored)
    assert (retried.record_id, office.imports.waiting()) == (stored, [])
    (state,) = documents(office).values()
    assert (state.subject, str(state.due_on)) == ("V/v đã sửa", "2025-09-20")
    assert "Lãnh đạo Mẫu 01" not in str(office.contents()), "nothing of persons is kept"


def test_a_status_message_beside_documents_is_told_and_stops_nothing(office: Importing) -> None:
    business, moment, header = STEPS["new"]
    new = write(office.folder, "new.edxml", business, moment, **header)
    with zipfile.ZipFile(office.folder / "both.zip", "w") as both:
        both.write(new, "new.edxml")
        both.writestr("status.edxml", edoc("", more="<StatusCode>03</StatusCode>"))
        both.writestr("scan-mat.pdf", b"%PDF-1.4")
    result = office.take(office.folder / "both.zip")
    assert (result.error, list(documents(office))) == (None, ["15/UBND-MAU"])
    assert "Thông báo trạng thái, không phải văn bản, không nhập: 1" in said(result)
    assert "Tệp khác đi cùng các gói, không đọc: 1" in said(result)


def test_an_export_of_a_register_cannot_bring_a_revoked_document_back(office: Importing) -> None:
    take(office, "revoke")
    path = office.folder / "so.xlsx"
    head: books.Row = ["Trích yếu", "Số ký hiệu", "Ngày văn bản", "Cơ quan ban hành", "Số đến"]
    books.xlsx(path, [head, ["V/v sổ", "15/UBND-MAU", date(2025, 9, 2), "UBND tỉnh (mẫu)", 12]])
    assert office.take(path).error is None
    assert {number: one.standing for number, one in documents(office).items()} == {"15/UBND-MAU": "revoked"}


def test_a_body_that_did_not_issue_the_document_does_not_revoke_it_without_being_asked(office: Importing) -> None:
    take(office, "new")
    header = {"From": "<OrganId>H99.7</OrganId><OrganName>Sở Mẫu B</OrganName>"}
    business = REVOKE + "<DocumentId>H99.1,2025/09/02,15/UBND-MAU</DocumentId>"
    result = office.take(write(office.folder, "other.edxml", business, "2025/09/04 14:00:00", **header))
    assert (result.error, result.quarantined) == (None, 1)
    assert documents(office)["15/UBND-MAU"].standing == ""


def test_the_report_beside_a_package_shows_nothing_of_what_the_document_is_about(office: Importing) -> None:
    for step in ("new", "update", "revoke", "replace"):
        business, moment, header = STEPS[step]
        told = {**header, "Subject": "V/v phương án TUYỆT MẬT"}
        result = office.take(write(office.folder, f"{step}.edxml", business, moment, **told))
        text = report_text(result.outcome, office.clock.zone)
        assert "15/UBND-MAU" in text
        assert "MẬT" not in text
        assert "pdf" not in text, "names of files tell as much"


def test_a_hostile_package_in_the_inbox_is_refused_with_its_reason_and_the_next_one_is_taken(office: Importing) -> None:
    folder = office.folder / "inbox"
    folder.mkdir()
    bomb = '<!DOCTYPE a [<!ENTITY b "mau"><!ENTITY c "&b;&b;&b;&b;">]>'
    (folder / "a.edxml").write_text(edoc(declaration=bomb), encoding="utf-8")
    business, moment, header = STEPS["new"]
    write(folder, "b.edxml", business, moment, **header)
    ticks = iter(range(0, 3_000, 30))
    watch = InboxWatch(office.imports, FolderInbox(folder, 20, lambda: float(next(ticks))), 30, lambda: False)
    assert watch.take() == []
    assert sorted((one.file, one.refused) for one in watch.take()) == [("a.edxml", True), ("b.edxml", False)]
    told = (folder / "refused/a.edxml.txt").read_text(encoding="utf-8-sig")
    assert "BỊ TỪ CHỐI" in told
    assert "Lý do: " in told
    assert list(documents(office)) == ["15/UBND-MAU"]


# -- beside the API --------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, empty_database: Path) -> Iterator[Office]:
    database = tmp_path / "connector.db"
    databases.copy(empty_database, database)
    with deployment(database, local("2022-02-14 23:30")) as found:
        yield found


def package(folder: Path, one: DocumentState, name: str, business: str, moment: str) -> Path:
    number, _, symbol = one.notation.partition("/")
    assert one.issued_on is not None
    return write(
        folder, name, business, moment, DocumentId=f"H99.1,{one.issued_on:%Y/%m/%d},{one.notation}",
        Code=f"<CodeNumber>{number}</CodeNumber><CodeNotation>{symbol}</CodeNotation>",
        PromulgationInfo=f"<PromulgationDate>{one.issued_on:%Y/%m/%d}</PromulgationDate>",
        From=f"<OrganId>H99.1</OrganId><OrganName>{one.issuer}</OrganName>", Subject=one.subject,
    )  # fmt: skip


def standings(place: Office) -> dict[str, str]:
    return {number: one.standing for number, one in documents(place).items() if one.standing}


@pytest.mark.parametrize("first", ["api", "packages"])
def test_the_api_and_packages_together_double_no_document_and_the_revocation_stays(
    place: Office, tmp_path: Path, empty_database: Path, first: str
) -> None:
    place.app.sync("ioffice")
    known = documents(place)
    chosen = next(one for one in known.values() if one.outgoing)
    new = package(tmp_path, chosen, "new.edxml", NEW, "2022/02/12 08:00:00")
    revoke = package(tmp_path, chosen, "revoke.edxml", REVOKE, "2022/02/13 08:00:00")
    if first == "packages":
        for table in ("task_version", "flow_row", "task", "sighting", "list_state", "run", "log_entry",
                      "related_document", "document_version", "document"):  # fmt: skip
            with place.engine.begin() as connection:
                connection.exec_driver_sql(f"DELETE FROM {table}")
    for path in (revoke, new):
        assert ImportApp(place.app).import_file(path).error is None
    assert standings(place) == {chosen.notation: "revoked"}
    place.at(local("2022-02-15 23:30"))
    assert place.app.sync("ioffice").error is None
    found = documents(place)
    assert known.keys() <= found.keys()
    assert standings(place) == {chosen.notation: "revoked"}
    assert place.one("SELECT count(*) FROM document WHERE source_id LIKE 'x-%'") == 0


def test_a_revocation_that_came_before_its_document_waits_for_the_sync_that_shows_it(
    place: Office, tmp_path: Path, empty_database: Path
) -> None:
    place.app.sync("ioffice")
    known = documents(place)
    place.at(local("2022-02-18 23:30"))
    other = tmp_path / "other.db"
    databases.copy(empty_database, other)
    with deployment(other, local("2022-02-18 23:30")) as later:
        later.app.sync("ioffice")
        chosen = next(one for number, one in documents(later).items() if number not in known and one.outgoing)
    revoke = package(tmp_path, chosen, "revoke.edxml", REVOKE, "2022/02/18 08:00:00")
    assert ImportApp(place.app).import_file(revoke).error is None
    assert standings(place) == {}
    place.app.sync("ioffice")
    assert standings(place) == {chosen.notation: "revoked"}
    place.app.detect()
    assert place.one("SELECT count(*) FROM finding WHERE document_id IN (SELECT d.source_id FROM document d JOIN "
                     "document_version v ON v.document_id = d.id WHERE v.standing = 'revoked')") == 0  # fmt: skip


def test_a_revoked_document_that_a_person_joins_with_the_one_of_the_api_stays_revoked(
    place: Office, tmp_path: Path, empty_database: Path
) -> None:
    place.app.sync("ioffice")
    chosen = next(one for one in documents(place).values() if one.outgoing)
    place.app.store.close()
    databases.copy(empty_database, tmp_path / "connector.db")
    imports, other = ImportApp(place.app), replace(chosen, issuer="Cơ quan chưa khai báo")
    for name, business, hour in (("new", NEW, "08"), ("revoke", REVOKE, "09")):
        path = package(tmp_path, other, f"{name}.edxml", business, f"2022/02/12 {hour}:00:00")
        assert imports.import_file(path).error is None
    place.app.sync("ioffice")
    same = f"SELECT d.source_id FROM document d JOIN document_version v ON v.document_id = d.id WHERE v.notation = " \
        f"'{chosen.notation}' GROUP BY 1 ORDER BY 1"  # fmt: skip
    (api,), (own,) = place.rows(same)
    assert own.startswith("x-"), "a name in no table may be another body"
    imports.join(own, api)
    assert standings(place) == {chosen.notation: "revoked"}
    place.at(local("2022-02-15 23:30"))
    place.app.sync("ioffice")
    assert standings(place) == {chosen.notation: "revoked"}
