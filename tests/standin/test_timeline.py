from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connector.errors import TimelineError
from connector.standin.timeline import Created, DocIssued, packaged, read_setup, read_timeline

DOCUMENT = {
    "at": "2022-02-01T08:00:00+07:00", "kind": "doc_issued", "ref": "D1", "id": "1", "notation": "1/UBND-KT",
    "date": "2022-02-01", "subject": "V/v thử", "to": ["SO_TC"], "names": ["Sở Tài chính"],
}  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(*events: dict[str, Any] | str) -> Path:
        path = tmp_path / "timeline.jsonl"
        lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def test_the_supplied_month_is_read_whole() -> None:
    timeline, setup = packaged()
    assert len(timeline.events) == 2212
    assert sum(isinstance(event, Created) for event in timeline.events) == 227
    assert sum(isinstance(event, DocIssued) for event in timeline.events) == 224
    assert [account.identities for account in setup.accounts] == [("1001", "5501"), ("1002",)]


def test_no_password_shows_when_a_setup_is_printed() -> None:
    assert "Thu-nghiem" not in repr(packaged()[1])


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ("{not json", "Invalid JSON"),
        ({**DOCUMENT, "kind": "doc_lost"}, "doc_lost"),
        ({**DOCUMENT, "ref": "D2", "date": "32/13/2022"}, "date"),
        ({**DOCUMENT, "ref": "D2", "at": "2022-02-01T09:00:00"}, "timezone"),
        ({**DOCUMENT, "ref": "D2", "names": []}, "one length"),
        (DOCUMENT, "created twice"),
        ({"at": "2022-02-01T09:00:00+07:00", "kind": "progress", "ref": "T9", "text": "x"}, "T9"),
        ({"at": "2022-02-01T09:00:00+07:00", "kind": "progress", "ref": "T9"}, "text"),
    ],
)
def test_an_unreadable_line_is_named_with_file_line_and_problem(
    write: Callable[..., Path], second: dict[str, Any] | str, problem: str
) -> None:
    path = write(DOCUMENT, second)
    with pytest.raises(TimelineError, match=problem) as caught:
        read_timeline(path)
    assert f"{path}, line 2" in str(caught.value)


def test_events_are_put_in_time_order(write: Callable[..., Path]) -> None:
    early = {**DOCUMENT, "ref": "D0", "id": "2", "at": "2022-01-01T08:00:00+07:00"}
    assert [event.ref for event in read_timeline(write(DOCUMENT, early)).events] == ["D0", "D1"]


def test_a_missing_or_wrong_setup_is_a_timeline_error(tmp_path: Path) -> None:
    with pytest.raises(TimelineError):
        read_setup(tmp_path / "setup.json")
    (tmp_path / "setup.json").write_text('{"accounts": []}', encoding="utf-8")
    with pytest.raises(TimelineError, match="identities"):
        read_setup(tmp_path / "setup.json")
