"""The fixed sentences of the report, written once: ``templates/make_template.py`` puts them into the Word template
(``{name}`` becomes the placeholder ``{{ name }}``), ``text`` fills them for the PDF.

The wording is the office's own, of its report of March 2022; do not polish it.
"""

from __future__ import annotations

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
ISSUER = "{issuer}"
OFFICE = "VĂN PHÒNG"
NUMBER = "Số:        /BC-VP"
DATE_LINE = "{place}, ngày     tháng {report_month} năm {report_year}"

KIND = "BÁO CÁO"
TITLE = ("Kết quả rà soát, tổng hợp tiến độ thực hiện các nhiệm vụ đã giao", "đến hết ngày {cutoff}")

OPENING = (
    "Thực hiện Quyết định số {decision_number} ngày {decision_date} của UBND tỉnh về ban hành Quy chế tiếp nhận, "
    "xử lý, phát hành, quản lý văn bản điện tử và theo dõi, đôn đốc, kiểm tra việc thực hiện nhiệm vụ do UBND tỉnh, "
    "Chủ tịch UBND tỉnh giao các cơ quan nhà nước trên địa bàn tỉnh; {office} báo cáo kết quả rà soát nhiệm vụ "
    "giao trên hệ thống quản lý nhiệm vụ như sau:"
)
HEADING_1 = "1. Tiến độ thực hiện nhiệm vụ"
PROGRESS = (
    "Trong tháng {month}, UBND tỉnh, Chủ tịch, các Phó Chủ tịch UBND tỉnh đã giao các sở, ban, ngành, {units} "
    "tổng số {assigned} nhiệm vụ. {progress}"
)
PROGRESS_NONE = (
    "Trong tháng {month}, UBND tỉnh, Chủ tịch, các Phó Chủ tịch UBND tỉnh không giao nhiệm vụ mới cho các sở, ban, "
    "ngành, {units}."
)
APPENDIX_NOTE = "nhiệm vụ chưa hoàn thành đã quá hạn tại phụ lục kèm theo"
HEADING_2 = (
    "2. Tình hình theo dõi, quản lý, cập nhật kết quả hoàn thành nhiệm vụ trên hệ thống quản lý nhiệm vụ của "
    "VNPT-iOffice"
)
PROCESS = (
    "Theo quy định tại {decision_article} Quyết định số {decision_number} ngày {decision_date} của UBND tỉnh đã quy "
    "định rõ nội dung, quy trình thực hiện nhiệm vụ do UBND tỉnh, Chủ tịch UBND tỉnh giao tại các cơ quan, đơn vị "
    "nhận nhiệm vụ. {process}"
)
CLOSING = (
    "{office} đề nghị Thủ trưởng các sở, ban, ngành, Chủ tịch {units} tập trung thực hiện các nhiệm vụ UBND tỉnh, "
    "Chủ tịch, các Phó Chủ tịch UBND tỉnh giao; chỉ đạo cán bộ, chuyên viên thực hiện đúng quy trình xử lý, cập nhật "
    "kịp thời tình hình, kết quả thực hiện nhiệm vụ để báo cáo UBND tỉnh theo quy định./."
)

RECIPIENTS_TITLE = "Nơi nhận:"
RECIPIENTS = (
    "- Chủ tịch, các PCT UBND tỉnh (BC);",
    "- Các sở, ban, ngành;",
    "- {units};",
    "- C, PVP UBND tỉnh, các phòng chuyên môn;",
    "- Trung tâm THCB (đăng tải);",
    "- Lưu: {archive}.",
)

APPENDIX = "Phụ lục"
APPENDIX_TITLE = ("DANH MỤC NHIỆM VỤ CHƯA HOÀN THÀNH ĐÃ QUÁ HẠN", "(TÍNH ĐẾN HẾT NGÀY {cutoff})")
APPENDIX_OF = "(Kèm theo Báo cáo số        /BC-VP ngày     tháng {report_month} năm {report_year} của {office})"
APPENDIX_COLUMNS = (
    ("number", "STT", 11, True),
    ("notation", "Số, ký hiệu", 35, True),
    ("document_date", "Ngày văn bản", 23, True),
    ("name", "Trích yếu/nội dung nhiệm vụ", 60, False),
    ("agency", "Cơ quan chủ trì", 34, False),
    ("cooperating", "Cơ quan phối hợp", 29, False),
    ("due", "Hạn xử lý", 23, True),
    ("days_overdue", "Số ngày quá hạn", 17, True),
    ("note", "Ghi chú", 20, False),
)
"""Field of a row, heading, width in mm (together 252, what the landscape page leaves), centred or not."""
APPENDIX_END = "./."

WITHHELD = "(nội dung mật)"

PLACEHOLDERS: dict[str, str] = {
    "issuer": "tên cơ quan chủ quản, chữ in hoa",
    "place": "địa danh",
    "report_month": "tháng ban hành",
    "report_year": "năm ban hành",
    "cutoff": "ngày chốt số liệu",
    "month": "tháng báo cáo",
    "decision_number": "số quyết định",
    "decision_date": "ngày quyết định",
    "decision_article": "khoản, điều được viện dẫn",
    "office": "tên văn phòng",
    "units": "UBND các huyện, thành phố hoặc UBND các xã, phường",
    "assigned": "tổng số nhiệm vụ đã giao",
    "progress": "câu về số đã hoàn thành, chưa hoàn thành",
    "process": "câu về cơ quan chưa thực hiện đúng quy trình",
    "archive": "nơi lưu",
    "signer_titles": "chức vụ người ký, mỗi mục một dòng",
    "signer_name": "họ tên người ký",
    "rows": "các dòng của phụ lục",
}
"""Placeholders of the Word template → what stands there, in Vietnamese, for the office and for error messages."""

NEEDED = frozenset({"cutoff", "month", "assigned", "progress", "process", "rows"})
"""Placeholders without which the report would lose a figure; the office may drop the others."""
NEEDED_COLUMNS = frozenset({"number", "name", "agency", "due", "days_overdue"})
"""Fields of an appendix row without which the list would not say who owes what."""
