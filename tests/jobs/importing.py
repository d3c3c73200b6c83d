"""A deployment that has exported files and no API, inside one test: real files, a real database."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connector.bootstrap import App
from connector.bootstrap_import import ImportApp
from connector.clock import OFFICE_ZONE, FixedClock
from connector.domain.history import TaskHistory
from connector.jobs.import_file import ImportResult
from connector.settings import Settings
from tests import databases
from tests.sources.files import books

HEADER = (
    "STT", "Mã nhiệm vụ", "Tên nhiệm vụ", "Số ký hiệu văn bản giao", "Ngày văn bản", "Người giao", "Cơ quan chủ trì",
    "Ngày giao", "Hạn hoàn thành", "Ngày hoàn thành", "Trạng thái",
)  # fmt: skip
OPEN, DONE = "Chưa hoàn thành", "Đã hoàn thành"
GIVEN, DUE = date(2022, 2, 8), date(2022, 2, 18)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_ZONE)


def row(**changes: Any) -> dict[str, Any]:
    """A row of an export, by the fields of HEADER."""
    usual = {
        "id": None, "name": "Tham mưu báo cáo tuyển sinh", "notation": "44/UBND-NN", "dated": GIVEN,
        "assigner": "UBND tỉnh", "lead": "Sở Tài chính", "given": GIVEN, "due": DUE, "completed": None, "status": OPEN,
    }  # fmt: skip
    return {**usual, **changes}


@dataclass
class Importing:
    folder: Path
    imports: ImportApp
    clock: FixedClock

    @classmethod
    def at(cls, folder: Path, moment: str, **settings: Any) -> Importing:
        clock = FixedClock(local(moment))
        given = {"storage": {"database": databases.address(folder / "connector.db")}, **settings}
        return cls(folder, ImportApp(App(Settings.model_validate(given), clock)), clock)

    @property
    def app(self) -> App:
        return self.imports.app

    def export(
        self, name: str, as_of: str, *rows: dict[str, Any], kind: str = "xlsx", header: Sequence[Any] = HEADER
    ) -> Path:
        """An export of tasks that says as of when it is, and was written then."""
        moment = local(as_of)
        path = self.folder / name
        table = [["DANH SÁCH NHIỆM VỤ"], [f"(Thời điểm xuất: {moment:%d/%m/%Y %H:%M})"], header]
        table += [[number, *one.values()] for number, one in enumerate(rows, 1)]
        books.WRITERS[kind](path, table)
        os.utime(path, (moment.timestamp() + 60, moment.timestamp() + 60))
        return path

    def take(self, path: Path, **options: Any) -> ImportResult:
        return self.imports.import_file(path, **options)

    def tasks(self) -> dict[str, TaskHistory]:
        """By name; a name twice is an error of the test."""
        with self.app.uow() as uow:
            histories = uow.tasks.histories()
        found = {one.current.name: one for one in histories}
        assert len(found) == len(histories), [one.current.name for one in histories]
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return databases.rows(self.app.engine, query)

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table, to see that nothing has changed."""
        return {name: self.rows(f"SELECT * FROM {name}") for name in databases.table_names(self.app.engine)}
