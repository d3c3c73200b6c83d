"""A TOML file people edit: read, and everything that is wrong with it told at once with file, line and nearest name."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from connector.errors import SettingsError
from connector.settings.checks import Finding
from connector.settings.toml_lines import Place, TomlLines
from connector.settings.words import describe, unknown_key

_TOML_HINTS = {
    "after a key": "sau tên khóa phải có dấu =",
    "Invalid value": "giá trị sai; chữ và giờ phải đặt trong dấu nháy kép",
    "Expected newline": "thừa chữ sau giá trị; chữ và giờ phải đặt trong dấu nháy kép",
    "Cannot overwrite": "khóa này đã được khai ở trên",
    "twice": "mục này đã được khai ở trên",
    "Illegal character": "có ký tự không hợp lệ, có thể thiếu dấu nháy kép ở cuối",
    "Unterminated": "thiếu dấu nháy kép ở cuối",
    "Unescaped": "trong dấu nháy kép, dấu \\ phải viết thành \\\\",
    "Unclosed": "thiếu dấu đóng ngoặc",
}


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """The values as written. Raises SettingsError with the line of the first mistake."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _bad_toml(path, text, str(error))


def read_text(path: Path) -> str:
    """The text in NFC. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError([f"{path}: không đọc được tệp: {error.strerror}"], path=path) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: tệp không phải UTF-8; hãy lưu lại với bảng mã UTF-8"], path=path) from error
    return unicodedata.normalize("NFC", text)


def _bad_toml(path: Path, text: str, cause: str) -> NoReturn:
    found = re.search(r"line (\d+)", cause)
    line = int(found[1]) if found else text.rstrip().count("\n") + 1  # "at end of document"
    hint = next((words for sign, words in _TOML_HINTS.items() if sign in cause), "sai cú pháp TOML")
    raise SettingsError([f"{path}:{line}: {hint} ({cause})"], path=path) from None


def in_words(model: type[BaseModel], error: ValidationError, raw: dict[str, Any]) -> Iterator[Finding]:
    """The problems pydantic found, one per place; the members of a union make one sentence."""
    words: dict[Place, list[str]] = {}
    for item in error.errors(include_url=False):
        place = _place(item["loc"], raw, missing=item["type"] == "missing")
        if item["type"] == "extra_forbidden":
            text = unknown_key(model, place)
        else:
            text = describe(item, str(next((s for s in reversed(place) if isinstance(s, str)), "")))
        words.setdefault(place, []).append(text)
    for place, texts in words.items():
        if not any(len(other) > len(place) and other[: len(place)] == place for other in words):
            yield place, " hoặc ".join(dict.fromkeys(texts))


def _place(loc: tuple[int | str, ...], raw: Any, *, missing: bool) -> Place:
    """Where in the file: pydantic's location without the names of union members, which stand in no file."""
    place: Place = ()
    for number, step in enumerate(loc, 1):
        known = isinstance(raw, dict) and step in raw
        if known or (isinstance(raw, list) and isinstance(step, int) and step < len(raw)):
            raw, place = raw[step], (*place, step)
        elif missing and number == len(loc):
            place = (*place, step)
    return place


def raise_any(findings: Sequence[Finding], path: Path | None, text: str) -> None:
    """Raises SettingsError with all findings in the order of their lines in ``text``; nothing for none."""
    if not findings:
        return
    lines = TomlLines(text)
    problems: dict[str, int] = {}
    for place, words in findings:
        line = lines.line(place)
        name = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        problems.setdefault(f"{where}{name}: {words}", line or 0)
    raise SettingsError(sorted(problems, key=problems.__getitem__), path=path)
