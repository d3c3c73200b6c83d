"""MonthlyReport → every string the official documents print. Pure.

The fixed sentences are in ``wording``; here the variants are chosen by the data and the numbers and dates are written
the way the office writes them. All strings are NFC, on one line, without control characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from connector.domain.periods import OFFICE_ZONE, Month
from connector.domain.report import AgencyViolations, Counts, MonthlyReport, NotEvaluableCount, ReportTask
from connector.report import wording


@dataclass(frozen=True, slots=True)
class Form:
    """What the office fixes once. ``zone`` decides the local day of the report; ``signer_titles`` one entry a line,
    e.g. ("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"); ``drafter`` initials, may be empty."""

    issuer: str = "UBND tỉnh Lạng Sơn"
    office: str = "Văn phòng UBND tỉnh"
    place: str = "Lạng Sơn"
    zone: ZoneInfo = OFFICE_ZONE
    decision_number: str = "31/2020/QĐ-UBND"
    decision_date: str = "11/7/2020"
    decision_article: str = "khoản 4 Điều 13"
    signer_titles: tuple[str, ...] = ("CHÁNH VĂN PHÒNG",)
    signer_name: str = "Phạm Hùng Trường"
    drafting_unit: str = "THNC"
    drafter: str = "PT"


@dataclass(frozen=True, slots=True)
class AppendixRow:
    """A line of the appendix, ready to print. A secret task has a neutral name (F107)."""

    number: str
    notation: str
    document_date: str
    name: str
    agency: str
    cooperating: str
    due: str
    days_overdue: str
    note: str


@dataclass(frozen=True, slots=True)
class ReportText:
    """``values``: placeholder → text (keys of ``wording.PLACEHOLDERS`` without ``signer_titles`` and ``rows``)."""

    values: Mapping[str, str]
    signer_titles: tuple[str, ...]
    rows: tuple[AppendixRow, ...]

    @property
    def has_tasks(self) -> bool:
        return bool(self.values["assigned"])

    def fill(self, sentence: str) -> str:
        """A sentence of ``wording`` with its values."""
        return sentence.format_map(self.values)

    def body(self) -> tuple[str, ...]:
        """Paragraphs between the title and the signature, headings included."""
        progress = self.fill(wording.PROGRESS if self.has_tasks else wording.PROGRESS_NONE)
        if self.has_tasks:
            progress += f" ({wording.APPENDIX_NOTE})." if self.rows else "."
        return (
            self.fill(wording.OPENING),
            wording.HEADING_1,
            progress,
            wording.HEADING_2,
            self.fill(wording.PROCESS),
            self.fill(wording.CLOSING),
        )


def report_text(report: MonthlyReport, form: Form) -> ReportText:
    """Everything to print, the variants of the sentences chosen by the figures."""
    issued = issue_month(report, form.zone)
    drafter = f" ({form.drafter})" if form.drafter else ""
    values = {
        "issuer": form.issuer.upper(),
        "place": form.place,
        "report_month": month_number(issued.month),
        "report_year": str(issued.year),
        "cutoff": short_date(report.as_of),
        "month": f"{month_number(report.month.month)}/{report.month.year}",
        "decision_number": form.decision_number,
        "decision_date": form.decision_date,
        "decision_article": form.decision_article,
        "office": form.office,
        "units": "UBND các xã, phường" if report.has_communes else "UBND các huyện, thành phố",
        "assigned": n2(report.counts.assigned) if report.counts.assigned else "",
        "progress": progress_clause(report.counts) if report.counts.assigned else "",
        "process": process_sentence(report.violations, report.not_evaluable),
        "archive": f"VT, {form.drafting_unit}{drafter}",
        "signer_name": form.signer_name,
    }
    return ReportText(
        values={name: clean(value) for name, value in values.items()},
        signer_titles=tuple(clean(title) for title in form.signer_titles),
        rows=tuple(_row(number, task) for number, task in enumerate(report.overdue, start=1)),
    )


def issue_month(report: MonthlyReport, zone: ZoneInfo) -> Month:
    """Month of the date line: the local month in which the report was made, never before the cut-off's."""
    return max(Month.of(report.made_at.astimezone(zone).date()), Month.of(report.as_of))


def progress_clause(counts: Counts) -> str:
    """From "Đã hoàn thành …" to the figures of the open tasks, without the full stop."""
    return f"{_done(counts)}; {_open(counts)}"


