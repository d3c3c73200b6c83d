"""MonthlyReport as a Word document, from a template the office may edit (F85).

The template is code written by other hands: it runs in a sandbox, every value is escaped, an unknown placeholder is an
error and one without which a figure would be lost must be there.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from connector.errors import TemplateBroken
from connector.report import wording
from connector.report.ooxml import set_core_properties, zip_fixed
from connector.report.text import AppendixRow, ReportText

SUPPLIED_TEMPLATE = Path(__file__).parent / "templates" / "bao-cao-thang.docx"
_ROW_FIELDS = frozenset(AppendixRow.__dataclass_fields__)


def render_docx(text: ReportText, made_at: datetime, template: Path = SUPPLIED_TEMPLATE) -> bytes:
    """The document as bytes, the same for the same input. ``made_at`` (aware) becomes its time of creation.

    Raises TemplateBroken, naming every placeholder that is missing or unknown.
    """
    check_template(template)
    document = _open(template)
    context: dict[str, Any] = {
        **text.values,
        "signer_titles": list(text.signer_titles),
        "rows": [asdict(row) for row in text.rows],
    }
    try:
        document.render(context, _environment(), autoescape=True)
    except Exception as error:  # a template may fail in any way a program can
        raise _broken(template, [f"không dựng được văn bản: {error}"]) from error
    if not text.rows:
        _drop_appendix(document.docx)
    title = " ".join(text.fill(line) for line in wording.TITLE)
    set_core_properties(document.docx, title=f"Báo cáo: {title}", author=text.values["office"], at=made_at)
    buffer = io.BytesIO()
    document.save(buffer)
    return zip_fixed(buffer.getvalue())


def check_template(template: Path) -> None:
    """Raises TemplateBroken if the file is no Word document, is not well-formed, or its placeholders are not ours."""
    document = _open(template)
    environment = _environment()
    try:
        used = document.get_undeclared_template_variables(environment)
        columns = _row_fields(document, environment)
    except TemplateError as error:
        raise _broken(template, [f"cú pháp sai: {error}"]) from error
    problems = [
        *(f"không biết chỗ trống {{{{ {name} }}}}" for name in sorted(used - wording.PLACEHOLDERS.keys())),
        *(f"thiếu {{{{ {name} }}}} ({wording.PLACEHOLDERS[name]})" for name in sorted(wording.NEEDED - used)),
        *(f"không biết chỗ trống {{{{ row.{name} }}}}" for name in sorted(columns - _ROW_FIELDS)),
        *(f"thiếu {{{{ row.{name} }}}} ở bảng phụ lục" for name in sorted(wording.NEEDED_COLUMNS - columns)),
    ]
    if problems:
        raise _broken(template, problems)


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def _open(template: Path) -> Any:
    document = DocxTemplate(template)
    try:
        document.init_docx()
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise _broken(template, [f"không mở được như một tệp Word: {error}"]) from error
    return document


def _row_fields(document: Any, environment: SandboxedEnvironment) -> set[str]:
    """Fields taken from the loop variable of the appendix, whatever the office called it."""
    tree = environment.parse(document.patch_xml(document.get_xml()))
    loops = [
        loop.target.name
        for loop in tree.find_all(nodes.For)
        if isinstance(loop.target, nodes.Name) and isinstance(loop.iter, nodes.Name) and loop.iter.name == "rows"
    ]
    return {
        found.attr
        for found in tree.find_all(nodes.Getattr)
        if isinstance(found.node, nodes.Name) and found.node.name in loops
    }


def _broken(template: Path, problems: Iterable[str]) -> TemplateBroken:
    lines = list(problems)
    return TemplateBroken(
        f"{template.name}: {'; '.join(lines)}", file=str(template), problems="\n".join(f"  - {line}" for line in lines)
    )


def _drop_appendix(document: Any) -> None:
    """Remove everything behind the first section break and give its page to the whole document."""
    body = document.element.body
    carrier = next((p for p in body.iterchildren(qn("w:p")) if p.pPr is not None and p.pPr.sectPr is not None), None)
    if carrier is None:
        return
    first = carrier.pPr.sectPr
    for element in list(carrier.itersiblings()):
        body.remove(element)
    carrier.pPr.remove(first)
    body.append(first)
