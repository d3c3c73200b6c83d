"""Tasks as the API writes them: the wire's field names, spellings and date forms. Pure.

Where the real API varies from record to record, the variation depends on the record's id alone, so it is stable.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connector.standin.checking import Json
from connector.standin.timeline import Created, View
from connector.standin.world import CANCELLED, COOP_ROLE, DONE, NOT_STARTED, OPEN, FlowRow, Line, State, TaskState

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PRIORITIES = ("Thường", "Cao", "Khẩn")
EVALUATIONS = ("Tốt", "Đạt", "Chưa đạt")
JOB_REPORT = ("total", "chuaThucHien", "dangThucHien", "daThucHien", "quaHan", "dungHan")


def day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def minute(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%d/%m/%Y %H:%M}"


def start_date(created: Created) -> str:
    """The day of assignment; every third task with the time, some with seconds."""
    local = created.assigned.astimezone(ZONE)
    number = int(created.id)
    if number % 3 == 0:
        return f"{local:%d/%m/%Y %H:%M:%S}" if number % 2 else f"{local:%d/%m/%Y %H:%M}"
    return f"{local:%d/%m/%Y}"


def due_date(created: Created, due: date | None) -> str | None:
    """The due day; null or empty without one. Three in ten carry a time, which means nothing: the day counts."""
    number = int(created.id)
    if due is None:
        return None if number % 4 else ""
    return day(due) + {1: " 17:00", 4: " 00:00:00", 7: " 23:59"}.get(number % 10, "")


def shown_to(state: State, identity: str, which: str) -> Iterator[tuple[TaskState, View]]:
    """Visible tasks of one list of one identity, newest first."""
    tasks = sorted(
        (task for task in state.tasks.values() if task.visible),
        key=lambda task: (task.created.assigned, int(task.created.id)),
        reverse=True,
    )
    for task in tasks:
        for view in task.created.views:
            if view.identity == identity and view.list == which:
                yield task, view


def task_rows(state: State, identity: str, which: str, line_status: bool = False) -> list[Json]:
    """The rows of a task list: one per task in ``dagiao``, one per assignee's line in ``duocgiao``.
    ``line_status``: rows of co-operating lines show that line's own label instead of the task's."""
    return [
        _task_row(
            task, view, line, line_label(task, position) if line_status and view.role == COOP_ROLE else task.label
        )
        for task, view in shown_to(state, identity, which)
        for position, line in enumerate(view.lines if which == "duocgiao" else (None,))
    ]


def _task_row(task: TaskState, view: View, line: str | None, label: str) -> Json:
    created = task.created
    nothing = None if int(created.id) % 2 else ""
    return {
        "id": created.id,
        "nxlId": line,
        "name": created.name,
        "status": label,
        "vaitro": view.role,
        "chuTri": task.lead_name,
        "lanhDaoGiaoViec": created.assigner,
        "startDate": start_date(created),
        "endDate": due_date(created, task.due),
        "mucDo": created.priority,
        "dondoc": task.urged,
        "statusDanhGia": task.evaluation or nothing,
        "noiDungDanhGia": task.evaluation_note or nothing,
    }


def line_label(task: TaskState, position: int) -> str:
    """The own label of the co-operating line at ``position``; an untold line is open."""
    lines = [line for line in task.lines if line.role == COOP_ROLE]
    if position < len(lines):
        return lines[position].label
    return NOT_STARTED if task.created.two_step else OPEN


def is_open(row: Json) -> bool:
    """Whether a row of a task list is unfinished."""
    return row["status"] not in (DONE, CANCELLED)


def task_detail(task: TaskState) -> Json:
    created = task.created
    return {
        "name": created.name,
        "noiDung": created.content,
        "status": task.label,
        "priority": created.priority,
        "ngayGiaoViec": start_date(created),
        "ngayHetHan": due_date(created, task.due) or "",
        "lanhDaoGiaoViec": created.assigner,
        "statusDanhGia": task.evaluation or None,
        "noiDungDanhGia": task.evaluation_note or None,
        "files": files(created.id, created.files, created.assigner),
        "btnAddAssign": "false",
        "btnUpdate": "false",
        "btnFlow": "true",
        "btnEvaluate": "false",
        "btnStatus": "false",
        "btnCreateJob": "false",
    }


def flow_rows(task: TaskState, follows_task: bool) -> list[Json]:
    """The progress history, oldest first; it carries no time of its own. ``follows_task``: label and due date of
    every row are those of the task now, otherwise those of the moment it was written."""
    return [_flow_row(task, row, position, follows_task) for position, row in enumerate(task.flow)]


def _flow_row(task: TaskState, row: FlowRow, position: int, follows_task: bool) -> Json:
    return {
        "name": row.name,
        "content": row.content,
        "status": task.label if follows_task else row.label,
        "startDate": start_date(task.created),
        "endDate": due_date(task.created, task.due if follows_task else row.due),
        "files": files(f"{task.created.id}/{position}", row.files, row.name) or (None if position % 2 else []),
    }


def processors(task: TaskState) -> list[Json]:
    return [_processor(task, line) for line in task.lines]


def _processor(task: TaskState, line: Line) -> Json:
    return {
        "name": line.name,
        "vaiTro": line.role,
        "status": line.label,
        "startDate": start_date(task.created),
        "endDate": due_date(task.created, task.due) or "",
    }


def child_rows(state: State, task_ref: str) -> list[Json]:
    children = [state.tasks[ref] for ref in state.children.get(task_ref, ())]
    return [
        {"name": child.created.name, "content": child.created.content, "status": child.label}
        for child in children
        if child.visible
    ]


def file_names(task: TaskState) -> list[Json]:
    """The assigner's files and those handed in with the progress, as ``{id, name}``, the id a string here."""
    whole = files(task.created.id, task.created.files, "")
    for position, row in enumerate(task.flow):
        whole += files(f"{task.created.id}/{position}", row.files, "")
    return [{"id": str(file["id"]), "name": file["name"]} for file in whole]


