"""Typed settings: one TOML file, secrets only from the environment or from files. All problems are reported at once.

Unknown keys are refused with the nearest valid name; ``config.example.toml`` names every key with unit and default
(under test). A component gets its section, never the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
)

from connector.domain.status import LogAction, Role, Status

SEARCH_PATH = ("$CONNECTOR_CONFIG", "./config.toml", "/etc/connector/config.toml")


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _folder_slash(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("phải bắt đầu bằng https:// (hoặc http:// khi thử nghiệm)")
    return url if url.endswith("/") else url + "/"


def _address(text: str) -> str:
    if text.count("@") != 1 or any(c in text for c in "\r\n ,;<>") or text.startswith("@") or text.endswith("@"):
        raise ValueError("không phải một địa chỉ thư điện tử")
    return text


def _plain_file(path: Path) -> Path:
    return path.expanduser()


BaseUrl = Annotated[str, AfterValidator(_folder_slash)]
Address = Annotated[str, AfterValidator(_address)]
FilePath = Annotated[Path, AfterValidator(_plain_file)]
Words = dict[str, str]


class SecretRef(Section):
    """A secret by reference: the name of an environment variable or a file (mode 0600). Never the secret itself."""

    password_env: str | None = Field(None, description="Name of the environment variable holding the password.")
    password_file: FilePath | None = Field(None, description="File holding the password (mode 0600).")

    def secret(self, environ: Mapping[str, str]) -> SecretStr | None:
        """The password, or None if neither place is named. Raises OSError or KeyError if the place is empty."""
        if self.password_file is not None:
            return SecretStr(self.password_file.read_text(encoding="utf-8").rstrip("\r\n"))
        if self.password_env is not None:
            return SecretStr(environ[self.password_env])
        return None


class OfficeSettings(Section):
    name: str = Field("Văn phòng UBND tỉnh", description="The office, as letters sign it.")
    province: str = Field("Lạng Sơn", description="Province name, for subjects and the place line of the report.")
    issuer: str = Field("UBND tỉnh Lạng Sơn", description="Issuing body of the documents that give tasks.")
    timezone: str = Field("Asia/Ho_Chi_Minh", description="Zone of all local days.")
    counted_assigners: list[str] = Field(
        default_factory=lambda: ["UBND tỉnh"],
        description="Whose tasks are counted, as written in iOffice (UBND tỉnh, Chủ tịch, các Phó Chủ tịch).",
    )
    agencies_file: FilePath | None = Field(None, description="Agency table (CSV); empty: the supplied one.")
    agency_order: list[str] = Field(default_factory=list, description="Agency codes in the order of the report.")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class StorageSettings(Section):
    database: str = Field("sqlite:///connector.db", description="sqlite:///file or postgresql://user@host/database.")
    busy_timeout_seconds: float = Field(30, gt=0, description="How long a writer waits for another, in seconds.")


class AccountSettings(SecretRef):
    username: str = Field(description="Login name of a service account.")
    identities: list[str] | Literal["all"] = Field(
        "all", description='Identities (kiêm nhiệm) to read besides the first: "all" or a list of their ids.'
    )


class RestSettings(Section):
    base_url: BaseUrl = Field(description="https://<host>/qlvb/")
    login_path: Literal["api/login/v2/", "api/login/v3/", "api/login/"] = Field(
        "api/login/v2/", description="Login generation the server offers, below the base address."
    )
    accounts: list[AccountSettings] = Field(min_length=1, description="Service accounts read side by side.")
    ca_file: FilePath | None = Field(None, description="Extra certificate authority (PEM), besides the system's.")
    concurrency: int = Field(4, ge=1, le=64, description="Requests under way at once.")
    requests_per_second: float = Field(0, ge=0, description="Highest rate; 0: no limit.")
    timeout_seconds: float = Field(60, gt=0, description="Per answer, from the request to its last byte.")
    max_answer_mb: float = Field(32, gt=0, description="Largest answer accepted, in MB.")
    attempts: int = Field(5, ge=1, description="Tries per request for busy, 429, 5xx and lost connections.")
    retry_for_seconds: float = Field(300, gt=0, description="Longest time spent on one request, waits included.")
    task_page_size: int = Field(15, ge=1, description="Rows per task page; 15 is what the app uses.")
    document_page_size: int = Field(10, ge=1, description="Rows per document page; 10 is what the app uses.")
    task_lists: tuple[Literal["duocgiao", "dagiao"], ...] = Field(
        ("dagiao", "duocgiao"), min_length=1, description="Given by us, given to us."
    )
    document_stores: list[str] | Literal["menu"] = Field(
        "menu", description='Document stores (kho) to read: "menu" (those the login shows) or a list of codes.'
    )
    document_lists: tuple[Literal["processed", "notify", "outdated"], ...] = Field(
        ("processed", "notify", "outdated"), description="Lists of documents read besides the stores."
    )
    document_windows: tuple[Literal["issued", "due"], ...] = Field(
        ("issued", "due"), description="Dates by which documents are searched, month by month."
    )
    long_list: int = Field(2000, ge=0, description="Lists with more rows are read by full runs only, if search works.")
    read_document_detail: bool = Field(
        False, description="WARNING: opening a document probably marks it as read for the person behind the account."
    )
    task_parts: tuple[Literal["detail", "flow", "processors", "children", "files"], ...] = Field(
        ("detail", "flow", "processors", "children", "files"),
        min_length=1,
        description="What is read of a task besides its list row.",
    )
    reread_days: int = Field(30, ge=0, description="Finished tasks are read again after so many days; 0: never.")
    resume_minutes: float = Field(60, ge=0, description="An interrupted reading no older is gone on with; 0: never.")
    field_modes: dict[str, Literal["accept", "warn", "stop"]] = Field(
        default_factory=dict, description="What a change of a field of the source does: “kind.field” → mode."
    )
    confidential_codes: Words = Field(
        default_factory=lambda: {"Mật": "MAT"}, description="Secrecy label → code of the advanced search."
    )
    max_vanished: float = Field(0.1, ge=0, le=1, description="Share of tasks that may vanish in one full reading.")
    max_rejected: float = Field(0.05, ge=0, le=1, description="Share of unreadable rows above which a run stops.")
    document_days: int = Field(120, ge=1, description="Days after issue during which a document is still followed.")


class ImportSettings(Section):
    source: str = Field("", description="Source whose records exported files show; empty: the only one there is.")
    headers_file: FilePath | None = Field(None, description="The office's own table of column headers (CSV).")
    max_rejected: float = Field(0.05, ge=0, le=1, description="Share of unreadable rows above which a file is refused.")
    inbox: FilePath | None = Field(None, description="Folder that exports are dropped into; empty: none is watched.")
    poll_seconds: float = Field(30, gt=0, description="How often the folder is looked at, in seconds.")
    settle_seconds: float = Field(20, ge=0, description="How long a file stands still before it is taken, in seconds.")


class VocabularySettings(Section):
    """Labels this deployment shows → the connector's words. Entries add to the built-in ones and win over them."""

    status: dict[str, Status] = Field(default_factory=dict, description="Status label → canonical status.")
    roles: dict[str, Role] = Field(default_factory=dict, description="Role label of an assignee's line → role.")
    log_actions: dict[str, LogAction] = Field(default_factory=dict, description="Activity-log label → step.")
    normal_urgency: list[str] = Field(
        default_factory=lambda: ["Thường", "Bình thường"], description="Urgency labels (độ khẩn) that mean: not urgent."
    )


