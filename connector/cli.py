"""The command line: arguments → bootstrap → one job → exit code. No decisions here.

Heavy libraries are imported by the commands that use them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from typer.exceptions import TyperException

from connector import __version__, terminal
from connector.cli_agencies import agency_commands
from connector.cli_audit import audit_commands
from connector.cli_db import db_commands
from connector.cli_explain import explain_command
from connector.cli_findings import finding_commands
from connector.cli_import import import_command
from connector.cli_quarantine import quarantine_commands
from connector.cli_rules import rules_commands
from connector.cli_show import show_command
from connector.cli_source import source_commands
from connector.errors import CheckFailed, ConnectorError, UsageProblem
from connector.interrupts import interrupt
from connector.terminal import JsonFlag, named_sources, open_app, print_json, print_lines
from connector.usage import speak_vietnamese, usage_problem

app = typer.Typer(
    name="connector",
    help="Theo dõi nhiệm vụ trên VNPT-iOffice: đồng bộ, rà soát, gửi thư, lập báo cáo tháng.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(db_commands, name="db")
app.add_typer(source_commands, name="source")
app.add_typer(quarantine_commands, name="quarantine")
app.add_typer(finding_commands, name="findings")
app.add_typer(rules_commands, name="rules")
app.add_typer(audit_commands, name="audit")
app.add_typer(agency_commands, name="agencies")
app.command("import")(import_command)
app.command("show")(show_command)
app.command("explain")(explain_command)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"connector {__version__}")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[Path | None, typer.Option(help="Tệp cấu hình (TOML).")] = None,
    _version_flag: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="In phiên bản.")
    ] = False,
) -> None:
    terminal.config = config


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
    raise UsageProblem(f"not a date: {text}", argument=text, expected="2022-02-28 hoặc 28/02/2022")


def _span(since: str | None, until: str | None) -> tuple[date, date] | None:
    first, last = _day(since), _day(until)
    if first is None and last is None:
        return None
    if first is None or last is None or last < first:
        raise UsageProblem(
            "--from and --to belong together", argument=f"--from {since or '?'} --to {until or '?'}",
            expected="cả hai ngày, ngày đầu không sau ngày cuối",
        )  # fmt: skip
    return first, last


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """A moment without a zone is local."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageProblem(f"not a moment: {text}", argument=text, expected="2022-03-01T08:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


