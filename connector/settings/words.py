"""What is wrong with a setting, in Vietnamese: the words for every kind of problem, and the nearest valid name."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.settings.toml_lines import Place

_UNITS = {
    "_seconds": "giây",
    "_hours": "giờ",
    "working_days": "ngày làm việc",
    "calendar_days": "ngày lịch",
    "months": "tháng",
    "times": "lần",
    "_minutes": "phút",
    "_days": "ngày",
    "_mb": "MB",
    "_per_second": "yêu cầu mỗi giây",
    "_page_size": "dòng",
    "attempts": "lần",
}
_LIMITS = {"greater_than": ("lớn hơn", "gt"), "greater_than_equal": ("từ", "ge"), "less_than": ("nhỏ hơn", "lt")}
_TYPES = {
    "string": 'phải là chữ, đặt trong dấu nháy kép, ví dụ "abc"',
    "int": "phải là số nguyên, không đặt trong dấu nháy",
    "float": "phải là số, không đặt trong dấu nháy (phần thập phân dùng dấu chấm)",
    "bool": "phải là true hoặc false",
    "list": 'phải là danh sách trong ngoặc vuông, ví dụ ["a", "b"]',
    "tuple": 'phải là danh sách trong ngoặc vuông, ví dụ ["a", "b"]',
    "dict": 'phải là một bảng: mục [tên.mục] riêng hoặc { "nhãn" = "giá trị" }',
    "model": "phải là một mục: dòng [tên.mục] rồi đến các khóa của mục",
    "date": "phải là ngày, viết năm-tháng-ngày và không đặt trong dấu nháy, ví dụ 2027-01-01",
    "datetime": "phải là ngày giờ, không đặt trong dấu nháy, ví dụ 2027-01-04 07:30:00",
    "time": 'phải là giờ trong ngày dạng "HH:MM", ví dụ "22:30"',
    "path": "phải là đường dẫn, đặt trong dấu nháy kép",
}


def unit(name: str) -> str:
    """Unit of a setting by its name, in Vietnamese; "" if it has none."""
    return next((word for suffix, word in _UNITS.items() if name.endswith(suffix)), "")


def nearest(name: str, valid: Iterable[str]) -> str:
    """The valid name that looks most like ``name``, or ""."""
    found = difflib.get_close_matches(name.casefold(), {v.casefold(): v for v in valid}, n=1, cutoff=0.6)
    return next((v for v in valid if found and v.casefold() == found[0]), "")


def describe(error: Mapping[str, Any], name: str) -> str:
    """A pydantic error of the key ``name`` in words. Prints no value except words that are one of a fixed few."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "thiếu khóa bắt buộc này"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        words = [word.strip("' ") for word in context["expected"].replace(" or ", ", ").split(",")]
        close = nearest(str(error["input"]), words)
        return f"phải là một trong: {', '.join(words)}" + (f" (gần nhất: {close})" if close else "")
    if kind == "less_than_equal":
        return _with_unit(f"phải không quá {_number(context['le'])}", name)
    if kind in _LIMITS:
        words_, key = _LIMITS[kind]
        return _with_unit(f"phải {words_} {_number(context[key])}", name) + (" trở lên" if key == "ge" else "")
    if kind == "too_short":
        return f"phải có ít nhất {context['min_length']} mục"
    return _TYPES.get(kind.split("_")[0], f"giá trị không hợp lệ ({error['msg']})")


def unknown_key(model: type[BaseModel], place: Place) -> str:
    """Words for a key that does not exist: the nearest valid name, or the section it belongs to."""
    name = str(place[-1])
    fields = fields_at(model, place[:-1]) or {}
    if close := nearest(name, fields):
        return f"không có khóa này; tên gần nhất: {close}"
    owner = next((dotted for dotted in setting_names(model) if dotted.rsplit(".", 1)[-1] == name), "")
    if owner and owner != name and owner.split(".")[-2:-1] != [str(step) for step in place[-2:-1]]:
        return f"không có khóa này ở đây; khóa thuộc mục [{owner.rsplit('.', 1)[0]}]"
    return f"không có khóa này; các khóa hợp lệ: {', '.join(fields)}"


def setting_names(model: type[BaseModel]) -> list[str]:
    """Dotted names of all settings; ``*`` for a name the operator chooses and for each entry of a list."""
    return [".".join(place) for place in _places(model, ())]


def _places(annotation: Any, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if inner := _model(annotation):
        for name, info in inner.model_fields.items():
            yield from _places(info.annotation, (*place, name))
    elif _model(entry := _entry(annotation)):
        yield from _places(entry, (*place, "*"))
    else:
        yield place


def fields_at(model: type[BaseModel], place: Place) -> dict[str, FieldInfo] | None:
    """The keys a table may have; None where the operator chooses the keys or where there is no table."""
    found = _model(annotation_at(model, place))
    return None if found is None else dict(found.model_fields)


def annotation_at(model: type[BaseModel], place: Place) -> Any:
    """The type of the value at a place; None where nothing is known."""
    annotation: Any = model
    for step in place:
        if found := _model(annotation):
            info = found.model_fields.get(str(step))
            annotation = info.annotation if info else None
        else:
            annotation = _entry(annotation)
    return annotation


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _entry(annotation: Any) -> Any:
    """Type of the entries of a list, tuple or dict."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return next((_entry(arg) for arg in args if get_origin(arg) in (list, tuple, dict)), None)
    if origin in (list, tuple):
        return args[0]
    return args[1] if origin is dict else None


def _with_unit(text: str, name: str) -> str:
    return f"{text} {unit(name)}".rstrip()


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")
