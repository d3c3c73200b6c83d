"""MonthlyReport as PDF/A-2b through typst: the same text as the Word document, supplied fonts only, same bytes on a
rerun. Changes the office makes in the Word template do not reach the PDF.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from connector.errors import TemplateBroken
from connector.report import wording
from connector.report.glyphs import FONTS, printable
from connector.report.text import ReportText

TEMPLATE = Path(__file__).parent / "templates" / "bao-cao-thang.typ"


def render_pdf(text: ReportText, made_at: datetime) -> bytes:
    """The document as bytes, the same for the same input; ``made_at`` aware. Raises TemplateBroken."""
    return compile_pdf(TEMPLATE.read_bytes(), print_data(text, made_at), made_at)


def compile_pdf(source: bytes, data: dict[str, Any], made_at: datetime, template: Path = TEMPLATE) -> bytes:
    """A typst source with its data. A warning (an unknown font, say) would leave a document that only looks right, so
    it is an error. Raises TemplateBroken, which names ``template``."""
    try:
        output, warnings = typst.compile_with_warnings(
            source,
            font_paths=typst.Fonts(False, False, [str(FONTS)]),  # neither the system's nor typst's own
            format="pdf",
            pdf_standards=["a-2b"],
            sys_inputs={"data": json.dumps(_printable(data), ensure_ascii=False)},
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise _broken(str(error), template) from error
    if warnings:
        raise _broken("; ".join(warning.message for warning in warnings), template)
    return output


def _broken(problem: str, template: Path) -> TemplateBroken:
    return TemplateBroken(f"{template.name}: {problem}", file=str(template), problems=f"  - {problem}")


def print_data(text: ReportText, made_at: datetime) -> dict[str, Any]:
    """What the typst template reads."""
    columns = wording.APPENDIX_COLUMNS
    title = [text.fill(line) for line in wording.TITLE]
    return {
        "made_at": clock_parts(made_at),
        "document_title": f"Báo cáo: {' '.join(title)}",
        "office": text.values["office"],
        "issuer": text.fill(wording.ISSUER),
        "agency": wording.OFFICE,
        "nation": wording.NATION,
        "motto": wording.MOTTO,
        "number": wording.NUMBER,
        "date_line": text.fill(wording.DATE_LINE),
        "kind": wording.KIND,
        "title": title,
        "body": [
            {"heading": paragraph in (wording.HEADING_1, wording.HEADING_2), "runs": _runs(paragraph)}
            for paragraph in text.body()
        ],
        "recipients_title": wording.RECIPIENTS_TITLE,
        "recipients": [text.fill(line) for line in wording.RECIPIENTS],
        "signer_titles": list(text.signer_titles),
        "signer_name": text.values["signer_name"],
        "appendix": wording.APPENDIX,
        "appendix_title": [text.fill(line) for line in wording.APPENDIX_TITLE],
        "appendix_of": text.fill(wording.APPENDIX_OF),
        "appendix_end": wording.APPENDIX_END,
        "columns": [label for _, label, _, _ in columns],
        "widths": [width for _, _, width, _ in columns],
        "centred": [centred for _, _, _, centred in columns],
        "rows": [[getattr(row, name) for name, *_ in columns] for row in text.rows],
    }


def clock_parts(made_at: datetime) -> list[int]:
    """Year to second in UTC, as a template dates its document."""
    return list(made_at.astimezone(UTC).timetuple()[:6])


def _runs(paragraph: str) -> list[tuple[str, bool]]:
    """The reference to the appendix is italic, as in the Word template."""
    before, note, after = paragraph.partition(wording.APPENDIX_NOTE)
    return [(before, False), (note, True), (after, False)] if note else [(paragraph, False)]


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item) for item in value]
    return value
