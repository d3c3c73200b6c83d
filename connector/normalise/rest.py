"""The REST API's rows → our records. The wire's names and oddities stop here. Pure.

A row that cannot be read comes back as Rejected with every problem it has, each naming its wire field.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from connector.domain.records import (
    AttachedFile,
    ChildTask,
    DocumentDetail,
    DocumentRow,
    DocumentState,
    FlowRow,
    Line,
    LogEntry,
    RawRow,
    Rejected,
    RelatedDocument,
    TaskDetail,
    TaskRow,
)
from connector.normalise.expected import NOTATION
from connector.normalise.fields import (
    FieldError,
    Moment,
    clean,
    flag,
    html_text,
    moment,
    optional_id,
    optional_line,
    optional_text,
    records,
    required_id,
    required_text,
    text,
)
from connector.normalise.vocabulary import Vocabularies

T = TypeVar("T")
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_NO_MOMENT = Moment(None, None)
_NOBODY: tuple[tuple[str, str], ...] = ()


class _Fields:
    """Reads the fields of one record and collects what is wrong; ``prefix`` says which record of a list."""

    def __init__(self, payload: Any, zone: ZoneInfo, problems: list[str], prefix: str = "") -> None:
        self.row: Mapping[str, Any] = payload if isinstance(payload, Mapping) else {}
        self._zone = zone
        self._problems = problems
        self._prefix = prefix
        if not isinstance(payload, Mapping):
            self.complain("không phải bản ghi JSON" if payload is not None else "không có dữ liệu")

    def complain(self, problem: str) -> None:
        self._problems.append(self._prefix + problem)

    def take(self, convert: Callable[[Any, str], T], name: str, otherwise: T) -> T:
        try:
            return convert(self.row.get(name), name)
        except FieldError as error:
            self.complain(str(error))
            return otherwise

    def text(self, name: str) -> str:
        return self.take(text, name, "")

    def optional(self, name: str) -> str:
        value = self.row.get(name)
        return optional_line(value) if type(value) is str else self.take(optional_text, name, "")

    def moment(self, name: str) -> Moment:
        return self.take(lambda value, field: moment(value, field, self._zone), name, _NO_MOMENT)

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        return self.take(records, name, [])

    def files(self) -> list[tuple[str, str]]:
        """(id, name) of attached files."""
        found = []
        for row in self.rows("files"):
            inner = _Fields(row, self._zone, self._problems, f"{self._prefix}files: ")
            found.append((inner.take(optional_id, "id", ""), inner.text("name")))
        return found


class RestNormaliser:
    """Implements ``ports.Normaliser`` for the REST API. ``zone``: the source writes local times without a zone."""

    def __init__(self, vocabulary: Vocabularies, zone: ZoneInfo) -> None:
        self._words = vocabulary
        self._zone = zone

    @property
    def words(self) -> Vocabularies:
        """The words in force: with other words the same answer may mean something else."""
        return self._words

    # -- tasks -----------------------------------------------------------------------------------------------------

    def task_row(self, raw: RawRow) -> TaskRow | Rejected:
        problems: list[str] = []
        fields = _Fields(raw.payload, self._zone, problems)
        if problems:
            return Rejected(raw, tuple(problems))
        label, role = fields.optional("status"), fields.optional("vaitro")
        assigned, due = fields.moment("startDate"), fields.moment("endDate")
        received = raw.stream.list == "duocgiao"
        row = TaskRow(
            stream=raw.stream,
            task_id=fields.take(required_id, "id", ""),
            line_id=fields.take(optional_id, "nxlId", "") if received else "",
            name=fields.take(required_text, "name", ""),
            status=self._words.status(label),
            status_label=label,
            role=self._words.role(role),
            lead=fields.optional("chuTri"),
            assigner=fields.optional("lanhDaoGiaoViec"),
            assigned_on=assigned.on,
            assigned_at=assigned.at,
            due_on=due.on,
            due_at=due.at,
            priority=fields.optional("mucDo"),
            urged=fields.take(flag, "dondoc", False),
            evaluation=fields.optional("statusDanhGia"),
            evaluation_note=fields.optional("noiDungDanhGia"),
            fetched_at=raw.fetched_at,
        )
        return Rejected(raw, tuple(problems)) if problems else row

    def task_detail(self, raw: RawRow) -> TaskDetail | Rejected:
        problems: list[str] = []
        fields = _Fields(raw.payload, self._zone, problems)
        if problems:
            return Rejected(raw, tuple(problems))
        label = fields.optional("status")
        detail = TaskDetail(
            task_id=raw.subject or "",
            content=fields.take(html_text, "noiDung", ""),
            status=self._words.status(label),
            status_label=label,
            due_on=fields.moment("ngayHetHan").on,
            files=tuple(name for _, name in fields.files() if name),
            fetched_at=raw.fetched_at,
        )
        return Rejected(raw, tuple(problems)) if problems else detail

    def task_flow(self, raw: RawRow) -> tuple[FlowRow, ...] | Rejected:
        """The whole progress history, in the order shown; equal rows are told apart by their occurrence, from 0."""
        seen: Counter[str] = Counter()

        def row(fields: _Fields) -> FlowRow:
            author, label = fields.text("name"), fields.optional("status")
            content = fields.take(html_text, "content", "")
            starts, due, files = fields.moment("startDate"), fields.moment("endDate"), fields.files()
            digest = _digest(author, content, label, _written(starts), _written(due), files)
            seen[digest] += 1
            return FlowRow(
                author=author,
                content=content,
                status_label=label,
                starts_on=starts.on,
                due_on=due.on,
                files=tuple(name for _, name in files if name),
                digest=digest,
                occurrence=seen[digest] - 1,
            )

        return self._list(raw, row)

    def task_processors(self, raw: RawRow) -> tuple[Line, ...] | Rejected:
        def row(fields: _Fields) -> Line:
            role, label = fields.optional("vaiTro"), fields.optional("status")
            return Line(
                name=fields.take(required_text, "name", ""),
                role=self._words.role(role),
                role_label=role,
                status_label=label,
                starts_on=fields.moment("startDate").on,
                due_on=fields.moment("endDate").on,
                status=self._words.status(label),
            )

        return self._list(raw, row)

    def task_children(self, raw: RawRow) -> tuple[ChildTask, ...] | Rejected:
        def row(fields: _Fields) -> ChildTask:
            content = fields.take(html_text, "content", "")
            return ChildTask(fields.text("name"), content, fields.optional("status"))

        return self._list(raw, row)

    def task_files(self, raw: RawRow) -> tuple[str, ...] | Rejected:
        """Names of the assigner's files."""
        found = self._list(raw, lambda fields: fields.text("name"))
        return found if isinstance(found, Rejected) else tuple(name for name in found if name)

    # -- documents -------------------------------------------------------------------------------------------------

    def document_row(self, raw: RawRow) -> DocumentRow | Rejected:
        problems: list[str] = []
        fields = _Fields(raw.payload, self._zone, problems)
        if problems:
            return Rejected(raw, tuple(problems))
        direction = fields.take(optional_id, "congVanDenDi", "")
        row = DocumentRow(
            stream=raw.stream,
            document_id=fields.take(required_id, "id", ""),
            state=DocumentState(
                notation=next((found for name in NOTATION if (found := fields.optional(name))), ""),
                issued_on=fields.moment("ngayVanBan").on,
                issuer=fields.optional("coQuanBanHanh"),
                subject=fields.text("trichYeu"),
                urgency=fields.optional("doKhan"),
                outgoing=direction == "2" or raw.stream.list.startswith("DI_"),
            ),
            fetched_at=raw.fetched_at,
            is_read={"true": True, "false": False}.get(str(fields.row.get("isRead")).strip().casefold()),
        )
        return Rejected(raw, tuple(problems)) if problems else row

    def document_log(self, raw: RawRow) -> tuple[LogEntry, ...] | Rejected:
        """The activity log of all units, in the order shown. A row dated without a time counts from 00:00 local."""
        problems: list[str] = []
        entries: list[LogEntry] = []
        seen: Counter[str] = Counter()
        for position, group in enumerate(_rows(raw.payload, problems), 1):
            unit = _Fields(group, self._zone, problems, f"đơn vị {position}: ")
            name = unit.optional("unit")
            for number, row in enumerate(unit.rows("parameter"), 1):
                fields = _Fields(row, self._zone, problems, f"đơn vị {position}, dòng {number}: ")
                entry = self._log_entry(name, fields)
                if entry is not None:
                    digest = _digest(name, *(fields.optional(one) for one in _LOG_FIELDS))
                    seen[digest] += 1
                    entries.append(_with_digest(entry, digest, seen[digest] - 1))
        return Rejected(raw, tuple(problems)) if problems else tuple(entries)

    def _log_entry(self, unit: str, fields: _Fields) -> LogEntry | None:
        label = fields.optional("action")
        when = fields.moment("updateDate")
        recipients = fields.take(_recipients, "chuyenToi", _NOBODY)
        if when.on is None:
            fields.complain("updateDate: bắt buộc nhưng để trống")
            return None
        at = when.at or datetime.combine(when.on, time(0), self._zone)
        return LogEntry(unit, self._words.action(label), label, at, recipients)

    def document_files(self, raw: RawRow) -> tuple[AttachedFile, ...] | Rejected:
        return self._list(raw, lambda fields: AttachedFile(fields.take(required_id, "id", ""), fields.text("name")))

    def document_detail(self, raw: RawRow) -> DocumentDetail | Rejected:
        problems: list[str] = []
        fields = _Fields(raw.payload, self._zone, problems)
        detail = DocumentDetail(fields.moment("hanGiaiQuyet").on, fields.optional("doMat"))
        return Rejected(raw, tuple(problems)) if problems else detail

    def document_related(self, raw: RawRow) -> tuple[RelatedDocument, ...] | Rejected:
        def row(fields: _Fields) -> RelatedDocument:
            return RelatedDocument(
                document_id=fields.take(required_id, "id", ""),
                title=fields.text("name"),
                dated_on=fields.moment("ngayVanBan").on,
            )

        return self._list(raw, row)

    def _list(self, raw: RawRow, make: Callable[[_Fields], T]) -> tuple[T, ...] | Rejected:
        problems: list[str] = []
        found = [
            make(_Fields(row, self._zone, problems, f"dòng {number}: "))
            for number, row in enumerate(_rows(raw.payload, problems), 1)
        ]
        return Rejected(raw, tuple(problems)) if problems else tuple(found)


