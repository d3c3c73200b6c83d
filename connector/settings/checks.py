"""What the types of ``Settings`` cannot say about a settings file; works on the TOML as read, whatever its shape.

Every check yields (place, what is wrong in Vietnamese) and leaves wrong types to pydantic. No value of a secret is
ever part of a text.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connector.settings import Settings
from connector.settings.toml_lines import Place
from connector.settings.words import annotation_at, fields_at, nearest

_SECRET_NAME = re.compile(r"pass|pwd|mat_?khau|token|secret|api_?key|credential", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_MOVE_IT_OUT = (
    "không ghi mật khẩu hay khóa bí mật trong tệp cấu hình; hãy xóa dòng này, ghi bí mật vào một tệp riêng (chmod 600) "
    "rồi khai password_file, hoặc đặt vào biến môi trường rồi khai password_env; nếu tệp này đã được sao chép đi nơi "
    "khác thì đổi mật khẩu"
)
_DATABASE_LOGIN = (
    "không ghi mật khẩu trong địa chỉ cơ sở dữ liệu; hãy xóa phần mật khẩu rồi dùng tệp ~/.pgpass (chmod 600) hoặc "
    "biến môi trường PGPASSWORD"
)

Finding = tuple[Place, str]


def take_secrets(raw: dict[str, Any]) -> Iterator[Finding]:
    """Secrets written out in the file. They are taken out of ``raw``, so nothing later can print them."""
    for place, value in list(_walk(raw, ())):
        if place and isinstance(place[-1], str) and not isinstance(value, (dict, list)) and _is_secret(place):
            node: Any = raw
            for step in place[:-1]:
                node = node[step]
            del node[place[-1]]
            yield place, _MOVE_IT_OUT


def _is_secret(place: Place) -> bool:
    fields = fields_at(Settings, place[:-1])
    if fields is None and annotation_at(Settings, place[:-1]) is not None:
        return False  # the operator chooses these keys: labels, agency codes
    letters = unicodedata.normalize("NFD", str(place[-1])).replace(" ", "_")
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return place[-1] not in (fields or {}) and _SECRET_NAME.search(plain) is not None


def check_values(raw: dict[str, Any]) -> Iterator[Finding]:
    """Values pydantic would quietly take for something else: true for 1, 17 for 00:00:17, inf for a limit."""
    for place, value in _walk(raw, ()):
        annotation = annotation_at(Settings, place)
        if isinstance(value, bool) and annotation in (int, float):
            yield place, "phải là số, không phải true hoặc false"
        elif annotation is time and isinstance(value, (bool, int, float)):
            yield place, 'phải là giờ trong ngày dạng "HH:MM", ví dụ "22:30"'
        elif isinstance(value, float) and not math.isfinite(value):
            yield place, "phải là một số hữu hạn"
        elif place[-1:] == ("password_env",) and isinstance(value, str) and not _VARIABLE.fullmatch(value):
            yield place, "phải là TÊN của biến môi trường (chữ in hoa, số, gạch dưới), không phải mật khẩu"
        elif place[-1:] == ("base_url",) and isinstance(value, str) and _password_in(value):
            yield place, _MOVE_IT_OUT
        elif place == ("storage", "database") and isinstance(value, str) and _password_in(value):
            yield place, _DATABASE_LOGIN


def check_meaning(raw: dict[str, Any]) -> Iterator[Finding]:
    """Time zone, timetable, and who logs in with what."""
    zone = _table(raw, "office").get("timezone")
    if isinstance(zone, str) and (problem := _zone_problem(zone)):
        yield ("office", "timezone"), problem
    for name, cron in _table(raw, "daemon").items():
        is_timetable = isinstance(cron, str) and annotation_at(Settings, ("daemon", name)) is str
        if is_timetable and (problem := _crontab_problem(cron)):
            yield ("daemon", name), problem
    for name, source in _table(raw, "sources").items():
        accounts = source.get("accounts") if isinstance(source, dict) else None
        seen: set[str] = set()
        for index, account in enumerate(accounts if isinstance(accounts, list) else ()):
            if not isinstance(account, dict):
                continue
            place: Place = ("sources", name, "accounts", index)
            yield from _check_password_places(account, place, needed=True)
            username = account.get("username")
            if isinstance(username, str) and username in seen:
                yield (*place, "username"), "tài khoản này đã được khai ở trên"
            elif isinstance(username, str):
                seen.add(username)
    smtp = _table(raw, "smtp")
    yield from _check_password_places(smtp, ("smtp",), needed=bool(smtp.get("username")))
    if not smtp.get("username") and ("password_file" in smtp or "password_env" in smtp):
        yield ("smtp", "username"), "có khai mật khẩu nhưng thiếu tên đăng nhập"


def _check_password_places(table: Mapping[str, Any], place: Place, *, needed: bool) -> Iterator[Finding]:
    given = [key for key in ("password_file", "password_env") if key in table]
    if len(given) == 2:
        yield (*place, "password_env"), "chỉ khai một trong hai: password_file hoặc password_env"
    elif needed and not given:
        yield (*place, "password_file"), "chưa khai nơi để mật khẩu: cần password_file hoặc password_env"


def _zone_problem(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        close = nearest(name, sorted(zoneinfo.available_timezones()))
        return "không có múi giờ này" + (f"; tên gần nhất: {close}" if close else ", ví dụ đúng: Asia/Ho_Chi_Minh")
    return ""


def _crontab_problem(cron: str) -> str:
    from apscheduler.triggers.cron import CronTrigger  # slow to import, needed only if the timetable was changed

    fields = cron.split()
    if len(fields) != 5:
        return 'phải có đúng năm phần: phút giờ ngày tháng thứ, ví dụ "30 7 * * mon-fri"'
    if re.search(r"\d", fields[4].partition("/")[0]):
        return "thứ trong tuần phải viết bằng tên (mon, tue, wed, thu, fri, sat, sun), vì số 0 có nơi là thứ hai"
    try:
        CronTrigger.from_crontab(cron, timezone="UTC")
    except ValueError as error:
        return f"thời gian biểu không đọc được ({error})"
    return ""


def _password_in(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.password is not None or any(_SECRET_NAME.search(key) for key in parse_qs(parts.query))
    except ValueError:
        return False


def _table(raw: dict[str, Any], name: str) -> dict[str, Any]:
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def _walk(node: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    yield place, node
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from _walk(value, (*place, key))
