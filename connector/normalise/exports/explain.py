"""The export doctor: what is wrong with a file, at which cell, the likely cause, and how to mend it in Excel. Pure.

``WORDS`` has a sentence of each kind for every code a Remark may carry; a test holds that none is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from connector.normalise.exports.columns import TITLES, Table
from connector.normalise.exports.headers import HeaderProblem
from connector.normalise.exports.joining import K, Question
from connector.normalise.exports.once import Contradiction
from connector.normalise.exports.problems import RejectedRow, Remark
from connector.normalise.exports.rows import CUT_SHORT, MEANS_NOTHING, OUTSIDE, UNDER_MERGED
from connector.normalise.exports.sheet import SheetReading
from connector.normalise.exports.text import lost

MANY = 20
"""So many rows are listed one by one."""
_SEVERAL = 2


class Words(NamedTuple):
    """With places for the values of a Remark. ``cause`` is the likely one; ``remedy`` is "" where nothing is to do."""

    what: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell a clerk. ``cell``: e.g. "C4", "" if it is about the whole sheet. ``stops``: the file is refused."""

    cell: str
    what: str
    cause: str
    remedy: str
    stops: bool

    def lines(self) -> list[str]:
        where = f"{self._place}: " if self.cell else ""
        found = [f"{where}{self.what}"]
        if self.cause:
            found.append(f"Nguyên nhân có thể: {self.cause}")
        if self.remedy:
            found.append(f"Cách sửa: {self.remedy}")
        return found

    @property
    def _place(self) -> str:
        return f"Ô {self.cell}" if self.cell[:1].isascii() and self.cell[:1].isupper() else self.cell.capitalize()


_EXPORT_AGAIN = "xuất lại tệp từ iOffice và thả thẳng vào thư mục, không mở rồi lưu bằng Excel"
_UNMERGE = "bỏ gộp ô đó (Home, Merge & Center, Unmerge Cells) rồi đặt cho mỗi cột một tên riêng"

