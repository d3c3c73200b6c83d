"""``connector check``: everything that can be wrong before a run, all of it at once (F86).

Changes nothing but this: a new database and the report folder are created where none exist, and a refused login is
remembered, so that no account gets locked."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from connector.bootstrap import App, open_app
from connector.bootstrap_import import ImportApp
from connector.bootstrap_rules import RulesApp
from connector.domain.wording import moment_text
from connector.errors import AuthNeeded, ConnectorError, SettingsError
from connector.jobs.sync import login_hold
from connector.messages import operator_message
from connector.reference import load_agencies, load_calendar
from connector.settings import RestSettings

MOST_SKEW = 300
"""Seconds by which our clock may differ from the server's."""
LEAST_FREE = 500 * 1024 * 1024
"""Bytes that should be free where we write."""


@dataclass
class CheckResult:
    """``problems`` in Vietnamese, each with the next step; none: good."""

    name: str
    problems: list[str] = field(default_factory=list)
    note: str = ""


def run_checks(config: Path | None, environ: Mapping[str, str] | None = None) -> list[CheckResult]:
    """Every check, in the order a person would mend what it finds. At most one login per identity of an account, none
    where an earlier one was refused."""
    settings = CheckResult("Cấu hình")
    try:
        app = open_app(config, environ=os.environ if environ is None else environ)
    except SettingsError as error:
        settings.problems += error.problems or [operator_message(error)]
        return [settings]
    settings.note = str(app.path)
    secrets = _run("Mật khẩu", lambda: _passwords(app))
    database = _run("Cơ sở dữ liệu", lambda: _database(app))
    agencies = _run("Bảng cơ quan", lambda: _agencies(app))
    results = [
        settings,
        secrets,
        agencies,
        _run("Lịch làm việc", lambda: _calendar(app)),
        _waiting("Quy định", [agencies.name] if agencies.problems else []) or _run("Quy định", lambda: _rules(app)),
        database,
        _run("Thư mục báo cáo", lambda: _folder(app.settings.report.folder, "report.folder")),
        _run("Mẫu báo cáo", lambda: _template(app)),
    ]
    if app.settings.imports.inbox is not None:
        results.append(_run("Thư mục nhận tệp", lambda: _inbox(app)))
    for name in app.settings.sources:
        first = [one.name for one in (secrets, database) if one.problems]
        results.append(_waiting(f"Nguồn {name}", first) or _run(f"Nguồn {name}", partial(_source, app, name)))
    if not app.settings.sources and app.settings.imports.inbox is None:
        results.append(CheckResult("Nguồn dữ liệu", ["chưa khai báo nguồn nào: thêm mục [sources.<tên>]"]))
    first = [secrets.name] if secrets.problems else []
    results.append(_waiting("Máy chủ gửi thư", first) or _run("Máy chủ gửi thư", lambda: _mail(app)))
    results.append(_run("Địa chỉ nhận thư", lambda: _mailboxes(app)))
    return results


def _waiting(name: str, first: list[str]) -> CheckResult | None:
    """A check that cannot be made before others are good."""
    return CheckResult(name, [f"chưa kiểm tra được; sửa trước mục: {', '.join(first)}"]) if first else None


def _run(name: str, check: Callable[[], CheckResult]) -> CheckResult:
    try:
        found = check()
    except SettingsError as error:
        return CheckResult(name, list(error.problems))
    except ConnectorError as error:
        return CheckResult(name, [told(error)])
    found.name = name
    return found


def told(error: ConnectorError) -> str:
    """What happened and what to do, without "LỖI" before it: the line says so already."""
    return operator_message(error).removeprefix("LỖI: ")


def _passwords(app: App) -> CheckResult:
    found = app.passwords.sources
    return CheckResult("", note=f"{sum(map(len, found.values()))} tài khoản")


def _agencies(app: App) -> CheckResult:
    office = app.settings.office
    load_agencies(office.agencies_file, office.agency_order)
    return CheckResult("", note=str(office.agencies_file or "bảng kèm theo chương trình"))


def _calendar(app: App) -> CheckResult:
    file = app.settings.calendar.file
    calendar = load_calendar(file)
    year = app.clock.local_date(app.clock.now()).year
    result = CheckResult("", note=str(file or "lịch kèm theo chương trình"))
    if not calendar.is_confirmed(year):
        result.problems.append(
            f"lịch nghỉ năm {year} chưa được xác nhận; bổ sung vào tệp calendar.file theo thông báo nghỉ lễ chính thức"
        )
    return result


