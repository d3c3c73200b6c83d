"""How a digest is laid out: rows and sections as printed text, counts, dates and lines (pure)."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain.letters import Digest, DigestRow, DigestSection

_SUBJECT_CHARS = 300
_DETAIL_CHARS = 160


@dataclass(frozen=True, slots=True)
class Row:
    """A row as printed; every field is text ready to be escaped."""

    number: int
    notation: str
    dated: str
    subject: str
    cooperating: str
    due: str
    days: str
    days_text: str
    note: str
    reason: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A section as printed. ``hidden``: rows that found no place in the letter."""

    number: int
    code: str
    title: str
    total: int
    new: int
    basis: str
    what_to_do: str
    days_heading: str
    rows: Sequence[Row]
    hidden: int


def count(number: int) -> str:
    """A count in running text: two digits below ten, thousands with a dot."""
    return f"{number:02d}" if number < 10 else f"{number:,}".replace(",", ".")


def counters(digest: Digest) -> list[str]:
    """What the letter is about, most serious first: "02 nhiệm vụ quá hạn"."""
    parts = [
        (digest.overdue, "nhiệm vụ quá hạn"),
        (digest.violations, "nội dung quy trình cần rà soát"),
        (digest.due_soon, "nhiệm vụ sắp đến hạn"),
    ]
    named = [f"{count(number)} {what}" for number, what in parts if number]
    if named:
        return named
    rows = {section.rule: len(section.rows) for section in digest.sections}
    rest = [
        (rows.pop("TD04_NO_DEADLINE_STALE", 0), "nhiệm vụ cần cập nhật"),
        (rows.pop("TD02_DONE_LATE", 0), "nhiệm vụ đã hoàn thành quá hạn"),
    ]
    rest.append((sum(rows.values()), "nội dung cần theo dõi"))
    return [f"{count(number)} {what}" for number, what in rest if number]


def lead(digest: Digest) -> str:
    """The word a subject begins with: the most serious content decides."""
    if digest.overdue:
        return "Cảnh báo"
    if digest.violations:
        return "Đề nghị rà soát"
    return "Nhắc việc" if digest.due_soon else "Thông báo"


def choose_rows(digest: Digest, limit: int) -> frozenset[int]:
    """Which findings are shown: new ones before known ones, in the order of the digest."""
    rows = [row for section in digest.sections for row in section.rows]
    rows.sort(key=lambda row: not row.is_new)
    return frozenset(row.finding_id for row in rows[:limit])


def lay_out(number: int, section: DigestSection, shown: frozenset[int]) -> Section:
    """A section with its shown rows; ``number`` is its place in the letter."""
    rows = [row for row in section.rows if row.finding_id in shown]
    over = any(row.days_overdue is not None for row in section.rows)
    left = any(row.days_left is not None for row in section.rows)
    heading = "Số ngày quá hạn" if over and not left else "Số ngày còn lại" if left and not over else ""
    return Section(
        number=number,
        code=section.rule.partition("_")[0],
        title=section.title,
        total=len(section.rows),
        new=sum(row.is_new for row in section.rows),
        basis=section.legal_basis + ("" if section.legal_confirmed else " (căn cứ đang được xác nhận)"),
        what_to_do=section.what_to_do,
        days_heading=heading or "Số ngày quá hạn/còn lại",
        rows=[_row(i, row, section.rule) for i, row in enumerate(rows, 1)],
        hidden=len(section.rows) - len(rows),
    )


def _row(number: int, row: DigestRow, rule: str) -> Row:
    days = row.days_overdue if row.days_overdue is not None else row.days_left
    if row.days_overdue is not None:
        days_text = f"quá hạn {row.days_overdue} ngày"
    elif row.days_left is not None:
        days_text = f"còn {row.days_left} ngày" if row.days_left else "hết hạn hôm nay"
    else:
        days_text = ""
    return Row(
        number=number,
        notation=_shorten(row.notation, _DETAIL_CHARS),
        dated=_day(row.document_date),
        subject=_shorten(row.subject_text, _SUBJECT_CHARS),
        cooperating=_shorten("; ".join(row.cooperating), _DETAIL_CHARS),
        due="không thời hạn" if row.due_on is None and rule.startswith("TD04") else _day(row.due_on),
        days="" if days is None else str(days),
        days_text=days_text,
        note=_shorten(row.note, _DETAIL_CHARS),
        reason=_shorten(row.reason, _SUBJECT_CHARS),
        is_new=row.is_new,
    )


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def age(span: timedelta) -> str:
    """How long, in the two largest units: "1 ngày 3 giờ", "7 giờ 45 phút"."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "dưới 1 phút"
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = [(days, "ngày"), (hours, "giờ"), (rest if not days else 0, "phút")]
    return " ".join(f"{number} {unit}" for number, unit in units if number)


def clean(text: str) -> str:
    """One line, NFC, without control, direction or zero-width characters."""
    kept = (" " if c.isspace() else "" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _shorten(text: str, limit: int) -> str:
    text = clean(text)
    if len(text) <= limit:
        return text
    cut = text[:limit].rsplit(" ", 1)[0] if " " in text[:limit] else text[:limit]
    return cut.rstrip(" ,;:") + " …"


def wrap(text: str, indent: int = 0, first: int | None = None) -> str:
    """Lines of at most 78 characters; ``first`` is how far the first line is already filled."""
    start = " " * (indent if first is None else first)
    lines = textwrap.fill(
        text, 78, initial_indent=start, subsequent_indent=" " * indent, break_long_words=True, break_on_hyphens=False
    )
    return lines if first is None else lines[first:]