@app.command()
def sync(
    source: Annotated[str | None, typer.Option(help="Chỉ đọc nguồn này.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Đọc lại toàn bộ, không chỉ phần có thể đã đổi.")] = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Chấp nhận số nhiệm vụ giảm mạnh (đã kiểm tra).")
    ] = False,
    retry_login: Annotated[
        bool, typer.Option("--retry-login", help="Thử đăng nhập lại sau khi bị từ chối (đã kiểm tra mật khẩu).")
    ] = False,
    relearn: Annotated[
        bool, typer.Option("--relearn", help="iOffice đã đổi cách đếm (đã kiểm tra): học lại các số đếm đang lệch.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--from", help="Chỉ đọc bù văn bản ban hành từ ngày này; cần cả --to.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Đọc bù văn bản ban hành đến ngày này.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Đọc nhiệm vụ và văn bản từ các nguồn, lưu cùng lịch sử."""
    from connector import views_source

    span = _span(since, until)
    opened = open_app()
    names = named_sources(opened, source)
    results = [
        opened.sync(
            name, full=full, accept_shrink=accept_shrink, retry_login=retry_login, relearn=relearn, span=span
        )
        for name in names
    ]  # fmt: skip
    if as_json:
        print_json([views_source.sync_json(result) for result in results])
    else:
        print_lines(line for result in results for line in views_source.sync_text(result))
    for result in results:
        if result.error is not None:
            raise result.error


@app.command()
def detect(as_json: JsonFlag = False) -> None:
    """Rà soát quá hạn và vi phạm quy trình, soạn thư vào hàng chờ."""
    from connector import views

    result = open_app().detect()
    print_json(views.detect_json(result)) if as_json else print_lines(views.detect_text(result))


@app.command()
def deliver(as_json: JsonFlag = False) -> None:
    """Gửi các thư đang chờ."""
    from connector import views

    result = open_app().deliver()
    print_json(views.deliver_json(result)) if as_json else print_lines(views.deliver_text(result))
    if result.error is not None:
        raise result.error


@app.command()
def report(
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="Tháng báo cáo, ví dụ 2022-02.")],
    as_of: Annotated[str | None, typer.Option(help="Ngày chốt số liệu; mặc định ngày cuối tháng.")] = None,
    out: Annotated[Path | None, typer.Option(help="Thư mục ghi báo cáo.")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Lập lại theo dữ liệu đã biết lúc đó, ví dụ 2022-03-01T08:00.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Lập báo cáo tháng: DOCX, PDF, XLSX."""
    from connector import views
    from connector.domain.periods import Month
    from connector.report.jsonview import report_json

    try:
        wanted = Month.parse(month)
    except ValueError as error:
        raise UsageProblem(f"not a month: {month}", argument=month, expected="YYYY-MM, ví dụ 2022-02") from error
    opened = open_app()
    moment = _moment(known_at, opened.settings.office.zone)
    result = opened.report(wanted, as_of=_day(as_of), folder=out, known_at=moment)
    if as_json:
        print_json({**report_json(result.report), "files": {form: str(path) for form, path in result.files.items()}})
    else:
        print_lines(views.report_text(result.report, result.files, opened.settings.office.zone))


@app.command()
def status(as_json: JsonFlag = False) -> None:
    """Tình trạng: dữ liệu cũ hay mới, lượt chạy, thư chờ, việc cần xử lý."""
    from connector import views

    opened = open_app()
    view = opened.overview()
    print_json(views.overview_json(view)) if as_json else print_lines(
        views.overview_text(view, opened.settings.office.zone)
    )


@app.command()
def check(as_json: JsonFlag = False) -> None:
    """Kiểm tra cấu hình, cơ sở dữ liệu, đăng nhập, thư, thư mục, lịch: báo mọi lỗi cùng lúc."""
    from connector import views
    from connector.checks import run_checks

    results = run_checks(terminal.config)
    if as_json:
        print_json(
            [{"check": one.name, "ok": not one.problems, "problems": one.problems, "note": one.note} for one in results]
        )
    else:
        print_lines(line for one in results for line in views.check_text(one.name, one.problems, one.note))
    problems = sum(len(one.problems) for one in results)
    if not as_json:
        typer.echo(views.check_summary(problems))
    if problems:
        raise typer.Exit(CheckFailed.exit_code)


@app.command()
def run() -> None:
    """Chạy dịch vụ: đồng bộ, rà soát, gửi thư, báo cáo theo lịch."""
    from connector.daemon import Daemon

    Daemon(open_app(quiet=False)).run()


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Thư mục ghi kết quả.")] = Path("demo-output"),
    data: Annotated[
        Path | None, typer.Option(help="Thư mục có timeline.jsonl và setup.json của một tháng khác.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Chạy lại tháng 02/2022 từng ngày qua toàn bộ hệ thống thật, với số liệu mô phỏng."""
    from connector.demo import run_demo
    from connector.standin.timeline import FEBRUARY_2022

    run_demo(out, data=data or FEBRUARY_2022, as_json=as_json)


@app.command()
def simulate(
    data: Annotated[
        Path | None, typer.Option(help="Thư mục có timeline.jsonl và setup.json; mặc định tháng 02/2022.")
    ] = None,
    port: Annotated[int, typer.Option(help="Cổng trên 127.0.0.1; 0: tự chọn.")] = 8088,
    at: Annotated[
        str | None, typer.Option(help="Thời điểm mô phỏng, ví dụ 2022-02-28T23:30; mặc định: giờ hệ thống.")
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(
            help="Hồ sơ (JSON): lỗi và núm chỉnh, schedule, now. "
            "Mẫu giải thích mọi khóa: connector/standin/profile.example.json."
        ),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="Ghi mỗi yêu cầu nhận được vào tệp này (mỗi dòng một JSON, không có mật khẩu)."),
    ] = None,
    exports: Annotated[
        Path | None,
        typer.Option(help="Không chạy máy chủ; ghi vào thư mục này các tệp xuất của thời điểm --at."),
    ] = None,
) -> None:
    """Chạy máy chủ giả lập VNPT-iOffice trên máy này, để tập huấn và kiểm thử."""
    from connector.demo import export_stand_in, run_stand_in

    if exports is not None:
        export_stand_in(data, at, exports, typer.echo)
    else:
        run_stand_in(data, port, at, profile, ledger, typer.echo)


def main(argv: list[str] | None = None) -> int:
    """Run one command; every expected error becomes a sentence for the operator and its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    _end_orderly()
    os.umask(0o027)  # database, logs and reports hold the office's affairs: its group may read them, others not
    _speak_utf8()
    groups = [[group.name] for group in app.registered_groups]
    if "--help" in arguments or not arguments or arguments in groups:  # a group by itself shows its help
        speak_vietnamese()
    try:
        code = app(arguments, prog_name="connector", standalone_mode=False)
    except ConnectorError as error:
        return _tell(error)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            return UsageProblem.exit_code  # the help has been shown
        return _tell(usage_problem(error))
    except typer.Abort:
        return 130
    except Exception as error:
        import structlog

        structlog.get_logger().exception("cli.crashed")
        return _tell(error)
    return _stopped_by or (code if isinstance(code, int) else 0)


_stopped_by = 0
"""Exit code of the signal that ended the command, as shells count; 0 if none has."""


def _end_orderly() -> None:
    """SIGTERM (systemd, timeout, shutdown) ends a command as Ctrl+C does: what it was at is recorded as interrupted.
    The service has a way of its own."""

    def end(number: int, _frame: FrameType | None) -> None:
        global _stopped_by
        if number != signal.SIGINT:  # typer has an exit code of its own for Ctrl+C
            _stopped_by = 128 + number
        interrupt()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)


def _tell(error: Exception) -> int:
    from connector.messages import operator_message

    with suppress(BrokenPipeError):
        typer.echo(operator_message(error), err=True)
    return error.exit_code if isinstance(error, ConnectorError) else 1


def _speak_utf8() -> None:
    """Vietnamese must come out whatever the locale says (cron and old servers have LC_ALL=C)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