def _rules(app: App) -> CheckResult:
    rules = RulesApp(app)
    loaded = rules.loaded
    changed = f", đổi {len(loaded.changed)} quy định" if loaded.changed else ""
    result = CheckResult("", note=f"{app.settings.rules.file or 'bộ kèm theo chương trình'}{changed}")
    result.problems += [f"{example.place}: {example.case}: {problem}" for example, problem in rules.test(None).failed]
    return result


def _database(app: App) -> CheckResult:
    with app.uow() as uow:
        uow.holds.put("check", app.clock.now(), "")  # a write, never committed: is there room, may we?
    return CheckResult("", note=app.engine.url.render_as_string(hide_password=True))


def _inbox(app: App) -> CheckResult:
    inbox, imports = app.settings.imports.inbox, ImportApp(app)
    assert inbox is not None
    imports.policy  # noqa: B018  the tables it needs, and which source
    if not inbox.is_dir():
        return CheckResult("", [f"không có thư mục {inbox}; tạo thư mục hoặc sửa khóa imports.inbox"])
    return _folder(inbox, "imports.inbox")


def _folder(folder: Path, key: str) -> CheckResult:
    note = str(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return CheckResult("", [f"không ghi được vào {folder} ({error.strerror}); cấp quyền ghi hoặc đổi khóa {key}"])
    if free < LEAST_FREE:
        return CheckResult("", [f"ổ đĩa của {folder} chỉ còn {free // 1024**2} MB; cần dọn bớt"])
    return CheckResult("", note=note)


def _template(app: App) -> CheckResult:
    app.check_template()
    return CheckResult("", note=str(app.settings.report.template or "mẫu kèm theo chương trình"))


def _source(app: App, name: str) -> CheckResult:
    with app.uow() as uow:
        hold = uow.holds.get(login_hold(name))
    if hold is not None:
        since = moment_text(hold[0], app.settings.office.zone)
        return CheckResult(
            "",
            [
                f"nguồn đã từ chối đăng nhập lúc {since} ({hold[1]}); để tài khoản không bị khóa, lần này không đăng "
                "nhập thử. Sửa tệp mật khẩu, rồi chạy: connector sync --retry-login"
            ],
        )
    source = app.source(name)
    try:
        source.open()
    except AuthNeeded as error:
        with app.uow() as uow:  # the next reading must not try the same password again (F02)
            uow.holds.put(login_hold(name), app.clock.now(), str(error))
            uow.commit()
        raise
    finally:
        source.close()
    section = app.settings.sources[name]
    return CheckResult("", note=f"đăng nhập được, {section.base_url}{_skew(source.clock_ahead)}{_marking(section)}")


def _marking(section: RestSettings) -> str:
    if not section.read_document_detail:
        return ""
    return (
        "; CẢNH BÁO: read_document_detail đang bật, iOffice nhiều khả năng sẽ đánh dấu văn bản là đã đọc với người "
        "dùng tài khoản này; chỉ dùng với tài khoản dành riêng cho kết nối"
    )


def _skew(ahead: float | None) -> str:
    """A note, not a problem: under a faked clock, or with a server that tells no time, nothing is wrong."""
    if ahead is None or abs(ahead) < MOST_SKEW:
        return ""
    side = "nhanh" if ahead > 0 else "chậm"
    return f"; LƯU Ý: đồng hồ máy này {side} {abs(ahead) / 60:.0f} phút so với máy chủ iOffice, kiểm tra NTP"


def _mail(app: App) -> CheckResult:
    mailer = app.mailer()
    try:
        mailer.verify()
    finally:
        mailer.close()
    return CheckResult("", note=f"{app.settings.smtp.host}:{app.settings.smtp.port}")


def _mailboxes(app: App) -> CheckResult:
    letters = app.settings.letters
    try:
        directory = load_agencies(app.settings.office.agencies_file, ())
    except SettingsError:
        return CheckResult("", ["chưa kiểm tra được; sửa trước mục: Bảng cơ quan"])
    problems = [
        f"letters.mailboxes: không có cơ quan mang mã {code}; sửa theo bảng cơ quan"
        for code in letters.mailboxes
        if code not in directory
    ]
    if letters.office_mailbox is None:
        problems.append("letters.office_mailbox: chưa khai hộp thư văn phòng (nhận thư của cơ quan chưa có địa chỉ)")
    if letters.admin_mailbox is None:
        problems.append("letters.admin_mailbox: chưa khai hộp thư quản trị (nhận thông báo sự cố)")
    return CheckResult("", problems, f"{len(letters.mailboxes)} cơ quan")
