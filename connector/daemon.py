"""The service: APScheduler only wakes; what is due comes from the runs table, so nothing is missed after sleep or
crash and nothing runs twice. Each job in a thread of its own; SIGTERM ends it within ten seconds with nothing lost:
every job writes in whole transactions, and the next start reads what is missing.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from types import FrameType
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from connector.bootstrap import App
from connector.bootstrap_import import InboxWatch
from connector.bootstrap_rules import RulesWatch
from connector.clock import nap, pause
from connector.domain.periods import Month, start_of_day
from connector.domain.runs import Outcome
from connector.errors import ConnectorError, RunBusy
from connector.jobs.freshness import data_at
from connector.messages import operator_message
from connector.ports import UnitOfWork
from connector.systemd_notify import notify

log = structlog.get_logger()

WAKE_SECONDS = 5
STOP_SECONDS = 8
"""How long running jobs may go on after SIGTERM; systemd is told ten seconds."""
CLOCK_JUMP_SECONDS = 5
LOOK_BACK = timedelta(days=40)
SETTLED = tuple(one for one in Outcome if one not in (Outcome.FAILED, Outcome.INTERRUPTED, Outcome.RUNNING))
"""Outcomes after which a job waits for its next moment of the timetable; after the others it is tried again."""


@dataclass
class Job:
    """``due``: whether there is something to do now (UTC). After a failure it is left alone for ``retry`` seconds.
    ``failed_at`` is on the monotonic clock. ``quiet``: it is due so often that the log says only what it did."""

    name: str
    due: Callable[[UnitOfWork, datetime], bool]
    run: Callable[[], object]
    retry: float
    quiet: bool = False
    failed_at: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Daemon:
    """``run`` blocks until SIGTERM or SIGINT. ``jobs``: what it does, each tried by ``attempt``."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._zone = app.settings.office.zone
        self._stopping = threading.Event()
        self._inbox = InboxWatch.of(app, self._stopping.is_set)
        self._rules = RulesWatch.of(app)
        self.jobs = self._timetable()
        self._scheduler = BackgroundScheduler(
            # A second wake-up finds the lock taken and leaves; a limit of one would be a warning in the log each time.
            timezone=self._zone, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 2}
        )  # fmt: skip

    def run(self) -> None:
        """Start, work, stop. Raises SettingsError or StoreError before the first job if the ground is not firm."""
        self._close_interrupted()
        for job in self.jobs:
            self._scheduler.add_job(self._wake, "interval", seconds=WAKE_SECONDS, args=[job], id=job.name,
                                    next_run_time=self._app.clock.now())  # fmt: skip
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._on_signal)
        self._scheduler.start()
        log.info("daemon.started", jobs=[job.name for job in self.jobs], pid=os.getpid())
        notify("READY=1")
        ahead = self._clock_ahead()
        while not pause(self._stopping, WAKE_SECONDS):
            notify("WATCHDOG=1")
            ahead = self._follow_clock(ahead)
            self._scheduler.wakeup()  # its own waiting never ends under faketime
        self._stop()

    def _stop(self) -> None:
        notify("STOPPING=1")
        log.info("daemon.stopping")
        self._scheduler.pause()
        end = time.monotonic() + STOP_SECONDS
        busy = [job.name for job in self.jobs if not self._ended(job, end)]
        log.info("daemon.stopped", busy=busy)
        if busy:
            # A job is still waiting for a peer. What it has not committed is not there: leaving loses nothing.
            os._exit(0)
        self._scheduler.shutdown(wait=False)

    def _ended(self, job: Job, end: float) -> bool:
        """Whether the job has ended by ``end`` (monotonic). Told to more than once: it may only just be opening."""
        while True:
            self._app.stop()
            if job.lock.acquire(blocking=False):
                return True
            if time.monotonic() > end:
                return False
            nap(0.1)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _close_interrupted(self) -> None:
        """What a kill or a power cut left open is closed, so that it is due again; not what another process is at."""
        now = self._app.clock.now()
        closed = 0
        for name in [*(f"sync:{one}" for one in self._app.settings.sources), "detect", "deliver", "report"]:
            kind, _, source = name.partition(":")
            with suppress(RunBusy), self._app.alone(name), self._app.uow() as uow:
                closed += uow.runs.close_interrupted(kind, now, source)
                uow.commit()
        if self._inbox is not None:
            closed += self._inbox.close_interrupted()
        if closed:
            log.warning("daemon.interrupted_runs_closed", runs=closed)

    # -- waking ----------------------------------------------------------------------------------------------------

    def _wake(self, job: Job) -> None:
        if self._stopping.is_set() or not job.lock.acquire(blocking=False):
            return
        try:
            ran = self.attempt(job)
        finally:
            job.lock.release()
        if ran and not self._stopping.is_set():
            self._wake_all()  # what one job made may be another's to do

    def attempt(self, job: Job) -> bool:
        """Run the job if it is due; whether it ran. Nothing that goes wrong in it gets any further."""
        if job.failed_at is not None and time.monotonic() - job.failed_at < job.retry:
            return False
        job.failed_at = None
        try:
            now = self._app.clock.now()
            with self._app.reading() as uow:
                due = job.due(uow, now)
            if due:
                if not job.quiet:
                    log.info("daemon.job_due", job=job.name)
                job.run()
        except RunBusy:
            log.info("daemon.job_busy", job=job.name)  # another process is at it; look again at the next waking
            return False
        except ConnectorError as error:
            job.failed_at = time.monotonic()
            if not self._stopping.is_set():
                log.error("daemon.job_failed", job=job.name, error=type(error).__name__,
                          message=operator_message(error))  # fmt: skip
            return False
        except Exception:
            job.failed_at = time.monotonic()
            log.exception("daemon.job_crashed", job=job.name)
            return False
        return due

    def _wake_all(self) -> None:
        for job in self.jobs:
            self._scheduler.modify_job(job.name, next_run_time=self._app.clock.now())

    def _clock_ahead(self) -> float:
        """Seconds the clock is ahead of the monotonic one; changes when somebody sets it, or the machine sleeps."""
        return self._app.clock.now().timestamp() - time.monotonic()

    def _follow_clock(self, before: float) -> float:
        """The scheduler would sleep until the clock has caught up; wake it."""
        ahead = self._clock_ahead()
        if abs(ahead - before) > CLOCK_JUMP_SECONDS:
            log.warning("daemon.clock_changed", seconds=round(ahead - before))
            self._wake_all()
        return ahead

    # -- the timetable ---------------------------------------------------------------------------------------------

    def _timetable(self) -> list[Job]:
        app, times = self._app, self._app.settings.daemon
        jobs = [
            Job(f"sync:{name}", partial(self._sync_due, name), partial(self._sync, name), 300)
            for name in app.settings.sources
        ]
        if self._rules is not None:
            jobs.insert(0, Job("rules", self._rules.due, self._rules.take, 0, quiet=True))
        if self._inbox is not None:
            jobs.append(Job("inbox", self._inbox.due, self._inbox.take, 300, quiet=True))
        jobs.append(Job("detect", partial(self._detect_due, times.detect), app.detect, 300))
        if app.settings.smtp.host:
            jobs.append(Job("deliver", partial(self._deliver_due, times.deliver), self._deliver, 300))
        jobs.append(Job("report", partial(self._report_due, times.report), self._report, 3600))
        return jobs

    def _is_due(self, crontab: str, uow: UnitOfWork, now: datetime, job: str, source: str | None = None) -> bool:
        last = uow.runs.last(job, SETTLED, source, until=now)
        return is_due(crontab, last.started_at if last else None, now, self._zone)

    def _sync_due(self, name: str, uow: UnitOfWork, now: datetime) -> bool:
        times = self._app.settings.daemon
        return any(self._is_due(crontab, uow, now, "sync", name) for crontab in (times.sync, times.full_sync))

    def _sync(self, name: str) -> None:
        with self._app.reading() as uow:
            full = self.wants_full(name, uow, self._app.clock.now())
        result = self._app.sync(name, full=full)
        if result.error is not None:
            raise result.error

    def wants_full(self, name: str, uow: UnitOfWork, now: datetime) -> bool:
        """Whether the reading made now is the nightly full one."""
        return is_due(self._app.settings.daemon.full_sync, uow.runs.last_full(name, until=now), now, self._zone)

    def _detect_due(self, crontab: str, uow: UnitOfWork, now: datetime) -> bool:
        return _has_data(uow) and self._is_due(crontab, uow, now, "detect")

    def _deliver_due(self, crontab: str, uow: UnitOfWork, now: datetime) -> bool:
        """At a moment of the timetable after the last delivery, or after the first letter was written."""
        if not uow.outbox.waiting(now):
            return False
        last = uow.runs.last("deliver", SETTLED, until=now)
        since = [at for at in (last.started_at if last else None, uow.outbox.oldest_waiting()) if at is not None]
        return is_due(crontab, max(since), now, self._zone)

    def _deliver(self) -> None:
        result = self._app.deliver()
        if result.error is not None:
            raise result.error

    def _report_due(self, crontab: str, uow: UnitOfWork, now: datetime) -> bool:
        """Once per month, from the timetable's first moment in the month after it; made by hand does not count."""
        month = self._report_month(now)
        begins = start_of_day(month.next().first, self._zone) - timedelta(seconds=1)
        return (
            _has_data(uow)
            and not uow.runs.has_key("report", str(month))
            and is_due(crontab, begins, now, self._zone)
        )  # fmt: skip

    def _report(self) -> None:
        month = self._report_month(self._app.clock.now())
        self._app.report(month, key=str(month))

    def _report_month(self, now: datetime) -> Month:
        return Month.of(self._app.clock.local_date(now).replace(day=1) - timedelta(days=1))


def _has_data(uow: UnitOfWork) -> bool:
    return data_at(uow) is not None


def is_due(crontab: str, last: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a moment of the timetable lies after ``last`` and not after ``now`` (both aware). A job that never ran
    is due. Missed moments count once, however many there were."""
    if last is None:
        return True
    following = _trigger(crontab, zone).get_next_fire_time(None, max(last, now - LOOK_BACK) + timedelta(microseconds=1))
    return following is not None and following <= now


@cache
def _trigger(crontab: str, zone: ZoneInfo) -> CronTrigger:
    return CronTrigger.from_crontab(crontab, timezone=zone)