WORDS: Mapping[str, Words] = {
    "html_as_xls": Words(
        "tệp có đuôi {suffix} nhưng bên trong là trang HTML",
        "phần mềm xuất bảng HTML rồi đặt tên như tệp Excel",
        "",
    ),
    "header_unknown": Words(
        "không tìm thấy dòng tên cột nào nhận ra được",
        "đây không phải danh sách nhiệm vụ hay sổ văn bản, hoặc tên cột của mẫu này chưa được khai báo",
        "nếu đúng là tệp cần nhập, báo quản trị chạy: connector import --map",
    ),
    "header_garbled": Words(
        "tên cột bị hỏng chữ, ví dụ “{value}”: một phần ký tự đã mất, không khôi phục được",
        "tệp Unicode (UTF-8) đã bị mở bằng bảng mã khác rồi lưu lại",
        _EXPORT_AGAIN,
    ),
    "header_missing": Words(
        "dòng tên cột thiếu: {missing}. Đã nhận ra: {matched}.{near}",
        "cột bị xóa, bị đổi tên, hoặc tên cột nằm trong ô gộp",
        "thêm hoặc đổi lại tên cột ở dòng này, hoặc báo quản trị chạy: connector import --map",
    ),
    "header_double": Words(
        "hai cột cùng được hiểu là “{field}”: {cells}",
        "hai tên cột cùng nghĩa trong một bảng",
        "đổi tên một cột, hoặc báo quản trị chọn cột đúng bằng: connector import --map",
    ),
    "header_merged": Words(
        "ô gộp {cells} “{field}” là tên của nhiều cột, và các cột đó đều có dữ liệu",
        "một ô tên cột gộp trên nhiều cột",
        f"{_UNMERGE}; hoặc báo quản trị chọn cột đúng bằng: connector import --map",
    ),
    "header_end": Words(
        "cột “Ngày kết thúc” có thể là hạn phải xong hoặc là ngày đã xong; không cột nào khác cho biết",
        "mẫu xuất không có riêng cột hạn và cột ngày hoàn thành",
        "đổi tên cột thành “Hạn hoàn thành” hoặc “Ngày hoàn thành”, hoặc báo quản trị chạy: connector import --map",
    ),
    "header_direction": Words(
        "không rõ đây là sổ văn bản đi hay văn bản đến",
        "không có cột riêng của văn bản đi (Ngày đi) hay văn bản đến (Số đến, Ngày đến), tiêu đề cũng không ghi",
        "ghi “Văn bản đi” hoặc “Văn bản đến” ở dòng tiêu đề phía trên bảng",
    ),
    "text_mixed": Words(
        "cột “{column}” lẫn hai bảng mã: {evidence}",
        "một phần được chép từ tệp gõ bằng phông cũ",
        "chuyển cả cột sang Unicode (Unikey: Ctrl+Shift+F6) rồi nhập lại",
    ),
    "text_unreadable": Words(
        "không đọc được chữ của cột “{column}”: {evidence}",
        "gõ bằng một phông cũ chưa được hỗ trợ, hoặc tệp đã hỏng chữ khi lưu",
        f"chuyển cột sang Unicode bằng Unikey, hoặc {_EXPORT_AGAIN}",
    ),
    "text_converted": Words(
        "chữ của cột “{column}” là {coding}, đã chuyển sang Unicode: {examples}",
        "tệp gõ bằng phông cũ hoặc đã bị mở bằng bảng mã khác",
        "xem lại ba ví dụ; nếu đúng thì không phải làm gì",
    ),
    "dates_other_order": Words(
        "cột “{column}” viết tháng trước ngày, ví dụ {value} ({count} ô)",
        "tệp được lưu trên máy đặt kiểu ngày của Mỹ",
        f"{_EXPORT_AGAIN}; hoặc đặt lại kiểu ngày của Windows là dd/MM/yyyy",
    ),
    "dates_mixed_order": Words(
        "cột “{column}” lẫn hai kiểu ngày; {count} ô như {value} viết tháng trước ngày",
        "nhiều người nhập bằng máy đặt kiểu ngày khác nhau",
        "sửa cả cột về ngày/tháng/năm rồi nhập lại",
    ),
    "dates_swapped": Words(
        "cột “{column}”: {dated} ô là ngày thật mà (hầu như) không ngày nào quá 12, còn {text} ô như {value} là chữ",
        "tệp được mở bằng Excel kiểu Mỹ: ngày nào đổi được thì đã bị đảo ngày với tháng",
        f"{_EXPORT_AGAIN}; nếu chắc chắn các ngày đều đúng thì đổi những ô còn là chữ thành ngày "
        "(Data, Text to Columns, Date: DMY)",
    ),
    "dates_serial": Words(
        "cột “{column}” có ô chỉ là số; đã hiểu là số ngày của Excel",
        "cột chưa được định dạng là ngày",
        "chọn cột, Format Cells, Date; nếu các ngày hiện ra đúng thì không phải làm gì",
    ),
    "end_is_planned": Words(
        "cột “{column}” đã được hiểu là ngày hoàn thành, nhưng {count} nhiệm vụ chưa xong cũng có ngày ở đó",
        "cột này là ngày kết thúc dự kiến",
        "báo quản trị chọn ý nghĩa của cột bằng: connector import --map",
    ),
    "merged_down": Words(
        "{count} ô gộp với ô phía trên được hiểu là giống ô trên",
        "các ô cùng nội dung được gộp dọc",
        "",
    ),
    "total_differs": Words(
        "dòng tổng cộng ghi {stated} nhưng đọc được {count} dòng",
        "tệp bị lọc, bị xóa dòng, hoặc xuất thiếu trang",
        f"kiểm tra bộ lọc và {_EXPORT_AGAIN}",
    ),
    "status_implied": Words(
        "{count} nhiệm vụ không ghi trạng thái (hoặc chỉ ghi trong hạn, quá hạn) và trống ở cột “{column}”: hiểu là "
        "chưa xong, vì cột này có ghi ở nhiệm vụ khác; nhiệm vụ đã biết là xong thì giữ nguyên",
        "",
        "",
    ),
    "status_unsaid": Words(
        "{count} nhiệm vụ không ghi trạng thái và cột “{column}” (gần như) bỏ trống: không rõ đã xong hay chưa, chưa "
        "tính vào bên nào",
        "iOffice không ghi ngày hoàn thành vào mẫu xuất này",
        "chọn thêm cột Trạng thái khi xuất",
    ),
    "status_blank": Words(
        "{count} nhiệm vụ để trống trạng thái: không tính là xong, cũng không tính là chưa xong",
        "mẫu xuất hoặc người nhập bỏ trống ô",
        "điền trạng thái rồi thả lại tệp",
    ),
    "second_table": Words(
        "một bảng khác bắt đầu ở dòng này, tên cột không đứng như ở bảng phía trên: {changed}",
        "hai bảng được đặt chồng lên nhau trong một trang",
        "chuyển bảng này, từ dòng tên cột của nó, sang một trang (sheet) riêng rồi nhập lại",
    ),
    "cut_short": Words(
        "dòng cuối chỉ có {fields} trên {width} cột và không có dấu xuống dòng; dòng này bị giữ lại",
        "tệp bị cắt ngang khi tải về hay sao chép, phía sau có thể còn dòng nữa",
        _EXPORT_AGAIN,
    ),
    "status_unknown": Words(
        "trạng thái chưa được khai báo, kèm số nhiệm vụ: {labels}; không tính là xong, cũng không tính là chưa xong",
        "phần mềm hoặc người nhập dùng một từ mới",
        "báo quản trị khai báo nghĩa của các trạng thái này ([vocabulary] trong tệp cấu hình)",
    ),
    "columns_unused": Words(
        "cột không dùng: {columns}",
        "tên cột này chưa được khai báo",
        "nếu cột có số liệu cần nhập, báo quản trị chạy: connector import TỆP --map \"{example}=TRƯỜNG\" "
        "(TRƯỜNG là nghĩa của cột, ví dụ lead, due_on)",
    ),
    "leads_unknown": Words(
        "đơn vị chủ trì không có trong bảng cơ quan: {names}; nhiệm vụ vẫn được nhập nhưng không tính cho cơ quan nào",
        "tên viết khác, một ô ghi nhiều đơn vị, hoặc đơn vị chưa được khai báo",
        "sửa trên iOffice rồi xuất lại, hoặc báo quản trị thêm tên vào bảng cơ quan (office.agencies_file)",
    ),
    "ended_as": Words(
        "cột “{column}” được hiểu là {meant}, vì bảng đã có cột kia",
        "",
        "nếu không đúng, báo quản trị chạy: connector import TỆP --map \"{column}=TRƯỜNG\" "
        "(due_on: hạn; other: không dùng)",
    ),
    "leads_missing": Words(
        "{count} nhiệm vụ không ghi đơn vị chủ trì (dòng {rows}): được nhập nhưng không tính cho cơ quan nào",
        "ô để trống vì giống dòng trên, đơn vị ghi ở dòng nhóm phía trên, hoặc mẫu xuất không có cột này",
        "điền đơn vị chủ trì vào từng dòng (không gộp ô, không để trống) rồi nhập lại",
    ),
    "sheets_hidden": Words(
        "trang bị ẩn nên không đọc: {names}",
        "",
        "nếu trang có số liệu cần nhập: trong Excel bấm chuột phải vào tên trang, chọn Unhide, lưu rồi thả lại tệp",
    ),
}  # fmt: skip

