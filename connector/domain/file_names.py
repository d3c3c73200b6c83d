"""Names of files as they can be shown, stored and made. Pure."""

from __future__ import annotations

import unicodedata

LONGEST = 255
"""Bytes of one name, on every file system we meet."""
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def shown_name(name: str) -> str:
    """The name with every byte that is no UTF-8 (as Python hands them over), and whatever nobody can see (line ends,
    directions), as "%E1": then it fits a database, a report and a terminal."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSEEN else char for char in name)


def fitting_name(stem: str, end: str, most: int = LONGEST) -> str:
    """``stem`` and ``end``, the stem cut so that both take ``most`` bytes of UTF-8; no letter loses its mark."""
    room = most - len(end.encode())
    if len(stem.encode()) <= room:
        return stem + end
    cut = stem.encode()[:room].decode(errors="ignore")
    if unicodedata.combining(stem[len(cut)]):
        cut = cut.rstrip("".join(char for char in cut if unicodedata.combining(char)))[:-1]
    return cut.rstrip(" .") + end


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))
