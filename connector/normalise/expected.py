"""The fields of the wire we read or know of, per kind of record. Pure.

Source: the notes on VNPT-iOffice's REST API, sections 4 (tasks), 5 (documents) and 8 (notices). A field inside a nested
record has a dotted name, ``[]`` stands for every entry of a list: "files[].id". Where the notes leave open whether a
value is text or number (section 3.3), both are expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

JsonType: TypeAlias = Literal["string", "number", "boolean", "null", "list", "object"]
LabelTable: TypeAlias = Literal["status", "roles", "log_actions"]


@dataclass(frozen=True, slots=True)
class Expected:
    """``types``: what may come; without "null" every record has a value. ``needed``: without the field records are
    lost, or misjudged although each of them still reads well. ``others``: spellings the normaliser reads as well.
    ``some_lists``: only some lists have it, so which ones had rows decides whether we see it."""

    types: frozenset[JsonType]
    needed: bool = False
    others: tuple[str, ...] = ()
    some_lists: bool = False


_ID_TYPES: frozenset[JsonType] = frozenset({"string", "number"})
_TEXT_TYPES: frozenset[JsonType] = frozenset({"string", "null"})
_TEXT = Expected(_TEXT_TYPES)
_NUMBER = Expected(_ID_TYPES | {"null"})
_FLAG = Expected(frozenset({"boolean", "string", "number", "null"}))
_LIST = Expected(frozenset({"list", "null"}))
_ANY = Expected(frozenset({"string", "number", "boolean", "null", "list", "object"}))
_NEEDED_ID = Expected(_ID_TYPES, needed=True)
_NEEDED_TEXT = Expected(frozenset({"string"}), needed=True)
_NEEDED_IF_ANY = Expected(_TEXT_TYPES, needed=True)  # may be empty in a record, but not in all of them
_NEEDED_LIST = Expected(frozenset({"list", "null"}), needed=True)

NOTATION = ("soKihieu", "soKiHieu", "soKyHieu")  # three spellings of one thing


def _all(expected: Expected, names: str, prefix: str = "") -> dict[str, Expected]:
    return {prefix + name: expected for name in names.split()}


def _file(prefix: str = "", id_: Expected = _NUMBER, name: Expected = _TEXT) -> dict[str, Expected]:
    """AttachFileInfo, section 5.7."""
    flags = "isKy kyPki kyServer kyCA commentDisplay editFile btnChuyen"
    return {
        prefix + "id": id_,
        prefix + "name": name,
        prefix + "info": _LIST,
        **_all(_NUMBER, "attachmentId fileSize filePage", prefix),
        **_all(_TEXT, "creator", prefix),
        **_all(_FLAG, flags, prefix),
    }


EXPECTED: Mapping[str, Mapping[str, Expected]] = {
    "task_row": {
        "id": _NEEDED_ID,
        **_all(_NEEDED_TEXT, "name status"),
        # without them: no deadline, no month of the report, no agency, nobody whose tasks are counted
        **_all(_NEEDED_IF_ANY, "endDate startDate chuTri lanhDaoGiaoViec"),
        **_all(_TEXT, "vaitro mucDo noiDungDanhGia"),
        "nxlId": Expected(_NUMBER.types, some_lists=True),  # in the list of tasks given to us
        "statusDanhGia": _NUMBER,
        "dondoc": _FLAG,
    },
    "task_detail": {
        **_all(_TEXT, "name noiDung status priority ngayGiaoViec ngayHetHan lanhDaoGiaoViec noiDungDanhGia"),
        "statusDanhGia": _NUMBER,
        "files": _LIST,
        **_file("files[]."),
        **_all(_FLAG, "btnAddAssign btnUpdate btnFlow btnEvaluate btnStatus btnCreateJob"),
    },
    "task_flow": {
        **_all(_TEXT, "name content status startDate endDate"),
        "files": _LIST,
        **_file("files[]."),
    },
    "task_processors": {
        "name": _NEEDED_TEXT,
        "vaiTro": _NEEDED_IF_ANY,
        **_all(_TEXT, "status startDate endDate"),
    },
    "task_children": {"name": _NEEDED_TEXT, **_all(_TEXT, "content status")},
    "task_files": _file("", _NEEDED_ID, _NEEDED_TEXT),
    "document_row": {
        "id": _NEEDED_ID,
        **{
            name: Expected(_TEXT_TYPES, name == "soKihieu", tuple(one for one in NOTATION if one != name))
            for name in NOTATION
        },
        **_all(_NEEDED_IF_ANY, "ngayVanBan coQuanBanHanh trichYeu"),
        **_all(_TEXT, "doKhan ngayNhan hasFile processDefinitionId"),
        **_all(_NUMBER, "congVanDenDi processInstanceId"),
        **_all(_FLAG, "isRead isCheck"),
        **_all(Expected(_FLAG.types, some_lists=True), "role type isComment isChuTri layLai isSign isChuyenTiep"),
    },
    "document_detail": {
        "id": _NEEDED_ID,
        **{name: Expected(_TEXT_TYPES, others=tuple(one for one in NOTATION if one != name)) for name in NOTATION},
        **_all(_NUMBER, "soDenDi soTrang soBan trangThai xuLy taskId processInstanceId soVanBan"),
        **_all(_TEXT, "trichYeu typeCode soVanBanCode ngayTao ngayBanHanh ngayVanBan ngayDenDi hanGiaiQuyet"),
        **_all(_TEXT, "donViBanHanh donViSoanThao donViLuuGoc nguoiKiChinh nguoiKiSao assigner doMat tuKhoa ghiChu"),
        **_all(_TEXT, "hinhThucVanBan hinhThucVanBanCode linhVuc linhVucCode doUuTien doUuTienCode priorityCode"),
        **_all(_TEXT, "hinhThucGui hinhThucGuiCode processKey"),
        **_all(_FLAG, "isPreview isQuanTriVanBanDi isCapNhatVbBanHanh"),
        "process": _ANY,
    },
    "document_log": {
        "unit": _NEEDED_IF_ANY,
        "schema": _TEXT,
        "parameter": _NEEDED_LIST,
        "parameter[].updateDate": _NEEDED_TEXT,
        "parameter[].action": _NEEDED_IF_ANY,
        "parameter[].status": _NUMBER,
        **_all(_TEXT, "fullName updateBy comment chuyenToi avatar schema", "parameter[]."),
    },
    "document_related": {"id": _NEEDED_ID, **_all(_TEXT, "name ngayVanBan")},
    "document_files": _file("", _NEEDED_ID, _NEEDED_TEXT),
    "notice": {
        **_all(_NUMBER, "id type"),
        "link": _NEEDED_IF_ANY,  # the only place of the task's id
        **_all(_TEXT, "createdDate createdUser title avatar"),
    },
}

LABELS: Mapping[tuple[str, str], LabelTable] = {
    ("task_row", "status"): "status",
    ("task_detail", "status"): "status",
    ("task_flow", "status"): "status",
    ("task_processors", "status"): "status",
    ("task_children", "status"): "status",
    ("task_row", "vaitro"): "roles",
    ("task_processors", "vaiTro"): "roles",
    ("document_log", "parameter[].action"): "log_actions",
}
"""Fields whose values are labels of the deployment, and the table of the settings that maps them."""

SAME_MEANING: Mapping[str, str] = {
    "endDate": "ngayHetHan",
    "startDate": "ngayGiaoViec",
    "mucDo": "priority",
    "vaitro": "vaiTro",
    "content": "noiDung",
}
"""Names the API itself uses for one thing in different records (section 9): the first to think of after a renaming."""


def possible_names(field: str) -> Iterable[str]:
    """Other names under which a vanished field may have come back."""
    parent, _, name = field.rpartition(".")
    for one, other in SAME_MEANING.items():
        if name in (one, other):
            yield f"{parent}.{other if name == one else one}".lstrip(".")
