"""Documents named in a text: number and notation, date, and whose document the text says it is. Pure.

Offices write them in many ways: "Công văn số 15/UBND-TH ngày 02/9/2025", "15/UBND-TH, 02/09/2025", "số 15 /UBND-TH của
UBND tỉnh ngày 2 tháng 9 năm 2025". Taking too much for a reference does no harm: a link needs the number *and* the date
of a document that exists. Every repeat in the patterns is bounded, so the time grows with the text and no faster.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from connector.domain.notation import DASH, fold_notation

NAMED = re.compile(r"\bsố[:\s]*\d[^\n;]{0,80}?\bngày\s+\d{1,2}", re.IGNORECASE)
"""A document named in any form the office may use: enough as evidence of a result, not enough for a link."""

_NUMBER = re.compile(
    r"(?<![\w/-])(?<!\d[ .])(?P<number>\d{1,7}[A-Za-zĐđ]?)\s?/\s?"
    r"(?P<rest>(?:\d{4}\s?/\s?)?[^\s,;()<>\"“”]{1,60}?(?:\s?-\s?[A-ZĐ]{1,8})?)(?=(?i:ngày)\s?\d|[\s,;()<>\"“”]|$)"
)
_DATE = re.compile(
    r"\s?[,:(-]?\s?(?:của\s(?P<by>[^\n\d,;.:()]{1,80}?)\s(?=ngày|ký|đề|ban hành))?"
    r"(?:(?:ký|đề|ban hành)\s)?(?:ngày\s?)?"
    r"(?P<day>\d{1,2})\s?(?:[/.-]|tháng)\s?(?P<month>\d{1,2})\s?(?:[/.-]|,?\s?năm)\s?(?P<year>\d{4})",
    re.IGNORECASE,
)
_ISSUER = re.compile(r"\)?,?\scủa\s(?P<by>[^\n\d,;.:()]{1,80})", re.IGNORECASE)
_SAID = re.compile(r"(?<!\w)số\s?:?\s?$", re.IGNORECASE)
_WORD = re.compile(r"\d{4}\s?/|[^\W\d_]")
_JOINED = re.compile(r"(?:[\s,;:]|và|số|công văn|văn bản|cv){1,30}", re.IGNORECASE)

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});", re.ASCII)
_TAG = re.compile(
    r"</?(?:(?P<inline>span|b|i|u|s|a|strong|em|font|sup|sub|small|big|label|o:p)|p|div|li|ul|ol|tr|td|th|table|h\d|br)"
    r"(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Reference:
    """A document named in a text. ``notation`` folded; ``day`` None: no date, or an impossible one. ``words`` as
    written, beginning at ``position`` of the text as ``plain`` gives it. ``issuer``: the words after "của", which may
    run on; "" if there are none."""

    notation: str
    day: date | None
    words: str
    position: int
    issuer: str = ""


def references(text: str) -> tuple[Reference, ...]:
    """Every document named, in order, each notation and date once. In "số 15/UBND-TH và 16/UBND-TH ngày 02/9/2025" the
    date belongs to both."""
    readable = plain(text)
    found: list[Reference] = []
    ends: list[int] = []
    for match in _NUMBER.finditer(readable):
        said = _SAID.search(readable, max(0, match.start() - 6), match.start())
        if said is not None or _WORD.match(match["rest"]):  # otherwise a date or a fraction
            found.append(_reference(readable, match, said.start() if said else match.start()))
            ends.append(match.end())
    for place in reversed(range(len(found) - 1)):
        one, following = found[place], found[place + 1]
        if one.day is None and _JOINED.fullmatch(readable, ends[place], following.position):
            found[place] = replace(one, day=following.day, issuer=following.issuer)
    once: dict[tuple[str, date | None], Reference] = {}
    for one in found:
        once.setdefault((one.notation, one.day), one)
    return tuple(once.values())


def _reference(text: str, match: re.Match[str], start: int) -> Reference:
    notation = fold_notation(f"{match['number']}/{match['rest']}")
    dated = _DATE.match(text, match.end())
    if dated is None:
        return Reference(notation, None, " ".join(text[start : match.end()].split()), start)
    issuer = dated["by"] or ""
    if not issuer and (named := _ISSUER.match(text, dated.end())):
        issuer = named["by"]
    try:
        day = date(int(dated["year"]), int(dated["month"]), int(dated["day"]))
    except ValueError:
        day = None
    return Reference(notation, day, " ".join(text[start : dated.end()].split()), start, issuer)


def plain(text: str) -> str:
    """The form in which a text is searched: NFC, entities and tags that are left over resolved, hyphens for every
    kind of dash, single blanks, lines kept."""
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if "<" in text:
        text = _TAG.sub(lambda match: "" if match["inline"] else "\n", text)
    text = DASH.sub("-", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    return "\n".join(" ".join(line.split()) for line in text.splitlines())
