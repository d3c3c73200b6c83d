"""What an operator reads when something goes wrong: what happened, where, and what to do next, in Vietnamese.

Every class of ``errors`` has its Help (under test). In a text, ``{name}`` is a field of the error; a part in
``[square brackets]`` is left out when one of its fields is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connector import errors as e
from connector.domain.refusals import REFUSALS
from connector.redaction import clean

_UNKNOWN = "(không rõ)"
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(\w+)\}")

# Names of fields an error may carry that its own sentence does not mention.
_LABELS = {
    "source": "nguồn",
    "account": "tài khoản",
    "stream": "danh sách",
    "path": "tệp",
    "file": "tệp",
    "sheet": "trang tính",
    "cell": "ô",
    "folder": "thư mục",
    "template": "mẫu",
    "database": "cơ sở dữ liệu",
    "host": "máy chủ",
    "url": "địa chỉ",
    "job": "việc",
    "key": "mã",
    "run_id": "lượt chạy số",
    "period": "kỳ báo cáo",
    "code": "mã lỗi",
}


@dataclass(frozen=True, slots=True)
class Help:
    """``sentence``: what happened and where. ``next_step``: what the operator does now."""

    sentence: str
    next_step: str


HELP: dict[type[e.ConnectorError], Help] = {
    e.ConnectorError: Help(
        "Chương trình gặp lỗi.",
        "Chạy: connector check. Nếu lỗi lặp lại, gửi dòng chi tiết kỹ thuật dưới đây cho người phát triển.",
    ),
    e.SettingsError: Help(
        "Tệp cấu hình chưa dùng được:\n{problems}",
        "Sửa các dòng nêu trên (mọi khóa được giải thích trong config.example.toml), rồi chạy: connector check",
    ),
    e.SettingsMissing: Help(
        "Không tìm thấy tệp cấu hình. Đã tìm ở:\n{problems}",
        "Sao chép config.example.toml thành config.toml, điền thông tin, rồi chạy: connector check. "
        "Nếu tệp ở nơi khác: connector --config TỆP …",
    ),
    e.CalendarGap: Help(
        "Lịch làm việc không có dữ liệu cho thời gian cần tính[ ({date})]; chương trình không tự đoán ngày nghỉ.",
        "Bổ sung năm còn thiếu vào bảng lịch làm việc (calendar.file trong tệp cấu hình), rồi chạy lại: "
        "connector detect",
    ),
    e.SourceError: Help(
        "Có lỗi khi đọc dữ liệu từ nguồn[ {source}]; dữ liệu đã lưu được giữ nguyên.",
        "Chạy: connector check, rồi chạy lại: connector sync[ --source {source}]",
    ),
    e.SourceUnavailable: Help(
        "Không kết nối được nguồn[ {source}], hoặc nguồn đang bận[, khi đọc danh sách {list}]; dữ liệu đã lưu được giữ "
        "nguyên.",
        "Kiểm tra mạng và trang iOffice, rồi chạy lại: connector sync[ --source {source}]. "
        "Dịch vụ sẽ tự thử lại ở lượt sau.",
    ),
    e.SourceUntrusted: Help(
        "Chứng thư số của máy chủ[ {source}] không được chấp nhận[: {why}]; chưa gửi thông tin nào, dữ liệu đã lưu "
        "được giữ nguyên.",
        "Nếu máy chủ dùng chứng thư do đơn vị tự cấp: khai khóa ca_file của nguồn trong tệp cấu hình. Nếu không, kiểm "
        "tra địa chỉ base_url và ngày giờ của máy này, hoặc báo đơn vị quản trị iOffice. Sau đó chạy: connector check",
    ),
    e.SourceGarbled: Help(
        "Nguồn[ {source}] trả lời không đúng dạng (trang HTML, dữ liệu bị cắt hoặc quá lớn); dữ liệu đã lưu được giữ "
        "nguyên.",
        "Mở địa chỉ base_url bằng trình duyệt để xem iOffice có đang bảo trì không, rồi chạy lại: "
        "connector sync[ --source {source}]",
    ),
    e.SourceRefused: Help(
        "Nguồn[ {source}] từ chối yêu cầu[ với mã lỗi {code}]; dữ liệu đã lưu được giữ nguyên.",
        "Kiểm tra quyền của tài khoản trên iOffice, rồi chạy: connector check",
    ),
    e.AuthNeeded: Help(
        "Nguồn[ {source}] từ chối đăng nhập[ của tài khoản {account}]. Chương trình chỉ thử một lần và sẽ không đăng "
        "nhập nữa, để tài khoản không bị khóa.",
        "Kiểm tra tài khoản và mật khẩu (đăng nhập thử bằng trình duyệt), sửa tệp mật khẩu, rồi chạy: "
        "connector sync --retry-login",
    ),
    e.ForbiddenRequest: Help(
        "Chương trình định gửi một yêu cầu nằm ngoài danh sách cho phép; yêu cầu đã bị chặn, chưa có gì được gửi đi.",
        "Đây là lỗi của chương trình: gửi dòng chi tiết kỹ thuật dưới đây cho người phát triển. "
        "Xem tình trạng: connector status",
    ),
    e.SuspiciousShrink: Help(
        "Số nhiệm vụ giảm bất thường[: {vanished} trên {stored} nhiệm vụ sẽ bị coi là biến mất]. "
        "Chưa đánh dấu nhiệm vụ nào.",
        "Kiểm tra trên iOffice xem tài khoản có còn thấy đủ nhiệm vụ không. Nếu nhiệm vụ thật sự không còn, chạy: "
        "connector sync --full --accept-shrink",
    ),
    e.TooManyRejected: Help(
        "Quá nhiều dòng[ của nguồn {source}] không đọc được[ ({rejected} trên {fetched} dòng)][, ví dụ: {example}]; "
        "lượt đọc đã dừng, các phát hiện được giữ nguyên.",
        "Chạy: connector status để xem từng dòng và lý do, và xem trên iOffice các trường đó có gì vừa thay đổi. Nếu "
        "iOffice đổi dạng dữ liệu, gửi các dòng đó cho người phát triển. Sau đó chạy lại: connector sync",
    ),
    e.SourceChanged: Help(
        "Dữ liệu của nguồn[ {source}] có dạng khác trước; lượt đọc đã dừng, nhiệm vụ và văn bản đã lưu được giữ "
        "nguyên[:\n{changes}].",
        "Xem trên iOffice có gì vừa thay đổi. Nếu thay đổi là đúng, khai khóa field_modes của nguồn trong tệp cấu hình "
        "như nêu trên, rồi chạy lại: connector sync[ --source {source}]",
    ),
    e.FileRefused: Help(
        "Tệp bị từ chối, chưa có dòng nào được nhập.",
        "Sửa tệp theo dòng chi tiết kỹ thuật dưới đây. Xem tình trạng: connector status",
    ),
    e.FileNotReady: Help(
        "Tệp chưa đọc được lúc này; chương trình sẽ thử lại.",
        "Chờ việc chép tệp hoàn tất và đóng tệp trong Excel. Xem tình trạng: connector status",
    ),
    e.InboxUnusable: Help(
        "Không dùng được thư mục nhận tệp[ {folder}][: không chuyển được tệp {file}]; dữ liệu đã nhập được giữ nguyên.",
        "Kiểm tra khóa imports.inbox, quyền đọc và ghi của thư mục, dung lượng đĩa, rồi chạy: connector check. "
        "Dịch vụ sẽ tự thử lại.",
    ),
    e.StoreError: Help(
        "Không mở hoặc không ghi được cơ sở dữ liệu[ {database}].",
        "Kiểm tra khóa storage.database, quyền ghi thư mục và dung lượng đĩa, rồi chạy: connector check",
    ),
    e.SchemaOutdated: Help(
        "Cơ sở dữ liệu do một phiên bản khác của chương trình tạo ra[ (phiên bản {found}, cần {needed})].",
        "Sao lưu tệp cơ sở dữ liệu, rồi chạy: connector db upgrade",
    ),
    e.StoreNotEmpty: Help(
        "Cơ sở dữ liệu đích[ {database}] đã có dữ liệu; chưa có gì bị thay đổi.",
        "Dừng dịch vụ, chuyển cơ sở dữ liệu cũ sang chỗ khác hoặc tạo một cơ sở dữ liệu mới còn trống, rồi chạy lại. "
        "Xem trong đó có gì: connector status",
    ),
    e.BackupBroken: Help(
        "Tệp sao lưu[ {file}] không dùng được; chưa có gì bị thay đổi[:\n{problems}].",
        "Dùng một bản sao lưu khác; thử trước bằng: connector db drill TỆP",
    ),
    e.AuditBroken: Help(
        "Nhật ký thao tác không còn nguyên vẹn[ từ mục {number}: {why}].",
        "Giữ nguyên cơ sở dữ liệu, báo người phụ trách an toàn thông tin; thử các bản sao lưu cũ bằng: "
        "connector db drill TỆP",
    ),
    e.RunBusy: Help(
        "Việc này[ ({job})] đang chạy ở một tiến trình khác.",
        "Chờ việc đó xong rồi chạy lại. Xem việc đang chạy: connector status",
    ),
    e.MailError: Help(
        "Có lỗi khi gửi thư; thư còn nguyên trong hàng chờ.",
        "Chạy: connector check, rồi gửi lại: connector deliver",
    ),
    e.MailUnavailable: Help(
        "Không kết nối được máy chủ gửi thư[ {host}], hoặc máy chủ hẹn gửi lại sau; thư còn nguyên trong hàng chờ.",
        "Kiểm tra mạng và mục smtp của tệp cấu hình, rồi gửi lại: connector deliver. Dịch vụ sẽ tự thử lại ở lượt sau.",
    ),
    e.MailRefused: Help(
        "Máy chủ gửi thư[ {host}] từ chối hẳn (đăng nhập, địa chỉ người gửi hoặc thư); thư còn nguyên trong hàng chờ.",
        "Sửa username, mật khẩu và sender trong mục smtp của tệp cấu hình, chạy: connector check, "
        "rồi gửi lại: connector deliver",
    ),
    e.ReportError: Help(
        "Không lập được báo cáo[ tháng {period}].",
        "Chạy: connector status để xem tình trạng dữ liệu, rồi chạy lại: connector report {period}",
    ),
    e.TotalsMismatch: Help(
        "Các con số của báo cáo[ tháng {period}] không khớp nhau; báo cáo chưa được ghi ra.",
        "Đọc lại dữ liệu: connector sync --full, rồi lập lại: connector report {period}. Nếu vẫn không khớp, gửi "
        "dòng chi tiết kỹ thuật dưới đây cho người phát triển.",
    ),
    e.TemplateBroken: Help(
        "Mẫu[ {template}] không dùng được[: thiếu {placeholder}].",
        "Sửa lại mẫu bằng Word, hoặc để trống khóa report.template để dùng mẫu kèm theo, rồi chạy lại: "
        "connector report {period}",
    ),
    e.FolderUnusable: Help(
        "Không ghi được báo cáo vào thư mục[ {file}].",
        "Kiểm tra đường dẫn và quyền ghi của thư mục (khóa report.folder), rồi chạy lại: connector report {period}",
    ),
    e.NoData: Help(
        "Chưa có dữ liệu[ của tháng {period}].",
        "Đọc dữ liệu trước: connector sync, rồi chạy lại: connector report {period}",
    ),
    e.UsageProblem: Help(
        "Tham số không dùng được[: {argument}][; cần {expected}].",
        "Sửa lại tham số. Xem cách dùng: connector --help",
    ),
    e.TimelineError: Help(
        "Không đọc được dòng thời gian hoặc hồ sơ của máy chủ mô phỏng[: {file}].",
        "Sửa tệp theo dòng chi tiết kỹ thuật dưới đây, rồi chạy lại: connector simulate",
    ),
    e.CheckFailed: Help(
        "Kiểm tra chưa đạt; các vấn đề đã được liệt kê ở trên.",
        "Sửa từng vấn đề, rồi chạy lại: connector check",
    ),
}

UNEXPECTED = Help(
    "Chương trình gặp lỗi ngoài dự kiến.",
    "Gửi dòng chi tiết kỹ thuật dưới đây cho người phát triển. Xem tình trạng: connector status",
)


def help_for(error: BaseException) -> Help:
    """The Help of a file's reason, of the error's class, or of its nearest ancestor; UNEXPECTED for none of ours."""
    if isinstance(error, e.FileRefused) and error.reason in REFUSALS:
        refusal = REFUSALS[error.reason]
        return Help(refusal.sentence, refusal.mend)
    return next((HELP[cls] for cls in type(error).__mro__ if cls in HELP), UNEXPECTED)


def operator_message(error: BaseException) -> str:
    """Three or four lines: what happened, where (if known), what to do, and last the technical cause in English."""
    help_ = help_for(error)
    fields = {k: v for k, v in getattr(error, "fields", {}).items() if v not in (None, "")}
    lines = [f"LỖI: {fill(help_.sentence, fields)}"]
    said = set(_FIELD.findall(help_.sentence))
    where = [f"{label}: {clean(str(fields[k]))}" for k, label in _LABELS.items() if k in fields and k not in said]
    if where:
        lines.append(f"Nơi xảy ra: {'; '.join(where)}")
    lines.append(f"Cần làm: {fill(help_.next_step, {'period': 'YYYY-MM', **fields})}")
    if "problems" not in said:  # there the problems are the cause
        lines.append(f"Chi tiết kỹ thuật: {_cause(error)}")
    return "\n".join(lines)


def fill(text: str, fields: Mapping[str, object]) -> str:
    """The text with its fields; never fails on a missing one."""

    def optional(part: re.Match[str]) -> str:
        return part[1] if all(name in fields for name in _FIELD.findall(part[1])) else ""

    def value(field: re.Match[str]) -> str:
        return clean(str(fields[field[1]])) if field[1] in fields else _UNKNOWN

    return _FIELD.sub(value, _OPTIONAL.sub(optional, text))


def _cause(error: BaseException) -> str:
    parts = [f"{type(error).__name__}: {error}".rstrip(": ")]
    if error.__cause__ is not None:
        parts.append(f"{type(error.__cause__).__name__}: {error.__cause__}")
    return clean(" ← ".join(" ".join(part.split()) for part in parts))
