"""Tables the office may edit in Excel: CSV, UTF-8, comma, one heading line. Every problem with file, line and field."""

from __future__ import annotations

import csv
import difflib
import importlib.resources
import io
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: ``place`` is file:line; every column asked for is there, a blank cell as ""."""

    place: str
    cells: Mapping[str, str]

    def wrong(self, field: str, problem: str) -> str:
        """A problem of one cell, as the operator reads it."""
        value = self.cells[field]
        return f"{self.place}: {field}: {problem}" + (f" (đang ghi: {value})" if value else "")


def read_rows(file: Path | None, supplied: str, key: str, columns: Sequence[str], problems: list[str]) -> list[Row]:
    """The lines of ``file``, or of the ``supplied`` table of that name. ``key``: the setting that names the file. What
    cannot be read goes into ``problems``; blank lines and columns nobody asked for are passed over."""
    name, rows, known = (str(file) if file else supplied), [], len(problems)
    try:
        text = (file or importlib.resources.files("connector.reference").joinpath(supplied)).read_text(
            encoding="utf-8-sig"
        )
    except UnicodeDecodeError:
        problems.append(f"{key}: {name} không phải UTF-8; trong Excel hãy lưu kiểu CSV UTF-8")
        return []
    except OSError as error:
        problems.append(f"{key}: không đọc được {name} ({error.strerror})")
        return []
    reader = csv.DictReader(io.StringIO(unicodedata.normalize("NFC", text), newline=""), strict=True)
    try:
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            problems.append(f"{name}:1: thiếu cột {', '.join(missing)}; các cột cách nhau bằng dấu phẩy")
            return []
        for cells in reader:
            place = f"{name}:{reader.line_num}"
            if None in cells:
                problems.append(f"{place}: thừa ô; ô có dấu phẩy phải đặt trong dấu nháy kép")
            elif any(cells.values()):
                rows.append(Row(place, {column: " ".join((cells[column] or "").split()) for column in columns}))
    except csv.Error as error:
        problems.append(f"{name}:{reader.line_num}: không đọc được dòng này, có thể thiếu dấu nháy kép ({error})")
    if not rows and len(problems) == known:
        problems.append(f"{name}: bảng không có dòng nào")
    return rows


def read_date(text: str) -> date | None:
    """An ISO date; None if it is none."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def read_parts(text: str) -> tuple[str, ...]:
    """The words between "|"."""
    return tuple(part.strip() for part in text.split("|") if part.strip())


def nearest(word: str, valid: Collection[str]) -> str:
    """The valid word that looks most like ``word``, as the end of a sentence, or ""."""
    found = difflib.get_close_matches(word, valid, n=1, cutoff=0.6)
    return f"; tên gần nhất: {found[0]}" if found else ""
