"""Our own counts, one after another, are what counting everything at once would give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import Stream
from connector.domain.status import Role, Status
from connector.reconcile.own_figures import OwnFigures, Received, TaskLine, measure_text
from tests.builders import day

TODAY = day("2022-02-15")
LISTS = ("duocgiao", "dagiao")
MAPPED = [status for status in Status if status is not Status.UNKNOWN]


def read(identity: str, name: str, **values: int | bool) -> Received:
    return Received(Stream("test", "a", identity, name), 0, 0, **values)  # type: ignore[arg-type]


def line(name: str = "dagiao", identity: str = "1001", **values: object) -> TaskLine:
    base = TaskLine(("a", identity), name, Status.IN_PROGRESS, Role.ASSIGNER, day("2022-02-01"), day("2022-03-10"))
    return base._replace(**values)  # type: ignore[arg-type]


def counted(*tasks: list[TaskLine], lists: list[Received] | None = None) -> dict[str, dict[str, int | None]]:
    own = OwnFigures(TODAY)
    for lines in tasks:
        own.add_task(lines)
    return own.result([read("1001", "duocgiao"), read("1001", "dagiao")] if lists is None else lists)


# -- against counting by hand ------------------------------------------------------------------------------------------

days = st.none() | st.integers(-60, 60).map(lambda n: TODAY + timedelta(days=n))
task_lines = st.builds(
    TaskLine, st.sampled_from([("a", "1001"), ("a", "5501")]), st.sampled_from(LISTS), st.sampled_from(MAPPED),
    st.sampled_from(Role), days, days,
)  # fmt: skip


def in_month(on: date | None) -> bool:
    return on is not None and (on.year, on.month) == (2022, 2)


@given(st.lists(st.lists(task_lines, min_size=1, max_size=4), max_size=12))
def test_tasks_are_counted_once_in_each_list_and_once_in_both(tasks: list[list[TaskLine]]) -> None:
    found = counted(*tasks, lists=[read(one, name) for one in ("1001", "5501") for name in LISTS])

    def how_many(identity: str, names: tuple[str, ...], wanted: Callable[[TaskLine], bool]) -> int:
        """Tasks of which the line that speaks for them is wanted: the assigner's list first, then the lead's."""
        number = 0
        for lines in tasks:
            shown = [one for one in lines if one.reader == ("a", identity) and one.list in names]
            given = [one for one in shown if one.list == "dagiao"] or shown
            speaking = [one for one in given if one.role is Role.LEAD] or given
            number += bool(speaking) and wanted(speaking[0])
        return number

    for identity in ("1001", "5501"):
        for name, counter in zip(LISTS, ("CONGVIEC_DUOCGIAO", "CONGVIEC_DAGIAO"), strict=True):
            lines = [one for task in tasks for one in task if (one.reader, one.list) == (("a", identity), name)]
            assert found[f"a/{identity}/{counter}"] == {
                "rows": how_many(identity, (name,), lambda one: True),
                "lines": len(lines),
                "open": how_many(identity, (name,), lambda one: one.status.is_open),
                "not_done": how_many(identity, (name,), lambda one: one.status is not Status.DONE),
                "open_lines": sum(one.status.is_open for one in lines),
                "lead_open": how_many(identity, (name,), lambda one: one.status.is_open and one.role is Role.LEAD),
                "not_started": how_many(identity, (name,), lambda one: one.status is Status.NOT_STARTED),
                "overdue": how_many(
                    identity, (name,), lambda one: one.status.is_open and one.due_on is not None and one.due_on < TODAY
                ),
            }
        for scope, names in (("duocgiao", LISTS[:1]), ("dagiao", LISTS[1:]), ("both", LISTS)):
            assert found[f"a/{identity}/jobreport.total"][f"{scope}/assigned/rows"] == how_many(
                identity, names, lambda one: in_month(one.assigned_on)
            )
            assert found[f"a/{identity}/jobreport.daThucHien"][f"{scope}/due/done"] == how_many(
                identity, names, lambda one: in_month(one.due_on) and one.status is Status.DONE
            )
            assert found[f"a/{identity}/jobreport.dangThucHien"][f"{scope}/assigned/rest"] == how_many(
                identity,
                names,
                lambda one: in_month(one.assigned_on) and one.status not in (Status.DONE, Status.NOT_STARTED),
            )
            assert found[f"a/{identity}/jobreport.quaHan"][f"{scope}/assigned/overdue_rest"] == how_many(
                identity,
                names,
                lambda one: (
                    in_month(one.assigned_on)
                    and one.status is not Status.DONE
                    and one.due_on is not None
                    and one.due_on < TODAY
                ),
            )
            assert found[f"a/{identity}/jobreport.dangThucHien"][f"{scope}/due/in_progress"] == how_many(
                identity,
                names,
                lambda one: in_month(one.due_on) and one.status.is_open and one.status is not Status.NOT_STARTED,
            )


# -- what is known and what is not -------------------------------------------------------------------------------------


def test_an_empty_list_counts_nothing_and_an_unread_one_has_no_figures() -> None:
    found = counted(lists=[read("1001", "dagiao"), read("1001", "DEN_CHO_XU_LY")])
    assert found["a/1001/CONGVIEC_DAGIAO"]["rows"] == 0
    assert found["a/1001/DEN_CHO_XU_LY"] == {"rows": 0, "unread": 0}
    assert "a/1001/CONGVIEC_DUOCGIAO" not in found
    assert not any("jobreport" in name for name in found), "what the report counts may be in the list that is not read"


def test_a_list_not_read_to_its_end_has_unknown_figures_and_so_have_all_that_rest_on_it() -> None:
    found = counted([line()], lists=[read("1001", "dagiao"), read("1001", "duocgiao", complete=False)])
    assert set(found["a/1001/CONGVIEC_DUOCGIAO"].values()) == {None}
    assert found["a/1001/CONGVIEC_DAGIAO"]["rows"] == 1
    assert found["a/1001/jobreport.total"]["both/assigned/rows"] is None
    assert found["a/1001/jobreport.total"]["dagiao/assigned/rows"] == 1


def test_rejected_rows_are_there_but_nobody_knows_how_they_stand() -> None:
    found = counted([line()], lists=[read("1001", "dagiao", rejected=2), read("1001", "duocgiao", rejected=1)])
    assert (found["a/1001/CONGVIEC_DAGIAO"]["rows"], found["a/1001/CONGVIEC_DAGIAO"]["lines"]) == (3, 3)
    assert found["a/1001/CONGVIEC_DAGIAO"]["open"] is None
    assert found["a/1001/CONGVIEC_DUOCGIAO"]["lines"] == 1
    assert found["a/1001/CONGVIEC_DUOCGIAO"]["rows"] is None, "it may be a further line of a counted task"
    assert set(found["a/1001/jobreport.total"].values()) == {None}


def test_two_accounts_of_one_identity_are_counted_each_for_itself() -> None:
    """A server counts for the person who asks; what one of them could not read says nothing of the other's figures."""
    other = Received(Stream("test", "b", "1001", "dagiao"), 0, 0, complete=False)
    found = counted([line(), line(reader=("b", "1001"))], [line()], lists=[read("1001", "dagiao"), other])
    assert (found["a/1001/CONGVIEC_DAGIAO"]["rows"], found["b/1001/CONGVIEC_DAGIAO"]["rows"]) == (2, None)


