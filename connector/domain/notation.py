"""Numbers and subjects of documents in the form in which they are compared."""

from __future__ import annotations

import re
import unicodedata

DASH = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
_ABOUT = re.compile(r"(?:v/v|về việc):? ")


def fold_notation(notation: str) -> str:
    """Comparison form of a document number: upper case, no blanks, no leading zeros, no closing full stop."""
    if not notation.isascii():  # the Icelandic letter looks like ours
        notation = DASH.sub("-", unicodedata.normalize("NFC", notation)).replace("\u00f0", "đ").replace("\u00d0", "Đ")
    return "".join(notation.split()).rstrip(".:").lstrip("0").upper()


def fold_subject(text: str) -> str:
    """Comparison form of a subject or a task's name: lower case, single blanks, without a leading "V/v"."""
    folded = " ".join(text.casefold().split())
    match = _ABOUT.match(folded)
    return folded[match.end() :] if match else folded
