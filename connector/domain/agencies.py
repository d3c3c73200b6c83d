"""Agencies of the province: under which names they are written, when they existed, who took over.

A name is looked up for a day, since after a merger the same name stands for another agency. A name nobody has mapped
stays unmapped: it is shown as written, never guessed (F106).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

COMMUNES_FROM = date(2025, 7, 1)
"""District level ended (Nghị quyết 1672/NQ-UBTVQH15); from this day tasks go to communes and wards."""

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # grave, acute, tilde, hook above, dot below
_SAME = str.maketrans({**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"), "\u00f0": "đ"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_LOOSE_MARKS = re.compile(r"\s*([-,&.])\s*")


@lru_cache(maxsize=8192)
def fold_name(text: str) -> str:
    """Form in which names are compared: whatever the Unicode form, letter case, blanks, kind of dash, and the letter
    that carries the tone mark ("hoá" and "hóa"). "&" and "và" stay different; that is for aliases."""
    plain = _INVISIBLE.sub("", text).casefold().translate(_SAME)
    plain = _LOOSE_MARKS.sub(r"\1", " ".join(plain.split()))
    folded: list[str] = []
    tones: list[str] = []
    for char in unicodedata.normalize("NFD", plain):
        if char in _TONES:
            tones.append(char)
            continue
        if tones and not (char.isalpha() or unicodedata.combining(char)):
            folded += tones
            tones.clear()
        folded.append(char)
    return unicodedata.normalize("NFC", "".join(folded + tones))


@dataclass(frozen=True, slots=True)
class Agency:
    """``code``: our own slug. ``name``: the full one, as reports print it. ``valid_from``, ``valid_to``: first and
    last day, None for no known border. ``successors``: codes of who took over. ``aliases``: other ways to write it."""

    code: str
    short_name: str
    name: str
    kind: str
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def written(self) -> Mapping[str, str]:
        """Everything it is known by: folded form → as the table writes it."""
        return {fold_name(name): name for name in (*self.aliases, self.short_name, self.name) if name.strip()}

    def exists_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and not self.ended_before(day)

    def ended_before(self, day: date) -> bool:
        return self.valid_to is not None and self.valid_to < day

    def overlaps(self, other: Agency) -> bool:
        """Whether both existed on some day."""
        starts = max(self.valid_from or date.min, other.valid_from or date.min)
        return starts <= min(self.valid_to or date.max, other.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who a written name stands for on a day. ``agency`` is None for a name nobody has mapped.

    ``via_successor``: the agency named had ended, this one took over. ``needs_person``: it ended and nobody, or more
    than one, took over; ``agency`` is then the last certain one and a person must choose.
    """

    agency: Agency | None
    via_successor: bool
    needs_person: bool
    written: str


@dataclass(frozen=True)
class AgencyDirectory:
    """All agencies ever known. ``order``: code → place in the report."""

    agencies: tuple[Agency, ...]
    order: Mapping[str, int]
    _by_code: Mapping[str, Agency] = field(init=False, compare=False, repr=False)
    _by_name: Mapping[str, tuple[Agency, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        by_name: dict[str, tuple[Agency, ...]] = {}
        for agency in self.agencies:
            for written in agency.written:
                by_name[written] = (*by_name.get(written, ()), agency)
        object.__setattr__(self, "_by_code", {agency.code: agency for agency in self.agencies})
        object.__setattr__(self, "_by_name", by_name)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def resolve(self, name: str, day: date) -> Resolution:
        """The agency a written name stands for on a local day."""
        known = self._by_name.get(fold_name(name), ())
        for agency in known:
            if agency.exists_on(day):
                return Resolution(agency, via_successor=False, needs_person=False, written=name)
        ended = [agency for agency in known if agency.ended_before(day)]
        if not ended:
            return Resolution(None, via_successor=False, needs_person=False, written=name)
        named = agency = max(ended, key=lambda one: one.valid_to or date.min)
        passed = {agency.code}
        while not agency.exists_on(day):
            heir = self._by_code.get(agency.successors[0]) if len(agency.successors) == 1 else None
            if heir is None or heir.code in passed or not (heir.exists_on(day) or heir.ended_before(day)):
                return Resolution(agency, via_successor=agency is not named, needs_person=True, written=name)
            passed.add(heir.code)
            agency = heir
        return Resolution(agency, via_successor=True, needs_person=False, written=name)

    def current(self, code: str, day: date) -> str:
        """The agency that stands for ``code`` on a day: itself, or its single successor once it has ended. A name in
        no table ("?…") and an agency with several successors stay as they are."""
        seen: set[str] = set()
        while code in self and code not in seen:
            seen.add(code)
            agency = self.get(code)
            if not agency.ended_before(day) or len(agency.successors) != 1:
                break
            code = agency.successors[0]
        return code

    def get(self, code: str) -> Agency:
        """Raises KeyError for an unknown code."""
        return self._by_code[code]

    def name_of(self, code: str) -> str:
        """The full name; the name as written for "?" codes; the code itself if it is unknown."""
        agency = self._by_code.get(code)
        return agency.name if agency else code.removeprefix("?")

    def sort_key(self, code: str) -> tuple[int, int, str]:
        """Order of the report: everything that is no People's Committee, then those, then unknown codes; in each of
        them the configured order, then the name."""
        agency = self._by_code.get(code)
        group = 2 if agency is None else int(agency.kind.startswith("ubnd_"))
        return (group, self.order.get(code, len(self.order)), fold_name(self.name_of(code)))

    def is_commune_period(self, day: date) -> bool:
        """Whether communes and wards have taken the place of districts on that day."""
        return day >= COMMUNES_FROM
