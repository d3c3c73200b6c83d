"""From the settings file to ``Settings``: found in a fixed order, and every problem in it named at once (F86).

A problem reads "file:line: key: what is wrong, nearest valid name". Secrets never stand in the file; they are fetched
by ``load_passwords`` from environment variables or from files only the service can read (F96).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import SecretStr, ValidationError

from connector.errors import SettingsError, SettingsMissing
from connector.settings import SEARCH_PATH, SecretRef, Settings
from connector.settings.checks import Finding, check_meaning, check_values, take_secrets
from connector.settings.toml_lines import Place, TomlLines
from connector.settings.words import describe, fields_at, unknown_key

_TOML_HINTS = {
    "after a key": "sau tên khóa phải có dấu =",
    "Invalid value": "giá trị sai; chữ và giờ phải đặt trong dấu nháy kép",
    "Expected newline": "thừa chữ sau giá trị; chữ và giờ phải đặt trong dấu nháy kép",
    "Cannot overwrite": "khóa này đã được khai ở trên",
    "twice": "mục này đã được khai ở trên",
    "Illegal character": "có ký tự không hợp lệ, có thể thiếu dấu nháy kép ở cuối",
    "Unterminated": "thiếu dấu nháy kép ở cuối",
    "Unescaped": "trong dấu nháy kép, dấu \\ phải viết thành \\\\",
    "Unclosed": "thiếu dấu đóng ngoặc",
}


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
    text = _read(path)
    try:
        raw = _without_blanks(tomllib.loads(text), ())
    except tomllib.TOMLDecodeError as error:
        _bad_toml(path, text, str(error))
    findings = [*take_secrets(raw), *check_values(raw), *check_meaning(raw)]
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        findings += _in_words(error, raw)
    _raise_any(findings, path, text)
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
    _raise_any(findings, path, "" if path is None else _read(path))
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


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError([f"{path}: không đọc được tệp: {error.strerror}"], path=path) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: tệp không phải UTF-8; hãy lưu lại với bảng mã UTF-8"], path=path) from error
    return unicodedata.normalize("NFC", text)


def _bad_toml(path: Path, text: str, cause: str) -> NoReturn:
    found = re.search(r"line (\d+)", cause)
    line = int(found[1]) if found else text.rstrip().count("\n") + 1  # "at end of document"
    hint = next((words for sign, words in _TOML_HINTS.items() if sign in cause), "sai cú pháp TOML")
    raise SettingsError([f"{path}:{line}: {hint} ({cause})"], path=path) from None


def _without_blanks(node: Any, place: Place) -> Any:
    """Without keys given as "" whose default is None, so that a person can show that something is left empty."""
    if isinstance(node, list):
        return [_without_blanks(value, (*place, index)) for index, value in enumerate(node)]
    if not isinstance(node, dict):
        return node
    fields = fields_at(Settings, place) or {}
    optional = {name for name, info in fields.items() if not info.is_required() and info.default is None}
    return {k: _without_blanks(v, (*place, k)) for k, v in node.items() if not (v == "" and k in optional)}


def _in_words(error: ValidationError, raw: dict[str, Any]) -> Iterator[Finding]:
    """The problems pydantic found, one per place; the members of a union make one sentence."""
    words: dict[Place, list[str]] = {}
    for item in error.errors(include_url=False):
        place = _place(item["loc"], raw, missing=item["type"] == "missing")
        if item["type"] == "extra_forbidden":
            text = unknown_key(Settings, place)
        else:
            text = describe(item, str(next((s for s in reversed(place) if isinstance(s, str)), "")))
        words.setdefault(place, []).append(text)
    for place, texts in words.items():
        if not any(len(other) > len(place) and other[: len(place)] == place for other in words):
            yield place, " hoặc ".join(dict.fromkeys(texts))


def _place(loc: tuple[int | str, ...], raw: Any, *, missing: bool) -> Place:
    """Where in the file: pydantic's location without the names of union members, which stand in no file."""
    place: Place = ()
    for number, step in enumerate(loc, 1):
        known = isinstance(raw, dict) and step in raw
        if known or (isinstance(raw, list) and isinstance(step, int) and step < len(raw)):
            raw, place = raw[step], (*place, step)
        elif missing and number == len(loc):
            place = (*place, step)
    return place


def _raise_any(findings: list[Finding], path: Path | None, text: str) -> None:
    if not findings:
        return
    lines = TomlLines(text)
    problems: dict[str, int] = {}
    for place, words in findings:
        line = lines.line(place)
        name = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        problems.setdefault(f"{where}{name}: {words}", line or 0)
    raise SettingsError(sorted(problems, key=problems.__getitem__), path=path)
