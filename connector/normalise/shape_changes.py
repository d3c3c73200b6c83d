"""One change in the shape of the wire's records, and what an admin reads about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, Literal, TypeAlias, get_args

from connector.normalise.expected import LABELS
from connector.normalise.shapes import Example

Mode: TypeAlias = Literal["accept", "warn", "stop"]
Change: TypeAlias = Literal[
    "new_field", "vanished_field", "returned_field", "retyped_field", "unknown_label", "too_many_names"
]
MODES: tuple[Mode, ...] = get_args(Mode)
CHANGES: tuple[Change, ...] = get_args(Change)

MODES_KEY = "field_modes"
"""Name of the setting that holds the modes, as the sentences tell it."""

KINDS = {
    "task_row": "danh sách nhiệm vụ",
    "task_detail": "chi tiết nhiệm vụ",
    "task_flow": "tiến độ nhiệm vụ",
    "task_processors": "người xử lý nhiệm vụ",
    "task_children": "nhiệm vụ con",
    "task_files": "tệp của nhiệm vụ",
    "document_row": "danh sách văn bản",
    "document_detail": "chi tiết văn bản",
    "document_log": "nhật ký xử lý văn bản",
    "document_related": "văn bản liên quan",
    "document_files": "tệp của văn bản",
    "notice": "thông báo",
}
_TYPES = {
    "string": "chữ",
    "number": "số",
    "boolean": "đúng/sai",
    "null": "trống (null)",
    "list": "danh sách",
    "object": "bản ghi con",
}
_LABELS = {
    "status": ("trạng thái", "nhiệm vụ mang nhãn này không bị coi là xong, cũng không bị coi là chưa xong"),
    "roles": ("vai trò", "dòng mang nhãn này không được coi là chủ trì hay phối hợp"),
    "log_actions": ("thao tác của nhật ký văn bản", "bước này không được dùng để kết luận vi phạm"),
}


@dataclass(frozen=True, slots=True)
class ShapeChange:
    """One change of one field of one ``kind`` of record. ``before`` and ``now`` in Vietnamese; ``rows`` of ``seen``
    records show it. ``label`` and the values of ``examples`` come from the source and may be personal text."""

    change: Change
    kind: str
    field: str
    before: str
    now: str
    rows: int
    seen: int
    mode: Mode
    examples: tuple[Example, ...] = ()
    label: str = attribute(default="", repr=False)
    renamed: str = ""

    @property
    def sentence(self) -> str:
        """For the admin: what, where, and what to do next. Without example values, with the label."""
        return _sentence(self)

    def to_json(self) -> dict[str, Any]:
        """Everything, for the database and the operator's screen."""
        return self.for_log() | {
            "label": self.label,
            "examples": [{"record": one.record, "value": one.value} for one in self.examples],
            "sentence": self.sentence,
        }

    def for_log(self) -> dict[str, Any]:
        """Without values and labels of the source; the records can be looked up by their ids."""
        names = ("change", "kind", "field", "before", "now", "rows", "seen", "mode", "renamed")
        return {name: getattr(self, name) for name in names} | {"records": [one.record for one in self.examples]}


def types_text(types: Iterable[str]) -> str:
    """ "chữ, số": in a fixed order."""
    found = set(types)
    return ", ".join(word for type_, word in _TYPES.items() if type_ in found)


def _sentence(change: ShapeChange) -> str:
    where = KINDS.get(change.kind, change.kind)
    field = f'Trường "{change.field}" của {where}'
    share = f"{change.rows}/{change.seen} bản ghi"
    if change.change == "new_field":
        what = f'Có trường mới "{change.field}" ở {where} (kiểu {change.now}; {share}), đã được giữ trong bản gốc.'
        then = "xem ví dụ kèm theo; nếu trường này có ý nghĩa với việc theo dõi, báo người phát triển."
    elif change.change == "vanished_field":
        gone = "không còn giá trị" if change.now == "để trống" else "không có"
        was = f"trước đây: {change.before}" if change.before else "chương trình cần trường này"
        what = f"{field} {gone} ở bản ghi nào trong {change.seen} bản ghi ({was})."
        if change.renamed:
            what += f' Có thể đã đổi tên thành "{change.renamed}".'
        then = "mở iOffice xem trường này còn hiển thị không; nếu còn, báo người phát triển."
    elif change.change == "retyped_field":
        what = f"{field} đổi kiểu: trước đây là {change.before}, nay có {change.now} ở {share}."
        then = "xem ví dụ kèm theo và báo người phát triển."
    elif change.change == "returned_field":
        return f"{field} đã có giá trị trở lại ở {share}. Không phải làm gì thêm."
    elif change.change == "too_many_names":
        what = f"Nguồn gửi quá nhiều tên trường hoặc nhãn khác nhau ở {where}; các tên sau đó không được theo dõi."
        then = "báo người phát triển."
    else:
        word, meaning = _LABELS[LABELS[change.kind, change.field]]
        what = f'Nhãn {word} "{change.label}" ở {where} ({share}) chưa được khai báo: {meaning}.'
        then = "khai nhãn trong mục [vocabulary] của tệp cấu hình; xem đề xuất: connector source learn"
    if change.mode == "stop":
        key = change.change if change.change in ("unknown_label", "too_many_names") else f"{change.kind}.{change.field}"
        what += " Lượt đọc đã dừng, dữ liệu đã lưu được giữ nguyên."
        then += f' Nếu thay đổi là đúng, đặt "{key}" = "accept" trong {MODES_KEY} rồi chạy lại: connector sync'
    return f"{what} Cần làm: {then}"
