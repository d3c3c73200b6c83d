"""A dossier in Vietnamese: the same sentences for the screen and for the page. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connector.detect.counting import DayCount, DayLine, Manner
from connector.detect.dossier import DocumentShown, Dossier, RuleUsed, TaskShown, VersionShown
from connector.detect.evaluate import OUTSIDE
from connector.domain.finding_life import Event
from connector.domain.finding_words import RULE_FIELDS, STATES, STEPS, waiver_text
from connector.domain.imports import ToldBy
from connector.domain.letters import ToldLetter
from connector.domain.records import LogEntry
from connector.domain.wording import WITHDRAWN, day_text, moment_text

_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_FOLDED = 10
"""A stretch of at least so many days that nothing turns on is one line."""
_THRESHOLDS = {
    "working_days": "{} ngày làm việc",
    "urgent_working_days": "{} ngày làm việc với văn bản khẩn",
    "many_tasks_working_days": "{} ngày làm việc khi có nhiều nhiệm vụ",
    "calendar_days": "{} ngày lịch",
    "months": "{} tháng",
    "times": "{} lần",
}
_LETTERS = {"waiting": "đang chờ gửi", "sent": "đã gửi", "dead": "không gửi được"}
_OUTCOMES = {"retry": "chưa nhận, sẽ gửi lại", "refused": "bị từ chối"}


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day, or a stretch of them (``weekday`` ""), as a line of the table. ``late``: too late."""

    day: str
    weekday: str
    kind: str
    counted: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """``facts``: (what, value), printed before ``lines`` and the table."""

    heading: str
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    days: tuple[DayRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DossierText:
    title: str
    rule: str
    sections: tuple[Section, ...]
    made: str


def dossier_text(found: Dossier, zone: ZoneInfo, *, at_most: int | None = None) -> DossierText:
    """``at_most``: of every list (versions, log, steps, letters) only so many entries, the first and the newest ones;
    what is left out is said."""
    finding = found.kept.finding
    sections = [
        _conclusion(found, zone),
        Section("Quy định", tuple(_rule(found.rule))),
        *([_task(found.task, zone)] if found.task else []),
        *([_document(found.document, zone, at_most)] if found.document else []),
        _days(found),
        *([_versions(found.task, zone, at_most)] if found.task else []),
        _life(found, zone, at_most),
    ]
    return DossierText(
        title=f"Hồ sơ phát hiện số {finding.id}",
        rule=f"{finding.hit.key.rule}: {found.rule.said['title']}",
        sections=tuple(sections),
        made=f"Lập lúc {moment_text(found.made_at, zone)}.",
    )


def _conclusion(found: Dossier, zone: ZoneInfo) -> Section:
    finding, hit = found.kept.finding, found.kept.finding.hit
    facts = [
        ("Kết luận", hit.reason),
        ("Cơ quan", found.agency),
        ("Trạng thái", STATES[finding.state]),
        ("Đúng từ ngày", day_text(hit.breached_on)),
        ("Chương trình thấy", f"lúc {moment_text(finding.first_seen_at, zone)}"),
        ("Số liệu", f"theo lần rà soát lúc {moment_text(finding.last_seen_at, zone)}"),
    ]
    if hit.cured_at is not None:
        facts.append(("Khắc phục", f"chậm nhất lúc {moment_text(hit.cured_at, zone)}"))
    if found.task is None and found.document is None:
        facts.append(("Đối tượng", f"mã {hit.key.subject_id}, nay không còn trong số được theo dõi"))
    return Section("Phát hiện", tuple(facts))


# -- the rule ------------------------------------------------------------------------------------------------------


def _rule(rule: RuleUsed) -> Iterator[tuple[str, str]]:
    said = rule.said
    yield "Nội dung", str(said["text"])
    confirmed = "đã xác nhận" if said["legal_confirmed"] else "CHƯA XÁC NHẬN từng bước trong văn bản"
    yield "Căn cứ", f"{said['legal_basis']} ({confirmed})"
    limits = [_threshold(name, value) for name, value in said.items() if name.startswith("thresholds.")]
    if limits:
        yield "Ngưỡng", "; ".join(limits)
    if not rule.kept:
        yield "Phiên bản", f"lúc có phát hiện không được lưu; nêu theo quy định đang dùng ({rule.version_now})"
    elif rule.version == rule.version_now:
        yield "Phiên bản", f"{rule.version}, là quy định đang dùng"
    else:
        yield "Phiên bản", f"{rule.version}; quy định đang dùng ({rule.version_now}) đã khác"
        yield "Nay khác", "; ".join(_change(name, *both) for name, both in rule.changes.items())
    if not rule.in_force:
        yield "Hiệu lực", "quy định nay không dùng, hoặc không áp dụng cho ngày này"


def _threshold(name: str, value: object) -> str:
    name = name.removeprefix("thresholds.")
    return _THRESHOLDS.get(name, f"{name} {{}}").format(_value(value))


def _change(name: str, before: object, after: object) -> str:
    if name.startswith("thresholds."):
        return f"ngưỡng {_threshold(name, before)} → {_threshold(name, after)}"
    return f"{RULE_FIELDS.get(name, name)}: {_value(before)} → {_value(after)}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "không ghi" if value is None else str(value)


# -- what it is about ----------------------------------------------------------------------------------------------


def _task(task: TaskShown, zone: ZoneInfo) -> Section:
    if task.flow_read_at is None:
        reports = "chưa đọc được tiến độ"
    else:
        reports = f"{task.reports} dòng của cơ quan chủ trì; đọc lần cuối lúc {moment_text(task.flow_read_at, zone)}"
    facts = (
        ("Nhiệm vụ", f"{task.name} (mã {task.task_id})"),
        ("Đọc lần cuối", moment_text(task.read_at, zone)),
        ("Tiến độ", reports),
    )
    return Section("Nhiệm vụ, và văn bản làm căn cứ giao", facts, task.link_lines)


def _document(document: DocumentShown, zone: ZoneInfo, at_most: int | None) -> Section:
    issued = f" ngày {day_text(document.issued_on)}" if document.issued_on else ""
    standing = f"; {WITHDRAWN[document.standing]}" if document.standing else ""
    read = "chưa đọc" if document.log_read_at is None else f"đọc lần cuối lúc {moment_text(document.log_read_at, zone)}"
    facts = (
        ("Số, ký hiệu", f"{document.notation}{issued} (mã {document.document_id}){standing}"),
        ("Trích yếu", document.subject),
        ("Bản gốc", _payloads(document.payloads)),
        ("Nhật ký xử lý", f"{read}; dòng về cơ quan này: {len(document.log)}"),
    )
    lines = _few([_logged(one, zone) for one in document.log], at_most) + _rows(document.rows, zone, at_most)
    return Section("Văn bản", facts, tuple(lines))


def _logged(entry: LogEntry, zone: ZoneInfo) -> str:
    return f"{moment_text(entry.at, zone)}: {entry.unit}, {entry.action_label}"


def _payloads(hashes: Sequence[str]) -> str:
    """The beginnings suffice to find them; JSON has them whole."""
    return ", ".join(dict.fromkeys(one[:8] for one in hashes)) or "không có"


def _versions(task: TaskShown, zone: ZoneInfo, at_most: int | None) -> Section:
    lines = _few([_version(one, zone) for one in task.versions], at_most) + _rows(task.rows, zone, at_most)
    return Section("Nhiệm vụ theo những lần đọc", lines=tuple(lines))


def _rows(rows: Sequence[ToldBy], zone: ZoneInfo, at_most: int | None) -> list[str]:
    """Newest values first."""
    lines = []
    for one in rows:
        sheet = f", trang “{one.sheet}”" if one.sheet else ""
        lines.append(f"Tệp {one.file}{sheet}, dòng {one.row}; số liệu tính đến {moment_text(one.as_of, zone)}")
    return _few(lines, at_most)


def _version(shown: VersionShown, zone: ZoneInfo) -> str:
    one, state = shown.version, shown.version.state
    seen = moment_text(one.observed_at, zone)
    when = f"giữa {moment_text(one.observed_after, zone)} và {seen}" if one.observed_after else f"từ {seen}"
    due = f"hạn {day_text(state.due_on)}" if state.due_on else "không thời hạn"
    gone = "" if state.present else ", không còn trong danh sách"
    used = "" if shown.used else " [sau lần rà soát ghi ở trên]"
    label = state.status_label or str(state.status)
    return f"{when}: {label}, {due}, {state.lead}{gone} (bản gốc {_payloads(shown.payloads)}){used}"


# -- the days ------------------------------------------------------------------------------------------------------


def _days(found: Dossier) -> Section:
    count, heading = found.count, "Đếm ngày"
    if count is None:
        why = f"không đếm được: {OUTSIDE} ({found.gap})" if found.gap else "quy định này không đếm từng ngày"
        return Section(heading, (("Số ngày", why),))
    facts = [("Cách đếm", _manner(count)), ("Lịch làm việc", _calendar(found))]
    if count.ended_between:
        facts.append(("Phần chắc chắn", "nguồn không ghi lúc kết thúc, nên chỉ đếm đến ngày trễ đầu tiên"))
    if not count.agrees:
        day = day_text(found.kept.finding.hit.breached_on)
        facts.append(("LƯU Ý", f"đếm theo lịch và ngưỡng nêu trên không ra ngày {day} của phát hiện; cần xem lại"))
    return Section(heading, tuple(facts), days=tuple(_table(count)))


def _manner(count: DayCount) -> str:
    last = day_text(count.last_day)
    match count.manner:
        case Manner.DUE:
            rolled = f" (ngày nghỉ, được tính đến hết ngày {last})" if count.last_day != count.start else ""
            over = f": đến ngày {day_text(count.days[-1].day)} là {count.overdue} ngày" if count.overdue else ""
            return f"ngày lịch, kể từ hạn xử lý {day_text(count.start)}{rolled}{over}"
        case Manner.LIMIT:
            end = day_text(count.days[-1].day)
            over = f"; ngày trễ đầu tiên {end}" if count.overdue == 1 else f"; đến ngày {end} trễ {count.overdue} ngày"
            return f"{count.allowed} ngày làm việc sau ngày {day_text(count.start)}, tức đến hết ngày {last}{over}"
        case Manner.REMINDER:
            return f"nhắc khi còn {count.allowed} ngày làm việc, ngày cuối là {last}"


def _calendar(found: Dossier) -> str:
    calendar = found.calendar
    years = ", ".join(
        f"năm {year} {'đã xác nhận' if known else 'CHƯA XÁC NHẬN (ước tính)'}" for year, known in calendar.years.items()
    )
    if calendar.version == calendar.version_now:
        return f"{calendar.version}; {years}"
    before = calendar.version or "không được lưu"
    return f"{calendar.version_now} (lúc có phát hiện: {before}); {years}"


def _table(count: DayCount) -> Iterator[DayRow]:
    """Day by day; stretches on which nothing turns are one line each."""
    turns = {0, 1, len(count.days) - 2, len(count.days) - 1}
    for number, one in enumerate(count.days):
        if one.day == count.last_day or one.overdue == 1:
            turns |= {number - 1, number, number + 1}
    waiting: list[DayLine] = []
    for number, one in enumerate(count.days):
        if number not in turns:
            waiting.append(one)
            continue
        yield from _stretch(waiting, count)
        waiting = []
        yield _day(one, count)


def _stretch(days: Sequence[DayLine], count: DayCount) -> Iterator[DayRow]:
    if len(days) < _FOLDED:
        yield from (_day(one, count) for one in days)
        return
    worked = sum(one.working for one in days)
    holidays = (one.name.partition(" (")[0] for one in days if not one.working and one.name not in _WEEKDAYS)
    named = ", ".join(dict.fromkeys(holidays))
    counted = [_counted(one, count) for one in days if one.overdue or one.number]
    yield DayRow(
        f"… {len(days)} ngày",
        "",
        f"{worked} ngày làm việc, {len(days) - worked} ngày nghỉ" + (f" ({named})" if named else ""),
        f"{counted[0]} … {counted[-1].rpartition(' ')[2]}" if counted else _counted(days[0], count),
        late=bool(days[0].overdue),
    )


def _day(one: DayLine, count: DayCount) -> DayRow:
    if one.working:
        kind = f"ngày làm việc ({one.name})" if one.name else "ngày làm việc"
    else:
        kind = f"nghỉ ({one.name})" if one.name not in _WEEKDAYS else "nghỉ"
    return DayRow(
        day_text(one.day), _WEEKDAYS[one.day.weekday()], kind, _counted(one, count), late=bool(one.overdue)
    )  # fmt: skip


def _counted(one: DayLine, count: DayCount) -> str:
    if one.overdue:
        return f"{'quá hạn' if count.manner is Manner.DUE else 'trễ'} ngày thứ {one.overdue}"
    if one.number:
        return f"ngày làm việc thứ {one.number}" + (", ngày cuối" if one.day == count.last_day else "")
    if count.manner is Manner.DUE:
        said = "ngày đến hạn" if one.day == count.start else "chưa tính quá hạn"
        return f"{said}, ngày cuối" if one.day == count.last_day else said
    return "bắt đầu, không đếm" if one.day == count.start else "không đếm"


# -- what became of it ---------------------------------------------------------------------------------------------


def _life(found: Dossier, zone: ZoneInfo, at_most: int | None) -> Section:
    kept = found.kept
    lines = _few([_event(one, zone) for one in kept.events], at_most)
    lines += _few([waiver_text(one) for one in kept.waivers], at_most)
    lines += _few([_letter(one, zone) for one in kept.letters], at_most) or ["Chưa có thư nào nêu phát hiện này."]
    return Section("Diễn biến, miễn xét và thư đã gửi", lines=tuple(lines))


def _event(one: Event, zone: ZoneInfo) -> str:
    said = f": {one.reason}" if one.reason else ""
    return f"{moment_text(one.at, zone)}: {STEPS[one.step]} ({one.actor}){said}"


def _letter(one: ToldLetter, zone: ZoneInfo) -> str:
    sent = f" lúc {moment_text(one.sent_at, zone)}" if one.sent_at else ""
    newest = {attempt.recipient: attempt.outcome for attempt in one.attempts}
    failed = [f"{who} {_OUTCOMES[how]}" for who, how in newest.items() if how in _OUTCOMES]
    trouble = f" ({'; '.join(failed)})" if failed else ""
    written = moment_text(one.created_at, zone)
    return f"Thư số {one.id} soạn lúc {written} gửi {', '.join(one.recipients)}: {_LETTERS[one.state]}{sent}{trouble}"


def _few(lines: list[str], at_most: int | None) -> list[str]:
    """The first and the newest ones, and how many stand between."""
    if at_most is None or len(lines) <= at_most:
        return lines
    left_out = len(lines) - at_most + 1
    return [lines[0], f"… bỏ {left_out} dòng, xem đủ: connector explain SỐ", *lines[1 + left_out :]]
