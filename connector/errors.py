"""The error tree. Every error answers: is it worth trying again, which exit code, what now?

Exit codes (sysexits): 0 done · 1 bug · 2 usage · 65 unusable data · 69 source, database or relay down ·
75 try later · 77 credentials refused · 78 configuration. The sentence for the operator and the next step stand in
``messages``; a test holds that every class has one. ``str(error)`` is the technical cause, in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class ConnectorError(Exception):
    """Root of all errors we expect. ``fields`` fill the operator's sentence."""

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, cause: str = "", **fields: object) -> None:
        super().__init__(cause or type(self).__name__)
        self.fields: dict[str, object] = {"cause": cause, **fields}


class SettingsError(ConnectorError):
    """The settings cannot be used. ``problems``: all of them, each with file and key (F86)."""

    exit_code = 78

    def __init__(self, problems: Sequence[str], **fields: object) -> None:
        super().__init__("; ".join(problems), problems="\n".join(f"  - {line}" for line in problems), **fields)
        self.problems = list(problems)


class SettingsMissing(SettingsError):
    """No settings file was found in any of the places it is looked for."""


class CalendarGap(ConnectorError):
    """A date beyond the years the working-day calendar knows (F42)."""

    exit_code = 78


class SourceError(ConnectorError):
    """Something about a source; a run that meets one fails and stored data stays."""

    exit_code = 69


class SourceUnavailable(SourceError):
    """The source gave no answer in time, was busy, or answered 5xx. ``retry_after`` in seconds, None if unknown."""

    exit_code = 69
    retryable = True

    def __init__(self, cause: str = "", retry_after: float | None = None, **fields: object) -> None:
        super().__init__(cause, **fields)
        self.retry_after = retry_after


class SourceUntrusted(SourceError):
    """The certificate the server shows is not accepted; trying again would change nothing. ``why``: in Vietnamese."""

    exit_code = 78


class SourceGarbled(SourceError):
    """An answer that is not the envelope we know: HTML, cut JSON, too large."""

    exit_code = 65


class SourceRefused(SourceError):
    """The source answered with a business error code."""

    exit_code = 65


class AuthNeeded(SourceError):
    """The login was refused. One try only: no further login until an operator says so (F02)."""

    exit_code = 77


class ForbiddenRequest(SourceError):
    """A request that is not on the allow-list; raised before a byte is sent (F101). A bug of ours."""

    exit_code = 1


class SuspiciousShrink(SourceError):
    """A complete reading would mark too many tasks as vanished; nothing was marked (F09)."""

    exit_code = 65


class TooManyRejected(SourceError):
    """More rows than allowed could not be read; findings were not touched (F11)."""

    exit_code = 65


class SourceChanged(SourceError):
    """The source's answers look so different that reading on could do harm; nothing was touched (F13). ``changes``:
    each with what to do."""

    exit_code = 65


class FileRefused(ConnectorError):
    """A file that was not imported, none of it. ``reason`` is a code of ``domain.refusals``, which says what happened
    and how to mend it; ``fields`` may name file, sheet and cell, and fill that sentence."""

    exit_code = 65

    def __init__(self, reason: str, cause: str = "", **fields: object) -> None:
        super().__init__(f"{reason}: {cause}" if cause else reason, **fields)
        self.reason = reason
        self.fields["cause"] = cause


class FileNotReady(FileRefused):
    """The file cannot be read now: still being written, locked, gone. Another time it may be."""

    exit_code = 75
    retryable = True


class InboxUnusable(ConnectorError):
    """The folder for exports cannot be listed, or a file in it cannot be moved; what was imported stays imported."""

    exit_code = 78


class StoreError(ConnectorError):
    """The database cannot be reached, opened or written."""

    exit_code = 69


class SchemaOutdated(StoreError):
    """The database was made by another version of the program."""

    exit_code = 78


class StoreNotEmpty(StoreError):
    """Rows would be copied into a database that holds some; nothing was changed."""

    exit_code = 78


class BackupBroken(StoreError):
    """A file that was to be restored is no whole backup; nothing was changed."""

    exit_code = 65


class AuditBroken(StoreError):
    """The record of who did what is not as it was written. ``number``: of the first entry that is not."""

    exit_code = 65


class RunBusy(ConnectorError):
    """The same job is already running."""

    exit_code = 75
    retryable = True


class MailError(ConnectorError):
    """Something about sending mail."""

    exit_code = 69


class MailUnavailable(MailError):
    """The relay did not answer or said 4xx to all."""

    exit_code = 69
    retryable = True


class MailRefused(MailError):
    """The relay refused our login or our sender for good."""

    exit_code = 77


class ReportError(ConnectorError):
    """A report could not be made."""

    exit_code = 65


class TotalsMismatch(ReportError):
    """The figures do not add up; nothing is written (F81)."""

    exit_code = 65


class TemplateBroken(ReportError):
    """A template the office edited misses a placeholder or cannot be rendered (F85)."""

    exit_code = 78


class FolderUnusable(ReportError):
    """The folder for reports cannot be made or written to."""

    exit_code = 78


class NoData(ReportError):
    """There is nothing stored for the period asked."""

    exit_code = 65


class UsageProblem(ConnectorError):
    """An argument that cannot be understood."""

    exit_code = 2


class TimelineError(ConnectorError):
    """A timeline or profile for the stand-in server that cannot be read."""

    exit_code = 65


class CheckFailed(ConnectorError):
    """``connector check`` found problems; they have been printed."""

    exit_code = 78
