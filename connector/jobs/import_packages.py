"""Packages of electronic documents (edXML) → documents: new and updated ones are merged like rows of a register,
what is revoked or replaced is noted for ``standings`` (F108). Nothing of an attachment is kept but its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.imports import NewEntry, Notice, SheetNotes
from connector.domain.notation import fold_notation
from connector.domain.packages import Package
from connector.domain.records import AttachedFile, DocumentState, Standing
from connector.errors import FileRefused
from connector.jobs.import_records import Applied, RecordImport
from connector.jobs.standings import Came
from connector.normalise.edxml import read_package
from connector.normalise.edxml_records import EdocPackage, Organisation, RefusedPackage
from connector.normalise.edxml_words import lines, title
from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.explain import Advice
from connector.normalise.exports.records import ExportDocument
from connector.normalise.exports.report import SheetOutcome

IsOwn = Callable[[Organisation], bool]
_PACKAGE = "edxml"
"""How what is kept of a package begins; the cells of a row begin with its number."""
_CAME: Mapping[Came, str] = {
    "marked": "Đã đánh dấu không còn hiệu lực",
    "unchanged": "Không đổi gì, đã có thông tin mới hơn hoặc đã đánh dấu",
    "waiting": "Chưa có văn bản này, sẽ đánh dấu khi có",
    "asked": "Không rõ là văn bản nào, chờ trả lời (connector quarantine list)",
}


def read_packages(
    packages: Sequence[Package], zone: ZoneInfo, is_own: IsOwn, file: str
) -> tuple[list[EdocPackage], list[str]]:
    """In the order in which they were sent; and what else the file holds, in words. Raises FileRefused with everything
    that is wrong with one of them: a half of an exchange is not imported; mended, the file comes again."""
    found: list[EdocPackage] = []
    refused: list[tuple[Package, RefusedPackage]] = []
    for number, package in enumerate(packages, 1):
        read = read_package(package, zone, is_own, number)
        if isinstance(read, RefusedPackage):
            refused.append((package, read))
        else:
            found.append(read)
    statuses = sum(one.is_status for _, one in refused)
    for package, one in refused:
        if not one.is_status or not found:
            problems = "; ".join(map(str, one.problems))
            raise FileRefused("package", file=package.file or file, found=problems)
    beside = {member for package in packages for member in package.beside}
    skipped = [f"Thông báo trạng thái, không phải văn bản, không nhập: {statuses}"] if statuses else []
    skipped += [f"Tệp khác đi cùng các gói, không đọc: {len(beside)}"] if beside else []
    return sorted(found, key=lambda one: (one.sent_at is not None, one.sent_at and one.sent_at.timestamp())), skipped


def package_notes(package: EdocPackage, time: AsOf, file: str) -> SheetNotes:
    return SheetNotes(file, title(package), "document", time.at, "", tuple(sorted(package.told)), {}, {})


def store_package(records: RecordImport, number: int, package: EdocPackage, notes: SheetNotes) -> Applied:
    """Its own document; what it says of others is in its notices."""
    return Applied() if package.meaning == "revoke" else records.sheet(number, notes, [package.record])


def kept(package: EdocPackage, applied: Applied) -> Iterator[NewEntry]:
    """What a person is asked of its own document, with what is needed to store it then; nothing of persons."""
    one = package.record.state
    day, due = (on and on.isoformat() for on in (one.issued_on, one.due_on))
    files = [[file.file_id, file.name] for file in one.files or ()]
    told = [one.notation, day, one.issuer, one.subject, one.urgency, one.outgoing, files, due]
    return (replace(entry, packed=[_PACKAGE, package.record.row, *told]) for entry in applied.asked)


def kept_record(packed: Sequence[Any]) -> ExportDocument | None:
    """The document that ``kept`` packed; None if the row is one of a table."""
    if packed[0] != _PACKAGE:
        return None
    row, notation, day, issuer, subject, urgency, outgoing, files, due = packed[1:]
    issued_on, due_on = (date.fromisoformat(on) if on else None for on in (day, due))
    attached = tuple(AttachedFile(*file) for file in files) or None
    state = DocumentState(notation, issued_on, issuer, subject, urgency, outgoing, files=attached, due_on=due_on)
    return ExportDocument(row, "", state)


def notices(package: EdocPackage, file_id: int, number: int, as_of: datetime) -> Iterator[Notice]:
    """What it says of whether documents are in force. An update says nothing of it: one that comes after a revocation
    does not undo it."""
    own = package.record.state
    if package.meaning in ("new", "replace"):
        yield Notice((file_id, number, 0), own.notation, own.issued_on, own.issuer, "", as_of)
    if package.meaning in ("revoke", "replace"):
        standing: Standing = "revoked" if package.meaning == "revoke" else "replaced"
        for place, one in enumerate(package.concerns, 1):
            same = fold_notation(one.notation) == fold_notation(own.notation) and one.issued_on == own.issued_on
            if same and package.meaning == "replace":
                continue
            own_to_withdraw = one.organisation.casefold() == package.issuer.code.casefold()
            issuer = own.issuer if own_to_withdraw else one.organisation  # then nothing fits for certain
            yield Notice((file_id, number, place), one.notation, one.issued_on, issuer, standing, as_of)


def package_outcome(
    package: EdocPackage, time: AsOf, applied: Applied, came: Sequence[tuple[Notice, Came]]
) -> SheetOutcome:
    asked = (f"Chưa nhập, chờ trả lời (connector quarantine list): {one.problems[0].reason}" for one in applied.asked)
    told = plain([*lines(package), *_came(came), *asked])
    return SheetOutcome(
        sheet=title(package),
        table="document",
        read=1,
        new=applied.outcomes["new"],
        changed=applied.outcomes["changed"] + applied.outcomes["filled"] + sum(how == "marked" for _, how in came),
        unchanged=applied.outcomes["unchanged"],
        older=applied.older,
        as_of=time,
        advices=told,
    )


def plain(said: Sequence[str]) -> list[Advice]:
    """Without a place in a sheet."""
    return [Advice("", line, "", "", stops=False) for line in said]


def as_of(package: EdocPackage, modified_at: datetime, now: datetime) -> AsOf:
    return package.as_of(min(modified_at, now))


def _came(came: Sequence[tuple[Notice, Came]]) -> Iterator[str]:
    for notice, how in came:
        day = f" ngày {notice.issued_on:%d/%m/%Y}" if notice.issued_on else ""
        yield f"{_CAME[how]}: số {notice.notation}{day}"
