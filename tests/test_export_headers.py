"""The table of headers: the supplied one, the office's own on top, and what is said about a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import SettingsError
from connector.normalise.exports.columns import TITLES
from connector.reference.export_headers import load_export_headers

HEADING = "table,field,headers,source"


def office(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "ten_cot.csv"
    file.write_text("\n".join([HEADING, *rows]) + "\n", encoding="utf-8")
    return file


def problems(tmp_path: Path, *rows: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_export_headers(office(tmp_path, *rows))
    return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_the_supplied_table_knows_every_field() -> None:
    known = load_export_headers(None).headers
    assert {table: set(headers.values()) for table, headers in known.items()} == {
        table: set(titles) for table, titles in TITLES.items()
    }


def test_the_headers_of_the_real_export_are_in_it() -> None:
    known = load_export_headers(None)
    real = {"Trích yếu": "subject", "Số ký hiệu": "notation", "Văn bản ký số": "signed", "Ngày ban hành": "issued_on",
            "Đơn vị ban hành": "issuer", "STT": "number", "NGUOI_KY_CHINH": "other"}  # fmt: skip
    assert {header: known.field_of("document", header) for header in real} == real


def test_the_office_adds_headers_and_its_meaning_wins(tmp_path: Path) -> None:
    own = load_export_headers(office(tmp_path, "task,due_on,Bao giờ xong|Ngày kết thúc,", "task,lead,Ai làm,"))
    assert own.field_of("task", "bao giờ xong") == "due_on"
    assert own.field_of("task", "Ngày kết thúc") == "due_on"
    assert own.field_of("task", "Ai làm") == "lead"
    assert own.field_of("task", "Tên nhiệm vụ") == "name"


def test_every_problem_is_told_with_its_line_and_the_nearest_word(tmp_path: Path) -> None:
    assert problems(
        tmp_path, "tasks,name,Việc,", "task,nam,Việc,", "task,name,,", "task,lead,Ai,", "task,name,AI:,"
    ) == [
        "ten_cot.csv:2: table: phải là một trong task, document; tên gần nhất: task (đang ghi: tasks)",
        f"ten_cot.csv:3: field: phải là một trong {', '.join(TITLES['task'])}; tên gần nhất: name (đang ghi: nam)",
        "ten_cot.csv:4: headers: thiếu tên cột; nhiều tên cách nhau bằng dấu |",
        f"ten_cot.csv:6: headers: tên cột “AI:” đã dùng cho lead ở {tmp_path}/ten_cot.csv:5 (đang ghi: AI:)".replace(
            f"{tmp_path}/", ""
        ),
    ]


def test_a_missing_file_is_told_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"imports\.headers_file"):
        load_export_headers(tmp_path / "nirgends.csv")