_LOG_FIELDS = ("schema", "fullName", "updateBy", "updateDate", "status", "comment", "chuyenToi", "action")


def _rows(payload: Any, problems: list[str]) -> list[Mapping[str, Any]]:
    try:
        return records(payload, "data")
    except FieldError as error:
        problems.append(str(error))
        return []


def _recipients(value: Any, field: str) -> tuple[tuple[str, str], ...]:
    """``XLC: A|PH: B; C|XEM: |XYK: `` → (part, name) pairs. Only ";" parts names: commas belong to them."""
    found: list[tuple[str, str]] = []
    for part in optional_text(value, field).split("|"):
        label, colon, names = part.partition(":")
        if not colon and label.strip():
            raise FieldError(field, value, "không hiểu danh sách nơi nhận")
        found += [(clean(label).upper(), name) for one in names.split(";") if (name := clean(one))]
    return tuple(found)


def _with_digest(entry: LogEntry, digest: str, occurrence: int) -> LogEntry:
    return LogEntry(entry.unit, entry.action, entry.action_label, entry.at, entry.recipients, digest, occurrence)


def _written(value: Moment) -> str:
    return value.at.isoformat() if value.at else value.on.isoformat() if value.on else ""


def _digest(*values: Any) -> str:
    return hashlib.sha256(_ENCODE(values).encode()).hexdigest()
