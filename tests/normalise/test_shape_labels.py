"""Labels nobody has mapped, and what the office decides of changes: modes."""

from __future__ import annotations

import pytest

from connector.domain.status import Role, Status
from connector.normalise.shape_changes import Mode
from connector.normalise.shape_diff import check_modes
from connector.normalise.vocabulary import Vocabularies
from connector.settings import VocabularySettings
from tests.normalise.shape_deployment import LOG, Deployment, also, tasks, told


def test_an_unmapped_label_is_told_once_with_count_and_records() -> None:
    office = Deployment()
    labels = ["Đang theo dõi", "đang  theo dõi", "Chưa hoàn thành"]
    found = office.run("task_row", tasks(90, lambda i, row: row | {"status": labels[i % 3]}))
    assert told(found) == [("unknown_label", "status", "warn")]
    assert (found[0].rows, found[0].seen, found[0].label) == (60, 90, "Đang theo dõi")
    assert [one.record for one in found[0].examples] == ["90000", "90003", "90006"]
    assert "[vocabulary]" in found[0].sentence
    assert office.run("task_row", tasks(9, also(status="Đang theo dõi"))) == []
    assert office.run("task_detail", {"name": "A", "status": "ĐANG THEO DÕI"}, subject="90000") == []
    assert [one.label for one in office.run("task_row", tasks(1, also(status="Đã phê duyệt")))] == ["Đã phê duyệt"]


def test_labels_of_roles_and_log_steps_are_watched_and_the_settings_map_them() -> None:
    step = LOG | {"parameter": [LOG["parameter"][0] | {"action": "Văn thư nhận"}]}  # type: ignore[operator]
    office = Deployment()
    assert [(one.field, one.label) for one in office.run("document_log", [step], subject="450123")] == [
        ("parameter[].action", "Văn thư nhận")
    ]
    assert [one.label for one in office.run("task_row", tasks(2, also(vaitro="Đầu mối")))] == ["Đầu mối"]
    own = VocabularySettings.model_validate(
        {"roles": {"Đầu mối": Role.LEAD}, "log_actions": {"Văn thư nhận": "other"}, "status": {"Xong": Status.DONE}}
    )
    mapped = Deployment(words=Vocabularies.of(own))
    assert mapped.run("document_log", [step], subject="450123") == []
    assert mapped.run("task_row", tasks(2, also(vaitro="Đầu mối", status="Xong"))) == []


@pytest.mark.parametrize("label", ["", "null", "none", None, "  "])
def test_no_label_is_no_unknown_label(label: str | None) -> None:
    assert not any(one.change == "unknown_label" for one in Deployment().run("task_row", tasks(2, also(status=label))))


# -- modes -------------------------------------------------------------------------------------------------------------


def test_a_mode_counts_for_one_field_or_for_one_kind_of_change() -> None:
    rows = tasks(10, also(maMoi="x", maKhac="y"))
    modes: dict[str, Mode] = {"new_field": "stop", "task_row.maMoi": "accept"}
    assert told(Deployment(modes).run("task_row", rows)) == [
        ("new_field", "maKhac", "stop"), ("new_field", "maMoi", "accept"),
    ]  # fmt: skip


def test_wrong_modes_are_named_with_the_nearest_right_name() -> None:
    office = Deployment()
    office.run("task_row", tasks(10, also(maNhiemVu="x")))
    modes: dict[str, object] = {
        "task_row.endDate": "stop", "new_field": "accept", "task_detail.files[].id": "warn",
        "task_row.maNhiemVu": "warn", "task_row.enddate": "warn", "task_rows.id": "warn",
        "task_row.mucDo": "ignore", "newfield": "warn",
    }  # fmt: skip
    problems = check_modes(modes, office.known)
    assert len(problems) == 4
    assert "task_row.endDate" in problems[0]
    assert "task_row" in problems[1]
    assert "accept, warn, stop" in problems[2]
    assert "new_field" in problems[3]
    assert len(check_modes({"task_row.maNhiemVu": "warn"})) == 1
