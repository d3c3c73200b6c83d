"""What the columns of an export can mean, and under which headers they are known. Pure.

Headers are compared in a form that forgets marks, case and punctuation (exports note B.1): good for short known words,
never for names. There is no matching by resemblance; the nearest known header is only told (B.4).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from connector.domain.agencies import fold_name

Table = Literal["task", "document"]

TITLES: Mapping[Table, Mapping[str, str]] = {
    "task": {
        "number": "số thứ tự",
        "id": "mã nhiệm vụ",
        "name": "tên nhiệm vụ",
        "content": "nội dung",
        "assigner": "người giao",
        "assigned_on": "ngày giao",
        "starts_on": "ngày bắt đầu",
        "due_on": "hạn hoàn thành",
        "completed_on": "ngày hoàn thành",
        "ended_on": "ngày kết thúc (chưa rõ là hạn hay ngày hoàn thành)",
        "status": "trạng thái",
        "lead": "đơn vị chủ trì",
        "handler": "đơn vị xử lý",
        "cooperating": "đơn vị phối hợp",
        "role": "vai trò xử lý",
        "priority": "mức độ ưu tiên",
        "urged": "số lần bị đôn đốc",
        "evaluation": "trạng thái đánh giá",
        "evaluation_note": "nội dung đánh giá",
        "source_notation": "số, ký hiệu văn bản giao",
        "source_date": "ngày văn bản giao",
        "other": "cột không dùng",
    },
    "document": {
        "number": "số thứ tự",
        "id": "mã văn bản",
        "subject": "trích yếu",
        "notation": "số, ký hiệu",
        "issued_on": "ngày ban hành",
        "document_date": "ngày văn bản",
        "issuer": "cơ quan ban hành",
        "arrived_on": "ngày đến",
        "arrival_number": "số đến",
        "sent_on": "ngày đi",
        "sent_number": "số đi",
        "signed": "văn bản ký số",
        "direction": "văn bản đi hay đến",
        "due_on": "hạn xử lý",
        "urgency": "độ khẩn",
        "secrecy": "độ mật",
        "other": "cột không dùng",
    },
}
"""Field → what people call it. ``handler``: the unit of a row, lead or not as its role says. ``other``: known, and
nothing we keep a record of; it may stand twice."""

REQUIRED: Mapping[Table, tuple[tuple[str, ...], ...]] = {
    "task": (("name",), ("due_on", "status", "completed_on", "ended_on"), ("lead", "handler", "assigner")),
    "document": (("subject",), ("notation",), ("issued_on", "document_date", "arrived_on", "sent_on")),
}
"""Of each group one column at least (B.4)."""

RECORD: Mapping[Table, tuple[tuple[str, ...], ...]] = {
    "task": (("name",), ("lead", "handler", "assigner")),
    "document": (("subject",), ("notation",)),
}
"""Of each group a filled cell: then a row without a running number is a record all the same."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_TELLING = r"dự kiến|kế hoạch|cũ\b|ban đầu|điều chỉnh|gia hạn|yêu cầu|phải"
"""Words by which a date is another one: planned, former, extended. They are never dropped, in brackets or above."""
_TRAILING = re.compile(rf"(?:\s*\((?![^()]*(?:{_TELLING}))[^()]*\)|[\s:*])+$", re.IGNORECASE)
_OTHER_THING = re.compile(_TELLING, re.IGNORECASE)
_OTHER_DOCUMENT = re.compile(r"sản phẩm|kết quả|hoàn thành|trả lời|báo cáo", re.IGNORECASE)
_OF_A_DOCUMENT = frozenset({"source_notation", "source_date"})
_MARKS = re.compile("[\u0300-\u036f]")
_SAME_LETTER = str.maketrans("đð\u0256", "ddd")
_NO_WORD = re.compile("[^0-9a-z]+")


@lru_cache(maxsize=4096)
def written_form(header: str) -> str:
    """With its marks: as names are compared, without the remark, colon and asterisk at the end."""
    return fold_name(_TRAILING.sub("", header))


@lru_cache(maxsize=4096)
def comparison_form(header: str) -> str:
    """Lower case without marks, single blanks for whatever is no letter or digit; a remark in brackets at the end,
    colons and asterisks dropped. Lossy: "Ngày đến" and "Ngày đền" become the same."""
    plain = _TRAILING.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", header)))
    bare = _MARKS.sub("", unicodedata.normalize("NFD", plain.casefold().translate(_SAME_LETTER)))
    return _NO_WORD.sub(" ", bare).strip()


@dataclass(frozen=True)
class Synonyms:
    """Table → header as written → field. A header counts as written, marks included ("Sổ văn bản" is no "Số văn bản");
    without them where all headers that would then look alike mean the same. ``forms``: of all, without marks."""

    headers: Mapping[Table, Mapping[str, str]]
    forms: frozenset[str] = field(init=False, compare=False, repr=False)
    _written: Mapping[tuple[Table, str], str] = field(init=False, compare=False, repr=False)
    _bare: Mapping[tuple[Table, str], str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        written: dict[tuple[Table, str], str] = {}
        bare: dict[tuple[Table, str], set[str]] = {}
        for table, known in self.headers.items():
            for header, meant in known.items():
                written[table, written_form(header)] = meant
                bare.setdefault((table, comparison_form(header)), set()).add(meant)
        object.__setattr__(self, "forms", frozenset(form for _, form in bare))
        object.__setattr__(self, "_written", written)
        object.__setattr__(self, "_bare", {key: min(meant) for key, meant in bare.items() if len(meant) == 1})

    def field_of(self, table: Table, header: str, parent: str = "") -> str | None:
        """``parent``: the header above it, of two rows of headers. Both together count before the lower one alone, and
        that does not count where the upper one makes it another thing: a planned date, the document of an answer."""
        both = self._find(table, f"{parent} - {header}") if parent else None
        if both is not None or not parent:
            return both or self._find(table, header)
        parent = unicodedata.normalize("NFC", parent)
        alone = None if _OTHER_THING.search(parent) else self._find(table, header)
        return None if alone in _OF_A_DOCUMENT and _OTHER_DOCUMENT.search(parent) else alone

    def _find(self, table: Table, header: str) -> str | None:
        found = self._written.get((table, written_form(header)))
        return found or self._bare.get((table, comparison_form(header)))
