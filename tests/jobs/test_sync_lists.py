"""Lists of a run, page by page, from a real server into a real database (F07, F11, F17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from connector.clock import OFFICE_ZONE, FixedClock
from connector.domain.records import Stream
from connector.errors import SourceUnavailable, StoreError
from connector.jobs.sync_lists import ListSync
from connector.normalise.rest import RestNormaliser
from connector.normalise.shape_watch import ShapeWatch
from connector.normalise.vocabulary import Vocabularies
from connector.settings import AccountSettings
from connector.sources.rest.source import RestSource
from connector.store.unit_of_work import SqlUnitOfWork
from tests.sources.conftest import PASSWORD, settings
from tests.sources.fake import FakeOffice, Json, Reply, Seen, envelope

NOW = datetime(2022, 2, 14, 16, 30, tzinfo=UTC)
NORMALISER = RestNormaliser(Vocabularies.of(), OFFICE_ZONE)
GIVEN = Stream("vnpt", "ketnoi.mau", "1001", "dagiao")
RECEIVED = Stream("vnpt", "ketnoi.mau", "1001", "duocgiao")
COLUMNS = "account, identity, list, record_id, line_id, kind, role, payload_hash, seen_run_id, pending, gone_at"


def tasks(count: int, first: int = 0) -> list[Json]:
    return [
        {"id": str(90_000 + n), "nxlId": str(500 + n), "name": f"Nhiệm vụ {n}", "vaitro": "Xử lý chính"}
        for n in range(first, first + count)
    ]


class DyingUnitOfWork(SqlUnitOfWork):
    """Stands for a kill: the process is gone before its commit of that number, or right after it."""

    def __init__(self, engine: Engine, *, dies_at: int, saved: bool) -> None:
        super().__init__(engine)
        self.left = dies_at
        self.saved = saved

    def commit(self) -> None:
        self.left -= 1
        if self.left == 0 and self.saved:
            super().commit()
        if self.left == 0:
            raise StoreError("killed")
        super().commit()


@dataclass
class Place:
    """A server, a database, and the runs between them."""

    office: FakeOffice
    engine: Engine
    accounts: tuple[str, ...] = ("ketnoi.mau",)
    made: list[RestSource] = field(default_factory=list)

    def source(self) -> RestSource:
        section = settings(
            self.office.url,
            accounts=[AccountSettings(username=one) for one in self.accounts],
            concurrency=2,
            attempts=1,
        )
        passwords = dict.fromkeys(self.accounts, SecretStr(PASSWORD))
        self.made.append(RestSource("vnpt", section, passwords, clock=FixedClock(NOW), sleep=lambda _: None))
        self.made[-1].open()
        return self.made[-1]

    def run(self, number: int, *streams: Stream, uow: SqlUnitOfWork | None = None, prove: bool = False) -> ListSync:
        """Reads these lists (all lists of tasks if none is named) in a run of that number."""
        source = self.source()
        lists = ListSync(
            source,
            NORMALISER,
            uow or SqlUnitOfWork(self.engine),
            FixedClock(NOW),
            number,
            ShapeWatch(),
            NOW,
            prove=prove,
        )  # fmt: skip
        try:
            lists.read(lists.requests(streams or source.task_lists()))
        finally:
            source.close()
        return lists

    def adopt(self, old: int, new: int) -> None:
        with SqlUnitOfWork(self.engine) as uow:
            uow.sightings.adopt("vnpt", old, new)
            uow.raw.adopt("vnpt", old, new)
            uow.commit()

    def settle(self, run: int, *ids: str) -> None:
        with SqlUnitOfWork(self.engine) as uow:
            uow.sightings.settle("vnpt", "task", run, ids)
            uow.commit()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def lines(self) -> list[tuple[Any, ...]]:
        return self.rows(f"SELECT {COLUMNS} FROM sighting ORDER BY account, identity, list, record_id, line_id")

    def seen(self, run: int) -> dict[str, tuple[bool, bool]]:
        """Task → whether it is pending, whether it lost a line."""
        with SqlUnitOfWork(self.engine) as uow:
            return {one.record_id: (one.pending, one.lost) for one in uow.sightings.seen("vnpt", "task", run, "", 9999)}

    def rejected(self, run: int) -> list[tuple[str | None, list[str]]]:
        with SqlUnitOfWork(self.engine) as uow:
            return [(one["subject"], one["problems"]) for one in uow.raw.rejected_in(run)]


@pytest.fixture
def place(engine: Engine) -> Iterator[Place]:
    with FakeOffice() as office:
        place = Place(office, engine)
        yield place
        for source in place.made:
            source.close()


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_every_line_of_every_list_is_kept_with_its_payload_and_waits_for_its_record(place: Place) -> None:
    place.office.lists = {"getlistjobdagiao": tasks(40), "getlistjobduocgiao": tasks(3)}
    lists = place.run(1)
    assert (lists.fetched, lists.rejected, lists.problems) == (43, 0, [])
    assert lists.rows == {GIVEN: 40, RECEIVED: 3}
    assert place.seen(1) == {str(90_000 + n): (True, False) for n in range(40)}
    with SqlUnitOfWork(place.engine) as uow:
        rows = uow.sightings.rows("vnpt", "task", 1, ["90001", "90039"])
    assert sorted((row.stream.list, row.key, row.payload) for row in rows) == [
        ("dagiao", ("90001", ""), tasks(1, 1)[0]),
        ("dagiao", ("90039", ""), tasks(1, 39)[0]),
        ("duocgiao", ("90001", "501"), tasks(1, 1)[0]),
    ]
    assert place.rows("SELECT DISTINCT role FROM sighting") == [("lead",)]


def test_a_document_line_says_whether_the_person_behind_it_has_read_the_document(place: Place) -> None:
    store = Stream("vnpt", "ketnoi.mau", "1001", "DI_DA_PHAT_HANH")
    words = {"1": "TRUE", "2": "FALSE", "3": None}
    place.office.lists = {
        store.list: [{"id": number, "trichYeu": "V/v", "isRead": word} for number, word in words.items()]
    }
    place.run(1, store)
    assert place.rows("SELECT record_id, kind, role FROM sighting ORDER BY record_id") == [
        ("1", "document", "read"), ("2", "document", "unread"), ("3", "document", ""),
    ]  # fmt: skip


def test_a_second_reading_of_the_same_rows_keeps_nothing_new(place: Place) -> None:
    place.office.lists = {"getlistjobdagiao": tasks(40)}
    place.run(1)
    place.settle(1, *place.seen(1))
    before, payloads = place.lines(), place.rows("SELECT * FROM payload")
    place.run(2)
    assert place.rows("SELECT * FROM payload") == payloads
    assert place.lines() == [(*line[:8], 2, *line[9:]) for line in before], "only that run 2 saw them"
    assert place.rows("SELECT count(*) FROM list_page") == [(0,)]


def test_only_lines_that_show_something_else_wait_for_their_record(place: Place) -> None:
    place.office.lists = {"getlistjobdagiao": tasks(40)}
    place.run(1)
    place.settle(1, *place.seen(1))
    place.office.lists = {"getlistjobdagiao": [*tasks(20), *tasks(19, 21), tasks(1, 50)[0]]}
    place.office.lists["getlistjobdagiao"][7] |= {"status": "Đã hoàn thành"}
    place.run(2)
    seen = place.seen(2)
    assert {one for one, (pending, _) in seen.items() if pending} == {"90007", "90050"}
    assert "90020" not in seen
    assert len(seen) == 40


# -- rows that cannot be read (F11) ------------------------------------------------------------------------------------


def test_unreadable_rows_are_kept_with_every_reason_and_counted_once(place: Place) -> None:
    broken: list[Any] = ["hỏng", {"name": "không mã"}, {"id": "7", "name": "", "startDate": "32/13/2022"}]
    place.office.lists = {"getlistjobdagiao": [*tasks(20), *broken]}
    lists = place.run(1)
    assert (lists.fetched, lists.rejected) == (23, 3), "though two passes have met them"
    found = dict(place.rejected(1))
    assert set(found) == {None, "7"}
    assert len(found["7"]) == 2
    assert len(place.rejected(1)) == 3
    assert len(place.seen(1)) == 20
    with SqlUnitOfWork(place.engine) as uow:
        assert uow.raw.rejected_ids("vnpt", 1) == (frozenset({"7"}), 2)


def test_a_line_that_cannot_be_read_any_more_is_still_in_its_list(place: Place) -> None:
    place.office.lists = {"getlistjobdagiao": tasks(3)}
    place.run(1)
    place.settle(1, "90000", "90001", "90002")
    place.office.lists["getlistjobdagiao"] = [tasks(1)[0], tasks(1, 1)[0] | {"name": None}]
    assert place.run(2).rejected == 1
    assert place.seen(2) == {"90000": (False, False), "90001": (False, False)}, "as it was; the third is not in it"
    with SqlUnitOfWork(place.engine) as uow:
        assert uow.sightings.rows("vnpt", "task", 2, ["90001"]) == [], "what it showed before stands for nothing now"
    place.office.lists["getlistjobdagiao"] = tasks(2)
    place.run(3)
    assert place.seen(3)["90001"] == (True, False), "readable again: to be looked at, though it is as it was"


# -- lists that are not read to their end ------------------------------------------------------------------------------


def test_a_refused_list_is_a_problem_and_the_others_are_kept(place: Place) -> None:
    place.office.lists = {"getlistjobduocgiao": tasks(20)}
    place.office.plan("getlistjobdagiao", Reply(envelope(None, "7", "Không có quyền")))
    lists = place.run(1)
    assert lists.problems == ["vnpt/ketnoi.mau/1001/dagiao: code 7: Không có quyền"]
    assert len(place.seen(1)) == 20
    with SqlUnitOfWork(place.engine) as uow:
        assert uow.sightings.incomplete("vnpt", 1) == {GIVEN: "code 7: Không có quyền"}


def test_a_list_that_cannot_be_had_is_a_problem_and_the_others_are_kept(place: Place) -> None:
    place.office.lists = {"getlistjobduocgiao": tasks(20), "getlistjobdagiao": tasks(40)}
    busy = Reply(envelope(), 500)
    place.office.plan("getlistjobdagiao", Reply(envelope(tasks(15))), busy, busy, busy)
    lists = place.run(1)
    assert lists.problems == ["vnpt/ketnoi.mau/1001/dagiao: HTTP 500"]
    assert {(one[0], one[1]) for one in place.rows("SELECT list, count(*) FROM sighting GROUP BY list")} == {
        ("duocgiao", 20), ("dagiao", 15),
    }  # fmt: skip
    with SqlUnitOfWork(place.engine) as uow:
        assert uow.sightings.incomplete("vnpt", 1) == {GIVEN: "HTTP 500"}


def test_several_lists_in_a_row_that_cannot_be_had_are_a_source_that_is_down(place: Place) -> None:
    place.accounts = ("a", "b", "c", "d")
    place.office.answer = None
    place.office.plan("getlistjob", *[Reply(envelope(), 500)] * 40)
    with pytest.raises(SourceUnavailable) as down:
        place.run(1)
    assert str(down.value.fields["list"]).startswith("vnpt/")
    assert place.office.count("getlistjob") < 8, "the other lists were not even asked for"


def test_lists_of_two_accounts_that_are_one_identity_do_not_cover_for_each_other(place: Place) -> None:
    """Two people of one unit: the login tells the unit's id for both."""
    place.accounts = ("a", "b")
    place.office.lists = {"getlistjobdagiao": tasks(20)}
    place.office.plan("getlistjobdagiao", Reply(envelope(None, "7", "Không có quyền")))
    first, second = (Stream("vnpt", account, "1001", "dagiao") for account in "ab")
    lists = place.run(1, first, second)
    assert len(lists.problems) == 1
    with SqlUnitOfWork(place.engine) as uow:
        unread = uow.sightings.incomplete("vnpt", 1)
    assert [str(stream) for stream in unread] == [lists.problems[0].partition(":")[0]]


