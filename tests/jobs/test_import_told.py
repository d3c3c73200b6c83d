"""What people are told of a file beside its figures: real files of several sheets and members, a real database."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from connector.errors import FileRefused, UsageProblem
from connector.normalise.exports.report import report_text
from connector.views import detect_text
from connector.views_import import entry_text
from tests.jobs.importing import HEADER, Importing, row
from tests.sources.files import books

AS_OF = "2022-02-28 17:00"


@pytest.fixture
def office(tmp_path: Path) -> Importing:
    return Importing.at(tmp_path, "2022-02-28 18:00")


def told(office: Importing, path: Path) -> str:
    return report_text(office.take(path).outcome, office.clock.zone)


def archive(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return path


def explained(office: Importing, path: Path) -> list[str]:
    return [line for sheet in office.imports.explain(path).sheets for one in sheet.advices for line in one.lines()]


def hide(path: Path, *, cover: bool) -> Path:
    """The sheet of the book is hidden, beside a visible one: a cover sheet, or a second list."""
    book = openpyxl.load_workbook(path)
    book.worksheets[0].sheet_state = "hidden"
    book.worksheets[0].title = "Ẩn"
    other = book.create_sheet("Bìa")
    for values in [["VĂN PHÒNG"]] if cover else [HEADER, [1, None, *list(row(name="Khác").values())[1:]]]:
        other.append(list(values))
    book.active = 1
    book.save(path)
    return path


@pytest.mark.parametrize("cover", [True, False])
def test_a_hidden_sheet_is_told_whether_the_file_goes_in_or_not(office: Importing, cover: bool) -> None:
    path = hide(office.export("a.xlsx", AS_OF, row()), cover=cover)
    assert "trang bị ẩn nên không đọc: “Ẩn”" in explained(office, path)
    text = told(office, path)
    assert ("BỊ TỪ CHỐI" in text, "trang bị ẩn nên không đọc: “Ẩn”" in text) == (cover, True)


def test_a_book_of_hidden_sheets_only_says_so(office: Importing) -> None:
    """No program makes one, but a file may hold anything."""
    parts = zipfile.ZipFile(office.export("b.xlsx", AS_OF, row()))
    members = {name: parts.read(name) for name in parts.namelist()}
    members["xl/workbook.xml"] = members["xl/workbook.xml"].replace(b"<sheet ", b'<sheet state="hidden" ')
    text = told(office, archive(office.folder / "a.xlsx", members))
    assert "Lý do: Không thấy bảng nào trong tệp (mọi trang đều bị ẩn)" in text


def test_leads_in_no_table_are_told_where_they_come_in(office: Importing) -> None:
    text = told(office, office.export("a.xlsx", AS_OF, row(), row(name="Khác", lead="Sở Y tế; Sở Tài chính")))
    assert "ĐÃ NHẬP" in text
    assert "đơn vị chủ trì không có trong bảng cơ quan: “Sở Y tế; Sở Tài chính” (dòng 5)" in text


def test_a_refused_archive_names_the_member_at_fault(office: Importing) -> None:
    good = office.export("a.xlsx", AS_OF, row()).read_bytes()
    wrong = archive(office.folder / "a.zip", {"a.xlsx": good, "sổ.pdf": b"%PDF-1.7"})
    assert "Lý do: Tệp con “sổ.pdf”: Đây là tệp PDF" in told(office, wrong)
    assert office.imports.explain(wrong).reason.startswith("Tệp con “sổ.pdf”: ")
    bomb = archive(office.folder / "b.zip", {"a.xlsx": good, "to.csv": b"a;b\n" * 2_000_000})
    assert "phình ra bất thường khi giải nén (to.csv)" in told(office, bomb)


def test_sheets_of_several_members_can_be_told_apart(office: Importing) -> None:
    members = {}
    for name in ("mot", "hai"):
        rows = (row(name=name), row(name=f"{name} khác", due="31/02/2022"))
        members[f"{name}.xlsx"] = office.export("a.xlsx", AS_OF, *rows).read_bytes()
    text = told(office, archive(office.folder / "a.zip", members))
    assert "Tệp con “mot.xlsx”, trang “Nhiệm vụ”: danh sách nhiệm vụ" in text
    assert "Tệp con “hai.xlsx”, trang “Nhiệm vụ”: danh sách nhiệm vụ" in text
    waiting = [entry_text(one) for one in office.imports.waiting()]
    assert ["a.zip › mot.xlsx, trang “Nhiệm vụ”, dòng 5" in waiting[0], "a.zip › hai.xlsx" in waiting[1]] == [
        True,
        True,
    ]


def test_a_cell_that_stops_the_file_is_named_in_the_answer(office: Importing) -> None:
    path = office.folder / "a.csv"
    path.write_bytes(b"a;b\n" + b";".join([b"x"] * 501) + b"\n")
    result = office.take(path)
    assert isinstance(result.error, FileRefused)
    assert result.outcome.reason.startswith("Ô SG2: Bảng có quá nhiều cột, cho phép 500 cột.")


def test_the_preview_of_a_mapping_shows_nothing_of_secret_documents(office: Importing) -> None:
    header: books.Row = ["STT", "Trích yếu", "Số ký hiệu", "Ngày ban hành", "Bên ra", "Mức mật"]
    path = office.folder / "a.xlsx"
    books.xlsx(path, [["SỔ VĂN BẢN ĐI"], header,
                      [1, "Về việc tuyển sinh", "15/UBND-NN", "08/02/2022", "UBND tỉnh", "Thường"],
                      [2, "Kế hoạch phòng thủ", "16/UBND-NC", "08/02/2022", "UBND tỉnh", "Mật"]])  # fmt: skip
    said = {"Bên ra": "issuer", "Mức mật": "secrecy"}
    shown = office.imports.propose(path, said, outgoing=True).preview.rows
    assert shown[0][1] == "Về việc tuyển sinh"
    assert set(shown[1]) == {"(mật)"}


def register(path: Path) -> Path:
    """Of documents; nothing says whether they came or went."""
    header: books.Row = ["STT", "Trích yếu", "Số ký hiệu", "Ngày ban hành", "Đơn vị ban hành"]
    books.xlsx(path, [header, [1, "Về việc tuyển sinh", "15/UBND-NN", "08/02/2022", "UBND tỉnh"]])
    return path


@pytest.mark.parametrize("outgoing", [True, False])
def test_which_way_documents_went_is_settled_for_the_header_and_never_guessed(
    office: Importing, outgoing: bool
) -> None:
    path = register(office.folder / "a.xlsx")
    assert office.take(path).error is not None
    with pytest.raises(UsageProblem, match="no direction"):
        office.imports.propose(path, {"Đơn vị ban hành": "issuer"}, outgoing=None)
    office.imports.accept(office.imports.propose(path, {}, outgoing=outgoing))
    office.take(path)
    with office.app.uow() as uow:
        assert [one.state.outgoing for one in uow.documents.histories()] == [outgoing]
    with pytest.raises(UsageProblem, match="a direction of tasks"):
        office.imports.propose(office.export("b.xlsx", AS_OF, row()), {}, outgoing=True)


def test_a_mapping_is_proposed_for_the_sheet_that_has_its_columns(office: Importing) -> None:
    path = office.export("a.xlsx", AS_OF, row())
    book = openpyxl.load_workbook(path)
    other = book.create_sheet("Hai")
    other.append(["STT", "Việc lạ", "Cơ quan chủ trì", "Hạn hoàn thành"])
    other.append([1, "Khác", "Sở Y tế", "18/02/2022"])
    book.save(path)
    proposed = office.imports.propose(path, {"Việc lạ": "name"}, outgoing=None)
    assert (proposed.sheet, proposed.preview.rows[0][1]) == ("Hai", "Khác")


def test_detect_says_whether_there_are_no_tasks_or_none_that_count(tmp_path: Path) -> None:
    office = Importing.at(tmp_path, "2022-02-28 18:00", office={"counted_assigners": ["UBND huyện"]})
    assert "Chưa có nhiệm vụ nào được lưu" in "\n".join(detect_text(office.app.detect()))
    office.take(office.export("a.xlsx", AS_OF, row(), row(name="Khác")))
    text = "\n".join(detect_text(office.app.detect()))
    assert "Có 2 nhiệm vụ được lưu nhưng không nhiệm vụ nào của người giao được tính" in text
    assert "Chưa có nhiệm vụ" not in text
