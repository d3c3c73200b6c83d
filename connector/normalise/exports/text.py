"""How the text of a file is coded: Unicode, an old font (TCVN3, VNI), or UTF-8 misread. Pure (F24).

Decided for a column, with the whole file behind it, never for a cell: "Së" may be anything. What counts as a sign are
letters that Vietnamese does not have, inside words that become Vietnamese syllables when they are read as that font.
A column that fits nothing, or two codings at once, is refused; a single cell that contradicts its column is refused
with its row. Nothing is converted on a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from connector.normalise.exports.legacy_fonts import from_tcvn3, from_vni, repaired
from connector.normalise.exports.syllables import LETTERS, is_syllable
from connector.normalise.fields import clean

Coding = Literal["unicode", "tcvn3", "vni", "mojibake"]
NAMES: Mapping[Coding, str] = {
    "unicode": "Unicode",
    "tcvn3": "TCVN3 (phông .VnTime, ABC)",
    "vni": "VNI (phông VNI-Times)",
    "mojibake": "UTF-8 bị đọc nhầm bảng mã",
}

SHOWN = 3
"""Examples of a conversion, for the log and the report. Single words: a subject may be secret (F107)."""
ENOUGH = 3
"""Fewer different words with a sign decide nothing on their own."""
_CLEAR, _STRAY = 0.7, 0.1
"""Shares of different words: what an old font must explain; what may contradict and is then refused by itself."""
_SAMPLED = 2_000
"""So many texts without any sign are looked into: beyond that they only repeat themselves."""
_MOST_WORDS = 20_000

_FONTS: Mapping[Coding, Callable[[str], str]] = {"tcvn3": from_tcvn3, "vni": from_vni}
_WORD = re.compile("[A-Za-z\u00a1-\u024f\u1e00-\u1eff]+")
_EDGES = "«»°©®§¡¿¶·¸´¨¯¹²³"
_ODD = re.compile(
    "[^\x00-\x7f\u00a0\u00b7\u2002-\u200f\u2010-\u2015\u2018-\u201f\u2022\u2026\u202f\u2060\ufeff{}]".format(
        "".join(sorted(LETTERS))
    )
)
_UNUSUAL = re.compile("[^ -%'-~{}]".format("".join(sorted(LETTERS))))  # & may begin an entity
_LOST = re.compile("á[º»]|[ÃÄÅÆ][\u00a0-\u00bf\u0192\u02c6\u02dc\u2013-\u2122]|\ufffd|[^\\W\\d_]\\?+[^\\W\\d_]")
_ONLY_UNICODE = re.compile("[\u1ea0-\u1ef9]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``problem``: why the column cannot be used ("mixed", "unreadable"), "" if it can. ``evidence``: for people.
    ``examples``: (as found, as read), at most three. ``decided``: on evidence of its own."""

    coding: Coding
    problem: str = ""
    evidence: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    decided: bool = True


def judge(texts: Iterable[str]) -> Verdict:
    """The coding of a column's texts."""
    tally = Tally()
    for text in texts:
        tally.see(text)
    return tally.verdict()


@dataclass
class Tally:
    """Counts what speaks for each coding; holds different words only, so memory does not grow with the file."""

    words: set[str] = field(default_factory=set)
    marked: int = 0  # texts with any letter beyond ASCII
    misread: int = 0
    unicode: int = 0  # texts that no code page of one byte could show
    misread_words: dict[str, str] = field(default_factory=dict)
    _sampled: int = 0

    def see(self, text: str) -> None:
        if text.isascii():
            return
        text = unicodedata.normalize("NFC", text)
        self.marked += 1
        self.unicode += _ONLY_UNICODE.search(text) is not None
        if _ODD.search(text) is None:
            if self._sampled < _SAMPLED:
                self._sampled += 1
                self._add(text)
        elif (meant := repaired(text)) is not None:
            self.misread += 1
            if len(self.misread_words) < SHOWN:
                self.misread_words.setdefault(*_example(text, meant))
        else:
            self._add(text)

    def _add(self, text: str) -> None:
        if len(self.words) < _MOST_WORDS:
            self.words.update(word for word in _WORD.findall(text) if not word.isascii())

    def merge(self, other: Tally) -> None:
        self.words |= other.words
        self.marked += other.marked
        self.misread += other.misread
        self.unicode += other.unicode
        self.misread_words = dict([*self.misread_words.items(), *other.misread_words.items()][:SHOWN])

    def verdict(self, file: Verdict | None = None) -> Verdict:
        """``file``: what the whole file was found to be; it decides where this column shows too little."""
        found = self._misread() or self._font()
        if not found.decided and file is not None and not file.problem:
            return Verdict(file.coding, evidence=file.evidence, decided=False)
        return found

    def _misread(self) -> Verdict | None:
        if not self.misread:
            return None
        others = self.marked - self.misread
        if self.misread <= self.unicode * _STRAY:
            return None  # single cells; they are refused with their rows
        evidence = f"{self.misread} trong {self.marked} ô có dấu là UTF-8 bị đọc nhầm"
        if self.unicode > self.marked * _STRAY or others > self.marked / 2:
            return Verdict("unicode", "mixed", evidence)
        return Verdict("mojibake", "", evidence, tuple(self.misread_words.items()))

    def _font(self) -> Verdict:
        plain = {word for word in self.words if _is_plain(word)}
        signs = {word for word in self.words if _has_sign(word)}
        readable = {font: {word for word in self.words if _is_of(word, font)} for font in _FONTS}
        font = max(_FONTS, key=lambda one: len(readable[one] & signs))
        signed = readable[font] & signs
        against = plain - readable[font]
        if len(signed) < ENOUGH:
            odd = signs - plain
            if len(odd) >= max(ENOUGH, len(self.words) * _CLEAR):
                return Verdict(
                    "unicode", "unreadable", f"{len(odd)} từ như {_shown(odd)} không phải bảng mã nào đã biết"
                )
            decided = len(plain) >= ENOUGH and not signed
            return Verdict("unicode", evidence=f"{len(plain)} từ có dấu là Unicode", decided=decided)
        clear = len(readable[font]) >= len(self.words) * _CLEAR
        evidence = f"{len(signed)} từ chỉ đọc được theo {NAMES[font]}, ví dụ {_shown(signed)}"
        if clear and len(against) <= len(readable[font]) * _STRAY:
            return Verdict(font, "", evidence, tuple((word, _FONTS[font](word)) for word in _first(signed)))
        if len(signed) <= len(plain) * _STRAY:
            return Verdict("unicode", evidence=f"{len(plain)} từ có dấu là Unicode")
        return Verdict("unicode", "mixed", f"{evidence}; {len(against)} từ là Unicode, ví dụ {_shown(against)}")


