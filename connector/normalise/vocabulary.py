"""Which of our words a label of the source means. Built-in tables first, the deployment's own on top. Pure.

A label nobody has mapped stays unknown; it is never matched by resemblance (F14). "Đã phê duyệt" is left out on
purpose: whether it ends a task or only a step is for the office to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from connector.domain.status import LogAction, Role, Status, Vocabulary

STATUS_LABELS: Mapping[str, Status] = {
    "Chưa thực hiện": Status.NOT_STARTED,
    "Chưa tiếp nhận": Status.NOT_STARTED,
    "Chưa phân công": Status.NOT_STARTED,
    "Chưa hoàn thành": Status.IN_PROGRESS,
    "Đang thực hiện": Status.IN_PROGRESS,
    "Đang xử lý": Status.IN_PROGRESS,
    "Đang giải quyết": Status.IN_PROGRESS,
    "Đang triển khai": Status.IN_PROGRESS,
    "Chờ xác nhận": Status.WAIT_CONFIRM,
    "Chờ duyệt": Status.WAIT_CONFIRM,
    "Chờ phê duyệt": Status.WAIT_CONFIRM,
    "Trả lại": Status.RETURNED,
    "Thực hiện lại": Status.RETURNED,
    "Từ chối xác nhận": Status.RETURNED,
    "Từ chối nhiệm vụ": Status.REFUSED,
    "Từ chối tiếp nhận": Status.REFUSED,
    "Chuyển trả": Status.REFUSED,
    "Tạm dừng": Status.PAUSED,
    "Tạm hoãn": Status.PAUSED,
    "Đã hoàn thành": Status.DONE,
    "Hoàn thành": Status.DONE,
    "Hoàn thành đúng hạn": Status.DONE,
    "Hoàn thành trước hạn": Status.DONE,
    "Hoàn thành trong hạn": Status.DONE,
    "Hoàn thành quá hạn": Status.DONE,
    "Hoàn thành trễ hạn": Status.DONE,
    "Đã hoàn thành không hạn": Status.DONE,
    "Đã hoàn thành đúng hạn": Status.DONE,
    "Đã hoàn thành trước hạn": Status.DONE,
    "Đã hoàn thành trong hạn": Status.DONE,
    "Đã hoàn thành quá hạn": Status.DONE,
    "Đã hoàn thành trễ hạn": Status.DONE,
    "Hoàn thành chậm": Status.DONE,
    "Đã giải quyết": Status.DONE,
    "Kết thúc": Status.DONE,
    "Hủy": Status.CANCELLED,
    "Đã hủy": Status.CANCELLED,
    "Thu hồi": Status.CANCELLED,
    "Đã thu hồi": Status.CANCELLED,
}

ROLE_LABELS: Mapping[str, Role] = {
    "Xử lý chính": Role.LEAD,
    "Chủ trì": Role.LEAD,
    "Phối hợp": Role.COOPERATING,
    "Phối hợp xử lý": Role.COOPERATING,
    "Xem để biết": Role.INFORMED,
    "Người giao": Role.ASSIGNER,
}

ACTION_LABELS: Mapping[str, LogAction] = {
    "Phát hành": LogAction.SENT,
    "Tiếp nhận": LogAction.RECEIVED,
    "Chuyển xử lý": LogAction.FORWARDED,
    "Phân công": LogAction.ASSIGNED,
    "Kết thúc": LogAction.CLOSED,
}


class LabelTables(Protocol):
    """The deployment's own labels, as the settings hold them."""

    @property
    def status(self) -> Mapping[str, Status]: ...
    @property
    def roles(self) -> Mapping[str, Role]: ...
    @property
    def log_actions(self) -> Mapping[str, LogAction]: ...


@dataclass(frozen=True)
class Vocabularies:
    """Labels → words. Compared without regard to case, blanks and Unicode composition."""

    statuses: Vocabulary
    roles: Vocabulary
    actions: Vocabulary

    @classmethod
    def of(cls, own: LabelTables | None = None) -> Self:
        """The built-in tables, with the deployment's ``own`` entries winning over them."""
        return cls(
            Vocabulary({**STATUS_LABELS, **(own.status if own else {})}),
            Vocabulary({**ROLE_LABELS, **(own.roles if own else {})}),
            Vocabulary({**ACTION_LABELS, **(own.log_actions if own else {})}),
        )

    @property
    def version(self) -> str:
        """Changes with any of the words."""
        return hashlib.sha256(repr([self.statuses.words, self.roles.words, self.actions.words]).encode()).hexdigest()

    def status(self, label: str) -> Status:
        return Status(self.statuses.get(label) or Status.UNKNOWN)

    def role(self, label: str) -> Role:
        return Role(self.roles.get(label) or Role.UNKNOWN)

    def action(self, label: str) -> LogAction:
        return LogAction(self.actions.get(label) or LogAction.OTHER)