def files(owner: str, names: Iterable[str], creator: str) -> list[Json]:
    """AttachFileInfo records; ids derive from owner and name."""
    return [
        {
            "id": 7_000_000 + (key := zlib.crc32(f"{owner}/{name}".encode()) % 1_000_000),
            "name": name,
            "attachmentId": 6_000_000 + key,
            "creator": creator,
            "fileSize": f"{40 + key % 400} KB",
            "filePage": str(1 + key % 9),
            "info": [],
            "isKy": "false",
            "kyPki": "false",
            "kyServer": "false",
            "kyCA": "false",
            "commentDisplay": "false",
            "editFile": "false",
            "btnChuyen": "false",
        }
        for name in names
    ]


def job_report(state: State, identity: str, month: int, today: date) -> Json:
    """Tasks assigned to or by this identity in the latest such month up to ``today``; each task once."""
    year = today.year if month <= today.month else today.year - 1
    tasks = {
        task.created.id: task
        for which in ("duocgiao", "dagiao")
        for task, _ in shown_to(state, identity, which)
        if (task.created.assigned.astimezone(ZONE).year, task.created.assigned.astimezone(ZONE).month) == (year, month)
    }.values()
    done = [task for task in tasks if task.label == DONE and task.done_at is not None]
    on_time = sum(
        task.due is None or (task.done_at is not None and task.done_at.astimezone(ZONE).date() <= task.due)
        for task in done
    )
    late = sum(task.label != DONE and task.due is not None and task.due < today for task in tasks)
    waiting = sum(task.label == NOT_STARTED for task in tasks)
    figures = (len(tasks), waiting, len(tasks) - len(done) - waiting, len(done), late, on_time)
    return dict(zip(JOB_REPORT, figures, strict=True))
