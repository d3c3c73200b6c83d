"""Raw answers, kept once per content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Payload:
    """``hash`` names ``body``: the answer as JSON with sorted keys."""

    hash: str
    body: str


def payload_of(value: object) -> Payload:
    body = _ENCODE(value)
    return Payload(hashlib.sha256(body.encode()).hexdigest(), body)
