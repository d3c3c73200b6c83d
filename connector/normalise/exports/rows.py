"""A row of a known table → a record, or everything that is wrong with it. Pure (F11)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date

from connector.domain.making import maker
from connector.domain.records import DocumentState, Line, TaskState
from connector.domain.status import Role, Status, fold_label
from connector.domain.tables import EMPTY, Cell, SheetRow
from connector.normalise.exports import status as standing
from connector.normalise.exports.cells import CellError, TextColumn
from connector.normalise.exports.dates import NO_DAY, NO_DEADLINE, DateColumn, DateProblem
from connector.normalise.exports.headers import Layout
from connector.normalise.exports.problems import CellProblem, RejectedRow, place, shown
from connector.normalise.exports.records import ExportDocument, ExportTask, Rules, SourceDocument
from connector.normalise.exports.text import Coding
from connector.normalise.fields import Moment, clean

DATES = frozenset({
    "assigned_on", "starts_on", "due_on", "completed_on", "source_date", "issued_on", "document_date", "arrived_on",
    "sent_on",
})  # fmt: skip
_NOTATIONS = frozenset({"notation", "source_notation"})
_NO_DATE = Moment(None, None)
_HIDDEN = "(không hiển thị)"
_OUTGOING = {"1": False, "2": True}
"""CONGVAN_DENDI: came in, issued (exports note B.2)."""
_REMEMBERED = 8192
_MISSING = "bắt buộc nhưng để trống"
MEANS_NOTHING = "bắt buộc nhưng chỉ ghi một từ có nghĩa là không có"
OUTSIDE = (
    "có dữ liệu nằm ngoài các cột có tên; có thể một ô bên trái chứa dấu phân cách mà không đặt trong dấu nháy kép"
)
CUT_SHORT = "dòng cuối tệp thiếu cột và không có dấu xuống dòng: có thể đã bị cắt ngang"
UNDER_MERGED = "tên cột là một ô gộp của nhiều cột nhưng ở dòng này cột phụ cũng có dữ liệu"


class RowReader:
    """Reads the rows of one sheet. ``codings``: of its text columns by their index; Unicode where none is given.
    ``delimited``: what stands outside of the header's columns was moved there by a mark too many, so nothing in its row
    can be trusted; on a sheet of cells it is a note beside the table."""

    def __init__(
        self,
        file: str,
        sheet: str,
        layout: Layout,
        rules: Rules,
        codings: Mapping[int, Coding],
        *,
        epoch_1904: bool,
        delimited: bool,
    ) -> None:
        self._file, self._sheet = file, sheet
        self._layout, self._rules = layout, rules
        self.dates: dict[str, DateColumn] = {}
        self._texts: list[tuple[str, int, Callable[[Cell], str | None], Callable[[Cell], str]]] = []
        self._helpers: tuple[int, TextColumn] | None = None
        self._blank = dict.fromkeys(_TEXT_FIELDS, "")
        self._statuses: dict[tuple[str, bool], tuple[Status, bool, str]] = {}
        self._helping: dict[tuple[str, ...], tuple[Line, ...]] = {}
        for name, index in layout.columns.items():
            if name in DATES:
                letter = place(0, index)[:-1]
                self.dates[name] = DateColumn(letter, layout.title_of(name), rules.zone, rules.order, epoch_1904)
                continue
            column = TextColumn(codings.get(index, "unicode"), name in _NOTATIONS)
            if name == "cooperating":
                self._helpers = (index, column)
            else:
                known = _running_number if name == "number" else column.known.get
                self._texts.append((name, index, known, column.read))
        self._width = max(layout.columns.values(), default=0) + 1
        self._spare = layout.spare
        self._widest = max(self._width, len(layout.header.pairs)) if delimited else sys.maxsize
        self._read_dates = [(name, layout.columns[name], column.read) for name, column in self.dates.items()]

    def read(self, row: SheetRow) -> ExportTask | ExportDocument | RejectedRow:
        problems: dict[str, tuple[str, str]] = {}  # field → value, reason
        texts = self._blank.copy()
        moments: dict[str, Moment] = {}
        cells = row.cells
        if len(cells) < self._width:
            cells += (EMPTY,) * (self._width - len(cells))
        elif len(cells) > self._widest:  # nothing is empty at the end of a row
            outside = next(index for index in range(self._widest, len(cells)) if cells[index].text.strip())
            return self.refused(row, outside, OUTSIDE)
        for index in self._spare:
            if index < len(cells) and cells[index].text.strip():
                return self.refused(row, index, UNDER_MERGED)
        for name, index, known, read in self._texts:
            text = known(cells[index])
            if text is None:
                try:
                    text = read(cells[index])
                except CellError as error:
                    problems[name] = (error.value, str(error))
                    continue
            texts[name] = text
        undated = ""
        for name, index, read_date in self._read_dates:
            try:
                moments[name] = read_date(cells[index], row.number)
            except DateProblem as problem:
                if (
                    name == "due_on" and str(problem) == NO_DAY and self._layout.table == "task"
                ):  # it is owed, and nobody is late by a day we made up
                    undated = f"hạn ghi “{shown(cells[index].text)}”, không phải một ngày: nhập không có hạn"
                else:
                    problems[name] = (cells[index].text, str(problem))
        if self._layout.table == "document":
            return self._document(row, texts, moments, problems)
        helpers: tuple[str, ...] = ()
        if self._helpers is not None:
            index, column = self._helpers
            try:
                helpers = column.names(cells[index], self._rules.is_agency)
            except CellError as error:
                problems["cooperating"] = (error.value, str(error))
        return self._task(row, texts, moments, helpers, problems, undated)

    # -- tasks -----------------------------------------------------------------------------------------------------

    def _task(
        self,
        row: SheetRow,
        texts: dict[str, str],
        moments: dict[str, Moment],
        helpers: tuple[str, ...],
        problems: dict[str, tuple[str, str]],
        undated: str,
    ) -> ExportTask | RejectedRow:
        """``undated``: what is to be said of a deadline that names no day."""
        known = self._layout.columns
        if not texts["name"]:
            problems.setdefault("name", ("", _MISSING))
        urged = _times_urged(texts["urged"], problems)
        role = self._role(texts["role"], problems)
        # The API's startDate is the day we count a task as given; an export that has no other says the same.
        assigned = moments.get("assigned_on" if "assigned_on" in known else "starts_on", _NO_DATE)
        due, completed = moments.get("due_on", _NO_DATE), moments.get("completed_on", _NO_DATE).on
        label, lead = texts["status"], texts["lead"]
        if "lead" not in known and role is Role.LEAD:
            lead = texts["handler"]
        elif "lead" not in known and texts["handler"]:
            helpers = (texts["handler"], *helpers)
        standing_of = self._statuses.get((label, completed is not None))
        if standing_of is None:
            standing_of = self._standing(label, completed=completed is not None)
            if len(self._statuses) < _REMEMBERED:
                self._statuses[label, completed is not None] = standing_of
        status, implied, why = standing_of
        if why and self._layout.ended_as != "completed_on":  # there the column as a whole is in question
            problems["completed_on"] = (f"{completed:%d/%m/%Y}", why)
        if problems:
            return self._rejected(row, problems)
        lines = None
        if "cooperating" in known or helpers:
            lines = self._helping.get(helpers)
            if lines is None:
                lines = tuple(_line(name, Role.COOPERATING, "", "") for name in helpers)
                if len(self._helping) < _REMEMBERED:
                    self._helping[helpers] = lines
            if lead:
                lines = (_line(lead, Role.LEAD, "", label, None, due.on, status), *lines)
        notation = texts["source_notation"]
        document = SourceDocument.read(notation, moments.get("source_date", _NO_DATE).on) if notation else None
        content = texts["content"] if "content" in known else None
        if document is not None and notation not in (content or ""):
            # The document a task was given in belongs to its text: that is where it is looked for.
            content = f"{content}\n{document.words}" if content else document.words
        state = _task_state(
            name=texts["name"],
            assigner=texts["assigner"],
            lead=lead,
            status=status,
            status_label=label,
            assigned_on=assigned.on,
            assigned_at=assigned.at,
            due_on=due.on,
            due_at=due.at,
            priority=texts["priority"],
            urged=urged,
            evaluation=texts["evaluation"],
            evaluation_note=texts["evaluation_note"],
            content=content,
            lines=lines,
            completed_on=completed,
        )
        doubts = standing.doubts(status, label, completed, due.on, assigned.on) if completed else ()
        if undated:
            doubts = (undated, *doubts)
        no_due = bool(undated) or (due.on is None and self._says_no_deadline(row))
        return _export_task(row.number, texts["id"], state, document, helpers, role, implied, no_due, doubts)

    def _says_no_deadline(self, row: SheetRow) -> bool:
        index = self._layout.columns.get("due_on", len(row.cells))
        return index < len(row.cells) and fold_label(row.cells[index].text) in NO_DEADLINE

    def _role(self, text: str, problems: dict[str, tuple[str, str]]) -> Role:
        """Of the row's unit. Where it decides whether the unit is the lead, an unknown or missing word refuses the row:
        who is taken for the lead may be accused."""
        if "role" not in self._layout.columns:
            return Role.LEAD
        role = self._rules.words.role(text) if text else Role.UNKNOWN
        if role is Role.UNKNOWN and "lead" not in self._layout.columns:
            why = (
                "vai trò này chưa được khai báo; báo quản trị"
                if text
                else "thiếu vai trò, không rõ có phải đơn vị chủ trì"
            )
            problems.setdefault("role", (text, why))
        return Role.LEAD if role is Role.UNKNOWN else role

    def _standing(self, label: str, *, completed: bool) -> tuple[Status, bool, str]:
        """Status, whether only the missing completion date implies one, and why the row cannot be right."""
        known, words = self._layout.columns, self._rules.words
        status = standing.status_of(label, completed=completed, words=words)
        if completed:
            return status, False, standing.contradiction(status, label)
        silent = status is Status.UNKNOWN and "completed_on" in known
        return status, silent and standing.leaves_it_to_the_date(label, has_column="status" in known), ""

    # -- documents -------------------------------------------------------------------------------------------------

    def _document(
        self,
        row: SheetRow,
        texts: dict[str, str],
        moments: dict[str, Moment],
        problems: dict[str, tuple[str, str]],
    ) -> ExportDocument | RejectedRow:
        known = self._layout.columns
        issued: date | None = None
        dated = next((name for name in ("issued_on", "document_date") if name in known), None)
        for name in ("notation", "subject"):
            if not texts[name]:
                problems.setdefault(name, ("", _MISSING))
        if dated is not None:
            issued = moments.get(dated, _NO_DATE).on
            if issued is None:  # without its year a number names no document
                problems.setdefault(dated, ("", _MISSING))
        outgoing = self._layout.outgoing
        if outgoing is None and (outgoing := _OUTGOING.get(texts["direction"])) is None:
            problems.setdefault("direction", (texts["direction"], "cần 1 (văn bản đến) hoặc 2 (văn bản đi)"))
        secret = fold_label(texts["secrecy"]) not in self._rules.open_labels if texts["secrecy"] else None
        if problems or outgoing is None:
            return self._rejected(row, problems, hidden=frozenset({"subject"}) if secret else frozenset())
        state = _document_state(
            notation=texts["notation"],
            issued_on=issued,
            issuer=texts["issuer"],
            subject=texts["subject"],
            urgency=texts["urgency"],
            outgoing=outgoing,
            secret=secret,
            due_on=moments.get("due_on", _NO_DATE).on,
        )
        return _export_document(row.number, texts["id"], state)

    # -- what is wrong ---------------------------------------------------------------------------------------------

    def refused(self, row: SheetRow, index: int, reason: str) -> RejectedRow:
        """For what is wrong with the row as a whole, seen at that column. Nothing is shown of it: what has moved may be
        anything, the subject of a secret document too (F107)."""
        texts = self._layout.header.texts
        header = texts[index] if index < len(texts) else ""
        return RejectedRow(self._file, self._sheet, row, (CellProblem(place(row.number, index), header, "", reason),))

    def _rejected(
        self, row: SheetRow, problems: dict[str, tuple[str, str]], hidden: frozenset[str] = frozenset()
    ) -> RejectedRow:
        """Every problem of the row, from left to right. ``hidden``: fields whose content must not be shown (F107)."""
        columns = self._layout.columns
        for name, (_, reason) in problems.items():
            if reason == _MISSING and columns.get(name, len(row.cells)) < len(row.cells):
                written = clean(row.cells[columns[name]].text)
                problems[name] = (written, MEANS_NOTHING if written else reason)
        found = sorted((columns[name], name, *said) for name, said in problems.items() if name in columns)
        return RejectedRow(
            self._file,
            self._sheet,
            row,
            tuple(
                CellProblem(
                    place(row.number, index),
                    self._layout.title_of(name),
                    _HIDDEN if name in hidden and value else shown(value),
                    reason,
                )
                for index, name, value, reason in found
            ),
        )


_task_state, _document_state = maker(TaskState), maker(DocumentState)
_line, _export_task, _export_document = maker(Line), maker(ExportTask), maker(ExportDocument)


def _running_number(cell: Cell) -> str | None:
    """It is no field of a record; what is none must be read, for what may be wrong with it."""
    return "" if cell.kind == "number" else None


_TEXT_FIELDS = (
    "id", "name", "content", "assigner", "status", "lead", "role", "priority", "urged", "evaluation", "evaluation_note",
    "handler", "source_notation", "subject", "notation", "issuer", "direction", "urgency", "secrecy",
)  # fmt: skip


def _times_urged(text: str, problems: dict[str, tuple[str, str]]) -> bool:
    """Whether a task was urged at all: the column counts how often."""
    if not text:
        return False
    if not text.isdigit():
        problems.setdefault("urged", (text, "không phải số lần"))
    return text.strip("0") != ""
