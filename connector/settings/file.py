"""From the settings file to ``Settings``: found in a fixed order, and every problem in it named at once (F86).

A problem reads "file:line: key: what is wrong, nearest valid name". Secrets never stand in the file; they are fetched
by ``load_passwords`` from environment variables or from files only the service can read (F96).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from connector.errors import SettingsMissing
from connector.settings import SEARCH_PATH, SecretRef, Settings
from connector.settings.checks import Finding, check_meaning, check_values, take_secrets
from connector.settings.toml_file import in_words, parse_toml, raise_any, read_text
from connector.settings.toml_lines import Place
from connector.settings.words import fields_at


@dataclass(frozen=True)
class Passwords:
    """``sources``: source → username → password. ``smtp``: None where the relay wants no login."""

    sources: Mapping[str, Mapping[str, SecretStr]]
    smtp: SecretStr | None


def find_settings_file(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """The settings file: ``explicit``, else the first of SEARCH_PATH that exists. A file named by hand or by
    $CONNECTOR_CONFIG that does not exist is an error, never a reason to look further. Raises SettingsMissing."""
    if explicit is not None:
        if explicit.is_file():
            return explicit
        raise SettingsMissing([f"{explicit} (theo --config)"])
    if named := environ.get("CONNECTOR_CONFIG"):
        if Path(named).is_file():
            return Path(named)
        raise SettingsMissing([f"{named} (theo biến môi trường CONNECTOR_CONFIG)"])
    for place in SEARCH_PATH[1:]:
        if Path(place).is_file():
            return Path(place)
    raise SettingsMissing([f"{SEARCH_PATH[0]} (chưa đặt)", *SEARCH_PATH[1:]])


def load_settings(path: Path) -> Settings:
    """Reads and checks the file. "" for a key that may be left out means: left out. Raises SettingsError."""
    text = read_text(path)
    raw = _without_blanks(parse_toml(path, text), ())
    findings = [*take_secrets(raw), *check_values(raw), *check_meaning(raw)]
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        findings += in_words(Settings, error, raw)
    raise_any(findings, path, text)
    return settings


def load_passwords(settings: Settings, environ: Mapping[str, str], path: Path | None = None) -> Passwords:
    """All passwords the settings refer to. ``path``: the settings file, for the line of each problem.

    ``$NAME`` at the start of a ``password_file`` is replaced ($CREDENTIALS_DIRECTORY under systemd). Raises
    SettingsError with every password that is missing, empty, or in a file that others can read (F96).
    """
    findings: list[Finding] = []

    def fetch(ref: SecretRef, place: Place) -> SecretStr | None:
        found = _password(ref, environ)
        if isinstance(found, SecretStr):
            return found
        key = "password_env" if ref.password_file is None and ref.password_env else "password_file"
        findings.append(((*place, key), found))
        return None

    sources: dict[str, dict[str, SecretStr]] = {}
    for name, source in settings.sources.items():
        fetched = [(a.username, fetch(a, ("sources", name, "accounts", i))) for i, a in enumerate(source.accounts)]
        sources[name] = {username: secret for username, secret in fetched if secret is not None}
    smtp = fetch(settings.smtp, ("smtp",)) if settings.smtp.username else None
    raise_any(findings, path, "" if path is None else read_text(path))
    return Passwords(sources, smtp)


def _password(ref: SecretRef, environ: Mapping[str, str]) -> SecretStr | str:
    """The password, or what is wrong with the place it is said to be in."""
    file = ref.password_file
    try:
        if file is not None:
            if file.parts[0].startswith("$"):
                file = Path(environ[file.parts[0].strip("${}")], *file.parts[1:])
            mode = file.stat().st_mode & 0o777
            if mode & 0o007:
                return f"người khác cũng đọc được {file} (quyền {mode:04o}); hãy chạy: chmod 600 {file}"
        secret = ref.model_copy(update={"password_file": file}).secret(environ)
    except KeyError as error:
        return f"biến môi trường {error.args[0]} chưa được đặt"
    except OSError as error:
        return f"không đọc được {file}: {error.strerror}"
    except UnicodeDecodeError:
        return f"{file} không phải là tệp chữ UTF-8"
    if secret is None:
        return "chưa khai nơi để mật khẩu: cần password_file hoặc password_env"
    return secret if secret.get_secret_value() else "mật khẩu trống"


def _without_blanks(node: Any, place: Place) -> Any:
    """Without keys given as "" whose default is None, so that a person can show that something is left empty."""
    if isinstance(node, list):
        return [_without_blanks(value, (*place, index)) for index, value in enumerate(node)]
    if not isinstance(node, dict):
        return node
    fields = fields_at(Settings, place) or {}
    optional = {name for name, info in fields.items() if not info.is_required() and info.default is None}
    return {k: _without_blanks(v, (*place, k)) for k, v in node.items() if not (v == "" and k in optional)}
