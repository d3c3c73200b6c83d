"""What a reader of the .docx sees: its paragraphs in order, and the measures that really apply to them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph


def opened(content: bytes) -> Any:
    return Document(io.BytesIO(content))


def all_paragraphs(document: Any) -> Iterator[Paragraph]:
    """Of the body and its tables, cell by cell, in document order."""
    for element in document.element.body.iterchildren():
        if element.tag == qn("w:p"):
            yield Paragraph(element, document)
        elif element.tag == qn("w:tbl"):
            for row in Table(element, document).rows:
                for cell in row.cells:
                    yield from cell.paragraphs


def lines(document: Any) -> list[str]:
    """Texts that are not empty; a line break inside a paragraph reads as a blank."""
    return [text for one in all_paragraphs(document) if (text := one.text.replace("\n", " ").strip())]


def paragraph(document: Any, start: str) -> Paragraph:
    return next(one for one in all_paragraphs(document) if one.text.startswith(start))


def size(one: Paragraph) -> float:
    """Point size of the first run, from the run or its style."""
    run = one.runs[0].font.size or one.style.font.size  # type: ignore[union-attr]
    assert run is not None
    return float(run.pt)


def bold(one: Paragraph) -> bool:
    return bool(one.runs[0].bold if one.runs[0].bold is not None else one.style.font.bold)  # type: ignore[union-attr]


def italic(one: Paragraph) -> bool:
    return bool(
        one.runs[0].italic if one.runs[0].italic is not None else one.style.font.italic  # type: ignore[union-attr]
    )
