"""Takes secrets and personal text out of what is logged or shown: by the key of a value, and inside of strings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

HIDDEN = "***"
_LONGEST = 2000

# The value of such a key is never written: secrets, personal text of tasks and documents, addresses of people.
_SECRET_KEY = re.compile(r"passw|passphrase|secret|token|cookie|authori[sz]ation|api_?key|credential|jsessionid", re.I)
_PRIVATE_KEYS = frozenset(
    {"subject", "subject_text", "content", "body", "text", "html", "payload", "title", "abstract", "task_name"}
    | {"document_name", "recipient", "recipients", "address", "addresses", "mailbox", "trich_yeu", "noidung"}
)
_KEEP_ADDRESS = frozenset({"message_id"})  # looks like an address, is none

_BEARER = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.I)
_ASSIGNMENT = re.compile(
    r"""(?P<key>(?:passw(?:or)?d|passphrase|secret|token|cookie|authorization|api[_-]?key|jsessionid)(?!_(?:env|file):\s)[\w-]{0,30}["']?"""
    r"""\s{0,3}[=:]\s{0,3})(?P<value>"[^"]*"|'[^']*'|[^\s,;&)}\]]+)""",
    re.I,
)
# "password_env: biến môi trường … chưa được đặt" is our own sentence about a reference, not a secret.
_PYDANTIC_INPUT = re.compile(r"input_value=.{0,300}?(?=, input_type=)", re.S)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@(?=\w)")


def clean(text: str, *, addresses: bool = True) -> str:
    """The text with every token=…, password: …, Bearer … and the person of every mail address replaced by ``***``."""
    length = len(text)
    text = text[: 10 * _LONGEST]
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    text = _ASSIGNMENT.sub(rf"\g<key>{HIDDEN}", text)
    text = _PYDANTIC_INPUT.sub(f"input_value={HIDDEN}", text)
    if addresses:
        text = _ADDRESS.sub(f"{HIDDEN}@", text)
    return text if length <= _LONGEST else f"{text[:_LONGEST]}… ({length} characters)"


def redact(value: Any, key: str = "") -> Any:
    """A copy fit for the log: plain data only, with private values and secrets inside of strings hidden."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if key and (key.casefold() in _PRIVATE_KEYS or _SECRET_KEY.search(key)):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(k): redact(v, str(k)) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(item) for item in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return clean(str(value), addresses=key not in _KEEP_ADDRESS)
