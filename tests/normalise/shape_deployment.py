"""A deployment over several runs, and the answers it gives: for the tests of shapes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.normalise.shape_changes import Mode, ShapeChange
from connector.normalise.shape_diff import diff, merge
from connector.normalise.shape_watch import ShapeWatch
from connector.normalise.shapes import Shape
from connector.normalise.vocabulary import Vocabularies

AT = datetime(2025, 9, 4, 1, 0, tzinfo=UTC)
WORDS = Vocabularies.of()
TASK: dict[str, Any] = {
    "id": "90215", "nxlId": "311870", "name": "Tham mưu báo cáo", "status": "Chưa hoàn thành", "vaitro": "Xử lý chính",
    "chuTri": "Phòng Mẫu 1", "lanhDaoGiaoViec": "Lãnh đạo Mẫu 01", "startDate": "03/09/2025", "endDate": "20/09/2025",
    "mucDo": "Khẩn", "dondoc": True, "statusDanhGia": None, "noiDungDanhGia": None,
}  # fmt: skip
LOG = {"unit": "Sở Mẫu A", "schema": "mau", "parameter": [
    {"fullName": "Văn thư", "updateBy": "(a)", "updateDate": "02/09/2025 14:05", "status": "2", "comment": None,
     "chuyenToi": "", "action": "Tiếp nhận", "avatar": ""}]}  # fmt: skip
NAMES = list(TASK)


def tasks(count: int, change: Callable[[int, dict[str, Any]], dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """``count`` rows with ids of their own, one in four without deadline, each changed by ``change``."""
    rows = [TASK | {"id": str(90_000 + i), "endDate": None if i % 4 == 0 else "20/09/2025"} for i in range(count)]
    return [change(i, row) for i, row in enumerate(rows)] if change else rows


def without(*names: str) -> Callable[[int, dict[str, Any]], dict[str, Any]]:
    return lambda _, row: {name: value for name, value in row.items() if name not in names}


def also(**fields: Any) -> Callable[[int, dict[str, Any]], dict[str, Any]]:
    return lambda _, row: row | fields


class Deployment:
    """A deployment over several runs: each run is compared with, and added to, what was shown before."""

    def __init__(self, modes: Mapping[str, Mode] | None = None, words: Vocabularies = WORDS) -> None:
        self.known: dict[str, Shape] | None = None
        self.modes = dict(modes or {})
        self.words = words
        self.at = AT

    def run(self, kind: str, *payloads: Any, subject: str | None = None) -> list[ShapeChange]:
        return self.read([(kind, payload, subject) for payload in payloads])

    def read(self, answers: Iterable[tuple[str, Any, str | None]]) -> list[ShapeChange]:
        watch = ShapeWatch(self.known)
        for answer in answers:
            watch.see(*answer)
        changes = diff(self.known, watch, self.modes, self.words)
        stored = {kind: shape.to_json() for kind, shape in merge(self.known, watch, self.at, changes).items()}
        self.known = {kind: Shape.from_json(one) for kind, one in json.loads(json.dumps(stored)).items()}
        self.at += timedelta(days=1)
        return list(changes)


def told(changes: list[ShapeChange]) -> list[tuple[str, str, Mode]]:
    return [(one.change, one.field, one.mode) for one in changes]
