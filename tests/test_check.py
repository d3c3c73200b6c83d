"""``connector check``: everything that is wrong, at once, with the next step; no secret shown, no account locked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.checks import _skew
from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess
from tests.deployment import PASSWORDS, Deployment, servers

Servers = tuple[StandInProcess, MailCatcher]


@pytest.fixture(scope="module")
def two() -> Iterator[Servers]:
    with servers() as both:
        yield both


@pytest.fixture
def office(two: Servers, tmp_path: Path) -> Deployment:
    return Deployment.of(tmp_path, *two)


def problems(office: Deployment) -> dict[str, list[str]]:
    """Check → its problems, of those that have any."""
    done = office.run("check", "--json")
    assert done.code == 78, done.out + done.err
    return {one["check"]: one["problems"] for one in done.json if not one["ok"]}


def test_a_good_deployment_gets_a_clean_bill_and_no_letter(office: Deployment) -> None:
    done = office.good("check")
    lines = done.out.splitlines()
    assert [line for line in lines if not line.startswith("Tốt  ")] == ["Mọi mục đều tốt."]
    assert len(lines) == 12
    rows = office.good("check", "--json").json
    assert [list(row) for row in rows] == [["check", "ok", "problems", "note"]] * 11
    assert all(row["ok"] for row in rows)
    assert office.mail.messages == []
    assert all(count == 0 for name, count in office.counts().items() if name != "alembic_version")


def test_all_that_is_wrong_is_told_at_once_with_the_next_step(office: Deployment) -> None:
    (office.folder / "chặn").write_text("", encoding="utf-8")
    (office.folder / "mẫu.docx").write_bytes(b"khong phai Word")
    office.settings["letters"]["mailboxes"]["SO_KHONG_CO"] = "ai-do@donvi.example"
    office.settings["letters"].pop("admin_mailbox")
    office.settings["office"]["agency_order"].append("SO_LA")
    office.settings["smtp"]["port"] = 9
    office.settings["report"] = {"folder": "chặn/báo cáo", "template": "mẫu.docx"}
    office.write()
    office.password("ketnoi.thnc", "nham-roi")
    office.at("2031-02-15 08:00")  # a year nobody has confirmed
    found = problems(office)
    assert {name: len(one) for name, one in found.items()} == {
        "Bảng cơ quan": 1,
        "Lịch làm việc": 1,
        "Quy định": 1,
        "Thư mục báo cáo": 1,
        "Mẫu báo cáo": 1,
        "Nguồn ioffice": 1,
        "Máy chủ gửi thư": 1,
        "Địa chỉ nhận thư": 2,
    }
    told = "\n".join(problem for one in found.values() for problem in one)
    for words in (
        "không có đơn vị mang mã SO_LA; tên gần nhất: ",
        "lịch nghỉ năm 2031 chưa được xác nhận; bổ sung vào tệp calendar.file",
        "không ghi được vào chặn/báo cáo",
        "cấp quyền ghi hoặc đổi khóa report.folder",
        "mẫu.docx: không mở được như một tệp Word",
        "để trống khóa report.template",
        "từ chối đăng nhập của tài khoản ketnoi.thnc",
        "connector sync --retry-login",
        "Không kết nối được máy chủ gửi thư 127.0.0.1",
        "không có cơ quan mang mã SO_KHONG_CO",
        "letters.admin_mailbox: chưa khai hộp thư quản trị",
    ):
        assert words in told, words
    done = office.run("check")
    assert done.code == 78
    assert done.said == ""
    assert done.out.splitlines()[-1] == "Còn 9 vấn đề. Sửa từng vấn đề, rồi chạy lại: connector check"
    assert "LỖI  Máy chủ gửi thư" in done.out
    assert not any(secret in told + done.out + done.err for secret in (*PASSWORDS.values(), "nham-roi"))


def test_a_missing_database_folder_and_a_missing_password_stop_only_the_checks_that_need_them(
    office: Deployment,
) -> None:
    (office.folder / "ketnoi.vp.password").unlink()
    (office.folder / "ketnoi.thnc.password").chmod(0o644)
    office.settings["storage"] = {"database": "sqlite:///khong/co/connector.db"}
    office.write()
    before = office.server.ledger.count()
    found = problems(office)
    assert list(found) == ["Mật khẩu", "Cơ sở dữ liệu", "Nguồn ioffice", "Máy chủ gửi thư"]
    assert [("config.toml:" in one, "password_file" in one) for one in found["Mật khẩu"]] == [(True, True)] * 2
    assert "chmod 600" in found["Mật khẩu"][1]
    assert "khong/co" in found["Cơ sở dữ liệu"][0]
    assert "storage.database" in found["Cơ sở dữ liệu"][0]
    assert found["Nguồn ioffice"] == ["chưa kiểm tra được; sửa trước mục: Mật khẩu, Cơ sở dữ liệu"]
    assert office.server.ledger.count() == before


def test_a_refused_login_is_tried_once_by_check_and_then_by_nobody(office: Deployment) -> None:
    office.password("ketnoi.vp", "nham-roi")
    before = office.logins()
    assert "từ chối đăng nhập của tài khoản ketnoi.vp" in problems(office)["Nguồn ioffice"][0]
    assert office.logins() - before == 1
    (again,) = problems(office)["Nguồn ioffice"]
    assert "nguồn đã từ chối đăng nhập lúc 23:30 ngày 28/02/2022" in again
    assert "lần này không đăng nhập thử" in again
    assert office.run("sync").code == 77
    assert office.logins() - before == 1, "neither check nor sync may lock the account"
    office.password("ketnoi.vp", PASSWORDS["ketnoi.vp"])
    office.good("sync", "--retry-login")
    office.good("check")


def test_a_login_that_is_refused_in_sync_is_not_tried_by_check(office: Deployment) -> None:
    office.password("ketnoi.vp", "nham-roi")
    assert office.run("sync").code == 77
    before = office.logins()
    assert "--retry-login" in problems(office)["Nguồn ioffice"][0]
    assert office.logins() == before


def test_settings_that_cannot_be_read_are_the_only_thing_told(office: Deployment) -> None:
    path = office.folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[letters]", "[leters]"), encoding="utf-8")
    found = problems(office)
    assert list(found) == ["Cấu hình"]
    assert "letters" in found["Cấu hình"][0]
    path.unlink()
    assert "./config.toml" in problems(office)["Cấu hình"]


def test_a_database_of_another_version_is_named_and_left_alone(office: Deployment) -> None:
    office.good("status")
    office.write_rows("UPDATE alembic_version SET version_num = '9999'")
    found = problems(office)
    assert "connector db upgrade" in found["Cơ sở dữ liệu"][0]
    assert office.one("SELECT version_num FROM alembic_version") == "9999"


def test_a_source_that_is_down_is_named_as_down_and_holds_nothing(office: Deployment) -> None:
    office.settings["sources"]["ioffice"] |= {"base_url": "http://127.0.0.1:9/qlvb/", "attempts": 1}
    office.write()
    assert "Không kết nối được nguồn ioffice" in problems(office)["Nguồn ioffice"][0]
    assert office.one("SELECT count(*) FROM hold") == 0


def test_a_clock_far_from_the_servers_is_noted_and_is_no_problem() -> None:
    assert _skew(None) == ""
    assert _skew(12.0) == ""
    assert "chậm 20 phút so với máy chủ" in _skew(-1200.0)
    assert "nhanh 10 phút" in _skew(600.0)


def test_a_folder_for_exports_that_is_not_there_and_files_of_nobody_knows_which_source_are_told(
    office: Deployment,
) -> None:
    office.settings["imports"] = {"inbox": "nhận tệp"}
    office.write()
    assert problems(office) == {
        "Thư mục nhận tệp": ["không có thư mục nhận tệp; tạo thư mục hoặc sửa khóa imports.inbox"]
    }
    (office.folder / "nhận tệp").mkdir()
    assert "Tốt  Thư mục nhận tệp: nhận tệp" in office.good("check").out
    office.settings["sources"]["second"] = office.settings["sources"]["ioffice"]
    office.write()
    assert "imports.source: cần chọn một trong ioffice, second" in problems(office)["Thư mục nhận tệp"][0]
