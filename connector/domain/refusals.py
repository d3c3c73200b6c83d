"""Why a file was refused, in words for the clerk who dropped it, and how to mend it in Excel.

The codes are what ``FileRefused.reason`` holds; ``{name}`` is a field of the error, a part in ``[brackets]`` is left
out when its field is missing. File, sheet and cell are told beside the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

_SAVE_AS = "Mở tệp bằng Excel, chọn File → Save As → Excel Workbook (*.xlsx), rồi đưa tệp mới vào thư mục."
_EXPORT_AGAIN = "Xuất lại tệp từ iOffice dưới dạng Excel, mở xem có đủ số liệu, rồi đưa vào thư mục."
_SPLIT = "Xuất theo khoảng thời gian ngắn hơn, hoặc chia tệp thành nhiều tệp nhỏ, rồi đưa từng tệp vào thư mục."
_ZIP_AGAIN = "Giải nén, kiểm tra từng tệp, rồi đưa thẳng các tệp Excel vào thư mục (không cần nén)."


@dataclass(frozen=True, slots=True)
class Refusal:
    """``sentence``: what is wrong. ``mend``: what the clerk does now."""

    sentence: str
    mend: str


REFUSALS: dict[str, Refusal] = {
    # -- it is no table ----------------------------------------------------------------------------------------------
    "empty": Refusal("Tệp rỗng, không có nội dung nào.", _EXPORT_AGAIN),
    "blank": Refusal("Tệp chỉ gồm các byte 0: việc chép tệp chưa xong hoặc bị lỗi.", "Chép lại tệp vào thư mục."),
    "foreign": Refusal(
        "Đây là {found}, không phải bảng số liệu.",
        "Xuất lại từ iOffice dưới dạng Excel. Nếu bảng nằm trong tệp này, chép bảng sang Excel và lưu thành .xlsx.",
    ),
    "old_format": Refusal("Đây là {found}; chương trình không đọc dạng này.", _SAVE_AS),
    "no_table": Refusal("Không thấy bảng nào trong tệp[ ({found})].", _EXPORT_AGAIN),
    "login_page": Refusal(
        "Tệp là trang đăng nhập, không phải bảng số liệu: phiên làm việc trên iOffice đã hết hạn khi xuất.",
        "Đăng nhập lại iOffice, xuất lại tệp, mở xem có số liệu, rồi đưa vào thư mục.",
    ),
    "not_understood": Refusal(
        "Không hiểu được bảng trong tệp.",
        "Làm theo các mục “Cách sửa” của tệp; xem bằng: connector import --explain TỆP",
    ),
    "package": Refusal("Gói văn bản điện tử (edXML) không dùng được: {found}.", "Đề nghị nơi gửi gửi lại văn bản."),
    "too_many_rejected": Refusal(
        "Quá {limit} dòng không đọc được; đây không phải mẫu xuất mà chương trình biết.",
        "Xem nguyên nhân bằng: connector import --explain TỆP. Nếu cột bị hiểu sai, chạy: connector import --map",
    ),
    # -- it cannot be opened -----------------------------------------------------------------------------------------
    "protected": Refusal(
        "Tệp được bảo vệ bằng mật khẩu nên không mở được.",
        "Mở bằng Excel, chọn File → Info → Protect Workbook → Encrypt with Password, xóa mật khẩu, lưu lại.",
    ),
    "broken": Refusal(
        "Tệp bị hỏng hoặc bị cắt giữa chừng[ (dòng {line})].",
        "Chép lại tệp từ nơi gốc, hoặc xuất lại từ iOffice, mở xem có đủ số liệu, rồi đưa vào thư mục.",
    ),
    "encoding": Refusal("Chữ trong tệp không giải mã được theo bảng mã {encoding}.", _SAVE_AS),
    "quotes": Refusal(
        "Dấu ngoặc kép trong tệp CSV không khép đúng chỗ[, dòng {line}]; đọc tiếp sẽ lệch cột.",
        f"Sửa dấu ngoặc kép ở dòng đó, hoặc: {_EXPORT_AGAIN}",
    ),
    "reader_failed": Refusal(
        "Bộ đọc tệp gặp lỗi với tệp này; chương trình vẫn chạy bình thường.",
        f"{_SAVE_AS} Nếu vẫn lỗi, gửi tệp cho người phát triển.",
    ),
    "no_reader": Refusal(
        "Không khởi động được bộ đọc tệp; tệp chưa được xem.",
        "Kiểm tra máy chủ (bộ nhớ, cài đặt chương trình); chương trình sẽ thử lại.",
    ),
    # -- it could do harm --------------------------------------------------------------------------------------------
    "doctype": Refusal(
        "Tệp khai báo DTD hoặc thực thể XML, điều mà Excel không bao giờ ghi; có thể là tệp độc hại.", _EXPORT_AGAIN
    ),
    "bomb": Refusal("Tệp nén phình ra bất thường khi giải nén[ ({found})]; có thể là tệp độc hại.", _EXPORT_AGAIN),
    "external_links": Refusal(
        "Sổ lấy số liệu từ tệp hoặc nguồn khác (external links); số liệu có thể đã cũ.",
        "Trong Excel chọn Data → Edit Links → Break Link (hoặc chép rồi Paste Values), lưu lại.",
    ),
    # -- it is an archive that we do not unpack ----------------------------------------------------------------------
    "member_name": Refusal("Trong tệp nén có tên tệp không an toàn ({found}).", _ZIP_AGAIN),
    "member_twice": Refusal("Trong tệp nén có hai tệp cùng tên ({found}).", _ZIP_AGAIN),
    "member_link": Refusal("Trong tệp nén có liên kết thay vì tệp ({found}).", _ZIP_AGAIN),
    "nested_archive": Refusal("Trong tệp nén lại có tệp nén.", _ZIP_AGAIN),
    "compression": Refusal("Tệp nén dùng cách nén mà chương trình không đọc ({found}).", _ZIP_AGAIN),
    "archive_protected": Refusal("Tệp nén được đặt mật khẩu[ ({found})].", _ZIP_AGAIN),
    # -- it is too much ----------------------------------------------------------------------------------------------
    "too_large": Refusal("Tệp quá lớn: {size} MB, cho phép {limit} MB.", _SPLIT),
    "unpacked_too_large": Refusal("Tệp giải nén ra quá lớn: {size} MB, cho phép {limit} MB.", _SPLIT),
    "too_many_members": Refusal("Tệp nén chứa quá nhiều tệp: {size}, cho phép {limit}.", _SPLIT),
    "too_many_rows": Refusal("Bảng có quá nhiều dòng, cho phép {limit} dòng.", _SPLIT),
    "too_many_columns": Refusal(
        "Bảng có quá nhiều cột, cho phép {limit} cột.",
        "Xóa các ô thừa ở bên phải bảng (Ctrl+End cho biết ô cuối cùng), lưu lại.",
    ),
    "text_too_long": Refusal("Một ô dài quá {limit} ký tự.", "Rút ngắn ô đó, hoặc kiểm tra dấu ngoặc kép trước nó."),
    "too_slow": Refusal("Đọc tệp quá {limit} giây chưa xong.", _SPLIT),
    "memory": Refusal(
        "Đọc tệp cần quá {limit} MB bộ nhớ.",
        f"Xóa các dòng, cột trống ở cuối bảng (Ctrl+End cho biết ô cuối cùng), lưu lại. Nếu bảng dài thật: {_SPLIT}",
    ),
    # -- it is not there yet -----------------------------------------------------------------------------------------
    "still_written": Refusal("Tệp đang được ghi thêm trong lúc đọc.", "Chờ chép xong; chương trình sẽ đọc lại."),
    "vanished": Refusal("Tệp không còn ở chỗ cũ.", "Đưa lại tệp vào thư mục nếu vẫn cần nhập."),
    "unreadable": Refusal(
        "Không đọc được tệp (quyền truy cập, tệp đang bị khóa, hoặc ổ đĩa mạng).",
        "Đóng tệp trong Excel, kiểm tra quyền đọc của tệp và thư mục.",
    ),
    "not_a_file": Refusal(
        "Đây không phải một tệp thường (thư mục, liên kết hoặc thiết bị).", "Đưa chính tệp Excel vào thư mục."
    ),
}
