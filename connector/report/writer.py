"""All forms of the monthly report into a folder; implements ``ports.ReportWriter``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connector.domain.report import MonthlyReport
from connector.errors import FolderUnusable
from connector.report.build import check_totals
from connector.report.docx import SUPPLIED_TEMPLATE, render_docx
from connector.report.pdf import render_pdf
from connector.report.text import Form, report_text
from connector.report.xlsx import render_xlsx
from connector.settings import OfficeSettings, ReportSettings


@dataclass(frozen=True, slots=True)
class DocumentWriter:
    """Writes ``bao-cao-2022-02.docx``, ``.pdf``, ``.xlsx``. ``template``: the Word template in use."""

    form: Form = field(default_factory=Form)
    template: Path = SUPPLIED_TEMPLATE

    @classmethod
    def of(cls, office: OfficeSettings, report: ReportSettings) -> DocumentWriter:
        form = Form(
            issuer=office.issuer,
            office=office.name,
            place=office.province,
            zone=office.zone,
            decision_number=report.decision_number,
            decision_date=report.decision_date,
            decision_article=report.decision_article,
            signer_titles=tuple(report.signer_title),
            signer_name=report.signer_name,
            drafting_unit=report.drafting_unit,
            drafter=report.drafter,
        )
        return cls(form, report.template or SUPPLIED_TEMPLATE)

    def write(self, report: MonthlyReport, folder: Path) -> Mapping[str, Path]:
        """ "docx", "pdf", "xlsx" → file written. All forms are made before the first is written, and a file is replaced
        as a whole: nobody finds half a report. Raises TotalsMismatch, TemplateBroken, FolderUnusable."""
        check_totals(report)
        text = report_text(report, self.form)
        forms = {
            "docx": render_docx(text, report.made_at, self.template),
            "pdf": render_pdf(text, report.made_at),
            "xlsx": render_xlsx(report, self.form.zone),
        }
        name = f"bao-cao-{report.month}"
        if report.as_of != report.month.last:
            name += f"-den-{report.as_of}"  # a report of another day never replaces the month's
        written = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for kind, content in forms.items():
                path = folder / f"{name}.{kind}"
                replace_file(path, content)
                written[kind] = path
        except OSError as error:
            raise FolderUnusable(f"{folder}: {error.strerror or error}", file=folder, period=report.month) from error
        return written


def replace_file(path: Path, content: bytes) -> None:
    """Write beside, flush to the disk, rename over. The neighbour is removed if any of it fails."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
