"""What a run could not read, in Vietnamese. The causes are kept in English with the run, for log and engineers."""

from __future__ import annotations

import re

_KINDS = {"task": "nhiệm vụ", "document": "văn bản"}
_PARTS = {
    "detail": "chi tiết", "flow": "tiến độ", "processors": "đơn vị xử lý", "children": "việc con", "files": "tệp kèm",
    "log": "nhật ký xử lý", "related": "văn bản liên quan",
}  # fmt: skip
_RECORDS = re.compile(r"(task|document) ([^:]+): (\w+): (.*)", re.DOTALL)
_CAUSES = (
    (re.compile(r"no complete answer within (\S+) s"), r"không trả lời trọn vẹn trong \1 giây"),
    (re.compile(r"connection failed: (.*)"), r"mất kết nối (\1)"),
    (re.compile(r"cannot switch to identity (\S+): "), r"không chuyển được sang vai trò kiêm nhiệm \1: "),
    (re.compile(r"\bcode (\S+): "), r"mã lỗi \1: "),
    (re.compile(r"HTTP 200 with an HTML page instead of the envelope \(\d+ bytes\)"), "trả lời bằng một trang web"),
    (re.compile(r"HTTP 200 with (?:an empty body|.*JSON) instead of the envelope \(\d+ bytes\)"), "trả lời sai dạng"),
    (re.compile(r"the answer is larger than (\S+) MB"), r"câu trả lời lớn hơn \1 MB"),
    (re.compile(r"data is no list"), "câu trả lời không phải danh sách"),
    (re.compile(r"its identity is not read any more"), "vai trò kiêm nhiệm này không còn được đọc"),
    (re.compile(r"new tokens are refused again and again"), "phiên đăng nhập mới liên tục bị từ chối"),
)


def problem_text(problem: str) -> str:
    """One line of ``SyncResult.problems``."""
    records = _RECORDS.fullmatch(problem)
    if records is not None and records[3] in _PARTS:
        problem = f"{_KINDS[records[1]]} {records[2]}: {_PARTS[records[3]]}: {records[4]}"
    for pattern, text in _CAUSES:
        problem = pattern.sub(text, problem)
    return problem
