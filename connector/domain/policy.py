"""What the office decides about counting and detecting, as one frozen value handed to the pure stages."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connector.domain.agencies import AgencyDirectory
from connector.domain.deadlines import Deadlines
from connector.domain.history import Observer
from connector.domain.rules import RuleBook
from connector.domain.status import fold_label


@dataclass(frozen=True)
class Policy:
    """``counted_assigners``: whose tasks are counted, as written in the source. ``issuer``: whose documents are
    followed. ``rules``: those in force. ``normal_urgency``: labels that do not mean urgent.
    ``settled_labels``: folded status labels that mean finished or waiting for confirmation."""

    counted_assigners: tuple[str, ...]
    issuer: str
    directory: AgencyDirectory
    deadlines: Deadlines
    observer: Observer
    zone: ZoneInfo
    rules: RuleBook
    normal_urgency: tuple[str, ...] = ("Thường", "Bình thường")
    settled_labels: frozenset[str] = frozenset({"đã hoàn thành", "chờ phê duyệt"})

    def is_counted(self, assigner: str) -> bool:
        folded = fold_label(assigner)
        return any(folded == fold_label(one) for one in self.counted_assigners)

    def is_settled_label(self, label: str) -> bool:
        return fold_label(label) in self.settled_labels

    def is_urgent(self, label: str) -> bool:
        folded = fold_label(label)
        return bool(folded) and all(folded != fold_label(one) for one in self.normal_urgency)
