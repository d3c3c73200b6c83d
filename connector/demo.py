"""``connector demo``: February 2022, day by day, through the real HTTP, database, SMTP and report code (F109).

The stand-in server runs in a process of its own on loopback; the clock is moved, nothing else is replaced. Each day
at 07:30 findings are made and letters sent, at 23:30 the source is read, as the service would do.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from connector.bootstrap import App
from connector.clock import OFFICE_ZONE, FixedClock, SystemClock
from connector.domain.periods import Month
from connector.errors import SourceUnavailable, UsageProblem
from connector.jobs.monthly_report import ReportResult
from connector.log import configure
from connector.report.jsonview import report_json
from connector.settings import Settings
from connector.settings.file import Passwords
from connector.standin.exports import write_exports
from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess, serve
from connector.standin.profile import Profile, read_profile
from connector.standin.server import StandIn
from connector.standin.timeline import FEBRUARY_2022, packaged
from connector.standin.world import World
from connector.views import report_text

MORNING, NIGHT = time(7, 30), time(23, 30)
MARK = ".connector-demo"


@dataclass(frozen=True)
class Replay:
    """A month to replay: ``data`` holds ``timeline.jsonl`` and ``setup.json``. The first reading is made the evening
    before the month, the last one on the day of the timeline's last event."""

    data: Path
    setup: dict[str, Any]
    month: Month
    days: tuple[date, ...]

    @classmethod
    def of(cls, data: Path) -> Replay:
        """Raises TimelineError for data that cannot be read."""
        timeline, _ = packaged(data)
        setup = json.loads((data / "setup.json").read_text(encoding="utf-8"))
        month = Month.parse(setup["period"])
        first = month.first - timedelta(days=1)
        last = max(timeline.events[-1].at.astimezone(OFFICE_ZONE).date(), month.last + timedelta(days=1))
        return cls(data, setup, month, tuple(first + timedelta(days=n) for n in range((last - first).days + 1)))


def run_demo(out: Path, *, data: Path = FEBRUARY_2022, as_json: bool = False) -> None:
    """Replay and print a summary. ``out`` is made anew each time, but only if an earlier demo made it."""
    replay = Replay.of(data)
    folder = _fresh_folder(out)
    configure("info", "json", folder / "connector.log")
    clock = FixedClock(_at(replay.days[0], NIGHT))
    letters = folder / "thu"
    with StandInProcess(now=clock.moment, folder=data) as server, MailCatcher(letters) as mail:
        settings = _settings(replay.setup, server.url, mail.port, folder)
        app = App(settings, clock, given=_passwords(replay.setup))
        tally = _replay(app, clock, server, replay)
        result = app.report(replay.month)
        violations = server.ledger.violations
    if violations:
        raise AssertionError(f"forbidden requests: {violations[:3]}")
    _summary(result, app, folder, letters, tally, as_json)


def _fresh_folder(out: Path) -> Path:
    folder = out.expanduser().resolve()
    if folder.exists():
        if not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).exists()):
            raise UsageProblem(f"{out} exists and was not made by the demo", argument=f"--out {out}",
                               expected="một thư mục trống hoặc chưa có")  # fmt: skip
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, OFFICE_ZONE)


def _settings(setup: dict[str, Any], url: str, smtp_port: int, folder: Path) -> Settings:
    """What an operator would write in config.toml for this deployment."""
    return Settings.model_validate(
        {
            "office": {
                "issuer": setup["issuer"],
                "counted_assigners": setup["counted_assigners"],
                "agency_order": setup["agency_order"],
            },
            "storage": {"database": f"sqlite:///{folder / 'connector.db'}"},
            "sources": {
                "ioffice": {
                    "base_url": url,
                    "accounts": [
                        {"username": account["username"], "password_env": "DEMO", "identities": "all"}
                        for account in setup["accounts"]
                    ],
                    "confidential_codes": setup["confidential_code"],
                }
            },
            "vocabulary": {"status": setup["labels"], "log_actions": setup["log_actions"]},
            "smtp": {"host": "127.0.0.1", "port": smtp_port, "security": "none", "sender": setup["sender"]},
            "letters": {
                "mailboxes": setup["mailboxes"],
                "office_mailbox": setup["office_mailbox"],
                "admin_mailbox": setup["admin_mailbox"],
            },
            "report": {"folder": folder},
        }
    )


