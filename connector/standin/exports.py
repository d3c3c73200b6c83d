"""What an office would export from its iOffice at a moment: tasks, issued and received documents.

No task export was ever seen (exports note, bottom line); columns, titles, groups and totals follow its sections A.5 and
B, and vary by ``Variant`` as real ones may. The headers of issued documents are those of a real export (A.2).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Literal

from connector.domain.tables import Range
from connector.standin.sheets import SUFFIXES, Dates, Font, Grid, Kind, Value, write
from connector.standin.timeline import Setup
from connector.standin.wire import ZONE
from connector.standin.wire_documents import PRIORITIES, priority_code, secrecy
from connector.standin.world import CANCELLED, COOP_ROLE, DONE, LEAD_ROLE, DocumentState, State, TaskState

_ROMAN = ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True, slots=True)
class Variant:
    """How an export looks. ``ids``: with a column of the source's ids. ``completed``: with "Ngày hoàn thành".
    ``open_only``: only tasks that are not finished. ``units``: co-operating agencies line by line in one cell, or a row
    for each agency with its role. ``stated``: the title says as of when it is. ``dressed``: a header of two rows,
    rows for groups, a total, a signature; otherwise only title and table. ``secrecy``: documents with "Độ mật"."""

    kind: Kind = "xlsx"
    dates: Dates = "date"
    font: Font = "unicode"
    ids: bool = True
    completed: bool = True
    open_only: bool = False
    units: Literal["cell", "rows"] = "cell"
    stated: bool = True
    dressed: bool = True
    secrecy: bool = False


DEFAULT = Variant()


@dataclass(frozen=True, slots=True)
class Column:
    """``parent``: the header above it, where the header has two rows. ``plain``: the header where it has one."""

    header: str
    plain: str
    parent: str = ""


def _named(*headers: str) -> list[Column]:
    return [Column(header, header) for header in headers]


def write_exports(state: State, setup: Setup, at: datetime, folder: Path, variant: Variant = DEFAULT) -> list[Path]:
    """The exports of ``at`` (aware), last written then: nhiem-vu-…, van-ban-di-…, van-ban-den-…"""
    local = at.astimezone(ZONE)
    grids = {
        "nhiem-vu": task_export(state, at, variant),
        "van-ban-di": issued_export(state, setup, at, variant),
        "van-ban-den": received_export(state, setup, at, variant),
    }
    paths = []
    for name, grid in grids.items():
        path = folder / f"{name}-{local:%Y%m%d-%H%M}{SUFFIXES[variant.kind]}"
        write(grid, path, variant.kind, dates=variant.dates, font=variant.font)
        os.utime(path, (at.timestamp(), at.timestamp()))
        paths.append(path)
    return paths


# -- tasks -------------------------------------------------------------------------------------------------------------


def exported_tasks(state: State, variant: Variant = DEFAULT) -> list[TaskState]:
    """The tasks of an export: all that are visible, by lead agency, then in the order in which they were given."""
    tasks = [
        task
        for task in state.tasks.values()
        if task.visible and not (variant.open_only and task.label in (DONE, CANCELLED))
    ]
    return sorted(tasks, key=lambda task: (task.lead_name, task.created.assigned, int(task.created.id)))


def task_export(state: State, at: datetime, variant: Variant = DEFAULT) -> Grid:
    by_cell = variant.units == "cell"
    columns = [
        *(_named("Mã nhiệm vụ") if variant.ids else []),
        *_named("Tên nhiệm vụ"),
        Column("Số ký hiệu", "Số ký hiệu văn bản giao", "Văn bản giao"),
        Column("Ngày", "Ngày văn bản", "Văn bản giao"),
        *_named("Lãnh đạo giao việc"),
        *_named(*(("Cơ quan chủ trì", "Cơ quan phối hợp") if by_cell else ("Đơn vị xử lý", "Vai trò xử lý"))),
        *_named("Ngày giao", "Hạn hoàn thành"),
        *(_named("Ngày hoàn thành") if variant.completed else []),
        *_named("Trạng thái", "Mức độ ưu tiên", "Số lần bị đôn đốc"),
    ]
    groups = [
        (lead, [row for task in tasks for row in _task_rows(state, task, variant)])
        for lead, tasks in groupby(exported_tasks(state, variant), key=lambda task: task.lead_name)
    ]
    return _sheet("DANH SÁCH NHIỆM VỤ ĐÃ GIAO", "nhiệm vụ" if by_cell else "dòng", columns, groups, at, variant)


def _task_rows(state: State, task: TaskState, variant: Variant) -> Iterator[list[Value]]:
    created = task.created
    document = state.documents[created.doc] if created.doc is not None else None
    done_on = task.done_at.astimezone(ZONE).date() if task.label == DONE and task.done_at is not None else None
    if variant.units == "cell":
        helpers = "\n".join(line.name for line in task.lines if line.role == COOP_ROLE)
        units = [(task.lead_name, helpers, task.label, done_on)]
    else:  # the day on which a co-operating agency was done is nowhere kept
        units = [(line.name, line.role, line.label, done_on if line.role == LEAD_ROLE else None) for line in task.lines]
    for first, second, label, ended in units:
        yield [
            *([created.id] if variant.ids else []),
            created.name,
            document.notation if document else None,
            document.date if document else None,
            created.assigner,
            first,
            second,
            created.assigned.astimezone(ZONE).date(),
            task.due,
            *([ended] if variant.completed else []),
            label,
            created.priority,
            int(task.urged),
        ]


# -- documents ---------------------------------------------------------------------------------------------------------


def exported_documents(state: State, *, outgoing: bool) -> list[DocumentState]:
    """In the order in which they were issued."""
    documents = [one for one in state.documents.values() if one.outgoing == outgoing]
    return sorted(documents, key=lambda one: (one.at, int(one.id)))


def issued_export(state: State, setup: Setup, at: datetime, variant: Variant = DEFAULT) -> Grid:
    """The headers of the one real export that is public (A.2)."""
    columns = _named(
        *(["Mã văn bản"] if variant.ids else []),
        "Trích yếu", "Số ký hiệu", "Văn bản ký số", "Ngày ban hành", "Đơn vị ban hành", "Người ký chính",
        *(["Độ mật"] if variant.secrecy else []),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            *([one.id] if variant.ids else []),
            one.subject, one.notation, "Đã ký số", one.date, one.issuer, "Lãnh đạo Mẫu 01",
            *([secrecy(one, setup)] if variant.secrecy else []),
        ]
        for one in exported_documents(state, outgoing=True)
    ]  # fmt: skip
    return _sheet("DANH SÁCH VĂN BẢN ĐI", "văn bản", columns, [("", rows)], at, variant)


def received_export(state: State, setup: Setup, at: datetime, variant: Variant = DEFAULT) -> Grid:
    columns = _named(
        *(["Mã văn bản"] if variant.ids else []),
        "Số đến", "Ngày đến", "Số ký hiệu", "Ngày ban hành", "Cơ quan ban hành", "Trích yếu", "Độ khẩn",
        *(["Độ mật"] if variant.secrecy else []),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            *([one.id] if variant.ids else []),
            number, one.at.astimezone(ZONE).date(), one.notation, one.date, one.issuer, one.subject,
            PRIORITIES[priority_code(one)],
            *([secrecy(one, setup)] if variant.secrecy else []),
        ]
        for number, one in enumerate(exported_documents(state, outgoing=False), 1)
    ]  # fmt: skip
    return _sheet("DANH SÁCH VĂN BẢN ĐẾN", "văn bản", columns, [("", rows)], at, variant)


# -- what stands around them -------------------------------------------------------------------------------------------


def _sheet(
    title: str,
    what: str,
    columns: Sequence[Column],
    groups: Sequence[tuple[str, list[list[Value]]]],
    at: datetime,
    variant: Variant,
) -> Grid:
    """``what``: of what the total is. ``groups``: heading ("" for none) and rows without their running number."""
    local = at.astimezone(ZONE)
    width = len(columns) + 1
    grid = Grid([["VĂN PHÒNG UBND TỈNH LẠNG SƠN"], [], [title]], [Range(3, 1, 3, width)])
    if variant.stated:
        grid.rows.append([f"(Tính đến {local:%H:%M} ngày {local:%d/%m/%Y})"])
        grid.merged.append(Range(4, 1, 4, width))
    _add_header(grid, [Column("STT", "STT"), *columns], dressed=variant.dressed)
    count = 0
    for place, (heading, rows) in enumerate(groups, 1):
        if heading and variant.dressed:
            grid.rows.append([_roman(place), heading])
        for row in rows:
            count += 1
            grid.rows.append([count, *row])
    if variant.dressed:
        grid.rows.append([None, f"Tổng cộng: {count} {what}"])
        grid.rows.append([])
        grid.rows += (
            [*[None] * (width - 2), line]
            for line in (f"Lạng Sơn, {local:ngày %d tháng %m năm %Y}", "NGƯỜI LẬP BIỂU", "(Ký, ghi rõ họ tên)")
        )
    return grid


def _add_header(grid: Grid, columns: Sequence[Column], *, dressed: bool) -> None:
    row, below = len(grid.rows) + 1, len(grid.rows) + 2
    if not dressed:
        grid.rows.append([column.plain for column in columns])
        return
    if any(column.parent for column in columns):
        grid.rows += [[column.parent or column.header for column in columns],
                      [column.header if column.parent else None for column in columns]]  # fmt: skip
        place = 0
        for parent, group in groupby(columns, key=lambda column: column.parent):
            first, place = place + 1, place + len(list(group))
            spans = [(first, place)] if parent else [(one, one) for one in range(first, place + 1)]
            grid.merged += (Range(row, left, row if parent else below, right) for left, right in spans)
    else:
        grid.rows.append([column.header for column in columns])
    grid.rows.append([f"({number})" for number in range(1, len(columns) + 1)])


def _roman(number: int) -> str:
    found = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        found += letters * times
    return found
