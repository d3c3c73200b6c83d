"""One value of the wire → one value of ours, or a FieldError that says in Vietnamese what is wrong. Pure.

Every function takes the value and the wire's name of its field. Text is NFC, without entities, invisible characters
or doubled blanks.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

_NOTHING = frozenset({"", "null", "none"})  # the source writes these words for a missing value
_TRUE = frozenset({"true", "1"})
_FALSE = frozenset({"false", "0"}) | _NOTHING
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_WHOLE = re.compile(r"(\d+)\.0+", re.ASCII)
_SHOWN = 60
_REMEMBERED = 2048
"""Values whose reading is remembered: labels, names and dates return in thousands of rows."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});", re.ASCII)

_BLOCKS = "p|div|li|ul|ol|tr|table|tbody|thead|h[1-6]|blockquote|pre|hr|br"
_INLINE = "span|b|i|u|s|a|strong|em|font|sup|sub|img|td|th|col|colgroup|small|big|center|label|o:p|html|body|head|meta"
_DROPPED = re.compile(r"<!--.*?-->|<(style|script|title)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCKS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE)


class FieldError(ValueError):
    """``problem`` in Vietnamese; ``str`` names field, problem and (shortened) value."""

    def __init__(self, field: str, value: Any, problem: str) -> None:
        shown = value if isinstance(value, str) else repr(value)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        super().__init__(f"{field}: {problem}" + ("" if value is None else f" (giá trị: {shown})"))
        self.field = field
        self.value = value
        self.problem = problem


class Moment(NamedTuple):
    """A date, and the aware moment if a time stood beside it. Both None: there was no value."""

    on: date | None
    at: datetime | None


def clean(text: str) -> str:
    """NFC, single blanks, nothing invisible."""
    line = _visible(text)
    if "  " not in line and line.isprintable():  # the usual case: the only blank that can be printed is " "
        return line.strip(" ")
    return " ".join(line.split())


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFC", text)
    if plain.isprintable():
        return plain  # the usual case
    return "".join(
        character if character in "\n\t" or (kind := unicodedata.category(character))[0] != "C"
        else "" if kind == "Cf"
        else " "
        for character in plain
    )  # fmt: skip


def unescape(text: str) -> str:
    """Entities → characters, only where a semicolon ends them: the standard library also takes the "&GT" of
    "XD&GTVT" for one."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def text(value: Any, field: str) -> str:
    """A line of text, "" if there is none. Numbers are taken as written."""
    return _line(_string(value, field))


@lru_cache(maxsize=_REMEMBERED)
def _line(text: str) -> str:
    return clean(unescape(text))


def required_text(value: Any, field: str) -> str:
    if not (found := text(value, field)):
        raise FieldError(field, value, "bắt buộc nhưng để trống")
    return found


def optional_text(value: Any, field: str) -> str:
    """Like ``text``, for fields in which the source writes "null" or "none" for nothing."""
    return optional_line(_string(value, field))


@lru_cache(maxsize=_REMEMBERED)
def optional_line(text: str) -> str:
    """The same of a value that is known to be text."""
    found = _line(text)
    return "" if found.casefold() in _NOTHING else found


def html_text(value: Any, field: str) -> str:
    """Text that may hold HTML, as plain lines. What only looks like a tag ("<bản trình>") stays."""
    markup = _string(value, field)
    if "<" in markup:
        markup = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", _DROPPED.sub(" ", markup)))
    lines = (clean(line) for line in unescape(markup).splitlines())
    found = "\n".join(line for line in lines if line)
    return "" if found.casefold() in _NOTHING else found


def _string(value: Any, field: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    raise FieldError(field, value, "không phải văn bản")


def _number(value: float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def optional_id(value: Any, field: str) -> str:
    """An id as text, "" if there is none: the source writes 123, "123" and sometimes 123.0 for the same thing."""
    if type(value) is str and value.isascii() and value.isdigit():
        return value  # nearly always
    found = clean(_string(value, field))
    if found.casefold() in _NOTHING:
        return ""
    whole = _WHOLE.fullmatch(found)
    return whole[1] if whole else found


def required_id(value: Any, field: str) -> str:
    if not (found := optional_id(value, field)):
        raise FieldError(field, value, "thiếu mã")
    return found


def flag(value: Any, field: str) -> bool:
    """True, "TRUE", "true", "1" or 1; nothing at all counts as False."""
    word = str(value).strip().casefold() if isinstance(value, bool | str | int) else "" if value is None else "?"
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise FieldError(field, value, "không phải giá trị đúng/sai")


def moment(value: Any, field: str, zone: ZoneInfo) -> Moment:
    """``d/M/yyyy[ HH:mm[:ss]]``, local time of ``zone``."""
    if value is not None and not isinstance(value, str):
        raise FieldError(field, value, "không phải ngày dạng ngày/tháng/năm")
    return _moment(value, field, zone)


@lru_cache(maxsize=_REMEMBERED)
def _moment(value: str | None, field: str, zone: ZoneInfo) -> Moment:
    found = clean(value or "")
    if found.casefold() in _NOTHING:
        return Moment(None, None)
    match = _DATE.fullmatch(found)
    if match is None:
        raise FieldError(field, value, "không đọc được ngày, cần dạng ngày/tháng/năm [giờ:phút[:giây]]")
    day, month, year, hour, minute, second = (int(part) if part else 0 for part in match.groups())
    try:
        on = date(year, month, day)
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone) if match[4] else None
    except ValueError as error:
        raise FieldError(field, value, "ngày giờ không có thật") from error
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise FieldError(field, value, f"năm nằm ngoài khoảng {_FIRST_YEAR}-{_LAST_YEAR}")
    return Moment(on, at)


def records(value: Any, field: str) -> list[Mapping[str, Any]]:
    """A list of JSON objects; null, and the words for nothing, count as an empty list."""
    if value is None or (isinstance(value, str) and value.strip().casefold() in _NOTHING):
        return []
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise FieldError(field, value, "không phải danh sách")
    for row in value:
        if not isinstance(row, Mapping):
            raise FieldError(field, row, "danh sách có phần tử không phải bản ghi")
    return list(value)