def test_two_accounts_of_one_identity_that_see_different_rows_each_keep_their_own(place: Place) -> None:
    place.accounts = ("a", "b")
    first, second = (Stream("vnpt", account, "1001", "dagiao") for account in "ab")
    shown = {"a": tasks(20), "b": tasks(29)[20:] + tasks(3)}

    def rows(seen: Seen, _: str) -> Any:
        mine = shown["ab"[(int(seen.token.rpartition("-")[2]) - 1) % 2]]  # each run logs in a, then b
        size, number = int(seen.body["pageRec"]), int(seen.body["pageNo"])
        return mine[(number - 1) * size : number * size]

    place.office.answer = rows
    for run in (1, 2):
        place.run(run, first, second)
        with SqlUnitOfWork(place.engine) as uow:
            assert (
                uow.sightings.count_seen("vnpt", run) == {first: 20, second: 12} == uow.sightings.rows_read("vnpt", run)
            )
            for stream in (first, second):
                uow.sightings.close_unseen(stream, run, NOW)
            uow.commit()
        assert len(place.seen(run)) == 29
    assert place.rows("SELECT count(*) FROM sighting WHERE gone_at IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("first", ["A", "B"])
@pytest.mark.parametrize("apart", [1, 3, 60])
def test_two_rows_of_one_line_that_contradict_each_other_are_told_and_neither_is_used(
    place: Place, first: str, apart: int
) -> None:
    rows = tasks(70)
    double = [{**rows[5], "name": name} for name in (first, {"A": "B", "B": "A"}[first])]
    shown = [*rows[:5], double[0], *rows[6 : 5 + apart], double[1], *rows[5 + apart :]]
    place.office.lists = {"getlistjobdagiao": rows}
    place.run(1, GIVEN)
    place.office.lists = {"getlistjobdagiao": shown}
    for run in (2, 3, 4):
        lists = place.run(run, GIVEN, prove=run == 3)
        assert (lists.problems, lists.rejected) == ([], 1)
        assert [one[0] for one in place.rejected(run)] == ["90005"]
        assert "nội dung khác nhau" in place.rejected(run)[0][1][0]
        with SqlUnitOfWork(place.engine) as uow:
            assert uow.sightings.rows("vnpt", "task", run, ["90005"]) == []
            assert uow.sightings.count_seen("vnpt", run)[GIVEN] == 70, "the line itself is there"
    place.office.lists = {"getlistjobdagiao": [*rows[:5], double[0], *rows[6:]]}
    place.run(5, GIVEN)
    assert place.rejected(5) == []
    with SqlUnitOfWork(place.engine) as uow:
        (row,) = uow.sightings.rows("vnpt", "task", 5, ["90005"])
    assert row.payload["name"] == first


@pytest.mark.parametrize("apart", [1, 3, 60])
def test_two_rows_of_one_line_that_differ_in_nothing_we_read_are_one_and_nothing_flips(
    place: Place, apart: int
) -> None:
    rows = tasks(70)
    shown = [*rows[: 5 + apart], {**rows[5], "stt": 9}, *rows[5 + apart :]]
    place.office.lists = {"getlistjobdagiao": shown}
    for run in (1, 2, 3):
        assert (place.run(run, GIVEN, prove=run == 3).problems, place.rejected(run)) == ([], [])
        assert place.seen(run)["90005"] == (run == 1, False), "one change when it was new, none afterwards"
        place.settle(run, *place.seen(run))
        with SqlUnitOfWork(place.engine) as uow:
            uow.sightings.close_unseen(GIVEN, run, NOW)
            uow.commit()
    assert place.rows("SELECT count(*) FROM sighting WHERE gone_at IS NULL") == [(70,)]


def test_the_same_row_twice_is_no_contradiction(place: Place) -> None:
    rows = tasks(70)
    place.office.lists = {"getlistjobdagiao": [*rows, rows[5]]}
    for run in (1, 2):
        assert (place.run(run, GIVEN).problems, place.rejected(run)) == ([], [])


def test_a_full_run_does_not_trust_larger_pages(place: Place) -> None:
    place.office.lists = {"getlistjobdagiao": tasks(200)}
    place.run(1, GIVEN)
    place.office.seen.clear()
    place.run(2, GIVEN)
    assert {one.body["pageRec"] for one in place.office.asked("dagiao")} == {150}
    place.office.seen.clear()
    place.run(3, GIVEN, prove=True)
    assert {one.body["pageRec"] for one in place.office.asked("dagiao")} == {15, 150}


# -- killed and gone on with -------------------------------------------------------------------------------------------


def test_a_source_that_goes_down_leaves_whole_pages_and_the_next_run_goes_on_behind_them(place: Place) -> None:
    place.office.lists = {"getlistjobdagiao": tasks(100)}
    down = Reply(envelope(), 503)
    place.office.answer = lambda seen, _: (
        down if "duocgiao" in seen.path or (seen.body or {}).get("pageNo") == 4 else None
    )
    with pytest.raises(SourceUnavailable):
        place.run(1)
    before = len(place.seen(1))
    assert before % 15 == 0
    place.office.answer = None
    place.adopt(1, 2)
    place.office.seen.clear()
    lists = place.run(2)
    assert lists.problems == []
    assert len(place.seen(2)) == 100
    if 0 < before < 45:
        assert place.office.asked("dagiao")[0].body["pageNo"] == before // 15 + 1


@pytest.mark.parametrize("saved", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("dies_at", range(1, 14))
def test_a_run_killed_at_any_commit_is_gone_on_with_to_the_same_table(place: Place, dies_at: int, saved: bool) -> None:
    """Unchanged, changed, new and vanished lines; rows that cannot be read."""
    place.office.lists = {"getlistjobdagiao": tasks(60), "getlistjobduocgiao": tasks(20)}
    place.run(1)
    place.settle(1, *place.seen(1))
    place.office.lists["getlistjobdagiao"] = [*tasks(25), *tasks(40, 30), {"id": "7"}]
    place.office.lists["getlistjobdagiao"][3] |= {"status": "Đã hoàn thành"}
    try:
        place.run(2, uow=DyingUnitOfWork(place.engine, dies_at=dies_at, saved=saved))
    except StoreError:
        place.adopt(2, 3)
    place.office.seen.clear()
    place.run(3)
    seen = place.seen(3)
    assert set(seen) == {str(90_000 + n) for n in (*range(25), *range(30, 70))}
    assert {one for one, (pending, _) in seen.items() if pending} == {
        "90003", *(str(90_000 + n) for n in range(60, 70))
    }  # fmt: skip
    assert {one for one, (_, lost) in seen.items() if lost} == set()
    assert [subject for subject, _ in place.rejected(3)] == ["7"]
    assert place.rows("SELECT count(*) FROM list_page") == [(0,)]
    assert place.rows("SELECT DISTINCT run_id FROM list_state") == [(3,)]


def test_a_list_that_was_read_whole_before_the_kill_is_not_asked_for_again(place: Place) -> None:
    place.office.lists = {"getlistjobdagiao": tasks(60), "getlistjobduocgiao": tasks(20)}
    place.run(1, RECEIVED)
    place.adopt(1, 2)
    place.office.seen.clear()
    lists = place.run(2)
    assert place.office.count("getlistjobduocgiao") == 0
    assert lists.rows == {GIVEN: 60}
    assert len(place.seen(2)) == 60
    with SqlUnitOfWork(place.engine) as uow:
        assert uow.sightings.rows_read("vnpt", 2) == {GIVEN: 60, RECEIVED: 20}, "what both runs have read together"
