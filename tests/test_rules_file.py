"""The office's file of rules: what it may say, what is wrong with it, and what its changes do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from connector.clock import OFFICE_ZONE
from connector.domain.findings import Severity
from connector.domain.rules import Audience, RuleChange, changes_between
from connector.errors import SettingsError
from connector.reference.rules import LoadedRules, load_rules, supplied_rules

SUPPLIED = supplied_rules(OFFICE_ZONE).book
RECEIVE, LONG = "PV01_RECEIVE_LATE", "TD03_LONG_OVERDUE"

Load = Callable[[str], LoadedRules]
TABLE_OF_THE_REFERENCE = {
    "PV01", "PV02", "PV03", "PV04", "PV05", "PV06", "PV07", "PV08", "PV09", "PV10", "PV11", "PV12", "PV13", "PV14",
    "PV15", "PV16", "PV17", "PV18", "PV19", "PV20", "TD01", "TD02", "TD03", "TD04", "TD05",
}  # fmt: skip
COUNTED = {"PV01", "PV02", "PV04", "PV06", "PV07", "PV08", "PV09", "PV10", "PV13"}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(text: str) -> LoadedRules:
        path = tmp_path / "rules.toml"
        path.write_text(text, encoding="utf-8")
        return load_rules(path, OFFICE_ZONE)

    return load_text


def problems(load: Load, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(text)
    assert caught.value.exit_code == 78
    return [problem.partition("rules.toml:")[2] for problem in caught.value.problems]


def test_the_shipped_file_has_every_rule_of_the_reference_and_counts_those_of_section_2() -> None:
    """All that the reference counts, but PV03: its days have no basis, and no log tells who got what was passed on."""
    assert {rule.id[:4] for rule in SUPPLIED} == TABLE_OF_THE_REFERENCE
    assert {rule.id[:4] for rule in SUPPLIED if rule.counted} == COUNTED
    assert all(rule.enabled for rule in SUPPLIED)


def test_without_a_file_the_shipped_rules_are_in_force_as_they_are() -> None:
    loaded = load_rules(None, OFFICE_ZONE)
    assert (loaded.book, loaded.examples, loaded.changed) == (SUPPLIED, (), ())


def test_what_the_file_leaves_out_stays_as_shipped(load: Load) -> None:
    book = load(f"[{RECEIVE}.thresholds]\nworking_days = 2").book
    assert dict(book[RECEIVE].thresholds) == {"working_days": 2, "urgent_working_days": 0}
    assert changes_between(SUPPLIED, book) == [RuleChange(RECEIVE, "thresholds.working_days", 1, 2)]
    assert [rule.id for rule in book] == [rule.id for rule in SUPPLIED]


def test_every_kind_of_change_is_taken_and_only_the_rule_it_names_gets_another_version(load: Load) -> None:
    book = load(
        f"""
