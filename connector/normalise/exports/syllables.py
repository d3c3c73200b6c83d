"""Whether a word can be a Vietnamese syllable: how text in an old font's codes is told from text. Pure.

Rhymes and initials of the written language. A word that is none of ours (a name, an abbreviation) proves nothing.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LETTERS = frozenset(
    unicodedata.normalize("NFC", letter + tone)
    for base in "aăâeêioôơuưy"
    for letter in (base, base.upper())
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
) | frozenset("đĐ")  # fmt: skip
"""All Vietnamese letters that carry a mark, both cases, composed; and the plain vowels."""

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOPPED = ("c", "ch", "p", "t")
"""After these endings only the tones sắc and nặng are possible."""

_INITIALS = (
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu",
    "r", "s", "t", "th", "tr", "v", "x",
)  # fmt: skip
_WRITTEN_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh uyt uyu
ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
y yêm yên yêng yêt yêu ynh yt
"""
_RHYMES = frozenset(_WRITTEN_RHYMES.split())


@lru_cache(maxsize=16_384)
def is_syllable(word: str) -> bool:
    """``word``: letters only, composed, any case. Where the tone mark stands does not matter ("hoà", "hòa")."""
    bare: list[str] = []
    tones = ""
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _TONES:
            tones += char
        else:
            bare.append(char)
    if len(tones) > 1:
        return False
    plain = unicodedata.normalize("NFC", "".join(bare))
    for initial in _INITIALS:
        rhyme = plain.removeprefix(initial)
        if plain.startswith(initial) and rhyme in _RHYMES:
            return not rhyme.endswith(_STOPPED) or tones in ("\u0301", "\u0323", "")
    return False
