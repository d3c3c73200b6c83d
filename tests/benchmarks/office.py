"""What the benchmark's server says: an invented office of any size, as ready-made bytes. Pure.

Rows are as long as real ones (400 to 600 bytes, Vietnamese), and no two answers are equal: a contestant must not win
by storing one text for all.
"""

from __future__ import annotations

import json
from typing import Any

DONE, OPEN = "Đã hoàn thành", "Đang thực hiện"
TOKEN = "tok-benchmark"
FIRST_ID = 100_000
"""Id of task 0 on the wire."""

_WORKS = (
    "Tham mưu báo cáo kết quả thực hiện công tác cải cách hành chính, kiểm soát thủ tục hành chính",
    "Rà soát, cập nhật danh mục dịch vụ công trực tuyến toàn trình trên Cổng dịch vụ công của tỉnh",
    "Xây dựng kế hoạch phòng, chống thiên tai và tìm kiếm cứu nạn, phương án sơ tán dân vùng sạt lở",
    "Tổng hợp ý kiến góp ý dự thảo Nghị quyết của Hội đồng nhân dân tỉnh về phân bổ ngân sách",
    "Kiểm tra, đôn đốc tiến độ giải ngân vốn đầu tư công các dự án trọng điểm trên địa bàn",
    "Giải quyết đơn kiến nghị của công dân về bồi thường, hỗ trợ và tái định cư khi thu hồi đất",
    "Chuẩn bị nội dung phiên họp thường kỳ của Ủy ban nhân dân tỉnh và dự thảo thông báo kết luận",
)
_UNITS = ("Sở Nội vụ", "Sở Tài chính", "Sở Xây dựng", "Sở Nông nghiệp và Môi trường", "UBND xã Thử Nghiệm")
_FLOW = (
    "Đã tiếp nhận và phân công chuyên viên xử lý theo Công văn số {task}/UBND-TH, đang tổng hợp số liệu",
    "Đã gửi dự thảo báo cáo xin ý kiến các phòng chuyên môn và đơn vị phối hợp, lần cập nhật thứ {version}",
    "Đã trình lãnh đạo ký ban hành, gửi kết quả về Văn phòng UBND tỉnh qua hệ thống quản lý văn bản",
)


def envelope(data: Any) -> bytes:
    return _json({"status": {"code": "0", "message": "Thành công"}, "data": data})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


_BEFORE, _AFTER = envelope([]).split(b"[]")


class Office:
    """``tasks`` given by us, all finished or all open. ``cap``: the longest page that is handed out."""

    def __init__(self, tasks: int, *, finished: bool = True, cap: int = 1000) -> None:
        self.tasks = tasks
        self._label = DONE if finished else OPEN
        self._cap = cap
        self._versions = [1] * tasks
        self._rows = [self._row(task) for task in range(tasks)]
        self._flows = tuple(self._flow_template(number) for number in range(len(_UNITS)))

    def change(self, count: int) -> int:
        """Give ``count`` tasks, spread evenly, a new deadline and a new progress report; how many there were."""
        changed = range(0, self.tasks, max(1, self.tasks // count)) if count else range(0)
        for task in changed[:count]:
            self._versions[task] += 1
            self._rows[task] = self._row(task)
        return len(changed[:count])

    def page(self, number: int, size: int) -> bytes:
        size = min(size, self._cap)
        return _BEFORE + b"[" + b",".join(self._rows[(number - 1) * size : number * size]) + b"]" + _AFTER

    def flow(self, task: int) -> bytes:
        """Progress history of a task: two or three lines."""
        version = self._versions[task]
        return self._flows[task % len(self._flows)] % {b"task": task, b"version": version}

    def processors(self, task: int) -> bytes:
        lead, other = _UNITS[task % 5], _UNITS[(task + 2) % 5]
        line = {"status": self._label, "startDate": "03/02/2025", "endDate": _due(task, self._versions[task])}
        return envelope([{"name": lead, "vaiTro": "Chủ trì", **line}, {"name": other, "vaiTro": "Phối hợp", **line}])

    def detail(self, task: int) -> bytes:
        content = f"Thực hiện theo Công văn số {task}/UBND-TH ngày 02/02/2025 của UBND tỉnh. {_WORKS[task % 7]}."
        names = {"priority": "mucDo", "ngayGiaoViec": "startDate", "ngayHetHan": "endDate"}
        row = self._fields(task)
        same = {name: row[name] for name in ("name", "status", "lanhDaoGiaoViec", "statusDanhGia", "noiDungDanhGia")}
        return envelope({**same, **{name: row[old] for name, old in names.items()}, "noiDung": content, "files": []})

    def _row(self, task: int) -> bytes:
        return _json(self._fields(task))

    def _fields(self, task: int) -> dict[str, Any]:
        return {
            "id": str(FIRST_ID + task),
            "nxlId": None,
            "name": f"{_WORKS[task % 7]} (nhiệm vụ số {task} theo Thông báo kết luận số {task % 900 + 1}/TB-UBND)",
            "status": self._label,
            "vaitro": "Người giao",
            "chuTri": _UNITS[task % 5],
            "lanhDaoGiaoViec": "UBND tỉnh",
            "startDate": "03/02/2025",
            "endDate": _due(task, self._versions[task]),
            "mucDo": "Thường",
            "dondoc": False,
            "statusDanhGia": None,
            "noiDungDanhGia": None,
        }

    def _flow_template(self, number: int) -> bytes:
        lines = [
            {
                "name": _UNITS[number],
                "content": text.format(task="%(task)d", version="%(version)d"),
                "status": self._label,
                "startDate": "03/02/2025",
                "endDate": "20/03/2025",
                "files": [],
            }
            for text in _FLOW[: 2 + number % 2]
        ]
        return envelope(lines)


def _due(task: int, version: int) -> str:
    """A deadline that every change moves by a day."""
    day = (task + version) % 28 + 1
    return f"{day:02d}/{3 + (task // 28) % 9:02d}/2025"


WELCOME = {
    "username": "do-toc-do", "fullName": "Tài khoản đo tốc độ", "unitId": "1200", "unitName": "Văn phòng UBND tỉnh",
    "token": TOKEN, "kho": [], "switchUser": [], "menu": [],
}  # fmt: skip

STATUSES = envelope([
    {"name": "Tất cả", "value": -1}, {"name": "Chưa thực hiện", "value": 0}, {"name": OPEN, "value": 1},
    {"name": DONE, "value": 2},
])  # fmt: skip

UNITS = envelope([
    {"id": f"U{number}", "name": name, "parentId": "0", "level": 1, "empId": "", "unitId": str(1300 + number)}
    for number, name in enumerate(_UNITS)
])  # fmt: skip
