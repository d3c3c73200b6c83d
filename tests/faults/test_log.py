"""Nothing secret and no personal text gets into the log, whatever goes wrong (F90)."""

from __future__ import annotations

import html
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from connector import log
from connector.domain.runs import Outcome
from connector.standin.faults import Fault, Knobs
from connector.standin.timeline import Created, DocIssued, Done, Progress
from tests.faults.place import NEXT, WHOLE, Place, a_place, small
from tests.faults.records import plain


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything this process logs, from debug on, as the service would write it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    log.configure("debug", "json", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)  # not by assignment: loggers remember what they may write
    logging.captureWarnings(False)
    structlog.reset_defaults()


def personal() -> set[str]:
    """Names of tasks and subjects of documents, what was reported on them, in the parts a log line might quote."""
    found: set[str] = set()
    for event in small().events:
        match event:
            case Created():
                found |= {event.name, plain(re.sub("<[^>]*>", " ", event.content))[-40:]}
            case DocIssued():
                found.add(event.subject)
            case Progress() | Done():
                found.add(event.text)
    return {text for text in found if len(text) > 12}


def assert_clean(place: Place, written: io.StringIO) -> None:
    text = html.unescape(written.getvalue())
    assert len(text.splitlines()) > 5
    assert all(json.loads(line)["event"] for line in text.splitlines())
    for account in place.server.setup.accounts:
        assert account.password not in text
    assert not re.search(r"tok-[0-9a-f]{6}", text), "a token"
    assert not re.search(r"[0-9A-F]{16}", text), "a cookie"
    assert [one for one in personal() if one in text] == []


def test_a_run_in_which_much_goes_wrong_logs_neither_secrets_nor_personal_text(
    database: Path, written: io.StringIO
) -> None:
    faults = [
        Fault("busy", "getlistjob", times=1),
        Fault("throttle", "getlistnotify", times=1, value="2"),
        Fault("error", "getactivitylog/450053"),
        Fault("html", "getlistjobdagiao", times=1, skip=3),
        Fault("cut", "getlistjobflow", times=2),
        Fault("html", "getlistjobflow/90048"),
        Fault("refuse", "getlistprocesser/90036", value="token=tok-0123456789abcdef password: Thu-nghiem-1"),
        Fault("broken_row", "getlistjobd", ids=("90032",), value="bad_date"),
        Fault("broken_row", "getlistjobd", ids=("90056",), value="no_id"),
        Fault("broken_row", "getlistjobd", ids=("90051",), value="no_object"),
        Fault("unknown_status", "getlistjobd", ids=("90479",)),
        Fault("add_field", "getlistjobd", name="ghiChu", value="Triển khai thực hiện xúc tiến thương mại"),
        Fault("retype_field", "getlistprocesser", name="endDate", value="object", ids=("90117",)),
    ]
    knobs = Knobs(faults=faults, token_calls=30, single_session=True)
    with a_place(database, knobs=knobs, max_rejected=1, attempts=3, **WHOLE) as place:
        assert place.app.sync("ioffice").outcome is Outcome.INCOMPLETE
        place.mend()
        place.at(NEXT)
        place.app.sync("ioffice", full=True)
        place.app.detect()
        assert_clean(place, written)
        events = {json.loads(line)["event"] for line in written.getvalue().splitlines()}
        assert {"rest.retry_scheduled", "rest.parts_failed", "rest.logged_in_again", "sync.shape_changed"} <= events


@pytest.mark.parametrize("form", ["envelope", "401", "401_html", "html", "302"])
def test_a_refused_login_logs_no_secret(database: Path, written: io.StringIO, form: str) -> None:
    with a_place(database, knobs=Knobs(locked=("ketnoi.thnc",), refused_login=form)) as place:  # type: ignore[arg-type]
        result = place.app.sync("ioffice")
        assert result.error is not None
        for _ in range(5):
            place.app.sync("ioffice")
        assert_clean(place, written)
        assert "Thu-nghiem" not in str(result.error) + repr(result) + place.one("SELECT error FROM run LIMIT 1")


def test_a_failed_run_logs_no_secret(known: Place, written: io.StringIO) -> None:
    known.at(NEXT)
    known.breaks("drop_field", "getlistjobd", name="status")
    known.app.sync("ioffice")
    known.mend()
    known.breaks("error", "getlistjobflow")
    known.breaks("error", "getlistprocesser")
    known.app.sync("ioffice")
    known.mend()
    known.breaks("empty", "getlistjobd")
    known.app.sync("ioffice")
    assert_clean(known, written)
