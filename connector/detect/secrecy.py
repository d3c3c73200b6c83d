"""What a document marked mật withholds: its subject, and the name of every task that rests on it (F107)."""

from __future__ import annotations

from connector.detect.cases import TaskCase
from connector.domain.notation import fold_subject

WITHHELD_NAME = "(nhiệm vụ theo văn bản mật, không hiển thị nội dung)"
WITHHELD_SUBJECT = "(không hiển thị trích yếu)"


def is_secret(case: TaskCase) -> bool:
    """Whether a document the task points to is marked secret, or the task repeats the subject of one. Where the link is
    not certain, the name is withheld all the same; not so where a secret document was only sent to its lead about then:
    that says nothing of what the task is about."""
    if any(document.state.secret for document in case.link.stated):
        return True
    subjects = case.index.secret_subjects
    return bool(subjects) and any(fold_subject(one.state.name) in subjects for one in case.history.versions)