class CalendarSettings(Section):
    file: FilePath | None = Field(None, description="Working-day table (CSV); empty: the supplied one, 2020-2026.")
    day_closes_at: time = Field(
        time(0), description="When a due day ends, local time; 00:00: at midnight, as the office counts."
    )
    day_end_reading_from: time = Field(
        time(22, 30), description="A reading from this time on counts as the state at the end of its day."
    )


class DetectionSettings(Section):
    roll_due_forward: bool = Field(True, description="A due date on a day off is met until the next working day ends.")


class RulesSettings(Section):
    file: FilePath | None = Field(None, description="The office's changes to the rules (TOML); empty: none.")


class SmtpSettings(SecretRef):
    host: str = Field("", description="Mail relay; empty: no letters are sent.")
    port: int = Field(25, ge=1, le=65535, description="25, 587 (starttls) or 465 (tls), as the relay says.")
    security: Literal["none", "starttls", "tls"] = Field("starttls", description="none only inside the machine.")
    username: str = Field("", description="Empty: no login.")
    ca_file: FilePath | None = Field(None, description="Extra certificate authority (PEM).")
    timeout_seconds: float = Field(30, gt=0, description="Per command to the relay, in seconds.")
    sender: Address = Field("connector@localhost.localdomain", description="From address; its domain names letters.")
    sender_name: str = Field("Theo dõi nhiệm vụ iOffice", description="Shown name of the sender.")
    attempts: int = Field(8, ge=1, description="Tries per letter before it is set aside.")
    lease_seconds: float = Field(300, gt=0, description="How long a claimed letter is ours, in seconds.")


