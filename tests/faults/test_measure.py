"""The measure itself: whatever is wrong in a table shows."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.faults.place import Place
from tests.faults.records import differences, stored, truth

ONE_TASK = "(SELECT id FROM task WHERE source_id = '90036')"
ONE_DOCUMENT = "(SELECT id FROM document WHERE source_id = '450053')"


def test_after_an_undisturbed_reading_nothing_is_missing(known: Place) -> None:
    wanted = truth(known)
    assert differences(wanted, stored(known)) == {}
    assert sum(kind == "task" for kind, _ in wanted) > 30
    assert sum(len(one["flow"]) for (kind, _), one in wanted.items() if kind == "task") > 40


@pytest.mark.parametrize(
    ("damage", "field"),
    [
        (f"UPDATE task_version SET name = 'khác' WHERE task_id = {ONE_TASK}", "name"),
        (f"UPDATE task_version SET status_label = 'Đã hoàn thành' WHERE task_id = {ONE_TASK}", "label"),
        (f"UPDATE task_version SET due_on = NULL WHERE task_id = {ONE_TASK}", "due"),
        (f"UPDATE task_version SET lead = '' WHERE task_id = {ONE_TASK}", "lead"),
        (f"UPDATE task_version SET lines = '[]' WHERE task_id = {ONE_TASK}", "lines"),
        (f"UPDATE task_version SET content = NULL WHERE task_id = {ONE_TASK}", "content"),
        (f"DELETE FROM flow_row WHERE task_id = {ONE_TASK}", "flow"),
        (f"UPDATE flow_row SET gone_at = observed_at WHERE task_id = {ONE_TASK}", "flow"),
        (f"UPDATE task SET missing_since = last_seen_at WHERE id = {ONE_TASK}", "there"),
        ("DELETE FROM sighting WHERE record_id = '90036'", "in lists"),
        ("UPDATE task SET source_id = '1' WHERE source_id = '90036'", "there"),
        (f"UPDATE document_version SET issued_on = NULL WHERE document_id = {ONE_DOCUMENT}", "issued"),
        (f"UPDATE document_version SET secret = NULL WHERE document_id = {ONE_DOCUMENT}", "secret"),
        (f"DELETE FROM log_entry WHERE document_id = {ONE_DOCUMENT}", "log"),
        (f"DELETE FROM document_version WHERE document_id = {ONE_DOCUMENT}", "there"),
    ],
)
def test_what_is_lost_or_changed_in_a_table_is_a_difference(known: Place, damage: str, field: str) -> None:
    with known.engine.begin() as connection:
        assert connection.execute(text(damage)).rowcount > 0
    off = differences(truth(known), stored(known))
    assert field in {name for fields in off.values() for name in fields}
