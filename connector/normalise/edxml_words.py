"""What a clerk is told of a package: which document, what is done to which others, what to look at. Pure.

Numbers and days only: a package does not say whether its document is secret, so neither subject nor names of files nor
the sender's reason are shown (F107).
"""

from __future__ import annotations

from collections.abc import Iterator

from connector.normalise.edxml_records import WORDS, EdocPackage, Reference

_DEEDS = {"revoke": "Thu hồi", "update": "Cập nhật", "replace": "Thay thế"}
_KB = 1024


def title(package: EdocPackage) -> str:
    return f"Gói edXML: {WORDS[package.meaning]}, {_named(package.reference)}"


def lines(package: EdocPackage) -> Iterator[str]:
    if package.meaning != "new":
        others = [one for one in package.concerns if one != package.reference]
        if others:
            yield f"{_DEEDS[package.meaning]}: {'; '.join(map(_named, others))}"
    if package.attachments:
        sizes = [one.size for one in package.attachments if one.size is not None]
        missing = len(package.attachments) - len(sizes)
        lost = f"; {missing} tệp không có nội dung trong gói" if missing else ""
        yield f"Tệp kèm theo, không mở: {len(package.attachments)} ({_size(sum(sizes))}{lost})"
    yield from (f"Cần xem: {doubt}" for doubt in package.record.doubts)


def _named(one: Reference) -> str:
    if not one.notation:
        return one.document_id
    return f"số {one.notation}" + (f" ngày {one.issued_on:%d/%m/%Y}" if one.issued_on else "")


def _size(count: int) -> str:
    if count < _KB * _KB:
        return f"{-(-count // _KB)} KB"
    return f"{count / _KB / _KB:.1f} MB".replace(".", ",")
