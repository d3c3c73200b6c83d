"""Vietnamese from before Unicode, and UTF-8 that was read as something else. Pure tables and what they do.

A file keeps the codes of an old font as Western letters: "TrÝch yÕu" typed in .VnTime (TCVN3, also called ABC),
"Trích yeáu" typed in VNI-Times. TCVN3 after TCVN 5712:1993, set VN3: one letter a code, capitals with a tone only in
fonts of their own (.VnTimeH). VNI-Windows: a vowel, then a letter for its mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_TONES = "\u0300\u0301\u0309\u0303\u0323"  # grave, acute, hook above, tilde, dot below
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"

# What the Western letters from U+00A1 to U+00FE stand for; "." where the font has no letter.
_VN3 = (
    "ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ"
)  # fmt: skip
TCVN3 = {chr(0xA1 + place): letter for place, letter in enumerate(_VN3) if letter != "."}
"""Code, as the Western letter it is kept as → letter."""


def _vni() -> Iterator[tuple[str, str]]:
    def composed(*parts: str) -> str:
        return unicodedata.normalize("NFC", "".join(parts))

    for vowel, written in (*((one, one) for one in "aeouy"), ("o" + _HORN, "ô"), ("u" + _HORN, "ö")):
        yield from ((written + mark, composed(vowel, tone)) for mark, tone in zip("øùûõï", _TONES, strict=True))
    for vowels, shape, plain, marks in (("aeo", _CIRCUMFLEX, "â", "àáåãä"), ("a", _BREVE, "ê", "èéúüë")):
        for vowel in vowels:
            yield vowel + plain, composed(vowel, shape)
            yield from ((vowel + mark, composed(vowel, shape, tone)) for mark, tone in zip(marks, _TONES, strict=True))
    yield from zip("ìíæóòîñôö", "ìíỉĩịỵđơư", strict=True)


VNI = dict(_vni()) | {code.upper(): letter.upper() for code, letter in _vni()} | {
    code[0].upper() + code[1:]: letter.upper() for code, letter in _vni() if len(code) == 2
}  # fmt: skip
"""Code, as the Western letters it is kept as → letter. The vowel decides on the case: "Aù" is met for "AÙ"."""

_VNI_CODE = re.compile(
    "[{}][{}]|[{}]".format(
        "".join(sorted({code[0] for code in VNI if len(code) == 2})),
        "".join(sorted({code[1] for code in VNI if len(code) == 2})),
        "".join(sorted(code for code in VNI if len(code) == 1)),
    )
)

# A byte above 0x7F as the Western and the Vietnamese code page of Windows, or nobody, show it.
_BYTES = {
    ord(char): byte
    for page in ("cp1258", "cp1252", "latin-1")
    for byte in range(0x80, 0x100)
    if len(char := bytes([byte]).decode(page, "ignore")) == 1
}
_ONLY_1258 = {char: chr(byte) for char, byte in _BYTES.items() if char > 0xFF and byte >= 0xA1}
_TCVN3_TABLE = str.maketrans(TCVN3)
_WORD = re.compile("[A-Za-z\u00a1-\u00fe]+")
_DEEPEST = 3
"""So many times over may UTF-8 have been read as a code page."""


def from_tcvn3(text: str, *, capitals: bool = False) -> str:
    """``capitals``: typed in a font of capitals (.VnTimeH). Where only the plain letters of a word are capitals
    ("HUYÖN"), such a font is assumed: VN3 itself has no capitals with a tone."""
    codes = _western(text)
    if capitals or _is_capital(codes, 4):
        return codes.translate(_TCVN3_TABLE).upper()
    return _WORD.sub(_tcvn3_word, codes)


def _tcvn3_word(match: re.Match[str]) -> str:
    letters = match[0].translate(_TCVN3_TABLE)
    return letters.upper() if _is_capital(match[0], 2) else letters


def _is_capital(codes: str, at_least: int) -> bool:
    letters = [char for char in codes if char.isascii() and char.isalpha()]
    return len(letters) >= at_least and all(char.isupper() for char in letters)


def from_vni(text: str) -> str:
    """What is no code of the font stays as it is."""
    return _VNI_CODE.sub(_vni_letter, _western(text))


def _western(text: str) -> str:
    """The codes as Western letters, also where they came through code page 1258 (a CSV file). Its tones are codes of
    their own, which composing has merged with the vowel before them."""
    if max(text, default="") <= "\u00ff":
        return text
    text = text.replace("\u1e47\u0303", "ñ\u0323").replace("\u1e46\u0303", "Ñ\u0323")  # composing changed their order
    codes = "".join(one if ord(one) in _BYTES or one.isascii() else unicodedata.normalize("NFD", one) for one in text)
    if all(char.isascii() or ord(char) in _BYTES for char in codes):
        return codes.translate(_ONLY_1258)
    return text


def _vni_letter(match: re.Match[str]) -> str:
    code = match[0]
    return VNI[code] if code in VNI else VNI.get(code[0], code[0]) + code[1:]


def repaired(text: str) -> str | None:
    """UTF-8 that was read as code page 1252 or 1258, once or several times over, as it was meant; None if ``text`` is
    nothing of the kind. By chance this fits no Vietnamese text: every marked letter must be part of a whole code."""
    found: str | None = None
    for _ in range(_DEEPEST):
        try:
            once = text.translate(_BYTES).encode("latin-1").decode("utf-8")
        except UnicodeError:
            break
        if once == text:  # ASCII
            break
        found = text = once
    return unicodedata.normalize("NFC", found) if found is not None else None
