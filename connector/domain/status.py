"""Task status: the office's labels and the few words the rules know."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """Canonical status of a task. ``UNKNOWN`` is a label nobody has mapped yet: the task is kept and
    listed, never taken for done or for open (F14)."""

    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    WAIT_CONFIRM = "WAIT_CONFIRM"
    RETURNED = "RETURNED"
    REFUSED = "REFUSED"
    PAUSED = "PAUSED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_open(self) -> bool:
        """Unfinished and still owed."""
        return self in _OPEN


_OPEN = frozenset(
    {Status.NOT_STARTED, Status.IN_PROGRESS, Status.WAIT_CONFIRM, Status.RETURNED, Status.REFUSED, Status.PAUSED}
)


class LogAction(StrEnum):
    """Step of a document at an agency, from the label of its activity log."""

    SENT = "sent"
    RECEIVED = "received"
    FORWARDED = "forwarded"
    ASSIGNED = "assigned"
    CLOSED = "closed"
    OTHER = "other"


class Role(StrEnum):
    """Role of a line on a task, from its display label."""

    LEAD = "lead"
    COOPERATING = "cooperating"
    INFORMED = "informed"
    ASSIGNER = "assigner"
    UNKNOWN = "unknown"


_OLD_TONES = ("oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ")
_NEW_TONES = ("òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy")
_TONES = dict(zip(_OLD_TONES, _NEW_TONES, strict=True))
_OLD_TONE = re.compile(rf"(?<!q)(?:{'|'.join(_OLD_TONES)})(?!\w)")
"""Both ways of writing are in use: "huỷ" and "hủy"; only at the end of a syllable, and not in "quý"."""


def fold_label(label: str) -> str:
    """Form in which labels are compared: NFC, lower case, single blanks, the newer placement of tone marks."""
    folded = " ".join(unicodedata.normalize("NFC", label).casefold().split())
    return _OLD_TONE.sub(lambda found: _TONES[found[0]], folded)


class Vocabulary:
    """Maps the labels a deployment shows to canonical words; compared by ``fold_label``."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._words = {fold_label(label): word for label, word in labels.items()}

    @property
    def words(self) -> list[tuple[str, str]]:
        """(folded label, word), by label."""
        return sorted((label, str(word)) for label, word in self._words.items())

    def labels(self, *words: str) -> frozenset[str]:
        """The folded labels that mean one of these words."""
        return frozenset(label for label, word in self._words.items() if word in words)

    def get(self, label: str) -> str | None:
        """The canonical word, or None for a label nobody has mapped."""
        return self._words.get(fold_label(label))
