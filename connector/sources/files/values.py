"""Values as they are written in files → values of the wire. What cannot be read as its type stays the text it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.sources.files.wire import Value

_AS_DIGITS = 10**21  # beyond that nobody reads the digits


def number(value: float | str) -> Value:
    """Whole numbers as int: spreadsheets keep 3 as 3.0. Text that is no number comes back as it is."""
    if isinstance(value, str):
        digits = value.strip()
        if digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) < 20:
            return int(digits)
        try:
            value = float(digits)
        except ValueError:
            return value or None
    return int(value) if -_AS_DIGITS < value < _AS_DIGITS and value.is_integer() else value


def moment(value: datetime) -> Value:
    """To the second, as shown; a day at midnight is a day. What lacks less than a millisecond of a second is one that
    was counted in parts of a day; 23:59:59.997 is the end of its day."""
    if value.microsecond:
        value += timedelta(microseconds=999)
    if (value.hour, value.minute, value.second) == (0, 0, 0):
        return (value.year, value.month, value.day)
    return (value.year, value.month, value.day, value.hour, value.minute, value.second)


def iso_moment(text: str) -> Value:
    """2022-02-28 or 2022-02-28T14:30:00.000; anything else comes back as it is."""
    try:
        return moment(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return text or None
