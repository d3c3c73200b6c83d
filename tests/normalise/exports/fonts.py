"""Encoders of the old fonts, written down letter by letter and not from the tables under test."""

from __future__ import annotations

LOWER = (
    "àáảãạ" "ăằắẳẵặ" "âầấẩẫậ" "đ" "èéẻẽẹ" "êềếểễệ" "ìíỉĩị" "òóỏõọ" "ôồốổỗộ" "ơờớởỡợ" "ùúủũụ" "ưừứửữự" "ỳýỷỹỵ"
)  # fmt: skip
UPPER = LOWER.upper()

_TCVN3 = (
    "µ¸¶·¹" "¨»¾¼½Æ" "©ÇÊÈÉË" "®" "ÌÐÎÏÑ" "ªÒÕÓÔÖ" "×ÝØÜÞ" "ßãáâä" "«åèæçé" "¬êíëìî" "ïóñòô" "\u00adõøö÷ù" "úýûüþ"
)  # fmt: skip
TCVN3 = dict(zip(LOWER, _TCVN3, strict=True))
TCVN3_CAPITALS = dict(zip("ĂÂÊÔƠƯĐ", "¡¢£¤¥¦§", strict=True))
"""All capitals that the font has."""

_VNI = """
aø aù aû aõ aï  aê aè aé aú aü aë  aâ aà aá aå aã aä  ñ  eø eù eû eõ eï  eâ eà eá eå eã eä  ì í æ ó ò
oø où oû oõ oï  oâ oà oá oå oã oä  ô ôø ôù ôû ôõ ôï  uø uù uû uõ uï  ö öø öù öû öõ öï  yø yù yû yõ î
"""
VNI = dict(zip(LOWER, _VNI.split(), strict=True)) | dict(zip(UPPER, _VNI.upper().split(), strict=True))


def tcvn3(text: str) -> str:
    """As typed in .VnTime; a capital with a tone, which it lacks, as its small letter (a font of capitals shows it)."""
    return "".join(TCVN3_CAPITALS.get(char) or TCVN3.get(char.lower(), char) for char in text)


def vni(text: str) -> str:
    return "".join(VNI.get(char, char) for char in text)


def misread(text: str, page: str = "cp1252") -> str:
    """UTF-8 shown in a code page; what the page has no character for stays as its control character."""
    return "".join(bytes([byte]).decode(page, "ignore") or chr(byte) for byte in text.encode())
