"""The office's report of February 2022, line by line as it was published, and its appendix."""

from __future__ import annotations

LETTERHEAD = [
    "UBND TỈNH LẠNG SƠN",
    "VĂN PHÒNG",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Số:        /BC-VP",
    "Lạng Sơn, ngày     tháng 3 năm 2022",
    "BÁO CÁO",
    "Kết quả rà soát, tổng hợp tiến độ thực hiện các nhiệm vụ đã giao đến hết ngày 28/02/2022",
]
BODY = [
    "Thực hiện Quyết định số 31/2020/QĐ-UBND ngày 11/7/2020 của UBND tỉnh về ban hành Quy chế tiếp nhận, xử lý, phát "
    "hành, quản lý văn bản điện tử và theo dõi, đôn đốc, kiểm tra việc thực hiện nhiệm vụ do UBND tỉnh, Chủ tịch UBND "
    "tỉnh giao các cơ quan nhà nước trên địa bàn tỉnh; Văn phòng UBND tỉnh báo cáo kết quả rà soát nhiệm vụ giao trên "
    "hệ thống quản lý nhiệm vụ như sau:",
    "1. Tiến độ thực hiện nhiệm vụ",
    "Trong tháng 02/2022, UBND tỉnh, Chủ tịch, các Phó Chủ tịch UBND tỉnh đã giao các sở, ban, ngành, UBND các huyện, "
    "thành phố tổng số 183 nhiệm vụ. Đã hoàn thành 119 nhiệm vụ đúng hạn; còn 64 nhiệm vụ chưa hoàn thành, trong đó "
    "58 nhiệm vụ còn thời hạn, 06 nhiệm vụ quá thời hạn (nhiệm vụ chưa hoàn thành đã quá hạn tại phụ lục kèm theo).",
    "2. Tình hình theo dõi, quản lý, cập nhật kết quả hoàn thành nhiệm vụ trên hệ thống quản lý nhiệm vụ của "
    "VNPT-iOffice",
    "Theo quy định tại khoản 4 Điều 13 Quyết định số 31/2020/QĐ-UBND ngày 11/7/2020 của UBND tỉnh đã quy định rõ nội "
    "dung, quy trình thực hiện nhiệm vụ do UBND tỉnh, Chủ tịch UBND tỉnh giao tại các cơ quan, đơn vị nhận nhiệm vụ. "
    "Tuy nhiên, trong tháng còn một số cơ quan đơn vị chưa thực hiện đúng quy trình trên, cụ thể như: Sở Thông tin và "
    "Truyền thông (01 văn bản); Sở Kế hoạch và Đầu tư (01 văn bản); UBND huyện Hữu Lũng (01 văn bản).",
    "Văn phòng UBND tỉnh đề nghị Thủ trưởng các sở, ban, ngành, Chủ tịch UBND các huyện, thành phố tập trung thực "
    "hiện các nhiệm vụ UBND tỉnh, Chủ tịch, các Phó Chủ tịch UBND tỉnh giao; chỉ đạo cán bộ, chuyên viên thực hiện "
    "đúng quy trình xử lý, cập nhật kịp thời tình hình, kết quả thực hiện nhiệm vụ để báo cáo UBND tỉnh theo quy "
    "định./.",
]
SIGNATURE = [
    "Nơi nhận:",
    "- Chủ tịch, các PCT UBND tỉnh (BC);",
    "- Các sở, ban, ngành;",
    "- UBND các huyện, thành phố;",
    "- C, PVP UBND tỉnh, các phòng chuyên môn;",
    "- Trung tâm THCB (đăng tải);",
    "- Lưu: VT, THNC (PT).",
    "CHÁNH VĂN PHÒNG",
    "Phạm Hùng Trường",
]
REPORT = LETTERHEAD + BODY + SIGNATURE
APPENDIX_HEAD = [
    "Phụ lục",
    "DANH MỤC NHIỆM VỤ CHƯA HOÀN THÀNH ĐÃ QUÁ HẠN",
    "(TÍNH ĐẾN HẾT NGÀY 28/02/2022)",
    "(Kèm theo Báo cáo số        /BC-VP ngày     tháng 3 năm 2022 của Văn phòng UBND tỉnh)",
]
APPENDIX_TABLE = [
    [
        "STT",
        "Số, ký hiệu",
        "Ngày văn bản",
        "Trích yếu/nội dung nhiệm vụ",
        "Cơ quan chủ trì",
        "Cơ quan phối hợp",
        "Hạn xử lý",
        "Số ngày quá hạn",
        "Ghi chú",
    ],
    [
        "1",
        "41/UBND-KGVX",
        "10/02/2022",
        "Triển khai thực hiện xúc tiến thương mại tại các xã biên giới",
        "Sở Thông tin và Truyền thông",
        "",
        "18/02/2022",
        "10",
        "",
    ],
    [
        "2",
        "63/UBND-ĐT",
        "17/02/2022",
        "Đề xuất phương án quyết toán ngân sách giai đoạn mới",
        "Sở Thông tin và Truyền thông",
        "Sở Tài chính",
        "22/02/2022",
        "6",
        "",
    ],
    [
        "3",
        "57/UBND-ĐT",
        "10/02/2022",
        "Kiểm tra, báo cáo bảo tồn di tích lịch sử trong tình hình mới",
        "Sở Khoa học và Công nghệ",
        "",
        "16/02/2022",
        "12",
        "",
    ],
    [
        "4",
        "56/UBND-TH",
        "10/02/2022",
        "Hướng dẫn thực hiện chương trình xây dựng nông thôn mới giai đoạn mới",
        "UBND thành phố Lạng Sơn",
        "",
        "17/02/2022",
        "11",
        "đã gia hạn 01 lần",
    ],
    [
        "5",
        "49/UBND-ĐT",
        "17/02/2022",
        "Tổng hợp, báo cáo chương trình xây dựng nông thôn mới giai đoạn mới",
        "UBND huyện Cao Lộc",
        "",
        "22/02/2022",
        "6",
        "",
    ],
    [
        "6",
        "76/UBND-NC",
        "15/02/2022",
        "Tham mưu báo cáo tiêm chủng mở rộng tại các khu công nghiệp",
        "UBND huyện Chi Lăng",
        "",
        "21/02/2022",
        "7",
        "",
    ],
]
