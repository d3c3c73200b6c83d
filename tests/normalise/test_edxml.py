"""What packages of electronic documents mean, from files as senders write them (F108)."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from connector.clock import OFFICE_ZONE
from connector.domain.records import AttachedFile, DocumentState
from connector.normalise.edxml import read_package
from connector.normalise.edxml_records import Attachment, EdocPackage, Organisation, Reference, RefusedPackage
from connector.normalise.edxml_words import lines, title
from connector.normalise.exports.joining import Joined, join
from connector.normalise.exports.keys import document_key
from connector.normalise.exports.merging import merge_document
from connector.sources.files.reader import open_table
from tests.normalise.exports.builders import code_of
from tests.sources.files import books
from tests.sources.files.edocs import PACKED, PDF, content, edoc

OFFICE = Organisation("H99.1", "UBND tỉnh (mẫu)")
OWN = Reference("H99.1,2025/09/02,15/UBND-MAU", "H99.1", date(2025, 9, 2), "15/UBND-MAU")
SENT = datetime(2025, 9, 2, 14, tzinfo=OFFICE_ZONE)


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path / "goi.edxml")


class Reader:
    def __init__(self, path: Path) -> None:
        self._path = path

    def any(self, text: str) -> EdocPackage | RefusedPackage:
        self._path.write_text(text)
        with open_table(self._path, books.SMALL) as table:
            (package,) = table.packages
        return read_package(package, OFFICE_ZONE, lambda one: one.code == OFFICE.code)

    def __call__(self, text: str) -> EdocPackage:
        found = self.any(text)
        assert isinstance(found, EdocPackage), found
        return found

    def problems(self, text: str) -> list[tuple[str, str, str]]:
        found = self.any(text)
        assert isinstance(found, RefusedPackage), found
        return [(one.cell, one.value, one.reason) for one in found.problems]


def business(kind: int, more: str = "") -> str:
    return f"<BussinessDocType>{kind}</BussinessDocType><BussinessDocReason>Nhầm</BussinessDocReason>{more}"


def stamped(*stamps: tuple[str, str]) -> str:
    return "".join(
        f"<TraceHeader><OrganId>{code}</OrganId><Timestamp>{at}</Timestamp></TraceHeader>" for code, at in stamps
    )


def test_a_new_document_tells_number_dates_issuer_urgency_and_receivers(read: Reader) -> None:
    found = read(edoc())
    assert found.meaning == "new"
    assert found.record.state == DocumentState(
        notation="15/UBND-MAU",
        issued_on=date(2025, 9, 2),
        issuer="UBND tỉnh (mẫu)",
        subject="V/v báo cáo kết quả thực hiện nhiệm vụ quý III",
        urgency="Khẩn",
        outgoing=True,
        secret=None,
        files=(AttachedFile("tep-0001", "15-UBND-MAU.pdf"),),
        due_on=date(2025, 9, 20),
    )
    assert (found.reference, found.issuer, found.recipients) == (OWN, OFFICE, (Organisation("H99.2", "Sở Mẫu A"),))
    assert (found.concerns, found.steering, found.reason) == ((), "2", "Văn bản mới")
    assert (found.sent_at, found.record.doubts) == (SENT, ())


def test_a_document_of_another_sender_came_in(read: Reader) -> None:
    found = read(edoc(From="<OrganId>H99.2</OrganId><OrganName>Sở Mẫu A</OrganName>"))
    assert (found.record.state.outgoing, found.record.state.issuer) == (False, "Sở Mẫu A")


def test_several_receivers_answers_and_task_codes_are_all_kept(read: Reader) -> None:
    more = (
        "<To><OrganId>H99.3</OrganId><OrganName>Sở Mẫu B</OrganName></To>"
        "<ResponseFor><OrganId>H99.5</OrganId><Code>7/SM-VP</Code><DocumentId></DocumentId>"
        "<PromulgationDate>2025/08/01</PromulgationDate></ResponseFor>"
        "<ResponseFor><DocumentId>H99.6,2025/08/02,8/SM</DocumentId></ResponseFor>"
        "<ResponseForTask><TaskCode>NV-1</TaskCode><TaskCode>NV-2</TaskCode></ResponseForTask>"
    )
    found = read(edoc(more=more))
    assert [one.code for one in found.recipients] == ["H99.2", "H99.3"]
    assert found.answers == (
        Reference("", "H99.5", date(2025, 8, 1), "7/SM-VP"),
        Reference("H99.6,2025/08/02,8/SM", "H99.6", date(2025, 8, 2), "8/SM"),
    )
    assert found.task_codes == ("NV-1", "NV-2")


def test_a_revocation_names_the_document_that_no_longer_holds(read: Reader) -> None:
    found = read(edoc(business(1, f"<DocumentId>{OWN.document_id}</DocumentId>"), without=("Subject",)))
    assert (found.meaning, found.concerns, found.reason) == ("revoke", (OWN,), "Nhầm")
    assert (found.record.state.subject, found.record.doubts) == ("", ())


def test_a_revocation_without_a_name_means_the_document_of_its_header(read: Reader) -> None:
    assert read(edoc(business(1), without=("DocumentId",))).concerns == (OWN,)


def test_who_revokes_what_another_issued_is_doubted(read: Reader) -> None:
    found = read(edoc(business(1, "<DocumentId>H99.7,2025/01/02,3/SM</DocumentId>")))
    assert found.record.doubts == ("H99.7,2025/01/02,3/SM không phải văn bản của nơi gửi (H99.1)",)


def test_an_update_is_a_newer_version_and_may_change_the_receivers(read: Reader) -> None:
    receivers = (
        "<ReceiverList><Receiver><OrganId>H99.8</OrganId><ReceiverType>1</ReceiverType></Receiver>"
        "<Receiver><OrganId>H99.2</OrganId><ReceiverType>0</ReceiverType></Receiver></ReceiverList>"
    )
    changed = business(2, f"<DocumentId>{OWN.document_id}</DocumentId><BussinessDocumentInfo>{receivers}")
    found = read(edoc(f"{changed}</BussinessDocumentInfo>", DueDate="2025/09/25"))
    assert (found.meaning, found.concerns, found.record.state.due_on) == ("update", (OWN,), date(2025, 9, 25))
    assert (found.added, found.removed) == (("H99.8",), ("H99.2",))


def test_an_update_of_another_document_than_the_headers_is_doubted(read: Reader) -> None:
    found = read(edoc(business(2, "<DocumentId>H99.1,2025/09/01,14/UBND-MAU</DocumentId>")))
    assert [one.notation for one in found.concerns] == ["14/UBND-MAU"]
    assert len(found.record.doubts) == 1
    assert "cập nhật H99.1,2025/09/01,14/UBND-MAU" in found.record.doubts[0]


def test_a_replacement_brings_a_document_and_names_all_it_replaces(read: Reader) -> None:
    listed = "".join(
        f"<ReplacementInfo><DocumentId>H99.1,2025/08/0{n},{n}/UBND-MAU</DocumentId>"
        "<OrganIdList><OrganId>H99.2</OrganId></OrganIdList></ReplacementInfo>"
        for n in (1, 2)
    )
    found = read(edoc(business(3, f"<ReplacementInfoList>{listed}</ReplacementInfoList>")))
    assert (found.meaning, found.reference) == ("replace", OWN)
    assert [(one.notation, one.issued_on) for one in found.concerns] == [
        ("1/UBND-MAU", date(2025, 8, 1)),
        ("2/UBND-MAU", date(2025, 8, 2)),
    ]


def test_a_document_that_is_revoked_is_found_among_the_stored_ones_by_number_day_and_issuer(read: Reader) -> None:
    found = read(edoc(business(1)))
    (revoked,) = found.concerns
    row = document_key("goi", revoked.notation, revoked.issued_on, found.issuer.name, code_of)
    stored = [
        document_key(ref, number, day, "UBND tỉnh  (MẪU)", code_of)
        for ref, number, day in (("1", "15/UBND-MAU", date(2024, 9, 2)), ("2", "15/ubnd-mau", date(2025, 9, 2)))
    ]
    (answer,) = join([row], stored, {})
    assert isinstance(answer, Joined)
    assert answer.stored.ref == "2"


def test_an_older_package_changes_nothing_a_newer_one_said(read: Reader) -> None:
    later = stamped(("H99.1", "2025/09/05 08:00:00"))
    older, newer = read(edoc()), read(edoc(business(2), stamps=later, Subject="Mới", DueDate="2025/09/25"))
    known = dict.fromkeys(newer.told, newer.as_of(datetime(2025, 10, 1, tzinfo=OFFICE_ZONE)).at)
    merged = merge_document(newer.record.state, known, older.record.state, SENT, older.told, code_of)
    assert merged.state == newer.record.state
    assert [(one.field, one.why) for one in merged.kept] == [("subject", "older"), ("due_on", "older")]
    again = merge_document(older.record.state, dict.fromkeys(older.told, SENT), newer.record.state, known["subject"],
                           newer.told, code_of)  # fmt: skip
    assert (again.state.subject, again.state.due_on) == ("Mới", date(2025, 9, 25))


def test_the_senders_last_stamp_counts_and_a_later_hop_does_not(read: Reader) -> None:
    hops = stamped(("H99.1", "2025/09/01 09:00:00"), ("h99.1", "2025-09-02T14:00:00"), ("H37", "2025/10/01 07:00:00"))
    found = read(edoc(stamps=hops))
    assert found.sent_at == SENT
    later, earlier = datetime(2025, 11, 1, tzinfo=OFFICE_ZONE), datetime(2025, 9, 2, 8, tzinfo=OFFICE_ZONE)
    assert [(found.as_of(one).at, found.as_of(one).basis) for one in (later, earlier)] == [
        (SENT, "stated"),
        (earlier, "file"),
    ]
    assert read(edoc(stamps=stamped(("H37", "2025/10/01 07:00:00")))).sent_at == datetime(
        2025, 10, 1, 7, tzinfo=OFFICE_ZONE
    )


def test_an_unreadable_stamp_is_doubted_and_the_files_time_counts(read: Reader) -> None:
    found = read(edoc(stamps=stamped(("H99.1", "02/09/2025 14:00"))))
    assert (found.sent_at, found.record.doubts) == (None, ("không đọc được thời điểm gửi “02/09/2025 14:00”",))
    assert found.as_of(SENT).basis == "file"


def test_attachments_are_listed_with_their_size_whether_named_or_not(read: Reader) -> None:
    named = "<Reference><ContentId>cid:a</ContentId><ContentType>text/plain</ContentType><AttachmentName>A.txt"
    manifest = f"{named}</AttachmentName></Reference><Reference><ContentId>cid:mat</ContentId></Reference>"
    contents = content("a", PDF) + content("cid:b", PACKED, "Tệp “B”.zip") + content("b", b"x", "Khác")
    found = read(edoc(manifest=manifest, contents=contents)).attachments
    assert found == (
        Attachment("a", "A.txt", "text/plain", len(PDF)),
        Attachment("mat", "", "", None),
        Attachment("b", "Tệp “B”.zip", "application/pdf", len(PACKED), packed=True),
        Attachment("b", "Khác", "application/pdf", 1),
    )


def test_an_older_sender_that_leaves_most_out_is_read_and_what_was_assumed_is_said(read: Reader) -> None:
    bare = ("To", "DocumentType", "SignerInfo", "DueDate", "OtherInfo", "SteeringType", "DocumentId")
    found = read(edoc("", namespace="http://mau.example/Schema/", stamps="", manifest="", contents="", without=bare))
    assert (found.meaning, found.reference, found.recipients, found.attachments) == ("new", OWN, (), ())
    state = found.record.state
    assert (state.urgency, state.due_on, state.files) == ("", None, None)
    assert len(found.record.doubts) == 2
    assert "QCVN 102:2016" in found.record.doubts[0]
    assert "coi là văn bản mới" in found.record.doubts[1]


def test_number_and_day_come_from_the_documents_id_where_they_stand_nowhere_else(read: Reader) -> None:
    state = read(edoc(without=("Code", "PromulgationInfo"))).record.state
    assert (state.notation, state.issued_on) == ("15/UBND-MAU", date(2025, 9, 2))


def test_a_number_that_contradicts_the_documents_id_is_doubted(read: Reader) -> None:
    found = read(edoc(Code="<CodeNumber>16</CodeNumber><CodeNotation>UBND-MAU</CodeNotation>"))
    assert found.record.state.notation == "16/UBND-MAU"
    assert found.record.doubts == (f"số, ký hiệu 16/UBND-MAU hoặc ngày khác mã văn bản {OWN.document_id}",)
    half = read(edoc(Code="<CodeNumber>015</CodeNumber>"))
    assert (half.record.state.notation, half.record.doubts) == ("15/UBND-MAU", ())


def test_everything_that_is_wrong_with_a_package_is_said_at_once(read: Reader) -> None:
    text = edoc(
        business(7), without=("Code",), DocumentId="15", Subject="  ", DueDate="20/09/2025",
        PromulgationInfo="<PromulgationDate>2025/13/02</PromulgationDate>",
    )  # fmt: skip
    assert read.problems(text) == [
        ("Bussiness/BussinessDocType", "7", "không phải 0, 1, 2 hoặc 3"),
        ("Code", "", "bắt buộc nhưng để trống"),
        ("PromulgationInfo/PromulgationDate", "2025/13/02", "cần dạng năm/tháng/ngày"),
        ("Subject", "", "bắt buộc nhưng để trống"),
        ("DueDate", "20/09/2025", "cần dạng năm/tháng/ngày"),
    ]


def test_a_replacement_of_nothing_or_of_what_nobody_can_find_is_refused(read: Reader) -> None:
    assert read.problems(edoc(business(3))) == [("ReplacementInfo/DocumentId", "", "bắt buộc nhưng để trống")]
    odd = "<ReplacementInfo><DocumentId>mau-0001</DocumentId></ReplacementInfo>"
    assert read.problems(edoc(business(3, odd))) == [
        ("ReplacementInfo/DocumentId", "mau-0001", "cần dạng mã cơ quan,năm/tháng/ngày,số/ký hiệu")
    ]


def test_a_status_message_is_no_document(read: Reader) -> None:
    without = ("To", "DocumentId", "Code", "PromulgationInfo", "Subject")
    text = edoc("", more="<StatusCode>03</StatusCode>", without=without)
    assert read.problems(text) == [("StatusCode", "03", "là thông báo trạng thái (đã tiếp nhận), không phải văn bản")]
    assert read.problems("<edXML><AttachmentEncoded/></edXML>") == [("MessageHeader", "", "không có trong gói tin")]


def test_an_urgency_nobody_defined_stays_as_sent_and_is_doubted(read: Reader) -> None:
    found = read(edoc(OtherInfo="<Priority>9</Priority>"))
    assert (found.record.state.urgency, found.record.doubts) == ("9", ("độ khẩn “9” không có trong quy chuẩn",))


def test_a_clerk_is_told_numbers_and_days_and_nothing_a_secret_document_would_hide(read: Reader) -> None:
    old = "<ReplacementInfo><DocumentId>H99.1,2025/08/01,1/UBND-MAU</DocumentId></ReplacementInfo>"
    manifest = "<Reference><ContentId>cid:mat</ContentId></Reference>"
    contents = content("a", bytes(3 << 20)) + content("b")
    found = read(edoc(business(3, old), manifest=manifest, contents=contents, OtherInfo="<Priority>9</Priority>"))
    assert title(found) == "Gói edXML: thay thế văn bản, số 15/UBND-MAU ngày 02/09/2025"
    assert list(lines(found)) == [
        "Thay thế: số 1/UBND-MAU ngày 01/08/2025",
        "Tệp kèm theo, không mở: 3 (3,0 MB; 1 tệp không có nội dung trong gói)",
        "Cần xem: độ khẩn “9” không có trong quy chuẩn",
    ]
    assert list(lines(read(edoc(business(1))))) == ["Tệp kèm theo, không mở: 1 (1 KB)"]
