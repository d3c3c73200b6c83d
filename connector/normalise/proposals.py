"""What a deployment's labels mean to us, and what to write into its settings (``connector source learn``). Pure.

Nothing here takes effect by itself: an unmapped label stays unknown until somebody writes it into config.toml (F14).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from connector.domain.status import Vocabulary, fold_label
from connector.normalise.fields import optional_text
from connector.normalise.label_reading import ACTIONS, ROLES, STATUS, URGENCY, Grammar
from connector.normalise.vocabulary import ACTION_LABELS, ROLE_LABELS, STATUS_LABELS, Vocabularies

Table: TypeAlias = Literal["status", "roles", "log_actions", "normal_urgency"]
By: TypeAlias = Literal["built-in", "settings", "proposal", "nobody"]

ALL = "-1"  # value of the entry "Tất cả" in a filter: no label
_SHOWN = 12  # entries of a list on the screen; the rest is counted


@dataclass(frozen=True, slots=True)
class _Known:
    """A table of the settings: its title, how its labels are read, and the labels supplied with the program."""

    title: str
    grammar: Grammar
    built_in: Mapping[str, str]


_TABLES: Mapping[Table, _Known] = {
    "status": _Known("Nhãn trạng thái nhiệm vụ", STATUS, STATUS_LABELS),
    "roles": _Known("Nhãn vai trò", ROLES, ROLE_LABELS),
    "log_actions": _Known("Nhãn thao tác của nhật ký văn bản", ACTIONS, ACTION_LABELS),
    "normal_urgency": _Known("Nhãn độ khẩn của văn bản", URGENCY, URGENCY.known),
}

LISTS: Mapping[str, tuple[str, Table | None]] = {
    "TRANGTHAITIMKIEM": ("Trạng thái để tìm kiếm", "status"),
    "TINHTRANGCONGVIEC": ("Tình trạng công việc", "status"),
    "MUCDOCONGVIEC": ("Mức độ công việc", None),
    "DANHGIACONGVIEC": ("Đánh giá công việc", None),
    "document_types": ("Loại văn bản", None),
    "document_fields": ("Lĩnh vực văn bản", None),
    "document_priorities": ("Độ khẩn văn bản", "normal_urgency"),
    "units": ("Đơn vị", None),
    "document_units": ("Đơn vị (văn bản)", None),
    "publishing_units": ("Đơn vị phát hành (văn bản)", None),
}
"""Lists the source offers: name → title, and the table their labels belong to."""


@dataclass(frozen=True, slots=True)
class LabelMeaning:
    """One label of the deployment. ``rows``: stored records that show it; ``lists``: lists of the source that name it.
    ``word``: what it means by the ``by``-th hand, or what is proposed; "" if nobody can tell."""

    table: Table
    label: str
    rows: int
    lists: tuple[str, ...]
    word: str
    by: By
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Proposals:
    """``labels``: table by table, the most frequent first. ``unseen``: labels supplied with the program which this
    deployment did not show. ``lists``: as read, in the order of LISTS. ``normal_urgency``: as set now."""

    labels: tuple[LabelMeaning, ...]
    unseen: Mapping[Table, tuple[str, ...]]
    lists: Mapping[str, tuple[tuple[str, str], ...]]
    normal_urgency: tuple[str, ...]

    @property
    def proposed(self) -> tuple[LabelMeaning, ...]:
        return tuple(one for one in self.labels if one.by == "proposal")


def propose(
    lists: Mapping[str, Iterable[tuple[str, object]]],
    met: Mapping[Table, Mapping[str, int]],
    words: Vocabularies,
    normal_urgency: Sequence[str],
) -> Proposals:
    """``lists``: name (see LISTS) → (label, value) as the source offers them. ``met``: table → label → stored records
    that show it. ``words`` and ``normal_urgency``: the settings as they are."""
    read = {
        name: tuple((text, str(value)) for label, value in lists[name] if (text := optional_text(label, name)))
        for name in sorted(lists, key=lambda name: (list(LISTS).index(name) if name in LISTS else len(LISTS), name))
    }
    labels: list[LabelMeaning] = []
    unseen: dict[Table, tuple[str, ...]] = {}
    for table, known in _TABLES.items():
        shown = _shown(table, read, met.get(table, {}))
        meanings = [_meaning(table, one, words, normal_urgency) for one in shown.values()]
        labels += sorted(meanings, key=lambda one: (-one.rows, one.label))
        unseen[table] = tuple(label for label in known.built_in if fold_label(label) not in shown)
    return Proposals(tuple(labels), unseen, read, tuple(normal_urgency))


@dataclass(slots=True)
class _Shown:
    label: str
    rows: int
    lists: tuple[str, ...]


def _shown(table: Table, lists: Mapping[str, tuple[tuple[str, str], ...]], met: Mapping[str, int]) -> dict[str, _Shown]:
    """Folded label → how it is written (most often), in how many records, in which lists."""
    found: dict[str, _Shown] = {}
    for raw, rows in sorted(met.items(), key=lambda one: (-one[1], one[0])):
        if label := optional_text(raw, table):
            found.setdefault(fold_label(label), _Shown(label, 0, ())).rows += rows
    for name, entries in lists.items():
        if LISTS.get(name, ("", None))[1] != table:
            continue
        for label, value in entries:
            if value != ALL:
                one = found.setdefault(fold_label(label), _Shown(label, 0, ()))
                one.lists = tuple(dict.fromkeys((*one.lists, name)))
    return found


def _meaning(table: Table, shown: _Shown, words: Vocabularies, normal_urgency: Sequence[str]) -> LabelMeaning:
    def meaning(word: str, by: By, reason: str = "") -> LabelMeaning:
        return LabelMeaning(table, shown.label, shown.rows, shown.lists, word, by, reason)

    known = _TABLES[table]
    built_in = Vocabulary(known.built_in).get(shown.label)
    if word := _mapped(table, shown.label, words, normal_urgency):
        return meaning(word, "built-in" if word == built_in else "settings")
    reading = known.grammar.read(shown.label)
    if table == "normal_urgency":
        if reading.word == "urgent":
            return meaning("urgent", "built-in")
        if not reading.word:
            return meaning("", "nobody", f"{reading.reason}; hiện được coi là khẩn")
    return meaning(reading.word, "proposal" if reading.word else "nobody", reading.reason)


def _mapped(table: Table, label: str, words: Vocabularies, normal_urgency: Sequence[str]) -> str:
    if table == "normal_urgency":
        return "normal" if fold_label(label) in map(fold_label, normal_urgency) else ""
    by_table = {"status": words.statuses, "roles": words.roles, "log_actions": words.actions}
    return by_table[table].get(label) or ""


# -- on paper ----------------------------------------------------------------------------------------------------------


def toml_lines(result: Proposals) -> list[str]:
    """The proposals as commented-out lines for ``[vocabulary]``: taking away the first "# " of a line puts it into
    force; "##" lines are remarks. No lines if there is nothing to say."""
    unclear = [one for one in result.labels if one.by == "nobody" and one.table != "normal_urgency"]
    if not (result.proposed or unclear):
        return []
    lines = [
        "## Đề xuất khai nhãn. Chưa dòng nào có hiệu lực: xem từng dòng, bỏ dấu # ở đầu dòng đồng ý, rồi chép vào mục",
        "## [vocabulary] của config.toml (nếu mục đó đã ghi status = { ... } thì thêm nhãn vào trong ngoặc).",
        "# [vocabulary]",
    ]
    for one in result.proposed:
        if one.table != "normal_urgency":
            lines += [f"## {_where(one)}: {one.reason}.", f"# {one.table}.{_quoted(one.label)} = {_quoted(one.word)}"]
    normal = [one for one in result.proposed if one.table == "normal_urgency"]
    if normal:
        lines += [f"## {_quoted(one.label)}, {_where(one)}: {one.reason}." for one in normal]
        entries = [*result.normal_urgency, *(one.label for one in normal)]
        lines.append(f"# normal_urgency = [{', '.join(map(_quoted, entries))}]")
    for one in unclear:
        lines.append(f"## Chưa đề xuất được: {one.table}.{_quoted(one.label)} ({_where(one)}): {one.reason}.")
    return lines


def text_lines(result: Proposals) -> list[str]:
    """The deployment's lists and labels for the operator, without the proposal's TOML."""
    lines = ["Danh mục của hệ thống nguồn:"] if result.lists else []
    for name, entries in result.lists.items():
        shown = ", ".join(f"{label} ({value})" for label, value in entries[:_SHOWN]) or "(trống)"
        more = f", … và {len(entries) - _SHOWN} mục nữa" if len(entries) > _SHOWN else ""
        title = LISTS[name][0] if name in LISTS else name
        lines.append(f"  {title} [{name}], {len(entries)} mục: {shown}{more}")
    for table, known in _TABLES.items():
        lines += ["", f"{known.title}:", *_label_lines([one for one in result.labels if one.table == table])]
        if unseen := result.unseen[table]:
            lines.append(f"  Có sẵn trong chương trình nhưng hệ thống này chưa hiển thị: {', '.join(unseen)}")
    return lines


def _label_lines(labels: Sequence[LabelMeaning]) -> Iterator[str]:
    if not labels:
        yield "  (chưa thấy nhãn nào)"
    for one in labels:
        if one.by == "proposal":
            state = f"CHƯA KHAI. Đề xuất: {_word(one)}, vì {one.reason}"
        elif one.by == "nobody":
            state = f"CHƯA KHAI. Không đề xuất: {one.reason}"
        else:
            state = (
                f"{_word(one)} ({'có sẵn trong chương trình' if one.by == 'built-in' else 'khai trong tệp cấu hình'})"
            )
        yield f"  {_quoted(one.label)}, {_where(one)}: {state}"


def _word(one: LabelMeaning) -> str:
    return {"normal": "không khẩn", "urgent": "khẩn"}.get(one.word, one.word)


def _where(one: LabelMeaning) -> str:
    rows = f"{one.rows} bản ghi" if one.rows else "chưa có bản ghi nào"
    return rows + (f", có trong danh mục {', '.join(one.lists)}" if one.lists else "")


def _quoted(text: str) -> str:
    """A TOML basic string. JSON escapes the same way, but for DEL, which no cleaned label holds."""
    return json.dumps(text, ensure_ascii=False)