def test_a_status_nobody_has_mapped_leaves_totals_known_and_classes_unknown() -> None:
    found = counted([line(status=Status.UNKNOWN)], [line()])
    assert (found["a/1001/CONGVIEC_DAGIAO"]["rows"], found["a/1001/CONGVIEC_DAGIAO"]["open"]) == (2, None)
    assert found["a/1001/jobreport.total"]["dagiao/assigned/rows"] == 2
    assert found["a/1001/jobreport.daThucHien"]["dagiao/assigned/done"] is None
    assert found["a/1001/jobreport.daThucHien"]["dagiao/due/done"] == 0, "no such task is due this month"
    assert found["a/1001/CONGVIEC_DUOCGIAO"]["open"] == 0


def test_unread_documents_are_counted_only_where_every_row_says_so() -> None:
    own = OwnFigures(TODAY)
    for kho, is_read in (("DEN", True), ("DEN", False), ("DEN", False), ("DI", False), ("DI", None)):
        own.add_document(("a", "1001"), kho, is_read)
    found = own.result([read("1001", "DEN"), read("1001", "DI")])
    assert found["a/1001/DEN"] == {"rows": 3, "unread": 2}
    assert found["a/1001/DI"] == {"rows": 2, "unread": None}


def test_a_task_due_today_is_not_overdue_and_the_month_is_that_of_today() -> None:
    found = counted([line(due_on=TODAY)], [line(due_on=TODAY - timedelta(days=1), assigned_on=day("2021-02-20"))])
    assert found["a/1001/CONGVIEC_DAGIAO"]["overdue"] == 1
    assert found["a/1001/jobreport.total"]["dagiao/assigned/rows"] == 1
    assert found["a/1001/jobreport.total"]["dagiao/due/rows"] == 2


def test_every_measure_has_a_vietnamese_name() -> None:
    own = OwnFigures(TODAY).result([read("1001", "duocgiao"), read("1001", "dagiao"), read("1001", "DEN_CHO_XU_LY")])
    for measure in {measure for figures in own.values() for measure in figures}:
        text = measure_text(measure)
        assert not any(word in text for word in measure.replace("/", " ").split()), text
    assert measure_text("both/due/done") == "mục đã hoàn thành, được giao và đã giao, đến hạn trong tháng"
