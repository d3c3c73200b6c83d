from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.records import RawRow, Stream
from connector.domain.status import Role, Status
from connector.normalise.expected import EXPECTED, LABELS
from connector.normalise.rest import RestNormaliser
from connector.normalise.shape_changes import Mode, ShapeChange
from connector.normalise.shape_diff import check_modes, diff, merge
from connector.normalise.shape_watch import MAX_FIELDS, MAX_LABELS, ShapeWatch
from connector.normalise.shapes import Shape
from connector.normalise.vocabulary import Vocabularies
from connector.settings import VocabularySettings
from connector.standin import wire, wire_documents
from connector.standin.timeline import Setup, packaged
from connector.standin.world import State, World

AT = datetime(2025, 9, 4, 1, 0, tzinfo=UTC)
WORDS = Vocabularies.of()
TASK: dict[str, Any] = {
    "id": "90215", "nxlId": "311870", "name": "Tham mưu báo cáo", "status": "Chưa hoàn thành", "vaitro": "Xử lý chính",
    "chuTri": "Phòng Mẫu 1", "lanhDaoGiaoViec": "Lãnh đạo Mẫu 01", "startDate": "03/09/2025", "endDate": "20/09/2025",
    "mucDo": "Khẩn", "dondoc": True, "statusDanhGia": None, "noiDungDanhGia": None,
}  # fmt: skip
LOG = {"unit": "Sở Mẫu A", "schema": "mau", "parameter": [
    {"fullName": "Văn thư", "updateBy": "(a)", "updateDate": "02/09/2025 14:05", "status": "2", "comment": None,
     "chuyenToi": "", "action": "Tiếp nhận", "avatar": ""}]}  # fmt: skip
NAMES = list(TASK)


