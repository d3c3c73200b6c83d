"""Which characters the supplied font can draw; PDF/A refuses a document with a missing one."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
SUBSTITUTE = "\u25a1"


@cache
def covered(font: Path = FONTS / "LiberationSerif-Regular.ttf") -> frozenset[int]:
    """Code points of the font's Unicode character map (format 4)."""
    data = font.read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4s4xII", data, 12 + 16 * index) for index in range(tables))
    start = next(offset for tag, offset, _ in records if tag == b"cmap")
    count = struct.unpack_from(">H", data, start + 2)[0]
    for index in range(count):
        at = start + struct.unpack_from(">I", data, start + 4 + 8 * index + 4)[0]
        if struct.unpack_from(">H", data, at)[0] == 4:
            return frozenset(_segments(data, at))
    raise ValueError(f"{font.name}: no character map of format 4")


def _segments(data: bytes, at: int) -> set[int]:
    doubled = struct.unpack_from(">H", data, at + 6)[0]
    size = doubled // 2
    ends = struct.unpack_from(f">{size}H", data, at + 14)
    starts = struct.unpack_from(f">{size}H", data, at + 16 + doubled)
    deltas = struct.unpack_from(f">{size}H", data, at + 16 + 2 * doubled)
    base = at + 16 + 3 * doubled
    offsets = struct.unpack_from(f">{size}H", data, base)
    found: set[int] = set()
    for index, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, last + 1):
            glyph = code
            if offsets[index]:
                glyph = struct.unpack_from(">H", data, base + 2 * index + offsets[index] + 2 * (code - first))[0]
            if code != 0xFFFF and (glyph + deltas[index] if glyph or not offsets[index] else 0) & 0xFFFF:
                found.add(code)
    return found


def printable(text: str) -> str:
    """The text with a hollow square for every character the font cannot draw."""
    known = covered()
    return "".join(char if ord(char) in known else SUBSTITUTE for char in text)
