"""The one place that builds adapters from settings and hands them to jobs. Heavy libraries are imported when used."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from connector.clock import SystemClock
from connector.collector import collecting_seldom
from connector.detect.unmatched import Unmatched
from connector.domain.audit import Action, Deed
from connector.domain.deadlines import Deadlines
from connector.domain.finding_life import SYSTEM
from connector.domain.history import Observer
from connector.domain.periods import Month
from connector.domain.policy import Policy
from connector.domain.rules import RuleBook
from connector.domain.runs import Run
from connector.domain.status import Status
from connector.errors import RunBusy, SettingsError, StoreError, UsageProblem
from connector.jobs.agencies import unmatched_names
from connector.jobs.audit import note
from connector.jobs.deliver import DeliverResult, DeliveryPolicy, deliver
from connector.jobs.detect import DetectResult, LetterPolicy, detect
from connector.jobs.learn import Learnt, learn
from connector.jobs.links import Links, links
from connector.jobs.monthly_report import ReportResult, monthly_report
from connector.jobs.overview import Overview, overview
from connector.jobs.sync import sync
from connector.jobs.sync_adopt import Adoption
from connector.jobs.sync_checks import known_shapes
from connector.jobs.sync_result import SyncResult
from connector.reconcile.policy import DocumentPolicy, SyncPolicy
from connector.settings import RestSettings, Settings
from connector.settings.file import Passwords, find_settings_file, load_passwords, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from connector.normalise.exports.telling import CodeOf
    from connector.notify.render import JinjaRenderer
    from connector.notify.smtp import SmtpMailer
    from connector.ports import Clock, ReportWriter, UnitOfWork
    from connector.sources.rest.source import RestSource
    from connector.store.opening import Opening


@dataclass
class App:
    """Settings and what is built from them, each part when it is first needed. ``path`` is the settings file,
    ``environ`` where secrets may be named; ``given`` replaces both (demo, tests).
    ``actor``: who gives the orders."""

    settings: Settings
    clock: Clock
    path: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    given: Passwords | None = field(default=None, repr=False)
    actor: str = SYSTEM
    _stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    _reading: list[RestSource] = field(default_factory=list, repr=False)

    # -- parts -----------------------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> Opening:
        from connector.store.opening import Opening

        return Opening(self.settings.storage.database, self.settings.storage.busy_timeout_seconds)

    @property
    def engine(self) -> Engine:
        return self.store.engine

    @cached_property
    def passwords(self) -> Passwords:
        """Read when a command first needs one: ``status`` and ``report`` work without them. Raises SettingsError."""
        return self.given or load_passwords(self.settings, self.environ, self.path)

    def uow(self) -> UnitOfWork:
        """For what writes."""
        return self.store.writing()

    def reading(self) -> UnitOfWork:
        """For what only looks, and therefore waits for nobody (F33)."""
        return self.store.reading()

    @cached_property
    def policy(self) -> Policy:
        """Raises SettingsError for a broken table of agencies or days, or a broken file of rules."""
        from connector.reference.rules import load_rules

        return self.policy_of(load_rules(self.settings.rules.file, self.settings.office.zone).book)

    def use_rules(self, book: RuleBook) -> None:
        """From now on these rules are in force; jobs under way end with those they began with."""
        self.policy = replace(self.policy, rules=book)

    def policy_of(self, rules: RuleBook) -> Policy:
        """The office's policy with these rules. Raises SettingsError for a broken table of agencies or days."""
        from connector.normalise.vocabulary import Vocabularies
        from connector.reference import load_agencies, load_calendar

        office, calendar, limits = self.settings.office, self.settings.calendar, self.settings.detection
        zone = office.zone
        return Policy(
            counted_assigners=tuple(office.counted_assigners),
            issuer=office.issuer,
            directory=load_agencies(office.agencies_file, office.agency_order),
            deadlines=Deadlines(
                load_calendar(calendar.file), zone, calendar.day_closes_at, roll_forward=limits.roll_due_forward
            ),
            observer=Observer(zone, calendar.day_end_reading_from),
            zone=zone,
            rules=rules,
            normal_urgency=tuple(self.settings.vocabulary.normal_urgency),
            settled_labels=Vocabularies.of(self.settings.vocabulary).statuses.labels(Status.DONE, Status.WAIT_CONFIRM),
        )

    @cached_property
    def code_of(self) -> CodeOf:
        """Code of the agency a name stands for on a day."""
        from connector.normalise.exports.keys import agency_codes

        return agency_codes(self.policy.directory, self.clock.local_date(self.clock.now()))

    @cached_property
    def renderer(self) -> JinjaRenderer:
        from connector.notify.render import JinjaRenderer

        domain = self.settings.smtp.sender.rpartition("@")[2]
        return JinjaRenderer(self.settings.office, domain, self.settings.letters.office_mailbox)

    def mailer(self) -> SmtpMailer:
        """Raises SettingsError if no relay is configured."""
        from connector.notify.smtp import SmtpMailer

        if not self.settings.smtp.host:
            raise SettingsError([f"{self.path or 'settings'}: smtp.host: chưa khai báo máy chủ gửi thư"])
        return SmtpMailer(
            self.settings.smtp,
            self.passwords.smtp,
            self.clock,
            reply_to=self.settings.letters.office_mailbox,
            zone=self.settings.office.zone,
        )

    def source(self, name: str) -> RestSource:
        """The configured source of that name. Raises UsageProblem for an unknown one."""
        from connector.sources.rest.source import RestSource

        section = self.settings.sources.get(name)
        if section is None:
            known = ", ".join(self.settings.sources) or "(chưa khai báo nguồn nào)"
            raise UsageProblem(f"unknown source {name}", argument=f"--source {name}", expected=known)
        return RestSource(name, section, self.passwords.sources.get(name, {}), clock=self.clock)

    def writer(self) -> ReportWriter:
        from connector.report.writer import DocumentWriter

        return DocumentWriter.of(self.settings.office, self.settings.report)

    def check_template(self) -> None:
        """Raises TemplateBroken for a Word template that misses a placeholder."""
        from connector.report.docx import SUPPLIED_TEMPLATE, check_template

        check_template(self.settings.report.template or SUPPLIED_TEMPLATE)

    # -- jobs ------------------------------------------------------------------------------------------------------

    def sync(
        self,
        name: str,
        *,
        full: bool = False,
        accept_shrink: bool = False,
        retry_login: bool = False,
        relearn: bool = False,
        span: tuple[date, date] | None = None,
    ) -> SyncResult:
        """``span``: local days of a back-fill of documents; nothing else is read then (F15)."""
        from connector.normalise.rest import RestNormaliser
        from connector.normalise.vocabulary import Vocabularies

        source = self.source(name)
        section = self.settings.sources[name]
        self._require_known_fields(name, section)
        normaliser = RestNormaliser(Vocabularies.of(self.settings.vocabulary), self.settings.office.zone)
        policy = _sync_policy(section, self.settings.office.issuer, span)
        said = (
            (accept_shrink, Action.SHRINK_ACCEPTED),
            (retry_login, Action.LOGIN_RETRIED),
            (relearn, Action.COUNTERS_RELEARNT),
        )
        orders = [Deed(self.clock.now(), self.actor, action, name) for given, action in said if given]
        self._reading.append(source)
        try:
            with self.alone(f"sync:{name}"), collecting_seldom():
                note(self.uow(), orders)
                return sync(
                    source, normaliser, self.uow(), self.clock, policy, full=full, accept_shrink=accept_shrink,
                    retry_login=retry_login, relearn=relearn, notice=self._notice,
                    adoption=Adoption(normaliser, self.code_of), stopping=self._stopping.is_set,
                )  # fmt: skip
        finally:
            self._reading.remove(source)

    def _require_known_fields(self, name: str, section: RestSettings) -> None:
        """``field_modes`` may name what the program knows and what the deployment has shown. Raises SettingsError."""
        from connector.normalise.shape_diff import check_modes

        with self.reading() as uow:
            problems = check_modes(section.field_modes, known_shapes(uow, name))
        if problems:
            raise SettingsError([f"{self.path or 'settings'}: sources.{name}.field_modes: {one}" for one in problems])

    def learn(self, name: str) -> Learnt:
        """What words the deployment uses. Raises what logging in raises."""
        from connector.normalise.vocabulary import Vocabularies

        own = self.settings.vocabulary
        with self.alone(f"sync:{name}"):
            return learn(self.source(name), self.uow(), self.clock, Vocabularies.of(own), own.normal_urgency)

    def alone(self, job: str) -> AbstractContextManager[None]:
        """One process at a time per job and database. Raises RunBusy."""
        from connector.store.locks import job_lock

        return job_lock(self.engine, job)

    def stop(self) -> None:
        """End the jobs under way in other threads soon: readings at once, deliveries after the letter in hand."""
        self._stopping.set()
        for source in list(self._reading):
            source.stop()

    def _notice(self, uow: UnitOfWork, key: str, result: SyncResult) -> None:
        from connector.messages import operator_message

        admin = self.settings.letters.admin_mailbox or self.settings.letters.office_mailbox
        if admin is None or result.error is None:
            return
        title = {"auth_needed": "Nguồn dữ liệu từ chối đăng nhập", "guard_stop": "Số nhiệm vụ giảm bất thường"}
        kind = str(result.outcome)
        lines = [f"Nguồn dữ liệu: {result.source}.", *operator_message(result.error).splitlines()[:1]]
        letter = self.renderer.admin_notice(
            kind, title.get(kind, "Đồng bộ không thành công"), lines, admin, self.clock.now(), f"notice:{key}"
        )
        uow.outbox.add(letter)

    @property
    def letter_policy(self) -> LetterPolicy:
        letters = self.settings.letters
        return LetterPolicy(
            recipients={code: (address,) for code, address in letters.mailboxes.items()},
            fallback=(letters.office_mailbox,) if letters.office_mailbox else (),
            horizon_days=letters.violation_horizon_days,
            office_name=self.settings.office.name,
        )

    def detect(self) -> DetectResult:
        with self.alone("detect"):
            return detect(self.uow(), self.clock, self.policy, self.renderer, self.letter_policy)

    def links(self, task_id: str | None) -> Links:
        return links(self.reading(), self.clock, self.policy, task_id)

    def unmatched_names(self) -> list[Unmatched]:
        return unmatched_names(self.reading(), self.clock, self.policy)

    def deliver(self) -> DeliverResult:
        smtp = self.settings.smtp
        policy = DeliveryPolicy(timedelta(seconds=smtp.lease_seconds), smtp.attempts)
        with self.alone("deliver"):
            return deliver(self.uow(), self.clock, self.mailer(), policy, stopping=self._stopping.is_set)

    def report(
        self,
        month: Month,
        *,
        as_of: date | None = None,
        folder: Path | None = None,
        key: str | None = None,
        known_at: datetime | None = None,
    ) -> ReportResult:
        with self.alone("report"):
            return monthly_report(
                self.uow(), self.clock, self.policy, self.writer(),
                month=month, as_of=as_of, folder=folder or self.settings.report.folder, key=key, known_at=known_at,
            )  # fmt: skip

    def overview(self) -> Overview:
        hours = self.settings.daemon.stale_after_hours
        return overview(self.reading(), self.clock, list(self.settings.sources), hours, self._is_running)

    def _is_running(self, run: Run) -> bool:
        """Whoever may not take the lock cannot find out, and says what is written."""
        job = "sync" if run.job == "backfill" else run.job
        try:
            with self.alone(f"{job}:{run.source}" if run.source else job):
                return False
        except (RunBusy, StoreError):
            return True


def _sync_policy(section: RestSettings, issuer: str, span: tuple[date, date] | None) -> SyncPolicy:
    parts = {"log", "related", "files"} | ({"detail"} if section.read_document_detail else set())
    documents = DocumentPolicy(
        issuer=issuer,
        days=section.document_days,
        parts=frozenset(parts),
        windows=tuple(section.document_windows),
        long_list=section.long_list,
        secret_labels=tuple(section.confidential_codes),
        span=span,
    )
    return SyncPolicy(
        max_vanished=section.max_vanished,
        max_rejected=section.max_rejected,
        documents=documents,
        task_parts=frozenset(section.task_parts),
        reread_days=section.reread_days,
        resume_minutes=section.resume_minutes,
        field_modes=section.field_modes,
    )


def open_app(
    config: Path | None = None, *, environ: Mapping[str, str] | None = None, clock: Clock | None = None
) -> App:
    """Load the settings and their secrets. Raises SettingsMissing, SettingsError (all problems at once)."""
    from connector.log import configure

    env = os.environ if environ is None else environ
    path = find_settings_file(config, env)
    settings = load_settings(path)
    configure(settings.log.level, settings.log.format, settings.log.file)
    return App(settings, clock or SystemClock(settings.office.zone), path, env)
