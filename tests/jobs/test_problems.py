"""What could not be read of records: told once per cause, with a few examples."""

from __future__ import annotations

from connector.domain.records import Stream
from connector.domain.requests import PartReading, PartRequest
from connector.jobs.problems import PartProblems

TASKS = Stream("vnpt", "ketnoi.mau", "1001", "dagiao")
DOCUMENTS = Stream("vnpt", "ketnoi.mau", "1001", "DI_DA_PHAT_HANH")


def reading(subject: str, stream: Stream = TASKS, **failed: str) -> PartReading:
    return PartReading(PartRequest(subject, stream, frozenset({"flow", "detail"}), "open"), (), failed)


def lines(*readings: PartReading) -> list[str]:
    problems = PartProblems()
    for one in readings:
        problems.add(one)
    return problems.lines()


def test_what_was_read_is_no_problem() -> None:
    assert lines() == lines(reading("1"), reading("2")) == []


def test_one_cause_is_one_line_however_many_records_it_hit() -> None:
    assert lines(*(reading(str(number), flow="no answer") for number in range(20))) == [
        "task 0, 1, 2 (+17): flow: no answer"
    ]
    assert lines(*(reading(str(number), flow="no answer") for number in range(3))) == ["task 0, 1, 2: flow: no answer"]


def test_other_causes_other_parts_and_other_kinds_are_lines_of_their_own() -> None:
    assert lines(
        reading("1", flow="no answer", detail="code 1"),
        reading("2", flow="no answer"),
        reading("3", flow="code 1"),
        reading("1", DOCUMENTS, log="no answer"),
    ) == [
        "task 1, 2: flow: no answer",
        "task 1: detail: code 1",
        "task 3: flow: code 1",
        "document 1: log: no answer",
    ]
