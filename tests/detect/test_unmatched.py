"""Names of agencies that wait for a person: never guessed, never dropped, looked up for their own day (F106)."""

from __future__ import annotations

import unicodedata

import pytest

from connector.detect.unmatched import Place, Unmatched, unmatched
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.records import Line
from connector.domain.status import LogAction, Role
from tests.builders import DONE, at, day, document, history, policy, sent, state, step

POLICY = policy()
FEBRUARY = "2022-02-28"


def names(*records: TaskHistory | DocumentHistory, today: str = FEBRUARY) -> list[Unmatched]:
    tasks = [one for one in records if isinstance(one, TaskHistory)]
    documents = [one for one in records if isinstance(one, DocumentHistory)]
    return unmatched(tasks, documents, POLICY, day(today))


def told(lead: str, task_id: str = "1", on: str = "2022-02-10", **fields: object) -> TaskHistory:
    return history((at(on), state(lead=lead, assigned_on=day(on), **fields)), task_id=task_id)  # type: ignore[arg-type]


def test_a_name_is_listed_with_its_records_and_since_when() -> None:
    later, first, known = told("Ban Lạ", "2", "2022-02-14"), told("Ban Lạ", "1", "2022-02-11"), told("Sở Y tế", "3")
    (one,) = names(later, first, known)
    assert (one.name, one.ended, one.since, one.count) == ("Ban Lạ", "", day("2022-02-11"), 2)
    assert (one.records, one.examples) == ({Place.LEAD: {"1", "2"}}, ["1", "2"])


def test_ways_of_writing_one_name_are_one_name_and_no_name_is_listed_too() -> None:
    decomposed = unicodedata.normalize("NFD", "ban  HÒA giải")
    one, nobody = names(told("Ban Hoà giải", "1"), told(decomposed, "2"), told("", "3"))
    assert (one.name, one.count) == ("Ban Hoà giải", 2)
    assert (nobody.name, nobody.records) == ("", {Place.LEAD: {"3"}})


def test_every_place_that_counts_is_looked_at_and_a_record_counts_once() -> None:
    lines = (Line("Ban Lạ", Role.COOPERATING, "", ""), Line("Ban Khác", Role.LEAD, "", ""))
    letter = document(
        sent(at("2022-02-10"), "Sở Y tế", "Ban Lạ"), step(LogAction.RECEIVED, at("2022-02-11"), "Ban Lạ"),
        step(LogAction.RECEIVED, at("2022-02-12"), "Văn thư"),
    )  # fmt: skip
    one, clerk = names(told("Ban Lạ", lines=lines), letter)
    assert one.records == {
        Place.LEAD: {"1"}, Place.COOPERATING: {"1"}, Place.RECIPIENT: {"450001"}, Place.STEP: {"450001"},
    }  # fmt: skip
    assert one.count == 2
    assert (clerk.name, clerk.records, clerk.since) == ("Văn thư", {Place.STEP: {"450001"}}, day("2022-02-12"))


def test_tasks_that_are_not_counted_are_not_asked_about() -> None:
    assert names(told("Ban Lạ", assigner="Sở Y tế")) == []


@pytest.mark.parametrize(
    ("name", "read", "today", "listed"),
    [
        ("Sở NN&MT", "2025-02-28", "2025-02-28", True),
        ("Sở NN&MT", "2025-03-01", "2025-03-01", False),
        ("Sở Giao thông vận tải", "2025-02-28", "2025-03-01", False),
        ("UBND huyện Cao Lộc", "2025-06-30", "2025-06-30", False),
        ("UBND huyện Cao Lộc", "2025-06-30", "2025-07-01", True),
    ],
)
def test_a_name_is_looked_up_for_its_day_around_the_mergers(name: str, read: str, today: str, listed: bool) -> None:
    found = names(told(name, on=read), today=today)
    assert bool(found) is listed


def test_nobody_need_take_over_what_is_finished() -> None:
    cao_loc = "UBND huyện Cao Lộc"
    done = history((at("2025-06-10"), state(lead=cao_loc)), (at("2025-06-20"), state(DONE, lead=cao_loc)), task_id="1")
    (one,) = names(done, told(cao_loc, "2", "2025-06-10"), today="2025-07-02")
    assert (one.ended, one.records) == ("UBND_H_CAO_LOC", {Place.LEAD: {"2"}})


def test_a_name_that_was_corrected_at_the_source_stays_listed_for_the_time_it_stood_there() -> None:
    corrected = history(
        (at("2022-02-10"), state(lead="Ban Lạ")), (at("2022-02-12"), state(lead="Sở Y tế")), task_id="1"
    )
    (one,) = names(corrected)
    assert (one.name, one.since) == ("Ban Lạ", day("2022-02-10"))