class LettersSettings(Section):
    mailboxes: dict[str, Address] = Field(default_factory=dict, description="Agency code → address.")
    office_mailbox: Address | None = Field(None, description="Gets what has no address of its own.")
    admin_mailbox: Address | None = Field(None, description="Gets notices about the connector itself.")
    violation_horizon_days: int = Field(
        31, ge=0, description="Violations older than this when first found are recorded, not mailed."
    )


class ReportSettings(Section):
    folder: FilePath = Field(Path("reports"), description="Where reports are written.")
    template: FilePath | None = Field(None, description="Word template; empty: the supplied one.")
    decision_number: str = Field("31/2020/QĐ-UBND", description="The regulation the report rests on.")
    decision_date: str = Field("11/7/2020", description="Its date, as printed.")
    decision_article: str = Field("khoản 4 Điều 13", description="The article on carrying out assigned tasks.")
    signer_title: list[str] = Field(default_factory=lambda: ["CHÁNH VĂN PHÒNG"], description="One entry a line.")
    signer_name: str = Field("Phạm Hùng Trường", description="Name below the signature.")
    drafting_unit: str = Field("THNC", description="Drafting unit in the archive line.")
    drafter: str = Field("PT", description="Initials behind the archive line.")


class DaemonSettings(Section):
    sync: str = Field("30 6-18/2 * * *", description="Crontab, local time, names of weekdays allowed.")
    full_sync: str = Field("30 23 * * *", description="The nightly full reading.")
    detect: str = Field("15 7 * * *", description="Rules over the stored data, letters into the outbox.")
    deliver: str = Field("*/10 7-17 * * mon-fri", description="Sending the outbox.")
    report: str = Field("0 8 1 * *", description="The report of the month before.")
    stale_after_hours: float = Field(26, gt=0, description="Data older than this is called stale.")


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is written.")
    format: Literal["json", "console"] = Field("json", description="json: one line per event; console: for people.")
    file: FilePath | None = Field(None, description="Empty: standard error (the journal under systemd).")


class Settings(Section):
    """Everything; one attribute per table of the file. ``sources``: name of a source → how to read it."""

    office: OfficeSettings = OfficeSettings()
    storage: StorageSettings = StorageSettings()
    sources: dict[str, RestSettings] = Field(default_factory=dict, description="Name of a source → how to read it.")
    imports: ImportSettings = ImportSettings()
    vocabulary: VocabularySettings = VocabularySettings()
    calendar: CalendarSettings = CalendarSettings()
    detection: DetectionSettings = DetectionSettings()
    rules: RulesSettings = RulesSettings()
    smtp: SmtpSettings = SmtpSettings()
    letters: LettersSettings = LettersSettings()
    report: ReportSettings = ReportSettings()
    daemon: DaemonSettings = DaemonSettings()
    log: LogSettings = LogSettings()
