"""OLE2 compound files: the file system inside of binary .xls, password-protected .xlsx and other Office files.

Source: [MS-CFB]. Sectors are linked by a table (FAT); streams below 4096 bytes live in a stream of small sectors.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import BinaryIO

from connector.errors import FileRefused

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # from here on sector numbers have special meanings
_ENTRY = 128  # bytes of a directory entry
_STREAM, _ROOT = 2, 5


class Compound:
    """``streams``: name → (first sector, size in bytes). Raises FileRefused where the links lead nowhere."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.seek(0)
        header = file.read(512)
        if len(header) < 512 or not header.startswith(MAGIC):
            raise _broken("header")
        shift, mini_shift = struct.unpack_from("<HH", header, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise _broken("sector size")
        self._sector = 1 << shift
        directory, self._cutoff, mini_fat, _, difat, _ = struct.unpack_from("<I4xIIIII", header, 48)
        self._fat = array("I")
        self._fat.frombytes(b"".join(map(self._read, self._fat_sectors(header, difat))))
        self._mini_fat = array("I")
        self._mini_fat.frombytes(self._follow(mini_fat))
        self.streams: dict[str, tuple[int, int]] = {}
        self._mini = b""
        entries = self._follow(directory)
        for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", entries, at + 64)
            start, size = struct.unpack_from("<II", entries, at + 116)
            if kind == _ROOT:
                self._mini = self._follow(start)[:size]
            elif kind == _STREAM:
                name = entries[at : at + min(max(length - 2, 0), 62)].decode("utf-16-le", "replace")
                self.streams.setdefault(name, (start, size))

    def read(self, name: str) -> bytes:
        start, size = self.streams[name]
        data = self._follow_mini(start) if size < self._cutoff else self._follow(start)
        if len(data) < size:
            raise _broken(f"stream {name} ends early")
        return data[:size]

    def _read(self, sector: int) -> bytes:
        self._file.seek((sector + 1) * self._sector)
        data = self._file.read(self._sector)
        if not data:
            raise _broken(f"sector {sector} is not there")
        return data.ljust(self._sector, b"\0")  # some writers cut the last one

    def _fat_sectors(self, header: bytes, difat: int) -> list[int]:
        sectors = [s for s in struct.unpack_from("<109I", header, 76) if s < _END]
        seen: set[int] = set()
        while difat < _END and difat not in seen:
            seen.add(difat)
            *more, difat = struct.unpack(f"<{self._sector // 4}I", self._read(difat))
            sectors += [s for s in more if s < _END]
        return sectors

    def _follow(self, sector: int) -> bytes:
        return b"".join(map(self._read, _chain(self._fat, sector)))

    def _follow_mini(self, sector: int) -> bytes:
        return b"".join(self._mini[at * 64 : at * 64 + 64] for at in _chain(self._mini_fat, sector))


def _chain(table: array[int], sector: int) -> Iterator[int]:
    for _ in range(len(table) + 1):
        if sector >= _END:
            return
        if sector >= len(table):
            break
        yield sector
        sector = table[sector]
    raise _broken("sectors lead nowhere or in a circle")


def _broken(cause: str) -> FileRefused:
    return FileRefused("broken", f"compound file: {cause}")
