"""Causes as an admin reads them."""

from __future__ import annotations

import pytest

from connector.views_problems import problem_text


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (
            "task 12, 13 (+4): flow: no complete answer within 60 s",
            "nhiệm vụ 12, 13 (+4): tiến độ: không trả lời trọn vẹn trong 60 giây",
        ),
        ("document 9: log: code 7: Không có quyền", "văn bản 9: nhật ký xử lý: mã lỗi 7: Không có quyền"),
        ("vnpt/u/1001/dagiao: HTTP 500", "vnpt/u/1001/dagiao: HTTP 500"),
        (
            "vnpt/u/5501/dagiao: cannot switch to identity 5501: code 1: Không được phép",
            "vnpt/u/5501/dagiao: không chuyển được sang vai trò kiêm nhiệm 5501: mã lỗi 1: Không được phép",
        ),
        (
            "vnpt/u/1001/dagiao: HTTP 200 with an HTML page instead of the envelope (812 bytes)",
            "vnpt/u/1001/dagiao: trả lời bằng một trang web",
        ),
        ("vnpt/u/1001/DI: danh sách thay đổi liên tục trong 6 lần đọc",) * 2,
    ],
)
def test_a_cause_is_told_in_vietnamese_and_names_stay(problem: str, told: str) -> None:
    assert problem_text(problem) == told
