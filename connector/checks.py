"""``connector check``: everything that can be wrong before a run, all of it at once (F86). Changes nothing but creates
a new database where none exists."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from connector.bootstrap import App, open_app
from connector.clock import SystemClock
from connector.errors import AuthNeeded, ConnectorError, SettingsError
from connector.messages import operator_message

LEAST_FREE = 500 * 1024 * 1024
"""Bytes that should be free where we write."""


@dataclass
class CheckResult:
    """``problems`` in Vietnamese, each with the next step; none: good."""

    name: str
    problems: list[str] = field(default_factory=list)
    note: str = ""


def run_checks(config: Path | None, environ: Mapping[str, str] | None = None) -> list[CheckResult]:
    """Every check, in the order a person would mend what it finds."""
    settings = CheckResult("Cấu hình")
    try:
        app = open_app(config, environ=os.environ if environ is None else environ)
    except SettingsError as error:
        settings.problems += error.problems or [operator_message(error)]
        return [settings]
    except ConnectorError as error:
        settings.problems.append(operator_message(error))
        return [settings]
    settings.note = str(app.path)
    try:
        app.passwords  # noqa: B018  read now, so that every missing secret is named at once
    except SettingsError as error:
        settings.problems += error.problems
        return [settings]
    results = [
        settings,
        _run("Bảng cơ quan và lịch làm việc", lambda: _tables(app)),
        _run("Cơ sở dữ liệu", lambda: _database(app)),
        _run("Thư mục báo cáo", lambda: _folder(app.settings.report.folder)),
        _run("Mẫu báo cáo", lambda: _template(app)),
    ]
    results += [_run(f"Nguồn {name}", partial(_source, app, name)) for name in app.settings.sources]
    if not app.settings.sources:
        results.append(CheckResult("Nguồn dữ liệu", ["chưa khai báo nguồn nào: thêm mục [sources.<tên>]"]))
    results.append(_run("Máy chủ gửi thư", lambda: _mail(app)))
    results.append(_run("Địa chỉ nhận thư", lambda: _mailboxes(app)))
    return results


def _run(name: str, check: Callable[[], CheckResult | list[str]]) -> CheckResult:
    try:
        found = check()
    except SettingsError as error:
        return CheckResult(name, list(error.problems))
    except ConnectorError as error:
        return CheckResult(name, [operator_message(error)])
    if isinstance(found, CheckResult):
        found.name = name
        return found
    return CheckResult(name, found)


def _tables(app: App) -> CheckResult:
    policy = app.policy
    clock = SystemClock(policy.zone)
    year = clock.local_date(clock.now()).year
    result = CheckResult("", note=f"lịch {policy.deadlines.calendar.version}")
    known = {code for code in app.settings.office.agency_order if code in policy.directory}
    result.problems += [
        f"office.agency_order: không có cơ quan mang mã {code}"
        for code in app.settings.office.agency_order
        if code not in known
    ]
    if not policy.deadlines.calendar.is_confirmed(year):
        result.problems.append(
            f"lịch nghỉ năm {year} chưa được xác nhận: bổ sung vào tệp calendar.file theo thông báo nghỉ lễ chính thức"
        )
    return result


def _database(app: App) -> CheckResult:
    with app.uow():
        pass
    return CheckResult("", note=app.engine.url.render_as_string(hide_password=True))


def _folder(folder: Path) -> list[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return [f"không ghi được vào {folder}: {error.strerror}; cấp quyền ghi hoặc đổi report.folder"]
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        return [f"ổ đĩa của {folder} chỉ còn {free // 1024**2} MB; cần dọn bớt"]
    return []


def _template(app: App) -> list[str]:
    app.check_template()
    return []


def _source(app: App, name: str) -> list[str]:
    with app.uow() as uow:
        hold = uow.holds.get(f"login:{name}")
    if hold is not None:
        error = AuthNeeded(f"login is on hold: {hold[1]}", source=name)
        return [f"{operator_message(error)} (kiểm tra lại sau khi sửa: connector sync --retry-login)"]
    source = app.source(name)
    try:
        source.open()
    finally:
        source.close()
    return []


def _mail(app: App) -> list[str]:
    mailer = app.mailer()
    try:
        mailer.verify()
    finally:
        mailer.close()
    return []


def _mailboxes(app: App) -> list[str]:
    letters, directory = app.settings.letters, app.policy.directory
    problems = [f"letters.mailboxes: không có cơ quan mang mã {c}" for c in letters.mailboxes if c not in directory]
    if letters.office_mailbox is None:
        problems.append("letters.office_mailbox: chưa khai hộp thư văn phòng (nhận thư của cơ quan chưa có địa chỉ)")
    if letters.admin_mailbox is None:
        problems.append("letters.admin_mailbox: chưa khai hộp thư quản trị (nhận thông báo sự cố)")
    return problems
