"""Rules, and what other rules would say, as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connector.domain.examples import Example
from connector.domain.finding_words import RULE_FIELDS
from connector.domain.findings import Hit, Severity, Subject
from connector.domain.rules import Audience, Rule, RuleChange, missing_text, plain
from connector.domain.wording import day_text, moment_text
from connector.settings.words import unit

if TYPE_CHECKING:
    from connector.bootstrap_rules import Tested
    from connector.jobs.try_rules import Backtest, RulesDiff

_SEVERITY = {
    Severity.INFO: "thông tin",
    Severity.LOW: "thấp",
    Severity.MEDIUM: "trung bình",
    Severity.HIGH: "cao",
    Severity.CRITICAL: "nghiêm trọng",
}
_SUBJECT = {Subject.TASK: "nhiệm vụ", Subject.DOCUMENT: "văn bản"}
_AUDIENCE = {Audience.AGENCY: "gửi thư cho cơ quan", Audience.OFFICE: "chỉ Văn phòng xem, không gửi thư"}


def rule_json(rule: Rule, changed: Sequence[str]) -> dict[str, Any]:
    """One line of ``rules list``."""
    return {
        "id": rule.id,
        "title": rule.title,
        "version": rule.version,
        "severity": str(rule.severity),
        "subject": str(rule.subject),
        "audience": str(rule.audience),
        "counted": rule.counted,
        "enabled": rule.enabled,
        "missing": list(rule.missing),
        "thresholds": {name: plain(value) for name, value in rule.thresholds.items()},
        "valid_from": plain(rule.valid_from),
        "valid_to": plain(rule.valid_to),
        "changed": rule.id in changed,
    }


def rule_line(rule: Rule, changed: Sequence[str]) -> str:
    marks = ["mục 2"] if rule.counted else []
    if not rule.enabled:
        marks.append("không dùng")
    elif rule.missing:
        marks.append("thiếu dữ liệu")
    if rule.audience is Audience.OFFICE:
        marks.append("chỉ Văn phòng")
    if rule.id in changed:
        marks.append("cơ quan đã đổi")
    return f"{rule.id:24}  {rule.title}" + (f"  [{', '.join(marks)}]" if marks else "")


def shown_json(rule: Rule, changed: Sequence[str], examples: Sequence[Example]) -> dict[str, Any]:
    return {
        **rule_json(rule, changed),
        "text": rule.text,
        "legal_basis": rule.legal_basis,
        "legal_confirmed": rule.legal_confirmed,
        "needs": list(rule.needs),
        "what_to_do": rule.what_to_do,
        "examples": [{"case": one.case, "expect": str(one.expect), "place": one.place} for one in examples],
    }


def shown_text(rule: Rule, changed: Sequence[str], examples: Sequence[Example]) -> Iterator[str]:
    yield rule_line(rule, changed)
    yield f"  {rule.text}"
    confirmed = "" if rule.legal_confirmed else " (chưa xác nhận từng bước)"
    yield f"  Căn cứ: {rule.legal_basis}{confirmed}"
    yield f"  Mức độ: {_SEVERITY[rule.severity]}; xét từng {_SUBJECT[rule.subject]}; {_AUDIENCE[rule.audience]}"
    for name, value in rule.thresholds.items():
        yield f"  {name} = {_said(value)} ({unit(name)})"
    yield f"  Dữ liệu cần: {', '.join(rule.needs)}"
    if rule.missing:
        yield f"  Không đánh giá được: {missing_text(rule)}"
    if rule.valid_from or rule.valid_to:
        yield f"  Hiệu lực: từ {_said(rule.valid_from)} đến {_said(rule.valid_to)}"
    yield f"  Việc cần làm: {rule.what_to_do}"
    yield f"  Phiên bản: {rule.version}"
    for one in examples:
        yield f"  Ví dụ ({one.place}): {one.case} → {one.expect}"


def tested_json(tested: Tested) -> dict[str, Any]:
    return {
        "passed": tested.passed,
        "failed": [
            {"rule": example.rule, "case": example.case, "place": example.place, "problem": problem}
            for example, problem in tested.failed
        ],
        "unproved": list(tested.unproved),
    }


def tested_text(tested: Tested) -> Iterator[str]:
    for example, problem in tested.failed:
        yield f"SAI  {example.rule}  {example.place}: {example.case}: {problem}"
    if tested.unproved:
        yield f"Đã đổi ngưỡng nhưng tệp chưa có ví dụ: {', '.join(tested.unproved)}"
    yield f"{tested.passed} ví dụ đúng, {len(tested.failed)} ví dụ sai."


def diff_json(found: RulesDiff) -> dict[str, Any]:
    return {
        "at": found.at.isoformat(),
        "changes": [
            {"rule": one.rule, "field": one.field, "before": plain(one.before), "after": plain(one.after)}
            for one in found.changes
        ],
        "appear": [_hit_json(hit) for hit in found.appear],
        "vanish": [_hit_json(hit) for hit in found.vanish],
        "moved": [{**_hit_json(new), "breached_on_before": old.breached_on.isoformat()} for old, new in found.moved],
    }


def diff_text(found: RulesDiff, zone: ZoneInfo) -> Iterator[str]:
    if not found.changes:
        yield "Hai bộ quy định như nhau."
        return
    for one in found.changes:
        yield f"{one.rule}: {_field(one)}: {_said(one.before)} → {_said(one.after)}"
    yield f"Với dữ liệu đã lưu, lúc {moment_text(found.at, zone)}:"
    for title, hits in (("Phát hiện sẽ có thêm", found.appear), ("Phát hiện sẽ không còn", found.vanish)):
        yield f"{title}: {len(hits)}"
        yield from (_hit_line(hit, found.names) for hit in hits)
    yield f"Phát hiện đổi ngày vi phạm: {len(found.moved)}"
    for old, new in found.moved:
        yield f"{_hit_line(new, found.names)} (trước đây: {day_text(old.breached_on)})"


def backtest_json(found: Backtest) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "findings": [{"seen_on": day.isoformat(), **_hit_json(hit)} for day, hit in found.found],
        "letters": [
            {
                "day": one.day.isoformat(),
                "agency": one.agency,
                "recipients": list(one.recipients),
                "new": one.new,
            }
            for one in found.letters
        ],
        "not_evaluable": found.undecided,
    }


def backtest_text(found: Backtest) -> Iterator[str]:
    people = sorted({address for one in found.letters for address in one.recipients})
    yield (
        f"{found.rule}, từ {day_text(found.first)} đến {day_text(found.last)}: {len(found.found)} phát hiện, "
        f"{len(found.letters)} thư, {len(people)} người nhận; {found.undecided} trường hợp chưa đủ dữ liệu. "
        "Không ghi gì vào cơ sở dữ liệu."
    )
    for day, hit in found.found:
        yield f"{_hit_line(hit, found.names)} (thấy từ {day_text(day)})"
    for one in found.letters:
        address = ", ".join(one.recipients) or "chưa có địa chỉ"
        agency = found.names.get(one.agency, one.agency)
        yield f"  Thư {day_text(one.day)}: {agency} ({address}), {one.new} phát hiện mới"


def _hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "rule": hit.key.rule,
        "subject": str(hit.key.subject),
        "id": hit.key.subject_id,
        "agency": hit.key.agency,
        "band": hit.key.band,
        "breached_on": hit.breached_on.isoformat(),
        "reason": hit.reason,
    }


def _hit_line(hit: Hit, names: Mapping[str, str]) -> str:
    key = hit.key
    return f"  {key.rule}  {_SUBJECT[key.subject]} {key.subject_id}, {names.get(key.agency, key.agency)}: {hit.reason}"


def _field(one: RuleChange) -> str:
    name = one.field.removeprefix("thresholds.")
    return f"{name} ({unit(name)})" if name != one.field else RULE_FIELDS.get(name, name)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "không ghi" if value is None else str(value)
