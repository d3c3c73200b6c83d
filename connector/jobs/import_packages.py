"""Packages of electronic documents (edXML) → documents: new and updated ones are merged like rows of a register,
what is revoked or replaced is noted for ``standings`` (F108). Nothing of an attachment is kept but its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from connector.domain.imports import Notice, SheetNotes
from connector.domain.notation import fold_notation
from connector.domain.packages import Package
from connector.domain.records import Standing
from connector.errors import FileRefused
from connector.jobs.import_records import Applied, RecordImport
from connector.jobs.standings import Came
from connector.normalise.edxml import read_package
from connector.normalise.edxml_records import EdocPackage, Organisation, RefusedPackage
from connector.normalise.edxml_words import lines, title
from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.explain import Advice
from connector.normalise.exports.report import SheetOutcome

IsOwn = Callable[[Organisation], bool]
_CAME: Mapping[Came, str] = {
    "marked": "Đã đánh dấu không còn hiệu lực",
    "unchanged": "Không đổi gì, đã có thông tin mới hơn hoặc đã đánh dấu",
    "waiting": "Chưa có văn bản này, sẽ đánh dấu khi có",
    "asked": "Không rõ là văn bản nào, chờ trả lời (connector quarantine list)",
}


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


def store_package(records: RecordImport, number: int, package: EdocPackage, notes: SheetNotes) -> Applied:
    """Its own document; what it says of others is in its notices."""
    return Applied() if package.meaning == "revoke" else records.sheet(number, notes, [package.record])


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
    told = [Advice("", line, "", "", stops=False) for line in (*lines(package), *_came(came))]
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


def as_of(package: EdocPackage, modified_at: datetime, now: datetime) -> AsOf:
    return package.as_of(min(modified_at, now))


def _came(came: Sequence[tuple[Notice, Came]]) -> Iterator[str]:
    for notice, how in came:
        day = f" ngày {notice.issued_on:%d/%m/%Y}" if notice.issued_on else ""
        yield f"{_CAME[how]}: số {notice.notation}{day}"