def _done(counts: Counts) -> str:
    if not counts.completed:
        return "Chưa có nhiệm vụ hoàn thành"
    if not counts.late:
        return f"Đã hoàn thành {n2(counts.on_time)} nhiệm vụ đúng hạn"
    if not counts.on_time:
        return f"Đã hoàn thành {n2(counts.late)} nhiệm vụ, đều quá hạn"
    return (
        f"Đã hoàn thành {n2(counts.completed)} nhiệm vụ "
        f"(đúng hạn {n2(counts.on_time)} nhiệm vụ, quá hạn {n2(counts.late)} nhiệm vụ)"
    )


def _open(counts: Counts) -> str:
    if not counts.not_completed:
        return "không còn nhiệm vụ chưa hoàn thành"
    start = f"còn {n2(counts.not_completed)} nhiệm vụ chưa hoàn thành"
    if not counts.open_in_time:
        return f"{start}, đều đã quá thời hạn"
    undated = f" (trong đó {n2(counts.no_deadline)} nhiệm vụ không thời hạn)" if counts.no_deadline else ""
    overdue = f"{n2(counts.open_overdue)}" if counts.open_overdue else "không có"
    return (
        f"{start}, trong đó {n2(counts.open_in_time)} nhiệm vụ còn thời hạn{undated}, {overdue} nhiệm vụ quá thời hạn"
    )


def process_sentence(
    violations: tuple[AgencyViolations, ...], not_evaluable: tuple[NotEvaluableCount, ...] = ()
) -> str:
    """The sentence on procedure. Compliance is stated only if every counted rule could be evaluated (F105)."""
    agencies = "; ".join(f"{item.agency.name} ({n2(len(item.documents))} văn bản)" for item in violations)
    if agencies:
        return (
            "Tuy nhiên, trong tháng còn một số cơ quan đơn vị chưa thực hiện đúng quy trình trên, "
            f"cụ thể như: {agencies}."
        )
    unknown = sum(item.count for item in not_evaluable if item.counted and not item.without_data)
    blind = sum(item.counted and item.without_data for item in not_evaluable)
    gaps = [f"{n2(number)} {what}" for number, what in ((unknown, "trường hợp"), (blind, "nội dung")) if number]
    if gaps:
        return (
            "Trong tháng, chưa phát hiện cơ quan, đơn vị thực hiện không đúng quy trình trên "
            f"({' và '.join(gaps)} chưa đủ dữ liệu để đánh giá)."
        )
    return "Trong tháng, các cơ quan, đơn vị đã thực hiện đúng quy trình trên."


def _row(number: int, task: ReportTask) -> AppendixRow:
    notes = [f"đã gia hạn {n2(task.extensions)} lần"] if task.extensions else []
    if task.secret:
        notes.append("văn bản mật")
    return AppendixRow(
        number=str(number),
        notation=clean(task.notation),
        document_date=short_date(task.document_date),
        name=task_name(task),
        agency=clean(task.agency.name),
        cooperating=clean("; ".join(task.cooperating)),
        due=short_date(task.due_on),
        days_overdue=grouped(task.days_overdue),
        note="; ".join(notes),
    )


def task_name(task: ReportTask) -> str:
    """The name as it may be printed; whatever a secret task carries, its content is not."""
    return wording.WITHHELD if task.secret else clean(task.name)


def n2(count: int) -> str:
    """A count in running text: 06, 58, 1.387."""
    return f"{count:02d}" if count < 10 else grouped(count)


def grouped(count: int) -> str:
    """A count in a table: 6, 58, 1.387."""
    return f"{count:,}".replace(",", ".")


def month_number(month: int) -> str:
    """January and February are padded, the others are not: 02, 3, 11."""
    return f"{month:02d}" if month < 3 else str(month)


def short_date(day: date | None) -> str:
    """28/02/2022, 05/3/2022; "" for None."""
    return f"{day.day:02d}/{month_number(day.month)}/{day.year}" if day else ""


def clean(text: str) -> str:
    """NFC, one line, single blanks; characters that no document may hold (controls, lone surrogates) are dropped."""
    spaced = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    kept = "".join(
        char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs") and char not in "\ufffe\uffff"
    )
    return " ".join(kept.split())


def secret_tasks(report: MonthlyReport) -> frozenset[str]:
    """Ids of the tasks whose content may appear nowhere, not even in a reason (F107)."""
    documents = (document for group in report.violations for document in group.documents if document.secret)
    return frozenset(
        [task.task_id for task in (*report.tasks, *report.overdue) if task.secret]
        + [finding.task_id for document in documents for finding in document.findings if finding.task_id]
    )
