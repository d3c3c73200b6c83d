"""Zip archives looked at before anything is unpacked: what the directory promises must be within the limits (F26)."""

from __future__ import annotations

import stat
import unicodedata
from datetime import datetime
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from connector.domain.file_names import shown_name
from connector.domain.tables import Limits
from connector.errors import FileRefused

MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ENCRYPTED = 1  # flag bit
_SMALL = 1 << 20  # bytes a part may unpack to at any ratio
_MB = 1 << 20
_UNSEEN = frozenset(("Cc", "Cf", "Cs"))  # controls, directions: what a report should not repeat
_LEFT_BY_SYSTEMS = frozenset((".ds_store", "thumbs.db", "desktop.ini"))


def open_archive(file: BinaryIO, limits: Limits) -> ZipFile:
    """Raises FileRefused: broken, archive_protected, compression, bomb, too_many_members, unpacked_too_large."""
    try:
        archive = ZipFile(file)
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise FileRefused("broken", f"zip: {error}") from error
    members = archive.infolist()
    if len(members) > limits.members:
        raise FileRefused("too_many_members", size=len(members), limit=limits.members)
    for member in members:
        name = shown_name(member.filename)[:100]
        if member.flag_bits & _ENCRYPTED:
            raise FileRefused("archive_protected", found=name)
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise FileRefused("compression", found=member.compress_type)
        if member.file_size > max(_SMALL, member.compress_size * limits.unpacked_ratio):
            cause = f"{member.compress_size} → {member.file_size} bytes"
            raise FileRefused("bomb", cause, found=name)
    total = sum(member.file_size for member in members)
    if total > limits.unpacked_bytes:
        raise FileRefused("unpacked_too_large", size=total // _MB, limit=limits.unpacked_bytes // _MB)
    if sum(member.compress_size for member in members) > file.seek(0, 2):
        raise FileRefused("bomb", "members lie upon each other")
    return archive


def written_at(member: ZipInfo) -> datetime | None:
    """When the member was last written, by the clock of the machine that packed it: ZIP keeps no zone. 1980 is what
    programs put where they know no time."""
    if member.date_time[0] == 1980:
        return None
    try:
        return datetime(*member.date_time)  # noqa: DTZ001 (its zone is not told)
    except ValueError:
        return None


def members(archive: ZipFile) -> list[ZipInfo]:
    """The files a person put in. Raises FileRefused: member_name, member_twice, member_link."""
    found: dict[str, ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename.replace("\\", "/")
        shown = "".join("?" if unicodedata.category(char) in _UNSEEN else char for char in name)[:100]
        parts = name.split("/")
        if name.startswith("/") or name[1:2] == ":" or ".." in parts or shown != name[:100]:
            raise FileRefused("member_name", found=shown)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise FileRefused("member_link", found=shown)
        if name.endswith("/") or parts[0] == "__MACOSX" or parts[-1].lower() in _LEFT_BY_SYSTEMS:
            continue
        if found.setdefault(name.lower(), member) is not member:
            raise FileRefused("member_twice", found=shown)
    return list(found.values())
