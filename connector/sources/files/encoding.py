"""In which encoding a text file is written: byte order mark, pattern of zero bytes, UTF-8, then the old code pages.

Fonts of the time before Unicode (TCVN3, VNI) say nothing in the bytes; their text comes out as windows-1252, the way
it looks on a machine without the font, for ``normalise`` to recognise and convert.
"""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from typing import BinaryIO, NamedTuple

from connector.errors import FileRefused

_SAMPLE = 1 << 18
_BEYOND_ASCII = re.compile(rb"[A-Za-z]?[\x80-\xff]+")  # with the letter that a tone may stand on
_CHUNK = 1 << 20
_SHARE = 0.9  # of the letters beyond ASCII that are Vietnamese in a windows-1258 text
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VIETNAMESE = frozenset(
    letter
    for base, tone in itertools.product("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY", _TONES)
    for letter in unicodedata.normalize("NFC", base + tone)
) | set("đĐ")


class Encoding(NamedTuple):
    """``codec``: Python's name; ``skip``: bytes of a byte order mark before the text; ``said_by``: for people."""

    codec: str
    skip: int
    said_by: str


_MARKS = (
    Encoding("utf-8", 3, "có dấu BOM của UTF-8"),
    Encoding("utf-16-le", 2, "có dấu BOM của UTF-16"),
    Encoding("utf-16-be", 2, "có dấu BOM của UTF-16"),
)
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def marked(sample: bytes) -> Encoding | None:
    """What the first bytes say by themselves: a byte order mark, or a zero in every second byte."""
    for mark, found in zip(_BOMS, _MARKS, strict=True):
        if sample.startswith(mark):
            return found
    even, odd = sample[:4096:2].count(0), sample[1:4096:2].count(0)
    if max(even, odd) > len(sample[:4096]) // 10 and min(even, odd) * 10 < max(even, odd):
        return Encoding("utf-16-le" if odd > even else "utf-16-be", 0, "cứ hai byte lại có một byte 0 (UTF-16)")
    return None


def xml_codec(found: Encoding) -> str | None:
    """What to tell the XML parser: UTF-16 by its marks, else nothing, the document declares it."""
    return {"utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE"}.get(found.codec)


def guess(file: BinaryIO) -> Encoding:
    """For text without a mark. Reads all of it: one byte that is not UTF-8 may stand at the end. Raises FileRefused:
    encoding."""
    if _is_utf8(file):
        return Encoding("utf-8", 0, "mọi byte đều đúng UTF-8")
    file.seek(0)
    sample = b""
    while len(sample) < _SAMPLE and (chunk := file.read(_CHUNK)):
        sample += b" ".join(_BEYOND_ASCII.findall(chunk))
    return _code_page(sample)


def _is_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _code_page(sample: bytes) -> Encoding:
    try:
        text = unicodedata.normalize("NFC", sample.decode("windows-1258"))
    except UnicodeDecodeError:
        text = ""
    letters = [char for char in text if ord(char) > 127 and unicodedata.category(char)[0] in "LM"]
    if letters and sum(char in _VIETNAMESE for char in letters) >= _SHARE * len(letters):
        return Encoding("windows-1258", 0, "không phải UTF-8; đọc theo windows-1258 thì ra chữ Việt")
    try:
        sample.decode("windows-1252")
    except UnicodeDecodeError as error:
        raise FileRefused("encoding", str(error), encoding="windows-1258") from error
    return Encoding("windows-1252", 0, "không phải UTF-8 hay windows-1258; có thể là phông chữ cũ (TCVN3, VNI)")
