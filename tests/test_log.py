from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, SecretStr
from structlog.contextvars import bound_contextvars

from connector import log
from connector.errors import SettingsError
from connector.redaction import clean, redact


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    out = io.StringIO()
    log.configure("info", "json", stream=out)
    return out


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_time_level_and_the_run_it_belongs_to(stream: io.StringIO) -> None:
    with bound_contextvars(run_id=7, source="vnpt"):
        structlog.get_logger("connector.jobs.sync").info("sync.finished", fetched=412, note="Lạng Sơn")
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "sync.finished",
        "level": "info",
        "logger": "connector.jobs.sync",
        "run_id": 7,
        "source": "vnpt",
        "fetched": 412,
        "note": "Lạng Sơn",
    }
    assert "Lạng Sơn" in stream.getvalue()  # readable, not escaped


def test_a_library_writes_the_same_json_lines_and_its_chatter_is_dropped(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("gave up after %d tries", 3)
    for name in ("httpx", "httpcore.connection", "apscheduler.executors.default"):
        logging.getLogger(name).info("GET https://ioffice.example/?token=abc")
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("gave up after 3 tries", "warning", "some.library")


def test_nothing_below_the_level_is_written(stream: io.StringIO) -> None:
    structlog.get_logger().debug("sync.page_read")
    assert stream.getvalue() == ""
    log.configure("debug", "json", stream=stream)
    structlog.get_logger().debug("sync.page_read")
    assert len(lines(stream)) == 1


def test_a_warning_of_python_is_a_json_line_too(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old password=abc123", UserWarning, stacklevel=1)
    (line,) = lines(stream)
    assert line["logger"] == "py.warnings"
    assert "abc123" not in stream.getvalue()


@pytest.mark.parametrize("fmt", ["json", "console"])
def test_an_exception_is_logged_without_its_local_variables(fmt: str) -> None:
    out = io.StringIO()
    log.configure("info", fmt, stream=out)
    try:
        local_secret = "Rat-bi-mat-1"
        raise RuntimeError(f"login failed, password={local_secret}")
    except RuntimeError:
        structlog.get_logger().exception("sync.failed", source="vnpt")
    text = out.getvalue()
    assert "RuntimeError" in text
    assert "test_log.py" in text
    assert "Rat-bi-mat" not in text
    if fmt == "json":
        (line,) = lines(out)
        assert line["exception"][0]["exc_value"] == "login failed, password=***"
        assert "locals" not in line["exception"][0]["frames"][0]


def test_secrets_and_personal_text_are_hidden_wherever_they_stand(stream: io.StringIO) -> None:
    structlog.get_logger().info(
        "login.refused",
        password="Rat-bi-mat-1",
        access_token="Rat-bi-mat-2",
        headers={"Set-Cookie": "JSESSIONID=Rat-bi-mat-3", "Accept": "text/html"},
        subject="V/v xử lý đơn của công dân",
        recipients=["vanthu@so-tttt.example"],
        tries=[{"content": "Đơn khiếu nại"}, "https://ioffice.example/?token=Rat-bi-mat-4&page=2"],
        reply="550 no such user vanthu@so-tttt.example",
        secret=SecretStr("Rat-bi-mat-5"),
        cookie_count=3,
    )
    text = stream.getvalue()
    assert "Rat-bi-mat" not in text
    assert "công dân" not in text
    assert "khiếu nại" not in text
    assert "vanthu" not in text
    (line,) = lines(stream)
    assert line["headers"] == {"Set-Cookie": "***", "Accept": "text/html"}
    assert line["tries"][1] == "https://ioffice.example/?token=***&page=2"
    assert line["reply"] == "550 no such user ***@so-tttt.example"
    assert line["cookie_count"] == 3  # a number tells nothing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("token=abc123 rest", "token=*** rest"),
        ('{"token": "abc 123", "id": 5}', '{"token": ***, "id": 5}'),
        ("Authorization: Bearer abc.def-123", "Authorization: ***"),
        ("sent Bearer abc.def-123 twice", "sent Bearer *** twice"),
        ("Cookie: JSESSIONID=abc; path=/", "Cookie: ***; path=/"),
        ("x-api-key=abc, y=1", "x-api-key=***, y=1"),
        ("page 7 of tokens read", "page 7 of tokens read"),
    ],
)
def test_a_secret_inside_of_a_string_is_hidden_and_the_rest_kept(text: str, expected: str) -> None:
    assert "abc" not in clean(text)
    assert clean(text).replace(" ***", "***").startswith(expected.replace(" ***", "***"))


def test_what_pydantic_refused_is_not_repeated() -> None:
    class Row(BaseModel):
        due: int

    with pytest.raises(ValueError, match="Đơn khiếu nại") as caught:
        Row.model_validate({"due": "Đơn khiếu nại"})
    assert "khiếu nại" not in clean(str(caught.value))
    assert "due" in clean(str(caught.value))


def test_a_long_text_is_cut_and_a_message_id_is_kept() -> None:
    assert len(clean("x" * 100_000)) < 2100
    assert redact({"message_id": "<k1@vp.example>"}) == {"message_id": "<k1@vp.example>"}


def test_a_log_file_is_appended_to_and_may_be_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "connector.log"
    log.configure(file=path)
    structlog.get_logger().info("run.started")
    path.rename(tmp_path / "connector.log.1")
    structlog.get_logger().info("run.finished")
    assert json.loads(path.read_text(encoding="utf-8"))["event"] == "run.finished"
    with pytest.raises(SettingsError, match=r"log\.file: không ghi được"):
        log.configure(file=tmp_path / "no" / "folder.log")
