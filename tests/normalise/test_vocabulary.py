from __future__ import annotations

import unicodedata

import pytest

from connector.domain.status import LogAction, Role, Status
from connector.normalise.vocabulary import ACTION_LABELS, ROLE_LABELS, STATUS_LABELS, Vocabularies
from connector.settings import VocabularySettings

BUILT_IN = Vocabularies.of()


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("Chưa thực hiện", Status.NOT_STARTED),
        ("Đang thực hiện", Status.IN_PROGRESS),
        ("Chưa hoàn thành", Status.IN_PROGRESS),
        ("Chờ phê duyệt", Status.WAIT_CONFIRM),
        ("Trả lại", Status.RETURNED),
        ("Từ chối tiếp nhận", Status.REFUSED),
        ("Tạm dừng", Status.PAUSED),
        ("Đã hoàn thành", Status.DONE),
        ("Đã hủy", Status.CANCELLED),
        ("đã  HOÀN thành ", Status.DONE),
        (unicodedata.normalize("NFD", "Đã hoàn thành"), Status.DONE),
    ],
)
def test_the_labels_of_the_office_are_known(label: str, status: Status) -> None:
    assert BUILT_IN.status(label) is status


@pytest.mark.parametrize("label", ["", "Đang theo dõi", "Đã phê duyệt", "Chưa Đã hoàn thành", "hoan thanh", "1"])
def test_a_label_nobody_has_mapped_is_unknown_and_never_guessed(label: str) -> None:
    assert BUILT_IN.status(label) is Status.UNKNOWN
    assert BUILT_IN.role(label) is Role.UNKNOWN
    assert BUILT_IN.action(label) is LogAction.OTHER


def test_roles_and_steps_are_known() -> None:
    roles = {
        label: BUILT_IN.role(label) for label in ("Xử lý chính", "Chủ trì", "Phối hợp", "Xem để biết", "Người giao")
    }
    assert list(roles.values()) == [Role.LEAD, Role.LEAD, Role.COOPERATING, Role.INFORMED, Role.ASSIGNER]
    steps = ("Phát hành", "Tiếp nhận", "Chuyển xử lý", "Phân công", "Kết thúc")
    assert [BUILT_IN.action(label) for label in steps] == [
        LogAction.SENT, LogAction.RECEIVED, LogAction.FORWARDED, LogAction.ASSIGNED, LogAction.CLOSED,
    ]  # fmt: skip


def test_the_deployments_own_labels_add_to_the_built_in_ones_and_win() -> None:
    own = VocabularySettings(
        status={"Đã phê duyệt": Status.DONE, "ĐANG XỬ LÝ": Status.WAIT_CONFIRM},
        roles={"Đầu mối": Role.LEAD},
        log_actions={"Gửi đi": LogAction.SENT},
    )
    words = Vocabularies.of(own)
    assert [words.status(one) for one in ("Đã phê duyệt", "Đang xử lý", "Trả lại")] == [
        Status.DONE, Status.WAIT_CONFIRM, Status.RETURNED,
    ]  # fmt: skip
    assert (words.role("đầu mối"), words.role("Phối hợp")) == (Role.LEAD, Role.COOPERATING)
    assert (words.action("Gửi đi"), words.action("Phát hành")) == (LogAction.SENT, LogAction.SENT)


def test_the_built_in_tables_are_written_in_composed_vietnamese() -> None:
    for label in [*STATUS_LABELS, *ROLE_LABELS, *ACTION_LABELS]:
        assert label == unicodedata.normalize("NFC", label).strip()