LEAD_MISSING = (
    "là dòng của đơn vị phối hợp, nhưng không có dòng của đơn vị chủ trì dùng được; khi nhiệm vụ đã được nhập, chạy: "
    "connector quarantine retry"
)
_REMEDIES: Mapping[str, str] = {
    "bắt buộc nhưng để trống": "điền ô này",
    "Excel đã đổi số, ký hiệu này thành ngày": "định dạng cột là Text rồi gõ lại số, ký hiệu; tốt nhất là xuất lại tệp",
    "có thể Excel đã đổi số, ký hiệu này thành ngày": "định dạng cột là Text rồi gõ lại số, ký hiệu",
    MEANS_NOTHING: "điền giá trị thật vào ô này",
    OUTSIDE: f"đặt ô có dấu phân cách trong dấu nháy kép, hoặc {_EXPORT_AGAIN}",
    UNDER_MERGED: _UNMERGE,
    CUT_SHORT: _EXPORT_AGAIN,
    "ô bị lỗi công thức": "sửa công thức, hoặc thay bằng giá trị",
    "là số, không phải ngày": "gõ lại theo dạng ngày/tháng/năm, ví dụ 28/02/2022",
}
_RETYPE = "sửa ô này rồi thả lại tệp, hoặc báo quản trị"


_SHOWN_AS: Mapping[str, str] = {
    "status_label": "status",
    "assigned_at": "assigned_on",
    "due_at": "due_on",
    "lines": "cooperating",
    "secret": "secrecy",
}
"""Field of a record → the column that tells it."""


def explain_remark(remark: Remark) -> Advice:
    words = WORDS[remark.code]
    what, cause, remedy = (part.format_map(remark.values) for part in words)
    return Advice(remark.cell, what, cause, remedy, remark.stops)