def tasks(count: int, change: Callable[[int, dict[str, Any]], dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """``count`` rows with ids of their own, one in four without deadline, each changed by ``change``."""
    rows = [TASK | {"id": str(90_000 + i), "endDate": None if i % 4 == 0 else "20/09/2025"} for i in range(count)]
    return [change(i, row) for i, row in enumerate(rows)] if change else rows


def without(*names: str) -> Callable[[int, dict[str, Any]], dict[str, Any]]:
    return lambda _, row: {name: value for name, value in row.items() if name not in names}


def also(**fields: Any) -> Callable[[int, dict[str, Any]], dict[str, Any]]:
    return lambda _, row: row | fields


class Deployment:
    """A deployment over several runs: each run is compared with, and added to, what was shown before."""

    def __init__(self, modes: Mapping[str, Mode] | None = None, words: Vocabularies = WORDS) -> None:
        self.known: dict[str, Shape] | None = None
        self.modes = dict(modes or {})
        self.words = words
        self.at = AT

    def run(self, kind: str, *payloads: Any, subject: str | None = None) -> list[ShapeChange]:
        return self.read([(kind, payload, subject) for payload in payloads])

    def read(self, answers: Iterable[tuple[str, Any, str | None]]) -> list[ShapeChange]:
        watch = ShapeWatch(self.known)
        for answer in answers:
            watch.see(*answer)
        changes = diff(self.known, watch, self.modes, self.words)
        stored = {kind: shape.to_json() for kind, shape in merge(self.known, watch, self.at, changes).items()}
        self.known = {kind: Shape.from_json(one) for kind, one in json.loads(json.dumps(stored)).items()}
        self.at += timedelta(days=1)
        return list(changes)


def told(changes: list[ShapeChange]) -> list[tuple[str, str, Mode]]:
    return [(one.change, one.field, one.mode) for one in changes]


# -- the first run -----------------------------------------------------------------------------------------------------


def test_what_the_api_is_known_to_send_is_no_news() -> None:
    assert Deployment().run("task_row", tasks(200)) == []
    assert Deployment().run("document_log", [LOG] * 200) == []


def test_a_new_field_is_told_once_with_three_examples_and_their_records() -> None:
    office = Deployment()
    found = office.run("task_row", tasks(30, lambda i, row: row | ({"maNhiemVu": f"NV-{i}"} if i >= 10 else {})))
    assert told(found) == [("new_field", "maNhiemVu", "warn")]
    assert [(one.record, one.value) for one in found[0].examples] == [
        ("90010", "NV-10"), ("90011", "NV-11"), ("90012", "NV-12"),
    ]  # fmt: skip
    assert (found[0].rows, found[0].seen, found[0].now) == (20, 30, "chữ")
    assert "maNhiemVu" in found[0].sentence
    assert "danh sách nhiệm vụ" in found[0].sentence
    assert office.run("task_row", tasks(30, also(maNhiemVu="NV"))) == []
    assert office.run("task_row", tasks(30, also(maNhiemVu=None))) == []


def test_an_example_shows_what_differs_and_prefers_a_value() -> None:
    values = [None, "", "A", "A", "A", "B", "C"]
    (found,) = Deployment().run("task_row", tasks(7, lambda i, row: row | {"maMoi": values[i]}))
    assert [one.value for one in found.examples] == ["A", "B", "C"]


def test_new_fields_of_nested_records_are_told_with_the_task_they_belong_to() -> None:
    files = [{"id": 1, "name": "a.pdf", "hash": "ff00"}, {"id": 2, "name": "b.pdf"}]
    flow = [{"name": "Phòng", "content": "", "status": "", "startDate": "", "endDate": "", "files": files}]
    found = Deployment().run("task_flow", flow, flow, subject="90215")
    assert [(one.field, one.rows, one.seen) for one in found] == [("files[].hash", 2, 4)]
    assert found[0].examples[0].record == "90215"
    detail = Deployment().run("document_detail", {"id": 1, "process": {"step": {"nguoi": "A"}}})
    assert [one.field for one in detail] == ["process.step", "process.step.nguoi"]


def test_a_needed_field_that_is_nowhere_is_vanished_from_the_start() -> None:
    (status,) = Deployment().run("task_row", tasks(5, without("status")))
    assert (status.change, status.field, status.mode) == ("vanished_field", "status", "stop")
    (due,) = Deployment().run("task_row", tasks(60, without("endDate")))
    assert (due.field, due.mode) == ("endDate", "warn"), "an office whose tasks have no deadlines is possible"


@pytest.mark.parametrize("count", [0, 1, 4])
def test_few_records_prove_nothing(count: int) -> None:
    assert Deployment().run("task_row", tasks(count, without("status", "endDate"))) == []
    office = Deployment()
    office.run("task_row", tasks(500))
    assert office.run("task_row", tasks(count, without("status", "endDate", "chuTri"))) == []


# -- later runs --------------------------------------------------------------------------------------------------------


def test_a_vanished_field_is_told_once_and_again_when_it_returns() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    gone = office.run("task_row", tasks(300, without("mucDo")))
    assert told(gone) == [("vanished_field", "mucDo", "warn")]
    assert (gone[0].before, gone[0].now) == ("300/300 bản ghi", "không có")
    assert office.run("task_row", tasks(300, without("mucDo"))) == []
    assert office.run("task_row", tasks(300, also(mucDo=None))) == []
    assert told(office.run("task_row", tasks(300))) == [("returned_field", "mucDo", "warn")]
    assert office.run("task_row", tasks(300)) == []
    assert told(office.run("task_row", tasks(300, without("mucDo")))) == [("vanished_field", "mucDo", "warn")]


@pytest.mark.parametrize("change", [without("endDate"), also(endDate=None), also(endDate="")])
def test_deadlines_that_are_gone_stop_the_run_until_somebody_decides(change: Any) -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    for _ in range(3):
        (gone,) = office.run("task_row", tasks(300, change))
        assert (gone.change, gone.field, gone.mode, gone.before) == (
            "vanished_field", "endDate", "stop", "225/300 bản ghi",
        )  # fmt: skip
        assert '"task_row.endDate" = "accept"' in gone.sentence
        assert "dữ liệu đã lưu được giữ nguyên" in gone.sentence
    office.modes = {"task_row.endDate": "accept"}
    assert told(office.run("task_row", tasks(300, change))) == [("vanished_field", "endDate", "accept")]
    office.modes = {}
    assert office.run("task_row", tasks(300, change)) == []
    assert told(office.run("task_row", tasks(300))) == [("returned_field", "endDate", "warn")]


def test_a_stop_is_over_when_the_field_is_back() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    assert told(office.run("task_row", tasks(300, without("name")))) == [("vanished_field", "name", "stop")]
    assert office.run("task_row", tasks(300)) == []


def test_a_field_that_was_seldom_filled_is_not_missed_when_it_is_empty() -> None:
    office = Deployment()
    office.run("task_row", tasks(300, lambda i, row: row | {"noiDungDanhGia": "Tốt" if i % 5 == 0 else None}))
    assert office.run("task_row", tasks(300)) == []


def test_a_server_that_leaves_out_empty_fields_does_not_raise_an_alarm_over_a_few_new_tasks() -> None:
    def sparse(i: int, row: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if value is not None}

    office = Deployment()
    office.run("task_row", tasks(400, sparse))
    assert office.run("task_row", tasks(40, without("endDate"))) == []
    assert told(office.run("task_row", tasks(80, without("endDate")))) == [("vanished_field", "endDate", "stop")]


def test_a_field_always_written_is_missed_in_a_small_office_too() -> None:
    office = Deployment()
    office.run("task_row", tasks(12))
    assert told(office.run("task_row", tasks(12, without("endDate")))) == [("vanished_field", "endDate", "stop")]
    assert office.run("task_row", tasks(12, also(endDate=None))) == [], "twelve tasks may well have no deadline"


def test_the_assignees_line_is_not_missed_when_only_tasks_we_gave_are_left() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    assert office.run("task_row", tasks(300, without("nxlId"))) == []


def test_files_are_not_missed_where_no_record_has_any() -> None:
    detail = {"name": "A", "files": [{"id": 1, "name": "a.pdf", "attachmentId": 2, "creator": "A", "fileSize": "1 KB"}]}
    office = Deployment()
    office.run("task_detail", *[detail] * 100)
    assert told(office.run("task_detail", *[detail | {"files": []}] * 100)) == [("vanished_field", "files", "warn")]


def test_a_renamed_field_is_told_with_its_likely_new_name() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    renamed = {"endDate": "ngayHetHan", "chuTri": "chutri"}
    found = office.run("task_row", tasks(300, lambda i, row: {renamed.get(k, k): v for k, v in row.items()}))
    assert {one.field: one.renamed for one in found if one.change == "vanished_field"} == renamed
    assert 'Có thể đã đổi tên thành "ngayHetHan"' in next(one.sentence for one in found if one.field == "endDate")


def test_another_spelling_the_normaliser_reads_is_no_loss() -> None:
    row = {"id": "1", "trichYeu": "V/v", "soKihieu": "15/UBND", "coQuanBanHanh": "UBND", "ngayVanBan": "02/09/2025"}
    office = Deployment()
    assert office.run("document_row", [row] * 100) == []
    other = {"soKiHieu" if name == "soKihieu" else name: value for name, value in row.items()}
    assert office.run("document_row", [other] * 100) == []
    neither = {name: value for name, value in row.items() if name != "soKihieu"}
    office = Deployment()
    office.run("document_row", [row] * 100)
    assert told(office.run("document_row", [neither] * 100)) == [("vanished_field", "soKihieu", "stop")]


def test_a_type_never_seen_before_is_told_once() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    found = office.run("task_row", tasks(300, lambda i, row: row | {"mucDo": 3 if i < 5 else "Khẩn"}))
    assert told(found) == [("retyped_field", "mucDo", "warn")]
    assert (found[0].before, found[0].now, found[0].rows) == ("chữ, trống (null)", "số", 5)
    assert {one.value for one in found[0].examples} == {"3"}
    assert office.run("task_row", tasks(300, also(mucDo=3))) == []


def test_ids_may_be_text_or_number() -> None:
    office = Deployment()
    office.run("task_row", tasks(100))
    assert office.run("task_row", tasks(100, lambda i, row: row | {"id": 90_000 + i, "nxlId": i})) == []


def test_status_codes_instead_of_labels_stop_the_run_one_odd_record_does_not() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    odd = office.run("task_row", tasks(300, lambda i, row: row | ({"name": {"vi": "x"}} if i == 7 else {})))
    assert ("retyped_field", "name", "warn") in told(odd)
    codes = office.run("task_row", tasks(300, also(status=1)))
    assert told(codes)[0] == ("retyped_field", "status", "stop")


def test_a_few_odd_records_first_do_not_open_the_door_to_the_rest() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    few = tasks(300, lambda i, row: row | ({"status": 1} if i < 9 else {}))
    assert ("retyped_field", "status", "warn") in told(office.run("task_row", few))
    assert office.run("task_row", few) == []
    for _ in range(2):
        (all_,) = office.run("task_row", tasks(300, also(status=1)))
        assert (all_.change, all_.before, all_.now, all_.mode) == ("retyped_field", "chữ", "số", "stop")
        assert {one.value for one in all_.examples} == {"1"}
    office.modes = {"task_row.status": "accept"}
    assert told(office.run("task_row", tasks(300, also(status=1)))) == [("retyped_field", "status", "accept")]
    office.modes = {}
    assert office.run("task_row", tasks(300, also(status=1))) == []


def test_a_learned_field_may_be_null_but_not_of_another_type() -> None:
    office = Deployment()
    office.run("task_row", tasks(50, also(maMoi="x")))
    assert office.run("task_row", tasks(50, also(maMoi=None))) != [], "always filled until now"
    assert told(office.run("task_row", tasks(50, also(maMoi=[1])))) == [
        ("returned_field", "maMoi", "warn"), ("retyped_field", "maMoi", "warn"),
    ]  # fmt: skip


def test_shares_follow_the_recent_past_and_always_stays_always() -> None:
    office = Deployment()
    for _ in range(4):
        office.run("task_row", [TASK] * 45_000)
    assert office.known is not None
    due, shown = office.known["task_row"].fields["endDate"], office.known["task_row"].fields["statusDanhGia"]
    assert due.rows <= 100_000
    assert (due.absent, due.empty, due.filled_share) == (0, 0, 1.0)
    assert (shown.absent, shown.filled_share) == (0, 0.0)
    assert (due.first, due.last) == (AT, AT + timedelta(days=3))


# -- labels ------------------------------------------------------------------------------------------------------------


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


# -- what must not leak, grow or vary ----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("news", [{}, {"maMoi": "x"}, {"maMoi": None}])
def test_a_row_costs_less_than_decoding_it(news: dict[str, Any]) -> None:
    """Processor time of the same pages in the same process: about half of ``json.loads``, 1.3 µs a row. The bound
    leaves room for a machine with other work."""
    text = json.dumps(tasks(15, also(**news)))
    pages = [json.loads(text) for _ in range(500)]
    run = ShapeWatch()

    def watch() -> None:
        for page in pages:
            run.see("task_row", page)

    def decode() -> None:
        for _ in pages:
            json.loads(text)

    times = [(_processor_time(watch), _processor_time(decode)) for _ in range(8)]
    assert min(one for one, _ in times) < 1.25 * min(other for _, other in times)


def _processor_time(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


# -- the table of expected fields --------------------------------------------------------------------------------------


class _Reads(dict[str, Any]):
    """A record that remembers which names were asked for."""

    def __init__(self, names: set[str], **fields: Any) -> None:
        super().__init__(fields)
        self.names = names

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)


@pytest.mark.parametrize(
    ("kind", "nested"),
    [
        ("task_row", ""), ("task_detail", "files"), ("task_flow", "files"), ("task_processors", ""),
        ("document_row", ""), ("document_log", "parameter"), ("document_related", ""),
    ],
)  # fmt: skip
def test_every_field_the_normaliser_reads_is_expected(kind: str, nested: str) -> None:
    outer: set[str] = set()
    inner: set[str] = set()
    row = _Reads(outer, **{nested: [_Reads(inner)]}) if nested else _Reads(outer)
    normaliser = RestNormaliser(WORDS, ZoneInfo("Asia/Ho_Chi_Minh"))
    payload: Any = row if kind in ("task_row", "task_detail", "document_row") else [row]
    getattr(normaliser, kind)(RawRow(kind, Stream("v", "a", "i", "duocgiao"), payload, AT))
    read = outer | {f"{nested}[].{name}" for name in inner}
    assert read
    assert read <= EXPECTED[kind].keys(), read - EXPECTED[kind].keys()
    assert {field for of, field in LABELS if of == kind} <= read


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


def test_names_and_paths_are_unique_and_nested_ones_have_their_parent() -> None:
    for kind, fields in EXPECTED.items():
        for field in fields:
            parent = field.rpartition(".")[0].removesuffix("[]")
            assert not parent or parent in fields, (kind, field)
