from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest
from docx import Document

from connector.domain.report import Counts
from connector.errors import FolderUnusable, TemplateBroken, TotalsMismatch
from connector.ports import ReportWriter
from connector.report.writer import DocumentWriter
from connector.settings import OfficeSettings, ReportSettings
from tests.builders_report import report_of, seed_report
from tests.report.docx_reading import lines


def test_all_forms_are_written_under_the_name_of_the_month_and_nothing_else(tmp_path: Path) -> None:
    writer: ReportWriter = DocumentWriter()
    folder = tmp_path / "bao cao" / "2022"
    written = writer.write(seed_report(), folder)
    assert written == {kind: folder / f"bao-cao-2022-02.{kind}" for kind in ("docx", "pdf", "xlsx")}
    assert sorted(path.name for path in folder.iterdir()) == [f"bao-cao-2022-02.{kind}" for kind in written]


def test_a_second_run_writes_the_same_bytes(tmp_path: Path) -> None:
    first, second = (DocumentWriter().write(seed_report(), tmp_path / name) for name in ("a", "b"))
    for kind, path in first.items():
        assert path.read_bytes() == second[kind].read_bytes()


def test_a_new_report_replaces_the_old_files_as_a_whole(tmp_path: Path) -> None:
    old = {kind: path.read_bytes() for kind, path in DocumentWriter().write(seed_report(), tmp_path).items()}
    new = DocumentWriter().write(report_of(Counts(20, 12, 0, 8, 0)), tmp_path)
    assert all(path.read_bytes() != old[kind] for kind, path in new.items())
    assert len(list(tmp_path.iterdir())) == 3


def test_nothing_is_written_if_one_form_cannot_be_made(tmp_path: Path) -> None:
    broken = tmp_path / "hong.docx"
    broken.write_bytes(b"")
    folder = tmp_path / "out"
    before = DocumentWriter().write(seed_report(), folder)["pdf"].read_bytes()
    with pytest.raises(TemplateBroken):
        DocumentWriter(template=broken).write(report_of(Counts(4, 4)), folder)
    assert (folder / "bao-cao-2022-02.pdf").read_bytes() == before


def test_figures_that_do_not_add_up_are_never_printed(tmp_path: Path) -> None:
    report = seed_report()
    wrong = replace(report, counts=replace(report.counts, on_time=118))
    with pytest.raises(TotalsMismatch):
        DocumentWriter().write(wrong, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_no_half_file_behind(tmp_path: Path) -> None:
    (tmp_path / "bao-cao-2022-02.docx").mkdir()
    with pytest.raises(FolderUnusable):
        DocumentWriter().write(seed_report(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["bao-cao-2022-02.docx"]


def test_default_settings_print_the_seed_and_changed_ones_are_followed(tmp_path: Path) -> None:
    plain = DocumentWriter.of(OfficeSettings(), ReportSettings())
    assert plain == DocumentWriter()
    office = OfficeSettings(province="Cao Bằng", issuer="UBND tỉnh Cao Bằng", timezone="Asia/Bangkok")
    settings = ReportSettings(
        signer_title=["KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"],
        signer_name="Nguyễn Văn Mẫu",
        drafter="AB",
        decision_number="05/2024/QĐ-UBND",
        decision_date="02/01/2024",
        decision_article="Điều 7",
    )
    writer = DocumentWriter.of(office, settings)
    assert writer.form.zone == ZoneInfo("Asia/Bangkok")
    written = writer.write(seed_report(), tmp_path)
    word = " ".join(lines(Document(str(written["docx"]))))
    pdf = " ".join(
        " ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(written["pdf"].read_bytes())).pages
    )
    for expected in (
        "UBND TỈNH CAO BẰNG",
        "Cao Bằng, ngày",
        "Quyết định số 05/2024/QĐ-UBND ngày 02/01/2024",
        "tại Điều 7 Quyết",
        "THNC (AB).",
        "KT. CHÁNH VĂN PHÒNG PHÓ CHÁNH VĂN PHÒNG",
        "Nguyễn Văn Mẫu",
    ):
        assert expected in word
        assert expected in pdf


def test_a_report_of_another_day_never_replaces_the_months(tmp_path: Path) -> None:
    report = replace(seed_report(), as_of=date(2022, 2, 15))
    assert DocumentWriter().write(report, tmp_path)["docx"].name == "bao-cao-2022-02-den-2022-02-15.docx"
