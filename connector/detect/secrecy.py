"""What a document marked mật withholds: its subject, and the name of every task that rests on it (F107)."""

from __future__ import annotations

from connector.detect.cases import TaskCase

WITHHELD_NAME = "(nhiệm vụ theo văn bản mật, không hiển thị nội dung)"
WITHHELD_SUBJECT = "(không hiển thị trích yếu)"


def is_secret(case: TaskCase) -> bool:
    """Whether the task rests on a document marked secret."""
    return bool(case.document and case.document.state.secret)
