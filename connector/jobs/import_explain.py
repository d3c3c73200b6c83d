"""The export doctor: what is wrong with a file and how to mend it, without importing anything of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.errors import FileRefused
from connector.jobs.import_file import ImportPolicy
from connector.jobs.import_mapping import accepted_mappings
from connector.jobs.import_packages import read_packages
from connector.jobs.import_read import read_file
from connector.normalise.edxml_records import EdocPackage
from connector.normalise.edxml_words import lines, title
from connector.normalise.exports.explain import Advice, explain
from connector.normalise.exports.headers import Layout
from connector.normalise.exports.sheet import file_stops
from connector.ports import UnitOfWork
from connector.ports_files import Files


@dataclass(frozen=True, slots=True)
class ExplainedSheet:
    """``columns``: (header as written, field); of a sheet that was not understood none. ``file``: with the member of an
    archive."""

    name: str
    table: str
    records: int
    rejected: int
    columns: Sequence[tuple[str, str]]
    advices: Sequence[Advice]
    file: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """``said_by``: what the file is, by its content. ``reason``: why it cannot be read at all, "" if it can."""

    file: str
    said_by: str
    refused: bool
    sheets: Sequence[ExplainedSheet] = ()
    reason: str = ""
    error: FileRefused | None = None


def _advices(package: EdocPackage) -> list[Advice]:
    return [Advice("", line, "", "", stops=False) for line in lines(package)]


def explain_file(path: Path, files: Files, uow: UnitOfWork, policy: ImportPolicy) -> Explained:
    with uow:
        rules = policy.rules_with(accepted_mappings(uow))
    try:
        files.facts(path)
        read = read_file(files, path, rules)
        if read.packages:
            packages, _ = read_packages(read.packages, rules.zone, policy.is_own, path.name)
            told = [ExplainedSheet(title(one), "document", 1, 0, (), _advices(one)) for one in packages]
            return Explained(path.name, read.recognised.said_by, refused=False, sheets=told)
    except FileRefused as error:
        return Explained(path.name, "", refused=True, reason=policy.words(error), error=error)
    sheets: list[ExplainedSheet] = []
    for one in read.sheets:
        layout = one.reading.layout
        known = isinstance(layout, Layout)
        columns = [(layout.title_of(name), name) for name in layout.columns] if isinstance(layout, Layout) else []
        sheets.append(
            ExplainedSheet(
                one.reading.sheet, layout.table if known and layout.table else "", one.read, len(one.rejected), columns,
                explain(one.reading, one.rejected), one.reading.file,
            )
        )  # fmt: skip
    return Explained(path.name, read.recognised.said_by, file_stops([one.reading for one in read.sheets]), sheets)
