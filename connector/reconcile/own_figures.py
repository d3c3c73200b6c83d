"""Our own counts of what the lists show, in every way an iOffice counter may count it. Pure, constant memory.

What a counter counts is nowhere documented, so each gets several *measures*; ``counter_rules`` finds out which one it
is. A measure is None when it cannot be computed this time (the list was not read to its end, a row could not be read,
a status label is not mapped): nothing is guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from connector.domain.periods import Month
from connector.domain.records import Stream
from connector.domain.status import Role, Status

Figures = Mapping[str, Mapping[str, int | None]]
"""Counter ("account/identity/NAME") → measure → our number."""
Reader = tuple[str, str]
"""Account and identity."""

TASK_COUNTERS = {"duocgiao": "CONGVIEC_DUOCGIAO", "dagiao": "CONGVIEC_DAGIAO"}
"""Task list → its menu counter. The counter of a document store has the store's code."""
JOB_REPORT = "jobreport."

_BOTH = "both"
_SCOPES = {"duocgiao": ("duocgiao",), "dagiao": ("dagiao",), _BOTH: ("duocgiao", "dagiao")}
_EVER, _ASSIGNED, _DUE = "ever", "assigned", "due"
_TASK_MEASURES = ("rows", "open", "not_done", "lines", "open_lines", "lead_open", "not_started", "overdue")
_DOCUMENT_MEASURES = ("rows", "unread")
_REPORT = {
    "total": ("rows",),
    "chuaThucHien": ("not_started",),
    "dangThucHien": ("in_progress", "open", "rest"),
    "daThucHien": ("done",),
    "quaHan": ("overdue", "overdue_rest"),
}
"""``dungHan`` is missing: no list says when a task was finished. "rest": whatever is neither finished nor waiting; a
server that counts so has cancelled tasks among those in progress."""

_TEXTS = {
    "rows": "mọi mục",
    "lines": "mọi dòng xử lý",
    "open": "mục chưa hoàn thành",
    "open_lines": "dòng xử lý chưa hoàn thành",
    "lead_open": "mục chưa hoàn thành mà tài khoản chủ trì",
    "not_done": "mục không ở trạng thái hoàn thành, kể cả đã hủy",
    "not_started": "mục chưa thực hiện",
    "in_progress": "mục đang thực hiện",
    "overdue": "mục chưa hoàn thành đã quá hạn",
    "rest": "mục không chờ thực hiện cũng không hoàn thành, kể cả đã hủy",
    "overdue_rest": "mục không hoàn thành đã quá hạn, kể cả đã hủy",
    "done": "mục đã hoàn thành",
    "unread": "mục chưa đọc",
    "duocgiao": "được giao",
    "dagiao": "đã giao",
    _BOTH: "được giao và đã giao",
    _ASSIGNED: "giao trong tháng",
    _DUE: "đến hạn trong tháng",
}


def measure_text(measure: str) -> str:
    """A measure in Vietnamese; those of the job report are written "scope/date/what"."""
    *where, what = measure.split("/")
    return ", ".join(_TEXTS.get(word, word) for word in (what, *where))


@dataclass(frozen=True, slots=True)
class Received:
    """One list as read in this run. ``received``: distinct rows that came over the wire in its last pass; ``stored``:
    its lines that the store holds as seen in this run; ``unreadable``: rows kept aside (F11), ``rejected``: those of
    them of which the store holds no line."""

    stream: Stream
    received: int
    stored: int
    rejected: int = 0
    complete: bool = True
    unreadable: int = 0


class TaskLine(NamedTuple):
    """A task's row in one list of one reader."""

    reader: Reader
    list: str
    status: Status
    role: Role
    assigned_on: date | None
    due_on: date | None