def _passwords(setup: dict[str, Any]) -> Passwords:
    return Passwords({"ioffice": {one["username"]: SecretStr(one["password"]) for one in setup["accounts"]}}, None)


def _replay(app: App, clock: FixedClock, server: StandInProcess, replay: Replay) -> Counter[str]:
    tally: Counter[str] = Counter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        bar = progress.add_task(f"Chạy lại tháng {replay.month}", total=len(replay.days))
        for day in replay.days:
            if day > replay.days[0]:
                clock.move_to(_at(day, MORNING))
                tally["opened"] += app.detect().opened
                tally["letters"] += app.deliver().sent
            clock.move_to(_at(day, NIGHT))
            server.move_to(clock.moment)
            synced = app.sync("ioffice")
            if synced.error is not None:
                raise synced.error
            tally["requests"] += synced.counts.requests
            progress.update(bar, advance=1, description=f"Ngày {day:%d/%m/%Y}")
    return tally


def _summary(result: ReportResult, app: App, folder: Path, letters: Path, tally: Counter[str], as_json: bool) -> None:
    if as_json:
        counts = {"requests": tally["requests"], "letters": tally["letters"]}
        view: dict[str, Any] = {**report_json(result.report), **counts}
        print(json.dumps(view, ensure_ascii=False, indent=2))  # noqa: T201
        return
    lines = report_text(result.report, result.files, app.settings.office.zone)
    lines += [
        f"Thư:        {letters} ({tally['letters']} thư, .eml)",
        f"Dữ liệu:    {folder / 'connector.db'}",
        f"Nhật ký:    {folder / 'connector.log'} ({tally['requests']} yêu cầu tới máy chủ giả lập)",
    ]
    print("\n".join(lines))  # noqa: T201


def run_stand_in(
    data: Path | None,
    port: int,
    at: str | None,
    profile: Path | None,
    ledger: Path | None,
    tell: Callable[[str], None],
) -> None:
    """Serve the stand-in until Ctrl+C. ``at`` without a zone is local time and goes before the profile's ``now``;
    without either it follows the system clock."""
    timeline, setup = packaged(data or FEBRUARY_2022)
    knobs = read_profile(profile, setup) if profile is not None else Profile()
    now = knobs.now
    if at is not None:
        now = _moment(at)
    try:
        server = StandIn(
            timeline, setup, now=now, knobs=knobs, schedule=knobs.schedule, ledger_file=ledger, port=port
        )  # fmt: skip
    except OSError as error:
        raise UsageProblem(str(error), argument=f"--ledger {ledger}", expected="một tệp ghi được") from error

    def announce(url: str) -> None:
        tell(f"Máy chủ giả lập: {url}")
        tell("Tài khoản: " + ", ".join(account.username for account in setup.accounts) + " (mật khẩu trong setup.json)")
        tell("Dừng bằng Ctrl+C.")

    try:
        serve(server, announce)
    except OSError as error:
        raise SourceUnavailable(f"port {port}: {error}", source=f"127.0.0.1:{port}") from error


def export_stand_in(data: Path | None, at: str | None, folder: Path, tell: Callable[[str], None]) -> None:
    """The stand-in's tasks and documents as the files an office would export at ``at`` (none: now)."""
    timeline, setup = packaged(data or FEBRUARY_2022)
    moment = _moment(at) if at is not None else SystemClock().now()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in write_exports(World(timeline, setup).at(moment), setup, moment, folder):
            tell(str(path))
    except OSError as error:
        raise UsageProblem(str(error), argument=f"--exports {folder}", expected="một thư mục ghi được") from error


def _moment(at: str) -> datetime:
    """Local time where no zone is said."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise UsageProblem(f"not a moment: {at}", argument=f"--at {at}", expected="2022-02-28T23:30") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)
