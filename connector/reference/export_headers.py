"""Headers of exports: which column of a file means what. The supplied table, and the office's own on top of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from connector.errors import SettingsError
from connector.normalise.exports.columns import TITLES, Synonyms, Table, written_form
from connector.reference.csv_rows import Row, nearest, read_parts, read_rows

KEY = "imports.headers_file"
"""The setting that names the office's table."""
_SUPPLIED = "export_headers.csv"
_COLUMNS = ("table", "field", "headers")


def load_export_headers(file: Path | None) -> Synonyms:
    """``file``: the office's table (columns table, field, headers; headers parted by "|"), read on top of the supplied
    one: a header it lists means what it says there. None: the supplied table only. Raises SettingsError with every
    problem."""
    problems: list[str] = []
    known: dict[Table, dict[str, str]] = {table: {} for table in TITLES}
    for source in (None, file) if file else (None,):
        places: dict[tuple[str, str], tuple[str, Row]] = {}
        for row in read_rows(source, _SUPPLIED, KEY, _COLUMNS, problems):
            wrong = list(_problems(row, places))
            problems += wrong
            if not wrong:
                table = cast(Table, row.cells["table"])
                headers = {written_form(header): header for header in read_parts(row.cells["headers"])}
                known[table] = {h: field for h, field in known[table].items() if written_form(h) not in headers}
                known[table] |= dict.fromkeys(headers.values(), row.cells["field"])
    if problems:
        raise SettingsError(problems)
    return Synonyms(known)


def _problems(row: Row, places: dict[tuple[str, str], tuple[str, Row]]) -> Iterator[str]:
    """What is wrong with a row; ``places`` (table, header as compared) → (field, row) of the rows before."""
    table, field, headers = row.cells["table"], row.cells["field"], read_parts(row.cells["headers"])
    if table not in TITLES:
        yield row.wrong("table", f"phải là một trong {', '.join(TITLES)}{nearest(table, TITLES)}")
        return
    fields = TITLES[cast(Table, table)]
    if field not in fields:
        yield row.wrong("field", f"phải là một trong {', '.join(fields)}{nearest(field, fields)}")
    if not headers:
        yield row.wrong("headers", "thiếu tên cột; nhiều tên cách nhau bằng dấu |")
    for header in headers:
        other, first = places.setdefault((table, written_form(header)), (field, row))
        if other != field:
            yield row.wrong("headers", f"tên cột “{header}” đã dùng cho {other} ở {first.place}")