class OwnFigures:
    """``today``: the local day; the job report is asked for its month. Only counts are kept."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._month = Month.of(today)
        self._counts: Counter[tuple[Reader, str, str, str]] = Counter()
        self._unsure: set[tuple[Reader, str, str]] = set()

    def add_task(self, lines: Iterable[TaskLine], number: int = 1) -> None:
        """All distinct lines of one task at once, over all lists and readers: it is counted once in each.
        ``number`` tasks look like that."""
        readers: dict[Reader, list[TaskLine]] = {}
        for line in lines:
            readers.setdefault(line.reader, []).append(line)
        for reader, own in readers.items():
            for scope, names in _SCOPES.items():
                if shown := [line for line in own if line.list in names]:
                    self._add(reader, scope, shown, number)

    def _add(self, reader: Reader, scope: str, lines: list[TaskLine], number: int) -> None:
        self._counts[reader, scope, _EVER, "lines"] += number * len(lines)
        self._counts[reader, scope, _EVER, "open_lines"] += number * sum(line.status.is_open for line in lines)
        task = min(lines, key=_speaks_for_the_task)
        unsure = any(line.status is Status.UNKNOWN for line in lines)
        for when in self._whens(task):
            for what in self._classes(task):
                self._counts[reader, scope, when, what] += number
            if unsure:
                self._unsure.add((reader, scope, when))

    def _whens(self, task: TaskLine) -> Iterator[str]:
        yield _EVER
        if task.assigned_on is not None and task.assigned_on in self._month:
            yield _ASSIGNED
        if task.due_on is not None and task.due_on in self._month:
            yield _DUE

    def _classes(self, task: TaskLine) -> Iterator[str]:
        yield "rows"
        if task.status is Status.DONE:
            yield "done"
            return
        over = task.due_on is not None and task.due_on < self._today  # as a server counts: it knows no days off
        yield "not_done"
        if task.status is not Status.NOT_STARTED:
            yield "rest"
        if over:
            yield "overdue_rest"
        if not task.status.is_open:
            return
        yield "open"
        yield "not_started" if task.status is Status.NOT_STARTED else "in_progress"
        if task.role is Role.LEAD:
            yield "lead_open"
        if over:
            yield "overdue"

    def add_document(self, reader: Reader, kho: str, is_read: bool | None) -> None:
        """A document in one store of one reader; ``is_read`` is None if the row does not say."""
        self.add_documents(reader, kho, is_read, 1)

    def add_documents(self, reader: Reader, kho: str, is_read: bool | None, number: int) -> None:
        """The same for several alike."""
        self._counts[reader, kho, _EVER, "rows"] += number
        if is_read is None:
            self._unsure.add((reader, kho, _EVER))
        elif not is_read:
            self._counts[reader, kho, _EVER, "unread"] += number

    def result(self, lists: Iterable[Received]) -> dict[str, dict[str, int | None]]:
        """Our figures for every counter that belongs to one of ``lists``; a list that is empty counts 0."""
        read: dict[Reader, dict[str, _Read]] = {}
        for one in lists:
            read.setdefault(one.stream.reader, {})[one.stream.list] = _Read(one.complete, one.rejected)
        found: dict[str, dict[str, int | None]] = {}
        for reader, own in read.items():
            for name, how in own.items():
                counter = TASK_COUNTERS.get(name, name)
                measures = _TASK_MEASURES if name in TASK_COUNTERS else _DOCUMENT_MEASURES
                found[f"{'/'.join(reader)}/{counter}"] = {
                    what: self._of_list(reader, name, what, how) for what in measures
                }
            found |= self._job_report(reader, own)
        return found

    def _of_list(self, reader: Reader, name: str, what: str, how: _Read) -> int | None:
        count = self._counts[reader, name, _EVER, what]
        if not how.complete:
            return None
        if how.rejected:
            # Unreadable rows are there, whatever they say; in "duocgiao" one may be a further line of a counted task.
            return count + how.rejected if what == "lines" or (what == "rows" and name != "duocgiao") else None
        return None if what not in ("rows", "lines") and (reader, name, _EVER) in self._unsure else count

    def _job_report(self, reader: Reader, read: Mapping[str, _Read]) -> Iterator[tuple[str, dict[str, int | None]]]:
        if not read.keys() >= set(_SCOPES[_BOTH]):
            return  # what the report counts may be in the list that is not read: part of it would prove a wrong measure
        scopes = _SCOPES
        for figure, classes in _REPORT.items():
            measures: dict[str, int | None] = {}
            for what in classes:
                for scope, names in scopes.items():
                    whole = all(read[name].complete and not read[name].rejected for name in names)
                    for when in (_ASSIGNED, _DUE):
                        sure = whole and (what == "rows" or (reader, scope, when) not in self._unsure)
                        measures[f"{scope}/{when}/{what}"] = self._counts[reader, scope, when, what] if sure else None
            if measures:
                yield f"{'/'.join(reader)}/{JOB_REPORT}{figure}", measures


class _Read(NamedTuple):
    complete: bool
    rejected: int


def _speaks_for_the_task(line: TaskLine) -> tuple[bool, bool]:
    """The assigner's list first, then the lead's line: a co-operating line may show its own status (F102)."""
    return (line.list != "dagiao", line.role is not Role.LEAD)
