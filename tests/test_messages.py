from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator

import pytest

from connector import errors
from connector.errors import ConnectorError, SettingsError
from connector.messages import HELP, UNEXPECTED, fill, help_for, operator_message

COMMANDS = {"sync", "detect", "deliver", "report", "run", "status", "check", "demo", "simulate", "db upgrade",
            "db drill"}  # fmt: skip
OPTIONS = {"--source", "--full", "--accept-shrink", "--retry-login", "--config", "--help"}


def classes(cls: type[ConnectorError] = ConnectorError) -> Iterator[type[ConnectorError]]:
    yield cls
    for sub in cls.__subclasses__():
        yield from classes(sub)


OURS = sorted((c for c in classes() if c.__module__.startswith("connector.")), key=lambda c: c.__name__)


def make(cls: type[ConnectorError], **fields: object) -> ConnectorError:
    return cls(["config.toml:3: a: b"], **fields) if issubclass(cls, errors.SettingsError) else cls("cause", **fields)


def test_every_error_tells_the_operator_what_to_do() -> None:
    assert set(OURS) == set(HELP)


@pytest.mark.parametrize("cls", OURS)
def test_every_next_step_names_a_command_that_exists(cls: type[ConnectorError]) -> None:
    step = HELP[cls].next_step
    named = re.findall(r"connector (db \w+|[a-z]+|--\w+)", step)
    assert named, step
    assert {n for n in named if not n.startswith("--")} <= COMMANDS
    assert set(re.findall(r"--[a-z-]+", step)) <= OPTIONS


@pytest.mark.parametrize("cls", OURS)
def test_every_message_reads_well_with_and_without_its_fields(cls: type[ConnectorError]) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(HELP[cls].sentence + HELP[cls].next_step) if name}
    for fields in ({}, dict.fromkeys(names - {"problems"}, "ABC")):
        message = operator_message(make(cls, **fields))
        assert message.startswith("LỖI: ")
        assert "\nCần làm: " in message
        assert not set("{}[]") & set(message)
        assert "không rõ" not in message
        assert not re.search(r"  (?!- )| [.,;:]|\(\)", message.replace("  - ", ""))
        assert unicodedata.is_normalized("NFC", message)


@pytest.mark.parametrize("cls", OURS)
def test_exit_codes_are_those_the_readme_promises(cls: type[ConnectorError]) -> None:
    assert cls.exit_code in {1, 2, 65, 69, 75, 77, 78}


def test_a_message_says_what_where_what_next_and_last_the_cause() -> None:
    error = errors.AuthNeeded("login answered code 101", source="vnpt", account="ketnoi.vp", url="https://a.example/")
    what, where, step, cause = operator_message(error).split("\n")
    assert "Nguồn vnpt từ chối đăng nhập của tài khoản ketnoi.vp." in what
    assert where == "Nơi xảy ra: địa chỉ: https://a.example/"
    assert step.startswith("Cần làm: ")
    assert "connector sync --retry-login" in step
    assert cause == "Chi tiết kỹ thuật: AuthNeeded: login answered code 101"


def test_all_settings_problems_stand_below_each_other_and_only_once() -> None:
    message = operator_message(errors.SettingsError(["c.toml:1: a: x", "c.toml:2: b: y"]))
    assert "\n  - c.toml:1: a: x\n  - c.toml:2: b: y\n" in message
    assert message.count("c.toml:1") == 1


def test_no_settings_file_shows_all_places_and_how_to_begin() -> None:
    message = operator_message(errors.SettingsMissing(["./config.toml", "/etc/connector/config.toml"]))
    assert "  - ./config.toml\n  - /etc/connector/config.toml\n" in message
    assert "config.example.toml" in message


def test_an_error_of_nobody_is_called_unexpected_and_shows_its_cause_on_one_line() -> None:
    error = ValueError("first\nsecond token=abc123")
    message = operator_message(error)
    assert message.startswith(f"LỖI: {UNEXPECTED.sentence}")
    assert message.split("\n")[-1] == "Chi tiết kỹ thuật: ValueError: first second token=***"


def test_the_cause_behind_an_error_is_shown_without_secrets() -> None:
    try:
        try:
            raise OSError("connect failed for password=abc123")
        except OSError as inner:
            raise errors.SourceUnavailable("no answer", source="vnpt") from inner
    except errors.SourceUnavailable as error:
        message = operator_message(error)
    assert message.endswith("SourceUnavailable: no answer ← OSError: connect failed for password=***")


def test_a_new_class_is_helped_by_its_ancestor() -> None:
    child = type("Child", (errors.MailUnavailable,), {})
    assert help_for(child("x")) is HELP[errors.MailUnavailable]


def test_a_missing_field_leaves_its_brackets_out_or_is_called_unknown() -> None:
    assert fill("a[ {b}][ c {d} {e}].", {"b": 1, "d": 2}) == "a 1."
    assert fill("a {b}.", {}) == "a (không rõ)."
    assert fill("a {b}.", {"b": "{c}[d]"}) == "a {c}[d]."


def test_a_sentence_about_where_a_password_should_be_is_not_blacked_out() -> None:
    problem = "config.toml:7: sources.vnpt.accounts.0.password_env: biến môi trường MAT_KHAU chưa được đặt"
    assert problem in operator_message(SettingsError([problem]))
    assert "hunter2" not in operator_message(SettingsError(["config.toml:7: password: hunter2"]))