[{LONG}]
title = "Quá hạn lâu"
text = "Theo mốc của cơ quan."
legal_basis = "Quy chế làm việc"
legal_confirmed = false
severity = "critical"
audience = "office"
counted = true
enabled = false
what_to_do = "Báo cáo."
valid_from = 2022-01-01
valid_to = 2022-12-31
thresholds = {{ calendar_days = [10, 60] }}
"""
    ).book
    rule = book[LONG]
    assert (rule.title, rule.severity, rule.audience) == ("Quá hạn lâu", Severity.CRITICAL, Audience.OFFICE)
    assert (rule.counted, rule.enabled, rule.legal_confirmed, rule.evaluated) == (True, False, False, False)
    assert rule.steps("calendar_days") == (10, 60)
    assert (rule.applies_on(date(2022, 12, 31)), rule.applies_on(date(2023, 1, 1))) == (True, False)
    assert len(changes_between(SUPPLIED, book)) == 12
    assert [one.id for one in book if one.version != SUPPLIED[one.id].version] == [LONG]


def test_the_version_follows_the_content_and_nothing_else(load: Load) -> None:
    first = load(f'[{RECEIVE}]\ncounted = false\nseverity = "low"').book[RECEIVE].version
    again = load(f'# lần hai\n[{RECEIVE}]\nseverity = "low"\ncounted = false').book[RECEIVE].version
    assert first == again != SUPPLIED[RECEIVE].version
    assert load(f"[{RECEIVE}]\ncounted = true").book[RECEIVE].version == SUPPLIED[RECEIVE].version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[PV01_RECIEVE_LATE]", "1: PV01_RECIEVE_LATE: không có khóa này; tên gần nhất: PV01_RECEIVE_LATE"),
        (f'[{RECEIVE}]\nseverty = "low"', f"2: {RECEIVE}.severty: không có khóa này; tên gần nhất: severity"),
        (
            f'[{RECEIVE}]\nseverity = "hi"',
            f"2: {RECEIVE}.severity: phải là một trong: info, low, medium, high, critical",
        ),
        (f"[{RECEIVE}]\ncounted = 1", f"2: {RECEIVE}.counted: phải là true hoặc false"),
        (f'[{RECEIVE}]\ntitle = ""', f"2: {RECEIVE}.title: phải là chữ"),
        (f'[{RECEIVE}]\nvalid_from = "01/01/2022"', f"2: {RECEIVE}.valid_from: phải là ngày, viết năm-tháng-ngày"),
        (
            f"[{RECEIVE}]\nthresholds = {{ working_day = 2 }}",
            f"2: {RECEIVE}.thresholds.working_day: không có khóa này; tên gần nhất: working_days",
        ),
        (
            f"[{LONG}.thresholds]\nworking_days = [30]",
            f"2: {LONG}.thresholds.working_days: không có khóa này; các khóa hợp lệ: calendar_days",
        ),
        (
            f'[{RECEIVE}.thresholds]\nworking_days = "2 ngày"',
            f"2: {RECEIVE}.thresholds.working_days: phải là số nguyên, không đặt trong dấu nháy",
        ),
        (
            f"[{RECEIVE}.thresholds]\nworking_days = -1",
            f"2: {RECEIVE}.thresholds.working_days: phải từ 0 ngày làm việc trở lên",
        ),
        (
            f"[{RECEIVE}.thresholds]\nworking_days = true",
            f"2: {RECEIVE}.thresholds.working_days: phải là số nguyên",
        ),
        (f"[{LONG}.thresholds]\ncalendar_days = 30", f"2: {LONG}.thresholds.calendar_days: phải là danh sách"),
        (
            f"[{LONG}.thresholds]\ncalendar_days = [\n 30,\n 'x']",
            f"2: {LONG}.thresholds.calendar_days[2]: phải là số nguyên",
        ),
        (
            f"[{RECEIVE}]\nvalid_from = 2022-02-01\nvalid_to = 2022-01-01",
            f"3: {RECEIVE}.valid_to: ngày cuối trước ngày đầu (01/02/2022)",
        ),
        (f"[{RECEIVE}]\nneeds = []", f"2: {RECEIVE}.needs: không có khóa này"),
        (
            f'[[{RECEIVE}.examples]]\ncase = "x"\nat = 2022-02-14 08:00:00\nexpect = "find"',
            f"4: {RECEIVE}.examples[1].expect: phải là một trong: finding, none, unknown (gần nhất: finding)",
        ),
        (f"[{RECEIVE}\ncounted = false", "1: "),
    ],
)
def test_each_mistake_is_told_with_line_key_and_nearest_name(load: Load, text: str, expected: str) -> None:
    (problem,) = problems(load, text)
    assert problem.startswith(expected)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(load: Load) -> None:
    found = problems(load, f"[PV99]\n[{RECEIVE}]\ncounted = 1\n[{LONG}]\nenabled = 2")
    assert [problem.partition(":")[0] for problem in found] == ["1", "3", "5"]


def test_a_file_that_is_not_there_is_a_mistake_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"khong-co\.toml: không đọc được tệp"):
        load_rules(tmp_path / "khong-co.toml", OFFICE_ZONE)
