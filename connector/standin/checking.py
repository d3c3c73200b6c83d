"""JSON into dataclasses, with every mistake named by its place, in Vietnamese: for knobs and profiles.

A problem reads "place — words": after a colon the redaction of messages would take words behind "token_…" for a secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Annotated, Any, TypeVar

from pydantic import Strict, TypeAdapter, ValidationError, WrapValidator
from pydantic_core import ErrorDetails

from connector.errors import TimelineError
from connector.settings.words import describe, nearest

T = TypeVar("T")
Json = dict[str, Any]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Switch = Annotated[bool, Strict()]
_TYPES = {
    "string": "phải là chữ trong dấu nháy kép",
    "int": "phải là số nguyên",
    "float": "phải là số",
    "bool": "phải là true hoặc false",
    "tuple": "phải là danh sách trong ngoặc vuông",
    "list": "phải là danh sách trong ngoặc vuông",
    "dict": "phải là đối tượng trong ngoặc nhọn",
    "dataclass": "phải là đối tượng trong ngoặc nhọn",
}


def _located(value: Any, build: Callable[[Any], Any]) -> Any:
    try:
        return build(value)
    except TimelineError as error:
        raise ValueError(str(error)) from error


Located = WrapValidator(_located)
"""Gives a TimelineError of a dataclass inside another its place; its text begins with the name of the field."""


def hint(name: str, valid: Iterable[str]) -> str:
    """The end of a sentence: the valid name most like ``name``, or all of them."""
    names = list(valid)
    close = nearest(name, names)
    return f"; tên gần nhất: {close}" if close else f"; các tên hợp lệ: {', '.join(names)}"


def read(
    adapter: TypeAdapter[T], values: Any, owners: Mapping[str, type]
) -> tuple[T, list[str]] | tuple[None, list[str]]:
    """The dataclass made of ``values``, or None and all problems. ``owners``: the dataclass below each key, "" for the
    outermost."""
    try:
        return adapter.validate_json(json.dumps(values)), []
    except ValidationError as error:
        return None, [_words(one, owners) for one in error.errors(include_url=False)]


def _words(error: ErrorDetails, owners: Mapping[str, type]) -> str:
    place, kind = error["loc"], error["type"]
    name = str(place[-1]) if place else ""
    if kind == "value_error" and (not place or isinstance(place[-1], int)):
        return _place((*place, str(error["ctx"]["error"])))  # of a dataclass: begins with the name of the field
    if kind == "unexpected_keyword_argument":
        owner = owners[next((one for one in reversed(place[:-1]) if isinstance(one, str)), "")]
        return f"{_place(place)} — không có khóa này{hint(name, [one.name for one in fields(owner) if one.init])}"
    known = _TYPES.get(kind.split("_")[0]) if kind.endswith("_type") else None
    return f"{_place(place)} — {known or describe(error, name)}".removeprefix(" — ")


def _place(parts: Iterable[str | int]) -> str:
    return " → ".join(f"mục {part + 1}" if isinstance(part, int) else part for part in parts)