def convert(text: str, coding: Coding, *, capitals: bool = False) -> str:
    """As Unicode, composed; blanks and invisible characters stay. ``capitals``: the font shows capitals (.VnTimeH)."""
    if coding == "tcvn3":
        text = from_tcvn3(text, capitals=capitals)
    elif coding == "vni":
        text = from_vni(text).upper() if capitals else from_vni(text)
    elif coding == "mojibake":
        text = repaired(text) or text
    return unicodedata.normalize("NFC", text)


def read_line(text: str, coding: Coding) -> str:
    """One line as we store it: converted, NFC, single blanks, nothing invisible."""
    return clean(text if coding == "unicode" else convert(text, coding))


def is_usual(text: str) -> bool:
    """Whether it stands as Unicode text is written: composed, without entities, doubled or other blanks."""
    return _UNUSUAL.search(text) is None and "  " not in text


def stray(text: str, coding: Coding) -> str:
    """The word of a cell that shows another coding than the column's; "" if there is none. A single word in an old
    font, or a foreign name, does not count where the rest of the cell speaks for the column."""
    if text.isascii() or (coding == "unicode" and _ODD.search(text) is None):
        return ""
    text = unicodedata.normalize("NFC", text)
    if coding == "mojibake":
        return _first_word(text) if repaired(text) is None and _ODD.search(text) else ""
    if (meant := repaired(text)) is not None:
        return _example(text, meant)[0]
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    if coding == "unicode":
        others = [word for word in words if _has_sign(word) and any(_is_of(word, font) for font in _FONTS)]
        own = sum(map(_is_plain, words))
    else:
        others = [word for word in words if _is_plain(word) and not _is_of(word, coding)]
        own = sum(_is_of(word, coding) for word in words)
    return others[0] if len(others) > own else ""


def lost(text: str) -> bool:
    """Whether UTF-8 was read as another code page and bytes fell away, or letters became question marks: what was
    meant cannot be found again."""
    return _LOST.search(text) is not None and repaired(text) is None


def _is_plain(word: str) -> bool:
    """Can stand in Vietnamese as it is: a syllable, an abbreviation without vowels, or no marked letters at all."""
    core = word.strip(_EDGES)
    if core.isascii():
        return True
    if not all(char.isascii() or char in LETTERS for char in core):
        return False
    return is_syllable(core) or all(char in "đĐ" or char not in LETTERS for char in core)


def _is_of(word: str, font: Coding) -> bool:
    """Becomes Vietnamese when read in an old font. What the font does not change is not of it, but for the two letters
    that VNI writes as we do."""
    meant = _FONTS[font](word)
    return _is_plain(meant) and (meant != word or all(char.isascii() or char in "ìíÌÍ" for char in word))


def _has_sign(word: str) -> bool:
    return any(not char.isascii() and char not in LETTERS for char in word.strip(_EDGES))


def _first(words: Iterable[str]) -> list[str]:
    """The longest say most; ties by the alphabet, so that the same file gives the same report."""
    return sorted(words, key=lambda word: (-len(word), word))[:SHOWN]


def _shown(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in _first(words))


def _first_word(text: str) -> str:
    return next((word for word in text.split(" ") if _ODD.search(word)), text)[:30]


def _example(text: str, meant: str) -> tuple[str, str]:
    """The first word that differs."""
    pairs = zip(text.split(" "), meant.split(" "), strict=False)
    return next(((old[:30], new[:30]) for old, new in pairs if old != new), (text[:30], meant[:30]))
