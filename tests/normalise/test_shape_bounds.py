"""What must not leak, grow or vary, whatever a source sends."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.normalise.shape_watch import MAX_FIELDS, MAX_LABELS, ShapeWatch
from connector.standin import wire, wire_documents
from connector.standin.timeline import Setup, packaged
from connector.standin.world import State, World
from tests.normalise.shape_deployment import NAMES, TASK, Deployment, also, tasks


def test_values_and_labels_stay_out_of_logs() -> None:
    secret = "Nguyễn Văn A, điện thoại 0900 000 000, thư riêng a@example"
    found = Deployment().run("task_row", tasks(3, also(ghiChu=secret, status="Giao Nguyễn Văn A")))
    assert {one.change for one in found} == {"new_field", "unknown_label"}
    assert all("Nguyễn" not in f"{one!r} {one.for_log()}" for one in found)
    assert all(one.for_log()["records"] for one in found)
    shown = next(one for one in found if one.change == "new_field").to_json()["examples"][0]["value"]
    assert shown.startswith("Nguyễn Văn A")
    assert len(shown) <= 40


def test_a_server_that_makes_up_names_fills_neither_memory_nor_the_base_line() -> None:
    office = Deployment()
    watch = ShapeWatch()
    tracemalloc.start()
    for i in range(3_000):
        watch.see("task_row", TASK | {f"k{i}-{j}": "x" * 500 for j in range(5)} | {"n" * 5_000: 1})
    for i in range(200):
        watch.see("document_row", {f"w{i}-{j}": 1 for j in range(2_000)})
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used < 5_000_000
    seen = watch.seen("task_row")
    assert (seen.capped, len(seen.fields)) == (True, len(TASK) + MAX_FIELDS)
    assert (seen.fields["name"].rows, seen.fields["name"].filled) == (3_000, 3_000)
    for run in range(3):
        changes = office.run("task_row", tasks(300, lambda i, row, run=run: row | {f"k{run}-{i}": 1}))  # type: ignore[misc]
        assert [one.change == "too_many_names" for one in changes].count(True) == (run == 0)
    assert office.known is not None
    assert len(office.known["task_row"].fields) <= len(TASK) + MAX_FIELDS


def test_texts_where_labels_should_be_are_cut_off_and_said_once() -> None:
    office = Deployment()
    first = office.run("task_row", tasks(300, lambda i, row: row | {"status": f"Ghi chú {i} " + "x" * 500}))
    assert [one.change for one in first].count("unknown_label") == MAX_LABELS
    assert [one.change for one in first].count("too_many_names") == 1
    assert max(len(one.label) for one in first) <= 80
    assert office.run("task_row", tasks(300, lambda i, row: row | {"status": f"Ghi chú khác {i}"})) == []


def test_the_order_of_the_records_changes_nothing() -> None:
    rows = tasks(
        60, lambda i, row: row | {"b": i, "a": "x", "status": f"Nhãn {i % 7}"} | ({"mucDo": 1} if i > 50 else {})
    )

    def outline(order: list[dict[str, Any]]) -> list[Any]:
        return [(one.change, one.field, one.label, one.rows, one.mode) for one in Deployment().run("task_row", order)]

    assert outline(rows) == outline(rows[::-1])
    assert [one[1] for one in outline(rows)] == ["a", "b", "mucDo", *["status"] * 7]


def _values() -> st.SearchStrategy[Any]:
    leaf = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    )


@given(st.lists(st.dictionaries(st.sampled_from([*NAMES, "x", "files", "a.b"]), _values(), max_size=6), max_size=8))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_is_counted_right_and_told_only_once(rows: list[dict[str, Any]]) -> None:
    watch = ShapeWatch()
    watch.see("task_row", rows)
    seen = watch.seen("task_row")
    assert seen.rows_for("") == len(rows)
    for name in NAMES:
        having = [row[name] for row in rows if name in row]
        if having:
            field = seen.fields[name]
            assert (field.rows, field.present) == (len(rows), len(having))
            assert field.empty == sum(value in (None, "", [], {}) and value is not False for value in having)
    office = Deployment(dict.fromkeys(("new_field", "vanished_field", "retyped_field"), "warn"))
    office.run("task_row", rows)
    assert office.run("task_row", rows) == []


def test_a_month_of_the_stand_in_raises_no_alarm() -> None:
    """February 2022, read every day over all identities: no field is new, missing or of another type."""
    timeline, setup = packaged()
    world, office = World(timeline, setup), Deployment()
    for day in range(1, 29):
        state = world.at(datetime(2022, 2, day, 23, 30, tzinfo=UTC))
        found = office.read(_answers(state, setup))
        assert {one.change for one in found} <= {"unknown_label"}, (day, found)
    assert office.known is not None
    assert office.known["task_row"].fields.keys() == set(TASK)
    assert office.known["document_log"].fields["parameter[].action"].rows > 100


def _answers(state: State, setup: Setup) -> Iterator[tuple[str, Any, str | None]]:
    for identity in sorted({view.identity for task in state.tasks.values() for view in task.created.views}):
        for which in ("dagiao", "duocgiao"):
            yield "task_row", wire.task_rows(state, identity, which), None
    for task in state.tasks.values():
        subject = task.created.id
        yield "task_detail", wire.task_detail(task), subject
        yield "task_flow", wire.flow_rows(task, False), subject
        yield "task_processors", wire.processors(task), subject
        yield "task_files", wire.file_names(task), subject
    for ref in state.children:
        yield "task_children", wire.child_rows(state, ref), ref
    for number, document in enumerate(state.documents.values()):
        yield "document_row", wire_documents.document_row(document, False, number % 2 == 0), None
        yield "document_detail", wire_documents.document_detail(document, setup, state.deadline(document)), document.id
        yield "document_log", wire_documents.activity_log(document), document.id
        yield "document_related", wire_documents.related_rows(state, document), document.id
        yield "document_files", wire_documents.attachments(document), document.id
