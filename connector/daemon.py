"""The service: APScheduler only wakes; what is due comes from the runs table, so nothing is missed after sleep or
crash and nothing runs twice. One thread per job kind; SIGTERM ends it within ten seconds with nothing lost: every
job writes in whole transactions, and the next start reads what is missing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from connector.bootstrap import App
from connector.domain.periods import Month
from connector.domain.runs import Outcome
from connector.errors import ConnectorError
from connector.messages import operator_message
from connector.systemd_notify import notify

log = structlog.get_logger()

WAKE_SECONDS = 20
STOP_SECONDS = 8
"""How long a running job may go on after SIGTERM; systemd is told ten seconds."""
LOOK_BACK = timedelta(days=40)
FIVE_MINUTES = timedelta(minutes=5)
ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    """``crontab`` in local time. ``last_done``: start of the last run that settled its moment of the timetable;
    ``last_try``: of the last run whatever came of it (both UTC). After a failure it is tried again after ``retry``."""

    name: str
    crontab: str
    run: Callable[[], object]
    last_done: Callable[[], datetime | None]
    last_try: Callable[[], datetime | None]
    retry: timedelta


class Daemon:
    """``run`` blocks until SIGTERM or SIGINT."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._locks: dict[str, threading.Lock] = {}
        self._jobs = self._timetable()

    def run(self) -> None:
        """Start, work, stop. Raises SettingsError or StoreError before the first job if the ground is not firm."""
        self._app.uow()
        zone = self._app.settings.office.zone
        scheduler = BackgroundScheduler(
            timezone=zone, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for job in self._jobs:
            self._locks[job.name] = threading.Lock()
            scheduler.add_job(self._wake, "interval", seconds=WAKE_SECONDS, args=[job], id=job.name,
                              next_run_time=self._app.clock.now())  # fmt: skip
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._on_signal)
        scheduler.start()
        log.info("daemon.started", jobs=[job.name for job in self._jobs], pid=os.getpid())
        notify("READY=1")
        while not self._stopping.wait(WAKE_SECONDS):
            notify("WATCHDOG=1")
        notify("STOPPING=1")
        log.info("daemon.stopping")
        scheduler.pause()
        idle = all(lock.acquire(timeout=STOP_SECONDS / len(self._locks)) for lock in self._locks.values())
        log.info("daemon.stopped", idle=idle)
        if not idle:
            # A job is in the middle of waiting for a peer. Its transaction is not committed: leaving loses nothing.
            os._exit(0)
        scheduler.shutdown(wait=False)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _wake(self, job: Job) -> None:
        lock = self._locks[job.name]
        if self._stopping.is_set() or not lock.acquire(blocking=False):
            return
        try:
            if self._is_due(job):
                log.info("daemon.job_due", job=job.name)
                job.run()
        except ConnectorError as error:
            log.error("daemon.job_failed", job=job.name, error=type(error).__name__, message=operator_message(error))
        except Exception:
            log.exception("daemon.job_crashed", job=job.name)
        finally:
            lock.release()

    # -- the timetable ---------------------------------------------------------------------------------------------

    def _timetable(self) -> list[Job]:
        app, times = self._app, self._app.settings.daemon
        jobs = [
            self._job(f"sync:{name}", times.sync, partial(self._sync, name), FIVE_MINUTES)
            for name in app.settings.sources
        ]
        jobs.append(self._job("detect", times.detect, app.detect, FIVE_MINUTES))
        if app.settings.smtp.host:
            jobs.append(self._job("deliver", times.deliver, app.deliver, FIVE_MINUTES))
        jobs.append(self._job("report", times.report, self._report, ONE_HOUR))
        return jobs

    def _job(self, name: str, crontab: str, run: Callable[[], object], retry: timedelta) -> Job:
        kind, _, source = name.partition(":")
        settled = [one for one in Outcome if one not in (Outcome.FAILED, Outcome.INTERRUPTED, Outcome.RUNNING)]
        return Job(
            name, crontab, run, partial(self._last, kind, source, settled), partial(self._last, kind, source, []), retry
        )

    def _last(self, job: str, source: str, outcomes: Sequence[Outcome]) -> datetime | None:
        with self._app.uow() as uow:
            run = uow.runs.last(job, outcomes, source)
        return run.started_at if run else None

    def _is_due(self, job: Job) -> bool:
        now = self._app.clock.now()
        done, tried = job.last_done(), job.last_try()
        if tried is not None and tried != done and now - tried < job.retry:
            return False
        return is_due(job.crontab, done, now, self._app.settings.office.zone)

    def _sync(self, name: str) -> None:
        now, zone = self._app.clock.now(), self._app.settings.office.zone
        with self._app.uow() as uow:
            last_full = uow.runs.last_full(name)
        full = is_due(self._app.settings.daemon.full_sync, last_full, now, zone)
        result = self._app.sync(name, full=full)
        if result.error is not None:
            raise result.error

    def _report(self) -> None:
        clock = self._app.clock
        today = clock.local_date(clock.now())
        month = Month.of(today.replace(day=1) - timedelta(days=1))
        with self._app.uow() as uow:
            if uow.runs.has_key("report", str(month)):
                return
        self._app.report(month, key=str(month))


def is_due(crontab: str, last: datetime | None, now: datetime, zone: Any) -> bool:
    """Whether a moment of the timetable lies after ``last`` and not after ``now`` (both aware). A job that never ran
    is due. Missed moments count once, however many there were."""
    if last is None:
        return True
    trigger = CronTrigger.from_crontab(crontab, timezone=zone)
    following = trigger.get_next_fire_time(None, max(last, now - LOOK_BACK) + timedelta(seconds=1))
    return following is not None and following <= now