def explain_header(problem: HeaderProblem) -> list[Advice]:
    """Why the header stops the sheet; for two columns of one field an advice for each field."""
    header = problem.header
    first = header.cell(0) if header is not None and header.pairs else ""
    matched = ", ".join(f"{cell} “{text}” = {title}" for cell, text, title in problem.matched) or "chưa cột nào"
    if problem.kind == "double":
        return [
            explain_remark(
                Remark("header_merged", cells[0], {"field": title, "cells": area}, stops=True)
                if (area := problem.merged.get(title))
                else Remark("header_double", cells[0], {"field": title, "cells": ", ".join(cells)}, stops=True)
            )
            for title, cells in problem.doubles.items()
        ]
    if problem.kind in ("unknown", "missing") and header is not None:
        garbled = [text for text in header.texts if lost(text)]
        if len(garbled) >= _SEVERAL:
            return [explain_remark(Remark("header_garbled", first, {"value": garbled[0]}, stops=True))]
    near = "".join(f" Cột {cell} “{text}” có phải “{known}” không?" for cell, text, known in problem.near)
    values = {"missing": "; ".join(problem.missing), "matched": matched, "near": near}
    if problem.kind == "end":
        first = next((cell for cell, _, title in problem.matched if title.startswith("ngày kết thúc")), first)
    return [explain_remark(Remark(f"header_{problem.kind}", first, values, stops=True))]


def explain_rejected(rows: Iterable[RejectedRow]) -> list[Advice]:
    """One advice for each reason and column, with its first cell and how many there are."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        for one in row.problems:
            found.setdefault((one.reason, one.header), []).append((one.cell, one.value))
    return [
        Advice(
            cells[0][0],
            (f"cột “{header}”: {reason}" if header else reason)
            + (f" (giá trị: {cells[0][1]})" if cells[0][1] else "")
            + (f"; cùng lỗi ở {len(cells) - 1} ô khác" if len(cells) > 1 else ""),
            "",
            _REMEDIES.get(reason, _RETYPE),
            stops=False,
        )
        for (reason, header), cells in found.items()
    ]


def explain(reading: SheetReading, rejected: Iterable[RejectedRow] = ()) -> list[Advice]:
    """Everything there is to say of a sheet, what stops it first. ``reading``: its records have been read."""
    if isinstance(reading.layout, HeaderProblem):
        return [*explain_header(reading.layout), *map(explain_remark, reading.remarks)]
    found = [explain_remark(one) for one in reading.remarks] + explain_rejected(rejected)
    return sorted(found, key=lambda one: not one.stops)


def explain_question(question: Question[K]) -> str:
    """Why a row waits for a person, and which records it may be."""
    refs = ", ".join(one.ref for one in question.candidates)
    if question.why == "several":
        return f"nhiều bản ghi cùng khớp: {refs}"
    if question.why == "shared":
        return f"nhiều dòng của tệp cùng khớp một bản ghi: {refs}"
    if question.why == "id":
        return f"mã của dòng và các cột khác không chỉ cùng một bản ghi: {_candidates(question)}"
    return f"gần giống bản ghi {_candidates(question)}: có thể đã được sửa, hoặc là bản ghi mới"


def _candidates(question: Question[K]) -> str:
    """The candidates, with what differs; where nothing does, the row tells too little."""
    return "; ".join(
        f"{one.ref} ({'khác ' + ', '.join(what) if what else 'dòng này không đủ cột để khẳng định'})"
        for one, what in zip(question.candidates, question.differences, strict=True)
    )


def explain_contradiction(one: Contradiction, table: Table) -> str:
    """Which rows say different things of one record."""
    rows = ", ".join(map(str, one.rows))
    if one.beside:
        others = ", ".join(map(str, one.beside))
        return f"dòng {rows} không ghi {_titles(one.fields, table)} nên có thể là bất kỳ dòng nào trong: {others}"
    return f"các dòng {rows} là cùng một bản ghi nhưng khác nhau ở: {_titles(one.fields, table)}"


def explain_across(places: Iterable[tuple[str, int]], fields: Iterable[str], table: Table) -> str:
    """``places``: (name of the sheet, row) of one record."""
    rows = "; ".join(f"trang “{sheet}” dòng {row}" for sheet, row in places)
    return f"{rows}: cùng một bản ghi nhưng khác nhau ở: {_titles(fields, table)}"


def _titles(fields: Iterable[str], table: Table) -> str:
    names = dict.fromkeys(_SHOWN_AS.get(name, name) for name in fields)
    return ", ".join(TITLES[table].get(name, name) for name in names)
