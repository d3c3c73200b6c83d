"""Packages of electronic documents (edXML) → documents: new and updated ones are merged like rows of a register,
revoked and replaced ones are marked as no longer in force (F108). Nothing of an attachment is kept but its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from connector.domain.imports import SheetNotes
from connector.domain.notation import fold_notation
from connector.domain.packages import Package
from connector.errors import FileRefused
from connector.jobs.import_records import Applied, RecordImport
from connector.normalise.edxml import read_package
from connector.normalise.edxml_records import EdocPackage, Organisation, RefusedPackage
from connector.normalise.edxml_words import lines, title
from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.explain import Advice
from connector.normalise.exports.report import SheetOutcome

IsOwn = Callable[[Organisation], bool]


def read_packages(packages: Sequence[Package], zone: ZoneInfo, is_own: IsOwn, file: str) -> list[EdocPackage]:
    """In the order in which they were sent. Raises FileRefused with everything that is wrong with one of them: a half
    of an exchange is not imported."""
    found: list[EdocPackage] = []
    for number, package in enumerate(packages, 1):
        read = read_package(package, zone, is_own, number)
        if isinstance(read, RefusedPackage):
            problems = "; ".join(map(str, read.problems))
            raise FileRefused("package", file=package.file or file, found=problems)
        found.append(read)
    return sorted(found, key=lambda one: (one.sent_at is not None, one.sent_at and one.sent_at.timestamp()))


def package_notes(package: EdocPackage, time: AsOf, file: str) -> SheetNotes:
    return SheetNotes(file, title(package), "document", time.at, "", tuple(sorted(package.told)), {}, {})


def store_package(records: RecordImport, number: int, package: EdocPackage, notes: SheetNotes) -> tuple[Applied, str]:
    """What came of its document, and of the ones it concerns in words, "" if there is nothing to say."""
    applied = Applied()
    if package.meaning != "revoke":
        applied = records.sheet(number, notes, [package.record])
    lost = []
    if package.meaning in ("revoke", "replace"):
        own = fold_notation(package.reference.notation) if package.meaning == "replace" else ""
        for place, one in enumerate((one for one in package.concerns if fold_notation(one.notation) != own), 1):
            row = package.record.row + 10_000 * place  # beside the package's own
            if not records.withdraw((number, row), one.notation, one.issued_on, package.issuer.name, notes, applied):
                lost.append(one.notation)
    return applied, f"chưa có, hoặc không rõ là văn bản nào: {', '.join(lost)}" if lost else ""


def package_outcome(package: EdocPackage, time: AsOf, applied: Applied, lost: str) -> SheetOutcome:
    told = [Advice("", line, "", "", stops=False) for line in (*lines(package), *([lost] if lost else []))]
    return SheetOutcome(
        sheet=title(package),
        table="document",
        read=1,
        new=applied.outcomes["new"],
        changed=applied.outcomes["changed"] + applied.outcomes["filled"],
        unchanged=applied.outcomes["unchanged"],
        older=applied.older,
        as_of=time,
        advices=told,
    )


def as_of(package: EdocPackage, modified_at: datetime, now: datetime) -> AsOf:
    return package.as_of(min(modified_at, now))
